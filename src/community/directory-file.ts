import { parseEmail } from "#core/email.ts";
import { type Instant, printInstant } from "#core/instant.ts";
import { type GroupId, type OrganisationId, paps, tlps } from "#core/marking.ts";
import { languages } from "#words/language.ts";
import { type Agreement, purposes } from "./agreement.ts";
import type { Asset, AssetId } from "./asset.ts";
import { assetKey } from "./asset-file.ts";
import { readAsset, readGuarded } from "./asset-row.ts";
import type { Community, Directory } from "./directory.ts";
import { collectProblems, type DirectoryRead, directoryText, type Ids } from "./directory-body.ts";
import type { Group } from "./group.ts";
import { type HeldTwice, heldTwice } from "./held-twice.ts";
import { type Organisation, organisationKinds } from "./organisation.ts";
import type { Channel, Person, PersonId, Post } from "./person.ts";
import { isStaffRole, type Role, roles } from "./roles.ts";
import type { Sensor, SensorId } from "./sensor.ts";
import { type Fields, type YamlPlace, yamlRoot } from "./yaml-tree.ts";
import { itemsOf, read, readFlag, readKey, readNames, readPhone, readTime, readWord, readZone } from "./yaml-values.ts";

/**
 * Reads a directory file. Tells every problem with its pointer, line and column; what is good is read all the same, so
 * that one run shows everything. Apply it only without problems.
 *
 *   community: { name: {en, zh-Hant-HK?, zh-Hans?}, zone, anchor? }        anchor: the organisation that has staff
 *   organisations:
 *     - { id, name, kind?, parent?, sector?, languages?, clientOf?, shadow?, zone?, since?,
 *         people:    [{ id, name, email, phone?, role, language? }],
 *         assets:    [{ kind, value, from?, to?, proof?, worth? }],
 *         sensors:   [{ id, title, format, networks? }],
 *         agreement: { tlpMax, papMax, purposes, anonymiseSources?, acceptsPii?, from?, to? } }
 *   people: [{ id, name, email, phone?, language?, organisations: [{ id, role }] }]
 *   groups: [{ id, title, members, private?, staff? }]
 *
 * @param body at most 10 MiB of UTF-8 YAML 1.2; larger communities bring their assets as CSV (asset-file.ts)
 * @param now  when organisations joined, and agreements began, that do not say so
 */
export const readDirectoryFile = (body: Uint8Array, ids: Ids, now: Instant): DirectoryRead => {
  const text = directoryText(body);
  if (!text.ok) return { directory: empty, problems: [text.problem] };
  const problems = collectProblems();
  const root = yamlRoot(text.value, problems)?.fields(["community", "organisations", "people", "groups"]);
  if (root === undefined) return { directory: empty, problems: problems.all() };
  const reading: Reading = {
    ids,
    now,
    organisations: new Map(),
    people: new Map(),
    sensors: new Map(),
    held: heldTwice(),
  };
  const directory = readRoot(root, reading);
  return { directory, problems: problems.all() };
};

const empty: Directory = {
  community: { names: { en: "" }, zone: "UTC" },
  organisations: [],
  people: [],
  assets: [],
  sensors: [],
  groups: [],
  agreements: [],
};

/** What one reading knows: keys seen, with the line they stand on, for references and repetitions. */
interface Reading {
  readonly ids: Ids;
  readonly now: Instant;
  readonly organisations: Map<string, { readonly id: OrganisationId; readonly line: number }>;
  readonly people: Map<string, { readonly id: PersonId; readonly line: number }>;
  readonly sensors: Map<string, { readonly line: number }>;
  readonly held: HeldTwice;
}

const organisationKeys = [
  "id",
  "name",
  "parent",
  "kind",
  "sector",
  "languages",
  "clientOf",
  "shadow",
  "zone",
  "since",
  "people",
  "assets",
  "sensors",
  "agreement",
] as const;
type OrganisationFields = Fields<(typeof organisationKeys)[number]>;

const readRoot = (root: Fields<"community" | "organisations" | "people" | "groups">, reading: Reading): Directory => {
  // First the keys of all organisations, so that a reference may stand before what it names.
  const listed = (root.must("organisations")?.items() ?? []).flatMap((place) => {
    const fields = place.fields(organisationKeys);
    const key = fields?.must("id");
    const known = key && newKey(key, "organisation", reading.organisations);
    if (fields === undefined || known === undefined) return [];
    const id = reading.ids("organisation", known) as OrganisationId;
    reading.organisations.set(known, { id, line: place.line });
    return [{ key: known, id, fields, place }];
  });
  const community = readCommunity(root.must("community"), reading);
  const read = listed.map(({ key, id, fields, place }) => {
    const organisation = readOrganisation(key, id, fields, community, reading);
    return {
      place,
      organisation,
      people: itemsOf(fields.get("people")).flatMap((one) => readColleague(one, key, id, community, reading)),
      assets: itemsOf(fields.get("assets")).flatMap((one) => readAssetAt(one, key, id, reading)),
      sensors: itemsOf(fields.get("sensors")).flatMap((one) => readSensor(one, id, reading)),
      agreements: readAgreement(fields.get("agreement"), id, reading),
    };
  });
  const shared = itemsOf(root.get("people")).flatMap((one) => readPerson(one, community, reading));
  const organisations = read.flatMap((one) => (one.organisation === undefined ? [] : [one.organisation]));
  const circles = inCircles(new Map(organisations.map((one) => [one.id, one.parent])));
  for (const { place, organisation } of read)
    if (organisation !== undefined && circles.has(organisation.id))
      place.tell("WGL_DIRECTORY_CIRCLE", { value: organisation.key });
  return {
    community,
    organisations,
    people: [...read.flatMap((one) => one.people), ...shared],
    assets: read.flatMap((one) => one.assets),
    sensors: read.flatMap((one) => one.sensors),
    groups: readGroups(root.get("groups"), reading),
    agreements: read.flatMap((one) => one.agreements),
  };
};

const readCommunity = (place: YamlPlace | undefined, reading: Reading): Community => {
  const fields = place?.fields(["name", "zone", "anchor"]);
  const names = readNames(fields?.must("name"));
  const zone = readZone(fields?.must("zone"));
  const anchor = readReference(fields?.get("anchor"), reading);
  return { names: names ?? { en: "" }, zone: zone ?? "UTC", ...(anchor === undefined ? {} : { anchor }) };
};

const readOrganisation = (
  key: string,
  id: OrganisationId,
  fields: OrganisationFields,
  community: Community,
  reading: Reading,
): Organisation | undefined => {
  const names = readNames(fields.must("name"));
  const kind = readWord(fields.get("kind"), organisationKinds, "kind") ?? "member";
  const parent = readReference(fields.get("parent"), reading);
  const sector = readKey(fields.get("sector"));
  const spoken = itemsOf(fields.get("languages")).flatMap((one) => readWord(one, languages, "language") ?? []);
  const clientOf = itemsOf(fields.get("clientOf")).flatMap((one) => readReference(one, reading) ?? []);
  const shadow = readFlag(fields.get("shadow"));
  const zone = readZone(fields.get("zone"));
  const since = readTime(fields.get("since"));
  if (names === undefined) return undefined;
  return {
    id,
    key,
    names,
    kind,
    ...(parent === undefined ? {} : { parent }),
    ...(sector === undefined ? {} : { sector }),
    languages: spoken.length === 0 ? ["en"] : [...new Set(spoken)],
    clientOf: [...new Set(clientOf)],
    shadow: shadow ?? kind === "member",
    zone: zone ?? community.zone,
    since: since ?? reading.now,
  };
};

/** Somebody who acts for the one organisation under which they stand. */
const readColleague = (
  place: YamlPlace,
  organisationKey: string,
  organisation: OrganisationId,
  community: Community,
  reading: Reading,
): readonly Person[] => {
  const fields = place.fields(["id", "name", "email", "phone", "role", "language"]);
  if (fields === undefined) return [];
  const role = readRole(fields.must("role"), organisationKey, organisation, community);
  return personOf(fields, role === undefined ? [] : [{ organisation, role }], reading);
};

/** Somebody who acts for several. */
const readPerson = (place: YamlPlace, community: Community, reading: Reading): readonly Person[] => {
  const fields = place.fields(["id", "name", "email", "phone", "language", "organisations"]);
  if (fields === undefined) return [];
  const posts = itemsOf(fields.must("organisations")).flatMap((one): readonly Post[] => {
    const post = one.fields(["id", "role"]);
    const named = post?.must("id");
    const organisation = readReference(named, reading);
    const role = readRole(post?.must("role"), named?.text() ?? "", organisation, community);
    return organisation === undefined || role === undefined ? [] : [{ organisation, role }];
  });
  return personOf(fields, posts, reading);
};

const personOf = (
  fields: Fields<"id" | "name" | "email" | "phone" | "language">,
  organisations: readonly Post[],
  reading: Reading,
): readonly Person[] => {
  const id = fields.must("id");
  const key = id && newKey(id, "person", reading.people);
  const name = fields.must("name")?.text();
  const language = readWord(fields.get("language"), languages, "language");
  const email = read(fields.must("email"), parseEmail)?.value;
  const phone = readPhone(fields.get("phone"));
  if (id === undefined || key === undefined) return [];
  const personId = reading.ids("person", key) as PersonId;
  reading.people.set(key, { id: personId, line: id.line });
  if (name === undefined || email === undefined) return [];
  const channels: Channel[] = [{ kind: "email", address: email, proven: false }];
  if (phone !== undefined) channels.push({ kind: "phone", number: phone, proven: false });
  return [{ id: personId, key, name, organisations, ...(language === undefined ? {} : { language }), channels }];
};

const readAssetAt = (
  place: YamlPlace,
  organisationKey: string,
  organisation: OrganisationId,
  reading: Reading,
): readonly Asset[] => {
  const fields = place.fields(["kind", "value", "from", "to", "proof", "worth"]);
  if (fields === undefined) return [];
  // A key that is there but holds no text has told its problem; the asset then is not read further.
  const texts = { kind: "", value: "", from: "", to: "", proof: "", worth: "" };
  const given: { -readonly [K in keyof typeof texts]?: string } = {};
  for (const key of Object.keys(texts) as (keyof typeof texts)[]) {
    const at = fields.get(key);
    if (at === undefined) continue;
    const text = at.text();
    if (text === undefined) return [];
    given[key] = text;
  }
  const asset = readAsset(given, (field, problem) => (fields.get(field) ?? place).retell(problem));
  if (asset === undefined) return [];
  const first = reading.held.see({ ...asset, organisation }, `line ${place.line}`);
  if (first !== undefined) {
    place.tell("WGL_DIRECTORY_TWICE", { kind: "asset", value: `${asset.kind} ${asset.value}`, first });
    return [];
  }
  return [{ ...asset, organisation, id: reading.ids("asset", assetKey(organisationKey, asset)) as AssetId }];
};

const readSensor = (place: YamlPlace, organisation: OrganisationId, reading: Reading): readonly Sensor[] => {
  const fields = place.fields(["id", "title", "format", "networks"]);
  const id = fields?.must("id");
  const key = id && newKey(id, "sensor", reading.sensors);
  const title = fields?.must("title")?.text();
  const format = readKey(fields?.must("format"));
  const networks = itemsOf(fields?.get("networks")).flatMap((one) => read(one, readGuarded) ?? []);
  if (key === undefined || id === undefined) return [];
  reading.sensors.set(key, { line: id.line });
  if (title === undefined || format === undefined) return [];
  return [{ id: reading.ids("sensor", key) as SensorId, key, organisation, title, format, networks }];
};

const readAgreement = (place: YamlPlace | undefined, party: OrganisationId, reading: Reading): readonly Agreement[] => {
  const fields = place?.fields(["tlpMax", "papMax", "anonymiseSources", "acceptsPii", "purposes", "from", "to"]);
  if (fields === undefined) return [];
  const tlpMax = readWord(fields.must("tlpMax"), tlps, "tlpMax");
  const papMax = readWord(fields.must("papMax"), paps, "papMax");
  const wanted = itemsOf(fields.must("purposes")).flatMap((one) => readWord(one, purposes, "purpose") ?? []);
  const anonymiseSources = readFlag(fields.get("anonymiseSources")) ?? true;
  const acceptsPii = readFlag(fields.get("acceptsPii")) ?? false;
  const from = fields.get("from") === undefined ? reading.now : readTime(fields.get("from"));
  const to = readTime(fields.get("to"));
  if (tlpMax === undefined || papMax === undefined || from === undefined) return [];
  if (to !== undefined && to <= from)
    fields.get("to")?.tell("WGL_DIRECTORY_PERIOD", { from: printInstant(from), to: printInstant(to) });
  return [
    {
      party,
      tlpMax,
      papMax,
      anonymiseSources,
      acceptsPii,
      purposes: [...new Set(wanted)],
      from,
      ...(to === undefined ? {} : { to }),
    },
  ];
};

const readGroups = (place: YamlPlace | undefined, reading: Reading): readonly Group[] => {
  const seen = new Map<string, { readonly line: number }>();
  return itemsOf(place).flatMap((one): readonly Group[] => {
    const fields = one.fields(["id", "title", "members", "private", "staff"]);
    const id = fields?.must("id");
    const key = id && newKey(id, "group", seen);
    const title = fields?.must("title")?.text();
    const members = itemsOf(fields?.must("members")).flatMap((member) => readReference(member, reading) ?? []);
    const staff = itemsOf(fields?.get("staff")).flatMap((person): readonly PersonId[] => {
      const name = person.text();
      const found = name === undefined ? undefined : reading.people.get(name);
      if (name !== undefined && found === undefined) person.tell("WGL_DIRECTORY_PERSON", { value: name });
      return found === undefined ? [] : [found.id];
    });
    const secret = readFlag(fields?.get("private")) ?? false;
    if (key === undefined) return [];
    seen.set(key, { line: one.line });
    if (title === undefined) return [];
    return [{ id: reading.ids("group", key) as GroupId, key, title, members, private: secret, staff }];
  });
};

/** A key that nothing of its kind has yet. */
const newKey = (
  place: YamlPlace,
  kind: string,
  taken: ReadonlyMap<string, { readonly line: number }>,
): string | undefined => {
  const key = readKey(place);
  const first = key === undefined ? undefined : taken.get(key);
  if (first === undefined) return key;
  place.tell("WGL_DIRECTORY_TWICE", { kind, value: key ?? "", first: `line ${first.line}` });
  return undefined;
};

const readReference = (place: YamlPlace | undefined, reading: Reading): OrganisationId | undefined => {
  const key = place?.text();
  if (place === undefined || key === undefined) return undefined;
  const found = reading.organisations.get(key);
  if (found === undefined) place.tell("WGL_DIRECTORY_UNKNOWN", { value: key });
  return found?.id;
};

/** Staff powers come with a role of the anchor's people and with no other, whoever writes the file. */
const readRole = (
  place: YamlPlace | undefined,
  organisationKey: string,
  organisation: OrganisationId | undefined,
  community: Community,
): Role | undefined => {
  const role = readWord(place, Object.keys(roles) as Role[], "role");
  if (role === undefined || !isStaffRole(role) || organisation === undefined) return role;
  if (organisation === community.anchor) return role;
  place?.tell("WGL_DIRECTORY_ROLE", { value: role, organisation: organisationKey });
  return undefined;
};

/** Organisations that are their own ancestors; those that merely hang below a circle are not told. */
const inCircles = (parents: ReadonlyMap<OrganisationId, OrganisationId | undefined>): ReadonlySet<OrganisationId> => {
  const circles = new Set<OrganisationId>();
  const walkOf = new Map<OrganisationId, OrganisationId>();
  for (const start of parents.keys()) {
    let at: OrganisationId | undefined = start;
    while (at !== undefined && !walkOf.has(at)) {
      walkOf.set(at, start);
      at = parents.get(at);
    }
    if (at === undefined || walkOf.get(at) !== start) continue;
    // This walk met itself: from here round to here again.
    for (let round: OrganisationId | undefined = at; round !== undefined && !circles.has(round); ) {
      circles.add(round);
      round = parents.get(round);
    }
  }
  return circles;
};
