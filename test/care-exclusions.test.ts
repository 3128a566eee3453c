import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import type { Sql } from "postgres";
import { after, day, hour, instant, type Instant, minute } from "#core/instant.ts";
import { ok } from "#core/result.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { endExclusions, exclude, exclusionOfList, exclusionOfValue, include } from "#jobs/indicators/exclude.ts";
import { ExclusionMemory } from "#jobs/indicators/exclusion-memory.ts";
import { joinIndicators, type Joining } from "#jobs/indicators/join.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import type { State } from "#jobs/ports.ts";
import { recordHits } from "#jobs/findings/record-hits.ts";
import { reweighQueued } from "#jobs/findings/reweigh-queued.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { stateOf } from "#store/state.ts";
import { caughtUp, testDatabase } from "./cluster.ts";
import { community, emptyDirectory, hit, idOf, now, o, organisation } from "./incident-world.ts";

const who = { who: "Lo Wing-yan", reason: "a shared web host" };
const bad = { kind: "domain", value: "bad.example" } as const;

const claimRow = (value: string, some: Partial<ClaimRow> = {}): ClaimRow => ({
  ...{ id: idOf("indicator", value), observable: { kind: "domain", value }, parts: [""], seenAt: now },
  ...{ grade: { source: "B", statement: 2 }, labels: [], flags: [], tlp: "green", pap: "clear", licence: "own" },
  liveUntil: after(now, 9 * day),
  ...some,
});

interface World {
  readonly sql: Sql;
  readonly state: State;
  readonly exclusions: ExclusionMemory;
  readonly joining: Joining;
  readonly reweighed: (at: Instant) => Promise<number>;
}

/** "transport" owns own.example; a list speaks of it and of bad.example, which transport's host contacted. */
const opened = async (t: TestContext): Promise<World> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const directory = new DirectoryMemory(state);
  await state.act(async (tx) => {
    const asset = { id: "a1" as never, organisation: o("transport"), kind: "domain", value: "own.example" } as const;
    await tx.community.put(
      {
        ...emptyDirectory,
        organisations: [organisation("transport")],
        assets: [{ ...asset, from: instant(0), proof: "dns", worth: "normal" }],
      },
      now,
    );
    for (const id of ["list", "second"]) await tx.intel.feed({ id, liveDays: 9, voice: "alert" }, false);
    await tx.intel.merge("list", [claimRow("bad.example"), claimRow("own.example")], now);
    await recordHits(tx, [hit("transport", "10.0.0.1", "bad.example")], undefined, community, now);
  });
  await directory.refresh();
  const exclusions = new ExclusionMemory([], {});
  await state.act((tx) => exclusions.refresh(tx.care));
  const joining: Joining = { state, directory, community, listed: () => "blacklist", now: () => now };
  const reweighed = async (at: Instant): Promise<number> => {
    let pieces = 0;
    while ((await reweighQueued(state, exclusions, at)) !== undefined) pieces++;
    return pieces;
  };
  return { sql, state, exclusions, joining, reweighed };
};

const states = async (sql: Sql): Promise<Record<string, string>> =>
  Object.fromEntries(
    (
      await sql`select asset || case when shadow is null then '' else ' (' || shadow || ')' end as asset, state from finding order by 1`
    ).map((row) => [row["asset"] as string, row["state"] as string]),
  );

test("an exclusion is in force at once and for the past, leaves own assets alone, and is undone", async (t) => {
  const { sql, state, exclusions, joining, reweighed } = await opened(t);
  await caughtUp(sql);
  await joinIndicators(joining);
  assert.deepEqual(await states(sql), { "10.0.0.1": "new", "own.example": "new" });

  for (const observable of [bad, { kind: "domain", value: "own.example" } as const])
    assert.deepEqual(await exclude(state, exclusionOfValue(observable, who, now), now), ok(undefined));
  assert.equal(exclusions.known.excluded(bad), undefined, "not before it was read again");
  assert.equal(await state.act((tx) => exclusions.refresh(tx.care)), true);
  assert.equal(await state.act((tx) => exclusions.refresh(tx.care)), false);
  assert.equal(exclusions.known.excluded(bad)?.reason, "a shared web host");
  assert.equal(await reweighed(now), 1);
  assert.deepEqual(await states(sql), { "10.0.0.1": "withdrawn", "own.example": "new" });
  const [told] = await sql`select count(*)::int as n from queue where kind = 'alert' and payload = '{}'`;
  assert.ok((told?.["n"] as number) > 0, "who was told is told");
  assert.equal(await reweighed(after(now, minute)), 1, "once more, for what was being recorded");

  const gone = await include(state, "value domain:bad.example", { who: "Lo", reason: "no host of many" }, now);
  assert.deepEqual(gone, ok(undefined));
  await reweighed(now);
  assert.deepEqual(await states(sql), { "10.0.0.1": "new", "own.example": "new" });
  const leaves = await sql`select data->>'act' as act from evidence_leaf where subject like 'exclusion %' order by n`;
  assert.deepEqual(
    leaves.map((row) => row["act"]),
    ["exclude", "exclude", "include"],
  );
});

test("an exclusion ends by itself; a process that starts later knows it as well", async (t) => {
  const { sql, state, exclusions, reweighed } = await opened(t);
  await exclude(state, exclusionOfValue(bad, { ...who, until: after(now, hour) }, now), now);
  await reweighed(now);
  assert.deepEqual(await states(sql), { "10.0.0.1": "withdrawn" });
  const other = new ExclusionMemory([], {});
  await state.act((tx) => other.refresh(tx.care));
  assert.ok(other.known.excluded(bad));
  assert.equal(other.name, exclusions.name);
  assert.equal(await endExclusions(state, after(now, minute)), 0);
  assert.equal(await endExclusions(state, after(now, hour)), 1);
  await reweighed(after(now, hour));
  assert.deepEqual(await states(sql), { "10.0.0.1": "new" });
  await state.act((tx) => other.refresh(tx.care));
  assert.equal(other.known.excluded(bad), undefined);
  assert.equal(other.name, exclusions.name);
});

test("a MISP list is put up and replaced by its name; bad words are problems and change nothing", async (t) => {
  const { state, exclusions } = await opened(t);
  const body = (list: readonly string[]): Uint8Array =>
    Buffer.from(
      JSON.stringify({ name: "Hosters", type: "hostname", version: 3, list, matching_attributes: ["hostname"] }),
    );
  const put = async (list: readonly string[]): Promise<string> => {
    const read = exclusionOfList(body(list), "hosters.json", who, now);
    if (!read.ok) return read.problem.code;
    const did = await exclude(state, read.value, now);
    return did.ok ? "ok" : did.problem.code;
  };
  assert.equal(await put(["bad.example"]), "ok");
  assert.equal(await put(["good.example", "x y"]), "ok");
  await state.act((tx) => exclusions.refresh(tx.care));
  assert.equal(exclusions.known.excluded(bad), undefined);
  assert.equal(exclusions.known.excluded({ kind: "domain", value: "a.good.example" })?.list, "hosters");
  assert.deepEqual(
    (await state.act((tx) => tx.care.exclusionNames())).map(({ id, name, entries }) => [id, name, entries]),
    [["hosters", "Hosters", 2]],
  );
  assert.equal(await put(["x y"]), "WGL_EXCLUSION_EMPTY");
  const broken = exclusionOfList(Buffer.from("{}"), "x.json", who, now);
  assert.equal(broken.ok ? "" : broken.problem.code, "WGL_BODY_SHAPE");
  const code = async (deciding: Parameters<typeof exclusionOfValue>[1]): Promise<string> => {
    const did = await exclude(state, exclusionOfValue(bad, deciding, now), now);
    return did.ok ? "ok" : did.problem.code;
  };
  assert.equal(await code({ who: "Lo", reason: "  " }), "WGL_ACT_REASON");
  assert.equal(await code({ ...who, until: now }), "WGL_EXCLUSION_UNTIL");
  const absent = await include(state, "value domain:never.example", who, now);
  assert.equal(absent.ok ? "ok" : absent.problem.code, "WGL_ABSENT");
});

test("what a person judged false still brings a member's own asset before an analyst, and no further", async (t) => {
  const { sql, state, joining } = await opened(t);
  const never = (): boolean => false;
  const own = idOf("indicator", "own.example");
  // judged before anybody saw that it is a member's
  await judgeIndicator(state, { indicator: own, verdict: "false", ...who }, never, now);
  await caughtUp(sql);
  await joinIndicators(joining);
  assert.deepEqual(await states(sql), { "10.0.0.1": "new", "own.example (hidden)": "new" });
  assert.equal((await state.act((tx) => tx.intel.liveClaims([own], now))).length, 0, "it is out of the match");

  // another source names it: the analyst has it before him still, the member is told nothing
  await state.act((tx) => tx.intel.merge("second", [claimRow("own.example")], now));
  await caughtUp(sql);
  await joinIndicators(joining);
  assert.deepEqual(Object.keys(await states(sql)), ["10.0.0.1", "own.example (hidden)"]);

  await judgeIndicator(state, { indicator: own, verdict: "restored", ...who }, never, now);
  await caughtUp(sql);
  await joinIndicators(joining);
  assert.deepEqual(await states(sql), { "10.0.0.1": "new", "own.example": "new", "own.example (hidden)": "new" });
  // judged by somebody who had the member's finding before him: it is taken back, and no second one comes
  await judgeIndicator(state, { indicator: own, verdict: "false", ...who }, never, now);
  await caughtUp(sql);
  await joinIndicators(joining);
  const after_ = await states(sql);
  assert.equal(after_["own.example"], "false");
});

test("whatever is excluded, and in whatever order, no finding about an own asset is taken back", async (t) => {
  const { sql, state, exclusions, joining, reweighed } = await opened(t);
  await caughtUp(sql);
  await joinIndicators(joining);
  const values = ["bad.example", "own.example", "example", "other.example"];
  const act = fc.record({ value: fc.constantFrom(...values), up: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 6 }), async (acts) => {
      for (const { value, up } of acts) {
        const list = exclusionOfValue({ kind: "domain", value }, who, now);
        await (up ? exclude(state, list, now) : include(state, list.id, who, now));
      }
      await reweighed(now);
      const { "own.example": own, "10.0.0.1": contacted } = await states(sql);
      assert.equal(own, "new");
      assert.equal(contacted, exclusions.known.excluded(bad) === undefined ? "new" : "withdrawn");
    }),
    { numRuns: 20 },
  );
  assert.ok(buildExclusions([]).excluded({ kind: "ipv4", value: "10.0.0.1" }));
});
