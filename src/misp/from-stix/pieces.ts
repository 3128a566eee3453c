import type { MispGalaxy, MispTag } from "#misp/model.ts";
import { isObject, listIn, textIn } from "#misp/own.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { derivedUuid, readUuid } from "#misp/uuid.ts";
import { isClusterType, labelled } from "./cluster-of.ts";
import type { Entry } from "./entry.ts";
import type { Inside } from "./seen.ts";
import type { Made } from "./templates.ts";

export const refsOf = (object: StixObject): readonly string[] =>
  listIn(object, "object_refs").filter((ref): ref is string => typeof ref === "string");

export const uuidOf = (id: string): string => readUuid(id.slice(id.indexOf("--") + 2)) ?? derivedUuid(id);

export const opinions: Readonly<Record<string, string>> = {
  "strongly-disagree": "0",
  disagree: "25",
  neutral: "50",
  agree: "75",
  "strongly-agree": "100",
};

/** STIX 2.0 put its indicator types into labels; MISP has no use for the words of that vocabulary. */
const vocabulary: ReadonlySet<string> = new Set([
  "malicious-activity",
  "anomalous-activity",
  "anonymization",
  "benign",
  "compromised",
  "attribution",
  "unknown",
]);

/** Labels that are tags: not those by which MISP knows its own. */
export const labelsOf = (object: StixObject): readonly string[] =>
  listIn(object, "labels").filter(
    (label): label is string =>
      typeof label === "string" &&
      !vocabulary.has(label) &&
      !/^misp:(?:type|category|name|meta-category|galaxy-name|galaxy-type|data-layer|context-layer)=/.test(label),
  );

export const isMade = (object: StixObject): boolean =>
  labelled(object, "misp:type") !== undefined || labelled(object, "misp:name") !== undefined;

export const sameMade = (a: StixObject, b: StixObject): boolean =>
  labelled(a, "misp:type") === labelled(b, "misp:type") && labelled(a, "misp:name") === labelled(b, "misp:name");

/** MISP's converter puts a rule of another language into the brackets of a STIX pattern; they are no part of the rule. */
export const withoutBrackets = (rule: string): string =>
  rule.startsWith("[") && rule.endsWith("]") ? rule.slice(1, -1) : rule;

export const isCluster = (object: StixObject): boolean => {
  if (labelled(object, "misp:galaxy-type") !== undefined) return true;
  if (object.type === "identity") return object["identity_class"] === "class";
  if (object.type === "location")
    return !["latitude", "city", "street_address", "postal_code"].some((key) => Object.hasOwn(object, key));
  return isClusterType(object.type);
};

/** The objects of an observed-data that no other of them refers to. */
export const rootsOf = (objects: readonly StixObject[]): readonly StixObject[] => {
  const referred = new Set(objects.flatMap((object) => refsIn(object)));
  const roots = objects.filter(({ id }) => !referred.has(id));
  return roots.length === 0 ? objects.slice(0, 1) : roots.toSorted(byMain);
};

const refsIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (!/_refs?$/.test(key)) return refsIn(item);
    const list: readonly unknown[] = Array.isArray(item) ? item : [item];
    return list.filter((ref): ref is string => typeof ref === "string");
  });
};

/** What carries the others first: traffic before its addresses, a message before its mailboxes. */
const carriers = ["network-traffic", "email-message", "process", "file", "domain-name"];
export const byMain = (a: StixObject, b: StixObject): number => rank(a) - rank(b);
const rank = ({ type }: StixObject): number => {
  const at = carriers.indexOf(type);
  return at < 0 ? carriers.length : at;
};

/** The bytes of an artifact stand beside its name; without one its UUID is its name. */
export const withPayload = (made: readonly Made[], object: StixObject | undefined): readonly Made[] =>
  made.map((one) =>
    one.relation === "payload_bin" && one.data === undefined && object !== undefined
      ? { ...one, value: textIn(object, "x_misp_filename") ?? uuidOf(object.id), data: one.value }
      : one,
  );

export const sameValue = (a: Made, b: Made): boolean =>
  a.relation === b.relation && a.type === b.type && (a.value === b.value || a.data === b.value);

export const flag = (entry: Entry, wanted: readonly Made[], comment: string): void => {
  for (const draft of entry.made)
    if (wanted.some((one) => sameValue(draft, one))) {
      draft.ids = true;
      draft.comment = comment;
    }
};

export const flat = (inside: Inside): readonly Made[] => [...inside.made, ...inside.inside.flatMap(flat)];

export const distinctMade = (made: readonly Made[]): readonly Made[] => {
  const seen = new Set<string>();
  return made.filter(({ relation, type, value }) => {
    const key = `${relation}|${type}|${value}`;
    return !seen.has(key) && seen.add(key);
  });
};

export const referenceTo = (from: string, to: string, relationship_type: string) => ({
  uuid: derivedUuid(`${from}|${relationship_type}|${to}`),
  object_uuid: from,
  referenced_uuid: to,
  relationship_type,
});

export const distinct = (tags: readonly MispTag[]): readonly MispTag[] => {
  const seen = new Set<string>();
  return tags.filter(({ name }) => !seen.has(name) && seen.add(name));
};

/** Clusters of one galaxy under one galaxy. */
export const merged = (galaxies: readonly MispGalaxy[]): readonly MispGalaxy[] => {
  const by = new Map<string, MispGalaxy>();
  for (const galaxy of galaxies) {
    const before = by.get(galaxy.type);
    by.set(
      galaxy.type,
      before === undefined ? galaxy : { ...before, GalaxyCluster: [...before.GalaxyCluster, ...galaxy.GalaxyCluster] },
    );
  }
  return [...by.values()];
};

export const authorsOf = (object: StixObject): { readonly authors?: string } => {
  const [author] = listIn(object, "authors");
  return typeof author === "string" ? { authors: author } : {};
};

export const timesOf = (object: StixObject): { readonly created?: string; readonly modified?: string } => {
  const [created, modified] = [textIn(object, "created"), textIn(object, "modified")];
  return { ...(created === undefined ? {} : { created }), ...(modified === undefined ? {} : { modified }) };
};
