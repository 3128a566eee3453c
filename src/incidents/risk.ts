import type { AssetWorth } from "#community/asset.ts";
import type { Certainty } from "#core/grade.ts";
import type { Severity } from "#core/severity.ts";
import { isTactic } from "./tactics.ts";

/**
 * What a finding puts at stake, 0 to 100: severity × certainty × worth of the asset.
 *
 *   severity   info 5 · low 20 · medium 45 · high 75 · critical 100          how bad it is, as the finding states it
 *   certainty  unknown ¼ · possible ½ · likely ⅘ · almost certain 1          how sure its sources are
 *   worth      normal ⅘ · high 9⁄10 · critical 1                              what the asset is worth to its owner
 *
 * 0: nothing speaks for it any more. Otherwise 1 to 100, whole, and never lower when a factor is higher.
 */
export interface RiskFactors {
  readonly severity: Severity;
  readonly certainty: Certainty;
  readonly worth: AssetWorth;
}

const bySeverity = { info: 5, low: 20, medium: 45, high: 75, critical: 100 } as const satisfies Record<
  Severity,
  number
>;
const byCertainty = { unknown: 0.25, possible: 0.5, likely: 0.8, "almost-certain": 1 } as const satisfies Record<
  Certainty,
  number
>;
const byWorth = { normal: 0.8, high: 0.9, critical: 1 } as const satisfies Record<AssetWorth, number>;

export const riskOf = ({ severity, certainty, worth }: RiskFactors): number =>
  Math.round(bySeverity[severity] * byCertainty[certainty] * byWorth[worth]);

/** What a hit of a detector that may not speak adds, before it is weighed among the rest: it is seen, and believed a little. */
export const quietRisk = (severity: Severity): number => riskOf({ severity, certainty: "unknown", worth: "normal" });

/** Risks that count in a story: each further one half of the one before, so that beyond these nothing moves. */
export const risksCounted = 12;

/** Of what is left to 100, what each further ATT&CK tactic takes: three tactics of a middling risk make a high one. */
const leftByTactic = 0.85;

/**
 * What an incident puts at stake, 0 to 100. The risks of its findings add up, worst first, each with half the weight of
 * the one before (1 − Π (1 − rᵢ/2ⁱ)), so that a hundred harmless things are not one bad one; every further tactic takes
 * 15 % of what is left to 100. Not below its worst finding; the order does not matter; more risk or tactics never lower it.
 *
 * @param risks 0 to 100, in any order
 * @param tactics how many different ATT&CK tactics its hits show
 */
export const incidentRisk = (risks: readonly number[], tactics: number): number => {
  const left = risks
    .filter((risk) => risk > 0)
    .sort((a, b) => b - a)
    .slice(0, risksCounted)
    .reduce((rest, risk, at) => rest * (1 - risk / 100 / 2 ** at), 1);
  if (left === 1) return 0;
  return Math.round(100 * (1 - left * leftByTactic ** Math.max(0, tactics - 1)));
};

/** What a story's risk is made of: risks of its findings that stand, names it shows of ATT&CK, and what quiet hits add. */
export interface StoryStanding {
  readonly n: number;
  readonly risks: readonly number[];
  readonly shown: readonly string[];
  readonly quiet: readonly Severity[];
}

/** What a story puts at stake as it stands: its findings, and what quiet hits saw of the same entities. Nothing open: 0. */
export const riskOfStory = ({ risks, shown, quiet }: Omit<StoryStanding, "n">): number =>
  risks.length === 0 ? 0 : incidentRisk([...risks, ...quiet.map(quietRisk)], shown.filter(isTactic).length);
