import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { openWaglan } from "#wiring/waglan.ts";
import { prepare } from "../test/crash-harness.ts";
import { figure } from "./figure.ts";

/**
 * From a batch handed in to the mail taken by delivery, with the loops as `serve` runs them: each batch of 1,000 events
 * shows another server of critical worth calling a listed name, so that each opens a critical finding and is told.
 * Only the loop that HTTP wakes is woken here.
 */
const rounds = 60;
const prepared = await prepare("off");
const waglan = await openWaglan(prepared.config);
const { sql } = waglan.database;
const failures: string[] = [];
const loops = waglan.loops((loop, error) => failures.push(`${loop}: ${String(error)}`));

const body = (n: number, host: string): string =>
  Array.from({ length: 1000 }, (_, at) => {
    const time = new Date(Date.now() - 1000 + at).toISOString().replace("Z", "000+0000");
    const name = at === 500 ? "c2-0.skiff-cloud.example" : `www-${at % 50}.news.example`;
    return `{"timestamp":"${time}","flow_id":${n * 1000 + at},"event_type":"dns","src_ip":"${host}","src_port":40000,"dest_ip":"10.0.0.2","dest_port":53,"proto":"UDP","dns":{"type":"query","id":1,"rrname":"${name}","rrtype":"A"}}`;
  }).join("\n");

/** Severity of the finding whose mail delivery took; undefined while it has not. */
const told = async (host: string): Promise<string | undefined> => {
  const [row] =
    await sql`select f.severity from outbox o join alert_recipient r using (message_id) join alert a on a.n = r.alert
    join finding f on f.n = a.finding where f.asset = ${host} and o.sent is not null`;
  return row?.["severity"] as string | undefined;
};

try {
  const [sensor] = waglan.directory.known.directory.sensors;
  if (!sensor) throw new Error("the community has no sensor");
  const took: number[] = [];
  for (let n = 0; n < rounds; n++) {
    const host = `203.0.113.${n + 1}`;
    const text = body(n, host);
    const digest = createHash("sha256").update(text).digest("hex");
    const began = performance.now();
    const batch = {
      sensor: sensor.id,
      key: `k${n}`,
      digest,
      received: waglan.now(),
      body: gzipSync(text, { level: 1 }),
    };
    await waglan.state.act((tx) => tx.telemetry.accept(batch, 100));
    loops.wake("match");
    for (let severity: string | undefined; severity === undefined; ) {
      await wait(5);
      severity = await told(host);
      if (severity !== undefined && severity !== "critical")
        throw new Error(`the finding is ${severity}, wanted critical`);
      if (performance.now() - began > 60_000)
        throw new Error(`no mail about ${host} within a minute: ${failures.join("; ")}`);
    }
    took.push((performance.now() - began) / 1000);
    // the loops rest for different times between batches
    await wait(100 + ((n * 37) % 900));
  }
  took.sort((a, b) => a - b);
  const share = (of: number): number => took[Math.min(took.length - 1, Math.floor(took.length * of))] ?? 0;
  figure("alert latency: telemetry handed in → mail taken by delivery, p50", share(0.5), "s", "");
  figure("alert latency: telemetry handed in → mail taken by delivery, p95", share(0.95), "s", "≤ 5");
  figure("alert latency: worst of 60", share(1), "s", "");
} finally {
  await loops.stop();
  await waglan.close();
  prepared.remove();
}
