import { day, type Instant } from "#core/instant.ts";
import type { Tx } from "#jobs/ports.ts";
import { type ClaimedHit, type Community, type Recorded, recordHits, veiledId } from "#jobs/findings/record-hits.ts";

/**
 * As `recordHits`, of hits some of which were found backwards, in what was kept before their value was known: these are noted
 * as such, and their findings say how long before it was ("first seen 41 days before it was known").
 *
 * @param back ids of the hits found backwards
 */
export const recordBack = async (
  tx: Tx,
  claimed: readonly ClaimedHit[],
  back: ReadonlySet<string>,
  batch: number | undefined,
  community: Community,
  now: Instant,
): Promise<Recorded> => {
  const past = claimed.filter(({ hit }) => back.has(hit.id));
  const ids = past.flatMap(({ hit }) => [hit.id, veiledId(hit)]);
  const before = ids.length === 0 ? new Set<string>() : await tx.incidents.known(ids);
  const recorded = await recordHits(tx, claimed, batch, community, now);
  if (past.length === 0) return recorded;
  await tx.hunts.foundBackwards(
    ids.filter((id) => !before.has(id)),
    now,
  );
  const earliest = Math.min(...past.map(({ hit }) => hit.time));
  const since = recorded.touched.filter((one) => one.firstSeen >= earliest && one.firstSeen <= now - day);
  await tx.incidents.events(
    since.map((one) => ({
      ...{ finding: one.n, at: now, what: "found-back" as const },
      detail: { days: Math.floor((now - one.firstSeen) / day) },
    })),
  );
  return recorded;
};
