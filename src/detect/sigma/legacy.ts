import { day } from "#core/instant.ts";
import type { LogSource } from "#telemetry/format.ts";
import { namesIn, readCondition, resolve, together } from "./condition.ts";
import type { Detection } from "./detection.ts";
import { textOf } from "./head.ts";
import type { CorrelationType, RuleHead, SigmaCorrelation, SigmaRule, Threshold } from "./rule.ts";
import type { Sheet } from "./sheet.ts";
import { readTimespan } from "./timespan.ts";
import { entryOf, type YamlEntry, type YamlScalar } from "./yaml-node.ts";

/** What became of a rule of before specification 2.0: the correlation it meant, and the rules that count for it alone. */
export interface Converted {
  readonly rules: readonly SigmaRule[];
  readonly correlation: SigmaCorrelation;
}

/**
 * Of rules that state none, half of those that do say this: a search of their time was run over the last day.
 */
const usualTimeframe = day;

const aggregation =
  /^(?<function>count|sum|avg|min|max)\s*\(\s*(?<field>[^()\s]*)\s*\)(?:\s+by\s+(?<by>[^<>=!]+?))?\s*(?<op><=|>=|==|=|<|>)\s*(?<number>-?\d+(?:\.\d+)?)$/i;

const operators: Readonly<Record<string, Threshold["op"]>> = {
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
  "=": "eq",
  "==": "eq",
};

/**
 * `selection | count(field) by group > 10` and `a | near b and not c` as the correlations that replaced them (Sigma
 * correlation rules specification 2.1, "Expression of Relationships In The Condition of Sigma Rules"). The correlation
 * keeps the rule's id; its parts speak only through it.
 *
 * @param sources log source of a selection, where documents of a file have different ones (`action: global`)
 */
export const convertLegacy = (
  written: RuleHead,
  holder: YamlEntry,
  condition: YamlScalar,
  selections: ReadonlyMap<string, Detection | undefined>,
  sources: (selection: string) => LogSource,
  sheet: Sheet,
): Converted | undefined => {
  // "unsupported" says that a rule is written in this old way: what is converted is not
  const { status, ...others } = written;
  const head: RuleHead = status === undefined || status === "unsupported" ? others : written;
  const pipe = condition.text.indexOf("|");
  const before = condition.text.slice(0, pipe).trim();
  const after = condition.text.slice(pipe + 1).trim();
  const timeframe = entryOf(holder.value, "timeframe");
  const span = textOf(timeframe, sheet);
  const timespanMs = span === undefined ? usualTimeframe : readTimespan(span);
  if (timespanMs === undefined)
    return sheet.refuse(timeframe?.value.at ?? holder.at, "WGL_SIGMA_TIMESPAN", { value: span ?? "" });
  const used = new Set<string>();
  const told =
    (offset: number) =>
    (
      at: number,
      ...said: readonly [code: Parameters<Sheet["refuse"]>[1], params: Readonly<Record<string, string | number>>]
    ): undefined =>
      sheet.refuse(condition.at + offset + at, ...said);
  const part = (name: string, detection: Detection, logsource: LogSource): SigmaRule => {
    const { id: _, ...rest } = head;
    return { ...rest, kind: "rule", name, logsource, detection, alone: false };
  };
  const called = head.id ?? head.name ?? head.title;
  const names = new Set(selections.keys());
  const read = readCondition(before, names, told(0));
  const base = read === undefined ? undefined : resolve(read, selections, used, told(0));
  if (read === undefined || base === undefined) return undefined;
  const first = part(`${called}/1`, base, sources([...used][0] ?? ""));
  const shared = {
    ...head,
    kind: "correlation",
    timespanMs,
    window: "sliding",
    aliases: {},
    generate: false,
  } as const;

  const near = /^near\s+(?<what>[\s\S]+)$/i.exec(after);
  if (near !== null) {
    const what = near.groups?.["what"] ?? "";
    const offset = condition.text.length - what.length;
    const asked = readCondition(what, names, told(offset));
    if (asked === undefined) return undefined;
    const rules = [first];
    // each selection behind `near` is a rule of its own, called as the selection is while the condition is read
    const apart = new Map<string, string>();
    for (const name of namesIn(asked, [...selections.keys()])) {
      const detection = selections.get(name);
      if (detection === undefined) continue;
      apart.set(name, `${called}/${rules.length + 1}`);
      rules.push(part(`${called}/${rules.length + 1}`, detection, sources(name)));
    }
    const expression = together(asked, [...apart.keys()], told(offset));
    if (expression === undefined) return undefined;
    return {
      rules,
      correlation: {
        ...shared,
        type: "temporal",
        rules: rules.map(({ name }) => name ?? ""),
        groupBy: [],
        thresholds: [],
        valueFields: [],
        together: {
          is: "and",
          of: [{ is: "rule", rule: first.name ?? "" }, renamed(expression, apart)],
        },
      },
    };
  }

  const found = aggregation.exec(after)?.groups;
  const type = found === undefined ? undefined : typeOf(found["function"] ?? "", found["field"] ?? "");
  const op = operators[found?.["op"] ?? ""];
  if (found === undefined || type === undefined || op === undefined)
    return sheet.refuse(condition.at + pipe, "WGL_SIGMA_AGGREGATION", { value: after });
  return {
    rules: [first],
    correlation: {
      ...shared,
      type,
      rules: [first.name ?? ""],
      groupBy: (found["by"] ?? "")
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== ""),
      thresholds: [{ op, value: Number(found["number"]) }],
      valueFields: type === "event_count" ? [] : [found["field"] ?? ""],
    },
  };
};

/** `min` and `max` have no correlation that says the same. */
const typeOf = (name: string, field: string): CorrelationType | undefined => {
  const called = name.toLowerCase();
  if (called === "count") return field === "" || field === "*" ? "event_count" : "value_count";
  if (field === "") return undefined;
  return called === "sum" ? "value_sum" : called === "avg" ? "value_avg" : undefined;
};

type Expression = NonNullable<SigmaCorrelation["together"]>;

const renamed = (expression: Expression, names: ReadonlyMap<string, string>): Expression => {
  if (expression.is === "rule") return { is: "rule", rule: names.get(expression.rule) ?? expression.rule };
  if (expression.is === "not") return { is: "not", of: renamed(expression.of, names) };
  return { is: expression.is, of: expression.of.map((one) => renamed(one, names)) };
};
