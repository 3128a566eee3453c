import { no, ok, type Result } from "#core/result.ts";
import { timeKey } from "#stix/time-key.ts";
import { type Micros, parseMicros } from "./taxii-date.ts";

/** Which versions of an object: the first, the last, all, or those of these instants (keys of `stix/time-key.ts`). */
export interface VersionMatch {
  readonly first: boolean;
  readonly last: boolean;
  readonly all: boolean;
  readonly keys: readonly string[];
}

/**
 * Which objects of a collection: values of one field are alternatives, fields bind together. An absent field matches
 * everything, except that `version` absent is the last one, and `specs` absent the highest that the object has.
 * @see TAXII 2.1 §3.4 Filtering
 */
export interface TaxiiFilter {
  readonly ids?: readonly string[];
  readonly types?: readonly string[];
  readonly specs?: readonly string[];
  readonly version: VersionMatch;
}

/** A page that is asked for. */
export interface TaxiiAsked {
  readonly filter: TaxiiFilter;
  /** A filter was named; without one a page after the first takes the cursor's. */
  readonly filtered: boolean;
  /** Objects that arrived later than this, exclusive. */
  readonly addedAfter?: Micros;
  readonly limit?: number;
  readonly next?: string;
}

/** Query as HTTP has it: a name that stands twice is a list. */
export type TaxiiQuery = Readonly<Record<string, unknown>>;

export type MatchField = "id" | "type" | "version" | "spec_version";
export type PageField = "added_after" | "limit" | "next";

export const lastVersion: VersionMatch = { first: false, last: true, all: false, keys: [] };

/** What no STIX value holds, and no database takes. */
const unreadable = /[\u0000-\u001f\u007f\ufffd]/;

/** Values of one field in one request; a cursor must still fit into a URL. */
const valuesAtMost = 100;

/**
 * Reads a query, and refuses what it does not know: a filter passed over in silence would give away more than was asked.
 *
 * @returns WGL_HTTP_EXTRA, WGL_TAXII_FILTER (400)
 */
export const readTaxiiQuery = (
  query: TaxiiQuery,
  fields: readonly MatchField[],
  pages: readonly PageField[],
): Result<TaxiiAsked> => {
  const given = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(query)) {
    const field = /^match\[(\w+)\]$/.exec(name)?.[1];
    const known = field === undefined ? pages.some((one) => one === name) : fields.some((one) => one === field);
    if (!known) return no("WGL_HTTP_EXTRA", { name });
    const texts = [value].flat().filter((one): one is string => typeof one === "string");
    if (field === undefined && texts.length !== 1)
      return no("WGL_TAXII_FILTER", { name, value: texts.join(), wanted: "one value" });
    const values = field === undefined ? texts : texts.flatMap((text) => text.split(",").map((one) => one.trim()));
    if (values.length === 0 || values.length > valuesAtMost || values.some((one) => one === "" || unreadable.test(one)))
      return no("WGL_TAXII_FILTER", { name, value: values.join(), wanted: `1 to ${valuesAtMost} values` });
    given.set(name, [...new Set(values)].toSorted());
  }
  const version = readVersions(given.get("match[version]"));
  if (!version.ok) return version;
  const limit = readLimit(given.get("limit")?.[0]);
  if (!limit.ok) return limit;
  const addedAfter = readAddedAfter(given.get("added_after")?.[0]);
  if (!addedAfter.ok) return addedAfter;
  const next = given.get("next")?.[0];
  const [ids, types, specs] = [given.get("match[id]"), given.get("match[type]"), given.get("match[spec_version]")];
  const filter: TaxiiFilter = {
    ...(ids ? { ids } : {}),
    ...(types ? { types } : {}),
    ...(specs ? { specs } : {}),
    version: version.value,
  };
  return ok({
    filter,
    filtered: [...given.keys()].some((name) => name.startsWith("match[")),
    ...(addedAfter.value === undefined ? {} : { addedAfter: addedAfter.value }),
    ...(limit.value === undefined ? {} : { limit: limit.value }),
    ...(next === undefined ? {} : { next }),
  });
};

/** Equal for filters that mean the same, as compact as a cursor wants it. */
export const canonicalFilter = ({ ids, types, specs, version }: TaxiiFilter): string => {
  const { first, last, all, keys } = version;
  return JSON.stringify([ids ?? 0, types ?? 0, specs ?? 0, all ? "all" : [first ? 1 : 0, last ? 1 : 0, ...keys]]);
};

/** The filter that `canonicalFilter` wrote; only from a cursor that is ours. */
export const filterOf = (canonical: string): TaxiiFilter => {
  const [ids, types, specs, version] = JSON.parse(canonical) as [
    List,
    List,
    List,
    "all" | [number, number, ...string[]],
  ];
  const [first, last, ...keys] = version === "all" ? [0, 0] : version;
  return {
    ...(ids === 0 ? {} : { ids }),
    ...(types === 0 ? {} : { types }),
    ...(specs === 0 ? {} : { specs }),
    version: { first: first === 1, last: last === 1, all: version === "all", keys },
  };
};
type List = 0 | readonly string[];

const readVersions = (values: readonly string[] | undefined): Result<VersionMatch> => {
  if (values === undefined) return ok(lastVersion);
  const keys: string[] = [];
  for (const value of values) {
    if (value === "first" || value === "last" || value === "all") continue;
    const key = timeKey(value);
    if (key === undefined)
      return no("WGL_TAXII_FILTER", { name: "match[version]", value, wanted: "first, last, all or a timestamp" });
    keys.push(key);
  }
  return ok({
    first: values.includes("first"),
    last: values.includes("last"),
    all: values.includes("all"),
    keys: [...new Set(keys)].toSorted(),
  });
};

const readLimit = (text: string | undefined): Result<number | undefined> => {
  if (text === undefined) return ok(undefined);
  const limit = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return limit > 0
    ? ok(limit)
    : no("WGL_TAXII_FILTER", { name: "limit", value: text, wanted: "a whole number over 0" });
};

const readAddedAfter = (text: string | undefined): Result<Micros | undefined> => {
  if (text === undefined) return ok(undefined);
  const at = parseMicros(text);
  return at === undefined
    ? no("WGL_TAXII_FILTER", {
        name: "added_after",
        value: text,
        wanted: "a timestamp such as 2026-01-31T08:15:00.123456Z",
      })
    : ok(at);
};
