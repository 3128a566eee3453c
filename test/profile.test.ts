import assert from "node:assert/strict";
import { test } from "node:test";
import { observableOf } from "#core/recognise.ts";
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
