import { riskOfStory } from "#incidents/risk.ts";
import type { Tx } from "#jobs/ports.ts";

/** Weighs stories again after something of theirs changed. */
export const weighIncidents = async (tx: Pick<Tx, "incidents">, incidents: readonly number[]): Promise<void> => {
  const standings = await tx.incidents.standings([...new Set(incidents)]);
  await tx.incidents.setRisks(standings.map((one) => ({ n: one.n, risk: riskOfStory(one) })));
};
