import { both } from "./condition.ts";
import { type Detection, many, type Match, type Piece } from "./detection.ts";
import { isModifier, modify } from "./modifiers.ts";
import { lowerPieces, open, readPieces } from "./pieces.ts";
import { kindOf, type Sheet } from "./sheet.ts";
import { isRefusal, type Value } from "./value.ts";
import type { YamlEntry, YamlNode, YamlScalar } from "./yaml-node.ts";

/**
 * A search identifier (Sigma rules specification 2.1, "Detection"): a map is all of its items, a list any of its maps and
 * keywords.
 *
 * @returns undefined when something was told
 */
export const readSelection = (name: string, node: YamlNode, sheet: Sheet): Detection | undefined => {
  if (node.is === "map") return readMap(node, sheet);
  if (node.is === "scalar") {
    if (node.value === null) return sheet.refuse(node.at, "WGL_SIGMA_EMPTY", { key: name });
    return keyword(node, [], sheet);
  }
  if (node.items.length === 0) return sheet.refuse(node.at, "WGL_SIGMA_EMPTY", { key: name });
  return join(
    "or",
    node.items.map((item) => {
      if (item.is === "map") return readMap(item, sheet);
      if (item.is === "scalar") return keyword(item, [], sheet);
      return sheet.refuse(item.at, "WGL_SIGMA_KIND", { key: name, kind: "list", wanted: "map, string" });
    }),
  );
};

const readMap = (node: YamlNode, sheet: Sheet): Detection | undefined => {
  const entries = node.is === "map" ? node.entries : [];
  if (entries.length === 0) return sheet.refuse(node.at, "WGL_SIGMA_EMPTY", { key: "selection" });
  return join(
    "and",
    entries.map((entry) => readItem(entry, sheet)),
  );
};

const join = (is: "and" | "or", parts: readonly (Detection | undefined)[]): Detection | undefined => {
  const whole = parts.filter((part) => part !== undefined);
  return whole.length === parts.length ? both(is, whole) : undefined;
};

/** `Field|modifier|modifier: value or list of values`. */
const readItem = (entry: YamlEntry, sheet: Sheet): Detection | undefined => {
  const [field = "", ...modifiers] = entry.key.split("|");
  const unknown = modifiers.find((name) => !isModifier(name));
  if (unknown !== undefined) return sheet.refuse(entry.at, "WGL_SIGMA_MODIFIER", { modifier: unknown });
  const { value } = entry;
  if (value.is === "map")
    return sheet.refuse(value.at, "WGL_SIGMA_KIND", { key: entry.key, kind: "map", wanted: "list, string, number" });
  const nodes = value.is === "list" ? value.items : [value];
  if (nodes.length === 0) return sheet.refuse(value.at, "WGL_SIGMA_EMPTY", { key: entry.key });
  const tests = nodes.map((node) => {
    if (node.is !== "scalar")
      return sheet.refuse(node.at, "WGL_SIGMA_KIND", { key: entry.key, kind: kindOf(node), wanted: "string, number" });
    return field === "" ? keyword(node, modifiers, sheet) : test(field, node, modifiers, sheet);
  });
  const all = modifiers.includes("all");
  const joined = join(all ? "and" : "or", tests);
  return joined !== undefined && modifiers.includes("neq") ? { is: "not", of: joined } : joined;
};

const valueOf = (node: YamlScalar): Value => {
  const { value, text } = node;
  if (value === null) return { is: "null" };
  if (typeof value === "number") return { is: "number", number: value, text };
  if (typeof value === "boolean") return { is: "boolean", boolean: value, text: String(value) };
  return { is: "text", pieces: readPieces(value), cased: false, written: value, bytes: false };
};

const test = (field: string, node: YamlScalar, modifiers: readonly string[], sheet: Sheet): Detection | undefined => {
  const values = modify(valueOf(node), modifiers);
  if (isRefusal(values)) return sheet.refuse(node.at, values.code, values.params);
  return both(
    "or",
    values.flatMap(matchesOf).map((match) => ({ is: "test", field, match })),
  );
};

/** The judgement a value stands for; a number is meant as it prints and as it is written (`0x1f`, `1.0`). */
const matchesOf = (value: Value): readonly Match[] => {
  switch (value.is) {
    case "text": {
      const pieces = value.pieces.filter((piece): piece is Piece => typeof piece !== "object");
      if (pieces.length < value.pieces.length) return [{ is: "placeholder", pieces: value.pieces, cased: value.cased }];
      return [{ is: "text", pieces: value.cased ? pieces : lowerPieces(pieces), cased: value.cased }];
    }
    case "number":
      return [...new Set([String(value.number), value.text.toLowerCase()])].map((text) => ({
        is: "text",
        pieces: [text],
        cased: false,
      }));
    case "boolean":
      return [{ is: "text", pieces: [value.text], cased: false }];
    default:
      return [value];
  }
};

/** A text without a field is looked for anywhere in the record. */
const keyword = (node: YamlScalar, modifiers: readonly string[], sheet: Sheet): Detection | undefined => {
  const values = modify(valueOf(node), modifiers);
  if (isRefusal(values)) return sheet.refuse(node.at, values.code, values.params);
  const parts: Detection[] = [];
  for (const match of values.flatMap(matchesOf)) {
    if (match.is === "regex") parts.push({ is: "keyword", match });
    else if (match.is === "text") {
      const pieces = open(match.pieces, true, true);
      if (pieces.every((piece) => piece === many)) return sheet.refuse(node.at, "WGL_SIGMA_EMPTY", { key: "keywords" });
      parts.push({ is: "keyword", match: { ...match, pieces } });
    } else
      return sheet.refuse(node.at, "WGL_SIGMA_KIND", { key: "keywords", kind: match.is, wanted: "string, number, re" });
  }
  return both("or", parts);
};
