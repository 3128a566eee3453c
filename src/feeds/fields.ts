import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import { no, type Problem, problem, type Result } from "#core/result.ts";
import type { RsitType } from "#core/rsit.ts";
import type { SafeRegex } from "#core/safe-regex.ts";
import { parseUrl } from "#core/url.ts";
import type { Row } from "./feed.ts";
import { at, labelsOf, rowOf, type Said } from "./row.ts";
import { rowTime } from "./row-time.ts";
import type { ReadTime } from "./time-format.ts";

/** What a row says under a name, trimmed, without empty texts: a cell, a property, a key. */
export type Fields = (name: string) => readonly string[];

/**
 * Which fields of a row say what. A name that ends in "?" may be missing, or hold what cannot be read: then the next one
 * is tried. A name with braces is put together: "http://{host}{path}"; when one of its fields is empty it is too.
 */
export interface Mapping {
  /** Where the value stands, best first: the first that is not empty. */
  readonly value: readonly string[];
  /** Fields whose values are rows of their own, when they are not empty: the other hashes of a file. */
  readonly also?: readonly string[];
  /** The first that is not empty. */
  readonly seenAt?: readonly string[];
  /** Until when the source stands by the value. */
  readonly validUntil?: string;
  /** A family stands before other labels: the first label names what it is about. */
  readonly labels?: readonly string[] | ((fields: Fields) => readonly string[]);
  /** What stands between several labels in one text; "json": each text is a JSON list. */
  readonly split?: string;
  /** What kind of trouble the row is about, where a list holds several: becomes its last label. */
  readonly type?: (fields: Fields) => RsitType | undefined;
  readonly grade?: (fields: Fields) => Grade | undefined;
  readonly time?: ReadTime;
  /** Other kinds are refused: a list of addresses names no domains. */
  readonly kinds?: readonly ObservableKind[];
  /** Puts the scheme the publisher leaves out before its URLs. */
  readonly scheme?: "http" | "https";
  /** Texts that say nothing: "-", "n/a". Compared whole, without case. */
  readonly empty?: readonly string[];
  /** What of a field's text is meant; where the expression finds nothing the field is empty. */
  readonly pick?: Readonly<Record<string, SafeRegex>>;
}

/** Every field a mapping names, without marks and braces; those in `optional` may be missing. */
export const fieldsNamed = (
  mapping: Mapping,
): { readonly needed: readonly string[]; readonly optional: readonly string[] } => {
  const labels = typeof mapping.labels === "function" ? [] : (mapping.labels ?? []);
  const until = mapping.validUntil === undefined ? [] : [mapping.validUntil];
  const named = [...mapping.value, ...(mapping.also ?? []), ...(mapping.seenAt ?? []), ...until, ...labels];
  const plain = (name: string): readonly string[] => [...name.matchAll(braced)].map(([, inside = ""]) => inside);
  const split = (names: readonly string[]): readonly string[] =>
    names.flatMap((name) => (name.includes("{") ? plain(name) : [name.replace(/\?$/, "")]));
  return {
    needed: split(named.filter((name) => !name.endsWith("?"))),
    optional: split(named.filter((name) => name.endsWith("?"))),
  };
};

const braced = /\{([^{}]+)\}/g;

/** The rows of one record: its value, and one for each field of `also` that is not empty. */
export const mappedRows = (row: number, given: Fields, mapping: Mapping): readonly Row[] => {
  const meant = mapping.pick === undefined ? given : picked(given, mapping.pick);
  const fields = mapping.empty === undefined ? meant : without(meant, mapping.empty);
  const said = saidOf(fields, mapping);
  const best = bestRow(row, fields, mapping, said);
  const others = (mapping.also ?? []).flatMap((name) => textsOf(fields, name.replace(/\?$/, "")));
  return [best, ...others.map((text) => valueRow(row, text, mapping, said))];
};

type SaidOfRow = Said & { readonly validUntil?: Instant | undefined };

const without = (fields: Fields, empty: readonly string[]): Fields => {
  const nothing = new Set(empty.map((text) => text.trim().toLowerCase()));
  return (name) => fields(name).filter((text) => !nothing.has(text.toLowerCase()));
};

const picked =
  (fields: Fields, pick: Readonly<Record<string, SafeRegex>>): Fields =>
  (name) => {
    const expression = Object.hasOwn(pick, name) ? pick[name] : undefined;
    if (expression === undefined) return fields(name);
    return fields(name).flatMap((text) => {
      const found = expression.first(text)?.trim() ?? "";
      return found === "" ? [] : [found];
    });
  };

const bestRow = (row: number, fields: Fields, mapping: Mapping, said: SaidOfRow): Row => {
  let passed: Problem | undefined;
  for (const name of mapping.value) {
    const text = textsOf(fields, name.replace(/\?$/, ""))[0];
    if (text === undefined) continue;
    const read = valueRow(row, text, mapping, { ...said, note: said.note ?? passed });
    if (read.result.ok || !name.endsWith("?")) return read;
    passed ??= read.result.problem;
  }
  const field = mapping.value.map((name) => name.replace(/\?$/, "")).join(", ");
  return {
    row,
    result: passed === undefined ? no("WGL_ROW_FIELD", { field }, `row ${row}`) : { ok: false, problem: passed },
  };
};

const textsOf = (fields: Fields, name: string): readonly string[] => {
  if (!name.includes("{")) return fields(name);
  let whole = true;
  const text = name.replace(braced, (_whole, inside: string) => {
    const [first] = fields(inside);
    if (first === undefined) whole = false;
    return first ?? "";
  });
  return whole ? [text] : [];
};

/** A row from its value's text, of the kinds and with the scheme its list has. */
export const valueRow = (
  row: number,
  text: string,
  { kinds, scheme }: Pick<Mapping, "kinds" | "scheme">,
  said: SaidOfRow = {},
): Row => {
  const read = rowOf(row, text, said);
  if (!read.result.ok || read.result.value.is !== undefined) return read;
  const { kind, value } = read.result.value.observable;
  if (kinds !== undefined && !kinds.includes(kind))
    return { row, result: no("WGL_ROW_KIND", { value, kind, wanted: kinds.join(", ") }, `row ${row}`) };
  const whole: Result<Observable> =
    scheme !== undefined && kind === "url" && value.startsWith("//")
      ? parseUrl(`${scheme}:${value}`)
      : { ok: true, value: read.result.value.observable };
  if (!whole.ok) return { row, result: at(whole, row) };
  const raw = {
    ...read.result.value,
    observable: whole.value,
    ...(said.validUntil === undefined ? {} : { validUntil: said.validUntil }),
  };
  return { ...read, result: { ok: true, value: raw } };
};

const saidOf = (fields: Fields, mapping: Mapping): SaidOfRow => {
  const time = mapping.time ?? rowTime;
  const first = (names: readonly string[]): string =>
    names.map((name) => fields(name.replace(/\?$/, ""))[0]).find((text) => text !== undefined) ?? "";
  const seen = time(first(mapping.seenAt ?? []));
  const until = mapping.validUntil === undefined ? {} : time(first([mapping.validUntil]));
  const type = mapping.type?.(fields);
  const texts =
    typeof mapping.labels === "function"
      ? mapping.labels(fields)
      : (mapping.labels ?? []).flatMap((name) => fields(name.replace(/\?$/, "")));
  const note = seen.note ?? until.note;
  const grade = mapping.grade?.(fields);
  return {
    labels: labelsOf([
      ...texts.flatMap((text) => splitLabels(text, mapping.split)),
      ...(type === undefined ? [] : [type]),
    ]),
    ...(seen.seenAt === undefined ? {} : { seenAt: seen.seenAt }),
    ...(until.seenAt === undefined ? {} : { validUntil: until.seenAt }),
    ...(note === undefined ? {} : { note }),
    ...(grade === undefined ? {} : { grade }),
  };
};

const splitLabels = (text: string, split: string | undefined): readonly string[] => {
  if (split === undefined) return [text];
  if (split !== "json") return text.split(split);
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [text];
  } catch {
    return [text];
  }
};

/** A row refused with its place. */
export const refusedRow = (row: number, ...why: Parameters<typeof problem>): Row => ({
  row,
  result: { ok: false, problem: { ...problem(...why), at: `row ${row}` } },
});
