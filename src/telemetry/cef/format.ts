import type { Format } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { barrierRules } from "#telemetry/device-rules.ts";
import { parseCef } from "./parse.ts";

/** ArcSight's Common Event Format, versions 0 and 1, alone or in syslog: firewalls, proxies, mail and antivirus gateways. */
export const format: Format = {
  id: "cef",
  title: "CEF (Common Event Format)",
  accepts: (head) => mostLines(head, (line) => /(?:^|[\s"])CEF:\s?\d{1,2}(?:\.\d+)?\|/.test(line.slice(0, 512))),
  open: (stream = {}) => ({ parse: (line) => parseCef(line, stream) }),
  rules: barrierRules(["deviceProduct", "cat", "name"], {
    src_ip: ["src", "c6a2"],
    src_port: "spt",
    dst_ip: ["dst", "c6a3"],
    dst_port: "dpt",
    action: "act",
    "c-uri": "request",
    "c-useragent": "requestClientApplication",
    "cs-method": "requestMethod",
    "cs-host": "dhost",
    "cs-username": "suser",
    Filename: ["filePath", "fname"],
    Signature: ["virusName", "name"],
    query: ["DNS Query", "dnsQuery"],
  }),
  policy: {
    suser: "hash",
    duser: "hash",
    sourceUserName: "hash",
    destinationUserName: "hash",
    suid: "hash",
    duid: "hash",
    request: "secrets",
    requestUrl: "secrets",
    requestCookies: "drop",
    msg: "secrets",
  },
};
