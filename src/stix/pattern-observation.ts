import { type Problem, problem } from "#core/result.ts";
import { isObject, type StixObject } from "./pattern-look.ts";
import { timeKey } from "./time-key.ts";

/** What was observed, how often and when: one observed-data object and what it refers to. */
export interface Observation {
  /** The observed objects by type: those of `object_refs`, or of `objects` as STIX 2.0 has it. */
  readonly byType: ReadonlyMap<string, readonly StixObject[]>;
  /** The object a reference names: of this observation, else of its bundle, else of anything given along. */
  readonly find: (id: string) => StixObject | undefined;
  /** Microseconds since 1970-01-01T00:00:00Z; exact from 1684 to 2255, to 32 µs beyond. */
  readonly first: number;
  readonly last: number;
  /** How often it was seen; each time counts as an observation of its own (§9.5.1 REPEATS). */
  readonly times: number;
}

export interface Observations {
  readonly observations: readonly Observation[];
  readonly problems: readonly Problem[];
}

/**
 * The observations in what somebody hands us: bundles of either version, observed-data objects, and objects these refer
 * to, in any order. Objects that no observed-data refers to were not observed.
 *
 * @returns problems WGL_STIX_OBJECT, each with the JSON pointer of what is wrong
 * @see STIX 2.1 §4.14 Observed Data; STIX 2.0 Part 2 §2.8
 */
export const readObservations = (given: readonly unknown[]): Observations => {
  const problems: Problem[] = [];
  const observed: Observed[] = [];
  const everything = new Map<string, StixObject>();
  const loose = new Map<string, StixObject>();
  for (const [index, entry] of given.entries()) {
    const at = `/${index}`;
    if (!isObject(entry)) problems.push(wanted("type", "a bundle or an observed-data object", at));
    else if (entry["type"] !== "bundle") place(entry, at, loose, everything, observed);
    else if (!Array.isArray(entry["objects"])) problems.push(wanted("objects", "a list of objects", at));
    else {
      const own = new Map<string, StixObject>();
      for (const [n, object] of entry["objects"].entries())
        if (isObject(object)) place(object, `${at}/objects/${n}`, own, everything, observed);
        else problems.push(wanted("objects", "a list of objects", `${at}/objects/${n}`));
    }
  }
  if (given.length > 0 && observed.length === 0 && problems.length === 0)
    problems.push(wanted("type", "a bundle with observed-data, or an observed-data object", "/0"));
  const observations = observed.flatMap((one) => readOne(one, everything, problems) ?? []);
  return { observations, problems };
};

interface Observed {
  readonly data: StixObject;
  readonly at: string;
  /** The objects of its bundle. */
  readonly near: ReadonlyMap<string, StixObject>;
}

const place = (
  object: StixObject,
  at: string,
  near: Map<string, StixObject>,
  everything: Map<string, StixObject>,
  observed: Observed[],
): void => {
  if (object["type"] === "observed-data") observed.push({ data: object, at, near });
  else if (typeof object["id"] === "string") {
    near.set(object["id"], object);
    if (!everything.has(object["id"])) everything.set(object["id"], object);
  }
};

const wanted = (property: string, what: string, at: string): Problem =>
  problem("WGL_STIX_OBJECT", { property, wanted: what }, at);

const readOne = (
  { data, at, near }: Observed,
  everything: ReadonlyMap<string, StixObject>,
  problems: Problem[],
): Observation | undefined => {
  const before = problems.length;
  const first = timeOf(data, "first_observed", at, problems);
  const last = timeOf(data, "last_observed", at, problems);
  const times = data["number_observed"];
  if (typeof times !== "number" || !Number.isSafeInteger(times) || times < 1)
    problems.push(wanted("number_observed", "a whole number above 0", at));
  if (first !== undefined && last !== undefined && last < first)
    problems.push(wanted("last_observed", "a timestamp that is not before first_observed", at));
  const own = ownObjects(data, near, everything);
  if (own === undefined) problems.push(wanted("object_refs", "a list of ids, or objects as in STIX 2.0", at));
  if (own === undefined || first === undefined || last === undefined || problems.length > before) return undefined;
  const byType = new Map<string, StixObject[]>();
  for (const object of own.values()) {
    const type = object["type"];
    if (typeof type !== "string") continue;
    const same = byType.get(type);
    if (same === undefined) byType.set(type, [object]);
    else same.push(object);
  }
  const find = (id: string): StixObject | undefined => own.get(id) ?? near.get(id) ?? everything.get(id);
  return { byType, find, first, last, times: Number(times) };
};

/** `object_refs` of 2.1 (what does not resolve is not here), or the map `objects` of 2.0, which 2.1 still allows. */
const ownObjects = (
  data: StixObject,
  near: ReadonlyMap<string, StixObject>,
  everything: ReadonlyMap<string, StixObject>,
): ReadonlyMap<string, StixObject> | undefined => {
  const { object_refs: refs, objects } = data;
  const own = new Map<string, StixObject>();
  if (refs !== undefined) {
    if (!Array.isArray(refs)) return undefined;
    for (const ref of refs) {
      if (typeof ref !== "string") return undefined;
      const object = near.get(ref) ?? everything.get(ref);
      if (object !== undefined) own.set(ref, object);
    }
    return own;
  }
  if (!isObject(objects)) return undefined;
  for (const [key, object] of Object.entries(objects)) if (isObject(object)) own.set(key, object);
  return own;
};

const timeOf = (data: StixObject, property: string, at: string, problems: Problem[]): number | undefined => {
  const key = timeKey(data[property]);
  if (key === undefined) problems.push(wanted(property, "a timestamp", at));
  return key === undefined ? undefined : microseconds(key);
};

/** Of a time key (time-key.ts): "2026-01-31T08:15:00.123456789" loses its last three digits. */
export const microseconds = (key: string): number => {
  const number = (from: number, to: number): number => Number(key.slice(from, to));
  const day = daysBefore(number(0, 4), number(5, 7)) + number(8, 10) - 1;
  const seconds = ((day * 24 + number(11, 13)) * 60 + number(14, 16)) * 60 + number(17, 19);
  return seconds * 1_000_000 + Number(key.slice(20, 26).padEnd(6, "0"));
};

/** Days from 1970-01-01 to the first of a month of the Gregorian calendar, for years Date.UTC takes for the 20th century too. */
const daysBefore = (year: number, month: number): number => {
  const y = month > 2 ? year : year - 1;
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  // 306 days from March to the end of December; 719,468 from 1 March 0000 to 1970-01-01
  return y * 365 + leaps + Math.floor((153 * ((month + 9) % 12) + 2) / 5) - 719_468;
};
