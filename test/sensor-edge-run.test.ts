import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { createSocket } from "node:dgram";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { instant } from "#core/instant.ts";
import { readParcel } from "#jobs/sensors/read-parcel.ts";
import type { ParcelContent, ParcelState } from "#jobs/sensors/parcel.ts";
import { sensor } from "#wiring/sensor.ts";
import { hashOfTest, networksOfTest } from "./sensor-edge-centre.ts";
import { aCentre, bad, department, event } from "./sensor-edge-department.ts";

const indicatorLines = (said: readonly ParcelContent[]): readonly number[] =>
  said.flatMap((line) => ("match" in line ? [(JSON.parse(line.match.text) as { flow_id: number }).flow_id] : []));
const states = (said: readonly ParcelContent[]): readonly ParcelState[] =>
  said.flatMap((line) => ("state" in line ? [line.state] : []));

test("what is listed is told once, over restarts; the rest stays, minimised", async () => {
  const centre = await aCentre();
  centre.values = [{ kind: "ipv4", value: bad }];
  const here = department(centre);
  const secret = {
    event_type: "http",
    http: { hostname: "shop.example", http_method: "GET", url: "/?token=hunter2", cookie: "sid=1" },
  };
  writeFileSync(here.log, event(1, bad, secret) + event(2, "203.0.113.9"));
  await here.run();
  await here.run();
  appendFileSync(here.log, event(3, bad) + event(4, "203.0.113.9"));
  await here.run();
  assert.deepEqual(indicatorLines(centre.content()), [1, 3]);
  assert.equal(
    states(centre.content()).reduce((sum, { lines }) => sum + lines, 0),
    4,
  );
  const text = JSON.stringify(centre.content());
  assert.ok(!text.includes("hunter2") && !text.includes("203.0.113.9"));
  for (const name of readdirSync(join(here.folder, "data/log")))
    assert.ok(!readFileSync(join(here.folder, "data/log", name)).includes("hunter2"));
  assert.deepEqual(
    [...centre.parcels.values()].flatMap(({ refused }) => refused),
    [],
  );
  const sent = [...sensor.sent(join(here.folder, "data"), instant(0))];
  assert.equal(sent.length, centre.parcels.size);
  assert.deepEqual(
    sent.map(({ number }) => number),
    sent.map((_, at) => at + 1),
  );
});

test("a centre that is long away loses nothing: parcels wait and are handed over in their order, each under its key", async () => {
  const centre = await aCentre();
  centre.values = [{ kind: "ipv4", value: bad }];
  const here = department(centre);
  writeFileSync(here.log, event(1, bad));
  await here.run();
  centre.status = 503;
  for (const n of [2, 3, 4]) {
    appendFileSync(here.log, event(n, bad));
    await here.run();
  }
  assert.deepEqual(indicatorLines(centre.content()), [1]);
  assert.ok(here.told.some(({ code }) => code === "WGL_SENSOR_SERVER"));
  assert.ok(sensor.status(join(here.folder, "data")).waiting.parcels >= 3);
  centre.status = 200;
  await here.run();
  assert.deepEqual(indicatorLines(centre.content()), [1, 2, 3, 4]);
  assert.equal(new Set(centre.deliveries).size, centre.deliveries.length);
});

test("a token the centre does not know is said, and nothing is lost by it", async () => {
  const centre = await aCentre();
  const here = department(centre);
  writeFileSync(join(here.folder, "token"), "wgl_another\n");
  writeFileSync(here.log, event(1, bad));
  await here.run();
  assert.ok(here.told.some(({ code }) => code === "WGL_SENSOR_TOKEN"));
  assert.equal(centre.parcels.size, 0);
  assert.ok(sensor.status(join(here.folder, "data")).waiting.parcels > 0);
});

test("knowledge that breaks off leaves what was known in force", async () => {
  const centre = await aCentre();
  centre.values = [{ kind: "ipv4", value: bad }];
  const here = department(centre);
  writeFileSync(here.log, event(1, bad));
  await here.run();
  centre.change([{ kind: "domain", value: "new.example" }], [{ kind: "ipv4", value: bad }]);
  for (const cut of [0, 12, 60]) {
    centre.breakAt = cut;
    appendFileSync(here.log, event(10 + cut, bad));
    await here.run();
  }
  assert.deepEqual(indicatorLines(centre.content()), [1, 10, 22, 70]);
  assert.ok(here.told.some(({ code }) => code === "WGL_SENSOR_BROKEN"));
  centre.breakAt = undefined;
  appendFileSync(here.log, event(99, bad));
  const { status } = await here.run();
  assert.deepEqual(indicatorLines(centre.content()), [1, 10, 22, 70]);
  assert.deepEqual([status.values, status.cursor], [1, "2"]);
});

test("a value that is new is hunted in the local past, back-dated and once; its direction and place as they were", async () => {
  const centre = await aCentre();
  const here = department(centre);
  writeFileSync(here.log, event(1, bad) + event(2, "203.0.113.9") + event(3, bad));
  await here.run();
  assert.deepEqual(indicatorLines(centre.content()), []);
  centre.change([{ kind: "cidr", value: "198.51.100.0/24" }]);
  await here.run();
  await here.run();
  assert.deepEqual(indicatorLines(centre.content()), [1, 3]);
  const found = centre.content().filter((line) => "match" in line);
  for (const line of found) {
    assert.ok("match" in line && line.back === true);
    assert.deepEqual(
      [line.match.direction, line.match.where, line.match.own],
      ["outbound", "destination", "192.0.2.14"],
    );
    assert.ok(line.match.time < Date.now() - 50_000);
  }
});

test("a question to the past is answered in pages under its purpose; one that is taken back is not", async () => {
  const centre = await aCentre();
  const here = department(centre);
  writeFileSync(here.log, Array.from({ length: 900 }, (_, n) => event(n, n % 2 === 0 ? bad : "203.0.113.9")).join(""));
  await here.run();
  const ask = (id: string, value: string) => ({
    ...{
      id,
      purpose: "case 41, phishing of the payroll",
      by: "duty officer",
      from: instant(0),
      to: instant(Date.now() + 1e6),
    },
    what: { observables: [{ kind: "ipv4" as const, value }] },
  });
  const [one, two] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
  centre.asks = { asks: [ask(one, bad), ask(two, "203.0.113.77")], cancelled: [] };
  const { status } = await here.run();
  await here.run();
  const answers = centre.content().flatMap((line) => ("answer" in line ? [line.answer] : []));
  const first = answers.filter(({ ask: of }) => of === one);
  assert.equal(
    first.reduce((sum, { matches }) => sum + matches.length, 0),
    450,
  );
  assert.deepEqual(
    first.map(({ page }) => page),
    first.map((_, at) => at + 1),
  );
  assert.deepEqual(
    [first.at(-1)?.count, first.at(-1)?.done, first.at(-1)?.days.reduce((sum, { n }) => sum + n, 0)],
    [450, true, 450],
  );
  assert.deepEqual(
    answers.filter(({ ask: of }) => of === two).map(({ count, done }) => [count, done]),
    [[0, true]],
  );
  assert.deepEqual(
    status.asks.map(({ purpose, answered }) => [purpose, answered]),
    [
      ["case 41, phishing of the payroll", true],
      ["case 41, phishing of the payroll", true],
    ],
  );
  // a hit's indicator is what was asked, though it is listed nowhere
  assert.equal(first[0]?.matches[0]?.indicator.value, bad);
});

test("bad input is counted by format and reason, and stops nothing", async () => {
  const centre = await aCentre();
  centre.values = [{ kind: "ipv4", value: bad }];
  const here = department(centre);
  const torn = event(2, bad).slice(0, 40);
  writeFileSync(
    here.log,
    `${event(1, bad)}${torn}\nnonsense \u0000\n${"x".repeat(2_000_000)}\n${event(3, bad, { timestamp: "2099-01-01T00:00:00.000000+0000" })}${event(4, bad)}`,
  );
  await here.run({ format: "suricata-eve" });
  const [state] = states(centre.content());
  assert.ok(state);
  const reasons = Object.fromEntries(state.rejected.map(({ reason, n }) => [reason, n]));
  // the line that is longer than any is left by whoever follows the file; the torn one and the nonsense are refused
  assert.equal(state.lost, 1);
  assert.equal(
    Object.values(reasons).reduce((sum, n) => sum + n, 0),
    2,
    JSON.stringify(reasons),
  );
  const told = indicatorLines(centre.content());
  assert.ok(told.includes(1) && told.includes(4));
});

test("a clock that is put back or jumps ahead stalls nothing", async () => {
  const centre = await aCentre();
  centre.values = [{ kind: "ipv4", value: bad }];
  const here = department(centre);
  const shifted = (n: number, ms: number): string =>
    event(n, bad, { timestamp: new Date(Date.now() + ms).toISOString().replace("Z", "+0000") });
  writeFileSync(here.log, event(1, bad) + shifted(2, 3_600_000) + shifted(3, -400 * 86_400_000) + event(4, bad));
  await here.run();
  appendFileSync(here.log, event(5, bad));
  await here.run();
  assert.deepEqual(indicatorLines(centre.content()), [1, 2, 3, 4, 5]);
});

test("syslog over UDP and TCP is taken while it runs, and what was read is written down when it is stopped", async () => {
  const centre = await aCentre();
  centre.values = [{ kind: "domain", value: "bad.example" }];
  const here = department(centre);
  const stop = new AbortController();
  const ports = new Map<string, number>();
  const yaml =
    "inputs:\n  syslog:\n    - listen: udp://127.0.0.1:0\n      format: dnsmasq\n    - listen: tcp://127.0.0.1:0\n      format: dnsmasq\n";
  const running = here.run(
    { follow: [] },
    { stop: stop.signal, yaml, listening: (input, port) => void ports.set(input.slice(0, 3), port) },
  );
  while (ports.size < 2 || centre.asked.length < 3) await wait(20);
  while (!existsSync(join(here.folder, "data/knowledge.json"))) await wait(20);
  const stamp = new Date().toISOString();
  const line = (pid: number): string =>
    `<30>1 ${stamp} resolver dnsmasq ${pid} - - query[A] www.bad.example from 192.0.2.9`;
  const udp = createSocket("udp4");
  await new Promise((done) => udp.send(line(1), ports.get("udp"), "127.0.0.1", done));
  udp.close();
  await new Promise<void>((done) => {
    const tcp = connect(ports.get("tcp") ?? 0, "127.0.0.1", () => tcp.end(`${line(2)}\n`));
    tcp.on("close", () => done());
  });
  await wait(300);
  stop.abort();
  await running;
  await here.run({ follow: [] });
  const hits = centre.content().filter((one) => "match" in one);
  assert.equal(hits.length, 2);
  assert.deepEqual(new Set(hits.map((one) => "match" in one && one.match.own)), new Set(["192.0.2.9"]));
});

test("over a one-way link: parcels as files, knowledge as a file that the centre signed", async () => {
  const here = department();
  const out = join(here.folder, "out");
  mkdirSync(out);
  const knowledge = join(here.folder, "for-htd-edge-1.gz");
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const signed = (values: readonly string[], key = privateKey, of = "htd-edge-1", spoil = ""): Uint8Array => {
    const lines: unknown[] = [
      { rules: { version: "r1", packs: [], decisions: [] } },
      { asks: { asks: [], cancelled: [] } },
      {
        head: {
          version: 1,
          cursor: `c${values.length}`,
          full: true,
          sensor: { key: of, format: "suricata-eve", networks: networksOfTest },
          policy: { hash: hashOfTest },
        },
      },
      ...values.map((value) => ({ add: { kind: "ipv4", value } })),
    ];
    lines.push({ end: { cursor: `c${values.length}`, lines: lines.length - 1 } });
    const rest = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const sha256 = createHash("sha256").update(rest).digest("hex");
    const file = {
      ...{ version: 1, made: Date.now(), sensor: of, sha256 },
      signature: sign(null, Buffer.from(sha256), key).toString("base64"),
      key: publicKey.export({ type: "spki", format: "pem" }),
    };
    return gzipSync(`${JSON.stringify({ file })}\n${rest}${spoil}`);
  };
  const one = { out, knowledge };
  writeFileSync(knowledge, signed([bad]));
  writeFileSync(here.log, event(1, bad) + event(2, "203.0.113.9"));
  await here.run(one);
  const parcels = (): readonly ParcelContent[] =>
    readdirSync(out)
      .toSorted()
      .flatMap((name) =>
        readParcel(gunzipSync(readFileSync(join(out, name))), instant(Date.now())).content.map(({ said }) => said),
      );
  assert.match(readdirSync(out).join(" "), /^0*1\.parcel\.gz/);
  assert.deepEqual(indicatorLines(parcels()), [1]);
  const other = generateKeyPairSync("ed25519");
  for (const [wrong, code] of [
    [signed([bad], other.privateKey), "WGL_SENSOR_CENTRE"],
    [signed([bad], privateKey, "another-edge"), "WGL_SENSOR_OTHER"],
    [signed([bad], privateKey, "htd-edge-1", "{}\n"), "WGL_SENSOR_CENTRE"],
    [signed([bad]).subarray(0, 90), "WGL_SENSOR_CENTRE"],
    [new Uint8Array(0), "WGL_SENSOR_CENTRE"],
  ] as const) {
    here.told.length = 0;
    writeFileSync(knowledge, wrong);
    await here.run(one);
    assert.deepEqual(
      here.told.map((problem) => problem.code),
      [code],
    );
  }
  here.told.length = 0;
  writeFileSync(knowledge, signed([bad, "203.0.113.9"]));
  await here.run(one);
  assert.deepEqual(here.told, []);
  assert.deepEqual(indicatorLines(parcels()), [1, 2]);
});

test("a process that is killed at any moment tells each hit just once", async () => {
  const centre = await aCentre();
  centre.values = [{ kind: "ipv4", value: bad }];
  const here = department(centre);
  writeFileSync(here.log, "");
  const start = () =>
    spawn(
      process.execPath,
      [
        ...["-C", "source", "src/main.ts", "sensor", "run", "--key", "htd-edge-1", "--server", centre.url],
        ...["--token-file", join(here.folder, "token"), "--data", join(here.folder, "data"), "--follow", here.log],
      ],
      { stdio: ["ignore", "ignore", "inherit"], cwd: new URL("../", import.meta.url).pathname },
    );
  let n = 0;
  for (const ms of [900, 1300, 1900, 2300]) {
    const child = start();
    const ended = new Promise((done) => child.once("close", done));
    const until = Date.now() + ms;
    while (Date.now() < until) {
      appendFileSync(here.log, event(n, n % 5 === 0 ? bad : "203.0.113.9", { src_ip: `192.0.2.${n % 251}` }));
      n++;
      await wait(3);
    }
    child.kill("SIGKILL");
    await ended;
  }
  await here.run();
  const expected = Array.from({ length: Math.ceil(n / 5) }, (_, at) => at * 5);
  assert.deepEqual(
    [...indicatorLines(centre.content())].toSorted((a, b) => a - b),
    expected,
  );
});

test("two sensors do not share a folder", async () => {
  const centre = await aCentre();
  const here = department(centre);
  writeFileSync(here.log, "");
  const stop = new AbortController();
  const running = here.run({}, { stop: stop.signal });
  while (!existsSync(join(here.folder, "data/held"))) await wait(10);
  // this very process holds it, and no other may
  writeFileSync(join(here.folder, "data/held"), `1 ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`);
  await assert.rejects(here.run(), { code: "WGL_SENSOR_HELD" });
  stop.abort();
  await running;
});

test("rules are asked whatever kind of record comes first; what is wrong with one is told", async () => {
  const centre = await aCentre();
  const rule = (title: string, id: string, category: string, more = ""): string =>
    `title: ${title}\nid: ${id}\nstatus: test\nlevel: high\nlogsource:\n  category: ${category}\ndetection:\n  sel:\n    ${more}\n  condition: sel\ntags: [attack.command-and-control]\n`;
  centre.rules = {
    version: "v1",
    packs: [
      {
        name: "ours",
        files: [
          {
            path: "dns.yml",
            text: rule(
              "A name nobody asks",
              "11111111-1111-4111-8111-111111111111",
              "dns",
              "query|endswith: .odd.example",
            ),
          },
          {
            path: "win.yml",
            text: rule("A program", "22222222-2222-4222-8222-222222222222", "process_creation", "Image: a.exe"),
          },
          { path: "bad.yml", text: "title: [" },
        ],
      },
    ],
    decisions: [],
  };
  const here = department(centre);
  const dns = { event_type: "dns", dns: { type: "query", id: 7, rrname: "a.odd.example", rrtype: "A" } };
  writeFileSync(here.log, event(1, "203.0.113.9") + event(2, "203.0.113.53", dns));
  await here.run();
  appendFileSync(here.log, event(3, "203.0.113.53", dns));
  await here.run();
  const ruled = centre.content().flatMap((line) => ("ruled" in line ? [line.ruled] : []));
  assert.deepEqual(
    ruled.map(({ rule: { title }, asset }) => [title, asset]),
    [
      ["A name nobody asks", "192.0.2.14"],
      ["A name nobody asks", "192.0.2.14"],
    ],
  );
  assert.deepEqual(new Set(here.told.map(({ code }) => code)), new Set(["WGL_SENSOR_RULES"]));
  assert.deepEqual(
    [...centre.parcels.values()].flatMap(({ refused }) => refused),
    [],
  );
});
