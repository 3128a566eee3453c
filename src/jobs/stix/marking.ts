import { stricterTlp, type Tlp } from "#core/marking.ts";
import { type MarkingDefinition, tlpOfRefs } from "#stix/marking-definition.ts";
import { tlpOfMarking } from "#stix/tlp-markings.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What an object says of its own handling. */
export interface SaidMarking {
  /** Strictest of the markings that are known; absent: none speaks of TLP. */
  readonly tlp?: Tlp;
  /** Marking definitions that nobody has sent: the object is red until they come. */
  readonly awaits: readonly string[];
  /** Properties that have a stricter marking of their own and can be left out. */
  readonly parts?: Readonly<Record<string, Tlp>>;
}

/**
 * The marking of an object, whole and in parts (STIX 2.1 §7.2.2, §7.2.3). A property that cannot be left out (the pattern of
 * an indicator) binds the whole object. Fails closed: a reference that cannot be read is red, a selector that names
 * nothing binds the whole, and a definition that is not here is waited for.
 */
export const markingOf = (object: Fields, defined: ReadonlyMap<string, MarkingDefinition>): SaidMarking => {
  const awaits = new Set<string>();
  const speak = (refs: unknown): Tlp | undefined => {
    if (!Array.isArray(refs)) return refs === undefined ? undefined : "red";
    const known = refs.filter((ref: unknown) => {
      if (typeof ref !== "string" || tlpOfMarking.has(ref) || defined.has(ref) || !isMarkingId(ref)) return true;
      awaits.add(ref);
      return false;
    });
    return known.length === 0 ? undefined : tlpOfRefs(known, defined);
  };
  let tlp = speak(object["object_marking_refs"]);
  // Who may have a well-known TLP definition may have its text: it is in the specification.
  if (tlp === undefined && typeof object["id"] === "string" && tlpOfMarking.has(object["id"])) tlp = "clear";
  const parts: Record<string, Tlp> = Object.create(null);
  const granular = object["granular_markings"];
  if (granular !== undefined && !Array.isArray(granular)) tlp = "red";
  for (const mark of Array.isArray(granular) ? granular : []) {
    const { marking_ref: ref, selectors, lang } = fieldsOf(mark);
    // A language mark says nothing about who may read
    if (ref === undefined && lang !== undefined) continue;
    const before = awaits.size;
    const said = speak([ref]);
    // Whatever is not known yet is red for its part, and the object need not wait
    const part = awaits.size > before ? "red" : said;
    for (const late of [...awaits].slice(before)) awaits.delete(late);
    if (part === undefined) continue;
    for (const selector of Array.isArray(selectors) && selectors.length > 0 ? selectors : [undefined]) {
      const field = typeof selector === "string" ? (selector.split(".", 1)[0] ?? "") : "";
      if (leftOut.has(field) && Object.hasOwn(object, field)) parts[field] = stricterTlp(parts[field] ?? part, part);
      else tlp = tlp === undefined ? part : stricterTlp(tlp, part);
    }
  }
  return {
    ...(tlp === undefined ? {} : { tlp }),
    awaits: [...awaits],
    ...(Object.keys(parts).length === 0 ? {} : { parts }),
  };
};

/**
 * Is the whole object about a person? A named individual, somebody's account: it leaves only where the agreement takes
 * personal data.
 */
export const isPersonal = (object: Fields): boolean =>
  object["type"] === "user-account" || (object["type"] === "identity" && object["identity_class"] === "individual");

/** A marking definition of a document, as the readers of TLP want it; undefined for any other object. */
export const definitionOf = (object: Fields): MarkingDefinition | undefined => {
  const { type, id, definition_type, definition, extensions } = object;
  return type === "marking-definition" && typeof id === "string"
    ? { type, id, definition_type, definition, extensions }
    : undefined;
};

/** Could this be the id of a marking definition? Anything else is one of nothing. */
export const isMarkingId = (ref: string): boolean => shape.test(ref);

const shape = /^marking-definition--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Properties that no STIX object needs and that say something to people, not to machines (STIX 2.1 §3.2 and the tables of §4). */
const leftOut: ReadonlySet<string> = new Set([
  "description",
  "labels",
  "confidence",
  "lang",
  "external_references",
  "aliases",
  "goals",
  "first_seen",
  "last_seen",
  "kill_chain_phases",
  "contact_information",
  "sectors",
  "objective",
  "resource_level",
  "primary_motivation",
  "secondary_motivations",
  "personal_motivations",
  "abstract",
]);

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
