import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { after, hour } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import type { Feed } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import type { Turn } from "#intel/ports.ts";
import { collect, type Collecting } from "#jobs/collect/collect.ts";
import { replay } from "#jobs/collect/replay.ts";
import { openArchive } from "#store/archive.ts";
import { type ActsWorld, ask, openActsWorld } from "./acts-world.ts";

// What is refused of reports and advisories is read, mended and replayed as what is refused of indicators is.

const feedOf = (id: string): Feed => {
  const feed = feedById.get(id);
  assert.ok(feed);
  return feed;
};
const sample = (id: string, file: string): Buffer =>
  readFileSync(new URL(`../src/feeds/${id}/${file}`, import.meta.url));

const opened = async (t: TestContext) => {
  const world = await openActsWorld(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-replay-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const archive = openArchive(folder);
  const collecting = (): Collecting => ({
    ...{ state: world.desk.state, secret: "test", elapsed: () => 0, now: world.clock.now },
    ...{ policy: lenient, shadow: false, whole: true },
  });
  const take = async (id: string, file: string): Promise<Turn | undefined> => {
    const body = sample(id, file);
    const kept = await archive.keep(id, world.clock.now, body);
    return collect(collecting(), feedOf(id), body, file, { archive: kept });
  };
  return { ...world, archive, collecting, take };
};

const refused = async ({ acts, viewer }: ActsWorld, id: string) => {
  const page = await acts.rejectedRows(await viewer("lo"), id, { limit: 50 }, ask);
  assert.ok(page.ok);
  return page.value.rows;
};

test("reports: a refused row is read, mended and counted; the archived body counts nothing twice", async (t) => {
  const world = await opened(t);
  const { acts, viewer, sql, clock, take } = world;
  const id = "cert-eu-reports";
  const first = await take(id, "sample.csv");
  // four rows are about four problems, four are refused
  assert.deepEqual([first?.state, first?.added, first?.changed], ["healthy", 4, 0]);
  const row = (await refused(world, id)).find(({ text }) => text?.includes("203.0.113.300"));
  assert.ok(row?.text !== undefined && row.code === "WGL_IP");
  clock.now = after(clock.now, hour);
  const mended = [{ n: row.n, text: row.text.replace("203.0.113.300", "203.0.113.30") }];
  const did = await acts.repairRejected(await viewer("lo"), id, { rows: mended }, ask);
  assert.ok(did.ok, JSON.stringify(did));
  assert.deepEqual([did.value.taken, did.value.accepted, did.value.added], [true, 1, 1]);
  const reports = await sql`select asset_value, type, count from report order by asset_value`;
  assert.equal(reports.length, 5);
  assert.deepEqual(
    { ...reports.find((one) => one["asset_value"] === "203.0.113.30") },
    {
      ...{ asset_value: "203.0.113.30", type: "infected-system", count: 1 },
    },
  );
  assert.ok(!(await refused(world, id)).some(({ n }) => n === row.n), "what was taken is refused no more");

  clock.now = after(clock.now, hour);
  const again = await replay(world.collecting(), world.archive, feedOf(id));
  assert.deepEqual([again?.state, again?.accepted, again?.added, again?.changed], ["healthy", 4, 0, 0]);
  assert.deepEqual((await sql`select sum(count)::int as n from report`)[0]?.["n"], 5, "each row counted once");

  const source = await acts.source(await viewer("lo"), id, ask);
  assert.ok(source.ok);
  assert.deepEqual([source.value.source.reports, source.value.source.indicators], [5, 0]);
});

test("advisories: a refused record is read, mended and merged; the archived body brings the list as it was", async (t) => {
  const world = await opened(t);
  const { acts, viewer, sql, clock, take } = world;
  const id = "cisa-kev";
  const first = await take(id, "sample.json");
  assert.equal(first?.state, "healthy");
  const alive = async (): Promise<number> =>
    (await sql`select count(*)::int as n from advisory where gone_at is null`)[0]?.["n"] as number;
  const before = await alive();
  assert.deepEqual([first?.added, before], [before, first?.accepted]);
  const [row] = (await refused(world, id)).filter(({ code }) => code === "WGL_CVE");
  assert.ok(row?.text !== undefined);
  const entry = JSON.parse(row.text) as { cveID: string };
  clock.now = after(clock.now, hour);
  const mended = [{ n: row.n, text: JSON.stringify({ ...entry, cveID: "CVE-2026-99999" }) }];
  const did = await acts.repairRejected(await viewer("lo"), id, { rows: mended }, ask);
  assert.ok(did.ok, JSON.stringify(did));
  assert.deepEqual([did.value.taken, did.value.accepted, did.value.added], [true, 1, 1]);
  assert.equal(await alive(), before + 1, "nothing was delisted");
  const shown = await acts.source(await viewer("lo"), id, ask);
  assert.ok(shown.ok);
  assert.equal(shown.value.source.advisories, before + 1);

  clock.now = after(clock.now, hour);
  const again = await replay(world.collecting(), world.archive, feedOf(id));
  assert.deepEqual([again?.state, again?.added, again?.delisted], ["healthy", 0, 1]);
  assert.equal(await alive(), before, "the publisher's own list does not have what was mended here");
  const counted = await acts.source(await viewer("lo"), id, ask);
  assert.equal(counted.ok && counted.value.source.advisories, before);
});
