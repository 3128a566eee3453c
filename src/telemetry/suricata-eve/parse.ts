import { parseIp } from "#core/ip.ts";
import { type Instant, parseInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Growing, Measures, TelemetryRecord } from "#telemetry/format.ts";
import { type End, endsOf } from "./ends.ts";
import { type Fields, isObject, numberAt, objectAt, textAt } from "./fields.ts";
import { seenIn } from "./seen.ts";
import { addViews } from "./views.ts";

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
  const seen = seenIn(fields, ends);
  const flow = flowOf(fields);
  const measures = measuresOf(flow, ends.turned);
  const { time: began, until } = spanOf(flow, event, time.value);
  const record: Growing<TelemetryRecord> =
    until === undefined
      ? { time: began, event, fields, seen, measures }
      : { time: began, until, event, fields, seen, measures };
  if (source) record.source = source.address.value;
  if (destination) record.destination = destination.address.value;
  addViews(record, fields, event);
  return ok(record);
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

/** What a record says of the flow it belongs to; of a netflow record, which is one way. */
interface Flow {
  readonly event: "flow" | "netflow";
  readonly fields: Fields;
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
}

const flowOf = (fields: Fields): Flow | undefined => {
  const flow = objectAt(fields, "flow");
  const part = flow ?? objectAt(fields, "netflow");
  if (part === undefined) return undefined;
  const event = flow ? "flow" : "netflow";
  return { event, fields: part, start: instantAt(part, "start"), end: instantAt(part, "end") };
};

const instantAt = (fields: Fields, name: string): Instant | undefined => {
  const text = fields[name];
  const time = typeof text === "string" ? parseInstant(text) : undefined;
  return time?.ok === true ? time.value : undefined;
};

/** A flow's record is written when it is over, so its time is its start, and it is known at its end. */
const spanOf = (flow: Flow | undefined, event: string, written: Instant): Pick<TelemetryRecord, "time" | "until"> => {
  const start = flow?.event === event ? flow.start : undefined;
  if (flow === undefined || start === undefined || start >= written) return { time: written };
  const { end } = flow;
  const until = end !== undefined && end >= start && end <= written ? end : written;
  return until > start ? { time: start, until } : { time: start };
};

/** 0: the record has none (ICMP). */
const portOf = (value: unknown): number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535 ? value : 0;

/** Out is what the initiator sent. A netflow record is one way, as the packets went. */
const measuresOf = (flow: Flow | undefined, turned: boolean): Measures => {
  if (flow === undefined) return nothing;
  const { event, fields } = flow;
  if (event === "flow")
    return measured(
      measureAt(fields, "bytes_toserver"),
      measureAt(fields, "bytes_toclient"),
      measureAt(fields, "pkts_toserver"),
      measureAt(fields, "pkts_toclient"),
      duration(flow),
    );
  const [bytes, packets] = [measureAt(fields, "bytes"), measureAt(fields, "pkts")];
  return turned
    ? measured(undefined, bytes, undefined, packets, duration(flow))
    : measured(bytes, undefined, packets, undefined, duration(flow));
};

const nothing: Measures = {};

const measureAt = (fields: Fields, name: string): number | undefined => {
  const value = numberAt(fields, name);
  return value !== undefined && value >= 0 ? value : undefined;
};

const measured = (
  bytesOut: number | undefined,
  bytesIn: number | undefined,
  packetsOut: number | undefined,
  packetsIn: number | undefined,
  durationMs: number | undefined,
): Measures => {
  // most have all: one shape that engines know
  if (
    bytesOut !== undefined &&
    bytesIn !== undefined &&
    packetsOut !== undefined &&
    packetsIn !== undefined &&
    durationMs !== undefined
  )
    return { bytesOut, bytesIn, packetsOut, packetsIn, durationMs };
  const measures: Growing<Measures> = {};
  if (bytesOut !== undefined) measures.bytesOut = bytesOut;
  if (bytesIn !== undefined) measures.bytesIn = bytesIn;
  if (packetsOut !== undefined) measures.packetsOut = packetsOut;
  if (packetsIn !== undefined) measures.packetsIn = packetsIn;
  if (durationMs !== undefined) measures.durationMs = durationMs;
  return measures;
};

/** From start to end where both are written, else `age`, which is in whole seconds. */
const duration = ({ fields, start, end }: Flow): number | undefined => {
  if (start !== undefined && end !== undefined) return Math.max(0, end - start);
  const age = measureAt(fields, "age");
  return age === undefined ? undefined : age * 1000;
};
