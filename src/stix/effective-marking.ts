import { type Pap, paps, stricterPap, stricterTlp, type Tlp } from "#core/marking.ts";
import { type Fields, isFields } from "./check-notes.ts";
import { type MarkingDefinition, tlpOfRefs } from "./marking-definition.ts";
import { marksOfParts } from "./markings.ts";

/**
 * The TLP that binds an object as a whole: the strictest of its own markings and of those of its parts; `undefined` when
 * none speaks of TLP. A marking nobody defines fails closed as "red" (`tlpOfRefs`).
 */
export const tlpOfObject = (object: Fields, defined: ReadonlyMap<string, MarkingDefinition>): Tlp | undefined => {
  const parts = marksOfParts(object).flatMap(({ is, mark }) => (is === "marking" ? [mark] : []));
  return strictest(
    tlpOfRefs(object["object_marking_refs"], defined),
    parts.length === 0 ? undefined : tlpOfRefs(parts, defined),
  );
};

const strictest = (a: Tlp | undefined, b: Tlp | undefined): Tlp | undefined =>
  a === undefined || b === undefined ? (a ?? b) : stricterTlp(a, b);

/** Texts of the statement markings of an object: terms of use, copyright. STIX 2.1 §7.2.1.3 */
export const statementsOf = (object: Fields, defined: ReadonlyMap<string, MarkingDefinition>): readonly string[] => {
  const refs = object["object_marking_refs"];
  if (!Array.isArray(refs)) return [];
  return refs.flatMap((ref: unknown) => {
    const definition = typeof ref === "string" ? defined.get(ref) : undefined;
    const said = isFields(definition?.definition) ? definition.definition["statement"] : undefined;
    return definition?.definition_type === "statement" && typeof said === "string" ? [said] : [];
  });
};

/**
 * How an object may be used, where somebody said so: MISP writes PAP as labels ("PAP:RED"), converters of it as statement
 * markings. The strictest; a PAP of a colour nobody knows is "red".
 */
export const papOfObject = (object: Fields, defined: ReadonlyMap<string, MarkingDefinition>): Pap | undefined => {
  const { labels } = object;
  const said = [...(Array.isArray(labels) ? (labels as readonly unknown[]) : []), ...statementsOf(object, defined)];
  return said
    .map(papIn)
    .reduce<Pap | undefined>(
      (worst, pap) => (worst === undefined || pap === undefined ? (worst ?? pap) : stricterPap(worst, pap)),
      undefined,
    );
};

const papIn = (text: unknown): Pap | undefined => {
  const colour = typeof text === "string" ? /^\s*pap:\s*"?([a-z+]+)"?\s*$/i.exec(text)?.[1]?.toLowerCase() : undefined;
  if (colour === undefined) return undefined;
  return paps.find((pap) => pap === (colour === "white" ? "clear" : colour)) ?? "red";
};
