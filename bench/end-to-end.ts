import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { Agent, request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { collectFeed } from "#jobs/collect/feed.ts";
import { openState } from "#store/open.ts";
import { openWaglan } from "#wiring/waglan.ts";
import { prepare, Served } from "../test/crash-harness.ts";
import { eventLines, ruleTexts, sigmaHq, withoutCorpora } from "../test/sigma-corpora.ts";
import { figure } from "./figure.ts";
import { fillerValues } from "./filler.ts";

// A sensor posts; the real program, with the engines it brings, commits, matches against a million indicators and all the
// packaged rules (with the corpora beside: all of SigmaHQ's), and keeps history. bench/end-to-end.ts [EVENTS
// [INDICATORS]], a million each without; 10,000,000 shows whether memory is flat. Beside each rate of the clock stand the CPU-seconds of each process, for
// the machine may be shared: events a CPU-second of all of ours together are what two cores give half of each.
const asked = Number(process.argv[2] ?? (process.env["WAGLAN_BENCH"] === "quick" ? 200_000 : 1_000_000));
const indicators = Number(process.argv[3] ?? 1_000_000);
// the program that is measured knows no such setting
delete process.env["WAGLAN_BENCH"];
const generator = fileURLToPath(new URL("../../shared/corpora/detection/gen/geneve.js", import.meta.url));
/** Batches under way; a sensor that waits for each answer would measure the link. */
const atOnce = 3;
const linesOfBatch = 10_000;

if (withoutCorpora !== false || !existsSync(generator)) {
  process.stderr.write("end-to-end: the corpora are not beside this checkout, nothing measured\n");
  process.exit();
}

const batchesOf = (lines: readonly string[]): readonly { readonly lines: number; readonly body: Buffer }[] => {
  const batches: { lines: number; body: Buffer }[] = [];
  for (let at = 0; at < lines.length; at += linesOfBatch) {
    const some = lines.slice(at, at + linesOfBatch);
    // a plain body may have 8 MiB
    const half = some.length >> 1;
    const whole = Buffer.from(`${some.join("\n")}\n`);
    if (whole.length <= 8 << 20) batches.push({ lines: some.length, body: whole });
    else
      for (const part of [some.slice(0, half), some.slice(half)])
        batches.push({ lines: part.length, body: Buffer.from(`${part.join("\n")}\n`) });
  }
  return batches.filter(({ body }) => body.length <= 8 << 20);
};

const generated = (): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), "wgl-eve-"));
  try {
    execFileSync(process.execPath, [generator, "200000", join(folder, "eve.json")]);
    return readFileSync(join(folder, "eve.json"), "utf8").trim().split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const prepared = await prepare("on");
const withRules = join(prepared.data, "rules/sigmahq");
for (const { path, text } of ruleTexts(sigmaHq)) {
  mkdirSync(dirname(join(withRules, path)), { recursive: true });
  writeFileSync(join(withRules, path), text);
}
appendFileSync(join(prepared.data, "waglan.yaml"), `rules:\n  folders: [waglan, rules/sigmahq]\n`);
writeFileSync(
  join(prepared.data, "feeds/c2.txt"),
  [...fillerValues(indicators)].map(({ value }) => `${value}\n`).join(""),
);
{
  const waglan = await openWaglan({ ...prepared.config, history: { ...prepared.config.history, off: true } });
  for (const source of waglan.sources) await collectFeed(waglan.collecting, source, { acceptHeld: true });
  const [row] = await waglan.database.sql`select count(*)::int as n from claim`;
  figure("end to end: indicators in the store", Number(row?.["n"]), "indicators", "");
  await waglan.close();
}

const served = new Served(prepared, { WAGLAN_HISTORY_OFF: "false", WAGLAN_TELEMETRY_WAITING: "64" });
const base = await served.listening;
if (base === undefined) throw new Error(`waglan ended: ${served.said}`);
const db = await openState({ dataDir: prepared.data }, { applicationName: "bench", embedded: { join: true } });

interface Spent {
  readonly name: string;
  readonly cpu: number;
  readonly rss: number;
}

/** Every process that this one started: what it is, what it has spent, what it holds. */
const spent = (): readonly Spent[] => {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const found = new Map<string, { parent: string; name: string; cpu: number; rss: number }>();
  for (const pid of all) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const line = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
      const name = line.includes("history/child") ? "history" : line.includes("postgres") ? "postgres" : "waglan";
      const rss = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1] ?? 0) * 1024;
      const cpu = (Number(fields[11]) + Number(fields[12])) / 100;
      found.set(pid, { parent: fields[1] ?? "", name, cpu, rss });
    } catch {
      // it ended while we looked, or is another's
    }
  }
  const ours = (pid: string): boolean =>
    pid === String(process.pid) || (found.has(pid) && ours(found.get(pid)?.parent ?? ""));
  return [...found].filter(([pid]) => pid !== String(process.pid) && ours(pid)).map(([, one]) => one);
};

/** PostgreSQL of ours is no child of ours for long: it is told by the folder. */
const sums = (some: readonly Spent[]): ReadonlyMap<string, { cpu: number; rss: number }> => {
  const by = new Map<string, { cpu: number; rss: number }>();
  for (const { name, cpu, rss } of some) {
    const known = by.get(name) ?? { cpu: 0, rss: 0 };
    by.set(name, { cpu: known.cpu + cpu, rss: known.rss + rss });
  }
  return by;
};

const progress = async (): Promise<{ matched: number; stored: number; lines: number; rejected: number }> => {
  const [row] = await db.sql`select count(*) filter (where matched is not null)::int as matched,
      count(*) filter (where stored is not null)::int as stored, coalesce(sum(lines), 0)::int as lines,
      (select count(*)::int from telemetry_rejected) as rejected from telemetry_batch`;
  return row as unknown as { matched: number; stored: number; lines: number; rejected: number };
};

const agent = new Agent({ keepAlive: true });

/** Posts one batch, with as little work as may be: the sender runs on the cores that are measured. */
const send = (
  url: string,
  key: string,
  body: Buffer,
  packed: boolean,
): Promise<{ readonly status: number; readonly retryAfter: number }> =>
  new Promise((done, failed) => {
    const headers = {
      ...{ authorization: `Bearer ${prepared.token}`, "content-type": "application/x-ndjson" },
      ...{ "idempotency-key": key, "content-length": body.length, ...(packed ? { "content-encoding": "gzip" } : {}) },
    };
    const asked = request(url, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        done({ status: answer.statusCode ?? 0, retryAfter: Number(answer.headers["retry-after"] ?? 1) }),
      );
      answer.on("error", failed);
    });
    asked.on("error", failed);
    asked.end(body);
  });

let posted = 0;

/** Posts until `wanted` events are in, then waits until they are matched, and until they are kept. */
const run = async (
  title: string,
  format: string,
  batches: readonly { readonly lines: number; readonly body: Buffer }[],
  wanted: number,
  goal: string,
  packed: boolean,
): Promise<void> => {
  const bodies = packed ? batches.map(({ body, lines }) => ({ lines, body: gzipSync(body, { level: 1 }) })) : batches;
  const before = sums(spent());
  const start = await progress();
  const first = posted;
  const took: number[] = [];
  const began = performance.now();
  let events = 0;
  let next = 0;
  let busy = 0;
  const memory: string[] = [];
  const post = async (): Promise<void> => {
    while (events < wanted) {
      const batch = bodies[next++ % bodies.length];
      if (!batch) return;
      events += batch.lines;
      const key = `bench-${posted++}`;
      for (;;) {
        const from = performance.now();
        const { status, retryAfter } = await send(`${base}/api/v1/telemetry?format=${format}`, key, batch.body, packed);
        if (status === 202) {
          took.push(performance.now() - from);
          break;
        }
        if (status !== 503 && status !== 429) throw new Error(`answered ${status}`);
        busy++;
        await wait(retryAfter * 1000);
      }
    }
  };
  const tell = setInterval(() => {
    const mark = Math.floor(events / 2_000_000);
    if (mark > memory.length && wanted > 2_000_000) {
      const now = sums(spent());
      memory.push([...now].map(([name, { rss }]) => `${name} ${Math.round(rss / 2 ** 20)}`).join(", "));
      process.stderr.write(`${events} events: MiB ${memory.at(-1)}\n`);
    }
  }, 2000);
  await Promise.all(Array.from({ length: atOnce }, post));
  const until = async (what: "matched" | "stored"): Promise<number> => {
    for (;;) {
      const now = await progress();
      if (now[what] - start[what] >= posted - first) return (performance.now() - began) / 1000;
      if (served.ended) throw new Error(`waglan ended: ${served.said}`);
      await wait(100);
    }
  };
  const matched = await until("matched");
  const stored = await until("stored");
  clearInterval(tell);
  const after = sums(spent());
  const done = await progress();
  if (done.lines - start.lines !== events) throw new Error(`${done.lines - start.lines} lines, posted ${events}`);
  const load = `, load ${(loadavg()[0] ?? 0).toFixed(1)}`;
  const cpu = [...after].map(([name, now]) => [name, now.cpu - (before.get(name)?.cpu ?? 0)] as const);
  const total = cpu.reduce((sum, [, seconds]) => sum + seconds, 0);
  figure(`end to end: ${title}, committed, matched and ruled`, events / matched, `events/s${load}`, goal);
  figure(`end to end: ${title}, and history kept`, events / stored, `events/s${load}`, goal);
  figure(`end to end: ${title}, what two cores of one's own give`, (2 * events) / total, "events/s (CPU)", goal);
  for (const [name, seconds] of cpu)
    figure(`end to end: ${title}, ${name}`, (seconds / events) * 1e6, "CPU-µs/event", "");
  took.sort((a, b) => a - b);
  const share = (of: number): number => took[Math.min(took.length - 1, Math.floor(took.length * of))] ?? 0;
  figure(
    `end to end: ${title}, acknowledgement p50 of ${took.length}, ${busy} times told to wait`,
    share(0.5),
    "ms",
    "",
  );
  figure(`end to end: ${title}, acknowledgement p99`, share(0.99), `ms${load}`, "");
  for (const [at, text] of memory.entries())
    figure(
      `end to end: ${title}, memory at ${(at + 1) * 2} M`,
      Number(/waglan (\d+)/.exec(text)?.[1] ?? 0),
      `MiB waglan (${text})`,
      "flat",
    );
};

/** Until what was set going by the start has come to rest: hunts for what is listed, and for what the rules say of what came. */
const rest = async (): Promise<void> => {
  for (let seconds = 0; seconds < 180; seconds++) {
    const [row] = await db.sql`select count(*) filter (where kind = 'rule')::int as rules,
        count(*) filter (where state in ('waiting', 'running'))::int as open from hunt_cause`;
    if (row?.["rules"] !== 0 && row?.["open"] === 0) break;
    await wait(1000);
  }
  const cpu = (): number => [...sums(spent()).values()].reduce((sum, one) => sum + one.cpu, 0);
  for (let before = cpu(), quiet = 0; quiet < 3; ) {
    await wait(1000);
    const now = cpu();
    quiet = now - before < 0.2 ? quiet + 1 : 0;
    before = now;
  }
};

try {
  // the match index is built by the first batch, rules are compiled, and a second thread is started when the first was busy for five
  // seconds, with its own: not what is measured
  const eve = batchesOf(generated());
  const windows = batchesOf(eventLines("otrf"));
  await run("warm-up", "suricata-eve", eve.slice(0, 2), 20_000, "", true);
  await run("warm-up, Windows", "windows-json", windows.slice(0, 2), 10_000, "", true);
  await rest();
  await run("warm-up, both threads", "suricata-eve", eve, 400_000, "", true);
  await run("network (EVE, gzip)", "suricata-eve", eve, asked, "≥ 60,000", true);
  await rest();
  await run("network (EVE, plain)", "suricata-eve", eve, Math.min(asked, 200_000), "≥ 60,000", false);
  await rest();
  await run("Windows (OTRF, gzip)", "windows-json", windows, Math.min(asked, 1_000_000), "≥ 30,000", true);
} finally {
  await db.close();
  await served.end("SIGTERM");
  prepared.remove();
}
