import { figure } from "./figure.ts";
import { prepare, strike } from "../test/crash-harness.ts";

/** Telemetry posted while SIGKILL strikes at random instants: `WAGLAN_KILLS` times, 60 unless told. */
const kills = Number(process.env["WAGLAN_KILLS"] ?? 60);
const prepared = await prepare("off");
try {
  const began = performance.now();
  const struck = await strike(prepared, kills, Math.random);
  for (const problem of struck.problems) process.stderr.write(`crash: ${problem}\n`);
  figure("crash: SIGKILLs while batches of 1,000 events are posted", struck.kills, "kills", "≥ 50");
  figure("crash: of these, with the database killed too", struck.databaseKills, "kills", "");
  figure("crash: batches acknowledged", struck.acknowledged, "batches", "");
  figure("crash: requests sent again", struck.repeated, "requests", "");
  figure("crash: acknowledged and lost", struck.lost, "batches", "0");
  figure("crash: batches, hits or findings doubled", struck.doubled, "rows", "0");
  figure("crash: mails doubled", struck.mailsDoubled, "mails", "0");
  figure("crash: time", (performance.now() - began) / 1000, "s", "");
  if (struck.problems.length > 0) process.exitCode = 1;
} finally {
  prepared.remove();
}
