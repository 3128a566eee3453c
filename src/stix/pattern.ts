/**
 * A STIX pattern as data. Today: one observation of comparisons joined by AND and OR; the qualifiers, set and text
 * operators and observation operators of STIX 2.1 §9 are read as far as telling them from mistakes.
 */
export interface Comparison {
  readonly kind: "comparison";
  /** "ipv4-addr", "file". */
  readonly type: string;
  /** Steps after the colon: ["value"], ["hashes", "SHA-256"]. */
  readonly path: readonly string[];
  /** More than one only under IN. */
  readonly values: readonly (string | number | boolean)[];
  /** 1-based character where the comparison begins. */
  readonly column: number;
}
export interface Both {
  readonly kind: "both";
  readonly of: readonly PatternAst[];
}
export interface Either {
  readonly kind: "either";
  readonly of: readonly PatternAst[];
}
export type PatternAst = Comparison | Both | Either;

export const both = (of: readonly PatternAst[]): PatternAst =>
  of.length === 1 && of[0] !== undefined ? of[0] : Object.freeze({ kind: "both", of });
export const either = (of: readonly PatternAst[]): PatternAst =>
  of.length === 1 && of[0] !== undefined ? of[0] : Object.freeze({ kind: "either", of });
