import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { KeptCount, KeptKind, KeptState, LegalHold, OwnLimit } from "#jobs/history/kept-port.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { storableText } from "#store/storable.ts";

export const keptState = (sql: TransactionSql): KeptState => ({
  limits: async () => (await sql`select * from keep_limit order by organisation, what`).map(limitOf),

  putLimit: async ({ organisation, what, days, bytes, who, reason, at }) => {
    if (days === undefined && bytes === undefined) {
      await sql`delete from keep_limit where organisation = ${organisation} and what = ${what}`;
      return;
    }
    await sql`insert into keep_limit (organisation, what, days, bytes, who, reason, at)
      values (${organisation}, ${what}, ${days ?? null}, ${bytes ?? null}, ${storableText(who)}, ${storableText(reason)}, ${timeOf(at)})
      on conflict (organisation, what) do update set days = excluded.days, bytes = excluded.bytes, who = excluded.who, reason = excluded.reason, at = excluded.at`;
  },

  holds: async (ended = false) =>
    (await sql`select * from legal_hold where ${ended} or ended is null order by at desc, id`).map(holdOf),

  putHold: async ({ id, organisation, since, until, who, reason, at }) => {
    await sql`insert into legal_hold (id, organisation, since, until, who, reason, at)
      values (${id}, ${organisation}, ${timeOf(since)}, ${until === undefined ? null : timeOf(until)}, ${storableText(who)}, ${storableText(reason)}, ${timeOf(at)})
      on conflict (id) do nothing`;
  },

  endHold: async (id, who, reason, at) => {
    if (!isUuid(id)) return undefined;
    const [row] =
      await sql`update legal_hold set ended = ${timeOf(at)}, ended_by = ${storableText(who)}, ended_reason = ${storableText(reason)}
      where id = ${id} and ended is null returning *`;
    return row && holdOf(row);
  },

  keptHits: async () => {
    const rows =
      await sql`select f.organisation, (date_trunc('day', h.time at time zone 'UTC') at time zone 'UTC') as day, count(*) as records,
        sum(pg_column_size(h.evidence)) as bytes from hit h join finding f on f.n = h.finding where h.forgotten is null group by 1, 2 order by 1, 2`;
    return [...Map.groupBy(rows, (row) => row["organisation"] as string)].map(([organisation, days]) => {
      const records = days.reduce((sum, row) => sum + Number(row["records"]), 0);
      const bytes = days.reduce((sum, row) => sum + Number(row["bytes"]), 0);
      return {
        organisation,
        days: days.map((row) => ({ day: row["day"] as number, records: Number(row["records"]) })),
        bytesEach: records === 0 ? 0 : bytes / records,
      };
    });
  },

  forgetHits: async ({ organisation, from, to }, at, limit) => {
    const [since, until] = [timeOf(from as Instant), timeOf(to as Instant)];
    const went = await sql`update hit set evidence = '', forgotten = ${timeOf(at)} where id in (
      select h.id from hit h join finding f on f.n = h.finding where f.organisation = ${organisation} and h.forgotten is null
        and h.time >= ${since} and h.time < ${until} limit ${limit})`;
    if (went.count < limit)
      await sql`delete from hunt_result where organisation = ${organisation} and at >= ${since} and at < ${until}`;
    return went.count;
  },

  putCounts: async (what, counts) => {
    await sql`delete from kept_count where what = ${what}`;
    for (const one of counts)
      await sql`insert into kept_count (organisation, what, since, until, records, bytes, at)
        values (${one.organisation}, ${what}, ${one.since === undefined ? null : timeOf(one.since)}, ${one.until === undefined ? null : timeOf(one.until)},
          ${one.records}, ${one.bytes}, ${timeOf(one.at)})`;
  },

  counts: async () => (await sql`select * from kept_count order by organisation, what`).map(countOf),
});

const limitOf = (row: Record<string, unknown>): OwnLimit => ({
  organisation: row["organisation"] as OrganisationId,
  what: row["what"] as KeptKind,
  ...(row["days"] === null ? {} : { days: Number(row["days"]) }),
  ...(row["bytes"] === null ? {} : { bytes: Number(row["bytes"]) }),
  ...{ who: row["who"] as string, reason: row["reason"] as string, at: row["at"] as Instant },
});

const holdOf = (row: Record<string, unknown>): LegalHold => ({
  id: row["id"] as string,
  organisation: row["organisation"] as OrganisationId,
  since: row["since"] as Instant,
  ...(row["until"] === null ? {} : { until: row["until"] as Instant }),
  ...{ who: row["who"] as string, reason: row["reason"] as string, at: row["at"] as Instant },
  ...(row["ended"] === null ? {} : { ended: row["ended"] as Instant }),
});

const countOf = (row: Record<string, unknown>): KeptCount => ({
  organisation: row["organisation"] as string,
  what: row["what"] as KeptKind,
  ...(row["since"] === null ? {} : { since: row["since"] as Instant }),
  ...(row["until"] === null ? {} : { until: row["until"] as Instant }),
  ...{ records: Number(row["records"]), bytes: Number(row["bytes"]), at: row["at"] as Instant },
});
