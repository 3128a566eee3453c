import { cidrRange } from "#core/cidr.ts";
import { footLines, headLines, type ListFormat } from "./format.ts";

/** A name that can stand in a zone file as it is: letters, digits, hyphens, underscores; each label and the whole of lawful length. */
const hostName = /^(?=.{1,240}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * A response policy zone: names and what is below them do not exist (CNAME .), and neither does an answer that holds a
 * listed address (rpz-ip). The serial is the second in which the content last changed.
 *
 * @see draft-vixie-dnsop-dns-rpz-00 §4.1 (QNAME), §4.3 (Response IP address), §5.1 (NXDOMAIN)
 */
export const rpz: ListFormat = {
  type: "text/dns; charset=utf-8",
  dated: true,
  head: (about) =>
    [
      ...headLines(about).map((line) => `; ${line}`),
      "$TTL 300",
      `@ IN SOA localhost. hostmaster.localhost. ${Math.floor(about.changed / 1000)} 900 300 604800 300`,
      "@ IN NS localhost.",
      "",
    ].join("\n"),
  row: ({ value: { kind, value } }) => {
    if (kind === "domain") return hostName.test(value) ? `${value} CNAME .\n*.${value} CNAME .\n` : undefined;
    const trigger = kind === "ipv4" || kind === "ipv6" || kind === "cidr" ? addressTrigger(value) : undefined;
    return trigger === undefined ? undefined : `${trigger} CNAME .\n`;
  },
  foot: (totals) =>
    footLines(totals)
      .map((line) => `; ${line}\n`)
      .join(""),
};

/** "203.0.113.0/24" → "24.0.113.0.203.rpz-ip"; "2001:db8::7" → "128.7.zz.db8.2001.rpz-ip": the longest run of zeros is "zz". */
const addressTrigger = (value: string): string | undefined => {
  if (!cidrRange(value).ok) return undefined;
  const [address = "", length] = value.split("/", 2);
  if (!address.includes(":")) return `${length ?? "32"}.${address.split(".").reverse().join(".")}.rpz-ip`;
  const reversed = address
    .replace(/^::$/, "zz")
    .replace(/^::/, "zz:")
    .replace(/::$/, ":zz")
    .replace("::", ":zz:")
    .split(":")
    .reverse()
    .join(".");
  return `${length ?? "128"}.${reversed}.rpz-ip`;
};
