import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Sensor } from "#community/sensor.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { HistoryTable, PrintedRows } from "#jobs/history/rows.ts";
import { type Keeper, keepHistory } from "#jobs/history/keep.ts";
import type { State } from "#jobs/ports.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { emptyDirectory, now, o, organisation } from "./incident-world.ts";
import { readRows } from "./native-blocks.ts";

// Batches that wait go into history several at once. Whatever dies between, what history has in the end is every row of every
// batch, once: an insert under a name it knows already adds nothing.

const sensor = {
  ...{ id: "s-edge", key: "edge", organisation: o("harbour"), title: "edge", format: "suricata-eve" },
  networks: ["192.0.2.0/24"],
} as unknown as Sensor;

const line = (batch: number): string =>
  `${JSON.stringify({
    ...{ timestamp: new Date(now).toISOString(), event_type: "dns", src_ip: "192.0.2.10", src_port: 4, dest_port: 53 },
    ...{ dest_ip: "198.51.100.2", proto: "UDP", dns: { type: "query", rrname: `www.h${batch}.example`, rrtype: "A" } },
  })}\n`;

/** What history does with names, and nothing else of it; `dies` is asked before each insert. */
class Names implements Keeper {
  readonly inserted = new Map<string, PrintedRows>();
  readonly asked: string[] = [];
  dies: (insert: string) => boolean = () => false;

  insertHeads(): Promise<void> {
    return Promise.resolve();
  }

  insertPrinted(table: HistoryTable, name: string, rows: PrintedRows): Promise<void> {
    const insert = `${table} ${name}`;
    if (this.dies(insert)) return Promise.reject(new Error("killed"));
    this.asked.push(insert);
    if (!this.inserted.has(insert)) this.inserted.set(insert, rows);
    return Promise.resolve();
  }

  /** Names asked about, of all records kept, in the order they came. */
  hosts(): readonly string[] {
    const texts = [...this.inserted].flatMap(([insert, rows]) =>
      insert.startsWith("record ") ? readRows("record", rows).map((cells) => String(cells[7])) : [],
    );
    return texts.map((text) => /h\d+\.example/.exec(text)?.[0] ?? text);
  }
}

const worldOf = async (t: TestContext) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const other = stateOf(sql);
  await state.act((tx) =>
    tx.community.put({ ...emptyDirectory, organisations: [organisation("harbour")], sensors: [sensor] }, now),
  );
  const directory = new DirectoryMemory(state);
  await directory.refresh();
  const threads = new BatchThreads(1, "ab".repeat(32), () => {
    throw new Error("nothing is matched here");
  });
  t.after(() => threads.close());
  const history = new Names();
  const keepingOf = (of: State) => ({ state: of, threads, directory, history, now: () => now });
  return {
    sql,
    state,
    history,
    keep: () => keepHistory(keepingOf(state)),
    keepElsewhere: () => keepHistory(keepingOf(other)),
    bring: async (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        const bytes = Buffer.from(line(n));
        const digest = createHash("sha256").update(bytes).digest("hex");
        await state.act(async (tx) => {
          const batch = { sensor: sensor.id, key: `k-${n}`, digest, received: now, body: gzipSync(bytes) };
          const accepted = await tx.telemetry.accept(batch, 1000);
          if (accepted.kind !== "accepted") throw new Error(accepted.kind);
          await tx.telemetry.matched(accepted.n, { lines: 1, rejected: {}, problems: [] }, now);
        });
      }
    },
  };
};

const hosts = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, at) => `h${from + at}.example`);

test("what waits goes into history at once, in order, and nothing waits behind it", async (t) => {
  const world = await worldOf(t);
  assert.equal(await world.keep(), undefined);
  await world.bring(0, 5);
  assert.deepEqual(await world.keep(), { batches: 5, records: 5, much: false, more: false });
  assert.equal(await world.keep(), undefined);
  assert.deepEqual(world.history.hosts(), hosts(0, 5));
  assert.equal(world.history.asked.filter((one) => one.startsWith("record ")).length, 1, "one insert a table");
  await world.bring(5, 6);
  assert.deepEqual(await world.keep(), { batches: 1, records: 1, much: false, more: false });
  assert.deepEqual(world.history.hosts(), hosts(0, 6));
});

test("a backlog goes in group by group, and each says that there is more", async (t) => {
  const world = await worldOf(t);
  await world.bring(0, 260);
  assert.deepEqual(await world.keep(), { batches: 256, records: 256, much: true, more: true });
  assert.deepEqual(await world.keep(), { batches: 4, records: 4, much: false, more: false });
  assert.deepEqual(world.history.hosts(), hosts(0, 260));
});

for (const table of ["seen", "record", "value_cover", "observation_day"])
  test(`killed before ${table}: the same batches go again under the same name, those that came since apart`, async (t) => {
    const world = await worldOf(t);
    await world.bring(0, 3);
    world.history.dies = (insert) => insert.startsWith(`${table} `);
    await assert.rejects(world.keep(), /killed/);
    await world.bring(3, 5);
    world.history.dies = () => false;
    assert.deepEqual(await world.keep(), { batches: 3, records: 3, much: false, more: true });
    assert.deepEqual(await world.keep(), { batches: 2, records: 2, much: false, more: false });
    assert.equal(await world.keep(), undefined);
    assert.deepEqual(world.history.hosts(), hosts(0, 5));
    const names = new Set(world.history.asked.map((one) => one.split(" ")[1]));
    assert.equal(names.size, 2, "two groups, whatever happened");
  });

test("what went in before it was killed is not added again", async (t) => {
  const world = await worldOf(t);
  await world.bring(0, 2);
  world.history.dies = (insert) => insert.startsWith("observation_day ");
  await assert.rejects(world.keep(), /killed/);
  const kept = [...world.history.inserted].length;
  world.history.dies = () => false;
  await world.keep();
  assert.equal(world.history.inserted.size, kept + 1, "only what was missing was added");
  assert.deepEqual(world.history.hosts(), hosts(0, 2));
});

test("two processes side by side keep everything once", async (t) => {
  const world = await worldOf(t);
  for (let round = 0; round < 4; round++) {
    await world.bring(round * 10, round * 10 + 10);
    while ((await Promise.all([world.keep(), world.keepElsewhere()])).some((kept) => kept !== undefined));
  }
  assert.deepEqual(
    world.history.hosts().toSorted((a, b) => a.localeCompare(b)),
    hosts(0, 40).toSorted((a, b) => a.localeCompare(b)),
  );
});

test("a state that was put back gives its numbers again, and history does not take other batches for them", async (t) => {
  const world = await worldOf(t);
  await world.bring(0, 2);
  await world.keep();
  await world.sql`delete from telemetry_batch`;
  await world.sql`alter table telemetry_batch alter column n restart with 1`;
  await world.bring(7, 9);
  assert.deepEqual(await world.keep(), { batches: 2, records: 2, much: false, more: false });
  assert.deepEqual(world.history.hosts(), [...hosts(0, 2), ...hosts(7, 9)]);
});
