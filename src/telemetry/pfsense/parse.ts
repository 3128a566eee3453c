import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { isoTime, yearlessTime } from "#telemetry/local-time.ts";
import { addressIn } from "#telemetry/observed.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { portIn } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { syslogHead } from "#telemetry/syslog-head.ts";

const title = "a filter log";

const common = [
  "rule",
  "subrule",
  "anchor",
  "tracker",
  "interface",
  "reason",
  "action",
  "direction",
  "ip_version",
] as const;
// In the order of the grammar; the protocol's number comes before its name in IPv4 and behind it in IPv6.
const ofIp: Readonly<Record<string, readonly string[]>> = {
  "4": ["tos", "ecn", "ttl", "id", "offset", "flags", "proto_id", "proto", "length", "src_ip", "dst_ip"],
  "6": ["class", "flow_label", "hop_limit", "proto", "proto_id", "length", "src_ip", "dst_ip"],
};
const ofProtocol: Readonly<Record<string, readonly string[]>> = {
  tcp: ["src_port", "dst_port", "data_length", "tcp_flags", "seq", "ack", "window", "urg", "options"],
  udp: ["src_port", "dst_port", "data_length"],
  icmp: ["icmp_type", "icmp_data"],
  icmpv6: ["icmp_type", "icmp_data"],
  "ipv6-icmp": ["icmp_type", "icmp_data"],
  carp: ["carp_type", "ttl", "vhid", "version", "advskew", "advbase"],
};

export const looksLikeFilterlog = (line: string): boolean =>
  /\bfilterlog(?:\[\d+\])?(?:: | \d+ - (?:-|\[.*\]) )\S*,(?:[^,]*,){5}(?:pass|block|reject|unkn\(\d+\)|nat|rdr|binat|scrub),/.test(
    line,
  );

/**
 * One packet that the filter let through or stopped. Its names: rule, tracker, interface, action, direction …, then
 * those of the IP version and of the protocol; what a protocol has beyond its names is kept in `more`.
 *
 * @returns WGL_LOG_LINE, WGL_LOG_COLUMNS, WGL_LOG_FIELD, WGL_TIME, WGL_LOG_YEAR
 * @see https://docs.netgate.com/pfsense/en/latest/monitoring/logs/raw-filter-format.html
 */
export const parseFilterlog = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const head = syslogHead(line.trimEnd());
  if (head.time === undefined || !/filterlog/.test(head.app ?? ""))
    return no("WGL_LOG_LINE", { format: title, value: line });
  const time: Result<Instant> = /^\d{4}-/.test(head.time)
    ? isoTime(head.time, stream)
    : yearlessTime(head.time, stream);
  if (!time.ok) return time;
  const cells = head.rest.split(",");
  const version = cells[common.length - 1] ?? "";
  const second = Object.hasOwn(ofIp, version) ? ofIp[version] : undefined;
  if (second === undefined)
    return no("WGL_LOG_FIELD", { format: title, field: "ip_version", value: version, wanted: "4 or 6" });
  const names = [...common, ...second];
  if (cells.length < names.length)
    return no("WGL_LOG_COLUMNS", { format: title, found: cells.length, wanted: names.length });
  const fields: Record<string, unknown> = Object.create(null);
  const put = (name: string, cell: string | undefined): void => {
    if (cell !== undefined && cell !== "")
      fields[name] = numbers.has(name) && /^\d{1,10}$/.test(cell) ? Number(cell) : cell;
  };
  for (const [i, name] of names.entries()) put(name, cells[i]);
  const protocol = String(fields["proto"] ?? "").toLowerCase();
  const rest = cells.slice(names.length);
  const own = (Object.hasOwn(ofProtocol, protocol) ? ofProtocol[protocol] : undefined) ?? [];
  if ((protocol === "tcp" || protocol === "udp") && rest.length < 2 && fields["offset"] === undefined)
    return no("WGL_LOG_COLUMNS", { format: title, found: cells.length, wanted: names.length + 3 });
  for (const [i, name] of own.entries()) put(name, rest[i]);
  if (rest.length > own.length) fields["more"] = rest.slice(own.length).join(",");
  if (head.host !== undefined) fields["host"] = head.host;
  fields["blocked"] = fields["action"] === "block" || fields["action"] === "reject" ? "true" : "false";
  const seen = new SeenList();
  for (const name of ["src_ip", "dst_ip"]) {
    const text = String(fields[name] ?? "");
    if (addressIn(text.replace(/%.*$/, "")) === undefined)
      return no("WGL_LOG_FIELD", { format: title, field: name, value: text, wanted: "an address" });
  }
  const address = (name: string): string => String(fields[name]).replace(/%.*$/, "");
  const source = seen.address("source", address("src_ip"), portIn(fields["src_port"]));
  const destination = seen.address("destination", address("dst_ip"), portIn(fields["dst_port"]));
  const length = fields["length"];
  return ok({
    time: time.value,
    event: String(fields["action"] ?? "filter"),
    fields,
    seen: seen.seen,
    measures: measuresOf({
      bytesOut: typeof length === "number" ? length : undefined,
      bytesIn: undefined,
      packetsOut: 1,
      packetsIn: undefined,
      durationMs: undefined,
    }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
  });
};

const numbers: ReadonlySet<string> = new Set([
  "rule",
  "ttl",
  "hop_limit",
  "length",
  "src_port",
  "dst_port",
  "data_length",
  "window",
  "proto_id",
]);
