// Hunts by STIX patterns that values alone do not decide: what a record tells a pattern, several records together, and errors.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import { askHunt, AskedHunts } from "#jobs/hunt/asked.ts";
import { type AskedRecord, KeptPattern, type PatternPage } from "#jobs/hunt/kept-pattern.ts";
import { observationOf } from "#jobs/hunt/observed.ts";
import { huntedPattern } from "#jobs/hunt/pattern-wanted.ts";
import type { HuntProgress, HuntResult } from "#jobs/hunt/port.ts";
import { wantedOf } from "#jobs/hunt/wanted.ts";
import { formats } from "#telemetry/index.ts";
import { emptied, history, secret, skip, stamp, worldOf, type World } from "./hunt-world.ts";
import { now, o } from "./incident-world.ts";

const eve = (minutes: number, more: object, us = "192.0.2.10"): object => ({
  ...{ timestamp: stamp(minutes), proto: "TCP", src_ip: us, src_port: 40_000 },
  ...{ dest_ip: "203.0.113.5", dest_port: 8443, app_proto: "http" },
  ...more,
});
const flow = (minutes: number, them = "203.0.113.5", port = 8443, us = "192.0.2.10"): object =>
  eve(
    minutes,
    { event_type: "flow", dest_ip: them, dest_port: port, flow: { bytes_toserver: 5000, bytes_toclient: 7 } },
    us,
  );
const dns = (minutes: number, name: string, us = "192.0.2.10"): object =>
  eve(
    minutes,
    {
      event_type: "dns",
      dest_ip: "192.0.2.53",
      dest_port: 53,
      dns: { type: "query", id: 1, rrname: name, rrtype: "A" },
    },
    us,
  );
const http = (minutes: number, url: string): object =>
  eve(minutes, {
    event_type: "http",
    http: { hostname: "files.evil.example", url, http_method: "POST", http_user_agent: "curl/8", status: 200 },
  });
const file = (minutes: number, name: string, md5: string): object =>
  eve(minutes, {
    event_type: "fileinfo",
    fileinfo: { filename: name, md5, size: 5 },
    http: { hostname: "a.example", url: "/x" },
  });

const rowOf = (record: object, line: number, format = "suricata-eve", organisation = "harbour"): AskedRecord => {
  const text = JSON.stringify(record);
  const read = formats
    .find(({ id }) => id === format)
    ?.open()
    .parse(text);
  assert.ok(read?.ok, JSON.stringify(read));
  const { time, event } = read.value;
  return { time, event, text, organisation, sensor: "s", format, batch: "s/1", line };
};
const kept = (pattern: string, walks = true): KeptPattern => {
  const hunted = huntedPattern(pattern);
  assert.ok(hunted.ok, JSON.stringify(hunted));
  return new KeptPattern(hunted.value.compiled, walks, () => ["192.0.2.0/24"]);
};
const asked = (pattern: string, records: readonly object[]): PatternPage =>
  kept(pattern).read(records.map((record, at) => rowOf(record, at + 1)));

test("what a record tells a pattern", () => {
  const records = [
    flow(9),
    http(8, "/up?x=1"),
    dns(7, "c2.evil.example"),
    file(6, "/tmp/drop.exe", "0123456789abcdef0123456789abcdef"),
  ];
  for (const [pattern, lines] of [
    ["[network-traffic:dst_port = 8443 AND network-traffic:src_byte_count > 4999]", [1]],
    ["[network-traffic:dst_port IN (53, 54)]", [3]],
    ["[network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port < 9000]", [1, 2, 4]],
    ["[network-traffic:dst_ref.value ISSUBSET '203.0.113.0/24' AND network-traffic:protocols[*] = 'tcp']", [1, 2, 4]],
    ["[network-traffic:dst_ref.value LIKE '%.evil.example']", [2]],
    ["[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:dst_port != 8443]", [3]],
    ["[network-traffic:extensions.'http-request-ext'.request_method = 'post']", [2]],
    ["[network-traffic:extensions.'http-request-ext'.request_value MATCHES '^/up\\\\?']", [2]],
    ["[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' LIKE 'curl/%']", [2]],
    ["[domain-name:value MATCHES '^c[0-9]\\\\.']", [3]],
    ["[url:value LIKE '%/up?x=%']", [2]],
    ["[file:name LIKE '%.exe' AND file:hashes.md5 = '0123456789ABCDEF0123456789abcdef']", [4]],
    ["[file:parent_directory_ref.path = '/tmp']", [4]],
    ["[ipv4-addr:value = '203.0.113.0/24' AND ipv4-addr:value != '203.0.113.9']", [1, 2, 4]],
    ["[domain-name:value = 'C2[.]evil.example' AND domain-name:value != 'x.example']", [3]],
    ["[network-traffic:dst_port = 1]", []],
  ] as const) {
    const page = asked(pattern, records);
    const texts = records.map((record) => JSON.stringify(record));
    assert.deepEqual(
      page.matches.flatMap((one) => one.map(({ text }) => texts.indexOf(text) + 1)),
      lines,
      pattern,
    );
    assert.deepEqual([{ ...page.unread }, { ...page.undecided }, page.letGo], [{}, {}, 0]);
  }
});

test("a process, its parent and its hashes; and no name that the policy took out", () => {
  const sysmon = {
    ...{ "@timestamp": "2026-11-20T08:00:00.000Z", EventID: 1, Channel: "Microsoft-Windows-Sysmon/Operational" },
    ...{ Computer: "ws1.example", UtcTime: "2026-11-20 08:00:00.000", User: "CORP\\alice" },
    ...{ Image: "C:\\Temp\\evil.exe", CommandLine: "evil.exe -x", ParentImage: "C:\\Windows\\explorer.exe" },
    Hashes: "MD5=0123456789ABCDEF0123456789ABCDEF",
  };
  const rows = [rowOf(sysmon, 1, "windows-json")];
  const isFound = (pattern: string): boolean => kept(pattern).read(rows).matches.length === 1;
  assert.ok(isFound("[process:name = 'evil.exe' AND process:parent_ref.name = 'explorer.exe']"));
  assert.ok(isFound("[process:command_line LIKE '% -x' AND process:image_ref.hashes.MD5 LIKE '0123%']"));
  assert.ok(isFound("[process:image_ref.parent_directory_ref.path = 'C:\\\\Temp']"));
  assert.ok(!isFound("[process:name = 'other.exe']"));
  const proxied = { ...(http(1, "/x") as Readonly<Record<string, unknown>>) };
  const record = formats
    .find(({ id }) => id === "suricata-eve")
    ?.open()
    .parse(JSON.stringify(proxied));
  assert.ok(record?.ok);
  const hidden = observationOf(record.value, new Set(["curl/8"]));
  assert.ok(!JSON.stringify([...hidden.byType.values()]).includes("curl/8"));
});

test("records of one organisation together: FOLLOWEDBY, WITHIN, REPEATS, AND, and what is left for the next match", () => {
  const beacon = "([domain-name:value LIKE 'c2.%'] FOLLOWEDBY [network-traffic:dst_port = 8443]) WITHIN 300 SECONDS";
  const story = [
    dns(60, "c2.a.example"),
    flow(58),
    flow(57),
    dns(30, "c2.b.example"),
    flow(20),
    dns(9, "c2.c.example"),
    flow(8),
  ];
  const page = asked(beacon, story);
  assert.deepEqual(
    page.matches.map((one) => one.map(({ time }) => (now - time) / 60_000)),
    [
      [60, 58],
      [9, 8],
    ],
  );
  assert.equal(asked("[network-traffic:dst_port = 8443] REPEATS 2 TIMES", story).matches.length, 2);
  assert.equal(asked("[network-traffic:dst_port = 8443] REPEATS 5 TIMES", story).matches.length, 0);
  assert.equal(
    asked("[domain-name:value = 'c2.c.example'] AND [network-traffic:dst_port = 8443]", story).matches.length,
    1,
  );
  // of two organisations nothing is joined
  const apart = [rowOf(dns(9, "c2.a.example"), 1), rowOf(flow(8), 1, "suricata-eve", "tram")];
  for (const walks of [true, false]) assert.equal(kept(beacon, walks).read(apart).matches.length, 0);
  // over two pages, and over two processes
  const [first, second] = [rowOf(dns(9, "c2.a.example"), 1), rowOf(flow(8), 2)];
  const one = kept(beacon);
  assert.deepEqual(one.read([first]).open.length, 1);
  assert.equal(one.read([second]).matches.length, 1);
  const other = kept(beacon);
  other.restore([first]);
  assert.equal(other.read([second]).matches.length, 1);
});

test("found true if and only if the pattern is true of all records together, however many and in whatever pages", () => {
  const patterns = [
    "[network-traffic:dst_port = 1] FOLLOWEDBY [network-traffic:dst_port = 2]",
    "([network-traffic:dst_port = 1] AND [network-traffic:dst_port = 2]) WITHIN 90 SECONDS",
    "([network-traffic:dst_port = 1] REPEATS 3 TIMES) WITHIN 240 SECONDS",
    "([network-traffic:dst_port = 1] FOLLOWEDBY [network-traffic:dst_port = 2] FOLLOWEDBY [network-traffic:dst_port = 3]) WITHIN 600 SECONDS",
    "[network-traffic:dst_port = 1] AND ([network-traffic:dst_port = 2] OR [network-traffic:dst_port = 3 AND network-traffic:src_port = 40000])",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...patterns),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 4 })), { maxLength: 40 }),
      fc.integer({ min: 1, max: 13 }),
      (pattern, steps, size) => {
        let minutes = 2000;
        const rows = steps.map(([port, later], at) => rowOf(flow((minutes -= later), "203.0.113.5", port), at + 1));
        const hunted = huntedPattern(pattern);
        assert.ok(hunted.ok);
        const whole = hunted.value.compiled.match(
          rows.map(({ text }) => {
            const read = formats
              .find(({ id }) => id === "suricata-eve")
              ?.open()
              .parse(text);
            assert.ok(read?.ok);
            return observationOf(read.value, new Set());
          }),
        );
        assert.ok(whole.ok);
        const asking = kept(pattern);
        let matches = 0;
        const used: string[] = [];
        for (let at = 0; at < rows.length; at += size)
          for (const one of asking.read(rows.slice(at, at + size)).matches) {
            matches++;
            used.push(...one.map(({ time, text }) => `${time} ${text}`));
          }
        assert.equal(matches > 0, whole.value.matches, pattern);
      },
    ),
    { numRuns: 200 },
  );
});

test("what is held has an end, and what is let go of is counted", () => {
  const pattern = "[network-traffic:dst_port = 8443] FOLLOWEDBY [network-traffic:dst_port = 1]";
  const rows = Array.from({ length: 3_000 }, (_, at) => rowOf(flow(5_000 - at), at + 1));
  const asking = kept(pattern);
  let letGo = 0;
  for (let at = 0; at < rows.length; at += 500) {
    const page = asking.read(rows.slice(at, at + 500));
    letGo += page.letGo;
    assert.ok(page.open.length <= 2_000);
  }
  assert.equal(letGo, 1_000);
});

test("a pattern that no kept record can make true, or that is none, is refused with its place", () => {
  const codeOf = (pattern: string): readonly unknown[] => {
    const wanted = wantedOf({ pattern });
    return wanted.ok ? ["ok"] : [wanted.problem.code, wanted.problem.with?.["column"] ?? wanted.problem.at];
  };
  assert.deepEqual(codeOf("[windows-registry-key:key = 'x' AND windows-registry-key:values[0].name = 'y']"), [
    "WGL_HUNT_PATTERN",
    2,
  ]);
  assert.deepEqual(codeOf("[file:size > 5]"), ["WGL_HUNT_PATTERN", 2]);
  assert.deepEqual(codeOf("[url:value LIKE 'x%'] AND [mutex:name = 'y']"), ["WGL_HUNT_PATTERN", 28]);
  assert.deepEqual(codeOf("[url:value LIKE 'x%'] OR [mutex:name = 'y']"), ["ok"]);
  assert.deepEqual(codeOf("[url:value LIKE 'x%' AND file:name = 'y']"), ["WGL_STIX_PATTERN_NEVER", 1]);
  assert.deepEqual(codeOf("[url:value LIKE 'x%'"), ["WGL_STIX_PATTERN", 21]);
  assert.deepEqual(codeOf("[file:name MATCHES '(a)\\\\1']"), ["WGL_ROW_REGEX", "character 20"]);
  assert.deepEqual(codeOf("[ipv4-addr:value = 'nonsense' AND ipv4-addr:value != '192.0.2.1']"), [
    "WGL_STIX_PATTERN",
    20,
  ]);
  assert.deepEqual(codeOf("[network-traffic:dst_port = 5 AND network-traffic:dst_ref.value LIKE '%']"), ["ok"]);
});

test("a pattern names values by which its records are found, or all are read", () => {
  const anchorsOf = (pattern: string): readonly string[] | undefined => {
    const hunted = huntedPattern(pattern);
    assert.ok(hunted.ok, JSON.stringify(hunted));
    return hunted.value.anchors?.map(({ kind, value }) => `${kind} ${value}`);
  };
  assert.deepEqual(anchorsOf("[domain-name:value = 'A.example'] AND [ipv4-addr:value ISSUBSET '192.0.2.0/24']"), [
    "domain a.example",
    "cidr 192.0.2.0/24",
  ]);
  assert.deepEqual(anchorsOf("[network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port > 1000]"), [
    "ipv4 203.0.113.5",
  ]);
  assert.equal(anchorsOf("[domain-name:value = 'a.example'] FOLLOWEDBY [network-traffic:dst_port = 8443]"), undefined);
  assert.equal(anchorsOf("[domain-name:value = 'a.example' OR domain-name:value LIKE 'b%']"), undefined);
  assert.equal(anchorsOf("[domain-name:value != 'a.example']"), undefined);
});

const hunted = async (
  { hunting, sql }: World,
  pattern: string,
  organisation?: string,
): Promise<{ readonly hunt: HuntProgress; readonly results: readonly HuntResult[]; readonly turns: number }> => {
  const { state, directory } = hunting;
  const wanted = wantedOf({ pattern });
  assert.ok(wanted.ok, JSON.stringify(wanted));
  const id = randomUUID();
  const ask = await askHunt(state, {
    ...{ id, ofStaff: true, who: "lo", purpose: "a case", pattern, ...wanted.value },
    ...{ from: instant(0), to: instant(now + 1), at: now },
    ...(organisation === undefined ? {} : { organisation: o(organisation) }),
  });
  assert.ok(ask.ok);
  for (let turns = 1; ; turns++) {
    // each turn another process: what is held comes from state
    const hunt = await new AskedHunts({ state, past: history, directory, secret, now: () => now }).turn();
    assert.ok(hunt);
    if (hunt.state === "running") continue;
    assert.equal(hunt.state, "done", JSON.stringify(hunt.problem));
    const rows = await sql`select result, at, organisation from hunt_result where hunt = ${id} order by nth`;
    return {
      ...{ hunt, turns },
      results: rows.map((row) => ({
        ...(row["result"] as HuntResult),
        time: row["at"] as HuntResult["time"],
        organisation: row["organisation"] as HuntResult["organisation"],
      })),
    };
  }
};

test("hunts by patterns over what is kept: by their values, or through all of it, page after page in any process", {
  skip,
}, async (t) => {
  await emptied();
  const world = await worldOf(t);
  const quiet = Array.from({ length: 4_500 }, (_, at) => flow(3_000 + at / 10, "198.51.100.9", 443));
  await world.bring(0, [dns(6_000, "c2.evil.example"), ...quiet, flow(5, "203.0.113.5", 8443), http(4, "/up")]);
  await world.bring(1, [dns(70, "c2.evil.example"), flow(60, "203.0.113.5", 4444)]);
  await world.bringText(
    1,
    `ts,te,sa,da,sp,dp,pr,ibyt\n2026-11-01 10:00:00,2026-11-01 10:00:01,192.0.2.9,203.0.113.77,40000,31337,TCP,5000\n`,
    "netflow",
  );
  await world.matchAll();
  await world.keepAll();
  // by its value
  const one = await hunted(
    world,
    "[network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port > 8000]",
  );
  assert.deepEqual([one.hunt.patterned?.anchored, one.hunt.read, one.hunt.found], [true, 3, 2]);
  assert.deepEqual(
    one.results.map(({ pattern, direction, own, seen }) => [pattern, direction, own, seen.value]),
    [1, 2].map((match) => [{ match, records: 1 }, "outbound", "192.0.2.10", "192.0.2.10"]),
  );
  // through all of it, and rows of nfdump by their head
  const port = await hunted(world, "[network-traffic:dst_port = 31337 AND network-traffic:src_byte_count >= 5000]");
  assert.deepEqual([port.hunt.patterned?.anchored, port.hunt.found, port.hunt.read], [false, 1, 4_506]);
  assert.deepEqual({ ...port.hunt.patterned?.unread }, {});
  assert.ok(port.results[0]?.text.includes("203.0.113.77"));
  // several records of one organisation, held from page to page
  const both = await hunted(world, "[domain-name:value LIKE 'c2.%'] FOLLOWEDBY [network-traffic:dst_port = 8443]");
  assert.ok(both.turns > 1);
  assert.deepEqual(
    both.results.map(({ organisation, pattern }) => [organisation, pattern]),
    [1, 2].map(() => [o("harbour"), { match: 1, records: 2 }]),
  );
  assert.equal(both.hunt.patterned?.open, undefined);
  assert.equal(
    (await hunted(world, "[domain-name:value LIKE 'c2.%'] FOLLOWEDBY [network-traffic:dst_port = 8443]", "tram")).hunt
      .found,
    0,
  );
  // by values of several records
  const named = await hunted(
    world,
    "[domain-name:value = 'c2.evil.example'] FOLLOWEDBY [ipv4-addr:value = '203.0.113.5']",
  );
  assert.deepEqual([named.hunt.patterned?.anchored, named.hunt.patterned?.matches, named.hunt.found], [true, 2, 4]);
  // values alone go the way they went
  const values = await hunted(world, "[ipv4-addr:value = '203.0.113.77' OR domain-name:value = 'x.example']");
  assert.deepEqual([values.hunt.patterned, values.hunt.found, values.results[0]?.where], [undefined, 1, "destination"]);
  const [leaf = {}] = await world.sql`select data from evidence_leaf where subject = ${both.hunt.id}`;
  assert.match((leaf["data"] as { readonly pattern: string }).pattern, /FOLLOWEDBY/);
});
