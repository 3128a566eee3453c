import { type CidrRange, cidrRange } from "#core/cidr.ts";
import { endpointParts } from "#core/endpoint.ts";
import { bigintIpv6, ipv4Number, ipv4Text, ipv6Bigint } from "#core/ip.ts";
import type { Observable } from "#core/observable.ts";
import { urlParts } from "#core/url.ts";
import { coverings, eachParent, eachPathOver, withoutFragment } from "#intel/search-covering.ts";

/**
 * Networks under which seen IPv6 addresses are kept. Few, for each costs a row of every value: a listed network is found
 * through the next one of these around it, or through all of these inside it.
 */
const steps6 = [48, 32] as const;
/** The same of IPv4, as they were kept before their fingerprints lay in the addresses' order (value-fingerprint.ts). */
const steps4 = [24, 16] as const;

/** Networks a listed one is taken apart into at most: a /0 in steps of /16. */
const partsAtMost = 65_536;

/**
 * What leads to a value that was seen, beside the value itself: networks around an IPv6 address, parents of a name, a page
 * without its scheme and its leading paths; an IPv4 address is found by its place among all. `huntKeys` asks by the same words; a
 * test holds the two to what `MatchReader.lookup` finds. No object is made: a batch has a hundred thousand of them.
 */
export const eachCover = (kind: Observable["kind"], value: string, tell: (kind: Kind, value: string) => void): void => {
  switch (kind) {
    case "ipv6":
      for (const prefix of steps6) tell("cidr", network6(ipv6Bigint(value) ?? 0n, prefix).value);
      return;
    case "domain":
      eachParent(value, (parent) => tell("domain", parent));
      return;
    case "endpoint": {
      const one = hostOf(endpointParts(value).host);
      tell(one.kind, one.value);
      eachCover(one.kind, one.value, tell);
      return;
    }
    case "url": {
      // in a list a page has any scheme or none
      const bare = withoutFragment(value);
      tell("url", bare.slice(bare.indexOf("//")));
      eachPathOver(urlParts(bare).path, (over) => tell("path", over));
      return;
    }
    case "path":
      eachPathOver(value, (over) => {
        if (over.length < value.length) tell("path", over);
      });
      return;
    default:
  }
};
type Kind = Observable["kind"];

export const coversOf = ({ kind, value }: Observable): readonly Observable[] => {
  const covers: Observable[] = [];
  eachCover(kind, value, (over, text) => covers.push({ kind: over, value: text }));
  return covers;
};

/** By which words history is asked for what a listed value would match: values as they were seen, and covers of them. */
export interface HuntKeys {
  readonly values: readonly Observable[];
  readonly covers: readonly Observable[];
  /** Of IPv4 addresses: the first and the last that it matches. */
  readonly network?: { readonly first: number; readonly last: number };
}

/** @returns more candidates than match: whoever asks verifies each with the match index, as live matching does */
export const huntKeys = (listed: Observable): HuntKeys => {
  const { kind, value } = listed;
  switch (kind) {
    case "cidr": {
      const range = cidrRange(value);
      if (!range.ok) return { values: [listed], covers: [] };
      const covers = partsOf(range.value);
      return { ...{ values: [listed], covers }, ...(range.value.family === 4 ? { network: range.value } : {}) };
    }
    case "domain":
    case "path":
      return { values: [listed], covers: [listed] };
    case "endpoint":
      return { values: [listed, hostOf(endpointParts(value).host)], covers: [] };
    case "url":
      return { values: [listed], covers: coverings(listed).slice(0, 1) };
    default:
      // an address inside a seen endpoint
      return kind === "ipv4" || kind === "ipv6"
        ? { values: [listed], covers: [listed] }
        : { values: [listed], covers: [] };
  }
};

const hostOf = (host: string): Observable =>
  ipv4Number(host) >= 0
    ? { kind: "ipv4", value: host }
    : host.includes(":")
      ? { kind: "ipv6", value: host }
      : { kind: "domain", value: host };

const network4 = (address: number, prefix: number): Observable => ({
  kind: "cidr",
  value: `${ipv4Text(address - (address % 2 ** (32 - prefix)))}/${prefix}`,
});

const network6 = (address: bigint, prefix: number): Observable => ({
  kind: "cidr",
  value: `${bigintIpv6((address >> BigInt(128 - prefix)) << BigInt(128 - prefix))}/${prefix}`,
});

const partsOf = (range: CidrRange): readonly Observable[] => {
  const { prefix: length } = range;
  if (range.family === 4) {
    const { first } = range;
    const step = steps4.find((prefix) => prefix <= length);
    if (step !== undefined) {
      // inside one of ours; a wider one of the shorter step is fewer questions than many of the longer
      const parts = length < steps4[0] ? 2 ** (steps4[0] - length) : 1;
      return Array.from({ length: parts }, (_, at) => network4(first + at * 256, steps4[0]));
    }
    return Array.from({ length: 2 ** (steps4[1] - length) }, (_, at) => network4(first + at * 65_536, steps4[1]));
  }
  const { first } = range;
  if (length >= steps6[0]) return [network6(first, steps6[0])];
  if (length >= steps6[1]) return [network6(first, steps6[1])];
  const parts = Math.min(2 ** (steps6[1] - length), partsAtMost);
  return Array.from({ length: parts }, (_, at) => network6(first + (BigInt(at) << BigInt(128 - steps6[1])), steps6[1]));
};
