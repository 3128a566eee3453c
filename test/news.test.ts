import assert from "node:assert/strict";
import { test } from "node:test";
import { after, hour, instant, minute } from "#core/instant.ts";
import { type Tlp, tlps } from "#core/marking.ts";
import type { RawAdvisory } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { collectAdvisories } from "#jobs/advisories/collect.ts";
import { isXml } from "./out-xml.ts";
import { ask } from "./acts-world.ts";
import { type Got, openTaxiiWorld, type TaxiiWorld } from "./taxii-world.ts";

const publisher = (id: string) => {
  const feed = feedById.get(id);
  assert.ok(feed, id);
  return feed;
};

const advisory = (some: Partial<RawAdvisory> & Pick<RawAdvisory, "id" | "title">): RawAdvisory => ({
  ...{ is: "advisory", kind: "advisory", summary: `About ${some.title}`, cves: [], cwes: [], products: [], scores: [] },
  ...{ labels: [], references: [], updatedAt: instant(Date.parse("2026-11-18T08:00:00Z")) },
  ...some,
});

const take = async (
  world: TaxiiWorld,
  id: string,
  advisories: readonly RawAdvisory[],
  shadow = false,
): Promise<void> => {
  const feed = publisher(id);
  await world.desk.state.act((tx) => tx.intel.feed(feed, shadow));
  const collecting = { state: world.desk.state, secret: "s", now: world.clock.now, add: true };
  await collectAdvisories(collecting, feed, { name: "", advisories });
};

const read = (world: TaxiiWorld, path: string, token?: string, headers = {}): Promise<Got> =>
  world.send({
    path,
    as: "nobody",
    headers: { accept: "*/*", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
  });
const tokenOf = async (world: TaxiiWorld, key: string): Promise<string> => {
  const made = await world.acts.makeToken(
    await world.viewer("root"),
    { kind: "party", title: key, organisation: world.id("organisation", key), permissions: ["lists.read"] },
    ask,
  );
  assert.ok(made.ok);
  return made.value.secret;
};
const titles = ({ text }: Got): readonly string[] =>
  [...text.matchAll(/<(?:entry|item)>.*?<title[^>]*>(.*?)<\/title>/gs)].map(([, title = ""]) => title).sort();

test("/news has what is CLEAR for everybody, /lists/news what is GREEN for a party; nothing stricter, in shadow, gone or not to be passed on", async (t) => {
  const world = await openTaxiiWorld(t);
  await take(
    world,
    "cve-record",
    tlps.map((tlp: Tlp) => advisory({ id: `EX-${tlp}`, title: `Notice ${tlp}`, tlp })),
  );
  await take(world, "nist-nvd", [advisory({ id: "EX-hidden", title: "In shadow", tlp: "clear" })], true);
  const closed = [...feedById.values()].find(({ licence }) => licence === "no-redistribution" || licence === "unknown");
  assert.ok(closed);
  await take(world, closed.id, [advisory({ id: "EX-kept", title: "Not to be passed on", tlp: "clear" })]);
  const tokens = { oversea: await tokenOf(world, "oversea"), transport: await tokenOf(world, "transport") };
  for (const format of ["atom", "rss"]) {
    const open = await read(world, `/news/en.${format}`);
    assert.deepEqual([open.status, titles(open)], [200, ["Notice clear"]], open.text.slice(0, 400));
    assert.ok(isXml(open.text));
    assert.match(String(open.headers["content-type"]), new RegExp(`^application/${format}\\+xml`));
    // oversea's agreement is for blocking alone, and notices are to alert people
    assert.deepEqual(titles(await read(world, `/lists/news/en.${format}`, tokens.oversea)), []);
    const theirs = await read(world, `/lists/news/en.${format}`, tokens.transport);
    assert.deepEqual(titles(theirs), ["Notice clear", "Notice green"], theirs.text.slice(0, 300));
  }
  assert.equal((await read(world, "/lists/news/en.atom")).status, 401);
  for (const path of ["/news/fr.atom", "/news/en.json", "/news/en.atom.rss"])
    assert.ok([400, 404].includes((await read(world, path)).status), path);
  const ledger =
    await world.sql`select distinct party, query, objects from release_ledger where query like '%news%' order by query, objects`;
  assert.deepEqual(
    ledger.map((row) => [row["party"], row["query"], row["objects"]]),
    ["atom", "rss"].flatMap((format) => [
      [world.organisation("oversea"), `/lists/news/en.${format}`, 0],
      [world.organisation("transport"), `/lists/news/en.${format}`, 2],
    ]),
    "what everybody may read is nobody's receipt",
  );
});

test("a reader that has the news is not sent them again; what it may not have changes nothing", async (t) => {
  const world = await openTaxiiWorld(t);
  await take(world, "cve-record", [advisory({ id: "EX-1", title: "One", tlp: "clear" })]);
  const first = await read(world, "/news/en.atom");
  const etag = String(first.headers["etag"]);
  const modified = String(first.headers["last-modified"]);
  assert.equal(modified, "Wed, 18 Nov 2026 08:00:00 GMT");
  world.clock.now = after(world.clock.now, hour);
  // a hundred that it may not have, and newer ones
  const later = instant(Date.parse("2026-11-19T08:00:00Z"));
  const hidden = Array.from({ length: 150 }, (_, n) =>
    advisory({ id: `EX-S${n}`, title: `Secret ${n}`, tlp: "amber", updatedAt: after(later, n * minute) }),
  );
  await take(world, "cve-record", hidden);
  const closed = [...feedById.values()].find(({ licence }) => licence === "unknown");
  assert.ok(closed);
  await take(
    world,
    closed.id,
    hidden.map((one) => ({ ...one, tlp: "clear" as const })),
  );
  const again = await read(world, "/news/en.atom");
  assert.deepEqual([again.text, again.headers["etag"]], [first.text, etag]);
  assert.equal((await read(world, "/news/en.atom", undefined, { "if-none-match": `W/${etag}, "x"` })).status, 304);
  assert.equal((await read(world, "/news/en.atom", undefined, { "if-modified-since": modified })).status, 304);
  assert.equal((await read(world, "/news/en.atom", undefined, { "if-none-match": '"other"' })).status, 200);
  await take(world, "cve-record", [advisory({ id: "EX-2", title: "Two", tlp: "clear", updatedAt: later })]);
  const changed = await read(world, "/news/en.atom", undefined, { "if-none-match": etag });
  assert.deepEqual([changed.status, titles(changed)], [200, ["One", "Two"]]);
  assert.match(changed.text, /<updated>2026-11-19T08:00:00/);
});

test("what a publisher writes is text in every language and format: no markup, no other scheme than the web's", async (t) => {
  const world = await openTaxiiWorld(t);
  const title = `<script>alert(1)</script> & ]]> "Tür" 漏洞 \u202egnp`;
  const url = "javascript:alert(1)";
  await take(world, "cve-record", [
    advisory({ id: "EX-1", title, summary: "</summary><img src=x>", url, cves: ["CVE-2026-10001"], tlp: "clear" }),
  ]);
  for (const language of ["en", "zh-Hant-HK", "zh-Hans"])
    for (const format of ["atom", "rss"]) {
      const { text, status } = await read(world, `/news/${language}.${format}`);
      assert.equal(status, 200);
      assert.ok(isXml(text), text);
      assert.doesNotMatch(text, /<script|<img|javascript:/);
      assert.match(text, /CVE-2026-10001/);
      assert.match(text, /漏洞/);
    }
  const hant = await read(world, "/news/zh-Hant-HK.atom");
  assert.notEqual(hant.text, (await read(world, "/news/zh-Hans.atom")).text);
  assert.match(hant.text, /xml:lang="zh-Hant-HK"/);
});
