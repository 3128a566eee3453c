import type { Hunt as HuntShown, HuntSighting } from "#api/hunt.ts";
import { may } from "#community/may.ts";
import type { Permission } from "#community/roles.ts";
import type { Viewer } from "#community/viewer.ts";
import { type Scope, scopeOf } from "#community/visibility.ts";
import { instant, type Instant, printInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Result } from "#core/result.ts";
import { askHunt, cancelHunt } from "#jobs/hunt-asked.ts";
import type { HuntProgress, HuntResult } from "#jobs/hunt-port.ts";
import { periodOf, wantedOf } from "#jobs/hunt-wanted.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";
import { actOnce } from "./act-once.ts";
import type { Desk } from "./desk.ts";
import type { Ask, HuntActs } from "./port.ts";
import { keyOf, nameOf, organisationName } from "./who.ts";

/** Looking for values in what is kept of the past, by people and with a purpose. */
export const huntActs = (desk: Desk): HuntActs => ({
  hunt: async (viewer, body, ask) => {
    const scope = scopeOfHunter(viewer);
    if (scope === undefined) return no("WGL_ABSENT");
    if (!desk.history.on()) return no("WGL_HISTORY_OFF", { reason: desk.history.says(ask.language) });
    const organisation = groundOf(desk, scope, body.organisation);
    if (!organisation.ok) return organisation;
    const values = wantedOf(body);
    if (!values.ok) return values;
    const now = desk.now();
    const period = periodOf(body, now);
    if (!period.ok) return period;
    const id = desk.idOf(
      "hunt",
      ask.key === undefined ? Buffer.from(desk.random(16)).toString("hex") : `${keyOf(viewer)} ${ask.key}`,
    );
    const did = await actOnce(desk, viewer, "hunt", ask.key, async (state) =>
      askHunt(state, {
        ...{ id, ofStaff: scope.all, who: await nameOf(desk, viewer), purpose: body.purpose },
        ...{ values: values.value, at: now, ...period.value },
        ...(organisation.value === undefined ? {} : { organisation: organisation.value }),
        ...(body.pattern === undefined ? {} : { pattern: body.pattern }),
      }),
    );
    if (!did.ok) return did;
    desk.woke("hunts");
    const hunt = await desk.views.hunt(scope, id);
    return hunt === undefined ? no("WGL_ABSENT") : ok(shown(desk, hunt, ask));
  },

  hunts: async (viewer, { cursor, limit }, ask) => {
    const scope = scopeOfHunter(viewer);
    if (scope === undefined) return no("WGL_ABSENT");
    const before = cursor === undefined ? undefined : readPlace(cursor);
    if (cursor !== undefined && before === undefined) return no("WGL_CURSOR");
    const found = await desk.views.hunts(scope, before, limit + 1);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return ok({
      hunts: found.slice(0, limit).map((one) => shown(desk, one, ask)),
      ...(last === undefined ? {} : { next: `${last.at}.${last.id}` }),
    });
  },

  huntNamed: async (viewer, id, ask) => {
    const scope = scopeOfHunter(viewer);
    const hunt = scope && (await desk.views.hunt(scope, id));
    return hunt === undefined ? no("WGL_ABSENT") : ok(shown(desk, hunt, ask));
  },

  huntResults: async (viewer, id, { cursor, limit }, ask) => {
    const scope = scopeOfHunter(viewer);
    if (scope === undefined || (await desk.views.hunt(scope, id)) === undefined) return no("WGL_ABSENT");
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return no("WGL_CURSOR");
    const found = await desk.views.huntResults(scope, id, Number(cursor ?? 0), limit + 1);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return ok({
      results: found.slice(0, limit).map((one) => sighting(desk, one, ask.language)),
      ...(last === undefined ? {} : { next: String(last.nth) }),
    });
  },

  cancelHunt: async (viewer, id, ask) => {
    const scope = scopeOfHunter(viewer);
    if (scope === undefined) return no("WGL_ABSENT");
    const cancelled = await cancelHunt(desk.state, id, scope, await nameOf(desk, viewer), desk.now());
    return cancelled.ok ? ok(shown(desk, cancelled.value, ask)) : cancelled;
  },
});

/** People only: staff over all, people of members over their own. */
const scopeOfHunter = (viewer: Viewer): Scope | undefined => {
  const permission: Permission = viewer.kind === "staff" ? "findings.decide" : "findings.answer";
  if ((viewer.kind !== "staff" && viewer.kind !== "person") || !may(viewer, permission)) return undefined;
  return scopeOf(viewer, permission);
};

/** Over whose records: one organisation, so that nobody of one of its hunter's others reads the counts. */
const groundOf = (desk: Desk, scope: Scope, named: string | undefined): Result<OrganisationId | undefined> => {
  if (named !== undefined) {
    const known = desk.directory.known.organisation(named as OrganisationId);
    if (known === undefined || (!scope.all && !scope.own.includes(known.id))) return no("WGL_ABSENT");
    return ok(known.id);
  }
  if (scope.all) return ok(undefined);
  return scope.own.length === 1 ? ok(scope.own[0]) : no("WGL_HUNT_ORGANISATION");
};

/** "1763712000000.7c1f…": time and id of the last one read. */
const readPlace = (cursor: string): { readonly at: Instant; readonly id: string } | undefined => {
  const [, at, id] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  return at === undefined || id === undefined ? undefined : { at: instant(Number(at)), id };
};

const valuesShown = 100;

const shown = (desk: Desk, hunt: HuntProgress, { language }: Pick<Ask, "language">): HuntShown => ({
  ...{ id: hunt.id, state: hunt.state, who: hunt.who, purpose: hunt.purpose },
  values: hunt.values.slice(0, valuesShown).map(({ kind, value }) => ({ kind, value })),
  count: hunt.values.length,
  ...(hunt.pattern === undefined ? {} : { pattern: hunt.pattern }),
  ...(hunt.organisation === undefined ? {} : { organisation: organisationName(desk, hunt.organisation, language) }),
  ...{ from: printInstant(hunt.from), to: printInstant(hunt.to), at: printInstant(hunt.at) },
  ...(hunt.ended === undefined ? {} : { ended: printInstant(hunt.ended) }),
  ...(hunt.toRead === undefined ? {} : { toRead: hunt.toRead }),
  ...{ read: hunt.read, found: hunt.found, cut: hunt.cut },
  ...(hunt.problem === undefined
    ? {}
    : { problem: { code: hunt.problem.code, says: sayProblem(language, hunt.problem) } }),
});

const sighting = (desk: Desk, one: HuntResult, language: Language): HuntSighting => ({
  ...{ hunted: one.hunted, seen: one.seen, where: one.where, direction: one.direction },
  ...(one.own === undefined ? {} : { own: one.own }),
  ...{ weight: one.weight, text: one.text },
  time: printInstant(one.time),
  organisation: organisationName(desk, one.organisation, language) || one.organisation,
  sensor: desk.directory.known.sensor(one.sensor)?.title ?? one.sensor,
});
