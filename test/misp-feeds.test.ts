import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { instant } from "#core/instant.ts";
import { readValue } from "#core/recognise.ts";
import { strict, type ValuePolicy } from "#core/value-policy.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Feed, WalkAnswer } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import type { MispFeedCursor } from "#feeds/misp-feed/feed.ts";
import { type FeedReading, readFeed } from "#feeds/read.ts";

const mispEvent = feedById.get("misp-event") as Feed;
const mispFeed = feedById.get("misp-feed") as Feed;
const corpora = new URL("../../shared/corpora/feeds/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";
const documentation: ValuePolicy = {
  ...strict,
  allow: ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"],
};

const read = (feed: Feed, document: unknown): FeedReading =>
  readFeed(
    feed,
    Buffer.from(typeof document === "string" ? document : JSON.stringify(document)),
    "x.json",
    documentation,
  );

const uuidOf = (digit: number): string => `5f0c1b2a-0000-4000-8000-00000000000${digit}`;
const [one, two, three, four] = [uuidOf(1), uuidOf(2), uuidOf(3), uuidOf(4)] as const;

interface Turn {
  readonly asked: readonly string[];
  readonly taken: Readonly<Record<string, string>>;
  readonly cursor: MispFeedCursor;
}

/** Drives a walk against pages, as the driver would. */
const turn = (pages: Readonly<Record<string, unknown>>, cursor: unknown): Turn => {
  const asked: string[] = [];
  const taken: Record<string, string> = {};
  const walk = mispFeed.walk?.({ url: "https://feed.example/osint/", cursor, now: instant(0) });
  assert.ok(walk);
  let answer: WalkAnswer | undefined;
  for (;;) {
    const { value, done } = walk.next(answer);
    answer = undefined;
    if (done === true) return { asked, taken, cursor: value as MispFeedCursor };
    if ("ask" in value) {
      const name = value.ask.replace("https://feed.example/osint/", "");
      asked.push(name);
      const page = pages[name];
      assert.ok(page !== undefined || value.expects?.includes(404), `${name} is not expected to be missing`);
      answer = { status: page === undefined ? 404 : 200, headers: {}, body: Buffer.from(JSON.stringify(page ?? "")) };
    } else if ("take" in value) taken[value.name] = Buffer.from(value.take).toString("utf8");
  }
};

const event = (uuid: string, domain: string) => ({
  Event: { uuid, info: "x", timestamp: "1700000000", Attribute: [{ type: "domain", value: domain, to_ids: true }] },
});

test("a walk takes each event once, oldest first, and again only when it is newer", () => {
  const manifest = {
    [one]: { timestamp: "200", info: "x" },
    [two.toUpperCase()]: { timestamp: "100" },
    [three]: { timestamp: "300", published: false },
  };
  const pages = {
    "manifest.json": manifest,
    [`${one}.json`]: event(one, "a.example"),
    [`${two.toUpperCase()}.json`]: event(two, "b.example"),
  };
  const first = turn(pages, undefined);
  assert.deepEqual(first.asked, ["manifest.json", `${two.toUpperCase()}.json`, `${one}.json`]);
  assert.deepEqual(Object.keys(first.taken), [two, one, "manifest"]);
  assert.deepEqual(first.cursor, { seen: { [two]: "100", [one]: "200" }, gone: [] });

  assert.deepEqual(turn(pages, first.cursor).asked, ["manifest.json"]);
  assert.deepEqual(turn(pages, first.cursor).cursor, first.cursor);

  const newer = { ...pages, "manifest.json": { ...manifest, [one]: { timestamp: 250 } } };
  const third = turn(newer, first.cursor);
  assert.deepEqual(third.asked, ["manifest.json", `${one}.json`]);
  assert.equal(third.cursor.seen[one], "250");

  const without = { ...pages, "manifest.json": { [one]: manifest[one] } };
  assert.deepEqual(turn(without, first.cursor).cursor, { seen: { [one]: "200" }, gone: [two] });
  assert.deepEqual(turn(pages, { seen: 7, gone: "x" }).asked, first.asked);
});

test("an event that is not there is told and asked for again, and ends nothing", () => {
  const manifest = { [one]: { timestamp: "100" }, [two]: { timestamp: "200" }, "not a uuid": { timestamp: "1" } };
  const pages = { "manifest.json": manifest, [`${two}.json`]: event(two, "b.example") };
  const { asked, taken, cursor } = turn(pages, { seen: { [one]: "50", [four]: "1" }, gone: [] });
  assert.deepEqual(asked, ["manifest.json", `${one}.json`, `${two}.json`]);
  assert.deepEqual(cursor, { seen: { [one]: "50", [two]: "200" }, gone: [four] });
  const told = read(mispFeed, taken["manifest"]);
  assert.deepEqual(
    [told.rejected, told.skipped],
    [{ WGL_MISP_EVENT_MISSING: 1, WGL_MISP_FIELD: 1 }, { WGL_MISP_MANIFEST: 1 }],
  );
  assert.deepEqual(
    read(mispFeed, taken[two]).indicators.map(({ observable }) => observable.value),
    ["b.example"],
  );
});

test("an empty manifest is a feed without events; what is no manifest ends the turn", () => {
  for (const empty of [{}, []])
    assert.deepEqual(turn({ "manifest.json": empty }, undefined).cursor, { seen: {}, gone: [] });
  for (const wrong of ["<html>", [1], { [one]: 7 }, event(one, "a.example")])
    assert.throws(() => turn({ "manifest.json": wrong }, undefined), BadBody);
});

test("a search's response: what is meant for detection, each event a list of its own", () => {
  const base = { type: "domain", value: "a.example" };
  const reading = read(mispEvent, {
    response: [
      {
        Event: {
          uuid: one,
          info: "x",
          timestamp: "1700000000",
          Tag: [{ name: "tlp:green" }, { name: 'misp-galaxy:threat-actor="Sofacy"' }],
          Attribute: [
            { ...base, to_ids: true, Tag: [{ name: "tlp:amber" }] },
            { ...base, value: "b.example", to_ids: false },
            { ...base, value: "c.example", deleted: true },
            { type: "vulnerability", value: "CVE-2026-1", to_ids: true },
            { type: "ip-dst|port", value: "203.0.113.7|443", to_ids: 1, last_seen: "2026-11-01T00:00:00Z" },
            { ...base, value: "not a domain", to_ids: true },
          ],
        },
      },
      {
        Event: { uuid: two, info: "y", Attribute: [{ ...base, value: "d.example", to_ids: true, distribution: "4" }] },
      },
    ],
  });
  assert.deepEqual(
    reading.indicators.map(({ observable, labels, tlp, seenAt }) => [observable.value, labels, tlp, seenAt]),
    [
      ["a.example", ["sofacy"], "amber", 1_700_000_000_000],
      ["203.0.113.7:443", ["sofacy"], "green", Date.parse("2026-11-01T00:00:00Z")],
      ["d.example", [], "red", undefined],
    ],
  );
  assert.deepEqual(reading.skipped, { WGL_MISP_CONTEXT: 1, WGL_MISP_DELETED: 1, WGL_MISP_TYPE: 1 });
  assert.equal(
    Object.values(reading.rejected).reduce((sum, count) => sum + count, 0),
    1,
  );
});

interface Infoblox {
  readonly events: Readonly<
    Record<
      string,
      {
        readonly toIds: number;
        readonly csv: { readonly file: string };
        readonly parityAfterRefang: {
          readonly onlyCsvCount: number;
          readonly onlyMispCount: number;
        };
      }
    >
  >;
}

test("Infoblox publishes each list as an event and as CSV: we read the same values from both", { skip }, (t) => {
  const folder = new URL("infoblox-misp/", corpora);
  const { events } = JSON.parse(readFileSync(new URL("EXPECTED.json", folder), "utf8")) as Infoblox;
  let values = 0;
  for (const [uuid, { csv, parityAfterRefang }] of Object.entries(events)) {
    const body = readFileSync(new URL(`misp/${uuid}.json`, folder));
    const reading = readFeed(mispEvent, body, uuid, strict);
    const ours = new Set(reading.indicators.map(({ observable }) => observable.value));
    const rows = readFileSync(new URL(`csv/${csv.file}`, folder), "utf8")
      .split(/\r?\n/)
      .slice(1);
    const listed = new Set(
      rows.flatMap((row) => {
        const value = readValue(row.split(",")[1] ?? "");
        return value.ok ? [value.value.observable.value] : [];
      }),
    );
    const onlyMisp = [...ours].filter((value) => !listed.has(value));
    assert.equal(onlyMisp.length, parityAfterRefang.onlyMispCount, `${uuid}: ${onlyMisp.slice(0, 3).join(" ")}`);
    const onlyCsv = [...listed].filter((value) => !ours.has(value));
    assert.equal(onlyCsv.length, parityAfterRefang.onlyCsvCount, `${uuid}: ${onlyCsv.slice(0, 3).join(" ")}`);
    values += ours.size;
  }
  t.diagnostic(`${values} values in ${Object.keys(events).length} events`);
  assert.ok(values > 0);
});

test("ESET's events make indicators of all that is meant for detection and can be watched for", { skip }, (t) => {
  const folder = new URL("eset-misp/", corpora);
  const found = { files: 0, indicators: 0, quarantined: 0 };
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.json(?:\.gz)?$/.test(entry) || entry === "EXPECTED.json") continue;
    const reading = readFeed(mispEvent, readFileSync(new URL(entry, folder)), entry, strict);
    found.files++;
    found.indicators += reading.accepted;
    if (reading.verdict === "quarantine") found.quarantined++;
  }
  t.diagnostic(JSON.stringify(found));
  assert.equal(found.files, 41);
  assert.equal(found.quarantined, 2);
  // 467 attributes are flagged: two file names and a registry key are not watched for, and pairs of name and address are two.
  assert.equal(found.indicators, 466);
});

interface Fixture {
  readonly cases: readonly {
    readonly events: readonly { readonly observable?: { readonly kind: string; readonly value: string } }[];
  }[];
}

/** Values the two take though their attributes are not flagged for detection; to us these are context. */
const contexts: Readonly<Record<string, readonly string[]>> = {
  "intelmq/misp-feed": ["http://fake.example.com/malware/is/here"],
  "n6/misp-misp": ["anotherexample.com"],
};

test("the fixtures of IntelMQ and n6: their values, as far as their authors meant them for detection", { skip }, () => {
  for (const [name, context] of Object.entries(contexts)) {
    const folder = new URL(`fixtures/${name}/`, corpora);
    const { cases } = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Fixture;
    const reading = readFeed(mispEvent, readFileSync(new URL("case-01.raw", folder)), name, documentation);
    const wanted = new Set(cases.flatMap(({ events }) => events.flatMap(({ observable }) => observable?.value ?? [])));
    const ours = new Set(reading.indicators.map(({ observable }) => observable.value));
    assert.deepEqual(
      [...wanted].filter((value) => !ours.has(value)),
      context,
    );
    assert.ok((reading.skipped["WGL_MISP_CONTEXT"] ?? 0) >= context.length);
  }
});
