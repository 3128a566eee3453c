import type { Pack } from "#detect/sigma/packs.ts";
import { type RuleTexts, type SpokenRule, spokenOf } from "#jobs/batches/rules.ts";
import { openRules } from "#jobs/scan/rules.ts";

/** Rules as their memory holds them (rule-memory.ts). */
export interface RulesHeld {
  readonly packs: readonly Pack[];
  readonly texts: Pick<RuleTexts, "version" | "decisions">;
}

/** The rules that speak here, by their id (of one without an id its title); made anew when the rules in force are others. */
export const spokenRules = (rules: () => RulesHeld): ((rule: string) => SpokenRule | undefined) => {
  let version = 0;
  let known = new Map<string, SpokenRule>();
  return (rule) => {
    const { packs, texts } = rules();
    if (texts.version !== version) {
      const open = openRules(packs, { decisions: texts.decisions });
      const spoken = open.set.rules.flatMap((_, number) => spokenOf(open, number) ?? []);
      [version, known] = [texts.version, new Map(spoken.map((one) => [one.rule, one]))];
    }
    return known.get(rule);
  };
};
