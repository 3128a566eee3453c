import { createHash } from "node:crypto";
import { type PackFile, setOf } from "#detect/sigma/packs.ts";
import type { SigmaCorrelation, SigmaFilter, SigmaRule } from "#detect/sigma/rule.ts";
import type { RuleTexts } from "#jobs/batches/rules.ts";
import { reachOf, rulesBelow } from "#jobs/rules/kept-together.ts";
import type { RuleMemory } from "#jobs/rules/memory.ts";
import { openRules } from "#jobs/scan/rules.ts";
import { leanOn } from "./lean-on.ts";

/** A rule or correlation that speaks for itself now, as far as hunting needs to know it. */
export interface RuleInForce {
  /** Digest of what it says: its file, filters that are laid over it, and of a correlation what it listens to. */
  readonly said: string;
  /** Of a correlation: milliseconds to which one hit may reach back. */
  readonly reachMs?: number;
}

/** By id or title. */
export type RulesInForce = ReadonlyMap<string, RuleInForce>;

/** Reading thousands of rules takes a moment in which nobody is served: once for each version of them. */
const known = new WeakMap<RuleTexts, RulesInForce>();

/** What speaks now. A rule that only feeds a correlation does not, and comes into force when no correlation listens any more. */
export const rulesInForce = (rules: Pick<RuleMemory, "packs" | "texts">): RulesInForce => {
  const before = known.get(rules.texts);
  if (before !== undefined) return before;
  const { packs, texts } = rules;
  const { decisions } = texts;
  const opened = openRules(packs, { decisions });
  const textOf = new Map(packs.flatMap(({ files }) => files).map(({ path, text }) => [path, text]));
  const filters = new Map<SigmaFilter, string>(
    setOf(packs, { decisions }).filters.map((one) => [one, textOf.get(one.place.file) ?? ""]),
  );
  const over = ({ id, name }: SigmaRule): string =>
    [...filters]
      .filter(([{ rules: named }]) => named === "any" || named.some((one) => one === name || one.toLowerCase() === id))
      .map(([, text]) => text)
      .join("\0");
  const saidOf = (rule: SigmaRule): string => digestOf(`${textOf.get(rule.place.file) ?? ""}\0${over(rule)}`);
  const inForce = new Map<string, RuleInForce>();
  for (const [number, rule] of opened.set.rules.entries())
    if (opened.speaks(number)) inForce.set(rule.id ?? rule.title, { said: saidOf(rule) });
  for (const [plan, correlation] of opened.correlations.entries()) {
    const below = [...rulesBelow(opened.plans, plan)].flatMap((number) => opened.set.rules[number] ?? []);
    inForce.set(correlation.id ?? correlation.title, {
      said: digestOf([textsBelow(opened.correlations, correlation, textOf), ...below.map(saidOf)].join("\0")),
      reachMs: reachOf(opened.plans, plan),
    });
  }
  known.set(texts, inForce);
  return inForce;
};

/** Its own file, and those of correlations that it listens to. */
const textsBelow = (
  all: readonly SigmaCorrelation[],
  one: SigmaCorrelation,
  textOf: ReadonlyMap<string, string>,
): string => {
  const below = all.filter(({ id, name }) =>
    one.rules.some((called) => called === name || called.toLowerCase() === id),
  );
  return [textOf.get(one.place.file) ?? "", ...below.map((each) => textsBelow(all, each, textOf))].join("\0");
};

/** The files on which these rules stand, with their tests, so that one that fails its own is left out as in force. */
export const textsFor = (
  { packs }: Pick<RuleMemory, "packs">,
  rules: ReadonlySet<string>,
): readonly { readonly name: string; readonly files: readonly PackFile[] }[] => {
  const own = packs.flatMap(({ files }) =>
    files.flatMap(({ file }) =>
      [...file.rules, ...file.correlations].filter(({ id, title }) => rules.has(id ?? title)),
    ),
  );
  return leanOn(packs, own).map(({ name, files }) => ({
    name,
    files: files.flatMap(({ path, text, tests }): readonly PackFile[] => [
      { path, text },
      ...(tests ? [{ path: tests.path, text: tests.text }] : []),
    ]),
  }));
};

export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
