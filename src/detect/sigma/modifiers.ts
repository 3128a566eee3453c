import { cidrRange } from "#core/cidr.ts";
import { type CompareMatch, many, type Piece, type TimePart, timeParts } from "./detection.ts";
import { base64, base64Offsets, dashes, utf16 } from "./encodings.ts";
import { mapPieces, plainOf, readPieces } from "./pieces.ts";
import { checkRegex } from "./regex.ts";
import { isRefusal, type Refusal, type TextValue, type Value } from "./value.ts";

/** One modifier: a value becomes one or several, any of which is meant. */
type Modifier = (value: Value, before: readonly string[]) => readonly Value[] | Refusal;

const wrong = (modifier: string, wanted: string): Refusal => ({
  code: "WGL_SIGMA_MODIFIER_VALUE",
  params: { modifier, wanted },
});

/** Numbers and booleans are texts to modifiers of texts, as they are written. */
const asText = (value: Value): TextValue | undefined =>
  value.is === "text"
    ? value
    : value.is === "number" || value.is === "boolean"
      ? { is: "text", pieces: readPieces(value.text), cased: false, written: value.text, bytes: false }
      : undefined;

const position =
  (modifier: "contains" | "startswith" | "endswith"): Modifier =>
  (value) => {
    const atStart = modifier !== "startswith";
    const atEnd = modifier !== "endswith";
    if (value.is === "field") return [{ ...value, how: modifier }];
    // an expression is found anywhere already
    if (value.is === "regex") return [value];
    const text = asText(value);
    if (text === undefined) return wrong(modifier, "text");
    const pieces = [...text.pieces];
    if (atStart && pieces[0] !== many) pieces.unshift(many);
    if (atEnd && (pieces.length < 2 ? pieces[0] !== many : pieces.at(-1) !== many)) pieces.push(many);
    return [{ ...text, pieces }];
  };

const encode =
  (modifier: string, change: (text: string, bytes: boolean) => readonly string[]): Modifier =>
  (value) => {
    const text = asText(value);
    const plain = text === undefined ? undefined : plainOf(text.pieces.filter(isPiece));
    if (text === undefined || plain === undefined || !text.pieces.every(isPiece))
      return wrong(modifier, "text without wildcards");
    return change(plain, text.bytes).map((one) => ({ ...text, pieces: one === "" ? [] : [one], bytes: false }));
  };

const isPiece = (piece: Piece | { readonly placeholder: string }): piece is Piece => typeof piece !== "object";

const widen =
  (modifier: string, change: (text: string) => string, mark = ""): Modifier =>
  (value) => {
    const text = asText(value);
    if (text === undefined || !text.pieces.every(isPiece)) return wrong(modifier, "text");
    const pieces = mapPieces(text.pieces, change);
    const [head] = pieces;
    const marked = typeof head === "string" ? [mark + head, ...pieces.slice(1)] : [mark, ...pieces];
    return [{ ...text, pieces: mark === "" ? pieces : marked, bytes: true }];
  };

const flag =
  (modifier: string, letter: string): Modifier =>
  (value) =>
    value.is === "regex"
      ? [{ ...value, flags: [...new Set([...value.flags, letter])].toSorted().join("") }]
      : wrong(modifier, "re before it");

const compare =
  (op: CompareMatch["op"]): Modifier =>
  (value) => {
    if (value.is === "number") return [{ is: "compare", op, value: value.number }];
    return value.is === "compare" && value.part !== undefined && value.op === "eq"
      ? [{ ...value, op }]
      : wrong(op, "number");
  };

const time =
  (part: TimePart): Modifier =>
  (value) => {
    if (value.is === "number") return [{ is: "compare", op: "eq", value: value.number, part }];
    return value.is === "compare" && value.part === undefined ? [{ ...value, part }] : wrong(part, "number");
  };

/** These ask for the value as it is written. */
const first =
  (modifier: string, make: (value: Value) => readonly Value[] | Refusal): Modifier =>
  (value, before) =>
    before.some((one) => !linking.has(one))
      ? { code: "WGL_SIGMA_MODIFIER_ORDER", params: { modifier, before: before.join("|") } }
      : make(value);

/** Modifiers that say how the values of a list belong together, and leave the values alone. */
export const linking: ReadonlySet<string> = new Set(["all", "neq"]);

const regex = first("re", (value) => {
  const text = asText(value);
  if (text === undefined) return wrong("re", "text");
  return [{ is: "regex", source: text.written, flags: "" }];
});

const cidr = first("cidr", (value) => {
  if (value.is !== "text") return wrong("cidr", "text");
  const range = cidrRange(value.written);
  if (!range.ok) return { code: "WGL_SIGMA_CIDR", params: { value: value.written } };
  return [{ is: "cidr", network: value.written }];
});

const exists = first("exists", (value) =>
  value.is === "boolean" ? [{ is: "exists", there: value.boolean }] : wrong("exists", "true, false"),
);

const fieldref: Modifier = (value) => {
  const name = value.is === "text" ? plainOf(value.pieces.filter(isPiece)) : undefined;
  if (value.is !== "text" || name === undefined || name === "" || !value.pieces.every(isPiece))
    return wrong("fieldref", "text without wildcards");
  return [{ is: "field", field: name, how: "equals", cased: value.cased }];
};

const cased: Modifier = (value) => {
  if (value.is === "field") return [{ ...value, cased: true }];
  const text = asText(value);
  return text === undefined ? wrong("cased", "text") : [{ ...text, cased: true }];
};

const windash: Modifier = (value) => {
  const text = asText(value);
  if (text === undefined || !text.pieces.every(isPiece)) return wrong("windash", "text");
  const variants = dashes(text.pieces);
  if (variants === undefined) return { code: "WGL_SIGMA_LARGE", params: { key: "windash", limit: 5 ** 4 } };
  return variants.map((pieces) => ({ ...text, pieces }));
};

/** `%name%` becomes a placeholder, `\%` a plain percent sign (rules specification 2.1, "Placeholders"). */
const expand: Modifier = (value) => {
  const text = asText(value);
  if (text === undefined) return wrong("expand", "text");
  const pieces = text.pieces.flatMap((piece): TextValue["pieces"] => {
    if (typeof piece !== "string") return [piece];
    const found: (Piece | { readonly placeholder: string })[] = [];
    let plain = "";
    for (let at = 0; at < piece.length; ) {
      if (piece.startsWith("\\%", at)) {
        plain += "%";
        at += 2;
        continue;
      }
      const close = piece.charAt(at) === "%" ? /^%(\w+)%/.exec(piece.slice(at, at + longestName)) : null;
      if (close === null) plain += piece.charAt(at++);
      else {
        if (plain !== "") found.push(plain);
        plain = "";
        found.push({ placeholder: close[1] ?? "" });
        at += close[0].length;
      }
    }
    if (plain !== "") found.push(plain);
    return found;
  });
  return [{ ...text, pieces }];
};

/** Of a placeholder with its percent signs. */
const longestName = 130;

/** Modifiers appendix 2.1, in its order; then the names that pySigma knows besides. */
const modifiers: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ["startswith", position("startswith")],
  ["endswith", position("endswith")],
  ["contains", position("contains")],
  ["exists", exists],
  ["cased", cased],
  ["windash", windash],
  ["re", regex],
  ["i", flag("i", "i")],
  ["m", flag("m", "m")],
  ["s", flag("s", "s")],
  ["base64", encode("base64", (text, bytes) => [base64(text, bytes)])],
  ["base64offset", encode("base64offset", base64Offsets)],
  ["utf16le", widen("utf16le", (text) => utf16(text, "little"))],
  ["utf16be", widen("utf16be", (text) => utf16(text, "big"))],
  ["utf16", widen("utf16", (text) => utf16(text, "little"), "\u00ff\u00fe")],
  ["wide", widen("wide", (text) => utf16(text, "little"))],
  ["lt", compare("lt")],
  ["lte", compare("lte")],
  ["gt", compare("gt")],
  ["gte", compare("gte")],
  ...timeParts.map((part) => [part, time(part)] as const),
  ["cidr", cidr],
  ["expand", expand],
  ["fieldref", fieldref],
  ["ignorecase", flag("ignorecase", "i")],
  ["multiline", flag("multiline", "m")],
  ["dotall", flag("dotall", "s")],
]);

export const isModifier = (name: string): boolean => linking.has(name) || modifiers.has(name);

/** A value after its modifiers, in the order written: any of the answers is meant. */
export const modify = (value: Value, names: readonly string[]): readonly Value[] | Refusal => {
  let values: readonly Value[] = [value];
  for (const [place, name] of names.entries()) {
    const modifier = modifiers.get(name);
    if (modifier === undefined) continue;
    const next: Value[] = [];
    for (const one of values) {
      const made = modifier(one, names.slice(0, place));
      if (isRefusal(made)) return made;
      next.push(...made);
    }
    values = next;
  }
  for (const one of values)
    if (one.is === "regex") {
      const refused = checkRegex(one.source, one.flags);
      if (refused !== undefined) return refused;
    }
  return values;
};
