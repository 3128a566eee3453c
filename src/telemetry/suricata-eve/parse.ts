import { parseIp } from "#core/ip.ts";
import { type Instant, parseInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Measures, TelemetryRecord } from "#telemetry/format.ts";
import { type End, endsOf } from "./ends.ts";
import { type Fields, isObject, numberAt, objectAt, textAt } from "./fields.ts";
import { seenIn } from "./seen.ts";
import { viewsOf } from "./views.ts";

/**
 * One EVE record, the slow and obvious way; a blank line is nothing.
 *
 * @returns WGL_EVE_JSON, WGL_EVE_KEY, WGL_EVE_EVENT, WGL_TIME, WGL_IP
 * @see https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
 */
export const parseEve = (line: string): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readJson(line);
  if (!read.ok) return read;
  const fields = read.value;
  const event = textAt(fields, "event_type");
  if (event === undefined) return no("WGL_EVE_EVENT");
  const time = timeOf(fields["timestamp"]);
  if (!time.ok) return time;
  const from = endAt(fields, "src_ip", "src_port");
  if (!from.ok) return from;
  const to = endAt(fields, "dest_ip", "dest_port");
  if (!to.ok) return to;
  const ends = endsOf(event, fields, from.value, to.value);
  const { source, destination } = ends;
  return ok({
    ...spanOf(fields, event, time.value),
    event,
    fields,
    seen: seenIn(fields, ends),
    measures: measuresOf(fields, ends.turned),
    ...(source ? { source: source.address.value } : {}),
    ...(destination ? { destination: destination.address.value } : {}),
    ...viewsOf(fields, event),
  });
};

/** One end of the packet; undefined where the record has none. */
const endAt = (fields: Fields, name: string, port: string): Result<End | undefined> => {
  const text = fields[name];
  if (text === undefined || text === null || text === "") return nobody;
  const address = parseIp(String(text));
  return address.ok
    ? ok({ address: address.value, port: portOf(fields[port]) })
    : no("WGL_IP", { value: String(text) }, `/${name}`);
};

const nobody: Result<undefined> = ok(undefined);

const readJson = (line: string): Result<Fields> => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return no("WGL_EVE_JSON", { value: line });
  }
  if (!isObject(value)) return no("WGL_EVE_JSON", { value: line });
  // The cheap look first: the name may stand in a URL, where it is only text.
  if ((line.includes("__proto__") || line.includes("\\u00")) && reachesPrototype(value))
    return no("WGL_EVE_KEY", { key: "__proto__" });
  return ok(value);
};

const reachesPrototype = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Object.hasOwn(value, "__proto__") || Object.values(value).some(reachesPrototype));

const timeOf = (value: unknown): Result<Instant> =>
  typeof value === "string" ? parseInstant(value) : no("WGL_TIME", { value: String(value ?? "") });

/** A flow's record is written when it is over, so its time is its start, and it is known at its end. */
const spanOf = (fields: Fields, event: string, written: Instant): Pick<TelemetryRecord, "time" | "until"> => {
  if (event !== "flow" && event !== "netflow") return { time: written };
  const flow = objectAt(fields, event);
  const start = timeOf(flow?.["start"]);
  if (!start.ok || start.value >= written) return { time: written };
  const end = timeOf(flow?.["end"]);
  const until = end.ok && end.value >= start.value && end.value <= written ? end.value : written;
  return until > start.value ? { time: start.value, until } : { time: start.value };
};

/** 0: the record has none (ICMP). */
const portOf = (value: unknown): number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535 ? value : 0;

/** Out is what the initiator sent. A netflow record is one way, as the packets went. */
const measuresOf = (fields: Fields, turned: boolean): Measures => {
  const measures: { -readonly [name in keyof Measures]: number } = {};
  const put = (name: keyof Measures, value: number | undefined): void => {
    if (value !== undefined && value >= 0) measures[name] = value;
  };
  const flow = objectAt(fields, "flow");
  const oneWay = objectAt(fields, "netflow");
  if (flow) {
    put("bytesOut", numberAt(flow, "bytes_toserver"));
    put("bytesIn", numberAt(flow, "bytes_toclient"));
    put("packetsOut", numberAt(flow, "pkts_toserver"));
    put("packetsIn", numberAt(flow, "pkts_toclient"));
    put("durationMs", duration(flow));
  } else if (oneWay) {
    put(turned ? "bytesIn" : "bytesOut", numberAt(oneWay, "bytes"));
    put(turned ? "packetsIn" : "packetsOut", numberAt(oneWay, "pkts"));
    put("durationMs", duration(oneWay));
  }
  return measures;
};

/** From start to end where both are written, else `age`, which is in whole seconds. */
const duration = (flow: Fields): number | undefined => {
  const start = timeOf(flow["start"]);
  const end = timeOf(flow["end"]);
  if (start.ok && end.ok) return Math.max(0, end.value - start.value);
  const age = numberAt(flow, "age");
  return age === undefined ? undefined : age * 1000;
};
