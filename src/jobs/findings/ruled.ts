import type { Sensor } from "#community/sensor.ts";
import type { Tlp } from "#core/marking.ts";
import type { Hit } from "#detect/hit.ts";
import type { BatchRuled, RuledBackground, SpokenRule } from "#jobs/batches/rules.ts";
import { type DetectorSource, detectorClaim, gradeOfStatus, ruleSource, shadowsOf } from "./detector-source.ts";
import { observableOfAsset } from "./finding-asset.ts";
import type { Tx } from "#jobs/ports.ts";
import { type ClaimedHit, type Community, hitId } from "./record-hits.ts";
import type { Batch } from "#telemetry/ports.ts";

/** What rules say is told to the organisation concerned and no further: their authors' texts are not ours to pass on. */
const usualTlp: Tlp = "amber";

interface Ruling {
  readonly community: Community;
}

/**
 * What rules said of a batch, as hits with the rule behind them as their source: in shadow, so that only staff see them,
 * until a person lets the rule speak. The same line gives the same hit in whichever batch it comes.
 */
export const claimRuled = async (
  tx: Tx,
  { community }: Ruling,
  { sensor, batch }: { readonly sensor: Sensor; readonly batch: Batch },
  ruled: readonly BatchRuled[],
): Promise<readonly ClaimedHit[]> => {
  const sources = new Map<string, DetectorSource>();
  for (const { rule } of ruled) {
    const source = sourceOf(rule, community);
    sources.set(source.id, source);
  }
  const shadows = await shadowsOf(tx, sources);
  return ruled.map((one): ClaimedHit => {
    const source = sources.get(ruleSource(one.rule.rule)) ?? sourceOf(one.rule, community);
    const shadow = shadows.get(source.id) ?? true;
    return {
      claims: [detectorClaim(source, sensor.organisation, shadow, community.idOf)],
      hit: hitOf(one, source.id, sensor, batch),
    };
  });
};

const sourceOf = (rule: SpokenRule, { ruleTlp }: Community): DetectorSource => ({
  id: ruleSource(rule.rule),
  title: rule.title,
  publisher: rule.author === "" ? "Sigma" : rule.author,
  grade: gradeOfStatus[rule.status],
  tlp: ruleTlp?.(ruleSource(rule.rule)) ?? usualTlp,
});

const hitOf = (
  { rule, line, asset = "", source, destination, direction, time, text }: BatchRuled,
  feed: string,
  sensor: Sensor,
  batch: Batch,
): Hit => {
  const concerned = asset === "" ? sensor.key : asset;
  return {
    id: hitId(["sigma", sensor.id, rule.rule, time, text]),
    detector: "sigma",
    organisation: sensor.organisation,
    asset: concerned,
    observable: observableOfAsset(concerned),
    noticed: { id: rule.rule, title: rule.title, tactics: rule.tactics },
    sources: [feed],
    problem: { type: rule.problem, about: "" },
    where: "record",
    direction,
    ...(source ? { source } : {}),
    ...(destination ? { destination } : {}),
    time,
    severity: rule.severity,
    attack: rule.attack,
    evidence: { file: `${sensor.key}/${batch.key.slice(0, 24)}`, line, text },
  };
};

/** Counted by day beside what is background of lists. */
export const asideOf = (
  { organisation }: Sensor,
  aside: readonly RuledBackground[],
): Parameters<Tx["incidents"]["background"]>[0] =>
  aside.map(({ rule, day, why, hits }) => ({ organisation, day, kind: "rule", value: rule, why, hits }));
