import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Observable } from "#core/observable.ts";
import { networks } from "#detect/networks.ts";
import { buildMatchIndex, type MatchEntry, type MatchIndex } from "#intel/match-index.ts";
import { scan } from "#jobs/scan/scan.ts";
import { formats } from "#telemetry/index.ts";
import { LineSplitter, type OnLine } from "#telemetry/lines.ts";
import { colliding, unrelated } from "./colliding.ts";
import { figure } from "./figure.ts";
import { fillerValues } from "./filler.ts";
import type { Scanned, ToScan } from "./scan-worker.ts";

// EVE lines of geneve.js against a million listed values (planted ones among them), as `waglan scan` does it. CPU time
// (user and system, all threads) of each size once after a warm-up; the rate is the slope between the sizes, so that
// start and compilation fall out. Then two threads over one table, by the clock and by each thread's own processor time (on a
// machine that others use, the clock says how busy they are); and a feed whose values all have one DJB2 or FNV hash, beside one
// of as many names as long. WAGLAN_BENCH=quick takes smaller files. Prints name, value, unit, goal.
const quick = process.env["WAGLAN_BENCH"] === "quick";
const [few, many] = quick ? [400_000, 1_200_000] : [200_000, 2_000_000];
const filler = 1_000_000;
/** Small enough to stay in a core's own cache between being read and being scanned. */
const chunkBytes = 65_536;
const generator = fileURLToPath(new URL("../../shared/corpora/detection/gen/geneve.js", import.meta.url));

interface Sample {
  readonly file: string;
  readonly planted: readonly { readonly line: number; readonly observable: Observable }[];
}

const folder = mkdtempSync(join(tmpdir(), "waglan-bench-"));
try {
  const samples = [few, many].map(generate);
  const [first, second] = [samples[0] as Sample, samples[1] as Sample];
  for (const [count, title, goal] of [
    [filler, "1 M indicators", ">= 400,000"],
    [5 * filler, "5 M indicators", ">= 350,000"],
  ] as const) {
    const entries = [...plantedEntries(samples), ...fillerEntries(count)];
    const before = process.cpuUsage();
    const index = buildMatchIndex(entries, new TextEncoder().encode("bench"), entries.length);
    const build = cpuSeconds(before);
    await run(first, index);
    const small = await run(first, index);
    const large = await run(second, index);
    const rate = (many - few) / (large.cpu - small.cpu);
    figure(`indicator match, EVE lines, ${title}`, rate, `events/CPU-s, load ${load()}`, goal);
    figure(`planted lines found, ${title}`, large.found, `of ${large.planted}`, "all");
    figure(`match table, ${title}`, index.bytes.table / index.size, "bytes/indicator", "<= 25");
    figure(`match arena (values), ${title}`, index.bytes.arena / index.size, "bytes/indicator", "");
    figure(`match index build, ${title}`, index.size / build, "indicators/CPU-s", "");
    if (count === filler) {
      figure(
        "indicator match, bytes read",
        (large.bytes - small.bytes) / (large.cpu - small.cpu) / 1e6,
        "MB/CPU-s",
        "",
      );
      await twoThreads(second.file, index);
    }
  }
  figure("the same lines, JSON.parse alone (peer)", parseRate(first.file), "events/CPU-s", "");
  collisions();

  async function run(
    sample: Sample,
    index: MatchIndex,
  ): Promise<{ cpu: number; bytes: number; found: number; planted: number }> {
    const start = process.cpuUsage();
    const going = scan({
      file: sample.file,
      chunks: chunksOf(sample.file),
      formats,
      index,
      own: networks(),
      about: () => ({ sources: ["bench"] }),
    });
    const hits = new Map<number, Set<string>>();
    for await (const hit of going.hits) {
      if (hit.detector !== "indicator-match") continue;
      const { line, indicator } = hit;
      const values = hits.get(line) ?? new Set();
      hits.set(line, values.add(indicator.value));
    }
    const cpu = cpuSeconds(start);
    const found = sample.planted.filter(({ line, observable }) => hits.get(line + 1)?.has(observable.value)).length;
    return { cpu, bytes: going.counts.bytes, found, planted: sample.planted.length };
  }
} finally {
  rmSync(folder, { recursive: true });
}

function generate(lines: number): Sample {
  const file = join(folder, `eve-${lines}.json`);
  const list = join(folder, `planted-${lines}.json`);
  execFileSync(process.execPath, [generator, String(lines), file, list]);
  const planted = JSON.parse(readFileSync(list, "utf8")) as { line: number; type: string; value: string }[];
  return {
    file,
    planted: planted.map(({ line, type, value }) => ({
      line,
      observable: { kind: type === "ip" ? "ipv4" : type === "domain" ? "domain" : "sha256", value },
    })),
  };
}

/** What any matcher pays that parses first, before it has looked up anything: text and JSON.parse of each line. */
function parseRate(file: string): number {
  const splitter = new LineSplitter();
  const parse: OnLine = (buffer, start, end) => {
    JSON.parse(Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start).toString("latin1"));
  };
  const start = process.cpuUsage();
  for (const chunk of chunksOf(file)) splitter.push(chunk, parse, () => {});
  return splitter.lines / cpuSeconds(start);
}

function* chunksOf(file: string): Iterable<Uint8Array> {
  const from = openSync(file, "r");
  try {
    const buffer = new Uint8Array(chunkBytes);
    for (let read = readSync(from, buffer); read > 0; read = readSync(from, buffer)) yield buffer.subarray(0, read);
  } finally {
    closeSync(from);
  }
}

function plantedEntries(samples: readonly Sample[]): readonly MatchEntry[] {
  const values = new Map(
    samples.flatMap(({ planted }) => planted.map(({ observable }) => [observable.value, observable])),
  );
  return [...values.values()].map((observable, id) => ({ id, observable }));
}

/** Small ids are the planted values'. */
function* fillerEntries(count: number): Iterable<MatchEntry> {
  let id = filler;
  for (const observable of fillerValues(count)) yield { id: id++, observable };
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

/** Events a second of one thread alone, and of two over the same table. */
async function twoThreads(file: string, index: MatchIndex): Promise<void> {
  const given: ToScan = { file, handles: index.handles(), rounds: 2 };
  const scanned = (): Promise<Scanned> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("./scan-worker.ts", import.meta.url), { workerData: given });
      worker.once("message", resolve);
      worker.once("error", reject);
    });
  const one = await scanned();
  const two = await Promise.all([scanned(), scanned()]);
  const ofCpu = (some: readonly Scanned[]): number => some.reduce((sum, { lines, cpu }) => sum + lines / cpu, 0);
  const ofClock = (some: readonly Scanned[]): number =>
    some.reduce((sum, { lines, seconds }) => sum + lines / seconds, 0);
  figure(
    "two threads over one table, by their processor time",
    ofCpu(two) / ofCpu([one]),
    `× one, load ${load()}`,
    ">= 1.7",
  );
  figure("two threads over one table, by the clock", ofClock(two) / ofClock([one]), `× one, load ${load()}`, ">= 1.7");
}

/** CPU seconds to build an index of names that collide under unkeyed hashes, by those of names that do not; best of three. */
function collisions(): void {
  const count = quick ? 200_000 : 1_000_000;
  const best = (names: readonly string[]): number => {
    const entries = names.map((value, id): MatchEntry => ({ id, observable: { kind: "domain", value } }));
    return Math.min(
      ...[1, 2, 3].map(() => {
        const before = process.cpuUsage();
        const { size } = buildMatchIndex(entries, new TextEncoder().encode("bench"), entries.length);
        if (size !== count) throw new Error(`${size} listed, wanted ${count}`);
        return cpuSeconds(before);
      }),
    );
  };
  for (const hash of ["djb2", "fnv1a"] as const) {
    const names = colliding(hash, count);
    const usual = best(unrelated(names));
    figure(
      `load of ${count.toLocaleString("en")} names of one ${hash} hash`,
      best(names) / usual,
      "× usual names",
      "<= 1.5",
    );
  }
}
