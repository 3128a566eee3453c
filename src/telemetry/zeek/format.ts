import type { Format, Reader } from "#telemetry/format.ts";
import { type Header, headingAfter } from "./header.ts";
import { ZeekParser } from "./parse.ts";
import { rules } from "./rules.ts";
import { type Plan, planOf, scanRow } from "./scan.ts";
import { scanJson } from "./scan-json.ts";

/** Zeek logs as tab-separated text or JSON lines: conn, dns, http, ssl, x509, files, smtp; other logs whole, by their ends. */
export const format: Format = {
  id: "zeek",
  title: "Zeek logs (TSV and JSON)",
  accepts: (head) => {
    const text = new TextDecoder().decode(head).trimStart();
    const first = text.slice(0, text.indexOf("\n") < 0 ? text.length : text.indexOf("\n"));
    // A stream may begin in the middle of a log: the header of the next one tells too.
    if (/^#separator |^#fields\t|^#path\t/m.test(text)) return true;
    return (
      first.startsWith("{") &&
      /"ts"\s*:/.test(first) &&
      /"(?:_path|@stream|uid|fuid|id[._]orig_h|_write_ts|host|id)"\s*:/.test(first) &&
      !/"event_type"\s*:/.test(first)
    );
  },
  open: () => open(),
  heading: {
    begins: (byte) => byte === 0x23,
    // a new log says everything again, from #separator on (header.ts)
    after: headingAfter,
  },
  rules,
  policy: {
    // What people typed, who they are, what they wrote; the Info record of each log in Zeek's base/protocols/*/main.zeek
    password: "drop",
    username: "hash",
    "http/uri": "secrets",
    "http/referrer": "secrets",
    "http/cookie": "drop",
    "http/cookie_vars": "drop",
    "http/uri_vars": "drop",
    "http/post_body": "drop",
    "http/client_header_values": "drop",
    "http/authorization": "drop",
    "http/proxy_authorization": "drop",
    "smtp/subject": "drop",
    "sip/subject": "drop",
    "irc/value": "drop",
    "mysql/arg": "drop",
    "snmp/community": "drop",
    "ftp/user": "hash",
    "ftp/arg": "hash",
    "irc/user": "hash",
    "irc/nick": "hash",
    "socks/user": "hash",
    "pop3/user": "hash",
    "rdp/cookie": "hash",
    "kerberos/client": "hash",
  },
};

const open = (): Reader => {
  const parser = new ZeekParser();
  const text = new TextDecoder();
  let planned: Header | undefined;
  let plan: Plan | undefined;
  return {
    parse: (line) => parser.parse(line),
    scan: (buffer, start, end, sink) => {
      const to = end > start && buffer[end - 1] === 0x0d ? end - 1 : end;
      if (to === start) return;
      const first = buffer[start];
      if (first === 0x23) return parser.headerLine(text.decode(buffer.subarray(start, to)));
      if (first === 0x7b) return scanJson(buffer, start, to, sink);
      if (planned !== parser.header) {
        planned = parser.header;
        plan = planOf(planned);
      }
      if (plan === undefined) return sink.slow();
      scanRow(plan, buffer, start, to, sink);
    },
  };
};
