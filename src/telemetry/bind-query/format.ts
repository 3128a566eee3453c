import { dnsRules } from "#telemetry/dns-record.ts";
import type { Format } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { looksLikeBind, parseBind } from "./parse.ts";
import { scanBind } from "./scan.ts";

/** Query logs of BIND 9, from its own file or through syslog. */
export const format: Format = {
  id: "bind-query",
  title: "BIND query log",
  accepts: (head) => mostLines(head, looksLikeBind),
  open: (stream = {}) => ({ parse: (line) => parseBind(line, stream), scan: scanBind }),
  rules: dnsRules({ product: "bind", category: "dns" }),
  policy: {},
};
