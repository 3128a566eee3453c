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
    const numbered = (bytes: Uint8Array, from: number, to: number): number => {
      const comma = commaIn(bytes, from, to);
      const number = wholeNumber(bytes, from, comma);
      if (comma < to && !names.has(number)) names.set(number, unquoted(textOf(bytes, comma + 1, to)));
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

/** What stands behind the second comma of a row, as a number. */
type NumberOf = (bytes: Uint8Array, from: number, to: number) => number;

const readRanges = (v4: Uint8Array, v6: Uint8Array, numberOf: NumberOf): Ranges => {
  const four = rowsOf(v4);
  const first4 = new Uint32Array(four);
  const last4 = new Uint32Array(four);
  const is4 = new Uint32Array(four);
  eachRow(v4, (row, from, one, two, to) => {
    first4[row] = wholeNumber(v4, from, one);
    last4[row] = wholeNumber(v4, one + 1, two);
    is4[row] = numberOf(v4, two + 1, to);
  });
  const six = rowsOf(v6);
  const first6 = new BigUint64Array(six);
  const last6 = new BigUint64Array(six);
  const is6 = new Uint32Array(six);
  eachRow(v6, (row, from, one, two, to) => {
    first6[row] = BigInt(textOf(v6, from, one)) >> 64n;
    last6[row] = BigInt(textOf(v6, one + 1, two)) >> 64n;
    is6[row] = numberOf(v6, two + 1, to);
  });
  return { first4, last4, is4, first6, last6, is6 };
};

const newline = 10;
const comma = 44;

/**
 * Every row that is not empty, with where it begins, its first two commas, and its end. Rows are read from the bytes: a text that is
 * cut out of the text of a whole table keeps all of that in memory, 65 MB for as long as the process lives.
 */
const eachRow = (
  bytes: Uint8Array,
  each: (row: number, from: number, one: number, two: number, to: number) => void,
): void => {
  let row = 0;
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(newline, from);
    const to = at < 0 ? bytes.length : at;
    if (to > from) {
      const one = commaIn(bytes, from, to);
      each(row++, from, one, commaIn(bytes, one + 1, to), to);
    }
    from = to + 1;
  }
};

const rowsOf = (bytes: Uint8Array): number => {
  let rows = 0;
  eachRow(bytes, () => rows++);
  return rows;
};

/** Where the next comma is; `to` where there is none. */
const commaIn = (bytes: Uint8Array, from: number, to: number): number => {
  let at = from;
  while (at < to && bytes[at] !== comma) at++;
  return Math.min(at, to);
};

/** Decimal digits, as many as a number holds exactly. */
const wholeNumber = (bytes: Uint8Array, from: number, to: number): number => {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + ((bytes[at] ?? 0) - 48);
  return number;
};

const decoder = new TextDecoder();
const textOf = (bytes: Uint8Array, from: number, to: number): string => decoder.decode(bytes.subarray(from, to));

const countryNumber: NumberOf = (bytes, from) => ((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0);

const unquoted = (text: string): string => {
  const bare = text.trimEnd();
  return bare.startsWith('"') ? bare.slice(1, -1).replaceAll('""', '"') : bare;
};
