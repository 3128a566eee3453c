import { readCondition, together } from "./condition.ts";
import { oneOf, readHead, textOf, textsOf } from "./head.ts";
import {
  correlationTypes,
  type CorrelationType,
  type SigmaCorrelation,
  type Threshold,
  type Together,
  windows,
} from "./rule.ts";
import { kindOf, type Sheet } from "./sheet.ts";
import { readTimespan } from "./timespan.ts";
import { entryOf, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** Keys of `correlation`; the last two are this platform's and its peers' addition, see `windows`. */
const known = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate", "window", "gap"];

const temporal: ReadonlySet<CorrelationType> = new Set(["temporal", "temporal_ordered"]);

/** A correlation document (Sigma correlation rules specification 2.1); undefined when it was refused. */
export const readCorrelation = (document: YamlNode, sheet: Sheet): SigmaCorrelation | undefined => {
  const before = sheet.refusals();
  const head = readHead(document, sheet);
  const holder = entryOf(document, "correlation");
  if (holder === undefined) return undefined;
  if (holder.value.is !== "map")
    return sheet.refuse(holder.value.at, "WGL_SIGMA_KIND", {
      key: "correlation",
      kind: kindOf(holder.value),
      wanted: "map",
    });
  const get = (key: string): YamlEntry | undefined => entryOf(holder.value, key);
  for (const { key, at } of holder.value.entries)
    if (!known.includes(key)) sheet.note(at, "WGL_SIGMA_KEY", { key, wanted: known.join(", ") });
  const type = oneOf(get("type"), correlationTypes, sheet);
  if (type === undefined) sheet.refuse(get("type")?.at ?? holder.at, "WGL_SIGMA_MISSING", { key: "correlation: type" });
  const rules = [...new Set(textsOf(get("rules"), sheet))];
  if (rules.length === 0)
    sheet.refuse(get("rules")?.at ?? holder.at, "WGL_SIGMA_MISSING", { key: "correlation: rules" });
  const timespanMs = spanOf(get("timespan"), sheet);
  if (get("timespan") === undefined) sheet.refuse(holder.at, "WGL_SIGMA_MISSING", { key: "correlation: timespan" });
  const window = oneOf(get("window"), windows, sheet) ?? "sliding";
  const gapMs = window === "session" ? (spanOf(get("gap"), sheet) ?? timespanMs) : undefined;
  const asked = type === undefined ? undefined : readAsked(holder, type, rules, sheet);
  const aliases = aliasesOf(get("aliases"), sheet);
  const generate = booleanOf(get("generate") ?? entryOf(document, "generate"), sheet);
  if (type === undefined || timespanMs === undefined || asked === undefined || sheet.refusals() > before)
    return undefined;
  return {
    ...head,
    kind: "correlation",
    type,
    rules,
    groupBy: [...new Set(textsOf(get("group-by"), sheet))],
    timespanMs,
    window,
    ...(gapMs === undefined ? {} : { gapMs }),
    ...asked,
    aliases,
    generate,
  };
};

const spanOf = (entry: YamlEntry | undefined, sheet: Sheet): number | undefined => {
  const text = textOf(entry, sheet);
  if (entry === undefined) return undefined;
  return readTimespan(text ?? "") ?? sheet.refuse(entry.value.at, "WGL_SIGMA_TIMESPAN", { value: text ?? "" });
};

const booleanOf = (entry: YamlEntry | undefined, sheet: Sheet): boolean => {
  if (entry === undefined) return false;
  const { key, value } = entry;
  if (value.is === "scalar" && typeof value.value === "boolean") return value.value;
  sheet.note(value.at, "WGL_SIGMA_KIND", { key, kind: kindOf(value), wanted: "boolean" });
  return false;
};

type Asked = Pick<SigmaCorrelation, "thresholds" | "valueFields" | "percentile" | "together">;

/** The condition: a map of comparisons, with `field` for values; of temporal types also an expression over the rules. */
const readAsked = (
  holder: YamlEntry,
  type: CorrelationType,
  rules: readonly string[],
  sheet: Sheet,
): Asked | undefined => {
  const entry = entryOf(holder.value, "condition");
  if (entry === undefined) {
    if (temporal.has(type)) return { thresholds: [], valueFields: [] };
    return sheet.refuse(holder.at, "WGL_SIGMA_MISSING", { key: "correlation: condition" });
  }
  const { value } = entry;
  if (value.is === "scalar" && typeof value.value === "string" && temporal.has(type)) {
    const expression = readTogether(value.text, value.at, rules, sheet);
    return expression === undefined ? undefined : { thresholds: [], valueFields: [], together: expression };
  }
  if (value.is !== "map")
    return sheet.refuse(value.at, "WGL_SIGMA_KIND", { key: "condition", kind: kindOf(value), wanted: "map" });
  const thresholds: Threshold[] = [];
  let valueFields: readonly string[] = [];
  let percentile: number | undefined;
  for (const part of value.entries) {
    const number = part.value.is === "scalar" && typeof part.value.value === "number" ? part.value.value : undefined;
    const op = operators.find((one) => one === part.key);
    if (op !== undefined) {
      if (number === undefined || !Number.isFinite(number))
        sheet.refuse(part.value.at, "WGL_SIGMA_KIND", { key: op, kind: kindOf(part.value), wanted: "number" });
      else thresholds.push({ op, value: number });
    } else if (part.key === "field") valueFields = textsOf(part, sheet);
    else if (part.key === "percentile") {
      if (number === undefined || number < 0 || number > 100)
        sheet.refuse(part.value.at, "WGL_SIGMA_VALUE", {
          key: "percentile",
          value: textOf(part, sheet) ?? "",
          wanted: "0-100",
        });
      else percentile = number;
    } else
      sheet.refuse(part.at, "WGL_SIGMA_KEY", {
        key: part.key,
        wanted: [...operators, "field", "percentile"].join(", "),
      });
  }
  if (thresholds.length === 0)
    sheet.refuse(entry.at, "WGL_SIGMA_MISSING", { key: `condition: ${operators.join(", ")}` });
  const values = type.startsWith("value_");
  if (values && valueFields.length === 0) sheet.refuse(entry.at, "WGL_SIGMA_MISSING", { key: "condition: field" });
  return {
    thresholds,
    valueFields: values ? valueFields : [],
    ...(type === "value_percentile" ? { percentile: percentile ?? 50 } : {}),
  };
};

const operators = ["gt", "gte", "lt", "lte", "eq", "neq"] as const;

const readTogether = (text: string, at: number, rules: readonly string[], sheet: Sheet): Together | undefined => {
  const tell = (
    within: number,
    ...said: readonly [code: Parameters<Sheet["refuse"]>[1], params: Readonly<Record<string, string | number>>]
  ): undefined => sheet.refuse(at + within, ...said);
  const condition = readCondition(text, new Set(rules), tell);
  return condition === undefined ? undefined : together(condition, rules, tell);
};

const aliasesOf = (entry: YamlEntry | undefined, sheet: Sheet): SigmaCorrelation["aliases"] => {
  const aliases: Record<string, Readonly<Record<string, string>>> = Object.create(null);
  if (entry === undefined) return aliases;
  if (entry.value.is !== "map") {
    sheet.refuse(entry.value.at, "WGL_SIGMA_KIND", { key: "aliases", kind: kindOf(entry.value), wanted: "map" });
    return aliases;
  }
  for (const alias of entry.value.entries) {
    const fields: Record<string, string> = Object.create(null);
    if (alias.value.is !== "map")
      sheet.refuse(alias.value.at, "WGL_SIGMA_KIND", { key: alias.key, kind: kindOf(alias.value), wanted: "map" });
    else
      for (const rule of alias.value.entries) {
        const field = textOf(rule, sheet);
        if (field !== undefined) fields[rule.key] = field;
      }
    aliases[alias.key] = fields;
  }
  return aliases;
};
