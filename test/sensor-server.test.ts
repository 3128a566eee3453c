import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { day, type Instant, instant, minute } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { type ParcelContent, parcelKey, printParcel } from "#jobs/sensors/parcel.ts";
import { readParcel } from "#jobs/sensors/read-parcel.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import { sensorViews } from "#store/sensors.ts";
import { now } from "./incident-world.ts";
import { openSensorWorld, type SensorWorld } from "./sensor-world.ts";

const time = (minutes: number): string => new Date(now + minutes * minute).toISOString().replace("Z", "+0000");
const flow = (destination: string, at: number, more: object = {}): string =>
  JSON.stringify({
    ...{ timestamp: time(at), event_type: "flow", src_ip: "10.20.4.31", src_port: 40_001 },
    ...{ dest_ip: destination, dest_port: 443, proto: "TCP", flow: { bytes_toserver: 90, bytes_toclient: 40 } },
    ...more,
  });
const question = (name: string, at: number): string =>
  JSON.stringify({
    ...{ timestamp: time(at), event_type: "dns", src_ip: "10.20.4.32", src_port: 40_002, dest_ip: "10.20.0.53" },
    ...{ dest_port: 53, proto: "UDP", dns: { type: "query", id: 7, rrname: name, rrtype: "TXT" } },
  });
/** A record whose user the field policy hashes, and one that only knocks. */
const records = Buffer.from(
  [
    flow("198.51.100.7", -60),
    flow("198.51.100.7", -59, { event_type: "ftp", ftp: { command: "USER", command_data: "wing" }, username: "wing" }),
    question("a.bad.example", -58),
    flow("198.51.100.200", -57),
    flow("203.0.113.9", -56),
    JSON.stringify({
      ...{ timestamp: time(-55), event_type: "flow", src_ip: "198.51.100.7", src_port: 999, dest_ip: "192.0.2.9" },
      ...{ dest_port: 22, proto: "TCP", flow: {} },
    }),
  ].join("\n"),
);
const listed: readonly Observable[] = [
  { kind: "ipv4", value: "198.51.100.7" },
  { kind: "domain", value: "bad.example" },
  { kind: "cidr", value: "198.51.100.192/26" },
  { kind: "endpoint", value: "203.0.113.9:443" },
];
const rules = {
  version: 1,
  decisions: [],
  packs: [
    {
      name: "site",
      files: [
        {
          path: "dns.yml",
          text: `title: Text asked for\nid: 30d73fb2-6bb2-5699-9697-7b51e64bfb1a\nstatus: stable\nauthor: CERT\ntags: [attack.exfiltration]\nlogsource: { category: dns }\ndetection:\n  name: { query|endswith: .example }\n  condition: name\nlevel: high\n`,
        },
      ],
    },
  ],
};

const open = async (t: Parameters<typeof openSensorWorld>[0]): Promise<SensorWorld> => {
  const world = await openSensorWorld(t, { listed, rules });
  await world.feed("list", "alert");
  await world.claim(listed.map((observable) => ({ feed: "list", observable })));
  return world;
};

const hitsOf = async ({ sql }: SensorWorld) =>
  sql`select h.id, f.organisation, f.asset, f.problem_type, h.severity, h.direction, h.seen_where, h.time, h.evidence as text
    from hit h join finding f on f.n = h.finding order by h.id`;
const backgroundOf = ({ sql }: SensorWorld) =>
  sql`select organisation, day::text as day, indicator_kind, indicator_value, why, hits from background order by 3, 4, 5`;

test("a parcel gives the hits that the records themselves give, under the same ids", async (t) => {
  const [far, near] = [await open(t), await open(t)];
  await far.bringRaw("harbour", "one", records);
  const content = near.look("harbour", records, listed);
  assert.ok(
    content.some((one) => "ruled" in one) && content.some((one) => "match" in one && one.match.weight === "background"),
  );
  const made = await near.bring("harbour", 1, content);
  const [raw, told] = [await hitsOf(far), await hitsOf(near)];
  assert.equal(told.length, 6);
  assert.equal(made.hits, 6);
  assert.deepEqual(told, raw);
  // the user that was hashed stands under the organisation's own key at both ends, and nowhere in the clear
  assert.ok(told.some(({ text }) => /"username":"[0-9a-f]{32}"/.test(text as string)));
  assert.ok(!JSON.stringify(told).includes("wing"));
  assert.deepEqual(await backgroundOf(near), await backgroundOf(far));
  // and both ways beside each other double nothing
  assert.equal((await near.bringRaw("harbour", "two", records))?.hits, 0);
  assert.deepEqual(await hitsOf(near), raw);
});

test("the same parcel twice doubles nothing, under its own key or another", async (t) => {
  const world = await open(t);
  const content = [...world.look("harbour", records, listed), dayLine];
  await world.bring("harbour", 1, content);
  const before = [await hitsOf(world), await backgroundOf(world)];
  assert.equal((await world.bring("harbour", 1, content)).kind, "duplicate");
  const text = printParcel({ version: 1, number: 1, made: world.clock.now, sensor: "edge-harbour" }, content);
  const other = await world.bringBytes("harbour", "another key", gzipSync(text));
  assert.deepEqual([other.hits, other.background], [0, 0]);
  assert.deepEqual([await hitsOf(world), await backgroundOf(world)], before);
  const [refused] = await world.sql`select rejected from telemetry_batch order by n desc limit 1`;
  assert.deepEqual(refused?.["rejected"], { WGL_PARCEL_KEY: 1 });
});

const dayLine: ParcelContent = {
  day: { day: "2026-11-20", kind: "ipv4", value: "198.51.100.7", why: "source inbound", hits: 212 },
};
const goodMatch: BatchMatch = {
  ...{ line: 1, weight: "finding", seen: { kind: "ipv4", value: "198.51.100.7" }, where: "destination" },
  ...{ indicator: { kind: "ipv4", value: "198.51.100.7" }, direction: "outbound", own: "10.20.4.31" },
  ...{ source: { address: "10.20.4.31", port: 40_001 }, destination: { address: "198.51.100.7", port: 443 } },
  ...{ time: now, text: "{}" },
};

test("what a sensor may not say is refused line by line, counted, and never believed", async (t) => {
  const world = await open(t);
  const wrong: readonly (readonly [string, unknown])[] = [
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, seen: { kind: "ipv4", value: "198.051.100.007" } } }],
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, seen: { kind: "toString", value: "198.51.100.7" } } }],
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, source: { address: "::ffff:10.20.4.31" } } }],
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, time: now + 2 * day } }],
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, time: "2026-11-21" } }],
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, time: -1 } }],
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, text: "x".repeat(1_048_577) } }],
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, text: "\ud800" } }],
    ["WGL_PARCEL_FIELD", { match: { ...goodMatch, where: "constructor" } }],
    ["WGL_PARCEL_FIELD", { match: [goodMatch] }],
    ["WGL_PARCEL_FIELD", { match: { ["__proto__"]: goodMatch } }],
    ["WGL_PARCEL_MEETS", { match: { ...goodMatch, indicator: { kind: "ipv4", value: "203.0.113.77" } } }],
    ["WGL_PARCEL_MEETS", { match: { ...goodMatch, indicator: { kind: "domain", value: "bad.example" } } }],
    ["WGL_PARCEL_FIELD", { day: { ...("day" in dayLine ? dayLine.day : {}), day: "2026-02-31" } }],
    ["WGL_PARCEL_FIELD", { day: { ...("day" in dayLine ? dayLine.day : {}), hits: 1e12 } }],
    ["WGL_PARCEL_FIELD", { day: { ...("day" in dayLine ? dayLine.day : {}), why: "<script>" } }],
    [
      "WGL_PARCEL_RULE",
      { ruled: { rule: { ...spoken, rule: "no such rule" }, line: 1, direction: "unknown", time: now, text: "" } },
    ],
    ["WGL_PARCEL_BEHAVIOUR", { behaviour: { ...behaviour, behaviour: "telepathy" } }],
    ["WGL_PARCEL_FIELD", { behaviour: { ...behaviour, because: [{ says: "constructor", with: {} }] } }],
    [
      "WGL_PARCEL_ASK",
      { answer: { ask: "00000000-0000-0000-0000-000000000000", page: 1, count: 0, days: [], done: true, matches: [] } },
    ],
    ["WGL_PARCEL_FIELD", { state: { at: now } }],
    ["WGL_PARCEL_LINE", { organisation: "tram" }],
    ["WGL_PARCEL_LINE", 7],
    ["WGL_PARCEL_HEAD", { parcel: { version: 1, number: 2, made: now, sensor: "edge-tram" } }],
  ];
  const lines = [
    JSON.stringify({ parcel: { version: 1, number: 1, made: now, sensor: "edge-harbour" } }),
    ...wrong.map(([, one]) => JSON.stringify(one)),
    "[".repeat(100_000),
    '{"match":',
    JSON.stringify({ match: { ...goodMatch, direction: "inbound", weight: "background", own: "203.0.113.5" } }),
    JSON.stringify({ end: { lines: wrong.length + 5 } }),
  ];
  const made = await world.bringBytes("harbour", parcelKey({ number: 1 }), gzipSync(`${lines.join("\n")}\n`));
  // the last one is true but for what follows from the record: that is done again here
  assert.deepEqual([made.lines, made.hits, made.opened], [lines.length, 1, 1]);
  const [hit] = await hitsOf(world);
  assert.deepEqual([hit?.["direction"], hit?.["asset"]], ["outbound", "10.20.4.31"]);
  const [batch] = await world.sql`select rejected, stored is not null as stored from telemetry_batch`;
  const counts: Record<string, number> = { WGL_PARCEL_LINE: 2 };
  for (const [code] of wrong) counts[code] = (counts[code] ?? 0) + 1;
  assert.deepEqual(batch, { rejected: counts, stored: true });
  const [told] = await world.sql`select lies from sensor_day`;
  assert.equal(Number(told?.["lies"]), wrong.length + 2);
  const problems = await world.sql`select line from telemetry_rejected order by line`;
  assert.deepEqual(
    problems.map((row) => row["line"]),
    lines.slice(1, -2).map((_, at) => at + 2),
  );
});

const spoken = {
  ...{ rule: "30d73fb2-6bb2-5699-9697-7b51e64bfb1a", title: "mine", severity: "critical", tactics: [], attack: [] },
  ...{ problem: "other", status: "stable", author: "" },
};
const behaviour = {
  ...{ behaviour: "beacon", time: now, first: now, last: now, entities: [{ kind: "address", value: "10.20.4.31" }] },
  ...{ problem: { type: "infected-system", about: "" }, severity: "high", certainty: "likely", score: 0.9, attack: [] },
  ...{ because: [{ says: "beacon.alone", with: { destination: "198.51.100.7" } }], evidence: [] },
};

test("whole parcels are refused: another sensor's, without a head, packed wrongly, a bomb, one that broke off", async (t) => {
  const world = await open(t);
  const head = { version: 1 as const, number: 1, made: now, sensor: "edge-tram" };
  const of = (text: string): Buffer => gzipSync(text);
  const cases: readonly (readonly [string, string, Uint8Array, number])[] = [
    ["WGL_PARCEL_SENSOR", "parcel.1", of(printParcel(head, [{ match: goodMatch }])), 0],
    ["WGL_PARCEL_HEAD", "a", of(JSON.stringify({ match: goodMatch })), 0],
    ["WGL_PARCEL_HEAD", "b", of(""), 0],
    ["WGL_BATCH_GZIP", "c", Buffer.from([0x1f, 0x8b, 8, 0, 1, 2]), 0],
    ["WGL_BATCH_SIZE", "d", of(" ".repeat(33 * 1024 * 1024)), 0],
    [
      "WGL_PARCEL_END",
      "parcel.9",
      of(
        printParcel({ ...head, number: 9, sensor: "edge-harbour" }, [{ match: goodMatch }]).replace(/\{"end".*\n/, ""),
      ),
      1,
    ],
  ];
  for (const [code, key, body, hits] of cases) {
    const made = await world.bringBytes("harbour", key, body);
    assert.equal(made.hits, hits, code);
    const [batch] = await world.sql`select rejected from telemetry_batch order by n desc limit 1`;
    assert.ok(Object.hasOwn(batch?.["rejected"] as object, code), `${code} ${JSON.stringify(batch)}`);
  }
  assert.equal((await hitsOf(world)).length, 1);
  const kept = await world.sql`select counts, refused, whole, body from sensor_parcel order by n`;
  assert.equal(kept.length, cases.length);
  assert.deepEqual(gunzipSync(kept[0]?.["body"] as Buffer), gunzipSync(cases[0]?.[2] as Uint8Array));
  assert.equal(kept.at(-1)?.["whole"], false);
});

test("any bytes at all are lines taken or lines refused, and never an exception", () => {
  const good = printParcel({ version: 1, number: 1, made: now, sensor: "edge-harbour" }, [
    { match: goodMatch },
    dayLine,
    { behaviour: behaviour as never },
  ]);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 12 }),
      fc.nat(good.length),
      (changes, cut) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        const { lines, content, refused, head, whole } = readParcel(bytes.subarray(0, cut), now);
        assert.ok(content.length + refused.length + 3 >= lines || head === undefined);
        assert.ok(!whole || head !== undefined || refused.length > 0);
      },
    ),
    { numRuns: 2000 },
  );
});

test("printed and read again it is the same", () => {
  const content: readonly ParcelContent[] = [
    { match: goodMatch, back: true },
    dayLine,
    { behaviour: behaviour as never },
    { ruled: { rule: spoken as never, line: 3, asset: "host-1", direction: "unknown", time: now, text: "…" } },
    { state: stateAt(now) },
  ];
  const head = { version: 1 as const, number: 3, epoch: "0123456789abcdef", made: now, sensor: "edge-harbour" };
  const read = readParcel(Buffer.from(printParcel(head, content)), now);
  assert.deepEqual(read.refused, []);
  assert.deepEqual(read.head, head);
  assert.deepEqual(
    read.content.map(({ said }) => said),
    content,
  );
  assert.ok(read.whole);
});

const stateAt = (at: Instant) => ({
  ...{
    at,
    program: "0.3.0",
    cursor: "abc",
    rules: "1",
    lines: 1000,
    late: 2,
    forgotten: 0,
    lost: 0,
    lagMs: 40,
    waiting: 0,
  },
  ...{
    rejected: [{ format: "suricata-eve", reason: "WGL_JSON", n: 3 }],
    memory: 90_000_000,
    disk: { used: 10, free: 20 },
  },
});

test("a sensor's state is its newest, and its counts add up whichever parcel comes first", async (t) => {
  const world = await open(t);
  await world.bring("harbour", 2, [{ state: stateAt(now) }]);
  await world.bring("harbour", 1, [{ state: { ...stateAt(instant(now - minute)), lost: 5 } }]);
  const [standing] = (await viewsOf(world).sensorStandings(["s-harbour"], instant(now - 7 * day))).values();
  assert.ok(standing);
  assert.deepEqual([standing.state?.at, standing.parcels, standing.newest], [now, 2, 2]);
  const [today] = standing.days;
  assert.deepEqual(
    [today?.lines, today?.rejected, today?.late, today?.lost, today?.parcels, today?.reasons],
    [2000, 6, 4, 5, 2, { "suricata-eve WGL_JSON": 6 }],
  );
  const [heard] = await world.sql`select events, rejected from sensor_heard where sensor = 's-harbour'`;
  assert.deepEqual([Number(heard?.["events"]), Number(heard?.["rejected"])], [2000, 6]);
});

const viewsOf = ({ sql }: SensorWorld) => sensorViews(sql);

test("what a sensor finds in what it had kept is told as found back", async (t) => {
  const world = await open(t);
  const old = { ...goodMatch, time: instant(now - 41 * day) };
  await world.bring("harbour", 1, [{ match: old, back: true }]);
  const [hit] = await world.sql`select hunted is not null as hunted from hit`;
  assert.deepEqual(hit, { hunted: true });
  const [event] = await world.sql`select detail from finding_history where what = 'found-back'`;
  assert.deepEqual(event?.["detail"], { days: 41 });
});
