import assert from "node:assert/strict";
import { test } from "node:test";
import { day } from "#core/instant.ts";
import { usualDecay } from "#intel/decay.ts";
import { claimsInForce } from "#intel/force.ts";
import { event, openMisp, uuid } from "./misp-world.ts";

// What PyMISP and other instances do beside events and attributes: paths and bodies as they are there.

const everybody = { distribution: "3", published: true } as const;

test("a sighting supports what others list, a false positive disputes it, both can be taken back", async (t) => {
  const misp = await openMisp(t);
  await misp.post("events/add", event(1, everybody));
  await misp.join();
  const listed = [
    ["198.51.100.1", "misp-transport", "green"],
    ["c2-1.example", "misp-transport", "green"],
  ] as const;
  assert.deepEqual(await misp.claims(), listed);

  const seen = await misp.post("sightings/add", { value: "198.51.100.1", type: "0", source: "gate" }, "parks");
  assert.equal(seen.status, 200, seen.text);
  await misp.join();
  // What somebody saw is the sighter's own to tell
  assert.deepEqual(await misp.claims(), [["198.51.100.1", "misp-sightings-parks", "amber+strict"], ...listed]);
  const [feed] = await misp.world.sql`select voice, shadow from feed_state where feed = 'misp-sightings-parks'`;
  assert.deepEqual({ ...feed }, { voice: "corroborate", shadow: true });

  // Aged, the value is below the bar by its source alone and above it with the fresh sighting
  const now = misp.world.desk.now();
  const [row] = await misp.world.sql`select id from indicator where value = '198.51.100.1'`;
  const claims = await misp.world.desk.state.act((tx) => tx.intel.liveClaims([String(row?.["id"])], now));
  const aged = claims.map((one) =>
    one.voice === "corroborate"
      ? one
      : { ...one, lastSeen: (now - 200 * day) as typeof now, listedAt: (now - 200 * day) as typeof now },
  );
  const inForce = (some: typeof claims) => claimsInForce(some, () => true, usualDecay, now).length;
  assert.deepEqual([inForce(aged.filter(({ voice }) => voice === "alert")), inForce(aged)], [0, 2]);

  // The same organisation thinks better of it: its word goes, and the source has one dispute
  const doubt = await misp.post(
    `sightings/add/${uuid(1001)}`,
    { type: "1", timestamp: Math.floor(now / 1000) + 60 },
    "parks",
  );
  await misp.join();
  assert.deepEqual(await misp.claims(), listed);
  const disputed = async (): Promise<unknown> =>
    (await misp.world.desk.state.act((tx) => tx.care.tally(now))).tallies.find(
      ({ feed: of }) => of === "misp-transport",
    )?.disputed;
  assert.equal(await disputed(), 1);
  assert.equal((await misp.world.leaves()).filter(({ data }) => data["act"] === "sighting: false").length, 1);
  await misp.post(`sightings/delete/${doubt.json.Sighting.id}`, undefined, "parks");
  await misp.join();
  assert.equal(await disputed(), 0);
  assert.equal((await misp.claims()).length, 3);
  // Who sighted it is told to nobody but itself, the event's owner hears that somebody did
  assert.equal((await misp.get(`events/view/${uuid(1)}`)).json.Event.Attribute[0].Sighting[0].Organisation, undefined);
});

test("a sighting lists nothing by itself, says nothing of a draft, and goes no further than its attribute", async (t) => {
  const misp = await openMisp(t);
  await misp.post("events/add", event(1, { distribution: "0" }));
  await misp.post(`sightings/add/${uuid(1001)}`, { type: "0" });
  await misp.join();
  assert.deepEqual(await misp.claims(), []);
  await misp.post(`events/publish/${uuid(1)}`);
  await misp.join();
  assert.deepEqual(
    (await misp.claims()).filter(([value]) => value === "198.51.100.1"),
    [
      ["198.51.100.1", "misp-sightings-transport", "amber+strict"],
      ["198.51.100.1", "misp-transport", "amber+strict"],
    ],
  );
  // What one cannot see one cannot sight
  assert.equal((await misp.post(`sightings/add/${uuid(1001)}`, { type: "0" }, "parks")).status, 404);
  await misp.post("events/add", event(2, { ...everybody, Tag: [{ name: "tlp:red" }] }), "cert");
  await misp.post(`sightings/add/${uuid(2001)}`, { type: "0" }, "cert");
  await misp.join();
  assert.deepEqual(
    (await misp.claims()).filter(([value]) => value === "198.51.100.2").map(([, feed, tlp]) => [feed, tlp]),
    [
      ["misp", "red"],
      ["misp-sightings", "red"],
    ],
  );
});

test("the author's own false positive or expiry takes a value back; an expiry waits for its day", async (t) => {
  const misp = await openMisp(t);
  await misp.post("events/add", event(1, everybody));
  await misp.join();
  assert.equal((await misp.claims()).length, 2);
  await misp.post(`sightings/add/${uuid(1001)}`, { type: "1" });
  await misp.join();
  assert.deepEqual(
    (await misp.claims()).map(([value]) => value),
    ["c2-1.example"],
  );
  const inTwoDays = Math.floor((misp.world.desk.now() + 2 * day) / 1000);
  await misp.post(`sightings/add/${uuid(1002)}`, { type: "2", timestamp: inTwoDays });
  await misp.join();
  assert.equal((await misp.claims()).length, 1);
  misp.world.clock.now = (misp.world.clock.now + 3 * day) as typeof misp.world.clock.now;
  await misp.join();
  assert.deepEqual(await misp.claims(), []);
});

test("sightings inside an event, of an edit and pushed by another instance count like posted ones", async (t) => {
  const misp = await openMisp(t);
  const at = String(Math.floor(misp.world.desk.now() / 1000) - 3600);
  const [address, ...others] = event(1).Attribute;
  const sighting = (n: number, type: string) => ({ uuid: uuid(9000 + n), type, date_sighting: at });
  await misp.post(
    "events/add",
    event(1, { ...everybody, Attribute: [{ ...address, Sighting: [sighting(1, "0")] }, ...others] }),
  );
  await misp.join();
  assert.equal((await misp.claims()).filter(([, feed]) => feed === "misp-sightings-transport").length, 1);
  const edited = await misp.post(`events/edit/${uuid(1)}`, {
    published: true,
    Attribute: [{ uuid: uuid(1002), type: "domain", value: "c2-1.example", Sighting: [sighting(2, "0")] }],
  });
  assert.equal(edited.status, 200, edited.text);
  await misp.join();
  assert.equal((await misp.claims()).filter(([, feed]) => feed === "misp-sightings-transport").length, 2);
  const pushed = await misp.post(
    `sightings/bulkSaveSightings/${uuid(1)}`,
    [{ Sighting: { ...sighting(3, "0"), attribute_uuid: uuid(1001) } }, { attribute_uuid: uuid(4), type: "0" }],
    "parks",
  );
  assert.deepEqual([pushed.status, pushed.json.skipped], [200, 1]);
  const left = await misp.post(`sightings/filterSightingUuidsForPush/${uuid(1)}`, [uuid(9003), uuid(9004)], "parks");
  assert.deepEqual(left.json, [uuid(9004)]);
  await misp.join();
  assert.equal((await misp.claims()).filter(([, feed]) => feed === "misp-sightings-parks").length, 1);
});

test("unpublished, deleted, or edited to be published no more: what an event said is taken back", async (t) => {
  const misp = await openMisp(t);
  for (const n of [1, 2, 3]) await misp.post("events/add", event(n, everybody));
  for (const n of [1, 2, 3]) await misp.post(`sightings/add/${uuid(n * 1000 + 1)}`, { type: "0" }, "parks");
  await misp.join();
  assert.equal((await misp.claims()).length, 9);
  // An attribute more leaves the event to be published again; what was published stands
  await misp.post(`attributes/add/${uuid(1)}`, { type: "domain", value: "later.example" });
  await misp.join();
  assert.equal((await misp.claims()).length, 9);
  await misp.post(`events/publish/${uuid(1)}`);
  misp.world.clock.now = (misp.world.clock.now + 60_000) as typeof misp.world.clock.now;
  await misp.post(`attributes/add/${uuid(1)}`, { type: "domain", value: "latest.example" });
  await misp.join();
  assert.deepEqual(
    (await misp.claims()).map(([value]) => value).filter((value) => value.startsWith("late")),
    ["later.example"],
  );
  assert.equal((await misp.post(`events/unpublish/${uuid(1)}`)).status, 200);
  const { Event } = (await misp.get(`events/view/${uuid(1)}`)).json;
  assert.deepEqual([Event.published, Event.publish_timestamp], [false, "0"]);
  await misp.post(`events/edit/${uuid(2)}`, { published: false });
  await misp.post(`events/delete/${uuid(3)}`);
  await misp.join();
  assert.deepEqual(await misp.claims(), []);
});

test("event reports: added, changed, deleted by who may change the event, each under its own distribution", async (t) => {
  const misp = await openMisp(t);
  await misp.post(
    "events/add",
    event(1, { ...everybody, EventReport: [{ uuid: uuid(1100), name: "Inside", content: "x", distribution: "0" }] }),
  );
  const added = await misp.post(`eventReports/add/${uuid(1)}`, {
    name: "Story",
    content: `# @[attribute](${uuid(1001)})`,
    distribution: "5",
  });
  assert.equal(added.status, 200, added.text);
  const { id, uuid: of } = added.json.EventReport;
  assert.equal((await misp.get(`eventReports/view/${id}`)).json.EventReport.name, "Story");
  const edited = await misp.post(`eventReports/edit/${of}`, { name: "Longer story" });
  assert.deepEqual([edited.json.EventReport.name, edited.json.EventReport.content.length > 3], ["Longer story", true]);
  const names = async (as?: "parks") =>
    (await misp.get(`events/view/${uuid(1)}`, as)).json.Event.EventReport.map((one: { name: string }) => one.name);
  assert.deepEqual(await names(), ["Inside", "Longer story"]);
  assert.deepEqual(await names("parks"), ["Longer story"]);
  assert.equal((await misp.get(`eventReports/view/${uuid(1100)}`, "parks")).status, 404);
  assert.deepEqual(
    (await misp.get(`eventReports/index/event_id:${uuid(1)}`, "parks")).json.map(
      (one: { EventReport: { name: string } }) => one.EventReport.name,
    ),
    ["Longer story"],
  );
  assert.equal((await misp.post(`eventReports/edit/${of}`, { name: "mine" }, "parks")).json.code, "WGL_MISP_OWN");
  assert.equal((await misp.post(`eventReports/edit/${uuid(1100)}`, { name: "mine" }, "parks")).json.code, "WGL_ABSENT");
  assert.equal((await misp.post(`eventReports/add/${uuid(1)}`, { name: "" })).json.code, "WGL_MISP_FIELD");
  assert.equal((await misp.post(`eventReports/delete/${of}`)).status, 200);
  assert.deepEqual(await names(), ["Inside"]);
  assert.equal((await misp.post(`eventReports/restore/${of}`)).status, 200);
  assert.equal((await misp.post(`eventReports/delete/${of}`, { hard: 1 })).status, 200);
  assert.equal((await misp.get(`eventReports/view/${of}`)).status, 404);
});

test("proposals: for who made them, the event's owner and staff; accepted they are done", async (t) => {
  const misp = await openMisp(t);
  await misp.post("events/add", event(1, everybody));
  const fresh = await misp.post(
    `shadowAttributes/add/${uuid(1)}`,
    { type: "domain", value: "proposed.example", comment: "seen" },
    "parks",
  );
  assert.equal(fresh.status, 200, fresh.text);
  const change = await misp.post(
    `shadowAttributes/edit/${uuid(1001)}`,
    { comment: "better", value: "198.51.100.9" },
    "parks",
  );
  assert.deepEqual([change.json.ShadowAttribute.uuid, change.json.ShadowAttribute.old_id !== "0"], [uuid(1001), true]);
  assert.match((await misp.post(`shadowAttributes/delete/${uuid(1003)}`, undefined, "parks")).json.message, /recorded/);
  assert.equal(
    (await misp.post(`shadowAttributes/add/${uuid(1)}`, { type: "md5", value: "short" }, "parks")).status,
    422,
  );

  const count = async (as?: "parks" | "cert" | "staff" | "oversea") =>
    (await misp.get(`shadowAttributes/index/${uuid(1)}`, as)).json.length;
  assert.deepEqual([await count(), await count("parks"), await count("staff")], [3, 3, 3]);
  // Another member sees the event and not what is proposed about it
  assert.equal((await misp.get(`events/view/${uuid(1)}`, "cert")).json.Event.ShadowAttribute.length, 0);
  const { Event } = (await misp.get(`events/view/${uuid(1)}`)).json;
  assert.equal(Event.ShadowAttribute.length, 1);
  assert.equal(Event.Attribute[0].ShadowAttribute[0].value, "198.51.100.9");

  const all = (await misp.get("shadowAttributes/index")).json as {
    ShadowAttribute: { id: string; proposal_to_delete: boolean };
  }[];
  assert.equal(
    (await misp.post(`shadowAttributes/accept/${fresh.json.ShadowAttribute.id}`, undefined, "parks")).json.code,
    "WGL_MISP_OWN",
  );
  assert.equal((await misp.get(`shadowAttributes/view/${change.json.ShadowAttribute.id}`, "cert")).status, 404);
  for (const { ShadowAttribute } of all)
    assert.equal((await misp.post(`shadowAttributes/accept/${ShadowAttribute.id}`)).status, 200);
  const after = (await misp.get(`events/view/${uuid(1)}`)).json.Event.Attribute as { value: string }[];
  assert.deepEqual(
    after.map(({ value }) => value),
    ["198.51.100.9", "c2-1.example", "proposed.example"],
  );
  assert.equal(await count(), 0);
  const again = await misp.post(`shadowAttributes/add/${uuid(1)}`, { type: "domain", value: "other.example" }, "parks");
  assert.equal(
    (await misp.post(`shadowAttributes/discard/${again.json.ShadowAttribute.id}`, undefined, "parks")).status,
    200,
  );
  assert.equal(await count("parks"), 0);
});

test("notes, opinions and relationships on events, attributes and on each other, under their own distribution", async (t) => {
  const misp = await openMisp(t);
  await misp.post("events/add", event(1, everybody));
  const note = await misp.post(
    `analyst_data/add/Note/${uuid(1001)}/Attribute`,
    { note: "a scanner", language: "en", distribution: "3" },
    "parks",
  );
  assert.equal(note.status, 200, note.text);
  const { id, uuid: of } = note.json.Note;
  assert.deepEqual(
    [note.json.Note.object_uuid, note.json.Note.object_type, note.json.Note.note_type_name],
    [uuid(1001), "Attribute", "Note"],
  );
  const opinion = await misp.post(`analystData/add/Opinion/${of}/Note`, {
    Opinion: { opinion: "20", comment: "hardly", distribution: "3" },
  });
  assert.equal(opinion.json.Opinion.opinion, "20", opinion.text);
  await misp.post(`analystData/add/Relationship/${uuid(1)}/Event`, {
    related_object_uuid: uuid(7),
    related_object_type: "Event",
    relationship_type: "like",
    distribution: "0",
  });
  const view = async (as?: "parks") => (await misp.get(`events/view/${uuid(1)}`, as)).json.Event;
  const mine = await view();
  assert.equal(mine.Attribute[0].Note[0].note, "a scanner");
  assert.equal(mine.Attribute[0].Note[0].Opinion[0].comment, "hardly");
  assert.equal(mine.Relationship.length, 1);
  assert.equal((await view("parks")).Relationship, undefined);
  assert.equal((await misp.get(`analyst_data/view/all/${id}`)).json.Note.note, "a scanner");
  assert.equal((await misp.post(`analyst_data/edit/Note/${id}`, { note: "mine" })).json.code, "WGL_MISP_OWN");
  assert.equal(
    (await misp.post(`analyst_data/edit/Note/${id}`, { note: "two scanners" }, "parks")).json.Note.note,
    "two scanners",
  );
  assert.deepEqual(Object.keys((await misp.get("analystData/indexMinimal")).json).toSorted(), [
    "Note",
    "Opinion",
    "Relationship",
  ]);
  assert.equal((await misp.get("analystData/index/Note", "parks")).json.length, 1);
  for (const [path, body] of [
    [`analystData/add/Opinion/${uuid(1)}/Event`, { opinion: 101 }],
    [`analystData/add/Note/${uuid(1)}/Event`, {}],
    [`analystData/add/Rumour/${uuid(1)}/Event`, { note: "x" }],
  ] as const)
    assert.equal((await misp.post(path, body)).json.code, "WGL_MISP_FIELD", path);
  assert.equal((await misp.post(`analystData/add/Note/${uuid(8)}/Event`, { note: "x" })).status, 404);
  assert.equal((await misp.post(`analyst_data/delete/Note/${of}`, undefined, "parks")).status, 200);
  assert.equal((await misp.get(`analyst_data/view/Note/${of}`)).status, 404);
});

test("galaxies: attached by id, UUID or tag, searched, detached; a local one stays", async (t) => {
  const misp = await openMisp(t);
  const Galaxy = [
    {
      uuid: uuid(70),
      name: "Threat Actor",
      type: "threat-actor",
      GalaxyCluster: [{ uuid: uuid(71), type: "threat-actor", value: "Harbour Gull", meta: { synonyms: ["Gull"] } }],
    },
  ];
  await misp.post("events/add", event(1, { ...everybody, Galaxy }));
  await misp.post("events/add", event(2, everybody));
  const [found] = (await misp.post("galaxy_clusters/restSearch", { value: "Harbour Gull" })).json.response;
  assert.equal(found.GalaxyCluster.uuid, uuid(71));
  assert.deepEqual(
    found.GalaxyCluster.GalaxyElement.map((one: { value: string }) => one.value),
    ["Gull"],
  );
  assert.equal((await misp.get(`galaxy_clusters/view/${uuid(71)}`)).json.GalaxyCluster.value, "Harbour Gull");
  assert.equal((await misp.post(`galaxy_clusters/index/${uuid(70)}`, { searchall: "gull" })).json.length, 1);
  const view = async (as?: "parks") => (await misp.get(`events/view/${uuid(2)}`, as)).json.Event;
  const { id } = await view();
  const attach = (target: string, to: string, local: number) =>
    misp
      .post(`galaxies/attachCluster/${id}/event/local:${local}`, { Galaxy: { target_id: target } })
      .then((got) => assert.equal(got.status, 200, `${to} ${got.text}`));
  await attach(found.GalaxyCluster.id, "by id", 0);
  await attach('misp-galaxy:ransomware="Kelp"', "by tag, local", 1);
  const tags = async (as?: "parks") => (await view(as)).Tag.map((tag: { name: string }) => tag.name);
  assert.deepEqual(await tags(), ['misp-galaxy:threat-actor="Harbour Gull"', 'misp-galaxy:ransomware="Kelp"']);
  assert.deepEqual(
    (await view()).Galaxy.map((one: { type: string }) => one.type),
    ["threat-actor", "ransomware"],
  );
  assert.deepEqual(await tags("parks"), ['misp-galaxy:threat-actor="Harbour Gull"']);
  assert.deepEqual(
    (await view("parks")).Galaxy.map((one: { type: string }) => one.type),
    ["threat-actor"],
  );
  const attribute = (await view()).Attribute[0];
  assert.equal(
    (await misp.post(`galaxies/attachCluster/${attribute.id}/attribute/local:0`, { Galaxy: { target_id: uuid(71) } }))
      .status,
    200,
  );
  assert.equal((await view()).Attribute[0].Galaxy[0].GalaxyCluster[0].value, "Harbour Gull");
  const tag = (await view()).Attribute[0].Tag[0].id;
  assert.equal((await misp.post(`galaxy_clusters/detach/${attribute.id}/attribute/${tag}`)).status, 200);
  assert.equal((await view()).Attribute[0].Galaxy, undefined);
  assert.equal(
    (await misp.post("tags/removeTagFromObject", { uuid: uuid(2), tag: 'misp-galaxy:threat-actor="Harbour Gull"' }))
      .json.saved,
    true,
  );
  assert.deepEqual(
    (await view()).Galaxy.map((one: { type: string }) => one.type),
    ["ransomware"],
  );
  assert.equal((await misp.post(`galaxies/attachCluster/${id}/event`, { Galaxy: { target_id: "12345" } })).status, 404);
  assert.equal(
    (await misp.post(`galaxies/attachCluster/${id}/event`, { Galaxy: { target_id: uuid(71) } }, "parks")).json.code,
    "WGL_MISP_OWN",
  );
});

test("references go by their UUID, twins are refused where asked, another instance learns what to push", async (t) => {
  const misp = await openMisp(t);
  await misp.post("events/add", event(1));
  const object = {
    name: "file",
    "meta-category": "file",
    Attribute: [{ object_relation: "md5", type: "md5", value: "d".repeat(32) }],
  };
  const added = await misp.post(`objects/add/${uuid(1)}`, object);
  const reference = await misp.post("objectReferences/add", {
    object_uuid: added.json.Object.uuid,
    referenced_uuid: uuid(1001),
    relationship_type: "drops",
  });
  const { uuid: of } = reference.json.ObjectReference;
  const left = async () =>
    (await misp.get(`objects/view/${added.json.Object.uuid}`)).json.Object.ObjectReference.length;
  assert.equal(await left(), 1);
  assert.equal((await misp.post(`objectReferences/delete/${of}`, undefined, "parks")).status, 404);
  assert.equal((await misp.post(`objectReferences/delete/${of}`)).status, 200);
  assert.equal(await left(), 0);
  assert.equal((await misp.post(`objectReferences/delete/${of}/true`)).status, 200);
  assert.equal((await misp.post(`objectReferences/delete/${of}`)).status, 404);
  assert.equal((await misp.post(`objects/add/${uuid(1)}/breakOnDuplicate:1`, object)).json.code, "WGL_MISP_EXISTS");
  assert.equal((await misp.post(`objects/add/${uuid(1)}`, object)).status, 200);
  const push = await misp.post("events/filterEventIdsForPush", [
    { Event: { uuid: uuid(1), timestamp: "1" } },
    { Event: { uuid: uuid(2), timestamp: "1" } },
    { uuid: uuid(1), timestamp: "4000000000" },
  ]);
  assert.deepEqual(push.json, [uuid(2), uuid(1)]);
  const metadata = await misp.post("events/add/metadata:1", event(5));
  assert.deepEqual([metadata.json.Event.uuid, metadata.json.Event.Attribute], [uuid(5), undefined]);
});
