import type { MispTag } from "#misp/model.ts";
import { listIn, own, textIn } from "#misp/own.ts";
import { tlpOfMarking } from "#stix/tlp-markings.ts";
import type { Lookup } from "./facts.ts";

/** Extension of the US government's access control marking (ACS 3). */
const acs = "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce";

/**
 * Markings as tags: a TLP by its colour, of TLP 1 by TLP 1's; an ACS marking by what it controls; a statement by its own
 * words. A reference that nothing defines is a TLP nobody can read, and so the strictest.
 */
export const tagsOfMarkings = (object: unknown, lookup: Lookup): readonly MispTag[] => {
  const refs = listIn(object, "object_marking_refs").filter((ref): ref is string => typeof ref === "string");
  const names = refs.flatMap((ref) => namesOf(ref, lookup));
  return [...new Set(names)].map((name) => ({ name }));
};

const namesOf = (ref: string, lookup: Lookup): readonly string[] => {
  const definition = lookup(ref);
  const tlp = tlpOfMarking.get(ref);
  if (tlp !== undefined) return [tlp1White.has(ref) ? "tlp:white" : `tlp:${tlp}`];
  if (definition === undefined) return ["tlp:red"];
  const written = textIn(own(definition, "definition"), "tlp");
  if (written !== undefined) return [`tlp:${written.toLowerCase()}`];
  const control = own(own(definition, "extensions"), acs);
  if (control !== undefined) return acsNames(control);
  const statement = textIn(own(definition, "definition"), "statement");
  return statement === undefined ? [] : [statement];
};

const tlp1White: ReadonlySet<string> = new Set(["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"]);

const acsNames = (control: unknown): readonly string[] => {
  const tag = (key: string, value: unknown): string => `acs-marking:${key}="${String(value)}"`;
  const actions = listIn(control, "access_privilege").map((privilege) =>
    tag("privilege_action", own(privilege, "privilege_action")),
  );
  const set = own(control, "control_set");
  const held = ["classification", "formal_determination", "entity", "caveat", "sensitivity", "shareability"].flatMap(
    (key) => {
      const value = own(set, key);
      return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((one: unknown) => tag(key, one));
    },
  );
  return [...actions, ...held];
};
