import assert from "node:assert/strict";
import { test } from "node:test";
import { after, day, minute } from "#core/instant.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { indicatorId } from "#intel/indicator.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { joinMisp } from "#jobs/misp/claims.ts";
import { joinStix } from "#jobs/stix/join.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import { recallIndicators } from "#jobs/recall/recall.ts";
import { ask } from "./acts-world.ts";
import { indicator, objectsOf, openTaxiiWorld, root, type TaxiiWorld, type Who } from "./taxii-world.ts";

const green = ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"];
const domain = (n: number) => ({ kind: "domain" as const, value: `host${n}.bad-host.net` });
const stix = (n: number, more: object = {}) =>
  indicator(n, { pattern: `[domain-name:value = '${domain(n).value}']`, object_marking_refs: green, ...more });
type Objects = readonly { readonly id: string; readonly revoked?: boolean; readonly modified: string }[];

/** What loops do: joins what came, and recalls. */
const settle = async ({ desk }: TaxiiWorld): Promise<void> => {
  const { state } = desk;
  const nameOf = (sender: string) => desk.directory.known.organisation(sender as never)?.key;
  const exclusions = buildExclusions([], { allow: [] });
  for (;;) {
    const now = desk.now();
    const collecting = {
      state,
      secret: "secret",
      policy: { reserved: "reject" as const, allow: [] },
      now,
      elapsed: () => 0,
    };
    const [stixJob] = await state.act((tx) => tx.queue.take("join-stix", now, 1));
    if (stixJob) await joinStix(collecting, stixJob, nameOf);
    const [mispJob] = await state.act((tx) => tx.queue.take("join-misp", now, 1));
    const scope = { all: true, groups: [], own: [], clientsOf: [], audience: "staff", red: true } as const;
    if (mispJob) await joinMisp(collecting, mispJob, { scope }, nameOf);
    await state.act((tx) => tx.queue.done([stixJob?.n, mispJob?.n].filter((n) => n !== undefined)));
    if (!stixJob && !mispJob) break;
  }
  const recalling = {
    ...{ state, idOf: desk.idOf, portal: desk.portal, from: { name: "CERT", address: "cert@cert.example" } },
    ...{ known: () => desk.directory.known, exclusions: () => exclusions, titleOf: (feed: string) => feed },
    now: () => desk.now(),
  };
  while ((await recallIndicators(recalling)) !== undefined);
};

const mailsIn = async ({ sql }: TaxiiWorld) =>
  (await sql`select mail from outbox order by n`).map(
    (row) => row["mail"] as { to: { address: string }; subject: string; text: string },
  );
const toldIn = async (world: TaxiiWorld): Promise<readonly string[]> =>
  [...new Set((await mailsIn(world)).map(({ to }) => to.address))].sort();
const later = (world: TaxiiWorld): void => {
  world.clock.now = after(world.clock.now, minute);
};
const readAll = async (world: TaxiiWorld, collection: string, as: Who, since = ""): Promise<Objects> =>
  ((await world.get(`${objectsOf(collection)}${since === "" ? "" : `?added_after=${since}`}`, as)).json.objects ??
    []) as Objects;

test("an object that its sender deletes is revoked for who received it, at a date of its own, and for nobody else", async (t) => {
  const world = await openTaxiiWorld(t);
  const collection = await world.collection();
  await world.post(objectsOf(collection), [stix(1), stix(2)], "transport");
  const first = await world.get(objectsOf(collection), "oversea");
  assert.equal(first.json.objects.length, 2);
  const since = String(first.headers["x-taxii-date-added-last"]);
  // a manifest says that there is something, not what
  await world.get(`${root}collections/${collection}/manifest/`, "parks");
  later(world);
  const gone = await world.send({ method: "DELETE", path: `${objectsOf(collection)}${String(stix(1)["id"])}/` });
  assert.equal(gone.status, 200);
  await settle(world);

  const news = await readAll(world, collection, "oversea", since);
  assert.deepEqual(
    news.map(({ id, revoked }) => [id, revoked]),
    [[stix(1)["id"], true]],
  );
  assert.ok((news[0]?.modified ?? "") > String(stix(1)["modified"]));
  const one = await world.get(`${objectsOf(collection)}${String(stix(1)["id"])}/`, "oversea");
  assert.deepEqual(
    one.json.objects.map(({ revoked }: { revoked?: boolean }) => revoked),
    [true],
  );
  for (const who of ["transport", "parks", "reader"] as const) {
    assert.equal((await world.get(`${objectsOf(collection)}${String(stix(1)["id"])}/`, who)).status, 404, who);
    assert.equal((await readAll(world, collection, who)).length, 1, who);
  }
  assert.deepEqual(await toldIn(world), ["team@oversea.example"]);
  const [mail] = await mailsIn(world);
  assert.match(mail?.text ?? "", /indicator \[domain-name:value = 'host1\[\.\]bad-host\[\.\]net'\]|host1/);
  assert.match(mail?.subject ?? "", /^TLP:GREEN/);

  // the sender may say it again: for who was told it stays revoked, as STIX has it, for all others it is new
  later(world);
  assert.equal((await world.post(objectsOf(collection), [stix(1)], "transport")).json.success_count, 1);
  assert.equal((await readAll(world, collection, "parks")).length, 2);
  assert.equal((await world.post(objectsOf(collection), [stix(1)], "cert")).json.failure_count, 0);
});

test("what a sender revokes is told to who received it before; who comes later reads it revoked and hears nothing", async (t) => {
  const world = await openTaxiiWorld(t);
  const collection = await world.collection();
  await world.post(objectsOf(collection), [stix(1)], "transport");
  await readAll(world, collection, "oversea");
  await settle(world);
  later(world);
  const revoked = stix(1, { revoked: true, modified: "2026-11-21T00:00:00.000Z" });
  await world.post(objectsOf(collection), [revoked], "transport");
  await settle(world);
  assert.deepEqual(await toldIn(world), ["team@oversea.example"]);
  for (const who of ["oversea", "parks"] as const)
    assert.deepEqual(await readAll(world, collection, who), [revoked], who);
  await settle(world);
  assert.equal((await mailsIn(world)).length, 1, "once");
});

test("a value judged false takes the objects with it that state nothing else, and gives them back when it is restored", async (t) => {
  const world = await openTaxiiWorld(t);
  const { desk } = world;
  const collection = await world.collection();
  const both = stix(3, {
    pattern: `[domain-name:value = '${domain(1).value}' OR domain-name:value = '${domain(9).value}']`,
  });
  await world.post(objectsOf(collection), [stix(1), stix(2), both], "transport");
  await settle(world);
  const before = await world.get(objectsOf(collection), "oversea");
  assert.equal(before.json.objects.length, 3);
  const since = String(before.headers["x-taxii-date-added-last"]);
  later(world);
  const judging = { indicator: indicatorId("secret", domain(1)), who: "Lo", reason: "ours", verdict: "false" as const };
  assert.ok((await judgeIndicator(desk.state, judging, () => false, desk.now())).ok);
  later(world);
  await settle(world);
  assert.deepEqual(
    (await readAll(world, collection, "oversea", since)).map(({ id, revoked }) => [id, revoked]),
    [[stix(1)["id"], true]],
  );
  assert.deepEqual(
    (await readAll(world, collection, "parks")).map(({ id }) => id),
    [stix(2)["id"], both["id"]],
  );
  assert.deepEqual(await toldIn(world), ["team@oversea.example"]);
  const [mail] = await mailsIn(world);
  assert.match(mail?.text ?? "", /domain name host1\[\.\]bad-host\[\.\]net/);
  assert.doesNotMatch(mail?.text ?? "", /host2|host9/);

  later(world);
  assert.ok((await judgeIndicator(desk.state, { ...judging, verdict: "restored" }, () => false, desk.now())).ok);
  await settle(world);
  const again = await readAll(world, collection, "oversea");
  assert.deepEqual(again.map(({ id, revoked }) => [id, revoked ?? false]).sort(), [
    [stix(1)["id"], false],
    [stix(2)["id"], false],
    [both["id"], false],
  ]);
});

test("by MISP, what is judged false is deleted with a new timestamp, and told to who received the attribute", async (t) => {
  const world = await openTaxiiWorld(t);
  const { desk, sql } = world;
  const call = (method: string, path: string, body: unknown, as: Who) =>
    world.send({
      ...{ method, path: `/misp/${path}`, as: "nobody" as const, body: JSON.stringify(body) },
      headers: { accept: "application/json", "content-type": "application/json", authorization: world.token(as) },
    });
  const uuid = (n: number): string => `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`;
  const attribute = (n: number) => ({
    ...{ type: "domain", category: "Network activity", value: domain(n).value, to_ids: true, uuid: uuid(n) },
  });
  const event = { uuid: uuid(100), info: "A campaign", distribution: "3", threat_level_id: "2", analysis: "1" };
  const added = await call("POST", "events/add", { ...event, Attribute: [attribute(1), attribute(2)] }, "transport");
  assert.equal(added.status, 200);
  assert.equal((await call("POST", `events/publish/${uuid(100)}`, {}, "transport")).status, 200);
  await settle(world);
  const search = async (as: Who, filter: object) =>
    (await call("POST", "attributes/restSearch", { returnFormat: "json", ...filter }, as)).json.response.Attribute as {
      value: string;
      deleted: boolean;
      timestamp: string;
    }[];
  assert.equal((await search("parks", { value: domain(1).value })).length, 1);
  const stamp = async (): Promise<number> =>
    Number((await call("POST", "events/restSearch", { uuid: uuid(100) }, "cert")).json.response[0].Event.timestamp);
  const before = await stamp();
  world.clock.now = after(world.clock.now, day);
  const judging = (n: number) => ({ indicator: indicatorId("secret", domain(n)), who: "Lo", reason: "no" });
  for (const n of [1, 2])
    assert.ok((await judgeIndicator(desk.state, { ...judging(n), verdict: "false" }, () => false, desk.now())).ok);
  later(world);
  await settle(world);
  // parks asked for one of the two; oversea for none; the CERT asked for both, and has nobody who is told such things
  assert.deepEqual(await toldIn(world), ["green@parks.example"]);
  const parks = (await mailsIn(world)).find(({ to }) => to.address === "green@parks.example");
  assert.match(parks?.text ?? "", /domain name host1\[\.\]bad-host\[\.\]net/);
  assert.doesNotMatch(parks?.text ?? "", /host2/);
  assert.deepEqual(await search("parks", {}), []);
  const [row] = await search("parks", { deleted: "1", value: domain(1).value });
  assert.equal(row?.deleted, true);
  assert.ok(Number(row?.timestamp) > before && (await stamp()) > before);
  // the sender deletes one for good: who had it was told already
  assert.ok((await judgeIndicator(desk.state, { ...judging(1), verdict: "restored" }, () => false, desk.now())).ok);
  await settle(world);
  assert.equal((await search("parks", {})).length, 1);
  const sent = (await mailsIn(world)).length;
  later(world);
  await call("POST", `attributes/delete/${uuid(1)}/1`, {}, "transport");
  await settle(world);
  assert.equal((await mailsIn(world)).length, sent + 1, "it was sent again, and is taken back again");
  assert.equal((await sql`select from recall`).length > 0, true);
});

test("narrower terms, a right that is withdrawn and the end of an agreement are told to who received something by them", async (t) => {
  const world = await openTaxiiWorld(t);
  const { desk, clock } = world;
  const collection = await world.collection();
  await world.post(
    objectsOf(collection),
    [stix(1), stix(2, { object_marking_refs: undefined, name: "clear" })],
    "cert",
  );
  assert.equal((await readAll(world, collection, "oversea")).length, 2);
  assert.equal((await readAll(world, collection, "parks")).length, 2);
  const { directory } = desk.directory.known;
  const sign = async (terms: object): Promise<void> => {
    later(world);
    const agreements = directory.agreements.map((one) => ({ ...one, ...terms }));
    await importDirectory(desk.state, { ...directory, agreements }, "Lo", clock.now);
    await desk.directory.refresh();
    later(world);
    await settle(world);
  };
  await sign({});
  assert.deepEqual(await toldIn(world), [], "the same terms");
  await sign({ tlpMax: "clear" });
  assert.deepEqual(await toldIn(world), ["team@oversea.example"]);
  const seen = await readAll(world, collection, "oversea");
  assert.ok(seen.some(({ id, revoked }) => id === stix(1)["id"] && revoked === true));
  assert.equal((await readAll(world, collection, "parks")).filter(({ revoked }) => revoked).length, 0);

  const admin = await world.viewer("root");
  const rights = { readers: ["partners"], writers: ["members"], reason: "over" };
  assert.ok((await world.acts.collectionRights(admin, collection, rights, ask)).ok);
  later(world);
  await settle(world);
  assert.deepEqual(await toldIn(world), ["green@parks.example", "team@oversea.example"]);

  await sign({ tlpMax: "green", to: after(clock.now, 10 * day) });
  const before = (await mailsIn(world)).length;
  await settle(world);
  assert.equal((await mailsIn(world)).length, before, "not yet over");
  clock.now = after(clock.now, 11 * day);
  await settle(world);
  const over = (await mailsIn(world)).slice(before);
  assert.deepEqual(
    over.map(({ to, subject }) => [to.address, subject]),
    [["team@oversea.example", "Please remove what we sent you"]],
  );
  assert.doesNotMatch(JSON.stringify(over), /host\d/);
});
