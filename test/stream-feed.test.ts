import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { after, instant, type Instant, minute } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import { feed as n6Events } from "#feeds/n6-events/feed.ts";
import { collectFeed, type CollectingFeeds } from "#jobs/collect/feed.ts";
import { configuredFeeds } from "#jobs/collect/configured-feeds.ts";
import { type OpenStream, StreamedFeed } from "#jobs/collect/stream-feed.ts";
import { type EgressEntry, openEgress } from "#net/egress.ts";
import { openArchive } from "#store/archive.ts";
import { mailFolder } from "#store/mail-folder.ts";
import { stateOf } from "#store/state.ts";
import { stompOver } from "#wiring/streams.ts";
import { testDatabase } from "./cluster.ts";
import { stompBroker } from "./stomp-broker.ts";
import { certificate } from "./test-certificate.ts";

// A source that pushes: kept, collected, then acknowledged; what breaks off comes again and counts once.

const event = (id: string, ip: string): string =>
  JSON.stringify({
    ...{ id, category: "bots", confidence: "high", name: "virut", source: "sink.one", time: "2026-11-21T07:59:00Z" },
    ...{ address: [{ ip }], dip: "198.51.100.9", dport: 80, proto: "tcp", type: "event" },
  });

const world = async (t: TestContext, some: { readonly proxy?: string; readonly key?: string } = {}) => {
  const broker = await stompBroker(t);
  const { sql } = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-stream-"));
  t.after(() => rmSync(folder, { recursive: true }));
  let now: Instant = instant(Date.parse("2026-11-21T08:00:00Z"));
  const log: EgressEntry[] = [];
  const { host } = new URL(broker.url.replace("stomps:", "https:"));
  const egress = openEgress({
    ...{ hosts: new Set(["127.0.0.1"]), places: new Set([host]), ca: certificate, log: (entry) => log.push(entry) },
    allowAddresses: ["127.0.0.1/32"],
    ...(some.proxy === undefined ? {} : { proxy: some.proxy }),
  });
  const collecting: CollectingFeeds = {
    state: stateOf(sql),
    fetching: {
      get: egress.get,
      post: egress.post,
      read: async () => Buffer.from(""),
      archive: openArchive(folder),
      folder: mailFolder,
    },
    ...{ secret: "test", policy: () => lenient, now: () => now, elapsed: () => 0, random: () => 0 },
  };
  const source = {
    ...{ feed: n6Events, url: "https://127.0.0.1:9/report/inside.sjson", trusted: true, key: some.key ?? "the-key" },
    stream: { url: broker.url, login: "harbour" },
  };
  const open = (opens: OpenStream = stompOver(egress)): StreamedFeed => {
    const streamed = new StreamedFeed(collecting, source, opens);
    t.after(() => streamed.close());
    return streamed;
  };
  /** Turns until one took something, or the feed has trouble. */
  const taken = async (streamed: StreamedFeed): Promise<string | undefined> => {
    const turns = async () => (await sql`select count(*)::int as n from feed_turn`)[0]?.["n"] as number;
    const before = await turns();
    for (let nth = 0; nth < 30 && (await turns()) === before; nth++) await streamed.turn();
    const [last] = await sql`select state, reason from feed_turn order by n desc limit 1`;
    return last?.["state"] === "healthy" ? "healthy" : (last?.["reason"] as { code?: string } | undefined)?.code;
  };
  /** Turns until the broker was told of everything. */
  const acknowledged = async (streamed: StreamedFeed): Promise<void> => {
    while (broker.left().length > 0) await streamed.turn();
  };
  const reported = async (): Promise<readonly string[]> =>
    (await sql`select asset_value as value from report order by asset_value`).map((row) => row["value"] as string);
  return {
    ...{ broker, sql, folder, log, egress, open, taken, acknowledged, reported, collecting, source },
    pass: (ms: number) => {
      now = after(now, ms);
    },
  };
};

test("what is pushed is kept and collected before it is acknowledged, a message a row, in its order", async (t) => {
  const { broker, open, acknowledged, reported, folder, sql, log } = await world(t);
  broker.push(event("e1", "203.0.113.24"), `\n${event("e2", "203.0.113.25").replaceAll(",", ",\n  ")}\n`, "no event");
  const streamed = open();
  await acknowledged(streamed);
  assert.deepEqual(await reported(), ["203.0.113.24", "203.0.113.25"]);
  const turns = await sql`select state, rows, accepted, rejected, file from feed_turn order by n`;
  assert.equal(readdirSync(join(folder, "n6-events")).length, turns.length, "the bodies are kept as they came");
  const [subscribed] = broker.frames.filter(({ command }) => command === "SUBSCRIBE");
  assert.deepEqual(
    [subscribed?.headers["destination"], subscribed?.headers["ack"]],
    ["/exchange/harbour.example/inside.*.*", "client"],
  );
  const sum = (of: "rows" | "accepted"): number => turns.reduce((all, turn) => all + (turn[of] as number), 0);
  assert.deepEqual([sum("rows"), sum("accepted")], [3, 2]);
  assert.ok(turns.every(({ state, file }) => state === "healthy" && file === "stream"));
  assert.deepEqual(Object.assign({}, ...turns.map(({ rejected }) => rejected as object)), { WGL_ROW_JSON: 1 });
  assert.deepEqual(
    log.map(({ purpose, code }) => [purpose, code]),
    [["feed:n6-events", undefined]],
  );
  broker.push(event("e3", "203.0.113.26"));
  await acknowledged(streamed);
  assert.equal((await reported()).length, 3, "the connection stands");
  assert.equal(broker.frames.filter(({ command }) => command === "CONNECT").length, 1);
});

test("what was not acknowledged comes again and counts once; the connection comes back by itself", async (t) => {
  const { broker, open, taken, acknowledged, reported, pass, sql } = await world(t);
  broker.push(event("e1", "203.0.113.24"));
  // a crash after the commit and before the acknowledgement
  const crashing = open(async (place) => {
    const stream = await stompOver(
      openEgress({
        ...{ hosts: new Set(["127.0.0.1"]), places: new Set([new URL(place.url.replace("stomps:", "https:")).host]) },
        ...{ ca: certificate, allowAddresses: ["127.0.0.1/32"] },
      }),
    )(place);
    return { ...stream, acknowledge: () => undefined };
  });
  assert.equal(await taken(crashing), "healthy");
  crashing.close();
  assert.equal(broker.left().length, 1);
  const streamed = open();
  assert.equal(await taken(streamed), "healthy");
  await acknowledged(streamed);
  const [counted] = await sql`select sum(count)::int as n from report`;
  assert.deepEqual([await reported(), counted?.["n"]], [["203.0.113.24"], 1]);
  broker.drop();
  assert.equal(await taken(streamed), "WGL_STREAM_ENDED");
  broker.push(event("e2", "203.0.113.25"));
  assert.equal(await streamed.turn(), false, "it waits before it comes again");
  pass(minute);
  assert.equal(await taken(streamed), "healthy");
  assert.deepEqual(await reported(), ["203.0.113.24", "203.0.113.25"]);
});

test("while another process is at the feed, messages wait unacknowledged and are not asked for again", async (t) => {
  const { broker, open, acknowledged, reported, collecting } = await world(t);
  broker.push(event("e1", "203.0.113.24"));
  const streamed = open();
  let release = (): void => undefined;
  const other = collecting.state.alone(
    "feed:n6-events",
    () => new Promise<true>((resolve) => (release = () => resolve(true))),
  );
  while (!broker.frames.some(({ command }) => command === "SUBSCRIBE")) await streamed.turn();
  for (let nth = 0; nth < 3; nth++) await streamed.turn();
  assert.deepEqual([await reported(), broker.left().length], [[], 1]);
  release();
  await other;
  while (!(await streamed.turn()));
  await acknowledged(streamed);
  assert.deepEqual(await reported(), ["203.0.113.24"]);
});

test("a broker that refuses us, floods us or speaks in riddles is named, bounded, and left alone for a while", async (t) => {
  const refused = await world(t, { key: "another" });
  assert.equal(await refused.taken(refused.open()), "WGL_STREAM_REFUSED");
  const { broker, open, taken, pass } = await world(t);
  const streamed = open();
  const subscribed = async (nth: number): Promise<void> => {
    const count = (): number => broker.frames.filter(({ command }) => command === "SUBSCRIBE").length;
    while (count() < nth) await streamed.turn();
  };
  await subscribed(1);
  broker.say(`MESSAGE\nsubscription:sub-0\n\n${"x".repeat(1_100_000)}`);
  assert.equal(await taken(streamed), "WGL_STREAM_LARGE");
  pass(minute);
  await subscribed(2);
  broker.say("__proto__\nsubscription:sub-0\n\n\0");
  broker.push(event("e1", "203.0.113.24"));
  assert.equal(await taken(streamed), "healthy");
});

test("the stream goes through the proxy, by CONNECT, and to no host that is not the operator's", async (t) => {
  const through: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, client) => {
    through.push(request.url ?? "");
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const far = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(far).pipe(client);
    });
    for (const one of [far, client]) one.on("error", () => undefined);
    client.once("close", () => far.destroy());
    far.once("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.after(() => proxy.close());
  const { broker, open, taken, egress } = await world(t, {
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  });
  broker.push(event("e1", "203.0.113.24"));
  assert.equal(await taken(open()), "healthy");
  const { host } = new URL(broker.url.replace("stomps:", "https:"));
  assert.deepEqual(through, [host]);
  const asked = { purpose: "feed:x", deadlineMs: 5000 };
  await assert.rejects(egress.connect("https://elsewhere.example:61614", asked), { code: "WGL_EGRESS_HOST" });
  await assert.rejects(egress.connect("https://127.0.0.1:22", asked), { code: "WGL_EGRESS_PORT" });
});

test("a stream beside the feed's own turns: configured where its publisher has one, and nowhere else", async (t) => {
  const stream = "stomps://stream.example:61614/exchange/harbour.example/inside.*.*";
  const entry = {
    id: "n6-events",
    url: "https://n6.example/report/inside.sjson",
    key: "k",
    trusted: true,
    enabled: true,
  };
  const read = configuredFeeds([{ ...entry, stream, login: "harbour" }]);
  assert.ok(read.ok);
  assert.deepEqual(read.value.find(({ feed }) => feed.id === "n6-events")?.stream, { url: stream, login: "harbour" });
  for (const wrong of [
    { ...entry, id: "openphish", stream },
    { id: "n6-events", path: "n6/", stream, trusted: true, enabled: true },
  ]) {
    const refused = configuredFeeds([wrong]);
    assert.ok(!refused.ok);
    assert.deepEqual(
      refused.problem.map(({ code }) => code),
      ["WGL_CONFIG_VALUE"],
    );
  }
  // its own turns go on, whatever the stream does
  const { collecting, source } = await world(t);
  assert.equal((await collectFeed(collecting, source))?.state, "failing");
});
