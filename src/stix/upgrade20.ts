import { type Fields, isFields } from "./check-notes.ts";
import { objectTypes } from "./object-types.ts";
import { upgradeObservables } from "./upgrade-observables.ts";
import { openVocabularies } from "./vocabularies.ts";

/**
 * Whether an object is of STIX 2.0: it says so, or it has no `spec_version` although it has been created (§3.2 of 2.1 makes
 * the property required; cyber-observables may do without).
 */
export const isStix20 = (object: Fields): boolean => {
  const { type, spec_version: version } = object;
  if (version !== undefined) return version === "2.0" && type !== "bundle";
  return (
    Object.hasOwn(object, "created") &&
    typeof type === "string" &&
    type !== "bundle" &&
    objectTypes.get(type)?.category !== "sco"
  );
};

/**
 * What a STIX 2.0 object is in 2.1: itself, and for observed data its cyber-observables as objects of their own. An object
 * that is not of 2.0 comes back as it is; a bundle with each of its objects upgraded. Nothing is lost: what 2.1 has no place
 * for stays as a custom property. Pure: the same object gives the same ids.
 *
 * @see STIX 2.1 §4 and §6, the sections of the types that things moved to; STIX 2.0 Parts 2 and 4
 */
export const upgrade20 = (object: Fields): readonly Fields[] => {
  if (object["type"] === "bundle") return [upgradeBundle(object)];
  if (!isStix20(object)) return [object];
  const { type } = object;
  const moved = typeof type === "string" && Object.hasOwn(moves, type) ? moves[type] : undefined;
  const upgraded = versioned(moved === undefined ? object : moved(object));
  return type === "observed-data" ? upgradeObservables(upgraded) : [upgraded];
};

const upgradeBundle = (bundle: Fields): Fields => {
  const { spec_version: _old, objects, ...rest } = bundle;
  if (!Array.isArray(objects)) return objects === undefined ? rest : { ...rest, objects };
  const seen = new Set<string>();
  const all: unknown[] = [];
  for (const one of objects as readonly unknown[])
    for (const made of isFields(one) ? upgrade20(one) : [one]) {
      // Two observations of one thing give one object
      const key = isFields(made) && made !== one && typeof made["id"] === "string" ? JSON.stringify(made) : "";
      if (key !== "" && seen.has(key)) continue;
      seen.add(key);
      all.push(made);
    }
  return { ...rest, objects: all };
};

/** `spec_version` stands behind `type`, where 2.1 prints it. */
const versioned = (object: Fields): Fields => {
  const { type, spec_version: _old, ...rest } = object;
  return { type, spec_version: "2.1", ...rest };
};

/** `labels` of 2.0 that its vocabulary had are types now; the others were labels and stay. Selectors move with them. */
const labelsBecome =
  (property: string, words: ReadonlySet<string>) =>
  (object: Fields): Fields => {
    const { labels } = object;
    if (!Array.isArray(labels) || Object.hasOwn(object, property)) return object;
    const isType = labels.map((label: unknown) => typeof label === "string" && words.has(label));
    const types = labels.filter((_, index) => isType[index]);
    const others = labels.filter((_, index) => isType[index] !== true);
    if (types.length === 0) return object;
    const moved = Object.fromEntries(
      Object.entries(object).flatMap(([name, value]): readonly (readonly [string, unknown])[] =>
        name !== "labels"
          ? [[name, value]]
          : [[property, types], ...(others.length > 0 ? [["labels", others] as const] : [])],
      ),
    );
    const place = (index: number): string => {
      const before = isType.slice(0, index).filter((one) => one === isType[index]).length;
      return `${isType[index] === true ? property : "labels"}.[${before}]`;
    };
    const whole = others.length > 0 ? [property, "labels"] : [property];
    return withSelectors(moved, (selector) => {
      const index = /^labels\.\[(\d+)\]$/.exec(selector)?.[1];
      if (selector === "labels") return whole;
      return index === undefined || Number(index) >= labels.length ? [selector] : [place(Number(index))];
    });
  };

/** The object with the selectors of its granular markings rewritten. */
const withSelectors = (object: Fields, rewrite: (selector: string) => readonly string[]): Fields => {
  const { granular_markings: granular } = object;
  if (!Array.isArray(granular)) return object;
  const rewritten = (granular as readonly unknown[]).map((one) => {
    if (!isFields(one) || !Array.isArray(one["selectors"])) return one;
    const selectors = (one["selectors"] as readonly unknown[]).flatMap((selector): readonly unknown[] =>
      typeof selector === "string" ? rewrite(selector) : [selector],
    );
    return { ...one, selectors };
  });
  return { ...object, granular_markings: rewritten };
};

const indicator = (object: Fields): Fields => ({
  ...labelsBecome("indicator_types", openVocabularies["indicator-type-ov"])(object),
  ...(Object.hasOwn(object, "pattern_type") ? {} : { pattern_type: "stix", pattern_version: "2.0" }),
});

/** §4.11: 2.0 named malware and had no samples, so what it names is a family. */
const malware = (object: Fields): Fields => ({
  ...labelsBecome("malware_types", openVocabularies["malware-type-ov"])(object),
  ...(Object.hasOwn(object, "is_family") ? {} : { is_family: true }),
});

/** §4.5: the labels of a 2.0 identity were "the list of roles that this identity performs". */
const identity = (object: Fields): Fields => {
  const { labels, ...rest } = object;
  if (!Array.isArray(labels) || Object.hasOwn(object, "roles")) return object;
  return withSelectors({ ...rest, roles: labels }, (selector) => [selector.replace(/^labels(?=$|\.)/, "roles")]);
};

const moves: Readonly<Record<string, (object: Fields) => Fields>> = {
  identity,
  indicator,
  malware,
  report: labelsBecome("report_types", openVocabularies["report-type-ov"]),
  "threat-actor": labelsBecome("threat_actor_types", openVocabularies["threat-actor-type-ov"]),
  tool: labelsBecome("tool_types", openVocabularies["tool-type-ov"]),
};
