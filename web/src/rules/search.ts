import type { RuleRow } from "@api/rule.ts";

export const levels = ["critical", "high", "medium", "low", "informational"] as const satisfies readonly NonNullable<
  RuleRow["level"]
>[];
export const standings = [
  ...(["running", "disabled", "retired", "failing", "double", "unready"] as const),
] as const satisfies readonly RuleRow["standing"][];

/** What the address of the page says; a copied link shows the same list. */
export interface RuleSearch {
  /** Words of title, id, file, author, tags. */
  readonly search?: string | undefined;
  readonly folder?: string | undefined;
  readonly level?: RuleRow["level"] | undefined;
  /** Tactic of ATT&CK. */
  readonly attack?: string | undefined;
  readonly standing?: RuleRow["standing"] | undefined;
}

/** Reads an address typed by anybody: what is not understood is left out, never an error. */
export const readRuleSearch = (raw: Readonly<Record<string, unknown>>): RuleSearch => {
  const text = (value: unknown, most: number): string | undefined =>
    (typeof value === "string" || typeof value === "number") && value !== "" ? String(value).slice(0, most) : undefined;
  const [words, folder, attack] = [text(raw["search"], 256), text(raw["folder"], 512), text(raw["attack"], 64)];
  const level = levels.find((one) => one === raw["level"]);
  const standing = standings.find((one) => one === raw["standing"]);
  return {
    ...(words === undefined ? {} : { search: words }),
    ...(folder === undefined ? {} : { folder }),
    ...(level === undefined ? {} : { level }),
    ...(attack === undefined ? {} : { attack }),
    ...(standing === undefined ? {} : { standing }),
  };
};
