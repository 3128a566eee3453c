import { isFields, type RuleCheck, step } from "./check-notes.ts";
import { checkIndicatorPattern } from "./indicator-pattern.ts";
import { typeOfId } from "./object-types.ts";
import type { OwnRule } from "./property-kinds.ts";
import { isSuggested, knowsRelationships } from "./relationship-table.ts";
import { textForms } from "./text-forms.ts";
import { timeKey } from "./time-key.ts";
import { tlp1Definitions, tlp20Extension, tlp2Definitions } from "./tlp-markings.ts";

/** STIX 2.1 §7.1: what is translated are properties; a list is mirrored item by item. */
const languageContents: RuleCheck = (object, at, notes) => {
  const { contents } = object;
  if (!isFields(contents)) return;
  for (const [language, said] of Object.entries(contents)) {
    if (!isFields(said)) continue;
    const here = `${at}/contents${step(language)}`;
    for (const [property, translation] of Object.entries(said)) {
      if (!textForms["property-name"].test(property))
        notes.must("WGL_STIX_NAME", { name: property }, here + step(property));
      if (typeof translation !== "string" && typeof translation !== "object")
        notes.must("WGL_STIX_OBJECT", { property, wanted: "string, list or object" }, here + step(property));
    }
  }
};

/** §7.2.1: a definition of a kind, or an extension that says what it is; TLP is as the specification has it and no other. */
const markingDefinition: RuleCheck = (object, at, notes) => {
  const { id, definition_type: kind, definition, extensions, created } = object;
  const typed = Object.hasOwn(object, "definition_type");
  const defined = Object.hasOwn(object, "definition");
  if (!typed && !defined && !(isFields(extensions) && Object.keys(extensions).length > 0))
    return notes.must("WGL_STIX_ONE_OF", { properties: "definition_type+definition, extensions" }, at);
  if (typed && !defined) notes.must("WGL_STIX_REQUIRED", { property: "definition" }, `${at}/definition`);
  if (defined && !typed) notes.must("WGL_STIX_REQUIRED", { property: "definition_type" }, `${at}/definition_type`);
  if (kind === "statement" && isFields(definition) && typeof definition["statement"] !== "string")
    notes.must("WGL_STIX_REQUIRED", { property: "statement" }, `${at}/definition/statement`);
  if (kind === "tlp") {
    const ours = typeof id === "string" ? tlp1Definitions.get(id) : undefined;
    const same =
      ours !== undefined &&
      isFields(definition) &&
      definition["tlp"] === ours.tlp &&
      timeKey(created) === timeKey(ours.created);
    if (!same) notes.must("WGL_STIX_TLP", {}, `${at}/definition`);
  } else if (typed && kind !== "statement") notes.custom("definition_type", `${at}/definition_type`);
  const extension = isFields(extensions) ? extensions[tlp20Extension] : undefined;
  if (isFields(extension)) {
    const ours = typeof id === "string" ? tlp2Definitions.get(id) : undefined;
    if (ours === undefined || extension["tlp_2_0"] !== ours.tlp || timeKey(created) !== timeKey(ours.created))
      notes.must("WGL_STIX_TLP", {}, `${at}/extensions${step(tlp20Extension)}`);
  }
  return undefined;
};

/** §5.1 with the relationship tables of §4 and §6: others are allowed and SHOULD be avoided. */
const relationshipEnds: RuleCheck = (object, at, notes) => {
  const { source_ref: source, target_ref: target, relationship_type: relation } = object;
  if (typeof source !== "string" || typeof target !== "string" || typeof relation !== "string") return;
  const [from, to] = [typeOfId(source), typeOfId(target)];
  if (knowsRelationships(from) && !isSuggested(from, relation, to))
    notes.should("WGL_STIX_RELATION", { source: from, relation, target: to }, `${at}/relationship_type`);
};

/** §6.17: hives are written out. */
const registryHive: RuleCheck = (object, at, notes) => {
  if (typeof object["key"] === "string" && /^(?:HKLM|HKCC|HKCR|HKCU|HKU)(?:\\|$)/i.test(object["key"]))
    notes.must("WGL_STIX_OBJECT", { property: "key", wanted: "HKEY_LOCAL_MACHINE\\…" }, `${at}/key`);
};

/** §7.3: names of properties only where the extension adds properties to the top level, and there they SHOULD be named. */
const extensionProperties: RuleCheck = (object, at, notes) => {
  const types: unknown = object["extension_types"];
  if (!Array.isArray(types)) return;
  const top = types.includes("toplevel-property-extension");
  const named = Object.hasOwn(object, "extension_properties");
  if (named && !top)
    notes.must("WGL_STIX_NEEDS", { property: "extension_properties", other: "toplevel-property-extension" }, at);
  if (top && !named)
    notes.should("WGL_STIX_ADVISED", { property: "extension_properties" }, `${at}/extension_properties`);
};

/** Rules that no table can say. */
export const ownRules: Readonly<Record<OwnRule, RuleCheck>> = {
  "indicator-pattern": checkIndicatorPattern,
  "language-contents": languageContents,
  "marking-definition": markingDefinition,
  "relationship-ends": relationshipEnds,
  "registry-hive": registryHive,
  "extension-properties": extensionProperties,
};
