import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Sql } from "postgres";
import type { Asset } from "#community/asset.ts";
import type { Directory } from "#community/directory.ts";
import { after, day, hour, type Instant, instant } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import type { Feed, RawReport } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { collect } from "#jobs/collect/collect.ts";
import { collectReports } from "#jobs/collect/reports.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { joinReportedAsset, joinReports, type JoiningReports } from "#jobs/inventory/join-reports.ts";
import type { State } from "#jobs/ports.ts";
import { type Alerting, raiseAlerts } from "#jobs/alerts/raise.ts";
import { stateOf } from "#store/state.ts";
import { caughtUp, testDatabase } from "./cluster.ts";
import { community, emptyDirectory, idOf, o, organisation } from "./incident-world.ts";

const start = instant(Date.parse("2026-11-20T06:00:00Z"));

const asset = (key: string, kind: Asset["kind"], value: string, some: Partial<Asset> = {}): Asset => ({
  ...{ id: `a-${key}-${kind}-${value}` as Asset["id"], organisation: o(key), kind, value, from: instant(0) },
  ...{ proof: "staff", worth: "normal" },
  ...some,
});

const directoryOf = (assets: readonly Asset[]): Directory => ({
  ...emptyDirectory,
  organisations: ["transport", "hospital", "landlord"].map((key) => organisation(key)),
  people: ["transport", "hospital", "landlord"].map((key) => ({
    ...{ id: `p-${key}` as never, key: `p-${key}`, name: `Chan of ${key}`, language: "en" as const },
    channels: [{ kind: "email", address: `chan@${key}.example`, proven: true } as never],
    organisations: [{ organisation: o(key), role: "security-contact" as const }],
  })),
  assets,
});

const usual: readonly Asset[] = [
  asset("transport", "network", "203.0.113.0/24"),
  asset("transport", "network", "2001:db8:7::/48"),
  asset("hospital", "domain", "hospital.example"),
  asset("hospital", "email-domain", "hospital.example"),
  asset("landlord", "network", "198.51.100.0/24"),
];

interface World {
  readonly sql: Sql;
  readonly state: State;
  readonly at: (now: Instant) => void;
  readonly now: () => Instant;
  readonly take: (feed: string, file: string, body: string, trusted?: boolean) => Promise<string>;
  readonly join: () => Promise<{ opened: number; gone: number; hits: number }>;
  readonly joining: JoiningReports;
  readonly told: () => Promise<number>;
  readonly own: (assets: readonly Asset[]) => Promise<void>;
}

const opened = async (t: TestContext, assets: readonly Asset[] = usual): Promise<World> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  let now = start;
  await state.act((tx) => tx.community.put(directoryOf(assets), now));
  const directory = new DirectoryMemory(state);
  await directory.refresh();
  const joining: JoiningReports = { state, directory, community, now: () => now };
  const alerting: Alerting = {
    ...{
      state,
      directory,
      titleOf: (feed) => feedById.get(feed)?.title ?? feed,
      portal: "https://waglan.example",
      idOf,
    },
    ...{ from: { name: "CERT", address: "cert@cert.example" }, answerKey: Buffer.alloc(32, 7), now: () => now },
  };
  return {
    ...{ sql, state, joining },
    now: () => now,
    at: (time) => {
      now = time;
    },
    take: async (feed, file, body, trusted = true) => {
      const known = feedById.get(feed);
      assert.ok(known, feed);
      const turn = await collect(
        { state, secret: "test", policy: { ...lenient, now }, shadow: !trusted, now, elapsed: () => 0 },
        known,
        Buffer.from(body),
        file,
      );
      return turn?.state ?? "busy";
    },
    join: async () => {
      const sum = { opened: 0, gone: 0, hits: 0 };
      await caughtUp(sql);
      for (;;) {
        const turn = await joinReports(joining);
        assert.ok(turn);
        sum.opened += turn.opened;
        sum.gone += turn.gone;
        sum.hits += turn.hits;
        if (!turn.more && turn.reports === 0) return sum;
      }
    },
    told: async () => {
      let mails = 0;
      for (;;) {
        const some = await raiseAlerts(alerting);
        if (some === undefined) return mails;
        mails += some;
      }
    },
    own: async (more) => {
      await state.act((tx) => tx.community.put(directoryOf(more), now));
      await directory.refresh();
    },
  };
};

const header = "timestamp,severity,ip,protocol,port,hostname,tag,asn,banner";
const telnet = (rows: readonly string[]): string => `${header}\n${rows.join("\n")}\n`;
const telnetRow = (time: string, ip: string, severity = "medium", hostname = ""): string =>
  `"${time}","${severity}","${ip}","tcp",23,"${hostname}","telnet",64500,"Router|Login:"`;

const findings = async (sql: Sql): Promise<readonly Record<string, unknown>[]> =>
  (
    await sql`select organisation, asset, problem_type as type, problem_about as about, severity, state, shadow, veiled, hits, first_seen, last_seen, detector
      from finding order by organisation, asset, problem_type, problem_about, veiled`
  ).map((row) => ({ ...row }));
const only = async (sql: Sql): Promise<Record<string, unknown>> => {
  const [one, ...others] = await findings(sql);
  assert.ok(one && others.length === 0, JSON.stringify([one, ...others]));
  return one;
};

test("a day's file becomes a finding and one mail to its owner; the same file again is nothing; the next day's counts on", async (t) => {
  const world = await opened(t);
  const { sql, take, join, told, at } = world;
  const first = telnet([
    telnetRow("2026-11-19 04:12:09", "203.0.113.24", "medium", "gate.city.example"),
    telnetRow("2026-11-19 16:40:31", "203.0.113.24"),
    telnetRow("2026-11-19 04:13:00", "192.0.2.9"),
  ]);
  assert.equal(await take("shadowserver", "2026-11-19-scan_telnet-city.csv", first), "healthy");
  assert.deepEqual(await join(), { opened: 1, gone: 0, hits: 2 });
  assert.equal(await told(), 1);
  const { first_seen, last_seen, ...finding } = await only(sql);
  assert.deepEqual(finding, {
    ...{ organisation: "transport", asset: "203.0.113.24", type: "vulnerable-system", about: "telnet" },
    ...{ severity: "medium", state: "notified", shadow: null, veiled: false, hits: 2, detector: "asset-reported" },
  });
  assert.deepEqual([first_seen, last_seen], [Date.parse("2026-11-19T04:12:09Z"), Date.parse("2026-11-19T16:40:31Z")]);
  const [mail] = await sql`select mail from outbox`;
  assert.ok(mail);
  const { text, subject } = mail["mail"] as { text: string; subject: string };
  assert.match(subject, /A system of yours is reported as open to attack/);
  for (const said of [
    /203\.0\.113\.24/,
    /telnet/,
    /Router\|Login/,
    /Shadowserver daily reports/,
    /Close the service/,
    /2026-11-19 16:40:31\sUTC/,
    /timestamp: 2026-11-19 16:40:31; severity: medium; ip: 203/,
  ])
    assert.match(text, said);
  assert.doesNotMatch(text, /192\.0\.2\.9/);

  assert.equal(await take("shadowserver", "2026-11-19-scan_telnet-city.csv", first), "healthy");
  assert.deepEqual(await join(), { opened: 0, gone: 0, hits: 0 });
  assert.equal((await only(sql))["hits"], 2);
  assert.equal(await told(), 0);

  at(after(start, day));
  const second = telnet([
    telnetRow("2026-11-20 04:11:59", "203.0.113.24"),
    telnetRow("2026-11-19 16:40:31", "203.0.113.24"),
  ]);
  assert.equal(await take("shadowserver", "2026-11-20-scan_telnet-city.csv", second), "healthy");
  assert.deepEqual(await join(), { opened: 0, gone: 0, hits: 1 });
  const again = await only(sql);
  assert.deepEqual([again["hits"], again["last_seen"]], [3, Date.parse("2026-11-20T04:11:59Z")]);
  assert.equal(await told(), 0);
  const [report] =
    await sql`select count, json_array_length(instances) as kept, severity from report where asset_value = '203.0.113.24'`;
  assert.deepEqual({ ...report }, { count: 3, kept: 3, severity: "medium" });
  // the port is the instance: one service, seen three times
  const instances = await sql`select key, hits from finding_instance`;
  assert.deepEqual(
    instances.map((row) => [row["key"], row["hits"]]),
    [["source 203.0.113.24:23", 3]],
  );
});

test("a finding is gone when its feed's rhythm passed without it, while the feed was heard; and comes back", async (t) => {
  const { sql, take, join, told, at, now } = await opened(t);
  await take(
    "shadowserver",
    "2026-11-20-scan_telnet-city.csv",
    telnet([telnetRow("2026-11-20 04:00:00", "203.0.113.24")]),
  );
  await join();
  assert.equal(await told(), 1);
  // four days without a file: the feed is silent, which says nothing of the problem
  at(after(start, 4 * day));
  assert.deepEqual(await join(), { opened: 0, gone: 0, hits: 0 });
  assert.equal((await only(sql))["state"], "notified");
  // a file about others: it was heard, and it did not speak of this one
  const other = telnet([telnetRow("2026-11-24 04:00:00", "192.0.2.9")]);
  await take("shadowserver", "2026-11-24-scan_telnet-city.csv", other);
  assert.deepEqual(await join(), { opened: 0, gone: 1, hits: 0 });
  assert.equal((await only(sql))["state"], "gone");
  assert.equal((await join()).gone, 0);
  at(after(now(), 2 * day));
  await take(
    "shadowserver",
    "2026-11-26-scan_telnet-city.csv",
    telnet([telnetRow("2026-11-26 04:00:00", "203.0.113.24")]),
  );
  assert.equal((await join()).opened, 1);
  const back = await only(sql);
  assert.deepEqual([back["state"], back["hits"]], ["reopened", 2]);
  assert.equal(await told(), 1);
  const events = await sql`select what from finding_history order by n`;
  assert.deepEqual(
    events.map((row) => row["what"]),
    ["opened", "told", "gone", "reopened", "told"],
  );
});

test("a thousand sightings are one finding with their number, five rows of evidence, and a file that comes late counts too", async (t) => {
  const { sql, take, join } = await opened(t);
  const columns = "timestamp,protocol,src_ip,src_port,dst_ip,dst_port,infection,severity";
  const rows = (dayOf: string, count: number): string =>
    Array.from({ length: count }, (_, at) => {
      const time = `${dayOf} ${String(at % 24).padStart(2, "0")}:${String(Math.floor(at / 24) % 60).padStart(2, "0")}:00`;
      return `${time},tcp,203.0.113.24,${10_000 + at},192.0.2.7,443,Sample Bot,`;
    }).join("\n");
  await take("shadowserver", "2026-11-19-event4_sinkhole-city.csv", `${columns}\n${rows("2026-11-19", 1000)}\n`);
  assert.deepEqual(await join(), { opened: 1, gone: 0, hits: 5 });
  const one = await only(sql);
  assert.deepEqual(
    [one["type"], one["about"], one["severity"], one["hits"], one["first_seen"]],
    ["infected-system", "sample-bot", "critical", 1000, Date.parse("2026-11-19T00:00:00Z")],
  );
  // the day before arrives a day late: all its sightings are older than those kept
  await take("shadowserver", "2026-11-18-event4_sinkhole-city.csv", `${columns}\n${rows("2026-11-18", 40)}\n`);
  await join();
  const later = await only(sql);
  assert.deepEqual([later["hits"], later["first_seen"]], [1040, Date.parse("2026-11-18T00:00:00Z")]);
  await take("shadowserver", "2026-11-18-event4_sinkhole-city.csv", `${columns}\n${rows("2026-11-18", 40)}\n`);
  await join();
  assert.equal((await only(sql))["hits"], 1040);
  const [kept] =
    await sql`select (select count(*)::int from hit) as hits, (select source from hit order by time desc limit 1) as source`;
  assert.equal(kept?.["hits"], 6);
  assert.deepEqual(kept?.["source"], { address: "203.0.113.24", port: 10_000 + 23 + 24 * 40 });
});

test("content goes to the name and a device to the address; who owns neither hears nothing", async (t) => {
  const { sql, take, join } = await opened(t);
  const row = (time: string, category: string) =>
    `${time},critical,198.51.100.9,tcp,80,,sample,http,bank/login.html,www.hospital.example,${category}`;
  await take(
    "shadowserver",
    "2026-11-19-compromised_website-city.csv",
    `timestamp,severity,ip,protocol,port,hostname,tag,application,url,http_host,category\n${row("2026-11-19 01:00:00", "phishing")}\n${row("2026-11-19 02:00:00", "")}\n`,
  );
  await join();
  assert.deepEqual(
    (await findings(sql)).map(({ organisation: owner, asset: value, type }) => [owner, value, type]),
    [
      ["hospital", "www.hospital.example", "phishing"],
      ["hospital", "www.hospital.example", "system-compromise"],
      ["landlord", "198.51.100.9", "system-compromise"],
    ],
  );
});

test("leaked accounts of a domain are one finding, and each account an instance in it", async (t) => {
  const { sql, take, join, told } = await opened(t);
  const body = JSON.stringify({
    Domain: "hospital.example",
    DomainEmails: ["ada@hospital.example", "ben@hospital.example"],
    Breach: { Name: "SampleShop", AddedDate: "2026-11-18T17:15:11Z", DataClasses: ["Passwords"] },
  });
  await take("hibp-callback", "callback.json", body);
  await join();
  const one = await only(sql);
  assert.deepEqual(
    [one["organisation"], one["asset"], one["type"], one["hits"]],
    ["hospital", "hospital.example", "data-leak", 2],
  );
  const instances = await sql`select key from finding_instance order by key`;
  assert.deepEqual(
    instances.map((row) => row["key"]),
    ["source ada@hospital.example", "source ben@hospital.example"],
  );
  assert.equal(await told(), 1);
});

test("a new asset hears of what was reported before, in the time it was theirs, once", async (t) => {
  const { sql, take, join, joining, own } = await opened(t, []);
  const rows = [18, 19, 20].map((of) => telnetRow(`2026-11-${of} 04:00:00`, "203.0.113.24"));
  await take("shadowserver", "2026-11-20-scan_telnet-city.csv", telnet(rows));
  assert.deepEqual(await join(), { opened: 0, gone: 0, hits: 0 });
  await own([asset("transport", "network", "203.0.113.0/24", { from: instant(Date.parse("2026-11-19T00:00:00Z")) })]);
  const network = { kind: "network", value: "203.0.113.0/24" } as const;
  assert.deepEqual(await joinReportedAsset(joining, network), { hits: 2, opened: 1 });
  const one = await only(sql);
  assert.deepEqual([one["hits"], one["first_seen"]], [2, Date.parse("2026-11-19T04:00:00Z")]);
  assert.deepEqual(await joinReportedAsset(joining, network), { hits: 0, opened: 0 });
  assert.equal((await only(sql))["hits"], 2);
  // and a name, by any way its report can be found
  await take(
    "shadowserver",
    "2026-11-20-scan6_telnet-city.csv",
    telnet([telnetRow("2026-11-20 05:00:00", "2001:db8:9::1", "high", "gate.hos_pital.example")]),
  );
  await join();
  await own([asset("hospital", "domain", "hos_pital.example")]);
  for (const value of ["hosxpital.example", "pital.example"])
    assert.deepEqual(await joinReportedAsset(joining, { kind: "domain", value }), { hits: 0, opened: 0 });
  assert.deepEqual(await joinReportedAsset(joining, { kind: "domain", value: "hos_pital.example" }), {
    hits: 1,
    opened: 1,
  });
  assert.deepEqual(
    (await findings(sql)).map(({ organisation: owner, asset: value }) => [owner, value]),
    [
      ["hospital", "gate.hos_pital.example"],
      ["transport", "203.0.113.24"],
    ],
  );
});

test("a feed in shadow, and what is marked above AMBER, make findings that staff alone see, beside those that are read", async (t) => {
  const { sql, state, take, join, told, now } = await opened(t);
  const body = telnet([telnetRow("2026-11-19 04:12:09", "203.0.113.24")]);
  await take("shadowserver", "2026-11-19-scan_telnet-city.csv", body, false);
  await join();
  assert.equal(await told(), 0);
  const hidden = await only(sql);
  assert.deepEqual([hidden["shadow"], hidden["veiled"], hidden["hits"]], ["new-feed", true, 1]);
  // the feed may speak: what it says from now on is read, what it said before stays where it is
  await state.act((tx) => tx.intel.setShadow("shadowserver", false));
  await take(
    "shadowserver",
    "2026-11-20-scan_telnet-city.csv",
    telnet([telnetRow("2026-11-20 04:12:09", "203.0.113.24")]),
  );
  await join();
  assert.equal(await told(), 1);
  const feed = feedById.get("cymru-cap") as Feed;
  await state.act((tx) => tx.intel.feed(feed, false));
  await collectReports({ state, secret: "test", now: now() }, feed, [
    {
      ...{ is: "report", asset: { kind: "ipv4", value: "203.0.113.24" }, type: "vulnerable-system", about: "telnet" },
      ...{ seenAt: now(), labels: [], tlp: "red", evidence: { secret: "yes" } },
    },
  ]);
  await join();
  const all = await findings(sql);
  assert.deepEqual(
    all.map(({ veiled, shadow, hits }) => [veiled, shadow, hits]),
    [
      [false, null, 1],
      [true, "new-feed", 2],
    ],
  );
  const told2 = await sql`select evidence from hit h join finding f on f.n = h.finding where not f.veiled`;
  assert.ok(told2.every((row) => !(row["evidence"] as string).includes("secret")));
});

test("information and context make no finding; corroboration raises the certainty of one, and makes none", async (t) => {
  const { sql, state, take, join, now } = await opened(t);
  await take(
    "shadowserver",
    "2026-11-19-device_id-city.csv",
    "timestamp,severity,ip,port,tag\n2026-11-19 00:00:00,info,203.0.113.24,443,router\n",
  );
  await take(
    "certstream",
    "stream.json",
    JSON.stringify({ data: { seen: 1_795_066_221, leaf_cert: { all_domains: ["www.hospital.example"] } } }),
  );
  const feed: Feed = { ...(feedById.get("cymru-cap") as Feed), voice: "corroborate" };
  await state.act((tx) => tx.intel.feed(feed, false));
  const said = (about: string, hours: number) =>
    collectReports({ state, secret: "test", now: now() }, feed, [
      {
        ...{ is: "report", asset: { kind: "ipv4", value: "203.0.113.24" }, type: "vulnerable-system", about },
        ...{ seenAt: after(now(), -hours * hour), labels: [], evidence: { by: "cymru" } },
      },
    ]);
  await said("telnet", 3);
  await join();
  assert.deepEqual(await findings(sql), []);
  assert.equal((await sql`select count(*)::int as n from report`)[0]?.["n"], 3);
  await take(
    "shadowserver",
    "2026-11-19-scan_telnet-city.csv",
    telnet([telnetRow("2026-11-20 04:12:09", "203.0.113.24")]),
  );
  await join();
  const [one] =
    await sql`select f.certainty, f.hits, array(select feed from finding_source s where s.finding = f.n order by 1) as feeds from finding f`;
  assert.deepEqual({ ...one }, { certainty: "almost-certain", hits: 1, feeds: ["cymru-cap", "shadowserver"] });
});

test("rows count once whatever batch, body and hour brings them, and rows older than our memory are not counted again", async (t) => {
  const { sql, state, at, now } = await opened(t);
  const feed = feedById.get("shadowserver") as Feed;
  await state.act((tx) => tx.intel.feed(feed, false));
  const row = (minutes: number): RawReport => ({
    is: "report",
    asset: { kind: "ipv4", value: "203.0.113.24" },
    type: "spam",
    about: "",
    labels: ["x"],
    seenAt: after(start, -minutes * 60_000),
    evidence: { minutes: String(minutes) },
  });
  const take = (minutes: readonly number[]) =>
    collectReports({ state, secret: "test", now: now() }, feed, minutes.map(row));
  assert.deepEqual(await take([1, 2, 3, 2]), { fresh: 3, reports: 1, added: 1 });
  const both = await Promise.all([take([3, 4, 5]), take([5, 4, 6]), take([6, 1])]);
  assert.equal(
    both.reduce((sum, one) => sum + one.fresh, 0),
    3,
  );
  assert.equal((await sql`select count from report`)[0]?.["count"], 6);
  // forty days on the digests are let go, and the same file counts nothing all the same
  at(after(start, 40 * day));
  assert.equal(await state.act((tx) => tx.reports.forget(now(), 100)), 6);
  assert.deepEqual(await take([1, 2, 3, 4, 5, 6]), { fresh: 0, reports: 0, added: 0 });
  assert.equal((await sql`select count from report`)[0]?.["count"], 6);
  await caughtUp(sql);
  const changes = await state.act((tx) => tx.reports.changes(undefined, 100));
  assert.deepEqual([...changes.fresh.values()], [6]);
});

test("texts that PostgreSQL cannot hold do not stop a report", async (t) => {
  const { sql, take, join } = await opened(t);
  const body = telnet([
    `"2026-11-19 04:12:09","medium","203.0.113.24","tcp",23,"","telnet",64500,"a\u0000b \\\\ {""x""}\ttab"`,
  ]);
  assert.equal(await take("shadowserver", "2026-11-19-scan_telnet-city.csv", body), "healthy");
  await join();
  const [hit] = await sql`select evidence from hit`;
  assert.match(hit?.["evidence"] as string, /banner: a\uFFFDb \\\\ \{"x"\}\ttab/);
});
