import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { clientHistory } from "#history/client-history.ts";
import { startHistoryEngine } from "#history/embedded.ts";
import type { Period } from "#history/history.ts";
import { figure } from "./figure.ts";

// Retro-hunt over observations that the engine makes itself: WAGLAN_BENCH_OBSERVATIONS (20 million) over 90 days of 20
// organisations, skewed as traffic is (a value's rank is drawn log-uniformly, 4 million values). "one indicator": from its
// fingerprint to its first 1,000 records, with the places, as `huntPage` asks; a value seen about 20 times, and one that was never
// seen. "100,000 indicators": one in ten was seen. Best of three, caches warm as they are on a machine that serves; beside
// it, how long an insert of 1,000 observations takes while such hunts run one after the other (what keeping history waits).
const observations = Number(process.env["WAGLAN_BENCH_OBSERVATIONS"] ?? 20_000_000);
const distinct = 4_000_000;
const days = 90;
const dayMs = 86_400_000;
const first = Date.UTC(2026, 7, 1);
const all: Period = { from: 0, to: first + (days + 1) * dayMs };
const slice = 5_000_000;

const folder = mkdtempSync(join(tmpdir(), "waglan-bench-hunt-"));
const engine = await startHistoryEngine(folder, { memoryAtMost: 4_000_000_000 });
try {
  const history = clientHistory(engine);
  await history.migrate({ underLock: (work) => work(new Map(), async () => {}) });
  const began = performance.now();
  for (let from = 0; from < observations; from += slice) {
    const count = Math.min(slice, observations - from);
    // in the order of time, as telemetry comes
    await engine.client().command({
      query: `insert into observation (time, organisation, sensor, kind, value, fingerprint, seen_where, direction, port, batch, line, nth)
        select fromUnixTimestamp64Milli(toInt64(${first} + intDiv((${from} + number) * ${days} * ${dayMs}, ${observations})), 'UTC') as time,
          concat('organisation-', toString(cityHash64(number, 1) % 20)), concat('sensor-', toString(cityHash64(number, 1) % 20)), 'ipv4',
          concat('v', toString(toUInt64(exp(log(${distinct}) * (cityHash64(${from} + number, 2) % 1000003) / 1000003)))) as value,
          cityHash64(value), 'destination', 'outbound', 443, concat('sensor/', toString(intDiv(${from} + number, 5000))), (number % 5000) + 1, 0
        from numbers(${count})`,
    });
    process.stderr.write(`${from + count} observations, ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  }
  const ask = async <T>(query: string): Promise<readonly T[]> =>
    (await engine.client().query({ query, format: "JSONEachRow" })).json<T>();
  const [rare] = await ask<{ f: string }>(
    "select toString(fingerprint) as f from observation_day group by fingerprint having sum(count) between 15 and 25 limit 1",
  );
  const seen = await ask<{ f: string }>(
    "select toString(fingerprint) as f from observation_day where fingerprint % 40 = 0 group by fingerprint having sum(count) < 1000 limit 10000",
  );
  const fingerprint = BigInt(rare?.f ?? 0);

  const hunt = async (fingerprints: readonly bigint[]): Promise<number> => {
    const found = await history.seenValues("all", fingerprints, all);
    const places = await history.recordsWith("all", found, all, undefined, 1000);
    await history.observationsOf("all", places);
    return places.length;
  };
  const best = async (work: () => Promise<number>): Promise<{ seconds: number; rows: number }> => {
    let seconds = Number.POSITIVE_INFINITY;
    let rows = 0;
    for (let turn = 0; turn < 3; turn++) {
      const start = performance.now();
      rows = await work();
      seconds = Math.min(seconds, (performance.now() - start) / 1000);
    }
    return { seconds, rows };
  };
  const millions = `${observations / 1e6} M observations`;
  const one = await best(() => hunt([fingerprint]));
  figure(`one indicator seen ${one.rows} times, ${millions}`, one.seconds, "s", "< 1");
  const none = await best(() => hunt([1n]));
  figure(`one indicator never seen, ${millions}`, none.seconds, "s", "< 1");
  const many = [...seen.map((row) => BigInt(row.f))];
  for (let n = 0n; many.length < 100_000; n++) many.push((n * 0x9e37_79b9_7f4a_7c15n) & 0xffff_ffff_ffff_ffffn);
  const values = await best(async () => (await history.seenValues("all", many, all)).fingerprints.length);
  figure(`which of 100,000 were seen (${values.rows}), ${millions}`, values.seconds, "s", "< 3");
  const bulk = await best(() => hunt(many));
  figure(`100,000 indicators to their first ${bulk.rows} records, ${millions}`, bulk.seconds, "s", "< 3");

  let hunting = true;
  const hunts = (async () => {
    while (hunting) {
      const found = await history.seenValues("all", many, all, "behind");
      await history.recordsWith("all", found, all, undefined, 1000, "behind");
    }
  })();
  const took: number[] = [];
  for (let n = 0; n < 50; n++) {
    const start = performance.now();
    await history.insertObservations(
      `beside ${n}`,
      Array.from({ length: 1000 }, (_, line) => ({
        ...{
          time: first,
          organisation: "organisation-1",
          sensor: "s",
          kind: "ipv4",
          value: `v${line}`,
          fingerprint: BigInt(line),
        },
        ...{ where: "destination", direction: "outbound", port: 443, batch: `beside ${n}`, line, nth: 0 },
      })),
    );
    took.push(performance.now() - start);
  }
  hunting = false;
  await hunts;
  took.sort((a, b) => a - b);
  figure(
    "insert of 1,000 observations during hunts, p99",
    Math.round(took[Math.floor(took.length * 0.99)] ?? 0),
    "ms",
    "",
  );
  process.stderr.write(
    `load ${loadavg()[0]?.toFixed(1)}; made in ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
  );
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
