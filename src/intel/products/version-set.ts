import { ok, type Result } from "#core/result.ts";
import type { AffectedSpan } from "#feeds/affect.ts";
import { parseVers, type Vers } from "./vers.ts";
import { compareVersions, type VersionScheme } from "./version-scheme.ts";

/** An interval of versions; a bound that is absent is no bound. `from` and `to` are inside, `above` and `below` are not. */
export interface Span {
  readonly from?: string;
  readonly above?: string;
  readonly to?: string;
  readonly below?: string;
}

/** Versions under one order: in one of the spans and none of the holes. */
export interface VersionSet {
  readonly scheme: VersionScheme;
  readonly spans: readonly Span[];
  readonly holes: readonly Span[];
}

/** `unknown`: the version and the bounds cannot be ordered, so nobody can say. */
export type Membership = "in" | "out" | "unknown";

/** Whether a version belongs to the set. A span that is certain to hold it decides, whatever cannot be told of the others. */
export const memberOf = ({ scheme, spans, holes }: VersionSet, version: string): Membership => {
  const within = anyOf(spans, scheme, version);
  if (within === "out" || holes.length === 0) return within;
  const without = anyOf(holes, scheme, version);
  return without === "in" ? "out" : without === "out" ? within : "unknown";
};

const anyOf = (spans: readonly Span[], scheme: VersionScheme, version: string): Membership => {
  let best: Membership = "out";
  for (const span of spans) {
    const one = inSpan(span, scheme, version);
    if (one === "in") return one;
    if (one === "unknown") best = one;
  }
  return best;
};

const inSpan = ({ from, above, to, below }: Span, scheme: VersionScheme, version: string): Membership => {
  const bounds = [
    from === undefined ? true : holds(compareVersions(scheme, version, from), (order) => order >= 0),
    above === undefined ? true : holds(compareVersions(scheme, version, above), (order) => order > 0),
    to === undefined ? true : holds(compareVersions(scheme, version, to), (order) => order <= 0),
    below === undefined ? true : holds(compareVersions(scheme, version, below), (order) => order < 0),
  ];
  return bounds.includes(false) ? "out" : bounds.includes(undefined) ? "unknown" : "in";
};

const holds = (order: number | undefined, test: (order: number) => boolean): boolean | undefined =>
  order === undefined ? undefined : test(order);

/**
 * The set that VERS constraints describe.
 * @see VERS (package-url/vers-spec), "Checking if a version is contained within a range"
 */
export const setOfVers = ({ scheme, constraints }: Vers): VersionSet => {
  const holes = constraints.filter(({ is }) => is === "!=").map(({ version }) => ({ from: version, to: version }));
  const spans: Span[] = [];
  let open: Span | undefined;
  /** Where the last span with an upper bound stands. */
  let last: number | undefined;
  for (const { is, version } of constraints) {
    if (is === "=") spans.push({ from: version, to: version });
    // of two lower bounds in a row the first begins the span
    else if (is === ">" || is === ">=") open ??= is === ">" ? { above: version } : { from: version };
    else if (is === "<" || is === "<=") {
      const end = is === "<" ? { below: version } : { to: version };
      // of two upper bounds in a row the later ends it
      if (open === undefined && last !== undefined) spans[last] = { ...begun(spans[last]), ...end };
      else last = spans.push({ ...open, ...end }) - 1;
      open = undefined;
    }
  }
  if (open !== undefined) spans.push(open);
  return { scheme, spans: spans.length === 0 ? [{}] : spans, holes };
};

const begun = ({ from, above }: Span = {}): Span => ({
  ...(from === undefined ? {} : { from }),
  ...(above === undefined ? {} : { above }),
});

/** How a source bounds versions, as spans; what only a person understands is a problem with its words. */
export const spansOf = (span: AffectedSpan, scheme: VersionScheme): Result<VersionSet> => {
  if ("exactly" in span) return ok({ scheme, spans: [exactly(span.exactly)], holes: [] });
  if ("vers" in span) {
    const read = parseVers(span.vers);
    if (!read.ok) return read;
    const set = setOfVers(read.value);
    // "vers:generic/<4.2.1" of a package whose own scheme is known: that scheme orders its versions
    return ok(set.scheme === "generic" ? { ...set, scheme } : set);
  }
  if ("words" in span) return wordsOf(span.words, scheme);
  const { from, above, to, below } = span;
  return ok({
    scheme,
    spans: [
      {
        ...(from === undefined ? {} : { from }),
        ...(above === undefined ? {} : { above }),
        ...(to === undefined ? {} : upTo(to)),
        ...(below === undefined ? {} : below.endsWith("*") ? { below: below.replace(/\.?\*$/, "") } : { below }),
      },
    ],
    holes: [],
  });
};

/** "5.10.*" is every version that begins so; any other text is that version. */
const exactly = (version: string): Span => {
  const start = /^(.*\d)\.[*xX]$/.exec(version)?.[1];
  return start === undefined ? { from: version, to: version } : { from: start, ...upTo(version) };
};

/** "to 5.10.*" is below 5.11. */
const upTo = (version: string): Span => {
  const [, head, last] = /^(.*?)(\d+)\.[*xX]$/.exec(version) ?? [];
  return head === undefined || last === undefined ? { to: version } : { below: `${head}${BigInt(last) + 1n}` };
};

/** "< V4.2", ">= 1.0 < 2.0", "All versions < V3", "4.x": what people write where a VERS range should stand. */
const wordsOf = (words: string, scheme: VersionScheme): Result<VersionSet> => {
  const plain = words
    .trim()
    .replace(/^(?:all\s+)?versions?\s*(?=[<>=])/i, "")
    .replace(/^(?:(?:all\s+)?versions?\s+)?(?:prior\s+to|before|earlier\s+than)\s+/i, "<")
    .replace(/^(\S+)\s+(?:and|or)\s+(?:earlier|prior|below|older)$/i, "<=$1")
    .replace(/≤/g, "<=")
    .replace(/≥/g, ">=");
  if (/^(?:all(?:\s+versions?)?|\*|any)$/i.test(plain)) return ok({ scheme, spans: [{}], holes: [] });
  if (/^\d[^\s<>=|,]*$/.test(plain)) return ok({ scheme, spans: [exactly(plain)], holes: [] });
  const constraints = plain
    .replace(/([<>]=?|=)\s*/g, "|$1")
    .split(/[|,\s]+/)
    .filter((one) => one !== "");
  return mapped(parseVers(`vers:generic/${constraints.join("|")}`), (vers) => ({ ...setOfVers(vers), scheme }));
};

const mapped = <T, U>(result: Result<T>, into: (value: T) => U): Result<U> =>
  result.ok ? ok(into(result.value)) : result;

/** For a person: ">= 4.0, < 4.2.1". */
export const printSpan = ({ from, above, to, below }: Span): string => {
  if (from !== undefined && from === to) return `= ${from}`;
  const bounds = [
    ...(from === undefined ? [] : [`>= ${from}`]),
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(to === undefined ? [] : [`<= ${to}`]),
    ...(below === undefined ? [] : [`< ${below}`]),
  ];
  return bounds.length === 0 ? "*" : bounds.join(", ");
};
