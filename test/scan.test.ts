import assert from "node:assert/strict";
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { observableOf } from "#core/recognise.ts";
import { networks } from "#detect/networks.ts";
import { buildMatchIndex, type MatchIndex } from "#intel/match-index.ts";
import { type Scan, scan } from "#jobs/scan/scan.ts";
import type { IndicatorHit } from "#jobs/scan/hit.ts";
import { formats } from "#telemetry/index.ts";
import { JsonSplitter } from "#telemetry/json-values.ts";
import { LineSplitter, longestLine, type Splitter } from "#telemetry/lines.ts";
import { geneve, noGeneve, plantedEntries } from "./geneve.ts";

const secret = new Uint8Array([1, 2, 3]);
const indexOf = (...texts: readonly string[]): MatchIndex =>
  buildMatchIndex(
    texts.map((text, id) => {
      const observable = observableOf(text);
      assert.ok(observable.ok, text);
      return { id, observable: observable.value };
    }),
    secret,
  );
const scanOf = (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, index: MatchIndex, file = "eve.json"): Scan =>
  scan({ file, chunks, formats, index, own: networks(), about: (id) => ({ sources: [`feed-${id}`] }) });
const all = async (run: Scan): Promise<readonly IndicatorHit[]> =>
  (await Array.fromAsync(run.hits)).filter((hit) => hit.detector === "indicator-match");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const eve = (name: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    timestamp: "2026-11-19T00:00:00.000000+0000",
    event_type: "dns",
    src_ip: "10.0.0.4",
    dest_ip: "10.0.0.2",
    dns: { rrname: name },
    ...more,
  });

test("scan() prints hits in the promised shape", async () => {
  const run = scanOf([bytes(`${eve("good.example")}\n${eve("www.bad.example")}\n`)], indexOf("bad.example"));
  assert.deepEqual(await all(run), [
    {
      detector: "indicator-match",
      observable: { kind: "domain", value: "www.bad.example" },
      indicator: { kind: "domain", value: "bad.example", sources: ["feed-0"] },
      where: "dns-query",
      direction: "internal",
      time: Date.UTC(2026, 10, 19),
      file: "eve.json",
      line: 2,
      severity: "high",
      attack: [],
      host: "10.0.0.4",
    },
  ]);
  assert.equal(run.counts.lines, 2);
  assert.equal(run.counts.hits, 1);
  assert.equal(run.counts.format, "suricata-eve");
});

test("scan() finds every planted line, whatever the chunks", { skip: noGeneve }, async () => {
  const { file, planted, done } = geneve(20_000);
  try {
    const index = buildMatchIndex(plantedEntries(planted), secret);
    assert.ok(planted.length > 10);
    let first: readonly IndicatorHit[] | undefined;
    for (const highWaterMark of [1 << 20, 65_536, 4093]) {
      const run = scanOf(createReadStream(file, { highWaterMark }), index, file);
      const hits = await all(run);
      for (const { line, observable } of planted)
        assert.ok(
          hits.some((hit) => hit.line === line + 1 && hit.indicator.value === observable.value),
          `line ${line + 1}: ${observable.value}`,
        );
      assert.equal(run.counts.lines, 20_000);
      assert.deepEqual({ ...run.counts.rejected }, {});
      first ??= hits;
      assert.deepEqual(hits, first);
    }
  } finally {
    done();
  }
});

test("scan() counts a line over 1 MiB and a cut last line, and reads on between them", async () => {
  const long = eve("bad.example", { pad: "x".repeat(longestLine) });
  const whole = bytes(`${long}\n${eve("bad.example")}\r\n\n${eve("bad.example").slice(0, -2)}`);
  for (const size of [whole.length, 65_536, 700]) {
    const run = scanOf(pieces(whole, size), indexOf("bad.example"));
    assert.deepEqual(
      (await all(run)).map((hit) => hit.line),
      [2],
    );
    assert.deepEqual({ ...run.counts.rejected }, { WGL_LINE_LONG: 1, WGL_EVE_JSON: 1 });
    assert.deepEqual(
      run.counts.problems.map((p) => p.line),
      [1, 4],
    );
    assert.equal(run.counts.lines, 4);
  }
});

test("scan() reads a last line without a newline", async () => {
  const run = scanOf([bytes(`${eve("good.example")}\n${eve("bad.example")}`)], indexOf("bad.example"));
  assert.deepEqual(
    (await all(run)).map((hit) => hit.line),
    [2],
  );
});

test("scan() of bytes of no known format, and of no bytes", async () => {
  const unknown = scanOf([bytes("<html>not a log</html>\n")], indexOf("bad.example"));
  assert.deepEqual(await all(unknown), []);
  assert.deepEqual({ ...unknown.counts.rejected }, { WGL_FORMAT_UNKNOWN: 1 });
  const empty = scanOf([], indexOf("bad.example"));
  assert.deepEqual(await all(empty), []);
  assert.deepEqual({ ...empty.counts.rejected }, {});
});

test("scan() reads records written over several lines, with the line where each begins", async () => {
  const records = ["good.example", "bad.example", "www.bad.example"].map((name) => JSON.parse(eve(name)) as unknown);
  const array = JSON.stringify(records, null, 2);
  const lineOf = (nth: number): number => array.split("\n").flatMap((l, i) => (l === "  {" ? [i + 1] : []))[nth] ?? 0;
  for (const size of [array.length, 7]) {
    const run = scanOf(pieces(bytes(array), size), indexOf("bad.example"));
    assert.deepEqual(
      (await all(run)).map((hit) => hit.line),
      [lineOf(1), lineOf(2)],
    );
    assert.deepEqual({ ...run.counts.rejected }, {});
  }
  const concatenated = records.map((record) => JSON.stringify(record, null, 1)).join("\n");
  assert.equal((await all(scanOf([bytes(concatenated)], indexOf("bad.example")))).length, 2);
});

const corpus = fileURLToPath(new URL("../../shared/corpora/detection/suricata/", import.meta.url));
test("scan() reads the Suricata corpora without a reject", {
  skip: existsSync(corpus) ? false : "no corpora",
}, async () => {
  const files = readdirSync(corpus).filter((name) => name.endsWith(".json"));
  assert.ok(files.length >= 3);
  for (const name of files) {
    const run = scanOf(createReadStream(corpus + name), indexOf("222.186.56.46", "www.eicar.org"), name);
    const hits = await all(run);
    assert.deepEqual({ ...run.counts.rejected }, {}, name);
    assert.equal(run.counts.format, "suricata-eve");
    assert.equal(hits.length > 0, /222\.186\.56\.46|www\.eicar\.org/.test(readFileSync(corpus + name, "utf8")), name);
  }
});

test("LineSplitter cuts as split() does, at any chunk size", () => {
  const line = fc.string({ maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, "."));
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), fc.integer({ min: 1, max: 9 }), (lines, last, size) => {
      const text = lines.join("\n") + (last && lines.length > 0 ? "\n" : "");
      const expected = text.split("\n");
      if (expected.at(-1) === "") expected.pop();
      assert.deepEqual(
        cut(new LineSplitter(), bytes(text), size),
        expected.map((l, i) => [i + 1, l]),
      );
    }),
  );
});

test("JsonSplitter hands on each object of an array, at any chunk size", () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      fc.nat(2),
      fc.integer({ min: 1, max: 9 }),
      (objects, indent, size) => {
        const whole = bytes(JSON.stringify(objects, null, indent));
        const read = cut(new JsonSplitter(), whole, size).map(([, text]) => JSON.parse(text) as unknown);
        assert.deepEqual(JSON.stringify(read), JSON.stringify(objects));
      },
    ),
  );
});

const pieces = function* (whole: Uint8Array, size: number): Iterable<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size);
};

const cut = (splitter: Splitter, whole: Uint8Array, size: number): readonly (readonly [number, string])[] => {
  const records: (readonly [number, string])[] = [];
  const take = (buffer: Uint8Array, start: number, end: number, line: number): void => {
    records.push([line, new TextDecoder("utf-8", { ignoreBOM: true }).decode(buffer.subarray(start, end))]);
  };
  const refused = (): void => assert.fail("nothing is too long here");
  for (const piece of pieces(whole, size)) splitter.push(piece, take, refused);
  splitter.end(take, refused);
  return records;
};
