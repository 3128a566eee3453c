import { both } from "./condition.ts";
import { type Detection, many, type Piece, type PlaceholderMatch } from "./detection.ts";
import { lowerPieces, readPieces } from "./pieces.ts";

/** Placeholder's name → its values here, with Sigma's wildcards: `Servers: ["srv*"]`. */
export type Placeholders = Readonly<Record<string, readonly string[]>>;

/** Texts one value may become, several placeholders multiplied. */
const most = 100_000;

/**
 * A detection with its placeholders replaced by their values (Sigma rules specification 2.1, "Placeholders").
 *
 * @returns the name of a placeholder that has no values, or whose values multiply beyond measure
 */
export const fillPlaceholders = (
  detection: Detection,
  values: Placeholders,
): { readonly detection: Detection } | { readonly missing: string } => {
  let missing: string | undefined;
  const texts = (match: PlaceholderMatch): readonly (readonly Piece[])[] => {
    let made: readonly (readonly Piece[])[] = [[]];
    for (const piece of match.pieces) {
      const choices: readonly (readonly Piece[])[] | undefined =
        typeof piece !== "object"
          ? [[piece]]
          : Object.hasOwn(values, piece.placeholder)
            ? (values[piece.placeholder] ?? []).map(readPieces)
            : undefined;
      if (choices === undefined || made.length * choices.length > most) {
        missing = typeof piece === "object" ? piece.placeholder : "";
        return [];
      }
      made = made.flatMap((before) => choices.map((choice) => joined([...before, ...choice])));
    }
    return made;
  };
  const fill = (part: Detection): Detection => {
    switch (part.is) {
      case "and":
      case "or":
      case "atLeast":
        return { ...part, of: part.of.map(fill) };
      case "not":
        return { is: "not", of: fill(part.of) };
      case "keyword":
        return part;
      case "test": {
        const { field, match } = part;
        if (match.is !== "placeholder") return part;
        const { cased } = match;
        return both(
          "or",
          texts(match).map((pieces) => ({
            is: "test",
            field,
            match: { is: "text", pieces: cased ? pieces : lowerPieces(pieces), cased },
          })),
        );
      }
    }
  };
  if (!holdsPlaceholder(detection)) return { detection };
  const filled = fill(detection);
  return missing === undefined ? { detection: filled } : { missing };
};

const holdsPlaceholder = (part: Detection): boolean => {
  if (part.is === "test") return part.match.is === "placeholder";
  if (part.is === "keyword") return false;
  return part.is === "not" ? holdsPlaceholder(part.of) : part.of.some(holdsPlaceholder);
};

/** Neighbouring texts are one text, neighbouring "many" one. */
const joined = (pieces: readonly Piece[]): readonly Piece[] => {
  const whole: Piece[] = [];
  for (const piece of pieces) {
    const last = whole.at(-1);
    if (typeof piece === "string" && typeof last === "string") whole[whole.length - 1] = last + piece;
    else if (piece !== many || last !== many) whole.push(piece);
  }
  return whole;
};
