import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { day, type Instant, instant, printInstant } from "#core/instant.ts";
import { strict } from "#core/value-policy.ts";
import type { Feed, WalkAnswer } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { nvdWalk } from "#feeds/nist-nvd/walk.ts";
import { htmlText, plain } from "#feeds/plain-text.ts";
import { readFeed } from "#feeds/read.ts";
import { feedTime } from "#feeds/rss-advisories/items.ts";
import { webLink } from "#feeds/web-link.ts";

const shared = new URL("../../shared/corpora/", import.meta.url);
const skip = existsSync(shared) ? false : "the corpora are not beside this checkout";
const feed = (id: string): Feed => {
  const found = feedById.get(id);
  assert.ok(found, id);
  return found;
};
const read = (id: string, text: string | Uint8Array, file = "x") => readFeed(feed(id), Buffer.from(text), file, strict);

test("cisa-kev reads the whole catalogue, the same from JSON and from CSV", { skip }, () => {
  const of = (file: string) =>
    readFeed(feed("cisa-kev"), readFileSync(new URL(`feeds/kev/${file}`, shared)), file, strict);
  const expected = JSON.parse(readFileSync(new URL("feeds/kev/EXPECTED.json", shared), "utf8")) as Record<
    string,
    number
  >;
  const [json, csv] = [of("known_exploited_vulnerabilities.json.gz"), of("known_exploited_vulnerabilities.csv.gz")];
  for (const reading of [json, csv]) {
    assert.deepEqual([reading.verdict, reading.notes, reading.duplicates], ["accept", {}, 0]);
    const { advisories } = reading;
    assert.equal(advisories.length, expected["uniqueCves"]);
    assert.equal(advisories.filter(({ exploited }) => exploited?.ransomware).length, expected["knownRansomware"]);
    assert.equal(advisories.filter(({ cwes }) => cwes.length === 0).length, expected["withoutCwe"]);
    assert.equal(new Set(advisories.map(({ products }) => products[0]?.vendor)).size, expected["vendors"]);
    const added = advisories.map(({ exploited }) => exploited?.since ?? 0).sort((a, b) => a - b);
    assert.deepEqual(
      [added[0], added.at(-1)].map((time) => printInstant(instant(time ?? 0)).slice(0, 10)),
      [expected["firstAdded"], expected["lastAdded"]],
    );
  }
  assert.deepEqual(csv.advisories, json.advisories);
});

test("cisa-kev keeps every field of the standards kit's records", { skip }, () => {
  const records = readFileSync(new URL("standards/kev.jsonl", shared), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string> & { cwes: string[] });
  const { advisories } = read("cisa-kev", JSON.stringify({ count: records.length, vulnerabilities: records }));
  assert.equal(advisories.length, records.length);
  records.forEach((record, place) => {
    const one = advisories[place];
    assert.deepEqual(
      [one?.id, one?.title, one?.products[0]?.vendor, one?.products[0]?.product, one?.action],
      [
        record["cveID"],
        record["vulnerabilityName"],
        record["vendorProject"],
        record["product"],
        record["requiredAction"],
      ].map((text) => text?.replace(/\s+/g, " ").trim()),
    );
    assert.equal(printInstant(one?.exploited?.due ?? instant(0)).slice(0, 10), record["dueDate"]);
    assert.deepEqual(one?.cwes, record.cwes);
    for (const url of record["notes"]?.match(/https?:\/\/[^\s;]+/g) ?? [])
      assert.ok(one?.references.includes(webLink(url.includes("(") ? url : url.replace(/[).,]+$/, "")) ?? ""), url);
  });
});

test("first-epss reads the API's answer as the file's rows, and refuses a probability that is none", () => {
  const api = read(
    "first-epss",
    JSON.stringify({
      status: "OK",
      data: [
        { cve: "CVE-2022-39952", epss: "0.09029", percentile: "0.94031", date: "2026-11-18" },
        { cve: "CVE-2022-39953", epss: 0.5, percentile: 1 },
        { cve: "CVE-2022-39954", epss: "1.01", percentile: "0.1" },
      ],
    }),
  );
  assert.deepEqual(
    api.advisories.map(({ id, epss }) => [id, epss?.probability, epss?.percentile]),
    [
      ["CVE-2022-39952", 0.09029, 0.94031],
      ["CVE-2022-39953", 0.5, 1],
    ],
  );
  assert.deepEqual(api.rejected, { WGL_ROW_SHARE: 1 });
});

/** NVD on a table: what changed when, answered as the API answers. */
const nvd = (changed: readonly { readonly id: string; readonly at: Instant }[], cursor: unknown, now: Instant) => {
  const walk = nvdWalk({ url: "https://nvd.example/rest/json/cves/2.0", cursor, now });
  const ids: string[] = [];
  const asked: URL[] = [];
  let reached: unknown;
  for (let answer: WalkAnswer | undefined; ; ) {
    const step = walk.next(answer);
    if (step.done) return { ids, asked, cursor: step.value, reached };
    answer = undefined;
    if ("reached" in step.value) reached = step.value.reached;
    else if ("take" in step.value)
      ids.push(...readFeed(feed("nist-nvd"), step.value.take, "x", strict).advisories.map(({ id }) => id));
    else {
      const url = new URL(step.value.ask);
      asked.push(url);
      const time = (name: string): number => Date.parse(url.searchParams.get(name) ?? "");
      const [from, to] = [time("lastModStartDate"), time("lastModEndDate")];
      assert.ok(to - from <= 120 * day && from <= to, url.search);
      const start = Number(url.searchParams.get("startIndex"));
      assert.ok(Number(url.searchParams.get("resultsPerPage")) <= 2000);
      const all = changed.filter(({ at }) => at >= from && at <= to);
      const page = all.slice(start, start + 2000).map(({ id, at }) => ({
        cve: { id, lastModified: printInstant(at), descriptions: [{ lang: "en", value: "x" }], metrics: {} },
      }));
      const body = { format: "NVD_CVE", totalResults: all.length, startIndex: start, vulnerabilities: page };
      answer = { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) };
    }
  }
};

test("nist-nvd walks windows of 120 days in pages of 2,000, in few requests a turn, and misses no change", () => {
  const now = instant(Date.parse("2026-11-20T00:00:00Z"));
  const begun = instant(now - 300 * day);
  // 13,000 changes within 300 days, and a cursor from before them
  const changed = Array.from({ length: 13_000 }, (_, n) => ({
    id: `CVE-2026-${10_000 + n}`,
    at: instant(begun + (n * 300 * day) / 13_000),
  }));
  const found = new Set<string>();
  let cursor: unknown = { until: begun };
  let turns = 0;
  for (let quiet = false; !quiet; turns++) {
    const turn = nvd(changed, JSON.parse(JSON.stringify(cursor)), now);
    assert.ok(turn.asked.length <= 5, "NVD answers five requests in half a minute");
    for (const id of turn.ids) found.add(id);
    cursor = turn.cursor;
    quiet = !JSON.stringify(cursor).includes("open") && JSON.stringify(cursor).includes(String(now));
    assert.ok(turns < 10);
  }
  assert.equal(found.size, changed.length);
  // an hour later only that hour, and the overlap, is asked about
  const later = nvd(changed, cursor, instant(now + 3_600_000));
  assert.equal(later.asked.length, 1);
  assert.equal(Date.parse(later.asked[0]?.searchParams.get("lastModStartDate") ?? ""), now - 3_600_000);
});

test("nist-nvd goes on from the page it came to when a turn is cut short", () => {
  const now = instant(Date.parse("2026-11-20T00:00:00Z"));
  const changed = Array.from({ length: 5000 }, (_, n) => ({ id: `CVE-2026-${10_000 + n}`, at: instant(now - day) }));
  const walk = nvdWalk({ url: "https://nvd.example/", cursor: { until: now - 2 * day }, now });
  const first = walk.next();
  assert.ok(!first.done && "ask" in first.value);
  const page = changed.slice(0, 2000).map(({ id }) => ({ cve: { id } }));
  const body = Buffer.from(JSON.stringify({ totalResults: 5000, vulnerabilities: page }));
  assert.ok("take" in (walk.next({ status: 200, headers: {}, body }).value as object));
  const reached = walk.next().value as { readonly reached: unknown };
  const rest = nvd(changed, reached.reached, now);
  assert.deepEqual(rest.ids.length, 3000);
});

test("rss-advisories reads RSS 1.0 and Atom as it reads RSS 2.0", () => {
  const rdf = read(
    "rss-advisories",
    `<?xml version="1.0" encoding="Shift_JIS"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
      <channel rdf:about="https://cert.example/rss.rdf"><title>x</title><link>https://cert.example/at/</link></channel>
      <item rdf:about="https://cert.example/at/2026/at260001.html"><title>Alert CVE-2026-10001</title><link>/at/2026/at260001.html</link><dc:date>2026-11-17T11:00+09:00</dc:date></item>
    </rdf:RDF>`,
  ).advisories[0];
  assert.deepEqual(
    [rdf?.id, rdf?.url, rdf?.cves, printInstant(rdf?.publishedAt ?? instant(0))],
    [
      "https://cert.example/at/2026/at260001.html",
      "https://cert.example/at/2026/at260001.html",
      ["CVE-2026-10001"],
      "2026-11-17T02:00:00.000Z",
    ],
  );
  const atom = read(
    "rss-advisories",
    `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://cert.example/feed/" xml:lang="zh-Hant-HK"><title>x</title>
      <entry><id>tag:cert.example,2026:7</id><title>保安警報</title><link rel="edit" href="/edit"/><link href="7.html"/>
      <updated>2026-11-17T00:00:00Z</updated><published>2026-11-16T00:00:00Z</published><category term="vpn" label="VPN"/>
      <summary>short</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>3 &lt; 5</p><p>CVE-2026-10002</p></div></content></entry></feed>`,
  ).advisories[0];
  assert.deepEqual(
    [atom?.id, atom?.url, atom?.language, atom?.labels, atom?.cves],
    ["tag:cert.example,2026:7", "https://cert.example/feed/7.html", "zh-Hant-HK", ["vpn"], ["CVE-2026-10002"]],
  );
  assert.match(atom?.summary ?? "", /3 < 5/);
  assert.notEqual(atom?.publishedAt, atom?.updatedAt);
});

test("rss-advisories refuses every document type, depth, and XML that is no feed", () => {
  const codes = (text: string | Uint8Array) => read("rss-advisories", text).bad?.code;
  const item = "<rss><channel><item><title>&x;</title></item></channel></rss>";
  assert.equal(codes(`<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>${item}`), "WGL_XML_DOCTYPE");
  assert.equal(
    codes(`<?xml version="1.0"?><!-- a --> <!DOCTYPE rss SYSTEM "http://evil.example/x.dtd">${item}`),
    "WGL_XML_DOCTYPE",
  );
  assert.equal(codes(item), "WGL_XML");
  assert.equal(codes("<a>".repeat(5000)), "WGL_XML");
  assert.equal(codes(`${"<a>".repeat(200)}${"</a>".repeat(200)}`), "WGL_XML");
  assert.equal(codes("<html><body>captcha</body></html>"), "WGL_XML");
  assert.equal(codes(Buffer.from([0x3c, 0x72, 0xff, 0x3e])), "WGL_XML");
});

test("htmlText() gives text: no markup acts, entities are read once, length is bounded", () => {
  assert.equal(htmlText("<p>a<br>b</p><script>alert(1)</script><style>x</style>c &amp;lt; d"), "a\nb\nc &lt; d");
  assert.equal(htmlText("<img src=x onerror=alert(1)>x"), "x");
  assert.ok(htmlText("x".repeat(1_000_000)).length <= 20_000);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = plain(text);
      assert.ok(shown.isWellFormed() && !/[^\n\P{Cc}]/u.test(shown));
      assert.equal(plain(shown), shown);
    }),
  );
});

test("feedTime() reads RFC 822 and ISO 8601, and guesses nothing", () => {
  const shown = (text: string) => {
    const time = feedTime(text);
    return time === undefined ? "none" : printInstant(time);
  };
  assert.equal(shown("Thu, 01 Jan 2026 00:00:00 GMT"), "2026-01-01T00:00:00.000Z");
  assert.equal(shown("1 Jan 2026 08:00 +0800"), "2026-01-01T00:00:00.000Z");
  assert.equal(shown("Tue, 17 Nov 2026 18:30:00 EST"), "2026-11-17T23:30:00.000Z");
  assert.equal(shown("2026-11-17T18:30:00+08:00"), "2026-11-17T10:30:00.000Z");
  for (const text of ["30 Feb 2026 00:00:00 GMT", "Thu, 01 Foo 2026 00:00:00 GMT", "01/02/2026", "soon"])
    assert.equal(shown(text), "none", text);
});

test("webLink() keeps what a person may follow and nothing that acts", () => {
  assert.equal(webLink("../a?b=1", "https://cert.example/x/y"), "https://cert.example/a?b=1");
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "//",
    "https://u:p@host.example/",
  ])
    assert.equal(webLink(text, "https://cert.example/"), undefined, text);
});

test("cve-record: whoever enriches a record overwrites nobody", () => {
  const lines = readFileSync(new URL("../src/feeds/cve-record/sample.ndjson", import.meta.url), "utf8").split("\n");
  const [one] = read("cve-record", lines[0] ?? "").advisories;
  assert.deepEqual(
    one?.scores.map(({ by, score }) => [by, score]),
    [
      ["example-psirt", 9.3],
      ["CISA-ADP", 9.8],
    ],
  );
  assert.equal(one?.title, "Command injection in Harbour Gateway");
  assert.deepEqual(one?.cwes, ["CWE-77", "CWE-78"]);
  assert.ok(one?.labels.includes("ssvc:exploitation:active") && one.exploited?.ransomware === false);
});
