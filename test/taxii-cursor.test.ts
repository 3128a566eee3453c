import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { printCursor, readCursor } from "#share/taxii-cursor.ts";

const key = new Uint8Array(32).fill(7);
const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"];
const cursors = fc.record(
  {
    of: fc.string({ maxLength: 40 }),
    after: fc.maxSafeNat(),
    filter: fc.string({ maxLength: 80 }),
    limit: fc.integer({ min: 1, max: 10_000 }),
  },
  { noNullPrototype: true },
);
const refused = (text: string): void => {
  const read = readCursor(text, key);
  assert.equal(read.ok ? "read" : read.problem.code, "WGL_TAXII_NEXT", text);
};

test("law: a cursor reads back as it was written, and by its own deployment alone", () => {
  fc.assert(
    fc.property(cursors, (cursor) => {
      const text = printCursor(cursor, key);
      assert.deepEqual(readCursor(text, key), { ok: true, value: cursor });
      assert.equal(readCursor(text, new Uint8Array(32).fill(8)).ok, false);
    }),
  );
});

test("law: no letter of a cursor can be another, missing or more: the last one too, of which some bits say nothing", () => {
  fc.assert(
    fc.property(cursors, fc.nat(), fc.constantFrom(...letters), (cursor, place, letter) => {
      const text = printCursor(cursor, key);
      const at = place % text.length;
      if (letter !== text[at]) refused(`${text.slice(0, at)}${letter}${text.slice(at + 1)}`);
      refused(`${text.slice(0, at)}${text.slice(at + 1)}`);
      refused(`${text}${letter}`);
      for (const other of letters.filter((one) => one !== text.at(-1))) refused(`${text.slice(0, -1)}${other}`);
    }),
  );
});
