import type { Format, LogSource } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { webNames, webPolicy } from "#telemetry/web-record.ts";
import { looksLikeSquid, parseSquid } from "./parse.ts";
import { scanSquid } from "./scan.ts";

const proxy: readonly LogSource[] = [{ category: "proxy", product: "squid" }];

/** Squid's access.log: its native format, and combined with Squid's result behind it. */
export const format: Format = {
  id: "squid",
  title: "Squid access log",
  accepts: (head) => mostLines(head, looksLikeSquid),
  open: (stream = {}) => ({ parse: (line) => parseSquid(line, stream), scan: scanSquid }),
  rules: { logSources: () => proxy, names: webNames },
  policy: webPolicy,
};
