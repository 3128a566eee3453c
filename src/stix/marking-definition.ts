import { parseTlp, stricterTlp, type Tlp } from "#core/marking.ts";
import { tlp20Extension, tlpOfMarking } from "./tlp-markings.ts";

/** STIX 2.1 §7.2.1 Marking Definition, what TLP needs of it. */
export interface MarkingDefinition {
  readonly type: "marking-definition";
  readonly id: string;
  readonly definition_type?: unknown;
  readonly definition?: unknown;
  readonly extensions?: unknown;
}

/**
 * The TLP of an object's marking references: the strictest wins, `undefined` when none speaks of TLP. A reference nobody
 * defines might be a TLP we cannot see, so it fails closed as "red"; a statement or copyright marking says nothing of TLP.
 */
export const tlpOfRefs = (refs: unknown, defined: ReadonlyMap<string, MarkingDefinition>): Tlp | undefined => {
  if (refs === undefined) return undefined;
  if (!Array.isArray(refs)) return "red";
  return refs
    .map((ref: unknown) => (typeof ref === "string" ? tlpOfRef(ref, defined) : "red"))
    .reduce<Tlp | undefined>((strictest, tlp) => {
      if (tlp === undefined || strictest === undefined) return strictest ?? tlp;
      return stricterTlp(strictest, tlp);
    }, undefined);
};

const tlpOfRef = (ref: string, defined: ReadonlyMap<string, MarkingDefinition>): Tlp | undefined => {
  const known = tlpOfMarking.get(ref);
  if (known !== undefined) return known;
  const definition = defined.get(ref);
  if (definition === undefined) return "red";
  const written = field(field(definition.extensions, tlp20Extension), "tlp_2_0") ?? field(definition.definition, "tlp");
  if (written === undefined) return definition.definition_type === "tlp" ? "red" : undefined;
  const tlp = typeof written === "string" ? parseTlp(written) : undefined;
  return tlp?.ok === true ? tlp.value : "red";
};

const field = (object: unknown, key: string): unknown =>
  typeof object === "object" && object !== null && Object.hasOwn(object, key)
    ? (object as Readonly<Record<string, unknown>>)[key]
    : undefined;
