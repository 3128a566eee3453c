import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** Bytes of the beginning, and of what was taken last, that tell a file from another. */
const [headBytes, lastBytes] = [1024, 256];

/** An EVTX file: its header, and chunks that are each whole by themselves; the last one is written again as it fills. */
export const evtxHeader = 4096;
export const evtxChunk = 65_536;
const evtxMagic = Buffer.from("ElfFile\0", "latin1");

/** Exactly the bytes [from, to); undefined when the file has them not. */
export const bytesOf = async (file: FileHandle, from: number, to: number): Promise<Buffer | undefined> => {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at);
    if (bytesRead === 0) return undefined;
    at += bytesRead;
  }
  return bytes;
};

export const isEvtx = async (file: FileHandle): Promise<boolean> =>
  (await bytesOf(file, 0, evtxMagic.length))?.equals(evtxMagic) ?? false;

/**
 * What makes a file the one of which `position` bytes were taken: its first bytes, and those before the position. An inode
 * alone does not: numbers are given again, and a file that is cut off and written anew keeps its own. Of an EVTX file, whose
 * header changes, it is the first chunk and the last that was taken.
 */
export const markOf = async (file: FileHandle, position: number, evtx: boolean): Promise<string | undefined> => {
  const first = evtx ? [evtxHeader, evtxHeader + evtxChunk] : [0, Math.min(headBytes, position)];
  const last = [Math.max(0, position - (evtx ? evtxChunk : lastBytes)), position];
  const digests: string[] = [];
  for (const [from = 0, to = 0] of [first, last]) {
    const part = await bytesOf(file, from, to);
    if (part === undefined) return undefined;
    digests.push(createHash("sha256").update(part).digest("hex"));
  }
  return digests.join(".");
};

/** Of two marks of an EVTX file at one position: only what was taken last was written again. */
export const isFuller = (mark: string | undefined, before: string): boolean =>
  mark !== undefined && mark !== before && mark.split(".")[0] === before.split(".")[0];

/** Positions below this say too little to know a file by its mark alone. */
export const tellingPosition: number = headBytes;
