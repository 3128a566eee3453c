import { cidrRange } from "#core/cidr.ts";
import { ipv4Number, ipv6Bigint } from "#core/ip.ts";
import type { Direction, TelemetryRecord } from "#telemetry/format.ts";

/** The networks a sensor guards. */
export interface Networks {
  /** Of a canonical address. */
  readonly has: (address: string) => boolean;
  /** Who reached for whom, by canonical addresses. Ours to a multicast or broadcast address stays inside. */
  readonly between: (source: string, destination: string) => Direction;
}

/**
 * Ours without being told: private, unique-local, loopback and link-local addresses (RFC 1918, 4193, 6890, 4291). Not
 * the carriers' shared space (RFC 6598), behind which strangers live.
 */
export const privateNetworks: readonly string[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/** Nobody's: who sends there speaks to its own network (multicast, broadcast, "this host"). */
const local: readonly string[] = ["224.0.0.0/4", "255.255.255.255/32", "0.0.0.0/32", "ff00::/8", "::/128"];

/**
 * `own` beside the private ones; an entry that is no network is passed over, the directory has refused it before. The same
 * list again gives the same answer, and what that has remembered: batches of one organisation come one after the other.
 */
export const networks = (own: readonly string[] = []): Networks => {
  const key = own.join("\0");
  const before = made.get(key);
  if (before) return before;
  const guarded = guarding(
    inside([...privateNetworks, ...own]),
    // one look for both, since each end of each record is asked
    inside([...privateNetworks, ...own, ...local]),
  );
  if (made.size >= listsKept) made.clear();
  made.set(key, guarded);
  return guarded;
};

/** Lists whose networks are remembered; some are long. */
const listsKept = 16;
const made = new Map<string, Networks>();

/** Networks told by their addresses. */
export const networksThat = (has: Networks["has"]): Networks =>
  guarding(has, (address) => has(address) || nobodys(address));

/** @param keeps ours, or nobody's: what goes there stays inside */
const guarding = (has: Networks["has"], keeps: Networks["has"]): Networks => {
  // asked for last: one record after the other is looked at by many, each of which asks for it. The memory changes no answer
  const last: { source: string; destination: string; direction: Direction } = {
    ...{ source: "", destination: "", direction: "unknown" },
  };
  return {
    has,
    between: (source, destination) => {
      if (last.source === source && last.destination === destination) return last.direction;
      const from = keeps(source);
      const to = keeps(destination);
      last.source = source;
      last.destination = destination;
      last.direction = from ? (to ? "internal" : "outbound") : to ? "inbound" : "unknown";
      return last.direction;
    },
  };
};

/** Addresses of version 6 are long to read, and the same ones come again and again: so many answers are remembered. */
const answersKept = 4096;

const inside = (cidrs: readonly string[]): ((address: string) => boolean) => {
  const v4: { first: number; last: number }[] = [];
  const v6: { first: bigint; last: bigint }[] = [];
  for (const cidr of cidrs) {
    const range = cidrRange(cidr);
    if (!range.ok) continue;
    if (range.value.family === 4) v4.push(range.value);
    else v6.push(range.value);
  }
  // first and last of each in turn, apart and ascending: an address is inside when an odd number of borders lies below it
  const borders = new Float64Array(apart(v4).flatMap(({ first, last }) => [first, last + 1]));
  const answers = new Map<string, boolean>();
  const has6 = (address: string): boolean => {
    const bits = ipv6Bigint(address);
    return bits !== undefined && v6.some((range) => bits >= range.first && bits <= range.last);
  };
  return (address) => {
    const number = ipv4Number(address);
    if (number >= 0) return bordersUpTo(borders, number) % 2 === 1;
    const known = answers.get(address);
    if (known !== undefined) return known;
    const answer = has6(address);
    if (answers.size >= answersKept) answers.clear();
    answers.set(address, answer);
    return answer;
  };
};

const apart = (
  ranges: readonly { first: number; last: number }[],
): readonly { readonly first: number; readonly last: number }[] => {
  const merged: { first: number; last: number }[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last);
    else merged.push({ first, last });
  }
  return merged;
};

/** How many of the ascending numbers are at most this one. */
const bordersUpTo = (borders: Float64Array, number: number): number => {
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((borders[middle] as number) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
};

const nobodys = inside(local);

type Ends = Pick<TelemetryRecord, "source" | "destination">;

/** Who reached for whom; unknown where the record does not name both. */
export const directionOf = ({ source, destination }: Ends, own: Networks): Direction =>
  source === undefined || destination === undefined ? "unknown" : own.between(source, destination);

/** Our end of it: who began it where both or neither are ours; absent where the record names no end. */
export const ownEnd = ({ source, destination }: Ends, own: Networks): string | undefined => {
  if (source !== undefined && own.has(source)) return source;
  if (destination !== undefined && own.has(destination)) return destination;
  return source ?? destination;
};
