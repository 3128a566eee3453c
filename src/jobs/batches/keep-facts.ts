import type { Sensor } from "#community/sensor.ts";
import { rank } from "#core/severity.ts";
import type { Instant } from "#core/instant.ts";
import type { BatchFacts } from "./facts.ts";
import type { SaidOfBatch } from "#jobs/partitions/port.ts";
import type { Tx } from "#jobs/ports.ts";
import { type ClaimedHit, mayBeShown } from "#jobs/findings/record-hits.ts";
import type { Batch } from "#telemetry/ports.ts";

/**
 * Keeps the facts of a batch for the detectors over time, in the transaction that matches it: with what lists say of its
 * records, and whose word on them the organisation may read. Here the sources are known; who adds up what was said needs
 * to know no more of them.
 *
 * @param listed hits of lists on this batch's records
 * @param ruled hits of rules on them
 */
export const keepFacts = (
  tx: Pick<Tx, "partitions">,
  { sensor, batch }: { readonly sensor: Sensor; readonly batch: Pick<Batch, "n" | "received"> },
  { body, facts, newest }: BatchFacts,
  { listed, ruled }: { readonly listed: readonly ClaimedHit[]; readonly ruled: readonly ClaimedHit[] },
  now: Instant,
): Promise<void> =>
  tx.partitions.keep(
    {
      ...{ batch: batch.n, organisation: sensor.organisation, sensor: sensor.id, received: batch.received },
      ...{ newest, facts, body, said: { open: openRules(ruled), listed: saidByLists(listed) } },
    },
    now,
  );

const openRules = (ruled: readonly ClaimedHit[]): SaidOfBatch["open"] => [
  ...new Set(ruled.flatMap(({ hit, claims }) => (hit.noticed && claims.some(mayBeShown) ? [hit.noticed.id] : []))),
];

/** Once a line and value; where somebody says it whom the organisation may hear, that is what counts. */
const saidByLists = (listed: readonly ClaimedHit[]): SaidOfBatch["listed"] => {
  const said = new Map<string, SaidOfBatch["listed"][number]>();
  for (const { hit, claims } of listed) {
    const { indicator, severity, attack, evidence } = hit;
    if (!indicator) continue;
    const open = claims.some((claim) => mayBeShown(claim) && claim.voice !== "context");
    const key = `${evidence.line} ${indicator.value}`;
    const before = said.get(key);
    if (before && (open ? !before.hidden && rank(before.severity) >= rank(severity) : true)) continue;
    said.set(key, {
      ...{ line: evidence.line, value: indicator.value, severity, attack },
      ...(open ? {} : { hidden: true as const }),
    });
  }
  return [...said.values()];
};
