import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { batchesOf } from "#jobs/batches/import-telemetry.ts";

const chunked = function* (bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
};
const all = async (text: string, sizes: readonly number[] = [65_536]) =>
  Array.fromAsync(batchesOf({ file: "folder/conn.log", chunks: chunked(Buffer.from(text), sizes) }));
const bodies = (batches: Awaited<ReturnType<typeof all>>): string[] =>
  batches.map((one) => gunzipSync(one.body).toString());

test("batchesOf: every line once, in order, however the bytes come; the same bytes are the same keys", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ maxLength: 40 }).map((line) => `x${line.replace(/[\r\n]/g, " ")}`),
        { maxLength: 200 },
      ),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      async (lines, ends, sizes) => {
        const text = lines.join("\n") + (ends && lines.length > 0 ? "\n" : "");
        const one = await all(text, sizes);
        const other = await all(text);
        assert.equal(bodies(one).join(""), text);
        assert.deepEqual(
          one.map((batch) => batch.key),
          other.map((batch) => batch.key),
        );
        assert.equal(
          one.reduce((sum, batch) => sum + batch.lines, 0),
          lines.length,
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("batchesOf: cuts at 5,000 lines, and the header stands at the head of each batch", async () => {
  const header = "#separator \\x09\n#fields\tts\n";
  const batches = await all(header + Array.from({ length: 12_000 }, (_, i) => `${i}\n`).join(""));
  assert.deepEqual(
    batches.map((batch) => batch.lines),
    [5_000, 5_000, 2_000],
  );
  assert.ok(bodies(batches).every((body) => body.startsWith(header)));
  assert.equal(new Set(batches.map((batch) => batch.key)).size, 3);
});
