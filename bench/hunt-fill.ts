import { Readable } from "node:stream";
import type { ClickHouseClient } from "@clickhouse/client";
import { ipv4Text } from "#core/ip.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";

/** What is laid into history for hunts to be measured on. */
export interface Fill {
  readonly observations: number;
  /** Distinct values there are; the rank of each one seen is drawn log-uniformly, as traffic is skewed. */
  readonly values: number;
  /** Milliseconds since 1970 of the first, and how many days they span. */
  readonly first: number;
  readonly days: number;
  readonly organisations: readonly string[];
  /** Of the deployment, in hexadecimal digits. */
  readonly secret: string;
}

/** Values of one record. */
const inRecord = 5;
const linesOfBatch = 1000;
/** Observations of one insert. */
const slice = 5_000_000;
const dayMs = 86_400_000;

/** The `id`th address, some four of each /24; none of ours. */
export const addressOf = (id: number): string => ipv4Text(0x2d_00_00_00 + id * 61);

/**
 * Observations, their days, records and covers (two of each value, as names have them) in the tables that telemetry fills, made
 * inside the engine: in the order of time, five values a record, fingerprints as this deployment would keep them, so that any hunt finds them.
 */
export const fillHistory = async (
  client: ClickHouseClient,
  fill: Fill,
  part: { readonly from: number; readonly to: number } = { from: 0, to: fill.observations },
): Promise<void> => {
  const { observations, values, first, days, organisations, secret } = fill;
  const run = async (query: string): Promise<void> => void (await client.command({ query }));
  const began = performance.now();
  const tell = (what: string): void =>
    void process.stderr.write(`${what}, ${((performance.now() - began) / 1000).toFixed(0)} s\n`);

  if (part.from === 0) await namedValues(client, values, secret, run);
  tell(`${values} values`);

  const list = `[${organisations.map((one) => `'${one}'`).join(",")}]`;
  const organisation = `${list}[cityHash64(intDiv(r, ${linesOfBatch}), 1) % ${organisations.length} + 1]`;
  const time = `fromUnixTimestamp64Milli(toInt64(${first} + intDiv(r * ${inRecord} * ${days} * ${dayMs}, ${observations})), 'UTC')`;
  const batch = `concat('s-', ${organisation}, '/', toString(intDiv(r, ${linesOfBatch})))`;
  // the middle of the value's rank, drawn anew for each observation
  const id = `toUInt32(least(${values - 1}, exp(log(${values}) * (cityHash64(n, 2) / 18446744073709551616.))))`;
  for (let { from } = part; from < part.to; from += slice) {
    const count = Math.min(slice, part.to - from);
    await run(`insert into seen (time, organisation, sensor, direction, shape, batch, line, value.text, value.fingerprint, value.port)
      select ${time}, ${organisation} as o, concat('s-', o), 'outbound', '${Array.from({ length: inRecord }, () => "ipv4@destination").join(" ")}',
        ${batch}, r % ${linesOfBatch} + 1, groupArray(joinGet('bench_value', 'value', id)),
        groupArray(joinGet('bench_value', 'fingerprint', id)), groupArray(toUInt16(443))
      from (select number + ${from} as n, intDiv(n, ${inRecord}) as r, ${id} as id from numbers(${count})) group by r`);
    await run(`insert into observation_day (fingerprint, day, organisation, count)
      select fingerprint, toDate(${time}, 'UTC') as day, ${organisation} as o, count()
      from (select intDiv(n, ${inRecord}) as r, joinGet('bench_value', 'fingerprint', id) as fingerprint
        from (select number + ${from} as n, ${id} as id from numbers(${count})))
      group by fingerprint, day, o`);
    await run(`insert into record (time, organisation, sensor, format, event, batch, line, text, source, destination)
      select ${time}, ${organisation} as o, concat('s-', o), 'suricata-eve', 'flow', ${batch}, r % ${linesOfBatch} + 1,
        concat('{"timestamp":"', toString(${time}), '","flow_id":', toString(cityHash64(r, 3) % 1000000000000), ',"event_type":"flow","src_ip":"10.0.', toString(r % 250), '.7","src_port":', toString(r % 60000), ',"dest_port":443,"proto":"TCP","flow":{"bytes_toserver":', toString(cityHash64(r, 4) % 100000), ',"state":"closed"}}'),
        concat('10.0.', toString(r % 250), '.7'), ''
      from (select number + ${from / inRecord} as r from numbers(${count / inRecord}))`);
    tell(`${from + count} observations`);
  }
  await run(`insert into value_cover (cover, fingerprint, month, organisation)
    select cityHash64(fingerprint, arrayJoin([1, 2])), fingerprint, toStartOfMonth(day), organisation
    from (select distinct fingerprint, toStartOfMonth(day) as day, organisation from observation_day where day >= toDate(${Math.floor((first + (part.from * days * dayMs) / observations) / dayMs)}))`);
  if (part.to === observations) {
    await run("drop table bench_value");
  }
  tell("covers");
};

/** Values with their fingerprints, for the engine to draw from. */
const namedValues = async (
  client: ClickHouseClient,
  count: number,
  secret: string,
  run: (query: string) => Promise<void>,
): Promise<void> => {
  await run("create table bench_value (id UInt32, value String, fingerprint UInt64) engine = Join(any, left, id)");
  const of = new Fingerprint64(fingerprintKey(Buffer.from(secret)));
  for (let from = 0; from < count; from += 500_000) {
    const values: string[] = [];
    for (let id = from; id < Math.min(count, from + 500_000); id++) {
      const address = { kind: "ipv4", value: addressOf(id) } as const;
      const fingerprint = of.of(address);
      values.push(`${id}\t${address.value}\t${fingerprint}\n`);
    }
    await client.insert({
      ...{ table: "bench_value", format: "TabSeparated" },
      values: Readable.from([values.join("")], { objectMode: false }),
    });
  }
};
