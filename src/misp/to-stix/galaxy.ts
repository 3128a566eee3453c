import type { MispCluster, MispGalaxy } from "#misp/model.ts";
import { isObject } from "#misp/own.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { stixDate } from "#misp/timestamps.ts";
import { derivedUuid, readUuid } from "#misp/uuid.ts";

/** Galaxy types whose clusters are STIX domain objects; a type that is in no list travels as `x-misp-galaxy-cluster`. */
const typesOf: Readonly<Record<string, readonly string[]>> = {
  "attack-pattern": [
    "mitre-attack-pattern",
    "mitre-enterprise-attack-attack-pattern",
    "mitre-mobile-attack-attack-pattern",
    "mitre-pre-attack-attack-pattern",
    "stix-2.0-attack-pattern",
    "stix-2.1-attack-pattern",
  ],
  campaign: ["stix-2.0-campaign", "stix-2.1-campaign"],
  "course-of-action": [
    "mitre-course-of-action",
    "mitre-enterprise-attack-course-of-action",
    "mitre-mobile-attack-course-of-action",
    "stix-2.0-course-of-action",
    "stix-2.1-course-of-action",
  ],
  identity: ["sector", "stix-2.0-identity", "stix-2.1-identity"],
  "intrusion-set": [
    "mitre-intrusion-set",
    "mitre-enterprise-attack-intrusion-set",
    "mitre-mobile-attack-intrusion-set",
    "mitre-pre-attack-intrusion-set",
    "stix-2.0-intrusion-set",
    "stix-2.1-intrusion-set",
  ],
  location: ["country", "region", "stix-2.1-location"],
  malware: [
    "mitre-malware",
    "mitre-enterprise-attack-malware",
    "mitre-mobile-attack-malware",
    "android",
    "backdoor",
    "banker",
    "malpedia",
    "ransomware",
    "stealer",
    "stix-2.0-malware",
    "stix-2.1-malware",
  ],
  "threat-actor": ["threat-actor", "microsoft-activity-group", "stix-2.0-threat-actor", "stix-2.1-threat-actor"],
  tool: [
    "mitre-tool",
    "mitre-enterprise-attack-tool",
    "mitre-mobile-attack-tool",
    "botnet",
    "exploit-kit",
    "rat",
    "tds",
    "tool",
    "stix-2.0-tool",
    "stix-2.1-tool",
  ],
  vulnerability: ["branded-vulnerability", "stix-2.0-vulnerability", "stix-2.1-vulnerability"],
};

const stixTypeOf: ReadonlyMap<string, string> = new Map(
  Object.entries(typesOf).flatMap(([stix, galaxies]) => galaxies.map((galaxy) => [galaxy, stix] as const)),
);

/** Types whose other names are `aliases`; elsewhere they stay a custom property. */
const aliased: ReadonlySet<string> = new Set([
  "attack-pattern",
  "campaign",
  "intrusion-set",
  "malware",
  "threat-actor",
  "tool",
]);
const phased: ReadonlySet<string> = new Set(["attack-pattern", "malware", "tool", "infrastructure"]);

/** Properties of STIX that a cluster's meta names as they are. */
const plain: Readonly<Record<string, ReadonlySet<string>>> = {
  campaign: new Set(["first_seen", "last_seen", "objective"]),
  "intrusion-set": new Set([
    "first_seen",
    "last_seen",
    "goals",
    "resource_level",
    "primary_motivation",
    "secondary_motivations",
  ]),
  location: new Set(["administrative_area", "city", "country", "region", "latitude", "longitude", "postal_code"]),
  identity: new Set(["sectors", "contact_information", "roles", "identity_class"]),
  malware: new Set([
    "is_family",
    "malware_types",
    "first_seen",
    "last_seen",
    "architecture_execution_envs",
    "capabilities",
    "implementation_languages",
  ]),
  "threat-actor": new Set([
    "threat_actor_types",
    "first_seen",
    "last_seen",
    "goals",
    "roles",
    "sophistication",
    "resource_level",
    "primary_motivation",
    "secondary_motivations",
    "personal_motivations",
  ]),
  tool: new Set(["tool_types", "tool_version"]),
};
/** STIX 2.0 called them labels. */
const typesProperty: Readonly<Record<string, string>> = {
  malware: "malware_types",
  tool: "tool_types",
  "threat-actor": "threat_actor_types",
};
const dates: ReadonlySet<string> = new Set(["first_seen", "last_seen"]);

/** A cluster as a STIX object; its id is the cluster's own, so that every event that names it names the same. */
export const clusterObject = (
  galaxy: MispGalaxy,
  cluster: MispCluster,
  common: Readonly<Record<string, unknown>>,
): StixObject => {
  const type = stixTypeOf.get(galaxy.type) ?? "x-misp-galaxy-cluster";
  const uuid = readUuid(cluster.uuid) ?? derivedUuid(`${galaxy.type}|${cluster.value}`);
  const labels = [`misp:galaxy-name="${galaxy.name}"`, `misp:galaxy-type="${galaxy.type}"`];
  const base = { type, spec_version: "2.1", id: `${type}--${uuid}`, ...common, labels };
  const description = cluster.description ?? galaxy.description;
  if (type === "x-misp-galaxy-cluster")
    return {
      ...base,
      x_misp_name: galaxy.name,
      x_misp_type: galaxy.type,
      x_misp_value: cluster.value,
      x_misp_description: [galaxy.description, cluster.description].filter((text) => text !== undefined).join(" | "),
      ...metaObject(cluster.meta),
    };
  if (type === "location") return { ...base, ...locationOf(galaxy, cluster) };
  return {
    ...base,
    name: nameOf(cluster),
    ...(description === undefined || description === "" ? {} : { description }),
    ...(type === "malware" ? { is_family: false } : {}),
    ...(type === "identity" ? { identity_class: "class" } : {}),
    ...metaProperties(type, cluster),
  };
};

const metaObject = (meta: MispCluster["meta"]): Readonly<Record<string, unknown>> =>
  Object.keys(meta).length === 0 ? {} : { x_misp_meta: meta };

/** "APT16 - G0023" is APT16: MITRE's number stands in the external references. */
const nameOf = (cluster: MispCluster): string => {
  const cut = /^(.+) - (?:[A-Z]{1,3}\d{3,4}(?:\.\d{3})?)$/.exec(cluster.value)?.[1];
  return cut ?? cluster.value;
};

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === "string" && item !== "");

const metaProperties = (type: string, cluster: MispCluster): Readonly<Record<string, unknown>> => {
  const out: [string, unknown][] = [];
  const references: Readonly<Record<string, unknown>>[] = [];
  const name = nameOf(cluster);
  for (const [key, value] of Object.entries(cluster.meta)) {
    if (key === "external_id")
      references.unshift(...listOf(value).map((id) => ({ source_name: sourceOf(id), external_id: id })));
    else if (key === "refs") references.push(...listOf(value).map((url) => ({ source_name: "url", url })));
    else if (key === "kill_chain" && phased.has(type)) out.push(["kill_chain_phases", listOf(value).map(phaseOf)]);
    else if (key === "synonyms" && aliased.has(type)) {
      const aliases = listOf(value).filter((alias) => alias !== name);
      if (aliases.length > 0) out.push(["aliases", aliases]);
    } else if (key === "aliases" && type === "vulnerability")
      references.push(...listOf(value).map((id) => ({ source_name: "cve", external_id: id })));
    else if (key === "labels" && Object.hasOwn(typesProperty, type)) out.push([typesProperty[type] ?? key, value]);
    else if (plain[type]?.has(key) === true)
      out.push([key, dates.has(key) && typeof value === "string" ? (stixDate(value) ?? value) : value]);
    else out.push([customMeta(key), value]);
  }
  if (references.length > 0) out.push(["external_references", references]);
  return Object.fromEntries(out);
};

/** "cfr-type-of-incident" → "x_misp_cfr_type_of_incident". */
const customMeta = (key: string): string => `x_misp_${key.replaceAll(/[-. ]/g, "_")}`;

const sourceOf = (id: string): string =>
  id.startsWith("CAPEC-") ? "capec" : /^CVE-/i.test(id) ? "cve" : "mitre-attack";

const phaseOf = (text: string): Readonly<Record<string, string>> => {
  const colon = text.lastIndexOf(":");
  const chain = text.slice(0, Math.max(colon, 0));
  // MISP writes "mitre-attack:enterprise:initial-access" too; the middle says which matrix.
  return { kill_chain_name: chain === "" ? "misp-galaxy" : chain, phase_name: text.slice(colon + 1) };
};

/** A country's name and code, or a region of the United Nations (M49) as STIX's region-ov has it. */
const locationOf = (galaxy: MispGalaxy, cluster: MispCluster): Readonly<Record<string, unknown>> => {
  const isRegion = galaxy.type === "region";
  const name = isRegion ? cluster.value.replace(/^\d{3} - /, "") : (cluster.description ?? titled(cluster.value));
  const code = cluster.meta["ISO"];
  const isObjectMeta = isObject(cluster.meta);
  const own = plain["location"] ?? new Set<string>();
  return {
    name,
    description: [galaxy.description, isRegion ? cluster.description : cluster.value]
      .filter((text) => text !== undefined)
      .join(" | "),
    ...(isRegion ? { region: name.toLowerCase().replaceAll(" ", "-") } : {}),
    ...(galaxy.type === "country" && typeof code === "string" ? { country: code } : {}),
    ...(isObjectMeta
      ? Object.fromEntries(
          Object.entries(cluster.meta).map(([key, value]) => [own.has(key) ? key : customMeta(key), value]),
        )
      : {}),
  };
};

const titled = (text: string): string =>
  text.replaceAll(/(^|[\s-])(\p{Ll})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
