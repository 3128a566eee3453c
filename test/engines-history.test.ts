import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ClickHouseError } from "@clickhouse/client";
import fc from "fast-check";
import { clientHistory } from "#history/client-history.ts";
import { type EmbeddedHistory, type EngineEvent, startHistoryEngine } from "#history/embedded.ts";
import type { History, HistoryScope } from "#history/history.ts";
import { historyColumns, type ObservationRow, type RecordRow } from "#jobs/history/rows.ts";
import { migrateHistory } from "#history/migrate.ts";
import { openHistory } from "#history/open.ts";
import { historySteps } from "#history/steps.ts";
import { alive } from "#store/embedded-postmaster.ts";
import { historyLedger } from "#store/history-steps.ts";
import { testDatabase } from "./cluster.ts";
import { printedDays, printedObservations, printedRecords } from "./native-blocks.ts";

/** The engine is 566 MB and optional: without it there is nothing to test here, and `openHistory` says so. */
const chdb = ((): boolean => {
  try {
    import.meta.resolve("chdb");
    return true;
  } catch {
    return false;
  }
})();
const skip = chdb ? false : "the optional package chdb is not installed";

const folder = mkdtempSync(join(tmpdir(), "waglan-history-test-"));
const events: EngineEvent[] = [];
let engine: EmbeddedHistory;
let history: History;

/** A ledger for this file's one engine; the one in state has its own test. */
const noted = new Map<number, string>();
const ledger: Parameters<History["migrate"]>[0] = {
  underLock: (work) => work(noted, async ({ number, checksum }) => void noted.set(number, checksum)),
};

before(async () => {
  if (!chdb) return;
  engine = await startHistoryEngine(folder, { onEvent: (event) => events.push(event) });
  history = clientHistory(engine);
  await history.migrate(ledger);
});
after(async () => {
  if (chdb) await history.close();
  rmSync(folder, { recursive: true, force: true });
});

const pssOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;

const keepSeen = async (name: string, rows: readonly ObservationRow[]): Promise<void> => {
  await history.insertPrinted("seen", name, printedObservations(rows));
  await history.insertPrinted("observation_day", name, printedDays(rows));
};

/** Who saw a value, as hunting asks: where its fingerprint stands, and then by what stands there. */
const toldOf = async (
  from: History,
  scope: HistoryScope,
  { value, fingerprint }: Pick<ObservationRow, "value" | "fingerprint">,
): Promise<readonly ObservationRow[]> => {
  const where = await from.seenValues(scope, [fingerprint], all);
  const places = await from.recordsWith(scope, where, all, undefined, 1000);
  return (await from.observationsOf(scope, places)).filter((one) => one.value === value);
};

const noon = Date.UTC(2026, 10, 19, 12);
const day = 86_400_000;
const all = { from: 0, to: noon + 100 * day };
const nowhere = { time: noon, organisation: "x", batch: "x", line: 1 };

const seen = (batch: string, organisation: string, index: number, time: number = noon): ObservationRow => ({
  time,
  organisation,
  sensor: "s1",
  kind: "ipv4",
  value: `198.51.100.${index}`,
  fingerprint: 2n ** 63n + BigInt(index),
  where: "destination",
  direction: "outbound",
  port: 443,
  batch,
  line: index + 1,
  nth: 0,
});

test("history: the engine at rest is small", { skip }, (t) => {
  const pss = pssOf(engine.pid() ?? 0);
  t.diagnostic(`idle history child: ${pss.toFixed(0)} MB PSS`);
  assert.ok(pss < 400, `${pss} MB`);
});

test("history: observations inserted under one name twice keeps the rows once, in the table and in the day counts", {
  skip,
}, async () => {
  const rows = Array.from({ length: 5000 }, (_, index) =>
    seen("twice", "parks", index % 100, noon + (index % 3) * day),
  );
  await keepSeen("twice", rows);
  await keepSeen("twice", rows);
  await keepSeen("another", [seen("another", "parks", 1)]);
  const { days } = await history.seenValues("all", [2n ** 63n + 1n], all);
  // 5000 rows ÷ 100 values = 50 of this one, and one more of the other batch
  assert.equal(
    days.reduce((sum, row) => sum + row.count, 0),
    51,
  );
  assert.deepEqual(
    days.map((row) => row.day),
    [0, 1, 2].map((later) => noon - day / 2 + later * day),
  );
  const wanted = { value: "198.51.100.1", fingerprint: 2n ** 63n + 1n };
  assert.equal((await toldOf(history, "all", wanted)).length, 51);
});

test("history: rows that go with their statement, as to a server, are the rows that go by file", { skip }, async () => {
  const { lay, ...place } = engine;
  assert.ok(lay, "an engine of our own reads files");
  const asServer = clientHistory(place);
  const rows = [seen("as a server", "quays", 3), { ...seen("as a server", "quays", 4), value: "船\t\u0000" }];
  await asServer.insertPrinted("seen", "as a server", printedObservations(rows));
  await asServer.insertPrinted("seen", "as a server", printedObservations(rows));
  await asServer.insertPrinted("observation_day", "as a server", printedDays(rows));
  for (const row of rows) assert.deepEqual(await toldOf(asServer, ["quays"], row), [row]);
  await assert.rejects(asServer.insertPrinted("seen", "cut", { rows: 1, pieces: [new Uint8Array([12, 1, 4])] }), {
    code: "WGL_HISTORY_QUERY",
  });
});

test("history: what goes in comes out, whatever the bytes", { skip }, async () => {
  let run = 0;
  const text = fc.string({ unit: "binary", maxLength: 40 }).map((made) => `${made}\t\n\\'"\0`.toWellFormed());
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      async (value, organisation, fingerprint) => {
        const batch = `bytes ${run++}`;
        const row: ObservationRow = { ...seen(batch, organisation, 1, noon + 7), value, fingerprint };
        const record: RecordRow = {
          time: noon + 1,
          organisation,
          sensor: "s1",
          format: "f",
          event: "e",
          batch,
          line: 7,
          text: value,
          source: "",
          destination: "",
        };
        await keepSeen(batch, [row]);
        await history.insertPrinted("record", batch, printedRecords([record]));
        const found = await toldOf(history, [organisation], { value, fingerprint });
        assert.deepEqual(
          found.filter((one) => one.batch === batch),
          [row],
        );
        assert.deepEqual(await history.recordsAt([organisation], [{ time: noon + 1, organisation, batch, line: 7 }]), [
          record,
        ]);
      },
    ),
    { numRuns: 25 },
  );
});

test("history: a clock that is far off, in hundreds of months at once, stops nothing", { skip }, async () => {
  const far = [0, 1, Date.UTC(2155, 5), Date.UTC(3000, 0), 253_402_300_799_999];
  const times = [...far, ...Array.from({ length: 240 }, (_, month) => Date.UTC(2030, month))];
  await keepSeen(
    "far",
    times.map((time) => ({ ...seen("far", "clocks", 250, time), fingerprint: 77n })),
  );
  const ever = { from: 0, to: 253_402_300_800_000 };
  const kept = await engine.client().query({
    query: "select toUnixTimestamp64Milli(time) as at from seen where batch = 'far' order by at",
    format: "JSONEachRow",
  });
  const sorted = times.toSorted((a, b) => a - b);
  assert.deepEqual(
    (await kept.json<{ at: string }>()).map(({ at }) => Number(at)),
    sorted,
  );
  assert.ok((await history.seenValues(["clocks"], [77n], ever)).days.length >= 240);
});

test("history: a read sees the organisations of its scope and no others", { skip }, async () => {
  await keepSeen("scope", [seen("scope", "water", 200), seen("scope", "trams", 200), seen("scope", "it's", 200)]);
  const wanted = { kind: "ipv4", value: "198.51.100.200", fingerprint: 2n ** 63n + 200n };
  const from = async (scope: "all" | readonly string[]): Promise<readonly string[]> => {
    const rows = await toldOf(history, scope, wanted);
    const { organisations } = await history.seenValues(scope, [wanted.fingerprint], all);
    assert.deepEqual(rows.map((row) => row.organisation).toSorted(), organisations.toSorted());
    return rows.map((row) => row.organisation).toSorted();
  };
  assert.deepEqual(await from("all"), ["it's", "trams", "water"]);
  assert.deepEqual(await from(["trams", "it's"]), ["it's", "trams"]);
  assert.deepEqual(await from([]), []);
  assert.deepEqual(await from(["none') or 1 in ('1"]), []);
  // a national scope does not fit into a URL
  assert.deepEqual(await from([...Array.from({ length: 5000 }, (_, n) => `organisation-${n}`), "water"]), ["water"]);
});

test("history front: @clickhouse/client reads formats, streams, parameters, settings and errors", {
  skip,
}, async () => {
  const client = engine.client();
  const json = await client.query({ query: "select 1 as one", format: "JSON" });
  assert.deepEqual((await json.json<{ one: number }>()).data, [{ one: 1 }]);
  const stream = await client.query({ query: "select number from numbers(300000)", format: "JSONEachRow" });
  let rows = 0;
  for await (const part of stream.stream()) rows += (part as readonly unknown[]).length;
  assert.equal(rows, 300_000);
  const one = async (query: string, more: object = {}): Promise<unknown> =>
    Object.values((await (await client.query({ query, format: "JSONEachRow", ...more })).json<object>())[0] ?? {})[0];
  assert.equal(await one("select {t:String}", { query_params: { t: "it's\t\\ 繁" } }), "it's\t\\ 繁");
  await assert.rejects(one("select {t:String}"), (error) => error instanceof ClickHouseError && error.code === "456");
  assert.equal(await one("select getSetting('max_threads')", { clickhouse_settings: { max_threads: 1 } }), 1);
  assert.equal(await one("select getSetting('max_memory_usage')"), 1_000_000_000);
  await assert.rejects(one("select nosuch"), (error) => error instanceof ClickHouseError && error.code === "47");
  await assert.rejects(one("select 1", { clickhouse_settings: { no_such: 1 } as object }), { code: "115" });
  const late = await client.query({
    query: "select throwIf(number = 500000) from numbers(600000)",
    format: "JSONEachRow",
  });
  await assert.rejects(late.json(), /FUNCTION_THROW_IF|throwIf/);
  await client.command({
    query: "create table if not exists scratch (a UInt32, b String) engine = MergeTree order by a",
  });
  await client.insert({ table: "scratch", values: [{ a: 1, b: "x" }], format: "JSONEachRow" });
  await client.insert({ table: "scratch", values: Readable.from(["2,y\n"], { objectMode: false }), format: "CSV" });
  assert.equal(await one("select groupArray(b) from (select b from scratch order by a)").then(String), "x,y");
  assert.equal((await client.ping()).success, true);
  await client.command({ query: "drop table scratch" });
});

test("history front: nobody asks without the password", { skip }, async () => {
  const answer = await engine
    .client()
    .query({ query: "select 1", auth: { username: "default", password: "guess" } })
    .catch((e) => e);
  assert.ok(answer instanceof ClickHouseError);
  assert.equal(answer.code, "516");
});

test("history: a long hunt does not hold up inserts, and stops when its asker leaves", { skip }, async () => {
  const asker = new AbortController();
  const hunt = engine.client().query({
    query: "select count() from numbers(1000000000000) where cityHash64(number) = 1",
    abort_signal: asker.signal,
  });
  hunt.catch(() => {});
  const running = async (): Promise<number> => {
    const result = await engine.client().query({
      query:
        "select count() as n from system.processes where query like '%1000000000000%cityHash64%' and query not like '%processes%'",
      format: "JSONEachRow",
    });
    return Number((await result.json<{ n: string }>())[0]?.n);
  };
  while ((await running()) === 0) await wait(10);
  await keepSeen("beside", [seen("beside", "parks", 222)]);
  // one after the other without a pause: none may come to wait behind the hunt
  for (let n = 0; n < 40; n++)
    assert.equal((await history.seenValues("all", [2n ** 63n + 222n], all)).days[0]?.count, 1);
  assert.equal(await running(), 1, "the hunt still ran after all of them");
  asker.abort();
  await assert.rejects(hunt);
  while ((await running()) > 0) await wait(10);
});

test("history: a killed child is reported, started again, and an insert repeated under its name is kept once", {
  skip,
}, async (t) => {
  const rows = Array.from({ length: 2000 }, (_, index) => seen("retry", "ports", index % 10, noon + index));
  let attempts = 0;
  const insist = async (): Promise<void> => {
    for (;;) {
      attempts++;
      try {
        await keepSeen("retry", rows);
        return;
      } catch (error) {
        assert.equal((error as { code?: string }).code, "WGL_HISTORY_GONE");
        await wait(50);
      }
    }
  };
  await keepSeen("retry", rows);
  const pid = engine.pid() ?? 0;
  process.kill(pid, "SIGKILL");
  while (engine.pid() === pid) await wait(5);
  assert.equal(await history.ready(), false);
  assert.match(history.reason(), /SIGKILL/);
  await assert.rejects(history.recordsAt("all", [nowhere]), { code: "WGL_HISTORY_GONE" });
  await insist();
  t.diagnostic(`${attempts} attempts until it was back`);
  assert.equal(history.reason(), "");
  const { days } = await history.seenValues(["ports"], [2n ** 63n + 3n], all);
  assert.equal(
    days.reduce((sum, row) => sum + row.count, 0),
    200,
  ); // 2000 ÷ 10
  assert.ok(events.some((event) => event.kind === "died" && event.pid === pid));
});

test("history: the child ends with its parent, and the files are free for the next", { skip }, async () => {
  const own = mkdtempSync(join(tmpdir(), "waglan-history-test-"));
  const script = fileURLToPath(new URL("engines-holder.ts", import.meta.url));
  const parent = spawn(process.execPath, ["-C", "source", script, "history", own], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(parent.stdout), "line")) as [string];
  const { pid } = JSON.parse(line) as { pid: number };
  assert.ok(alive(pid), line);
  const second = await openHistory({ dataDir: own });
  assert.equal(second.kind, "embedded"); // another folder: history below it
  await second.close();
  await assert.rejects(startHistoryEngine(own), { code: "WGL_HISTORY_GONE" }, "one process at a time");
  parent.kill("SIGKILL");
  while (alive(pid)) await wait(10);
  const next = await startHistoryEngine(own);
  await next.close();
  rmSync(own, { recursive: true, force: true });
});

test("migrateHistory() notes steps in state, runs none twice, refuses change, and starts over on an empty history", async (t) => {
  const { sql } = await testDatabase(t);
  const ran: string[] = [];
  let empty = true;
  const fake = {
    run: async (statement: string) => void ran.push(statement),
    knows: async (setting: string) => setting === "of old",
    isEmpty: async () => empty,
  };
  const steps = [
    { number: 1, name: "one", statements: ["a", "b"] },
    { number: 2, name: "two", statements: ["c"] },
  ];
  const ledgerOfState = historyLedger(sql, "embedded");
  assert.deepEqual(await migrateHistory(ledgerOfState, steps.slice(0, 1), fake), [1]);
  empty = false;
  assert.deepEqual(await migrateHistory(ledgerOfState, steps, fake), [2]);
  assert.deepEqual(await migrateHistory(ledgerOfState, steps, fake), []);
  assert.deepEqual(ran, ["a", "b", "c"]);
  const changed = [{ number: 1, name: "one", statements: ["a"] }, ...steps.slice(1)];
  await assert.rejects(migrateHistory(ledgerOfState, changed, fake), { code: "WGL_MIGRATION_CHANGED" });
  await assert.rejects(migrateHistory(ledgerOfState, steps.slice(0, 1), fake), { code: "WGL_MIGRATION_UNKNOWN" });
  assert.deepEqual(await migrateHistory(historyLedger(sql, "server"), steps, fake), [1, 2]);
  empty = true;
  assert.deepEqual(await migrateHistory(ledgerOfState, steps, fake), [1, 2]);
  empty = false;
  ran.length = 0;
  const settings = [
    { number: 3, name: "three", setting: "of old", statements: ["d"] },
    { number: 4, name: "four", setting: "to come", statements: ["e"] },
  ];
  assert.deepEqual(await migrateHistory(ledgerOfState, [...steps, ...settings], fake), [3, 4]);
  assert.deepEqual(ran, ["d"], "what an engine does not know it is not told");
});

test("parts are merged by ten in every table that batches fill", { skip }, async () => {
  const tables = await engine.client().query({
    query: "select name, create_table_query as made from system.tables where database = currentDatabase()",
    format: "JSONEachRow",
  });
  const made = new Map((await tables.json<{ name: string; made: string }>()).map((one) => [one.name, one.made]));
  for (const table of Object.keys(historyColumns))
    assert.match(made.get(table) ?? "", /merge_selector_base = 10/, table);
});

test("parts wait to be joined while it is said so, are read meanwhile, and are joined when it is said again", {
  skip,
}, async () => {
  const own = mkdtempSync(join(tmpdir(), "waglan-history-merges-"));
  const started = await startHistoryEngine(own);
  try {
    const kept = clientHistory(started);
    const steps = new Map<number, string>();
    await kept.migrate({
      underLock: (work) => work(steps, async ({ number, checksum }) => void steps.set(number, checksum)),
    });
    const { merging } = kept;
    assert.ok(merging, "the engine is ours alone");
    await merging.merge(false);
    const record = { time: noon, organisation: "parks", sensor: "s1", format: "f", event: "e", batch: "b", text: "t" };
    for (let line = 1; line <= 25; line++)
      await kept.insertPrinted("record", `part ${line}`, printedRecords([{ ...record, line }]));
    assert.equal(await merging.parts(), 25);
    const client = started.client();
    const count = async (): Promise<unknown> =>
      (await (await client.query({ query: "select count() as n from record", format: "JSONEachRow" })).json())[0];
    assert.deepEqual(await count(), { n: 25 });
    await merging.merge(true);
    for (let turns = 0; (await merging.parts()) >= 25 && turns < 200; turns++) await wait(50);
    assert.ok((await merging.parts()) < 25, "they were joined");
    assert.deepEqual(await count(), { n: 25 });
  } finally {
    await started.close();
    rmSync(own, { recursive: true, force: true });
  }
});

test("what was kept before batches were words is read as it was, while it is written anew and afterwards", {
  skip,
}, async (t) => {
  const own = mkdtempSync(join(tmpdir(), "waglan-history-test-"));
  const place = await startHistoryEngine(own);
  const old = clientHistory(place);
  t.after(async () => {
    await old.close();
    rmSync(own, { recursive: true, force: true });
  });
  const done = new Map<number, string>();
  const before = historySteps.filter(({ number }) => number < 8);
  await migrateHistory(
    { underLock: (work) => work(done, async ({ number, checksum }) => void done.set(number, checksum)) },
    before,
    {
      run: async (query) => void (await place.client().command({ query })),
      knows: async () => true,
      isEmpty: async () => true,
    },
  );
  const rows = Array.from({ length: 600 }, (_, index) => seen(`s1/${index % 40}`, "parks", index % 100, noon + index));
  const places = rows.slice(0, 90).map(({ time, organisation, batch, line }) => ({ time, organisation, batch, line }));
  const records = rows.map(
    ({ time, organisation, sensor, batch, line }): RecordRow => ({
      ...{ time, organisation, sensor, batch, line },
      ...{ format: "suricata-eve", event: "flow", text: `${batch} ${line}`, source: "", destination: "" },
    }),
  );
  await place.client().insert({
    ...{ table: "observation", format: "JSONEachRow" as const },
    values: rows.map(({ where, fingerprint, time, ...row }) => ({
      ...{ ...row, seen_where: where, fingerprint: String(fingerprint) },
      time: new Date(time).toISOString().slice(0, 23).replace("T", " "),
    })),
  });
  await old.insertPrinted("record", "old", printedRecords(records));
  const texts = async () =>
    (await old.recordsAt("all", places)).toSorted((a, b) => a.time - b.time).map(({ text }) => text);
  const asItWas = records.slice(0, 90).map(({ text }) => text);
  assert.deepEqual(await texts(), asItWas);
  const values = async () => (await old.observationsOf("all", places)).toSorted((a, b) => a.time - b.time);
  const still = await place.client().query({
    query:
      "select distinct type from system.columns where database = currentDatabase() and name = 'batch' and table in ('observation', 'record')",
    format: "JSONEachRow",
  });
  assert.deepEqual(await still.json(), [{ type: "String" }]);

  assert.deepEqual(
    await old.migrate({
      underLock: (work) => work(done, async ({ number, checksum }) => void done.set(number, checksum)),
    }),
    historySteps.filter(({ number }) => number >= 8).map(({ number }) => number),
  );
  assert.deepEqual(await values(), rows.slice(0, 90), "a row a value, as it was kept");
  assert.deepEqual(await texts(), asItWas);
  const fresh = seen("s1/new", "parks", 7);
  await old.insertPrinted("seen", "new", printedObservations([fresh]));
  await old.insertPrinted("record", "new", printedRecords([{ ...(records[0] as RecordRow), batch: "s1/new" }]));
  const underWay = async (): Promise<boolean> => {
    const left = await place.client().query({
      query: "select count() as n from system.mutations where not is_done and database = currentDatabase()",
      format: "JSONEachRow",
    });
    return Number((await left.json<{ n: number | string }>())[0]?.n) > 0;
  };
  // of a group that an older waglan kept half of
  await old.insertPrinted("seen", "half", printedObservations(rows.slice(0, 1)));
  while (await underWay()) await wait(10);
  assert.deepEqual(await values(), rows.slice(0, 90));
  assert.deepEqual(await texts(), asItWas);
  const both = [...rows.slice(0, 2), fresh];
  const found = await old.recordsWith(
    "all",
    {
      ...{ fingerprints: both.map((one) => one.fingerprint), organisations: ["parks"] },
      days: [{ day: noon - day / 2, count: 9 }],
    },
    all,
    undefined,
    90,
  );
  const named = (some: readonly { readonly batch: string; readonly line: number }[]): ReadonlySet<string> =>
    new Set(some.map((one) => `${one.batch} ${one.line}`));
  const shown = [...rows, fresh].filter((one) => both.some(({ value }) => value === one.value));
  assert.deepEqual(named(found), named(shown), "by value, of both tables");
  const words = await place.client().query({
    query:
      "select table, toString(uniqExact(batch)) as n, any(toTypeName(batch)) as type from (select 'observation' as table, batch from observation union all select 'record' as table, batch from record) group by table order by table",
    format: "JSONEachRow",
  });
  assert.deepEqual(await words.json(), [
    { table: "observation", n: "40", type: "LowCardinality(String)" },
    { table: "record", n: "41", type: "LowCardinality(String)" },
  ]);
});

test("openHistory() off says why, and refuses without stopping anything", async () => {
  const off = await openHistory({ off: true });
  assert.deepEqual({ kind: off.kind, ready: await off.ready() }, { kind: "off", ready: false });
  assert.match(off.reason(), /turned off/);
  await assert.rejects(off.insertPrinted("record", "x", printedRecords([])), { code: "WGL_HISTORY_OFF" });
  const broken = await openHistory({ dataDir: fileURLToPath(import.meta.url) });
  assert.equal(broken.kind, "off");
  assert.notEqual(broken.reason(), "");
  const away = await openHistory({ url: "http://127.0.0.1:1" });
  assert.deepEqual({ kind: away.kind, ready: await away.ready() }, { kind: "server", ready: false });
  await assert.rejects(away.recordsAt("all", [nowhere]), { code: "WGL_HISTORY_GONE" });
  await away.close();
});
