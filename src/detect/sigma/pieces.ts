import { many, one, type Piece } from "./detection.ts";

/**
 * The text of a rule, wildcards and escapes read (Sigma rules specification 2.1, "Escaping"): a backslash before `*`, `?`
 * or a backslash stands for that character alone, any other backslash for itself.
 *
 *   C:\Windows\*.exe   → C:\Windows, "*" escaped, .exe       \\*  → one backslash, many
 */
export const readPieces = (text: string): readonly Piece[] => {
  if (!/[\\*?]/.test(text)) return text === "" ? [] : [text];
  const pieces: Piece[] = [];
  let plain = "";
  const push = (wildcard: typeof one | typeof many): void => {
    if (plain !== "") pieces.push(plain);
    plain = "";
    if (wildcard !== many || pieces.at(-1) !== many) pieces.push(wildcard);
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === "\\") {
      const next = text.charAt(at + 1);
      if (next === "*" || next === "?" || next === "\\") at++;
      plain += next === "*" || next === "?" ? next : "\\";
    } else if (letter === "*") push(many);
    else if (letter === "?") push(one);
    else plain += letter;
  }
  if (plain !== "") pieces.push(plain);
  return pieces;
};

/** The plain text of pieces without wildcards; undefined when there are some. */
export const plainOf = (pieces: readonly Piece[]): string | undefined => {
  if (pieces.length === 0) return "";
  const [only] = pieces;
  return pieces.length === 1 && typeof only === "string" ? only : undefined;
};

/** With "many" at its ends, once. */
export const open = (pieces: readonly Piece[], start: boolean, end: boolean): readonly Piece[] => {
  const opened = [...pieces];
  if (start && opened[0] !== many) opened.unshift(many);
  if (end && (opened.length === 0 || opened.at(-1) !== many)) opened.push(many);
  return opened;
};

export const lowerPieces = (pieces: readonly Piece[]): readonly Piece[] =>
  pieces.map((piece) => (typeof piece === "string" ? piece.toLowerCase() : piece));

/** Each plain text changed, wildcards kept. */
export const mapPieces = (pieces: readonly Piece[], change: (text: string) => string): readonly Piece[] =>
  pieces.map((piece) => (typeof piece === "string" ? change(piece) : piece));
