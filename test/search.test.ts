import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import type { Sql } from "postgres";
import { type Scope, visible } from "#community/visibility.ts";
import { parseGrade } from "#core/grade.ts";
import { after, day, type Instant, instant } from "#core/instant.ts";
import { type Tlp, tlps } from "#core/marking.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import { usualDecay } from "#intel/decay.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { indicatorId } from "#intel/indicator.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { alikeness, editsBetween } from "#intel/search-alike.ts";
import { understand } from "#intel/search-ask.ts";
import { scoreCurve } from "#intel/search-curve.ts";
import { nearKeys, skeletonOf, soughtKeys } from "#intel/search-keys.ts";
import { searchSteps } from "#intel/search-steps.ts";
import { soughtWords, wordsOf } from "#intel/search-words.ts";
import { indexSearch } from "#jobs/search/index.ts";
import { lookUp } from "#jobs/search/look-up.ts";
import { readSearchCursor, type SearchFilter, type SearchKey, writeSearchCursor } from "#jobs/search/port.ts";
import type { State } from "#jobs/ports.ts";
import { searchViews } from "#store/search.ts";
import { cheapest } from "#store/search-spread.ts";
import { stateOf } from "#store/state.ts";
import { caughtUp, testDatabase } from "./cluster.ts";

const now = instant(Date.parse("2026-11-21T08:00:00Z"));
const secret = "of the test";
const idOf = (observable: Observable): string => indicatorId(secret, observable);
const observable = (text: string): Observable => {
  const read = readValue(text);
  assert.ok(read.ok, text);
  return read.value.observable;
};
const b2 = parseGrade("B2");
assert.ok(b2.ok);
const { value: grade } = b2;

interface Said {
  readonly value: string;
  readonly feed: keyof typeof feeds;
  readonly tlp: Tlp;
  readonly labels?: readonly string[];
  readonly firstSeen?: Instant;
  readonly until?: Instant;
}

const feeds = { open: false, other: false, young: true } as const;
const opened = async (t: TestContext): Promise<{ state: State; sql: Sql }> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  for (const [id, shadow] of Object.entries(feeds))
    await state.act((tx) => tx.intel.feed({ id, liveDays: 30, voice: "alert" }, shadow));
  await sql`update feed_state set last_good = ${new Date(now)}`;
  return { state, sql };
};
const list = async (state: State, said: readonly Said[]): Promise<void> => {
  for (const { value, feed, tlp, labels = [], firstSeen = now, until } of said)
    await state.act((tx) =>
      tx.intel.merge(
        feed,
        [
          {
            ...{
              id: idOf(observable(value)),
              observable: observable(value),
              parts: ["list"],
              seenAt: firstSeen,
              grade,
            },
            ...{ labels, flags: [], tlp, pap: "clear", licence: "own" },
            ...(until === undefined ? {} : { liveUntil: until }),
          },
        ],
        now,
      ),
    );
};
const takeIn = async (state: State, sql: Sql): Promise<void> => {
  await caughtUp(sql);
  while ((await indexSearch(state)) !== undefined);
};

const staff: Scope = { all: true, groups: [], own: [], clientsOf: [], audience: "staff", red: false };
const cleared: Scope = { ...staff, red: true };
const member: Scope = { ...staff, all: false, audience: "member" };
const partner: Scope = { ...member, audience: "partner" };
const anybody: Scope = { ...member, audience: "public" };
const scopes = { staff, cleared, member, partner, anybody } as const;

/** All pages, in order; every page but the last is full. */
const found = async (
  sql: Sql,
  scope: Scope,
  text: string,
  filter: Partial<SearchFilter> = {},
  limit = 3,
): Promise<readonly string[]> => {
  const steps = searchSteps(
    text,
    (one) => [idOf(one)],
    (words) => (words.includes("other") ? ["other"] : []),
    alikeness,
  );
  const views = searchViews(sql);
  const all: string[] = [];
  for (let from: SearchKey | undefined; ; ) {
    const after = from;
    const page = await views.search(scope, {
      ...{ steps, limit, now, filter: { alive: false, ...filter } },
      ...(after === undefined ? {} : { after }),
    });
    const seen = new Map(
      (
        await views.indicatorsSeen(
          scope,
          page.found.map((one) => one.id),
          now,
        )
      ).map((one) => [one.id, one.value]),
    );
    all.push(...page.found.map((one) => `${one.way} ${seen.get(one.id) ?? "hidden"}`));
    if (page.next === undefined) return all;
    assert.equal(page.found.length, limit);
    from = readSearchCursor(writeSearchCursor(page.next));
    assert.deepEqual(from, page.next);
  }
};

const world: readonly Said[] = [
  { value: "198.51.100.77", feed: "open", tlp: "green", labels: ["emotet"] },
  { value: "198.51.100.0/24", feed: "open", tlp: "clear" },
  { value: "198.51.100.78:8080", feed: "open", tlp: "amber" },
  { value: "http://198.51.100.77/gate.php", feed: "other", tlp: "amber" },
  { value: "2001:db8:7::/48", feed: "open", tlp: "clear" },
  { value: "2001:db8:7::9", feed: "open", tlp: "red" },
  { value: "harbourbank.example", feed: "open", tlp: "green", labels: ["釣魚網站"] },
  { value: "login.harbourbank.example", feed: "other", tlp: "amber" },
  { value: "http://www.harbourbank.example/a", feed: "other", tlp: "clear" },
  { value: "harborbank.example", feed: "open", tlp: "green" },
  { value: "harbourbank-secure.example", feed: "open", tlp: "green" },
  { value: "hаrbourbank.example", feed: "open", tlp: "green" },
  { value: "notharbourbank.example", feed: "young", tlp: "clear" },
  { value: "0123456789abcdef".repeat(4), feed: "open", tlp: "amber+strict", labels: ["勒索軟件", "LockBit 3.0"] },
];

test("search() understands what was pasted, and answers nearest first", async (t) => {
  const { state, sql } = await opened(t);
  await list(state, world);
  assert.deepEqual(await found(sql, staff, "198.51.100.77"), [], "nothing is found before it is taken in");
  assert.equal((await searchViews(sql).searchLag()).filling, true);
  await takeIn(state, sql);
  assert.deepEqual(await searchViews(sql).searchLag(), { batches: 0, filling: false });

  assert.deepEqual(await found(sql, staff, " 198[.]51[.]100[.]77 "), [
    "is 198.51.100.77",
    "around 198.51.100.0/24",
    "around http://198.51.100.77/gate.php",
  ]);
  assert.deepEqual(
    new Set(await found(sql, staff, "198.51.100.64/26")),
    new Set([
      "around 198.51.100.0/24",
      "around 198.51.100.77",
      "around http://198.51.100.77/gate.php",
      "around 198.51.100.78:8080",
    ]),
  );
  assert.deepEqual(await found(sql, cleared, "2001:0db8:7::9"), ["is 2001:db8:7::9", "around 2001:db8:7::/48"]);
  assert.deepEqual(await found(sql, staff, "2001:0db8:7::9"), ["around 2001:db8:7::/48"]);
  assert.deepEqual(await found(sql, staff, "hxxp://www.harbourbank[.]example/a"), [
    "is http://www.harbourbank.example/a",
    "around harbourbank.example",
  ]);
  const name = await found(sql, staff, "harbourbank.example");
  assert.deepEqual(name.slice(0, 3), [
    "is harbourbank.example",
    "around login.harbourbank.example",
    "around http://www.harbourbank.example/a",
  ]);
  assert.ok(name.includes("alike harborbank.example"));
  assert.ok(name.includes("alike harbourbank-secure.example"));
  assert.equal(new Set(name).size, name.length, "nothing is found twice");
  assert.deepEqual(new Set(await found(sql, member, "*rbank-s*")), new Set(["part harbourbank-secure.example"]));
  assert.deepEqual(await found(sql, staff, "釣魚"), ["said harbourbank.example"]);
  assert.deepEqual(await found(sql, staff, "lockbit"), [`said ${"0123456789abcdef".repeat(4)}`]);
  assert.deepEqual(await found(sql, staff, "100%_"), []);
  assert.deepEqual(await found(sql, staff, "*100%_*"), [], "no wildcard of LIKE is ours");
});

test("search() hides a value of which every claim is hidden, from every way of asking", async (t) => {
  const { state, sql } = await opened(t);
  await list(state, world);
  await takeIn(state, sql);
  const claims = new Map<string, Said[]>();
  for (const said of world) claims.set(observable(said.value).value, [...(claims.get(said.value) ?? []), said]);
  for (const [name, scope] of Object.entries(scopes)) {
    const may = [...claims].flatMap(([value, all]) =>
      all.some(({ tlp, feed }) => visible({ tlp, pap: "clear", licence: "own" }, !feeds[feed], scope))
        ? [`listed ${value}`]
        : [],
    );
    assert.deepEqual(new Set(await found(sql, scope, "")), new Set(may), name);
  }
  // a label said only where it is hidden finds nothing, and a hidden value beside an open one shows nothing of itself
  assert.deepEqual(await found(sql, member, "勒索"), []);
  const beside = await found(sql, member, "notharbourbank.example");
  assert.ok(!beside.some((one) => one.endsWith(" notharbourbank.example")));
  assert.equal((await found(sql, staff, "notharbourbank.example"))[0], "is notharbourbank.example");
  await list(state, [{ value: "198.51.100.77", feed: "young", tlp: "clear", labels: ["secretbot"] }]);
  await takeIn(state, sql);
  assert.deepEqual(await found(sql, member, "secretbot"), []);
  assert.deepEqual(await found(sql, staff, "secretbot"), ["said 198.51.100.77"]);
});

test("search() filters by what one claim says, and a change is taken in", async (t) => {
  const { state, sql } = await opened(t);
  await list(state, world);
  await list(state, [
    {
      value: "old.example",
      feed: "other",
      tlp: "green",
      firstSeen: after(now, -40 * day),
      until: after(now, -1 * day),
    },
  ]);
  await takeIn(state, sql);
  assert.deepEqual(
    new Set(await found(sql, staff, "", { kind: "cidr" })),
    new Set(["listed 198.51.100.0/24", "listed 2001:db8:7::/48"]),
  );
  assert.deepEqual(await found(sql, staff, "", { feed: "young" }), ["listed notharbourbank.example"]);
  assert.deepEqual(await found(sql, member, "", { feed: "young" }), []);
  assert.deepEqual(await found(sql, staff, "", { feed: "nobody" }), []);
  assert.deepEqual(await found(sql, staff, "old.example", { alive: true }), []);
  assert.deepEqual(await found(sql, staff, "old.example"), ["is old.example"]);
  assert.deepEqual(await found(sql, staff, "old.example", { since: after(now, -day) }), []);
  assert.deepEqual(await found(sql, staff, "", { tlp: "amber+strict" }), [`listed ${"0123456789abcdef".repeat(4)}`]);
  // delisted: alive no more, and still found
  await state.act((tx) => tx.intel.delist("open", "list", [idOf(observable("harborbank.example"))], now));
  await takeIn(state, sql);
  assert.deepEqual((await found(sql, staff, "harborbank.example", { alive: true }))[0], "alike harbourbank.example");
  assert.deepEqual((await found(sql, staff, "harborbank.example"))[0], "is harborbank.example");
});

test("pages hold still while rows are written, and no row is shown twice or lost", async (t) => {
  const { state, sql } = await opened(t);
  const names = Array.from({ length: 40 }, (_, n) => `n${n}.shop.example`);
  await list(
    state,
    names.map((value) => ({ value, feed: "open", tlp: "clear" as const })),
  );
  await takeIn(state, sql);
  const steps = searchSteps(
    "shop.example",
    (one) => [idOf(one)],
    () => [],
    alikeness,
  );
  const views = searchViews(sql);
  const got: string[] = [];
  let from: SearchKey | undefined;
  for (let turn = 0; ; turn++) {
    const after = from;
    const page = await views.search(anybody, {
      ...{ steps, limit: 7, now, filter: { alive: false } },
      ...(after ? { after } : {}),
    });
    got.push(...page.found.map((one) => one.id));
    if (page.next === undefined) break;
    from = page.next;
    await list(state, [{ value: `new${turn}.shop.example`, feed: "open", tlp: "clear" }]);
    await takeIn(state, sql);
  }
  assert.equal(new Set(got).size, got.length);
  for (const name of names) assert.ok(got.includes(idOf(observable(name))), name);
});

test("thousands of values are found by an index share by share: every page, for every scope, is what reading all of them gives", async (t) => {
  const { state, sql } = await opened(t);
  // one in 40 is searched for; which TLP and feed a value has follows from its number
  const values = Array.from({ length: 6000 }, (_, n) => ({
    value: `${n % 40 === 0 ? "needle" : "straw"}-${n}.example`,
    tlp: (["clear", "amber", "red"] as const)[n % 3] ?? "clear",
    feed: n % 7 === 0 ? "other" : "open",
  }));
  for (const feed of ["open", "other"])
    await state.act((tx) =>
      tx.intel.merge(
        feed,
        values
          .filter((one) => one.feed === feed)
          .map(({ value, tlp }) => ({
            ...{ id: idOf(observable(value)), observable: observable(value), parts: ["list"], seenAt: now, grade },
            ...{ labels: [], flags: [], tlp, pap: "clear" as const, licence: "own" as const },
          })),
        now,
      ),
    );
  await takeIn(state, sql);
  await sql`analyze search_value`;
  for (const [name, scope] of Object.entries(scopes))
    for (const feed of [undefined, "other"]) {
      const wanted = values
        .filter((one) => one.value.startsWith("needle") && (feed === undefined || one.feed === feed))
        .filter(({ tlp }) => visible({ tlp, pap: "clear", licence: "own" }, true, scope))
        .map(({ value }) => ({ id: idOf(observable(value)), value }))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ value }) => `part ${value}`);
      assert.deepEqual(
        await found(sql, scope, "*needle*", feed === undefined ? {} : { feed }, 9),
        wanted,
        `${name} ${feed}`,
      );
    }
});

test("law: for any scope and filter every page is what reading all values gives, however few of them it shows", async (t) => {
  const { state, sql } = await opened(t);
  const feedOf = (n: number): keyof typeof feeds => (n % 7 === 0 ? "other" : n % 11 === 0 ? "young" : "open");
  const values = Array.from({ length: 4000 }, (_, n) => ({
    observable: observable(
      n % 5 === 0
        ? `198.51.${100 + (n % 100)}.${Math.floor(n / 100)}`
        : `${n % 3 === 0 ? "needle" : "straw"}.s${n}.example`,
    ),
    tlp: n % 150 === 0 ? ("green" as const) : (tlps[[0, 2, 2, 3, 4, 2][n % 6] ?? 0] ?? "red"),
    feed: feedOf(n),
    labels: n % 30 === 0 ? ["emotet"] : n % 2 === 0 ? ["botnet"] : [],
    seenAt: after(now, -(n % 50) * day),
  }));
  for (const feed of ["open", "other", "young"] as const)
    await state.act((tx) =>
      tx.intel.merge(
        feed,
        values
          .filter((one) => one.feed === feed)
          .map(({ observable: about, tlp, labels, seenAt }) => ({
            ...{ id: idOf(about), observable: about, parts: ["list"], seenAt, grade, labels, flags: [], tlp },
            ...{ pap: "clear" as const, licence: "own" as const },
          })),
        now,
      ),
    );
  await takeIn(state, sql);
  await sql`analyze search_value`;
  const asked = {
    "": () => true,
    "*needle*": ({ observable: { value } }) => value.includes("needle"),
    emotet: ({ labels }) => labels.includes("emotet"),
    botnet: ({ labels }) => labels.includes("botnet"),
  } satisfies Record<string, (one: (typeof values)[number]) => boolean>;
  const scope = fc.record({
    all: fc.boolean(),
    groups: fc.constant([]),
    own: fc.constant([]),
    clientsOf: fc.constant([]),
    audience: fc.constantFrom("public", "partner", "member", "staff"),
    red: fc.boolean(),
  });
  const filter = fc.record({
    feed: fc.option(fc.constantFrom("open", "other", "young"), { nil: undefined, freq: 1 }),
    kind: fc.option(fc.constantFrom("domain", "ipv4"), { nil: undefined, freq: 1 }),
    tlp: fc.option(fc.constantFrom(...tlps), { nil: undefined, freq: 1 }),
    since: fc.option(fc.constantFrom(after(now, -40 * day), after(now, -2 * day)), { nil: undefined, freq: 1 }),
  });
  const texts = Object.keys(asked) as (keyof typeof asked)[];
  await fc.assert(
    fc.asyncProperty(scope, filter, fc.constantFrom(...texts), async (reach, { feed, kind, tlp, since }, text) => {
      const wanted = values
        .filter((one) => asked[text](one) && visible({ ...one, pap: "clear", licence: "own" }, !feeds[one.feed], reach))
        .filter((one) => (feed ?? one.feed) === one.feed && (kind ?? one.observable.kind) === one.observable.kind)
        .filter((one) => (tlp ?? one.tlp) === one.tlp && one.seenAt >= (since ?? one.seenAt))
        .map((one) => ({ id: idOf(one.observable), value: one.observable.value }))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ value }) => value);
      const wants: Partial<SearchFilter> = {
        ...(feed === undefined ? {} : { feed }),
        ...(kind === undefined ? {} : { kind }),
        ...(tlp === undefined ? {} : { tlp }),
        ...(since === undefined ? {} : { since }),
      };
      const rows = await found(sql, reach, text, wants, 200);
      assert.deepEqual(
        rows.map((row) => row.slice(row.indexOf(" ") + 1)),
        wanted,
      );
    }),
    { numRuns: 40 },
  );
});

test("cheapest() asks an index for what few rows have, and tells the rest from the rows", () => {
  const rows = 2_000_000;
  const sample = (met: readonly (readonly [number, number])[], share: number): Parameters<typeof cheapest>[1] => ({
    ...{ looked: 2_000, rows, share },
    met: new Map(met),
  });
  // bit 0: a key of look-alikes; bit 1: a TLP
  const half = [
    [0, 1_000],
    [2, 1_000],
  ] as const;
  assert.deepEqual(cheapest(["near", "part"], sample(half, 1)).by, 0b01, "a rare key and the TLP of half of all");
  assert.equal(cheapest(["near", "part"], sample(half, 1)).shares, 0, "what is rare is fetched at once");
  const few = [
    [0, 1_000],
    [1, 1_000],
  ] as const;
  assert.equal(cheapest(["part", "part"], sample(few, 1)).by, 0b10, "what half have in it and the TLP of few");
  const famous = [
    [0, 1_460],
    [1, 30],
    [2, 500],
    [3, 10],
  ] as const;
  const shared = cheapest(["near", "part"], sample(famous, 0.0075));
  assert.ok(shared.shares > 0 && shared.shares < 256, "of a famous name, a share of the ids is read");
  // law: the more rows meet what is asked for, the dearer it is to find them
  fc.assert(
    fc.property(fc.nat(1_999), fc.nat(1_999), fc.double({ min: 0.001, max: 1, noNaN: true }), (one, other, share) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      const cost = (met: number): number =>
        cheapest(
          ["part"],
          sample(
            [
              [1, met],
              [0, 2_000 - met],
            ],
            share,
          ),
        ).cost;
      assert.ok(cost(less) <= cost(more));
    }),
  );
});

test("lookUp() says the same from memory as from state, for every scope", async (t) => {
  const { state, sql } = await opened(t);
  const values = [
    ...["198.51.100.77", "198.51.100.0/24", "198.51.100.78:8080", "bad.example", "sub.bad.example", "bad.example:8443"],
    ...[
      "http://bad.example/a?b=c",
      "//bad.example/a?b=c",
      "https://bad.example/x#part",
      "/a?b=",
      "someone@bad.example",
    ],
    ...["2001:db8::/32", "2001:db8::1", "AS64496", "d41d8cd98f00b204e9800998ecf8427e"],
  ];
  const asked = [
    ...values,
    ...["198.51.100.9", "www.sub.bad.example", "https://bad.example/a?b=c", "http://bad.example/x", "2001:db8:5::5"],
    ...[
      "198.51.100.78",
      "other.example",
      "http://other.example/a?b=d",
      "bad.example:1",
      "198.51.100.77:1",
      "not a value at all",
      "",
    ],
  ];
  const claim = fc.record({
    value: fc.constantFrom(...values),
    feed: fc.constantFrom("open", "other", "young"),
    tlp: fc.constantFrom(...tlps),
    until: fc.constantFrom(undefined, after(now, day), after(now, -day)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(claim, { minLength: 1, maxLength: 12 }), async (said) => {
      await sql`truncate claim, indicator, search_value, intel_change cascade`;
      await sql`delete from deployment where key = 'reader:search'`;
      await list(
        state,
        said.map(({ until, ...one }) => ({ ...one, ...(until === undefined ? {} : { until }) })),
      );
      await takeIn(state, sql);
      const rows = await state.act(async (tx) =>
        tx.intel.indicators([...new Set(said.map((one) => idOf(observable(one.value))))], now),
      );
      const index = buildMatchIndex(
        rows.filter((one) => one.live).map((one) => ({ id: one.n, observable: one.observable })),
        new TextEncoder().encode("test"),
      );
      const exclusions = buildExclusions([], { allow: ["198.51.100.0/24", "2001:db8::/32"] });
      const looking = { indicatorId: idOf, exclusions: () => exclusions, views: searchViews(sql), decay: usualDecay };
      for (const scope of Object.values(scopes)) {
        const memory = await lookUp({ ...looking, index: () => index }, scope, asked, now);
        assert.deepEqual(await lookUp({ ...looking, index: () => undefined }, scope, asked, now), memory);
        memory.forEach((one, at) => {
          const own = said.filter(
            (each) =>
              one.observable !== undefined &&
              observableKey(observable(each.value)) === observableKey(one.observable) &&
              (each.until === undefined || each.until > now) &&
              visible({ tlp: each.tlp, pap: "clear", licence: "own" }, !feeds[each.feed], scope),
          );
          // the last word of a source about a value counts, so only what nobody took back by a later one is certain
          if (own.length > 0 && said.filter((each) => each.value === asked[at]).length === own.length)
            assert.ok(one.known, asked[at]);
        });
      }
    }),
    { numRuns: 25 },
  );
});

test("names that look alike share a key, and those that do not are told apart", () => {
  const pairs = [
    ["paypal.example", "paypa1.example"],
    ["paypal.example", "paypla.example"],
    ["paypal.example", "payypal.example"],
    ["paypal.example", "pаypal.example"],
    ["modern.example", "modem.example"],
    ["harbourbank.example", "secure-harbourbank.example"],
  ] as const;
  for (const [pasted, listed] of pairs) {
    const name = observable(listed).value;
    const sought = soughtKeys(pasted);
    assert.ok(sought);
    const keys = new Set(nearKeys(name));
    assert.ok(
      [...sought.words, sought.token].some((key) => key !== undefined && keys.has(key)),
      listed,
    );
    assert.notEqual(alikeness(pasted, name), undefined, listed);
  }
  assert.equal(alikeness("paypal.example", "unrelated.example"), undefined);
  assert.equal(skeletonOf("rnicr0soft"), skeletonOf("microsoft"));
  // law: one edit apart always meets
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z]{5,12}$/),
      fc.nat(),
      fc.stringMatching(/^[a-z]$/),
      fc.constantFrom("in", "out", "swap", "put"),
      (word, n, letter, how) => {
        const at = n % word.length;
        const other =
          how === "in"
            ? word.slice(0, at) + letter + word.slice(at)
            : how === "out"
              ? word.slice(0, at) + word.slice(at + 1)
              : how === "put"
                ? word.slice(0, at) + letter + word.slice(at + 1)
                : word.slice(0, at) + (word[at + 1] ?? "") + (word[at] ?? "") + word.slice(at + 2);
        assert.ok((editsBetween(word, other, 1) ?? 9) <= 1);
        const [a, b] = [skeletonOf(word), skeletonOf(other)];
        // folding letters may bring words nearer or make one too short to be a name
        if (a !== word || b !== other || other.length < 4) return;
        const keys = new Set(nearKeys(`${other}.example`));
        assert.ok(soughtKeys(word)?.words.some((key) => keys.has(key)));
      },
    ),
  );
});

test("words of labels are found in scripts without blanks, and by whole words in others", () => {
  assert.deepEqual(wordsOf("勒索軟件"), ["勒", "索", "軟", "件", "勒索", "索軟", "軟件"]);
  assert.deepEqual(soughtWords("索軟件"), ["索軟", "軟件"]);
  assert.deepEqual(wordsOf("LockBit 3.0"), ["lockbit", "3", "0"]);
  assert.deepEqual(understand("勒"), { said: ["勒"] });
  assert.deepEqual(understand("  "), {});
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      const its = new Set(wordsOf(text));
      for (const word of soughtWords(text)) assert.ok(its.size >= 60 || its.has(word));
    }),
  );
});

test("a score curve falls between sightings, is lifted by claims, and ends where it says", () => {
  const claims = [
    { feed: "a", grade, firstSeen: after(now, -30 * day), lastSeen: after(now, -10 * day) },
    { feed: "b", grade, firstSeen: after(now, -5 * day), lastSeen: after(now, -5 * day) },
  ];
  const curve = scoreCurve(claims, "ipv4", usualDecay, now);
  assert.equal(curve.marks.length, 3);
  assert.ok(curve.points.every((point, at) => at === 0 || point.at >= (curve.points[at - 1]?.at ?? 0)));
  const lifted = curve.marks.map((mark) => mark.at);
  for (let at = 1; at < curve.points.length; at++) {
    const [before, point] = [curve.points[at - 1], curve.points[at]];
    if (before && point && !(before.at === point.at && lifted.includes(point.at)))
      assert.ok(point.score <= before.score + 1e-9);
  }
  assert.ok(curve.falls && curve.falls.at > now);
});
