import { type Check, type CheckNotes, type Fields, isFields, step } from "./check-notes.ts";
import { checkExternalReference } from "./external-reference.ts";
import { checkGranularMarking } from "./granular-marking.ts";
import { compileRules } from "./object-rules.ts";
import { categoryOf, typeOfId } from "./object-types.ts";
import type { Kind, Part, Properties, RefTarget } from "./property-kinds.ts";
import { digests, isBase64, isDictionaryKey, isHex, textForms, uuid } from "./text-forms.ts";
import { timeKey } from "./time-key.ts";
import { enumerations, openVocabularies } from "./vocabularies.ts";

const wrong = (notes: CheckNotes, wanted: string, at: string, key: string | number): void =>
  notes.must("WGL_STIX_OBJECT", { property: String(key), wanted }, at + step(key));

/** A function for a kind of value; the tables are turned into functions once. */
export const compileKind = (kind: Kind, inner: Inner): Check => {
  switch (kind.is) {
    case "string":
      return kind.form === undefined ? string : formed(kind.form);
    case "literal":
      return (value, at, key, notes) => {
        if (value !== kind.value) wrong(notes, `"${kind.value}"`, at, key);
      };
    case "integer":
      return number(kind.least ?? Number.MIN_SAFE_INTEGER, kind.most ?? Number.MAX_SAFE_INTEGER, true);
    case "float":
      return number(kind.least ?? Number.NEGATIVE_INFINITY, kind.most ?? Number.POSITIVE_INFINITY, false);
    case "boolean":
      return boolean;
    case "timestamp":
      return timestamp;
    case "binary":
      return binary;
    case "hex":
      return hex;
    case "hashes":
      return hashes;
    case "external-reference":
      return checkExternalReference;
    case "granular-marking":
      return checkGranularMarking;
    case "identifier":
      return identifier(kind.of);
    case "open-vocab":
      return openVocab(kind.of, openVocabularies[kind.of]);
    case "enum":
      return closedEnum(kind.of, enumerations[kind.of]);
    case "list":
      return list(compileKind(kind.of, inner));
    case "dictionary":
      return dictionary(kind.of === undefined ? undefined : compileKind(kind.of, inner), kind.keys);
    case "part":
      return compilePart(kind.of, inner);
    case "extensions":
      return inner.extensions;
    case "observables":
      return observables(inner);
    case "objects":
      return objects(inner);
  }
};

/** What kinds need of the whole: handed in, since it is made of kinds itself. */
export interface Inner {
  /** Checks a whole object inside another one: a member of a bundle, of an observable container. */
  readonly object: (value: unknown, at: string, notes: CheckNotes, inside: "bundle" | "container") => void;
  readonly extensions: Check;
}

const string: Check = (value, at, key, notes) => {
  if (typeof value !== "string") wrong(notes, "string", at, key);
};

const formed = (form: keyof typeof textForms): Check => {
  const { wanted, test } = textForms[form];
  return (value, at, key, notes) => {
    if (typeof value !== "string" || !test(value)) wrong(notes, wanted, at, key);
  };
};

const number =
  (least: number, most: number, whole: boolean): Check =>
  (value, at, key, notes) => {
    if (typeof value !== "number" || (whole ? !Number.isSafeInteger(value) : !Number.isFinite(value)))
      wrong(notes, whole ? "integer" : "number", at, key);
    else if (value < least || value > most)
      wrong(notes, most > Number.MAX_SAFE_INTEGER - 1 ? `at least ${least}` : `${least} to ${most}`, at, key);
  };

const boolean: Check = (value, at, key, notes) => {
  if (typeof value !== "boolean") wrong(notes, "boolean", at, key);
};

const timestamp: Check = (value, at, key, notes) => {
  if (timeKey(value) === undefined) notes.must("WGL_STIX_TIMESTAMP", { property: String(key) }, at + step(key));
};

const binary: Check = (value, at, key, notes) => {
  if (typeof value !== "string" || !isBase64(value)) wrong(notes, "base64", at, key);
};

const hex: Check = (value, at, key, notes) => {
  if (typeof value !== "string" || !isHex(value)) wrong(notes, "pairs of hexadecimal digits", at, key);
};

/** STIX 2.1 §2.7: names of the vocabulary hold what they say, other names may be used and SHOULD not. */
const hashes: Check = (value, at, key, notes) => {
  if (!isFields(value)) return wrong(notes, "hashes", at, key);
  const here = at + step(key);
  const names = Object.keys(value);
  if (names.length === 0) notes.must("WGL_STIX_EMPTY", { property: String(key) }, here);
  for (const name of names) {
    const digest = value[name];
    const shape = Object.hasOwn(digests, name) ? digests[name] : undefined;
    if (shape === undefined) {
      if (!/^[A-Za-z0-9_-]{3,250}$/.test(name)) notes.must("WGL_STIX_NAME", { name }, here + step(name));
      else
        notes.should(
          "WGL_STIX_VOCABULARY",
          { property: String(key), value: name, vocabulary: "hash-algorithm-ov" },
          here + step(name),
        );
      if (typeof digest !== "string") wrong(notes, "string", here, name);
    } else if (typeof digest !== "string" || !shape.test(digest)) wrong(notes, `digest of ${name}`, here, name);
  }
};

const identifier = (target: RefTarget): Check => {
  const allowed = "types" in target ? new Set(target.types) : undefined;
  const may = "types" in target ? undefined : mayBe[target.category];
  const wanted = "types" in target ? target.types.join(", ") : target.category;
  return (value, at, key, notes) => {
    if (typeof value !== "string") return wrong(notes, "identifier", at, key);
    if (notes.container?.has(value) === true) return undefined;
    const type = typeOfId(value);
    if (type === "") return wrong(notes, "identifier", at, key);
    if (!uuid.test(value.slice(type.length + 2))) {
      // A cyber-observable that points at nothing anybody can have is still an observation (§2.9 asks for a UUID)
      const inObservable = notes.observable && key !== "id";
      if (inObservable) notes.should("WGL_STIX_REF", { value, wanted: "UUID" }, at + step(key));
      else return wrong(notes, "identifier", at, key);
    }
    if (allowed === undefined ? may?.(type) !== true : !allowed.has(type))
      notes.must("WGL_STIX_REF", { value, wanted }, at + step(key));
    return undefined;
  };
};

/** Types that are custom may be of any category but those a name shows. */
const mayBe: Readonly<Record<Extract<RefTarget, { category: string }>["category"], (type: string) => boolean>> = {
  any: () => true,
  sdo: (type) => (categoryOf(type) ?? "sdo") === "sdo",
  sco: (type) => (categoryOf(type) ?? "sco") === "sco",
  "sco-or-sro": (type) => ["sco", "sro"].includes(categoryOf(type) ?? "sco"),
  "sdo-or-sco": (type) => ["sdo", "sco"].includes(categoryOf(type) ?? "sdo"),
};

const openVocab =
  (vocabulary: string, words: ReadonlySet<string>): Check =>
  (value, at, key, notes) => {
    if (typeof value !== "string") wrong(notes, "string", at, key);
    else if (!words.has(value))
      notes.should("WGL_STIX_VOCABULARY", { property: nameOf(at, key), value, vocabulary }, at + step(key));
  };

const closedEnum =
  (vocabulary: string, words: ReadonlySet<string>): Check =>
  (value, at, key, notes) => {
    if (typeof value !== "string") wrong(notes, "string", at, key);
    else if (!words.has(value))
      notes.must("WGL_STIX_ENUM", { property: nameOf(at, key), value, vocabulary }, at + step(key));
  };

/** A property's name, also for an item of its list. */
const nameOf = (at: string, key: string | number): string =>
  typeof key === "string" ? key : at.slice(at.lastIndexOf("/") + 1);

/** §2.12: a list is never empty; who has nothing to say leaves the property out. */
const list =
  (item: Check): Check =>
  (value, at, key, notes, root) => {
    if (!Array.isArray(value)) return wrong(notes, "list", at, key);
    if (value.length === 0) notes.must("WGL_STIX_EMPTY", { property: String(key) }, at + step(key));
    else {
      const here = at + step(key);
      for (let index = 0; index < value.length; index++) item(value[index], here, index, notes, root);
    }
    return undefined;
  };

const dictionary = (of: Check | undefined, keys: "free" | "language" | undefined): Check => {
  const language = textForms.language.test;
  return (value, at, key, notes, root) => {
    if (!isFields(value)) return wrong(notes, "dictionary", at, key);
    const here = at + step(key);
    const names = Object.keys(value);
    if (names.length === 0) notes.must("WGL_STIX_EMPTY", { property: String(key) }, here);
    for (const name of names) {
      const bad = keys === "free" ? name === "" : keys === "language" ? !language(name) : !isDictionaryKey(name);
      if (bad) notes.must("WGL_STIX_NAME", { name }, here + step(name));
      if (of !== undefined) of(value[name], here, name, notes, root);
      else if (value[name] === null) wrong(notes, "a value", here, name);
    }
    return undefined;
  };
};

/** A structure with a table of its own: external header, registry value, extension. */
export const compilePart = (part: Part, inner: Inner): Check => {
  const properties = compileProperties(part.properties, inner);
  const rules = compileRules(part.rules ?? [], new Set());
  return (value, at, key, notes, root) => {
    if (!isFields(value)) return wrong(notes, "object", at, key);
    const here = at + step(key);
    const { anyProperty } = notes;
    notes.anyProperty = false;
    properties(value, here, notes, root);
    notes.anyProperty = anyProperty;
    for (const rule of rules) rule(value, here, notes);
    return undefined;
  };
};

/** Walks the properties of one object: those of the table by their kinds, others as custom ones; then what is missing. */
export const compileProperties = (
  properties: Properties,
  inner: Inner,
): ((object: Fields, at: string, notes: CheckNotes, root: Fields) => void) => {
  const checks = new Map<string, Check>();
  const required: string[] = [];
  for (const [name, { kind, must }] of Object.entries(properties)) {
    checks.set(name, compileKind(kind, inner));
    if (must) required.push(name);
  }
  return (object, at, notes, root) => {
    for (const name of Object.keys(object)) {
      const check = checks.get(name);
      if (check !== undefined) check(object[name], at, name, notes, root);
      else customProperty(object[name], at, name, notes);
    }
    for (const name of required)
      if (!Object.hasOwn(object, name) && !(notes.draft && drafted.has(name)))
        notes.must("WGL_STIX_REQUIRED", { property: name }, at + step(name));
  };
};

/** What whoever mints an object puts in last. */
const drafted: ReadonlySet<string> = new Set(["id", "created", "modified", "spec_version"]);

/** §11.1: names of properties nobody has defined; a value that is null or an empty list says nothing (§2.12). */
const customProperty = (value: unknown, at: string, name: string, notes: CheckNotes): void => {
  const here = at + step(name);
  if (!textForms["property-name"].test(name)) notes.must("WGL_STIX_NAME", { name }, here);
  else if (!notes.anyProperty) notes.custom(name, here);
  if (value === null || value === undefined) wrong(notes, "a value", at, name);
  else if (Array.isArray(value) && value.length === 0) notes.must("WGL_STIX_EMPTY", { property: name }, here);
  else if (notes.observable && name.endsWith("_bin")) binary(value, at, name, notes, {});
  else if (notes.observable && name.endsWith("_hex")) hex(value, at, name, notes, {});
};

const observables =
  (inner: Inner): Check =>
  (value, at, key, notes) => {
    if (!isFields(value)) return wrong(notes, "dictionary", at, key);
    const here = at + step(key);
    const names = Object.keys(value);
    if (names.length === 0) notes.must("WGL_STIX_EMPTY", { property: String(key) }, here);
    const before = notes.container;
    notes.container = new Set(names);
    for (const name of names) inner.object(value[name], here + step(name), notes, "container");
    notes.container = before;
    return undefined;
  };

const objects =
  (inner: Inner): Check =>
  (value, at, key, notes) => {
    if (!Array.isArray(value)) return wrong(notes, "list", at, key);
    const here = at + step(key);
    if (value.length === 0) notes.must("WGL_STIX_EMPTY", { property: String(key) }, here);
    for (const [index, one] of value.entries()) inner.object(one, here + step(index), notes, "bundle");
    return undefined;
  };
