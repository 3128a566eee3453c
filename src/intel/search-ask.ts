import { cidrRange } from "#core/cidr.ts";
import { bigintIpv6, ipv4Text } from "#core/ip.ts";
import type { Observable } from "#core/observable.ts";
import { readValue, stripBlanks } from "#core/recognise.ts";
import { refang } from "#core/refang.ts";
import { fromRight, placeOf } from "./search-keys.ts";
import { soughtWords } from "./search-words.ts";

/**
 * Ways a value answers a question, nearest first.
 *   is      it is the value that was pasted, whatever the spelling
 *   around  it covers it (a network, a parent) or lies in it (addresses, names, URLs)
 *   said    the words stand in what a source calls it, or in the source's name
 *   alike   it can be taken for it
 *   part    the text stands in it
 */
export const searchWays = ["is", "around", "said", "alike", "part"] as const;
export type SearchWay = (typeof searchWays)[number];

/** What a pasted text asks for. Ways that are absent make no sense for it. */
export interface Sought {
  /** What the text is, when it is a value at all. */
  readonly value?: Observable;
  readonly around?: Around;
  /** A name, or a bare word that could be one's. */
  readonly alike?: string;
  /** At least three characters, lower case. */
  readonly part?: string;
  /** All must be said. */
  readonly said?: readonly string[];
}

export type Around =
  /** Names: the parents that cover it, and everything whose name begins (from the right) with `under`. */
  | { readonly kind: "host"; readonly parents: readonly string[]; readonly under?: string }
  /** Networks and addresses as PostgreSQL's inet: those that hold it, and the range it spans. */
  | { readonly kind: "net"; readonly over: readonly string[]; readonly first: string; readonly last: string };

/** Shorter parts have no trigram, and would find half of everything. */
export const shortestPart = 3;
const longestPart = 256;

/** What a text asks for: nobody chooses a mode. Nothing asked: an empty object. */
export const understand = (text: string): Sought => {
  const plain = stripBlanks(text.replaceAll("\0", "").normalize("NFC"));
  if (plain === "") return {};
  // "*text*": whoever writes stars wants what has it in it, and not the value that it also is
  const starred = /^\*([^*]+)\*$/.exec(plain)?.[1];
  if (starred !== undefined) {
    const part = refang(starred).toLowerCase();
    return part.length >= shortestPart && part.length <= longestPart ? { part } : {};
  }
  const read = readValue(plain);
  if (!read.ok) {
    const part = refang(plain).toLowerCase();
    const said = soughtWords(plain);
    return {
      ...(said.length > 0 ? { said } : {}),
      ...(part.length >= shortestPart && part.length <= longestPart && !/\s/.test(part) ? { part } : {}),
      ...(/^[\p{L}\p{N}-]{4,40}$/u.test(part) ? { alike: part } : {}),
    };
  }
  const value = read.value.observable;
  const around = aroundOf(value);
  return {
    value,
    ...(around === undefined ? {} : { around }),
    ...(value.kind === "domain" ? { alike: value.value } : {}),
    ...(value.kind === "asn" ? { said: soughtWords(value.value) } : {}),
  };
};

export const aroundOf = (value: Observable): Around | undefined => {
  const place = placeOf(value);
  if (place === undefined) return undefined;
  if (place.kind === "host") {
    const labels = place.value.split(".");
    // the last label alone is nobody's
    const names = labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
    const self = value.kind === "domain";
    return {
      kind: "host",
      parents: (self ? names.slice(1) : names).map(fromRight),
      ...(self ? { under: fromRight(place.value) } : {}),
    };
  }
  const range = cidrRange(place.value);
  if (!range.ok) return undefined;
  const { family, prefix, first, last } = range.value;
  const width = family === 4 ? 32 : 128;
  const textOf = (address: number | bigint): string =>
    typeof address === "bigint" ? bigintIpv6(address) : ipv4Text(address);
  const over = Array.from({ length: prefix }, (_, length) => {
    const base =
      typeof first === "bigint"
        ? (first >> BigInt(128 - length)) << BigInt(128 - length)
        : length === 0
          ? 0
          : first - (first % 2 ** (32 - length));
    return `${textOf(base)}/${length}`;
  });
  return { kind: "net", over, first: `${textOf(first)}/${prefix}`, last: `${textOf(last)}/${width}` };
};
