import { integer, form, list, type Properties, ref, table, text, time, yesNo } from "./property-kinds.ts";

/** STIX 2.1 §3.2 Common Properties: which of them each category has, in the order of its table. */
export const commonOf = (category: "sdo" | "sro" | "sco", type: string): Properties => {
  const typed = { "type!": { is: "literal", value: type } as const, "id!": ref(type) };
  return category === "sco" ? table({ ...typed, ...observable }) : table({ ...typed, ...domain });
};

/** Of an object whose type nobody has defined here. */
export const customCommon = (category: "sdo" | "sco"): Properties =>
  table({ ...named, ...(category === "sco" ? observable : domain) });

/** Names that say nothing of the thing itself: where something is demanded of an object, these do not count. */
export const commonNames: ReadonlySet<string> = new Set([
  ...["type", "id", "spec_version", "object_marking_refs", "granular_markings", "defanged", "extension_type"],
]);

export const markings = {
  object_marking_refs: list(ref("marking-definition")),
  granular_markings: list({ is: "granular-marking" }),
  extensions: { is: "extensions" },
} as const;

export const specVersion = { is: "enum", of: "spec-version" } as const;
export const externalReferences = list({ is: "external-reference" });

/** §2.9: whom an object was made by is an identity; the reference suite knows others, so the type is not insisted on. */
export const creator = { is: "identifier", of: { category: "any" } } as const;

/** Custom types are checked apart: there is no literal to compare them with. */
const named = { type: text, id: text };

const domain = {
  "spec_version!": specVersion,
  created_by_ref: creator,
  "created!": time,
  "modified!": time,
  revoked: yesNo,
  labels: list(text),
  confidence: integer(0, 100),
  lang: form("language"),
  external_references: externalReferences,
  ...markings,
};

const observable = { spec_version: specVersion, ...markings, defanged: yesNo };
