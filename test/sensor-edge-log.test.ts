// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { day, instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { matchRecord } from "#detect/indicator-match/match.ts";
import { networks } from "#detect/networks.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { huntPage, quarryOf, seenOf } from "#jobs/hunt-past.ts";
import { SegmentLog } from "#segments/log.ts";
import { SegmentPast } from "#segments/past.ts";
import {
  batchEntry,
  emptyFolder,
  fingerprint,
  packed,
  packedBefore,
  secret,
  type SomeRecord,
  t0,
} from "./sensor-edge-world.ts";

const openLog = (folder: string): SegmentLog => new SegmentLog(folder, fingerprint(), t0);
const linesOf = (log: SegmentLog): readonly number[] =>
  [...log.entries(undefined)].map(({ entry }) => (entry.kind === "batch" ? entry.lines : -1));

const flow = (time: number, to: string): SomeRecord => ({
  time,
  seen: [
    { kind: "ipv4", value: "192.0.2.14", where: "source", port: 40_000 },
    { kind: "ipv4", value: to, where: "destination", port: 443 },
  ],
});

test("a log that is cut at any byte is what it was after the last whole entry, and goes on from there", () => {
  const folder = emptyFolder();
  const log = openLog(folder);
  const ends: number[] = [];
  for (let n = 1; n <= 4; n++)
    ends.push(log.append(batchEntry(n), packed([flow(t0 + n, `203.0.113.${n}`), flow(t0 + n, "198.51.100.7")])).offset);
  log.close();
  const [name = ""] = readdirSync(folder);
  const whole = readFileSync(join(folder, name));
  assert.equal(whole.length, ends.at(-1));
  // every byte around the borders, and every seventh between them
  const cuts = Array.from({ length: whole.length + 1 }, (_, at) => at).filter(
    (at) => at % 7 === 0 || ends.some((end) => Math.abs(end - at) < 3),
  );
  for (const cut of cuts) {
    const torn = emptyFolder();
    copyFileSync(join(folder, name), join(torn, name));
    truncateSync(join(torn, name), cut);
    const again = openLog(torn);
    const left = ends.filter((end) => end <= cut).length;
    assert.deepEqual(linesOf(again), [1, 2, 3, 4].slice(0, left), `cut at ${cut}`);
    assert.equal(again.next.record, left * 2);
    const said = again.troubles().length;
    assert.equal(said, cut > 8 && !ends.includes(cut) ? 1 : 0, `cut at ${cut}`);
    again.append(batchEntry(9));
    again.close();
    const third = openLog(torn);
    assert.deepEqual(linesOf(third), [...[1, 2, 3, 4].slice(0, left), 9]);
    third.close();
  }
});

test("a byte that was written over ends the log before its entry, and that is said", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const folder = emptyFolder();
      const log = openLog(folder);
      const ends = [1, 2, 3].map((n) => log.append(batchEntry(n), packed([flow(t0, "203.0.113.1")])).offset);
      log.close();
      const path = join(folder, readdirSync(folder)[0] ?? "");
      const bytes = readFileSync(path);
      const place = 8 + (at % (bytes.length - 8));
      bytes[place] = (bytes[place] ?? 0) ^ by;
      writeFileSync(path, bytes);
      const again = openLog(folder);
      assert.deepEqual(linesOf(again), [1, 2, 3].slice(0, ends.filter((end) => end <= place).length));
      assert.deepEqual(
        again.troubles().map(({ code }) => code),
        ["WGL_SENSOR_TORN"],
      );
      again.close();
    }),
    { numRuns: 60 },
  );
});

const address = fc.integer({ min: 0, max: 5 }).map((n) => `203.0.113.${n}`);
const name = fc.constantFrom("bad.example", "a.bad.example", "b.a.bad.example", "good.example", "notbad.example");
const aRecord: fc.Arbitrary<SomeRecord> = fc
  .tuple(fc.integer({ min: 0, max: 9 }), address, name, fc.constantFrom(80, 443))
  .map(([at, to, query, port]) => ({
    time: t0 + at * 1000,
    seen: [
      { kind: "ipv4" as const, value: "192.0.2.14", where: "source" as const, port: 40_000 },
      { kind: "ipv4" as const, value: to, where: "destination" as const, port },
      { kind: "domain" as const, value: query, where: "dns-query" as const },
      { kind: "email" as const, value: `${query[0]}@harbour.example`, where: "mail-to" as const },
    ],
  }));
const listed: readonly Observable[] = [
  { kind: "ipv4", value: "203.0.113.3" },
  { kind: "cidr", value: "203.0.113.0/30" },
  { kind: "endpoint", value: "203.0.113.2:443" },
  { kind: "domain", value: "bad.example" },
  { kind: "domain", value: "a.bad.example" },
  { kind: "ipv4", value: "198.51.100.200" },
];

test("a hunt in the local past finds what matching each record would, segment ended, growing, or read again after a kill", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(aRecord, { minLength: 1, maxLength: 6 }), fc.boolean(), fc.boolean()), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.subarray([...listed], { minLength: 1 }),
      async (batches, wanted) => {
        const folder = emptyFolder();
        let log = openLog(folder);
        for (const [records, ends, before] of batches) {
          log.append(
            batchEntry(records.length),
            before ? packedBefore(records) : packed(records, (value) => log.knows(value)),
          );
          if (ends) log.roll(t0, true);
        }
        log.close();
        log = openLog(folder);
        const past = new SegmentPast(log, fingerprint());
        const quarry = quarryOf(wanted, secret);
        const ground = { scope: "all", from: instant(t0 + 1000), to: instant(t0 + 8000) } as const;
        const seen = await seenOf(past, quarry, ground);
        const found: string[] = [];
        let place: Parameters<typeof huntPage>[4];
        do {
          const page = await huntPage(past, quarry, seen, ground, place, 3, () => ["192.0.2.0/24"]);
          for (const { matches } of page.records)
            for (const match of matches)
              found.push(`${match.time} ${match.where} ${match.seen.value} ${match.indicator.value}`);
          place = page.place;
        } while (place !== undefined);
        const index = buildMatchIndex(
          wanted.map((observable, id) => ({ id, observable })),
          Buffer.from("x"),
        );
        const own = networks(["192.0.2.0/24"]);
        const expected = batches.flatMap(([records]) =>
          records
            .filter(({ time }) => time >= ground.from && time < ground.to)
            .flatMap(({ time, seen: values }) =>
              matchRecord(
                {
                  ...{ time: instant(time), event: "flow", fields: {}, measures: {} },
                  ...{ seen: values, source: "192.0.2.14", destination: values[1]?.value ?? "" },
                },
                index,
                own,
              ).map((match) => `${match.time} ${match.where} ${match.seen.value} ${match.indicator.value}`),
            ),
        );
        assert.deepEqual(found.toSorted(), expected.toSorted());
        log.close();
      },
    ),
    { numRuns: 40 },
  );
});

test("a segment that is finished while a hunt goes on is hunted through as all others", async () => {
  const log = openLog(emptyFolder());
  log.append(batchEntry(1), packed([flow(t0, "203.0.113.1")]));
  log.roll(t0, true);
  log.append(batchEntry(1), packed([flow(t0 + 1, "203.0.113.2")]));
  const past = new SegmentPast(log, fingerprint());
  const quarry = quarryOf([{ kind: "cidr", value: "203.0.113.0/24" }], secret);
  const ground = { scope: "all", from: instant(0), to: instant(t0 + day) } as const;
  // they have begun, and have looked at the first segment
  const [rows, under] = [
    past.everyRow({ from: 0, to: t0 + day }, () => true, undefined, 10),
    seenOf(past, quarry, ground),
  ];
  log.roll(instant(t0 + 2), true);
  log.append(batchEntry(1), packed([flow(t0 + 3, "203.0.113.3")]));
  assert.deepEqual(
    (await rows).map(({ row }) => row.seen[1]?.[1]),
    ["203.0.113.1", "203.0.113.2", "203.0.113.3"],
  );
  const page = await huntPage(past, quarry, await under, ground, undefined, 10, () => []);
  assert.deepEqual(
    page.records.map(({ matches }) => matches[0]?.seen.value),
    ["203.0.113.1", "203.0.113.2", "203.0.113.3"],
  );
  log.close();
});

test("a finished segment that is torn is set aside and said; the others are searched", async () => {
  const folder = emptyFolder();
  let log = openLog(folder);
  for (const to of ["203.0.113.1", "203.0.113.2"]) {
    log.append(batchEntry(1), packed([flow(t0, to)]));
    log.roll(t0, true);
  }
  log.close();
  truncateSync(join(folder, "0000000001.seg"), statSync(join(folder, "0000000001.seg")).size - 1);
  log = openLog(folder);
  assert.deepEqual(
    log.troubles().map(({ code }) => code),
    ["WGL_SENSOR_SEGMENT"],
  );
  assert.ok(readdirSync(folder).includes("0000000001.torn"));
  const past = new SegmentPast(log, fingerprint());
  const quarry = quarryOf([{ kind: "cidr", value: "203.0.113.0/24" }], secret);
  const ground = { scope: "all", from: instant(0), to: instant(t0 + day) } as const;
  const page = await huntPage(past, quarry, await seenOf(past, quarry, ground), ground, undefined, 10, () => []);
  assert.deepEqual(
    page.records.map(({ matches }) => matches[0]?.seen.value),
    ["203.0.113.2"],
  );
  log.close();
});

test("prune lets the oldest go by size and by age, and nothing that is still needed", () => {
  const folder = emptyFolder();
  const log = openLog(folder);
  for (let n = 0; n < 5; n++) {
    log.append(batchEntry(1), packed([flow(t0, "203.0.113.1")]));
    log.roll(instant(t0 + n * day), true);
  }
  const size = log.bytes;
  const roomy = { bytes: size * 10, days: 100 };
  assert.equal(log.prune(instant(t0 + 5 * day), log.end, roomy), 0);
  // written on days 0 to 4; of 5 days those older than 3 go: days 0 and 1
  assert.equal(log.prune(instant(t0 + 5 * day), log.end, { ...roomy, days: 3 }), 2);
  assert.equal(log.prune(instant(t0 + 5 * day), { segment: 4, offset: 0 }, { bytes: 0, days: 100 }), 1);
  assert.equal(log.segments, 3);
  log.close();
});

test("what the log says of a line stands where its batch begins", () => {
  const folder = emptyFolder();
  const log = openLog(folder);
  log.append(batchEntry(1), packed([flow(t0, "203.0.113.1")]));
  const { segment, record } = log.next;
  log.append(batchEntry(2), packed([flow(t0 + 5, "203.0.113.1"), flow(t0 + 6, "203.0.113.1")]));
  const expected = `record 1 at ${t0 + 6}`;
  assert.equal(log.textAt(segment, record, 2), expected);
  log.roll(t0, true);
  assert.equal(log.textAt(segment, record, 2), expected);
  assert.equal(log.textAt(segment, record, 3), undefined);
  assert.equal(log.textAt(segment + 9, 0, 1), undefined);
  log.close();
});

test("a log is nobody else's folder: what is no segment is left alone", () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, "0000000009.seg.d"));
  writeFileSync(join(folder, "notes.txt"), "mine");
  const log = openLog(folder);
  assert.deepEqual(linesOf(log), []);
  log.close();
  assert.equal(readFileSync(join(folder, "notes.txt"), "utf8"), "mine");
});
