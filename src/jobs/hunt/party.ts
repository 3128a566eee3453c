import type { Agreement } from "#community/agreement.ts";
import type { Directory } from "#community/directory.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { CausePage, CauseStep } from "./cause.ts";
import type { HuntCause } from "./cause-port.ts";
import type { State, Tx } from "#jobs/ports.ts";

const findingsAtOnce = 200;
const indicatorsAtOnce = 20_000;

/** What a new directory changes for the past: organisations that are new or leave shadow, and agreements that are new. */
export const wantParties = async (
  tx: Tx,
  before: Directory,
  given: Pick<Directory, "organisations" | "agreements">,
  who: string,
  now: Instant,
): Promise<void> => {
  const known = new Map(before.organisations.map((one) => [one.id, one]));
  for (const one of given.organisations) {
    const past = known.get(one.id);
    const returns = past === undefined && (await tx.hunts.hasPast(one.id));
    if (returns || (past?.shadow === true && !one.shadow))
      await tx.hunts.want({ kind: "organisation", subject: one.id, payload: { returns }, who }, now);
  }
  const terms = new Map(before.agreements.map((one) => [one.party, one]));
  for (const one of given.agreements)
    if (one.party !== "public" && !isSame(terms.get(one.party), one))
      await tx.hunts.want({ kind: "agreement", subject: one.party, who }, now);
};

const isSame = (a: Agreement | undefined, b: Agreement): boolean => a !== undefined && said(a) === said(b);

/** Its terms in one order, whichever way they were read. */
const said = (one: Agreement): string =>
  JSON.stringify(Object.entries(one).toSorted(([left], [right]) => (left < right ? -1 : 1)));

/** An agreement is new, or allows more: what could be told to nobody for want of it is told. Release decides over each again. */
export const huntAgreement =
  (state: State): CauseStep =>
  (cause: HuntCause, now: Instant) =>
    state.act(async (tx): Promise<CausePage> => {
      const some = await tx.hunts.untold(cause.subject as OrganisationId, "agreement", findingsAtOnce);
      await tx.hunts.deliverable(some.map(({ n }) => n));
      await tx.queue.putAll(
        some.map(({ id }) => ({ kind: "alert" as const, key: id, payload: {} })),
        now,
      );
      return {
        ...{ read: some.length, found: some.length, opened: 0 },
        ...(some.length === findingsAtOnce ? { place: {} } : {}),
      };
    });

/**
 * An organisation leaves shadow: what was found for it meanwhile is told. One that comes back, of which records are kept,
 * is hunted for in them, for while it was gone nothing was told to it: every indicator is looked at again.
 */
export const huntOrganisation =
  (state: State): CauseStep =>
  (cause: HuntCause, now: Instant) =>
    state.act(async (tx): Promise<CausePage> => {
      if (cause.payload?.["returns"] === true) {
        const some = await tx.hunts.indicatorsAfter(cause.place?.["after"] as string | undefined, indicatorsAtOnce);
        const ids = some.map(({ id }) => id);
        await tx.hunts.keepHuntedAs(new Map(ids.map((id) => [id, undefined])));
        await tx.hunts.touch("", ids, now);
        const last = some.at(-1);
        return {
          ...{ read: ids.length, found: ids.length, opened: 0 },
          ...(some.length === indicatorsAtOnce && last !== undefined ? { place: { after: last.id } } : {}),
        };
      }
      const some = await tx.hunts.untold(cause.subject as OrganisationId, "shadow", findingsAtOnce);
      for (const { n } of some) {
        await tx.incidents.speak(n, now);
        await tx.incidents.event(n, { at: now, what: "released", who: cause.who });
      }
      await tx.queue.putAll(
        some.map(({ id }) => ({ kind: "alert" as const, key: id, payload: {} })),
        now,
      );
      return {
        ...{ read: some.length, found: some.length, opened: some.length },
        ...(some.length === findingsAtOnce ? { place: {} } : {}),
      };
    });
