import type { ErrorCode } from "#core/errors.ts";
import type { CompareMatch, FieldMatch, Piece } from "./detection.ts";

/** A value of a rule on its way through its modifiers. */
export type Value =
  | TextValue
  | { readonly is: "number"; readonly number: number; readonly text: string }
  | { readonly is: "boolean"; readonly boolean: boolean; readonly text: string }
  | { readonly is: "null" }
  | { readonly is: "regex"; readonly source: string; readonly flags: string }
  | { readonly is: "cidr"; readonly network: string }
  | CompareMatch
  | { readonly is: "exists"; readonly there: boolean }
  | FieldMatch;

export interface TextValue {
  readonly is: "text";
  readonly pieces: readonly (Piece | { readonly placeholder: string })[];
  readonly cased: boolean;
  /** As it stands in the file: expressions and networks know no wildcards. */
  readonly written: string;
  /** Its letters are bytes, after an encoding. */
  readonly bytes: boolean;
}

/** What is wrong with a value under a modifier. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly params: Readonly<Record<string, string | number>>;
}

export const isRefusal = (value: readonly Value[] | Refusal): value is Refusal => "code" in value;
