import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { inFolder, waglan } from "./cli-process.ts";

const uuid = "00000000-0000-4000-8000-000000000001";
const identity = (more = ""): string =>
  `{"type":"identity","spec_version":"2.1","id":"identity--${uuid}","created":"2026-01-01T00:00:00.000Z",` +
  `"modified":"2026-01-01T00:00:00.000Z","name":"A CERT"${more}}`;

const codesOf = (row: Readonly<Record<string, unknown>> | undefined): readonly string[] =>
  ((row?.["problems"] ?? []) as readonly { readonly code: string; readonly at?: string }[]).map(
    ({ code, at }) => `${code} ${at ?? ""}`,
  );

test("stix check answers a line for each line, in order, with its id, and sees the raw text", async () => {
  const lines = [
    `{"id":"a","object":${identity()}}`,
    `{"object":${identity(',"name":"twice"')},"id":7}`,
    `{"id":"c","object":${identity(',"x_big":9007199254740993')}}`,
    `{"id":"d","object":${identity(',"x_half":"\\udc00"')}}`,
    `{"id":"e","object":17}`,
    `{"id":"f"}`,
    `{"id":"g","object":${identity()},"object":${identity()}}`,
    "",
    `{"id":"h","object":${identity(',"x_own":1')},"allow_custom":false}`,
    `{"id":"i","object":{"type":"mutex","name":"m"},"draft":true}`,
  ];
  const { rows, exit } = await waglan(["stix", "check", "--json"], { stdin: `${lines.join("\n")}\n` });
  assert.deepEqual(
    rows.map((row) => [row["id"], row["valid"], ...codesOf(row)]),
    [
      ["a", true],
      [7, false, "WGL_JSON_KEY_TWICE /name"],
      ["c", false, "WGL_JSON_NUMBER /x_big"],
      ["d", false, "WGL_JSON_SURROGATE /x_half"],
      ["e", false, "WGL_STIX_OBJECT "],
      ["f", undefined, "WGL_STIX_OBJECT "],
      ["g", undefined, "WGL_JSON_KEY_TWICE /object"],
      [null, undefined, "WGL_ROW_JSON -:8"],
      ["h", false, "WGL_STIX_CUSTOM /x_own"],
      ["i", true],
    ],
  );
  assert.equal(exit, 3);
});

test("stix check --plain reads bundles, lists, objects and lines of objects as they are", async () => {
  const bundle = `{"type":"bundle","id":"bundle--${uuid}","objects":[\n${identity()},\n{"type":"mutex","id":"mutex--1"}]}`;
  const files = {
    "1.json": bundle,
    "2.ndjson": `${identity()}\n${identity(',"confidence":101')}\n`,
    "3.json.gz": gzipSync(`[${identity()}]`),
    "4.json": '{"type":"url",',
  };
  await inFolder(files, async (folder) => {
    const { rows, exit } = await waglan(["stix", "check", "--plain", ...Object.keys(files)], { cwd: folder });
    assert.deepEqual(
      rows.map((row) => [String(row["id"]).split("--")[0], row["valid"]]),
      [
        ["bundle", true],
        ["identity", true],
        ["mutex", false],
        ["identity", true],
        ["identity", false],
        ["identity", true],
        ["null", undefined],
      ],
    );
    assert.deepEqual(codesOf(rows.at(-1)), ["WGL_JSON_SYNTAX "]);
    assert.equal(exit, 3);
  });
});

test("stix id makes ids, says which are random, and refuses what is no observable", async () => {
  const lines = [
    '{"id":1,"sco":{"type":"url","value":"https://a.example/"}}',
    '{"id":2,"sco":{"type":"process","pid":4}}',
    '{"id":3,"sco":{"type":"x-ship","berth":4},"contributing":["berth"]}',
    '{"id":4,"sco":{"value":"no type"}}',
    '{"id":5,"sco":{"type":"url","value":"a","value":"b"}}',
  ];
  const { rows, exit } = await waglan(["stix", "id"], { stdin: lines.join("\n") });
  assert.equal(exit, 3);
  const [url, process, ship, untyped, twice] = rows;
  assert.deepEqual(url, { id: 1, stixId: "url--131aebfc-1733-5537-9b07-14e774626169", deterministic: true });
  assert.equal(process?.["deterministic"], false);
  assert.match(
    String(process?.["stixId"]),
    /^process--[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  assert.match(String(ship?.["stixId"]), /^x-ship--.{14}5/);
  assert.deepEqual([codesOf(untyped), codesOf(twice)], [["WGL_STIX_OBJECT "], ["WGL_JSON_KEY_TWICE /value"]]);
});

const standards = new URL("../../shared/corpora/standards/", import.meta.url);
const skip = existsSync(standards) ? false : "the corpora are not beside this checkout";

test("stix check and stix id over the corpora: every line answered, in order", { skip }, async () => {
  const ids = (file: string): readonly unknown[] =>
    readFileSync(new URL(file, standards), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly id: unknown }).id);
  for (const [word, file] of [
    ["check", "stix-validity.jsonl"],
    ["id", "sco-id.jsonl"],
  ] as const) {
    const { rows, exit } = await waglan(["stix", word, new URL(file, standards).pathname]);
    assert.equal(exit, 0);
    assert.deepEqual(
      rows.map(({ id }) => id),
      ids(file),
    );
  }
});
