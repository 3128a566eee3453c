import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { printInstant } from "#core/instant.ts";
import { strict } from "#core/value-policy.ts";
import { feedById } from "#feeds/index.ts";
import type { Feed } from "#feeds/feed.ts";
import { readFeed } from "#feeds/read.ts";
import type { MarkingDefinition } from "#stix/marking-definition.ts";
import { tlpOfRefs } from "#stix/marking-definition.ts";
import { observablesOf } from "#stix/pattern-observables.ts";
import { readPattern } from "#stix/read-pattern.ts";
import { parseTimestamp } from "#stix/timestamp.ts";
import { tlp20Extension } from "#stix/tlp-markings.ts";

const shown = (pattern: string): string => {
  const ast = readPattern(pattern);
  const values = ast.ok ? observablesOf(ast.value) : ast;
  if (!values.ok) return `${values.problem.code} ${values.problem.with?.["column"] ?? ""}`.trim();
  return values.value.map(({ observable: { kind, value } }) => `${kind} ${value}`).join(", ");
};

test("observablesOf() gives the values any one of which makes the pattern true", () => {
  const table: Readonly<Record<string, string>> = {
    "[ipv4-addr:value = '45.155.205.5']": "ipv4 45.155.205.5",
    "[ ipv4-addr:value == '45.155.205.0/24' ]": "cidr 45.155.205.0/24",
    "[ipv6-addr:value = '2A10::5' OR ipv4-addr:value = '45.155.205.5']": "ipv6 2a10::5, ipv4 45.155.205.5",
    "[domain-name:value IN ('Bad.example', 'worse.example')]": "domain bad.example, domain worse.example",
    "[(url:value = 'http://bad.example') OR (email-addr:value = 'a@bad.example')]":
      "url http://bad.example/, email a@bad.example",
    "[file:hashes.'SHA-256' = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f']":
      "sha256 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
    "[file:hashes.MD5 = '44d88612fea8a8f36de82e1278abb02f' AND file:name = 'x.exe']":
      "md5 44d88612fea8a8f36de82e1278abb02f",
    "[network-traffic:dst_ref.value = '45.155.205.5' AND network-traffic:dst_port = 8080]":
      "endpoint 45.155.205.5:8080",
    "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '45.155.205.5' AND network-traffic:dst_port IN (80, '443')]":
      "endpoint 45.155.205.5:80, endpoint 45.155.205.5:443",
    "[(network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '45.155.205.5')]":
      "ipv4 45.155.205.5",
    "[ipv4-addr:value ISSUBSET '45.155.205.9/24']": "cidr 45.155.205.0/24",
    "[ipv4-addr:value = '45.155.205.5'] OR ([domain-name:value = 'bad.example'])":
      "ipv4 45.155.205.5, domain bad.example",
    "[autonomous-system:number = 64496]": "asn AS64496",
    "/* a note */ [domain-name:value = 'bad.example'] // and another": "domain bad.example",
  };
  for (const [pattern, expected] of Object.entries(table)) assert.equal(shown(pattern), expected, pattern);
});

test("observablesOf() tells legal patterns that are more than values from wrong ones, each with its column", () => {
  const table: Readonly<Record<string, string>> = {
    "[domain-name:value LIKE '%.bad.example']": "WGL_STIX_PATTERN_UNSUPPORTED 20",
    "[domain-name:value MATCHES '(a+)+$']": "WGL_STIX_PATTERN_UNSUPPORTED 20",
    "[ipv4-addr:value != '45.155.205.5']": "WGL_STIX_PATTERN_UNSUPPORTED 18",
    "[ipv4-addr:value NOT = '45.155.205.5']": "WGL_STIX_PATTERN_UNSUPPORTED 18",
    "[ipv4-addr:value ISSUPERSET '45.155.205.0/24']": "WGL_STIX_PATTERN_UNSUPPORTED 18",
    "[domain-name:value ISSUBSET '45.155.205.0/24']": "WGL_STIX_PATTERN_UNSUPPORTED 20",
    "[EXISTS file:name]": "WGL_STIX_PATTERN_UNSUPPORTED 2",
    "[file:hashes.MD5 = '44d88612fea8a8f36de82e1278abb02f' AND file:name != 'x.exe']": "WGL_STIX_PATTERN_UNSUPPORTED 2",
    "[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.value = '45.155.205.5']":
      "WGL_STIX_PATTERN 51",
    "[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '45.155.205.5']":
      "WGL_STIX_PATTERN_UNSUPPORTED 2",
    "[process:name = 'x.exe']": "WGL_STIX_PATTERN_UNSUPPORTED 2",
    "[ipv4-addr:value = '1.2.3.4'] FOLLOWEDBY [ipv4-addr:value = '1.2.3.5']": "WGL_STIX_PATTERN_UNSUPPORTED 31",
    "[ipv4-addr:value = '1.2.3.4'] WITHIN 5 SECONDS": "WGL_STIX_PATTERN_UNSUPPORTED 31",
    "([ipv4-addr:value = '1.2.3.4']) REPEATS 2 TIMES": "WGL_STIX_PATTERN_UNSUPPORTED 33",
    "[ipv4-addr:value = '1.2.3.4'] AND [ipv4-addr:value = '1.2.3.5']": "WGL_STIX_PATTERN_UNSUPPORTED 31",
    "[domain-name:value = 'a.example' AND url:value = 'http://b.example']": "WGL_STIX_PATTERN_UNSUPPORTED 2",
    "[domain-name:value = t'2026-01-01T00:00:00Z']": "WGL_STIX_PATTERN_UNSUPPORTED 22",
    "": "WGL_STIX_PATTERN 1",
    "[ipv4-addr:value = '1.2.3.4": "WGL_STIX_PATTERN 20",
    "[ipv4-addr:value = '1.2.3.4'": "WGL_STIX_PATTERN 29",
    "[ipv4-addr:value '1.2.3.4']": "WGL_STIX_PATTERN 18",
    "[ipv4-addr:value = '1.2.3.4'] nonsense": "WGL_STIX_PATTERN 31",
    "[ipv4-addr:value = 'bad.example']": "WGL_STIX_PATTERN 2",
    [`[${"(".repeat(5000)}`]: "WGL_STIX_PATTERN 514",
    ["[".repeat(5000)]: "WGL_STIX_PATTERN 2",
  };
  for (const [pattern, expected] of Object.entries(table)) assert.equal(shown(pattern), expected, pattern.slice(0, 60));
});

test("readPattern() never throws", () => {
  const piece = fc.constantFrom(
    "[",
    "]",
    "(",
    ")",
    "'a.example'",
    "domain-name",
    ":",
    "value",
    " = ",
    " AND ",
    " OR ",
    " IN ",
    "'",
    "\\",
    "t'",
    "1.5",
    ".",
    "ipv4-addr:value = '1.2.3.4'",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => void shown(pieces.join(""))),
    { numRuns: 3000 },
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void shown(text)));
});

test("readPattern() keeps quotes and backslashes of a constant", () => {
  const pattern = readPattern("[file:name = 'it\\'s \\\\ here']");
  const constants = [{ is: "string", value: "it's \\ here", column: 14 }];
  const test = { kind: "comparison", type: "file", path: ["name"], operator: "=", not: false, constants, column: 2 };
  const value = { kind: "observation", test: { ...test, operatorColumn: 12 }, column: 1 };
  assert.deepEqual(pattern, { ok: true, value });
});

test("tlpOfRefs() takes the strictest marking and fails closed", () => {
  const green1 = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da";
  const strict2 = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003";
  const own = "marking-definition--00000000-0000-4000-8000-000000000001";
  const statement = "marking-definition--00000000-0000-4000-8000-000000000002";
  const defined = new Map<string, MarkingDefinition>([
    [own, { type: "marking-definition", id: own, extensions: { [tlp20Extension]: { tlp_2_0: "amber" } } }],
    [
      statement,
      { type: "marking-definition", id: statement, definition_type: "statement", definition: { statement: "©" } },
    ],
  ]);
  assert.equal(tlpOfRefs(undefined, defined), undefined);
  assert.equal(tlpOfRefs([green1], defined), "green");
  assert.equal(tlpOfRefs([green1, strict2], defined), "amber+strict");
  assert.equal(tlpOfRefs([own], defined), "amber");
  assert.equal(tlpOfRefs([statement], defined), undefined);
  assert.equal(tlpOfRefs([statement, green1], defined), "green");
  assert.equal(tlpOfRefs([green1, "marking-definition--nobody"], defined), "red");
  assert.equal(tlpOfRefs("x", defined), "red");
});

test("parseTimestamp() reads any precision and nothing without Z", () => {
  const time = parseTimestamp("2026-01-01T00:00:00.1234567891234Z", "created");
  assert.ok(time.ok);
  assert.equal(printInstant(time.value), "2026-01-01T00:00:00.123Z");
  for (const text of ["2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00", 5, undefined])
    assert.equal(parseTimestamp(text, "created").ok, false);
});

test("stix-bundle: what an indicator indicates names it, and a circle of references ends", () => {
  const uuid = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
  const time = "2026-01-01T00:00:00.000Z";
  const relationship = (n: number, source_ref: string, target_ref: string): object => ({
    type: "relationship",
    id: `relationship--${uuid(n)}`,
    relationship_type: "indicates",
    source_ref,
    target_ref,
  });
  const [a, b] = [`indicator--${uuid(1)}`, `malware--${uuid(2)}`];
  const objects = [
    {
      type: "indicator",
      id: a,
      modified: time,
      valid_from: time,
      pattern_type: "stix",
      pattern: "[domain-name:value = 'bad.example']",
    },
    { type: "malware", id: b, name: "Tugboat" },
    relationship(3, a, b),
    relationship(4, b, a),
    relationship(5, a, a),
  ];
  const reading = readFeed(
    feedById.get("stix-bundle") as Feed,
    Buffer.from(JSON.stringify({ type: "bundle", id: `bundle--${uuid(9)}`, objects })),
    "bundle.json",
    strict,
  );
  assert.deepEqual(
    reading.indicators.map(({ labels }) => labels),
    [["tugboat"]],
  );
  assert.deepEqual(reading.rejected, { WGL_STIX_SELF: 1 });
});

const standards = new URL("../../shared/corpora/standards/", import.meta.url);
const skip = existsSync(standards) ? false : "the corpora are not beside this checkout";

test("of the valid patterns of the OASIS validator's suite those that name values become values", { skip }, (t) => {
  const cases = readFileSync(new URL("pattern-syntax.jsonl", standards), "utf8").trim().split("\n");
  const counts = { valid: 0, values: 0, more: 0, wrongValue: 0 };
  for (const line of cases) {
    const { pattern, valid } = JSON.parse(line) as { readonly pattern: string; readonly valid: boolean };
    if (!valid) continue;
    counts.valid++;
    const said = shown(pattern);
    if (said.startsWith("WGL_STIX_PATTERN_UNSUPPORTED")) counts.more++;
    else if (said.startsWith("WGL_")) counts.wrongValue++;
    else counts.values++;
  }
  t.diagnostic(JSON.stringify(counts));
  assert.equal(counts.values + counts.more + counts.wrongValue, counts.valid);
  assert.ok(counts.valid > 200 && counts.values > 50, JSON.stringify(counts));
});

test("the TLP marking ids are the published ones", { skip }, () => {
  const markings = JSON.parse(readFileSync(new URL("data/tlp-markings.json", standards), "utf8")) as Readonly<
    Record<string, readonly MarkingDefinition[]>
  >;
  let seen = 0;
  for (const definition of Object.values(markings).flat()) {
    const byId = tlpOfRefs([definition.id], new Map());
    const own = { ...definition, id: "marking-definition--other" };
    assert.equal(byId, tlpOfRefs([own.id], new Map([[own.id, own]])), definition.id);
    seen++;
  }
  assert.ok(seen >= 5);
});
