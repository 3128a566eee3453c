import { ipv4Number, ipv6Bigint } from "#core/ip.ts";

/** Whose an address is, as far as public routing and registries say; offline, and as old as the data pack. */
export interface AddressOrigin {
  /** "AS64496" */
  readonly asn?: string;
  /** The AS's name as registered. */
  readonly holder?: string;
  /** ISO 3166-1 alpha-2 of the registration, which is not where a machine stands. */
  readonly country?: string;
}

/** Sorted, disjoint ranges of IPv4 and of the upper 64 bits of IPv6, each with a number: 12 bytes and 20 bytes a range. */
interface Ranges {
  readonly first4: Uint32Array;
  readonly last4: Uint32Array;
  readonly is4: Uint32Array;
  readonly first6: BigUint64Array;
  readonly last6: BigUint64Array;
  readonly is6: Uint32Array;
}

/**
 * Addresses → AS number and country, from the tables of two npm data packs (`start,end,number,"name"` and
 * `start,end,CC`, numbers in decimal, sorted by start). IPv6 ranges are kept to their upper 64 bits: nobody announces less.
 */
export class AddressTable {
  readonly #asn: Ranges;
  readonly #country: Ranges;
  readonly #names: ReadonlyMap<number, string>;

  constructor(tables: {
    readonly asn4: Uint8Array;
    readonly asn6: Uint8Array;
    readonly country4: Uint8Array;
    readonly country6: Uint8Array;
  }) {
    const names = new Map<number, string>();
    const numbered = (line: string, from: number): number => {
      const comma = line.indexOf(",", from);
      const number = Number(comma < 0 ? line.slice(from) : line.slice(from, comma));
      if (comma >= 0 && !names.has(number)) names.set(number, unquoted(line.slice(comma + 1)));
      return number;
    };
    this.#asn = readRanges(tables.asn4, tables.asn6, numbered);
    this.#country = readRanges(tables.country4, tables.country6, countryNumber);
    this.#names = names;
  }

  /** @param ip canonical IPv4 or IPv6; anything else is of nobody */
  of(ip: string): AddressOrigin {
    const asn = find(this.#asn, ip);
    const country = find(this.#country, ip);
    const holder = asn === undefined ? undefined : this.#names.get(asn);
    return {
      ...(asn === undefined ? {} : { asn: `AS${asn}` }),
      ...(holder === undefined || holder === "" ? {} : { holder }),
      ...(country === undefined ? {} : { country: String.fromCharCode(country >> 8, country & 255) }),
    };
  }
}

const find = (ranges: Ranges, ip: string): number | undefined => {
  const v4 = ipv4Number(ip);
  if (v4 >= 0) return at(ranges.first4, ranges.last4, ranges.is4, v4);
  const v6 = ipv6Bigint(ip);
  return v6 === undefined ? undefined : at(ranges.first6, ranges.last6, ranges.is6, v6 >> 64n);
};

const at = <N extends number | bigint>(
  first: { readonly length: number; readonly [at: number]: N },
  last: { readonly [at: number]: N },
  is: Uint32Array,
  value: N,
): number | undefined => {
  let [low, high] = [0, first.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((first[middle] as N) <= value) low = middle + 1;
    else high = middle;
  }
  const end = low === 0 ? undefined : last[low - 1];
  return end !== undefined && value <= end ? is[low - 1] : undefined;
};

const readRanges = (v4: Uint8Array, v6: Uint8Array, numberOf: (line: string, from: number) => number): Ranges => {
  const four = linesOf(v4);
  const first4 = new Uint32Array(four.length);
  const last4 = new Uint32Array(four.length);
  const is4 = new Uint32Array(four.length);
  four.forEach((line, row) => {
    const [one, two] = commas(line);
    first4[row] = Number(line.slice(0, one));
    last4[row] = Number(line.slice(one + 1, two));
    is4[row] = numberOf(line, two + 1);
  });
  const six = linesOf(v6);
  const first6 = new BigUint64Array(six.length);
  const last6 = new BigUint64Array(six.length);
  const is6 = new Uint32Array(six.length);
  six.forEach((line, row) => {
    const [one, two] = commas(line);
    first6[row] = BigInt(line.slice(0, one)) >> 64n;
    last6[row] = BigInt(line.slice(one + 1, two)) >> 64n;
    is6[row] = numberOf(line, two + 1);
  });
  return { first4, last4, is4, first6, last6, is6 };
};

const linesOf = (bytes: Uint8Array): readonly string[] =>
  new TextDecoder()
    .decode(bytes)
    .split("\n")
    .filter((line) => line !== "");

const commas = (line: string): readonly [number, number] => {
  const one = line.indexOf(",");
  return [one, line.indexOf(",", one + 1)];
};

const countryNumber = (line: string, from: number): number => (line.charCodeAt(from) << 8) | line.charCodeAt(from + 1);

const unquoted = (text: string): string => {
  const bare = text.trimEnd();
  return bare.startsWith('"') ? bare.slice(1, -1).replaceAll('""', '"') : bare;
};
