import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { day, type Instant, instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { clientHistory } from "#history/client-history.ts";
import { startHistoryEngine } from "#history/embedded.ts";
import { indicatorId } from "#intel/indicator.ts";
import { askHunt } from "#jobs/hunt/asked.ts";
import { huntPage, quarryOf, seenOf } from "#jobs/hunt-past.ts";
import { openWaglan } from "#wiring/waglan.ts";
import { batchBody, prepare, Served } from "../test/crash-harness.ts";
import { figure } from "./figure.ts";
import { addressOf, type Fill, fillHistory } from "./hunt-fill.ts";

// Retro-hunt, as jobs/ hunt, over observations that the engine makes itself: bench/hunt.ts [OBSERVATIONS], 20 million without,
// five values a record, 90 days, 20 organisations, up to four million addresses, skewed as traffic is. A hunt is from the values as
// they are written to its first 1,000 records, read whole and matched again. Figures are the better of three, caches warm as on
// a machine that serves; beside each the CPU-seconds of the engine. At the end a server on the same folder, which is told a
// hundred thousand values, and a feed of them, while a sensor posts.
const observations = Number(process.argv[2] ?? 20_000_000);
const distinct = Math.min(4_000_000, observations / 5);
const days = 90;
const first = Date.UTC(2026, 7, 1);
const prepared = await prepare("on");

const known = await openWaglan(prepared.config, { beside: false }).then(async (waglan) => {
  const told = { secret: waglan.secrets.id, organisation: waglan.directory.known.directory.organisations[0]?.id ?? "" };
  await waglan.close();
  return told;
});
const organisations = [known.organisation, ...Array.from({ length: 19 }, (_, n) => `organisation-${n}`)];
const fill: Fill = { observations, values: distinct, first, days, organisations, secret: known.secret };

const ipv4 = (value: string): Observable => ({ kind: "ipv4", value });
/** One in ten was seen, seldom, as what feeds list. */
const many = [
  ...Array.from({ length: 10_000 }, (_, n) => ipv4(addressOf(distinct - 1 - n * 40))),
  ...Array.from({ length: 90_000 }, (_, n) => ipv4(`9.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)),
];

/** One network in ten was seen in, as seldom. */
const networks: readonly Observable[] = Array.from({ length: 10_000 }, (_, n) => ({
  kind: "cidr",
  value: n % 10 === 0 ? addressOf(distinct - 1 - n * 40).replace(/\d+$/, "0/24") : `9.${n >> 8}.${n & 255}.0/24`,
}));

/** Fills as nothing here is asked to: with the memory of the machine. */
const filled = async (from: number, to: number): Promise<string> => {
  const engine = await startHistoryEngine(join(prepared.data, "history"), { memoryAtMost: 6_000_000_000 });
  try {
    const history = clientHistory(engine);
    if (from === 0) await history.migrate({ underLock: (work) => work(new Map(), async () => {}) });
    await fillHistory(engine.client(), fill, { from, to });
  } finally {
    await engine.close();
  }
  return `${to / 1e6} M observations`;
};

const measure = async (hunts: readonly (readonly [string, readonly Observable[], string])[]): Promise<void> => {
  const engine = await startHistoryEngine(join(prepared.data, "history"));
  try {
    const history = clientHistory(engine);
    const cpu = (): number => {
      const fields = (readFileSync(`/proc/${engine.pid()}/stat`, "latin1").split(") ")[1] ?? "").split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    };
    const ground = { scope: "all", from: 0 as Instant, to: instant(first + 2 * days * day) } as const;
    for (const [name, wanted, goal] of hunts) {
      let [seconds, spent, read] = [Number.POSITIVE_INFINITY, 0, 0];
      for (let turn = 0; turn < 3; turn++) {
        const [began, before] = [performance.now(), cpu()];
        const quarry = quarryOf(wanted, known.secret);
        const seen = await seenOf(history, quarry, ground);
        const page = await huntPage(history, quarry, seen, ground, undefined, 1000, () => []);
        const took = (performance.now() - began) / 1000;
        if (took < seconds) [seconds, spent, read] = [took, cpu() - before, page.records.length];
      }
      figure(`${name}: ${read} records`, seconds, "s", goal);
      figure(`${name}: CPU of the engine`, spent, "s", "");
    }
    process.stderr.write(`load ${loadavg()[0]?.toFixed(1)}\n`);
  } finally {
    await engine.close();
  }
};

/** Milliseconds to acknowledge each batch of 1,000 lines, so many a second, by two clients. */
const acknowledged = async (at: string, from: number, forMs: number, perSecond: number): Promise<readonly number[]> => {
  const took: number[] = [];
  const until = performance.now() + forMs;
  const client = async (number: number): Promise<void> => {
    for (let n = from + number; performance.now() < until; n += 2) {
      const body = batchBody(n);
      const began = performance.now();
      const answer = await fetch(`${at}/api/v1/telemetry`, {
        method: "POST",
        headers: {
          ...{ authorization: `Bearer ${prepared.token}`, "content-type": "application/x-ndjson" },
          "idempotency-key": `bench-${n}`,
        },
        body,
      });
      await answer.arrayBuffer();
      // told to come later is no acknowledgement
      if (answer.status === 202) took.push(performance.now() - began);
      else if (answer.status !== 429) throw new Error(`a batch was refused with ${answer.status}`);
      await wait(Math.max(0, 2000 / perSecond - (performance.now() - began)));
    }
  };
  await Promise.all([client(0), client(1)]);
  return took.toSorted((a, b) => a - b);
};
const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor((sorted.length - 1) * q)] ?? 0;

const serve = async (): Promise<void> => {
  const served = new Served(prepared, { WAGLAN_HISTORY_OFF: "false" });
  try {
    const at = await served.listening;
    if (at === undefined) throw new Error(`it did not start: ${served.said}`);
    await wait(5000);
    const alone = await acknowledged(at, 0, 20_000, 10);
    figure("acknowledged without a hunt, p99 of batches of 1,000", quantile(alone, 0.99), "ms", "");
    const waglan = await openWaglan(
      { ...prepared.config, history: { ...prepared.config.history, off: true } },
      { beside: true },
    );
    try {
      const { state, now } = waglan;
      for (let n = 0; n < 3; n++)
        await askHunt(state, {
          id: createHash("sha256")
            .update(`bench ${n}`)
            .digest("hex")
            .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5"),
          ...{ ofStaff: true, who: "bench", purpose: "a measurement", values: many, at: now() },
          ...{ from: instant(0), to: instant(first + 2 * days * day) },
        });
      await state.act((tx) =>
        tx.intel.merge(
          "c2",
          many.slice(0, 20_000).map((observable) => ({
            ...{ id: indicatorId(known.secret, observable), observable, parts: [""], seenAt: now() },
            ...{ grade: { source: "B", statement: 2 }, labels: [], flags: [], tlp: "green", pap: "clear" },
            ...{ licence: "own", liveUntil: instant(now() + 9 * day) },
          })),
          now(),
        ),
      );
      const half = await acknowledged(at, 10_000, 20_000, 5);
      figure(
        "acknowledged during hunts at half the rate, p99 of batches of 1,000",
        quantile(half, 0.99),
        "ms",
        "≤ 100",
      );
      const beside = await acknowledged(at, 20_000, 45_000, 10);
      figure("acknowledged during hunts, p50 of batches of 1,000", quantile(beside, 0.5), "ms", "");
      figure("acknowledged during hunts, p99 of batches of 1,000", quantile(beside, 0.99), "ms", "≤ 100");
      const [row] = await waglan.database.sql`select
        (select coalesce(sum(read), 0)::int from hunt) as read, (select count(*)::int from hit where hunted is not null) as hits`;
      process.stderr.write(
        `${beside.length} batches; hunts read ${String(row?.["read"])} records, ${String(row?.["hits"])} hits found backwards\n`,
      );
    } finally {
      await waglan.close();
    }
  } finally {
    await served.end("SIGTERM");
  }
};

try {
  const half = await filled(0, observations / 2);
  await measure([[`100,000 indicators over ${half}`, many, "< 3"]]);
  const whole = await filled(observations / 2, observations);
  await measure([
    [`one seldom seen over ${whole}`, [ipv4(addressOf(Math.floor(distinct * 0.77)))], "< 1"],
    [`one seen on most days over ${whole}`, [ipv4(addressOf(Math.floor(distinct / 80)))], "< 1"],
    [`one seen everywhere over ${whole}`, [ipv4(addressOf(1))], "< 1"],
    [`one never seen over ${whole}`, [ipv4("9.9.9.9")], "< 1"],
    [
      `one network, /20, over ${whole}`,
      [{ kind: "cidr", value: addressOf(distinct >> 1).replace(/\d+\.\d+$/, "16.0/20") }],
      "",
    ],
    [`10,000 networks over ${whole}`, networks, ""],
    [`100,000 indicators over ${whole}`, many, ""],
  ]);
  await serve();
  process.stderr.write(`load ${loadavg()[0]?.toFixed(1)}\n`);
} finally {
  prepared.remove();
}
