import type { Kept, KeptRow, LegalHold as HoldShown } from "#api/kept.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { instant, type Instant, parseInstant, printInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Result } from "#core/result.ts";
import { keptKinds, type LegalHold } from "#jobs/history/kept-port.ts";
import { type KeepDefaults, limitsOf } from "#jobs/history/prune.ts";
import type { Language } from "#words/language.ts";
import type { Desk } from "./desk.ts";
import type { KeptActs } from "./port.ts";
import { nameOf, organisationName } from "./who.ts";

/** What is kept of whom, for how long, and what may not go. */
export const keptActs = (desk: Desk): KeptActs => ({
  kept: async (viewer, ask) => {
    const reads = readerOf(viewer);
    if (reads === undefined) return no("WGL_ABSENT");
    return ok(await shown(desk, viewer, reads, ask.language));
  },

  keepFor: async (viewer, organisation, limit, ask) => {
    const refused = writes(desk, viewer, organisation);
    if (refused !== undefined) return refused;
    const who = await nameOf(desk, viewer);
    const { reason, what } = limit;
    const bounds = {
      ...(limit.days === undefined ? {} : { days: limit.days }),
      ...(limit.bytes === undefined ? {} : { bytes: limit.bytes }),
    };
    await desk.state.act(async (tx) => {
      const at = desk.now();
      await tx.prune.putLimit({ organisation: organisation as OrganisationId, what, ...bounds, who, reason, at });
      await tx.evidence.leaf({
        ...{ kind: "policy", subject: `kept ${what} ${organisation}`, at },
        data: { act: "limit kept", organisation, what, ...bounds, who, reason },
      });
    });
    return ok(await shown(desk, viewer, () => true, ask.language));
  },

  hold: async (viewer, organisation, wanted, ask) => {
    const refused = writes(desk, viewer, organisation);
    if (refused !== undefined) return refused;
    const since = parseInstant(wanted.since);
    if (!since.ok) return since;
    const until = wanted.until === undefined ? undefined : parseInstant(wanted.until);
    if (until?.ok === false) return until;
    if (until !== undefined && until.value <= since.value) return no("WGL_HUNT_PERIOD");
    const who = await nameOf(desk, viewer);
    const at = desk.now();
    const hold: LegalHold = {
      id: desk.idOf("legal-hold", ask.key ?? Buffer.from(desk.random(16)).toString("hex")),
      ...{ organisation: organisation as OrganisationId, since: since.value, who, reason: wanted.reason, at },
      ...(until === undefined ? {} : { until: until.value }),
    };
    await desk.state.act(async (tx) => {
      await tx.prune.putHold(hold);
      await tx.evidence.leaf({
        ...{ kind: "policy", subject: `hold ${hold.id}`, at },
        data: { act: "hold", organisation, who, reason: wanted.reason, since: hold.since, until: hold.until ?? 0 },
      });
    });
    return ok(await shown(desk, viewer, () => true, ask.language));
  },

  endHold: async (viewer, id, { reason }, ask) => {
    if (viewer.kind !== "staff" || !may(viewer, "community.write")) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    const ended = await desk.state.act(async (tx) => {
      const at = desk.now();
      const hold = await tx.prune.endHold(id, who, reason, at);
      if (hold === undefined) return false;
      await tx.evidence.leaf({
        ...{ kind: "policy", subject: `hold ${id}`, at },
        data: { act: "end hold", organisation: hold.organisation, who, reason },
      });
      return true;
    });
    return ended ? ok(await shown(desk, viewer, () => true, ask.language)) : no("WGL_ABSENT");
  },
});

type Reads = (organisation: string) => boolean;

/** Staff who watch the system read of all; people of a member of their own; nobody else of anything. */
const readerOf = (viewer: Viewer): Reads | undefined => {
  if (viewer.kind === "staff") return may(viewer, "system.read") ? () => true : undefined;
  if (viewer.kind !== "person") return undefined;
  return (organisation) => may(viewer, "own.read", organisation as OrganisationId);
};

const writes = (desk: Desk, viewer: Viewer, organisation: string): Result<never> | undefined =>
  viewer.kind === "staff" &&
  may(viewer, "community.write") &&
  desk.directory.known.organisation(organisation as OrganisationId) !== undefined
    ? undefined
    : no("WGL_ABSENT");

const nothing: KeepDefaults = { record: {}, observation: {}, hit: {} };

const shown = async (desk: Desk, viewer: Viewer, reads: Reads, language: Language): Promise<Kept> => {
  const { counts, limits, holds } = await desk.state.act(async (tx) => ({
    counts: await tx.prune.counts(),
    limits: await tx.prune.limits(),
    holds: await tx.prune.holds(),
  }));
  const named = (id: string) => ({ id, name: organisationName(desk, id, language) || id });
  const ids = new Set([
    ...desk.directory.known.directory.organisations.map(({ id }): string => id),
    // what is kept of a member that left is kept of it still
    ...counts.map(({ organisation }) => organisation),
  ]);
  const rows = [...ids].filter(reads).flatMap((id) =>
    keptKinds.flatMap((what): KeptRow[] => {
      const counted = counts.find((one) => one.organisation === id && one.what === what);
      const { limit, own } = limitsOf(id as OrganisationId, what, limits, desk.kept ?? nothing);
      // of partners and others that send nothing nothing is said
      if ((counted?.records ?? 0) === 0 && !own) return [];
      return [
        {
          ...{ organisation: named(id), what, records: counted?.records ?? 0, bytes: counted?.bytes ?? 0, own },
          ...(counted?.since === undefined ? {} : { since: printInstant(counted.since) }),
          ...(counted?.until === undefined ? {} : { until: printInstant(capped(counted.until, counted.at)) }),
          ...(counted === undefined ? {} : { counted: printInstant(counted.at) }),
          ...(limit.days === undefined ? {} : { days: limit.days }),
          ...(limit.bytes === undefined ? {} : { bytesAtMost: limit.bytes }),
        },
      ];
    }),
  );
  return {
    kept: rows.toSorted((a, b) => a.organisation.name.localeCompare(b.organisation.name, language)),
    holds: holds
      .filter(({ organisation }) => reads(organisation))
      .map(
        ({ id, organisation, since, until, at, who, reason }): HoldShown => ({
          ...{ id, organisation: named(organisation), since: printInstant(since), at: printInstant(at) },
          ...(until === undefined ? {} : { until: printInstant(until) }),
          ...(viewer.kind === "staff" ? { who, reason } : {}),
        }),
      ),
  };
};

/** Days are counted whole; of today nothing is known that was not yet. */
const capped = (until: Instant, counted: Instant): Instant => instant(Math.min(until, counted));
