import { cidrRange } from "./cidr.ts";
import { assert } from "./result.ts";

/**
 * Ranges no stranger on the Internet can answer from, most specific first, with the word a person reads.
 * @see IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190), RFC 5771, RFC 4291 §2.7
 */
export const specialRanges: readonly (readonly [cidr: string, name: string])[] = [
  ["0.0.0.0/32", "unspecified"],
  ["255.255.255.255/32", "broadcast"],
  ["0.0.0.0/8", "this network"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "CGNAT"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "IETF protocol assignments"],
  ["192.0.2.0/24", "TEST-NET-1 documentation"],
  ["192.88.99.0/24", "6to4 relay anycast"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmark"],
  ["198.51.100.0/24", "TEST-NET-2 documentation"],
  ["203.0.113.0/24", "TEST-NET-3 documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["64:ff9b:1::/48", "local-use translation"],
  ["100::/64", "discard-only"],
  ["2001:db8::/32", "documentation"],
  ["3fff::/20", "documentation"],
  ["5f00::/16", "segment routing"],
  ["fc00::/7", "unique local"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "site-local"],
  ["ff00::/8", "multicast"],
];

interface Named<N> {
  readonly first: N;
  readonly last: N;
  readonly name: string;
}

const ranges = specialRanges.map(([cidr, name]) => {
  const range = cidrRange(cidr);
  assert(range.ok, `special range ${cidr} is no network`);
  return { range: range.value, name };
});
const v4: readonly Named<number>[] = ranges.flatMap(({ range, name }) =>
  range.family === 4 ? [{ first: range.first, last: range.last, name }] : [],
);
const v6: readonly Named<bigint>[] = ranges.flatMap(({ range, name }) =>
  range.family === 6 ? [{ first: range.first, last: range.last, name }] : [],
);

/** Which of the first bytes 0–255 can be special at all, so that most addresses cost one look. */
const firstByte: Uint8Array = new Uint8Array(256);
for (const { first, last } of v4) firstByte.fill(1, first >>> 24, (last >>> 24) + 1);

/** The special range that holds the whole of `[first, last]`, by name. */
export const specialRange4 = (first: number, last: number = first): string | undefined => {
  if (firstByte[first >>> 24] === 0) return undefined;
  for (const range of v4) if (first >= range.first && last <= range.last) return range.name;
  return undefined;
};

export const specialRange6 = (first: bigint, last: bigint = first): string | undefined => {
  for (const range of v6) if (first >= range.first && last <= range.last) return range.name;
  return undefined;
};
