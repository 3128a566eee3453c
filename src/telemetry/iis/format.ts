import type { Format, LogSource } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { webNames, webPolicy } from "#telemetry/web-record.ts";
import { headText, W3cParser } from "./parse.ts";

const webserver: readonly LogSource[] = [
  { category: "webserver", product: "iis", service: "iis" },
  { category: "webserver" },
];
const proxy: readonly LogSource[] = [{ category: "proxy" }];

/** W3C extended logs: IIS, and the proxies and servers that write `#Fields:` lines. */
export const format: Format = {
  id: "iis",
  title: "IIS and W3C extended log",
  accepts: (head) => {
    let header = false;
    return (
      mostLines(head, (line) => {
        header ||= /^#Fields: .*\bc?s-(?:uri|method|ip)|^#Fields: .*\bc-ip\b/.test(line);
        return header || line.startsWith("#");
      }) && header
    );
  },
  heading: {
    // "#", or the mark of UTF-8 before it
    begins: (byte) => byte === 0x23 || byte === 0xef,
    after: (before, line) => {
      const text = headText(line);
      const word = /^#(?:Fields|Date):/i.exec(text)?.[0].toLowerCase();
      return word === undefined ? before : [...before.filter((one) => !one.toLowerCase().startsWith(word)), text];
    },
  },
  open: (stream = {}) => {
    const parser = new W3cParser(stream);
    return { parse: (line) => parser.parse(line) };
  },
  rules: { logSources: (_fields, event) => (event === "proxy" ? proxy : webserver), names: webNames },
  policy: { ...webPolicy, "cs-uri-query": "secrets", "cs-auth-group": "hash", "x-cs-auth-domain": "hash" },
};
