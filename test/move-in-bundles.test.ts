import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type MispDocumentRead, type MispPlace, moveInMisp } from "#jobs/move-in/misp.ts";
import { mispApiPlace, mispFeedPlace } from "#jobs/move-in/misp-remote.ts";
import { moveInOpencti } from "#jobs/move-in/opencti.ts";
import { openEgress } from "#net/egress.ts";
import { fileOf, newHome } from "./move-in-world.ts";

const corpora = fileURLToPath(new URL("../../shared/corpora/", import.meta.url));
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";

const unpacked = (file: string): Uint8Array =>
  file.endsWith(".gz") ? gunzipSync(readFileSync(file)) : readFileSync(file);

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.json(?:\.gz)?$/.test(name) && !name.endsWith("EXPECTED.json"))
    .toSorted()
    .map((name) => join(folder, name));

const filesPlace = (files: readonly string[], exported = true): MispPlace => ({
  ...{ place: "files", exported },
  documents: async function* (): AsyncGenerator<MispDocumentRead> {
    for (const file of files) yield { name: file, body: async () => unpacked(file) };
  },
});
const texts = (events: readonly object[]): MispPlace => ({
  ...{ place: "texts", exported: true },
  documents: async function* (): AsyncGenerator<MispDocumentRead> {
    for (const [n, one] of events.entries()) yield { name: `${n}`, body: async () => Buffer.from(JSON.stringify(one)) };
  },
});

test("ESET's events move in from files with ids, dates and all values; again nothing changes", { skip }, async (t) => {
  const home = await newHome(t);
  const files = filesBelow(join(corpora, "feeds", "eset-misp"));
  const expected = JSON.parse(readFileSync(join(corpora, "feeds", "eset-misp", "EXPECTED.json"), "utf8")) as {
    readonly files: Readonly<Record<string, { readonly uuid?: string }>>;
  };
  const all = Object.values(expected.files);
  const run = await moveInMisp(home.moving, home.telling, filesPlace(files));
  const uuids = new Set(all.flatMap(({ uuid }) => uuid ?? []));
  const kept = await home.sql`select uuid::text as uuid, stamp, body from move_in_event where feed = 'misp'`;
  assert.deepEqual(new Set(kept.map((row) => row["uuid"] as string)), uuids);
  // one is JSON and no event, one is no JSON at all
  const strange = all.filter(({ uuid }) => uuid === undefined).length;
  assert.equal(strange, 2);
  assert.deepEqual([run.counts["events"], run.counts["refused"]], [files.length - strange, strange]);
  for (const row of kept) {
    const { Event } = JSON.parse(row["body"] as string) as { Event: { uuid: string; timestamp: string } };
    assert.equal(Event.uuid, row["uuid"]);
    assert.equal(Number(Event.timestamp), row["stamp"]);
  }
  const claims = await home.count("claim");
  // EXPECTED.json counts 467 attributes meant for detection; one value stands in two events
  assert.equal(claims, 466);
  const [feed] = await home.sql`select shadow from feed_state where feed = 'misp'`;
  assert.equal(feed?.["shadow"], true);
  const before = await home.rows();
  const again = await moveInMisp(home.moving, home.telling, filesPlace(files));
  assert.equal(again.counts["unchanged"], files.length - strange);
  assert.deepEqual(await home.rows(), before);
});

const eventOf = (stamp: number, values: readonly string[], more: object = {}) => ({
  Event: {
    ...{
      uuid: "6a3bc1af-e021-4685-9dd1-68013abef4d9",
      info: "x",
      timestamp: String(stamp),
      distribution: "3",
      Orgc: { name: "Us" },
    },
    Attribute: values.map((value) => ({ type: "domain", category: "Network activity", value, to_ids: true })),
    ...more,
  },
});

test("a changed event adds and delists its own values, an older one is passed over, and sharing groups are RED and told", async (t) => {
  const home = await newHome(t);
  const claims = async () =>
    (
      await home.sql`select i.value, c.tlp, c.gone_at is null as here from claim c join indicator i on i.id = c.indicator order by 1`
    ).map((row) => [row["value"], row["tlp"], row["here"]]);
  const go = (...events: readonly object[]) => moveInMisp(home.moving, home.telling, texts(events));
  await go(eventOf(1_700_000_000, ["one.example", "two.example"]));
  assert.deepEqual(await claims(), [
    ["one.example", "amber", true],
    ["two.example", "amber", true],
  ]);
  const changed = await go(eventOf(1_700_000_100, ["two.example", "three.example"], { distribution: "0" }));
  assert.deepEqual([changed.counts["changed"], changed.counts["values delisted"]], [1, 1]);
  assert.deepEqual(await claims(), [
    ["one.example", "amber", false],
    ["three.example", "amber+strict", true],
    ["two.example", "amber+strict", true],
  ]);
  const older = await go(eventOf(1_600_000_000, ["four.example"]));
  assert.equal(older.counts["older than here"], 1);
  const group = { distribution: "4", SharingGroup: { name: "Banks", uuid: "6a3bc1af-e021-4685-9dd1-68013abef4d0" } };
  await go(eventOf(1_700_000_200, ["two.example"], group));
  assert.deepEqual(
    (await claims()).filter((row) => row[2]),
    [["two.example", "red", true]],
  );
  assert.deepEqual(
    home.problems.map((one) => [one.code, one.with?.["group"]]),
    [["WGL_MOVE_GROUP", "Banks"]],
  );
});

test("what is no event is told with its file, and the others are taken", async (t) => {
  const home = await newHome(t);
  const place = texts([{ hello: 1 }, eventOf(1_700_000_000, ["one.example"]), { Event: { info: "no uuid" } }]);
  const run = await moveInMisp(home.moving, home.telling, place);
  assert.deepEqual([run.counts["new"], run.counts["refused"]], [1, 2]);
  assert.deepEqual(
    home.problems.map(({ at }) => at),
    ["0", "2"],
  );
});

test("a feed and an instance's API are asked only for what changed; the key goes in a header and is shown nowhere", async (t) => {
  const home = await newHome(t);
  let events = [eventOf(1_700_000_000, ["one.example"]).Event];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    asked.push(url);
    const index = events.map(({ uuid, timestamp }) => ({ uuid, timestamp, info: "x" }));
    if (url.startsWith("/misp/") && request.headers.authorization !== "secret-key") response.writeHead(403).end();
    else if (url.startsWith("/misp/events/index/page:1/")) response.end(JSON.stringify(index));
    else if (url.startsWith("/misp/events/view/")) response.end(JSON.stringify({ Event: events[0] }));
    else if (url === "/feed/manifest.json")
      response.end(JSON.stringify(Object.fromEntries(index.map((one) => [one.uuid, one]))));
    else if (url.startsWith("/feed/")) response.end(JSON.stringify({ Event: events[0] }));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const egress = openEgress({ hosts: new Set(["127.0.0.1"]), ports: [port], allowAddresses: ["127.0.0.1/32"] });
  const base = `http://127.0.0.1:${port}`;
  const api = mispApiPlace(egress.get, `${base}/misp/`, "secret-key");
  const first = await moveInMisp(home.moving, home.telling, api);
  assert.deepEqual([first.counts["new"], first.place.includes("secret")], [1, false]);
  asked.length = 0;
  const second = await moveInMisp(home.moving, home.telling, api);
  assert.equal(second.counts["unchanged"], 1);
  assert.ok(asked.length === 1 && asked[0]?.includes("/events/index/"));
  events = [eventOf(1_700_000_500, ["two.example"]).Event];
  assert.equal((await moveInMisp(home.moving, home.telling, api)).counts["changed"], 1);
  asked.length = 0;
  assert.equal(
    (await moveInMisp(home.moving, home.telling, mispFeedPlace(egress.get, `${base}/feed/manifest.json`))).counts[
      "unchanged"
    ],
    1,
  );
  assert.deepEqual(asked, ["/feed/manifest.json"]);
  await assert.rejects(moveInMisp(home.moving, home.telling, mispApiPlace(egress.get, `${base}/misp`, "wrong")), {
    code: "WGL_MOVE_STATUS",
  });
});

const opencti = (value: string, more: object = {}) => ({
  ...{ type: "indicator", spec_version: "2.1", id: "indicator--33fe3b22-0201-47cf-85d0-97c02164528d" },
  ...{
    created: "2024-05-08T09:00:00.000Z",
    modified: "2024-05-08T09:00:00.000123Z",
    valid_from: "2024-05-08T09:00:00Z",
  },
  ...{
    pattern_type: "stix",
    pattern: `[domain-name:value = '${value}']`,
    name: value,
    valid_until: "2030-01-01T00:00:00Z",
  },
  ...{ x_opencti_score: 85, x_opencti_detection: false, ...more },
});
const malware = { type: "malware", spec_version: "2.1", id: "malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061" };
const dates = { created: "2024-05-08T09:00:00.000Z", modified: "2024-05-08T09:00:00.000Z" };

test("an OpenCTI export keeps every byte, TLP 1 and dates; its indicators come in shadow, graded by score, named by what they indicate", async (t) => {
  const home = await newHome(t);
  const tlp1 = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da";
  const indicator = opencti("bad.example", { object_marking_refs: [tlp1] });
  // what it refers to comes behind it
  const objects = [
    indicator,
    { ...malware, ...dates, name: "QakBot", is_family: true },
    {
      ...{
        type: "relationship",
        spec_version: "2.1",
        id: "relationship--6a3bc1af-e021-4685-9dd1-68013abef4d9",
        ...dates,
      },
      ...{ relationship_type: "indicates", source_ref: indicator.id, target_ref: malware.id },
    },
  ].map((one) => JSON.stringify(one, undefined, 2));
  const bundle = (list: readonly string[]) => `{"type":"bundle","id":"bundle--1","objects":[${list.join(",\n")}]}`;
  const run = await moveInOpencti(home.moving, home.telling, "export.json", fileOf(bundle(objects)));
  assert.deepEqual(run.counts, { objects: 3, taken: 3, "values watched for": 1 });
  const rows = await home.sql`select id, body, tlp, shadow, written from stix_object order by date_added`;
  assert.deepEqual(
    rows.map((row) => row["body"]),
    objects,
  );
  assert.deepEqual([rows[0]?.["tlp"], rows[0]?.["written"]], ["green", "2024-05-08T09:00:00.000123Z"]);
  const [claim] = await home.sql`select c.*, f.shadow from claim c join feed_state f using (feed)`;
  assert.deepEqual([claim?.["grade"], claim?.["tlp"], claim?.["shadow"]], ["F1", "green", true]);
  for (const label of ["qakbot", "opencti:score=85", "opencti:not-for-detection"])
    assert.ok(Array.isArray(claim?.["labels"]) && claim["labels"].includes(label), label);
  const before = await home.rows();
  const again = await moveInOpencti(home.moving, home.telling, "export.json", fileOf(bundle(objects), 13));
  assert.deepEqual(again.counts, { objects: 3, known: 3 });
  assert.deepEqual(await home.rows(), before);

  const revoked = opencti("bad.example", { modified: "2024-06-01T00:00:00.000Z", revoked: true });
  const over = await moveInOpencti(home.moving, home.telling, "later.json", fileOf(bundle([JSON.stringify(revoked)])));
  assert.equal(over.counts["values withdrawn"], 1);
  const [gone] = await home.sql`select gone_at from claim`;
  assert.notEqual(gone?.["gone_at"], null);
});

test("what is no STIX is refused with its place, an empty file is said to be one, and the rest is taken", async (t) => {
  const home = await newHome(t);
  const text = `{"type":"bundle","objects":[{"no":1},${JSON.stringify({ ...malware, ...dates, name: "x", is_family: true })},{"id":"bad","type":"malware"}]}`;
  const run = await moveInOpencti(home.moving, home.telling, "x", fileOf(text));
  assert.deepEqual([run.counts["taken"], run.counts["refused"]], [1, 2]);
  assert.deepEqual(
    home.problems.map(({ at }) => at),
    ["/objects/0", "/objects/2"],
  );
  await moveInOpencti(home.moving, home.telling, "empty", fileOf("{}"));
  assert.equal(home.problems.at(-1)?.code, "WGL_BODY_SHAPE");
});

test("the bundles of the standards and ATT&CK for ICS move in whole, byte for byte; again nothing changes", {
  skip,
}, async (t) => {
  const home = await newHome(t);
  const lines = (file: string): readonly string[] => {
    const body = readFileSync(join(corpora, "standards", file));
    return (file.endsWith(".gz") ? gunzipSync(body) : body)
      .toString()
      .split("\n")
      .filter((line) => line !== "");
  };
  const bundles = lines("bundles.jsonl").map((line) => JSON.stringify((JSON.parse(line) as { bundle: object }).bundle));
  const ics = lines("attack-ics.jsonl.gz").map((line) => {
    const value = JSON.parse(line) as Readonly<Record<string, unknown>>;
    return JSON.stringify(value["stix"]);
  });
  const attack = `{"type":"bundle","objects":[${ics.join(",")}]}`;
  const go = async () => {
    const totals: Record<string, number> = {};
    for (const [n, text] of [...bundles, attack].entries())
      for (const [word, count] of Object.entries(
        (await moveInOpencti(home.moving, home.telling, `bundle ${n}`, fileOf(text, 65_536))).counts,
      ))
        totals[word] = (totals[word] ?? 0) + count;
    return totals;
  };
  const totals = await go();
  assert.equal((totals["taken"] ?? 0) + (totals["known"] ?? 0) + (totals["refused"] ?? 0), totals["objects"]);
  assert.ok((totals["taken"] ?? 0) > 1400, JSON.stringify(totals));
  t.diagnostic(JSON.stringify(totals));
  const bodies = new Set((await home.sql`select body from stix_object`).map((row) => row["body"] as string));
  const missing = ics.filter((one) => !bodies.has(one));
  assert.deepEqual(missing.slice(0, 2), []);
  const before = await home.rows();
  const again = await go();
  assert.equal(again["taken"], undefined);
  assert.deepEqual(await home.rows(), before);
});
