import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { after, instant, minute, second } from "#core/instant.ts";
import { askHunt, AskedHunts } from "#jobs/hunt/asked.ts";
import { huntCauses } from "#jobs/hunt/cause.ts";
import { huntRules } from "#jobs/hunt/rule.ts";
import { wantRuleHunts } from "#jobs/hunt/rule-wanted.ts";
import { huntedByRule } from "#jobs/hunt/rule-asked.ts";
import type { HuntProgress } from "#jobs/hunt/port.ts";
import { KeptRules } from "#jobs/rules/kept-rules.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import { openRules } from "#jobs/scan/rules.ts";
import { RuleMemory } from "#jobs/rules/memory.ts";
import { ruleFolder } from "#wiring/rule-folders.ts";
import { emptied, history, secret, skip, stamp, worldOf, type World } from "./hunt-world.ts";
import { now, o } from "./incident-world.ts";

const ruleOf = (id: string, ends: string, level = "high", more = ""): string => `title: Asked for ${ends}
id: ${id}
status: stable
logsource: { category: dns }
detection:
  name: { query|endswith: ${ends} }
  condition: name
level: ${level}
${more}`;
const one = "30d73fb2-6bb2-5699-9697-7b51e64bfb1a";
const two = "9f0ab6c1-1111-4222-8333-7b51e64bfb1b";

const asking = (name: string, minutes: number, us = "192.0.2.10"): object => ({
  ...{ timestamp: stamp(minutes), event_type: "dns", proto: "UDP", src_ip: us, src_port: 40_000 },
  ...{ dest_ip: "192.0.2.53", dest_port: 53, dns: { type: "query", id: 1, rrname: name, rrtype: "TXT" } },
});

const opened = async (
  t: TestContext,
): Promise<{
  world: World;
  rules: RuleMemory;
  write: (name: string, text: string) => Promise<void>;
  /** Looks for rules to hunt for until nothing is left. @returns hits found, and those that opened something */
  hunt: () => Promise<{ wanted: number; found: number; opened: number; read: number }>;
}> => {
  await emptied();
  const world = await worldOf(t);
  const folder = mkdtempSync(join(tmpdir(), "rules-hunt-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const rules = new RuleMemory(world.state, [ruleFolder("site", folder, "green")]);
  let clock = now;
  let written = 0;
  const { directory, state } = world.hunting;
  const community = { ...world.hunting.community, ruleTlp: rules.tlpOf };
  const steps = { rule: huntRules({ state, past: history, rules, directory, community }) };
  return {
    ...{ world, rules },
    write: async (name, text) => {
      writeFileSync(join(folder, name), text);
      utimesSync(join(folder, name), 1_000_000 + ++written, 1_000_000 + written);
      await rules.refresh(clock);
    },
    hunt: async () => {
      const sum = { wanted: 0, found: 0, opened: 0, read: 0 };
      // met; settled; set off
      for (let look = 0; look < 3; look++) {
        sum.wanted += await wantRuleHunts({ state, rules }, true, clock);
        clock = after(clock, 20 * second);
      }
      for (;;) {
        const cause = await huntCauses(state, steps, () => clock);
        if (cause === undefined) return sum;
        if (cause.state === "running") continue;
        assert.equal(cause.state, "done", JSON.stringify(cause.problem));
        sum.found += cause.found;
        sum.opened += cause.opened;
        sum.read += cause.read;
      }
    },
  };
};

test("a new rule is asked of the past once, by itself, and finds what live matching would have", {
  skip,
}, async (t) => {
  const { world, rules, write, hunt } = await opened(t);
  await world.bring(0, [asking("aaaa.t.exfil.example", 60 * 24 * 41), asking("www.parks.example", 30)]);
  await world.bring(1, [asking("bbbb.t.exfil.example", 20)]);
  await world.matchAll();
  await world.keepAll();
  assert.deepEqual(await hunt(), { wanted: 0, found: 0, opened: 0, read: 0 });
  await write("dns.yml", ruleOf(one, ".t.exfil.example"));
  const hunted = await hunt();
  assert.deepEqual({ ...hunted, read: 0 }, { wanted: 1, found: 2, opened: 2, read: 0 });
  assert.equal(hunted.read, 3);
  const hits = await world.sql`select f.organisation, h.detector, h.hunted is not null as back, h.noticed->>'id' as rule
    from hit h join finding f on f.n = h.finding order by h.time`;
  assert.deepEqual(
    hits.map((row) => [row["organisation"], row["detector"], row["back"], row["rule"]]),
    ["harbour", "tram"].map((key) => [o(key), "sigma", true, one]),
  );
  const shown =
    await world.sql`select shadow, (select declared->>'tlp' from feed_state where feed = ${`rule:${one}`}) as tlp from finding`;
  assert.ok(shown.length === 2 && shown.every((row) => row["shadow"] !== null), "in shadow as the rule is");
  assert.equal(rules.tlpOf(`rule:${one}`), "green");
  // again: nothing new; in force as it is
  assert.deepEqual(await hunt(), { wanted: 0, found: 0, opened: 0, read: 0 });
  // changed, it is asked again, and tells nothing twice
  await write("dns.yml", ruleOf(one, ".exfil.example"));
  const again = await hunt();
  assert.deepEqual([again.wanted, again.found, again.opened], [1, 2, 0]);
  assert.equal((await world.sql`select id from hit`).length, 2);
});

test("live hits and hits of the past of one line have one id", { skip }, async (t) => {
  const { world, rules, write, hunt } = await opened(t);
  await write("dns.yml", ruleOf(two, ".other.example"));
  await hunt();
  const lines = [asking("x.other.example", 50), asking("y.other.example", 49)];
  // asked live in one world …
  const { matchBatch } = await import("#jobs/batches/read.ts");
  const { BatchRules } = await import("#jobs/batches/rules.ts");
  const { buildMatchIndex } = await import("#intel/match-index.ts");
  const { networks } = await import("#detect/networks.ts");
  const { formats } = await import("#telemetry/index.ts");
  const format = formats.find(({ id }) => id === "suricata-eve");
  assert.ok(format);
  const live = matchBatch(
    {
      body: Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n")),
      ...{ format, own: networks(["192.0.2.0/24"]), hash: (value: string) => value, received: now },
    },
    buildMatchIndex([], Buffer.alloc(32, 1)),
    new BatchRules(rules.texts),
  );
  assert.equal(live.ruled.length, 2);
  // … and of the past in the other
  await world.bring(0, lines);
  await world.matchAll();
  await world.keepAll();
  await write("dns.yml", ruleOf(two, ".other.example", "high", "# said anew\n"));
  assert.equal((await hunt()).found, 2);
  const hits =
    await world.sql`select time, observable_value as asset, evidence as text from hit where noticed->>'id' = ${two} order by time`;
  assert.deepEqual(
    hits.map((row) => [Number(row["time"]), row["asset"], row["text"]]),
    live.ruled.map((one) => [one.time, one.asset, one.text]),
  );
});

test("a rule that was turned off and on again is asked of the time between", { skip }, async (t) => {
  const { world, rules, write, hunt } = await opened(t);
  await write("dns.yml", ruleOf(one, ".gone.example"));
  await hunt();
  const decide = (runs: boolean): Promise<void> =>
    world.state.act((tx) => tx.rules.decide({ rule: one, runs, reason: "a test", who: "test", at: now }));
  await decide(false);
  await rules.refresh(now);
  assert.deepEqual(await hunt(), { wanted: 0, found: 0, opened: 0, read: 0 });
  await world.bring(0, [asking("a.gone.example", 5)]);
  await world.matchAll();
  await world.keepAll();
  await decide(true);
  await rules.refresh(now);
  const hunted = await hunt();
  assert.deepEqual([hunted.wanted, hunted.found], [1, 1]);
});

const correlation = `title: Asked for twice
id: 0a0a0a0a-1111-4222-8333-7b51e64bfb1c
status: test
correlation:
  type: event_count
  rules: [${one}]
  group-by: [src_ip]
  timespan: 10m
  condition: { gte: 2 }
level: critical
`;

test("staff hunts by a rule of its own: what it matched, what correlations saw over time, and what it cannot see", {
  skip,
}, async (t) => {
  const { world } = await opened(t);
  await world.bring(0, [
    ...[90, 60, 55, 10].map((minutes) => asking(`x${minutes}.far.example`, minutes)),
    asking("quiet.example", 9),
  ]);
  await world.bring(1, [asking("y.far.example", 20, "192.0.2.77")]);
  await world.matchAll();
  await world.keepAll();
  const { state, directory } = world.hunting;
  const hunts = new AskedHunts({ state, past: history, directory, secret, now: () => now });
  const hunt = async (text: string, organisation?: string): Promise<HuntProgress> => {
    const rule = huntedByRule({ text }, [], []);
    assert.ok(rule.ok, JSON.stringify(rule));
    const id = randomUUID();
    const asked = await askHunt(state, {
      ...{ id, ofStaff: true, who: "lo", purpose: "a case", values: [], rule: rule.value },
      ...{ from: instant(0), to: now, at: now },
      ...(organisation === undefined ? {} : { organisation: o(organisation) }),
    });
    assert.ok(asked.ok);
    for (;;) {
      const turned = await hunts.turn();
      if (turned?.state === "running") continue;
      assert.equal(turned?.state, "done", JSON.stringify(turned?.problem));
      assert.ok(turned);
      return turned;
    }
  };
  const plain = await hunt(ruleOf(one, ".far.example"));
  assert.deepEqual(
    plain.ruled?.counts.map(({ rule, count, severity }) => [rule, count, severity]),
    [[one, 5, "high"]],
  );
  assert.deepEqual([plain.found, plain.read, plain.ruled?.blind], [5, 6, 0]);
  assert.equal((await hunt(ruleOf(one, ".far.example"), "tram")).found, 1);
  // a correlation speaks where the window fills; its rule is silent then
  const together = await hunt(`${ruleOf(one, ".far.example")}---\n${correlation}`);
  assert.deepEqual(
    together.ruled?.counts.map(({ title, count }) => [title, count]),
    [["Asked for twice", 1]],
  );
  const [row] = await world.sql`select result from hunt_result where hunt = ${together.id}`;
  assert.ok(row);
  const { rule } = row["result"] as { readonly rule: { readonly group: object; readonly count: number } };
  assert.deepEqual([rule.group, rule.count], [{ src_ip: "192.0.2.10" }, 2]);
  assert.equal(together.ruled?.saved, undefined, "nothing is kept of a hunt that is over");
  const [leaf = {}] = await world.sql`select data from evidence_leaf where subject = ${together.id}`;
  assert.equal((leaf["data"] as { readonly rule: string }).rule, `Asked for .far.example`);
});

test("a field that is not kept makes a rule miss, never match; and one that would match for its want is not asked", () => {
  const smtp = (field: string, condition: string): KeptRules => {
    const text = `title: T\nid: ${one}\nlogsource: { product: zeek, service: ssh }\ndetection:\n  a: { auth_success: false }\n  u: { ${field}: root }\n  condition: ${condition}\n`;
    return new KeptRules(openRules([loadPack("x", [{ path: "x.yml", text }])]), () => []);
  };
  const row = {
    ...{ time: now, organisation: "harbour", sensor: "s", format: "zeek", event: "ssh", batch: "s/1", line: 1 },
    text: JSON.stringify({
      ...{ _path: "ssh", ts: 1_795_000_000, uid: "C1", "id.orig_h": "192.0.2.1" },
      username: "4b1d",
      auth_success: false,
    }),
  };
  assert.deepEqual(smtp("username", "a").read([row], true).ruled.length, 1);
  const denied = smtp("username", "a and not u");
  assert.deepEqual(
    denied.unseen().map(({ field, format, blind }) => [format, field, blind]),
    [["zeek", "username", true]],
  );
  const page = denied.read([row], true);
  assert.deepEqual([page.ruled.length, page.blind], [0, 1]);
  const wanted = smtp("username", "a and u");
  assert.deepEqual(
    wanted.unseen().map(({ blind }) => blind),
    [false],
  );
  assert.deepEqual(wanted.read([{ ...row, text: row.text.replace("4b1d", "root") }], true).ruled.length, 0);
  // a line that cannot be read again as it is kept is counted
  assert.deepEqual({ ...smtp("username", "a").read([{ ...row, text: "1\t2" }], true).unread }, { WGL_ZEEK_HEADER: 1 });
});

test("without history every rule counts as hunted", async (t) => {
  const world = await worldOf(t);
  const folder = mkdtempSync(join(tmpdir(), "rules-hunt-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "dns.yml"), ruleOf(one, ".x.example"));
  const rules = new RuleMemory(world.state, [ruleFolder("site", folder)]);
  await rules.refresh(now);
  for (let look = 0; look < 3; look++)
    assert.equal(await wantRuleHunts({ state: world.state, rules }, false, instant(now + look * minute)), 0);
  assert.equal((await world.state.act((tx) => tx.rules.hunted()))[0]?.hunted, true);
});
