import type { FileHandle } from "node:fs/promises";
import { bytesOf } from "./file-mark.ts";

/** Bytes looked at for the end of a line, and so the longest part that goes on as one batch. */
export const windowBytes: number = 4_194_304;
const newline = 10;
const hash = 0x23;
/** Longest header kept; a longer run of such lines is no header. */
const longestHeader = 65_536;

export type Wide = "utf-16le" | "utf-16be";

/** Windows writes logs as UTF-16; its mark, or the zeros beside the first two characters, show it. */
export const wideOf = (head: Uint8Array): Wide | undefined => {
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe) || (a !== undefined && a > 0 && b === 0 && c !== undefined && c > 0 && d === 0))
    return "utf-16le";
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== undefined && b > 0 && c === 0 && d !== undefined && d > 0))
    return "utf-16be";
  return undefined;
};

/** Where the last whole line of `bytes` ends; 0: no line does. `bytes` begin at a character. */
export const lastEnd = (bytes: Uint8Array, wide: Wide | undefined): number => {
  for (let at = bytes.lastIndexOf(newline); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(newline, at - 1)) {
    if (wide === undefined) return at + 1;
    if (wide === "utf-16le" && at % 2 === 0 && bytes[at + 1] === 0) return at + 2;
    if (wide === "utf-16be" && at % 2 === 1 && bytes[at - 1] === 0) return at + 1;
  }
  return 0;
};

/** Behind the first line end at or after `from`; undefined: none yet. Reads a window at a time. */
export const nextEnd = async (
  file: FileHandle,
  from: number,
  size: number,
  wide: Wide | undefined,
): Promise<number | undefined> => {
  for (let at = from; at < size; ) {
    const bytes = await bytesOf(file, at, Math.min(size, at + windowBytes));
    if (bytes === undefined) return undefined;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, end + 1)) {
      if (wide === undefined) return at + end + 1;
      if (wide === "utf-16le" && end % 2 === 0 && bytes[end + 1] === 0) return at + end + 2;
      if (wide === "utf-16be" && end % 2 === 1 && bytes[end - 1] === 0) return at + end + 1;
    }
    at += bytes.length;
  }
  return undefined;
};

/** As UTF-8, without a mark. */
export const utf8 = (bytes: Uint8Array, wide: Wide | undefined): Uint8Array =>
  wide === undefined ? bytes : new TextEncoder().encode(new TextDecoder(wide).decode(bytes));

/**
 * The lines that tell the columns of what follows `part`: its last run of "#…" lines that names fields (Zeek, W3C), else
 * those before it, `header`.
 */
export const headerAfter = (part: Uint8Array, header: Uint8Array, first: boolean, firstLine: boolean): Uint8Array => {
  let found = header;
  if (first && firstLine && part[0] !== hash && part[0] !== 0x7b && part[0] !== 0x5b) {
    const end = part.indexOf(newline);
    if (end >= 0 && end < longestHeader) found = part.slice(0, end + 1);
  }
  for (let at = 0; at < part.length; ) {
    if (part[at] === hash) {
      let end = at;
      while (part[end] === hash) {
        const next = part.indexOf(newline, end);
        end = next < 0 ? part.length : next + 1;
      }
      const run = part.subarray(at, end);
      if (run.length <= longestHeader && /^#fields/im.test(new TextDecoder().decode(run))) found = run.slice();
      at = end;
    }
    // the next line that begins with "#"
    const next = Buffer.from(part.buffer, part.byteOffset, part.byteLength).indexOf("\n#", Math.max(0, at - 1));
    if (next < 0) break;
    at = next + 1;
  }
  return found;
};
