import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { RulesState } from "#jobs/rules-port.ts";
import { timeOf } from "#store/columns.ts";
import { storableText } from "#store/storable.ts";

export const rulesState = (sql: TransactionSql): RulesState => ({
  shadows: async (sources) =>
    new Map(
      (await sql`select feed, shadow from feed_state where feed = any(${[...sources]}::text[])`).map((row) => [
        row["feed"] as string,
        row["shadow"] as boolean,
      ]),
    ),

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
});
