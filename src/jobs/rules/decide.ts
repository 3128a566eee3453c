import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { PackRule } from "#detect/sigma/packs.ts";
import type { State } from "#jobs/ports.ts";
import type { RuleMemory } from "./memory.ts";

/** A person's word on what runs. */
export interface DecidingRule {
  /** Rule's id or name; a folder inside `rules.folders` ending in "/"; "*" for all. */
  readonly rule: string;
  readonly runs: boolean;
  readonly reason: string;
  readonly who: string;
}

/**
 * Turns a rule, a folder of rules or all of them off, or on (a rule that its author calls deprecated as well). The last word
 * on the same thing counts, and a word on a rule goes before one on its folder (detect/sigma/packs.ts, `decisionOn`). It is
 * obeyed by every process within seconds; what was found before stands.
 *
 * @returns problems WGL_RULE_UNKNOWN
 */
export const decideRule = async (
  state: State,
  rules: Pick<RuleMemory, "packs">,
  { rule, runs, reason, who }: DecidingRule,
  now: Instant,
): Promise<Result<void>> => {
  const named = rulesOf(rules).some((one) => isNamed(one, rule));
  if (rule !== "*" && !named) return no("WGL_RULE_UNKNOWN", { rule });
  const known = /[/*]$/.test(rule) ? rule : canonical(rules, rule);
  await state.act(async (tx) => {
    await tx.rules.decide({ rule: known, runs, reason, who, at: now });
    const act = runs ? "enable rule" : "disable rule";
    await tx.evidence.leaf({ kind: "policy", subject: `rule ${known}`, at: now, data: { act, reason, who } });
  });
  return ok(undefined);
};

export const rulesOf = ({ packs }: Pick<RuleMemory, "packs">): readonly PackRule[] =>
  packs.flatMap(({ files }) => files.flatMap(({ file }) => [...file.rules, ...file.correlations, ...file.filters]));

const isNamed = (one: PackRule, rule: string): boolean =>
  rule.endsWith("/") ? one.place.file.startsWith(rule) : one.id === rule.toLowerCase() || one.name === rule;

/** A rule has one id, and may be called by its name too: one decision, whichever was said. */
const canonical = (rules: Pick<RuleMemory, "packs">, rule: string): string =>
  rulesOf(rules).find((one) => isNamed(one, rule))?.id ?? rule;
