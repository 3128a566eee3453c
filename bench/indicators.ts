import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Observable } from "#core/observable.ts";
import { networks } from "#detect/networks.ts";
import { buildMatchIndex, type MatchEntry } from "#intel/match-index.ts";
import { scan } from "#jobs/scan.ts";
import { formats } from "#telemetry/index.ts";
import { LineSplitter, type OnLine } from "#telemetry/lines.ts";
import { figure } from "./figure.ts";

// EVE lines of geneve.js against a million listed values (planted ones among them), as `waglan scan` does it. CPU time
// (user and system, all threads) of each size once after a warm-up; the rate is the slope between the sizes, so that
// start and compilation fall out. WAGLAN_BENCH=quick takes smaller files. Prints name, value, unit, goal.
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
  const entries = [...plantedEntries(samples), ...fillerEntries()];
  const before = process.cpuUsage();
  const index = buildMatchIndex(entries, new TextEncoder().encode("bench"), entries.length);
  const build = cpuSeconds(before);
  await run(samples[0] as Sample);
  const small = await run(samples[0] as Sample);
  const large = await run(samples[1] as Sample);
  figure(
    "indicator match, EVE lines, 1 M indicators",
    (many - few) / (large.cpu - small.cpu),
    "events/CPU-s",
    ">= 400,000",
  );
  figure("indicator match, bytes read", (large.bytes - small.bytes) / (large.cpu - small.cpu) / 1e6, "MB/CPU-s", "");
  figure("the same lines, JSON.parse alone (peer)", parseRate((samples[0] as Sample).file), "events/CPU-s", "");
  figure("planted lines found", large.found, `of ${large.planted}`, "all");
  figure("match table", index.bytes.table / index.size, "bytes/indicator", "<= 25");
  figure("match arena (values)", index.bytes.arena / index.size, "bytes/indicator", "");
  figure("match index build", index.size / build, "indicators/CPU-s", "");

  async function run(sample: Sample): Promise<{ cpu: number; bytes: number; found: number; planted: number }> {
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

/** Four names, three addresses, two hashes and a URL of ten; the same in every run (xorshift32). */
function* fillerEntries(): Iterable<MatchEntry> {
  let state = 12_345;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < filler; i++) {
    const id = filler + i;
    const nth = i % 10;
    if (nth < 4)
      yield { id, observable: { kind: "domain", value: `x${random().toString(36)}.bad${random() % 100_000}.com` } };
    else if (nth < 7) {
      const value = `${1 + (random() % 222)}.${random() % 256}.${random() % 256}.${random() % 256}`;
      yield { id, observable: { kind: "ipv4", value } };
    } else if (nth < 9) {
      const value = Array.from({ length: 8 }, () => random().toString(16).padStart(8, "0")).join("");
      yield { id, observable: { kind: "sha256", value } };
    } else
      yield {
        id,
        observable: { kind: "url", value: `http://h${random().toString(36)}.example/${random().toString(36)}` },
      };
  }
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}
