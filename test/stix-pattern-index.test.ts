import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PatternIndex } from "#stix/pattern-index.ts";
import { type CompiledPattern, compilePattern } from "#stix/pattern-match.ts";
import { type Observation, readObservations } from "#stix/pattern-observation.ts";
import { readPattern } from "#stix/read-pattern.ts";

const compiled = (text: string): CompiledPattern => {
  const pattern = readPattern(text);
  assert.ok(pattern.ok, text);
  const made = compilePattern(pattern.value);
  assert.ok(made.ok, text);
  return made.value;
};

const observed = (...objects: readonly object[]): Observation => {
  const time = "2026-01-01T00:00:00Z";
  const given = { type: "observed-data", first_observed: time, last_observed: time, number_observed: 1 };
  const [observation] = readObservations([{ ...given, objects: { ...objects } }]).observations;
  assert.ok(observation);
  return observation;
};

const texts = [
  "[ipv4-addr:value = '203.0.113.7']",
  "[ipv4-addr:value IN ('203.0.113.8', '203.0.113.9') OR domain-name:value = 'bad.example']",
  "[ipv4-addr:value ISSUBSET '203.0.113.0/24']",
  "[ipv4-addr:value ISSUBSET '203.0.113.128/25' AND ipv4-addr:value != '203.0.113.200']",
  "[ipv6-addr:value ISSUBSET '2001:db8::/32']",
  "[domain-name:value LIKE '%.example']",
  "[domain-name:value NOT = 'bad.example']",
  "[domain-name:value = 'bad.example' AND domain-name:resolves_to_refs[*].value = '203.0.113.7']",
  "[network-traffic:dst_port = 443 AND network-traffic:dst_ref.value = '203.0.113.7']",
  "[network-traffic:dst_port IN (80, 8080) OR network-traffic:dst_ref.type = 'ipv6-addr']",
  "[file:size > 1000 AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']",
  "[file:magic_hex = h'4d5a']",
  "[file:created = t'2026-01-01T00:00:00Z']",
  "[EXISTS file:name] OR [NOT EXISTS file:size]",
  "[ipv4-addr:value = '203.0.113.7'] AND [domain-name:value = 'bad.example']",
  "[file:name = 'x' AND domain-name:value = 'bad.example']",
];

const address = fc.constantFrom("203.0.113.7", "203.0.113.8", "203.0.113.200", "203.0.113.0/25", "198.51.100.7", "x");
const object = fc.oneof(
  address.map((value) => ({ type: "ipv4-addr", value })),
  fc.constantFrom("2001:db8::1", "2001:db9::1").map((value) => ({ type: "ipv6-addr", value })),
  fc
    .constantFrom("bad.example", "good.example", "bad.invalid")
    .map((value) => ({ type: "domain-name", value, resolves_to_refs: ["0", "1"] })),
  fc
    .tuple(fc.constantFrom(80, 443, 8080, "443"), fc.constantFrom("0", "1", "9"))
    .map(([dst_port, dst_ref]) => ({ type: "network-traffic", dst_port, dst_ref })),
  fc.constantFrom(
    { type: "file", name: "x", size: 2000, hashes: { MD5: "d41d8cd98f00b204e9800998ecf8427e" } },
    { type: "file", magic_hex: "4D5A", created: "2026-01-01T00:00:00.0Z" },
    { type: "file", name: "x", size: 5 },
  ),
);

test("PatternIndex.match() finds what a pass over all patterns finds", () => {
  const index = new PatternIndex<string>();
  const all = texts.map((text) => [text, compiled(text)] as const);
  for (const [text, pattern] of all) index.add(text, pattern);
  assert.equal(index.size, texts.length);
  let found = 0;
  let candidates = 0;
  let pairs = 0;
  fc.assert(
    fc.property(
      fc.array(fc.array(object, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
      (groups) => {
        const observations = groups.map((objects) => observed(...objects));
        const slow = all.filter(([, pattern]) => {
          const verdict = pattern.match(observations);
          return verdict.ok && verdict.value.matches;
        });
        assert.deepEqual(index.match(observations).toSorted(), slow.map(([text]) => text).toSorted());
        found += slow.length;
        for (const observation of observations) {
          const given = [...index.candidates(observation)].map(([id]) => id);
          assert.equal(new Set(given).size, given.length);
          for (const [text, pattern] of all) if (pattern.touches(observation)) assert.ok(given.includes(text), text);
          candidates += given.length;
          pairs += all.length;
        }
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(found > 1000);
  assert.ok(candidates < pairs / 2, "the index leaves out more than half");
});

test("PatternIndex asks only for patterns whose constant is there", () => {
  const index = new PatternIndex<number>();
  for (let n = 0; n < 2000; n++) index.add(n, compiled(`[domain-name:value = 'd${n}.example']`));
  for (let n = 0; n < 250; n++)
    index.add(
      2000 + n,
      compiled(`[network-traffic:dst_port = 443 AND network-traffic:dst_ref.value = '203.0.113.${n}']`),
    );
  index.add(9000, compiled("[url:value LIKE 'http%']"));
  assert.equal(index.residual, 1);
  const domain = observed({ type: "domain-name", value: "d7.example" });
  assert.deepEqual(
    [...index.candidates(domain)].map(([id]) => id),
    [7],
  );
  const traffic = observed(
    { type: "ipv4-addr", value: "203.0.113.9" },
    { type: "network-traffic", dst_port: 443, dst_ref: "0" },
  );
  // the address names one pattern, the port would name them all
  assert.deepEqual(
    [...index.candidates(traffic)].map(([id]) => id),
    [2009],
  );
  assert.deepEqual(index.match([traffic]), [2009]);
});

test("PatternIndex names what it could not decide", () => {
  const index = new PatternIndex<string>();
  index.add("time", compiled("[file:created > t'2026-01-01T00:00:00Z']"));
  const undecided: string[] = [];
  assert.deepEqual(
    index.match([observed({ type: "file", created: "today" })], (id) => undecided.push(id)),
    [],
  );
  assert.deepEqual(undecided, ["time"]);
});
