import { type Clause, clausesOf, rarest } from "./clauses.ts";
import { costBy } from "./rarity.ts";
import type { SigmaRule } from "./rule.ts";

/** Letters of a text that is looked for in lines; shorter ones stand everywhere. */
const shortest = 4;
/** Texts that an engine looks for at once. */
const textsAtMost = 200;

/**
 * Texts of which every line of a verbatim format (telemetry/format.ts, `RuleView`) that one of the rules matches holds one,
 * in either case: letters that JSON and XML write as they are. undefined: some rule may match a line without any.
 */
export const textsOfRules = (rules: readonly SigmaRule[]): readonly string[] | undefined => {
  const cost = costBy(new Map());
  const texts = new Set<string>();
  for (const { detection } of rules) {
    const clauses = clausesOf(detection, cost).filter((clause) => runsOf(clause) !== undefined);
    const best = rarest(clauses, cost);
    const runs = best && runsOf(best);
    if (runs === undefined) return undefined;
    for (const run of runs) texts.add(run);
    if (texts.size > textsAtMost) return undefined;
  }
  return [...texts];
};

const runsOf = (clause: Clause): readonly string[] | undefined => {
  const runs: string[] = [];
  for (const { needle } of clause) {
    const longest = needle
      .split(/[^ -~]|["'\\/&<>]/)
      .reduce((best, run) => (run.length > best.length ? run : best), "");
    // a number may be printed anew
    if (longest.length < shortest || !/[^\d.+\-e]/.test(longest)) return undefined;
    runs.push(longest);
  }
  return runs;
};
