import type { ObservableKind } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import { readValue, type Recognised } from "#core/recognise.ts";
import type { Comparison, PatternAst } from "./pattern.ts";

/** STIX 2.1 §6: object paths whose value alone is worth watching for, and the kinds it may be. */
const paths: Readonly<Record<string, readonly ObservableKind[]>> = {
  "ipv4-addr:value": ["ipv4", "cidr"],
  "ipv6-addr:value": ["ipv6", "ipv4", "cidr"],
  "domain-name:value": ["domain"],
  "url:value": ["url"],
  "email-addr:value": ["email"],
  "email-message:from_ref.value": ["email"],
  "email-message:sender_ref.value": ["email"],
  "network-traffic:dst_ref.value": ["ipv4", "ipv6", "cidr", "domain"],
  "file:hashes.MD5": ["md5"],
  "file:hashes.SHA-1": ["sha1"],
  "file:hashes.SHA-256": ["sha256"],
  "file:hashes.SHA-512": ["sha512"],
};

/** Hash names as other tools write them, and autonomous systems, whose value is a number. */
const aliases: Readonly<Record<string, string>> = {
  "file:hashes.md5": "file:hashes.MD5",
  "file:hashes.SHA1": "file:hashes.SHA-1",
  "file:hashes.SHA256": "file:hashes.SHA-256",
  "file:hashes.SHA512": "file:hashes.SHA-512",
};

/**
 * The values any one of which makes the pattern true. OR gives all of them; AND over an address and a port gives an
 * endpoint; AND over several hashes of one file gives the strongest. Any other AND needs all its parts at once, which a
 * single value cannot say: WGL_STIX_PATTERN_UNSUPPORTED.
 */
export const observablesOf = (ast: PatternAst): Result<readonly Recognised[]> => {
  switch (ast.kind) {
    case "comparison":
      return ofComparison(ast);
    case "either": {
      const all: Recognised[] = [];
      for (const part of ast.of) {
        const found = observablesOf(part);
        if (!found.ok) return found;
        all.push(...found.value);
      }
      return ok(all);
    }
    case "both":
      return ofBoth(ast.of);
  }
};

const keyOf = (comparison: Comparison): string => {
  const written = `${comparison.type}:${comparison.path.join(".")}`;
  return aliases[written] ?? written;
};

const unsupported = (ast: PatternAst, what: string): Result<never> =>
  no("WGL_STIX_PATTERN_UNSUPPORTED", { what, column: firstColumn(ast) });

const firstColumn = (ast: PatternAst): number => {
  if (ast.kind === "comparison") return ast.column;
  const first = ast.of[0];
  return first === undefined ? 1 : firstColumn(first);
};

const ofComparison = (comparison: Comparison): Result<readonly Recognised[]> => {
  const key = keyOf(comparison);
  if (key === "autonomous-system:number") {
    const numbers: Recognised[] = [];
    for (const value of comparison.values) {
      const read = readValue(`AS${value}`);
      if (!read.ok) return read;
      numbers.push(read.value);
    }
    return ok(numbers);
  }
  const kinds = Object.hasOwn(paths, key) ? paths[key] : undefined;
  if (kinds === undefined) return unsupported(comparison, key);
  const all: Recognised[] = [];
  for (const value of comparison.values) {
    const read = readValue(String(value));
    if (!read.ok) return read;
    if (!kinds.includes(read.value.observable.kind))
      return no("WGL_STIX_PATTERN", { column: comparison.column, wanted: kinds.join(" or ") });
    all.push(read.value);
  }
  return ok(all);
};

const strength = ["file:hashes.SHA-512", "file:hashes.SHA-256", "file:hashes.SHA-1", "file:hashes.MD5"];

const ofBoth = (of: readonly PatternAst[]): Result<readonly Recognised[]> => {
  const comparisons = of.filter((part) => part.kind === "comparison");
  const [first] = of;
  if (first === undefined || comparisons.length !== of.length) return unsupported(first ?? empty, "AND over groups");
  const strongest = strength.find((key) => comparisons.some((part) => keyOf(part) === key));
  if (
    strongest !== undefined &&
    comparisons.every((part) => strength.includes(keyOf(part)) || keyOf(part).startsWith("file:"))
  ) {
    const chosen = comparisons.find((part) => keyOf(part) === strongest);
    if (chosen !== undefined) return ofComparison(chosen);
  }
  return endpointOf(comparisons) ?? unsupported(first, "AND");
};

const empty: PatternAst = { kind: "either", of: [] };

/** `network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 8080`, in either order. */
const endpointOf = (comparisons: readonly Comparison[]): Result<readonly Recognised[]> | undefined => {
  const host = comparisons.find((part) => keyOf(part) === "network-traffic:dst_ref.value");
  const port = comparisons.find((part) => keyOf(part) === "network-traffic:dst_port");
  if (comparisons.length !== 2 || host === undefined || port === undefined) return undefined;
  const all: Recognised[] = [];
  for (const address of host.values)
    for (const number of port.values) {
      const text = String(address);
      const read = readValue(text.includes(":") ? `[${text}]:${number}` : `${text}:${number}`);
      if (!read.ok) return read;
      all.push(read.value);
    }
  return ok(all);
};
