import type { LogSource, RuleView } from "./format.ts";
import { type Fields, textAt } from "./record-fields.ts";

const firewall: readonly LogSource[] = Object.freeze([Object.freeze({ category: "firewall" })]);
const proxy: readonly LogSource[] = Object.freeze([Object.freeze({ category: "proxy" })]);
const antivirus: readonly LogSource[] = Object.freeze([Object.freeze({ category: "antivirus" })]);
const dns: readonly LogSource[] = Object.freeze([Object.freeze({ category: "dns" })]);
const nobody: readonly LogSource[] = Object.freeze([]);

/**
 * How rules read what gateways of any maker send (CEF, LEEF): what kind of device it is stands in words only, so a record
 * is taken for the category that it has the fields of, or that its product, category or name says.
 *
 * @param saying fields whose words tell the kind
 * @param names Sigma's names for the categories `firewall`, `proxy`, `antivirus` and `dns`
 */
export const barrierRules = (saying: readonly string[], names: RuleView["names"]): RuleView => ({
  names,
  logSources: (fields) => {
    const words = saying.map((name) => textAt(fields, name) ?? "").join(" ");
    if (/virus|malware|trojan|endpoint protection/i.test(words)) return antivirus;
    if (/\bdns\b/i.test(words) && has(fields, names["query"])) return dns;
    if (/proxy|web gateway|secure web|url filter/i.test(words) || has(fields, names["c-uri"])) return proxy;
    if (/firewall|\bfw\b|\butm\b|\basa\b|fortigate|traffic/i.test(words) || has(fields, names["dst_port"]))
      return firewall;
    return nobody;
  },
});

const has = (fields: Fields, names: string | readonly string[] | undefined): boolean => {
  if (names === undefined) return false;
  return textAt(fields, ...(typeof names === "string" ? [names] : names)) !== undefined;
};
