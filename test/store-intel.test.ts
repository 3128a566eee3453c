import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import type { Sql } from "postgres";
import { gradeWeight, parseGrade } from "#core/grade.ts";
import { after, day, type Instant, instant } from "#core/instant.ts";
import { paps, tlps } from "#core/marking.ts";
import type { Feed } from "#feeds/feed.ts";
import { feed as lines } from "#feeds/generic-lines/feed.ts";
import { bothClaims } from "#intel/both-claims.ts";
import { indicatorId, live } from "#intel/indicator.ts";
import type { ChangeCursor, ClaimRow } from "#intel/ports.ts";
import { collect, type Collecting } from "#jobs/collect/collect.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { streamLive } from "#store/intel.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";

const now = instant(Date.parse("2026-11-21T08:00:00Z"));
const secret = "of the test";
const grade = (text: string): ClaimRow["grade"] => {
  const read = parseGrade(text);
  assert.ok(read.ok);
  return read.value;
};
const row = (value: string, some: Partial<ClaimRow> = {}): ClaimRow => ({
  id: indicatorId(secret, { kind: "domain", value }),
  observable: { kind: "domain", value },
  parts: ["a"],
  seenAt: now,
  grade: grade("B2"),
  labels: [],
  flags: [],
  tlp: "green",
  pap: "clear",
  licence: "own",
  ...some,
});
const ids = (...rows: readonly ClaimRow[]): string[] => rows.map((one) => one.id);

const opened = async (t: TestContext): Promise<{ state: State; sql: Sql; connect: () => Sql }> => {
  const { sql, connect } = await testDatabase(t);
  const state = stateOf(sql);
  await state.act((tx) => tx.intel.feed({ id: "list", liveDays: 2, voice: "alert" }, false));
  await state.act((tx) => tx.intel.feed({ id: "other", liveDays: 9, voice: "alert" }, true));
  return { state, sql, connect };
};
const merged = (state: State, feed: string, rows: readonly ClaimRow[], at = now): Promise<number> =>
  state.act((tx) => tx.intel.merge(feed, rows, at));

/** Everything intel knows, in one order, without the numbers the database gives out. */
const knowledge = async (sql: Sql): Promise<unknown> => ({
  claims: (
    await sql`select i.kind, i.value, i.first_seen as since, c.* from indicator i join claim c on c.indicator = i.id order by i.id, c.feed`
  ).map(({ revived: _revived, was_open: _open, ...one }) => ({ ...one })),
  lists: (await sql`select feed, part, encode(items, 'hex') as items from feed_list order by feed, part`).map(
    (one) => ({ ...one }),
  ),
  counts: (await sql`select feed, claims, claims_open from feed_state order by feed`).map((one) => ({ ...one })),
});

test("merge() is idempotent, and what one feed brings is never another's", async (t) => {
  const { state, sql } = await opened(t);
  const rows = [row("a.example", { labels: ["qakbot"] }), row("b.example", { flags: ["popular"] })];
  await merged(state, "list", rows);
  const once = await knowledge(sql);
  await merged(state, "list", rows);
  assert.deepEqual(await knowledge(sql), once);
  assert.deepEqual(
    (await state.act((tx) => tx.intel.feeds())).map(({ feed, claims }) => ({ feed, claims })),
    [
      { feed: "list", claims: 2 },
      { feed: "other", claims: 0 },
    ],
  );
  // two feeds in one transaction: the stage of the first is not the second's
  await state.act(async (tx) => {
    await tx.intel.merge("list", [row("c.example")], now);
    await tx.intel.merge("other", [row("d.example")], now);
  });
  const [strangers] =
    await sql`select count(*)::int as n from claim c join indicator i on i.id = c.indicator where c.feed = 'other' and i.value <> 'd.example'`;
  assert.equal(strangers?.["n"], 0);
});

const words = fc.uniqueArray(fc.constantFrom("qakbot", "c2", "Zeus", "é", "\u{1f41f}", "z z", '"{}"', "tab\tslash\\"), {
  maxLength: 4,
});
const said = fc.record({
  labels: words,
  flags: fc.uniqueArray(fc.constantFrom("popular", "broad"), { maxLength: 2 }),
  grade: fc.tuple(fc.constantFrom(..."ABCDEF"), fc.integer({ min: 1, max: 6 })).map(([a, b]) => grade(`${a}${b}`)),
  tlp: fc.constantFrom(...tlps),
  pap: fc.constantFrom(...paps),
  seenAt: fc.integer({ min: -5, max: 5 }).map((hours) => after(now, hours * 3_600_000)),
  liveUntil: fc.option(
    fc.integer({ min: -5, max: 5 }).map((days) => after(now, days * day)),
    { nil: undefined },
  ),
});

test("merge() gives the same claims in any order and in any batches, as bothClaims() says", async (t) => {
  const { state, sql } = await opened(t);
  let world = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(said, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      async (parts, order) => {
        const value = `w${++world}.example`;
        const rows = parts.map(({ liveUntil, ...one }, at) =>
          row(value, { ...one, parts: [`part ${at}`], ...(liveUntil === undefined ? {} : { liveUntil }) }),
        );
        const one = { ...row(value), value: `one-${value}` };
        const together = rows.reduce(bothClaims);
        const shuffled = rows.map((some, at) => ({ some, key: order[at] ?? 0 })).sort((a, b) => a.key - b.key);
        const twin = { kind: "domain" as const, value: `twin-${value}` };
        const twinId = indicatorId(secret, twin);
        await merged(state, "list", [together]);
        // one by one in another order, the first once more at the end
        for (const { some } of [...shuffled, ...shuffled.slice(0, 1)])
          await merged(state, "list", [{ ...some, id: twinId, observable: twin }]);
        const [a, b] = await Promise.all(
          [one.id, twinId].map(
            (id) =>
              sql`select first_seen, last_seen, live_until, grade, labels, parts, flags, tlp, pap, gone_at from claim where indicator = ${id}`,
          ),
        );
        assert.deepEqual({ ...b?.[0] }, { ...a?.[0] });
        const from = rows.flatMap((some) => some.labels);
        assert.deepEqual(new Set(a?.[0]?.["labels"] as string[]), new Set(from));
        const best = Math.max(...rows.map((some) => gradeWeight(some.grade)));
        assert.equal(gradeWeight(grade(a?.[0]?.["grade"] as string)), best);
      },
    ),
    { numRuns: 60 },
  );
});

test("delist() ends what stands in no other part, and listing it again revives it", async (t) => {
  const { state, sql } = await opened(t);
  const [both, only] = [row("both.example", { parts: ["a", "b"] }), row("only.example")];
  await merged(state, "list", [both, only]);
  await state.act((tx) => tx.intel.turn(turnOf("list", now), [], {}));
  assert.equal(await state.act((tx) => tx.intel.delist("list", "a", ids(both, only), after(now, 1))), 1);
  assert.deepEqual(await alive(state, both, only), [both.id]);
  assert.equal(
    await state.act((tx) => tx.intel.delist("list", "a", ids(both, only), after(now, 2))),
    0,
    "twice is once",
  );
  assert.equal(await state.act((tx) => tx.intel.delist("list", "b", ids(both), after(now, 3))), 1);
  assert.deepEqual(await alive(state, both, only), []);
  await merged(state, "list", [row("only.example", { labels: ["back"] })], after(now, 4));
  assert.deepEqual(await alive(state, both, only), [only.id]);
  const [claim] = await sql`select labels, gone_at, first_seen from claim where indicator = ${only.id}`;
  assert.deepEqual({ ...claim }, { labels: ["back"], gone_at: null, first_seen: now });
  assert.equal(await counted(sql), 1);
});

const alive = async (state: State, ...rows: readonly ClaimRow[]): Promise<string[]> =>
  (await state.act((tx) => tx.intel.indicators(ids(...rows), after(now, 10))))
    .filter((one) => one.live)
    .map((one) => one.id)
    .sort();

const turnOf = (feed: string, at: Instant): Parameters<Tx["intel"]["turn"]>[0] => ({
  ...{
    feed,
    at,
    state: "healthy",
    file: "",
    bytes: 1,
    rows: 1,
    accepted: 1,
    rejected: {},
    added: 0,
    changed: 0,
    delisted: 0,
    tookMs: 1,
  },
});

test("claims of a feed are counted as they live, and apart those that readers outside staff may know of", async (t) => {
  const { state, sql } = await opened(t);
  const one = fc.record({
    value: fc.integer({ min: 0, max: 5 }),
    tlp: fc.constantFrom(...tlps),
    part: fc.constantFrom("a", "b"),
    delist: fc.boolean(),
  });
  let world = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 12 }), async (steps) => {
      world++;
      for (const { value, tlp, part, delist } of steps) {
        const some = row(`c${value}-${world}.example`, { tlp, parts: [part] });
        if (delist) await state.act((tx) => tx.intel.delist("list", part, [some.id], now));
        else await merged(state, "list", [some]);
      }
      await counted(sql);
    }),
    { numRuns: 25 },
  );
});

/** The numbers kept beside a feed are those of its living claims. */
const counted = async (sql: Sql): Promise<number> => {
  const [row] = await sql`select claims, claims_open as open,
    (select count(*) from claim where feed = 'list' and gone_at is null) as living,
    (select count(*) from claim where feed = 'list' and gone_at is null and tlp in ('clear', 'green', 'amber')) as shown
    from feed_state where feed = 'list'`;
  assert.deepEqual([row?.["claims"], row?.["open"]], [row?.["living"], row?.["shown"]]);
  return row?.["claims"] as number;
};

test("live in SQL is live() of the station: expiry, silence, delisting, and the instant of expiry excluded", async (t) => {
  const { state, sql } = await opened(t);
  const lastGood = now;
  const liveDays = 2;
  await state.act((tx) => tx.intel.turn(turnOf("list", lastGood), [], {}));
  const cases = [-1, 0, 1].flatMap((ms) =>
    [undefined, -1, 0, 1].flatMap((until) => [true, false].map((gone) => ({ ms, until, gone }))),
  );
  const silent = after(lastGood, liveDays * day);
  for (const [at, { ms, until, gone }] of cases.entries()) {
    const asked = after(silent, ms);
    const some = row(`l${at}.example`, until === undefined ? {} : { liveUntil: after(asked, until) });
    await merged(state, "list", [some]);
    if (gone) await state.act((tx) => tx.intel.delist("list", "a", [some.id], now));
    const [stored] = await sql`select * from claim where indicator = ${some.id}`;
    const claim = {
      ...({
        feed: "list",
        firstSeen: now,
        lastSeen: now,
        labels: [],
        flags: [],
        tlp: "green",
        pap: "clear",
        licence: "own",
      } as const),
      grade: some.grade,
      ...(some.liveUntil === undefined ? {} : { liveUntil: some.liveUntil }),
      ...(stored?.["gone_at"] === null ? {} : { goneAt: stored?.["gone_at"] as Instant }),
    };
    const wanted = live(claim, silent, asked);
    const [seen] = await state.act((tx) => tx.intel.indicators([some.id], asked));
    const claims = await state.act((tx) => tx.intel.liveClaims([some.id], asked));
    assert.deepEqual([seen?.live, claims.length], [wanted, wanted ? 1 : 0], JSON.stringify(cases[at]));
  }
});

test("streamLive() gives every indicator that may make a hit, and the place from which changes go on", async (t) => {
  const { state, sql } = await opened(t);
  await state.act((tx) => tx.intel.feed({ id: "shown", liveDays: 2, voice: "context" }, false));
  for (const feed of ["list", "other", "shown"]) await state.act((tx) => tx.intel.turn(turnOf(feed, now), [], {}));
  await merged(state, "list", [row("l.example"), row("gone.example")]);
  await merged(state, "other", [row("o.example"), row("l.example")]);
  await merged(state, "shown", [row("context.example")]);
  await state.act((tx) => tx.intel.delist("list", "a", ids(row("gone.example")), now));
  const values: string[] = [];
  const cursor = await streamLive(sql, after(now, 1), (rows) => values.push(...rows.map((one) => one.value)));
  assert.deepEqual(values.sort(), ["l.example", "o.example"]);
  await merged(state, "list", [row("new.example")]);
  const news = new Set<string>();
  while (!news.has(row("new.example").id))
    for (const id of (await state.act((tx) => tx.intel.changes(cursor, 10))).ids) news.add(id);
});

test("changes() never skips a late committer, and repeats nothing", async (t) => {
  const { state, connect } = await opened(t);
  const [early, late] = [row("early.example"), row("late.example")];
  const read: string[] = [];
  let cursor: ChangeCursor | undefined;
  // an open writer anywhere in the cluster, another test's too, holds the feed back: it is asked until it gives what it owes
  const until = async (wanted: readonly string[]): Promise<void> => {
    while (!wanted.every((id) => read.includes(id))) await more();
  };
  const more = async (): Promise<void> => {
    const news = await state.act((tx) => tx.intel.changes(cursor, 100));
    read.push(...news.ids);
    cursor = news.cursor;
  };
  const begun = Promise.withResolvers<void>();
  const commit = Promise.withResolvers<void>();
  const other = stateOf(connect());
  // A writes first and commits last
  const a = other.act(async (tx) => {
    await tx.intel.merge("list", [late], now);
    begun.resolve();
    await commit.promise;
  });
  await begun.promise;
  await merged(state, "other", [early]);
  await more();
  await more();
  assert.ok(!read.includes(late.id));
  commit.resolve();
  await a;
  await until(ids(early, late));
  await more();
  assert.deepEqual(read.sort(), ids(early, late).sort(), "each exactly once");
  // and with readers between many writers that commit in another order than they began
  const all = Array.from({ length: 12 }, (_, at) => row(`n${at}.example`));
  read.length = 0;
  await Promise.all(
    all.map(async (one, at) => {
      await other.act(async (tx) => {
        await tx.intel.merge(at % 2 ? "list" : "other", [one], now);
        for (let wait = 0; wait < (at * 7) % 5; wait++) await tx.intel.feeds();
      });
      await more0();
    }),
  );
  await until(ids(...all));
  assert.deepEqual([...new Set(read)].sort(), ids(...all).sort());

  /** One reader at a time, as the lock of a reader's cursor has it. */
  function more0(): Promise<void> {
    reading = reading.then(more);
    return reading;
  }
});
let reading: Promise<void> = Promise.resolve();

test("hostile text survives merge(): what COPY, arrays and jsonb would read as something else", async (t) => {
  const { state, sql } = await opened(t);
  const hostile = [
    "\\N",
    "\\.",
    "a\tb",
    "line\nbreak\r",
    "{}",
    '{"a","b"}',
    'quote"',
    "back\\slash",
    "NULL",
    "null",
    "",
    " ",
    "\u2028",
    "\u202e",
    "'; drop table claim; --",
    "x".repeat(8192),
    "\u{1f4a3}",
  ];
  const rows = hostile.map((text, at) =>
    row(`h${at}.example`, { observable: { kind: "url", value: text }, labels: [text], parts: [text] }),
  );
  await merged(state, "list", rows);
  for (const [at, one] of rows.entries()) {
    const [back] =
      await sql`select i.value, c.labels, c.parts from indicator i join claim c on c.indicator = i.id where i.id = ${one.id}`;
    assert.deepEqual({ ...back }, { value: hostile[at], labels: [hostile[at]], parts: [hostile[at]] });
  }
  // what PostgreSQL cannot hold becomes U+FFFD and stops nobody
  const unholdable = row("u.example", { labels: ["nul\0", "\ud800"] });
  await merged(state, "list", [unholdable]);
  const [held] = await sql`select labels from claim where indicator = ${unholdable.id}`;
  assert.deepEqual(held?.["labels"], ["nul\ufffd", "\ufffd"]);
  const problem = {
    code: "WGL_DOMAIN",
    message: "Cannot read",
    with: { value: "a\0\ud800", ["k\0"]: 1 },
    at: "row 1",
  } as const;
  await state.act((tx) =>
    tx.intel.turn(
      { ...turnOf("list", now), state: "quarantined", reason: problem, file: "f\0" },
      [{ part: "p\0", row: 1, problem }],
      {},
    ),
  );
  const [rejected] = await sql`select part, problem from feed_rejected`;
  assert.deepEqual(
    { ...rejected },
    { part: "p\ufffd", problem: { ...problem, with: { value: "a\ufffd\ufffd", "k\ufffd": 1 } } },
  );
});

test("turn() keeps what the sources page shows: failures in a row, the last good turn, validators only of good ones", async (t) => {
  const { state } = await opened(t);
  const next = { nextTurn: after(now, 60_000), etag: '"1"' };
  await state.act((tx) => tx.intel.turn({ ...turnOf("list", now), accepted: 7 }, [], next));
  await state.act((tx) =>
    tx.intel.turn({ ...turnOf("list", after(now, 1)), state: "failing", accepted: 0 }, [], { etag: '"2"' }),
  );
  const known = await state.act((tx) => tx.intel.lockFeed("list"));
  assert.deepEqual(
    {
      state: known?.state,
      failures: known?.failures,
      accepted: known?.accepted,
      lastGood: known?.lastGood,
      etag: known?.etag,
      nextTurn: known?.nextTurn,
    },
    { state: "failing", failures: 1, accepted: 7, lastGood: now, etag: '"1"', nextTurn: next.nextTurn },
  );
  const two = await state.act(async (tx) => [
    await tx.intel.lockFeed("list"),
    await state.act((other) => other.intel.lockFeed("list")),
  ]);
  assert.ok(two[0] && two[1] === undefined, "one process at a feed at a time");
});

// A body of several lists, small enough to be cut anywhere.
const listFeed: Feed = {
  ...lines,
  id: "list",
  parts: (body) =>
    Object.entries(JSON.parse(Buffer.from(body).toString()) as Record<string, string[]>).map(([name, values]) => ({
      name,
      rows: values.map((value, at) => ({
        row: at + 1,
        result: { ok: true as const, value: { observable: { kind: "domain" as const, value }, labels: [name] } },
      })),
    })),
};
const collecting = (state: State, at = now): Collecting => ({
  ...{ state, secret, shadow: false, now: at, elapsed: () => 0, acceptHeld: true },
  policy: { reserved: "reject", allow: [], own: { cidrs: [], domains: [] }, now: at },
});
/** The same state, in which the `at`-th act dies after its work and before its commit. */
const dying = (state: State, at: number): State => {
  let acts = 0;
  return {
    ...state,
    act: (work) => {
      const last = ++acts === at;
      return state.act(async (tx) => {
        const done = await work(tx);
        if (last) throw new Error("killed");
        return done;
      });
    },
  };
};
const body = (lists: Readonly<Record<string, readonly string[]>>): Uint8Array => Buffer.from(JSON.stringify(lists));
const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `n${from + at}.test-${from + at}.com`);

test("a collect turn killed at any act and repeated gives exactly the state of an undisturbed one", async (t) => {
  const first = body({ one: names(0, 30), two: names(20, 50), three: names(60, 64) });
  const second = body({ one: names(5, 35), two: names(25, 40), three: names(60, 64) });
  const undisturbed = await opened(t);
  await collect(collecting(undisturbed.state), listFeed, first, "f");
  const turn = await collect(collecting(undisturbed.state, after(now, 1000)), listFeed, second, "f");
  assert.equal(turn?.delisted, 5 + 10, "n0…n4 left one; n40…n49 left two, n20…n24 still stand in one");
  const wanted = await knowledge(undisturbed.sql);
  for (let at = 1; ; at++) {
    const { state, sql } = await opened(t);
    await collect(collecting(state), listFeed, first, "f");
    const killed = await collect(collecting(dying(state, at), after(now, 1000)), listFeed, second, "f").then(
      () => false,
      (error: Error) => {
        assert.equal(error.message, "killed");
        return true;
      },
    );
    if (!killed) {
      assert.ok(at > 5, "the turn has acts to be killed in");
      break;
    }
    await collect(collecting(state, after(now, 1000)), listFeed, second, "f");
    assert.deepEqual(await knowledge(sql), wanted, `killed in act ${at}`);
    await counted(sql);
  }
});

test("a turn of several batches killed in its second is done again whole, and the same list once more writes nothing but its turn", async (t) => {
  // 45,000 rows are two batches; list two begins in the first and ends in the second
  const lists = body({ one: names(0, 25_000), two: names(20_000, 45_000), three: names(44_990, 45_010) });
  const digest = async (sql: Sql): Promise<unknown> =>
    (
      await sql`select (select md5(string_agg(indicator::text || first_seen || last_seen || coalesce(live_until::text, '') || grade || labels::text || parts::text || flags::text, ' ' order by indicator)) from claim) as claims, (select count(*)::int from indicator) as indicators,
        (select md5(string_agg(l::text, ' ' order by part)) from feed_list l) as lists, (select claims from feed_state where feed = 'list') as n`
    ).map((one) => ({ ...one }));
  const undisturbed = await opened(t);
  await collect(collecting(undisturbed.state), listFeed, lists, "f");
  const { state, sql } = await opened(t);
  // acts: the feed, its advisories, its names, its lists, that it was heard, the first batch, the second
  await assert.rejects(collect(collecting(dying(state, 7)), listFeed, lists, "f"), /killed/);
  const [half] = await sql`select count(*)::int as n from claim`;
  assert.ok((half?.["n"] as number) >= 40_000 && (half?.["n"] as number) < 45_010, "the first batch stands");
  await collect(collecting(state), listFeed, lists, "f");
  assert.deepEqual(await digest(sql), await digest(undisturbed.sql));
  const written = async (): Promise<unknown> =>
    (
      await sql`select (select count(*) from intel_change) as changes, (select max(xmin::text::bigint) from claim) as newest`
    )[0];
  const before = await written();
  const again = await collect(collecting(state), listFeed, lists, "f");
  assert.deepEqual([again?.added, again?.changed, again?.delisted], [0, 0, 0]);
  assert.deepEqual(await written(), before);
});
