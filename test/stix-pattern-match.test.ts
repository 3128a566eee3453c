// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bind } from "#stix/pattern-bind.ts";
import { compilePattern, matchPattern } from "#stix/pattern-match.ts";
import { microseconds, readObservations } from "#stix/pattern-observation.ts";
import type { Pattern } from "#stix/pattern.ts";
import { readPattern } from "#stix/read-pattern.ts";
import { timeKey } from "#stix/time-key.ts";

type Json = Readonly<Record<string, unknown>>;

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

/** Objects seen together in STIX 2.0's way, `from` to `to` seconds into 2026. */
const seen = (objects: Json, from = 0, to = from, times = 1): Json => ({
  type: "observed-data",
  id: "observed-data--00000000-0000-4000-8000-000000000000",
  first_observed: at(from),
  last_observed: at(to),
  number_observed: times,
  objects,
});
const one = (object: Json, from = 0, to = from, times = 1): Json => seen({ "0": object }, from, to, times);

/** "yes", "no", or the codes of the problems. */
const verdict = (pattern: string, ...observations: readonly unknown[]): string => {
  const result = matchPattern(pattern, observations);
  return result.ok ? (result.value.matches ? "yes" : "no") : result.problem.map(({ code }) => code).join(" ");
};

test("a comparison is true of one object, by type, value and operator", () => {
  const file = {
    type: "file",
    name: "Invoice.EXE",
    size: 1024,
    entropy: 7.5,
    hidden: true,
    nothing: null,
    magic_hex: "4d5A",
    payload_bin: "aGVsbG8=",
    created: "2026-01-31T08:15:00.120Z",
    hashes: { "SHA-256": "ab", MD5: "cd" },
    sections: [
      { name: ".text", entropy: 6 },
      { name: ".rsrc", entropy: 7.9 },
    ],
    tags: ["a", "b"],
  };
  const table: Readonly<Record<string, string>> = {
    "[file:name = 'Invoice.EXE']": "yes",
    "[file:name = 'invoice.exe']": "no",
    "[file:size = 1024.0 AND file:size IN (1, 1024)]": "yes",
    "[file:size = '1024']": "no",
    "[file:size != '1024']": "yes",
    "[file:size > 1e]": "WGL_STIX_PATTERN",
    "[file:entropy > 7 AND file:entropy <= 7.5 AND file:entropy NOT < 7.5]": "yes",
    "[file:hidden = true AND file:hidden != false AND file:hidden != 1]": "yes",
    "[file:hidden NOT > 0]": "no",
    // a property that is not there leads nowhere, whatever the operator
    "[file:absent != 'x' OR file:absent NOT = 'x' OR file:absent NOT LIKE 'x' OR file:absent NOT IN ()]": "no",
    "[file:nothing != 'x']": "yes",
    "[EXISTS file:nothing AND NOT EXISTS file:absent AND EXISTS file:sections[1].name]": "yes",
    "[NOT EXISTS file:name]": "no",
    "[EXISTS file:tags[2]]": "no",
    "[file:magic_hex = h'4D5a' AND file:magic_hex = b'TVo=' AND file:magic_hex = 'MZ']": "yes",
    "[file:payload_bin = 'hello' AND file:payload_bin LIKE 'h%o' AND file:payload_bin MATCHES 'l{2}']": "yes",
    "[file:payload_bin IN (h'00', b'aGVsbG8=')]": "yes",
    "[file:payload_bin < 'hem' AND file:payload_bin > h'68']": "yes",
    // §9.6: text beyond a byte and bytes are unequal, and have no order
    "[file:payload_bin = 'h\u{1f600}' OR file:payload_bin < '\u{1f600}' OR file:payload_bin > '\u{1f600}']": "no",
    "[file:created = t'2026-01-31T08:15:00.12Z' AND file:created = t'2026-01-31T08:15:00.1200000000000Z']": "yes",
    "[file:created > t'2026-01-31T08:15:00.119999999999Z' AND file:created < t'2026-01-31T08:15:00.120000000001Z']":
      "yes",
    "[file:created IN (t'2026-01-31T08:15:00.12Z') AND file:created NOT IN (t'2026-01-31T08:15:01Z')]": "yes",
    "[file:size != t'2026-01-31T08:15:00Z']": "yes",
    "[file:name != t'2026-01-31T08:15:00Z']": "WGL_STIX_COMPARE",
    "[file:name = t'2026-01-31T08:15:00Z' OR file:size = 1024]": "yes",
    "[file:hashes.'SHA-256' = 'ab' AND file:hashes.MD5 = 'cd']": "yes",
    "[file:sections[*].entropy > 7 AND file:sections[0].name = '.text']": "yes",
    "[file:sections[-1].name = '.rsrc']": "no",
    "[file:sections.name = '.text' OR file:name[0] = 'I' OR file:tags.length = 2 OR file:tags = 'a']": "no",
    "[file:tags[*] IN ('b', 'c') AND file:tags[1] = 'b']": "yes",
    "[file:name LIKE 'Inv%.EX_']": "yes",
    "[file:name LIKE 'Inv']": "no",
    "[file:name MATCHES 'voice']": "yes",
    "[file:name MATCHES '^(?i)invoice\\\\.exe$']": "yes",
    "[file:name MATCHES '(?=x)']": "WGL_ROW_REGEX",
    "[file:size MATCHES '.' OR file:size LIKE '%']": "no",
    "[file:size NOT MATCHES '.' AND file:size NOT LIKE '%']": "yes",
    "[file:name ISSUBSET '203.0.113.0/24']": "WGL_STIX_COMPARE",
    "[file:constructor != 'x' OR file:__proto__ != 'x']": "no",
  };
  for (const [pattern, expected] of Object.entries(table)) assert.equal(verdict(pattern, one(file)), expected, pattern);
});

test("strings are ordered by code points, not by UTF-16 units", () => {
  // U+FF5E is one unit, U+1F600 two that are smaller than it
  assert.equal(verdict("[x:v > '\uff5e']", one({ type: "x", v: "\u{1f600}" })), "yes");
  assert.equal(verdict("[x:v < '\u{1f600}']", one({ type: "x", v: "\uff5e" })), "yes");
});

test("text is NFC under LIKE and MATCHES, and only there", () => {
  const decomposed = one({ type: "x", v: "re\u0301sume\u0301" });
  assert.equal(verdict("[x:v LIKE 'r\u00e9sum_']", decomposed), "yes");
  assert.equal(verdict("[x:v MATCHES '^r.sum.$']", decomposed), "yes");
  assert.equal(verdict("[x:v = 'r\u00e9sum\u00e9']", decomposed), "no");
});

test("ISSUBSET and ISSUPERSET hold for IPv4 and IPv6, and families never meet", () => {
  const table: readonly (readonly [seen: string, test: string, expected: string])[] = [
    ["203.0.113.7", "ISSUBSET '203.0.113.0/24'", "yes"],
    ["203.0.113.0/25", "ISSUBSET '203.0.113.99/24'", "yes"],
    ["203.0.113.0/23", "ISSUBSET '203.0.113.0/24'", "no"],
    ["203.0.113.7", "NOT ISSUBSET '198.51.100.0/24'", "yes"],
    ["203.0.113.7", "ISSUBSET '0.0.0.0/0'", "yes"],
    ["203.0.113.7", "ISSUBSET '203.0.113.7'", "yes"],
    ["2001:db8:dead:beef::1", "ISSUBSET '2001:0db8:dead:beef:0000:0000:0000:0000/64'", "yes"],
    ["2001:db8:dead:bee0::1", "ISSUBSET '2001:0db8:dead:beef::/64'", "no"],
    ["2001:db8::/32", "ISSUPERSET '2001:DB8:ffff::1'", "yes"],
    ["2001:db8::/32", "ISSUPERSET '2001:db8::/31'", "no"],
    ["2001:db8::1", "ISSUBSET '203.0.113.0/24'", "no"],
    ["203.0.113.7", "ISSUBSET '::/0'", "no"],
    ["::ffff:203.0.113.7", "ISSUBSET '203.0.113.0/24'", "yes"],
    ["203.0.113.300", "ISSUBSET '203.0.113.0/24'", "WGL_STIX_COMPARE"],
  ];
  for (const [value, how, expected] of table)
    assert.equal(verdict(`[ip:value ${how}]`, one({ type: "ip", value })), expected, `${value} ${how}`);
});

test("AND inside [ ] is one object, OR may be two, and references are followed inside the observation", () => {
  const traffic = seen({
    "0": { type: "ipv4-addr", value: "203.0.113.7" },
    "1": { type: "network-traffic", dst_ref: "0", src_ref: "9", dst_port: 443, protocols: ["ipv4", "tcp"] },
    "2": { type: "network-traffic", dst_ref: "3", dst_port: 80 },
    "3": { type: "domain-name", value: "bad.example", resolves_to_refs: ["9", "0"] },
  });
  const table: Readonly<Record<string, string>> = {
    "[network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 443]": "yes",
    "[network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 80]": "no",
    "[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.resolves_to_refs[*].value = '203.0.113.7']":
      "yes",
    "[domain-name:resolves_to_refs[1].value = '203.0.113.7']": "yes",
    "[domain-name:resolves_to_refs[0].value != 'x' OR network-traffic:src_ref.value != 'x']": "no",
    "[network-traffic:dst_ref = '0']": "yes",
    "[ipv4-addr:value = '203.0.113.7' AND domain-name:value = 'bad.example']": "no",
    "[ipv4-addr:value = '203.0.113.9' OR domain-name:value = 'bad.example']": "yes",
    "[ipv4-addr:value = '203.0.113.7'] AND [domain-name:value = 'bad.example']": "no",
  };
  for (const [pattern, expected] of Object.entries(table)) assert.equal(verdict(pattern, traffic), expected, pattern);
});

test("readObservations() takes bundles of both versions, and says what is wrong with them", () => {
  const ip = { type: "ipv4-addr", id: "ipv4-addr--1", value: "203.0.113.7" };
  const other = { type: "ipv4-addr", id: "ipv4-addr--2", value: "203.0.113.8" };
  const { objects: _, ...data } = one(ip);
  const pattern = "[ipv4-addr:value = '203.0.113.7']";
  const refers = { ...data, object_refs: ["ipv4-addr--1"] };
  assert.equal(verdict(pattern, { type: "bundle", id: "bundle--1", objects: [refers, ip] }), "yes");
  assert.equal(verdict(pattern, ip, refers), "yes");
  assert.equal(verdict(pattern, { type: "bundle", objects: [one(ip)] }), "yes");
  // what no observed-data refers to was not observed
  assert.equal(
    verdict(pattern, { type: "bundle", objects: [{ ...data, object_refs: ["ipv4-addr--2"] }, ip, other] }),
    "no",
  );
  assert.equal(verdict(pattern), "no");
  const wrong = (given: unknown): readonly string[] =>
    readObservations([given]).problems.map((each) => `${each.at} ${each.with?.["property"]}`);
  assert.deepEqual(wrong(ip), ["/0 type"]);
  assert.deepEqual(wrong(5), ["/0 type"]);
  assert.deepEqual(wrong({ type: "bundle" }), ["/0 objects"]);
  assert.deepEqual(wrong({ type: "bundle", objects: [7] }), ["/0/objects/0 objects"]);
  assert.deepEqual(wrong(data), ["/0 object_refs"]);
  assert.deepEqual(wrong({ ...refers, object_refs: [7] }), ["/0 object_refs"]);
  assert.deepEqual(wrong({ ...refers, number_observed: 0 }), ["/0 number_observed"]);
  assert.deepEqual(wrong({ ...refers, number_observed: "1" }), ["/0 number_observed"]);
  assert.deepEqual(wrong({ ...refers, first_observed: "yesterday" }), ["/0 first_observed"]);
  assert.deepEqual(wrong({ ...refers, first_observed: at(5) }), ["/0 last_observed"]);
});

test("microseconds() reckons with the Gregorian calendar", () => {
  for (const text of [
    "1970-01-01T00:00:00Z",
    "2000-02-29T23:59:59.123456Z",
    "1999-03-01T00:00:00Z",
    "2255-12-31T01:02:03Z",
  ])
    assert.equal(microseconds(timeKey(text) ?? ""), Date.parse(text) * 1000 + (text.includes("456") ? 456 : 0), text);
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true }), (date) => {
      assert.equal(microseconds(timeKey(date.toISOString()) ?? ""), date.getTime() * 1000);
    }),
  );
  // 62,135,596,800 s from 0001-01-01 to 1970-01-01
  assert.equal(microseconds("0001-01-01T00:00:00"), -62_135_596_800_000_000);
});

test("qualifiers: WITHIN and START … STOP touch intervals, the stop is outside", () => {
  const a = one({ type: "x", v: "a" }, 10, 12);
  const b = one({ type: "x", v: "b" }, 15, 20);
  const both = "([x:v = 'a'] AND [x:v = 'b'])";
  assert.equal(verdict(`${both} WITHIN 3 SECONDS`, a, b), "yes"); // 12 to 15
  assert.equal(verdict(`${both} WITHIN 2.999999 SECONDS`, a, b), "no");
  const span = (from: number, to: number): string => `[x:v = 'b'] START t'${at(from)}' STOP t'${at(to)}'`;
  assert.equal(verdict(span(0, 15), b), "no");
  assert.equal(verdict(span(0, 15.001), b), "yes");
  assert.equal(verdict(span(20, 30), b), "yes");
  assert.equal(verdict(span(20.001, 30), b), "no");
  assert.equal(verdict("[x:v = 'b'] FOLLOWEDBY [x:v = 'a']", a, b), "no");
  assert.equal(verdict("[x:v = 'a'] FOLLOWEDBY [x:v = 'b']", a, b), "yes");
});

/** The obvious matcher: every way of binding sightings to parts, one by one. A sighting is [observation, which time]. */
type Binding = readonly string[];
const slowly = (pattern: Pattern, observations: readonly Json[]): readonly Binding[] => {
  const micros = (sighting: string, which: "first_observed" | "last_observed"): number =>
    Date.parse(String(observations[Number(sighting.split(".")[0])]?.[which])) * 1000;
  const lastFirst = (binding: Binding): number => Math.max(...binding.map((each) => micros(each, "first_observed")));
  const firstLast = (binding: Binding): number => Math.min(...binding.map((each) => micros(each, "last_observed")));
  const disjoint = (a: Binding, b: Binding): boolean => !a.some((each) => b.includes(each));
  const join = (
    left: readonly Binding[],
    right: readonly Binding[],
    fits: (a: Binding, b: Binding) => boolean,
  ): readonly Binding[] =>
    left.flatMap((a) => right.filter((b) => disjoint(a, b) && fits(a, b)).map((b) => [...a, ...b]));
  switch (pattern.kind) {
    case "observation": {
      const wanted = pattern.test.kind === "comparison" ? pattern.test.constants.map(({ value }) => value) : [];
      return observations.flatMap((data, n) => {
        const { "0": object } = data["objects"] as Readonly<Record<string, Json>>;
        if (!wanted.includes(Number(object?.["v"]))) return [];
        return Array.from({ length: Number(data["number_observed"]) }, (_, time) => [`${n}.${time}`]);
      });
    }
    case "any":
      return pattern.of.flatMap((part) => slowly(part, observations));
    case "all":
    case "followed":
      return pattern.of
        .map((part) => slowly(part, observations))
        .reduce((left, right) => join(left, right, (a, b) => pattern.kind === "all" || lastFirst(a) <= firstLast(b)));
    case "repeats": {
      const each = slowly(pattern.of, observations);
      let all = each;
      for (let time = 1; time < pattern.times; time++) all = join(all, each, () => true);
      return all;
    }
    case "within":
      return slowly(pattern.of, observations).filter(
        (binding) => lastFirst(binding) - firstLast(binding) <= pattern.seconds * 1_000_000,
      );
    case "between": {
      const [start, stop] = [Date.parse(pattern.start) * 1000, Date.parse(pattern.stop) * 1000];
      return slowly(pattern.of, observations).filter((binding) =>
        binding.every(
          (each) => start < stop && micros(each, "last_observed") >= start && micros(each, "first_observed") < stop,
        ),
      );
    }
  }
};

const patterns: fc.Arbitrary<string> = fc.letrec<{ readonly pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom("[x:v = 0]", "[x:v = 1]", "[x:v IN (0, 1)]", "[x:v IN (1, 2)]"),
    fc
      .tuple(tie("pattern"), fc.constantFrom("AND", "OR", "FOLLOWEDBY"), tie("pattern"))
      .map(([a, word, b]) => `(${a} ${word} ${b})`),
    fc
      .tuple(
        tie("pattern"),
        fc.constantFrom(
          "REPEATS 2 TIMES",
          "REPEATS 3 TIMES",
          "WITHIN 1 SECONDS",
          "WITHIN 3 SECONDS",
          `START t'${at(1)}' STOP t'${at(4)}'`,
        ),
      )
      .map(([a, qualifier]) => `(${a} ${qualifier})`),
  ),
})).pattern;

const sightings: fc.Arbitrary<readonly Json[]> = fc.array(
  fc
    .tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 1, max: 2 }),
    )
    .map(([v, from, long, times]) => one({ type: "x", v }, from, from + long, times)),
  { maxLength: 5 },
);

test("match() agrees with trying every binding, whatever the operators, qualifiers and times", () => {
  const counts = { yes: 0, no: 0 };
  fc.assert(
    fc.property(patterns, sightings, (text, observations) => {
      const pattern = readPattern(text);
      assert.ok(pattern.ok);
      const size = text.match(/\[/g)?.length ?? 0;
      const repeats = [...text.matchAll(/REPEATS (\d)/g)].reduce((all, [, times]) => all * Number(times), 1);
      fc.pre(size * repeats <= 8);
      const expected = slowly(pattern.value, observations).length > 0;
      counts[expected ? "yes" : "no"]++;
      assert.equal(verdict(text, ...observations), expected ? "yes" : "no", text);
    }),
    { numRuns: 4000 },
  );
  assert.ok(counts.yes > 500 && counts.no > 500, JSON.stringify(counts));
});

test("what match() binds is bound rightly: a part of them alone still matches", () => {
  fc.assert(
    fc.property(patterns, sightings, (text, observations) => {
      const result = matchPattern(text, observations);
      if (!result.ok || !result.value.matches) return;
      const used = result.value.bound.map((n) => observations[n]);
      assert.ok(used.length > 0 && used.every((each) => each !== undefined));
      assert.equal(verdict(text, ...used), "yes", text);
    }),
    { numRuns: 1500 },
  );
});

const crowd = (count: number, times = 1): readonly Json[] =>
  Array.from({ length: count }, (_, n) => one({ type: "x", v: n % 10, n }, n, n, times));

test("combinatorial patterns are decided fast", () => {
  const any = "[x:v >= 0]";
  const chain = (length: number, word: string): string => Array.from({ length }, () => any).join(` ${word} `);
  const table: readonly (readonly [pattern: string, observations: readonly Json[], expected: string])[] = [
    [`${any} REPEATS 10 TIMES`, crowd(20), "yes"],
    [`(${any} FOLLOWEDBY [x:n > 9]) REPEATS 10 TIMES`, crowd(20), "yes"],
    [`(${any} FOLLOWEDBY [x:n > 9]) REPEATS 11 TIMES`, crowd(21), "no"],
    [`(${any} FOLLOWEDBY ${any}) REPEATS 50 TIMES`, crowd(100), "yes"],
    [chain(20, "FOLLOWEDBY"), crowd(20), "yes"],
    [chain(20, "FOLLOWEDBY"), crowd(19), "no"],
    [`(${chain(10, "FOLLOWEDBY")}) REPEATS 10 TIMES`, crowd(100), "yes"],
    [chain(100, "AND"), crowd(100), "yes"],
    [`(${chain(100, "AND")}) WITHIN 98 SECONDS`, crowd(100), "no"],
    [`(${chain(100, "AND")}) WITHIN 99 SECONDS`, crowd(100), "yes"],
    [`(${any} AND ${any}) WITHIN 1 SECONDS REPEATS 50 TIMES`, crowd(100), "yes"],
    [`((${any} AND ${any}) WITHIN 1 SECONDS) REPEATS 51 TIMES`, crowd(100), "no"],
    [`${any} REPEATS 1000000 TIMES`, crowd(10, 100_000), "yes"],
    [`${any} REPEATS 1000001 TIMES`, crowd(10, 100_000), "no"],
    [`([x:v = 1] REPEATS 2 TIMES AND [x:v IN (1, 2)] REPEATS 3 TIMES) REPEATS 100 TIMES`, crowd(2500), "yes"],
    [`([x:v = 1] REPEATS 3 TIMES AND [x:v IN (1, 2)] REPEATS 3 TIMES) REPEATS 100 TIMES`, crowd(2500), "no"],
    [`[x:n = 19999] FOLLOWEDBY [x:n = 0]`, crowd(20_000), "no"],
    [`[x:n > 10000] FOLLOWEDBY [x:n < 10000]`, crowd(20_000), "no"],
    [`[x:n > 5000] FOLLOWEDBY [x:n < 10000]`, crowd(20_000), "yes"],
    [`(([x:v = 1] FOLLOWEDBY [x:v = 2]) OR ([x:v = 3] AND [x:v = 4])) REPEATS 20 TIMES`, crowd(200), "yes"],
    [`([x:v = 1] AND [x:v = 1] AND [x:v = 1]) WITHIN 19 SECONDS`, crowd(2000), "no"],
    [chain(500, "AND"), crowd(500), "yes"],
    [chain(400, "FOLLOWEDBY"), crowd(400), "yes"],
    [chain(2000, "FOLLOWEDBY"), crowd(2000), "WGL_STIX_PATTERN_WORK"],
    [`(${any} FOLLOWEDBY ${any}) REPEATS 3000 TIMES`, crowd(6000), "WGL_STIX_PATTERN_WORK"],
  ];
  for (const [pattern, observations, expected] of table) {
    const began = performance.now();
    assert.equal(verdict(pattern, ...observations), expected, pattern.slice(0, 80));
    const took = performance.now() - began;
    assert.ok(took < 5000, `${pattern.slice(0, 80)} took ${took} ms`);
  }
});

test("what cannot be decided in the work allowed is a problem, not a guess", () => {
  const pattern = readPattern("([x:v >= 0] FOLLOWEDBY [x:v >= 0]) REPEATS 20 TIMES");
  const compiled = pattern.ok ? compilePattern(pattern.value) : undefined;
  assert.ok(compiled?.ok);
  const { observations } = readObservations(crowd(40));
  const fits = new Map(compiled.value.leaves.map((leaf) => [leaf, observations.map((_, n) => n)]));
  const decided = bind(compiled.value.plans, fits, observations);
  assert.equal(decided.ok && decided.value?.length, 40);
  const bound = bind(compiled.value.plans, fits, observations, 100);
  assert.ok(!bound.ok && bound.problem.code === "WGL_STIX_PATTERN_WORK");
  const group = "(([x:v = 1] AND [x:v = 2]) OR ([x:v = 3] AND [x:v = 4]))";
  assert.equal(verdict(Array.from({ length: 12 }, () => group).join(" AND "), ...crowd(10)), "WGL_STIX_PATTERN_WORK");
});

test("hostile values cost bounded work", () => {
  const began = performance.now();
  const long = one({ type: "x", v: "a".repeat(1_000_000), n: "x".repeat(5_000_000) });
  assert.equal(verdict("[x:v MATCHES '(a+)+$' AND x:v NOT MATCHES '(a+)+b' AND x:v LIKE '%a%a%a%a']", long), "yes");
  assert.equal(verdict("[x:n LIKE '%y%']", long), "WGL_STIX_COMPARE");
  const ring = seen({ "0": { type: "r", all_refs: Array.from({ length: 50 }, () => "0"), next_ref: "0" } });
  assert.equal(verdict(`[r:${"all_refs[*].".repeat(20)}name = 'x']`, ring), "WGL_STIX_COMPARE");
  assert.equal(verdict(`[r:${"next_ref.".repeat(250)}type = 'r']`, ring), "yes");
  assert.equal(verdict("[x:v_hex = h'00']", one({ type: "x", v_hex: "0g" })), "WGL_STIX_COMPARE");
  assert.ok(performance.now() - began < 5000);
});
