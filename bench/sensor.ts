import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { instant } from "#core/instant.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { RowPacker } from "#jobs/edge/rows.ts";
import { huntPage, quarryOf, seenOf } from "#jobs/hunt-past.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import type { SensorAsk } from "#jobs/sensors/wire.ts";
import { SegmentLog } from "#segments/log.ts";
import { SegmentPast } from "#segments/past.ts";
import { figure } from "./figure.ts";
import { openBenchCentre } from "./sensor-centre.ts";
import { eveLine, planted } from "./sensor-load.ts";

// The sensor at a department's load: its own process under `bin/waglan`, 1 M indicators and all rules from a centre in this
// process, 5,000 EVE events a second written to the file it follows; values come each minute and are hunted, a rule is added, and
// a pattern is asked of all that it keeps meanwhile. And one indicator in a local past of 10 M observations.
// `npm run bench -- sensor`; WAGLAN_BENCH_SECONDS makes it shorter or longer, WAGLAN_BENCH_RULES names a folder of rules,
// WAGLAN_BENCH_TRACE a file for its memory five times a second.
const root = new URL("../", import.meta.url).pathname;
const seconds = Number(process.env["WAGLAN_BENCH_SECONDS"] ?? 150);
const rate = 5_000;
const data = mkdtempSync(join(tmpdir(), "waglan-bench-sensor-"));
const centre = await openBenchCentre(1_000_000, process.env["WAGLAN_BENCH_RULES"] ?? join(root, "sample/rules"));
const { taken } = centre;
const eve = join(data, "eve.json");
writeFileSync(eve, "");
writeFileSync(join(data, "token"), centre.token);

const start = () =>
  spawn(
    join(root, "bin/waglan"),
    [
      ...["sensor", "run", "--key", "bench", "--server", centre.url, "--token-file", join(data, "token")],
      ...["--data", join(data, "sensor"), "--follow", eve, "--format", "suricata-eve"],
    ],
    { stdio: ["ignore", "ignore", "inherit"], cwd: data },
  );
const ended = (child: ReturnType<typeof start>): Promise<void> =>
  new Promise((done) => child.once("close", () => done()));

// the first run learns, and leaves its compiled code in the cache; what is measured is the second, as after any restart
const first = start();
while (!existsSync(join(data, "sensor/rules.json")) || !existsSync(join(data, "sensor/knowledge.json")))
  await wait(200);
await wait(2000);
first.kill("SIGTERM");
await ended(first);

const sensor = start();
const statOf = (name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${sensor.pid}/status`, "latin1"))?.[1] ?? 0) / 1024;
const cpuOf = (): number => {
  const stat = readFileSync(`/proc/${sensor.pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const trace = process.env["WAGLAN_BENCH_TRACE"];
const begun = Date.now();
let phase = "start";
/** The most there was in each phase, by samples; what is between two of them is in the peak of all. */
const most = new Map<string, number>();
const look = (): void => {
  const resident = statOf("VmRSS");
  most.set(phase, Math.max(most.get(phase) ?? 0, resident));
  if (trace !== undefined)
    appendFileSync(
      trace,
      `${((Date.now() - begun) / 1000).toFixed(1)} ${resident.toFixed(1)} ${statOf("RssAnon").toFixed(1)} ${statOf("RssFile").toFixed(1)} ${statOf("VmHWM").toFixed(1)} ${cpuOf()} ${phase}\n`,
    );
};
const timer = setInterval(look, 200);
// until it has read what it knows
for (let spent = -1, tries = 0; tries < 60 && (cpuOf() - spent > 0.3 || tries < 5); tries++) {
  spent = cpuOf();
  await wait(2000);
}
const idle = statOf("VmRSS");
const before = cpuOf();
const began = Date.now();
phase = "events";
let written = 0;
let plantedLines = 0;
const asked: SensorAsk = {
  ...{ id: "00000000-0000-4000-8000-000000000001", purpose: "bench", by: "bench", from: instant(0) },
  to: instant(began + 86_400_000),
  what: {
    observables: [],
    records: {
      pattern: "([network-traffic:src_byte_count > 9890] FOLLOWEDBY [network-traffic:dst_port = 81]) WITHIN 60 SECONDS",
    },
  },
};
const added =
  "title: Added\nid: 5f0c2f6e-41d5-4c39-8f0a-111111111111\nstatus: test\nlevel: high\nlogsource: { category: dns }\ndetection:\n  a: { query: nowhere.example }\n  condition: a\n";
/** What happens beside the events, by shares of the time. */
const happens = [
  { at: 0.2, name: "delta of 20,000 values", work: () => (centre.deltaValues = 20_000) },
  { at: 0.4, name: "a pattern is asked", work: () => (centre.asks = [asked]) },
  { at: 0.55, name: "a rule is added", work: () => centre.addRule(added) },
];
while (Date.now() - began < seconds * 1000) {
  const next = happens[0];
  if (next !== undefined && Date.now() - began >= next.at * seconds * 1000) {
    next.work();
    phase = next.name;
    happens.shift();
  }
  let text = "";
  const due = Math.floor(((Date.now() - began) / 1000) * rate);
  for (; written < due; written++) {
    if (written % 1000 === 0) plantedLines++;
    text += eveLine(written, Date.now());
  }
  if (text !== "") appendFileSync(eve, text);
  await wait(200);
}
phase = "after";
// what it did not keep up with it takes now; counts come each minute
while (taken.lines < written && Date.now() - began < (seconds + 120) * 1000) await wait(500);
const cpu = cpuOf() - before;
const tookSeconds = (Date.now() - began) / 1000;
await wait(3000);
const peak = statOf("VmHWM");
const children = readFileSync(`/proc/${sensor.pid}/task/${sensor.pid}/children`, "latin1").trim();
clearInterval(timer);
sensor.kill("SIGTERM");
await ended(sensor);
const last = start();
await wait(5000);
while (taken.lines < written && Date.now() - began < (seconds + 90) * 1000) await wait(500);
last.kill("SIGTERM");
await ended(last);
centre.close();

figure(`sensor: resident, ${centre.rules} rules and 1 M indicators, no events`, idle, "MiB", "");
for (const [name, resident] of most)
  figure(`sensor: resident, most of ${seconds} s: ${name}`, resident, "MiB", "≤ 190.7 (200 MB)");
figure("sensor: resident, peak since its start", peak, "MiB", "≤ 190.7 (200 MB)");
figure("sensor: processes beside it", children === "" ? 0 : children.split(" ").length, "", "0");
figure("sensor: CPU of one core", (cpu / tookSeconds) * 100, "%", "");
figure("sensor: events", taken.lines / cpu, "events/CPU-s", "");
figure("sensor: events taken of those written", taken.lines / written, "", "1");
figure("sensor: planted hits told of those planted", taken.hits / plantedLines, "", "1");
figure("sensor: records asked of the pattern by then", taken.looked, "", "");
figure("sensor: lines of parcels refused", taken.refused, "", "0");
figure(
  "sensor: history and log",
  statSync(eve).size / Math.max(1, sizeOf(join(data, "sensor/log"))),
  "× smaller than EVE",
  "",
);

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

// ── one indicator over 10 M observations ──
const secret = "cd".repeat(32);
const fingerprint = new Fingerprint64(fingerprintKey(Buffer.from(secret)));
const log = new SegmentLog(join(data, "past"), fingerprint, instant(Date.now()));
const observations = 10_000_000;
const perBatch = 5_000;
for (let record = 0; record < observations / 5; record += perBatch) {
  const packer = new RowPacker(
    fingerprint,
    (value) => value,
    (value) => log.knows(value),
  );
  for (let n = record; n < record + perBatch; n++) {
    const seen = [
      { kind: "ipv4", value: `192.0.2.${n % 200}` },
      { kind: "ipv4", value: n % 400_000 === 7 ? planted : `203.${n & 127}.${(n >> 7) & 255}.${n % 251}` },
      { kind: "domain", value: `www${n % 3000}.site${n % 700}.example` },
      { kind: "ipv4", value: `198.18.${(n >> 3) & 255}.${n & 7}` },
      { kind: "domain", value: `cdn${n % 50}.example` },
    ] as const;
    for (const [nth, one] of seen.entries())
      packer.observed({
        time: instant(1_790_000_000_000 + n),
        seen: one,
        where: nth === 0 ? "source" : nth === 1 ? "destination" : "dns-query",
        direction: "outbound",
        port: 0,
        line: n,
        nth,
      });
    packer.recorded({
      time: instant(1_790_000_000_000 + n),
      event: "flow",
      line: n - record + 1,
      text: `flow ${n}`,
      source: `192.0.2.${n % 200}`,
    });
  }
  const at = instant(1_790_000_000_000 + record);
  log.append(
    {
      ...{ kind: "batch", at, received: at, format: "suricata-eve", lines: perBatch, rejected: {}, lagMs: 0 },
      out: [],
      days: [],
    },
    packer.end({ sensor: "bench", format: "suricata-eve", received: at }),
  );
  log.roll(at);
}
const past = new SegmentPast(log, fingerprint);
const times: number[] = [];
let found = 0;
for (let n = 0; n < 5; n++) {
  const from = performance.now();
  const quarry = quarryOf([{ kind: "ipv4", value: planted }], secret);
  const ground = { scope: "all", from: instant(0), to: instant(2_000_000_000_000) } as const;
  const page = await huntPage(past, quarry, await seenOf(past, quarry, ground), ground, undefined, 1000, () => [
    "192.0.2.0/24",
  ]);
  times.push(performance.now() - from);
  found = page.records.length;
}
log.close();
figure(
  "sensor: one indicator over 10 M local observations, median",
  times.toSorted((a, b) => a - b)[2] ?? 0,
  "ms",
  "< 1,000",
);
figure("sensor: records found of those planted", found / Math.ceil(observations / 5 / 400_000), "", "1");
rmSync(data, { recursive: true, force: true });
