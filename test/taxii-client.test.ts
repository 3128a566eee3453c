import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after as afterAll, before, beforeEach, test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { after, hour, type Instant, instant, minute } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import { feed as taxii } from "#feeds/taxii-collection/feed.ts";
import { type CollectingFeeds, collectFeed, type Source } from "#jobs/collect/feed.ts";
import { type WalkLimits, walkLimits } from "#jobs/collect/walk-feed.ts";
import { openEgress } from "#net/egress.ts";
import { openArchive } from "#store/archive.ts";
import { mailFolder } from "#store/mail-folder.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";

// A TAXII server on loopback that is as odd as a test wants it, asked through the real way out.

interface Stored {
  readonly added: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** How it differs from a server that keeps to the specification. */
interface Oddity {
  readonly stored: Stored[];
  /** Objects a page, whatever `limit` says. */
  readonly pageAtMost?: number;
  readonly more?: "always" | "never";
  readonly next?: "none" | "number" | "circle" | "fresh" | "alone";
  readonly dates?: "none" | "milliseconds";
  readonly manifest?: true;
  readonly gzip?: true;
  readonly v20?: true;
  readonly ranges?: false;
  readonly type?: string;
  readonly body?: Uint8Array | string;
  readonly refuse?: { readonly after: number; readonly status: number; readonly retryAfter?: string };
}

let odd: Oddity = { stored: [] };
let asked: { readonly url: string; readonly auth?: string; readonly accept?: string; readonly range?: string }[] = [];
let server: Server;
let home = "";

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  const url = new URL(request.url ?? "/", home);
  const { authorization: auth, accept, range } = request.headers;
  asked.push({
    url: request.url ?? "",
    ...(auth === undefined ? {} : { auth }),
    ...(accept === undefined ? {} : { accept }),
    ...(range === undefined ? {} : { range }),
  });
  const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    const bytes =
      body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    const packs = odd.gzip && request.headers["accept-encoding"] === "gzip";
    response
      .writeHead(status, {
        "content-type":
          odd.type ?? (odd.v20 ? "application/vnd.oasis.stix+json; version=2.0" : "application/taxii+json;version=2.1"),
        ...(packs ? { "content-encoding": "gzip" } : {}),
        ...headers,
      })
      .end(packs ? gzipSync(bytes) : bytes);
  };
  if (odd.refuse && asked.length > odd.refuse.after)
    return send(
      odd.refuse.status,
      { title: "no" },
      odd.refuse.retryAfter ? { "retry-after": odd.refuse.retryAfter } : {},
    );
  if (odd.v20 && !accept?.includes("version=2.0")) return send(406, { title: "Not Acceptable" });
  if (odd.body !== undefined) return send(200, odd.body);
  if (url.pathname === "/api1/collections/")
    return send(200, {
      collections: [
        { id: "9b1d", title: "Other" },
        { id: "c0ffee", title: "Hafen & See" },
      ],
    });
  const matched = url.searchParams.get("match[id]");
  const cut = (date: string): string => (odd.dates === "milliseconds" ? date.replace(/(\.\d{3})\d+/, "$1") : date);
  const dated = odd.stored.map((one) => ({ ...one, added: cut(one.added) }));
  if (url.pathname.endsWith("/manifest/")) {
    const rows = dated.filter(({ object }) => object["id"] === matched);
    return odd.manifest
      ? send(200, { objects: rows.map(({ added, object }) => ({ id: object["id"], date_added: added })) })
      : send(404, { title: "none" });
  }
  if (!url.pathname.endsWith("/collections/c0ffee/objects/")) return send(404, { title: "none" });
  const sinceAt = url.searchParams.get("added_after");
  const padded = (date: string): string => date.replace("Z", "").padEnd(29, "0");
  const dateHeaders = (some: readonly Stored[]): Record<string, string> =>
    odd.dates === "none" || some.length === 0
      ? {}
      : { "x-taxii-date-added-first": some[0]?.added ?? "", "x-taxii-date-added-last": some.at(-1)?.added ?? "" };
  const rows = dated.filter(({ added }) => sinceAt === null || padded(added) > padded(cut(sinceAt)));
  const limit = Math.min(Number(url.searchParams.get("limit") ?? 1e9), odd.pageAtMost ?? 1e9);
  const token = url.searchParams.get("next");
  if (odd.v20 && odd.ranges === false)
    return send(200, { type: "bundle", id: "bundle--1", objects: rows.map(({ object }) => object) }, dateHeaders(rows));
  if (token !== null && odd.next === "alone" && (sinceAt !== null || url.searchParams.has("limit")))
    return send(400, { title: "next with filters" });
  // `next` is the number of the first object of the page among all that are stored
  const items = /^items (\d+)-(\d+)$/.exec(range ?? "");
  const all = token === null ? rows : dated.slice(Number(token));
  const from = odd.v20 && items && odd.ranges !== false ? Number(items[1]) : 0;
  const page = all.slice(
    from,
    from + (odd.v20 && items ? Math.min(Number(items[2]) - from + 1, odd.pageAtMost ?? 1e9) : limit),
  );
  const left = all.length > from + page.length;
  const dates = dateHeaders(page);
  const objects = page.map(({ object }) => object);
  if (odd.v20) {
    if (page.length === 0) return send(416, { title: "range" });
    return send(
      206,
      { type: "bundle", objects },
      { ...dates, "content-range": `items ${from}-${from + page.length - 1}/${all.length}` },
    );
  }
  const at = dated.indexOf(page.at(-1) as (typeof dated)[number]) + 1;
  const next =
    odd.next === "fresh"
      ? { next: `x${asked.length}` }
      : odd.next === "circle"
        ? { next: String(Math.max(0, at - page.length)) }
        : left
          ? { next: odd.next === "number" ? at : String(at) }
          : {};
  const more = odd.more === "never" ? {} : { more: odd.more === "always" || odd.next === "circle" || left };
  return send(200, page.length === 0 ? {} : { ...more, ...(odd.next === "none" ? {} : next), objects }, dates);
};

before(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
});

const start = instant(Date.parse("2026-11-21T08:00:00Z"));
const objects = (): string => `${home}/api1/collections/c0ffee/objects/`;

const hex = (n: number): string => n.toString(16).padStart(12, "0");
const indicator = (n: number, some: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  type: "indicator",
  spec_version: "2.1",
  id: `indicator--11111111-1111-4111-8111-${hex(n)}`,
  created: "2026-11-20T08:00:00.000Z",
  modified: "2026-11-20T08:00:00.000Z",
  pattern: `[ipv4-addr:value = '198.51.${n >> 8}.${n & 255}']`,
  pattern_type: "stix",
  valid_from: "2026-11-20T08:00:00Z",
  ...some,
});
/** `count` indicators from `first` on, each added a microsecond after the one before; `tie`: all in one moment. */
const stored = (count: number, tie = false, first = 0): Stored[] =>
  Array.from({ length: count }, (_, i) => ({
    added: `2026-11-20T09:00:00.${String(tie ? 7 : (first + i) * 250).padStart(6, "0")}Z`,
    object: indicator(first + i),
  }));

const client = async (t: TestContext, how: Partial<Source> = {}, limits: Partial<WalkLimits> = {}) => {
  const { sql } = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-taxii-"));
  t.after(() => rmSync(folder, { recursive: true }));
  let now: Instant = start;
  const { port } = server.address() as AddressInfo;
  const egress = openEgress({ hosts: new Set(["127.0.0.1"]), ports: [port], allowAddresses: ["127.0.0.1/32"] });
  const collecting: CollectingFeeds = {
    state: stateOf(sql),
    fetching: {
      get: egress.get,
      post: egress.post,
      read: () => assert.fail("nothing is read from files here"),
      archive: openArchive(folder),
      folder: mailFolder,
    },
    ...{ secret: "test", policy: () => lenient, now: () => now, elapsed: () => 0, random: () => 0 },
    walkLimits: { ...walkLimits, ...limits },
  };
  const source: Source = { feed: { ...taxii, id: "partner" }, url: objects(), trusted: true, ...how };
  return {
    sql,
    turn: () => collectFeed(collecting, source),
    pass: (milliseconds: number) => {
      now = after(now, milliseconds);
    },
    alive: async () => (await sql`select count(*)::int as n from claim where gone_at is null`)[0]?.["n"] as number,
    feed: async () => (await sql`select * from feed_state`)[0],
  };
};

for (const [what, oddity] of [
  ["a server that keeps to the specification", {}],
  ["more without next", { next: "none" }],
  ["more without next and dates cut to milliseconds", { next: "none", dates: "milliseconds" }],
  ["next without more", { more: "never" }],
  ["a numeric next", { next: "number" }],
  ["next that must stand alone", { next: "alone" }],
  ["missing date headers", { dates: "none", manifest: true }],
  ["gzip", { gzip: true }],
  ["2.0 with ranges of items", { v20: true }],
  ["2.0 that knows no ranges", { v20: true, ranges: false }],
  ["plain JSON as type", { type: "application/json; charset=utf-8" }],
] as const satisfies readonly (readonly [string, Partial<Oddity>])[])
  test(`every object of ${what} is taken, once; the next turn asks for what is new and loses no tie`, async (t) => {
    const { turn, alive, feed, pass } = await client(t);
    // of 40 objects a page at most; 50 of them added in one moment
    const all = [
      ...stored(130),
      ...stored(50, true, 130).map((one) => ({ ...one, added: "2026-11-20T09:30:00.000007Z" })),
    ];
    odd = {
      ...oddity,
      stored: all,
      pageAtMost: "v20" in oddity ? 60 : 40,
      ...("next" in oddity && oddity.next === "none" ? { pageAtMost: 60 } : {}),
    };
    const first = await turn();
    assert.deepEqual([first?.state, first?.reason, first?.added, await alive()], ["healthy", undefined, 180, 180]);
    const requests = asked.length;
    pass(hour);
    // one more in the very moment the last turn ended with, and one after it
    all.push({ added: "2026-11-20T09:30:00.000007Z", object: indicator(500) });
    all.push({ added: "2026-11-20T10:00:00.000001Z", object: indicator(501) });
    const second = await turn();
    assert.deepEqual([second?.state, second?.added, await alive()], ["healthy", 2, 182]);
    if (!("ranges" in oddity) && !("dates" in oddity && oddity.dates === "none"))
      assert.ok(asked.length - requests < 8, `${asked.length - requests} requests for two new objects`);
    assert.match(JSON.stringify((await feed())?.["cursor"]), /2026-11-20T10:00:00\.000/);
  });

test("a collection is found by its title; the key says how it is shown", async (t) => {
  odd = { stored: stored(3) };
  const byTitle = await client(t, { url: `${home}/api1/#Hafen%20%26%20See`, key: "Token 0123456789" });
  assert.equal((await byTitle.turn())?.added, 3);
  assert.ok(asked.every(({ auth }) => auth === "Token 0123456789"));
  asked = [];
  const basic = await client(t, { key: "lo:pass word" });
  await basic.turn();
  assert.equal(asked[0]?.auth, `Basic ${Buffer.from("lo:pass word").toString("base64")}`);
  asked = [];
  const pair = await client(t, { key: "lo:password" });
  await pair.turn();
  assert.equal(asked[0]?.auth, `Basic ${Buffer.from("lo:password").toString("base64")}`);
  const lost = await client(t, { url: `${home}/api1/#Harbour` });
  const turn = await lost.turn();
  assert.deepEqual(
    [turn?.state, turn?.reason?.code, turn?.reason?.with?.["known"]],
    ["failing", "WGL_TAXII_COLLECTION", "Other, Hafen & See"],
  );
});

for (const [what, oddity, code] of [
  ["always the same next", { next: "circle" }, "WGL_WALK_CIRCLE"],
  ["always another next and nothing new", { next: "fresh", more: "always" }, "WGL_TAXII_ENDLESS"],
  ["more of one moment than it can be asked for", { next: "none" }, "WGL_TAXII_TIES"],
  ["more, without next or dates", { next: "none", more: "always", dates: "none" }, "WGL_TAXII_ANSWER"],
  ["a web page", { type: "text/html", body: "<html>Sign in</html>" }, "WGL_TAXII_MEDIA"],
  ["a list instead of an envelope", { body: "[]" }, "WGL_TAXII_ANSWER"],
  ["objects that are no list", { body: '{"objects":{}}' }, "WGL_TAXII_ANSWER"],
  ["a cut page", { body: '{"objects":[{"type":"indic' }, "WGL_BODY_SYNTAX"],
  ["a page that unpacks without end", { gzip: true, body: Buffer.alloc(300 * 1024 * 1024) }, "WGL_BODY_LARGE"],
  ["a page larger than one may be", { body: Buffer.alloc(65 * 1024 * 1024, 32) }, "WGL_EGRESS_LARGE"],
  [
    "nesting that would exhaust a stack",
    { body: `{"objects":[${"[".repeat(5000)}${"]".repeat(5000)}]}` },
    "WGL_BODY_DEPTH",
  ],
] as const satisfies readonly (readonly [string, Partial<Oddity>, string])[])
  test(`a hostile peer is bounded and named: ${what}`, async (t) => {
    const { turn, feed } = await client(t);
    odd = { stored: stored(90, true), pageAtMost: 30, ...oddity };
    const done = await turn();
    assert.deepEqual([done?.state, done?.reason?.code], ["failing", code]);
    assert.ok(asked.length < 20, `${asked.length} requests`);
    assert.equal((await feed())?.["failures"], 1);
  });

test("a walk that is asked to wait keeps what it has, waits as long as it is asked, and goes on there", async (t) => {
  const { turn, alive, feed, pass } = await client(t);
  const all = stored(100);
  odd = { stored: all, pageAtMost: 20, refuse: { after: 3, status: 429, retryAfter: "1800" } };
  const first = await turn();
  assert.deepEqual([first?.state, await alive()], ["healthy", 60]);
  assert.equal((await feed())?.["next_turn"], after(start, 30 * minute));
  odd = { stored: all, pageAtMost: 20, refuse: { after: 0, status: 503, retryAfter: "60" } };
  asked = [];
  const waits = await turn();
  assert.deepEqual([waits?.state, waits?.reason?.code, (await feed())?.["failures"]], ["waiting", "WGL_FEED_LATER", 0]);
  pass(hour);
  asked = [];
  odd = { stored: all, pageAtMost: 20 };
  const last = await turn();
  assert.deepEqual([last?.state, last?.added, await alive()], ["healthy", 40, 100]);
  assert.match(asked[0]?.url ?? "", /added_after=2026-11-20T08%3A59%3A59\.999Z|added_after=2026-11-20T09/);
});

test("a collection too large for one turn is taken in several, soon after each other; bytes and time bound a turn too", async (t) => {
  const { turn, alive, feed } = await client(t, {}, { requests: 4 });
  odd = {
    stored: stored(100).map((one, i) => ({
      ...one,
      added: `2026-11-20T09:${String(i >> 1).padStart(2, "0")}:00.000001Z`,
    })),
    pageAtMost: 10,
  };
  const first = await turn();
  assert.deepEqual([first?.state, first?.added], ["healthy", 40]);
  assert.equal((await feed())?.["next_turn"], after(start, minute));
  for (let turns = 0; turns < 9 && (await alive()) < 100; turns++) assert.equal((await turn())?.state, "healthy");
  assert.equal(await alive(), 100);
  const small = await client(t, {}, { bytes: 1000 });
  const none = await small.turn();
  assert.deepEqual(
    [none?.state, none?.reason?.code, none?.reason?.with?.["what"]],
    ["failing", "WGL_WALK_LONG", "bytes"],
  );
});

test("later versions, revocations, ends and sightings reach the claims that earlier pages made", async (t) => {
  const { turn, sql, pass, alive } = await client(t);
  const at = (minutes: number): string => `2026-11-20T09:${String(minutes).padStart(2, "0")}:00.000001Z`;
  const all: Stored[] = [
    { added: at(0), object: indicator(1, { valid_until: "2026-12-24T00:00:00Z", confidence: 90 }) },
    // two statements about one value
    { added: at(0), object: indicator(2, { pattern: "[domain-name:value = 'twice.example']" }) },
    { added: at(0), object: indicator(3, { pattern: "[domain-name:value = 'twice.example']" }) },
    { added: at(0), object: indicator(4) },
  ];
  odd = { stored: all };
  assert.equal((await turn())?.added, 3);
  const claim = async (value: string) =>
    (await sql`select c.* from claim c join indicator i on i.id = c.indicator where i.value = ${value}`)[0];
  const first = await claim("198.51.0.1");
  assert.deepEqual([first?.["live_until"], first?.["grade"]], [Date.parse("2026-12-24T00:00:00Z"), "F1"]);
  pass(hour);
  const newer = "2026-11-21T08:30:00.000Z";
  all.push(
    { added: at(10), object: indicator(1, { modified: newer, valid_until: "2026-12-01T00:00:00Z", confidence: 10 }) },
    {
      added: at(11),
      object: indicator(2, { pattern: "[domain-name:value = 'twice.example']", modified: newer, revoked: true }),
    },
    {
      added: at(12),
      object: {
        ...{ type: "sighting", id: `sighting--11111111-1111-4111-8111-${hex(1)}`, created: newer, modified: newer },
        ...{ sighting_of_ref: indicator(4)["id"], last_seen: "2026-11-21T08:45:00Z", count: 3 },
      },
    },
  );
  const second = await turn();
  assert.deepEqual(
    [second?.state, second?.delisted, await alive()],
    ["healthy", 0, 3],
    "another statement stands by the value",
  );
  const shorter = await claim("198.51.0.1");
  assert.deepEqual([shorter?.["live_until"], shorter?.["grade"]], [Date.parse("2026-12-01T00:00:00Z"), "F5"]);
  const seen = await claim("198.51.0.4");
  assert.equal(seen?.["last_seen"], Date.parse("2026-11-21T08:45:00Z"));
  assert.equal(seen?.["live_until"], Date.parse("2026-11-21T08:45:00Z") + 90 * 24 * hour);
  pass(hour);
  all.push({
    added: at(20),
    object: indicator(3, { pattern: "[domain-name:value = 'twice.example']", modified: newer, revoked: true }),
  });
  assert.deepEqual([(await turn())?.delisted, await alive()], [1, 2]);
  assert.equal((await sql`select claims from feed_state`)[0]?.["claims"], 2);
  assert.ok(((await claim("twice.example"))?.["gone_at"] as number) > 0);
  pass(hour);
  all.push({
    added: at(30),
    object: indicator(3, { pattern: "[domain-name:value = 'twice.example']", modified: "2026-11-21T10:30:00.000Z" }),
  });
  assert.deepEqual([(await turn())?.added, await alive()], [1, 3], "said again, it lives again");
});

test("a marking that came with an earlier turn still binds what refers to it", async (t) => {
  const { turn, sql, pass } = await client(t);
  const marking = {
    ...{
      type: "marking-definition",
      spec_version: "2.1",
      id: "marking-definition--22222222-2222-4222-8222-222222222222",
    },
    ...{ created: "2026-11-01T00:00:00.000Z", definition_type: "statement", definition: { statement: "© Harbour" } },
  };
  const marked = { object_marking_refs: [marking.id, "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"] };
  const all: Stored[] = [
    { added: "2026-11-20T09:00:00.000001Z", object: marking },
    { added: "2026-11-20T09:00:01.000001Z", object: indicator(1, marked) },
  ];
  odd = { stored: all };
  await turn();
  pass(hour);
  all.push({ added: "2026-11-20T09:10:00.000001Z", object: indicator(2, marked) });
  await turn();
  const tlps = await sql`select tlp::text as tlp from claim`;
  assert.deepEqual(
    tlps.map((one) => one["tlp"]),
    ["clear", "clear"],
  );
});

test("a turn killed before its end is done again whole: the cursor stands with what it covers", async (t) => {
  const { turn, alive, sql } = await client(t);
  odd = { stored: stored(50), pageAtMost: 20 };
  await sql`create function no_turns() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$`;
  await sql`create trigger killed before insert on feed_turn for each row execute function no_turns()`;
  await assert.rejects(turn(), /killed/);
  assert.equal((await sql`select cursor from feed_state`)[0]?.["cursor"], null);
  await sql`drop trigger killed on feed_turn`;
  const again = await turn();
  assert.deepEqual([again?.state, again?.accepted, await alive()], ["healthy", 50, 50]);
});
