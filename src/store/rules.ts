import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { RulesState } from "#jobs/rules/port.ts";
import { timeOf } from "#store/columns.ts";
import { countRecords, detectorRecords } from "#store/detector-records.ts";
import { storableText } from "#store/storable.ts";

export const rulesState = (sql: TransactionSql): RulesState => ({
  shadows: async (sources) =>
    new Map(
      (await sql`select feed, shadow from feed_state where feed = any(${[...sources]}::text[])`).map((row) => [
        row["feed"] as string,
        row["shadow"] as boolean,
      ]),
    ),

  records: (sources) => detectorRecords(sql, sources),

  countRecords: (now, days) => countRecords(sql, now, days),

  decisions: async () =>
    (await sql`select * from rule_decision order by rule`).map((row) => ({
      rule: row["rule"] as string,
      runs: row["runs"] as boolean,
      reason: row["reason"] as string,
      who: row["who"] as string,
      at: row["at"] as Instant,
    })),

  decide: async ({ rule, runs, reason, who, at }) => {
    await sql`insert into rule_decision (rule, runs, reason, who, at) values (${storableText(rule)}, ${runs}, ${storableText(reason)}, ${storableText(who)}, ${timeOf(at)})
      on conflict (rule) do update set runs = excluded.runs, reason = excluded.reason, who = excluded.who, at = excluded.at`;
  },

  allShadows: async () =>
    new Map(
      (await sql`select feed, shadow from feed_state where feed like 'rule:%'`).map((row) => [
        row["feed"] as string,
        row["shadow"] as boolean,
      ]),
    ),

  hits: async (since) =>
    new Map(
      (
        await sql`select noticed->>'id' as rule, count(*) as hits from hit where time >= ${timeOf(since)} and noticed is not null group by 1`
      ).map((row) => [row["rule"] as string, Number(row["hits"])]),
    ),

  hitDays: async (rule, since) =>
    (
      await sql`select to_char(time at time zone 'UTC', 'YYYY-MM-DD') as day, count(*) as hits from hit
        where time >= ${timeOf(since)} and noticed->>'id' = ${storableText(rule)} group by 1 order by 1`
    ).map((row) => ({ day: row["day"] as string, hits: Number(row["hits"]) })),

  hunted: async () =>
    (await sql`select * from hunted_rule order by rule`).map((row) => ({
      rule: row["rule"] as string,
      said: row["said"] as string,
      at: row["at"] as Instant,
      ...(row["up_to"] === null ? {} : { upTo: Number(row["up_to"]) }),
      hunted: row["hunted"] as boolean,
      ...(row["seam"] === null ? {} : { seam: row["seam"] as Instant }),
    })),

  keepHunted: async (rules) => {
    for (let at = 0; at < rules.length; at += rowsAtOnce) {
      const rows = rules.slice(at, at + rowsAtOnce).map((one) => ({
        ...{ rule: storableText(one.rule), said: one.said, at: timeOf(one.at), up_to: one.upTo ?? null },
        ...{ hunted: one.hunted, seam: one.seam === undefined ? null : timeOf(one.seam) },
      }));
      await sql`insert into hunted_rule ${sql(rows as never)}
        on conflict (rule) do update set said = excluded.said, at = excluded.at, up_to = excluded.up_to, hunted = excluded.hunted, seam = excluded.seam`;
    }
  },

  forgetHunted: async (rules) => {
    if (rules.length > 0) await sql`delete from hunted_rule where rule = any(${[...rules]}::text[])`;
  },
});

/** A statement has 65,535 parameters at most. */
const rowsAtOnce = 5_000;
