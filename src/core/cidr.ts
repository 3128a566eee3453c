import { no, ok, type Result } from "#core/result.ts";
import { bigintIpv6, ipv4Number, ipv4Text, ipv6Bigint } from "./ip.ts";
import type { Observable } from "./observable.ts";

/** First and last address of a network, both inside it. */
export type CidrRange =
  | { readonly family: 4; readonly prefix: number; readonly first: number; readonly last: number }
  | { readonly family: 6; readonly prefix: number; readonly first: bigint; readonly last: bigint };

/** "203.0.113.9/24" becomes the network 203.0.113.0/24, a /32 or /128 the address, an IPv4-mapped network the IPv4 one. */
export const parseCidr = (text: string): Result<Observable> => {
  const range = cidrRange(text);
  return range.ok ? ok(networkOf(range.value)) : range;
};

const length = /^(?:0|[1-9]\d{0,2})$/;

/** The range of a network, or of a lone address (prefix 32 or 128). Host bits are cleared. */
export const cidrRange = (text: string): Result<CidrRange> => {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const written = slash < 0 ? undefined : text.slice(slash + 1);
  if (written !== undefined && !length.test(written)) return no("WGL_CIDR", { value: text });
  const v4 = ipv4Number(address);
  if (v4 >= 0) {
    const prefix = written === undefined ? 32 : Number(written);
    return prefix <= 32 ? ok(range4(v4, prefix)) : no("WGL_CIDR", { value: text });
  }
  const v6 = ipv6Bigint(address);
  const prefix = written === undefined ? 128 : Number(written);
  if (v6 === undefined || prefix > 128) return no("WGL_CIDR", { value: text });
  const mapped = v6 >> 32n === 0xffffn && prefix >= 96;
  return ok(mapped ? range4(Number(v6 & 0xffffffffn), prefix - 96) : range6(v6, prefix));
};

/** The canonical observable of a range that `cidrRange` made. */
export const networkOf = (range: CidrRange): Observable => {
  const address = range.family === 4 ? ipv4Text(range.first) : bigintIpv6(range.first);
  if (range.prefix === (range.family === 4 ? 32 : 128))
    return { kind: range.family === 4 ? "ipv4" : "ipv6", value: address };
  return { kind: "cidr", value: `${address}/${range.prefix}` };
};

const range4 = (address: number, prefix: number): CidrRange => {
  const size = 2 ** (32 - prefix);
  const first = address - (address % size);
  return { family: 4, prefix, first, last: first + size - 1 };
};

const range6 = (address: bigint, prefix: number): CidrRange => {
  const hosts = (1n << BigInt(128 - prefix)) - 1n;
  const first = address & ~hosts;
  return { family: 6, prefix, first, last: first | hosts };
};
