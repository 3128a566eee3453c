import { buildExclusions, type Exclusions } from "#intel/exclusions.ts";
import type { ManagedList } from "#intel/care-ports.ts";
import type { CauseStep } from "./cause.ts";
import type { HuntCause } from "./cause-port.ts";
import type { Instant } from "#core/instant.ts";
import type { Warninglist, WarninglistType } from "#feeds/warninglist.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { State, Tx } from "#jobs/ports.ts";

/** Indicators looked at in one turn. */
const atOnce = 20_000;

/**
 * An exclusion ended, or a list lost entries: what it kept out of the match was seen unmatched meanwhile. The list goes with the
 * cause as it was, for it is no more.
 */
export const wantExcluded = async (
  tx: Tx,
  { id, name, type, kinds, values }: ManagedList,
  who: string,
  now: Instant,
): Promise<void> =>
  tx.hunts.want(
    { kind: "exclusion", subject: `${id} @${now}`, payload: { id, name, type, kinds: [...kinds], values }, who },
    now,
  );

const listOf = ({ payload = {} }: HuntCause): Warninglist => ({
  id: String(payload["id"]),
  name: String(payload["name"]),
  version: 0,
  type: payload["type"] as WarninglistType,
  kinds: new Set(payload["kinds"] as readonly ObservableKind[]),
  values: payload["values"] as readonly string[],
});

/**
 * Finds the indicators that an ended exclusion had kept out and says in the change feed that they are to be looked at again:
 * hunting then looks for them in the past as for any that is new, unless another exclusion still keeps them out.
 */
export const huntExclusion = (state: State): CauseStep => {
  // a list of a million entries is built once, and not for every turn
  let built: { readonly n: number; readonly exclusions: Exclusions } | undefined;
  return (cause: HuntCause, now: Instant) =>
    state.act(async (tx) => {
      if (built?.n !== cause.n) built = { n: cause.n, exclusions: buildExclusions([listOf(cause)]) };
      const { exclusions } = built;
      const { id: list } = listOf(cause);
      const after = cause.place?.["after"] as string | undefined;
      const some = await tx.hunts.indicatorsAfter(after, atOnce);
      const freed = some.filter(({ observable }) => exclusions.excluded(observable)?.list === list).map(({ id }) => id);
      // hunted before it was excluded it would be passed over
      await tx.hunts.keepHuntedAs(new Map(freed.map((id) => [id, undefined])));
      await tx.hunts.touch("", freed, now);
      const last = some.at(-1);
      const more = some.length === atOnce && last !== undefined;
      if (!more) built = undefined;
      return { read: some.length, found: freed.length, opened: 0, ...(more ? { place: { after: last.id } } : {}) };
    });
};
