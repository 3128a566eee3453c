// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Detection, many, type Match, one, type Piece } from "#detect/sigma/detection.ts";
import { grams } from "#detect/sigma/grams.ts";
import { judge } from "#detect/sigma/judge.ts";
import { literalOf } from "#detect/sigma/regex-literal.ts";
import { linearForm } from "#detect/sigma/regex-linear.ts";
import { compileRegex, safeForm } from "#detect/sigma/regex.ts";
import type { SigmaRule } from "#detect/sigma/rule.ts";
import { openEvaluator } from "#detect/sigma/evaluator.ts";
import { openMemory } from "#detect/sigma/memory.ts";

/** Few letters, so that rules and records meet; some with two lower cases, or of two units. */
const text = fc
  .array(
    fc.constantFrom("a", "b", "A", "\\", "/", ".exe", "cmd", "power", "-e ", "é", "İ", "ſ", "Σ", "K", "😀", "1", " "),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));
const fields = ["Image", "CommandLine", "n.deep", "Other"];
const field = fc.constantFrom(...fields);

const pieces = fc
  .array(fc.oneof({ arbitrary: text, weight: 3 }, fc.constantFrom(one, many)), { maxLength: 4 })
  .map((some) => {
    const joined: Piece[] = [];
    for (const piece of some) {
      const last = joined.at(-1);
      if (piece === "") continue;
      if (typeof piece === "string" && typeof last === "string") joined[joined.length - 1] = last + piece;
      else if (piece !== many || last !== many) joined.push(piece);
    }
    return joined;
  });

const textMatch = fc.tuple(pieces, fc.boolean()).map(([some, cased]) => ({
  is: "text" as const,
  cased,
  pieces: cased ? some : some.map((piece) => (typeof piece === "string" ? piece.toLowerCase() : piece)),
}));
const regexMatch = fc
  .tuple(
    fc.constantFrom(
      "cmd",
      "a+b",
      "pow(?:er|der)",
      "^a",
      "[ab]{2}\\.exe",
      "s.?e",
      "\\\\cmd\\.exe$",
      "a|b",
      "k+",
      "(?i)cmd ?a",
    ),
    fc.constantFrom("", "i"),
  )
  .map(([source, flags]) => ({ is: "regex" as const, source, flags }));

const match: fc.Arbitrary<Match> = fc.oneof(
  { arbitrary: textMatch, weight: 8 },
  { arbitrary: regexMatch, weight: 2 },
  fc.constantFrom<Match>(
    { is: "null" },
    { is: "exists", there: true },
    { is: "exists", there: false },
    { is: "cidr", network: "192.0.2.0/24" },
    { is: "compare", op: "gte", value: 1 },
    { is: "field", field: "Image", how: "contains", cased: false },
  ),
);

const { detection } = fc.letrec<{ detection: Detection }>((tie) => ({
  detection: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.tuple(field, match).map(([name, asked]): Detection => ({ is: "test", field: name, match: asked })),
    fc.oneof(textMatch, regexMatch).map(
      (asked): Detection => ({
        is: "keyword",
        match:
          asked.is === "text"
            ? { ...asked, pieces: [many, ...asked.pieces.filter((piece) => piece !== many), many] }
            : asked,
      }),
    ),
    fc
      .tuple(fc.constantFrom("and" as const, "or" as const), fc.array(tie("detection"), { minLength: 1, maxLength: 4 }))
      .map(([is, of]): Detection => ({ is, of })),
    tie("detection").map((of): Detection => ({ is: "not", of })),
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.array(tie("detection"), { minLength: 3, maxLength: 4 }))
      .map(([count, of]): Detection => ({ is: "atLeast", count, of })),
  ),
}));

const value = fc.oneof(
  { arbitrary: text, weight: 6 },
  fc.constantFrom<unknown>(null, 0, 1, true, {}, [], "192.0.2.7"),
  fc.array(text, { maxLength: 3 }),
  fc.record({ inner: text }),
);
const record = fc
  .tuple(
    fc.record(
      { Image: value, CommandLine: value, Other: value, free: value, n: fc.record({ deep: value }) },
      { requiredKeys: [] },
    ),
    fc.option(text, { nil: undefined }),
  )
  .map(([made, raw]) => ({ fields: made, raw }));

const ruleOf = (tree: Detection): SigmaRule => ({
  kind: "rule",
  title: "R",
  references: [],
  tags: [],
  falsepositives: [],
  fields: [],
  related: [],
  scope: [],
  place: { file: "x", line: 1, column: 1 },
  logsource: { product: "p" },
  detection: tree,
  alone: true,
});

test("law: the index finds exactly the rules whose tree holds, whatever rules and records", () => {
  let matched = 0;
  const sources = [{ product: "p" }];
  fc.assert(
    fc.property(
      fc.array(detection, { minLength: 1, maxLength: 12 }),
      fc.array(record, { minLength: 1, maxLength: 8 }),
      (trees, records) => {
        const names = { Other: ["Other", "free"] };
        const evaluator = openEvaluator(trees.map(ruleOf), { names, logSources: () => sources }, openMemory());
        // twice: what is remembered of a value must not change the answer
        for (const { fields: made, raw } of [...records, ...records]) {
          const subject = { fields: made, names, ...(raw === undefined ? {} : { raw }) };
          const wanted = trees.flatMap((tree, number) => (judge(tree, subject) ? [number] : []));
          matched += wanted.length;
          assert.deepEqual(evaluator.match(made, "", raw), wanted);
        }
      },
    ),
    { numRuns: 600, seed: 2026 },
  );
  assert.ok(matched > 1000, `only ${matched} matches`);
});

test("law: grams() finds the needles that includes() finds", () => {
  const letters = fc
    .array(fc.constantFrom("a", "b", "c", "\\", " ", "é", "😀"), { maxLength: 14 })
    .map((some) => some.join(""));
  fc.assert(
    fc.property(
      fc.uniqueArray(
        letters.filter((needle) => needle !== ""),
        { maxLength: 30 },
      ),
      fc.array(letters, { maxLength: 4 }),
      (needles, parts) => {
        const find = grams(needles);
        for (const haystack of ["", parts.join(""), parts.join(needles[0] ?? ""), ...needles]) {
          const wanted = needles.flatMap((needle, place) => (haystack.includes(needle) ? [place] : []));
          assert.deepEqual(
            [...find(haystack)].toSorted((a, b) => a - b),
            wanted,
            `${JSON.stringify(needles)} in "${haystack}"`,
          );
        }
      },
    ),
    { numRuns: 2000, seed: 2026 },
  );
});

test("literalOf() gives a text that every match holds, and the longest it can see", () => {
  for (const [source, flags, literal] of [
    ["net\\s+user", "", "user"],
    ["\\$env:Public\\[\\s*\\d{1,3}", "", "$env:Public["],
    ["a|b", "", ""],
    ["(abc|def)ghij", "", "ghij"],
    ["abcd?e", "", "abc"],
    ["ab{2,3}cde", "", "cde"],
    ["ab{0,3}cde", "", "cde"],
    ["(?i)masse", "", "ma"],
    ["masse", "i", "ma"],
    ["[\\]a]bcd", "", "bcd"],
    ["x(?i)abc", "", ""],
    ["\\x41bcd", "", ""],
    ["é{1}abc", "", "abc"],
    ["^C:\\\\Users\\\\[^\\\\]+\\\\NTUSER\\.DAT$", "", "\\NTUSER.DAT"],
  ] as const)
    assert.equal(literalOf({ is: "regex", source, flags }), literal, source);
});

test("an expression of a rule takes time in proportion to the text, whatever the expression", () => {
  // 2ⁿ steps in an engine that goes back; here the text is read once
  const evil = compileRegex({ is: "regex", source: "^(?:(?:a+)+)+$", flags: "" });
  const asked = `${"a".repeat(5000)}!`;
  const start = process.cpuUsage();
  assert.equal(evil.test(asked), false);
  const { user } = process.cpuUsage(start);
  assert.ok(user < 2e6, `${user} µs`);
});

test("linearForm() takes only what is linear in an engine that goes back", () => {
  for (const source of [
    "(a+)+$",
    "(a|a)*b",
    "a.*b.*c",
    "\\s+x",
    "a\\s+\\s+b",
    "a+a",
    "(?:a{1,40}){1,40}b",
    "[ab]+c",
    "x(?:y+z)",
    "a*",
    "(a?){30}a{30}",
    "a[^b]+[^c]d",
    "(?:\\s*a)+",
    "x\\s*$",
  ])
    assert.equal(linearForm(source, ""), undefined, source);
  for (const source of [
    "net\\s+user",
    "a[^\\\\]{1,256}$",
    "\\s[a-f0-9]{64}\\s",
    "(?:cmd|power)\\.exe",
    "x[0-9]+",
    "^C:\\\\[a-z]{4}$",
  ])
    assert.ok(linearForm(source, ""), source);
  // the most that is taken: every place of a long text, as many steps as one place may cost
  const slow = linearForm("a{1,15}a{1,15}b", "");
  assert.ok(slow);
  const start = process.cpuUsage();
  assert.equal(slow.test("a".repeat(20_000)), false);
  assert.ok(process.cpuUsage(start).user < 3e6);
});

test("law: linearForm() and RE2 say the same of every text", () => {
  const sources = [
    "net\\s+user",
    "\\w+",
    "a\\wb",
    "[^\\]a]b",
    "[\\w-]{2,3}\\.",
    "^a|b$",
    "(?i)s[k-t]",
    "(?i)[^s]k",
    "a.b",
    "(?s)a.b",
    "\\s-[FTd]\\s",
    "(?:a|bc){1,3}d?",
    "(^|/)\\.[^./]",
    "[a-]b",
    "[]a]b",
    "x\\s*y",
    "a{2}",
    "a{2,}",
    "b[ac]{2,}",
    "\\\\[a-z]{1,3}\\.",
    "[ -~]a",
    "(?i)K",
    "a??b",
    "(?:ab?){2}",

    "$",
    "a$b",
    "(?:^a|b)c",
  ];
  const letter = fc.constantFrom(
    "a",
    "b",
    "c",
    "A",
    "s",
    "S",
    "k",
    "K",
    "K",
    "ſ",
    "é",
    "😀",
    "\ud83d",
    "\n",
    "\r",
    "\v",
    "\u00a0",
    "\u2028",
    " ",
    "\\",
    ".",
    "-",
    "/",
    "]",
    "_",
    "0",
    "net",
    "user",
    "d",
    "x",
    "y",
    "T",
  );
  let linear = 0;
  for (const source of sources)
    for (const flags of ["", "i", "s", "is"]) {
      const form = linearForm(source, flags);
      if (form === undefined) continue;
      linear++;
      const safe = safeForm({ is: "regex", source, flags });
      fc.assert(
        fc.property(fc.array(letter, { maxLength: 8 }), (letters) => {
          const asked = letters.join("");
          assert.equal(form.test(asked), safe.test(asked), `${source} ${flags} of ${JSON.stringify(asked)}`);
        }),
        { numRuns: 150, seed: 2026 },
      );
    }
  assert.ok(linear > 60, `${linear} of ${sources.length * 4}`);
  const long = compileRegex({ is: "regex", source: "(.){5,}", flags: "" });
  const safe = safeForm({ is: "regex", source: "(.){5,}", flags: "" });
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 14 }), (letters) =>
      assert.equal(long.test(letters.join("")), safe.test(letters.join(""))),
    ),
    { numRuns: 1000, seed: 2026 },
  );
});

test("what programs remember of values is bounded: ten times the budget of ever new values changes no answer", () => {
  const evaluator = openEvaluator(
    [ruleOf({ is: "test", field: "Image", match: { is: "text", pieces: [many, "needle", many], cased: false } })],
    { names: {}, logSources: () => [{ product: "p" }] },
    openMemory(10_000),
  );
  let found = 0;
  for (let i = 0; i < 20_000; i++)
    found += evaluator.match({ Image: `value ${i}${i % 100 === 0 ? " needle" : ""}` }, "").length;
  assert.equal(found, 200);
});
