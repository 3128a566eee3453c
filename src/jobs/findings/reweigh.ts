import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { Retraction, StandingSource, StoredFinding } from "#incidents/ports.ts";
import { weigh } from "#incidents/finding.ts";
import { listed } from "#incidents/state.ts";
import { type DecayRule, usualDecay } from "#intel/decay.ts";
import { reweighStories } from "./mute.ts";
import type { Tx } from "#jobs/ports.ts";
import { weigher } from "./record-hits.ts";

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
 * What still speaks for a finding says anew how bad and how sure it is; its incident is weighed after it.
 *
 * An exclusion binds only what telemetry made: a member's own name in a bad list stays in front of an analyst.
 */
export const reweigh = async (
  tx: Tx,
  findings: readonly number[],
  excluded: (observable: Observable) => boolean,
  now: Instant,
  who?: string,
  { decay = usualDecay, anew = false }: { readonly decay?: DecayRule; readonly anew?: boolean } = {},
): Promise<Reweighed> => {
  let [takenBack, restored] = [0, 0];
  const moved: StoredFinding[] = [];
  for (const n of [...findings].sort((a, b) => a - b)) {
    const standing = await tx.incidents.standing(n);
    if (standing === undefined) continue;
    const { finding, sources } = standing;
    const retractions = sources.map((source) => retractionOf(finding, source, excluded));
    for (const [at, source] of sources.entries())
      if (source.retracted !== retractions[at]) await tx.incidents.retract(n, source, retractions[at]);
    // as with all that a reader is told of it: what it must not know of holds nothing up
    const speaking = sources.flatMap(({ voice, mayBeShown }, at) =>
      voice === "alert" && (finding.veiled || mayBeShown)
        ? [retractions[at] ?? (sources[at]?.refuted ? ("false" as const) : undefined)]
        : [],
    );
    const fallen = speaking.length > 0 && speaking.every((why) => why !== undefined);
    if (fallen && finding.stood === undefined && listed[finding.state] !== "closed") {
      await takeBack(tx, finding, speaking.includes("false") ? "false" : "withdrawn", now, who);
      takenBack++;
    } else if (!fallen && finding.stood !== undefined) {
      await restore(tx, finding, now, who);
      restored++;
    }
    if (!fallen) await weighAgain(tx, finding, sources, retractions, decay, anew, now);
    moved.push(finding);
  }
  await reweighStories(tx, moved);
  return { weighed: findings.length, takenBack, restored };
};

/** From the sources that still speak; what none of them moved is not written. */
const weighAgain = async (
  tx: Tx,
  finding: StoredFinding,
  standing: readonly StandingSource[],
  retractions: readonly (Retraction | undefined)[],
  decay: DecayRule,
  anew: boolean,
  now: Instant,
): Promise<void> => {
  if (!anew && standing.every((source, at) => source.retracted === retractions[at] && !source.refuted)) return;
  const down = new Set(
    standing.flatMap((source, at) =>
      retractions[at] !== undefined || source.refuted ? [`${source.feed} ${source.indicator}`] : [],
    ),
  );
  const weight = weigher(decay, now);
  const words = (await tx.incidents.sources(finding.n))
    .filter((word) => !down.has(`${word.feed} ${word.indicator}`))
    .map((word) => ({ ...word, ...weight(word, word.claimed) }));
  const weighed = weigh(finding.said, words, finding.worth);
  if (weighed.severity !== finding.severity)
    await tx.incidents.event(finding.n, {
      ...{ at: now, what: "severity" },
      detail: { from: finding.severity, to: weighed.severity },
    });
  await tx.incidents.setWeighed(finding.n, weighed);
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
