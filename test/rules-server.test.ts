import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { after, type Instant, instant, minute } from "#core/instant.ts";
import { networks } from "#detect/networks.ts";
import { problemOfDoing } from "#detect/doing.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import { BatchRules, type RuleTexts } from "#jobs/batches/rules.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { decideRule } from "#jobs/rules/decide.ts";
import { isDetector, ruleSource } from "#jobs/findings/detector-source.ts";
import { type Matching, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { raiseAlerts } from "#jobs/alerts/raise.ts";
import { matchBatch } from "#jobs/batches/read.ts";
import { RuleMemory } from "#jobs/rules/memory.ts";
import { formats } from "#telemetry/index.ts";
import { ruleFolder } from "#wiring/rule-folders.ts";
import { type ActsWorld, ask, openActsWorld } from "./acts-world.ts";

const asked = "30d73fb2-6bb2-5699-9697-7b51e64bfb1a";
const ruleOf = (id: string, title: string, ends: string, more = ""): string => `title: ${title}
id: ${id}
status: stable
author: Harbour City CERT
tags: [attack.exfiltration, attack.t1048]
logsource: { category: dns }
detection:
  name: { query|endswith: ${ends} }
  condition: name
level: high
${more}`;
const usual = ruleOf(asked, "Data asked for in names", ".t.exfil.example");

const line = (query: string, at: Instant, port = 40_001): string =>
  JSON.stringify({
    timestamp: new Date(at).toISOString().replace("Z", "+0000"),
    ...{ event_type: "dns", src_ip: "10.20.4.31", src_port: port, dest_ip: "10.20.0.53", dest_port: 53, proto: "UDP" },
    dns: { type: "query", id: port, rrname: query, rrtype: "TXT" },
  });

const folderOf = (t: TestContext, files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

/** Writes so that the file is seen as changed, whatever the clock of the disk counts in. */
let written = 0;
const write = (path: string, text: string): void => {
  writeFileSync(path, text);
  utimesSync(path, 1_000_000 + ++written, 1_000_000 + written);
};

interface Server extends ActsWorld {
  readonly rules: RuleMemory;
  readonly folder: string;
  readonly matching: Matching;
  /** Delivers lines under a key and matches them. */
  readonly deliver: (key: string, lines: readonly string[]) => ReturnType<typeof matchTelemetry>;
}

const openServer = async (t: TestContext, files: Readonly<Record<string, string>>): Promise<Server> => {
  const world = await openActsWorld(t);
  const { state, directory, idOf, now } = world.desk;
  const folder = folderOf(t, files);
  const rules = new RuleMemory(state, [ruleFolder("site", folder)]);
  await rules.refresh(now());
  const index = buildMatchIndex([], Buffer.alloc(32, 1));
  const threads = new BatchThreads(1, "00".repeat(32), () => index, { rules: () => rules.texts });
  t.after(() => threads.close());
  const matching: Matching = {
    ...{ state, threads, directory, secret: "test", contacted: () => "other", now },
    community: { shadow: () => false, worth: () => "normal", idOf },
  };
  const sensor = world.id("sensor", "edge");
  const desk = { ...world.desk, ruleTitle: rules.titleOf, ruleTrouble: () => rules.trouble };
  return {
    ...world,
    ...{ desk, acts: actsOf(desk), rules, folder, matching },
    deliver: async (key, lines) => {
      const body = gzipSync(lines.map((one) => `${one}\n`).join(""));
      const digest = createHash("sha256").update(body).digest("hex");
      const known = directory.known.directory.sensors.find((one) => one.key === "edge")?.id ?? sensor;
      await state.act((tx) => tx.telemetry.accept({ sensor: known, key, digest, received: now(), body }, 10));
      return matchTelemetry(matching);
    },
  };
};

const open = { view: "open", limit: 10 } as const;
const shadow = { view: "shadow", limit: 10 } as const;

test("a rule's finding is in shadow: staff see the rule, the line and the reason, the member sees nothing", async (t) => {
  const server = await openServer(t, { "dns.yml": usual });
  const at = after(server.clock.now, -5 * minute);
  const lines = [line("aaaa.t.exfil.example", at), line("www.parks.example", at), line("bbbb.t.exfil.example", at)];
  assert.deepEqual(await server.deliver("one", lines), { batch: 1, lines: 3, hits: 2, background: 0, opened: 1 });
  // the same lines again, cut otherwise: nothing new
  assert.equal((await server.deliver("two", lines.slice(1)))?.hits, 0);

  const lo = await server.viewer("lo");
  const chan = await server.viewer("chan");
  const seen = await server.acts.findings(lo, shadow, ask);
  assert.ok(seen.ok);
  const [row] = seen.value.findings;
  assert.ok(row && seen.value.findings.length === 1);
  const { asset, severity, certainty, count, problem, title, grade } = row;
  assert.deepEqual(
    { asset, severity, certainty, count, problem, title, grade },
    {
      ...{ asset: "10.20.4.31", severity: "high", certainty: "likely", count: 2, grade: "B2" },
      ...{ problem: { type: "data-leak", about: "" }, title: "Signs that data is carried out" },
    },
  );
  const detail = await server.acts.finding(lo, row.id, ask);
  assert.ok(detail.ok);
  assert.deepEqual(
    detail.value.because.map(({ step, text, source }) => ({ step, text, source })),
    [
      {
        ...{ step: "seen", source: "Transport edge" },
        text: "10.20.4.31 did what detectors look for: 2 records.",
      },
      { step: "seen", text: "Rule “Data asked for in names” says so.", source: "Data asked for in names" },
      {
        ...{ step: "yours", source: "Transport edge" },
        text: "10.20.4.31 was seen behind sensor Transport edge of Transport Department.",
      },
    ],
  );
  assert.deepEqual(
    detail.value.evidence
      .map(({ where, text, line: number }) => ({ where, number, text }))
      .toSorted((a, b) => a.number - b.number),
    [1, 3].map((number) => ({ where: "record", number, text: lines[number - 1] ?? "" })),
  );
  assert.deepEqual(
    detail.value.sources.map(({ feed, title: called }) => ({ feed, called })),
    [{ feed: ruleSource(asked), called: "Data asked for in names" }],
  );

  for (const view of [open, shadow]) {
    const theirs = await server.acts.findings(chan, view, ask);
    assert.deepEqual(theirs.ok && theirs.value.findings, []);
  }
  assert.equal((await server.acts.finding(chan, row.id, ask)).ok, false);
  assert.equal((await server.sql`select from outbox`).length, 0);
});

test("a person lets a rule speak: what it finds from then on is told, with the rule's words; hushed, it is quiet again", async (t) => {
  const server = await openServer(t, { "dns.yml": usual });
  const at = after(server.clock.now, -5 * minute);
  await server.deliver("one", [line("aaaa.t.exfil.example", at)]);
  const lo = await server.viewer("lo");
  const chan = await server.viewer("chan");
  const id = ruleSource(asked);
  const listed = await server.acts.sources(lo, ask);
  assert.ok(listed.ok);
  assert.deepEqual(
    listed.value.sources
      .filter((one) => isDetector(one.id))
      .map(({ title, publisher, state, shadow: silent, tlp }) => ({ title, publisher, state, silent, tlp })),
    [
      {
        title: "Data asked for in names",
        publisher: "Harbour City CERT",
        state: "healthy",
        silent: true,
        tlp: "amber",
      },
    ],
  );
  const status = await server.acts.status(lo, ask);
  assert.ok(status.ok && !JSON.stringify(status.value).includes("rule:"));

  const speaks = await server.acts.doSource(lo, id, { act: "speak", reason: "a week without a false one" }, ask);
  assert.ok(speaks.ok && !speaks.value.source.shadow);
  assert.equal((await server.sql`select from evidence_leaf where subject = ${`feed ${id}`}`).length, 1);
  await server.deliver("two", [line("cccc.t.exfil.example", after(at, minute))]);
  const theirs = await server.acts.findings(chan, open, ask);
  assert.ok(theirs.ok);
  // the shadow's own two hits are none of theirs
  assert.deepEqual(
    theirs.value.findings.map(({ asset, count }) => ({ asset, count })),
    [{ asset: "10.20.4.31", count: 1 }],
  );
  await raiseAlerts({
    ...{
      state: server.desk.state,
      directory: server.desk.directory,
      portal: server.desk.portal,
      idOf: server.desk.idOf,
    },
    ...{ titleOf: (feed: string) => server.rules.titleOf(feed) ?? feed, now: server.desk.now },
    ...{ from: { name: "CERT", address: "cert@cert.example" }, answerKey: Buffer.alloc(32, 7) },
  });
  const mails = await server.sql`select mail from outbox`;
  assert.ok(mails.length > 0);
  const text = mails.map((one) => (one["mail"] as { text: string }).text).join("\n");
  assert.match(text, /Data asked for in names/);
  assert.match(text, /cccc\[\.\]t\[\.\]exfil\[\.\]example/);
  assert.match(text, /你的資料可能正在外洩/);
  assert.doesNotMatch(text, /aaaa|undefined|\{\w+\}/);

  await server.acts.doSource(lo, id, { act: "hush", reason: "too loud" }, ask);
  await server.deliver("three", [line("dddd.t.exfil.example", after(at, 2 * minute))]);
  const after3 = await server.sql`select veiled, hits::int from finding order by veiled`;
  assert.deepEqual(
    after3.map((one) => ({ ...one })),
    [
      { veiled: false, hits: 1 },
      { veiled: true, hits: 2 },
    ],
  );
});

test("what a rule's author calls informational, and what matches without end, is counted and makes no hits", async (t) => {
  const server = await openServer(t, {
    "info.yml": ruleOf("info", "A name", ".parks.example").replace("level: high", "level: informational"),
    "wide.yml": ruleOf("wide", "Everything", ".example"),
  });
  const at = after(server.clock.now, -5 * minute);
  const lines = Array.from({ length: 520 }, (_, n) => line(`n${n}.parks.example`, at, n + 1));
  const matched = await server.deliver("one", lines);
  assert.deepEqual([matched?.hits, matched?.lines], [500, 520]);
  const rows =
    await server.sql`select indicator_kind as kind, indicator_value as value, why, hits::int from background order by why`;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { kind: "rule", value: "wide", why: "beyond", hits: 20 },
      { kind: "rule", value: "info", why: "informational", hits: 520 },
    ],
  );
});

test("a changed folder is in force with the next batch; a wrong one stays as it was and says so until it is right", async (t) => {
  const server = await openServer(t, { "dns.yml": usual });
  const at = after(server.clock.now, -5 * minute);
  const path = join(server.folder, "dns.yml");
  const refresh = (): Promise<void> => server.rules.refresh(server.clock.now);
  const deliver = async (key: string, query: string): Promise<number | undefined> =>
    (await server.deliver(key, [line(query, after(at, Number(key) * 1000))]))?.hits;
  assert.equal(await deliver("1", "a.t.exfil.example"), 1);
  const { version } = server.rules.texts;
  await refresh();
  assert.equal(server.rules.texts.version, version, "nothing changed, nothing is compiled anew");

  write(path, usual.replace(".t.exfil.example", ".other.example"));
  await refresh();
  assert.deepEqual([await deliver("2", "b.t.exfil.example"), await deliver("3", "b.other.example")], [0, 1]);

  write(path, usual.replace("condition: name", "condition: nobody"));
  await refresh();
  assert.equal(await deliver("4", "c.other.example"), 1, "the last good set stands");
  assert.deepEqual(
    server.rules.untold().map(({ folder, kept, problems }) => ({ folder, kept, problems })),
    [{ folder: "site", kept: true, problems: 1 }],
  );
  await refresh();
  assert.deepEqual(server.rules.untold(), [], "told once");
  const lo = await server.viewer("lo");
  const status = await server.acts.status(lo, ask);
  assert.ok(status.ok);
  const [alarm] = status.value.alarms;
  assert.deepEqual([alarm?.about, alarm?.id, alarm?.state], ["rules", "site", "quarantined"]);
  assert.match(alarm?.says ?? "", /^1 problem; the rules that were read well before are in force\. dns\.yml:\d+:\d+: /);
  const member = await server.acts.status(await server.viewer("chan"), ask);
  assert.deepEqual(member.ok && member.value.alarms, []);

  // a test beside it that fails is wrong as well, and so is a folder that went away
  write(path, usual);
  write(join(server.folder, "dns.test.yml"), "- { matches: true, event: { query: www.parks.example } }\n");
  await refresh();
  assert.equal(await deliver("5", "d.other.example"), 1);
  renameSync(server.folder, `${server.folder}-gone`);
  await refresh();
  assert.equal(server.rules.trouble[0]?.problem.code, "WGL_RULE_FOLDER");
  assert.equal(await deliver("6", "e.other.example"), 1);
  renameSync(`${server.folder}-gone`, server.folder);
  rmSync(join(server.folder, "dns.test.yml"));
  await refresh();
  assert.deepEqual(server.rules.trouble, []);
  assert.deepEqual([await deliver("7", "f.other.example"), await deliver("8", "f.t.exfil.example")], [0, 1]);
});

test("a folder that was never right is in force as far as it can be read, and says so", async (t) => {
  const server = await openServer(t, { "a.yml": usual, "b.yml": "title: half\ndetection: 3\n" });
  assert.deepEqual(
    server.rules.trouble.map(({ kept }) => kept),
    [false],
  );
  assert.equal((await server.deliver("one", [line("a.t.exfil.example", server.clock.now)]))?.hits, 1);
});

test("a person turns a rule off and on, each with a reason that stands in the evidence", async (t) => {
  const server = await openServer(t, { "dns.yml": usual });
  const { state } = server.desk;
  const decide = async (rule: string, runs: boolean): Promise<string> => {
    const did = await decideRule(
      state,
      server.rules,
      { rule, runs, reason: "it is noise here", who: "Lo" },
      server.clock.now,
    );
    await server.rules.refresh(server.clock.now);
    return did.ok ? "ok" : did.problem.code;
  };
  const hits = async (key: string): Promise<number | undefined> =>
    (await server.deliver(key, [line(`${key}.t.exfil.example`, server.clock.now)]))?.hits;
  assert.equal(await hits("a"), 1);
  assert.equal(await decide("no-such-rule", false), "WGL_RULE_UNKNOWN");
  assert.equal(await decide(asked, false), "ok");
  assert.equal(await hits("b"), 0);
  assert.equal(await decide(asked, true), "ok");
  assert.equal(await hits("c"), 1);
  assert.equal(await decide("*", false), "ok");
  assert.equal(await hits("d"), 1, "a decision that names the rule goes before one of all");
  const leaves =
    await server.sql`select subject, data from evidence_leaf where kind = 'policy' and subject like 'rule %' order by n`;
  assert.deepEqual(
    leaves.map((row) => [row["subject"], (row["data"] as { act: string }).act]),
    [
      [`rule ${asked}`, "disable rule"],
      [`rule ${asked}`, "enable rule"],
      ["rule *", "disable rule"],
    ],
  );
});

test("matchBatch() with rules finds the listed values that it finds without", () => {
  const folder = new URL("../src/telemetry/", import.meta.url);
  const texts: RuleTexts = {
    ...{ version: 1, decisions: [] },
    packs: [{ name: "p", files: [{ path: "a.yml", text: ruleOf("all", "All", ".example") }] }],
  };
  const rules = new BatchRules(texts);
  let [ruled, met] = [0, 0];
  for (const format of formats) {
    if (!format.rules) continue;
    const sample = readdirSync(new URL(`${format.id}/`, folder)).find((name) => /^sample\.(?!expected)/.test(name));
    if (sample === undefined) continue;
    const body = readFileSync(new URL(`${format.id}/${sample}`, folder));
    const reading = {
      body,
      format,
      own: networks(["192.0.2.0/24"]),
      hash: () => "h",
      received: instant(1_795_077_720_000),
    };
    const empty = buildMatchIndex([], Buffer.alloc(32, 1));
    const values = new Map<string, { kind: "ipv4" | "domain"; value: string }>();
    const reader = format.open({ received: reading.received });
    for (const text of body.toString("utf8").split("\n")) {
      const read = reader.parse(text);
      if (!read?.ok) continue;
      for (const { kind, value } of read.value.seen)
        if (kind === "ipv4" || kind === "domain") values.set(`${kind} ${value}`, { kind, value });
    }
    const index = buildMatchIndex(
      [...values.values()].map((observable, id) => ({ id, visibility: 0, observable })),
      Buffer.alloc(32, 1),
    );
    const [plain, asWell] = [matchBatch(reading, index), matchBatch(reading, index, rules)];
    assert.deepEqual(asWell.matches, plain.matches, format.id);
    assert.equal(asWell.lines, plain.lines);
    assert.deepEqual(matchBatch(reading, empty).ruled, []);
    ruled += asWell.ruled.length;
    met += plain.matches.length;
  }
  assert.ok(ruled > 0 && met > 0, `${ruled} ${met}`);
});

test("problemOfDoing() takes the gravest damage that a rule's tactics name", () => {
  const of = (tactics: readonly string[], attack: readonly string[] = [], logsource = {}): string =>
    problemOfDoing({ tactics, attack, logsource });
  assert.equal(of(["execution", "impact", "exfiltration"]), "sabotage");
  assert.equal(of(["exfiltration"]), "data-leak");
  assert.equal(of(["credential-access"]), "unprivileged-account-compromise");
  assert.equal(of(["credential-access"], ["T1110.003"]), "brute-force");
  assert.equal(of(["command-and-control"]), "infected-system");
  assert.equal(of(["initial-access"], [], { category: "webserver" }), "exploit");
  assert.equal(of(["initial-access"], ["T1190"]), "exploit");
  assert.equal(of(["discovery"], ["T1046"]), "scanner");
  assert.equal(of(["execution"], ["T1059.001"], { product: "windows" }), "system-compromise");
  assert.equal(of([]), "system-compromise");
});
