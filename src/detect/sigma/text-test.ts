import { many, type Piece } from "./detection.ts";
import { globber } from "./glob.ts";

/**
 * A text with wildcards in the shape that is asked most cheaply. "any": `*`, whatever is there.
 *
 *   \cmd.exe$ → suffix      * -enc * → contains      a?c*d → glob
 */
export interface TextShape {
  readonly is: "exact" | "prefix" | "suffix" | "contains" | "any" | "glob";
  /** What stands there; of a glob its longest piece, which stands anywhere in it. */
  readonly needle: string;
}

export const shapeOf = (pieces: readonly Piece[]): TextShape => {
  const [first = "", second, third] = pieces;
  if (pieces.length <= 1) return typeof first === "string" ? { is: "exact", needle: first } : anyOr(first, pieces);
  if (pieces.length === 2) {
    if (typeof first === "string" && second === many) return { is: "prefix", needle: first };
    if (first === many && typeof second === "string") return { is: "suffix", needle: second };
  }
  if (pieces.length === 3 && first === many && typeof second === "string" && third === many)
    return { is: "contains", needle: second };
  return { is: "glob", needle: longestOf(pieces) };
};

const anyOr = (piece: Piece, pieces: readonly Piece[]): TextShape =>
  piece === many ? { is: "any", needle: "" } : { is: "glob", needle: longestOf(pieces) };

const longestOf = (pieces: readonly Piece[]): string =>
  pieces.reduce<string>(
    (longest, piece) => (typeof piece === "string" && piece.length > longest.length ? piece : longest),
    "",
  );

export const textTest = (pieces: readonly Piece[]): ((text: string) => boolean) => {
  const { is, needle } = shapeOf(pieces);
  switch (is) {
    case "exact":
      return (text) => text === needle;
    case "prefix":
      return (text) => text.startsWith(needle);
    case "suffix":
      return (text) => text.endsWith(needle);
    case "contains":
      return (text) => text.includes(needle);
    case "any":
      return () => true;
    case "glob":
      return globber(pieces);
  }
};
