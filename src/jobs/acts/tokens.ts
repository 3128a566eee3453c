import type { TokenNew, TokenRow } from "#api/token.ts";
import { may } from "#community/may.ts";
import { type Permission, seatGrants } from "#community/roles.ts";
import { makeToken } from "#community/token.ts";
import type { Viewer } from "#community/viewer.ts";
import { parseInstant, printInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { TokenActs } from "./port.ts";
import type { StoredToken } from "#jobs/community/accounts.ts";
import type { Language } from "#words/language.ts";
import type { Desk } from "./desk.ts";
import { machineRole } from "./viewer-of.ts";
import { nameOf, organisationName } from "./who.ts";

/** All that a sensor's token can be for; a stolen one opens no more. */
const sensorPermissions: readonly Permission[] = ["telemetry.write", "lists.read"];

/** Tokens of machines: administrators keep everybody's, a member's people their own organisation's. */
export const tokenActs = (desk: Desk): TokenActs => ({
  tokens: async (viewer, { language }) => {
    const tokens = (await desk.accounts.tokens()).filter((token) => keeps(viewer, token.organisation));
    return ok({ tokens: tokens.map((token) => rowOf(desk, token, language)) });
  },

  makeToken: async (viewer, wanted, { language }) => {
    const until = wanted.until === undefined ? ok(undefined) : parseInstant(wanted.until);
    if (!until.ok) return until;
    const now = desk.now();
    if (until.value !== undefined && until.value <= now) return no("WGL_TOKEN_UNTIL");
    const checked = check(desk, viewer, wanted);
    if (!checked.ok) return checked;
    const { text, prefix, hash } = makeToken(desk.random(37));
    const token: StoredToken = {
      ...checked.value,
      ...{ id: desk.idOf("token", hash), prefix, title: wanted.title, made: now },
      ...(until.value === undefined ? {} : { until: until.value }),
    };
    const who = await nameOf(desk, viewer);
    await desk.state.act(async (tx) => {
      await tx.accounts.putToken(token, hash);
      const { kind, organisation, permissions, title } = token;
      const data = { act: "made", who, prefix, kind, organisation, permissions, title };
      await tx.evidence.leaf({ kind: "privilege", subject: `token ${token.id}`, at: now, data });
    });
    return ok({ secret: text, token: rowOf(desk, token, language) });
  },

  revokeToken: async (viewer, id) => {
    const token = (await desk.accounts.tokens()).find((one) => one.id === id);
    if (!token || !keeps(viewer, token.organisation)) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    await desk.state.act(async (tx) => {
      const now = desk.now();
      if (!(await tx.accounts.revoke(id, now))) return;
      const data = { act: "revoked", who, prefix: token.prefix };
      await tx.evidence.leaf({ kind: "privilege", subject: `token ${id}`, at: now, data });
    });
    return ok(undefined);
  },
});

const keeps = (viewer: Viewer, organisation: OrganisationId): boolean =>
  viewer.kind === "staff" ? may(viewer, "users.write") : may(viewer, "own.write", organisation);

/**
 * Never more than its maker may do. Whoever keeps users may give a machine what its organisation's role has; a member's
 * people give what they may do there themselves, and to their own sensors what every sensor does.
 */
const check = (
  desk: Desk,
  viewer: Viewer,
  wanted: TokenNew,
): Result<Pick<StoredToken, "kind" | "organisation" | "sensor" | "permissions">> => {
  const { known } = desk.directory;
  const organisation = known.organisation(wanted.organisation as OrganisationId);
  if (!organisation || !keeps(viewer, organisation.id)) return no("WGL_ABSENT");
  const role = machineRole[organisation.kind];
  const gives = (permission: Permission): boolean =>
    wanted.kind === "sensor"
      ? sensorPermissions.includes(permission)
      : seatGrants(role, permission) && (viewer.kind === "staff" || may(viewer, permission, organisation.id));
  const permission = wanted.permissions.find((one) => !gives(one));
  if (permission !== undefined) return no("WGL_TOKEN_PERMISSION", { permission }, "/permissions");
  const base = { kind: wanted.kind, organisation: organisation.id, permissions: wanted.permissions };
  if (wanted.kind === "party") return wanted.sensor === undefined ? ok(base) : no("WGL_HTTP_EXTRA", { name: "sensor" });
  if (wanted.sensor === undefined) return no("WGL_HTTP_MISSING", { name: "sensor" });
  const sensor = known.sensor(wanted.sensor);
  return sensor?.organisation === organisation.id ? ok({ ...base, sensor: sensor.id }) : no("WGL_ABSENT");
};

const rowOf = (desk: Desk, token: StoredToken, language: Language): TokenRow => {
  const sensor = token.sensor === undefined ? undefined : desk.directory.known.sensor(token.sensor);
  return {
    id: token.id,
    prefix: token.prefix,
    kind: token.kind,
    title: token.title,
    organisation: { id: token.organisation, name: organisationName(desk, token.organisation, language) },
    ...(sensor ? { sensor: { id: sensor.id, title: sensor.title } } : {}),
    permissions: [...token.permissions],
    made: printInstant(token.made),
    ...(token.lastUsed === undefined ? {} : { lastUsed: printInstant(token.lastUsed) }),
    ...(token.until === undefined ? {} : { until: printInstant(token.until) }),
    ...(token.revoked === undefined ? {} : { revoked: printInstant(token.revoked) }),
  };
};
