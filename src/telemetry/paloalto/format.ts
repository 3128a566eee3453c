import type { Format, LogSource } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { textAt } from "#telemetry/record-fields.ts";
import { looksLikePanOs, parsePanOs } from "./parse.ts";

const pan = (service: string, category?: string): readonly LogSource[] => [
  { product: "paloalto", service, ...(category === undefined ? {} : { category }) },
];
const sources: Readonly<Record<string, readonly LogSource[]>> = {
  TRAFFIC: pan("traffic", "firewall"),
  THREAT: pan("threat", "firewall"),
  URL: pan("url", "proxy"),
  VIRUS: pan("threat", "antivirus"),
  GLOBALPROTECT: pan("globalprotect"),
  SYSTEM: pan("system"),
  CONFIG: pan("config"),
};
const other = pan("other");

/** Logs of Palo Alto Networks' PAN-OS in its CSV form, through syslog or exported. */
export const format: Format = {
  id: "paloalto",
  title: "Palo Alto PAN-OS log",
  accepts: (head) => mostLines(head, looksLikePanOs),
  open: (stream = {}) => ({ parse: (line) => parsePanOs(line, stream) }),
  rules: {
    logSources: (fields, event) => {
      const subtype = textAt(fields, "subtype") ?? "";
      const kind = event !== "THREAT" ? event : subtype === "url" ? "URL" : /virus/.test(subtype) ? "VIRUS" : event;
      return (Object.hasOwn(sources, kind) ? sources[kind] : undefined) ?? other;
    },
    names: {
      src_ip: "src",
      dst_ip: "dst",
      src_port: "sport",
      dst_port: "dport",
      blocked: "action",
      "c-uri": "misc",
      "cs-uri": "misc",
      "cs-uri-query": "misc",
      "cs-uri-stem": "misc",
      "c-uri-query": "misc",
      "c-uri-extension": "cs-uri-extension",
      "cs-host": "cs-host",
      "r-dns": "cs-host",
      "cs-method": "http_method",
      "c-useragent": "user_agent",
      "cs-referer": "referer",
      "cs-referrer": "referer",
      Signature: "threatid",
      Filename: "misc",
      TargetFilename: ["misc", "object"],
    },
  },
  policy: {
    srcuser: "hash",
    dstuser: "hash",
    user: "hash",
    admin: "hash",
    machinename: "hash",
    sender: "hash",
    recipient: "hash",
    subject: "drop",
    misc: "secrets",
    referer: "secrets",
    before_change_detail: "drop",
    after_change_detail: "drop",
  },
};
