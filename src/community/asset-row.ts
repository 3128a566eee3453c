import { parseAsn } from "#core/asn.ts";
import { suffixKind } from "#core/admit.ts";
import { type CidrRange, cidrRange, networkOf } from "#core/cidr.ts";
import { domainName } from "#core/domain.ts";
import type { ErrorCode } from "#core/errors.ts";
import { type Instant, instant, parseInstant, printInstant } from "#core/instant.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { specialRanges } from "#core/special-ranges.ts";
import { type Asset, type AssetKind, assetKinds, assetProofs, assetWorths } from "./asset.ts";

/** An asset as a file has it: texts, absent where the file says nothing. */
export interface AssetRow {
  readonly kind?: string | undefined;
  readonly value?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly proof?: string | undefined;
  readonly worth?: string | undefined;
}

/**
 * Reads one asset. Tells *all* that is wrong with it, field by field; then there is no asset.
 * Unsaid: held since 1970 (as long as we know), until further notice, declared, of normal worth.
 */
export const readAsset = (
  row: AssetRow,
  tell: (field: keyof AssetRow, problem: Problem) => void,
): Omit<Asset, "id" | "organisation"> | undefined => {
  let good = true;
  const take = <T>(field: keyof AssetRow, result: Result<T>): T | undefined => {
    if (result.ok) return result.value;
    tell(field, result.problem);
    good = false;
    return undefined;
  };
  const kind = take("kind", row.kind === undefined ? missing("kind") : oneOf(assetKinds, "kind", row.kind));
  const value =
    row.value === undefined || row.value === ""
      ? take("value", missing("value"))
      : kind === undefined
        ? undefined
        : take("value", values[kind](row.value));
  const from = row.from === undefined ? always : take("from", parseInstant(row.from));
  const to = row.to === undefined ? undefined : take("to", parseInstant(row.to));
  const proof = take("proof", oneOf(assetProofs, "proof", row.proof ?? "declared"));
  const worth = take("worth", oneOf(assetWorths, "worth", row.worth ?? "normal"));
  if (from !== undefined && to !== undefined && to <= from)
    take("to", no("WGL_DIRECTORY_PERIOD", { from: printInstant(from), to: printInstant(to) }));
  if (!good || kind === undefined || value === undefined || from === undefined) return undefined;
  if (proof === undefined || worth === undefined) return undefined;
  return { kind, value, from, ...(to === undefined ? {} : { to }), proof, worth };
};

/** Since when an asset is held of which nobody said it. */
const always: Instant = instant(0);

const missing = (key: string): Result<never> => no("WGL_DIRECTORY_MISSING", { key });

/** `text` as one of a closed list of words. */
export const oneOf = <const W extends string>(
  words: readonly W[],
  key: string,
  text: string,
  code: ErrorCode = "WGL_DIRECTORY_WORD",
): Result<W> => {
  const found = words.find((word) => word === text);
  return found === undefined ? no(code, { key, value: text, wanted: words.join(", ") }) : ok(found);
};

/**
 * A network as one organisation may hold it: without host bits (the slip may be in the address or in the length, so
 * we ask and do not guess), not wider than any one holder's, and not of a range that everybody uses at home: who
 * declared 10.0.0.0/8 would be told of everybody's hosts. Documentation ranges are allowed; samples live there.
 */
export const readNetwork = (text: string): Result<string> => {
  const range = cidrRange(text);
  if (!range.ok) return range;
  const network = strictNetwork(text, range.value);
  if (!network.ok) return network;
  const limit = range.value.family === 4 ? widest.v4 : widest.v6;
  if (range.value.prefix < limit) return no("WGL_ASSET_BROAD", { value: text, why: `wider than /${limit}` });
  const everybodys = shared.find((one) => overlap(one.range, range.value));
  if (everybodys !== undefined) return no("WGL_ASSET_BROAD", { value: text, why: everybodys.name });
  return network;
};

/** What a sensor guards: any network, private ones too. */
export const readGuarded = (text: string): Result<string> => {
  const range = cidrRange(text);
  return range.ok ? strictNetwork(text, range.value) : range;
};

const strictNetwork = (text: string, range: CidrRange): Result<string> => {
  const wanted = networkOf(range).value;
  const address = text.indexOf("/") < 0 ? text : text.slice(0, text.indexOf("/"));
  const said = cidrRange(address);
  return said.ok && said.value.first === range.first
    ? ok(wanted)
    : no("WGL_NETWORK_HOST_BITS", { value: text, wanted });
};

/** The widest blocks that registries ever gave to one holder (IANA: legacy IPv4 /8; IPv6 /16 is wider than any yet). */
const widest = { v4: 8, v6: 16 } as const;

const shared: readonly { readonly range: CidrRange; readonly name: string }[] = specialRanges.flatMap(
  ([cidr, name]) => {
    const range = cidrRange(cidr);
    return range.ok && !name.includes("documentation") ? [{ range: range.value, name }] : [];
  },
);

const overlap = (a: CidrRange, b: CidrRange): boolean =>
  a.family === b.family && a.first <= b.last && b.first <= a.last;

const readName = (text: string): Result<string> => {
  const name = domainName(text);
  if (name === undefined) return no("WGL_DOMAIN", { value: text });
  return suffixKind(name) === "public" ? no("WGL_ASSET_BROAD", { value: text, why: "a public suffix" }) : ok(name);
};

const readAsn = (text: string): Result<string> => {
  const asn = parseAsn(text);
  return asn.ok ? ok(asn.value.value) : asn;
};

/**
 * A CPE 2.3 formatted string, lower case: "cpe:2.3:" part and ten more components, colons inside escaped.
 * @see NISTIR 7695 §6.2
 */
const readProduct = (text: string): Result<string> =>
  text.length <= 1024 && cpe.test(text) ? ok(text.toLowerCase()) : no("WGL_PRODUCT", { value: text });
const cpe = /^cpe:2\.3:[aho*-](?::(?:[a-z0-9._*?-]|\\[!-~])+){10}$/i;

const values: Readonly<Record<AssetKind, (text: string) => Result<string>>> = {
  network: readNetwork,
  domain: readName,
  "email-domain": readName,
  asn: readAsn,
  product: readProduct,
};
