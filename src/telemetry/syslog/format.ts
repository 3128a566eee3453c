import type { Format, LogSource } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { parseSyslog } from "./parse.ts";

const priority = /^<\d{1,3}>(?:1 \S+ \S+ \S+ \S+ \S+ [-[]|[A-Za-z\d*.%])/;
const stamp =
  /^(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) \S+ \S/;

/**
 * Syslog by RFC 5424 and RFC 3164, from the wire or as files keep it. Stamps without a year are the last such moment
 * before the stream was received (local-time.ts). Asked last: products with formats of their own travel in syslog too.
 */
export const format: Format = {
  id: "syslog",
  title: "Syslog (RFC 5424, RFC 3164)",
  accepts: (head) => mostLines(head, (line) => priority.test(line) || stamp.test(line)),
  open: (stream = {}) => ({ parse: (line) => parseSyslog(line, stream) }),
  rules: {
    logSources: (fields) => sourcesOf(fields["app"], fields["facility"], fields["message"]),
    names: { CommandLine: "message", Message: "message" },
  },
  policy: {
    // Who logged on stands in the text, and nobody can tell where for every program: the text stays, its secrets do not.
    message: "secrets",
  },
};

// Sigma's services of Linux by the program that writes them; and of Cisco by the facility in `%FACILITY-6-MNEMONIC:`
const programs: Readonly<Record<string, string>> = {
  sshd: "sshd",
  "sshd-session": "sshd",
  sudo: "sudo",
  cron: "cron",
  crond: "cron",
  vsftpd: "vsftpd",
  clamd: "clamav",
  freshclam: "clamav",
  clamav: "clamav",
  guacd: "guacamole",
  guacamole: "guacamole",
};
const ciscoServices: Readonly<Record<string, string>> = {
  AAA: "aaa",
  PARSER: "aaa",
  BGP: "bgp",
  LDP: "ldp",
  DUO: "duo",
};

const known = new Map<string, readonly LogSource[]>();

/** One array for every set of answers; there are only so many. */
const sourcesOf = (app: unknown, facility: unknown, message: unknown): readonly LogSource[] => {
  const cisco =
    typeof message === "string" ? /%([A-Z][A-Z0-9_]{1,20})-[0-7]-[A-Z0-9_]+:/.exec(message)?.[1] : undefined;
  const program = typeof app === "string" ? programs[app.toLowerCase()] : undefined;
  const auth = facility === "auth" || facility === "authpriv";
  const service = cisco === undefined ? program : ciscoServices[cisco];
  const key = `${cisco === undefined ? "linux" : "cisco"} ${service ?? ""} ${auth}`;
  let sources = known.get(key);
  if (sources === undefined) {
    const product = cisco === undefined ? "linux" : "cisco";
    const services = [
      "syslog",
      ...(service === undefined ? [] : [service]),
      ...(auth && product === "linux" ? ["auth"] : []),
    ];
    sources = Object.freeze(services.map((name) => Object.freeze({ product, service: name })));
    known.set(key, sources);
  }
  return sources;
};
