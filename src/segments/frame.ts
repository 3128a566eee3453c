import { crc32 } from "node:zlib";

/**
 * A frame of a log: all of it stands in the file, or nothing of it counts.
 *
 *   offset  bytes
 *        0      4   length of what follows the second word, little-endian as all numbers
 *        4      4   CRC-32 of it
 *        8      4   length of the head
 *       12      …   head, then the blocks one behind the other
 */
export const frameHead = 12;

/** Longest frame: a batch has at most 16 MiB of log, and its records are packed. */
const longestFrame = 268_435_456;

export interface Frame {
  readonly head: Uint8Array;
  readonly blocks: Uint8Array;
}

/** The parts of a frame, to be written in one call. */
export const printFrame = (head: Uint8Array, blocks: readonly Uint8Array[]): readonly Uint8Array[] => {
  const start = Buffer.alloc(frameHead);
  const parts = [start, head, ...blocks];
  const length = parts.reduce((sum, part) => sum + part.length, 0) - 8;
  start.writeUInt32LE(length, 0);
  start.writeUInt32LE(head.length, 8);
  let sum = crc32(start.subarray(8));
  for (const part of parts.slice(1)) sum = crc32(part, sum);
  start.writeUInt32LE(sum, 4);
  return parts;
};

/** Bytes of a frame with its first eight, or undefined where they cannot be those of one. */
export const frameLength = (start: Uint8Array): number | undefined => {
  if (start.length < frameHead) return undefined;
  const view = new DataView(start.buffer, start.byteOffset, frameHead);
  const length = view.getUint32(0, true);
  return length < 4 || length > longestFrame || view.getUint32(8, true) > length - 4 ? undefined : length + 8;
};

/** @param bytes exactly the bytes of one frame; undefined: torn, or written over */
export const readFrame = (bytes: Uint8Array): Frame | undefined => {
  if (frameLength(bytes) !== bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, frameHead);
  if (crc32(bytes.subarray(8)) !== view.getUint32(4, true)) return undefined;
  const blocks = frameHead + view.getUint32(8, true);
  return { head: bytes.subarray(frameHead, blocks), blocks: bytes.subarray(blocks) };
};
