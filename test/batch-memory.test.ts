import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { instant } from "#core/instant.ts";
import { release } from "#jobs/batches/memory.ts";
import { BatchThreads, type BatchThreadsOptions } from "#jobs/batches/threads.ts";
import { unpacked } from "#jobs/batches/unpack-body.ts";
import type { PrintedBatch } from "#jobs/history/rows.ts";
import { isLent } from "#jobs/history/slabs.ts";

// Takes seconds: threads are started. Memory that goes round between them: a batch never shows another's bytes, whoever holds what for how long.

const received = instant(1_795_077_720_000);

const lines = (n: number, count: number): Buffer =>
  Buffer.from(
    Array.from(
      { length: count },
      (_, at) =>
        `{"timestamp":"2026-11-20T08:00:00Z","event_type":"dns","src_ip":"192.0.2.7","src_port":4000,"dest_ip":"192.0.2.53","dest_port":53,"proto":"UDP","dns":{"type":"query","id":${at},"rrname":"host-${n}-${at}.pier.example","rrtype":"A"}}\n`,
    ).join(""),
  );

const opened = (t: TestContext, options?: BatchThreadsOptions) => {
  const none = (): never => {
    throw new Error("nothing is matched here");
  };
  const threads = new BatchThreads(2, "ab".repeat(32), none, options);
  t.after(() => threads.close());
  return async (n: number, count: number) => {
    const read = await threads.observe({
      ...{ body: gzipSync(lines(n, count)), format: "suricata-eve", networks: [], received },
      keep: { organisation: `o-${n}`, sensor: `s-${n}`, batch: `s-${n}/1` },
    });
    if (read.kind !== "observed") throw new Error(read.kind);
    return read;
  };
};

const bytesIn = (rows: PrintedBatch): string =>
  Buffer.concat(Object.values(rows).flatMap(({ pieces }) => pieces)).toString("latin1");

test("rows that wait stay what they are while others are read, and memory that was let go serves the next", async (t) => {
  // long enough between any two looks for a second thread
  let now = 0;
  const observe = opened(t, { clock: () => (now += 10_000) });
  const first = await observe(1, 6000);
  const before = bytesIn(first.history);
  assert.equal(isLent(first.history), true);
  assert.ok(before.includes("host-1-5999.pier.example"));
  const [second, third] = await Promise.all([observe(2, 6000), observe(3, 6000)]);
  assert.equal(bytesIn(first.history), before, "nobody let it go");
  for (const [n, read] of [second, third].entries()) {
    const text = bytesIn(read.history);
    assert.ok(text.includes(`host-${n + 2}-5999.pier.example`));
    assert.equal(/host-[^23]-/.test(text), false);
    assert.equal(text.includes("o-1"), false);
  }
  first.letGo();
  first.letGo();
  const fourth = await observe(4, 3000);
  const fifth = await observe(5, 3000);
  assert.ok(bytesIn(first.history).startsWith(bytesIn(fourth.history).slice(0, 1000)), "it lies where the first lay");
  assert.equal(/host-[^4]-/.test(bytesIn(fourth.history)), false, "letting go twice is letting go once");
  assert.equal(/host-[^5]-/.test(bytesIn(fifth.history)), false);
});

test("whoever is to know hears when there is something to read, and when there was nothing for a while", async (t) => {
  const { promise: idle, resolve } = Promise.withResolvers<void>();
  const told: boolean[] = [];
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const observe = opened(t, {
    tell: (busy) => {
      told.push(busy);
      if (!busy) resolve();
    },
  });
  await Promise.all([observe(1, 3), observe(2, 3)]);
  t.mock.timers.tick(19_999);
  assert.deepEqual(told, [true]);
  t.mock.timers.tick(1);
  await idle;
  assert.deepEqual(told, [true, false]);
  await observe(3, 3);
  assert.deepEqual(told, [true, false, true]);
});

test("threads that are wanted again soon stay twice as long, ten minutes at most, and a pause of ten makes them forget it", async (t) => {
  let now = 0;
  const told: boolean[] = [];
  let ended: Promise<unknown> | undefined;
  let there = 0;
  const started = (worker: Worker): void => {
    there++;
    ended = once(worker, "exit").then(() => there--);
  };
  process.on("worker", started);
  t.after(() => process.off("worker", started));
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const observe = opened(t, { clock: () => now, tell: (busy) => told.push(busy) });
  /** A batch, and then nothing: they stay so long, and whoever is to know hears after twenty seconds. */
  const stay = async (ms: number, pause: number) => {
    await observe(1, 3);
    now += ms;
    assert.equal(told.at(-1), true);
    t.mock.timers.tick(20_000);
    if (ms > 20_000) {
      assert.equal(told.at(-1), false);
      t.mock.timers.tick(ms - 20_001);
      assert.equal(there, 1, `${ms} ms`);
      t.mock.timers.tick(1);
    }
    await ended;
    // it is said behind the end of the last of them
    await turn();
    assert.deepEqual([there, told.at(-1)], [0, false]);
    now += pause;
  };
  for (const ms of [20_000, 40_000, 80_000, 160_000, 320_000, 600_000]) await stay(ms, 0);
  assert.equal(told.length, 12);
  await stay(600_000, 600_000);
  await stay(20_000, 599_999);
  await stay(40_000, 0);
});

test("few rows wait in memory of their own", async (t) => {
  const observe = opened(t);
  const [one, two] = [await observe(1, 3), await observe(2, 3)];
  assert.equal(isLent(one.history) || isLent(two.history), false);
  assert.ok(bytesIn(one.history).includes("host-1-2.pier.example"));
});

test("a second thread is started when the first has been busy for seconds, and no third", async (t) => {
  let [now, started] = [0, 0];
  const count = (): void => void started++;
  process.on("worker", count);
  t.after(() => process.off("worker", count));
  const observe = opened(t, { clock: () => now });
  const all = (...numbers: readonly number[]) => numbers.map((n) => observe(n, 3));
  await Promise.all(all(1, 2, 3));
  assert.equal(started, 1, "a burst is over soon");
  const burst = all(4, 5);
  now = 4_999;
  const within = all(6);
  await Promise.all([...burst, ...within]);
  assert.equal(started, 1);
  now = 60_000;
  await Promise.all(all(7));
  assert.equal(started, 1, "it was free meanwhile");
  const long = all(8, 9);
  now = 65_000;
  await Promise.all([...long, ...all(10)]);
  assert.equal(started, 2);
  now = 99_000;
  const longer = all(11, 12, 13);
  now = 199_000;
  await Promise.all([...longer, ...all(14, 15)]);
  assert.equal(started, 2);
});

test("a body is unpacked whole whatever size stands behind it, and what was unpacked can be given back", () => {
  const plain = lines(1, 2000);
  const packed = gzipSync(plain);
  for (const size of [0, 1, plain.length - 1, plain.length + 1, plain.length * 2, 0xffff_ffff]) {
    const odd = Buffer.from(packed);
    odd.writeUInt32LE(size, odd.length - 4);
    // zlib itself holds the size against what came out
    assert.equal((unpacked(odd) as { code?: string }).code, "WGL_BATCH_GZIP", String(size));
  }
  const two = Buffer.concat([gzipSync(plain), gzipSync(Buffer.from("{}\n"))]);
  for (const [body, wanted] of [
    [packed, plain],
    [gzipSync(packed), plain],
    // of several members the last one's size is the last one's
    [two, Buffer.concat([plain, Buffer.from("{}\n")])],
    [gzipSync(Buffer.alloc(0)), Buffer.alloc(0)],
    [gzipSync(Buffer.from("x")), Buffer.from("x")],
  ] as const) {
    const read = unpacked(body);
    assert.ok(read instanceof Uint8Array);
    assert.ok(Buffer.from(read).equals(wanted));
    release(read);
    release(read);
    // small ones share a buffer with others and are left alone
    assert.equal(read.byteLength, wanted.length > Buffer.poolSize ? 0 : wanted.length);
  }
});
