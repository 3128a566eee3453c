import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { checkPattern } from "#stix/pattern-check.ts";
import { likeTest } from "#stix/pattern-like.ts";
import { placeOf } from "#stix/pattern-compare.ts";
import { matchPattern } from "#stix/pattern-match.ts";
import { partsOf, type Pattern, type PatternVersion, patternVersions } from "#stix/pattern.ts";
import { readPattern } from "#stix/read-pattern.ts";

const standards = new URL("../../shared/corpora/standards/", import.meta.url);
const skip = existsSync(standards) ? false : "the corpora are not beside this checkout";
const linesOf = (name: string): readonly string[] => readFileSync(new URL(name, standards), "utf8").trim().split("\n");

/** Lines of pattern-syntax.jsonl where we decide otherwise, by id, with the section that decides. None is known. */
const otherwiseValid: Readonly<Record<string, string>> = {};

test("checkPattern() gives the verdicts of the OASIS validator's suite", { skip }, (t) => {
  interface Row {
    readonly id: string;
    readonly version: PatternVersion;
    readonly pattern: string;
    readonly valid: boolean;
  }
  const rows = linesOf("pattern-syntax.jsonl").map((line) => JSON.parse(line) as Row);
  const differing = rows.filter(
    ({ pattern, version, valid }) => (checkPattern(pattern, version).problems.length === 0) !== valid,
  );
  assert.deepEqual(differing.map(({ id }) => id).toSorted(), Object.keys(otherwiseValid).toSorted());
  assert.ok(rows.length >= 276);
  t.diagnostic(`${rows.length} patterns, ${differing.length} judged otherwise`);
});

/** Lines of pattern-match.jsonl where we decide otherwise, by id, with the section that decides. None is known. */
const otherwiseMatching: Readonly<Record<string, string>> = {};

test("matchPattern() gives the verdicts of the OASIS matcher's suite", { skip }, (t) => {
  interface Row {
    readonly id: string;
    readonly version: PatternVersion;
    readonly pattern: string;
    readonly observations: readonly unknown[];
    readonly expect: string;
  }
  const rows = linesOf("pattern-match.jsonl").map((line) => JSON.parse(line) as Row);
  const differing = rows.filter(({ pattern, observations, version, expect }) => {
    const verdict = matchPattern(pattern, observations, version);
    const ours = verdict.ok ? (verdict.value.matches ? "match" : "no-match") : "error";
    return ours !== expect.split(":")[0];
  });
  assert.deepEqual(differing.map(({ id }) => id).toSorted(), Object.keys(otherwiseMatching).toSorted());
  assert.ok(rows.length >= 299);
  t.diagnostic(`${rows.length} matches, ${differing.length} judged otherwise`);
});

/** Problem of the check with its column, or the warnings, or "valid". */
const judged = (pattern: string, version: PatternVersion = "2.1"): string => {
  const { problems, warnings } = checkPattern(pattern, version);
  const said = (problems.length > 0 ? problems : warnings).map(
    (one) => `${one.code} ${one.with?.["column"] ?? one.at ?? ""} ${one.with?.["wanted"] ?? one.with?.["what"] ?? ""}`,
  );
  return said.length === 0 ? "valid" : `${problems.length > 0 ? "" : "warning: "}${said.join("; ")}`.trim();
};

test("checkPattern() takes the whole grammar", () => {
  for (const pattern of [
    "[a:b = 1] AND [a:b = 2] OR [a:b = 3] FOLLOWEDBY [a:b = 4]",
    "(([a:b = 1] REPEATS 2 TIMES) WITHIN 5.5 SECONDS) START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00.000001Z'",
    "[a:b NOT = 1 AND a:b != 2 OR NOT EXISTS a:c AND (EXISTS a:d OR a:e <> 5)]",
    "[a:b < 1.5 AND a:b <= -1 AND a:b > +0.25 AND a:b >= .5]",
    "[a:b IN () OR a:b NOT IN (1, 2.5, -3) OR a:b IN ('x', 'y') OR a:b IN (t'2026-01-01T00:00:00Z')]",
    "[a:b LIKE 'x%_' OR a:b NOT MATCHES '^a+$' OR a:b ISSUBSET '2001:db8::/32' OR a:b NOT ISSUPERSET '203.0.113.7']",
    "[a-b:c.'d-e'[0].f[*].'it\\'s'.g_ref.h = b'AAE=' OR a:b = h'00ff' OR a:b = true OR a:b == false]",
    "[a:b='x']FOLLOWEDBY[a:b MATCHES'x']REPEATS+2TIMES",
    "\u00a0[a:b = 1] /* a\n note */ // and another\r AND [a:b\u2003= 2]",
    "[a:b = h'']",
    "[a:b = b'']",
    "[a:like = 1 AND a:And = 2 AND a:EXIST = 3]",
  ])
    assert.equal(judged(pattern), "valid", pattern);
});

test("checkPattern() says what is wrong and where", () => {
  const table: Readonly<Record<string, string>> = {
    "": 'WGL_STIX_PATTERN 1 "["',
    "[]": "WGL_STIX_PATTERN 2 an object type",
    "[a:b]": "WGL_STIX_PATTERN 5 a comparison operator",
    "[a:b = 1": 'WGL_STIX_PATTERN 9 "]"',
    "[a:b = 1]]": "WGL_STIX_PATTERN 10 the end of the pattern",
    "([a:b = 1]": 'WGL_STIX_PATTERN 11 ")"',
    "[a:b = 'x]": "WGL_STIX_PATTERN 8 a closed string",
    "[a:b = 'a\\.b']": "WGL_STIX_PATTERN 8 a string in which a backslash stands only before a quote or a backslash",
    "[a:b = t'2026-13-01T00:00:00Z']": "WGL_STIX_PATTERN 8 a timestamp such as t'2026-01-31T08:15:00Z'",
    "[a:b = h'0']": "WGL_STIX_PATTERN 8 pairs of hexadecimal digits",
    "[a:b = b'A']": "WGL_STIX_PATTERN 8 base64",
    "[a:b-c = 1]": "WGL_STIX_PATTERN 4 a property name without a hyphen, or in quotes",
    "[a:AND = 1]": "WGL_STIX_PATTERN 4 a property name",
    "[a:b[x] = 1]": "WGL_STIX_PATTERN 6 a list index or *",
    "[a:b = 007]": 'WGL_STIX_PATTERN 9 "]"',
    "[a:b > true]": "WGL_STIX_PATTERN 8 a constant that has an order",
    "[a:b LIKE 5]": "WGL_STIX_PATTERN 11 a string",
    "[a:b IN 5]": 'WGL_STIX_PATTERN 9 "("',
    "[NOT a:b = 1]": "WGL_STIX_PATTERN 6 EXISTS",
    "[a:b = 1] and [a:b = 2]": "WGL_STIX_PATTERN 11 the end of the pattern",
    "[a:b = 1] REPEATS 0 TIMES": "WGL_STIX_PATTERN 19 a whole number above 0",
    "[a:b = 1] REPEATS 1.5 TIMES": "WGL_STIX_PATTERN 19 a whole number above 0",
    "[a:b = 1] REPEATS 99999999999999999999 TIMES": "WGL_STIX_PATTERN 19 a whole number above 0",
    "[a:b = 1] WITHIN 0 SECONDS": "WGL_STIX_PATTERN 18 a number of seconds above 0",
    "[a:b = 1] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'":
      "WGL_STIX_PATTERN 17 a timestamp such as t'2026-01-31T08:15:00Z'",
    // §9.5: one qualifier of a kind for an observation expression
    "[a:b = 1] WITHIN 5 SECONDS REPEATS 2 TIMES WITHIN 6 SECONDS": "WGL_STIX_PATTERN_TWICE 44 WITHIN",
    "([a:b = 1] WITHIN 5 SECONDS) WITHIN 6 SECONDS": "valid",
    "[file:hashes.MD5 = 'abc' AND file:hashes.'SHA-256' != 'x']":
      "WGL_STIX_PATTERN 20 a hash of MD5; WGL_STIX_PATTERN 55 a hash of SHA-256",
    "[file:hashes.MD5 LIKE 'abc%']": "valid",
    "[file:hashes.TLSH = 'anything']": "valid",
    // legal, and of no use
    "[a:b = 1 AND c:d = 2]": "warning: WGL_STIX_PATTERN_NEVER 1 AND of different object types",
    "[a:b = 1] START t'2026-01-02T00:00:00Z' STOP t'2026-01-01T00:00:00Z'":
      "warning: WGL_STIX_PATTERN_NEVER 11 STOP before START",
    "[a:b = t'2026-02-30T00:00:00Z']": "warning: WGL_STIX_PATTERN 8 a day of the calendar",
    "[a:b MATCHES '(a)\\\\1']": "warning: WGL_ROW_REGEX character 14",
    "[a:b ISSUBSET 'x']": "warning: WGL_STIX_PATTERN 15 an address or a network such as 203.0.113.0/24",
    "[a:b IN (1, 'x')]": "warning: WGL_STIX_PATTERN 13 a set of one type",
  };
  for (const [pattern, expected] of Object.entries(table)) assert.equal(judged(pattern), expected, pattern);
});

test("STIX 2.0 has no EXISTS, and writes START as a string or a timestamp", () => {
  assert.equal(judged("[EXISTS a:b]", "2.0"), 'WGL_STIX_PATTERN 9 ":"');
  assert.equal(judged("[a:EXISTS = 1]", "2.0"), "valid");
  assert.equal(judged("[a:EXISTS = 1]"), "WGL_STIX_PATTERN 4 a property name");
  assert.equal(judged("[a:b = 1] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'", "2.0"), "valid");
  assert.equal(judged("[a:b = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'", "2.0"), "valid");
  assert.match(judged("[a:b = 1] START 'x' STOP 'y'", "2.0"), /^WGL_STIX_PATTERN 17/);
});

test("AND binds tighter than OR, OR tighter than FOLLOWEDBY, qualifiers tightest; chains are flat", () => {
  const shape = (pattern: Pattern): string => {
    if (pattern.kind === "observation") return pattern.test.kind === "comparison" ? placeOf(pattern.test) : "?";
    return `${pattern.kind}(${partsOf(pattern).map(shape).join(" ")})`;
  };
  const of = (text: string): string => {
    const read = readPattern(text);
    assert.ok(read.ok, text);
    return shape(read.value);
  };
  const observation = (name: string): string => `[${name}:v = 1]`;
  const [a, b, c, d] = ["a", "b", "c", "d"].map(observation);
  assert.equal(of(`${a} FOLLOWEDBY ${b} OR ${c} AND ${d}`), "followed(a:v any(b:v all(c:v d:v)))");
  assert.equal(of(`${a} AND ${b} REPEATS 2 TIMES`), "all(a:v repeats(b:v))");
  assert.equal(of(`(${a} AND ${b}) AND (${c} AND ${d}) WITHIN 1 SECONDS`), "all(a:v b:v within(all(c:v d:v)))");
  assert.equal(of(`${a} FOLLOWEDBY (${b} FOLLOWEDBY ${c})`), "followed(a:v b:v c:v)");
});

test("hostile patterns are refused in time, with their place, and never overflow the stack", () => {
  const before = performance.now();
  for (const [pattern, code] of [
    ["(".repeat(60_000), "WGL_STIX_PATTERN 514"],
    [`[${"(".repeat(60_000)}`, "WGL_STIX_PATTERN 514"],
    [`${"(".repeat(512)}[a:b=1]${")".repeat(512)}`, "valid"],
    [`[${"(".repeat(512)}a:b=1${")".repeat(512)}]`, "valid"],
    [`[a:b IN (${"1,".repeat(20_000)}1)]`, "WGL_STIX_PATTERN"],
    [`[a:b = '${"x".repeat(70_000)}']`, "WGL_VALUE_LONG"],
    [`[a:b = '${"\\\\".repeat(30_000)}']`, "valid"],
    [`[a:b = '${"x".repeat(60_000)}`, "WGL_STIX_PATTERN 8"],
    [`/*${"*".repeat(60_000)}`, "WGL_STIX_PATTERN 1"],
    [`${"[a:b=1]OR".repeat(7000)}[a:b=1]`, "valid"],
    [`${"[a:b=1]AND".repeat(6000)}[a:b=1]`, "valid"],
    [`[${"a:b=1 AND ".repeat(6000)}a:b=1]`, "valid"],
    [`[a:b=1]${"WITHIN 1 SECONDS ".repeat(1000)}`, "WGL_STIX_PATTERN_TWICE"],
    [`([a:b=1])${"REPEATS 2 TIMES ".repeat(1000)}`, "valid"],
    [`([a:b=1])${"REPEATS 2 TIMES ".repeat(3000)}`, "WGL_STIX_PATTERN"],
    [`[a${":b".repeat(20_000)}=1]`, "WGL_STIX_PATTERN"],
    [`[a:b${".b".repeat(20_000)}=1]`, "WGL_STIX_PATTERN"],
    [`[a:b${"[*]".repeat(20_000)}=1]`, "WGL_STIX_PATTERN"],
    [`[a:b${".b".repeat(255)}=1]`, "valid"],
  ] as const)
    assert.ok(judged(pattern).startsWith(code), `${pattern.slice(0, 30)}: ${judged(pattern).slice(0, 100)}`);
  assert.ok(performance.now() - before < 5000);
});

test("checkPattern() never throws", () => {
  const piece = fc.constantFrom(
    ...[
      "[",
      "]",
      "(",
      ")",
      "a:b",
      "a:b = 1",
      "[a:b = 1]",
      " AND ",
      " OR ",
      " FOLLOWEDBY ",
      " NOT ",
      " EXISTS ",
      " IN ",
    ],
    ...[" LIKE ", " MATCHES ", "'(a'", "'", "\\", "t'", "h'", "b'", ".", "[*]", "[0]", ",", " START ", " STOP "],
    ...["t'2026-01-01T00:00:00Z'", " WITHIN 5 SECONDS", " REPEATS 2 TIMES", "1.5", "-1", "true", "/*", "*/", "//"],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), fc.constantFrom(...patternVersions), (pieces, version) => {
      checkPattern(pieces.join(""), version);
    }),
    { numRuns: 3000 },
  );
});

test("likeTest() agrees with the expression LIKE stands for", () => {
  const letter = fc.constantFrom("a", "b", "%", "_", "\u{1f600}", "\n", ".");
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 8 }), fc.array(letter, { maxLength: 10 }), (like, text) => {
      const one = (c: string): string => (c === "%" ? ".*" : c === "_" ? "." : c === "." ? "\\." : c);
      const slow = new RegExp(`^${like.map(one).join("")}$`, "su");
      assert.equal(likeTest(like.join(""))(text.join("")), slow.test(text.join("")));
    }),
    { numRuns: 5000 },
  );
});
