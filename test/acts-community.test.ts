import assert from "node:assert/strict";
import { test } from "node:test";
import type { AssetsAsked } from "#jobs/acts/port.ts";
import { after, day, printInstant } from "#core/instant.ts";
import { readToken } from "#community/token.ts";
import { ask, codeOf, openActsWorld } from "./acts-world.ts";

const all: AssetsAsked = { past: false, limit: 100 };

test("staff read the whole directory, members their own part, and the rest is not there", async (t) => {
  const { acts, viewer, id } = await openActsWorld(t);
  const [lo, chan, abroad] = [await viewer("lo"), await viewer("chan"), await viewer("abroad")];
  const names = async (who: typeof lo): Promise<string[]> => {
    const list = await acts.organisations(who, ask);
    assert.ok(list.ok);
    return list.value.organisations.map((one) => one.name);
  };
  assert.deepEqual(await names(lo), ["Harbour CERT", "Overseas CERT", "Parks Department", "Transport Department"]);
  assert.deepEqual(await names(chan), ["Transport Department"]);
  assert.deepEqual(await names(abroad), []);
  const own = await acts.organisation(chan, id("organisation", "transport"), ask);
  assert.ok(own.ok);
  const { organisation, below, people, assets, sensors } = own.value;
  assert.deepEqual([organisation.people, organisation.assets, organisation.sensors], [2, 2, 1]);
  assert.deepEqual(below, [], "a parent sees its child only when it may read it");
  assert.deepEqual(
    people.map((person) => person.name),
    ["Chan Hoi-ki", "Transport head"],
  );
  assert.deepEqual(assets.map((asset) => asset.value).sort(), ["203.0.113.16/28", "transport.example"]);
  assert.deepEqual(
    sensors.map((sensor) => [sensor.title, sensor.state]),
    [["Transport edge", "never"]],
  );
  const whole = await acts.organisation(lo, id("organisation", "transport"), ask);
  assert.ok(whole.ok);
  assert.deepEqual(
    whole.value.below.map((one) => one.name),
    ["Parks Department"],
  );

  const parks = id("organisation", "parks");
  for (const organisation of [parks, "no-such-id"]) {
    assert.equal(codeOf(await acts.organisation(chan, organisation, ask)), "WGL_ABSENT");
    assert.equal(codeOf(await acts.people(chan, organisation, ask)), "WGL_ABSENT");
    assert.equal(codeOf(await acts.sensors(chan, organisation, ask)), "WGL_ABSENT");
    assert.equal(codeOf(await acts.assets(chan, { ...all, organisation }, ask)), "WGL_ABSENT");
  }
  const mine = await acts.people(chan, undefined, ask);
  assert.ok(mine.ok && mine.value.people.length === 2);
});

test("assets() pages, and finds what holds an address", async (t) => {
  const { acts, viewer } = await openActsWorld(t);
  const lo = await viewer("lo");
  const values = async (asked: Partial<AssetsAsked>): Promise<string[]> => {
    const page = await acts.assets(lo, { ...all, ...asked }, ask);
    assert.ok(page.ok);
    return page.value.assets.map((asset) => asset.value);
  };
  const everything = await values({});
  assert.equal(everything.length, 3);
  assert.deepEqual(await values({ search: "203.0.113.40" }), ["203.0.113.32/28"]);
  assert.deepEqual(await values({ search: "www.Transport.example" }), ["transport.example"]);
  assert.deepEqual(await values({ kind: "domain" }), ["transport.example"]);
  const read: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await acts.assets(lo, { ...all, limit: 1, ...(cursor === undefined ? {} : { cursor }) }, ask);
    assert.ok(page.ok);
    read.push(...page.value.assets.map((asset) => asset.value));
    cursor = page.value.next;
  } while (cursor !== undefined);
  assert.deepEqual(read, everything);
  assert.equal(codeOf(await acts.assets(lo, { ...all, cursor: "e30" }, ask)), "WGL_CURSOR");
});

test("addAsset() takes what a member declares for their own, queues the look back, and is read at once", async (t) => {
  const { acts, viewer, id, sql, woken, leaves, clock } = await openActsWorld(t);
  const [lo, chan, head] = [await viewer("lo"), await viewer("chan"), await viewer("head")];
  const transport = id("organisation", "transport");
  const wanted = {
    organisation: transport,
    kind: "network",
    value: "198.51.100.128/28",
    from: "2026-01-01T00:00:00Z",
  } as const;
  await sql`delete from queue`;
  const added = await acts.addAsset(chan, wanted, { ...ask, key: "a1" });
  assert.ok(added.ok);
  assert.deepEqual([added.value.proof, added.value.value], ["declared", "198.51.100.128/28"]);
  assert.deepEqual(
    [...(await sql`select kind, payload from queue`)].map((row) => [row["kind"], row["payload"]]),
    [["join-asset", { kind: "network", value: "198.51.100.128/28" }]],
  );
  assert.deepEqual(woken, ["join"]);
  const page = await acts.assets(chan, all, ask);
  assert.ok(page.ok && page.value.assets.some((asset) => asset.id === added.value.id));
  const checked = await acts.addAsset(lo, wanted, ask);
  assert.ok(checked.ok && checked.value.proof === "staff");
  const said = await acts.addAsset(head, wanted, ask);
  assert.ok(said.ok && said.value.proof === "staff", "what was proven stays so");

  assert.equal(
    codeOf(await acts.addAsset(chan, { ...wanted, organisation: id("organisation", "parks") }, ask)),
    "WGL_ABSENT",
  );
  assert.equal(
    codeOf(await acts.addAsset(chan, { ...wanted, value: "198.51.100.130/28" }, ask)),
    "WGL_NETWORK_HOST_BITS",
  );
  assert.equal(codeOf(await acts.addAsset(chan, { ...wanted, value: "10.0.0.0/8" }, ask)), "WGL_ASSET_BROAD");

  const parks = await acts.assets(lo, { ...all, organisation: id("organisation", "parks") }, ask);
  assert.ok(parks.ok);
  assert.equal(codeOf(await acts.endAsset(chan, parks.value.assets[0]?.id ?? "", {}, ask)), "WGL_ABSENT");
  const ended = await acts.endAsset(chan, added.value.id, {}, ask);
  assert.ok(ended.ok);
  assert.equal(ended.value.to, printInstant(clock.now));
  const later = await acts.endAsset(chan, added.value.id, { to: printInstant(after(clock.now, day)) }, ask);
  assert.ok(later.ok && later.value.to === ended.value.to, "an end is never put off");
  assert.equal(
    codeOf(await acts.endAsset(chan, added.value.id, { to: "2025-01-01T00:00:00Z" }, ask)),
    "WGL_DIRECTORY_PERIOD",
  );
  const again = await acts.addAsset(chan, wanted, ask);
  assert.ok(again.ok && again.value.proof === "declared", "an ended proof proves nothing after its end");
  const facts = (await leaves()).filter((leaf) => leaf.subject.startsWith("asset ")).map((leaf) => leaf.data["act"]);
  assert.deepEqual(facts, ["added", "added", "added", "ended", "added"]);
});

test("importDirectory() takes a file whole or not at all, and says what it would do", async (t) => {
  const { acts, viewer, desk, id } = await openActsWorld(t);
  const [lo, chan] = [await viewer("lo"), await viewer("chan")];
  const csv = "organisation,kind,value\ntransport,domain,tunnel.example\nparks,network,203.0.113.32/28\n";
  const dry = await acts.importDirectory(lo, { format: "csv", text: csv, dryRun: true }, ask);
  assert.ok(dry.ok);
  assert.deepEqual([dry.value.written, dry.value.assets], [false, { added: 1, changed: 0, ended: 0, same: 1 }]);
  const size = desk.directory.known.directory.assets.length;
  const wet = await acts.importDirectory(lo, { format: "csv", text: csv, dryRun: false }, ask);
  assert.ok(wet.ok && wet.value.written);
  assert.equal(desk.directory.known.directory.assets.length, size + 1);
  assert.equal(
    desk.directory.known.directory.community.names.en,
    "Harbour CERT",
    "a file of assets leaves the rest as it is",
  );
  const bad = await acts.importDirectory(
    lo,
    { format: "csv", text: `${csv}nobody,domain,x.example\n`, dryRun: false },
    { ...ask, language: "zh-Hant-HK" },
  );
  assert.ok(bad.ok);
  assert.deepEqual(
    [bad.value.written, bad.value.problemsTotal, bad.value.problems[0]?.at],
    [false, 1, "line 4 organisation"],
  );
  assert.match(bad.value.problems[0]?.detail ?? "", /找不到機構「nobody」/);
  const yaml =
    "community: { name: { en: Harbour CERT }, zone: Asia/Hong_Kong, anchor: cert }\norganisations:\n  - { id: cert, name: { en: Harbour CERT }, shadow: false }\n  - { id: pier, name: { en: Pier } }\n";
  const tree = await acts.importDirectory(lo, { format: "yaml", text: yaml, dryRun: false }, ask);
  assert.ok(tree.ok);
  assert.deepEqual(tree.value.organisations, { added: 1, changed: 1, ended: 0, same: 0 });
  assert.equal(desk.directory.known.organisation(id("organisation", "pier") as never)?.shadow, true);
  assert.equal(codeOf(await acts.importDirectory(chan, { format: "csv", text: csv, dryRun: true }, ask)), "WGL_ABSENT");
});

test("tokens open what their maker may give, for their own organisation, until they are revoked", async (t) => {
  const { acts, viewer, id, leaves, clock, sql } = await openActsWorld(t);
  const [root, chan, lo] = [await viewer("root"), await viewer("chan"), await viewer("lo")];
  const transport = id("organisation", "transport");
  const firewall = { kind: "party", title: "Firewall", organisation: transport, permissions: ["lists.read"] } as const;
  const made = await acts.makeToken(chan, { ...firewall, permissions: ["lists.read"] }, ask);
  assert.ok(made.ok);
  const read = readToken(made.value.secret);
  assert.ok(read);
  const machine = await acts.bearer(read);
  assert.ok(machine?.kind === "party");
  assert.deepEqual([machine.seat.organisation, machine.permissions], [transport, ["lists.read"]]);
  assert.equal(await acts.bearer({ ...read, prefix: "aaaaaaaa" }), undefined);
  assert.equal(
    (await sql`select from token where hash = ${made.value.secret}`).length,
    0,
    "the secret is kept nowhere",
  );

  const edge = {
    kind: "sensor",
    title: "Edge",
    organisation: transport,
    sensor: id("sensor", "edge"),
    permissions: ["telemetry.write"],
  } as const;
  const sensor = await acts.makeToken(root, { ...edge, permissions: ["telemetry.write"] }, ask);
  assert.ok(sensor.ok);
  const heard = await acts.bearer(readToken(sensor.value.secret) ?? { prefix: "", hash: "" });
  assert.deepEqual(heard, { kind: "sensor", sensor: id("sensor", "edge"), organisation: transport, of: "member" });

  const code = async (who: typeof root, wanted: object): Promise<string> =>
    codeOf(await acts.makeToken(who, { ...firewall, ...wanted } as never, ask));
  assert.equal(await code(chan, { organisation: id("organisation", "parks") }), "WGL_ABSENT");
  assert.equal(await code(chan, { permissions: ["findings.decide"] }), "WGL_TOKEN_PERMISSION");
  assert.equal(await code(root, { permissions: ["users.write"] }), "WGL_TOKEN_PERMISSION");
  assert.equal(
    await code(root, { organisation: id("organisation", "oversea"), permissions: ["findings.read"] }),
    "WGL_TOKEN_PERMISSION",
  );
  assert.equal(
    await code(await viewer("head"), {}),
    "WGL_TOKEN_PERMISSION",
    "a manager may not read lists, so neither may their machine",
  );
  assert.equal(await code(chan, { until: printInstant(clock.now) }), "WGL_TOKEN_UNTIL");
  assert.equal(await code(chan, { ...edge, sensor: id("sensor", "gate") }), "WGL_ABSENT");
  assert.equal(await code(chan, { ...edge, sensor: undefined }), "WGL_HTTP_MISSING");
  assert.equal(await code(lo, {}), "WGL_ABSENT");

  const listed = await acts.tokens(chan, ask);
  assert.ok(listed.ok);
  assert.deepEqual(listed.value.tokens.map((token) => [token.title, token.sensor?.title]).sort(), [
    ["Edge", "Transport edge"],
    ["Firewall", undefined],
  ]);
  assert.doesNotMatch(JSON.stringify(listed.value), new RegExp(read.hash));
  const parks = await acts.tokens(await viewer("green"), ask);
  assert.ok(parks.ok && parks.value.tokens.length === 0);
  assert.equal(codeOf(await acts.revokeToken(await viewer("green"), made.value.token.id, ask)), "WGL_ABSENT");
  assert.ok((await acts.revokeToken(chan, made.value.token.id, ask)).ok);
  assert.ok((await acts.revokeToken(chan, made.value.token.id, ask)).ok);
  assert.equal(await acts.bearer(read), undefined);
  const privileges = (await leaves()).filter((leaf) => leaf.kind === "privilege");
  assert.deepEqual(
    privileges.map((leaf) => [leaf.data["act"], leaf.data["who"]]),
    [
      ["made", "Chan Hoi-ki"],
      ["made", "Root"],
      ["revoked", "Chan Hoi-ki"],
    ],
  );

  const brief = await acts.makeToken(
    chan,
    { ...firewall, permissions: ["lists.read"], until: printInstant(after(clock.now, day)) },
    ask,
  );
  assert.ok(brief.ok);
  const short = readToken(brief.value.secret) ?? { prefix: "", hash: "" };
  assert.ok(await acts.bearer(short));
  clock.now = after(clock.now, day);
  assert.equal(await acts.bearer(short), undefined);
});
