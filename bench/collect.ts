import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instant } from "#core/instant.ts";
import { strict } from "#core/value-policy.ts";
import { feedById } from "#feeds/index.ts";
import { collect } from "#jobs/collect/collect.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { openState } from "#store/open.ts";
import { stateOf } from "#store/state.ts";
import { onePss } from "./memory.ts";
import { figure } from "./figure.ts";

/** All maltrail trails and ipsum into the durable store, from nothing and again unchanged. */
const corpora = new URL("../../shared/corpora/feeds/", import.meta.url);
const bodies = [
  ["stamparm-maltrail", "maltrail/trails-static.tar.gz"],
  ["stamparm-maltrail", "maltrail-large/trails-static.tar.gz"],
  ["stamparm-ipsum", "ipsum/ipsum-score-2plus.txt.gz"],
] as const;
if (!existsSync(new URL(bodies[0][1], corpora))) {
  process.stderr.write("collect: the corpora are not beside this checkout, nothing measured\n");
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), "wgl-"));
const db = await openState({ dataDir: folder }, { applicationName: "bench" });
await migrate(db.sql, migrations);
const state = stateOf(db.sql);
let peak = 0;
const watch = setInterval(() => {
  const all = [process.pid, ...(db.embedded ? postgres(db.embedded.pid()) : [])].reduce(
    (sum, pid) => sum + onePss(pid),
    0,
  );
  peak = Math.max(peak, all);
}, 2000);
const postgres = (pid: number): number[] => {
  const tasks = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1")
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);
  return [pid, ...tasks];
};

const round = async (): Promise<{ seconds: number; added: number; accepted: number; cpu: number }> => {
  const began = performance.now();
  const cpu = process.cpuUsage();
  let [added, accepted] = [0, 0];
  for (const [id, file] of bodies) {
    const feed = feedById.get(id);
    if (!feed) throw new Error(`no feed ${id}`);
    const body = readFileSync(new URL(file, corpora));
    const turn = await collect(
      {
        state,
        secret: "bench",
        policy: strict,
        shadow: false,
        now: instant(Date.now()),
        elapsed: () => performance.now(),
        acceptHeld: true,
      },
      feed,
      body,
      file,
    );
    added += turn?.added ?? 0;
    accepted += turn?.accepted ?? 0;
    if (turn?.state !== "healthy") throw new Error(`turn of ${file}: ${turn?.state} ${turn?.reason?.message}`);
  }
  const used = process.cpuUsage(cpu);
  return { seconds: (performance.now() - began) / 1000, added, accepted, cpu: (used.user + used.system) / 1e6 };
};

try {
  const first = await round();
  const again = await round();
  const [row] =
    await db.sql`select (select count(*) from indicator) as indicators, (select count(*) from claim) as claims`;
  figure("collect: rows accepted", first.accepted, "rows", "1,852,460 trails + ipsum");
  figure("collect: indicators in the store", row?.["indicators"] as number, "indicators", "");
  figure("collect: from nothing", first.seconds, "s", "≤ 120");
  figure("collect: from nothing, our CPU", first.cpu, "CPU-s", "");
  figure("collect: rate", first.accepted / first.seconds, "rows/s", "≥ 25,000 of normalise + merge + durable");
  figure("collect: again, unchanged", again.seconds, "s", "≤ half");
  figure("collect: again, rows written", again.added, "rows", "0");
  figure("collect: peak memory, PostgreSQL included (PSS)", peak / 2 ** 20, "MiB", "≤ 1536");
} finally {
  clearInterval(watch);
  await db.close();
  rmSync(folder, { recursive: true, force: true });
}
