// Rules over the kept past of logs whose rows are read by lines above them: they find exactly what they find live.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { instant, second } from "#core/instant.ts";
import { networks } from "#detect/networks.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { fieldHash, fieldKeyOf } from "#jobs/batches/field-hash.ts";
import { keepBatch, matchBatch } from "#jobs/batches/read.ts";
import { type BatchRuled, BatchRules } from "#jobs/batches/rules.ts";
import { HeadsOfBatch } from "#jobs/history/heads.ts";
import type { HeadRow, RecordRow } from "#jobs/history/rows.ts";
import { huntCauses } from "#jobs/hunt/cause.ts";
import { huntRules } from "#jobs/hunt/rule.ts";
import { wantRuleHunts } from "#jobs/hunt/rule-wanted.ts";
import { KeptRules } from "#jobs/rules/kept-rules.ts";
import { RuleMemory } from "#jobs/rules/memory.ts";
import { openRules } from "#jobs/scan/rules.ts";
import type { Format, TelemetryRecord } from "#telemetry/format.ts";
import { headAt, HeadFollower } from "#telemetry/heads.ts";
import { formats } from "#telemetry/index.ts";
import { ruleFolder } from "#wiring/rule-folders.ts";
import { emptied, history, rowsIn, secret, skip, worldOf } from "./hunt-world.ts";
import { now, o } from "./incident-world.ts";

const formatOf = (id: string): Format => formats.find((one) => one.id === id) as Format;

const ruleOf = (id: string, logsource: string, detection: string): string => `title: Rule ${id.slice(0, 4)}
id: ${id}
status: stable
logsource: ${logsource}
detection:
  a: ${detection}
  condition: a
level: high
`;
const rulesText = [
  ruleOf(
    "a0000000-0000-4000-8000-000000000001",
    "{ product: zeek, service: conn }",
    "{ id.resp_p: 4444, conn_state: SF }",
  ),
  ruleOf("a0000000-0000-4000-8000-000000000002", "{ product: zeek, service: ssh }", "{ auth_success: false }"),
  ruleOf(
    "a0000000-0000-4000-8000-000000000003",
    "{ category: webserver }",
    "{ cs-uri-stem|endswith: .aspx, sc-status: 200 }",
  ),
  ruleOf("a0000000-0000-4000-8000-000000000004", "{ service: netflow }", "{ dst_port: 4444, ibyt|gte: 1000 }"),
].join("---\n");

const zeekHead = (path: string, fields: string, types: string): string =>
  `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t${path}\n#fields\t${fields}\n#types\t${types}\n`;
const seconds = (minutes: number): string => `${(now - minutes * 60_000) / 1000}.000000`;
const day = new Date(now - 86_400_000).toISOString().slice(0, 10);
const texts: Readonly<Record<string, string>> = {
  zeek: [
    `${seconds(3)}\tC0\t192.0.2.9\t4444\t203.0.113.1\t4444\tSF\n`,
    zeekHead(
      "conn",
      "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tconn_state",
      "time\tstring\taddr\tport\taddr\tport\tstring",
    ),
    `${seconds(50)}\tC1\t192.0.2.9\t40000\t203.0.113.5\t4444\tSF\n`,
    `${seconds(49)}\tC2\t192.0.2.9\t4444\t203.0.113.5\t443\tSF\n`,
    "#close\t2026-11-21-00-00-00\n",
    zeekHead(
      "conn",
      "ts\tuid\tid.resp_h\tid.resp_p\tid.orig_h\tid.orig_p\tconn_state",
      "time\tstring\taddr\tport\taddr\tport\tstring",
    ),
    `${seconds(48)}\tC3\t203.0.113.7\t4444\t192.0.2.8\t40001\tSF\n`,
    zeekHead(
      "ssh",
      "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tusername\tauth_success",
      "time\tstring\taddr\tport\taddr\tport\tstring\tbool",
    ),
    `${seconds(47)}\tC4\t192.0.2.9\t40000\t203.0.113.5\t22\troot\tF\n`,
    `${seconds(46)}\tC5\t192.0.2.9\t40000\t203.0.113.5\t22\troot\tT\n`,
  ].join(""),
  iis: [
    "#Software: a server\n#Date: 2026-11-18 00:00:00\n#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status\n",
    `${day} 08:00:00 203.0.113.5 - GET /a.aspx 200\n`,
    `${day} 08:00:01 203.0.113.5 alice GET /b.aspx 200\n`,
    `#Date: ${day} 09:00:00\n#Fields: time sc-status cs-uri-stem cs-method c-ip\n`,
    "09:00:02 200 /c.aspx GET 203.0.113.6\n09:00:03 404 /d.aspx GET 203.0.113.6\n",
  ].join(""),
  netflow: [
    "ts,te,sa,da,sp,dp,pr,ibyt\n",
    `${day} 10:00:00,${day} 10:00:01,192.0.2.9,203.0.113.5,40000,4444,TCP,5000\n`,
    `${day} 10:00:02,${day} 10:00:03,192.0.2.9,203.0.113.5,40000,443,TCP,4444\n`,
    "  da,sa,dp,sp,ts,ibyt,pr\n",
    `203.0.113.9,192.0.2.9,4444,40000,${day} 10:00:04,1000,6\n203.0.113.9,192.0.2.9,4444,40000,${day} 10:00:04,10,6\n`,
    "Summary\nflows,bytes,packets\n1,4444,1\n",
  ].join(""),
};

const hash = fieldHash(fieldKeyOf(secret, o("harbour")));
const liveOf = (id: string, text: string, rules: string): readonly BatchRuled[] =>
  matchBatch(
    { body: Buffer.from(text), format: formatOf(id), own: networks(["192.0.2.0/24"]), hash, received: now },
    buildMatchIndex([], Buffer.alloc(32, 1)),
    new BatchRules({ version: 1, packs: [{ name: "x", files: [{ path: "x.yml", text: rules }] }], decisions: [] }),
  ).ruled;

test("a rule finds in what is kept of Zeek, IIS and nfdump what it finds live, each row by the head it stood under", {
  skip,
}, async (t) => {
  await emptied();
  const world = await worldOf(t);
  const { directory, state, community } = world.hunting;
  for (const [format, text] of Object.entries(texts)) await world.bringText(0, text, format);
  await world.matchAll();
  await world.keepAll();
  const folder = mkdtempSync(join(tmpdir(), "rules-hunt-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const rules = new RuleMemory(state, [ruleFolder("site", folder)]);
  await rules.refresh(now);
  writeFileSync(join(folder, "all.yml"), rulesText);
  await rules.refresh(now);
  const steps = { rule: huntRules({ state, past: history, rules, directory, community }) };
  let clock = now;
  for (let look = 0; look < 3; look++) {
    await wantRuleHunts({ state, rules }, true, clock);
    clock = instant(clock + 20 * second);
  }
  for (let cause = await huntCauses(state, steps, () => clock); cause !== undefined; ) {
    assert.ok(cause.state === "running" || cause.state === "done", JSON.stringify(cause.problem));
    cause = await huntCauses(state, steps, () => clock);
  }
  const hits =
    await world.sql`select time, noticed->>'id' as rule, evidence as text, direction from hit order by time, noticed->>'id'`;
  const live = Object.entries(texts).flatMap(([format, text]) => liveOf(format, text, rulesText));
  assert.equal(live.length, 8);
  assert.deepEqual(
    hits.map((row) => [Number(row["time"]), row["rule"], row["text"], row["direction"]]),
    live
      .map(({ time, rule, text, direction }) => [Number(time), rule.rule, text, direction])
      .sort((a, b) => Number(a[0]) - Number(b[0])),
  );
  assert.ok(!hits.some((row) => /alice|root/.test(String(row["text"]))), "names are hashes");
  // a head goes when the records of its days go, and not before
  const from = Date.parse(`${day}T00:00:00Z`);
  assert.deepEqual([await rowsIn("record"), await rowsIn("head")], [13, 7]);
  await history.forget("record", [{ organisation: o("harbour"), from, to: from + 86_400_000 }]);
  while (await history.forgetting("record")) await new Promise(setImmediate);
  assert.deepEqual([await rowsIn("record"), await rowsIn("head")], [5, 3]);
});

const rowsOf = (text: string, format: Format): readonly RecordRow[] => {
  const rows: Omit<RecordRow, "heading">[] = [];
  const constants = { organisation: "harbour", sensor: "s", batch: "s/1" };
  const bare = {
    add: ({ time, event }: TelemetryRecord, line: number, kept: string): void => {
      rows.push({ ...constants, time, event, line, text: kept, format: format.id });
    },
  };
  const keeper = new HeadsOfBatch(bare, constants, format.heading as NonNullable<Format["heading"]>);
  keepBatch({ body: Buffer.from(text), format, own: networks([]), hash, received: now }, keeper);
  const heads: readonly HeadRow[] = keeper.end();
  // as history gives them: of the days of the records asked for
  return rows.map((row) => {
    const ofDay = heads.filter(({ day: of }) => of === Math.floor(row.time / 86_400_000) * 86_400_000);
    const head = headAt(ofDay, row.line);
    return head === undefined ? row : { ...row, heading: head.lines };
  });
};

test("whatever heads a log has, and wherever, rules read its kept rows as they were read", () => {
  const rules = openRules([loadPack("x", [{ path: "x.yml", text: rulesText }])]);
  const rowed = (id: string): fc.Arbitrary<string> =>
    fc
      .array(
        fc.constantFrom(
          ...(texts[id] ?? "").split("\n"),
          "",
          "# a remark",
          "Summary: x",
          "\ufeff#Fields: time c-ip sc-status",
        ),
        { maxLength: 30 },
      )
      .map((lines) => lines.join("\n"));
  for (const id of Object.keys(texts))
    fc.assert(
      fc.property(rowed(id), (text) => {
        const format = formatOf(id);
        const live = liveOf(id, text, rulesText);
        const rows = rowsOf(text, format);
        const past = new KeptRules(rules, () => ["192.0.2.0/24"]).read(rows, true);
        assert.deepEqual({ ...past.unread }, {});
        const plain = (one: BatchRuled): unknown => [
          one.rule.rule,
          one.line,
          one.time,
          one.text,
          one.asset,
          one.source,
          one.destination,
        ];
        assert.deepEqual(past.ruled.map(plain), live.map(plain));
      }),
      { numRuns: 150 },
    );
});

test("what was kept without its head is not read, and counted", () => {
  const rules = openRules([loadPack("x", [{ path: "x.yml", text: rulesText }])]);
  const rows = Object.keys(texts).flatMap((id) => rowsOf(texts[id] ?? "", formatOf(id)));
  const page = new KeptRules(rules, () => []).read(
    rows.map(({ heading: _heading, ...row }) => row),
    true,
  );
  assert.equal(page.ruled.length, 0);
  assert.deepEqual({ ...page.unread }, { WGL_ZEEK_HEADER: 5, WGL_LOG_HEADER: 8 });
});

test("a batch that says more in its heads than any log does keeps none, and costs little", () => {
  const { heading } = formatOf("iis");
  assert.ok(heading);
  const many = new HeadFollower(heading);
  for (let line = 1; line < 5_000; line++) many.passed(`#Fields: time x-${line}`, line);
  assert.deepEqual([many.head, many.heads.length], [undefined, 0]);
  const long = new HeadFollower(heading);
  long.passed("#Fields: time", 1);
  long.passed(`#Fields: ${"x ".repeat(1 << 20)}y`, 2);
  assert.equal(long.head, undefined);
  const same = new HeadFollower(heading);
  for (let line = 1; line < 5_000; line++) same.passed("#Fields: time", line);
  assert.equal(same.heads.length, 1);
  // words that say nothing of columns are not gathered
  const zeek = formatOf("zeek").heading;
  assert.ok(zeek);
  const words = new HeadFollower(zeek);
  for (let line = 1; line < 50_000; line++) words.passed(`#w${line}\tx`, line);
  assert.equal(words.heads.length, 0);
});
