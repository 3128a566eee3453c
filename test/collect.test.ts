import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after as afterAll, before, beforeEach, test } from "node:test";
import type { TestContext } from "node:test";
import { after, hour, type Instant, instant } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import { feed as delimitedFeed } from "#feeds/generic-delimited/feed.ts";
import { feedById } from "#feeds/index.ts";
import { feed as lines } from "#feeds/generic-lines/feed.ts";
import { feed as maltrail } from "#feeds/stamparm-maltrail/feed.ts";
import { forgetKept } from "#jobs/indicators/age.ts";
import { collect } from "#jobs/collect/collect.ts";
import { type CollectingFeeds, collectFeed, dueSources, nextTurn, type Source } from "#jobs/collect/feed.ts";
import { replay } from "#jobs/collect/replay.ts";
import { openEgress } from "#net/egress.ts";
import { openArchive } from "#store/archive.ts";
import { mailFolder } from "#store/mail-folder.ts";
import { stateOf } from "#store/state.ts";
import { tar } from "../sample/tar.ts";
import { testDatabase } from "./cluster.ts";

// One publisher on loopback, a real database, the real way out. What it answers is `answer`, set by each test.
let server: Server;
let url = "";
let answer: { status?: number; body: string | Uint8Array; etag?: string; retryAfter?: string } = { body: "" };
let asked: { conditional: boolean; key?: string; url?: string }[] = [];
before(async () => {
  server = createServer((request, response) => {
    const key = request.headers["auth-key"];
    asked.push({
      conditional: request.headers["if-none-match"] !== undefined,
      ...(typeof key === "string" ? { key } : {}),
      ...(request.url === undefined ? {} : { url: request.url }),
    });
    if (answer.etag !== undefined && request.headers["if-none-match"] === answer.etag) response.writeHead(304).end();
    else
      response
        .writeHead(answer.status ?? 200, {
          ...(answer.etag === undefined ? {} : { etag: answer.etag }),
          ...(answer.retryAfter === undefined ? {} : { "retry-after": answer.retryAfter }),
        })
        .end(answer.body);
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

const publisher = async (t: TestContext, how: Partial<Source> = {}) => {
  const { sql } = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-collect-"));
  t.after(() => rmSync(folder, { recursive: true }));
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
      post: egress.post,
      read: async () => assert.fail("nothing is read from files here"),
      archive: openArchive(folder),
      folder: mailFolder,
    },
    secret: "test",
    policy: () => lenient,
    now: () => now,
    elapsed: () => 0,
    random: () => 0,
  };
  const source: Source = { feed: { ...lines, id: "list", everyMinutes: 60 }, url, trusted: false, ...how };
  return {
    sql,
    folder,
    collecting,
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
  const { turn, alive, sql, folder } = await publisher(t);
  answer = { body: list(300) };
  const first = await turn();
  assert.deepEqual([first?.state, first?.added, first?.changed, first?.delisted], ["healthy", 300, 0, 0]);
  answer = { body: list(300, 10) };
  const second = await turn();
  assert.deepEqual([second?.added, second?.changed, second?.delisted], [10, 0, 10]);
  assert.equal(await alive(), 300);
  assert.equal(readdirSync(join(folder, "list")).length, 2);
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

test("Retry-After is kept to: the turn waits, nothing failed, and nothing was seen again", async (t) => {
  const { turn, sql, pass, source, state } = await publisher(t);
  answer = { body: list(20) };
  await turn();
  pass(hour);
  for (const [status, retryAfter, waitMs] of [
    [429, "7200", 2 * hour],
    [503, new Date(start + 4 * hour).toUTCString(), 3 * hour],
    [429, "99999999", 24 * hour],
  ] as const) {
    answer = { status, retryAfter, body: "slow down" };
    const waits = await turn();
    assert.deepEqual([waits?.state, waits?.reason?.code], ["waiting", "WGL_FEED_LATER"]);
    const [row] = await sql`select state, failures, last_good, next_turn from feed_state`;
    assert.deepEqual(
      { ...row },
      { state: "healthy", failures: 0, last_good: start, next_turn: after(start, hour + waitMs) },
    );
  }
  assert.equal((await dueSources(state, [source], after(start, 2 * hour))).length, 0);
});

test("a key goes where its publisher wants it, and into no turn, archive or message", async (t) => {
  const key = "s3cr3t/key";
  const inHeader = await publisher(t, {
    feed: { ...lines, id: "list", auth: { required: true, by: { header: "Auth-Key" } } },
    key,
  });
  answer = { body: list(5) };
  assert.equal((await inHeader.turn())?.state, "healthy");
  assert.equal(asked[0]?.key, key);
  const inUrl = await publisher(t, {
    feed: { ...lines, id: "list", auth: { required: true, by: { inUrl: true } } },
    url: `${url.replace("list.txt", "data/{key}/list.txt")}?k={key}`,
    key,
  });
  await inUrl.turn();
  assert.equal(asked[1]?.url, "/data/s3cr3t%2Fkey/list.txt?k=s3cr3t%2Fkey");
  answer = { status: 403, body: "" };
  const refused = await inUrl.turn();
  assert.equal(refused?.reason?.code, "WGL_FEED_KEY_REFUSED");
  const broken = openEgress({ hosts: new Set(["127.0.0.1"]), ports: [1], allowAddresses: ["127.0.0.1/32"] });
  const failing = { ...inUrl.collecting, fetching: { ...inUrl.collecting.fetching, get: broken.get } };
  const failed = await collectFeed(failing, { ...inUrl.source, url: "http://127.0.0.1:1/{key}/x" });
  assert.equal(failed?.reason?.code, "WGL_EGRESS_BROKEN");
  for (const world of [inHeader, inUrl]) {
    const kept = JSON.stringify(await world.sql`select t.*, s.* from feed_turn t join feed_state s using (feed)`);
    assert.doesNotMatch(kept, /s3cr3t/);
    assert.doesNotMatch(readdirSync(world.folder, { recursive: true }).join(" "), /s3cr3t/);
  }
  const without = await publisher(t, { feed: { ...lines, id: "list", auth: { required: true, by: { basic: true } } } });
  assert.equal((await without.turn())?.reason?.code, "WGL_FEED_KEY");
});

test("a list that left a whole body is over; the guard still looks at how much is lost", async (t) => {
  const { turn, alive } = await publisher(t, {
    feed: { ...maltrail, id: "list" },
    url: url.replace("list.txt", "trails.tar"),
  });
  const archiveOf = (files: Readonly<Record<string, string>>): Uint8Array => tar(new Map(Object.entries(files)), start);
  const names = (count: number, of: string): string =>
    Array.from({ length: count }, (_, i) => `h${i}.${of}.example`).join("\n");
  answer = {
    body: archiveOf({ "t/static/malware/one.txt": names(300, "one"), "t/static/malware/two.txt": names(150, "two") }),
  };
  assert.deepEqual([(await turn())?.added, await alive()], [450, 450]);
  answer = { body: archiveOf({ "t/static/malware/one.txt": names(300, "one") }) };
  const less = await turn();
  assert.deepEqual([less?.state, less?.delisted, await alive()], ["healthy", 150, 300]);
  answer = { body: archiveOf({ "t/static/malware/new.txt": names(20, "new") }) };
  const lost = await turn();
  assert.deepEqual([lost?.state, lost?.reason?.code, await alive()], ["held", "WGL_FEED_SHRUNK", 300]);
  assert.deepEqual([(await turn({ acceptHeld: true }))?.delisted, await alive()], [300, 20]);
});

test("what is refused can be read, repaired and replayed: added rows delist nothing, and leave with the list they belong to", async (t) => {
  const { collecting, source, state, sql, alive, turn } = await publisher(t, {
    feed: { ...delimitedFeed, id: "list" },
  });
  const table = [
    "indicator,seen_at,labels",
    ...Array.from({ length: 30 }, (_, i) => `198.51.100.${i},,fine`),
    '198.51.100.300,,"wrong, here"',
  ];
  answer = { body: table.join("\n") };
  await turn();
  const [kept] = await state.act((tx) => tx.intel.rejected("list", undefined, 10));
  assert.deepEqual([kept?.row, kept?.problem.code, kept?.text], [32, "WGL_IP", '198.51.100.300,,"wrong, here"']);
  assert.ok(kept?.frame && kept.text !== undefined);
  const repaired = `${kept.frame.before}${kept.text.replace("300", "30")}${kept.frame.after}`;
  const byHand = { ...collecting, policy: lenient, now: start, shadow: false };
  const added = await collect({ ...byHand, add: true }, source.feed, Buffer.from(repaired), "fixed.csv");
  assert.deepEqual([added?.state, added?.added, added?.delisted, await alive()], ["healthy", 1, 0, 31]);
  const again = await turn();
  assert.deepEqual([again?.delisted, await alive()], [1, 30], "the publisher's next list does not have it");
  const [first] = await sql`select n from feed_turn order by n limit 1`;
  const replayed = await replay(
    { ...byHand, whole: true },
    collecting.fetching.archive,
    source.feed,
    first?.["n"] as number,
  );
  assert.deepEqual([replayed?.state, replayed?.accepted, replayed?.added], ["healthy", 30, 0]);
  await assert.rejects(replay(byHand, collecting.fetching.archive, source.feed, 999), { code: "WGL_ARCHIVE_GONE" });
});

test("bodies and refused rows are forgotten when their days are over, and a feed may have days of its own", async (t) => {
  const { collecting, state, turn, sql, folder } = await publisher(t);
  answer = { body: `${list(20)}\nrubbish\n` };
  await turn();
  const { archive } = collecting.fetching;
  const day = 24 * hour;
  const rows = async (): Promise<unknown> => (await sql`select count(*)::int as n from feed_rejected`)[0]?.["n"];
  const forget = (days: number, own: number) =>
    forgetKept(state, archive, { days, feeds: new Map([["list", own]]) }, after(start, 10 * day));
  assert.deepEqual([await forget(1, 11), await rows()], [{ bodies: 0, rows: 0 }, 1]);
  assert.deepEqual([await forget(30, 9), await rows()], [{ bodies: 1, rows: 1 }, 0]);
  assert.deepEqual(readdirSync(join(folder, "list")), []);
});

test("a table whose column empties from one day to the next is held, with what it was and is; a person lets it in", async (t) => {
  const feed = feedById.get("generic-delimited");
  const parts = feed?.mapped?.({ value: "ip", seenAt: "last seen" });
  assert.ok(feed && parts?.ok);
  const { turn, alive, pass } = await publisher(t, {
    feed: { ...feed, id: "list", everyMinutes: 60, parts: parts.value },
    trusted: true,
  });
  const table = (port: string, more = ""): string =>
    [`ip,last seen,port${more === "" ? "" : ",more"}`]
      .concat(Array.from({ length: 150 }, (_, i) => `198.51.100.${i},2026-11-20T00:00:00Z,${port}${more}`))
      .join("\n");
  answer = { body: table("443") };
  assert.equal((await turn())?.state, "healthy");
  pass(hour);
  answer = { body: table("80", ",x") };
  assert.equal((await turn())?.state, "healthy", "another value and a further column are no drift");
  pass(hour);
  answer = { body: table("-", ",x") };
  const held = await turn();
  assert.deepEqual(
    [held?.state, held?.reason?.code, held?.reason?.with],
    ["held", "WGL_FEED_DRIFT_COLUMNS", { column: "port", before: "1", now: "0" }],
  );
  assert.equal(await alive(), 150, "what was known stays in force");
  pass(hour);
  assert.equal((await turn({ acceptHeld: true }))?.state, "healthy");
  pass(hour);
  answer = { body: `${table("-", ",x")}\n` };
  assert.equal((await turn())?.state, "healthy", "what a person let in is the list's new self");
});
