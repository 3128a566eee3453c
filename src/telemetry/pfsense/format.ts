import type { Format, LogSource } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { looksLikeFilterlog, parseFilterlog } from "./parse.ts";

const sources: readonly LogSource[] = [{ product: "pfsense", category: "firewall", service: "filterlog" }];

/** The packet filter's log of pfSense and OPNsense, through syslog. */
export const format: Format = {
  id: "pfsense",
  title: "pfSense and OPNsense filter log",
  accepts: (head) => mostLines(head, looksLikeFilterlog),
  open: (stream = {}) => ({ parse: (line) => parseFilterlog(line, stream) }),
  // The records' own names are those of Sigma's taxonomy for `firewall`.
  rules: { logSources: () => sources, names: { blocked: "blocked" } },
  policy: {},
};
