import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { hour, instant, type Instant } from "#core/instant.ts";
import { sentLines, statusLines } from "#cli/sensor-print.ts";
import { Edge } from "#jobs/edge/edge.ts";
import { EdgeRules } from "#jobs/edge/edge-rules.ts";
import { headsOf } from "#jobs/edge/rule-heads.ts";
import { LearnedRules } from "#jobs/edge/learning-rules.ts";
import { type EdgeStatus, statusOf } from "#jobs/edge/status.ts";
import type { SensorRules } from "#jobs/sensors/wire.ts";
import { SegmentLog } from "#segments/log.ts";
import { SegmentPast } from "#segments/past.ts";
import { openShelf } from "#segments/shelf.ts";
import type { LogSource } from "#telemetry/format.ts";
import { formatById } from "#telemetry/index.ts";
import { aCentre, department } from "./sensor-edge-department.ts";
import { emptyFolder, fingerprint, secret, t0 } from "./sensor-edge-world.ts";

const id = (n: number): string => `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`;
const rule = (n: number, source: string, where: string, more = ""): { path: string; text: string } => ({
  path: `rule-${n}.yml`,
  text: `title: r${n}\nid: ${id(n)}\nstatus: test\nlevel: high\nlogsource: ${source}\ndetection:\n  a: { ${where} }\n  condition: a\n${more}`,
});
const dns = rule(1, "{ category: dns }", "query|endswith: .odd.example");
const process = rule(2, "{ product: windows, category: process_creation }", "Image|endswith: mimikatz.exe");
const others = [3, 4, 5].map((n) => rule(n, "{ product: windows, service: system }", `Some: thing${n}`));
const cloud = rule(6, "{ product: aws, service: cloudtrail }", "eventName: DeleteTrail");
const answer = (version: string, files: readonly { path: string; text: string }[]): Uint8Array =>
  Buffer.from(JSON.stringify({ version, packs: [{ name: "ours", files }], decisions: [] }));

const eve = (n: number, name: string): string =>
  JSON.stringify({
    timestamp: new Date(t0 + n * 1000).toISOString().replace("Z", "+0000"),
    ...{ event_type: "dns", flow_id: n, src_ip: "192.0.2.14", src_port: 40_000, dest_ip: "203.0.113.53" },
    ...{ dest_port: 53, proto: "UDP", dns: { type: "query", id: 7, rrname: name, rrtype: "A" } },
  });
const started = (n: number, image: string): string =>
  JSON.stringify({
    ...{ Channel: "Microsoft-Windows-Sysmon/Operational", Provider_Name: "Microsoft-Windows-Sysmon", EventID: 1 },
    ...{ Computer: "ws7", UtcTime: new Date(t0 + n * 1000).toISOString().replace("T", " ").replace("Z", "") },
    ...{ TimeCreated: new Date(t0 + n * 1000).toISOString(), Image: image, CommandLine: image, ProcessGuid: `{${n}}` },
  });

interface Here {
  readonly edge: Edge;
  readonly status: () => EdgeStatus;
  readonly take: (format: string, lines: readonly string[]) => readonly string[];
  readonly hunt: () => Promise<readonly string[]>;
  readonly troubles: string[];
}

const open = async (folder: string): Promise<Here> => {
  const clock: { readonly now: Instant } = { now: instant(t0 + hour) };
  const shelf = openShelf(folder);
  const log = new SegmentLog(join(folder, "log"), fingerprint(), clock.now);
  const troubles: string[] = [];
  const edge = await Edge.open({
    ...{ sensor: "htd-edge-1", identity: { secret, epoch: "00112233" }, log, shelf },
    ...{ past: new SegmentPast(log, fingerprint()), networks: ["192.0.2.0/24"], program: "0.0.0" },
    limits: { historyBytes: 1e9, historyDays: 90, waitingBytes: 1e9, sentDays: 90 },
    ...{
      now: () => clock.now,
      memory: () => 1,
      trouble: ({ code, with: about }) => troubles.push(`${code} ${about?.["file"]}`),
    },
  });
  return {
    ...{ edge, troubles },
    status: () =>
      statusOf(
        edge,
        { log, shelf },
        { ...{ at: clock.now, sensor: "htd-edge-1", program: "0", running: true, memory: 1 }, troubles: [] },
      ),
    take: (format, lines) =>
      edge
        .take({ body: Buffer.from(`${lines.join("\n")}\n`), format, received: clock.now })
        .out.flatMap((one) => ("ruled" in one ? [one.ruled.rule.title] : [])),
    hunt: async () => {
      const before = edge.state.waiting("hits").length;
      while (await edge.hunt());
      return edge.state
        .waiting("hits")
        .slice(before)
        .flatMap((one) => ("ruled" in one ? [`${one.ruled.rule.title} ${one.back === true}`] : []));
    },
  };
};

test("a sensor that reads EVE alone has no Windows rule in memory, and says how many wait for other records", async () => {
  const here = await open(emptyFolder());
  assert.equal(here.edge.useRules(answer("r1", [dns, process, ...others, cloud])), undefined);
  assert.deepEqual(here.take("suricata-eve", [eve(1, "a.odd.example"), eve(2, "www.example")]), ["r1"]);
  assert.deepEqual(here.status().rulesHeld, { inForce: 1, aside: 5 });
  const said = statusLines("en", here.status()).find((line) => line.startsWith("knows")) ?? "";
  assert.match(said, /rules r1: 1 in force for the kinds of records met, 5 kept for others$/);
});

test("what the sensor says of itself and of what left it is said in the reader's language", async () => {
  const here = await open(emptyFolder());
  here.edge.useRules(answer("r1", [dns, process]));
  here.take("suricata-eve", [eve(1, "a.odd.example")]);
  const asks = [
    {
      ...{ id: id(7), purpose: "case 41", by: "duty officer", from: t0, to: instant(t0 + hour), values: 2 },
      answered: false,
    },
  ];
  const status: EdgeStatus = { ...here.status(), asks, out: "/out", values: 1234 };
  const hant = statusLines("zh-Hant-HK", status);
  assert.deepEqual(
    hant.map((line) => line.split(/ {2,}/)[0]),
    ["感應器", "中心", "所知", "網絡", "歷史記錄", "記憶體", "等候送出", "查詢"],
  );
  // the texts stand below each other, where a Chinese character is two columns wide
  for (const line of hant) {
    const [label = "", pad = ""] = /^(\p{Script=Han}+)( +)/u.exec(line)?.slice(1) ?? [];
    assert.equal(label.length * 2 + pad.length, 12, line);
  }
  assert.ok(hant[1]?.endsWith("沒有連線；資料包寫入 /out，從未取得資料"), hant[1]);
  assert.match(hant[2] ?? "", /1\u00a0234 個值，規則 r1：1 條對已遇到的記錄種類生效，1 條為其他種類保留$/);
  assert.match(statusLines("zh-Hans", status).at(-1) ?? "", /case 41（duty officer）：2 个值，.+，尚未答复$/);
  const english = statusLines("en", status);
  assert.match(english[0] ?? "", /^sensor {6}htd-edge-1, waglan 0, running at /);
  assert.equal(english[1], "centre      no line; parcels to /out, nothing learned yet");
  const text = `${JSON.stringify({ day: { day: "2026-11-19", kind: "ipv4", value: "192.0.2.1", why: "beyond", hits: 3 } })}\n`;
  const sent = (language: "en" | "zh-Hant-HK" | "zh-Hans"): string | undefined =>
    sentLines(language, { number: 1, at: t0, bytes: 10, text })[0]?.text;
  assert.deepEqual(
    [sent("en"), sent("zh-Hant-HK"), sent("zh-Hans")],
    ["count   ", "計數    ", "计数    "].map((label) => `    ${label}2026-11-19  ipv4 192.0.2.1  beyond  3`),
  );
});

test("rules are taken in beside live records: each meets a rule that is new once, as it comes or in the past", async () => {
  const folder = emptyFolder();
  const here = await open(folder);
  const many = Array.from({ length: 350 }, (_, n) =>
    rule(100 + n, "{ product: windows, service: system }", `Some: a${n}`),
  );
  here.edge.useRules(answer("r1", many));
  const [told, taken]: [string[], number[]] = [[], []];
  const live = (n: number): void => {
    taken.push(n);
    told.push(...here.take("suricata-eve", [eve(n, `n${n}.odd.example`)]));
  };
  live(1);
  openShelf(folder).small.write("rules-next", [answer("r2", [...many, dns])]);
  let done = false;
  const taking = here.edge.takeRules().then((wrong) => {
    assert.equal(wrong, undefined);
    done = true;
  });
  for (let n = 2; !done; n++) {
    assert.equal(here.edge.rulesVersion, "r1");
    live(n);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await taking;
  assert.equal(here.edge.rulesVersion, "r2");
  assert.ok(taken.length > 3, "there were turns");
  assert.deepEqual(told, []);
  live(taken.length + 1);
  assert.deepEqual(told, ["r1"]);
  // all that came before, and no other
  assert.equal((await here.hunt()).length, taken.length - 1);
});

test("when Windows records come, its rules speak from the first on; a rule that is added speaks without a restart", async () => {
  const here = await open(emptyFolder());
  here.edge.useRules(answer("r1", [dns, process, ...others]));
  here.take("suricata-eve", [eve(1, "www.example")]);
  assert.deepEqual(here.take("windows-json", [started(2, "C:\\mimikatz.exe"), started(3, "C:\\calc.exe")]), ["r2"]);
  assert.deepEqual(here.status().rulesHeld, { inForce: 2, aside: 3 });
  const more = rule(7, "{ product: windows, category: process_creation }", "Image|endswith: calc.exe");
  here.edge.useRules(answer("r2", [dns, process, ...others, more]));
  assert.deepEqual(here.take("windows-json", [started(4, "C:\\mimikatz.exe"), started(5, "C:\\calc.exe")]), [
    "r2",
    "r7",
  ]);
  assert.deepEqual(here.take("suricata-eve", [eve(6, "b.odd.example")]), ["r1"]);
  assert.deepEqual(here.status().rulesHeld, { inForce: 3, aside: 3 });
});

test("a rule for records that were kept and not met since a start is asked of them all the same", async () => {
  const folder = emptyFolder();
  const before = await open(folder);
  before.edge.useRules(answer("r1", [dns]));
  before.take("windows-json", [started(1, "C:\\mimikatz.exe")]);
  before.edge.close();
  const here = await open(folder);
  here.edge.useRules(answer("r2", [dns, process, ...others]));
  assert.deepEqual(here.status().rulesHeld, { inForce: 0, aside: 5 });
  assert.deepEqual(await here.hunt(), ["r2 true"]);
});

test("correlations, filters and the rules they name are there whatever was met", async () => {
  const here = await open(emptyFolder());
  const named = rule(
    2,
    "{ product: windows, category: process_creation }",
    "Image|endswith: mimikatz.exe",
    "name: mimi\n",
  );
  const together = {
    path: "together.yml",
    text: `title: many\nid: ${id(8)}\ncorrelation:\n  type: event_count\n  rules: [mimi]\n  group-by: [Computer]\n  timespan: 5m\n  condition: { gte: 2 }\n`,
  };
  const filter = {
    path: "filter.yml",
    text: `title: but\nlogsource: { category: dns }\nfilter:\n  rules: [${id(1)}]\n  known: { query|startswith: b. }\n  condition: not known\n`,
  };
  here.edge.useRules(answer("r1", [dns, named, together, filter, ...others]));
  assert.deepEqual(here.take("suricata-eve", [eve(1, "b.odd.example"), eve(2, "a.odd.example")]), ["r1"]);
  assert.deepEqual(here.status().rulesHeld, { inForce: 2, aside: 4 });
  assert.deepEqual(here.take("windows-json", [started(2, "C:\\mimikatz.exe")]), []);
});

test("what is wrong with a file is said when it came, though nobody here needs it; after a restart as well", async () => {
  const folder = emptyFolder();
  const broken = { path: "broken.yml", text: "title: x\nlogsource: { product: windows }\n" };
  const here = await open(folder);
  here.edge.useRules(answer("r1", [dns, broken]));
  assert.deepEqual(here.troubles, ["WGL_SENSOR_RULES broken.yml:1"]);
  here.edge.close();
  assert.deepEqual((await open(folder)).troubles, ["WGL_SENSOR_RULES broken.yml:1"]);
});

/** Rules on a shelf that counts whose text is asked for. */
const counted = () => {
  const kept = new Map<string, string>();
  const learned = new LearnedRules({
    small: {
      read: (name) => (kept.has(name) ? Buffer.from(kept.get(name) ?? "") : undefined),
      write: (name, pieces) => kept.set(name, [...pieces].map(String).join("")),
    },
  });
  const read: string[] = [];
  let now: SensorRules = { version: "", packs: [], decisions: [] };
  const rules = new EdgeRules(
    {
      heads: (version) => learned.heads(version, () => now),
      text: ({ path }) => now.packs.flatMap(({ files }) => files).find((one) => one.path === path)?.text ?? "",
    },
    ({ message }) => assert.fail(message),
  );
  const meet = (format: string, text: string): boolean => {
    const view = rules.viewOf(formatById(format) ?? assert.fail(format));
    view.open().parse(text);
    return rules.widen();
  };
  return {
    ...{ kept, learned, rules, read, meet },
    use: (version: string, files: readonly { path: string; text: string }[]): void => {
      const packs = [
        {
          name: "ours",
          files: files.map(({ path, text }) => ({
            path,
            get text() {
              read.push(path);
              return text;
            },
          })),
        },
      ];
      now = { version, packs, decisions: [] };
      learned.learn(
        now,
        () => undefined,
        () => {},
      );
      read.length = 0;
      rules.use(now);
    },
  };
};

test("only files that are needed are read again, and what is compiled stays while its file does", () => {
  const world = counted();
  world.use("r1", [dns, process, ...others, cloud]);
  assert.deepEqual(world.read, []);
  assert.ok(world.meet("suricata-eve", eve(1, "www.example")));
  assert.deepEqual(world.read, [dns.path]);
  assert.ok(!world.meet("suricata-eve", eve(2, "www.example")));
  const [compiled, first] = [world.rules.rules, world.rules.rules?.packs[0]?.files[0]?.file];
  // another Windows rule changes nothing here
  world.use("r2", [dns, process, ...others, cloud, rule(7, "{ product: windows }", "a: b")]);
  assert.equal(world.rules.version, "r2");
  assert.equal(world.rules.rules, compiled);
  assert.deepEqual(world.read, []);
  // one of its own is parsed alone
  world.use("r3", [dns, process, ...others, cloud, rule(8, "{ category: dns }", "query: x.example")]);
  assert.notEqual(world.rules.rules, compiled);
  assert.equal(world.rules.rules?.packs[0]?.files[0]?.file, first);
  assert.deepEqual(world.rules.held, { inForce: 2, aside: 5 });
  // what is taken back is gone
  world.use("r4", [process]);
  assert.deepEqual([world.rules.rules?.packs, world.rules.held], [[], { inForce: 0, aside: 1 }]);
});

test("what a version before noted of the rules counts as known, and gets its heads", () => {
  const world = counted();
  world.use("r1", [dns, cloud]);
  const noted = JSON.parse(world.kept.get("hunted-rules")?.split("\n").at(-1) ?? "") as object;
  world.kept.set("hunted-rules", JSON.stringify({ files: [], rules: { ...noted, [id(6)]: "said something else" } }));
  const given: SensorRules = { version: "r1", packs: [{ name: "ours", files: [dns, cloud] }], decisions: [] };
  const fresh: string[] = [];
  world.learned.note(given, (rules) => fresh.push(...rules));
  world.learned.note(given, () => assert.fail("it was noted"));
  assert.deepEqual(fresh, [id(6)]);
  assert.deepEqual([...world.learned.heads("r1", () => given)], [...headsOf(given)]);
  const sources = [...world.learned.heads("r1", () => given)].flatMap(({ rules }): readonly LogSource[] =>
    rules.map(({ of }) => of),
  );
  assert.deepEqual(sources, [{ category: "dns" }, { product: "aws", service: "cloudtrail" }]);
  world.kept.set("hunted-rules", "{");
  world.learned.note(given, (rules) => assert.fail(rules.join()));
  assert.deepEqual([...world.learned.heads("r1", () => given)], [...headsOf(given)]);
});

test("rules that come packed are taken in as they are; packed and broken they change nothing", async () => {
  const centre = await aCentre();
  const here = department(centre);
  const give = (version: string, body: (json: Uint8Array) => Uint8Array): void => {
    centre.rules = { version, packs: [{ name: "ours", files: [dns] }], decisions: [] };
    centre.rulesBody = body;
  };
  give("r1", gzipSync);
  assert.equal((await here.run()).status.rules, "r1");
  give("r2", (json) => gzipSync(json).subarray(0, 60));
  assert.equal((await here.run()).status.rules, "r1");
  assert.ok(here.told.some(({ code }) => code === "WGL_SENSOR_ANSWER"));
  give("r3", (json) => json);
  assert.equal((await here.run()).status.rules, "r3");
});

test("what comes part by part is there when it is whole, and leaves nothing behind when it breaks off", async () => {
  const folder = emptyFolder();
  const { small } = openShelf(folder);
  const give = (name: "rules-came" | "rules-next", text: string, whole: boolean): void => {
    const received = small.receive(name);
    for (const bytes of Buffer.from(text)) received.part(Buffer.of(bytes));
    if (whole) received.end();
    received.drop();
  };
  const before = readdirSync(folder);
  small.receive("rules-came").drop();
  give("rules-came", "half", false);
  assert.deepEqual([small.size("rules-came"), readdirSync(folder)], [undefined, before]);
  give("rules-came", "the first", true);
  give("rules-came", "half", false);
  assert.equal(small.size("rules-came"), 9);
  assert.equal(Buffer.from(small.part("rules-came", 4, 400)).toString(), "first");
  give("rules-came", "the second", true);
  await small.writeAll("rules-next", small.unpacked("rules-came", 10));
  await assert.rejects(small.writeAll("rules-next", small.unpacked("rules-came", 9)), { code: "WGL_SENSOR_BROKEN" });
  small.move("rules-next", "rules");
  assert.deepEqual(
    [small.size("rules-next"), Buffer.from(small.read("rules") ?? []).toString()],
    [undefined, "the second"],
  );
});
