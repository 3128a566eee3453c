import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { filesOf } from "#feeds/body.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { total } from "#feeds/read.ts";
import { feed } from "#feeds/stamparm-maltrail/feed.ts";
import { type TrailClass, trailClass, trailClasses, trailIn } from "#feeds/stamparm-maltrail/trail.ts";
import { summarise } from "#feeds/summary.ts";
import { strict } from "#core/value-policy.ts";

const corpora = new URL("../../shared/corpora/feeds/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";

interface Expected {
  readonly files: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly totals: Readonly<Record<string, number>>;
}

/**
 * Rows the oracle counts by shape and we refuse by value: ports out of range or 0, bare public suffixes (*.jm, *.mm, hl.cn),
 * a label of 70 characters, paths of nothing but slashes; WGL_ROW_TRAIL is the oracle's class "other".
 */
const refused = {
  maltrail: { WGL_ROW_TRAIL: 20, WGL_DOMAIN_BROAD: 1, WGL_DOMAIN: 1, WGL_PORT: 1 },
  "maltrail-large": { WGL_ROW_TRAIL: 184, WGL_PATH: 6, WGL_PORT: 17, WGL_DOMAIN_BROAD: 6, WGL_DOMAIN: 1 },
} as const satisfies Record<string, Readonly<Record<string, number>>>;

for (const folder of ["maltrail", "maltrail-large"] as const) {
  test(`stamparm-maltrail classes equal the oracle of ${folder}, file by file`, { skip }, () => {
    const expected = JSON.parse(readFileSync(new URL(`${folder}/expected-counts.json`, corpora), "utf8")) as Expected;
    const file = new URL(`${folder}/trails-static.tar.gz`, corpora);
    const sums: Record<string, number> = Object.fromEntries(trailClasses.map((name) => [name, 0]));
    let files = 0;
    for (const { name, bytes } of filesOf(readFileSync(file), file.pathname)) {
      const path = /static\/(.+\.txt)$/.exec(name)?.[1];
      if (path === undefined) continue;
      files++;
      const counts = classCounts(bytes);
      for (const of of trailClasses) {
        assert.equal(counts[of], expected.files[path]?.[of], `${path}: ${of}`);
        sums[of] = (sums[of] ?? 0) + counts[of];
      }
    }
    assert.equal(files, expected.totals["files"]);
    for (const of of trailClasses) assert.equal(sums[of], expected.totals[of], of);
    assert.equal(total(sums), expected.totals["indicators"]);
  });

  test(`stamparm-maltrail reads all of ${folder}`, { skip }, (t) => {
    const expected = JSON.parse(readFileSync(new URL(`${folder}/expected-counts.json`, corpora), "utf8")) as Expected;
    const file = new URL(`${folder}/trails-static.tar.gz`, corpora);
    const body = readFileSync(file);
    const before = process.cpuUsage();
    const summary = summarise(feed, body, file.pathname, strict);
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    t.diagnostic(
      `${summary.rows} trails in ${seconds.toFixed(1)} CPU-s: ${((seconds * 1e6) / summary.rows).toFixed(2)} µs a row, ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
    );
    t.diagnostic(`kinds ${JSON.stringify(summary.kinds)}`);
    assert.equal(summary.rows, expected.totals["indicators"]);
    assert.equal(
      summary.rows,
      summary.accepted + summary.duplicates + total(summary.rejected) + total(summary.skipped),
    );
    assert.deepEqual(summary.rejected, refused[folder]);
    assert.equal(summary.verdict, "accept-with-rejects");
  });
}

const classCounts = (bytes: Uint8Array): Record<TrailClass, number> => {
  const counts = Object.fromEntries(trailClasses.map((name) => [name, 0])) as Record<TrailClass, number>;
  for (const text of linesOf(bytes, false)) {
    assert.notEqual(text, overlong);
    const trail = text === overlong ? "" : trailIn(text);
    if (trail !== "") counts[trailClass(trail)]++;
  }
  return counts;
};
