import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { Retraction, StandingSource, StoredFinding } from "#incidents/ports.ts";
import { listed } from "#incidents/state.ts";
import type { Tx } from "#jobs/ports.ts";

/** What became of the findings that were weighed again. */
export interface Reweighed {
  readonly weighed: number;
  readonly takenBack: number;
  readonly restored: number;
}

/**
 * Weighs findings again after what they rest on was judged false, withdrawn by its author or excluded, or one of these
 * was undone. A finding that nothing speaks for any more is taken back: it is closed with its reason, and who was told
 * is told so. One that something speaks for again stands as it stood. Doing it twice changes nothing.
 *
 * An exclusion binds only what telemetry made: a member's own name in a bad list stays in front of an analyst.
 */
export const reweigh = async (
  tx: Tx,
  findings: readonly number[],
  excluded: (observable: Observable) => boolean,
  now: Instant,
  who?: string,
): Promise<Reweighed> => {
  let [takenBack, restored] = [0, 0];
  for (const n of [...findings].sort((a, b) => a - b)) {
    const standing = await tx.incidents.standing(n);
    if (standing === undefined) continue;
    const { finding, sources } = standing;
    const retractions = sources.map((source) => retractionOf(finding, source, excluded));
    for (const [at, source] of sources.entries())
      if (source.retracted !== retractions[at]) await tx.incidents.retract(n, source, retractions[at]);
    // as with all that a reader is told of it: what it must not know of holds nothing up
    const speaking = sources.flatMap(({ voice, mayBeShown }, at) =>
      voice === "alert" && (finding.veiled || mayBeShown) ? [retractions[at]] : [],
    );
    const fallen = speaking.length > 0 && speaking.every((why) => why !== undefined);
    if (fallen && finding.stood === undefined && listed[finding.state] !== "closed") {
      await takeBack(tx, finding, speaking.includes("false") ? "false" : "withdrawn", now, who);
      takenBack++;
    } else if (!fallen && finding.stood !== undefined) {
      await restore(tx, finding, now, who);
      restored++;
    }
  }
  return { weighed: findings.length, takenBack, restored };
};

const retractionOf = (
  finding: StoredFinding,
  source: StandingSource,
  excluded: (observable: Observable) => boolean,
): Retraction | undefined => {
  if (source.judged) return "false";
  if (source.withdrawn) return "withdrawn";
  const bound = finding.detector === "indicator-match" && source.observable !== undefined;
  return bound && excluded(source.observable) ? "excluded" : undefined;
};

const takeBack = async (
  tx: Tx,
  finding: StoredFinding,
  state: "false" | "withdrawn",
  now: Instant,
  who: string | undefined,
): Promise<void> => {
  await tx.incidents.keepStood(finding.n, finding.state);
  await tx.incidents.setState(finding.n, state, now, { closed: true });
  await tx.incidents.event(finding.n, { at: now, what: "withdrawn", ...(who === undefined ? {} : { who }) });
  await tx.evidence.leaf({
    kind: "policy",
    subject: finding.id,
    at: now,
    data: { act: "take back", state, ...(who === undefined ? {} : { who }) },
  });
  await tx.queue.put("alert", finding.id, {}, now);
};

const restore = async (tx: Tx, finding: StoredFinding, now: Instant, who: string | undefined): Promise<void> => {
  const stood = finding.stood ?? "reopened";
  await tx.incidents.keepStood(finding.n, undefined);
  // what came back by itself meanwhile (new hits of others) is where it is
  if (finding.state === "false" || finding.state === "withdrawn")
    await tx.incidents.setState(finding.n, stood, now, { closed: listed[stood] === "closed" });
  await tx.incidents.event(finding.n, { at: now, what: "restored", ...(who === undefined ? {} : { who }) });
  await tx.evidence.leaf({
    kind: "policy",
    subject: finding.id,
    at: now,
    data: { act: "restore", state: stood, ...(who === undefined ? {} : { who }) },
  });
  await tx.queue.put("alert", finding.id, {}, now);
};
