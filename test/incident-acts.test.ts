import assert from "node:assert/strict";
import { test } from "node:test";
import { after, day, minute } from "#core/instant.ts";
import { age } from "#jobs/indicators/age.ts";
import { type DetectorSource, detectorClaim, shadowsOf } from "#jobs/findings/detector-source.ts";
import { type Community, hitId, recordHits } from "#jobs/findings/record-hits.ts";
import { countScorecards } from "#jobs/indicators/scorecard.ts";
import { type ActsWorld, ask, openActsWorld } from "./acts-world.ts";

const good = <T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: unknown },
): T => {
  assert.ok(result.ok, JSON.stringify(result));
  return (result as { readonly value: T }).value;
};
const codeOf = (result: { readonly ok: boolean; readonly problem?: { readonly code: string } }): string | undefined =>
  result.problem?.code;

const communityOf = (world: ActsWorld): Community => ({
  shadow: () => false,
  worth: () => "normal",
  idOf: (kind, key) => world.id(kind, key),
});

const rule: DetectorSource = {
  ...{ id: "rule:loud", title: "Loud rule", publisher: "us", grade: { source: "B", statement: 2 }, tlp: "amber" },
};

/** Hits of a rule on these hosts of the Transport Department, a minute apart. */
const ruled = async (
  world: ActsWorld,
  hosts: readonly string[],
  speaks: boolean,
  salt = "",
): Promise<readonly string[]> => {
  const organisation = world.id("organisation", "transport") as never;
  const recorded = await world.desk.state.act(async (tx) => {
    await shadowsOf(tx, new Map([[rule.id, rule]]));
    return recordHits(
      tx,
      hosts.map((host, n) => ({
        claims: [detectorClaim(rule, organisation, !speaks, (kind, key) => world.id(kind, key))],
        hit: {
          ...{ id: hitId(["loud", host, salt]), detector: "sigma" as const, organisation, asset: host },
          ...{ observable: { kind: "domain" as const, value: host }, sources: [rule.id], where: "record" as const },
          ...{ problem: { type: "system-compromise" as const, about: "" }, direction: "unknown" as const },
          ...{ severity: "high" as const, attack: ["T1059"], time: after(world.clock.now, n * minute) },
          noticed: { id: "loud", title: "Loud rule", tactics: ["execution"] },
          evidence: { file: "f", line: n + 1, text: host },
        },
      })),
      undefined,
      communityOf(world),
      world.clock.now,
    );
  });
  return recorded.touched.map(({ id }) => id);
};

test("an incident: staff reads the whole, a member its own part under its own name, with chain, ties and reasons", async (t) => {
  const world = await openActsWorld(t);
  const one = await world.find({ organisation: "transport", asset: "203.0.113.24" });
  await world.find({ organisation: "parks", asset: "203.0.113.40" });
  const lo = await world.viewer("lo");
  const chan = await world.viewer("chan");
  const whole = good(await world.acts.incidents(lo, { view: "open", limit: 10 }, ask));
  assert.deepEqual(whole.counts, { open: 1, muted: 0, closed: 0 });
  assert.equal(whole.incidents[0]?.organisations.length, 2);
  const own = good(await world.acts.incidents(chan, { view: "open", limit: 10 }, ask));
  assert.deepEqual(
    own.incidents[0]?.organisations.map(({ name }) => name),
    ["Transport Department"],
  );
  assert.notEqual(own.incidents[0]?.id, whole.incidents[0]?.id);
  assert.equal(own.incidents[0]?.state, undefined, "what staff thinks of the whole is staff's");
  assert.equal(codeOf(await world.acts.incident(chan, whole.incidents[0]?.id ?? "", ask)), "WGL_ABSENT");
  const page = good(await world.acts.incident(chan, own.incidents[0]?.id ?? "", ask));
  assert.equal(page.others, undefined, "two is told to nobody");
  assert.deepEqual(
    page.findings.map(({ id }) => id),
    [one.id],
  );
  assert.ok(page.entities.some(({ kind, value }) => kind === "address" && value === "203.0.113.24"));
  assert.ok(page.because[0]?.steps.some(({ evidence }) => evidence?.kind === "claim"));
  assert.ok(
    (page.findings[0]?.risk.score ?? 0) > 0 && (page.incident.risk ?? 0) >= (page.findings[0]?.risk.score ?? 0),
  );
  // acts are staff's, and leave a leaf
  const id = whole.incidents[0]?.id ?? "";
  assert.equal(codeOf(await world.acts.doIncident(chan, id, { act: "confirm" }, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await world.acts.doIncident(lo, id, { act: "dismiss" }, ask)), "WGL_ACT_REASON");
  assert.equal(codeOf(await world.acts.doIncident(lo, id, { act: "contain" }, ask)), "WGL_ACT_NOW");
  assert.equal(good(await world.acts.doIncident(lo, id, { act: "confirm" }, ask)).incident.state, "confirmed");
  assert.equal((await world.leaves()).at(-1)?.data["act"], "confirm incident");
});

test("of others a member reads a count from five organisations on, by fives, and only of what it may know itself", async (t) => {
  const world = await openActsWorld(t);
  await world.find({ organisation: "transport", asset: "203.0.113.24" });
  const chan = await world.viewer("chan");
  const others = async (): Promise<number | undefined> => {
    const page = good(await world.acts.incidents(chan, { view: "open", limit: 10 }, ask));
    return good(await world.acts.incident(chan, page.incidents[0]?.id ?? "", ask)).others;
  };
  const [mine] =
    await world.sql`select p.n, s.key, s.first_seen, s.last_seen from incident p join incident_shared s on s.incident = p.n`;
  const met = async (n: number): Promise<void> => {
    const key = world.id("organisation", `other-${n}`);
    await world.sql`insert into organisation (id, key, kind, names, languages, shadow, zone, since) values (${key}, ${key}, 'member', '{"en":"x"}', '{en}', false, 'UTC', now())`;
    const [row] =
      await world.sql`insert into incident (id, state, problem_type, problem_about, severity, first_seen, last_seen, changed, organisation, anchor, anchor_at)
      values (${world.id("incident", key)}, 'suspected', 'phishing', '', 'low', now(), now(), now(), ${key}, ${world.id("finding", key)}, now()) returning n`;
    await world.sql`insert into incident_shared (key, incident, first_seen, last_seen) values (${mine?.["key"] as string}, ${row?.["n"] as number}, ${new Date(mine?.["first_seen"] as number)}, ${new Date(mine?.["last_seen"] as number)})`;
  };
  for (let n = 0; n < 4; n++) await met(n);
  assert.equal(await others(), undefined);
  await met(4);
  assert.equal(await others(), 5);
  for (let n = 5; n < 9; n++) await met(n);
  assert.equal(await others(), 5, "nine is told as five");
});

test("a silence holds what it matches, old and new, counts it, and gives it back; an alert waits for its end", async (t) => {
  const world = await openActsWorld(t);
  const lo = await world.viewer("lo");
  const chan = await world.viewer("chan");
  const one = await world.find({ organisation: "transport", asset: "203.0.113.24" });
  await world.sql`delete from queue`;
  const until = new Date(after(world.clock.now, 2 * day)).toISOString();
  const wanted = {
    organisation: world.id("organisation", "transport"),
    asset: "203.0.113.16/28",
    reason: "a test",
    until,
  };
  assert.equal(codeOf(await world.acts.silence(chan, wanted, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await world.acts.silence(lo, { reason: "all", until }, ask)), "WGL_SILENCE_EMPTY");
  assert.equal(codeOf(await world.acts.silence(lo, { ...wanted, reason: " " }, ask)), "WGL_ACT_REASON");
  assert.equal(
    codeOf(await world.acts.silence(lo, { ...wanted, until: "2030-01-01T00:00:00Z" }, ask)),
    "WGL_SILENCE_UNTIL",
  );
  const made = good(await world.acts.silence(lo, wanted, ask));
  assert.deepEqual([made.holds, made.findings, made.hits], [1, 1, 0]);
  assert.equal((await world.leaves()).at(-1)?.data["act"], "silence");
  const two = await world.find({ organisation: "transport", asset: "203.0.113.25", value: "other.example" });
  const views = good(await world.acts.findings(lo, { view: "muted", limit: 10 }, ask));
  assert.deepEqual(views.findings.map(({ id }) => id).toSorted(), [one.id, two.id].toSorted());
  assert.equal(views.counts.open, 0);
  assert.deepEqual(good(await world.acts.incidents(lo, { view: "muted", limit: 10 }, ask)).counts, {
    open: 0,
    muted: 1,
    closed: 0,
  });
  const kept = good(await world.acts.silences(lo, ask)).silences[0];
  assert.deepEqual([kept?.holds, kept?.findings], [2, 2]);
  assert.ok((kept?.hits ?? 0) > 0, "hits that came meanwhile are counted");
  assert.equal((await world.sql`select count(*)::int as n from queue where kind = 'alert'`)[0]?.["n"], 0);
  // by itself, when its time has come
  world.clock.now = after(world.clock.now, 2 * day + minute);
  await age(world.desk.state, world.clock.now);
  assert.equal(good(await world.acts.findings(lo, { view: "open", limit: 10 }, ask)).findings.length, 2);
  assert.equal((await world.sql`select count(*)::int as n from queue where kind = 'alert'`)[0]?.["n"], 2);
  assert.ok((good(await world.acts.incidents(lo, { view: "open", limit: 10 }, ask)).incidents[0]?.risk ?? 0) > 0);
  assert.equal(codeOf(await world.acts.endSilence(lo, made.id, { reason: "done" }, ask)), "WGL_ABSENT", "it is over");
});

test("a step taken back weighs the finding and its incident again, and stands again when it is let", async (t) => {
  const world = await openActsWorld(t);
  const lo = await world.viewer("lo");
  const one = await world.find({
    claims: [{ feed: "abusech-feodo" }, { feed: "ipsum", grade: { source: "C", statement: 3 } }],
  });
  const before = good(await world.acts.finding(lo, one.id, ask)).finding;
  assert.equal(
    codeOf(await world.acts.takeStepBack(lo, one.id, { kind: "claim", id: "abusech-feodo", stands: false }, ask)),
    "WGL_ACT_REASON",
  );
  assert.equal(
    codeOf(await world.acts.takeStepBack(lo, one.id, { kind: "claim", id: "nobody", stands: false, reason: "x" }, ask)),
    "WGL_ABSENT",
  );
  const less = good(
    await world.acts.takeStepBack(
      lo,
      one.id,
      { kind: "claim", id: "abusech-feodo", stands: false, reason: "ours" },
      ask,
    ),
  );
  assert.ok(less.finding.risk.score < before.risk.score && less.finding.state === before.state);
  assert.ok(less.because.some(({ evidence }) => evidence?.takenBack === "here"));
  const gone = good(
    await world.acts.takeStepBack(lo, one.id, { kind: "claim", id: "ipsum", stands: false, reason: "too" }, ask),
  );
  assert.equal(gone.finding.state, "false");
  assert.equal(good(await world.acts.incidents(lo, { view: "open", limit: 5 }, ask)).incidents.length, 0);
  const back = good(await world.acts.takeStepBack(lo, one.id, { kind: "claim", id: "ipsum", stands: true }, ask));
  assert.equal(back.finding.state, before.state);
  const whole = good(
    await world.acts.takeStepBack(lo, one.id, { kind: "claim", id: "abusech-feodo", stands: true }, ask),
  );
  assert.deepEqual(whole.finding.risk, before.risk);
  // every hit wrong: nothing is left of it
  const hits = (await world.sql`select id from hit`).map((row) => row["id"] as string);
  for (const id of hits)
    good(await world.acts.takeStepBack(lo, one.id, { kind: "hit", id, stands: false, reason: "a test" }, ask));
  assert.equal(good(await world.acts.finding(lo, one.id, ask)).finding.state, "false");
});

test("the gate: a rule that called too much about nothing only adds risk, and is let speak when people agree", async (t) => {
  const world = await openActsWorld(t);
  const lo = await world.viewer("lo");
  const [first = "", second = "", third = ""] = await ruled(world, ["ws-1", "ws-2", "ws-3"], true);
  assert.ok(third !== "");
  for (const id of [first, second, third])
    good(await world.acts.doFinding(lo, id, { act: "false", reason: "it is our own script" }, ask));
  await countScorecards(world.desk.state, world.clock.now);
  const source = good(await world.acts.source(lo, rule.id, ask));
  assert.equal(source.record?.speaks, false, JSON.stringify(source.record));
  assert.equal(source.record?.here?.aboutNothing, 3);
  assert.equal(source.scorecard?.falseFindings, 3);
  // the same rule again, on a host that an open finding is about: it opens nothing, and is told on the incident
  await world.find({ organisation: "transport", asset: "203.0.113.24" });
  const open = good(await world.acts.incidents(lo, { view: "open", limit: 5 }, ask));
  assert.deepEqual(await ruled(world, ["203.0.113.24", "ws-9"], true, "again"), []);
  const page = good(await world.acts.incident(lo, open.incidents[0]?.id ?? "", ask));
  assert.deepEqual(
    page.quiet.map(({ source: id, asset }) => `${id} ${asset}`),
    ["rule:loud 203.0.113.24"],
  );
  assert.ok(page.incident.risk >= (open.incidents[0]?.risk ?? 0));
  assert.equal((await world.sql`select count(*)::int as n from quiet_hit`)[0]?.["n"], 2);
  assert.deepEqual(
    await ruled(world, ["203.0.113.24", "ws-9"], true, "again"),
    [],
    "delivered twice it doubles nothing",
  );
  assert.equal((await world.sql`select count(*)::int as n from quiet_hit`)[0]?.["n"], 2);
  // they were right after all
  for (const id of [first, second, third]) {
    good(await world.acts.doFinding(lo, id, { act: "reopen" }, ask));
    good(await world.acts.doFinding(lo, id, { act: "confirm" }, ask));
  }
  await countScorecards(world.desk.state, world.clock.now);
  assert.equal(good(await world.acts.source(lo, rule.id, ask)).record?.speaks, true);
  assert.equal((await ruled(world, ["ws-12"], true, "later")).length, 1);
});

test("ATT&CK: what behaviours look for, what was seen, and what nobody looks for", async (t) => {
  const world = await openActsWorld(t);
  const lo = await world.viewer("lo");
  await ruled(world, ["ws-1"], true);
  const matrix = good(await world.acts.attack(lo, ask));
  assert.equal(matrix.tactics.length, 14);
  assert.equal(matrix.named, false);
  const all = [...matrix.tactics.flatMap(({ techniques }) => techniques), ...matrix.elsewhere];
  assert.ok(all.some(({ id, seen }) => id === "T1059" && seen === 1));
  assert.ok(all.some(({ behaviours }) => behaviours.includes("beacon")));
  assert.equal(codeOf(await world.acts.attack(await world.viewer("chan"), ask)), "WGL_ABSENT");
});
