import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testDatabase } from "./cluster.ts";

test("times of state are read to the millisecond, whatever their fraction, and those without end stay so", async (t) => {
  const { sql } = await testDatabase(t);
  // 0001-01-01 to 9999-12-31
  const moments = fc.array(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(moments, fc.constantFrom(0, 1, 999), async (times, micros) => {
      const texts = times.map((ms) => `${new Date(ms).toISOString().slice(0, -1)}${String(micros).padStart(3, "0")}Z`);
      const rows =
        await sql`select at::timestamptz as at from unnest(${texts}::text[]) with ordinality as n (at, place) order by place`;
      assert.deepEqual(
        rows.map((row) => row["at"] as number),
        times,
      );
    }),
    { numRuns: 30 },
  );
  const [ends] =
    await sql`select 'infinity'::timestamptz as last, '-infinity'::timestamptz as first, '2026-11-21 08:00:00+00'::timestamptz as plain`;
  assert.deepEqual(
    [ends?.["last"], ends?.["first"], ends?.["plain"]],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Date.parse("2026-11-21T08:00:00Z")],
  );
});
