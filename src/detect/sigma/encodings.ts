import { Buffer } from "node:buffer";
import type { Piece } from "./detection.ts";

/** The bytes of a text: of one whose letters are bytes already (after `wide`), those; else UTF-8. */
const bytesOf = (text: string, bytes: boolean): Buffer => Buffer.from(text, bytes ? "latin1" : "utf8");

export const base64 = (text: string, bytes: boolean): string => bytesOf(text, bytes).toString("base64");

/**
 * What of a text is the same wherever it stands inside something that was encoded with Base64: of the three places it can
 * have among groups of three bytes, the letters that none of its neighbours touch (modifiers appendix 2.1, "Encoding").
 *
 *   "foo" → Zm9v · Zvb (from " foo") · mb2 (from "  foo")
 */
export const base64Offsets = (text: string, bytes: boolean): readonly string[] => {
  const data = bytesOf(text, bytes);
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift, 0x20), data]).toString("base64");
    // letters that hold bits of what stands before: 2 of one byte, 3 of two
    const begin = [0, 2, 3][shift] ?? 0;
    // the last group's letters that hold bits of what comes after, padding included
    const end = [0, 3, 2][(data.length + shift) % 3] ?? 0;
    const fixed = encoded.slice(begin, encoded.length - end);
    return fixed === "" ? [] : [fixed];
  });
};

/** Each letter's two bytes as two letters of one byte: "cmd" → c, NUL, m, NUL, d, NUL. */
export const utf16 = (text: string, order: "little" | "big"): string => {
  let wide = "";
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const low = String.fromCharCode(code & 255);
    const high = String.fromCharCode(code >>> 8);
    wide += order === "little" ? low + high : high + low;
  }
  return wide;
};

/** Hyphen, slash, en dash, em dash, horizontal bar: Windows programs take any of them before an option. */
const dashLetters = ["-", "/", "\u2013", "\u2014", "\u2015"] as const;

/** Dashes in one value: 5 for each of them is multiplied. */
const dashesAtMost = 4;

/**
 * A text with each of its dashes written in every way. A dash begins an option: after no letter, before one; "-" in
 * "well-known" is none.
 *
 * @returns undefined for more than four dashes
 */
export const dashes = (pieces: readonly Piece[]): readonly (readonly Piece[])[] | undefined => {
  let variants: readonly (readonly Piece[])[] = [[]];
  let found = 0;
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      variants = variants.map((one) => [...one, piece]);
      continue;
    }
    let texts: readonly string[] = [""];
    let from = 0;
    for (const { index } of piece.matchAll(/(?<![\p{L}\p{N}_])[-/–—―](?=[\p{L}\p{N}_])/gu)) {
      if (++found > dashesAtMost) return undefined;
      const before = piece.slice(from, index);
      texts = texts.flatMap((text) => dashLetters.map((dash) => text + before + dash));
      from = index + 1;
    }
    const rest = piece.slice(from);
    variants = variants.flatMap((one) => texts.map((text) => [...one, text + rest]));
  }
  return variants;
};
