import assert from "node:assert/strict";
import { test } from "node:test";
import { observableOf } from "#core/recognise.ts";
import { FillCounter } from "#feeds/column-fill.ts";
import type { RawIndicator } from "#feeds/feed.ts";
import { driftOf, type Profile, Profiler } from "#feeds/profile.ts";

const profileOf = (values: readonly string[], labels: readonly string[] = []): Profile => {
  const profiler = new Profiler();
  for (const value of values) {
    const read = observableOf(value);
    assert.ok(read.ok, value);
    const raw: RawIndicator = { observable: read.value, labels };
    profiler.add(raw);
  }
  return profiler.profile();
};

const range = (length: number): readonly number[] => Array.from({ length }, (_, at) => at);
const addresses = (salt: number): readonly string[] =>
  range(400).map((at) => `${(at % 200) + 1}.${(at * salt) % 251}.2.${at % 250}`);
const words = ["river", "harbour", "lamp", "ferry", "market", "tram", "cloud", "garden"];
const names = range(400).map((at) => `${words[at % 8]}-${words[(at * 3 + 1) % 8]}${at % 40}.h${at}.example`);
/** Names of a generator: letters and digits without a pattern. */
const noise = range(400).map((at) => {
  let seed = at * 2654435761 + 12345;
  const letters = range(26).map(() => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return "abcdefghijklmnopqrstuvwxyz0123456789"[Math.floor(seed / 65536) % 36];
  });
  return `x${letters.join("")}.h${at}.example`;
});

test("a list that changes by the day is itself; one of another kind, of noise, or of one neighbourhood is not", () => {
  assert.equal(driftOf(profileOf(addresses(3)), profileOf(addresses(7))), undefined);
  assert.equal(driftOf(profileOf(names), profileOf([...names].reverse().slice(0, 300))), undefined);
  assert.equal(driftOf(profileOf(addresses(3)), profileOf(names))?.what, "kinds");
  assert.equal(driftOf(profileOf(names, ["malware"]), profileOf(names))?.what, "labels");
  assert.ok(["entropy", "length"].includes(driftOf(profileOf(names), profileOf(noise))?.what ?? ""));
  const crowd = range(400).map((at) => `198.51.${at >> 8}.${at & 255}`);
  assert.equal(driftOf(profileOf(addresses(3)), profileOf(crowd))?.what, "crowd");
  // lists too short to tell
  assert.equal(driftOf(profileOf(names.slice(0, 50)), profileOf(addresses(3))), undefined);
});

test("a column that empties, fills or moves is a drift; one that is added, or a short list, is none", () => {
  const filled = (columns: Readonly<Record<string, number>>, rows = 400): Profile => {
    const profiler = new Profiler();
    for (const value of addresses(3).slice(0, rows)) {
      const read = observableOf(value);
      assert.ok(read.ok);
      profiler.add({ observable: read.value, labels: [] });
    }
    const counter = new FillCounter();
    for (const at of range(rows))
      counter.record(
        Object.keys(columns),
        Object.values(columns).map((share) => (at < rows * share ? "said" : ["", "-", "N/A", " null "][at % 4]) ?? ""),
      );
    profiler.columns(counter);
    return profiler.profile();
  };
  const before = filled({ ip: 1, port: 0.95, note: 0.05 });
  assert.deepEqual(before.columns, { ip: 1, port: 0.95, note: 0.05 });
  assert.equal(driftOf(before, filled({ ip: 1, port: 0.5, note: 0.3 })), undefined);
  const emptied = driftOf(before, filled({ ip: 1, port: 0.1, note: 0.05 }));
  assert.deepEqual(emptied, { what: "columns", column: "port", before: "0.95", now: "0.1" });
  assert.equal(
    driftOf(before, filled({ ip: 1, port: 0.95, note: 1 }))?.column,
    "note",
    "what stood elsewhere stands there now",
  );
  assert.equal(driftOf(before, filled({ ip: 1, note: 0.05 }))?.column, "port", "the column is gone");
  assert.equal(driftOf(before, filled({ ip: 1, port: 0.95, note: 0.05, more: 1 })), undefined, "tables grow");
  assert.equal(driftOf(before, filled({ ip: 1, port: 0, note: 1 }, 50)), undefined);
  const { columns: _, ...older } = before;
  assert.equal(driftOf(older, filled({ ip: 1, port: 0, note: 1 })), undefined, "columns were not counted then");
});

test("an object of a JSON list fills what it says, and null, nothing and a dash say nothing", () => {
  const counter = new FillCounter();
  counter.object({ a: 0, b: null, c: [], d: ["x"], e: "", f: "-", g: { h: 1 } });
  assert.deepEqual(
    [...counter.filled],
    [
      ["a", 1],
      ["d", 1],
      ["e", 0],
      ["f", 0],
      ["g", 1],
    ],
  );
});
