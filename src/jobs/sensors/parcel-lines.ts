import { parcelLimits } from "./parcel.ts";
import { unpack } from "#jobs/collect/unpack.ts";

/** UTF-16 units of a line that are shown. */
const textAtMost = 16_384;

/**
 * A parcel's lines as they came, for people to read.
 *
 * @param body   packed
 * @param from   counts from 1
 * @returns `next`: the first line that is not there
 */
export const linesOf = async (
  body: Uint8Array,
  from: number,
  limit: number,
): Promise<{ readonly lines: readonly { line: number; kind: string; text: string }[]; readonly next?: number }> => {
  let bytes: Uint8Array;
  try {
    bytes = await unpack(body, parcelLimits.bytes);
  } catch {
    // it was refused for this when it came
    return { lines: [] };
  }
  const decoder = new TextDecoder();
  const lines: { line: number; kind: string; text: string }[] = [];
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const stop = newline < 0 ? bytes.length : newline;
    line++;
    if (line >= from) {
      if (lines.length === limit) return { lines, next: line };
      const text = decoder.decode(bytes.subarray(start, Math.min(stop, start + 4 * textAtMost)));
      lines.push({ line, kind: /^\{"([a-z]{1,16})":/.exec(text)?.[1] ?? "", text: text.slice(0, textAtMost) });
    }
    start = stop + 1;
  }
  return { lines };
};
