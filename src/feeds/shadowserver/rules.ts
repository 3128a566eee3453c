import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";

/**
 * What says what a problem is about:
 *   service    the type itself; beside it, every CVE in the tag is a problem of its own
 *   cve        the CVEs in the tag, the type only where there is none
 *   infection  the malware family the row names
 *   cell:…     a column, the type where it is empty
 */
export type AboutRule = "service" | "cve" | "infection" | "cell:application" | "cell:service" | "cell:ransomware";

/** Which columns hold the asset's own side, and whom it talked to. */
export interface Columns {
  readonly ip?: string;
  readonly port?: string;
  readonly host?: string;
  readonly url?: string;
  readonly account?: string;
  /** The other side. */
  readonly to?: { readonly ip?: string; readonly port?: string; readonly host?: string; readonly url?: string };
}

/** In the order in which a report of unknown type is tried. */
export const shapes = {
  // a device of theirs that somebody saw act
  source: {
    ...{ ip: "src_ip", port: "src_port", host: "src_hostname" },
    to: { ip: "dst_ip", port: "dst_port", host: "http_host", url: "http_url" },
  },
  // a service of theirs that answers
  host: { ip: "ip", port: "port", host: "hostname" },
  // a page of theirs that sends visitors to something bad
  referer: {
    ...{ ip: "http_referer_ip", port: "http_referer_port", host: "http_referer_hostname", url: "http_referer" },
    to: { ip: "dst_ip", port: "dst_port", host: "http_host", url: "http_url" },
  },
  // they are the victim
  target: {
    ...{ ip: "dst_ip", port: "dst_port", host: "dst_hostname" },
    to: { ip: "src_ip", port: "src_port", host: "src_hostname" },
  },
  // content on a site of theirs
  site: { ip: "ip", port: "port", host: "http_host", url: "url", account: "account" },
  url: { ip: "ip", port: "port", host: "hostname", url: "url" },
  account: { account: "email", to: { url: "source_url" } },
  website: { url: "website", to: { url: "leak_site_url" } },
  name: { host: "request" },
} as const satisfies Readonly<Record<string, Columns>>;
export type Shape = keyof typeof shapes;

export interface Rule {
  readonly type?: RsitType;
  readonly about: string;
  readonly names: AboutRule;
  readonly severity: Severity;
  /** `severity` is ours, whatever the schema says. */
  readonly sure?: true;
  readonly shape?: Shape;
}

/** IPv6 reports are their IPv4 twins by name: scan6_dns is scan_dns. */
export const twinOf = (name: string): string => {
  const four = name.replace(/^event6_/, "event4_").replace(/^(scan|population)6_/, "$1_");
  return four === name ? name.replace(/^(device_id|compromised_(?:iot|website))6$/, "$1") : four;
};

/**
 * What a type's name alone tells, so that a report that is younger than our table is read all the same: first what we
 * know of single types (`known`), then its family by prefix. `type` is left out where the schema is to say it.
 */
export const ruleOf = (name: string): Rule => {
  const twin = twinOf(name);
  const known = exact[twin];
  if (known !== undefined) return known;
  const family = families.find(({ prefix }) => twin.startsWith(prefix));
  if (family === undefined) return { about: wordOf(twin, ""), names: "service", severity: "medium" };
  const { prefix, ...rule } = family;
  const about = rule.names === "infection" ? "" : wordOf(twin, prefix);
  const names = rule.names === "service" && twin.endsWith("_vulnerable") ? "cve" : rule.names;
  return { ...rule, about, names };
};

/** The RSIT type of a report whose type nobody has told us: of its family, else other. */
export const typeByName = (name: string): RsitType =>
  ruleOf(name).type ?? (/^(?:scan|population)_/.test(twinOf(name)) ? "vulnerable-system" : "other");

/** "scan_ldap_tcp" is about ldap, "scan_ssl_poodle" about ssl-poodle. */
const wordOf = (name: string, prefix: string): string => {
  const word = name.slice(prefix.length).replace(/_(?:tcp|udp|scan|vulnerable)$/, "");
  return words[word] ?? word.replaceAll("_", "-");
};

/** Names of services where the type's own is not what people call it. */
const words: Readonly<Record<string, string>> = {
  dns: "open-resolver",
  ntpmonitor: "ntp-monitor",
  http_proxy: "open-proxy",
  nat_pmp: "nat-pmp",
};

const families: readonly (Omit<Rule, "about"> & { readonly prefix: string })[] = [
  { prefix: "event4_honeypot_", type: "scanner", names: "service", severity: "high", shape: "source" },
  { prefix: "event4_microsoft_sinkhole", type: "infected-system", names: "infection", severity: "critical" },
  { prefix: "event4_sinkhole", type: "infected-system", names: "infection", severity: "critical" },
  { prefix: "event4_", names: "infection", severity: "high" },
  { prefix: "compromised_", type: "system-compromise", names: "infection", severity: "critical" },
  { prefix: "sandbox_", type: "malware-distribution", names: "infection", severity: "low" },
  { prefix: "scan_", names: "service", severity: "medium" },
  { prefix: "population_", names: "service", severity: "info" },
  { prefix: "blocklist", type: "blacklist", names: "service", severity: "low" },
];

/** Types that are not what their name's family is. */
const exact: Readonly<Record<string, Rule>> = {
  blocklist: { type: "blacklist", about: "", names: "service", severity: "low" },
  compromised_account: { about: "", names: "infection", severity: "critical", shape: "account" },
  compromised_iot: { about: "", names: "infection", severity: "critical" },
  compromised_website: { about: "", names: "infection", severity: "critical", shape: "site" },
  device_id: { about: "device-id", names: "service", severity: "info" },
  event4_ddos_participant: { about: "", names: "infection", severity: "high" },
  event4_honeypot_brute_force: {
    ...{ type: "brute-force", about: "", names: "cell:service", severity: "critical" },
  },
  // traffic into space where nobody lives is a search for victims
  event4_honeypot_darknet: { type: "scanner", about: "darknet", names: "service", severity: "high" },
  event4_honeypot_ddos: { type: "ddos", about: "", names: "infection", severity: "critical" },
  // the forged source of a reflected flood is its victim
  event4_honeypot_ddos_amp: { type: "ddos", about: "amplification", names: "service", severity: "info" },
  event4_honeypot_ddos_target: { type: "ddos", about: "target", names: "service", severity: "info", shape: "target" },
  event4_ip_spoofer: { type: "masquerade", about: "ip-spoofing", names: "service", severity: "medium" },
  event4_sinkhole_dns: { type: "other", about: "sinkhole-dns", names: "infection", severity: "info" },
  event4_sinkhole_http_referer: {
    ...{ type: "infected-system", about: "", names: "infection", severity: "critical", shape: "referer" },
  },
  malware_url: { about: "", names: "infection", severity: "critical", shape: "url" },
  // named on an extortionist's page: no concern to a list-maker, an emergency to the one named
  ransomware_victim: { about: "", names: "cell:ransomware", severity: "critical", sure: true, shape: "website" },
  sandbox_dns: { about: "sandbox", names: "infection", severity: "info", shape: "name" },
  sandbox_url: { about: "sandbox", names: "infection", severity: "low", shape: "url" },
  scan_exchange: { type: "vulnerable-system", about: "exchange", names: "cve", severity: "critical" },
  scan_post_exploitation_framework: { about: "c2-beacon", names: "infection", severity: "high" },
  spam_url: { about: "", names: "infection", severity: "low", shape: "url" },
  special: { about: "special", names: "cve", severity: "high" },
};
