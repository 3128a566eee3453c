import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Turnstile } from "#jobs/batches/turnstile.ts";

test("law: who stands in line goes through in order, one at a time, whoever gives up before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(fc.boolean(), { maxLength: 8 }), async (scheduler, givesUp) => {
      const turnstile = new Turnstile();
      const through: number[] = [];
      let inside = 0;
      const all = givesUp.map(async (early, n) => {
        const place = turnstile.line();
        try {
          await scheduler.schedule(Promise.resolve(), `work of ${n}`);
          if (early) return;
          await place.turn;
          assert.equal(++inside, 1);
          through.push(n);
          await scheduler.schedule(Promise.resolve(), `writing of ${n}`);
          inside--;
        } finally {
          place.leave();
        }
      });
      await scheduler.waitFor(Promise.all(all));
      assert.deepEqual(
        through,
        givesUp.flatMap((early, n) => (early ? [] : [n])),
      );
    }),
  );
});
