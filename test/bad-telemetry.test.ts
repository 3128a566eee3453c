import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Sql } from "postgres";
import type { Sensor } from "#community/sensor.ts";
import { day, instant } from "#core/instant.ts";
import { indicatorId } from "#intel/indicator.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { HeldHistory } from "#jobs/history/held.ts";
import type { HistoryTable } from "#jobs/history/rows.ts";
import { keepHistory } from "#jobs/history/keep.ts";
import { MatchMemory } from "#jobs/batches/match-memory.ts";
import { type MatchedBatch, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { longestLine } from "#telemetry/lines.ts";
import { streamLive } from "#store/intel.ts";
import { stateOf } from "#store/state.ts";
import { caughtUp, testDatabase } from "./cluster.ts";
import { community, emptyDirectory, now, o, organisation } from "./incident-world.ts";
import { readRows } from "./native-blocks.ts";

// What sensors send when they are broken, wrong or lying, on the whole way: accepted, matched, kept in history. Each thing
// refused is counted with its reason, what stands beside it is read, and the next batch is not kept waiting.

const secret = "ab".repeat(32);
const bad = "c2.bad.example";
const sensor = {
  ...{ id: "s-edge", key: "edge", organisation: o("harbour"), title: "edge", format: "suricata-eve" },
  networks: ["192.0.2.0/24"],
} as unknown as Sensor;

interface World {
  readonly sql: Sql;
  /** @returns what became of it; undefined: it was there already */
  readonly bring: (
    body: Uint8Array | string,
    how?: { key?: string; format?: string },
  ) => Promise<MatchedBatch | undefined>;
  /** Rows of history, as text, by table. */
  readonly kept: () => Readonly<Record<HistoryTable, readonly string[]>>;
  readonly rejected: () => Promise<Readonly<Record<string, number>>>;
  readonly heard: () => Promise<{ readonly events: number; readonly rejected: number }>;
  readonly hits: () => Promise<number>;
}

const worldOf = async (t: TestContext, holding: boolean): Promise<World> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  await state.act((tx) =>
    tx.community.put({ ...emptyDirectory, organisations: [organisation("harbour")], sensors: [sensor] }, now),
  );
  const directory = new DirectoryMemory(state);
  await directory.refresh();
  const memory = new MatchMemory(
    state,
    (at, each) => streamLive(sql, at, each),
    Buffer.from(secret, "hex"),
    { excluded: () => undefined, size: 0, problems: [] },
    { about: "test", read: async () => undefined, write: async () => {} },
  );
  const threads = new BatchThreads(1, secret, () => memory.index);
  t.after(() => threads.close());
  await state.act((tx) => tx.intel.feed({ id: "list", liveDays: 9, voice: "alert" }, false));
  const observable = { kind: "domain", value: bad } as const;
  await state.act((tx) =>
    tx.intel.merge(
      "list",
      [
        {
          ...{ id: indicatorId(secret, observable), observable, parts: [""], seenAt: now, labels: [], flags: [] },
          ...{ grade: { source: "B", statement: 2 }, tlp: "green", pap: "clear", licence: "own" },
          liveUntil: instant(now + 9 * day),
        },
      ],
      now,
    ),
  );
  await caughtUp(sql);
  await memory.build(now);
  const tables: Record<HistoryTable, string[]> = { seen: [], record: [], value_cover: [], observation_day: [] };
  const inserted = new Set<string>();
  const held = holding ? { held: new HeldHistory(1 << 24) } : {};
  const matching = {
    ...{ state, threads, directory, community, secret, now: () => now, ...held },
    contacted: () => "infected-system" as const,
  };
  const history = {
    insertHeads: (): Promise<void> => Promise.resolve(),
    insertPrinted: async (
      table: HistoryTable,
      batch: string,
      { pieces }: { readonly pieces: readonly Uint8Array[] },
    ): Promise<void> => {
      if (inserted.has(`${table} ${batch}`)) return;
      inserted.add(`${table} ${batch}`);
      tables[table].push(...readRows(table, { pieces }).map((cells) => cells.join("\t")));
    },
  };
  let batches = 0;
  return {
    sql,
    bring: async (body, { key = `k-${batches++}`, format } = {}) => {
      const bytes = typeof body === "string" ? Buffer.from(body) : body;
      const accepted = await state.act((tx) =>
        tx.telemetry.accept(
          {
            ...{ sensor: sensor.id, key, digest: createHash("sha256").update(bytes).digest("hex"), received: now },
            body: bytes[0] === 0x1f ? bytes : gzipSync(bytes),
            ...(format === undefined ? {} : { format }),
          },
          100,
        ),
      );
      if (accepted.kind !== "accepted") return undefined;
      const matched = await matchTelemetry(matching);
      assert.equal(await matchTelemetry(matching), undefined, "nothing waits behind it");
      await keepHistory({ state, threads, directory, history, now: () => now, ...held });
      return matched;
    },
    kept: () => tables,
    rejected: async () => {
      const [row] = await sql`select rejected from telemetry_batch order by n desc limit 1`;
      return row?.["rejected"] as Readonly<Record<string, number>>;
    },
    heard: async () => {
      const [row] = await sql`select events::int, rejected::int from sensor_heard where sensor = ${sensor.id}`;
      return { events: Number(row?.["events"] ?? 0), rejected: Number(row?.["rejected"] ?? 0) };
    },
    hits: async () => {
      const [row] = await sql`select count(*)::int as n from hit`;
      return row?.["n"] as number;
    },
  };
};

const asking = (time: string, name = bad, port = 40_000): string =>
  JSON.stringify({
    ...{ timestamp: time, event_type: "dns", src_ip: "192.0.2.10", src_port: port, dest_ip: "198.51.100.2" },
    ...{ dest_port: 53, proto: "UDP", dns: { type: "query", rrname: name, rrtype: "A" } },
  });
const good = asking(new Date(now - 60_000).toISOString());

for (const holding of [true, false])
  test(`lines that are cut, mixed, too long or of another encoding are counted, and those beside them are read${holding ? "" : ", also when history reads them again"}`, async (t) => {
    const world = await worldOf(t, holding);
    const long = `{"timestamp":"${new Date(now).toISOString()}","event_type":"alert","payload":"${"A".repeat(10_000_000)}"}`;
    assert.ok(long.length > longestLine);
    const body = Buffer.concat([
      Buffer.from(`${good}\n`),
      // a writer that died in the middle, and two that wrote at once
      Buffer.from(`${good.slice(0, 90)}\n`),
      Buffer.from(`${good.slice(0, 60)}${asking(new Date(now - 50_000).toISOString())}\n`),
      Buffer.from(`${long}\n`),
      Buffer.from([0xff, 0xfe, 0x80, 0x00, 0x0a]),
      Buffer.from("\u0000\u0000\u0000\n"),
      // Latin-1 in a name: no UTF-8, and yet a record
      Buffer.concat([
        Buffer.from(asking(new Date(now - 40_000).toISOString(), "h\u00e9.example"), "latin1"),
        Buffer.from("\n"),
      ]),
      Buffer.from(`${asking(new Date(now - 30_000).toISOString(), "ok.example", 40_001)}\n`),
    ]);
    const matched = await world.bring(body);
    assert.equal(matched?.lines, 8);
    assert.deepEqual(await world.rejected(), { WGL_EVE_JSON: 4, WGL_LINE_LONG: 1 });
    assert.deepEqual(await world.heard(), { events: 3, rejected: 5 });
    assert.equal(await world.hits(), 1);
    assert.equal(world.kept().record.length, 3);
    const rejected = await world.sql`select line from telemetry_rejected order by line`;
    assert.deepEqual(
      rejected.map((row) => row["line"]),
      [2, 3, 4, 5, 6],
    );
  });

test("a whole batch in UTF-16 is read, with and without its mark", async (t) => {
  const world = await worldOf(t, true);
  for (const [at, mark] of ["\ufeff", ""].entries()) {
    const text = `${mark}${asking(new Date(now - 1000 * at).toISOString())}\r\n`;
    const matched = await world.bring(Buffer.from(text, "utf16le"));
    assert.deepEqual([matched?.lines, await world.rejected()], [1, {}]);
  }
  assert.equal(await world.hits(), 2);
});

test("a clock that jumps, stands in the past or in the future costs its own records their order and nothing else", async (t) => {
  const world = await worldOf(t, true);
  const times = ["1969-12-31T23:59:59Z", "1971-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "10000-01-01T00:00:00Z"];
  const lines = [...times, "2026-02-30T25:00:00Z", "yesterday"].map((time, at) => asking(time, bad, 41_000 + at));
  const matched = await world.bring([...lines, good].join("\n"));
  assert.equal(matched?.lines, 7);
  assert.deepEqual(await world.rejected(), { WGL_TIME: 4 });
  assert.equal(await world.hits(), 3);
  assert.deepEqual(
    world.kept().record.map((row) => row.split("\t")[0]),
    ["31536000000", "4102444799000", String(now - 60_000)],
  );
  // the same name in three months has what covers it in each of them
  const months = world.kept().value_cover.map((row) => row.split("\t")[2]);
  assert.equal(new Set(months).size, 3);
  assert.equal((await world.bring(asking(new Date(now - 5000).toISOString())))?.hits, 1);
});

test("what is delivered twice is there once: under its key in all, and under another key in hits", async (t) => {
  const world = await worldOf(t, true);
  assert.equal((await world.bring(`${good}\n`, { key: "a" }))?.hits, 1);
  assert.equal(await world.bring(`${good}\n`, { key: "a" }), undefined);
  assert.equal(world.kept().record.length, 1);
  assert.equal((await world.bring(`${good}\n`, { key: "b" }))?.hits, 0);
  assert.equal(await world.hits(), 1);
});

test("a sensor that lies about its format, or sends what is none, is counted by reason and keeps nobody waiting", async (t) => {
  const world = await worldOf(t, true);
  const reasons: Readonly<Record<string, number>>[] = [];
  const zeek = "1795075200.1\tCx1\t192.0.2.10\t1\t198.51.100.7\t53\n";
  for (const [body, how] of [
    [`${good}\n${good}\n`, { format: "zeek" }],
    [zeek, {}],
    [zeek, { format: "no-such" }],
    [`${good}\n`, { format: "evtx" }],
    [gzipSync(Buffer.alloc(300 << 20)), {}],
    [Buffer.concat([gzipSync(`${good}\n`).subarray(0, 60)]), {}],
    [`${good}\n`, {}],
  ] as const) {
    assert.ok(await world.bring(body, how));
    reasons.push(await world.rejected());
  }
  assert.deepEqual(reasons, [
    { WGL_ZEEK_TIME: 2 },
    { WGL_EVE_JSON: 1 },
    { WGL_FORMAT_UNKNOWN: 1 },
    { WGL_EVTX_HEADER: 1 },
    { WGL_BATCH_SIZE: 1 },
    { WGL_BATCH_GZIP: 1 },
    {},
  ]);
  assert.equal(await world.hits(), 1);
  const [waiting] =
    await world.sql`select count(*)::int as n from telemetry_batch where matched is null or stored is null`;
  assert.equal(waiting?.["n"], 0);
});
