import type { MispCluster, MispGalaxy, MispTag } from "#misp/model.ts";
import { isObject, listIn, own, textIn } from "#misp/own.ts";
import { regionCodes } from "#misp/region-codes.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { readUuid } from "#misp/uuid.ts";

/** STIX types that are clusters of a galaxy in MISP. */
export const isClusterType = (type: string): boolean => clusterTypes.has(type);
const clusterTypes: ReadonlySet<string> = new Set([
  "attack-pattern",
  "campaign",
  "course-of-action",
  "infrastructure",
  "intrusion-set",
  "malware",
  "threat-actor",
  "tool",
  "vulnerability",
  "x-misp-galaxy-cluster",
]);

const known: ReadonlySet<string> = new Set([
  "type",
  "spec_version",
  "id",
  "created_by_ref",
  "labels",
  "name",
  "description",
  "object_marking_refs",
  "granular_markings",
  "external_references",
  "confidence",
  "revoked",
  "lang",
  "extensions",
]);

export interface ClusterOf {
  readonly galaxy: MispGalaxy;
  /** The tag that names it; absent for clusters no galaxy of MISP has. */
  readonly tag?: MispTag;
}

/** An object MISP made from a cluster says so in its labels; any other is of the galaxy of its STIX type. */
export const clusterOf = (object: StixObject, source: string | undefined): ClusterOf => {
  const type = labelled(object, "misp:galaxy-type");
  return type === undefined ? foreign(object, source) : ofMisp(object, type);
};

export const labelled = (object: StixObject, name: string): string | undefined => {
  for (const label of listIn(object, "labels")) {
    const found =
      typeof label === "string" && label.startsWith(`${name}="`) ? label.slice(name.length + 2, -1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

const ofMisp = (object: StixObject, type: string): ClusterOf => {
  const name = labelled(object, "misp:galaxy-name") ?? type;
  const value = valueOf(object, type);
  const cluster = clusterIn(object, type, value);
  return {
    galaxy: { name, type, GalaxyCluster: [cluster] },
    tag: { name: `misp-galaxy:${type}="${value}"` },
  };
};

/** MISP's value has the number MITRE gave, a region its code. */
const valueOf = (object: StixObject, type: string): string => {
  const name = textIn(object, "name") ?? textIn(object, "x_misp_value") ?? object.id;
  if (type === "region") {
    const code = regionCodes[textIn(object, "region") ?? ""];
    return code === undefined ? name : `${code} - ${name}`;
  }
  if (type === "country") return name.toLowerCase();
  const number = referencesOf(object).find(({ source }) => source === "mitre-attack")?.id;
  return number === undefined || !type.startsWith("mitre-") ? name : `${name} - ${number}`;
};

const foreign = (object: StixObject, source: string | undefined): ClusterOf => {
  if (object.type === "identity") {
    const value = textIn(object, "name") ?? object.id;
    const cluster = clusterIn(object, "sector", value);
    return { galaxy: { name: "Sector", type: "sector", GalaxyCluster: [sourced(cluster, source)] } };
  }
  const type = `stix-2.1-${object.type}`;
  const title = object.type.replaceAll(
    /(^|-)([a-z])/g,
    (_, before: string, letter: string) => (before === "" ? "" : " ") + letter.toUpperCase(),
  );
  const cluster = clusterIn(object, type, textIn(object, "name") ?? object.id);
  return {
    galaxy: {
      name: `STIX 2.1 ${title.replace(" Of ", " of ")}`,
      type,
      version: "21",
      namespace: "stix",
      GalaxyCluster: [sourced(cluster, source)],
    },
  };
};

const sourced = (cluster: MispCluster, source: string | undefined): MispCluster =>
  source === undefined ? cluster : { ...cluster, source };

interface Reference {
  readonly source: string;
  readonly id?: string;
  readonly url?: string;
}

const referencesOf = (object: StixObject): readonly Reference[] =>
  listIn(object, "external_references").map((reference) => {
    const [id, url] = [textIn(reference, "external_id"), textIn(reference, "url")];
    return {
      source: textIn(reference, "source_name") ?? "",
      ...(id === undefined ? {} : { id }),
      ...(url === undefined ? {} : { url }),
    };
  });

const clusterIn = (object: StixObject, type: string, value: string): MispCluster => {
  const uuid = readUuid(object.id.slice(object.id.indexOf("--") + 2));
  const description = textIn(object, "description") ?? textIn(object, "x_misp_description");
  return {
    ...(uuid === undefined ? {} : { uuid }),
    type,
    value,
    ...(description === undefined ? {} : { description }),
    meta: metaOf(object, type),
  };
};

const metaOf = (object: StixObject, type: string): MispCluster["meta"] => {
  const meta: [string, unknown][] = [];
  const references = referencesOf(object);
  const ids = references.flatMap(({ id }) => id ?? []);
  if (type === "branded-vulnerability" && ids.length > 0) meta.push(["aliases", ids]);
  else if (ids.length > 0) meta.push(["external_id", ids.length === 1 ? ids[0] : ids]);
  const refs = references.flatMap(({ url }) => url ?? []);
  if (refs.length > 0) meta.push(["refs", refs]);
  for (const [key, value] of Object.entries(object)) {
    if (known.has(key) || (type.startsWith("stix-") ? false : key === "created" || key === "modified")) continue;
    if (key === "kill_chain_phases")
      meta.push([
        "kill_chain",
        listIn(object, key).map(
          (phase) => `${String(own(phase, "kill_chain_name"))}:${String(own(phase, "phase_name"))}`,
        ),
      ]);
    else if (key === "aliases") meta.push(["synonyms", value]);
    else if (key === "x_misp_meta" && isObject(value)) meta.push(...Object.entries(value));
    else if (!/^x_misp_(?:name|type|value|description)$/.test(key)) meta.push([key.replace(/^x_misp_/, ""), value]);
  }
  return Object.fromEntries(meta);
};
