import type { Clause, Witness } from "./clauses.ts";

// How often a witness will be seen is not known when rules are loaded. What rules ask for often is common itself
// (hundreds of rules name powershell.exe, none a file that does not exist), and long texts are rarer than short ones.

/** Pieces of texts that stand in most paths and command lines. */
const common = ["\\windows\\", "system32", ".exe", ".dll", "c:\\", "\\users\\", "program files", "microsoft", "http"];

const byLength = (length: number): number =>
  length <= 1 ? 0.9 : length === 2 ? 0.5 : length === 3 ? 0.15 : length <= 5 ? 0.04 : length <= 8 ? 0.008 : 0.002;

/** Of a hundred records with the field, about how many show it. */
const alone = ({ how, needle }: Witness): number => {
  if (how === "present") return 0.9;
  if (how === "contains") return common.some((one) => one.includes(needle)) ? 0.5 : byLength(needle.length);
  if (how === "exact") return needle.length <= 5 ? 0.03 : 0.004;
  if (how === "suffix") return needle.length <= 4 ? 0.3 : 0.002;
  return needle.length <= 3 ? 0.4 : needle.length <= 10 ? 0.05 : 0.01;
};

export const keyOf = ({ field, how, needle }: Witness): string => `${field ?? ""}\0${how}\0${needle}`;

/** Share of records in which some witness of a clause is seen, at most 1: an estimate, only its order matters. */
export const costBy =
  (asked: ReadonlyMap<string, number>): ((clause: Clause) => number) =>
  (clause) => {
    let sum = 0;
    for (const witness of clause) {
      const popular = Math.min(0.3, 0.0008 * (asked.get(keyOf(witness)) ?? 0));
      // a keyword is looked for in the whole record
      sum += Math.max(alone(witness), popular) * (witness.field === undefined ? 2 : 1);
    }
    return Math.min(1, sum);
  };
