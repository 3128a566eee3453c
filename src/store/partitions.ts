import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type {
  EvidenceBatch,
  FactsRow,
  Held,
  PartitionCounts,
  PartitionStanding,
  PartitionsState,
  SaidOfBatch,
  SensorClock,
  TakenRow,
} from "#jobs/partitions/port.ts";
import { readProblem, timeOf } from "#store/columns.ts";
import { packedBytes } from "#store/packed-bytes.ts";
import { storable } from "#store/storable.ts";

type Row = Record<string, unknown>;

const factsRow = (row: Row): FactsRow => ({
  batch: row["batch"] as number,
  organisation: row["organisation"] as OrganisationId,
  sensor: row["sensor"] as string,
  received: row["received"] as Instant,
  newest: row["newest"] as Instant,
  facts: row["facts"] as number,
  body: row["body"] as Uint8Array,
  said: row["said"] as SaidOfBatch,
});

export const partitionsState = (sql: TransactionSql): PartitionsState => ({
  keep: async ({ batch, organisation, sensor, received, newest, facts, body, said }, now) => {
    await sql`insert into batch_facts (batch, organisation, sensor, received, newest, facts, body, said)
      values (${batch}, ${organisation}, ${sensor}, ${timeOf(received)}, ${timeOf(newest)}, ${facts}, ${packedBytes(sql, body)}, ${sql.json(storable(said) as never)})
      on conflict (batch) do nothing`;
    // read before it is written: every batch comes by here, and a partition is made once
    const [known] = await sql`select from detect_partition where organisation = ${organisation}`;
    if (!known)
      await sql`insert into detect_partition (organisation, struck) values (${organisation}, ${timeOf(now)}) on conflict do nothing`;
  },

  lease: async (holder, leaseMs, hour, limit) =>
    (
      await sql`with free as (
        select organisation from detect_partition p
        where (holder is null or leased_until < clock_timestamp())
          and (taken > checkpointed or struck < ${timeOf(hour)}
            or exists (select from batch_facts f where f.organisation = p.organisation and f.taken is null))
        order by leased_until nulls first limit ${limit} for update skip locked)
      update detect_partition p set holder = ${holder}, fence = p.fence + 1, leased_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
      from free where p.organisation = free.organisation
      returning p.organisation, p.fence, p.taken, p.checkpointed, p.checkpoint, p.version, p.struck`
    ).map(
      (row): Held => ({
        organisation: row["organisation"] as OrganisationId,
        fence: row["fence"] as number,
        taken: row["taken"] as number,
        checkpointed: row["checkpointed"] as number,
        ...(row["checkpoint"] === null ? {} : { checkpoint: row["checkpoint"] as Uint8Array }),
        version: row["version"] as string,
        struck: row["struck"] as Instant,
      }),
    ),

  renew: async (holder, claims, leaseMs) =>
    new Set(
      (
        await sql`update detect_partition p set leased_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
        from unnest(${claims.map(({ organisation }) => organisation)}::text[], ${claims.map(({ fence }) => fence)}::bigint[]) as c (organisation, fence)
        where p.organisation = c.organisation and p.fence = c.fence and p.holder = ${holder} returning p.organisation`
      ).map((row) => row["organisation"] as OrganisationId),
    ),

  release: async (holder, claims) => {
    await sql`update detect_partition p set holder = null, leased_until = null
      from unnest(${claims.map(({ organisation }) => organisation)}::text[], ${claims.map(({ fence }) => fence)}::bigint[]) as c (organisation, fence)
      where p.organisation = c.organisation and p.fence = c.fence and p.holder = ${holder}`;
  },

  holds: async (holder, { organisation, fence }) => {
    const [row] = await sql`select from detect_partition
      where organisation = ${organisation} and holder = ${holder} and fence = ${fence} for update`;
    return row !== undefined;
  },

  fresh: async (organisation, limit) =>
    (
      await sql`select * from batch_facts where organisation = ${organisation} and taken is null order by batch limit ${limit}`
    ).map(factsRow),

  again: async (organisation, after, limit) =>
    (
      await sql`select * from batch_facts where organisation = ${organisation} and taken > ${after} order by taken limit ${limit}`
    ).map((row): TakenRow => ({ ...factsRow(row), taken: row["taken"] as number })),

  took: async (organisation, batches, first) => {
    if (batches.length === 0) return;
    await sql`update batch_facts f set taken = t.n + ${first - 1}
      from unnest(${[...batches]}::bigint[]) with ordinality as t (batch, n) where f.batch = t.batch`;
    await sql`update detect_partition set taken = ${first + batches.length - 1} where organisation = ${organisation}`;
  },

  note: async (organisation, counts, through, problem) => {
    await sql`update detect_partition set counts = ${sql.json(counts as never)}, through = ${through === undefined ? null : timeOf(through)},
      problem = ${problem === undefined ? null : sql.json(storable(problem) as never)} where organisation = ${organisation}`;
  },

  checkpoint: async (organisation, { taken, body, version, struck, tookMs }, now) => {
    await sql`update detect_partition set checkpoint = ${packedBytes(sql, body)}, checkpointed = ${taken}, version = ${version},
      struck = ${timeOf(struck)}, checkpoint_at = ${timeOf(now)}, checkpoint_ms = ${Math.round(tookMs)} where organisation = ${organisation}`;
    await sql`delete from batch_facts where organisation = ${organisation} and taken <= ${taken}`;
  },

  clocks: async (clocks) => {
    if (clocks.length === 0) return;
    const rows = clocks.map((clock) => ({
      ...{ sensor: clock.sensor, at: timeOf(clock.at), behind_ms: clock.behindMs, corrected_ms: clock.correctedMs },
      ...{ facts: clock.facts, late: clock.late, future: clock.future, alone: clock.alone },
    }));
    await sql`insert into sensor_clock ${sql(rows)} on conflict (sensor) do update set at = excluded.at, behind_ms = excluded.behind_ms,
      corrected_ms = excluded.corrected_ms, facts = excluded.facts, late = excluded.late, future = excluded.future, alone = excluded.alone`;
  },

  sensorClocks: async () =>
    new Map(
      (await sql`select * from sensor_clock`).map((row): [string, SensorClock] => [
        row["sensor"] as string,
        {
          sensor: row["sensor"] as string,
          at: row["at"] as Instant,
          behindMs: row["behind_ms"] as number,
          correctedMs: row["corrected_ms"] as number,
          facts: row["facts"] as number,
          late: row["late"] as number,
          future: row["future"] as number,
          alone: row["alone"] as boolean,
        },
      ]),
    ),

  standing: async () =>
    (
      await sql`select p.organisation, p.holder, p.leased_until > clock_timestamp() as held, p.counts, p.through, p.checkpoint_at, p.problem,
        coalesce(length(p.checkpoint), 0) as checkpoint_bytes, f.fresh, f.kept, f.bytes, f.since
      from detect_partition p, lateral (select count(*) filter (where taken is null)::int as fresh, count(*) filter (where taken is not null)::int as kept,
        coalesce(sum(length(body)), 0)::bigint as bytes, min(received) filter (where taken is null) as since from batch_facts b where b.organisation = p.organisation) f
      order by p.organisation`
    ).map(
      (row): PartitionStanding => ({
        organisation: row["organisation"] as OrganisationId,
        ...(row["held"] === true ? { holder: row["holder"] as string } : {}),
        ...{ fresh: row["fresh"] as number, kept: row["kept"] as number, bytes: row["bytes"] as number },
        ...(row["since"] === null ? {} : { freshSince: row["since"] as Instant }),
        counts: row["counts"] as Partial<PartitionCounts>,
        ...(row["through"] === null ? {} : { through: row["through"] as Instant }),
        ...(row["checkpoint_at"] === null ? {} : { checkpointAt: row["checkpoint_at"] as Instant }),
        checkpointBytes: row["checkpoint_bytes"] as number,
        ...(row["problem"] === null ? {} : { problem: readProblem(row["problem"]) }),
      }),
    ),

  evidence: async (batches) =>
    (
      await sql`select n, key, sensor, format, received, body from telemetry_batch where n = any(${[...batches]}::bigint[])`
    ).map(
      (row): EvidenceBatch => ({
        ...{ n: row["n"] as number, key: row["key"] as string, sensor: row["sensor"] as string },
        ...(row["format"] === null ? {} : { format: row["format"] as string }),
        received: row["received"] as Instant,
        ...(row["body"] === null ? {} : { body: row["body"] as Uint8Array }),
      }),
    ),
});
