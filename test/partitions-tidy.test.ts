import assert from "node:assert/strict";
import { test } from "node:test";
import { Tidy } from "#jobs/partitions/tidy.ts";

test("garbage is looked for when it is half of what stays, and at rest when it is a tenth", () => {
  const mebi = 2 ** 20;
  let [used, stays, looked] = [40 * mebi, 40 * mebi, 0];
  const tidy = new Tidy({
    used: () => used,
    collect: () => {
      looked++;
      used = stays;
    },
  });
  const after = (mebibytes: number, resting = false): number => {
    used += mebibytes * mebi;
    tidy.after(resting);
    return looked;
  };
  assert.equal(after(60), 0);
  assert.equal(after(5), 1);
  // small heaps are not worth it at rest either
  assert.equal(after(7, true), 1);
  assert.equal(after(2, true), 2);
  stays = 300 * mebi;
  used = stays;
  assert.equal(after(0), 3, "what is remembered now counts as garbage until it was looked for");
  assert.equal(after(140), 3);
  assert.equal(after(15), 4);
  assert.equal(after(20, true), 4);
  assert.equal(after(20, true), 5);
});
