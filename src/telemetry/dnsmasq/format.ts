import { dnsRules } from "#telemetry/dns-record.ts";
import type { Format } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { looksLikeDnsmasq, parseDnsmasq } from "./parse.ts";

/** What dnsmasq (and Pi-hole) writes with `log-queries`, with or without `extra`. */
export const format: Format = {
  id: "dnsmasq",
  title: "dnsmasq log",
  accepts: (head) => mostLines(head, looksLikeDnsmasq),
  open: (stream = {}) => ({ parse: (line) => parseDnsmasq(line, stream) }),
  rules: dnsRules({ product: "dnsmasq", category: "dns" }),
  policy: { mac: "hash" },
};
