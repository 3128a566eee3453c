import { type CidrRange, cidrRange } from "#core/cidr.ts";
import { no, ok, type Result } from "#core/result.ts";
import { safeRegex } from "#core/safe-regex.ts";
import { likeTest } from "./pattern-like.ts";
import { type Look, note } from "./pattern-look.ts";
import type { Comparison, Constant } from "./pattern.ts";
import { timeKey } from "./time-key.ts";

/** Whether a value found at the end of a path makes the comparison true. */
export type ValueTest = (value: unknown, look: Look) => boolean;

/** Longest expression of MATCHES, in UTF-16 units. */
const longestRegex = 8192;

/** Longest text LIKE and MATCHES look at, in UTF-16 units: the largest payload of a STIX artifact in public use is smaller. */
const longestText = 4_194_304;

/**
 * The comparison as a function. Values of other types than the constant's are unequal and have no order (§9.6); bytes and
 * text are compared by bytes where every character is below U+0100, else they are unequal; numbers are one type; there is
 * no order of booleans, lists and objects. `!=` is NOT `=`. Cost: well under a microsecond but for MATCHES.
 *
 * @param bytes what the path names is `_hex` or `_bin`: the value comes as one character a byte, and is not normalised
 * @returns problem WGL_STIX_PATTERN for a set of several types, a day that no calendar has, text that is no network;
 *          WGL_ROW_REGEX for an expression that does not run in linear time
 * @see STIX 2.1 §9.6 Comparison Operators
 */
export const compileComparison = (comparison: Comparison, bytes: boolean): Result<ValueTest> => {
  const { operator, not, constants } = comparison;
  const [constant] = constants;
  if (operator === "EXISTS") return ok(() => true);
  if (operator === "IN") return setTest(comparison);
  if (constant === undefined) throw new Error("waglan is wrong: a comparison without a constant");
  switch (operator) {
    case "=":
    case "!=":
      return equalTest(comparison, constant, not !== (operator === "!="));
    case "LIKE":
      return likeValue(comparison, String(constant.value), bytes);
    case "MATCHES":
      return matchesTest(comparison, constant, bytes);
    case "ISSUBSET":
    case "ISSUPERSET":
      return rangeTest(comparison, constant, operator === "ISSUBSET");
    default:
      return orderTest(comparison, constant, orders[operator], bytes);
  }
};

const orders: Readonly<Record<"<" | "<=" | ">" | ">=", (sign: number) => boolean>> = {
  "<": (sign) => sign < 0,
  "<=": (sign) => sign <= 0,
  ">": (sign) => sign > 0,
  ">=": (sign) => sign >= 0,
};

const equalTest = (comparison: Comparison, constant: Constant, negated: boolean): Result<ValueTest> => {
  if (constant.is === "timestamp") {
    const key = keyOf(constant);
    if (!key.ok) return key;
    return ok(timeTest(comparison, (seen) => (seen === key.value) !== negated, negated));
  }
  // Text, bytes, numbers and booleans are each their own JavaScript type, or one whose equality is ours.
  const { value } = constant;
  return ok(negated ? (seen) => seen !== value : (seen) => seen === value);
};

const setTest = (comparison: Comparison): Result<ValueTest> => {
  const { constants, not } = comparison;
  const kinds = new Set(constants.map(({ is }) => (is === "integer" || is === "float" ? "number" : is)));
  if (kinds.size > 1) {
    const other = constants.find(({ is }) => is !== constants[0]?.is);
    return no("WGL_STIX_PATTERN", { column: other?.column ?? 1, wanted: "a set of one type" });
  }
  if (!kinds.has("timestamp")) {
    const values = new Set<unknown>(constants.map(({ value }) => value));
    return ok((seen) => values.has(seen) !== not);
  }
  const keys = new Set<string>();
  for (const constant of constants) {
    const key = keyOf(constant);
    if (!key.ok) return key;
    keys.add(key.value);
  }
  return ok(timeTest(comparison, (seen) => keys.has(seen) !== not, not));
};

const orderTest = (
  comparison: Comparison,
  constant: Constant,
  fits: (sign: number) => boolean,
  bytes: boolean,
): Result<ValueTest> => {
  const { not } = comparison;
  const { is, value } = constant;
  if (is === "timestamp") {
    const key = keyOf(constant);
    if (!key.ok) return key;
    return ok(timeTest(comparison, (seen) => fits(seen < key.value ? -1 : seen > key.value ? 1 : 0) !== not, false));
  }
  if (typeof value === "number")
    return ok((seen) => typeof seen === "number" && fits(seen < value ? -1 : seen > value ? 1 : 0) !== not);
  const text = String(value);
  // Bytes and a text with characters beyond a byte have no order: false, before NOT.
  const apart = is === "bytes" ? !bytes : bytes;
  const ordered = (seen: string): boolean => !apart || (isBytes(text) && isBytes(seen));
  return ok((seen) => typeof seen === "string" && (ordered(seen) && fits(order(seen, text))) !== not);
};

/** What a timestamp constant meets: a string is read as a timestamp, or the comparison is undecided. */
const timeTest =
  (comparison: Comparison, fits: (key: string) => boolean, otherwise: boolean): ValueTest =>
  (seen, look) => {
    if (typeof seen !== "string") return otherwise;
    const key = timeKey(seen);
    return key === undefined ? note(look, placeOf(comparison), seen, "a timestamp") : fits(key);
  };

const keyOf = ({ value, column }: Constant): Result<string> => {
  const key = timeKey(`${value}`);
  return key === undefined ? no("WGL_STIX_PATTERN", { column, wanted: "a day of the calendar" }) : ok(key);
};

/** §9.6: text is normalised to NFC under LIKE and MATCHES, and under no other operator. */
const likeValue = (comparison: Comparison, like: string, bytes: boolean): Result<ValueTest> => {
  const { not } = comparison;
  const normal = like.normalize("NFC");
  const found = likeTest(normal);
  const applies = !bytes || isBytes(normal);
  return ok((seen, look) => {
    if (typeof seen !== "string" || !applies) return not;
    if (seen.length > longestText) return note(look, placeOf(comparison), "…", `at most ${longestText} characters`);
    return found(bytes ? seen : normalised(seen)) !== not;
  });
};

const matchesTest = (comparison: Comparison, constant: Constant, bytes: boolean): Result<ValueTest> => {
  const { not } = comparison;
  const source = `${constant.value}`.normalize("NFC");
  const applies = !bytes || isBytes(source);
  const regex = source === "" ? ok({ test: () => true }) : safeRegex(source, longestRegex);
  if (!regex.ok) return { ok: false, problem: { ...regex.problem, at: `character ${constant.column}` } };
  const { test } = regex.value;
  return ok((seen, look) => {
    if (typeof seen !== "string" || !applies) return not;
    if (seen.length > longestText) return note(look, placeOf(comparison), "…", `at most ${longestText} characters`);
    return test(bytes ? seen : normalised(seen)) !== not;
  });
};

/** Addresses and networks of both families; those of different families are never inside each other. */
const rangeTest = (comparison: Comparison, constant: Constant, seenInside: boolean): Result<ValueTest> => {
  const { not } = comparison;
  const given = cidrRange(`${constant.value}`);
  if (!given.ok)
    return no("WGL_STIX_PATTERN", {
      column: constant.column,
      wanted: "an address or a network such as 203.0.113.0/24",
    });
  const range = given.value;
  return ok((seen, look) => {
    if (typeof seen !== "string") return not;
    const found = cidrRange(seen);
    if (!found.ok) return note(look, placeOf(comparison), seen, "an address or a network");
    return (seenInside ? inside(found.value, range) : inside(range, found.value)) !== not;
  });
};

const inside = (small: CidrRange, large: CidrRange): boolean =>
  small.family === large.family && small.first >= large.first && small.last <= large.last;

/** ASCII is its own normal form, and nearly everything is ASCII. */
const normalised = (text: string): string => (ascii.test(text) ? text : text.normalize("NFC"));
const ascii = /^[\u0000-\u007f]*$/;

const isBytes = (text: string): boolean => latin.test(text);
const latin = /^[\u0000-\u00ff]*$/;

/** By code points, as §9.6 has it: UTF-16 units put U+E000 to U+FFFF behind what needs two of them. */
const order = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left === right) continue;
    const [leftPair, rightPair] = [left >= 0xd800 && left <= 0xdfff, right >= 0xd800 && right <= 0xdfff];
    return leftPair === rightPair ? left - right : leftPair ? 1 : -1;
  }
  return a.length - b.length;
};

/** "file:hashes.'SHA-256'", "person:knows_refs[*].name": the path as a pattern writes it. */
export const placeOf = ({ type, path }: Pick<Comparison, "type" | "path">): string =>
  path.reduce<string>((place, step, at) => {
    if (typeof step === "number") return `${place}[${step}]`;
    if (typeof step !== "string") return `${place}[*]`;
    const key = /^[A-Za-z_]\w*$/.test(step) ? step : `'${step.replace(/['\\]/g, "\\$&")}'`;
    return at === 0 ? `${place}${key}` : `${place}.${key}`;
  }, `${type}:`);
