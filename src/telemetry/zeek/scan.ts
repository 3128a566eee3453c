import { type Sink, scanned, type Where, wheres } from "#telemetry/format.ts";
import { reportCommonName, reportHost, reportUri } from "./report.ts";
import type { Header } from "./header.ts";

/** What a field holds, for the byte scanner; "pair" is an address whose port stands in a field of its own. */
export type Holds = "pair" | "ip" | "host" | "uri" | "url" | "hash" | "name" | "slow";

/** A field the scanner reports: in every log ("*") or in one. Port fields are named by the address that has them. */
export interface Spot {
  readonly log: string;
  readonly field: string;
  readonly holds: Holds;
  readonly where: Where;
  readonly port?: string;
}

/**
 * Where `seenIn` finds its values, as a table; a property test holds the two together. `tx_hosts` and `rx_hosts` stand
 * twice, since which end they are hangs on `is_orig`. Mail is rare and its addresses stand in prose: it is always slow.
 */
export const spots: readonly Spot[] = [
  { log: "*", field: "id.orig_h", holds: "pair", where: "source", port: "id.orig_p" },
  { log: "*", field: "id.resp_h", holds: "pair", where: "destination", port: "id.resp_p" },
  { log: "dns", field: "query", holds: "host", where: "dns-query" },
  { log: "dns", field: "answers", holds: "host", where: "dns-answer" },
  { log: "http", field: "host", holds: "host", where: "http-host" },
  { log: "http", field: "uri", holds: "uri", where: "http-url" },
  { log: "http", field: "referrer", holds: "url", where: "http-referrer" },
  { log: "http", field: "proxied", holds: "slow", where: "x-forwarded-for" },
  { log: "ssl", field: "server_name", holds: "host", where: "tls-sni" },
  { log: "ssl", field: "subject", holds: "name", where: "tls-subject" },
  { log: "ssl", field: "ja3", holds: "hash", where: "ja3" },
  { log: "ssl", field: "cert_chain_fps", holds: "hash", where: "certificate" },
  { log: "x509", field: "certificate.subject", holds: "name", where: "tls-subject" },
  { log: "x509", field: "san.dns", holds: "host", where: "certificate" },
  { log: "x509", field: "san.ip", holds: "ip", where: "certificate" },
  { log: "x509", field: "fingerprint", holds: "hash", where: "certificate" },
  { log: "files", field: "tx_hosts", holds: "ip", where: "source" },
  { log: "files", field: "tx_hosts", holds: "ip", where: "destination" },
  { log: "files", field: "rx_hosts", holds: "ip", where: "source" },
  { log: "files", field: "rx_hosts", holds: "ip", where: "destination" },
  { log: "files", field: "md5", holds: "hash", where: "file-hash" },
  { log: "files", field: "sha1", holds: "hash", where: "file-hash" },
  { log: "files", field: "sha256", holds: "hash", where: "file-hash" },
  { log: "smtp", field: "mailfrom", holds: "slow", where: "mail-from" },
  { log: "smtp", field: "from", holds: "slow", where: "mail-from" },
  { log: "smtp", field: "reply_to", holds: "slow", where: "mail-from" },
  { log: "smtp", field: "rcptto", holds: "slow", where: "mail-to" },
  { log: "smtp", field: "to", holds: "slow", where: "mail-to" },
  { log: "smtp", field: "cc", holds: "slow", where: "mail-to" },
  { log: "smtp", field: "x_originating_ip", holds: "slow", where: "original-source" },
  { log: "smtp", field: "path", holds: "slow", where: "original-source" },
  { log: "quic", field: "server_name", holds: "host", where: "tls-sni" },
  { log: "dhcp", field: "client_addr", holds: "ip", where: "source" },
  { log: "dhcp", field: "assigned_addr", holds: "ip", where: "source" },
  { log: "dhcp", field: "server_addr", holds: "ip", where: "destination" },
  { log: "notice", field: "src", holds: "ip", where: "source" },
  { log: "notice", field: "dst", holds: "ip", where: "destination" },
  { log: "notice", field: "md5", holds: "hash", where: "file-hash" },
  { log: "notice", field: "sha1", holds: "hash", where: "file-hash" },
  { log: "notice", field: "sha256", holds: "hash", where: "file-hash" },
  { log: "traceroute", field: "src", holds: "ip", where: "source" },
  { log: "traceroute", field: "dst", holds: "ip", where: "destination" },
  { log: "known_hosts", field: "host", holds: "ip", where: "source" },
  { log: "known_services", field: "host", holds: "ip", where: "source" },
  { log: "known_certs", field: "host", holds: "ip", where: "source" },
  { log: "software", field: "host", holds: "ip", where: "source" },
  { log: "socks", field: "request.host", holds: "ip", where: "destination" },
  { log: "socks", field: "request.name", holds: "host", where: "http-host" },
  { log: "intel", field: "seen.indicator", holds: "slow", where: "source" },
];

export const whereNumber = (where: Where): number => wheres.indexOf(where);

/** Reports one whole value, brackets and quotes off. False: the line must be parsed. */
export const report = (
  sink: Sink,
  buffer: Uint8Array,
  start: number,
  end: number,
  holds: Holds,
  where: number,
  port: number,
): boolean => {
  switch (holds) {
    case "pair":
    case "ip":
      sink.value(scanned.ip, start, end, where, port);
      return true;
    case "host":
      return reportHost(sink, buffer, start, end, where);
    case "uri":
      return reportUri(sink, buffer, start, end, where);
    case "url":
      sink.value(scanned.url, start, end, where, 0);
      return true;
    case "hash":
      sink.value(scanned.hash, start, end, where, 0);
      return true;
    case "name":
      return reportCommonName(sink, buffer, start, end, where);
    case "slow":
      return false;
  }
};

const backslash = 0x5c;

/** True when the bytes hold a backslash (an escape) or anything beyond ASCII: then their text is not their bytes. */
export const needsDecoding = (buffer: Uint8Array, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) {
    const byte = buffer[i] as number;
    if (byte === backslash || byte >= 0x80) return true;
  }
  return false;
};

/** Decimal digits as a port; 0 when they are none, or beyond 65535. */
export const portBytes = (buffer: Uint8Array, start: number, end: number): number => {
  let port = 0;
  for (let i = start; i < end; i++) {
    const digit = (buffer[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return 0;
    port = port * 10 + digit;
    if (port > 65_535) return 0;
  }
  return port;
};

/** A header made ready for bytes: for each spot of this log the column, or none of the plan when it cannot be scanned. */
export interface Plan {
  readonly separator: number;
  readonly setSeparator: number;
  readonly columns: number;
  readonly unset: Uint8Array;
  readonly empty: Uint8Array;
  readonly spots: readonly {
    readonly column: number;
    readonly port: number;
    readonly holds: Holds;
    readonly where: number;
    readonly list: boolean;
  }[];
}

export const planOf = (header: Header): Plan | undefined => {
  const names = header.fields;
  // Without `#path` the log is told from each row's fields; longer separators are nobody's default.
  if (names === undefined || header.path === "" || header.separator.length !== 1 || header.setSeparator.length !== 1)
    return undefined;
  const column = (name: string): number => {
    const own = names.indexOf(name);
    return own >= 0 ? own : names.indexOf(name.replaceAll(".", "_"));
  };
  const bytes = new TextEncoder();
  return {
    separator: header.separator.charCodeAt(0),
    setSeparator: header.setSeparator.charCodeAt(0),
    columns: names.length,
    unset: bytes.encode(header.unset),
    empty: bytes.encode(header.empty),
    spots: spots
      .filter((spot) => (spot.log === "*" || spot.log === header.path) && column(spot.field) >= 0)
      .map((spot) => ({
        column: column(spot.field),
        port: spot.port === undefined ? -1 : column(spot.port),
        holds: spot.holds,
        where: whereNumber(spot.where),
        list: /^(?:set|vector)\[/.test(header.types[column(spot.field)] ?? ""),
      })),
  };
};

/** Columns a row may have before it is read the slow way; the widest log of Zeek has under 60. */
const mostColumns = 512;
const starts = new Int32Array(mostColumns + 1);

/** One row of a tab-separated log. A row of another width is left to `parse`, which says what is wrong with it. */
export const scanRow = (plan: Plan, buffer: Uint8Array, start: number, end: number, sink: Sink): void => {
  let columns = 1;
  starts[0] = start;
  for (let i = start; i < end; i++) {
    if (buffer[i] !== plan.separator) continue;
    if (columns === mostColumns) return sink.slow();
    starts[columns++] = i + 1;
  }
  if (columns === plan.columns + 1 && starts[columns - 1] === end) columns--;
  else starts[columns] = end + 1;
  if (columns !== plan.columns) return sink.slow();
  for (const spot of plan.spots) {
    const from = starts[spot.column] as number;
    const to = (starts[spot.column + 1] as number) - 1;
    if (same(buffer, from, to, plan.unset) || same(buffer, from, to, plan.empty)) continue;
    if (spot.holds === "slow" || needsDecoding(buffer, from, to)) return sink.slow();
    const port =
      spot.port < 0 ? 0 : portBytes(buffer, starts[spot.port] as number, (starts[spot.port + 1] as number) - 1);
    let at = from;
    if (spot.list)
      for (let i = from; i < to; i++) {
        if (buffer[i] !== plan.setSeparator) continue;
        if (!report(sink, buffer, at, i, spot.holds, spot.where, port)) return sink.slow();
        at = i + 1;
      }
    if (!report(sink, buffer, at, to, spot.holds, spot.where, port)) return sink.slow();
  }
};

const same = (buffer: Uint8Array, start: number, end: number, text: Uint8Array): boolean => {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (buffer[start + i] !== text[i]) return false;
  return true;
};
