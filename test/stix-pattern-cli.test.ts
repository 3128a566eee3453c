import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { inFolder, waglan } from "./cli-process.ts";

const lines = (...values: readonly unknown[]): string =>
  values.map((value) => `${typeof value === "string" ? value : JSON.stringify(value)}\n`).join("");

const observation = {
  type: "observed-data",
  first_observed: "2026-01-01T00:00:00Z",
  last_observed: "2026-01-01T00:00:00Z",
  number_observed: 2,
  objects: { "0": { type: "ipv4-addr", value: "203.0.113.7" } },
};

test("pattern check answers every line in order, with its id", () =>
  inFolder(
    {
      "questions.jsonl": lines(
        { id: "a", pattern: "[ipv4-addr:value = '203.0.113.7']" },
        { id: 7, pattern: "[ipv4-addr:value = ]" },
        {
          id: { deep: [1] },
          pattern: "[a:b = 1] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'",
          version: "2.0",
        },
        { pattern: "[a:b = 1 AND c:d = 2]" },
      ),
    },
    async (cwd) => {
      const { exit, rows, err } = await waglan(["pattern", "check", "--json", "questions.jsonl"], { cwd });
      assert.equal(exit, 0, err);
      assert.deepEqual(
        rows.map(({ id, valid }) => [id, valid]),
        [
          ["a", true],
          [7, false],
          [{ deep: [1] }, true],
          [null, true],
        ],
      );
      assert.deepEqual(Object.keys(rows[0] ?? {}), ["id", "valid", "problems", "warnings"]);
      const wanted = { column: 20, wanted: "a constant" };
      const message = "Cannot read pattern at character 20, wanted a constant";
      assert.deepEqual(rows[1]?.["problems"], [{ code: "WGL_STIX_PATTERN", message, with: wanted }]);
      assert.match(JSON.stringify(rows[3]?.["warnings"]), /^\[.*WGL_STIX_PATTERN_NEVER/);
      assert.match(err, /4 lines, 0 of them not used/);
    },
  ));

test("pattern match answers with a verdict or problems, and 3 when a line could not be decided", async () => {
  const pattern = "[ipv4-addr:value ISSUBSET '203.0.113.0/24']";
  const { exit, rows } = await waglan(["pattern", "match"], {
    stdin: lines(
      { id: 1, pattern, observations: [observation] },
      { id: 2, pattern: `${pattern} REPEATS 3 TIMES`, observations: [observation] },
      { id: 3, pattern, observations: [{ ...observation, number_observed: 0 }] },
      { id: 4, pattern: "[", observations: [] },
      { id: 5, pattern },
      { id: 6, pattern, observations: [], version: "1.0" },
      { id: 7, observations: [] },
    ),
  });
  assert.equal(exit, 3);
  assert.deepEqual(rows.slice(0, 2), [
    { id: 1, matches: true },
    { id: 2, matches: false },
  ]);
  assert.deepEqual(
    rows.slice(2).map(({ id, problems }) => [id, (problems as readonly { readonly code: string }[])[0]?.code]),
    [
      [3, "WGL_STIX_OBJECT"],
      [4, "WGL_STIX_PATTERN"],
      [5, "WGL_STIX_OBJECT"],
      [6, "WGL_STIX_OBJECT"],
      [7, "WGL_STIX_OBJECT"],
    ],
  );
});

test("lines that are no JSON object are answered too, in their place", async () => {
  const stdin = lines({ id: 1, pattern: "[a:b = 1]" }, "not json", "", "[1]", `{"a":${"[".repeat(200)}`, {
    id: 2,
    pattern: "[a:b = 1]",
  });
  const { exit, rows, err } = await waglan(["pattern", "check", "-"], { stdin: stdin.trimEnd() });
  assert.equal(exit, 3);
  assert.deepEqual(
    rows.map(({ id, valid }) => [id, valid ?? null]),
    [
      [1, true],
      [null, null],
      [null, null],
      [null, null],
      [null, null],
      [2, true],
    ],
  );
  const codes = rows.map(({ problems }) => (problems as readonly { readonly code: string; readonly at?: string }[])[0]);
  assert.deepEqual([codes[1]?.code, codes[1]?.at], ["WGL_ROW_JSON", "-:2"]);
  assert.equal(codes[4]?.code, "WGL_BODY_DEPTH");
  assert.match(err, /-:2: Cannot read the row as a JSON object \[WGL_ROW_JSON\]/);
  const bytes = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
  assert.equal((await waglan(["pattern", "check"], { stdin: bytes })).exit, 3);
});

test("folders, .gz and CRLF are read, and a path that is not there is told", () =>
  inFolder({ "in/b.jsonl": '{"id":2,"pattern":"[a:b=1]"}\r\n{"id":3,"pattern":"[a:b=1]"}' }, async (cwd) => {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(`${cwd}/in/a.jsonl.gz`, gzipSync('{"id":1,"pattern":"[a:b=1]"}\n'));
    const { exit, rows, err } = await waglan(["pattern", "check", "in", "gone"], { cwd });
    assert.equal(exit, 3);
    assert.deepEqual(
      rows.map(({ id }) => id),
      [1, 2, 3],
    );
    assert.match(err, /"gone"/);
    const broken = gzipSync('{"id":1,"pattern":"[a:b=1]"}\n').subarray(0, 20);
    assert.equal((await waglan(["pattern", "check"], { stdin: broken })).exit, 3);
    assert.equal((await waglan(["pattern", "sing"])).exit, 2);
    assert.match((await waglan(["pattern", "match", "--help"])).out, /Exit code/);
  }));
