import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { Viewer } from "#community/viewer.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { huntActs } from "#jobs/acts/hunts.ts";
import type { HuntActs } from "#jobs/acts/port.ts";
import { recordsAtOnce } from "#jobs/hunt/hunt.ts";
import { AskedHunts } from "#jobs/hunt/asked.ts";
import { keepHistory } from "#jobs/history/keep.ts";
import type { Past } from "#jobs/hunt/past.ts";
import type { PastRecords } from "#jobs/hunt/past-records.ts";
import { WaglanError } from "#core/result.ts";
import { ask, type ActsWorld, openActsWorld } from "./acts-world.ts";
import { emptied, flow, history, secret, skip } from "./hunt-world.ts";
import { now } from "./incident-world.ts";

const codeOf = (result: { readonly ok: boolean; readonly problem?: { readonly code: string } }): string =>
  result.ok ? "ok" : (result.problem?.code ?? "");

/** The harbour of acts-world, with what two of its sensors saw in history: 45.155.205.5 by transport, and by parks. */
const opened = async (
  t: TestContext,
): Promise<{
  world: ActsWorld;
  acts: HuntActs;
  hunts: (past?: Past & PastRecords) => AskedHunts;
  lo: Viewer;
  chan: Viewer;
  green: Viewer;
}> => {
  const world = await openActsWorld(t);
  const { desk, sql } = world;
  world.clock.now = now;
  await emptied();
  const threads = new BatchThreads(1, secret, () => {
    throw new Error("nothing is matched here");
  });
  t.after(() => threads.close());
  const bring = async (sensor: string, lines: readonly object[]): Promise<void> => {
    const body = gzipSync(lines.map((line) => JSON.stringify(line)).join("\n"));
    const about = {
      sensor: world.id("sensor", sensor),
      key: sensor,
      digest: sensor,
      received: desk.now(),
      format: "suricata-eve",
    };
    await desk.state.act((tx) => tx.telemetry.accept({ ...about, body }, 10));
  };
  const lines = Array.from({ length: 1500 }, (_, at) => flow("45.155.205.5", 2000 - at, "10.20.0.9"));
  await bring("edge", [...lines, flow("91.92.1.1", 9)]);
  await bring("gate", [flow("45.155.205.5", 60, "203.0.113.33")]);
  await sql`update telemetry_batch set matched = now()`;
  const keeping = { state: desk.state, threads, directory: desk.directory, history, now: desk.now };
  while ((await keepHistory(keeping)) !== undefined);
  return {
    ...{ world, acts: huntActs({ ...desk, history: { on: () => true, says: () => "" } }) },
    hunts: (past: Past & PastRecords = history) =>
      new AskedHunts({ state: desk.state, past, directory: desk.directory, secret, now: desk.now }),
    ...{ lo: await world.viewer("lo"), chan: await world.viewer("chan"), green: await world.viewer("green") },
  };
};

const finish = async (hunts: AskedHunts): Promise<number> => {
  for (let turns = 0; ; turns++) if ((await hunts.turn()) === undefined) return turns;
};

test("staff hunts over all, a member over its own; nobody reads another's", { skip }, async (t) => {
  const { world, acts, hunts, lo, chan, green } = await opened(t);
  const wanted = { values: ["45.155.205[.]0/24"], purpose: "the leak of Tuesday" };
  const [all, own] = [await acts.hunt(lo, wanted, ask), await acts.hunt(green, wanted, ask)];
  assert.ok(all.ok && own.ok, JSON.stringify([all, own]));
  assert.equal(all.value.state, "waiting");
  await finish(hunts());
  const read = async (viewer: Viewer, id: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await acts.huntResults(viewer, id, { limit: 700, ...(cursor === undefined ? {} : { cursor }) }, ask);
      assert.ok(page.ok, codeOf(page));
      found.push(...page.value.results.map((one) => `${one.organisation} ${one.own} ${one.weight}`));
      cursor = page.value.next;
      if (cursor === undefined) return found;
    }
  };
  const everybody = await read(lo, all.value.id);
  assert.equal(everybody.length, 1501);
  assert.equal(everybody.filter((one) => one.startsWith("Parks")).length, 1);
  // parks declares no networks: nobody can say who began it, and a destination is taken for reached
  assert.deepEqual(await read(green, own.value.id), ["Parks Department 203.0.113.33 finding"]);

  const shown = await acts.huntNamed(green, own.value.id, ask);
  assert.ok(shown.ok);
  assert.deepEqual([shown.value.state, shown.value.found, shown.value.read], ["done", 1, 1]);
  for (const [viewer, id] of [
    [green, all.value.id],
    [chan, all.value.id],
    [chan, own.value.id],
  ] as const) {
    assert.equal(codeOf(await acts.huntNamed(viewer, id, ask)), "WGL_ABSENT");
    assert.equal(codeOf(await acts.huntResults(viewer, id, { limit: 9 }, ask)), "WGL_ABSENT");
    assert.equal(codeOf(await acts.cancelHunt(viewer, id, ask)), "WGL_ABSENT");
  }
  const listed = async (viewer: Viewer): Promise<readonly string[]> => {
    const page = await acts.hunts(viewer, { limit: 10 }, ask);
    return page.ok ? page.value.hunts.map((one) => one.id) : [codeOf(page)];
  };
  assert.deepEqual(await listed(chan), []);
  assert.deepEqual(await listed(green), [own.value.id]);
  assert.deepEqual(new Set(await listed(lo)), new Set([all.value.id, own.value.id]));
  const leaves = (await world.leaves()).filter((leaf) => leaf.data["act"] === "hunt");
  assert.deepEqual(
    leaves.map(({ kind, data }) => [kind, data["purpose"], data["values"], data["organisation"]]),
    [
      ["privilege", wanted.purpose, ["cidr:45.155.205.0/24"], "all"],
      ["privilege", wanted.purpose, ["cidr:45.155.205.0/24"], world.id("organisation", "parks")],
    ],
  );
});

test("a hunt is refused without a purpose, a value, a period, a right, or a history", { skip }, async (t) => {
  const { world, acts, lo, chan } = await opened(t);
  const why = { purpose: "why not" };
  const values = ["45.155.205.5"];
  const refused = async (viewer: Viewer, body: Parameters<HuntActs["hunt"]>[1]): Promise<string> =>
    codeOf(await acts.hunt(viewer, body, ask));
  assert.equal(await refused(lo, { values, purpose: "  " }), "WGL_HUNT_PURPOSE");
  assert.equal(await refused(lo, why), "WGL_HUNT_WHAT");
  assert.equal(await refused(lo, { ...why, values, pattern: "[ipv4-addr:value = '45.155.205.5']" }), "WGL_HUNT_WHAT");
  assert.equal(
    await refused(lo, { ...why, values, from: "2026-11-20T00:00:00Z", to: "2026-11-19T00:00:00Z" }),
    "WGL_HUNT_PERIOD",
  );
  assert.equal(await refused(lo, { ...why, pattern: "[mutex:name = 'x']" }), "WGL_HUNT_PATTERN");
  const byName = { ...why, pattern: "[file:name = 'x']" };
  assert.equal(await refused(lo, byName), "ok");
  // a pattern may be asked of sensors, and here are none
  assert.equal(await refused(lo, { ...byName, at: "sensors" }), "WGL_HUNT_SENSORS");
  assert.equal(await refused(lo, { ...why, values, organisation: "nobody" }), "WGL_ABSENT");
  assert.equal(await refused(chan, { ...why, values, organisation: world.id("organisation", "parks") }), "WGL_ABSENT");
  assert.equal(await refused(await world.viewer("root"), { ...why, values }), "WGL_ABSENT");
  assert.equal(await refused(await world.viewer("head"), { ...why, values }), "WGL_ABSENT");
  assert.equal(codeOf(await world.acts.hunt(lo, { ...why, values }, ask)), "WGL_HISTORY_OFF");
  const two = {
    ...chan,
    seats:
      chan.kind === "person"
        ? [...chan.seats, ...chan.seats.map((seat) => ({ ...seat, organisation: world.id("organisation", "parks") }))]
        : [],
  } as Viewer;
  assert.equal(await refused(two, { ...why, values }), "WGL_HUNT_ORGANISATION");
  assert.equal(await refused(two, { ...why, values, organisation: world.id("organisation", "transport") }), "ok");
});

test("a hunt goes on where it was after a restart, stops when it is cancelled, and fails with its reason", {
  skip,
}, async (t) => {
  const { world, acts, hunts, lo } = await opened(t);
  const wanted = { pattern: "[ipv4-addr:value = '45.155.205.5' OR ipv4-addr:value = '91.92.1.1']", purpose: "a leak" };
  const first = await acts.hunt(lo, wanted, { ...ask, key: "once" });
  const again = await acts.hunt(lo, wanted, { ...ask, key: "once" });
  assert.ok(first.ok && again.ok);
  assert.equal(again.value.id, first.value.id, "asked twice under one key it is one hunt");
  assert.equal((await hunts().turn())?.state, "running");
  // another process goes on
  assert.equal(await finish(hunts()), Math.ceil(1502 / recordsAtOnce) - 1);
  const done = await acts.huntNamed(lo, first.value.id, ask);
  assert.ok(done.ok);
  assert.deepEqual(
    [done.value.state, done.value.found, done.value.read, done.value.toRead],
    ["done", 1502, 1502, 1502],
  );
  assert.equal(codeOf(await acts.cancelHunt(lo, first.value.id, ask)), "WGL_HUNT_OVER");

  const second = await acts.hunt(lo, wanted, ask);
  assert.ok(second.ok);
  let cancelled = false;
  const meanwhile: Past & PastRecords = {
    ...history,
    recordsAt: async (...asked) => {
      cancelled ||= (await acts.cancelHunt(lo, second.value.id, ask)).ok;
      return history.recordsAt(...asked);
    },
  };
  assert.equal((await hunts(meanwhile).turn())?.state, "cancelled");
  assert.ok(cancelled);
  const kept = await acts.huntResults(lo, second.value.id, { limit: 5 }, ask);
  assert.ok(kept.ok && kept.value.results.length === 0, "what was read after it was cancelled is nobody's");
  assert.equal(await finish(hunts()), 0);
  assert.ok(
    (await world.leaves()).some((leaf) => leaf.data["act"] === "cancel hunt" && leaf.subject === second.value.id),
  );

  const third = await acts.hunt(lo, wanted, ask);
  assert.ok(third.ok);
  const away = (code: "WGL_HISTORY_GONE" | "WGL_HISTORY_OFF"): Past & PastRecords => ({
    ...history,
    seenValues: () => Promise.reject(new WaglanError(code, { reason: "a test" })),
  });
  await assert.rejects(hunts(away("WGL_HISTORY_GONE")).turn(), { code: "WGL_HISTORY_GONE" });
  assert.equal((await hunts(away("WGL_HISTORY_OFF")).turn())?.state, "failed");
  const failed = await acts.huntNamed(lo, third.value.id, ask);
  assert.ok(failed.ok);
  assert.equal(failed.value.problem?.code, "WGL_HISTORY_OFF");
});
