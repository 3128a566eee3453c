import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { readContactTables } from "#community/contact-tables.ts";
import { type Directory } from "#community/directory.ts";
import { instant } from "#core/instant.ts";
import { usualDecay } from "#intel/decay.ts";
import { joinReports } from "#jobs/inventory/join-reports.ts";
import { compareNotifications, readNotification } from "#jobs/move-in/compare.ts";
import { moveInContacts } from "#jobs/move-in/contacts.ts";
import { readIntelmqEvent } from "#jobs/move-in/intelmq-event.ts";
import { moveInIntelmq } from "#jobs/move-in/intelmq-events.ts";
import { objectsOf } from "#jobs/move-in/json-objects.ts";
import { dumpRecords } from "#jobs/move-in/records.ts";
import { caughtUp } from "./cluster.ts";
import { casesOf, corpora, skip } from "./feed-fixture-cases.ts";
import { fileOf, newHome, start } from "./move-in-world.ts";

const event = (fields: Readonly<Record<string, string>>) => readIntelmqEvent(new Map(Object.entries(fields)));

test("dumpRecords: CSV as PostgreSQL writes it and JSON lines give the same fields, however the bytes come", async () => {
  const values = [
    { id: "1", "source.ip": "203.0.113.7", extra: '{"a": "x,\\"y\\""}' },
    { id: "2", "source.ip": "2001:db8::7", extra: "two\nlines" },
  ];
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const csv = `id,"source.ip",extra,"time.source"\n${values.map((one) => `${Object.values(one).map(cell).join(",")},`).join("\n")}\n`;
  const json = values.map((one) => JSON.stringify({ ...one, "time.source": null })).join("\n");
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.boolean(), async (size, isCsv) => {
      const records = await Array.fromAsync(dumpRecords(fileOf(isCsv ? csv : json, size)()));
      assert.deepEqual(
        records.map(({ fields }) => fields.ok && Object.fromEntries(fields.value)),
        values,
      );
    }),
    { numRuns: 60 },
  );
});

test("dumpRecords: inner objects are named by their path, extra stays JSON, a broken line is a problem of its own", async () => {
  const text = `{"source":{"ip":"203.0.113.7","geolocation":{"cc":"HK"}},"extra":{"a":1}}\n{"source":\n{"id":7}`;
  const [first, second, third] = await Array.fromAsync(dumpRecords(fileOf(text)()));
  assert.deepEqual(first?.fields.ok && Object.fromEntries(first.fields.value), {
    ...{ "source.ip": "203.0.113.7", "source.geolocation.cc": "HK", extra: '{"a":1}' },
  });
  assert.equal(second?.fields.ok, false);
  assert.deepEqual(third?.fields.ok && Object.fromEntries(third.fields.value), { id: "7" });
  const torn = await Array.fromAsync(dumpRecords(fileOf("a,b\n1\n1,2\n")()));
  assert.deepEqual(
    torn.map(({ line, fields }) => [line, fields.ok]),
    [
      [2, false],
      [3, true],
    ],
  );
  const other = await Array.fromAsync(dumpRecords(fileOf("a,b\n1,2\n")(), { file: "x.csv", column: "c" }));
  assert.deepEqual(
    other.map(({ fields }) => !fields.ok && [fields.problem.code, fields.problem.with?.["column"]]),
    [["WGL_MOVE_TABLE", "c"]],
  );
});

test("readIntelmqEvent: content is about its name, a device about its address; IntelMQ's old words are known", () => {
  const both = { "source.ip": "203.0.113.7", "source.fqdn": "www.transport.example", "feed.name": "Some Feed" };
  const phishing = event({ ...both, "classification.type": "phishing" });
  assert.ok(phishing.ok);
  assert.equal(phishing.value.report?.asset.value, "www.transport.example");
  assert.equal(phishing.value.indicator?.observable.value, "www.transport.example");
  const bot = event({ ...both, "classification.type": "botnet drone", "malware.name": "QakBot" });
  assert.ok(bot.ok);
  assert.deepEqual(
    [bot.value.report?.asset.value, bot.value.report?.type, bot.value.report?.about, bot.value.feed],
    ["203.0.113.7", "infected-system", "qakbot", "imq-some-feed"],
  );
  assert.equal(bot.value.indicator, undefined);
  const listed = event({ ...both, "classification.type": "blacklist" });
  assert.ok(listed.ok && listed.value.report === undefined && listed.value.indicator !== undefined);
});

test("readIntelmqEvent refuses a type nobody knows, a broken address, and an event about nothing; an unknown TLP is RED", () => {
  const wrong = (fields: Readonly<Record<string, string>>) => {
    const read = event(fields);
    return read.ok ? undefined : read.problem.with?.["field"];
  };
  assert.equal(wrong({ "source.ip": "203.0.113.7", "classification.type": "weather" }), "classification.type");
  assert.equal(wrong({ "source.ip": "203.0.113.777", "classification.type": "scanner" }), "source.ip");
  assert.equal(wrong({ "classification.type": "scanner" }), "source.ip");
  const odd = event({ "source.ip": "203.0.113.7", "classification.type": "scanner", tlp: "PURPLE" });
  assert.equal(odd.ok && odd.value.report?.tlp, "red");
});

/** An EventDB as it would hold what IntelMQ's own parsers make of its fixtures. */
const eventDb = (): readonly Readonly<Record<string, string>>[] => {
  const rows: Record<string, string>[] = [];
  for (const folder of readdirSync(new URL("fixtures/intelmq/", corpora)).toSorted())
    for (const one of casesOf(`intelmq/${folder}`))
      for (const { observable, seenAt, classification, malware } of one.events) {
        if (observable === null) continue;
        const { kind } = observable;
        const value = String(observable.value);
        const key = { ipv4: "ip", ipv6: "ip", domain: "fqdn", url: "url", email: "account", cidr: "network" }[kind];
        if (key === undefined) continue;
        rows.push({
          id: String(rows.length + 1),
          ...{ "feed.provider": folder.split("-")[0] ?? "", "feed.name": folder },
          ...{ "classification.type": classification.type, [`source.${key}`]: value },
          ...(seenAt === null ? { "time.observation": "2026-11-20 10:00:00+00" } : { "time.source": seenAt }),
          ...(malware?.name === undefined ? {} : { "malware.name": malware.name }),
        });
      }
  return rows;
};

test("an EventDB moves in with its own times and feeds; taken, known and refused are all of it; again nothing changes", {
  skip,
}, async (t) => {
  const home = await newHome(t);
  const rows = eventDb();
  assert.ok(rows.length > 40, `only ${rows.length} events`);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const csv = [names.join(","), ...rows.map((row) => names.map((name) => `"${row[name] ?? ""}"`).join(","))].join("\n");
  const bad = `\n${names.map((name) => (name === "classification.type" ? "weather" : "x")).join(",")}`;
  const run = await moveInIntelmq(home.moving, home.telling, "events.csv", fileOf(csv + bad));
  const { counts } = run;
  assert.equal(counts["events"], rows.length + 1);
  // three made-up names of the fixtures are none that anybody could own
  assert.deepEqual(
    home.problems.flatMap(({ code, with: said }) => (code === "WGL_MOVE_ROW" ? [said?.["value"]] : [])),
    ["domain1", "domain2", "domain3", "weather"],
  );
  assert.equal(counts["refused"], 4);
  assert.equal(home.problems.findLast(({ code }) => code === "WGL_MOVE_ROW")?.at, `row ${rows.length + 2}`);
  assert.equal((counts["taken"] ?? 0) + (counts["known"] ?? 0) + 4, rows.length + 1);
  assert.equal(counts["known"], undefined);
  // every event is a report's sighting or a listed value
  const [sum] = await home.sql`select coalesce(sum(count), 0)::int as n from report`;
  assert.equal(sum?.["n"], counts["reported"]);
  assert.ok((counts["reported"] ?? 0) > 0 && (counts["listed"] ?? 0) > 0);
  const feeds = await home.sql`select feed, shadow from feed_state`;
  assert.ok(
    feeds.length >= 4 && feeds.every((row) => String(row["feed"]).startsWith("imq-") && row["shadow"] === true),
  );
  const before = await home.rows();
  const again = await moveInIntelmq(home.moving, home.telling, "events.csv", fileOf(csv + bad, 77));
  assert.equal(again.counts["known"], rows.length - 3);
  assert.equal(again.counts["taken"], undefined);
  assert.deepEqual(await home.rows(), before);
});

test("a run that was killed goes on behind its last batch; another file under its name begins anew", async (t) => {
  const home = await newHome(t);
  const row = (n: number): string =>
    JSON.stringify({
      ...{ id: n, "source.ip": `203.0.${n >> 8}.${n & 255}`, "classification.type": "infected-system" },
      "time.source": "2026-11-20T10:00:00Z",
    });
  const text = Array.from({ length: 5000 }, (_, n) => row(n)).join("\n");
  const torn = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text.slice(0, text.length - 1000));
    throw new Error("killed");
  };
  await assert.rejects(moveInIntelmq(home.moving, home.telling, "events", torn), /killed/);
  const [half] = await home.state.act((tx) => tx.moveIn.runs(1));
  assert.equal(half?.rows, 4000);
  assert.equal(half?.ended, undefined);
  const run = await moveInIntelmq(home.moving, home.telling, "events", fileOf(text));
  assert.equal(run.n, half?.n);
  assert.deepEqual([run.counts["events"], run.counts["taken"], run.counts["known"]], [5000, 5000, undefined]);
  assert.equal(await home.count("report_row"), 5000);

  await assert.rejects(moveInIntelmq(home.moving, home.telling, "other", torn), /killed/);
  const changed = await moveInIntelmq(home.moving, home.telling, "other", fileOf(`${row(9000)}\n${text}`));
  assert.deepEqual([changed.counts["events"], changed.counts["taken"]], [5001, 1]);
});

const tables: Readonly<Record<string, string>> = {
  "organisation.csv": 'organisation_id,name,sector_id,comment\n1,Transport Bureau,5,\n2,"Harbour, Ltd",,\n3,,,\n',
  "sector.csv": "sector_id,name\n5,Public Transport\n",
  "contact.csv":
    "contact_id,firstname,lastname,tel,openpgp_fpr,email,organisation_id\n1,Ada,Wong,+852 2345 6789,,ada@transport.example,1\n2,,,,,noc@harbour.example,2\n3,,,,,no address,2\n4,,,,,off@harbour.example,2\n5,Ada,Wong,,,ada@transport.example,2\n",
  "email_status.csv": "email,enabled\noff@harbour.example,f\n",
  "network.csv": "network_id,address,comment\n1,203.0.113.0/24,\n2,10.0.0.0/8,\n",
  "organisation_to_network.csv": "organisation_id,network_id\n1,1\n2,2\n2,77\n",
  "fqdn.csv": "fqdn_id,fqdn\n1,transport.example\n",
  "organisation_to_fqdn.csv": "organisation_id,fqdn_id\n1,1\n",
  "organisation_to_asn.csv": "organisation_id,asn\n2,64500\n",
  "organisation_automatic.csv":
    "organisation_automatic_id,name,import_source,import_time\n1,Transport Bureau,ripe,2026-10-01 00:00:00\n",
  "contact_automatic.csv":
    "contact_automatic_id,email,organisation_automatic_id,import_source\n1,abuse@isp.example,1,ripe\n",
  "network_automatic.csv": "network_automatic_id,address,import_source\n9,2001:db8:7::/48,ripe\n",
  "organisation_to_network_automatic.csv": "organisation_automatic_id,network_automatic_id\n1,9\n",
  "organisation_annotation.csv":
    'organisation_id,annotation\n1,"{""tag"": ""inhibition:scanner""}"\n1,"{""tag"": ""vip""}"\n',
  "national_cert.csv": "national_cert_id,country_code,organisation_id\n1,HK,1\n",
  "readme.csv": "a\n",
};
const dumps = Object.entries(tables).map(([file, text]) => ({ file: `dump/${file}`, chunks: fileOf(text, 11) }));

test("contact tables become organisations in shadow, people and assets; importers' rows are unproven; again nothing changes", async (t) => {
  const home = await newHome(t);
  const run = async (dryRun: boolean) => {
    await home.directory.refresh();
    const known = home.directory.known.directory;
    return moveInContacts({ ...home.moving, known, dryRun }, home.telling, "dump", dumps);
  };
  const dry = await run(true);
  assert.equal(await home.count("organisation"), 0);
  assert.equal(dry.counts["organisations"], 3);
  home.problems.length = 0;
  const { counts, refused } = await run(false);
  assert.deepEqual(
    [counts["organisations"], counts["contacts"], counts["networks"], counts["domains"], counts["asns"]],
    [3, 4, 2, 1, 1],
  );
  assert.equal(counts["files passed over"], 1);
  // row-exact: no name, no address, a network of everybody's, a network that is not there
  assert.deepEqual(
    home.problems.slice(0, refused).map(({ code, at }) => `${code} ${at ?? ""}`),
    [
      "WGL_MOVE_ROW organisation row 4",
      "WGL_EMAIL contact row 4",
      "WGL_ASSET_BROAD network row 3",
      "WGL_MOVE_REF organisation_to_network row 4",
    ],
  );
  assert.deepEqual(
    home.problems.slice(refused).map((one) => one.with?.["what"]),
    ["disabled address", "inhibition of organisation", "annotation of organisation", "national CERT"],
  );
  await home.directory.refresh();
  const { directory, assets } = home.directory.known;
  assert.ok(directory.organisations.every(({ shadow }) => shadow));
  assert.deepEqual(
    directory.organisations.map(({ key }) => key),
    ["harbour-ltd-m2", "transport-bureau-a1", "transport-bureau-m1"],
  );
  const proofs = Object.fromEntries(directory.assets.map(({ value, proof }) => [value, proof]));
  assert.deepEqual(
    [proofs["203.0.113.0/24"], proofs["2001:db8:7::/48"], proofs["AS64500"], proofs["transport.example"]],
    ["staff", "declared", "staff", "staff"],
  );
  const ada = directory.people.find(({ name }) => name === "Ada Wong");
  assert.equal(ada?.organisations.length, 2);
  assert.equal(assets.owners({ kind: "ipv4", value: "203.0.113.9" }, start).length, 1);
  const before = await home.rows();
  await run(false);
  assert.deepEqual(await home.rows(), before);
});

test("readContactTables keeps what people decided here", () => {
  const rows = (text: Readonly<Record<string, string>>[]) =>
    text.map((fields, n) => ({ at: `row ${n + 2}`, fields: new Map(Object.entries(fields)) }));
  const given = new Map([["organisation", rows([{ organisation_id: "1", name: "Transport Bureau" }])]]);
  const empty: Directory = {
    ...{ community: { names: { en: "Here" }, zone: "Asia/Hong_Kong" }, organisations: [], people: [], assets: [] },
    ...{ sensors: [], groups: [], agreements: [] },
  };
  const ids = (kind: string, key: string) => `${kind} ${key}`;
  const [made] = readContactTables(given, empty, ids, start).directory.organisations;
  assert.ok(made);
  const spoken = { ...empty, organisations: [{ ...made, shadow: false, zone: "UTC" }] };
  assert.deepEqual(readContactTables(given, spoken, ids, start).directory.organisations, []);
  const renamed = new Map([["organisation", rows([{ organisation_id: "1", name: "Mobility Bureau" }])]]);
  const [after] = readContactTables(renamed, spoken, ids, start).directory.organisations;
  assert.deepEqual(
    [after?.id, after?.key, after?.shadow, after?.names.en],
    [made.id, made.key, false, "Mobility Bureau"],
  );
});

test("readNotification reads mailgen's and plain columns, and says which field it cannot use", () => {
  const read = (fields: Readonly<Record<string, string>>) => readNotification(new Map(Object.entries(fields)));
  const mailgen = read({
    ...{ recipient_address: "ada@transport.example", sent_at: "2026-11-20 10:00:00+00", "source.ip": "203.0.113.9" },
    "classification.type": "vulnerable service",
  });
  assert.ok(mailgen.ok);
  assert.deepEqual([mailgen.value.type, mailgen.value.count], ["vulnerable-system", 1]);
  for (const [fields, field] of [
    [{ time: "soon", email: "a@b.example", type: "spam" }, "time"],
    [{ time: "2026-11-20", type: "spam" }, "recipient"],
    [{ time: "2026-11-20", email: "a@b.example", type: "weather" }, "classification"],
    [{ time: "2026-11-20", email: "a@b.example", type: "spam", count: "many" }, "count"],
  ] as const) {
    const wrong = read(fields);
    assert.equal(!wrong.ok && wrong.problem.with?.["field"], field);
  }
});

test("a parallel run says per organisation and problem who would have been told, and why not; it sends nothing", async (t) => {
  const home = await newHome(t);
  await moveInContacts(
    { ...home.moving, known: home.directory.known.directory, dryRun: false },
    home.telling,
    "dump",
    dumps,
  );
  await home.directory.refresh();
  const at = "2026-11-21T07:00:00Z";
  const seen = (n: number, ip: string, type: string, more: object = {}): string =>
    JSON.stringify({
      id: n,
      "source.ip": ip,
      "classification.type": type,
      "time.source": at,
      "feed.name": "x",
      ...more,
    });
  const events = [
    seen(1, "203.0.113.9", "infected-system"),
    seen(2, "203.0.113.10", "vulnerable-system"),
    seen(3, "203.0.113.11", "brute-force", { tlp: "RED" }),
  ].join("\n");
  await moveInIntelmq(home.moving, home.telling, "events", fileOf(events));
  const joining = {
    ...{ state: home.state, directory: home.directory, now: home.moving.now },
    community: { shadow: () => true, worth: () => "normal" as const, idOf: home.moving.ids },
    decay: usualDecay,
    listed: () => "other" as const,
  };
  await caughtUp(home.sql);
  while ((await joinReports(joining))?.more === true);
  const outbox = await home.count("outbox");
  const sent = [
    "time,recipient,asset,classification,count",
    `${at},ada@transport.example,203.0.113.9,infected-system,3`,
    `${at},ada@transport.example,203.0.113.11,spam,1`,
    `${at},ada@transport.example,203.0.113.12,spam,1`,
    `${at},ada@transport.example,198.51.100.1,spam,1`,
    `${at},noc@harbour.example,203.0.113.13,ddos,1`,
    `${at},who@else.example,203.0.113.13,ddos,1`,
    "2026-01-01T00:00:00Z,ada@transport.example,203.0.113.9,infected-system,1",
    "never,ada@transport.example,203.0.113.9,infected-system,1",
  ].join("\n");
  const compared = await compareNotifications(
    { ...home.moving, state: home.state, known: home.directory.known, decay: usualDecay },
    fileOf(sent)(),
    { since: instant(Date.parse("2026-11-21T00:00:00Z")), until: instant(Date.parse("2026-11-22T00:00:00Z")) },
    home.telling.problem,
  );
  assert.deepEqual(compared.read, { taken: 6, outside: 1, refused: 1 });
  const rows = compared.rows.map(({ organisation, type, verdict, reasons }) => [organisation, type, verdict, reasons]);
  const find = (organisation: string, type: string) => rows.find((row) => row[0] === organisation && row[1] === type);
  assert.deepEqual(find("transport-bureau-m1", "infected-system")?.slice(2), ["both", {}]);
  assert.deepEqual(find("transport-bureau-m1", "vulnerable-system")?.slice(2), ["only-us", { "they-did-not-tell": 1 }]);
  assert.deepEqual(find("harbour-ltd-m2", "ddos")?.slice(2), ["only-them", { "different-owner": 1 }]);
  assert.deepEqual(find("who@else.example", "ddos")?.slice(2), ["only-them", { "recipient-unknown": 1 }]);
  const spam = find("transport-bureau-m1", "spam");
  assert.equal(spam?.[2], "only-them");
  // 203.0.113.11 was reported by brute force, and only above what it may see
  assert.deepEqual(spam?.[3], { "told-as-another-problem": 1, "nothing-known-here": 1, "no-asset-registered": 1 });
  const ours = compared.rows.find(({ type }) => type === "infected-system")?.ours;
  assert.deepEqual([ours?.findings, ours?.told], [1, 0]);
  assert.equal(await home.count("outbox"), outbox);
});

test("objectsOf gives the exact bytes of each object of a bundle, however the bytes come, and says when it is cut short", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ id: fc.string(), deep: fc.jsonValue(), objects: fc.array(fc.string()) }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (objects, size, bare) => {
        const texts = objects.map((one) => JSON.stringify(one, undefined, 1));
        const text = bare
          ? `[${texts.join(" ,")}]`
          : `{"type":"bundle","objects":[${texts.join(",\n")}],"x_more":[{"no":1}],"id":"objects"}`;
        const got = await Array.fromAsync(objectsOf(fileOf(text, size)()));
        assert.deepEqual(
          got.map((one) => one.ok && Buffer.from(one.bytes).toString()),
          texts,
        );
      },
    ),
    { numRuns: 100 },
  );
  const cut = await Array.fromAsync(objectsOf(fileOf('{"objects":[{"a":1},{"b":')()));
  assert.deepEqual(
    cut.map((one) => one.ok),
    [true, false],
  );
});
