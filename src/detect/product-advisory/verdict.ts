import type { AffectedSpan } from "#feeds/affect.ts";
import type { InventoryItem } from "#intel/inventory/item.ts";
import { cpeText } from "#intel/products/cpe-name.ts";
import { memberOf, printSpan, spansOf, type VersionSet } from "#intel/products/version-set.ts";
import { schemeOf, type VersionScheme } from "#intel/products/version-scheme.ts";
import type { Candidate } from "./identity.ts";

/**
 * What one product of one advisory says about an item's version.
 *   in       its version is among them
 *   out      it is not, or the advisory says that it is not affected
 *   unknown  the item has no version, or nobody can order the two
 *   unsaid   the advisory does not say which versions
 */
export interface Verdict {
  readonly says: "in" | "out" | "unknown" | "unsaid";
  /** For a person: ">= 4.0, < 4.2.1"; "" where nothing is said. */
  readonly range: string;
  /** The version is named by itself, not by bounds. */
  readonly exactly: boolean;
}

const nothing: Verdict = { says: "unsaid", range: "", exactly: false };

/** `undefined`: it says nothing of use, as of commits where we know a version. */
export const verdictOf = (item: InventoryItem, { indexed, by }: Candidate): Verdict | undefined => {
  const { affect } = indexed;
  const spans = affect.versions ?? ownVersion(indexed);
  const scheme = schemeFor(item, affect.versionType, by);
  if (scheme === "git" && !/^[0-9a-f]{7,64}$/i.test(item.version)) return undefined;
  if (spans === undefined) {
    // "this product is not affected" is said of all its versions; "it is fixed" of one that nobody names
    if (affect.status === "not-affected") return { ...nothing, says: "out" };
    return affect.status === "affected" ? nothing : undefined;
  }
  const [within, without] = [
    membership(spans, scheme, item.version),
    membership(affect.except ?? [], scheme, item.version),
  ];
  const says =
    within.says === "out" || without.says === "in"
      ? "out"
      : within.says === "in" && without.says === "out"
        ? "in"
        : "unknown";
  const range = `${within.range}${without.range === "" ? "" : `, not ${without.range}`}`;
  if (affect.status === "affected") return { says, range, exactly: within.exactly };
  // that another version is fixed says nothing of this one
  return says === "in" ? { says: "out", range, exactly: within.exactly } : undefined;
};

/** A CPE name or package URL with a version in it means that version. */
const ownVersion = ({ cpe, purl }: Candidate["indexed"]): readonly AffectedSpan[] | undefined => {
  const version = purl?.version || cpeText(cpe?.version ?? "*");
  return version === "" ? undefined : [{ exactly: version }];
};

/** The package's own order where the package is recognised; else the source's word for it. */
const schemeFor = (item: InventoryItem, said: string | undefined, by: Candidate["by"]): VersionScheme => {
  if (said === "git") return "git";
  if (by === "purl" && item.purl !== undefined) return schemeOf(item.purl.type);
  return schemeOf(said ?? "");
};

/** Ranges of one answer that are printed; a person reads the first. */
const rangesShown = 4;

const membership = (spans: readonly AffectedSpan[], scheme: VersionScheme, version: string): Verdict => {
  const printed: string[] = [];
  let says: "in" | "out" | "unknown" = "out";
  for (const span of spans) {
    const { set, text, every } = compiled(span, scheme);
    const one = every ? "in" : set === undefined || version === "" ? "unknown" : memberOf(set, version);
    // the one that holds it is all a person needs
    if (one === "in") return { says: one, range: text, exactly: "exactly" in span };
    if (one === "unknown") says = one;
    if (printed.length < rangesShown) printed.push(text);
    else if (printed.length === rangesShown) printed.push("…");
  }
  return { says, range: printed.join(" | "), exactly: false };
};

/** A span under one order, ready to be asked. */
interface Compiled {
  /** Absent: only a person understands it. */
  readonly set?: VersionSet;
  readonly text: string;
  /** It has every version. */
  readonly every: boolean;
}

/** Spans remembered as they compile; then all are forgotten. A map of texts: one that held spans weakly cost more than it saved. */
const compiledAtMost = 50_000;
const known = new Map<string, Compiled>();

const compiled = (span: AffectedSpan, scheme: VersionScheme): Compiled => {
  const key = `${scheme} ${keyOf(span)}`;
  let one = known.get(key);
  if (one === undefined) {
    if (known.size >= compiledAtMost) known.clear();
    known.set(key, (one = compile(span, scheme)));
  }
  return one;
};

/** Parts are told apart by a character that no version has. */
const keyOf = (span: AffectedSpan): string => {
  if ("exactly" in span) return `=\0${span.exactly}`;
  if ("vers" in span) return `v\0${span.vers}`;
  if ("words" in span) return `w\0${span.words}`;
  const { from = "\0", above = "\0", to = "\0", below = "\0" } = span;
  return `${from}\0${above}\0${to}\0${below}`;
};

const compile = (span: AffectedSpan, scheme: VersionScheme): Compiled => {
  const read = spansOf(span, scheme);
  if (!read.ok) return { text: "words" in span ? span.words : "vers" in span ? span.vers : "", every: false };
  const text = read.value.spans.map(printSpan).join(" | ");
  return { set: read.value, text, every: text === "*" && read.value.holes.length === 0 };
};
