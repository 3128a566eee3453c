import type { Enumeration, OpenVocabulary } from "./vocabularies.ts";
import type { TextForm } from "./text-forms.ts";

/**
 * What a property holds: the data types of STIX 2.1 §2 as data. The tables of objects are made of these; `compile-kind.ts`
 * turns them into functions, `refs-of.ts` and others read them as they are.
 */
export type Kind =
  | { readonly is: "string"; readonly form?: TextForm }
  | { readonly is: "literal"; readonly value: string }
  | { readonly is: "integer" | "float"; readonly least?: number; readonly most?: number }
  | { readonly is: "boolean" | "timestamp" | "binary" | "hex" | "hashes" | "external-reference" | "granular-marking" }
  | { readonly is: "identifier"; readonly of: RefTarget }
  | { readonly is: "open-vocab"; readonly of: OpenVocabulary }
  | { readonly is: "enum"; readonly of: Enumeration }
  | { readonly is: "list"; readonly of: Kind; readonly mayBeEmpty?: true }
  /** Keys as §2.3 allows them; `of` absent: any value. `keys: "free"` where the keys are somebody else's names. */
  | { readonly is: "dictionary"; readonly of?: Kind; readonly keys?: "free" | "language" }
  | { readonly is: "part"; readonly of: Part }
  /** Deprecated `objects` of observed data: objects by key, which references inside name (observable-container of §2). */
  | { readonly is: "observables" }
  | { readonly is: "extensions" }
  | { readonly is: "objects" };

/**
 * What an identifier may point at. Types by name, or a whole category; objects that nobody has defined here (custom ones)
 * count as any category but the ones a name excludes.
 */
export type RefTarget =
  | { readonly types: readonly string[] }
  | { readonly category: "sdo" | "sco" | "sco-or-sro" | "sdo-or-sco" | "any" };

/** One property of a table. */
export interface Property {
  readonly kind: Kind;
  readonly must: boolean;
}

export type Properties = Readonly<Record<string, Property>>;

/** A structure inside an object, with rules of its own. */
export interface Part {
  readonly properties: Properties;
  readonly rules?: readonly Rule[];
}

/** What properties demand of each other. */
export type Rule =
  /** `later` is not before `first`; with `strictly` it is behind it. */
  | { readonly rule: "order"; readonly first: string; readonly later: string; readonly strictly?: true }
  /** At least one. A group "a+b" counts when all of it is there. */
  | { readonly rule: "some"; readonly of: readonly string[] }
  /** Not both. */
  | { readonly rule: "apart"; readonly of: readonly [string, string] }
  /** The one only beside the other. */
  | { readonly rule: "needs"; readonly property: string; readonly other: string }
  /** When `property` has this value (absent: when it is there), `other` is required or forbidden. */
  | {
      readonly rule: "when";
      readonly property: string;
      readonly value?: boolean;
      readonly other: string;
      readonly is: "required" | "forbidden";
    }
  /** Anything beside the common properties. */
  | { readonly rule: "something" }
  /** SHOULD be there. */
  | { readonly rule: "advised"; readonly of: readonly string[] }
  /** Rules that need code; `object-rules.ts` has them by name. */
  | { readonly rule: "own"; readonly name: OwnRule };

export type OwnRule =
  | "indicator-pattern"
  | "marking-definition"
  | "language-contents"
  | "relationship-ends"
  | "registry-hive"
  | "extension-properties";

export type Category = "sdo" | "sro" | "sco" | "meta" | "bundle";

/** A kind of STIX object. */
export interface ObjectType {
  readonly type: string;
  /** Section of STIX 2.1 that defines it. */
  readonly section: string;
  readonly category: Category;
  /** In the order of the specification's table, the common ones in front. */
  readonly properties: Properties;
  readonly rules: readonly Rule[];
  /** SCO: properties its deterministic id is made of, §2.9; empty: its id is random. */
  readonly contributing: readonly string[];
  /** SCO: extensions the specification defines for it. */
  readonly extensions: Readonly<Record<string, Part>>;
}

export const text: Kind = { is: "string" };
export const form = (form: TextForm): Kind => ({ is: "string", form });
export const integer = (least?: number, most?: number): Kind => ({
  is: "integer",
  ...(least === undefined ? {} : { least }),
  ...(most === undefined ? {} : { most }),
});
export const float = (least?: number, most?: number): Kind => ({
  is: "float",
  ...(least === undefined ? {} : { least }),
  ...(most === undefined ? {} : { most }),
});
export const yesNo: Kind = { is: "boolean" };
export const time: Kind = { is: "timestamp" };
export const binary: Kind = { is: "binary" };
export const hex: Kind = { is: "hex" };
export const hashes: Kind = { is: "hashes" };
export const ref = (...types: readonly string[]): Kind => ({ is: "identifier", of: { types } });
export const refTo = (category: "sdo" | "sco" | "sco-or-sro" | "sdo-or-sco" | "any"): Kind => ({
  is: "identifier",
  of: { category },
});
export const vocab = (of: OpenVocabulary): Kind => ({ is: "open-vocab", of });
export const oneOf = (of: Enumeration): Kind => ({ is: "enum", of });
export const list = (of: Kind): Kind => ({ is: "list", of });
export const dictionary = (of?: Kind, keys?: "free" | "language"): Kind => ({
  is: "dictionary",
  ...(of === undefined ? {} : { of }),
  ...(keys === undefined ? {} : { keys }),
});
export const part = (of: Part): Kind => ({ is: "part", of });

/** A table of properties: those whose name ends in "!" are required. */
export const table = (kinds: Readonly<Record<string, Kind>>): Properties =>
  Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) =>
      name.endsWith("!") ? [name.slice(0, -1), { kind, must: true }] : [name, { kind, must: false }],
    ),
  );

export const order = (first: string, later: string): Rule => ({ rule: "order", first, later });
export const strictOrder = (first: string, later: string): Rule => ({ rule: "order", first, later, strictly: true });
export const some = (...of: readonly string[]): Rule => ({ rule: "some", of });
export const apart = (a: string, b: string): Rule => ({ rule: "apart", of: [a, b] });
export const needs = (property: string, other: string): Rule => ({ rule: "needs", property, other });
export const something: Rule = { rule: "something" };
export const own = (name: OwnRule): Rule => ({ rule: "own", name });
export const advised = (...of: readonly string[]): Rule => ({ rule: "advised", of });
