import assert from "node:assert/strict";
import { test } from "node:test";
import { type Caller, event, type Misp, openMisp, uuid } from "./misp-world.ts";

// Every call that PyMISP can make, with the paths and bodies it sends, as a member's machine, a partner's, and a person of the
// CERT signed in. What waglan does is done; what it does not do is refused in MISP's own words, with a reason.

type Call = readonly [method: "GET" | "POST" | "HEAD", path: string, body?: unknown];

/** A caller's own event, with what PyMISP's tests put into one. */
const n = (caller: Caller): number => ({ transport: 11, oversea: 12, staff: 13 })[caller as string] ?? 14;

const done = (caller: Caller): readonly Call[] => {
  const of = uuid(n(caller));
  const attribute = uuid(n(caller) * 1000 + 1);
  return [
    ["GET", "servers/getPyMISPVersion.json"],
    ["GET", "servers/getVersion"],
    ["GET", "users/view/me"],
    ["GET", "attributes/describeTypes.json"],
    ["POST", "events/add", event(n(caller))],
    ["GET", "events/index"],
    ["POST", "events/index", { limit: 5, sort: "timestamp", direction: "desc" }],
    ["GET", `events/view/${of}`],
    ["POST", `events/view/${of}`, { deleted: [0, 1], extended: 1 }],
    ["HEAD", `events/view/${of}`],
    ["POST", `events/edit/${of}`, { info: "changed" }],
    ["POST", `events/publish/${of}`],
    ["POST", `events/alert/${of}`],
    ["POST", `events/unpublish/${of}`],
    ["POST", "events/restSearch", { returnFormat: "json", limit: 10, page: 1 }],
    ["POST", "attributes/restSearch", { returnFormat: "json", value: "198.51.100.%", includeEventTags: 1 }],
    ["POST", "objects/restSearch", { returnFormat: "json" }],
    ["POST", `events/freeTextImport/${of}`, { value: "203.0.113.200", returnMetaAttributes: true }],
    ["POST", `attributes/add/${of}`, { type: "domain", value: "added.example", uuid: uuid(n(caller) * 1000 + 7) }],
    ["GET", "attributes/index"],
    ["GET", `attributes/view/${attribute}`],
    ["HEAD", `attributes/view/${attribute}`],
    ["POST", `attributes/edit/${attribute}`, { comment: "x" }],
    ["POST", `attributes/delete/${uuid(n(caller) * 1000 + 7)}`, { hard: 0 }],
    ["POST", `attributes/restore/${uuid(n(caller) * 1000 + 7)}`],
    ["GET", "attributes/attributeStatistics/type/0"],
    [
      "POST",
      `objects/add/${of}`,
      {
        name: "file",
        "meta-category": "file",
        uuid: uuid(n(caller) * 1000 + 8),
        Attribute: [{ object_relation: "md5", type: "md5", value: "e".repeat(32) }],
      },
    ],
    ["GET", `objects/view/${uuid(n(caller) * 1000 + 8)}`],
    ["HEAD", `objects/view/${uuid(n(caller) * 1000 + 8)}`],
    ["POST", `objects/edit/${uuid(n(caller) * 1000 + 8)}`, { name: "file", comment: "x" }],
    [
      "POST",
      "objectReferences/add",
      {
        uuid: uuid(n(caller) * 1000 + 9),
        object_uuid: uuid(n(caller) * 1000 + 8),
        referenced_uuid: attribute,
        relationship_type: "drops",
      },
    ],
    ["POST", `objectReferences/delete/${uuid(n(caller) * 1000 + 9)}`],
    ["POST", `objects/delete/${uuid(n(caller) * 1000 + 8)}`, { hard: 1 }],
    ["GET", "objectTemplates/index"],
    ["POST", `eventReports/add/${of}`, { uuid: uuid(n(caller) * 1000 + 10), name: "r", content: "c" }],
    ["GET", `eventReports/view/${uuid(n(caller) * 1000 + 10)}`],
    ["GET", `eventReports/index/event_id:${of}`],
    ["POST", `eventReports/edit/${uuid(n(caller) * 1000 + 10)}`, { name: "r2" }],
    ["POST", `eventReports/delete/${uuid(n(caller) * 1000 + 10)}`, { hard: 1 }],
    ["POST", `shadowAttributes/add/${of}`, { type: "domain", value: "proposed.example" }],
    ["POST", `shadowAttributes/edit/${attribute}`, { comment: "y" }],
    ["POST", `shadowAttributes/delete/${attribute}`],
    ["GET", "shadowAttributes/index"],
    ["GET", `shadowAttributes/index/${of}`],
    ["POST", `analyst_data/add/Note/${of}/Event`, { Note: { uuid: uuid(n(caller) * 1000 + 11), note: "n" } }],
    ["GET", `analyst_data/view/Note/${uuid(n(caller) * 1000 + 11)}`],
    ["GET", `analyst_data/view/all/${uuid(n(caller) * 1000 + 11)}`],
    ["POST", `analyst_data/edit/Note/${uuid(n(caller) * 1000 + 11)}`, { note: "m" }],
    ["POST", `analyst_data/delete/Note/${uuid(n(caller) * 1000 + 11)}`],
    ["POST", "sightings/add", { value: `198.51.100.${n(caller)}`, type: "0" }],
    ["POST", `sightings/add/${attribute}`, { type: "1", source: "x" }],
    ["POST", "sightings/index", {}],
    ["POST", "sightings/listSightings", { context: "event", id: of }],
    ["POST", "sightings/restSearch/attribute", { returnFormat: "json", id: attribute, from: "7d" }],
    ["GET", "tags/index"],
    ["POST", "tags/add", { name: `tag-${n(caller)}`, colour: "#123456" }],
    ["GET", `tags/view/tag-${n(caller)}`],
    ["POST", `tags/edit/tag-${n(caller)}`, { colour: "#654321", hide_tag: true }],
    ["POST", "tags/search", { tagname: `tag-${n(caller)}`, strict_tagname: true }],
    ["POST", "tags/attachTagToObject", { uuid: of, tag: `tag-${n(caller)}`, local: false }],
    ["POST", "tags/removeTagFromObject", { uuid: of, tag: `tag-${n(caller)}` }],
    ["POST", "events/addTag", { request: { Event: { id: of, tag: `tag-${n(caller)}` } } }],
    ["POST", `tags/delete/tag-${n(caller)}`],
    ["GET", "tags/tagStatistics/false/false"],
    ["GET", "taxonomies/index"],
    ["GET", "taxonomies/view/tlp"],
    ["GET", "warninglists/index"],
    ["GET", "warninglists/view/1"],
    ["POST", "warninglists/checkValue", ["127.0.0.1"]],
    ["GET", "noticelists/index"],
    ["GET", "correlation_exclusions/index"],
    ["GET", "galaxies/index"],
    ["POST", "galaxies/index", { value: "threat" }],
    ["POST", "galaxy_clusters/restSearch", { value: "nobody" }],
    ["POST", `galaxies/attachCluster/${of}/event/local:0`, { Galaxy: { target_id: 'misp-galaxy:tool="Rake"' } }],
    ["GET", "feeds/index"],
    ["GET", "servers/index"],
    ["GET", "sharing_groups/index"],
    ["GET", "organisations/index/scope:all"],
    ["GET", "admin/users/index"],
    ["GET", "users/registrations/index"],
    ["GET", "roles/index"],
    ["GET", "decayingModel/index"],
    ["GET", "user_settings/index"],
    ["GET", "eventBlocklists/index"],
    ["POST", "eventBlocklists/add", { uuids: [uuid(90 + n(caller))] }],
    ["POST", `eventBlocklists/delete/${uuid(90 + n(caller))}`],
    ["GET", "orgBlocklists/index"],
    ["GET", "communities/index"],
    ["GET", "event_delegations"],
    ["GET", "feed/manifest.json"],
    ["POST", `events/delete/${of}`],
  ];
};

/** What MISP's administrators do by its API, and what waglan has not: told so, and why. */
const refused: readonly Call[] = [
  ["GET", "events/queryACL/printAllFunctionNames"],
  ["POST", "servers/update"],
  ["POST", "servers/serverSettingsEdit/MISP.live", { value: 1 }],
  ["GET", "servers/getSetting/MISP.live"],
  ["GET", "servers/serverSettings"],
  ["POST", "servers/restartWorkers"],
  ["GET", "servers/getWorkers"],
  ["POST", "servers/killAllWorkers"],
  ["GET", "servers/dbSchemaDiagnostic"],
  ["POST", "events/contact/1", { message: "x" }],
  ["POST", "/events/enrichEvent/1", { dns: true }],
  ["POST", "objectTemplates/update"],
  ["GET", "objectTemplates/view/1"],
  ["GET", "objectTemplates/getRaw/file"],
  ["POST", "taxonomies/enable/1"],
  ["POST", "taxonomies/disableTag/1"],
  ["POST", "taxonomies/addTag/1"],
  ["POST", "taxonomies/update"],
  ["POST", "taxonomies/toggleRequired/1", { Taxonomy: { required: true } }],
  ["POST", "warninglists/toggleEnable", { id: 1 }],
  ["POST", "warninglists/update"],
  ["POST", "noticelists/enableNoticelist/1/1"],
  ["POST", "noticelists/update"],
  ["POST", "correlation_exclusions/add", { value: "x" }],
  ["POST", "correlation_exclusions/clean"],
  ["POST", "galaxies/update"],
  ["POST", "galaxy_clusters/add/1", { GalaxyCluster: { value: "x" } }],
  ["POST", "galaxy_clusters/edit/1", {}],
  ["POST", "galaxy_clusters/publish/1"],
  ["POST", "galaxy_clusters/delete/1"],
  ["POST", "galaxy_cluster_relations/add/", {}],
  ["POST", "feeds/add", { Feed: {} }],
  ["GET", "feeds/fetchFromFeed/1"],
  ["GET", "feeds/fetchFromAllFeeds"],
  ["GET", "feeds/cacheFeeds/all"],
  ["GET", "feeds/compareFeeds"],
  ["POST", "feeds/loadDefaultFeeds"],
  ["GET", "servers/createSync"],
  ["POST", "servers/import", {}],
  ["POST", "servers/add", {}],
  ["GET", "servers/pull/1"],
  ["GET", "servers/push/1"],
  ["GET", "servers/testConnection/1"],
  ["POST", "sharing_groups/add", { name: "x" }],
  ["POST", "sharing_groups/edit/1", {}],
  ["POST", "sharing_groups/delete/1"],
  ["POST", "sharingGroups/addOrg/1/1/true"],
  ["POST", "sharingGroups/removeServer/1/1"],
  ["POST", "admin/organisations/add", { name: "x" }],
  ["POST", "admin/organisations/edit/1", {}],
  ["POST", "admin/organisations/delete/1"],
  ["POST", "admin/users/add", { email: "x@transport.example" }],
  ["POST", "admin/users/edit/1", {}],
  ["POST", "admin/users/delete/1"],
  ["POST", "users/change_pw", { password: "x" }],
  ["POST", "users/acceptRegistrations/1", {}],
  ["GET", "users/statistics/data"],
  ["GET", "users/heartbeat"],
  ["POST", "auth_keys/add/1", {}],
  ["POST", "admin/roles/add", {}],
  ["POST", "admin/roles/set_default/1"],
  ["POST", "decayingModel/update"],
  ["POST", "decayingModel/enable/1"],
  ["POST", "admin/logs/index", { limit: 1 }],
  ["POST", "logs/index", {}],
  ["POST", "user_settings/setSetting/publish_alert_filter", {}],
  ["POST", "user_settings/getSetting/publish_alert_filter"],
  ["POST", "orgBlocklists/add", { uuids: [] }],
  ["POST", "communities/requestAccess/1", {}],
  ["POST", "event_delegations/delegateEvent/1", {}],
  ["POST", "event_delegations/acceptDelegation/1"],
  ["POST", "events/pushEventToZMQ/1.json"],
  ["POST", "events/upload_stix/2", {}],
  ["POST", "events/upload_sample", {}],
  ["GET", "workflows/toggleModule/1/1"],
];

const send = async (misp: Misp, [method, path, body]: Call, as: Caller) =>
  method === "GET"
    ? misp.get(path, as)
    : method === "POST"
      ? misp.post(path, body, as)
      : misp.world.send({
          method: "HEAD",
          path: `/misp/${path}`,
          as: "nobody",
          headers:
            as === "staff"
              ? { cookie: `waglan=${(await misp.world.enter("lo")).secret}` }
              : { authorization: misp.world.token(as as "transport") },
        });

test("every call of PyMISP is done or refused with a reason, for a member's machine, a partner's and staff", async (t) => {
  const misp = await openMisp(t, { tlpMax: "green", purposes: ["detection", "blocking"] });
  for (const as of ["transport", "oversea", "staff"] as const) {
    const wrong: string[] = [];
    for (const call of done(as)) {
      const got = await send(misp, call, as);
      if (got.status !== 200) wrong.push(`${as} ${call[0]} ${call[1]}: ${got.status} ${got.text.slice(0, 200)}`);
    }
    assert.deepEqual(wrong, []);
    for (const call of refused) {
      const got = await send(misp, call, as);
      const { code, name, message, url, errors } = got.json ?? {};
      assert.deepEqual([got.status, code], [403, "WGL_MISP_READONLY"], `${call[1]}: ${got.text}`);
      assert.ok(
        [name, message, url, errors].every((one) => typeof one === "string" && one !== ""),
        call[1],
      );
    }
  }
  const strange = await misp.get("nothing/here");
  assert.deepEqual(
    [strange.status, strange.json.code, strange.json.url],
    [404, "WGL_MISP_ACTION", "/misp/nothing/here"],
  );
  assert.match(strange.json.message, /"here" of "nothing"/);
  // The constructor of every object is no controller
  for (const path of ["constructor/index", "__proto__/x", "events/constructor", "%ff/x"])
    assert.ok([403, 404].includes((await misp.get(path)).status), path);
  const got = await misp.get(`events/publish/${uuid(1)}`);
  assert.equal(got.status, 405);
});
