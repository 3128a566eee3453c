import { barrierRules } from "#telemetry/device-rules.ts";
import type { Format } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { parseLeef } from "./parse.ts";

/** QRadar's Log Event Extended Format 1.0 and 2.0, alone or in syslog. */
export const format: Format = {
  id: "leef",
  title: "LEEF (Log Event Extended Format)",
  accepts: (head) => mostLines(head, (line) => /(?:^|[\s"])LEEF:[12](?:\.0)?\|/.test(line.slice(0, 512))),
  open: (stream = {}) => ({ parse: (line) => parseLeef(line, stream) }),
  rules: barrierRules(["product", "cat", "eventId"], {
    src_ip: "src",
    src_port: "srcPort",
    dst_ip: "dst",
    dst_port: "dstPort",
    action: "action",
    "c-uri": ["url", "URL"],
    "cs-method": "method",
    "cs-host": "dstHostName",
    "cs-username": "usrName",
    Filename: ["filename", "filePath"],
    Signature: ["malwareName", "virusName", "signature"],
    query: ["query", "queryName"],
  }),
  policy: {
    usrName: "hash",
    accountName: "hash",
    identUserName: "hash",
    url: "secrets",
    URL: "secrets",
    request: "secrets",
    msg: "secrets",
  },
};
