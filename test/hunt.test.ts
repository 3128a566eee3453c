import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Sql } from "postgres";
import { day } from "#core/instant.ts";
import { ipv4Number } from "#core/ip.ts";
import type { Observable } from "#core/observable.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { indicatorId } from "#intel/indicator.ts";
import { huntChanges, huntReader, recordsAtOnce } from "#jobs/hunt/hunt.ts";
import { coversOf, huntKeys } from "#jobs/hunt/keys.ts";
import type { State } from "#jobs/ports.ts";
import { caughtUp } from "./cluster.ts";
import { emptied, flow, keptAsBefore, secret, skip, stamp, worldOf } from "./hunt-world.ts";
import { now } from "./incident-world.ts";

const ours = fc.constantFrom("192.0.2.10", "192.0.2.11", "10.0.0.7");
const theirs = fc.constantFrom(
  "45.155.205.5",
  "45.155.205.77",
  "45.155.9.9",
  "91.92.1.1",
  "2a0e:97c0:3ea::5",
  "2a0e:97c0:9::1",
);
const name = fc.constantFrom("bad.example", "www.bad.example", "a.b.bad.example", "notbad.example", "shop.example");
const path = fc.constantFrom("/kit/login.php?id=7", "/kit/", "/index.html", "/kit/login.php");
const minutesAgo = fc.integer({ min: 1, max: 90 * 24 * 60 });
const base = { minutesAgo, ours, theirs, port: fc.constantFrom(443, 8080) };

/** A line of EVE JSON. */
const event = fc.oneof(
  fc.record({ ...base, inbound: fc.boolean() }).map(({ minutesAgo: ago, ours: us, theirs: them, port, inbound }) => ({
    ...{ timestamp: stamp(ago), event_type: "flow", proto: "TCP" },
    ...(inbound
      ? { src_ip: them, src_port: 40_000, dest_ip: us, dest_port: port }
      : { src_ip: us, src_port: 40_000, dest_ip: them, dest_port: port }),
    flow: { bytes_toserver: 1 },
  })),
  fc.record({ ...base, name, answer: theirs }).map(({ minutesAgo: ago, ours: us, name: asked, answer }) => ({
    ...{ timestamp: stamp(ago), event_type: "dns", proto: "UDP", src_ip: us, src_port: 5353 },
    ...{ dest_ip: "192.0.2.53", dest_port: 53 },
    dns: {
      type: "answer",
      rrname: asked,
      rrtype: "A",
      rcode: "NOERROR",
      answers: [{ rrname: asked, rrtype: "A", rdata: answer }],
    },
  })),
  fc
    .record({ ...base, name, path })
    .map(({ minutesAgo: ago, ours: us, theirs: them, port, name: host, path: url }) => ({
      ...{
        timestamp: stamp(ago),
        event_type: "http",
        proto: "TCP",
        src_ip: us,
        src_port: 4000,
        dest_ip: them,
        dest_port: port,
      },
      http: { hostname: host, url, http_method: "GET", protocol: "HTTP/1.1" },
    })),
);

const listed: readonly Observable[] = [
  { kind: "ipv4", value: "45.155.205.5" },
  { kind: "cidr", value: "45.155.205.0/26" },
  { kind: "cidr", value: "45.155.0.0/16" },
  { kind: "cidr", value: "91.0.0.0/8" },
  { kind: "cidr", value: "45.155.200.0/21" },
  { kind: "ipv6", value: "2a0e:97c0:3ea::5" },
  { kind: "cidr", value: "2a0e:97c0::/29" },
  { kind: "cidr", value: "2a0e:97c0:3ea::/64" },
  { kind: "domain", value: "bad.example" },
  { kind: "domain", value: "b.bad.example" },
  { kind: "endpoint", value: "45.155.9.9:8080" },
  { kind: "endpoint", value: "bad.example:8080" },
  { kind: "url", value: "https://www.bad.example/kit/login.php?id=7" },
  { kind: "url", value: "//bad.example/index.html" },
  { kind: "path", value: "/kit/" },
  { kind: "path", value: "/kit/login.php?id=7" },
];

/** All that live matching and a hunt must agree on. */
const told = async (sql: Sql): Promise<unknown> => ({
  hits: await sql`select id, detector, observable_kind, observable_value, indicator_kind, indicator_value, sources, seen_where, direction,
    time, severity, attack, source, destination, file, line, evidence from hit order by id`,
  findings:
    await sql`select id, organisation, asset, problem_type, problem_about, severity, certainty, state, shadow, first_seen, last_seen, hits,
    veiled, tlp from finding order by id`,
});

test("huntChanges() after the fact says what live matching would have said had the indicator been known", {
  skip,
}, async (t) => {
  const [live, late] = [await worldOf(t), await worldOf(t)];
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(0, 1), fc.array(event, { minLength: 1, maxLength: 12 })), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.uniqueArray(fc.constantFrom(...listed), { minLength: 1, maxLength: 6, selector: (one) => one.value }),
      fc.boolean(),
      async (batches, known, before) => {
        await emptied();
        for (const world of [live, late]) await world.empty();
        for (const [sensor, lines] of batches) for (const world of [live, late]) await world.bring(sensor, lines);

        await live.learn(known);
        await live.matchAll();

        await late.matchAll();
        await late.keepAll();
        // an older waglan kept it
        if (before) await keptAsBefore();
        await late.learn(known);
        await late.huntAll();

        // batches are named alike up to their numbers, which evidence does not show
        assert.deepEqual(await told(late.sql), await told(live.sql));
        const [row] = await late.sql`select count(*)::int as n, count(hunted)::int as back from hit`;
        assert.equal(row?.["back"], row?.["n"], "each hit carries that it was found backwards");
        hits += Number(row?.["n"]);

        // and once more, by whoever forgot where it stood: nothing doubles
        await late.sql`delete from deployment where key = 'reader:hunt'`;
        await late.sql`delete from hunted_indicator`;
        await late.huntAll();
        assert.deepEqual(await told(late.sql), await told(live.sql));

        // nor does a hunt double what was matched live
        await live.keepAll();
        await live.huntAll();
        assert.deepEqual(await told(late.sql), await told(live.sql));
      },
    ),
    { numRuns: 12 },
  );
  t.diagnostic(`${hits} hits found backwards`);
  assert.ok(hits > 10, `the worlds show something: ${hits}`);
});

test("huntKeys() leads to every value that the match index finds, by itself or by what covers it", () => {
  const text = ({ kind, value }: Observable): string => `${kind} ${value}`;
  const seen = fc.oneof(
    theirs.map((value): Observable => ({ kind: value.includes(":") ? "ipv6" : "ipv4", value })),
    name.map((value): Observable => ({ kind: "domain", value })),
    fc.tuple(name, path).map(([host, rest]): Observable => ({ kind: "url", value: `http://${host}${rest}` })),
    path.map((value): Observable => ({ kind: "path", value })),
    fc.constantFrom<Observable>(
      { kind: "endpoint", value: "45.155.9.9:8080" },
      { kind: "endpoint", value: "www.bad.example:8080" },
    ),
  );
  fc.assert(
    fc.property(seen, fc.constantFrom(...listed), fc.constantFrom(0, 443, 8080), (one, wanted, port) => {
      const index = buildMatchIndex([{ id: 1, observable: wanted }], Buffer.alloc(16, 3));
      if (index.lookup(one, port).length === 0) return;
      const { values, covers, network } = huntKeys(wanted);
      const [asked, under] = [new Set(values.map(text)), new Set(covers.map(text))];
      const within = ({ kind, value }: Observable): boolean => {
        const address = kind === "ipv4" ? ipv4Number(value) : -1;
        return network !== undefined && address >= network.first && address <= network.last;
      };
      assert.ok(
        asked.has(text(one)) || within(one) || coversOf(one).some((cover) => under.has(text(cover)) || within(cover)),
        `${text(one)} by ${text(wanted)}`,
      );
    }),
    { numRuns: 2000 },
  );
});

test("a finding of the past is dated back and says so; what only corroborates finds nothing", { skip }, async (t) => {
  const world = await worldOf(t);
  await emptied();
  await world.bring(0, [flow("45.155.205.5", 41 * 24 * 60), flow("45.155.205.5", 5), flow("91.92.1.1", 60)]);
  await world.matchAll();
  await world.keepAll();
  await world.learn([{ kind: "ipv4", value: "91.92.1.1" }], "quiet");
  assert.deepEqual(await world.huntAll(), [0]);
  await world.learn([{ kind: "ipv4", value: "45.155.205.5" }]);
  assert.deepEqual(await world.huntAll(), [2]);
  const rows =
    await world.sql`select f.first_seen, f.opened, e.what, e.detail from finding f join finding_history e on e.finding = f.n order by e.n`;
  assert.deepEqual(
    rows.map((row) => [row["what"], row["detail"]]),
    [
      ["opened", { hits: 2 }],
      ["found-back", { days: 41 }],
    ],
  );
  assert.equal(rows[0]?.["first_seen"], now - 41 * day);
  assert.equal(rows[0]?.["opened"], now);
  // the same said again is not hunted again; gone and back it is, for it may have been missed meanwhile
  await world.learn([{ kind: "ipv4", value: "45.155.205.5" }]);
  assert.deepEqual(await world.huntAll(), [0]);
  const asked = (await world.sql`select indicator from hunted_indicator`).map((row) => row["indicator"] as string);
  assert.deepEqual(asked, [indicatorId(secret, { kind: "ipv4", value: "45.155.205.5" })]);
});

test("a hunt waits for what was matched before its indicator was known and is not kept yet", { skip }, async (t) => {
  const world = await worldOf(t);
  await emptied();
  await world.bring(0, [flow("45.155.205.5", 10)]);
  await world.matchAll();
  await world.learn([{ kind: "ipv4", value: "45.155.205.5" }]);
  await caughtUp(world.sql);
  assert.equal((await huntChanges(world.hunting))?.kind, "waiting");
  await world.keepAll();
  assert.deepEqual(await world.huntAll(), [1]);
});

test("a hunt that dies between two pages goes on to the same end", { skip }, async (t) => {
  const world = await worldOf(t);
  await emptied();
  const lines = Array.from({ length: 2500 }, (_, at) => flow("45.155.205.5", 3000 - at, `192.0.2.${at % 5}`));
  await world.bring(0, lines);
  await world.matchAll();
  await world.keepAll();
  await world.learn([{ kind: "ipv4", value: "45.155.205.5" }]);
  await caughtUp(world.sql);
  assert.equal((await huntChanges(world.hunting))?.hits, recordsAtOnce);
  // the process dies while it writes the second page: history was asked, state has nothing of it
  const dying: State = {
    ...world.state,
    act: (work) =>
      world.state.act(async (tx) => {
        const made = await work({
          ...tx,
          queue: { ...tx.queue, moveCursor: () => Promise.reject(new Error("killed")) },
        });
        return made;
      }),
  };
  await assert.rejects(huntChanges({ ...world.hunting, state: dying }), /killed/);
  const [place] = await world.sql`select value from deployment where key = ${`reader:${huntReader}`}`;
  assert.ok(JSON.stringify(place).includes('"after"'), "the place of the first page");
  // a page that is full is not known to be the last
  const pages = Array.from({ length: 2500 / recordsAtOnce - 1 }, () => recordsAtOnce);
  assert.deepEqual(await world.huntAll(), [...pages, 0]);
  const [row] = await world.sql`select count(*)::int as hits, (select sum(hits)::int from finding) as counted from hit`;
  assert.deepEqual({ ...row }, { hits: 2500, counted: 2500 });
});

test("who is no member any more is told nothing of the past", { skip }, async (t) => {
  const world = await worldOf(t);
  await emptied();
  await world.bring(0, [flow("45.155.205.5", 10)]);
  await world.matchAll();
  await world.keepAll();
  const { known } = world.hunting.directory;
  const left = {
    ...world.hunting,
    directory: { known: { ...known, organisation: () => undefined } },
  } as unknown as typeof world.hunting;
  await world.learn([{ kind: "ipv4", value: "45.155.205.5" }]);
  await caughtUp(world.sql);
  const hunted = await huntChanges(left);
  assert.deepEqual([hunted?.records, hunted?.hits], [1, 0]);
});
