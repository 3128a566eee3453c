import type { ObservableKind } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import { readValue, type Recognised } from "#core/recognise.ts";
import type { Comparison, Constant, ObjectTest, Pattern } from "./pattern.ts";

const addresses: readonly ObservableKind[] = ["ipv4", "ipv6", "cidr"];

/** STIX 2.1 §6: object paths whose value alone is worth watching for, and the kinds it may be. */
const paths: Readonly<Record<string, readonly ObservableKind[]>> = {
  "ipv4-addr:value": ["ipv4", "cidr"],
  "ipv6-addr:value": ["ipv6", "ipv4", "cidr"],
  "domain-name:value": ["domain"],
  "url:value": ["url"],
  "email-addr:value": ["email"],
  "email-message:from_ref.value": ["email"],
  "email-message:sender_ref.value": ["email"],
  "network-traffic:dst_ref.value": [...addresses, "domain"],
  "network-traffic:src_ref.value": [...addresses, "domain"],
  "file:hashes.MD5": ["md5"],
  "file:hashes.SHA-1": ["sha1"],
  "file:hashes.SHA-256": ["sha256"],
  "file:hashes.SHA-512": ["sha512"],
};

/** Hash names as other tools write them. */
const aliases: Readonly<Record<string, string>> = {
  "file:hashes.md5": "file:hashes.MD5",
  "file:hashes.SHA1": "file:hashes.SHA-1",
  "file:hashes.SHA256": "file:hashes.SHA-256",
  "file:hashes.SHA512": "file:hashes.SHA-512",
};

/** Object types a reference's `type` may be asked for beside its `value`, and the kinds that says. */
const kindsOfType: Readonly<Record<string, readonly ObservableKind[]>> = {
  "ipv4-addr": ["ipv4", "cidr"],
  "ipv6-addr": ["ipv6", "cidr"],
  "domain-name": ["domain"],
  "email-addr": ["email"],
};

/**
 * The values any one of which makes the pattern true. OR, inside `[ ]` and between them, gives all of them; ISSUBSET gives
 * the network; AND over an address and a port gives an endpoint; AND over several hashes of one file gives the strongest;
 * a reference's type beside its value is taken as said. Anything else (several observations, qualifiers, NOT, text
 * operators, other AND) needs more than a value: WGL_STIX_PATTERN_UNSUPPORTED, and `compilePattern` matches it.
 */
export const observablesOf = (pattern: Pattern): Result<readonly Recognised[]> => {
  switch (pattern.kind) {
    case "observation":
      return ofTest(pattern.test);
    case "any":
      return ofEach(pattern.of, observablesOf);
    default:
      return unsupported(words[pattern.kind], pattern.column);
  }
};

const words = {
  all: "AND between observations",
  followed: "FOLLOWEDBY",
  within: "WITHIN",
  repeats: "REPEATS",
  between: "START",
} as const satisfies Record<Exclude<Pattern["kind"], "observation" | "any">, string>;

const ofTest = (test: ObjectTest): Result<readonly Recognised[]> => {
  switch (test.kind) {
    case "comparison":
      return ofComparison(test);
    case "either":
      return ofEach(test.of, ofTest);
    case "both":
      return ofBoth(test.of);
  }
};

const ofEach = <T>(
  parts: readonly T[],
  read: (part: T) => Result<readonly Recognised[]>,
): Result<readonly Recognised[]> => {
  const all: Recognised[] = [];
  for (const part of parts) {
    const found = read(part);
    if (!found.ok) return found;
    all.push(...found.value);
  }
  return ok(all);
};

/** The object path of a comparison as `paths` has it. */
const keyOf = ({ type, path }: Comparison): string => {
  const written = `${type}:${path.map((step) => (typeof step === "object" ? "*" : step)).join(".")}`;
  return aliases[written] ?? written;
};

const unsupported = (what: string, column: number): Result<never> =>
  no("WGL_STIX_PATTERN_UNSUPPORTED", { what, column });

const firstColumn = (test: ObjectTest): number => {
  if (test.kind === "comparison") return test.column;
  const [first] = test.of;
  return first === undefined ? 1 : firstColumn(first);
};

/** Operators that name values; NOT of them names all others. */
const naming: ReadonlySet<string> = new Set(["=", "IN", "ISSUBSET"]);

/** Kinds of values that a comparison asks for; undefined: what it asks is no value to watch for. */
export const kindsOf = (comparison: Comparison): readonly ObservableKind[] | undefined => {
  const key = keyOf(comparison);
  if (key === "autonomous-system:number") return ["asn"];
  return Object.hasOwn(paths, key) ? paths[key] : undefined;
};

/** The values any one of which makes one comparison true; problems as of `observablesOf`. */
export const ofComparison = (comparison: Comparison): Result<readonly Recognised[]> => {
  const { operator, not, operatorColumn, column, constants } = comparison;
  if (not || !naming.has(operator)) return unsupported(not ? "NOT" : operator, operatorColumn);
  const odd = constants.find(({ is }) => is === "timestamp" || is === "bytes");
  if (odd !== undefined) return unsupported(`a constant (${odd.is})`, odd.column);
  const key = keyOf(comparison);
  const isNumber = key === "autonomous-system:number";
  const kinds = kindsOf(comparison);
  if (kinds === undefined) return unsupported(key, column);
  if (operator === "ISSUBSET" && !kinds.includes("cidr")) return unsupported(operator, operatorColumn);
  return ofEach(constants, ({ value }) => {
    const read = readValue(isNumber ? `AS${value}` : `${value}`);
    if (!read.ok) return read;
    return kinds.includes(read.value.observable.kind)
      ? ok([read.value])
      : no("WGL_STIX_PATTERN", { column, wanted: kinds.join(" or ") });
  });
};

const strength = ["file:hashes.SHA-512", "file:hashes.SHA-256", "file:hashes.SHA-1", "file:hashes.MD5"];

const ofBoth = (of: readonly ObjectTest[]): Result<readonly Recognised[]> => {
  const column = Math.min(...of.map(firstColumn));
  const all = of.filter((part) => part.kind === "comparison");
  if (all.length !== of.length) return unsupported("AND over groups", column);
  const said = saidTypes(all);
  if (said === undefined) return unsupported("AND", column);
  const [only] = said.others;
  if (said.others.length === 1 && only !== undefined) return ofTyped(only, said.types);
  return strongest(said.others) ?? endpointOf(said.others, said.types) ?? unsupported("AND", column);
};

interface Said {
  /** "network-traffic:dst_ref" → the type its object is said to have. */
  readonly types: ReadonlyMap<string, string>;
  readonly others: readonly Comparison[];
}

/** Takes `x_ref.type = 'ipv4-addr'` apart from the rest; undefined when two types are asked of one reference. */
const saidTypes = (all: readonly Comparison[]): Said | undefined => {
  const types = new Map<string, string>();
  const others: Comparison[] = [];
  for (const comparison of all) {
    const key = keyOf(comparison);
    const reference = key.endsWith("_ref.type") ? key.slice(0, -".type".length) : undefined;
    const value = comparison.operator === "=" && !comparison.not ? comparison.constants[0]?.value : undefined;
    if (reference === undefined || typeof value !== "string" || !Object.hasOwn(kindsOfType, value)) {
      others.push(comparison);
      continue;
    }
    if ((types.get(reference) ?? value) !== value) return undefined;
    types.set(reference, value);
  }
  return { types, others };
};

/** The values of a comparison, held to the type that its reference was said to have. */
const ofTyped = (comparison: Comparison, types: Said["types"]): Result<readonly Recognised[]> => {
  const values = ofComparison(comparison);
  const kinds = kindsSaid(comparison, types);
  if (kinds === undefined || !values.ok) return values;
  return values.value.every(({ observable }) => kinds.includes(observable.kind))
    ? values
    : no("WGL_STIX_PATTERN", { column: comparison.column, wanted: kinds.join(" or ") });
};

const kindsSaid = (comparison: Comparison, types: Said["types"]): readonly ObservableKind[] | undefined => {
  const type = types.get(keyOf(comparison).replace(/\.value$/, ""));
  return type === undefined ? undefined : kindsOfType[type];
};

/** Every other property of the file is implied by the strongest hash. */
const strongest = (all: readonly Comparison[]): Result<readonly Recognised[]> | undefined => {
  const isNamed = (part: Comparison): boolean => part.operator === "=" && !part.not;
  if (!all.every((part) => part.type === "file" && isNamed(part))) return undefined;
  const best = strength.find((key) => all.some((part) => keyOf(part) === key));
  const chosen = all.find((part) => keyOf(part) === best);
  return chosen === undefined ? undefined : ofComparison(chosen);
};

/** `network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 8080`, in either order. */
const endpointOf = (all: readonly Comparison[], types: Said["types"]): Result<readonly Recognised[]> | undefined => {
  const named = (key: string): Comparison | undefined =>
    all.find((part) => keyOf(part) === key && (part.operator === "=" || part.operator === "IN") && !part.not);
  const host = named("network-traffic:dst_ref.value");
  const port = named("network-traffic:dst_port");
  if (all.length !== 2 || host === undefined || port === undefined) return undefined;
  const hosts = ofTyped(host, types);
  if (!hosts.ok) return hosts;
  const texts = (constants: readonly Constant[]): readonly string[] => constants.map(({ value }) => `${value}`);
  return ofEach(texts(host.constants), (address) =>
    ofEach(texts(port.constants), (number) => {
      const read = readValue(address.includes(":") ? `[${address}]:${number}` : `${address}:${number}`);
      return read.ok ? ok([read.value]) : read;
    }),
  );
};
