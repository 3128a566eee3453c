import { openWaglan } from "#main.ts";
import { readConfig } from "#jobs/config.ts";
import { readFileSync, existsSync, rmSync } from "node:fs";
import { setUpSample, playTelemetry } from "#sample/play.ts";
const y = existsSync("sample/waglan.yaml") ? readFileSync("sample/waglan.yaml","utf8") : readFileSync("/tmp/sw.yaml","utf8");
if (process.argv[2]!=="keep") rmSync("/tmp/wsample",{recursive:true,force:true});
const c = readConfig(y, {}, { data: "/tmp/wsample" });
if (!c.ok) { console.log(c.problem); process.exit(1); }
// first pass so that warninglists exist
const { writeFeeds } = await import("#sample/make-feeds.ts"); writeFeeds("/tmp/wsample/feeds", Date.now());
const t0=performance.now(); const T=()=>((performance.now()-t0)/1000).toFixed(1)+"s";
const w = await openWaglan(c.value);
console.log(T(),"open", w.history.kind, w.history.reason());
await setUpSample(w); console.log(T(),"set up");
const loops = w.loops((n,e)=>console.log("LOOP", n, e));
for (;;) { const [x]=await w.database.sql`select count(*) filter (where last_turn is not null)::int n from feed_state`; if (x!.n>=7) break; await new Promise(r=>setTimeout(r,200)); } await w.memory.refresh(w.now()); console.log(T(),"feeds"); console.log("batches", await playTelemetry(w), T());
let last="";
for (let i=0;i<120;i++) {
  await new Promise(r=>setTimeout(r,500));
  const [r] = await w.database.sql`select (select count(*) from indicator) i, (select count(*) from telemetry_batch where matched is not null) m, (select count(*) from telemetry_batch where stored is not null) s,(select count(*) from telemetry_batch) b, (select count(*) from hit) h, (select count(*) from finding) f, (select count(*) from incident) inc, (select count(*) from alert) a, (select count(*) from outbox where sent is not null) sent, (select count(*) from feed_turn) turns`;
  const s=JSON.stringify(r); if (s!==last) console.log(T(), s); last=s;
  if (r!.m===r!.b && r!.s===r!.b && i>6) break;
}
console.table(await w.database.sql`select o.key, f.asset, f.problem_type t, f.problem_about a, f.detector d, f.severity s, f.certainty c, f.grade g, f.state, f.shadow, f.hits, f.incident from finding f join organisation o on o.id=f.organisation order by 1,2`);
console.table(await w.database.sql`select feed, state, reason->>'message' r, accepted, claims, shadow from feed_state`);
console.table(await w.database.sql`select indicator_value v, why, sum(hits)::int n from background group by 1,2 order by 3 desc limit 12`);
console.table(await w.database.sql`select n, lines, rejected from telemetry_batch`);
await loops.stop(); await w.close(); console.log(T(),"closed");
process.exit(0);
