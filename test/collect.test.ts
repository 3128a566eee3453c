import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after as afterAll, before, beforeEach, test } from "node:test";
import type { TestContext } from "node:test";
import { after, hour, type Instant, instant } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import { feed as lines } from "#feeds/generic-lines/feed.ts";
import { type CollectingFeeds, collectFeed, dueSources, nextTurn, type Source } from "#jobs/collect-feed.ts";
import { openEgress } from "#net/egress.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";

// One publisher on loopback, a real database, the real way out. What it answers is `answer`, set by each test.
let server: Server;
let url = "";
let answer: { status?: number; body: string; etag?: string } = { body: "" };
let asked: { conditional: boolean }[] = [];
before(async () => {
  server = createServer((request, response) => {
    asked.push({ conditional: request.headers["if-none-match"] !== undefined });
    if (answer.etag !== undefined && request.headers["if-none-match"] === answer.etag) response.writeHead(304).end();
    else
      response.writeHead(answer.status ?? 200, answer.etag === undefined ? {} : { etag: answer.etag }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.txt`;
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
});

const list = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, i) => `198.51.${(i + from) >> 8}.${(i + from) & 255}`).join("\n");
const start = instant(Date.parse("2026-11-21T08:00:00Z"));

const publisher = async (t: TestContext) => {
  const { sql } = await testDatabase(t);
  const archived: string[] = [];
  let now: Instant = start;
  const egress = openEgress({
    hosts: new Set(["127.0.0.1"]),
    ports: [(server.address() as AddressInfo).port],
    allowAddresses: ["127.0.0.1/32"],
  });
  const collecting: CollectingFeeds = {
    state: stateOf(sql),
    fetching: {
      get: egress.get,
      read: async () => assert.fail("nothing is read from files here"),
      archive: async (feed, at) => {
        archived.push(`${feed} ${at}`);
        return `${feed}-${at}`;
      },
    },
    secret: "test",
    policy: () => lenient,
    now: () => now,
    elapsed: () => 0,
    random: () => 0,
  };
  const source: Source = { feed: { ...lines, id: "list", everyMinutes: 60 }, url, trusted: false };
  return {
    sql,
    archived,
    source,
    state: collecting.state,
    turn: (options?: { acceptHeld?: boolean }) => collectFeed(collecting, source, options),
    pass: (milliseconds: number) => {
      now = after(now, milliseconds);
    },
    alive: async () => (await sql`select count(*)::int as n from claim where gone_at is null`)[0]?.["n"] as number,
  };
};

test("a list is collected, remembered, compared and delisted; a new feed starts in shadow", async (t) => {
  const { turn, alive, sql, archived } = await publisher(t);
  answer = { body: list(300) };
  const first = await turn();
  assert.deepEqual([first?.state, first?.added, first?.changed, first?.delisted], ["healthy", 300, 0, 0]);
  answer = { body: list(300, 10) };
  const second = await turn();
  assert.deepEqual([second?.added, second?.changed, second?.delisted], [10, 0, 10]);
  assert.equal(await alive(), 300);
  assert.equal(archived.length, 2);
  assert.deepEqual((await sql`select shadow, claims from feed_state`)[0], { shadow: true, claims: 300 });
});

test("an unchanged list is asked for with its validator and writes nothing but the turn", async (t) => {
  const { turn, alive, sql } = await publisher(t);
  answer = { body: list(50), etag: '"v1"' };
  await turn();
  const again = await turn();
  assert.deepEqual([again?.state, again?.added, asked.map((one) => one.conditional)], ["healthy", 0, [false, true]]);
  assert.equal(await alive(), 50);
  assert.equal((await sql`select count(*)::int as n from intel_change`)[0]?.["n"], 1);
});

for (const [what, body, code] of [
  ["an HTML page", "<!DOCTYPE html><html><body>Service unavailable 198.51.100.7</body></html>", "WGL_BODY_MARKUP"],
  ["an empty body", "", "WGL_BODY_EMPTY"],
  [
    "mostly rubbish",
    Array.from({ length: 200 }, (_, i) => (i % 20 === 0 ? `198.51.100.${i}` : `rubbish ${i}`)).join("\n"),
    "WGL_FEED_REJECTS",
  ],
] as const)
  test(`${what} is quarantined: earlier knowledge stays, the reason is kept`, async (t) => {
    const { turn, alive, sql } = await publisher(t);
    answer = { body: list(400) };
    await turn();
    answer = { body };
    const bad = await turn();
    assert.deepEqual([bad?.state, bad?.reason?.code, await alive()], ["quarantined", code, 400]);
    const [row] = await sql`select state, reason->>'code' as code, claims, accepted from feed_state`;
    assert.deepEqual({ ...row }, { state: "quarantined", code, claims: 400, accepted: 400 });
  });

test("a volume far from the list's own past is held until a person accepts it; small lists move freely", async (t) => {
  const { turn, alive } = await publisher(t);
  answer = { body: list(5) };
  await turn();
  answer = { body: list(80) };
  assert.equal((await turn())?.state, "healthy"); // 16 × as many, and 75 rows: below the floor of 100
  answer = { body: list(3000) };
  assert.deepEqual([(await turn())?.state, await alive()], ["held", 80]);
  assert.deepEqual([(await turn({ acceptHeld: true }))?.state, await alive()], ["healthy", 3000]);
  answer = { body: list(3) };
  const shrunk = await turn();
  assert.deepEqual([shrunk?.state, shrunk?.reason?.code, await alive()], ["held", "WGL_FEED_SHRUNK", 3000]);
});

test("rejected rows are counted and kept with their place and reason", async (t) => {
  const { turn, sql } = await publisher(t);
  answer = { body: "198.51.100.1\n010.1.1.1\n198.51.100.2\n198.51.100.3\nnot a value at all\n" };
  const done = await turn();
  assert.equal(
    Object.values(done?.rejected ?? {}).reduce((sum, n) => sum + n, 0),
    2,
  );
  const rows = await sql`select row, problem->>'code' as code from feed_rejected order by row`;
  assert.deepEqual(
    rows.map((row) => row["row"]),
    [2, 5],
  );
  assert.ok(rows.every((row) => String(row["code"]).startsWith("WGL_")));
});

test("a server that fails is asked later and later; the next good turn forgives it", async (t) => {
  const { turn, source, state, pass, alive } = await publisher(t);
  answer = { body: list(20) };
  await turn();
  answer = { status: 503, body: "no" };
  const failed = await turn();
  assert.deepEqual([failed?.state, failed?.reason?.code, await alive()], ["failing", "WGL_FEED_ANSWER", 20]);
  assert.equal(nextTurn(source.feed, 3, start, 0), after(start, 8 * hour)); // 60 min × 2³
  assert.equal((await dueSources(state, [source], after(start, hour))).length, 0);
  assert.equal((await dueSources(state, [source], after(start, 2 * hour))).length, 1);
  pass(2 * hour);
  answer = { body: list(20) };
  assert.equal((await turn())?.state, "healthy");
});
