import { userInfo } from "node:os";
import type { RuleAbilities, RulePrinted } from "#cli/abilities.ts";
import { decisionOn, type PackRule, setOf } from "#detect/sigma/packs.ts";
import { decideRule, rulesOf } from "#jobs/rules/decide.ts";
import type { Waglan } from "#wiring/waglan.ts";

/** What the command line does about rules, in the name of whoever runs it. */
export const rulesFor = (waglan: Waglan): RuleAbilities => {
  const { state, rules, now } = waglan;
  const who = `${userInfo().username} on the command line`;
  return {
    list: async () => {
      await rules.refresh(now());
      const { decisions } = rules.texts;
      const { idle } = setOf(rules.packs, { decisions });
      const resting = new Map(idle.map((one) => [one.rule, one]));
      return {
        rules: rulesOf(rules).map((rule): RulePrinted => {
          const why = resting.get(rule);
          const reason = decisionOn(rule, decisions, "")?.reason ?? "";
          return {
            ...{ rule: rule.id ?? rule.name ?? rule.title, title: rule.title, kind: kindOf(rule) },
            ...{ level: levelOf(rule), status: rule.status ?? "", runs: why === undefined },
            ...{ why: why === undefined ? reason : why.why === "decided" ? reason : idleSays[why.why] },
            file: rule.place.file,
          };
        }),
        problems: rules.trouble.map(({ problem }) => problem),
      };
    },
    decide: async (rule, runs, reason) => {
      await rules.refresh(now());
      const did = await decideRule(state, rules, { rule, runs, reason, who }, now());
      return did.ok ? undefined : did.problem;
    },
  };
};

const idleSays = { test: "fails its own test", retired: "its author retired it" } as const;

const kindOf = ({ kind }: PackRule): RulePrinted["kind"] => kind;

const levelOf = (rule: PackRule): string => rule.level ?? "";
