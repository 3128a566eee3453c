import type { Growing, Seen, TelemetryRecord, Where } from "#telemetry/format.ts";
import type { Fact, Said } from "./behaviour.ts";
import type { End } from "./hit.ts";

/** Where a record came from, and what was said of it. */
export interface Origin {
  readonly id: string;
  readonly sensor: string;
  readonly from: string;
  readonly line: number;
  readonly said?: readonly Said[];
}

/** What detectors over time are told of a record. */
export const factOf = (record: TelemetryRecord, { id, sensor, from, line, said }: Origin): Fact => {
  const { time, until, event, measures, host, session, http, dns, process, file } = record;
  const { source, destination, name } = endsOf(record);
  const at = until ?? time;
  // nearly all have both ends: one shape that engines know
  const fact: Growing<Fact> =
    source && destination
      ? { id, sensor, from, line, at, time, event, measures, source, destination }
      : { id, sensor, from, line, at, time, event, measures };
  if (source && !destination) fact.source = source;
  if (destination && !source) fact.destination = destination;
  if (name !== undefined) fact.name = name;
  if (host !== undefined) fact.host = host.toLowerCase();
  if (session) fact.session = session;
  if (http) fact.http = http;
  if (dns) fact.dns = dns;
  if (process) fact.process = process;
  if (file) fact.file = file;
  if (said && said.length > 0) fact.said = said;
  return fact;
};

interface Ends {
  source: End | undefined;
  destination: End | undefined;
  name: string | undefined;
}

/** The two ends, and the name by which the destination was called, in one look at what was seen. */
const endsOf = ({ source, destination, seen }: TelemetryRecord): Ends => {
  let from: Seen | undefined;
  let to: Seen | undefined;
  let sni: string | undefined;
  let host: string | undefined;
  for (const one of seen)
    switch (one.where) {
      case "source":
        if (!from && one.value === source) from = one;
        break;
      case "destination":
        if (!to && one.value === destination) to = one;
        break;
      case "tls-sni":
        if (one.kind === "domain") sni ??= one.value;
        break;
      case "http-host":
        if (one.kind === "domain") host ??= one.value;
        break;
      default:
    }
  return { source: endAt(source, from), destination: endAt(destination, to), name: sni ?? host };
};

const endAt = (address: string | undefined, seen: Seen | undefined): End | undefined =>
  address === undefined ? undefined : seen?.port === undefined ? { address } : { address, port: seen.port };

/** One end of a record, with its port where the record has it. */
export const endOf = (record: TelemetryRecord, address: string | undefined, where: Where): End | undefined =>
  endAt(
    address,
    record.seen.find((seen) => seen.where === where && seen.value === address),
  );
