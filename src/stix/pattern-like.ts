/**
 * LIKE as a function: "%" is any run of characters, "_" any one character (a code point), everything else itself; the
 * whole text must fit, and case counts. Pieces between "%" are looked for from the left, so there is no backtracking.
 * @see STIX 2.1 §9.6 LIKE
 */
export const likeTest = (like: string): ((text: string) => boolean) => {
  const pieces = like.split("%");
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined)
    return like.includes("_") ? (text) => startAt(text, 0, first) === text.length : (text) => text === like;
  return (text) => {
    let at = startAt(text, 0, first);
    for (const piece of rest) {
      if (at < 0) return false;
      at = findFrom(text, at, piece);
    }
    return at >= 0 && endsFrom(text, at, last);
  };
};

/** Where the piece that begins at `at` ends; -1 where it does not stand there. */
const startAt = (text: string, at: number, piece: string): number => {
  if (!piece.includes("_")) return text.startsWith(piece, at) ? at + piece.length : -1;
  let here = at;
  for (const wanted of piece) {
    if (here >= text.length) return -1;
    const seen = String.fromCodePoint(text.codePointAt(here) ?? 0);
    if (wanted !== "_" && wanted !== seen) return -1;
    here += seen.length;
  }
  return here;
};

/** The end of the first place at or behind `at` where the piece stands; -1 where there is none. */
const findFrom = (text: string, at: number, piece: string): number => {
  if (!piece.includes("_")) {
    const found = text.indexOf(piece, at);
    return found < 0 ? -1 : found + piece.length;
  }
  for (let here = at; here <= text.length; here += isLow(text, here + 1) ? 2 : 1) {
    const end = startAt(text, here, piece);
    if (end >= 0) return end;
  }
  return -1;
};

const endsFrom = (text: string, at: number, piece: string): boolean => {
  if (!piece.includes("_")) return text.length - piece.length >= at && text.endsWith(piece);
  // "_" may stand for one unit or two, so the piece is measured from the end backwards
  let here = text.length;
  for (const wanted of [...piece].reverse()) {
    if (here <= at) return false;
    const width = isLow(text, here - 1) && here - 2 >= at && isHigh(text, here - 2) ? 2 : 1;
    here -= width;
    if (wanted !== "_" && wanted !== text.slice(here, here + width)) return false;
  }
  return here >= at;
};

const isLow = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00;
const isHigh = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xd800;
