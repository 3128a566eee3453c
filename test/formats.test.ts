import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import { headOf, splitterFor } from "#telemetry/cut.ts";
import type { Format } from "#telemetry/format.ts";
import { detectFormat, formatById, formats } from "#telemetry/index.ts";
import type { OnLine, OnRefused } from "#telemetry/lines.ts";
import { missedByScan } from "./formats-scan.ts";

const folder = fileURLToPath(new URL("../src/telemetry/", import.meta.url));
const folders = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted();
const samplesOf = (id: string): readonly string[] =>
  readdirSync(join(folder, id))
    .filter((name) => !name.endsWith(".ts") && !name.endsWith(".expected.json"))
    .toSorted();

test("formats are the folders, each under its own id, and formatById finds them", () => {
  assert.ok(folders.length > 0);
  assert.deepEqual(formats.map((format) => format.id).toSorted(), folders);
  for (const format of formats) assert.equal(formatById(format.id), format);
  assert.equal(formatById("no-such-format"), undefined);
});

for (const format of formats) {
  test(`${format.id}: has samples, with bad rows among them`, () => {
    const problems = samplesOf(format.id).flatMap((name) => golden(format, name).problems);
    assert.ok(problems.length > 0);
  });

  for (const name of samplesOf(format.id)) {
    const path = join(folder, format.id, name);
    test(`${format.id}: ${name} reads as its golden file says`, (t) => {
      const expected = path.replace(/\.[^.]+$/, ".expected.json");
      t.assert.fileSnapshot(golden(format, name), expected, {
        serializers: [(value) => `${JSON.stringify(value, null, 1)}\n`],
      });
    });

    test(`${format.id}: scan() reports all that parse() sees in ${name}`, () => {
      assert.deepEqual(missedByScan(format, readFileSync(path)), []);
    });
  }

  test(`${format.id}: parse() and scan() of rubbish give problems, never exceptions`, () => {
    const rows = samplesOf(format.id).flatMap((name) =>
      recordsOf(format, readFileSync(join(folder, format.id, name))).flatMap(({ text }) => text ?? []),
    );
    const rubbish = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.uint8Array().map((bytes) => new TextDecoder().decode(bytes)),
      // a real row, damaged: cut, with a byte changed, or with something put in
      fc
        .tuple(fc.constantFrom(...rows), fc.nat(), fc.string({ maxLength: 3 }), fc.nat(4))
        .map(
          ([row, at, text, cut]) =>
            row.slice(0, at % (row.length + 1)) + text + row.slice((at % (row.length + 1)) + cut),
        ),
    );
    fc.assert(
      fc.property(fc.array(rubbish, { maxLength: 12 }), (lines) => {
        const stream = new TextEncoder().encode(lines.join("\n"));
        assert.deepEqual(missedByScan(format, stream), []);
      }),
      { numRuns: format.open().scan === undefined ? 400 : 1500 },
    );
  });
}

test("detectFormat() tells samples apart and knows no rubbish", () => {
  for (const format of formats)
    for (const name of samplesOf(format.id)) {
      const head = readFileSync(join(folder, format.id, name)).subarray(0, 4096);
      assert.equal(detectFormat(headOf(head))?.id, format.id, name);
    }
  for (const head of ["", "\n", "{}", "[]", "<html>", "ts,uid\n", "198.51.100.7\n"])
    assert.equal(detectFormat(new TextEncoder().encode(head)), undefined, head);
  assert.equal(detectFormat(new Uint8Array([0x1f, 0x8b, 0x08, 0, 0, 0])), undefined);
});

/** When the samples were delivered: some logs write no year. */
const received = instant(Date.UTC(2026, 10, 20));

/** A stream as its reader is given it: each record with the line it begins at, or why it was refused. */
const recordsOf = (
  format: Format,
  bytes: Uint8Array,
): readonly { readonly line: number; readonly text?: string; readonly problem?: Problem }[] => {
  const records: { line: number; text?: string; problem?: Problem }[] = [];
  const splitter = splitterFor(bytes, format);
  const onLine: OnLine = (buffer, start, end, line) => {
    records.push({ line, text: new TextDecoder().decode(buffer.subarray(start, end)) });
  };
  const onRefused: OnRefused = (line, problem) => {
    records.push({ line, problem });
  };
  splitter.push(bytes, onLine, onRefused);
  splitter.end(onLine, onRefused);
  return records;
};

/** All that a sample reads as: records, and problems with their line. */
const golden = (format: Format, name: string): { readonly records: unknown[]; readonly problems: unknown[] } => {
  const reader = format.open({ received });
  const records: unknown[] = [];
  const problems: unknown[] = [];
  for (const { line, text, problem } of recordsOf(format, readFileSync(join(folder, format.id, name)))) {
    const read = text === undefined ? undefined : reader.parse(text);
    const why = problem ?? (read?.ok === false ? read.problem : undefined);
    if (read?.ok) records.push({ line, ...read.value, time: new Date(read.value.time).toISOString() });
    else if (why) problems.push({ line, code: why.code, message: why.message });
  }
  return { records, problems };
};
