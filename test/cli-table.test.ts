import assert from "node:assert/strict";
import { test } from "node:test";
import { inColumns } from "#cli/table.ts";

test("columns of a terminal: a Chinese character takes two, and what is longer stays whole", () => {
  assert.equal(inColumns("hit", 6), "hit   ");
  assert.equal(inColumns("命中", 6), "命中  ");
  assert.equal(inColumns("規則 a", 6), "規則 a");
  assert.equal(inColumns("行為偵測", 6), "行為偵測");
  assert.equal(inColumns("", 2), "  ");
});
