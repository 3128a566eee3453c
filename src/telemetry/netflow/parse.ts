import { type Instant, instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { epochSeconds, isoTime } from "#telemetry/local-time.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { addressIn } from "#telemetry/observed.ts";
import { type Fields, numberAt, portIn, textAt } from "#telemetry/record-fields.ts";
import { looksLikeReply } from "#telemetry/reply-ports.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { columnsOf, shortName } from "./columns.ts";

const title = "nfdump";

/**
 * One stream of nfdump's output. Its header lines may come again (several files after each other); the summary at the
 * end is passed over. A flow is known when it is over: `until`.
 *
 * A flow of one direction goes as the packets went; when the ports say that it is the answer, it is turned round, so
 * that `source` is who began, and its bytes are the ones that came in. A flow of both directions (`opkt`, `obyt` above 0)
 * stands as nfdump has it.
 */
export class NetflowParser {
  readonly #stream: Stream;
  #columns: readonly string[] | undefined;
  #summary = false;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** By their short names; absent before a header. */
  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  /** @returns WGL_LOG_HEADER, WGL_LOG_COLUMNS, WGL_LOG_FIELD, WGL_LOG_JSON, WGL_LOG_KEY, WGL_TIME */
  parse(line: string): Result<TelemetryRecord> | undefined {
    const text = line.trim();
    if (text === "") return undefined;
    if (text.startsWith("{") || text.startsWith("[{")) return this.#json(text);
    const columns = columnsOf(text);
    if (columns !== undefined) {
      this.#columns = columns;
      this.#summary = false;
      return undefined;
    }
    if (text === "Summary" || text.startsWith("Summary:")) this.#summary = true;
    if (this.#summary || text === "No matching flows") return undefined;
    if (this.#columns === undefined) return no("WGL_LOG_HEADER", { format: title });
    const cells = text.split(",").map((cell) => cell.trim());
    if (cells.length === this.#columns.length + 1 && cells.at(-1) === "") cells.pop();
    if (cells.length !== this.#columns.length)
      return no("WGL_LOG_COLUMNS", { format: title, found: cells.length, wanted: this.#columns.length });
    const fields: Record<string, unknown> = Object.create(null);
    for (const [i, name] of this.#columns.entries()) {
      const cell = cells[i] ?? "";
      if (cell !== "") fields[name] = whole.test(cell) ? Number(cell) : cell;
    }
    return this.#record(fields, fields);
  }

  #json(text: string): Result<TelemetryRecord> | undefined {
    const read = readJsonRecord(text.replace(/,$/, ""), title);
    if (!read.ok) return read;
    const fields: Record<string, unknown> = Object.create(null);
    for (const [name, value] of Object.entries(read.value)) fields[shortName(name)] ??= value;
    // nfdump's statistics have no flow in them.
    return this.#record(fields, { ...read.value, ...fields });
  }

  #record(flow: Fields, fields: Fields): Result<TelemetryRecord> {
    const start = this.#time(textAt(flow, "ts") ?? "");
    if (!start.ok) return start;
    const last = textAt(flow, "te");
    const end = last === undefined ? undefined : this.#time(last);
    if (end?.ok === false) return end;
    const seconds = numberAt(flow, "td");
    const until =
      end !== undefined && end.value >= start.value
        ? end.value
        : seconds !== undefined && seconds > 0
          ? instant(start.value + Math.round(seconds * 1000))
          : undefined;
    const ends: { readonly address: string; readonly port: number }[] = [];
    for (const [name, portName] of [
      ["sa", "sp"],
      ["da", "dp"],
    ] as const) {
      const text = textAt(flow, name) ?? "";
      const address = addressIn(text);
      if (address === undefined)
        return no("WGL_LOG_FIELD", { format: title, field: name, value: text, wanted: "an address" });
      ends.push({ address: address.value, port: ported(textAt(flow, "pr")) ? (portIn(flow[portName]) ?? 0) : 0 });
    }
    const [from, to] = ends as [(typeof ends)[0], (typeof ends)[0]];
    const back = { bytes: numberAt(flow, "obyt") ?? 0, packets: numberAt(flow, "opkt") ?? 0 };
    const oneWay = back.packets === 0 && back.bytes === 0;
    const turned = oneWay && looksLikeReply(from.port, to.port);
    const [source, destination] = turned ? [to, from] : [from, to];
    const seen = new SeenList();
    seen.address("source", source.address, source.port);
    seen.address("destination", destination.address, destination.port);
    const bytes = numberAt(flow, "ibyt");
    const packets = numberAt(flow, "ipkt");
    const took = until === undefined ? 0 : until - start.value;
    return ok({
      time: start.value,
      ...(until === undefined || until === start.value ? {} : { until }),
      event: "flow",
      fields,
      seen: seen.seen,
      measures: measuresOf({
        bytesOut: turned ? undefined : bytes,
        bytesIn: turned ? bytes : oneWay ? undefined : back.bytes,
        packetsOut: turned ? undefined : packets,
        packetsIn: turned ? packets : oneWay ? undefined : back.packets,
        durationMs: took,
      }),
      source: source.address,
      destination: destination.address,
    });
  }

  /** Seconds since 1970 (1.7), or local time without a zone. */
  #time(text: string): Result<Instant> {
    const seconds = epochSeconds(text);
    return seconds === undefined ? isoTime(text, this.#stream) : ok(seconds);
  }
}

const whole = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/;

/** Protocols with ports, by number or name (nfdump pads names); ICMP writes type and code there. */
const ported = (protocol: string | undefined): boolean =>
  protocol === undefined || /^(?:6|17|33|132|136|TCP|UDP|DCCP|SCTP|UDPLite)$/i.test(protocol.trim());
