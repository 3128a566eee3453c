import type { RsitType } from "#core/rsit.ts";
import { textField } from "./report.ts";

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

/** An event that only says that a black-list entry ended, in the words of the stream (`type`) or of the API (`status`). */
export const isOver = (event: object): boolean =>
  /^bl-(?:delist|expire)$/.test(textField(event, "type")) ||
  /^(?:delisted|expired|replaced)$/.test(textField(event, "status"));
