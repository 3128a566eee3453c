import assert from "node:assert/strict";
import { test } from "node:test";
import { after, hour, minute } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import { feedById } from "#feeds/index.ts";
import type { Turn } from "#intel/ports.ts";
import { type ActsWorld, ask, codeOf, openActsWorld, party } from "./acts-world.ts";

const feed = feedById.get("abusech-feodo");
assert.ok(feed);

const turn = (world: ActsWorld, changes: Partial<Turn> = {}): Promise<void> =>
  world.desk.state.act(async (tx) => {
    await tx.intel.feed(feed, true);
    const one: Turn = {
      ...{ feed: feed.id, at: world.clock.now, state: "healthy", file: "list.csv", bytes: 10, rows: 3, accepted: 2 },
      ...{ rejected: { WGL_IP: 1 }, added: 2, changed: 0, delisted: 0, tookMs: 4 },
      ...changes,
    };
    const rejected = [{ part: "", row: 3, problem: problem("WGL_IP", { value: "300.1.1.1" }, "row 3") }];
    await tx.intel.turn(one, rejected, { nextTurn: after(world.clock.now, feed.everyMinutes * minute) });
  });

test("sources() shows every source, how its last turn went, and when it is late", async (t) => {
  const world = await openActsWorld(t);
  const { acts, viewer, clock } = world;
  const lo = await viewer("lo");
  const rowOf = async (language = ask.language) => {
    const list = await acts.sources(lo, { ...ask, language });
    assert.ok(list.ok);
    assert.equal(list.value.sources.length, feedById.size);
    const row = list.value.sources.find((one) => one.id === feed.id);
    assert.ok(row);
    return row;
  };
  const never = await rowOf();
  assert.deepEqual([never.state, never.reason, never.shadow], ["never", "Not collected yet", true]);
  await turn(world);
  await world.sql`update feed_state set claims = 2`; // as a merge of two rows leaves it
  const healthy = await rowOf();
  assert.deepEqual([healthy.state, healthy.reason, healthy.indicators], ["healthy", undefined, 2]);
  assert.deepEqual(healthy.last, { rows: 3, accepted: 2, rejected: 1, added: 2, changed: 0, delisted: 0 });
  clock.now = after(clock.now, 24 * hour);
  const late = await rowOf("zh-Hant-HK");
  assert.equal(late.state, "late");
  assert.match(late.reason ?? "", /^自 2026年11月19日 16:42（UTC\+8）起沒有收集/);
  await turn(world, { state: "quarantined", reason: problem("WGL_BODY_MARKUP") });
  const bad = await rowOf("zh-Hans");
  assert.deepEqual([bad.state, bad.reason], ["quarantined", "不能使用内容，它是网页而不是名单"]);
  assert.equal(codeOf(await acts.sources(await viewer("chan"), ask)), "WGL_ABSENT");
});

test("a source speaks, is hushed, and its held turn is taken or refused, each with its evidence", async (t) => {
  const world = await openActsWorld(t);
  const { acts, viewer, collected, leaves, sql, clock } = world;
  const lo = await viewer("lo");
  await turn(world);
  const spoken = await acts.doSource(lo, feed.id, { act: "speak", reason: "read for a week" }, ask);
  assert.ok(spoken.ok);
  assert.deepEqual([spoken.value.source.shadow, spoken.value.acts], [false, ["hush", "collect"]]);
  assert.equal(spoken.value.rejected[0]?.says, 'Cannot read IP address "300.1.1.1"');
  assert.equal(codeOf(await acts.doSource(lo, feed.id, { act: "speak" }, ask)), "WGL_SOURCE_ACT");
  assert.equal(codeOf(await acts.doSource(lo, feed.id, { act: "accept-held" }, ask)), "WGL_SOURCE_ACT");

  const lastGood = clock.now;
  clock.now = after(clock.now, 30 * minute);
  await turn(world, { state: "held", reason: problem("WGL_FEED_SHRUNK", { before: 100, now: 2 }) });
  const held = await acts.source(lo, feed.id, ask);
  assert.ok(held.ok && held.value.source.state === "held");
  assert.deepEqual(held.value.acts, ["hush", "accept-held", "discard-held", "collect"]);
  assert.ok((await acts.doSource(lo, feed.id, { act: "accept-held" }, { ...ask, key: "k" })).ok);
  assert.ok((await acts.doSource(lo, feed.id, { act: "accept-held" }, { ...ask, key: "k" })).ok);
  assert.deepEqual(collected, [{ feed: feed.id, acceptHeld: true }], "the same key collects once");
  const refused = await acts.doSource(lo, feed.id, { act: "discard-held" }, ask);
  assert.ok(refused.ok && refused.value.source.state === "healthy");
  const [row] = await sql`select last_good, next_turn from feed_state where feed = ${feed.id}`;
  assert.equal(row?.["last_good"], lastGood, "nothing was seen: no claim lives longer");
  assert.equal(row?.["next_turn"], after(clock.now, feed.everyMinutes * minute));
  assert.ok((await acts.doSource(lo, feed.id, { act: "hush" }, ask)).ok);
  assert.ok((await acts.doSource(lo, feed.id, { act: "collect" }, ask)).ok);
  assert.equal(collected.length, 2);
  const decided = (await leaves()).filter((leaf) => leaf.subject === "feed abusech-feodo");
  assert.deepEqual(
    decided.map((leaf) => leaf.data["act"]),
    ["speak", "accept-held", "discard-held", "hush"],
  );
  assert.equal(decided[0]?.data["reason"], "read for a week");
  for (const id of ["no-such-feed", "__proto__"]) {
    assert.equal(codeOf(await acts.source(lo, id, ask)), "WGL_ABSENT");
    assert.equal(codeOf(await acts.doSource(lo, id, { act: "speak" }, ask)), "WGL_ABSENT");
  }
  assert.equal(codeOf(await acts.doSource(await viewer("chan"), feed.id, { act: "hush" }, ask)), "WGL_ABSENT");
  assert.equal(
    codeOf(await acts.doSource(await viewer("root"), feed.id, { act: "speak" }, ask)),
    "WGL_ABSENT",
    "an administrator looks",
  );
});

test("status() tells staff of the platform, members of their own sensors and open sources", async (t) => {
  const world = await openActsWorld(t);
  const { acts, viewer, desk, clock, sql, id } = world;
  await turn(world);
  await sql`update feed_state set claims = 2`; // as a merge of two rows leaves it
  await desk.state.act(async (tx) => {
    await tx.telemetry.heard(id("sensor", "edge"), after(clock.now, -2 * hour), 5, 0);
    await tx.telemetry.heard(id("sensor", "gate"), after(clock.now, -hour), 7, 1);
  });
  await sql`insert into outbox (message_id, mail, created, next_at) values ('m', '{}', now(), now())`;
  const staff = await acts.status(await viewer("lo"), ask);
  const member = await acts.status(await viewer("chan"), ask);
  assert.ok(staff.ok && member.ok);
  assert.deepEqual(staff.value, {
    ...{
      sources: { healthy: 1, total: feedById.size },
      sensors: { heard: 2, total: 2 },
      lastEvent: "2026-11-19T07:42:00.000Z",
    },
    ...{ indicators: 2, history: { on: false, says: "off in en" }, mail: { waiting: 1, failed: 0 } },
  });
  assert.deepEqual(member.value, {
    ...{ sources: { healthy: 0, total: 0 }, sensors: { heard: 1, total: 1 }, lastEvent: "2026-11-19T06:42:00.000Z" },
    ...{ indicators: 0, history: { on: false, says: "off in en" }, mail: { waiting: 0, failed: 0 } },
  });
  assert.equal(codeOf(await acts.source(party(world, "transport", "member"), feed.id, ask)), "WGL_ABSENT");
});
