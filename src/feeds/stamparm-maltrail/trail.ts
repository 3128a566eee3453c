import { cidrRange } from "#core/cidr.ts";
import { domainName } from "#core/domain.ts";
import { ipv4Number, ipv4NumberIn, ipv6Bytes } from "#core/ip.ts";

/** Shapes a trail comes in. "other" are regular expressions, bracketed addresses, slips of the pen. */
export const trailClasses = [
  "cidr",
  "ip",
  "ipPort",
  "pathOnly",
  "url",
  "urlPath",
  "domainPort",
  "domain",
  "other",
] as const;
export type TrailClass = (typeof trailClasses)[number];

/**
 * What a trail is, by its shape alone; whether its value is any good is asked afterwards. maltrail writes plain values, so
 * nothing is refanged and nothing guessed.
 */
export const trailClass = (trail: string): TrailClass => {
  if (trail.charCodeAt(0) === 47) return "pathOnly";
  if (ipv4Number(trail) >= 0) return "ip";
  if (domainName(trail) === trail) return "domain";
  if (trail.includes("://")) return "url";
  if (trail.includes("/")) return cidrRange(trail).ok ? "cidr" : "urlPath";
  const colon = trail.lastIndexOf(":");
  if (colon < 0) return looseDomain(trail) ? "domain" : "other";
  if (trail.indexOf(":") !== colon) return ipv6Bytes(trail) === undefined ? "other" : "ip";
  const port = trail.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port) || !dotted.test(trail.slice(0, colon))) return "other";
  // An address with a port out of range has the shape of a name with a port; its value is refused later.
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  return isPort && ipv4NumberIn(trail, 0, colon) >= 0 ? "ipPort" : "domainPort";
};

/** Dotted labels of letters of any script, digits, hyphens and underscores; the last is no number. */
const looseDomain = (text: string): boolean => dotted.test(text) && !/(?:^|\.)\d+$/.test(text);
const dotted = /^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+$/u;

/** The trail of a line, without its comment; "" for blank and comment lines. A comment's "#" begins the line or follows a blank. */
export const trailIn = (line: string): string => {
  const text = line.trim();
  if (text === "" || text.charCodeAt(0) === 35) return "";
  for (let at = text.indexOf("#"); at > 0; at = text.indexOf("#", at + 1))
    if (/\s/.test(text.charAt(at - 1))) return text.slice(0, at).trim();
  return text;
};

/** "malware/apt_unc6691-1.txt" is the family "apt_unc6691": large families are cut into numbered files. */
export const familyOf = (file: string): string =>
  file
    .replace(/^.*\//, "")
    .replace(/\.txt$/, "")
    .replace(/-\d+$/, "")
    .toLowerCase();
