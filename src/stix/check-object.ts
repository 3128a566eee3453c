import {
  type Check,
  type Checked,
  CheckNotes,
  type CheckOptions,
  type Fields,
  isFields,
  type RuleCheck,
  step,
} from "./check-notes.ts";
import { commonNames, customCommon } from "./common-properties.ts";
import { compilePart, compileProperties, type Inner } from "./compile-kind.ts";
import { compileRules, marksItself, modifiedAfterCreated, nothingReserved } from "./object-rules.ts";
import { categoryOf, objectTypes } from "./object-types.ts";
import type { ObjectType } from "./property-kinds.ts";
import { isDictionaryKey, isTypeName, uuid } from "./text-forms.ts";
import { isStix20, upgrade20 } from "./upgrade20.ts";
import { enumerations } from "./vocabularies.ts";

/**
 * Checks a STIX 2.1 object, or a bundle with all its objects, against the specification. What breaks a MUST is in
 * `problems`, what departs from a SHOULD in `warnings`, each with a JSON pointer. Objects of STIX 2.0 (§3.2: no
 * `spec_version`, but `created`) are checked as what `upgrade20` makes of them.
 *
 * Nothing is resolved: references may dangle (§8). What JSON itself hides (equal keys, digits) is seen by
 * `object-slices.ts`, not here.
 *
 * @param value parsed JSON of any shape
 */
export const checkObject = (value: unknown, options: CheckOptions = {}): Checked => {
  const notes = new CheckNotes(options);
  checkOne(value, "", notes, undefined);
  return { problems: notes.problems, warnings: notes.warnings };
};

type Place = "bundle" | "container" | undefined;

const checkOne = (value: unknown, at: string, notes: CheckNotes, inside: Place): void => {
  if (!isFields(value)) return notes.must("WGL_STIX_OBJECT", { property: "object", wanted: "object" }, at);
  const type = value["type"];
  if (typeof type !== "string") return notes.must("WGL_STIX_REQUIRED", { property: "type" }, `${at}/type`);
  if (inside === "bundle" && type === "bundle")
    return notes.must("WGL_STIX_REF", { value: type, wanted: "object" }, `${at}/type`);
  // Nothing nests in a container either, however deep the JSON goes
  if (inside === "container" && (categoryOf(type) ?? "sco") !== "sco")
    return notes.must("WGL_STIX_REF", { value: type, wanted: "sco" }, `${at}/type`);
  if (inside !== "container" && isStix20(value)) return checkOld(value, at, notes);
  const { observable, anyProperty } = notes;
  notes.anyProperty = hasExtension(value, (kind) => kind === "toplevel-property-extension");
  const known = compiled.get(type);
  if (known !== undefined) known(value, at, notes, inside);
  else checkCustom(value, type, at, notes, inside);
  notes.observable = observable;
  notes.anyProperty = anyProperty;
  return undefined;
};

/** An object of 2.0 is as good as what it becomes; pointers are into that. */
const checkOld = (value: Fields, at: string, notes: CheckNotes): void => {
  notes.should("WGL_STIX_OLD", {}, at);
  for (const one of upgrade20(value)) checkOne(one, at, notes, undefined);
};

type Compiled = (object: Fields, at: string, notes: CheckNotes, inside: Place) => void;

const compile = (type: ObjectType): Compiled => {
  const { category } = type;
  const properties = compileProperties(type.properties, inner);
  const inContainer = compileProperties(withoutId(type.properties), inner);
  const rules: readonly RuleCheck[] = [
    ...(category === "bundle" ? [] : [modifiedAfterCreated, nothingReserved]),
    ...(type.type === "marking-definition" ? [marksItself] : []),
    ...compileRules(type.rules, commonNames),
  ];
  const version = category === "sco" ? ["4", "5"] : ["4"];
  return (object, at, notes, inside) => {
    notes.observable = category === "sco";
    if (inside === "container") inContainer(object, at, notes, object);
    else properties(object, at, notes, object);
    for (const rule of rules) rule(object, at, notes);
    adviseId(object, type.type, version, at, notes);
  };
};

const withoutId = (properties: ObjectType["properties"]): ObjectType["properties"] => ({
  ...properties,
  ...(properties["id"] === undefined ? {} : { id: { ...properties["id"], must: false } }),
});

/** §2.9: random ids for what somebody says, ids made of the content (version 5) for what is. */
const adviseId = (object: Fields, type: string, versions: readonly string[], at: string, notes: CheckNotes): void => {
  const { id } = object;
  if (typeof id !== "string" || !uuid.test(id.slice(type.length + 2))) return;
  // "type--xxxxxxxx-xxxx-V": the version is the 15th digit behind the hyphens
  const version = id.charAt(type.length + 16);
  if (!versions.includes(version)) notes.should("WGL_STIX_UUID", { id, version: versions.join(", ") }, `${at}/id`);
};

/** §11.2 and §7.3: an object of a type nobody has defined here, by extension or (deprecated) without one. */
const checkCustom = (object: Fields, type: string, at: string, notes: CheckNotes, inside: Place): void => {
  if (!isTypeName(type)) notes.must("WGL_STIX_NAME", { name: type }, `${at}/type`);
  const byExtension = hasExtension(object, (kind) => typeof kind === "string" && kind.startsWith("new-"));
  if (!byExtension && !notes.known.has(type)) notes.custom(type, `${at}/type`);
  const looksObserved =
    inside === "container" ||
    hasExtension(object, (kind) => kind === "new-sco") ||
    (!byExtension && !Object.hasOwn(object, "created") && !Object.hasOwn(object, "modified"));
  const { anyProperty } = notes;
  notes.anyProperty = true;
  notes.observable = false;
  (looksObserved ? customSco : customSdo)(object, at, notes, object);
  notes.anyProperty = anyProperty;
  const { id } = object;
  const idIsOurs = typeof id === "string" && id.startsWith(`${type}--`) && uuid.test(id.slice(type.length + 2));
  if (id === undefined && (inside === "container" || notes.draft)) return;
  if (id === undefined) notes.must("WGL_STIX_REQUIRED", { property: "id" }, `${at}/id`);
  else if (!idIsOurs) notes.must("WGL_STIX_REF", { value: typeof id === "string" ? id : "", wanted: type }, `${at}/id`);
  modifiedAfterCreated(object, at, notes);
};

const hasExtension = (object: Fields, is: (kind: unknown) => boolean): boolean => {
  const { extensions } = object;
  return isFields(extensions) && Object.values(extensions).some((one) => isFields(one) && is(one["extension_type"]));
};

/** §7.3 Extension Definition: by the id of their definition, or by the names the specification (or, deprecated, anybody) gave them. */
const extensions: Check = (value, at, key, notes, root) => {
  const here = at + step(key);
  if (!isFields(value)) return notes.must("WGL_STIX_OBJECT", { property: String(key), wanted: "dictionary" }, here);
  const names = Object.keys(value);
  if (names.length === 0) notes.must("WGL_STIX_EMPTY", { property: String(key) }, here);
  const type = root["type"];
  const defined = typeof type === "string" ? extensionsOf.get(type) : undefined;
  for (const name of names) {
    const one = value[name];
    const place = here + step(name);
    const known = defined?.get(name);
    if (known !== undefined) {
      known(one, here, name, notes, root);
      continue;
    }
    if (!isFields(one)) notes.must("WGL_STIX_OBJECT", { property: name, wanted: "object" }, place);
    else if (Object.keys(one).length === 0) notes.must("WGL_STIX_EMPTY", { property: name }, place);
    if (name.startsWith(definition)) {
      if (!uuid.test(name.slice(definition.length))) notes.must("WGL_STIX_NAME", { name }, place);
      const kind = isFields(one) ? one["extension_type"] : undefined;
      if (kind !== undefined && !(typeof kind === "string" && enumerations["extension-type-enum"].has(kind)))
        notes.must(
          "WGL_STIX_ENUM",
          { property: "extension_type", value: String(kind), vocabulary: "extension-type-enum" },
          `${place}/extension_type`,
        );
    } else if (!isDictionaryKey(name) || !name.endsWith("-ext")) notes.must("WGL_STIX_NAME", { name }, place);
    else if (!notes.known.has(name)) notes.custom(name, place);
  }
  return undefined;
};

const definition = "extension-definition--";

const inner: Inner = { object: checkOne, extensions };

const extensionsOf: ReadonlyMap<string, ReadonlyMap<string, Check>> = new Map(
  [...objectTypes.values()].map(({ type, extensions: parts }) => [
    type,
    new Map(Object.entries(parts).map(([name, part]) => [name, compilePart(part, inner)])),
  ]),
);

const customSdo = compileProperties(customCommon("sdo"), inner);
const customSco = compileProperties(customCommon("sco"), inner);

const compiled: ReadonlyMap<string, Compiled> = new Map(
  [...objectTypes.values()].map((type) => [type.type, compile(type)]),
);
