import { listIn, own, textIn } from "#misp/own.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { mispDate } from "#misp/timestamps.ts";
import { derivedUuid } from "#misp/uuid.ts";
import { type Fact, factsOf, type Lookup } from "./facts.ts";
import { contentsOf } from "./samples.ts";
import { type Made, madeOf } from "./templates.ts";

/** Template and meta-category of the object an observable of another author becomes; with none, it is an attribute. */
const templates: Readonly<Record<string, readonly [template: string, meta: string]>> = {
  artifact: ["artifact", "file"],
  directory: ["directory", "file"],
  "email-message": ["email", "network"],
  file: ["file", "file"],
  "network-traffic": ["network-traffic", "network"],
  process: ["process", "misc"],
  software: ["software", "misc"],
  "user-account": ["user-account", "misc"],
  "windows-registry-key": ["registry-key", "file"],
  "x509-certificate": ["x509", "network"],
};

/** Attribute type of an observable that says one thing. */
const attributeTypes: Readonly<Record<string, readonly [path: string, type: string]>> = {
  "autonomous-system": ["number", "AS"],
  "domain-name": ["value", "domain"],
  "email-addr": ["value", "email"],
  "ipv4-addr": ["value", "ip-dst"],
  "ipv6-addr": ["value", "ip-dst"],
  "mac-addr": ["value", "mac-address"],
  mutex: ["name", "mutex"],
  url: ["value", "url"],
};

export interface Shape {
  readonly template: string;
  readonly meta: string;
  readonly made: readonly Made[];
}

/** What facts of one type become under no template of MISP's own. */
export const shapeOfFacts = (type: string, facts: readonly Fact[]): Shape | undefined => {
  if (type === "domain-name" && facts.some(({ path }) => path.startsWith("resolves_to_refs")))
    return { template: "domain-ip", meta: "network", made: madeUnder("domain-ip", facts) };
  if (type === "autonomous-system" && facts.some(({ path }) => path === "name"))
    return { template: "asn", meta: "network", made: madeUnder("asn", facts) };
  const attribute = Object.hasOwn(attributeTypes, type) ? attributeTypes[type] : undefined;
  if (attribute !== undefined) {
    const [path, kind] = attribute;
    const value = facts.find((fact) => fact.path === path)?.value;
    if (value === undefined) return undefined;
    const name = facts.find((fact) => fact.path === "display_name");
    const made: Made = { relation: kind, type: kind, value: kind === "AS" ? `AS${value}` : value };
    const display: readonly Made[] =
      name === undefined ? [] : [{ relation: "display-name", type: "email-dst-display-name", value: name.value }];
    return { template: "", meta: "", made: [made, ...display] };
  }
  const known = Object.hasOwn(templates, type) ? templates[type] : undefined;
  return known === undefined ? undefined : { template: known[0], meta: known[1], made: madeUnder(known[0], facts) };
};

export const madeUnder = (template: string, facts: readonly Fact[]): readonly Made[] => {
  const { made, rest } = template === "artifact" ? { made: [], rest: facts } : contentsOf(template, facts);
  return [...rest.flatMap((fact) => madeOf(template, fact) ?? []), ...made];
};

/** Types an object of another author takes into itself; anything else it refers to is an object of its own. */
const absorbed: ReadonlySet<string> = new Set(["ipv4-addr", "ipv6-addr", "email-addr"]);

/** Facts of an observable of another author, with those of what it takes in, and the ids of these. */
export const ownFacts = (
  object: StixObject,
  lookup: Lookup,
): { readonly facts: readonly Fact[]; readonly taken: readonly string[] } => {
  const taken = new Set<string>();
  const facts = factsOf(object, (id) => {
    const found = lookup(id);
    const isNamedEnd = found?.type === "domain-name" && object.type === "network-traffic";
    if (found === undefined || !(absorbed.has(found.type) || isNamedEnd)) return undefined;
    taken.add(id);
    return found;
  });
  return { facts: object.type === "process" ? withEnvironment(object, facts) : facts, taken: [...taken] };
};

const withEnvironment = (object: StixObject, facts: readonly Fact[]): readonly Fact[] => {
  const environment = own(object, "environment_variables");
  if (typeof environment !== "object" || environment === null) return facts;
  const value = Object.entries(environment)
    .map(([name, set]) => `${name}: ${String(set)}`)
    .join(" - ");
  return [
    ...facts.filter(({ path }) => !path.startsWith("environment_variables.")),
    { path: "x_misp_environment_variables", value },
  ];
};

/** References between observables, and what MISP calls them; `back`: it starts at the one referred to. */
const references: Readonly<Record<string, readonly (readonly [property: string, relation: string, back?: true])[]>> = {
  directory: [["contains_refs", "contains"]],
  "domain-name": [["resolves_to_refs", "alias-of"]],
  file: [
    ["parent_directory_ref", "contained-in"],
    ["content_ref", "content-of", true],
    ["contains_refs", "contains"],
  ],
  "network-traffic": [
    ["src_payload_ref", "source-sent"],
    ["dst_payload_ref", "destination-sent"],
    ["encapsulates_refs", "encapsulates"],
    ["encapsulated_by_ref", "encapsulated-by"],
  ],
  process: [
    ["image_ref", "executes"],
    ["parent_ref", "child-of"],
    ["child_refs", "parent-of"],
    ["opened_connection_refs", "opens"],
    ["creator_user_ref", "creates", true],
  ],
  "windows-registry-key": [["creator_user_ref", "creates", true]],
};

export interface SeenReference {
  readonly from: string;
  readonly to: string;
  readonly relation: string;
}

export const referencesFrom = (object: StixObject): readonly SeenReference[] => {
  const rules = Object.hasOwn(references, object.type) ? (references[object.type] ?? []) : [];
  const direct = rules.flatMap(([property, relation, back]) =>
    idsIn(object, property).map((id) =>
      back === true ? { from: id, to: object.id, relation } : { from: object.id, to: id, relation },
    ),
  );
  const archived = idsIn(own(own(object, "extensions"), "archive-ext"), "contains_refs");
  const attached = listIn(object, "body_multipart").flatMap((part) => textIn(part, "body_raw_ref") ?? []);
  return [...direct, ...[...archived, ...attached].map((to) => ({ from: object.id, to, relation: "contains" }))];
};

const idsIn = (value: unknown, key: string): readonly string[] => {
  const found = own(value, key);
  const list: readonly unknown[] = Array.isArray(found) ? found : [found];
  return list.filter((id): id is string => typeof id === "string");
};

/** What stands in objects of their own beside the one that holds it: an executable's header, a key's several values. */
export interface Inside {
  readonly template: string;
  readonly relation: string;
  readonly uuid: string;
  readonly made: readonly Made[];
  readonly inside: readonly Inside[];
}

const pe = "extensions.windows-pebinary-ext.";

export const insideOf = (
  template: string,
  facts: readonly Fact[],
  uuid: string,
): { readonly rest: readonly Fact[]; readonly inside: readonly Inside[] } => {
  if (template === "file" || template === "pe") return executableIn(template, facts, uuid);
  if (template === "registry-key") return valuesIn(facts, uuid);
  return { rest: facts, inside: [] };
};

const executableIn = (
  template: string,
  facts: readonly Fact[],
  uuid: string,
): { readonly rest: readonly Fact[]; readonly inside: readonly Inside[] } => {
  const header = facts.filter(({ path }) => path.startsWith(pe));
  if (header.length === 0) return { rest: facts, inside: [] };
  const own_ = header.filter(({ path }) => !path.startsWith(`${pe}sections[`));
  const sections = groups(header, `${pe}sections[`).map(([index, section]) => ({
    template: "pe-section",
    relation: "includes",
    uuid: derivedUuid(`${uuid}|pe-section|${index}`),
    made: madeUnder("pe-section", section),
    inside: [],
  }));
  const made = own_.flatMap((fact) =>
    fact.path === `${pe}time_date_stamp`
      ? [{ relation: "compilation-timestamp", type: "datetime", value: mispDate(fact.value) }]
      : (madeOf("pe", fact) ?? []),
  );
  const rest = facts.filter(({ path }) => !path.startsWith(pe));
  if (template === "pe") return { rest: own_, inside: sections };
  return {
    rest,
    inside: [{ template: "pe", relation: "includes", uuid: derivedUuid(`${uuid}|pe`), made, inside: sections }],
  };
};

const valuesIn = (
  facts: readonly Fact[],
  uuid: string,
): { readonly rest: readonly Fact[]; readonly inside: readonly Inside[] } => {
  const values = groups(facts, "values[");
  if (values.length < 2) return { rest: facts, inside: [] };
  return {
    rest: facts.filter(({ path }) => !path.startsWith("values[")),
    inside: values.map(([index, value]) => ({
      template: "registry-key-value",
      relation: "contains",
      uuid: derivedUuid(`${uuid}|registry-key-value|${index}`),
      made: madeUnder(
        "registry-key-value",
        value.map((fact) => ({ ...fact, path: `values[0].${fact.path}` })),
      ),
      inside: [],
    })),
  };
};

/** Facts below `prefix` by their position, their paths from there on. */
const groups = (facts: readonly Fact[], prefix: string): readonly (readonly [string, readonly Fact[]])[] => {
  const by = new Map<string, Fact[]>();
  for (const fact of facts) {
    if (!fact.path.startsWith(prefix)) continue;
    const close = fact.path.indexOf("]", prefix.length);
    const index = fact.path.slice(prefix.length, close);
    const cut = { ...fact, path: fact.path.slice(close + 2) };
    const before = by.get(index);
    if (before === undefined) by.set(index, [cut]);
    else before.push(cut);
  }
  return [...by];
};
