import { many, type Piece } from "./detection.ts";

/** Texts and single-character wildcards between two "many". */
type Segment = readonly Exclude<Piece, typeof many>[];

/** Whether pieces are the whole of a text; the same question asked of many texts. Linear in the text for each segment. */
export const globber = (pieces: readonly Piece[]): ((text: string) => boolean) => {
  const segments: Exclude<Piece, typeof many>[][] = [[]];
  for (const piece of pieces) {
    if (piece === many) segments.push([]);
    else segments.at(-1)?.push(piece);
  }
  const first = segments[0] ?? [];
  const last = segments.at(-1) ?? [];
  const middle = segments.slice(1, -1).filter((segment) => segment.length > 0);
  if (segments.length === 1) return (text) => endOf(first, text, 0) === text.length;
  return (text) => {
    let at = endOf(first, text, 0);
    if (at < 0) return false;
    for (const segment of middle) {
      at = find(segment, text, at);
      if (at < 0) return false;
    }
    if (last.length === 0) return true;
    // the last segment stands at the end; with surrogate pairs its length is not known beforehand
    for (let start = text.length; start >= at; start--) if (endOf(last, text, start) === text.length) return true;
    return false;
  };
};

/** Where a segment that begins at `at` ends; -1: it does not stand there. */
const endOf = (segment: Segment, text: string, at: number): number => {
  let end = at;
  for (const piece of segment) {
    if (typeof piece === "string") {
      if (!text.startsWith(piece, end)) return -1;
      end += piece.length;
    } else {
      if (end >= text.length) return -1;
      end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
    }
  }
  return end;
};

/** Where the first segment at or after `from` ends. */
const find = (segment: Segment, text: string, from: number): number => {
  const [head] = segment;
  for (let at = from; at <= text.length; at++) {
    if (typeof head === "string") {
      at = text.indexOf(head, at);
      if (at < 0) return -1;
    }
    const end = endOf(segment, text, at);
    if (end >= 0) return end;
  }
  return -1;
};
