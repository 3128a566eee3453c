import assert from "node:assert/strict";
import { test } from "node:test";
import { after, hour, printInstant } from "#core/instant.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { countScorecards } from "#jobs/indicators/scorecard.ts";
import { ask, codeOf, openActsWorld } from "./acts-world.ts";

const observable = { kind: "domain", value: "shop.example" } as const;
const id = indicatorId("test", observable);

test("an analyst judges an indicator by its id, once under one key, and nobody else does", async (t) => {
  const { acts, viewer, desk, clock, leaves } = await openActsWorld(t);
  const row: ClaimRow = {
    ...{
      id,
      observable,
      parts: [""],
      seenAt: clock.now,
      labels: [],
      flags: [],
      tlp: "green",
      pap: "clear",
      licence: "own",
    },
    ...{ grade: { source: "B", statement: 2 }, liveUntil: after(clock.now, 240 * hour) },
  };
  await desk.state.act(async (tx) => {
    await tx.intel.feed({ id: "abusech-feodo", liveDays: 9, voice: "alert" }, false);
    await tx.intel.merge("abusech-feodo", [row], clock.now);
  });
  const alive = async (): Promise<number> =>
    (await desk.state.act((tx) => tx.intel.liveClaims([id], clock.now))).length;
  const lo = await viewer("lo");
  const verdict = { verdict: "false", reason: "a shared host" } as const;
  for (const who of ["chan", "root"] as const)
    assert.equal(codeOf(await acts.judgeIndicator(await viewer(who), id, verdict, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.judgeIndicator(lo, "nothing", verdict, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.judgeIndicator(lo, id, { ...verdict, source: "never" }, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.judgeIndicator(lo, id, { ...verdict, reason: "  " }, ask)), "WGL_ACT_REASON");
  assert.equal(await alive(), 1);

  const judged = await acts.judgeIndicator(lo, id, verdict, { ...ask, key: "k" });
  assert.deepEqual(judged, { ok: true, value: { weighed: 0, takenBack: 0, restored: 0 } });
  assert.ok((await acts.judgeIndicator(lo, id, verdict, { ...ask, key: "k" })).ok);
  assert.equal(await alive(), 0);
  const said = (await leaves()).filter((leaf) => leaf.subject === id);
  assert.deepEqual(
    said.map(({ data }) => [data["act"], data["verdict"], data["who"], data["reason"]]),
    [["judge indicator", "false", "Lo Wing-yan", "a shared host"]],
    "once under one key",
  );
  await countScorecards(desk.state, clock.now);
  const shown = await acts.source(lo, "abusech-feodo", ask);
  assert.ok(shown.ok);
  assert.deepEqual(
    [shown.value.scorecard?.verdicts, shown.value.scorecard?.cases, shown.value.scorecard?.trust],
    [1, 1, undefined],
  );
  assert.ok((await acts.judgeIndicator(lo, id, { ...verdict, verdict: "restored" }, ask)).ok);
  assert.equal(await alive(), 1);
});

test("exclusions are put up, listed and ended by analysts; others look or do not even that", async (t) => {
  const { acts, viewer, woken, leaves, clock } = await openActsWorld(t);
  const [lo, root, chan] = [await viewer("lo"), await viewer("root"), await viewer("chan")];
  const reason = "a shared host";
  const list = {
    name: "Warninglist",
    type: "hostname",
    list: ["a.example", "not a name"],
    matching_attributes: ["domain"],
  };
  const base64 = Buffer.from(JSON.stringify(list)).toString("base64");
  const until = printInstant(after(clock.now, hour));

  const value = await acts.exclude(lo, { value: "shop[.]example", reason, until }, ask);
  assert.ok(value.ok);
  assert.deepEqual(
    { ...value.value, id: "" },
    {
      ...{ id: "", name: reason, value: "shop.example", type: "string", entries: 1, who: "Lo Wing-yan", reason },
      ...{ at: printInstant(clock.now), until },
    },
  );
  assert.ok((await acts.exclude(lo, { list: { name: "hosts.json", base64 }, reason }, ask)).ok);
  assert.deepEqual(woken, ["exclusions", "reweigh", "exclusions", "reweigh"]);
  assert.equal(codeOf(await acts.exclude(lo, { reason }, ask)), "WGL_EXCLUSION_WHAT");
  assert.equal(
    codeOf(await acts.exclude(lo, { value: "x.example", list: { name: "x", base64 }, reason }, ask)),
    "WGL_EXCLUSION_WHAT",
  );
  assert.equal(
    codeOf(await acts.exclude(lo, { list: { name: "x.json", base64: "e30=" }, reason }, ask)),
    "WGL_BODY_SHAPE",
  );
  assert.equal(
    codeOf(await acts.exclude(lo, { value: "x.example", reason, until: "2001-01-01T00:00:00Z" }, ask)),
    "WGL_EXCLUSION_UNTIL",
  );
  for (const who of [root, chan])
    assert.equal(codeOf(await acts.exclude(who, { value: "x.example", reason }, ask)), "WGL_ABSENT");

  const seen = await acts.exclusions(root, ask);
  assert.ok(seen.ok);
  assert.deepEqual(
    seen.value.exclusions.map((one) => one.name),
    ["Warninglist", reason],
  );
  assert.equal(codeOf(await acts.exclusions(chan, ask)), "WGL_ABSENT");

  const ended = value.value.id;
  assert.equal(codeOf(await acts.endExclusion(root, ended, { reason }, ask)), "WGL_ABSENT");
  assert.ok((await acts.endExclusion(lo, ended, { reason }, ask)).ok);
  assert.equal(codeOf(await acts.endExclusion(lo, ended, { reason }, ask)), "WGL_ABSENT");
  assert.equal((await leaves()).filter(({ subject }) => subject.startsWith("exclusion ")).length, 3);
});
