import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { observableOf } from "#core/recognise.ts";
import { strict } from "#core/value-policy.ts";
import { csvRecords } from "#feeds/csv.ts";
import { deflateLength } from "#feeds/deflate-length.ts";
import { delimited } from "#feeds/delimited.ts";
import { detectFeed } from "#feeds/detect-feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { guard } from "#feeds/guard.ts";
import { gunzip } from "#feeds/gunzip.ts";
import { feedById, feeds } from "#feeds/index.ts";
import { linesOf } from "#feeds/lines.ts";
import { type ReadPolicy, readFeed, readParts, total } from "#feeds/read.ts";
import { rowTime } from "#feeds/row-time.ts";
import { gradeOf } from "#feeds/stamparm-ipsum/feed.ts";
import { summarise } from "#feeds/summary.ts";
import { instant, printInstant } from "#core/instant.ts";

const folder = new URL("../src/feeds/", import.meta.url);
const folders = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

/** Samples live in the documentation ranges, so those are allowed; the moment makes the newest sample rows past. */
const samples: ReadPolicy = {
  reserved: "reject",
  allow: ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"],
  now: instant(Date.parse("2026-11-20T00:00:00Z")),
};

const sampleOf = (id: string): { readonly file: string; readonly body: Uint8Array } => {
  const names = readdirSync(new URL(`${id}/`, folder)).filter((name) => /^sample\.(?!expected)/.test(name));
  assert.equal(names.length, 1, `feed ${id} has one sample`);
  const file = names[0] ?? "";
  return { file, body: readFileSync(new URL(`${id}/${file}`, folder)) };
};

test("every feed folder is registered under its own name, and nothing else is", () => {
  assert.ok(folders.length >= 8);
  assert.deepEqual(
    feeds.map((feed) => feed.id),
    folders,
  );
  for (const id of folders) {
    assert.equal(feedById.get(id)?.id, id);
    assert.ok(existsSync(new URL(`${id}/feed.ts`, folder)), id);
  }
});

for (const feed of feeds) {
  test(`${feed.id}: the sample reads as its golden file says`, (t) => {
    const { file, body } = sampleOf(feed.id);
    const { indicators, problems, ...reading } = readFeed(feed, body, file, samples);
    assert.ok(reading.accepted > 0, "the sample has good rows");
    assert.ok(total(reading.rejected) > 0, "the sample has bad rows");
    assert.equal(
      reading.rows,
      reading.accepted + reading.duplicates + total(reading.rejected) + total(reading.skipped),
    );
    for (const { observable } of indicators)
      assert.deepEqual(observableOf(observable.value), { ok: true, value: observable });
    const shown = {
      ...reading,
      indicators: indicators.map((raw) => ({
        ...raw,
        ...(raw.seenAt === undefined ? {} : { seenAt: printInstant(raw.seenAt) }),
      })),
      problems: problems.map((problem) => `${problem.at}: ${problem.code} ${problem.message}`),
    };
    t.assert.fileSnapshot(shown, fileURLToPath(new URL(`${feed.id}/sample.expected.json`, folder)));
  });

  test(`${feed.id}: packing, and reading part by part, change nothing`, () => {
    const { file, body } = sampleOf(feed.id);
    const plain = readFeed(feed, body, file, samples);
    const packed = readFeed(feed, gzipSync(body), `${file}.gz`, samples);
    assert.deepEqual({ ...packed, file }, plain);
    const parts = [...readParts(feed, body, file, samples)];
    assert.equal(
      parts.reduce((sum, part) => sum + part.accepted, 0),
      plain.accepted,
    );
    const summary = summarise(feed, body, file, samples);
    assert.deepEqual(
      [summary.rows, summary.accepted, summary.duplicates, summary.rejected, summary.kinds],
      [plain.rows, plain.accepted, plain.duplicates, plain.rejected, plain.kinds],
    );
  });

  test(`${feed.id}: rubbish gives problems, never exceptions`, () => {
    const { file, body } = sampleOf(feed.id);
    const rubbish = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ unit: "binary", maxLength: 200 }).map((text) => Buffer.from(text)),
      fc
        .tuple(fc.nat(body.length), fc.uint8Array({ maxLength: 8 }), fc.nat(40))
        .map(([at, bytes, cut]) => Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + cut)])),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([gzipSync(body).subarray(0, 60), bytes])),
    );
    fc.assert(
      fc.property(rubbish, fc.constantFrom(file, "x.gz", "x.zip", "x.tar.gz", "x"), (bytes, name) => {
        const reading = readFeed(feed, bytes, name, strict);
        assert.equal(
          reading.rows,
          reading.accepted + reading.duplicates + total(reading.rejected) + total(reading.skipped),
        );
        assert.equal(reading.bad !== undefined, reading.verdict === "quarantine");
        detectFeed(name, bytes);
      }),
      { numRuns: 300 },
    );
  });
}

/** Lists of bare values, and repositories, are known by the names their publishers give their files. */
const publishedAs: Readonly<Record<string, string>> = {
  "stamparm-maltrail": "trails/static/malware/sample.txt",
  openphish: "openphish.txt",
  "cins-army": "ci-badguys.txt",
  blocklistde: "blocklist.de-all.txt",
  greensnow: "greensnow.txt",
  "emergingthreats-compromised": "compromised-ips.txt",
  "tor-exits": "torbulkexitlist",
};

test("detectFeed() knows each sample by its bytes", () => {
  for (const { id, looksLike } of feeds) {
    // what has no looks of its own is never guessed; whatever nobody knows is a value a line
    if (looksLike === undefined && id !== "generic-lines") continue;
    const { file, body } = sampleOf(id);
    const name = publishedAs[id] ?? file;
    assert.equal(detectFeed(name, body.subarray(0, 4096)).id, id);
    assert.equal(detectFeed(name, gzipSync(body).subarray(0, 4096)).id, id, `${id}, packed`);
  }
  assert.equal(detectFeed("anything.txt", Buffer.from("203.0.113.7\n")).id, "generic-lines");
});

test("spamhaus-drop: a trailer that counts more rows than stand in the list is a bad body", () => {
  const { body } = sampleOf("spamhaus-drop-v4");
  const feed = feedById.get("spamhaus-drop-v4");
  assert.ok(feed);
  const cut = Buffer.from(body.toString().replace(/^.*SBL900001.*\n/, ""));
  const reading = readFeed(feed, cut, "drop_v4.json", samples);
  assert.equal(reading.verdict, "quarantine");
  assert.deepEqual(reading.bad?.with, { rows: 6, wanted: 7 });
  assert.equal(reading.rows, 0);
});

test("readFeed() drops times in the future and says so", () => {
  const feed = feedById.get("generic-delimited");
  assert.ok(feed);
  const reading = readFeed(
    feed,
    Buffer.from("indicator,seen_at,labels\nbad.example,2999-01-01T00:00:00Z,\n"),
    "x.csv",
    samples,
  );
  assert.deepEqual(reading.notes, { WGL_ROW_TIME: 1 });
  assert.equal(reading.indicators[0]?.seenAt, undefined);
});

test("rowTime() reads what is unambiguous", () => {
  const shown = (text: string): string => {
    const { seenAt, note } = rowTime(text);
    return seenAt === undefined ? (note?.code ?? "nothing") : printInstant(seenAt);
  };
  assert.equal(shown("2026-01-01 08:00:00+08:00"), "2026-01-01T00:00:00.000Z");
  assert.equal(shown("1767225600"), "2026-01-01T00:00:00.000Z");
  assert.equal(shown("1767225600000"), "2026-01-01T00:00:00.000Z");
  assert.equal(shown("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
  assert.equal(shown(""), "nothing");
  for (const text of ["0", "-1", "2026-02-30T00:00:00Z", "01/02/2026", "yesterday"])
    assert.equal(shown(text), "WGL_ROW_TIME", text);
});

test("guard() holds a list that left its own past, with an absolute floor", () => {
  const read = (accepted: number, rejected = 0) => ({
    rows: accepted + rejected,
    accepted,
    duplicates: 0,
    rejected: rejected === 0 ? {} : { WGL_IP: rejected },
    skipped: {},
    notes: {},
    kinds: {},
  });
  const verdict = (accepted: number, before?: number, rejected = 0): string =>
    guard(read(accepted, rejected), before === undefined ? undefined : { accepted: before }).verdict;
  assert.equal(verdict(10), "accept");
  assert.equal(verdict(1, undefined, 2), "quarantine"); // 2 of 3 = 0.67 > 0.5
  assert.equal(verdict(2, undefined, 2), "accept"); // 2 of 4 = 0.5
  assert.equal(verdict(3, 10_000), "hold");
  assert.equal(verdict(4_999, 10_000), "hold"); // < 0.5 × 10,000
  assert.equal(verdict(5_000, 10_000), "accept");
  assert.equal(verdict(196_608, 10_000), "hold"); // × 19.7
  assert.equal(verdict(100_000, 10_000), "accept"); // × 10
  assert.equal(verdict(2, 40), "accept"); // 38 rows fewer, under the floor of 100
  assert.equal(verdict(90, 5), "accept"); // × 18, 85 rows more, under the floor
  assert.equal(verdict(0, 1), "hold"); // gone is never small
  assert.equal(verdict(0, 0), "accept");
});

test("gunzip() and deflateLength() agree with zlib on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(0, 1, 6, 9), fc.nat(20), (bytes, level, times) => {
      const plain = Buffer.concat(Array.from({ length: times + 1 }, () => bytes));
      const packed = gzipSync(plain, { level });
      const measured = deflateLength(packed, 10, Number.MAX_SAFE_INTEGER);
      assert.deepEqual(measured, { length: plain.length, end: packed.length - 8 });
      if (plain.length < packed.length * 1000) assert.deepEqual(Buffer.from(gunzip(packed)), plain);
    }),
  );
});

test("linesOf() equals splitting the whole text, whatever the piece borders", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "bb\n", "\r", "\r\n", "é", "x".repeat(100_000)), { maxLength: 24 }),
      (pieces) => {
        const text = pieces.join("");
        const lines = text.split(/\r\n|\n|\r/);
        if (lines.at(-1) === "") lines.pop();
        assert.deepEqual(
          [...linesOf(Buffer.from(text))].filter((line) => line !== ""),
          lines.filter((line) => line !== ""),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("csvRecords() reads back any cells a careful writer wrote", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", " ", "é", "="), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (records) => {
      const text = records.map((cells) => cells.map((it) => `"${it.replaceAll('"', '""')}"`).join(",")).join("\r\n");
      assert.deepEqual(
        [...csvRecords(Buffer.from(text), ",", [])].map(({ cells }) => cells),
        records,
      );
    }),
  );
});

test("delimited() takes a publisher that leaves the header out", () => {
  const feed: Feed = {
    ...(feedById.get("abusech-feodo") as Feed),
    parts: delimited({
      delimiter: "|",
      comments: ["#"],
      names: ["seen", "ip"],
      columns: { value: "ip", seenAt: "seen" },
    }),
  };
  const reading = readFeed(
    feed,
    Buffer.from("#seen|ip\n2026-11-01|203.0.113.7\n2026-11-01|203.0.113.8\n"),
    "x.csv",
    samples,
  );
  assert.equal(reading.accepted, 2);
});

const corpora = new URL("../../shared/corpora/feeds/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";

test("stamparm-ipsum grades the real list as its oracle counts it", { skip }, () => {
  const feed = feedById.get("stamparm-ipsum") as Feed;
  const expected = JSON.parse(readFileSync(new URL("ipsum/EXPECTED.json", corpora), "utf8")) as {
    readonly "ipsum-score-2plus.txt": { readonly rows: number };
    readonly "ipsum.txt": { readonly scoreHistogram: Readonly<Record<string, number>> };
    readonly levels: Readonly<Record<string, { readonly rows: number }>>;
  };
  const read = (file: string) => readFeed(feed, readFileSync(new URL(`ipsum/${file}`, corpora)), file, strict);
  const list = read("ipsum-score-2plus.txt.gz");
  assert.deepEqual([list.accepted, list.verdict], [expected["ipsum-score-2plus.txt"].rows, "accept"]);
  const histogram = expected["ipsum.txt"].scoreHistogram;
  const wanted = [0, 0, 0, 0, 0, 0];
  for (const [lists, count] of Object.entries(histogram)) {
    const statement = gradeOf(Number(lists)).statement;
    if (Number(lists) >= 2) wanted[statement - 1] = (wanted[statement - 1] ?? 0) + count;
  }
  const got = [0, 0, 0, 0, 0, 0];
  for (const { grade } of list.indicators)
    if (grade !== undefined) got[grade.statement - 1] = (got[grade.statement - 1] ?? 0) + 1;
  assert.deepEqual(got, wanted);
  for (const [level, { rows }] of Object.entries(expected.levels)) {
    const file = readdirSync(new URL("ipsum/levels/", corpora)).find((name) => name.startsWith(`${level}.`));
    const reading = read(`levels/${file}`);
    assert.equal(reading.accepted, rows);
    assert.deepEqual(reading.indicators[0]?.grade, gradeOf(Number(level)));
  }
});
