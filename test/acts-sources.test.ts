import assert from "node:assert/strict";
import { test } from "node:test";
import { after, hour, minute, printInstant } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import { lenient } from "#core/value-policy.ts";
import type { Feed } from "#feeds/feed.ts";
import { feed as lines } from "#feeds/generic-lines/feed.ts";
import { feedById } from "#feeds/index.ts";
import type { Turn } from "#intel/ports.ts";
import { collect } from "#jobs/collect/collect.ts";
import { countScorecards } from "#jobs/indicators/scorecard.ts";
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
    ...{ indicators: 2, history: { on: false, says: "off in en" }, mail: { waiting: 1, failed: 0 }, alarms: [] },
  });
  assert.deepEqual(member.value, {
    ...{ sources: { healthy: 0, total: 0 }, sensors: { heard: 1, total: 1 }, lastEvent: "2026-11-19T06:42:00.000Z" },
    ...{ indicators: 0, history: { on: false, says: "off in en" }, mail: { waiting: 0, failed: 0 }, alarms: [] },
  });
  assert.equal(codeOf(await acts.source(party(world, "transport", "member"), feed.id, ask)), "WGL_ABSENT");
});

test("what is silent is an alarm: of a source with its reason, of a sensor with its organisation, each to whom it concerns", async (t) => {
  const world = await openActsWorld(t);
  const { acts, viewer, desk, clock, id, sql } = world;
  const alarms = async (who: "lo" | "chan", language = ask.language) => {
    const found = await acts.status(await viewer(who), { ...ask, language });
    assert.ok(found.ok);
    return found.value.alarms;
  };
  const began = clock.now;
  await turn(world);
  await desk.state.act(async (tx) => {
    await tx.telemetry.heard(id("sensor", "edge"), began, 5, 0);
  });
  assert.deepEqual(await alarms("lo"), [], "a sensor that never spoke is being set up, and is no alarm");
  clock.now = after(clock.now, 25 * hour);
  await turn(world, { state: "failing", reason: problem("WGL_FEED_ANSWER", { feed: feed.id, status: 500 }) });
  const both = await alarms("lo");
  assert.deepEqual(both.map(({ about, id: of, state, since }) => [about, of, state, since]).toSorted(), [
    ["sensor", id("sensor", "edge"), "silent", printInstant(began)],
    ["source", feed.id, "silent", printInstant(began)],
  ]);
  const [sensor, source] = ["sensor", "source"].map((about) => both.find((one) => one.about === about));
  assert.match(sensor?.says ?? "", /^\S.*: no event since /);
  assert.match(source?.says ?? "", /^Nothing good since .*answered 500/);
  assert.match((await alarms("lo", "zh-Hant-HK")).find((one) => one.about === "sensor")?.says ?? "", /起沒有事件$/);
  assert.match((await alarms("lo", "zh-Hans")).find((one) => one.about === "sensor")?.says ?? "", /起没有事件$/);
  assert.deepEqual(
    (await alarms("chan")).map(({ about, id: of }) => [about, of]),
    [["sensor", id("sensor", "edge")]],
    "a member is told of its own sensor and of no source",
  );
  await turn(world, { state: "held", reason: problem("WGL_FEED_SHRUNK", { before: 100, now: 2 }) });
  assert.equal((await alarms("lo")).find((one) => one.about === "source")?.state, "held");
  await turn(world);
  await sql`delete from sensor_heard`;
  assert.deepEqual(await alarms("lo"), [], "what is heard again is an alarm no more");
});

test("who posts by TAXII or MISP, and a feed taken out of the configuration, stand among the sources with all that is theirs", async (t) => {
  const world = await openActsWorld(t);
  const { acts, viewer, desk, clock, sql, leaves } = world;
  const lo = await viewer("lo");
  const take = (some: Partial<Feed> & { readonly id: string }): Promise<Turn | undefined> =>
    collect(
      { state: desk.state, secret: "test", elapsed: () => 0, now: clock.now, policy: lenient, shadow: true },
      { ...lines, gives: "news", grade: { source: "B", statement: 2 }, ...some },
      Buffer.from("203.0.113.7\nnothing at all\n"),
      some.id,
    );
  await take({ id: "taxii-posts-indicators-bank", title: "Shared indicators", publisher: "bank", tlp: "amber+strict" });
  await take({ id: "misp-bank", title: "MISP events", publisher: "bank", licence: "own" });
  await take({ id: "old-list", title: "A list of last year", publisher: "somebody" });
  const list = await acts.sources(lo, ask);
  assert.ok(list.ok);
  assert.equal(list.value.sources.length, feedById.size + 3);
  assert.deepEqual(
    list.value.sources
      .filter(({ id }) => !feedById.has(id))
      .map((one) => [
        one.id,
        one.title,
        one.publisher,
        one.state,
        one.grade,
        one.shadow,
        one.indicators,
        one.last?.added,
      ]),
    [
      ["misp-bank", "MISP events", "bank", "healthy", "B2", true, 1, 1],
      ["old-list", "A list of last year", "somebody", "healthy", "B2", true, 1, 1],
      ["taxii-posts-indicators-bank", "Shared indicators", "bank", "healthy", "B2", true, 1, 1],
    ],
  );
  const id = "taxii-posts-indicators-bank";
  const shown = await acts.source(lo, id, ask);
  assert.ok(shown.ok);
  assert.deepEqual(
    [shown.value.acts, shown.value.turns.length, shown.value.rejected.length, shown.value.source.tlp],
    [["speak"], 1, 1, "amber+strict"],
  );
  const spoken = await acts.doSource(lo, id, { act: "speak", reason: "known for years" }, ask);
  assert.ok(spoken.ok);
  assert.deepEqual([spoken.value.source.shadow, spoken.value.acts], [false, ["hush"]]);
  assert.equal((await sql`select shadow from feed_state where feed = ${id}`)[0]?.["shadow"], false);
  assert.ok((await leaves()).some((leaf) => leaf.subject === `feed ${id}` && leaf.data["act"] === "speak"));
  assert.equal(codeOf(await acts.doSource(lo, id, { act: "collect" }, ask)), "WGL_SOURCE_ACT", "nobody fetches it");
  const refused = await acts.rejectedRows(lo, id, { limit: 10 }, ask);
  assert.ok(refused.ok && refused.value.rows.length === 1);
  // what it calls itself now is what is shown
  await take({ id, title: "Shared indicators, new name", publisher: "bank" });
  const renamed = await acts.source(lo, id, ask);
  assert.equal(renamed.ok && renamed.value.source.title, "Shared indicators, new name");
  assert.equal(renamed.ok && renamed.value.source.shadow, false, "what a person decided stands");
  await countScorecards(desk.state, clock.now);
  const counted = await acts.source(lo, id, ask);
  assert.ok(counted.ok && counted.value.scorecard !== undefined, "its trust is counted as that of any other");
  assert.equal(codeOf(await acts.source(await viewer("chan"), id, ask)), "WGL_ABSENT");
});
