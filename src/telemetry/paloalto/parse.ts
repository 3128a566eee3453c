import { type Instant, instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { csvCells } from "#telemetry/csv.ts";
import type { HttpRequest, Session, Stream, TelemetryRecord } from "#telemetry/format.ts";
import { known } from "#telemetry/known.ts";
import { isoTime } from "#telemetry/local-time.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { numberIn, portIn } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { columns, fewest, first } from "./columns.ts";

const title = "a PAN-OS log";

const types =
  "TRAFFIC|THREAT|GLOBALPROTECT|SYSTEM|CONFIG|USERID|AUTHENTICATION|DECRYPTION|HIPMATCH|HIP-MATCH|CORRELATION|TUNNEL|START|END|SCTP|IPTAG|GTP|AUDIT";
const row = new RegExp(
  String.raw`(?:^|[\s:])((?:\d{0,10}|FUTURE_USE),\d{4}[/-]\d\d[/-]\d\d[ T]\d\d:\d\d:\d\d[^,]{0,12},[A-Za-z0-9]{1,40},(?:${types}),[^]*)$`,
);

export const looksLikePanOs = (line: string): boolean => row.test(line);

/**
 * One row. Its time is when the firewall made it (`time_generated`, local time of the firewall; 10.0 and later append
 * `high_res_timestamp`, which has a zone and is taken when there). Traffic is logged when the session is over.
 *
 * @returns WGL_LOG_LINE, WGL_LOG_COLUMNS, WGL_LOG_FIELD, WGL_TIME
 * @see https://docs.paloaltonetworks.com/pan-os/11-1/pan-os-admin/monitoring/use-syslog-for-monitoring/syslog-field-descriptions
 */
export const parsePanOs = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const text = row.exec(line.trimEnd())?.[1];
  const cells = text === undefined ? undefined : csvCells(text);
  if (cells === undefined) return no("WGL_LOG_LINE", { format: title, value: line });
  const type = (cells[3] ?? "").replace("HIP-MATCH", "HIPMATCH");
  const own = (Object.hasOwn(columns, type) ? columns[type] : undefined) ?? [];
  const wanted = Object.hasOwn(fewest, type) ? (fewest[type] ?? 0) : first.length;
  if (cells.length < wanted) return no("WGL_LOG_COLUMNS", { format: title, found: cells.length, wanted });
  const names = [...first, ...own];
  const fields: Record<string, unknown> = Object.create(null);
  for (const [i, cell] of cells.entries()) {
    const name = names[i] ?? `column_${i + 1}`;
    if (name !== "-" && cell !== "") fields[name] = cell;
  }
  const at = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === "string" ? value : undefined;
  };
  const logged = timeOf(cells, at("time_generated") ?? at("receive_time") ?? "", stream);
  if (!logged.ok) return logged;
  const seconds = type === "TRAFFIC" ? numberIn(at("elapsed")) : undefined;
  const over = seconds !== undefined && seconds > 0 && seconds * 1000 <= logged.value;
  const time = over ? instant(logged.value - seconds * 1000) : logged.value;
  const seen = new SeenList();
  for (const name of ["src", "dst"])
    if (own.includes("dst") && (at(name) === undefined || !/^[0-9A-Fa-f.:]+$/.test(at(name) ?? "")))
      return no("WGL_LOG_FIELD", { format: title, field: name, value: at(name) ?? "", wanted: "an address" });
  const said = type === "SYSTEM" ? /\bFrom: ([0-9A-Fa-f.:]*[0-9A-Fa-f])/.exec(at("opaque") ?? "")?.[1] : undefined;
  const from = said ?? at("src") ?? zeroless(at("public_ip")) ?? zeroless(at("public_ipv6")) ?? at("ip");
  const source = seen.address("source", from, portIn(at("sport")));
  const destination = seen.address("destination", at("dst"), portIn(at("dport")));
  seen.hops(at("xff"));
  seen.hops(at("xff_ip"));
  const url = at("subtype") === "url" ? at("misc") : undefined;
  const http = url === undefined ? undefined : webOf(url, at, seen, fields);
  if (url === undefined && /^(?:spyware|vulnerability|dns.*)$/.test(at("subtype") ?? ""))
    seen.host("dns-query", at("misc"));
  if (at("subtype") === "wildfire" || at("subtype") === "virus" || at("subtype") === "file")
    seen.hash("file-hash", at("filedigest"));
  seen.mail("mail-from", at("sender"));
  seen.mail("mail-to", at("recipient"));
  const session = sessionOf(type, at);
  const host = at("device_name");
  return ok({
    time,
    ...(over ? { until: logged.value } : {}),
    event: type,
    fields,
    seen: seen.seen,
    measures: measuresOf({
      bytesOut: numberIn(at("bytes_sent")),
      bytesIn: numberIn(at("bytes_received")),
      packetsOut: numberIn(at("pkts_sent")),
      packetsIn: numberIn(at("pkts_received")),
      durationMs: seconds === undefined ? undefined : seconds * 1000,
    }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(host === undefined ? {} : { host }),
    ...(session === undefined ? {} : { session }),
    ...(http === undefined ? {} : { http }),
  });
};

type At = (name: string) => string | undefined;

const zeroless = (text: string | undefined): string | undefined =>
  text === "0.0.0.0" || text === "::" ? undefined : text;

const timeOf = (cells: readonly string[], generated: string, stream: Stream): Result<Instant> => {
  const fine = cells
    .slice(first.length + 20)
    .find((cell) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}(?:Z|[+-]\d\d:?\d\d)$/.test(cell));
  return isoTime(fine ?? generated.replaceAll("/", "-"), stream);
};

/** A URL log writes "host/path?query" without a scheme, or "host:443/". */
const webOf = (url: string, at: At, seen: SeenList, fields: Record<string, unknown>): HttpRequest | undefined => {
  const bare = url.replace(/^[a-z]+:\/\//i, "");
  const slash = bare.search(/[/?#]/);
  const host = slash < 0 ? bare : bare.slice(0, slash);
  const rest = slash < 0 ? "/" : bare.slice(slash);
  const secure = at("dport") === "443" || /ssl|https/.test(at("app") ?? "") || host.endsWith(":443");
  seen.host("http-host", host, portIn(at("dport")));
  const port = at("dport");
  const silent = /:\d+$/.test(host) || port === undefined || port === "80" || port === "443";
  seen.url("http-url", `${secure ? "https" : "http"}://${host}${silent ? "" : `:${port}`}${rest}`);
  seen.url("http-referrer", at("referer"));
  fields["cs-host"] = host;
  const mark = rest.indexOf("?");
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const extension = /\.([A-Za-z0-9]{1,16})$/.exec(path)?.[1];
  if (extension !== undefined) fields["cs-uri-extension"] = extension.toLowerCase();
  return known({
    method: at("http_method")?.toUpperCase(),
    host,
    path,
    query: mark < 0 ? undefined : rest.slice(mark + 1),
    agent: at("user_agent"),
    referrer: at("referer"),
  });
};

const sessionOf = (type: string, at: At): Session | undefined => {
  if (type === "GLOBALPROTECT") {
    // Of the stages of a connection, those that look at who it is
    if (!/auth|login/.test(`${at("stage") ?? ""} ${at("eventid") ?? ""}`)) return undefined;
    const country = at("srcregion");
    return {
      ...(at("srcuser") === undefined ? {} : { account: at("srcuser") ?? "" }),
      outcome: at("status") === "success" ? "success" : "failure",
      ...(country !== undefined && /^[A-Z]{2}$/.test(country) ? { country } : {}),
      service: "vpn",
    };
  }
  if (type === "SYSTEM" && /^auth-(?:success|fail)$/.test(at("eventid") ?? "")) {
    const account = /user '([^']+)'/i.exec(at("opaque") ?? "")?.[1];
    return {
      ...(account === undefined ? {} : { account }),
      outcome: at("eventid") === "auth-success" ? "success" : "failure",
      service: "paloalto",
    };
  }
  return undefined;
};
