import assert from "node:assert/strict";
import { test } from "node:test";
import type { FindingsAsked } from "#jobs/acts/port.ts";
import { after, day, instant, printInstant } from "#core/instant.ts";
import type { PersonId } from "#community/person.ts";
import type { Viewer } from "#community/viewer.ts";
import { knownTo } from "#jobs/acts/known-to.ts";
import type { FindingSeen } from "#jobs/views.ts";
import { ask, codeOf, openActsWorld, party } from "./acts-world.ts";

const open: FindingsAsked = { view: "open", limit: 100 };
const refOf = (id: string): string => `F-${id.slice(0, 6).toUpperCase()}`;

test("findings() gives staff all, members their own, nobody else's and none in shadow", async (t) => {
  const world = await openActsWorld(t);
  const { acts, find, viewer, id } = world;
  const own = await find();
  const parks = await find({ organisation: "parks", asset: "203.0.113.40", value: "198.51.100.9" });
  const shadow = await find({
    asset: "203.0.113.25",
    value: "198.51.100.8",
    claims: [{ shadow: true, feed: "stamparm-ipsum" }],
  });
  assert.equal(shadow.shadow, "new-feed");
  const ids = async (who: "lo" | "chan" | "green" | "abroad" | "root", asked = open): Promise<string[]> => {
    const page = await acts.findings(await viewer(who), asked, ask);
    assert.ok(page.ok);
    return page.value.findings.map((row) => row.id).sort();
  };
  assert.deepEqual(await ids("lo"), [own.id, parks.id].sort());
  assert.deepEqual(await ids("lo", { ...open, view: "shadow" }), [shadow.id]);
  assert.deepEqual(await ids("chan"), [own.id]);
  assert.deepEqual(await ids("green"), [parks.id]);
  assert.deepEqual(await ids("chan", { ...open, view: "shadow" }), []);
  assert.deepEqual(await ids("chan", { ...open, organisation: id("organisation", "parks") }), []);
  assert.deepEqual(await ids("abroad"), []);
  assert.deepEqual(await ids("root"), [], "who runs the system reads no findings");

  const member = await acts.findings(await viewer("chan"), open, ask);
  assert.ok(member.ok);
  assert.deepEqual(member.value.counts, { open: 1, snoozed: 0, suppressed: 0, muted: 0, shadow: 0, closed: 0 });
  assert.deepEqual(
    member.value.groups.map((group) => group.organisation.name),
    ["Transport Department"],
  );
  for (const one of [parks, shadow]) {
    assert.equal(codeOf(await acts.finding(await viewer("chan"), one.id, ask)), "WGL_ABSENT");
    assert.equal(
      codeOf(await acts.answerFinding(await viewer("chan"), one.id, { answer: "fixed" }, ask)),
      "WGL_ABSENT",
    );
    assert.equal(
      codeOf(await acts.doFinding(await viewer("chan"), one.id, { act: "note", reason: "x" }, ask)),
      "WGL_ABSENT",
    );
  }
  assert.equal(codeOf(await acts.finding(await viewer("chan"), "no-such-id", ask)), "WGL_ABSENT");
  assert.equal(
    codeOf(await acts.finding(party(world, "transport", "member"), own.id, ask)),
    "WGL_ABSENT",
    "a list token reads no findings",
  );
});

test("findings() are found by reference, value and words of their title in the reader's language", async (t) => {
  const { acts, find, viewer } = await openActsWorld(t);
  const bot = await find();
  const spam = await find({
    type: "spam",
    about: "",
    detector: "own-asset-listed",
    asset: "203.0.113.26",
    value: "203.0.113.26",
  });
  const lo = await viewer("lo");
  const found = async (text: string, language = ask.language): Promise<string[]> => {
    const page = await acts.findings(lo, { ...open, search: text }, { ...ask, language });
    assert.ok(page.ok);
    return page.value.findings.map((row) => row.id);
  };
  assert.deepEqual(await found(refOf(bot.id)), [bot.id]);
  assert.deepEqual(await found("203.0.113.26"), [spam.id]);
  assert.deepEqual(await found("QAKBOT"), [bot.id]);
  assert.deepEqual(await found("sending spam"), [spam.id]);
  assert.deepEqual(await found("濫發電郵", "zh-Hant-HK"), [spam.id]);
  assert.deepEqual(await found("nothing \0 like it"), []);
  const page = await acts.findings(lo, { ...open, severity: "high" }, ask);
  assert.ok(page.ok);
  assert.deepEqual(
    page.value.findings.map((row) => [row.ref, row.title]),
    [[refOf(bot.id), "Device in contact with a server that controls malware: qakbot"]],
  );
});

test("findings() pages through all of them once; another cursor is a problem", async (t) => {
  const { acts, find, viewer } = await openActsWorld(t);
  const made = [];
  for (let n = 0; n < 5; n++)
    made.push((await find({ asset: `203.0.113.${17 + n}`, organisation: n % 2 === 0 ? "transport" : "parks" })).id);
  const lo = await viewer("lo");
  const read: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await acts.findings(lo, { view: "open", limit: 2, ...(cursor === undefined ? {} : { cursor }) }, ask);
    assert.ok(page.ok);
    read.push(...page.value.findings.map((row) => row.id));
    cursor = page.value.next;
  } while (cursor !== undefined);
  assert.deepEqual(read.toSorted(), made.toSorted());
  assert.equal(read.length, 5);
  for (const bad of ["x", "WzFd", Buffer.from('[0,"2026-01-01","o",1,"\\u0000"]').toString("base64url")])
    assert.equal(codeOf(await acts.findings(lo, { ...open, cursor: bad }, ask)), "WGL_CURSOR", bad);
});

test("finding() says why: what was seen, who calls it bad, whose it is, what else fits", async (t) => {
  const { acts, find, viewer } = await openActsWorld(t);
  const finding = await find({ times: 3 });
  const detail = await acts.finding(await viewer("lo"), finding.id, ask);
  assert.ok(detail.ok);
  const { because, evidence, steps, audience, sources, value } = { ...detail.value, value: detail.value };
  assert.deepEqual(
    because.map((step) => [step.step, step.text, step.source, step.grade]),
    [
      [
        "seen",
        "203.0.113.24 and 198[.]51[.]100[.]77 were in contact: destination address, outbound; seen 3 times.",
        "Telemetry",
        undefined,
      ],
      ["known-bad", "198[.]51[.]100[.]77 is listed as qakbot.", "Feodo Tracker botnet command servers", "B2"],
      ["yours", "203.0.113.16/28 is held by Transport Department since 1 Jan 2024.", "Public registry", undefined],
    ],
  );
  assert.equal(evidence.length, 3);
  assert.deepEqual([evidence[0]?.match, value.evidenceTotal], ["198.51.100.77", 3]);
  assert.ok(steps.length > 2 && steps.every((step) => step.what !== "" && step.who !== "" && step.when !== ""));
  assert.deepEqual(
    audience.map((one) => [one.name, one.role]),
    [
      ["Chan Hoi-ki", "Security contact"],
      ["Transport head", "Manager"],
    ],
  );
  assert.deepEqual(
    sources.map((source) => source.feed),
    ["abusech-feodo"],
  );
  assert.ok(value.acts.includes("snooze") && !value.acts.includes("release") && !value.mayAnswer);
  assert.deepEqual(
    value.history.map((event) => [event.who, event.what]),
    [["waglan", "found it"]],
  );

  const theirs = await acts.finding(await viewer("chan"), finding.id, { ...ask, language: "zh-Hans" });
  assert.ok(theirs.ok);
  assert.deepEqual([theirs.value.acts, theirs.value.mayAnswer], [[], true]);
  assert.equal(theirs.value.finding.incident, undefined);
  assert.match(theirs.value.because[2]?.text ?? "", /203\.0\.113\.16\/28 自 2024年1月1日起由运输署持有/);
  const head = await acts.finding(await viewer("head"), finding.id, ask);
  assert.ok(head.ok && !head.value.mayAnswer, "a manager reads and does not answer here");
});

test("a member is told of no source above AMBER, and of no word it said", async (t) => {
  const { acts, find, viewer } = await openActsWorld(t);
  const listed = {
    detector: "own-asset-listed",
    type: "blacklist",
    about: "",
    asset: "203.0.113.24",
    value: "203.0.113.24",
  } as const;
  const secret = { feed: "stamparm-ipsum", tlp: "red", labels: ["secret-word"] } as const;
  const mixed = await find({ ...listed, claims: [{ labels: ["open-word"] }, secret] });
  const told = await acts.finding(await viewer("chan"), mixed.id, ask);
  assert.ok(told.ok);
  assert.deepEqual(
    told.value.sources.map((source) => source.feed),
    ["abusech-feodo"],
  );
  assert.doesNotMatch(JSON.stringify(told.value), /secret-word|ipsum/i);
  assert.match(JSON.stringify(told.value.evidence), /open-word/);

  const hidden = await find({ ...listed, asset: "203.0.113.29", value: "203.0.113.29", claims: [secret] });
  assert.equal(hidden.shadow, "hidden");
  assert.equal(codeOf(await acts.finding(await viewer("chan"), hidden.id, ask)), "WGL_ABSENT");
  const staff = await acts.doFinding(await viewer("lo"), hidden.id, { act: "release" }, ask);
  assert.ok(staff.ok);
  assert.match(JSON.stringify(staff.value.evidence), /secret-word/);
  const released = await acts.finding(await viewer("chan"), hidden.id, ask);
  assert.ok(released.ok);
  assert.deepEqual(released.value.sources, []);
  assert.equal(released.value.because[1]?.text, "Who says so cannot be named to you.");
  assert.equal(released.value.evidence.length, 1);
  assert.doesNotMatch(JSON.stringify(released.value), /secret-word|ipsum/i);
});

test("knownTo() leaves out hits and instances that a hidden source alone made", () => {
  const seen = (tlps: Readonly<Record<string, string>>): FindingSeen => ({
    finding: { detector: "indicator-match" } as FindingSeen["finding"],
    sources: Object.entries(tlps).map(([feed, tlp]) => ({
      ...{ feed, tlp, grade: { source: "B", statement: 2 }, labels: [] },
      ...{ firstSeen: instant(0), lastSeen: instant(0) },
    })),
    hits: Object.keys(tlps).map((feed) => ({
      ...{ time: instant(0), file: "", line: 1, text: feed, observable: feed, indicator: feed, sources: [feed] },
      ...{ where: "destination", direction: "outbound", attack: [], id: feed, refuted: false },
    })),
    instances: Object.keys(tlps).map((feed) => ({
      key: `destination ${feed}`,
      firstSeen: instant(0),
      lastSeen: instant(0),
      hits: 1,
    })),
    ...{ history: [], answers: [], also: [], mutes: 0 },
  });
  const member: Viewer = { kind: "person", person: "p" as PersonId, seats: [] };
  const both = knownTo(member, seen({ open: "amber", strict: "amber+strict", red: "red" }));
  assert.deepEqual(
    [both.sources, both.hits, both.instances].map((rows) => rows.length),
    [1, 1, 1],
  );
  assert.equal(both.hits[0]?.text, "open");
  const none = knownTo(member, seen({ red: "red" }));
  assert.deepEqual(
    [none.sources, none.hits, none.instances].map((rows) => rows.length),
    [0, 1, 1],
  );
});

test("staff decide: a released finding is told, a snoozed one is away, and the same key does it once", async (t) => {
  const { acts, find, viewer, sql, leaves, clock, woken } = await openActsWorld(t);
  const finding = await find({ claims: [{ shadow: true }] });
  const lo = await viewer("lo");
  const release = await acts.doFinding(lo, finding.id, { act: "release" }, { ...ask, key: "k1" });
  assert.ok(release.ok && !release.value.finding.shadow);
  assert.deepEqual(
    release.value.history.map((event) => [event.who, event.what]),
    [
      ["Lo Wing-yan", "let it speak"],
      ["waglan", "found it"],
    ],
  );
  assert.deepEqual(
    [...(await sql`select kind, key from queue where kind = 'alert'`)].map((row) => row["key"]),
    [finding.id],
  );
  assert.deepEqual(woken, ["alert"]);
  const again = await acts.doFinding(lo, finding.id, { act: "release" }, { ...ask, key: "k1" });
  assert.ok(again.ok && again.value.history.length === 2, "the same key is the same act");
  assert.equal(codeOf(await acts.doFinding(lo, finding.id, { act: "release" }, { ...ask, key: "k2" })), "WGL_ACT_NOW");

  assert.equal(
    codeOf(await acts.doFinding(lo, finding.id, { act: "suppress" }, { ...ask, key: "k3" })),
    "WGL_ACT_REASON",
  );
  assert.equal(codeOf(await acts.doFinding(lo, finding.id, { act: "snooze" }, ask)), "WGL_ACT_UNTIL");
  const until = printInstant(after(clock.now, day));
  const snoozed = await acts.doFinding(lo, finding.id, { act: "snooze", until }, ask);
  assert.ok(snoozed.ok && snoozed.value.finding.snoozedUntil === until);
  const suppressed = await acts.doFinding(
    lo,
    finding.id,
    { act: "suppress", reason: "a test of ours" },
    { ...ask, key: "k3" },
  );
  assert.ok(suppressed.ok, "what was refused kept no key");
  assert.equal(suppressed.value.finding.state, "suppressed");
  const policy = (await leaves()).filter((leaf) => leaf.subject === finding.id);
  assert.deepEqual(
    policy.map((leaf) => [leaf.kind, leaf.data["act"], leaf.data["who"]]),
    [
      ["policy", "release", "Lo Wing-yan"],
      ["policy", "snooze", "Lo Wing-yan"],
      ["policy", "suppress", "Lo Wing-yan"],
    ],
  );

  const member = await acts.finding(await viewer("chan"), finding.id, ask);
  assert.ok(member.ok);
  const told = JSON.stringify(member.value.history);
  assert.ok(!told.includes("a test of ours") && !told.includes("Lo Wing-yan") && told.includes("Harbour CERT"), told);
  assert.equal(
    codeOf(await acts.doFinding(await viewer("root"), finding.id, { act: "note", reason: "x" }, ask)),
    "WGL_ABSENT",
  );
});

test("a member's answer moves the finding, is kept with its note, and the same key answers once", async (t) => {
  const { acts, find, viewer, leaves, sql } = await openActsWorld(t);
  const finding = await find();
  const chan = await viewer("chan");
  const first = await acts.answerFinding(
    chan,
    finding.id,
    { answer: "acknowledged", note: " Unplugging it. " },
    { ...ask, key: "a" },
  );
  assert.ok(first.ok);
  assert.equal(first.value.finding.state, "acknowledged");
  assert.ok((await acts.answerFinding(chan, finding.id, { answer: "acknowledged" }, { ...ask, key: "a" })).ok);
  const fixed = await acts.answerFinding(chan, finding.id, { answer: "fixed" }, ask);
  assert.ok(fixed.ok);
  assert.deepEqual(
    fixed.value.answers.map(({ who, answer, note }) => [who, answer, note]),
    [
      ["Chan Hoi-ki", "fixed", undefined],
      ["Chan Hoi-ki", "acknowledged", "Unplugging it."],
    ],
  );
  assert.equal(fixed.value.finding.state, "fix-claimed");
  assert.equal((await leaves()).filter((leaf) => leaf.kind === "answer").length, 2);
  assert.equal((await sql`select from idempotency`).length, 1);
  const { lo, head } = { lo: await viewer("lo"), head: await viewer("head") };
  for (const other of [lo, head, await viewer("green")])
    assert.equal(codeOf(await acts.answerFinding(other, finding.id, { answer: "false" }, ask)), "WGL_ABSENT");
});
