import { groupsOfOrganisation, groupsOfStaff } from "#community/group.ts";
import { no, type Result } from "#core/result.ts";
import { readValue } from "#core/recognise.ts";
import { rsitTypes } from "#core/rsit.ts";
import { extract } from "#feeds/extract.ts";
import { describeTypes } from "#misp/describe-types.ts";
import { readMispSearch } from "#share/misp-filter.ts";
import { addAttributes } from "#jobs/misp-change.ts";
import type { MispAnswer } from "#jobs/misp-asked.ts";
import {
  authorJson,
  communityJson,
  done,
  eventAt,
  isJson,
  type Json,
  json,
  type MispDo,
  type MispHere,
} from "#jobs/misp-call.ts";
import { groupNumber } from "#jobs/misp-marking.ts";
import type { MispEventRow } from "#jobs/misp-port.ts";
import { eventOut, recordRelease } from "#jobs/misp-read.ts";
import { organisationNumber, tagJson } from "#jobs/misp-shape.ts";
import { answerAttributes, eventHead, isExcluded, usualExtras, wholeEvents } from "#jobs/misp-view.ts";
import { mispCache } from "#share/misp-text.ts";
import { nameIn } from "#words/language.ts";

/** What we speak: the last 2.4 release whose calls these are. PyMISP compares it with its own. */
const version = "2.4.198";

/** `servers/getVersion` */
export const getVersion: MispDo = async (here) =>
  json({
    version,
    pymisp_recommended_version: version,
    perm_sync: here.community,
    perm_sighting: here.may("objects.write"),
    perm_galaxy_editor: false,
    request_encoding: [],
    filter_sightings: true,
  });

export const getPyMispVersion: MispDo = async () => json({ version });

/** `attributes/describeTypes` */
export const getDescribeTypes: MispDo = async () => json({ result: describeTypes });

/** `users/view/me`: honest about what the key may do. */
export const viewUser: MispDo = async (here, call) => {
  const me = userJson(here);
  const wanted = call.params[0] ?? "me";
  return wanted === "me" || wanted === me.User["id"]
    ? json({ ...me, Organisation: organisationOf(here), UserSetting: [] })
    : no("WGL_ABSENT");
};

export const listUsers: MispDo = async (here) => json([{ ...userJson(here), Organisation: organisationOf(here) }]);

const organisationOf = (here: MispHere): Json =>
  here.party === undefined
    ? communityJson(here)
    : authorJson(here, `${nameIn(here.party.names, "en")}\n\n${here.party.id}`);

const userJson = (here: MispHere): { readonly User: Json; readonly Role: Json } => {
  const organisation = organisationOf(here);
  const role = roleJson(here);
  return {
    User: {
      id: organisationNumber(`${here.viewer.kind} ${String(organisation["uuid"])}`),
      org_id: organisation["id"],
      // A machine has no mailbox; the address tells whose it is and can never be written to (RFC 2606)
      email: `${here.viewer.kind}@${String(organisation["id"])}.invalid`,
      autoalert: false,
      invited_by: "0",
      nids_sid: "0",
      termsaccepted: true,
      role_id: role["id"],
      change_pw: false,
      contactalert: false,
      disabled: false,
    },
    Role: role,
  };
};

const roleJson = (here: MispHere): Json => {
  const writes = here.may("objects.write");
  return {
    id: writes ? "3" : "6",
    name: writes ? "Publisher" : "Read Only",
    ...{ perm_add: writes, perm_modify: writes, perm_modify_org: writes, perm_publish: writes, perm_tagger: writes },
    ...{ perm_tag_editor: writes, perm_sighting: writes, perm_auth: true, perm_sync: here.community && writes },
    ...{ perm_delegate: false, perm_admin: false, perm_site_admin: false, perm_audit: false, perm_full: false },
    ...{ perm_regexp_access: false, perm_template: false, perm_sharing_group: false, perm_object_template: false },
    ...{ perm_galaxy_editor: false, perm_decaying: false, perm_warninglist: false, perm_publish_zmq: false },
    ...{ perm_publish_kafka: false, perm_view_feed_correlations: false, perm_analyst_data: false, default_role: false },
    permission: writes ? "3" : "0",
    permission_description: writes ? "publish" : "read_only",
  };
};

export const listRoles: MispDo = async (here) => json([{ Role: roleJson(here) }]);

/** `organisations/index`: the asker's own and the community; staff know all. Others are nobody's business (DESIGN §4.1). */
export const listOrganisations: MispDo = async (here) =>
  json(organisations(here).map((one) => ({ Organisation: one })));

export const viewOrganisation: MispDo = async (here, call) => {
  const wanted = (call.params[0] ?? "").toLowerCase();
  const found = organisations(here).find(
    (one) => one["id"] === wanted || one["uuid"] === wanted || String(one["name"]).toLowerCase() === wanted,
  );
  return found === undefined ? no("WGL_ABSENT") : json({ Organisation: found });
};

const organisations = (here: MispHere): readonly Json[] => {
  const known = here.staff
    ? here.desk.directory.known.directory.organisations.map((one) =>
        authorJson(here, `${nameIn(one.names, "en")}\n\n${one.id}`),
      )
    : [organisationOf(here)];
  const byId = new Map<unknown, Json>([communityJson(here), ...known].map((one) => [one["id"], one]));
  return [...byId.values()].map((one) => ({
    ...one,
    description: "",
    nationality: "",
    sector: "",
    type: "",
    contacts: "",
    local: true,
    restricted_to_domain: [],
  }));
};

/** `sharing_groups/index`: groups the asker is in; their members are told to staff alone. */
export const listSharingGroups: MispDo = async (here) => json({ response: sharingGroups(here) });

export const viewSharingGroup: MispDo = async (here, call) => {
  const found = sharingGroups(here).find(
    ({ SharingGroup }) => SharingGroup["id"] === call.params[0] || SharingGroup["uuid"] === call.params[0],
  );
  return found === undefined ? no("WGL_ABSENT") : json(found);
};

const sharingGroups = (
  here: MispHere,
): readonly {
  readonly SharingGroup: Json;
  readonly Organisation: Json;
  readonly SharingGroupOrg: readonly Json[];
  readonly SharingGroupServer: readonly Json[];
}[] => {
  const { groups } = here.desk.directory.known.directory;
  const mine = new Set(
    here.viewer.kind === "staff"
      ? groupsOfStaff(groups, here.viewer.person)
      : here.party === undefined
        ? []
        : groupsOfOrganisation(groups, here.party.id),
  );
  return groups
    .filter(({ id }) => mine.has(id))
    .map((group) => ({
      SharingGroup: {
        id: groupNumber(group.id),
        uuid: group.id,
        name: group.title,
        description: "",
        releasability: group.title,
        active: true,
        local: true,
        roaming: false,
      },
      Organisation: communityJson(here),
      SharingGroupOrg: [],
      SharingGroupServer: [],
      editable: false,
      deletable: false,
    }));
};

/** `attributes/attributeStatistics` */
export const attributeStatistics: MispDo = async (here, call) => {
  const rows = await here.tx.misp.statistics(call.params[0] === "category" ? "category" : "type", here.reader().reach);
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  const share = call.params[1] === "true" || call.params[1] === "1";
  return json(
    Object.fromEntries(
      rows.map(({ name, count }) => [name, share ? `${Math.round((count / all) * 10_000) / 100}%` : String(count)]),
    ),
  );
};

/** `tags/tagStatistics` */
export const tagStatistics: MispDo = async (here) => {
  const rows = await here.tx.misp.tagsInUse(here.reader().reach, 20_000);
  return json({
    tags: Object.fromEntries(rows.map(({ name, events, attributes }) => [name, events + attributes])),
    taxonomies: [],
  });
};

/** Vocabularies that waglan itself reads; tags of any other are kept as they are. */
const taxonomies: readonly {
  readonly namespace: string;
  readonly description: string;
  readonly tags: readonly string[];
}[] = [
  {
    namespace: "tlp",
    description: "Traffic Light Protocol 2.0 (FIRST)",
    tags: ["tlp:red", "tlp:amber+strict", "tlp:amber", "tlp:green", "tlp:clear"],
  },
  {
    namespace: "PAP",
    description: "Permissible Actions Protocol",
    tags: ["PAP:RED", "PAP:AMBER", "PAP:GREEN", "PAP:CLEAR"],
  },
  {
    namespace: "admiralty-scale",
    description: "Source reliability and information credibility",
    tags: [
      ...["a", "b", "c", "d", "e", "f"].map((letter) => `admiralty-scale:source-reliability="${letter}"`),
      ...["1", "2", "3", "4", "5", "6"].map((digit) => `admiralty-scale:information-credibility="${digit}"`),
    ],
  },
  {
    namespace: "rsit",
    description: "Reference Security Incident Taxonomy",
    tags: Object.entries(rsitTypes).map(([type, { class: of }]) => `rsit:${of}="${type}"`),
  },
];

const taxonomyJson = ({ namespace, description, tags }: (typeof taxonomies)[number]): Json => ({
  Taxonomy: {
    id: organisationNumber(namespace),
    namespace,
    description,
    version: "1",
    enabled: true,
    exclusive: namespace !== "rsit",
    required: false,
    highlighted: false,
  },
  total_count: tags.length,
  current_count: tags.length,
});

export const listTaxonomies: MispDo = async () => json(taxonomies.map(taxonomyJson));

export const viewTaxonomy: MispDo = async (_here, call) => {
  const wanted = call.params[0];
  const found = taxonomies.find((one) => organisationNumber(one.namespace) === wanted || one.namespace === wanted);
  return found === undefined
    ? no("WGL_ABSENT")
    : json({
        ...(taxonomyJson(found)["Taxonomy"] as Json),
        Taxonomy: taxonomyJson(found)["Taxonomy"],
        entries: found.tags.map((tag) => ({ tag, expanded: tag, existing_tag: tagJson(tag) })),
      });
};

/** Galaxies of events the asker may see: waglan keeps what its partners say, and no catalogue of its own. */
const galaxiesSeen = async (here: MispHere): Promise<readonly Json[]> => {
  const reader = here.reader();
  const rows = await here.tx.misp.events({ deleted: "no" }, reader.reach, {
    order: [{ by: "Event.timestamp", down: true }],
    limit: 1000,
    offset: 0,
  });
  const seen = new Map<string, Record<string, unknown> & { GalaxyCluster: Json[] }>();
  for (const row of rows) {
    const out = eventOut(row, 0, reader);
    const list = out?.value.event["Galaxy"];
    for (const galaxy of Array.isArray(list) ? list.filter(isJson) : []) {
      const key = String(galaxy["uuid"] ?? galaxy["type"]);
      const one = seen.get(key) ?? {
        ...galaxy,
        id: organisationNumber(key),
        uuid: galaxy["uuid"] ?? "",
        GalaxyCluster: [],
      };
      for (const cluster of Array.isArray(galaxy["GalaxyCluster"]) ? galaxy["GalaxyCluster"].filter(isJson) : [])
        if (!one.GalaxyCluster.some((other) => other["value"] === cluster["value"]))
          one.GalaxyCluster.push({ ...cluster, id: organisationNumber(String(cluster["uuid"] ?? cluster["value"])) });
      seen.set(key, one);
    }
  }
  return [...seen.values()];
};

export const listGalaxies: MispDo = async (here, call) => {
  const wanted = String(call.input["value"] ?? "").toLowerCase();
  const found = (await galaxiesSeen(here)).filter((one) =>
    `${String(one["name"])} ${String(one["type"])} ${String(one["uuid"])}`.toLowerCase().includes(wanted),
  );
  return json(
    found.map((one) => ({
      Galaxy: Object.fromEntries(Object.entries(one).filter(([name]) => name !== "GalaxyCluster")),
    })),
  );
};

export const viewGalaxy: MispDo = async (here, call) => {
  const found = (await galaxiesSeen(here)).find(
    (one) => one["id"] === call.params[0] || one["uuid"] === call.params[0],
  );
  if (found === undefined) return no("WGL_ABSENT");
  const { GalaxyCluster, ...galaxy } = found;
  return json({ Galaxy: galaxy, GalaxyCluster });
};

/** `warninglists/index`: what keeps values out of lists here. */
export const listWarninglists: MispDo = async (here) => {
  const lists = here.desk.exclusions();
  const all = {
    id: "1",
    name: "Exclusions in force",
    type: "mixed",
    description: "Reserved ranges and warning lists",
    version: "1",
    enabled: true,
    warninglist_entry_count: String(lists.size),
    valid_attributes: "",
  };
  return json({ Warninglists: [{ Warninglist: all }] });
};

export const viewWarninglist: MispDo = async (here, call) =>
  call.params[0] === "1"
    ? json({
        Warninglist: {
          id: "1",
          name: "Exclusions in force",
          type: "mixed",
          description: "Reserved ranges and warning lists",
          enabled: true,
          warninglist_entry_count: String(here.desk.exclusions().size),
          WarninglistEntry: [],
        },
      })
    : no("WGL_ABSENT");

/** `warninglists/checkValue`: by value, the lists it is on. */
export const checkWarninglists: MispDo = async (here, call) => {
  const asked = Array.isArray(call.body) ? call.body : [call.input["value"] ?? call.input["values"] ?? []].flat();
  const found: Record<string, readonly Json[]> = Object.create(null);
  for (const value of asked.slice(0, 10_000).map(String)) {
    const read = readValue(value);
    const excluded = read.ok ? here.desk.exclusions().excluded(read.value.observable) : undefined;
    if (excluded !== undefined) found[value] = [{ id: "1", name: excluded.list, matched: excluded.reason }];
  }
  return json(Object.keys(found).length === 0 ? [] : found);
};

/** Acts of MISP's that change what waglan keeps elsewhere. */
export const refused =
  (what: string): MispDo =>
  async () =>
    no("WGL_MISP_READONLY", { what });

export const empty =
  (value: unknown): MispDo =>
  async () =>
    json(value);

/** `eventBlocklists/index` */
export const listGone: MispDo = async (here) =>
  json(
    (await here.tx.misp.gone(here.keeping.sender.party)).map((one) => ({
      EventBlocklist: {
        id: organisationNumber(one.uuid),
        event_uuid: one.uuid,
        created: new Date(one.at).toISOString().slice(0, 19).replace("T", " "),
        event_info: one.info,
        event_orgc: one.orgc,
        comment: "",
      },
    })),
  );

/** `eventBlocklists/add` */
export const addGone: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const uuids = [call.input["uuids"] ?? call.input["uuid"] ?? []].flat().flatMap((one) => String(one).split(/[\s,]+/));
  const good = uuids
    .map((one) => one.toLowerCase())
    .filter((one) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(one));
  for (const uuid of good)
    await here.tx.misp.putGone(
      {
        uuid,
        info: String(call.input["event_info"] ?? ""),
        orgc: String(call.input["event_orgc"] ?? ""),
        at: here.now,
      },
      here.keeping.sender.party,
    );
  return json({ result: { successes: good, fails: uuids.filter((one) => !good.includes(one.toLowerCase())) } });
};

/** `eventBlocklists/delete`: by UUID or its number. */
export const removeGone: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const wanted = (call.params[0] ?? "").toLowerCase();
  const sender = here.keeping.sender.party;
  const found = (await here.tx.misp.gone(sender)).find(
    ({ uuid }) => uuid === wanted || organisationNumber(uuid) === wanted,
  );
  if (found === undefined || !(await here.tx.misp.removeGone(found.uuid, sender))) return no("WGL_ABSENT");
  return done("Blocklist entry removed.");
};

/** MISP's type of a value found in a text. */
const typeOfKind: Readonly<Record<string, string>> = {
  ...{ ipv4: "ip-dst", ipv6: "ip-dst", cidr: "ip-dst", domain: "domain", url: "url", email: "email-src", asn: "AS" },
  ...{ md5: "md5", sha1: "sha1", sha256: "sha256", sha512: "sha512", endpoint: "ip-dst|port" },
};

/** `events/freeTextImport`: values of a text become attributes, or with `returnMetaAttributes` are only told. */
export const freeText: MispDo = async (here, call) => {
  const text = call.input["value"];
  if (typeof text !== "string") return no("WGL_MISP_FIELD", { field: "value", what: "request", wanted: "a text" });
  const { found, cves } = extract(text);
  const attributes = [
    ...found.flatMap(({ result, written }) => {
      const type = result.ok ? typeOfKind[result.value.kind] : undefined;
      if (!result.ok || type === undefined) return [];
      const value =
        type === "ip-dst|port"
          ? result.value.value.replace(/:(\d+)$/, "|$1").replace(/[[\]]/g, "")
          : result.value.value;
      return [{ type, value, original_value: written }];
    }),
    ...cves.map((value) => ({ type: "vulnerability", value, original_value: value })),
  ]
    .filter(
      (one) =>
        call.input["adhereToWarninglists"] === undefined ||
        call.input["adhereToWarninglists"] === false ||
        !isExcluded(here, one),
    )
    .map((one) => ({
      ...one,
      category: describeTypes.sane_defaults[one.type]?.default_category ?? "Other",
      to_ids: describeTypes.sane_defaults[one.type]?.to_ids === 1,
      ...(call.input["distribution"] === undefined ? {} : { distribution: String(call.input["distribution"]) }),
      comment: "",
    }));
  const meta = call.input["returnMetaAttributes"];
  if (meta === true || meta === 1 || meta === "1")
    return json(attributes.map(({ type, ...one }) => ({ ...one, default_type: type, types: [type], type })));
  if (attributes.length === 0) return json([]);
  const added = await addAttributes(here, {
    ...call,
    body: attributes.map((one) =>
      Object.fromEntries(Object.entries(one).filter(([name]) => name !== "original_value")),
    ),
  });
  if (!added.ok) return added;
  const parsed = JSON.parse(added.value.body) as { readonly Attribute: unknown };
  return json(parsed.Attribute);
};

/** `attributes/bro/download`, `attributes/text/download`: exports of old, by path. */
export const download =
  (format: string): MispDo =>
  async (here, call) => {
    // "/attributes/text/download/<type>/<tags>": parts that are "all", "null" or "false" say nothing
    const [first, second] = call.params;
    const said = (one: string | undefined): one is string => one !== undefined && !/^(?:all|null|false|0|)$/.test(one);
    const read = readMispSearch(
      {
        returnFormat: format,
        ...(format === "text" && said(first) ? { type: first } : {}),
        ...(said(second) && format === "text" ? { tags: second } : {}),
        ...call.input,
      },
      "attributes",
      here.now,
    );
    if (!read.ok) return read;
    return answerAttributes(
      here,
      { ...read.value, returnFormat: format },
      `/misp/attributes/${format}/download ${read.value.canonical}`,
    );
  };

/** `feed/manifest.json`, `feed/<uuid>.json`, `feed/hashes.csv`: published events as a MISP feed. @see MISP core format §3 */
export const feedFile: MispDo = async (here, call) => {
  const [file = ""] = call.params;
  const reader = here.reader();
  const uuid = /^([0-9a-f-]{36})\.json$/i.exec(file)?.[1];
  if (uuid !== undefined) {
    const row = await eventAt(here, uuid);
    if (row === undefined || !row.published) return no("WGL_ABSENT");
    const [whole] = await wholeEvents(here, [row], reader, {
      ...usualExtras,
      attachments: true,
      related: false,
      sightings: false,
    });
    if (whole === undefined) return no("WGL_ABSENT");
    const body = JSON.stringify({ Event: whole.json });
    await recordRelease(here.tx, reader, `/misp/feed/${row.uuid}.json`, [whole, ...whole.pairs], Buffer.from(body));
    return { ok: true, value: { body } };
  }
  const rows = await here.tx.misp.events({ published: true, deleted: "no" }, reader.reach, {
    order: [{ by: "Event.timestamp", down: false }],
    limit: 100_001,
    offset: 0,
  });
  if (rows.length > 100_000) return no("WGL_MISP_PAGES", { count: rows.length, what: "events", limit: 100_000 });
  if (file === "manifest.json") return manifest(here, rows, reader);
  if (file !== "hashes.csv") return no("WGL_ABSENT");
  const whole = await wholeEvents(here, rows, reader, { ...usualExtras, related: false, sightings: false });
  const pairs = whole.flatMap((one) => one.pairs);
  const body = mispCache(pairs.map(({ line }) => line));
  await recordRelease(here.tx, reader, "/misp/feed/hashes.csv", pairs, Buffer.from(body));
  return { ok: true, value: { body, type: "text/csv; charset=utf-8" } };
};

const manifest = async (
  here: MispHere,
  rows: readonly MispEventRow[],
  reader: ReturnType<MispHere["reader"]>,
): Promise<Result<MispAnswer>> => {
  const out: { event: MispEventRow; entry: readonly [string, Json] }[] = [];
  for (const event of rows) {
    const released = eventOut(event, 0, reader);
    if (released === undefined) continue;
    const { Orgc, Tag, info, date, analysis, threat_level_id, timestamp, uuid } = eventHead(here, released);
    const { id: _, ...author } = Orgc as Json;
    const tags = (Array.isArray(Tag) ? Tag : []).map((tag: Json) => ({ name: tag["name"], colour: tag["colour"] }));
    out.push({
      event,
      entry: [String(uuid), { Orgc: author, Tag: tags, info, date, analysis, threat_level_id, timestamp }],
    });
  }
  const body = JSON.stringify(Object.fromEntries(out.map(({ entry }) => entry)));
  await recordRelease(here.tx, reader, "/misp/feed/manifest.json", out, Buffer.from(body));
  return { ok: true, value: { body } };
};
