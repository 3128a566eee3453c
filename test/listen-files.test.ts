import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { after, day, type Instant, minute } from "#core/instant.ts";
import { InputDrops } from "#jobs/input-drops.ts";
import { takeFile } from "#jobs/collect/take-file.ts";
import { openTail, type Tail } from "#listen/file-tail.ts";
import { longestLine } from "#telemetry/lines.ts";
import { type ActsWorld, openActsWorld } from "./acts-world.ts";

interface Followed extends ActsWorld {
  readonly folder: string;
  readonly path: (name: string) => string;
  /** A tail as a process has it; a second one is a restart when the first is closed. */
  readonly start: (
    path: string,
    some?: { readonly sensor?: string; readonly format?: string; readonly limit?: number },
  ) => Tail;
  /** Turns until there is nothing more, a second later. */
  readonly turns: (tail: Tail, later?: number) => Promise<void>;
  /** Everything that was taken, in order. */
  readonly lines: () => Promise<readonly string[]>;
  readonly drops: () => Promise<readonly string[]>;
}

const open = async (t: TestContext): Promise<Followed> => {
  const world = await openActsWorld(t);
  const { state, directory } = world.desk;
  const folder = mkdtempSync(join(tmpdir(), "tail-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const drops = new InputDrops();
  return {
    ...world,
    folder,
    path: (name) => join(folder, name),
    start: (path, { sensor = "edge", format, limit = 1000 } = {}) =>
      openTail([{ path: join(folder, path), sensor, ...(format === undefined ? {} : { format }) }], {
        sensor: (key) => directory.known.directory.sensors.find((one) => one.key === key),
        files: (id) => state.act((tx) => tx.inputs.files(id)),
        add: (file) => state.act((tx) => tx.inputs.addFile(file)),
        see: (n, at) => state.act((tx) => tx.inputs.seeFile(n, at)),
        forget: (n) => state.act((tx) => tx.inputs.forgetFile(n)),
        take: (part, at) => takeFile(state, part, limit, at),
        dropped: (input, reason, detail, key) => drops.count(input, reason, detail, key),
      }),
    turns: async (tail, later = 1000) => {
      world.clock.now = after(world.clock.now, later);
      while (await tail.turn(world.clock.now));
    },
    lines: async () => {
      const rows = await world.sql`select body from telemetry_batch order by n`;
      return rows.flatMap((row) =>
        gunzipSync(row["body"] as Uint8Array)
          .toString("utf8")
          .split("\n")
          .slice(0, -1),
      );
    },
    drops: async () => {
      await drops.keep(state, world.clock.now);
      const kept = await state.act((tx) => tx.inputs.drops(0 as Instant));
      return kept.map(({ sensor, reason, n }) => `${sensor} ${reason} ${n}`);
    },
  };
};

/** Lines long enough that a few of them tell a file from another. */
const many = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, n) => `{"n":${from + n},"pad":"${"-".repeat(80)}"}`);
const written = (lines: readonly string[]): string => lines.map((one) => `${one}\n`).join("");

test("a file is followed as it grows; a line that is not whole waits", async (t) => {
  const world = await open(t);
  writeFileSync(world.path("eve.json"), "one\ntw");
  const tail = world.start("eve.json");
  await world.turns(tail);
  assert.deepEqual(await world.lines(), ["one"]);
  appendFileSync(world.path("eve.json"), "o\nthree\n");
  await world.turns(tail);
  await world.turns(tail);
  assert.deepEqual(await world.lines(), ["one", "two", "three"]);
  await tail.close();
});

test("a restart goes on where the last commit was, and a batch that failed is not half taken", async (t) => {
  const world = await open(t);
  writeFileSync(world.path("eve.json"), written(many(0, 40)));
  const first = world.start("eve.json");
  await world.turns(first);
  appendFileSync(world.path("eve.json"), written(many(40, 50)));
  await first.close();
  // full: nothing is taken, nothing is lost
  const full = world.start("eve.json", { limit: 1 });
  await world.turns(full);
  assert.equal((await world.lines()).length, 40);
  await full.close();
  const next = world.start("eve.json");
  await world.turns(next);
  await world.turns(next);
  assert.deepEqual(await world.lines(), many(0, 50));
  await next.close();
});

test("renamed and begun anew: the rest of the old one is read, then the new one, each once", async (t) => {
  const world = await open(t);
  writeFileSync(world.path("eve.json"), written(many(0, 20)));
  const tail = world.start("eve.json");
  await world.turns(tail);
  appendFileSync(world.path("eve.json"), written(many(20, 22)));
  renameSync(world.path("eve.json"), world.path("eve.json.1"));
  writeFileSync(world.path("eve.json"), written(many(22, 24)));
  await world.turns(tail);
  // its writer had not heard of it yet; and packed away at once, what was open is read all the same
  appendFileSync(world.path("eve.json.1"), many(24, 25).join(""));
  unlinkSync(world.path("eve.json.1"));
  await world.turns(tail);
  await world.turns(tail, 2 * minute);
  assert.deepEqual([...(await world.lines())].toSorted(), [...many(0, 24)].toSorted());
  const bodies = await world.sql`select body from telemetry_batch order by n desc limit 1`;
  assert.equal(gunzipSync(bodies[0]?.["body"] as Uint8Array).toString(), many(24, 25)[0]);
  await world.turns(tail, 2 * minute);
  const [row] = await world.sql`select count(*)::int as n from input_file`;
  assert.equal(row?.["n"], 1, "what is gone is forgotten");
  await tail.close();
});

test("renamed while nobody looked: its rest is found beside it, by name or by glob, once", async (t) => {
  for (const glob of ["eve.json", "eve.json*"]) {
    const world = await open(t);
    writeFileSync(world.path("eve.json"), written(many(0, 20)));
    const first = world.start(glob);
    await world.turns(first);
    await first.close();
    appendFileSync(world.path("eve.json"), written(many(20, 25)));
    renameSync(world.path("eve.json"), world.path("eve.json.1"));
    writeFileSync(world.path("eve.json"), written(many(25, 30)));
    writeFileSync(world.path("eve.json.2.gz"), "packed\n");
    const next = world.start(glob);
    await world.turns(next);
    await world.turns(next);
    assert.deepEqual((await world.lines()).toSorted(), [...many(0, 30)].toSorted(), glob);
    await next.close();
  }
});

test("copied and cut off: nothing of the copy is taken twice, its rest once, and the file from its beginning", async (t) => {
  for (const glob of ["eve.json", "eve.json*"])
    for (const restart of [false, true]) {
      const world = await open(t);
      writeFileSync(world.path("eve.json"), written(many(0, 20)));
      let tail = world.start(glob);
      await world.turns(tail);
      if (restart) await tail.close();
      appendFileSync(world.path("eve.json"), written(many(20, 23)));
      copyFileSync(world.path("eve.json"), world.path("eve.json.1"));
      truncateSync(world.path("eve.json"), 0);
      // longer than before when we look again
      appendFileSync(world.path("eve.json"), written(many(23, 60)));
      if (restart) tail = world.start(glob);
      await world.turns(tail);
      await world.turns(tail);
      assert.deepEqual((await world.lines()).toSorted(), [...many(0, 60)].toSorted(), `${glob} ${restart}`);
      await tail.close();
    }
});

test("an inode that is given again is another file, and a file that moved with its volume is the same", async (t) => {
  const world = await open(t);
  writeFileSync(world.path("a.log"), written(many(0, 20)));
  const first = world.start("a.log");
  await world.turns(first);
  await first.close();
  // the same number, another file
  writeFileSync(world.path("a.log"), written(many(50, 80)));
  const second = world.start("a.log");
  await world.turns(second);
  await second.close();
  assert.deepEqual(await world.lines(), [...many(0, 20), ...many(50, 80)]);
  // another number, the same file
  mkdirSync(world.path("moved"));
  copyFileSync(world.path("a.log"), world.path("moved/a.log"));
  unlinkSync(world.path("a.log"));
  renameSync(world.path("moved/a.log"), world.path("a.log"));
  appendFileSync(world.path("a.log"), written(many(80, 81)));
  const third = world.start("a.log");
  await world.turns(third);
  await third.close();
  assert.deepEqual(await world.lines(), [...many(0, 20), ...many(50, 81)]);
});

test("a file that is gone is held on to until the queue took its rest", async (t) => {
  const world = await open(t);
  writeFileSync(world.path("eve.json"), written(many(0, 2)));
  const tail = world.start("eve.json", { limit: 1 });
  await world.turns(tail);
  appendFileSync(world.path("eve.json"), written(many(2, 4)));
  unlinkSync(world.path("eve.json"));
  for (let n = 0; n < 3; n++) await world.turns(tail, 2 * minute);
  assert.deepEqual(await world.lines(), many(0, 2));
  await world.sql`update telemetry_batch set matched = now()`;
  await world.turns(tail);
  assert.deepEqual(await world.lines(), many(0, 4));
  await tail.close();
});

test("two processes that follow the same file take each line once", async (t) => {
  const world = await open(t);
  const tails = [world.start("eve.json"), world.start("eve.json")];
  for (let n = 0; n < 12; n++) {
    appendFileSync(world.path("eve.json"), written(many(n * 3, n * 3 + 3)));
    for (const tail of n % 3 === 0 ? tails : tails.slice(n % 2, 1 + (n % 2))) await world.turns(tail);
  }
  for (const tail of tails) {
    await world.turns(tail);
    await world.turns(tail);
    await tail.close();
  }
  assert.deepEqual(await world.lines(), many(0, 36));
});

test("a line of 10 MB is counted and passed by, in one piece or as it grows; no UTF-8 does no harm", async (t) => {
  const world = await open(t);
  const path = world.path("eve.json");
  writeFileSync(path, Buffer.concat([Buffer.from("one\n"), Buffer.alloc(10_000_000, 0x78), Buffer.from("\ntwo\n")]));
  const tail = world.start("eve.json");
  await world.turns(tail);
  assert.deepEqual(await world.lines(), ["one", "two"]);
  assert.deepEqual(await world.drops(), ["edge too-long 1"]);
  for (let n = 0; n < 6; n++) {
    appendFileSync(path, Buffer.alloc(longestLine, 0x79));
    await world.turns(tail);
  }
  appendFileSync(path, Buffer.from([10, 0xff, 0x80, 0xc3, 10]));
  await world.turns(tail);
  assert.deepEqual(await world.drops(), ["edge too-long 2"]);
  assert.equal((await world.lines()).length, 3);
  await tail.close();
});

test("UTF-16 goes on as UTF-8, and lines that name columns stand again before what follows", async (t) => {
  const world = await open(t);
  const wide = (text: string): Buffer => Buffer.from(text, "utf16le");
  writeFileSync(world.path("w.log"), wide("\uFEFF一\n二Ċ"));
  const tail = world.start("w.log");
  await world.turns(tail);
  appendFileSync(world.path("w.log"), wide("\n三\n").subarray(0, 3));
  await world.turns(tail);
  appendFileSync(world.path("w.log"), wide("\n三\n").subarray(3));
  await world.turns(tail);
  assert.deepEqual(await world.lines(), ["一", "二Ċ", "三"]);
  await tail.close();

  const zeek = await open(t);
  writeFileSync(zeek.path("conn.log"), "#separator \\x09\n#fields\tts\n1\n");
  const first = zeek.start("conn.log", { sensor: "gate" });
  await zeek.turns(first);
  await first.close();
  appendFileSync(zeek.path("conn.log"), "2\n");
  const next = zeek.start("conn.log", { sensor: "gate" });
  await zeek.turns(next);
  assert.deepEqual(await zeek.lines(), [
    "#separator \\x09",
    "#fields\tts",
    "1",
    "#separator \\x09",
    "#fields\tts",
    "2",
  ]);
  await next.close();
});

test("a binary file is read when it rests, whole chunks once, the last again when it filled", async (t) => {
  const world = await open(t);
  const chunk = (n: number): Buffer => Buffer.alloc(65_536, n);
  const header = Buffer.alloc(4096, 1);
  header.write("ElfFile\0", "latin1");
  const path = world.path("Security.evtx");
  writeFileSync(path, Buffer.concat([header, chunk(2), chunk(3)]));
  const sizes = async (): Promise<readonly number[]> =>
    (await world.sql`select body from telemetry_batch order by n`).map(
      (row) => gunzipSync(row["body"] as Uint8Array).length,
    );
  let tail = world.start("*.evtx", { format: "evtx" });
  await world.turns(tail);
  assert.deepEqual(await sizes(), []);
  await world.turns(tail, minute);
  assert.deepEqual(await sizes(), [4096 + 2 * 65_536]);
  await tail.close();
  tail = world.start("*.evtx", { format: "evtx" });
  await world.turns(tail);
  await world.turns(tail, minute);
  assert.equal((await sizes()).length, 1, "a restart reads nothing again");
  writeFileSync(path, Buffer.concat([header.fill(9, 8), chunk(2), chunk(4), chunk(5)]));
  utimesSync(path, 1, 1);
  await world.turns(tail);
  assert.equal((await sizes()).length, 1);
  await world.turns(tail, minute);
  assert.deepEqual(await sizes(), [4096 + 2 * 65_536, 4096 + 2 * 65_536]);
  await tail.close();
});

test("what cannot be read, and a sensor nobody knows, are counted and stop nothing", async (t) => {
  const world = await open(t);
  writeFileSync(world.path("a.log"), "a\n");
  const nobody = world.start("a.log", { sensor: "nobody" });
  await world.turns(nobody);
  await world.turns(nobody);
  assert.deepEqual(await world.drops(), ["nobody no-sensor 1"]);
  await nobody.close();
  mkdirSync(world.path("d.log"));
  const tail = world.start("{a,d,missing}.log");
  await world.turns(tail);
  assert.deepEqual(await world.lines(), ["a"]);
  // idle for long, it is still known
  for (let days = 0; days < 40; days++) await world.turns(tail, day);
  await world.desk.state.act((tx) => tx.inputs.forgetFiles(after(world.clock.now, -30 * day)));
  await tail.close();
  const again = world.start("a.log");
  await world.turns(again);
  assert.deepEqual(await world.lines(), ["a"]);
  await again.close();
});
