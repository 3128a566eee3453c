import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { instant } from "#core/instant.ts";
import { openArchive } from "#store/archive.ts";

const at = instant(Date.UTC(2026, 10, 24, 9, 20, 34, 340));

test("one feed's body kept by several turns that begin in the same millisecond is kept once, and none of them fails", async () => {
  const folder = mkdtempSync(join(tmpdir(), "waglan-bodies-"));
  try {
    const archive = openArchive(folder);
    const body = Buffer.from("203.0.113.7\n".repeat(1000));
    const names = await Promise.all(Array.from({ length: 20 }, () => archive.keep("feed", at, body)));
    assert.equal(new Set(names).size, 1);
    assert.deepEqual(readdirSync(join(folder, "feed")), [names[0]]);
    const walks = await Promise.all([archive.begin("feed", at), archive.begin("feed", at)]);
    await Promise.all(walks.map((walk, i) => walk.put(`part ${i}`, "part.txt", Buffer.from(`body ${i}`))));
    const ended = await Promise.all(walks.map((walk) => walk.end()));
    for (const [i, { pieces }] of ended.entries())
      for await (const piece of pieces.each()) assert.equal(Buffer.from(piece.body).toString(), `body ${i}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
