import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Sql } from "postgres";
import { after, day, hour, type Instant, minute } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import { lenient } from "#core/value-policy.ts";
import type { Feed } from "#feeds/feed.ts";
import { feed as lines } from "#feeds/generic-lines/feed.ts";
import { guard } from "#feeds/guard.ts";
import { driftOf, Profiler, type Profile } from "#feeds/profile.ts";
import { feed as ipsum } from "#feeds/stamparm-ipsum/feed.ts";
import { feed as maltrail } from "#feeds/stamparm-maltrail/feed.ts";
import { feed as openphish } from "#feeds/openphish/feed.ts";
import { readParts } from "#feeds/read.ts";
import { feed as bundle } from "#feeds/stix-bundle/feed.ts";
import type { FeedState, Turn } from "#intel/ports.ts";
import { stateOfSource } from "#jobs/acts/source-state.ts";
import { collect, type Collecting } from "#jobs/collect/collect.ts";
import type { State } from "#jobs/ports.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { now } from "./incident-world.ts";

const opened = async (t: TestContext): Promise<{ sql: Sql; state: State }> => {
  const { sql } = await testDatabase(t);
  return { sql, state: stateOf(sql) };
};
const turnOf = (state: State, feed: Feed, body: string, some: Partial<Collecting> = {}): Promise<Turn | undefined> =>
  collect(
    { ...{ state, secret: "test", policy: lenient, shadow: false, now, elapsed: () => 0, whole: true }, ...some },
    feed,
    Buffer.from(body),
    "list.txt",
  );

const range = (length: number): readonly number[] => Array.from({ length }, (_, at) => at);
const names = (count: number, from = 0): string =>
  range(count)
    .map((at) => `ferry${at + from}.pier${at % 30}.example`)
    .join("\n");
const addresses = (count: number): string =>
  range(count)
    .map((at) => `${((at * 7) % 200) + 1}.${(at * 31) % 250}.${at % 250}.9`)
    .join("\n");

test("a list that is suddenly made of something else is held with what moved; a person may take it, and then it is its past", async (t) => {
  const { sql, state } = await opened(t);
  const feed: Feed = { ...lines, id: "list" };
  assert.equal((await turnOf(state, feed, names(300)))?.state, "healthy");
  assert.equal((await turnOf(state, feed, names(300, 40)))?.state, "healthy", "a day's change");
  const alive = async (): Promise<number> => (await sql`select claims from feed_state`)[0]?.["claims"] as number;
  const held = await turnOf(state, feed, addresses(300));
  assert.deepEqual(
    [held?.state, held?.reason?.code, held?.reason?.with],
    ["held", "WGL_FEED_DRIFT_KINDS", { before: "domain 100 %", now: "ipv4 100 %" }],
  );
  assert.equal(await alive(), 300, "earlier knowledge stays");
  assert.equal((await turnOf(state, feed, names(290, 50)))?.state, "healthy", "the past is that of the last good turn");
  assert.equal((await turnOf(state, feed, addresses(300), { acceptHeld: true }))?.state, "healthy");
  assert.equal((await turnOf(state, feed, addresses(290)))?.state, "healthy");
  assert.equal((await turnOf(state, feed, names(300)))?.state, "held");
  // a single file that somebody hands in is not all of the feed, and says nothing of its shape
  assert.equal((await turnOf(state, feed, names(300), { whole: false }))?.state, "healthy");
  const [row] = await sql`select profile->'kinds' as kinds from feed_state`;
  assert.deepEqual(row?.["kinds"], { ipv4: 1 });
});

test("guard() names each thing that moves", () => {
  const usual: Profile = {
    ...{ values: 500, kinds: { domain: 1 }, timed: 1, labelled: 1, length: 20, entropy: 3.5, crowd: 0.1 },
  };
  const reading = { rows: 500, accepted: 500, duplicates: 0, rejected: {}, skipped: {}, notes: {}, kinds: {} };
  const code = (now: Partial<Profile>): string => {
    const verdict = guard({ ...reading, profile: { ...usual, ...now } }, { accepted: 500, profile: usual });
    return verdict.verdict === "accept" ? "accept" : verdict.reason.code;
  };
  assert.deepEqual(
    [{}, { kinds: { url: 1 } }, { timed: 0 }, { labelled: 0.1 }, { length: 70 }, { entropy: 4.2 }, { crowd: 0.9 }].map(
      code,
    ),
    ["accept", "KINDS", "TIMES", "LABELS", "LENGTH", "ENTROPY", "CROWD"].map((what) =>
      what === "accept" ? what : `WGL_FEED_DRIFT_${what}`,
    ),
  );
  const old = guard(reading, { accepted: 500, profile: usual });
  assert.equal(old.verdict, "accept", "a reading without a profile is not compared");
});

const corpora = new URL("../../shared/corpora/feeds/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";

/** The profile of every part of the list for which `keep` answers true of its number. */
const profileOf = (feed: Feed, body: Uint8Array, file: string, keep: (row: number) => boolean): Profile => {
  const profiler = new Profiler();
  let row = 0;
  for (const part of readParts(feed, body, file, lenient))
    for (const raw of part.indicators) if (keep(row++)) profiler.add(raw);
  return profiler.profile();
};

test("a normal day of the real lists is no drift; one list in the place of another is", { skip }, (t) => {
  const read = (path: string): Uint8Array => readFileSync(new URL(path, corpora));
  const lists = [
    ["openphish", openphish, read("openphish/feed.txt"), "feed.txt"],
    ["ipsum", ipsum, gunzipSync(read("ipsum/ipsum-score-2plus.txt.gz")), "ipsum.txt"],
    ["maltrail", maltrail, read("maltrail/trails-static.tar.gz"), "trails-static.tar.gz"],
  ] as const;
  const whole = new Map<string, Profile>();
  for (const [id, feed, body, file] of lists) {
    const all = profileOf(feed, body, file, () => true);
    whole.set(id, all);
    t.diagnostic(`${id}: ${JSON.stringify(all)}`);
    // every second value gone; a tenth exchanged; first against last part, as a list that turns over within days
    const half = profileOf(feed, body, file, (row) => row % 2 === 0);
    const other = profileOf(feed, body, file, (row) => row % 2 === 1);
    const most = profileOf(feed, body, file, (row) => row % 10 !== 3);
    const first = profileOf(feed, body, file, (row) => row < all.values / 2);
    const last = profileOf(feed, body, file, (row) => row >= all.values / 2);
    for (const [what, a, b] of [
      ["half", all, half],
      ["halves", half, other],
      ["nine tenths", all, most],
      ["first and last", first, last],
    ] as const)
      assert.equal(driftOf(a, b), undefined, `${id}: ${what}`);
  }
  for (const [a, one] of whole)
    for (const [b, other] of whole) if (a !== b) assert.ok(driftOf(one, other), `${b} in the place of ${a}`);
});

test("a turn counts what expired, and tells the change feed of it once", async (t) => {
  const { sql, state } = await opened(t);
  const feed: Feed = { ...lines, id: "list", gives: "news", liveDays: 2 };
  await turnOf(state, feed, "a.example\nb.example");
  const changes = async (): Promise<number> =>
    (await sql`select count(*)::int as n from intel_change`)[0]?.["n"] as number;
  const before = await changes();
  const later = await turnOf(state, feed, "c.example", { now: after(now, 2 * day) });
  assert.deepEqual([later?.added, later?.delisted, later?.expired], [1, 0, 2]);
  assert.equal(await changes(), before + 2, "one of the merge, one of the expiry");
  const again = await turnOf(state, feed, "c.example", { now: after(now, 2 * day + hour) });
  assert.equal(again?.expired, 0);
  assert.deepEqual(
    (await sql`select expired from feed_turn order by n`).map((row) => row["expired"]),
    [0, 2, 0],
  );
});

test("what a list's author revokes is withdrawn and not merely gone: what rests on it is weighed, receivers are told", async (t) => {
  const { sql, state } = await opened(t);
  const indicator = (n: number, revoked: boolean): object => ({
    ...{ type: "indicator", spec_version: "2.1", id: `indicator--0a1b2c3d-0000-4000-8000-00000000000${n}`, revoked },
    ...{ created: "2026-11-01T00:00:00.000Z", modified: `2026-11-0${revoked ? 2 : 1}T00:00:00.000Z` },
    ...{ pattern: `[domain-name:value = 'w${n}.example']`, pattern_type: "stix", valid_from: "2026-11-01T00:00:00Z" },
  });
  const body = (...objects: readonly object[]): string =>
    JSON.stringify({ type: "bundle", id: "bundle--0a1b2c3d-0000-4000-8000-000000000009", objects });
  await turnOf(state, bundle, body(indicator(1, false), indicator(2, false), indicator(3, false)));
  // the first is revoked, the second is not there any more
  const turn = await turnOf(state, bundle, body(indicator(1, true), indicator(3, false)));
  assert.deepEqual([turn?.state, turn?.delisted], ["healthy", 2]);
  const rows =
    await sql`select i.value, c.withdrawn, c.gone_at is not null as gone from claim c join indicator i on i.id = c.indicator order by 1`;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { value: "w1.example", withdrawn: true, gone: true },
      { value: "w2.example", withdrawn: false, gone: true },
      { value: "w3.example", withdrawn: false, gone: false },
    ],
  );
  const [id] = await sql`select id from indicator where value = 'w1.example'`;
  const jobs = await sql`select kind, payload from queue where kind in ('reweigh', 'recall') order by kind, run_at`;
  assert.deepEqual(
    jobs.map((row) => ({ ...row })),
    [
      { kind: "recall", payload: { indicator: id?.["id"] as string, why: "withdrawn", feed: "stix-bundle" } },
      { kind: "reweigh", payload: { indicators: [id?.["id"]] } },
      { kind: "reweigh", payload: { indicators: [id?.["id"]] } },
    ],
  );
  // said again, it is a claim like any other
  await turnOf(state, bundle, body(indicator(1, false), indicator(3, false)));
  const [back] =
    await sql`select c.withdrawn, c.gone_at from claim c join indicator i on i.id = c.indicator where value = 'w1.example'`;
  assert.deepEqual({ ...back }, { withdrawn: false, gone_at: null });
});

test("stateOfSource(): who answers nothing good for three of its turns is silent, who was not asked is late", () => {
  const source = { feed: { ...lines, id: "list", everyMinutes: 60 }, url: "https://lists.example/", trusted: true };
  const at = (minutes: number): Instant => after(now, minutes * minute);
  const state = (some: Partial<FeedState>): FeedState => ({
    ...{ feed: "list", shadow: false, state: "failing", failures: 1, claims: 1, claimsOpen: 1, lastGood: now },
    ...{ reports: 0, advisories: 0 },
    ...some,
  });
  const failing = state({ lastTurn: at(60), reason: problem("WGL_FEED_ANSWER", { feed: "list", status: 500 }) });
  assert.equal(stateOfSource(source, failing, at(180)), "failing");
  assert.equal(stateOfSource(source, failing, at(181)), "silent");
  // it asks us to wait, again and again: healthy, and yet nothing comes
  assert.equal(
    stateOfSource(source, state({ state: "healthy", lastTurn: at(200), nextTurn: at(260) }), at(210)),
    "silent",
  );
  assert.equal(stateOfSource(source, state({ state: "healthy", lastTurn: now, nextTurn: at(60) }), at(241)), "late");
  assert.equal(stateOfSource(source, state({ state: "held", lastTurn: at(60) }), at(999)), "held");
  const { url: _, ...byHand } = source;
  assert.equal(stateOfSource(byHand, state({ state: "healthy" }), at(99_999)), "healthy");
});
