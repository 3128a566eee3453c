// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { observableOf } from "#core/recognise.ts";
import { LineMatcher } from "#detect/indicator-match/line-matcher.ts";
import { matchRecord, type RawMatch } from "#detect/indicator-match/match.ts";
import { directionOf, networks, ownEnd } from "#detect/networks.ts";
import { weight } from "#detect/indicator-match/weight.ts";
import { buildMatchIndex, type MatchIndex } from "#intel/match-index.ts";
import { format as suricataEve } from "#telemetry/suricata-eve/format.ts";
import { format as zeek } from "#telemetry/zeek/format.ts";

const secret = new Uint8Array([1, 2, 3]);
const own = networks(["198.51.100.0/26", "2001:db8:20::/48"]);
const indexOf = (...texts: readonly string[]): MatchIndex =>
  buildMatchIndex(
    texts.map((text, id) => {
      const observable = observableOf(text);
      assert.ok(observable.ok, text);
      return { id, observable: observable.value };
    }),
    secret,
  );
const eve = (fields: Record<string, unknown>): string =>
  JSON.stringify({ timestamp: "2026-11-19T00:00:00.000000+0000", event_type: "flow", ...fields });
const match = (line: string, index: MatchIndex): readonly RawMatch[] => {
  const bytes = new TextEncoder().encode(line);
  return new LineMatcher(suricataEve.open(), index, own).line(bytes, 0, bytes.length).matches;
};
const said = (line: string, index: MatchIndex): readonly string[] =>
  match(line, index).map((m) => `${m.where} ${m.direction} ${weight(m)} ${m.own ?? "-"}`);

test("ours calling a listed address is a finding, a listed address knocking is background", () => {
  const index = indexOf("203.0.113.7");
  assert.deepEqual(said(eve({ src_ip: "198.51.100.9", dest_ip: "203.0.113.7" }), index), [
    "destination outbound finding 198.51.100.9",
  ]);
  assert.deepEqual(said(eve({ src_ip: "203.0.113.7", dest_ip: "198.51.100.9" }), index), [
    "source inbound background 198.51.100.9",
  ]);
});

test("an address of the sensor's networks is ours, one beside them is not", () => {
  assert.equal(directionOf({ source: "198.51.100.63", destination: "203.0.113.7" }, own), "outbound");
  assert.equal(directionOf({ source: "198.51.100.64", destination: "203.0.113.7" }, own), "unknown");
  assert.equal(directionOf({ source: "10.1.2.3", destination: "192.168.7.7" }, own), "internal");
  assert.equal(directionOf({ source: "10.1.2.3", destination: "239.255.255.250" }, own), "internal");
  assert.equal(directionOf({ source: "2001:db8:20::1", destination: "2001:db8:21::1" }, own), "outbound");
  assert.equal(directionOf({ source: "100.64.0.1", destination: "10.0.0.1" }, own), "inbound");
  assert.equal(directionOf({ source: "10.0.0.1" }, own), "unknown");
  assert.equal(ownEnd({ source: "203.0.113.7", destination: "10.0.0.1" }, own), "10.0.0.1");
  assert.equal(ownEnd({ source: "203.0.113.7", destination: "203.0.113.8" }, own), "203.0.113.7");
  assert.equal(ownEnd({}, own), undefined);
});

test("names, pages and files are findings where ours asked, or where they arrived", () => {
  const ours = { src_ip: "10.0.0.4", dest_ip: "203.0.113.7" };
  const theirs = { src_ip: "203.0.113.7", dest_ip: "10.0.0.4" };
  const index = indexOf(
    "bad.example",
    "http://x.example/gate",
    "ab".repeat(31) + "cd",
    "lure@mail.example",
    "198.51.100.200",
  );
  assert.deepEqual(said(eve({ ...ours, event_type: "tls", tls: { sni: "www.bad.example" } }), index), [
    "tls-sni outbound finding 10.0.0.4",
  ]);
  assert.deepEqual(said(eve({ ...theirs, event_type: "tls", tls: { sni: "www.bad.example" } }), index), [
    "tls-sni inbound background 10.0.0.4",
  ]);
  assert.deepEqual(
    said(eve({ ...ours, dest_ip: "10.0.0.2", event_type: "dns", dns: { rrname: "bad.example" } }), index),
    ["dns-query internal finding 10.0.0.4"],
  );
  assert.deepEqual(said(eve({ ...ours, event_type: "http", http: { hostname: "x.example", url: "/gate" } }), index), [
    "http-url outbound finding 10.0.0.4",
  ]);
  assert.deepEqual(
    said(eve({ ...theirs, event_type: "fileinfo", fileinfo: { sha256: "ab".repeat(31) + "cd" } }), index),
    ["file-hash inbound finding 10.0.0.4"],
  );
  assert.deepEqual(said(eve({ ...theirs, event_type: "smtp", smtp: { mail_from: "<lure@MAIL.example>" } }), index), [
    "mail-from inbound finding 10.0.0.4",
  ]);
  const answer = { rrname: "shared.example", answers: [{ rrname: "shared.example", rdata: "198.51.100.200" }] };
  assert.deepEqual(said(eve({ ...ours, dest_ip: "10.0.0.2", event_type: "dns", dns: answer }), index), [
    "dns-answer internal background 10.0.0.4",
  ]);
});

test("between two of ours, who speaks to the listed one is concerned", () => {
  const index = indexOf("10.9.9.9");
  assert.deepEqual(said(eve({ src_ip: "10.0.0.4", dest_ip: "10.9.9.9" }), index), [
    "destination internal finding 10.0.0.4",
  ]);
  assert.deepEqual(said(eve({ src_ip: "10.9.9.9", dest_ip: "10.0.0.4" }), index), ["source internal finding 10.0.0.4"]);
});

test("an endpoint matches at its port only, an indicator once per place", () => {
  const index = indexOf("203.0.113.7:8443", "sni.example:8443", "/gate.php");
  const ends = { src_ip: "10.0.0.4", src_port: 50000, dest_ip: "203.0.113.7" };
  assert.deepEqual(said(eve({ ...ends, dest_port: 8443 }), index), ["destination outbound finding 10.0.0.4"]);
  assert.deepEqual(said(eve({ ...ends, dest_port: 443 }), index), []);
  assert.deepEqual(
    said(eve({ dest_port: 8443, ...ends }), index),
    ["destination outbound finding 10.0.0.4"],
    "in any order",
  );
  const tls = { event_type: "tls", tls: { sni: "sni.example" } };
  assert.deepEqual(
    match(eve({ ...ends, dest_port: 8443, ...tls }), index).map((m) => m.indicatorId),
    [0, 1],
  );
  const http = { event_type: "http", http: { hostname: "a.example", url: "/gate.php?x" } };
  assert.deepEqual(said(eve({ ...ends, ...http }), index), ["http-url outbound finding 10.0.0.4"]);
});

test("a line that cannot be read gives its problem, a blank one nothing", () => {
  const matcher = new LineMatcher(suricataEve.open(), indexOf("bad.example"), own);
  const line = (text: string): string | undefined => {
    const bytes = new TextEncoder().encode(text);
    return matcher.line(bytes, 0, bytes.length).problem?.code;
  };
  assert.equal(line('{"timestamp":"2026-'), "WGL_EVE_JSON");
  assert.equal(line("<html>"), "WGL_EVE_JSON");
  assert.equal(line(""), undefined);
});

const host = fc.constantFrom(
  "bad.example",
  "WWW.Bad.example",
  "good.example.",
  "192.0.2.7",
  "cdn.example",
  "bücher.example",
  "x",
  "bad.example/..",
  "u@bad.example",
  "bad.example:443",
  "[2001:db8::7]",
);
const address = fc.constantFrom(
  "10.0.0.4",
  "192.0.2.7",
  "203.0.113.7",
  "2001:db8::7",
  "2001:0db8:0:0:0:0:0:0007",
  "::ffff:192.0.2.7",
);
const target = fc.constantFrom(
  "/gate.php?id=1",
  "/",
  "/a/../gate.php?id=1",
  "http://bad.example/x",
  "bad.example:443",
  '/\u00e9"\\/x',
  "//x.example/",
);
const digest = fc.constantFrom("ab".repeat(16), "AB".repeat(32), "ab:".repeat(19).concat("ab"), "zz");
const text = fc.oneof(host, target, digest, fc.string());
const record = fc.record(
  {
    timestamp: fc.constantFrom("2026-11-19T00:00:00.000000+0000", "never"),
    event_type: fc.constantFrom("dns", "flow", "alert", "http", "tls", "fileinfo", "smtp"),
    src_ip: address,
    src_port: fc.constantFrom(50000, 443, 8443),
    dest_ip: address,
    dest_port: fc.constantFrom(50000, 443, 8443),
    dns: fc.record(
      {
        rrname: text,
        answers: fc.array(fc.record({ rrname: host, rdata: fc.oneof(host, address, text) }), { maxLength: 3 }),
        grouped: fc.dictionary(fc.constantFrom("A", "CNAME", "TXT"), fc.array(fc.oneof(host, address))),
      },
      { requiredKeys: [] },
    ),
    http: fc.record(
      { hostname: fc.oneof(host, address), url: target, http_refer: target, xff: fc.oneof(address, text) },
      { requiredKeys: [] },
    ),
    tls: fc.record(
      {
        sni: host,
        subject: host.map((name) => `C=ZZ, CN=${name}`),
        fingerprint: digest,
        ja3: fc.record({ hash: digest }),
      },
      { requiredKeys: [] },
    ),
    fileinfo: fc.record({ md5: digest, sha256: digest, filename: fc.string() }, { requiredKeys: [] }),
    smtp: fc.record(
      { mail_from: host.map((name) => `<A.b@${name}>`), rcpt_to: fc.array(fc.string()) },
      { requiredKeys: [] },
    ),
    extra: fc.jsonValue(),
  },
  { requiredKeys: ["event_type"] },
);
const listed = fc.uniqueArray(
  fc.constantFrom(
    "bad.example",
    "example.org",
    "cdn.example:443",
    "192.0.2.7",
    "192.0.2.0/24",
    "203.0.113.7:8443",
    "2001:db8::/32",
    "[2001:db8::7]:443",
    "/gate.php?id=",
    "/x",
    "http://bad.example/gate.php?id=1",
    "//bad.example/x",
    "http://192.0.2.7/gate.php?id=1",
    "a.b@bad.example",
    "A.b@bad.example",
    "ab".repeat(16),
    "ab".repeat(20),
    "ab".repeat(32),
    "xn--bcher-kva.example",
  ),
);

test("the fast path finds what parsing every line finds", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(record, fc.nat(2))), listed, (records, texts) => {
      const index = indexOf(...texts);
      // Values asked one by one, as of a small table, and together, as of a large one.
      const [fast, gathering] = [false, true].map(
        (together) => new LineMatcher(suricataEve.open(), index, own, together),
      );
      const reader = suricataEve.open();
      for (const [fields, indent] of records) {
        const line = JSON.stringify(fields, null, indent);
        const bytes = new TextEncoder().encode(`x${line}y`);
        const read = reader.parse(line);
        const slow = read?.ok === true ? matchRecord(read.value, index, own) : [];
        assert.deepEqual(fast?.line(bytes, 1, bytes.length - 1).matches, slow, line);
        assert.deepEqual(gathering?.line(bytes, 1, bytes.length - 1).matches, slow, line);
      }
    }),
    { numRuns: 1500 },
  );
});

test("a line with more values than are asked together is matched to its end", () => {
  const index = indexOf("bad.example", "2001:db8::/32", "203.0.113.0/24");
  for (const [last, count] of [
    ["www.bad.example", 1],
    ["good.example", 0],
  ] as const)
    for (const filling of [["a.b.c.d.e.f.g.example"], ["192.0.2.9", "2001:db9::7"]]) {
      const CNAME = [...Array.from({ length: 1000 }, () => filling).flat(), last];
      const line = JSON.stringify({
        ...{ timestamp: "2026-11-19T00:00:00.000000+0000", event_type: "dns", src_ip: "10.0.0.4", dest_ip: "10.0.0.1" },
        dns: { rrname: "x.example", grouped: { CNAME } },
      });
      const bytes = new TextEncoder().encode(line);
      for (const together of [false, true])
        assert.equal(
          new LineMatcher(suricataEve.open(), index, own, together).line(bytes, 0, bytes.length).matches.length,
          count,
        );
    }
});

test("the fast path finds what parsing finds in Zeek's logs too", () => {
  const zeekRecord = fc.record(
    {
      ts: fc.constant(1795046520.1),
      _path: fc.constantFrom("conn", "dns", "http", "ssl"),
      "id.orig_h": address,
      "id.orig_p": fc.constantFrom(50000, 443),
      "id.resp_h": address,
      "id.resp_p": fc.constantFrom(443, 8443),
      query: text,
      answers: fc.array(fc.oneof(host, address)),
      host: fc.oneof(host, address),
      uri: target,
      server_name: host,
    },
    { requiredKeys: ["ts", "_path"] },
  );
  fc.assert(
    fc.property(fc.array(zeekRecord), listed, (records, texts) => {
      const index = indexOf(...texts);
      const fast = new LineMatcher(zeek.open(), index, own);
      const reader = zeek.open();
      for (const fields of records) {
        const line = JSON.stringify(fields);
        const bytes = new TextEncoder().encode(line);
        const read = reader.parse(line);
        const slow = read?.ok === true ? matchRecord(read.value, index, own) : [];
        assert.deepEqual(fast.line(bytes, 0, bytes.length).matches, slow, line);
      }
    }),
    {
      numRuns: 600,
      // A Host header that is no host must not make another host's URL.
      examples: [
        [
          [{ ts: 1795046520.1, _path: "http", host: "bad.example/..", uri: "/gate.php?id=1" }],
          ["http://bad.example/gate.php?id=1"],
        ],
      ],
    },
  );
});
