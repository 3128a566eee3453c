import type { RsitType } from "#core/rsit.ts";

/** n6's categories as RSIT types; what is not here is other. */
const types: Readonly<Record<string, RsitType>> = {
  amplifier: "ddos-amplifier",
  backdoor: "system-compromise",
  bots: "infected-system",
  cnc: "c2-server",
  deface: "unauthorised-information-modification",
  "dos-attacker": "ddos",
  "dos-victim": "ddos",
  exposed: "information-disclosure",
  fraud: "unauthorised-use-of-resources",
  leak: "data-leak",
  malurl: "malware-distribution",
  "malware-action": "malware-configuration",
  phish: "phishing",
  proxy: "potentially-unwanted-accessible",
  "sandbox-url": "malware-distribution",
  scam: "masquerade",
  scanning: "scanner",
  "server-exploit": "exploit",
  spam: "spam",
  "spam-url": "spam",
  vulnerable: "vulnerable-system",
  webinject: "malware-configuration",
};

/** Categories whose value is a page or a name, not a device: it belongs to the name before the address. */
const content: ReadonlySet<string> = new Set([
  ...["cnc", "deface", "malurl", "phish", "sandbox-url", "scam", "spam-url", "webinject", "other"],
]);

/** @param kind n6's `type`: "event", or a state of an entry in a black list ("bl-new", "bl-update" …) */
export const typeOf = (category: string, kind: string): RsitType => {
  const type = Object.hasOwn(types, category) ? types[category] : undefined;
  return type ?? (kind.startsWith("bl-") ? "blacklist" : "other");
};

export const isContent = (category: string): boolean => content.has(category);
