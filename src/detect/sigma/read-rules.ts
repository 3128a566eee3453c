import { convertLegacy } from "./legacy.ts";
import { readHead, textsOf } from "./head.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { readCorrelation } from "./read-correlation.ts";
import {
  conditionsOf,
  detectionOf,
  joined,
  readDetection,
  readLogSource,
  readSelections,
  reserved,
} from "./read-detection.ts";
import type { RuleFile, SigmaCorrelation, SigmaFilter, SigmaRule } from "./rule.ts";
import { kindOf, openSheet, type Sheet } from "./sheet.ts";
import { readWholeYaml } from "./whole-yaml.ts";
import { entryOf, type YamlEntry, type YamlMap, type YamlNode, type YamlRead } from "./yaml-node.ts";

/** Largest file of rules, UTF-16 units: the largest of the field has 60 thousand. */
const largest = 4 << 20;

/**
 * A file of Sigma rules, of one document or many: rules, correlations and filters, those with `action: global` unfolded
 * and those of before specification 2.0 converted. Never throws.
 *
 * @param file the name that problems carry
 * @returns what can be used, and every problem (WGL_SIGMA_…) with line and column
 */
export const readRules = (file: string, text: string): RuleFile => {
  const sheet = openSheet(file, text);
  if (text.length > largest) {
    sheet.refuse(0, "WGL_SIGMA_LARGE", { key: file, limit: largest });
    return { rules: [], correlations: [], filters: [], problems: sheet.problems };
  }
  const { documents, problems } = documentsOf(text);
  for (const { at, reason } of problems) sheet.refuse(at, "WGL_SIGMA_YAML", { reason });
  if (documents.length === 0 && problems.length === 0) sheet.refuse(0, "WGL_SIGMA_EMPTY", { key: file });
  const rules: SigmaRule[] = [];
  const correlations: SigmaCorrelation[] = [];
  const filters: SigmaFilter[] = [];
  for (const { document, base } of unfolded(documents, sheet)) {
    if (document.is !== "map") {
      sheet.refuse(document.at, "WGL_SIGMA_KIND", { key: file, kind: kindOf(document), wanted: "map" });
      continue;
    }
    if (entryOf(document, "correlation") !== undefined) {
      const correlation = readCorrelation(document, sheet);
      if (correlation !== undefined) correlations.push(correlation);
    } else if (entryOf(document, "filter") !== undefined) {
      const filter = readFilter(document, sheet);
      if (filter !== undefined) filters.push(filter);
    } else if (entryOf(document, "detection") !== undefined || entryOf(document, "logsource") !== undefined)
      readRule(document, base, rules, correlations, sheet);
    else sheet.refuse(document.at, "WGL_SIGMA_DOCUMENT", {});
  }
  return { rules, correlations, filters, problems: sheet.problems };
};

const documentsOf = (text: string): YamlRead => {
  const plain = readPlainYaml(text);
  return plain === undefined ? readWholeYaml(text) : { documents: plain, problems: [] };
};

/** A document to be read, and the `action: global` one it was laid over. */
interface Unfolded {
  readonly document: YamlNode;
  readonly base?: YamlMap;
}

/** `action` (Sigma rules specification 1): global is laid under what follows, repeat over what stood before, reset ends it. */
const unfolded = (documents: readonly YamlNode[], sheet: Sheet): readonly Unfolded[] => {
  const found: Unfolded[] = [];
  let base: YamlMap | undefined;
  let last: YamlMap | undefined;
  for (const document of documents) {
    const action = entryOf(document, "action");
    const said = action?.value.is === "scalar" ? action.value.text : undefined;
    if (document.is !== "map" || action === undefined) {
      if (document.is !== "map") found.push({ document });
      else found.push({ document: (last = laidOver(base, document)), ...(base === undefined ? {} : { base }) });
      continue;
    }
    const rest: YamlMap = { ...document, entries: document.entries.filter((entry) => entry !== action) };
    if (said === "global") base = laidOver(base, rest);
    else if (said === "reset") base = undefined;
    else if (said === "repeat") {
      last = laidOver(last, rest);
      found.push({ document: last, ...(base === undefined ? {} : { base }) });
    } else
      sheet.refuse(action.value.at, "WGL_SIGMA_VALUE", {
        key: "action",
        value: said ?? kindOf(action.value),
        wanted: "global, repeat, reset",
      });
  }
  return found;
};

/** Maps are laid over each other key by key, everything else is replaced; places are those of the upper document. */
const laidOver = (under: YamlMap | undefined, over: YamlMap): YamlMap => {
  if (under === undefined) return over;
  const entries: YamlEntry[] = under.entries.map((entry) => {
    const upper = entryOf(over, entry.key);
    if (upper === undefined) return entry;
    return entry.value.is === "map" && upper.value.is === "map"
      ? { ...upper, value: laidOver(entry.value, upper.value) }
      : upper;
  });
  for (const entry of over.entries) if (entryOf(under, entry.key) === undefined) entries.push(entry);
  return { is: "map", at: over.at, entries };
};

const readRule = (
  document: YamlMap,
  base: YamlMap | undefined,
  rules: SigmaRule[],
  correlations: SigmaCorrelation[],
  sheet: Sheet,
): void => {
  const before = sheet.refusals();
  const head = readHead(document, sheet);
  const logsource = readLogSource(document, sheet);
  const holder = entryOf(document, "detection")?.value.is === "map" ? detectionOf(document, sheet) : undefined;
  const condition = holder === undefined ? undefined : entryOf(holder.value, "condition");
  const piped = (condition?.value.is === "list" ? condition.value.items : [condition?.value]).find(
    (node) => node?.is === "scalar" && node.text.includes("|"),
  );
  if (holder !== undefined && piped?.is === "scalar") {
    const selections = readSelections(holder, reserved, sheet);
    if (conditionsOf(holder, sheet)?.length !== 1)
      sheet.refuse(piped.at, "WGL_SIGMA_AGGREGATION", { value: piped.text });
    if (sheet.refusals() > before || logsource === undefined) return;
    const under = entryOf(base, "logsource") === undefined ? undefined : base;
    const baseSource = under === undefined ? logsource : readLogSource(under, sheet);
    const own = (selection: string): boolean =>
      under === undefined || entryOf(entryOf(under, "detection")?.value, selection) === undefined;
    const lone = ownSource(document, under, sheet);
    const converted = convertLegacy(
      head,
      holder,
      piped,
      selections,
      (selection) => (own(selection) ? (lone ?? logsource) : (baseSource ?? logsource)),
      sheet,
    );
    if (converted === undefined || sheet.refusals() > before) return;
    rules.push(...converted.rules);
    correlations.push(converted.correlation);
    return;
  }
  const detection = readDetection(document, sheet);
  if (logsource === undefined || detection === undefined || sheet.refusals() > before) return;
  rules.push({ ...head, kind: "rule", logsource, detection, alone: true });
};

/** The log source a document names itself, without what it was laid over. */
const ownSource = (document: YamlMap, under: YamlMap | undefined, sheet: Sheet): SigmaRule["logsource"] | undefined => {
  if (under === undefined) return undefined;
  const source = entryOf(document, "logsource")?.value;
  const below = entryOf(under, "logsource")?.value;
  if (source?.is !== "map" || below?.is !== "map") return undefined;
  const entries = source.entries.filter((entry) => !below.entries.includes(entry));
  const lone: YamlMap = {
    ...document,
    entries: [{ key: "logsource", at: document.at, value: { ...source, entries } }],
  };
  return entries.length === 0 ? undefined : readLogSource(lone, sheet);
};

/** Keys of `filter` that are no search identifiers. */
const filterReserved: ReadonlySet<string> = new Set(["rules", "condition"]);

/** A global filter (Sigma filters specification 2.1). */
const readFilter = (document: YamlMap, sheet: Sheet): SigmaFilter | undefined => {
  const before = sheet.refusals();
  const head = readHead(document, sheet);
  const logsource = readLogSource(document, sheet);
  const holder = entryOf(document, "filter");
  if (holder?.value.is !== "map")
    return sheet.refuse(holder?.at ?? document.at, "WGL_SIGMA_KIND", {
      key: "filter",
      kind: holder === undefined ? "null" : kindOf(holder.value),
      wanted: "map",
    });
  const named = textsOf(entryOf(holder.value, "rules"), sheet);
  if (named.length === 0) sheet.refuse(holder.at, "WGL_SIGMA_MISSING", { key: "filter: rules" });
  const selections = readSelections(holder, filterReserved, sheet);
  const conditions = conditionsOf(holder, sheet);
  const detection = conditions === undefined ? undefined : joined(conditions, selections, sheet);
  if (logsource === undefined || detection === undefined || sheet.refusals() > before) return undefined;
  const any = named.length === 1 && named[0]?.toLowerCase() === "any";
  return { ...head, kind: "filter", rules: any ? "any" : named, logsource, detection };
};
