import { cidrRange, networkOf } from "#core/cidr.ts";
import { ipv4Number, ipv4Text } from "#core/ip.ts";

/**
 * The fewest networks that hold exactly the IPv4 addresses from first to last, both included, as text; at most 62.
 * Undefined when one is no IPv4 address or last is before first.
 */
export const networksBetween = (first: string, last: string): readonly string[] | undefined => {
  const end = ipv4Number(last);
  let from = ipv4Number(first);
  if (from < 0 || end < from) return undefined;
  const networks: string[] = [];
  while (from <= end) {
    let prefix = 32;
    while (prefix > 0 && from % 2 ** (33 - prefix) === 0 && from + 2 ** (33 - prefix) - 1 <= end) prefix--;
    const range = cidrRange(`${ipv4Text(from)}/${prefix}`);
    if (!range.ok) return undefined;
    networks.push(networkOf(range.value).value);
    from += 2 ** (32 - prefix);
  }
  return networks;
};
