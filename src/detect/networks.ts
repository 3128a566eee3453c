import { cidrRange } from "#core/cidr.ts";
import { ipv4Number, ipv6Bigint } from "#core/ip.ts";
import type { Direction, TelemetryRecord } from "#telemetry/format.ts";

/** The networks a sensor guards. */
export interface Networks {
  /** Of a canonical address. */
  readonly has: (address: string) => boolean;
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

/** `own` beside the private ones; an entry that is no network is passed over, the directory has refused it before. */
export const networks = (own: readonly string[] = []): Networks => {
  const v4: { first: number; last: number }[] = [];
  const v6: { first: bigint; last: bigint }[] = [];
  for (const cidr of [...privateNetworks, ...own]) {
    const range = cidrRange(cidr);
    if (!range.ok) continue;
    if (range.value.family === 4) v4.push(range.value);
    else v6.push(range.value);
  }
  return {
    has: (address) => {
      const number = ipv4Number(address);
      if (number >= 0) return v4.some((range) => number >= range.first && number <= range.last);
      const bits = ipv6Bigint(address);
      return bits !== undefined && v6.some((range) => bits >= range.first && bits <= range.last);
    },
  };
};

const nobody: Networks = (() => {
  const ranges = local.map((cidr) => cidrRange(cidr));
  return {
    has: (address) => {
      const v4 = ipv4Number(address);
      const v6 = v4 >= 0 ? undefined : ipv6Bigint(address);
      return ranges.some(
        (range) =>
          range.ok &&
          (range.value.family === 4
            ? v4 >= range.value.first && v4 <= range.value.last
            : v6 !== undefined && v6 >= range.value.first && v6 <= range.value.last),
      );
    },
  };
})();

type Ends = Pick<TelemetryRecord, "source" | "destination">;

/** Who reached for whom. Ours to a multicast or broadcast address stays inside. */
export const directionOf = ({ source, destination }: Ends, own: Networks): Direction => {
  if (source === undefined || destination === undefined) return "unknown";
  const from = own.has(source) || nobody.has(source);
  const to = own.has(destination) || nobody.has(destination);
  if (from) return to ? "internal" : "outbound";
  return to ? "inbound" : "unknown";
};

/** Our end of it: who began it where both or neither are ours; absent where the record names no end. */
export const ownEnd = ({ source, destination }: Ends, own: Networks): string | undefined => {
  if (source !== undefined && own.has(source)) return source;
  if (destination !== undefined && own.has(destination)) return destination;
  return source ?? destination;
};
