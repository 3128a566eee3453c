import type { Format, LogSource } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { textAt } from "#telemetry/record-fields.ts";
import { looksLikeFortigate, parseFortigate } from "./parse.ts";

const traffic: readonly LogSource[] = [
  { product: "fortigate", service: "traffic", category: "firewall" },
  { product: "fortios", service: "traffic", category: "firewall" },
];
const webfilter: readonly LogSource[] = [
  { product: "fortigate", service: "utm", category: "proxy" },
  { product: "fortios", service: "utm", category: "proxy" },
];
const dns: readonly LogSource[] = [
  { product: "fortigate", service: "utm", category: "dns" },
  { product: "fortios", service: "utm", category: "dns" },
];
const virus: readonly LogSource[] = [{ product: "fortigate", service: "utm", category: "antivirus" }];
const utm: readonly LogSource[] = [
  { product: "fortigate", service: "utm" },
  { product: "fortios", service: "utm" },
];
const event: readonly LogSource[] = [
  { product: "fortigate", service: "event" },
  { product: "fortios", service: "event" },
];
const ofSubtype: Readonly<Record<string, readonly LogSource[]>> = { webfilter, dns, virus };

/** Logs of Fortinet's FortiGate in its own format of names and values, through syslog or from a file. */
export const format: Format = {
  id: "fortigate",
  title: "FortiGate log",
  accepts: (head) => mostLines(head, looksLikeFortigate),
  open: (stream = {}) => ({ parse: (line) => parseFortigate(line, stream) }),
  rules: {
    logSources: (fields, kind) => {
      if (kind === "traffic") return traffic;
      if (kind !== "utm") return event;
      const subtype = textAt(fields, "subtype") ?? "";
      return (Object.hasOwn(ofSubtype, subtype) ? ofSubtype[subtype] : undefined) ?? utm;
    },
    names: {
      src_ip: "srcip",
      dst_ip: "dstip",
      src_port: "srcport",
      dst_port: "dstport",
      blocked: "action",
      query: "qname",
      record_type: "qtype",
      answer: "ipaddr",
      "c-uri": "url",
      "cs-uri": "url",
      "c-uri-query": "url",
      "cs-uri-query": "url",
      "cs-uri-stem": "url",
      "c-uri-extension": "cs-uri-extension",
      "cs-host": "hostname",
      "r-dns": "hostname",
      "cs-method": "httpmethod",
      "cs-referrer": "referralurl",
      "cs-referer": "referralurl",
      "c-useragent": "agent",
      Signature: "virus",
      Filename: "filename",
    },
  },
  policy: {
    user: "hash",
    unauthuser: "hash",
    dstuser: "hash",
    xauthuser: "hash",
    group: "hash",
    admin: "hash",
    srcname: "hash",
    dstname: "hash",
    subject: "drop",
    from: "hash",
    to: "hash",
    sender: "hash",
    recipient: "hash",
    rawdata: "drop",
    keyword: "drop",
    url: "secrets",
    referralurl: "secrets",
    cfgattr: "drop",
  },
};
