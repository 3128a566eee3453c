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
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createGzip, gunzipSync } from "node:zlib";
import { instant } from "#core/instant.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { RowPacker } from "#jobs/edge/rows.ts";
import { huntPage, quarryOf, seenOf } from "#jobs/hunt-past.ts";
import { readParcel } from "#jobs/sensors/read-parcel.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { SegmentLog } from "#segments/log.ts";
import { SegmentPast } from "#segments/past.ts";
import { figure } from "./figure.ts";
import { eveLine, planted } from "./sensor-load.ts";

// The sensor at a department's load: its own process under `bin/waglan`, 1 M indicators and all rules from a centre in this
// process, 5,000 EVE events a second written to the file it follows. And one indicator in a local past of 10 M observations.
// `npm run bench -- sensor`; WAGLAN_BENCH_SECONDS makes it shorter or longer.
const root = new URL("../", import.meta.url).pathname;
const seconds = Number(process.env["WAGLAN_BENCH_SECONDS"] ?? 150);
const rate = 5_000;
const indicators = 1_000_000;
const token = "wgl_a_token_of_the_bench";
const data = mkdtempSync(join(tmpdir(), "waglan-bench-sensor-"));

const rulesBelow = (folder: string): { readonly path: string; readonly text: string }[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".yml"))
        .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }))
    : [];
const named = process.env["WAGLAN_BENCH_RULES"];
const files = named === undefined ? rulesBelow(join(root, "sample/rules")) : rulesBelow(named);
const rules = JSON.stringify({ version: "bench", packs: [{ name: "bench", files }], decisions: [] });

function* knowledge(): Generator<string> {
  const head = {
    version: 1,
    cursor: "1",
    full: true,
    sensor: { key: "bench", format: "suricata-eve", networks: ["192.0.2.0/24"] },
  };
  yield `${JSON.stringify({ head: { ...head, policy: { hash: "ab".repeat(32) } } })}\n`;
  yield `${JSON.stringify({ add: { kind: "ipv4", value: planted } })}\n`;
  for (let n = 1; n < indicators; n++) {
    const kind = n % 10;
    const value =
      kind < 5
        ? { kind: "ipv4", value: `${100 + (n % 23)}.${(n >> 4) & 255}.${(n >> 12) & 255}.${n % 251}` }
        : kind < 8
          ? { kind: "domain", value: `host${n}.listed${n % 5000}.example` }
          : { kind: "sha256", value: n.toString(16).padStart(64, "0") };
    yield `${JSON.stringify({ add: { ...value, ...(n % 2 === 0 ? { until: 4_000_000_000_000 } : {}) } })}\n`;
  }
  yield `${JSON.stringify({ end: { cursor: "1", lines: indicators + 2 } })}\n`;
}

let lines = 0;
let hits = 0;
let refused = 0;
const server = createServer((request, response) => {
  const url = request.url ?? "";
  if (url.startsWith("/api/v1/sensor/knowledge?since=")) response.end([...shortDelta()].join(""));
  else if (url.startsWith("/api/v1/sensor/knowledge")) {
    const gzip = createGzip();
    response.writeHead(200, { "content-encoding": "gzip" });
    gzip.pipe(response);
    void (async () => {
      for (const line of knowledge())
        if (!gzip.write(line)) await new Promise<void>((done) => gzip.once("drain", done));
      gzip.end();
    })();
  } else if (url === "/api/v1/sensor/rules")
    response
      .writeHead(request.headers["if-none-match"] ? 304 : 200, { etag: '"bench"' })
      .end(request.headers["if-none-match"] ? "" : rules);
  else if (url === "/api/v1/sensor/asks") response.end('{"asks":[],"cancelled":[]}');
  else {
    const parts: Uint8Array[] = [];
    request.on("data", (part: Uint8Array) => parts.push(part));
    request.on("end", () => {
      const parcel = readParcel(gunzipSync(Buffer.concat(parts)), instant(Date.now()));
      refused += parcel.refused.length;
      for (const { said } of parcel.content) {
        if ("match" in said) hits++;
        if ("state" in said) lines += said.state.lines;
      }
      response.writeHead(202).end('{"batch":1,"duplicate":false}');
    });
  }
});
let delta = 1;
function* shortDelta(): Generator<string> {
  const head = {
    version: 1,
    cursor: String(++delta),
    full: false,
    sensor: { key: "bench", format: "suricata-eve", networks: ["192.0.2.0/24"] },
  };
  yield `${JSON.stringify({ head: { ...head, policy: { hash: "ab".repeat(32) } } })}\n`;
  for (let n = 0; n < 100; n++)
    yield `${JSON.stringify({ add: { kind: "domain", value: `delta${delta}-${n}.example` } })}\n`;
  yield `${JSON.stringify({ end: { cursor: String(delta), lines: 102 } })}\n`;
}
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const centre = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const eve = join(data, "eve.json");
writeFileSync(eve, "");
writeFileSync(join(data, "token"), token);

const start = () =>
  spawn(
    join(root, "bin/waglan"),
    [
      ...["sensor", "run", "--key", "bench", "--server", centre, "--token-file", join(data, "token")],
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
// until it has read what it knows
for (let spent = -1, tries = 0; tries < 60 && (cpuOf() - spent > 0.3 || tries < 5); tries++) {
  spent = cpuOf();
  await wait(2000);
}
const idle = statOf("VmRSS");
const before = cpuOf();
const began = Date.now();
let written = 0;
let plantedLines = 0;
let most = 0;
while (Date.now() - began < seconds * 1000) {
  let text = "";
  const due = Math.floor(((Date.now() - began) / 1000) * rate);
  for (; written < due; written++) {
    if (written % 1000 === 0) plantedLines++;
    text += eveLine(written, Date.now());
  }
  if (text !== "") appendFileSync(eve, text);
  most = Math.max(most, statOf("VmRSS"));
  await wait(200);
}
// what it did not keep up with it takes now; counts come each minute
while (lines < written && Date.now() - began < (seconds + 120) * 1000) {
  most = Math.max(most, statOf("VmRSS"));
  await wait(500);
}
const cpu = cpuOf() - before;
const tookSeconds = (Date.now() - began) / 1000;
const peak = statOf("VmHWM");
const children = readFileSync(`/proc/${sensor.pid}/task/${sensor.pid}/children`, "latin1").trim();
await wait(3000);
sensor.kill("SIGTERM");
await ended(sensor);
const last = start();
await wait(5000);
while (lines < written && Date.now() - began < (seconds + 90) * 1000) await wait(500);
last.kill("SIGTERM");
await ended(last);
server.close();
server.closeAllConnections();

figure(`sensor: resident, ${files.length} rules and 1 M indicators, no events`, idle, "MiB", "");
figure(`sensor: resident at 5,000 events/s, most of ${seconds} s`, most, "MiB", "≤ 190.7 (200 MB)");
figure("sensor: resident, peak since its start", peak, "MiB", "≤ 190.7 (200 MB)");
figure("sensor: processes beside it", children === "" ? 0 : children.split(" ").length, "", "0");
figure("sensor: CPU of one core", (cpu / tookSeconds) * 100, "%", "");
figure("sensor: events", lines / cpu, "events/CPU-s", "");
figure("sensor: events taken of those written", lines / written, "", "1");
figure("sensor: planted hits told of those planted", hits / plantedLines, "", "1");
figure("sensor: lines of parcels refused", refused, "", "0");
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
