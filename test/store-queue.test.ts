import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Sql } from "postgres";
import type { Mail } from "#alerts/mail.ts";
import type { Deliver, Delivered } from "#alerts/ports.ts";
import { after, day, type Instant, minute } from "#core/instant.ts";
import { deliverMail } from "#jobs/alerts/deliver-mail.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { now } from "./incident-world.ts";

const opened = async (t: TestContext): Promise<{ sql: Sql; state: State; other: State }> => {
  const { sql, connect } = await testDatabase(t);
  return { sql, state: stateOf(sql), other: stateOf(connect()) };
};
const keys = async (tx: Tx, at: Instant, limit = 9): Promise<string[]> =>
  (await tx.queue.take("alert", at, limit)).map((job) => job.key);

test("put() of one (kind, key) waits once: at the earlier time, with the later words", async (t) => {
  const { sql, state } = await opened(t);
  await state.act((tx) => tx.queue.put("alert", "a", { said: 1 }, after(now, minute)));
  await state.act((tx) => tx.queue.put("alert", "a", { said: 2 }, now));
  await state.act((tx) => tx.queue.put("alert", "a", { said: 3 }, after(now, day)));
  await state.act((tx) => tx.queue.put("join-asset", "a", {}, now));
  const [row] =
    await sql`select run_at, payload, (select count(*)::int from queue) as n from queue where kind = 'alert'`;
  assert.deepEqual({ ...row }, { run_at: now, payload: { said: 3 }, n: 2 });
});

test("take() gives due jobs in order, to one taker at a time; done() in the same transaction, or they are there again", async (t) => {
  const { state, other } = await opened(t);
  for (const [at, key] of ["a", "b", "c", "late"].entries())
    await state.act((tx) => tx.queue.put("alert", key, {}, key === "late" ? after(now, 1) : after(now, at - 10)));
  await state.act(async (tx) => {
    assert.deepEqual(await keys(tx, now, 2), ["a", "b"]);
    assert.deepEqual(
      await other.act((second) => keys(second, now)),
      ["c"],
      "what is held is passed over; what is not due waits",
    );
  });
  await assert.rejects(
    state.act(async (tx) => {
      await tx.queue.done((await tx.queue.take("alert", now, 9)).map((job) => job.n));
      throw new Error("killed");
    }),
  );
  assert.deepEqual(await state.act((tx) => keys(tx, now)), ["a", "b", "c"]);
  await state.act(async (tx) => tx.queue.done((await tx.queue.take("alert", now, 9)).map((job) => job.n)));
  assert.deepEqual(await state.act((tx) => keys(tx, after(now, 1))), ["late"]);
});

test("later() counts the attempt and comes back at its time", async (t) => {
  const { state } = await opened(t);
  await state.act((tx) => tx.queue.put("alert", "a", {}, now));
  await state.act(async (tx) =>
    tx.queue.later((await tx.queue.take("alert", now, 1))[0]?.n ?? -1, after(now, minute), "busy"),
  );
  assert.deepEqual(await state.act((tx) => keys(tx, now)), []);
  const [job] = await state.act((tx) => tx.queue.take("alert", after(now, minute), 1));
  assert.equal(job?.attempts, 1);
});

test("cursor() is one reader's at a time and moves with what was done, or not at all", async (t) => {
  const { state, other } = await opened(t);
  await state.act(async (tx) => {
    assert.equal(await tx.queue.cursor("reader"), undefined);
    assert.equal(await other.act((second) => second.queue.cursor("reader")), "held");
    assert.equal(await other.act((second) => second.queue.cursor("another")), undefined);
    await tx.queue.moveCursor("reader", { xid: "7", seq: 1 });
  });
  await assert.rejects(
    state.act(async (tx) => {
      await tx.queue.moveCursor("reader", { xid: "8", seq: 1 });
      throw new Error("killed");
    }),
  );
  assert.deepEqual(await state.act((tx) => tx.queue.cursor("reader")), { xid: "7", seq: 1 });
});

test("once() is true the first time; the second waits for the first one's end, and may do it when that failed", async (t) => {
  const { state, other } = await opened(t);
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const first = state.act(async (tx) => {
    assert.equal(await tx.queue.once("chan", "k", now), true);
    begun.resolve();
    await end.promise;
    throw new Error("killed");
  });
  await begun.promise;
  const second = other.act((tx) => tx.queue.once("chan", "k", now));
  end.resolve();
  await assert.rejects(first, /killed/);
  assert.equal(await second, true);
  assert.equal(await state.act((tx) => tx.queue.once("chan", "k", now)), false);
  assert.equal(await state.act((tx) => tx.queue.once("lee", "k", now)), true);
});

test("alone() runs one work of a name at a time and holds back no change feed", async (t) => {
  const { state, other, sql } = await opened(t);
  const said = await state.alone("feed:x", async () => {
    assert.equal(await other.alone("feed:x", async () => 1), undefined);
    assert.equal(await other.alone("feed:y", async () => 2), 2);
    const [row] =
      await sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and backend_xid is not null`;
    assert.equal(row?.["n"], 0);
    return 3;
  });
  assert.deepEqual([said, await other.alone("feed:x", async () => 4)], [3, 4]);
});

const mail = (id: string): Mail => ({
  ...{ id, subject: "s", text: "t", html: "<p>t</p>", messageId: `<${id}@cert.example>` },
  ...{ from: { name: "", address: "cert@cert.example" }, to: { name: "", address: "chan@transport.example" } },
});
/** A far end of our own, which answers what it is told to. */
const farEnd = (answers: (mail: Mail) => Delivered): Deliver & { readonly got: string[] } => {
  const got: string[] = [];
  return { got, send: async (one) => (got.push(one.id), answers(one)), close: async () => {} };
};
const accepted: Delivered = { kind: "accepted", reply: "250" };

test("a mail posted twice under one Message-ID waits once, and two deliverers hand it over once", async (t) => {
  const { state, other, sql } = await opened(t);
  for (let at = 0; at < 30; at++)
    for (const _ of [1, 2]) await state.act((tx) => tx.outbox.post(mail(`m${at % 25}`), now));
  const far = farEnd(() => accepted);
  const work = async (from: State): Promise<void> => {
    while ((await deliverMail({ state: from, deliver: far, now: () => now })) !== undefined);
  };
  await Promise.all([work(state), work(other)]);
  assert.deepEqual(far.got.toSorted(), Array.from({ length: 25 }, (_, at) => `m${at}`).sort());
  const [row] =
    await sql`select count(*)::int as n, count(sent)::int as sent, count(next_at)::int as waiting from outbox`;
  assert.deepEqual({ ...row }, { n: 25, sent: 25, waiting: 0 });
});

test("a refused mail comes back with growing pauses and at last is said to have failed; one refused for good at once", async (t) => {
  const { state, sql } = await opened(t);
  await state.act((tx) => tx.outbox.post(mail("later"), now));
  await state.act((tx) => tx.outbox.post(mail("never"), now));
  const far = farEnd((one) => ({
    kind: "refused",
    retry: one.id === "never" ? "never" : "later",
    stage: "connect",
    code: 0,
    reply: "\0",
  }));
  let at = now;
  const tries: number[] = [];
  for (let turn = 0; turn < 20; turn++) {
    if ((await deliverMail({ state, deliver: far, now: () => at })) !== undefined) tries.push((at - now) / minute);
    const [next] = await sql`select min(next_at) as at from outbox`;
    if (next?.["at"] === null) break;
    at = next?.["at"] as Instant;
  }
  assert.deepEqual(tries, [0, 1, 6, 21, 81, 321, 1041, 2481]); // 1, 5, 15, 60, 240, 720, 1440 minutes apart
  const rows = await sql`select mail->>'id' as id, failed is not null as failed, attempts from outbox order by 1`;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { id: "later", failed: true, attempts: 8 },
      { id: "never", failed: true, attempts: 1 },
    ],
  );
});

test("a deliverer killed after the far end took the mails repeats at most those in flight, under the same Message-IDs", async (t) => {
  const { state } = await opened(t);
  for (let at = 0; at < 35; at++) await state.act((tx) => tx.outbox.post(mail(`m${at}`), now));
  const far = farEnd(() => accepted);
  const dying: State = {
    ...state,
    act: (work) =>
      state.act(async (tx) => {
        await work(tx);
        throw new Error("killed");
      }),
  };
  await assert.rejects(deliverMail({ state: dying, deliver: far, now: () => now }), /killed/);
  const inFlight = far.got.length;
  assert.ok(inFlight > 0 && inFlight <= 10);
  while ((await deliverMail({ state, deliver: far, now: () => now })) !== undefined);
  assert.equal(new Set(far.got).size, 35);
  assert.equal(far.got.length, 35 + inFlight);
});
