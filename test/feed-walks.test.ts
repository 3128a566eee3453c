import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { day, hour, instant, type Instant } from "#core/instant.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Walk, WalkStep } from "#feeds/feed.ts";
import { feed as n6Events } from "#feeds/n6-events/feed.ts";
import { feed as n6Threats } from "#feeds/n6-threats/feed.ts";
import { n6Walk } from "#feeds/n6-walk.ts";
import { readFeed } from "#feeds/read.ts";
import { feed as shadowserver } from "#feeds/shadowserver/feed.ts";
import { shadowserverWalk } from "#feeds/shadowserver/walk.ts";
import { feed as yaraify } from "#feeds/abusech-yaraify/feed.ts";
import { yaraifyWalk } from "#feeds/abusech-yaraify/walk.ts";
import { feed as zoneH } from "#feeds/zone-h-defacements/feed.ts";
import type { FeedSetting } from "#jobs/config/feeds.ts";
import { configuredFeeds } from "#jobs/collect/configured-feeds.ts";
import { keyedRequest } from "#jobs/collect/feed-key.ts";
import { strict } from "#core/value-policy.ts";

const now: Instant = instant(Date.parse("2026-11-21T08:00:00Z"));

/** Speaks with a walk: what it asked, what it took, and where it says to go on. */
const speak = (walk: Walk, answer: (step: Extract<WalkStep, { ask: string }>) => unknown) => {
  const asked: Extract<WalkStep, { ask: string }>[] = [];
  const taken: { readonly name: string; readonly body: string }[] = [];
  const reached: unknown[] = [];
  let turn = walk.next();
  while (!turn.done) {
    const step = turn.value;
    if ("ask" in step) {
      asked.push(step);
      const said = answer(step);
      const body = Buffer.from(typeof said === "string" ? said : JSON.stringify(said));
      turn = walk.next({ status: 200, headers: {}, body });
    } else {
      if ("take" in step) taken.push({ name: step.name, body: Buffer.from(step.take).toString() });
      else reached.push(step.reached);
      turn = walk.next(undefined);
    }
  }
  return { asked, taken, reached, cursor: turn.value };
};

test("n6: a week in windows of six hours at first, then from where it came to; the operator's conditions stay", () => {
  const url = "https://n6.cert.example/report/inside.sjson?category=bots";
  const first = speak(n6Walk({ url, cursor: undefined, now }), ({ ask }) =>
    ask.includes("modified.min=2026-11-20T05") ? '{"category":"bots"}\n' : "",
  );
  assert.equal(first.asked.length, 28);
  const [one] = first.asked;
  const query = new URL(one?.ask ?? "").searchParams;
  assert.deepEqual(
    [query.get("category"), query.get("modified.min"), query.get("modified.until"), one?.post],
    ["bots", "2026-11-14T07:55:00.000Z", "2026-11-14T14:00:00.000Z", undefined],
  );
  assert.ok(query.get("time.min") !== null, "n6 answers nothing without it");
  assert.deepEqual(first.taken, [], "nothing was in that window, for windows overlap by five minutes");
  assert.deepEqual(first.cursor, { until: now });
  const later = instant(now + hour);
  const second = speak(n6Walk({ url, cursor: first.cursor, now: later }), () => '[{"category":"bots"}]');
  assert.equal(second.asked.length, 1);
  assert.equal(new URL(second.asked[0]?.ask ?? "").searchParams.get("modified.min"), "2026-11-21T07:55:00.000Z");
  assert.deepEqual([second.taken.length, second.cursor], [1, { until: later }]);
  for (const nothing of ["", "\n", "[]", "[\n]\n"])
    assert.equal(speak(n6Walk({ url, cursor: first.cursor, now: later }), () => nothing).taken.length, 0);
  // a clock that went back, and a cursor of another version
  for (const cursor of [{ until: now + day }, { until: "x" }, 7])
    assert.equal(speak(n6Walk({ url, cursor, now }), () => "").asked.length, 28);
  const { headers } = keyedRequest(n6Events, url, url, "a-key");
  assert.deepEqual(headers, { authorization: "Bearer a-key" });
});

test("n6: the end of a black-list entry takes its indicator back, and is no report", () => {
  const entry = (some: object): Buffer =>
    Buffer.from(
      JSON.stringify({
        ...{ id: "e1", category: "phish", confidence: "high", fqdn: "www.bad.example", time: "2026-11-20T00:00:00Z" },
        ...{ expires: "2026-11-25T00:00:00Z", address: [{ ip: "203.0.113.9" }], ...some },
      }),
    );
  const alive = readFeed(n6Threats, entry({ type: "bl-new" }), "", strict);
  assert.deepEqual(
    alive.indicators.map(({ observable, by, validUntil }) => [observable.value, by, validUntil]),
    [["www.bad.example", ["e1"], Date.parse("2026-11-25T00:00:00Z")]],
    "of a page its name, and never the address it lives at",
  );
  for (const over of [{ type: "bl-delist" }, { type: "bl-expire" }, { status: "delisted" }, { status: "replaced" }]) {
    const read = readFeed(n6Threats, entry(over), "", strict);
    assert.deepEqual(
      [read.indicators.length, read.withdrawn],
      [0, [{ observable: { kind: "domain", value: "www.bad.example" }, by: "e1" }]],
    );
    assert.equal(readFeed(n6Events, entry(over), "", strict).reports.length, 0);
  }
  const changed = readFeed(n6Threats, entry({ id: "e2", type: "bl-change", replaces: "e1" }), "", strict);
  assert.deepEqual(changed.withdrawn, [{ observable: { kind: "domain", value: "www.bad.example" }, by: "e1" }]);
  assert.equal(readFeed(n6Events, entry({ status: "active" }), "", strict).reports.length, 1);
});

test("Shadowserver: each day is listed and each report fetched once; the key is in the document and its HMAC beside it", () => {
  const url = "https://transform.shadowserver.org/api2/";
  const report = (id: string, date: string) => ({ id, file: `${date}-scan_telnet-city.csv`, type: "scan_telnet" });
  const there: Record<string, readonly object[]> = {
    "2026-11-19": [report("a", "2026-11-19")],
    "2026-11-21": [report("b", "2026-11-21"), report("c", "2026-11-20")],
  };
  const answer = ({ ask, post }: Extract<WalkStep, { ask: string }>): unknown =>
    ask.endsWith("/reports/list") ? (there[String(post?.["date"])] ?? []) : `csv of ${String(post?.["id"])}`;
  const first = speak(shadowserverWalk({ url, cursor: undefined, now }), answer);
  assert.deepEqual(
    first.asked.map(({ ask, post }) => [ask.replace(url, ""), post?.["date"] ?? post?.["id"]]),
    [
      ["reports/list", "2026-11-18"],
      ["reports/list", "2026-11-19"],
      ["reports/download", "a"],
      ["reports/list", "2026-11-20"],
      ["reports/list", "2026-11-21"],
      ["reports/download", "b"],
      ["reports/download", "c"],
    ],
  );
  assert.deepEqual(
    first.taken.map(({ name, body }) => [name, body]),
    [
      ["2026-11-19-scan_telnet-city.csv", "csv of a"],
      ["2026-11-21-scan_telnet-city.csv", "csv of b"],
      ["2026-11-20-scan_telnet-city.csv", "csv of c"],
    ],
  );
  assert.equal(first.reached.length, 3, "after each report it can go on");
  const later = instant(now + day);
  there["2026-11-22"] = [report("d", "2026-11-22")];
  const second = speak(shadowserverWalk({ url, cursor: first.cursor, now: later }), answer);
  assert.deepEqual(
    second.taken.map(({ body }) => body),
    ["csv of d"],
  );
  // away for ten days: those days are listed too; for a year: the last thirty
  assert.equal(
    speak(shadowserverWalk({ url, cursor: first.cursor, now: instant(now + 10 * day) }), () => []).asked.length,
    11,
  );
  assert.equal(
    speak(shadowserverWalk({ url, cursor: first.cursor, now: instant(now + 365 * day) }), () => []).asked.length,
    31,
  );
  for (const wrong of [
    { error: "no such key" },
    { reports: [] },
    [{ id: "../../x", file: "y.csv" }],
    [{ id: "a", file: "a/b" }],
    7,
  ])
    assert.throws(
      () => speak(shadowserverWalk({ url, cursor: undefined, now }), () => wrong),
      BadBody,
      JSON.stringify(wrong),
    );

  const { headers, body, secrets } = keyedRequest(shadowserver, `${url}reports/list`, url, "the-key:the-secret", {
    date: "x",
  });
  assert.deepEqual(JSON.parse(Buffer.from(body ?? []).toString()), { date: "x", apikey: "the-key" });
  assert.deepEqual(headers, {
    HMAC2: createHmac("sha256", "the-secret")
      .update(body ?? "")
      .digest("hex"),
  });
  assert.ok(secrets.includes("the-key") && secrets.includes("the-secret"));
  const elsewhere = keyedRequest(shadowserver, "https://other.example/", url, "the-key:the-secret", { date: "x" });
  assert.deepEqual([elsewhere.headers, Buffer.from(elsewhere.body ?? []).toString()], [{}, '{"date":"x"}']);
});

test("YARAify: the recent rules, or those the operator names, and the files of each; every file carries its rule", () => {
  const url = "https://yaraify-api.abuse.ch/api/v1/";
  const sha256 = "ab".repeat(32);
  const answer = ({ post }: Extract<WalkStep, { ask: string }>): unknown => {
    if (post?.["query"] === "recent_yararules")
      return { query_status: "ok", data: [{ rule_name: "one" }, { rule_name: "classified" }, { rule_name: "two" }] };
    return post?.["search_term"] === "one"
      ? { query_status: "ok", data: [{ sha256_hash: sha256, first_seen: "2026-11-20 10:00:00 UTC" }] }
      : { query_status: "no_results" };
  };
  const recent = speak(yaraifyWalk({ url, cursor: undefined, now }), answer);
  assert.deepEqual(
    recent.asked.map(({ post }) => [post?.["query"], post?.["search_term"]]),
    [
      ["recent_yararules", undefined],
      ["get_yara", "one"],
      ["get_yara", "two"],
    ],
  );
  const [taken] = recent.taken;
  const read = readFeed(yaraify, Buffer.from(taken?.body ?? ""), taken?.name ?? "", strict);
  assert.deepEqual(
    read.indicators.map(({ observable, labels }) => [observable.value, labels]),
    [[sha256, ["one"]]],
  );
  const named = speak(yaraifyWalk({ url: `${url}?rule=two&rule=one`, cursor: undefined, now }), answer);
  assert.deepEqual(
    named.asked.map(({ ask, post }) => [ask, post?.["search_term"]]),
    [
      [url, "two"],
      [url, "one"],
    ],
  );
  assert.throws(
    () => speak(yaraifyWalk({ url, cursor: undefined, now }), () => ({ query_status: "unknown_auth_key" })),
    BadBody,
  );
});

test("Zone-H: a saved page of the archive and the RSS say what the table says", () => {
  const page = `<html><body><table id="ldeface"><tr><th>Time</th><th>Notifier</th><th>H</th><th>M</th><th>R</th><th>L</th><th></th><th>Domain</th><th>OS</th><th>View</th></tr>
    <tr><td>2026/11/16</td><td><a href="/n">mayhab</a></td><td>H</td><td></td><td></td><td><img src="hk.png"></td><td></td><td>www.city.example/x.html</td><td>Linux</td><td><a href="/m/1">mirror</a></td></tr>
    <tr><td>12:30</td><td>mayhab</td><td></td><td></td><td></td><td></td><td></td><td>203.0.113.3</td><td>Linux</td><td>mirror</td></tr>
    <tr><td>2026/11/16</td><td>mayhab</td><td></td><td></td><td></td><td></td><td></td><td>a-very-long-na...</td><td>Linux</td><td>mirror</td></tr>
    <tr><td colspan="10">1 2 3</td></tr></table></body></html>`;
  const saved = readFeed(zoneH, Buffer.from(page), "archive.html", strict);
  assert.deepEqual(
    saved.reports.map(({ asset, seenAt, about, type }) => [asset.value, seenAt, type, about]),
    [
      ["www.city.example", Date.parse("2026-11-16T00:00:00Z"), "unauthorised-information-modification", "defacement"],
      ["203.0.113.3", undefined, "unauthorised-information-modification", "defacement"],
    ],
  );
  assert.deepEqual([saved.rejected, saved.notes], [{ WGL_ROW_FIELD: 1 }, { WGL_ROW_TIME: 1 }]);
  const rss = `<?xml version="1.0"?><rss version="2.0"><channel><title>Zone-H</title><link>http://www.zone-h.org</link>
    <item><title>http://www.city.example/x.html</title><link>http://www.zone-h.org/mirror/id/1</link><description>http://www.city.example/x.html notified by mayhab</description><pubDate>Mon, 16 Nov 2026 11:56:00 +0000</pubDate></item>
    <item><title>nothing</title></item></channel></rss>`;
  const items = readFeed(zoneH, Buffer.from(rss), "specialdefacements", strict);
  assert.deepEqual(
    items.reports.map(({ asset, seenAt, labels }) => [asset.value, seenAt, labels]),
    [["www.city.example", Date.parse("2026-11-16T11:56:00Z"), ["compromised-website", "mayhab"]]],
  );
  assert.deepEqual(items.rejected, { WGL_ROW_FIELD: 1 });
  const captcha = readFeed(zoneH, Buffer.from("<html><form>copy the code</form></html>"), "archive.html", strict);
  assert.equal(captcha.bad?.code, "WGL_BODY_SHAPE");
});

test("where a feed's address leads is declared with it, and goes when an operator gives another address", () => {
  const hostsOf = (setting: Partial<FeedSetting>): readonly string[] | undefined => {
    const read = configuredFeeds([{ id: "phishtank", key: "k", trusted: false, enabled: true, ...setting }]);
    assert.ok(read.ok);
    return read.value.find(({ feed }) => feed.id === "phishtank")?.feed.hosts;
  };
  assert.deepEqual(hostsOf({}), ["cdn.phishtank.com"]);
  assert.equal(hostsOf({ url: "https://mirror.cert.example/{key}/online-valid.json.gz" }), undefined);
  assert.equal(hostsOf({ path: "online-valid.json.gz" }), undefined);
});
