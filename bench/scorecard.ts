import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { day, type Instant, instant } from "#core/instant.ts";
import { countScorecards } from "#jobs/indicators/scorecard.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { openState } from "#store/open.ts";
import { stateOf } from "#store/state.ts";
import { figure } from "./figure.ts";
import { serverCpu } from "./server-cpu.ts";

// Scorecards over two million living claims of twenty feeds: a quarter of the values is listed by two to five of them. What
// one count costs the server. WAGLAN_BENCH=quick: a tenth. WAGLAN_BENCH_DATA: a folder to keep the claims in for the next run.
const values = process.env["WAGLAN_BENCH"] === "quick" ? 123_000 : 1_230_000;
const feeds = 20;
const now = instant(Date.parse("2026-11-21T08:00:00Z"));

const kept = process.env["WAGLAN_BENCH_DATA"];
const folder = kept ?? mkdtempSync(join(tmpdir(), "wgl-"));
const db = await openState({ dataDir: folder }, { applicationName: "bench" });
try {
  await migrate(db.sql, migrations);
  const state = stateOf(db.sql);
  const [known] = await db.sql`select exists (select from claim) as known`;
  if (known?.["known"] !== true) {
    for (let at = 0; at < feeds; at++) {
      await state.act((tx) => tx.intel.feed({ id: `feed-${at}`, liveDays: 30, voice: "alert" }, false));
      await state.act((tx) =>
        tx.intel.turn(
          {
            ...{ feed: `feed-${at}`, at: (now - 100 * day) as Instant, state: "healthy", file: "", bytes: 1, rows: 1 },
            ...{ accepted: 1, rejected: {}, added: 0, changed: 0, delisted: 0, tookMs: 1 },
          },
          [],
          {},
        ),
      );
    }
    // every value by one feed; every fourth by one to four more, each of them later or earlier by up to some weeks
    await db.sql`insert into claim (indicator, feed, first_seen, last_seen, live_until, grade, labels, parts, flags, tlp, pap, licence)
      select md5(n::text)::uuid, 'feed-' || ((n * 7 + k * 3) % ${feeds})::text, t.seen, t.seen, ${new Date(now + 9 * day)}, 'B2', '{}', '{""}', '{}', 'clear', 'clear', 'own'
      from generate_series(1, ${values}) n cross join lateral generate_series(0, case when n % 4 = 0 then 1 + (n / 4) % 4 else 0 end) k
        cross join lateral (select ${new Date(now)}::timestamptz - ((hashint4(n * 5 + k) & 8191) * interval '10 minutes') as seen) t`;
    await db.sql`vacuum analyze`;
  }
  const [count] = await db.sql`select count(*)::int as claims from claim`;
  figure("scorecards: living claims", count?.["claims"] as number, `of ${feeds} feeds`, "");
  const pid = db.embedded?.pid() ?? 0;
  const [began, before] = [performance.now(), serverCpu(pid)];
  const cards = await countScorecards(state, now);
  const took = (performance.now() - began) / 1000;
  // what a process spent is seen by others a moment later
  await new Promise((resolve) => setTimeout(resolve, 50));
  figure("scorecards: one count of all", serverCpu(pid) - before, "CPU-s", "<= 5");
  figure("scorecards: the same", took, `s, load ${(loadavg()[0] ?? 0).toFixed(1)}`, "");
  if (cards !== feeds) throw new Error(`${cards} cards, wanted ${feeds}`);
} finally {
  await db.close();
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}
