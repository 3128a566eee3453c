import type { LogSource } from "#telemetry/format.ts";
import { both, readCondition, resolve } from "./condition.ts";
import type { Detection } from "./detection.ts";
import { textOf } from "./head.ts";
import { readSelection } from "./selection.ts";
import { kindOf, type Sheet } from "./sheet.ts";
import { entryOf, type YamlEntry, type YamlNode, type YamlScalar } from "./yaml-node.ts";

/** What `logsource` may hold for a machine; `definition` and whatever else is there is for people. */
const parts = ["product", "category", "service"] as const;

/** Sigma rules specification 2.1, "LogSource": at least one of its three parts. */
export const readLogSource = (document: YamlNode, sheet: Sheet): LogSource | undefined => {
  const entry = entryOf(document, "logsource");
  if (entry === undefined) return sheet.refuse(document.at, "WGL_SIGMA_MISSING", { key: "logsource" });
  if (entry.value.is !== "map")
    return sheet.refuse(entry.value.at, "WGL_SIGMA_KIND", {
      key: "logsource",
      kind: kindOf(entry.value),
      wanted: "map",
    });
  const found: Partial<Record<(typeof parts)[number], string>> = {};
  for (const part of parts) {
    const text = textOf(entryOf(entry.value, part), sheet)?.toLowerCase();
    if (text !== undefined && text !== "") found[part] = text;
  }
  if (Object.keys(found).length === 0)
    return sheet.refuse(entry.at, "WGL_SIGMA_MISSING", { key: "logsource: product, category, service" });
  return found;
};

/** Keys of `detection` that are no search identifiers. */
const reserved: ReadonlySet<string> = new Set(["condition", "timeframe"]);

/** The search identifiers below a key, read; undefined values are those that something was told of. */
export const readSelections = (
  holder: YamlEntry,
  skip: ReadonlySet<string>,
  sheet: Sheet,
): ReadonlyMap<string, Detection | undefined> => {
  const selections = new Map<string, Detection | undefined>();
  for (const entry of holder.value.is === "map" ? holder.value.entries : [])
    if (!skip.has(entry.key)) selections.set(entry.key, readSelection(entry.key, entry.value, sheet));
  return selections;
};

/** The conditions of a document, in order: usually one; any of several is meant. */
export const conditionsOf = (holder: YamlEntry, sheet: Sheet): readonly YamlScalar[] | undefined => {
  const entry = entryOf(holder.value, "condition");
  if (entry === undefined) return sheet.refuse(holder.at, "WGL_SIGMA_MISSING", { key: "condition" });
  const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
  const texts = nodes.filter((node): node is YamlScalar => node.is === "scalar" && node.value !== null);
  const odd = nodes.find((node) => node.is !== "scalar" || node.value === null);
  if (odd !== undefined || texts.length === 0)
    return sheet.refuse(odd?.at ?? entry.at, "WGL_SIGMA_KIND", {
      key: "condition",
      kind: odd === undefined ? "list" : kindOf(odd),
      wanted: "string",
    });
  return texts;
};

/** One condition over selections. `from`: where its text begins inside the scalar, for a part of one. */
export const readOne = (
  text: string,
  at: number,
  selections: ReadonlyMap<string, Detection | undefined>,
  used: Set<string>,
  sheet: Sheet,
): Detection | undefined => {
  const tell = (
    within: number,
    ...said: readonly [code: Parameters<Sheet["refuse"]>[1], params: Record<string, string | number>]
  ): undefined => sheet.refuse(at + within, ...said);
  const condition = readCondition(text, new Set(selections.keys()), tell);
  return condition === undefined ? undefined : resolve(condition, selections, used, tell);
};

/** `detection` of a rule: its selections, joined by its conditions. */
export const readDetection = (document: YamlNode, sheet: Sheet): Detection | undefined => {
  const holder = detectionOf(document, sheet);
  if (holder === undefined) return undefined;
  const selections = readSelections(holder, reserved, sheet);
  const conditions = conditionsOf(holder, sheet);
  if (conditions === undefined) return undefined;
  return joined(conditions, selections, sheet);
};

export const joined = (
  conditions: readonly YamlScalar[],
  selections: ReadonlyMap<string, Detection | undefined>,
  sheet: Sheet,
): Detection | undefined => {
  const used = new Set<string>();
  const read = conditions.map((node) => readOne(node.text, node.at, selections, used, sheet));
  const whole = read.filter((one) => one !== undefined);
  return whole.length === read.length ? both("or", whole) : undefined;
};

/** The entry `detection`, when it is a map. */
export const detectionOf = (document: YamlNode, sheet: Sheet): YamlEntry | undefined => {
  const entry = entryOf(document, "detection");
  if (entry === undefined) return sheet.refuse(document.at, "WGL_SIGMA_MISSING", { key: "detection" });
  if (entry.value.is === "map") return entry;
  return sheet.refuse(entry.value.at, "WGL_SIGMA_KIND", { key: "detection", kind: kindOf(entry.value), wanted: "map" });
};

export { reserved };
