import type { TransactionSql } from "postgres";
import type { Mail } from "#alerts/mail.ts";
import type { JobKind, OutboxState, QueueState } from "#jobs/ports.ts";
import { timeOf } from "#store/columns.ts";
import { storable, storableText } from "#store/storable.ts";

export const queueState = (sql: TransactionSql): QueueState => ({
  put: async (kind, key, payload, runAt) => {
    await sql`insert into queue (kind, key, payload, run_at) values (${kind}, ${key}, ${sql.json(storable(payload) as never)}, ${timeOf(runAt)})
      on conflict (kind, key) do update set run_at = least(queue.run_at, excluded.run_at), payload = excluded.payload`;
  },
  putAll: async (jobs, runAt) => {
    if (jobs.length === 0) return;
    const rows = jobs.map(({ kind, key, payload }, place) => ({ place, kind, key, payload: storable(payload) }));
    await sql`insert into queue (kind, key, payload, run_at) select kind, key, payload, ${timeOf(runAt)}
      from jsonb_to_recordset(${sql.json(rows as never)}) as r (place integer, kind text, key text, payload jsonb) order by place
      on conflict (kind, key) do update set run_at = least(queue.run_at, excluded.run_at), payload = excluded.payload`;
  },
  take: async (kind, now, limit) =>
    (
      await sql`select n, kind, key, payload, attempts from queue where kind = ${kind} and run_at <= ${timeOf(now)}
        order by run_at, n limit ${limit} for update skip locked`
    ).map((row) => ({
      n: row["n"] as number,
      kind: row["kind"] as JobKind,
      key: row["key"] as string,
      payload: row["payload"] as Record<string, unknown>,
      attempts: row["attempts"] as number,
    })),
  done: async (ns) => {
    await sql`delete from queue where n = any(${ns as number[]}::bigint[])`;
  },
  later: async (n, runAt, problem) => {
    await sql`update queue set run_at = ${timeOf(runAt)}, attempts = attempts + 1, problem = ${storableText(problem)} where n = ${n}`;
  },
  cursor: async (reader) => {
    const [lock] = await sql`select pg_try_advisory_xact_lock(hashtextextended('reader:' || ${reader}, 0)) as ok`;
    if (!lock?.["ok"]) return "held";
    const [row] = await sql`select value from deployment where key = ${`reader:${reader}`}`;
    return row?.["value"];
  },
  moveCursor: async (reader, cursor) => {
    await sql`insert into deployment (key, value) values (${`reader:${reader}`}, ${sql.json(cursor as never)}) on conflict (key) do update set value = excluded.value`;
  },
  once: async (viewer, key, now) => {
    const fresh =
      await sql`insert into idempotency (viewer, key, at) values (${viewer}, ${key}, ${timeOf(now)}) on conflict do nothing returning key`;
    return fresh.length > 0;
  },
});

export const outboxState = (sql: TransactionSql): OutboxState => ({
  post: async (mail, now) => {
    await sql`insert into outbox (message_id, mail, created, next_at) values (${mail.messageId}, ${sql.json(storable(mail) as never)}, ${timeOf(now)}, ${timeOf(now)})
      on conflict (message_id) do nothing`;
  },
  due: async (now, limit) =>
    (
      await sql`select n, mail, attempts from outbox where next_at <= ${timeOf(now)} order by next_at, n limit ${limit} for update skip locked`
    ).map((row) => ({ n: row["n"] as number, mail: row["mail"] as Mail, attempts: row["attempts"] as number })),
  sent: async (n, at) => {
    await sql`update outbox set sent = ${timeOf(at)}, next_at = null, attempts = attempts + 1, problem = null where n = ${n}`;
  },
  retry: async (n, at, problem) => {
    await sql`update outbox set next_at = ${timeOf(at)}, attempts = attempts + 1, problem = ${storableText(problem)} where n = ${n}`;
  },
  gaveUp: async (n, at, problem) => {
    await sql`update outbox set failed = ${timeOf(at)}, next_at = null, attempts = attempts + 1, problem = ${storableText(problem)} where n = ${n}`;
  },
});
