import assert from "node:assert/strict";
import { test } from "node:test";
import { Tidy } from "#jobs/partitions/tidy.ts";

test("garbage is looked for after sixteen MiB of facts, and at rest when there were any", () => {
  const looks: boolean[] = [];
  const tidy = new Tidy((resting) => void looks.push(resting));
  tidy.rest();
  assert.deepEqual(looks, []);
  for (let n = 0; n < 15; n++) tidy.took(1 << 20);
  assert.deepEqual(looks, []);
  tidy.took(1 << 20);
  assert.deepEqual(looks, [false]);
  tidy.rest();
  assert.deepEqual(looks, [false], "nothing came since");
  tidy.took(1);
  tidy.rest();
  tidy.rest();
  assert.deepEqual(looks, [false, true]);
});
