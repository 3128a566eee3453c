import { BlockList, isIP, isIPv4 } from "node:net";
import { assert } from "#core/result.ts";

/**
 * Why an address may not be connected to, or undefined when it is ordinary public unicast.
 * IPv4 is refused by table. IPv6 is refused by default: only 2000::/3 is handed out for ordinary use, so every form that
 * smuggles an IPv4 address (mapped ::ffff:0:0/96, compatible ::/96, SIIT ::ffff:0:0:0/96, NAT64 64:ff9b::/96) and every
 * local one (fc00::/7, fe80::/10, ::1) falls outside it without being named; what is special inside it is in the table.
 *
 * @param address canonical or not, without brackets or zone; anything that is no address is refused as such
 */
export const specialRange = (address: string): string | undefined => {
  const version = isIP(address);
  if (version === 0) return "no address";
  if (version === 6 && !within(address, ordinary6)) return "outside 2000::/3";
  for (const [range, why] of ranges) if (within(address, compiled(range))) return `${range}, ${why}`;
  return undefined;
};

/** True when one of `networks` ("127.0.0.1/32", "2001:db8::/32") holds the address. A mapped address is never its IPv4 self here. */
export const inNetworks = (address: string, networks: readonly string[]): boolean =>
  isIP(address) !== 0 && networks.some((network) => within(address, compiled(network)));

// IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates), and addresses that clouds gave a meaning
const ranges = [
  ["0.0.0.0/8", "this network"],
  ["10.0.0.0/8", "private use"],
  ["100.64.0.0/10", "shared address space"], // also 100.100.100.200, Alibaba metadata
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link local"], // also 169.254.169.254, cloud metadata
  ["172.16.0.0/12", "private use"],
  ["192.0.0.0/24", "protocol assignments"], // also 192.0.0.192, Oracle metadata
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4 relay, deprecated"],
  ["192.168.0.0/16", "private use"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved and broadcast"],
  ["168.63.129.16/32", "Azure host"],
  ["2001::/23", "protocol assignments"], // Teredo, ORCHID, benchmarking
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "6to4"],
  ["3fff::/20", "documentation"],
] as const;

interface Network {
  readonly version: 4 | 6;
  readonly list: BlockList;
}

const seen = new Map<string, Network>();

const compiled = (network: string): Network => {
  const known = seen.get(network);
  if (known) return known;
  const [address = "", bits = ""] = network.split("/");
  const version = isIP(address);
  assert(version !== 0 && /^\d{1,3}$/.test(bits), `"${network}" is not a network such as 127.0.0.1/32`);
  const list = new BlockList();
  list.addSubnet(address, Number(bits), version === 4 ? "ipv4" : "ipv6");
  const made: Network = { version: version === 4 ? 4 : 6, list };
  seen.set(network, made);
  return made;
};

/** BlockList reads ::ffff:a.b.c.d as a.b.c.d; here an address is compared with networks of its own version alone. */
const within = (address: string, network: Network): boolean =>
  isIPv4(address)
    ? network.version === 4 && network.list.check(address, "ipv4")
    : network.version === 6 && network.list.check(address, "ipv6");

const ordinary6 = compiled("2000::/3");
