import type { Observable } from "#core/observable.ts";
import type { TelemetryRecord, Where } from "#telemetry/format.ts";
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
export const factOf = (record: TelemetryRecord, { said, ...origin }: Origin): Fact => {
  const { time, until, event, measures, host, session, http, dns, process, file } = record;
  const source = endOf(record, record.source, "source");
  const destination = endOf(record, record.destination, "destination");
  const name = nameOf(record);
  return {
    ...origin,
    at: until ?? time,
    time,
    event,
    measures,
    ...(source ? { source } : {}),
    ...(destination ? { destination } : {}),
    ...(name === undefined ? {} : { name }),
    ...(host === undefined ? {} : { host: host.toLowerCase() }),
    ...(session ? { session } : {}),
    ...(http ? { http } : {}),
    ...(dns ? { dns } : {}),
    ...(process ? { process } : {}),
    ...(file ? { file } : {}),
    ...(said && said.length > 0 ? { said } : {}),
  };
};

/** One end of a record, with its port where the record has it. */
export const endOf = (record: TelemetryRecord, address: string | undefined, where: Where): End | undefined => {
  if (address === undefined) return undefined;
  const port = record.seen.find((seen) => seen.where === where && seen.value === address)?.port;
  return { address, ...(port === undefined ? {} : { port }) };
};

const named: readonly Where[] = ["tls-sni", "http-host"];

const nameOf = (record: TelemetryRecord): string | undefined => {
  for (const where of named) {
    const seen: Observable | undefined = record.seen.find((one) => one.where === where && one.kind === "domain");
    if (seen) return seen.value;
  }
  return undefined;
};
