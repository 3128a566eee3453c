import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { cidrRange } from "#core/cidr.ts";
import { instant, printInstant } from "#core/instant.ts";
import { ipv4Text } from "#core/ip.ts";
import { safeRegex } from "#core/safe-regex.ts";
import { networksBetween } from "#feeds/address-range.ts";
import { walkPulses } from "#feeds/alienvault-otx/walk.ts";
import { mappingKeys } from "#feeds/declared.ts";
import type { Feed, WalkAnswer } from "#feeds/feed.ts";
import { htmlTableRows } from "#feeds/html-table.ts";
import { feedById, feeds } from "#feeds/index.ts";
import { jsonPath, jsonTableRows } from "#feeds/json-path.ts";
import { type FeedReading, readFeed } from "#feeds/read.ts";
import { tableRows } from "#feeds/table.ts";
import { timeReader } from "#feeds/time-format.ts";

const base = feedById.get("generic-json") as Feed;

const read = (parts: Feed["parts"], body: string): FeedReading =>
  readFeed({ ...base, parts }, Buffer.from(body), "body", { reserved: "accept", allow: [] });

const values = (reading: FeedReading): readonly string[] =>
  reading.indicators.map(({ observable }) => observable.value);

const declared = (id: string, map: Readonly<Record<string, string>>): Feed["parts"] => {
  const parts = feedById.get(id)?.mapped?.(map);
  assert.ok(parts?.ok, JSON.stringify(parts));
  return parts.value;
};

test("timeReader() reads what its pattern says, and no day that is none", () => {
  const shown = (format: string, text: string): string => {
    const { seenAt, note } = timeReader(format)?.(text) ?? {};
    return seenAt === undefined ? (note?.code ?? "nothing") : printInstant(seenAt);
  };
  assert.equal(shown("ddd, DD MMM YYYY HH:mm:ss zz", "Mon, 14 Sep 2015 04:39:22 GMT"), "2015-09-14T04:39:22.000Z");
  assert.equal(shown("ddd MMM DD HH:mm:ss zz YYYY", "Tue Mar 15 00:47:49 PDT 2016"), "2016-03-15T07:47:49.000Z");
  assert.equal(shown("ddd MMM DD HH:mm:ss zz YYYY", "Tue Mar  5 00:47:49 UTC 2016"), "2016-03-05T00:47:49.000Z");
  assert.equal(shown("DD/MMM/YYYY:HH:mm:ss Z", "01/Aug/2018:09:49:41 +0200"), "2018-08-01T07:49:41.000Z");
  assert.equal(shown("DD.MM.YYYY", "31.12.2026"), "2026-12-31T00:00:00.000Z");
  assert.equal(shown("windows-nt", "131349599830000000"), "2017-03-25T23:59:43.000Z");
  assert.equal(shown("epoch", "1234567890"), "2009-02-13T23:31:30.000Z");
  assert.equal(shown("epoch", "1234567890.5"), "2009-02-13T23:31:30.500Z");
  assert.equal(shown("epoch-ms", "1234567890123"), "2009-02-13T23:31:30.123Z");
  assert.equal(shown("DD.MM.YYYY", ""), "nothing");
  for (const text of ["31.02.2026", "12.31.2026", "1.1.26", "yesterday", "01.01.2026 "])
    assert.equal(
      shown("DD.MM.YYYY", text),
      text.trim() === "01.01.2026" ? "2026-01-01T00:00:00.000Z" : "WGL_ROW_TIME",
      text,
    );
  for (const format of ["DD-MM", "HH:mm", "", "YYYY YYYY"]) assert.equal(timeReader(format), undefined, format);
});

test("timeReader() reads back any moment that was written by its pattern", () => {
  const moment = fc.integer({ min: 0, max: 4_102_444_799 }).map((seconds) => instant(seconds * 1000));
  const reader = timeReader("DD.MM.YYYY um HH:mm:ss Uhr");
  fc.assert(
    fc.property(moment, (at) => {
      const [day = "", time = ""] = printInstant(at).slice(0, 19).split("T");
      const [year, month, date] = day.split("-");
      assert.deepEqual(reader?.(`${date}.${month}.${year} um ${time} Uhr`), { seenAt: at });
    }),
  );
});

test("networksBetween() holds exactly the addresses from first to last, in as few networks as can be", () => {
  const address = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(address, address, (a, b) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const networks = networksBetween(ipv4Text(first), ipv4Text(last)) ?? [];
      let next = first;
      let before = 0;
      for (const network of networks) {
        const range = cidrRange(network);
        assert.ok(range.ok && range.value.family === 4);
        assert.equal(range.value.first, next);
        next = range.value.last + 1;
        // two neighbours of one size that could be one would share their upper half
        const size = range.value.last - range.value.first + 1;
        assert.ok(!(size === before && range.value.first % (2 * size) === size));
        before = size;
      }
      assert.equal(next, last + 1);
      assert.ok(networks.length <= 62);
    }),
  );
  assert.equal(networksBetween("203.0.113.9", "203.0.113.8"), undefined);
  assert.equal(networksBetween("203.0.113.9", "x"), undefined);
  assert.deepEqual(networksBetween("0.0.0.0", "255.255.255.255"), ["0.0.0.0/0"]);
});

test("safeRegex() runs in linear time, and takes no look-around", () => {
  const slow = safeRegex("(a+)+b");
  assert.ok(slow.ok);
  assert.equal(slow.value.test("a".repeat(50_000)), false);
  const group = safeRegex("by (\\w+)");
  assert.ok(group.ok);
  assert.deepEqual([group.value.first("used by tugboat"), group.value.first("none")], ["tugboat", undefined]);
  for (const source of ["(?=a)", "(a)\\1", "(", ""]) {
    const refused = safeRegex(source);
    assert.equal(refused.ok ? "" : refused.problem.code, "WGL_ROW_REGEX", source);
  }
});

test("a table whose mapped column is gone is a bad body, and an optional one is not", () => {
  const needs = read(
    tableRows({ delimiter: "," }, { value: ["ip"], labels: ["name"] }),
    "address,name\n203.0.113.7,x\n",
  );
  assert.deepEqual([needs.bad?.code, needs.accepted], ["WGL_BODY_COLUMN", 0]);
  const may = read(tableRows({ delimiter: "," }, { value: ["url?", "ip"] }), "ip\n203.0.113.7\n");
  assert.deepEqual(values(may), ["203.0.113.7"]);
});

test("a value that cannot be read makes room for the next only where the mapping says so, and is told", () => {
  const body = "url,ip\njavascript:x,203.0.113.7\n";
  const strict = read(tableRows({ delimiter: "," }, { value: ["url", "ip"] }), body);
  assert.deepEqual([values(strict), strict.rejected], [[], { WGL_URL_SCHEME: 1 }]);
  const open = read(tableRows({ delimiter: "," }, { value: ["url?", "ip"] }), body);
  assert.deepEqual([values(open), open.notes], [["203.0.113.7"], { WGL_URL_SCHEME: 1 }]);
});

test("a JSON answer without its rows is a bad body, and an empty list is none", () => {
  const parts = jsonTableRows({ rows: "$.data[*]" }, { value: ["ioc"] });
  for (const body of ['{"query_status":"unknown_auth_key"}', '{"data":"no_result"}', '"text"', "[]"])
    assert.equal(read(parts, body).bad?.code, "WGL_BODY_SHAPE", body);
  const empty = read(parts, '{"data":[]}');
  assert.deepEqual([empty.bad, empty.rows], [undefined, 0]);
});

test("JSON paths are those of RFC 9535, without functions that run expressions", () => {
  assert.ok(jsonPath("$.a[?@.b > 1].c"));
  for (const path of ["a.b", "$[?match(@.a, '(a+)+b')]", "$[?search(@.a, 'x')]", "$["])
    assert.equal(jsonPath(path), undefined, path);
  const parts = declared("generic-json", {
    rows: "$.lists[?@.kind == 'bad'].hosts[*]",
    value: "$.at.ip",
    labels: "$.names[*]",
  });
  const reading = read(
    parts,
    '{"lists":[{"kind":"good","hosts":[{"at":{"ip":"203.0.113.1"}}]},{"kind":"bad","hosts":[{"at":{"ip":"203.0.113.2"},"names":["Tug","C2"]}]}]}',
  );
  assert.deepEqual(values(reading), ["203.0.113.2"]);
  assert.deepEqual(reading.indicators[0]?.labels, ["tug", "c2"]);
});

test("a property named like a part of every object says nothing unless the row has it", () => {
  const reading = read(
    declared("generic-json", { value: "constructor" }),
    '[{"a":1},{"constructor":"bad.example"},{"__proto__":"x"}]',
  );
  assert.deepEqual([values(reading), reading.rejected], [["bad.example"], { WGL_ROW_FIELD: 2 }]);
});

test("an HTML table is chosen by attribute or by its columns; scripts and tables in cells are no text of it", () => {
  const page = `<table id=a><tr><th>IP<th>Name</tr><tr><td>203.0.113.1<td>one</table>
    <table class="wide bad"><thead><tr><td>IP</td><td>Name</td></tr></thead>
    <tr><td>203.0.113.2<script>document.write("203.0.113.9")</script></td><td><table><tr><td>inner</td></tr></table>Tug&amp;boat<br>2</td></tr>
    <tr><td>203.0.113.3</td></tr><tr><td>203.0.113.4</td><td>x</td><td>y</td></tr></table>`;
  const mapping = { value: ["ip"], labels: ["name"] };
  const chosen = read(htmlTableRows({ where: { attribute: "class", value: "bad" } }, mapping), page);
  assert.deepEqual(values(chosen), ["203.0.113.2", "203.0.113.3"]);
  assert.deepEqual(chosen.indicators[0]?.labels, ["tug&boat 2"]);
  assert.deepEqual(chosen.rejected, { WGL_ROW_CELLS: 1 });
  assert.deepEqual(values(read(htmlTableRows({}, mapping), page)), ["203.0.113.1"]);
  assert.equal(read(htmlTableRows({}, { value: ["host"] }), page).bad?.code, "WGL_BODY_COLUMN");
  assert.equal(read(htmlTableRows({}, mapping), "<html><p>Please log in</p></html>").bad?.code, "WGL_BODY_COLUMN");
});

test("a page made to be deep is a bad body, at once", () => {
  const parts = htmlTableRows({}, { value: ["ip"] });
  for (const tag of ["<table>", "<div>", "<table><tr><td>"])
    assert.equal(read(parts, tag.repeat(200_000)).bad?.code, "WGL_BODY_TAGS", tag);
  const wide = read(parts, `<table><tr><th>IP${"<tr><td>203.0.113.7<br><p>".repeat(2_000)}`);
  assert.deepEqual([wide.rows, wide.accepted], [2_000, 1]);
});

test("a declaration with mistakes is refused with each of them", () => {
  const problems = (id: string, map: Readonly<Record<string, string>>): readonly string[] => {
    const parts = feedById.get(id)?.mapped?.(map);
    return parts === undefined || parts.ok
      ? []
      : parts.problem.map(({ code, with: said }) => `${code} ${said?.["key"] ?? said?.["value"] ?? ""}`);
  };
  assert.deepEqual(problems("generic-delimited", { value: "ip" }), []);
  assert.deepEqual(
    problems("generic-delimited", {
      colour: "red",
      skip: "two",
      time: "HH:mm",
      kinds: "ipv5",
      types: "x",
      type: "t",
      "pick.ip": "(",
    }),
    [
      ...[
        "WGL_CONFIG_KEY map.colour",
        "WGL_CONFIG_VALUE map.skip",
        "WGL_CONFIG_VALUE map.time",
        "WGL_CONFIG_VALUE map.kinds",
      ],
      ...["WGL_CONFIG_VALUE map.types", "WGL_ROW_REGEX (", "WGL_CONFIG_NEEDS map"],
    ],
  );
  assert.deepEqual(problems("generic-json", { value: "$.x", rows: "no path" }), ["WGL_CONFIG_VALUE map.rows"]);
  assert.deepEqual(problems("generic-html-table", { value: "x", where: "hosts" }), ["WGL_CONFIG_VALUE map.where"]);
});

test("docs/configuration.md has every key of a declaration", () => {
  const docs = readFileSync(new URL("../docs/configuration.md", import.meta.url), "utf8");
  const section = docs.slice(docs.indexOf("## The shape of your own source"));
  const keys = [...section.matchAll(/^\| ((?:`[\w.]+`(?:, )?)+) \| /gm)].flatMap(([, cell = ""]) =>
    cell.replaceAll("`", "").split(", "),
  );
  const refusal = feeds.flatMap((feed) => {
    const parts = feed.mapped?.({ value: "x", "no such key": "x" });
    return parts === undefined || parts.ok
      ? []
      : parts.problem.map((why) => String(why.with?.["wanted"] ?? "").split(", "));
  });
  assert.deepEqual(
    [...new Set(keys)].toSorted(),
    [...new Set([...Object.keys(mappingKeys), ...refusal.flat()])].toSorted(),
  );
});

test("walkPulses() follows pages on its own server only, and comes back where it ended", () => {
  const page = (next: string | null, modified: string): WalkAnswer => ({
    status: 200,
    headers: {},
    body: Buffer.from(JSON.stringify({ results: [{ modified, indicators: [] }], next })),
  });
  const url = "https://otx.example/pulses?limit=50";
  const walk = walkPulses({ url, cursor: undefined, now: instant(0) });
  assert.deepEqual(walk.next(undefined).value, { ask: url });
  const first = page("https://otx.example/pulses?limit=50&page=2", "2026-11-18T06:10:04.093000");
  assert.deepEqual(walk.next(first).value, { take: first.body, name: "page-1" });
  assert.deepEqual(walk.next(undefined).value, { ask: "https://otx.example/pulses?limit=50&page=2" });
  const second = page(null, "2026-11-17T06:10:04");
  assert.deepEqual(walk.next(second).value, { take: second.body, name: "page-2" });
  assert.deepEqual(walk.next(undefined), { done: true, value: { modifiedSince: "2026-11-18T06:10:04.093Z" } });

  const again = walkPulses({ url, cursor: { modifiedSince: "2026-11-18T06:10:04.093Z" }, now: instant(0) });
  assert.deepEqual(again.next(undefined).value, { ask: `${url}&modified_since=2026-11-18T06%3A10%3A04.093Z` });
  again.next(page("https://elsewhere.example/", "2026-11-18T06:10:05"));
  assert.throws(() => again.next(undefined), /otx\.example/);
});
