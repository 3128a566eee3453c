import { createHash } from "node:crypto";
import { no, ok, type Result } from "#core/result.ts";
import { Fingerprint, fingerprintKey } from "./fingerprint.ts";
import { MatchIndex } from "./match-index.ts";
import { at, newTable } from "./match-table.ts";

// A snapshot is a cache of what state holds, never the only copy: whatever is wrong with it, it is built anew.
//
//   offset  bytes
//        0      8   "WGLMATCH"
//        8      4   version, little-endian as all that follows (a big-endian machine sees a wrong version)
//       12      8   fingerprint of "waglan" under the secret: whose table it is, telling nothing of the secret
//       20      4   length of the cursor in bytes
//       24      8   slots, words of arena
//       32     32   SHA-256 of all before it and of all behind it
//       64      …   cursor (UTF-8), header, blocks, filter, tags, slots, arena
const magic = "WGLMATCH";
const version = 2;
const prefixBytes = 64;
const sumAt = 32;

/** A snapshot's index, and the change-feed position it was taken at. */
export interface Snapshot {
  readonly index: MatchIndex;
  readonly cursor: string;
}

/** The table as bytes, for a file. The writer must not add while this runs (it is synchronous: nothing else runs). */
export const matchIndexToBytes = (index: MatchIndex, cursor: string): Uint8Array => {
  const { key, table } = index.contents();
  const cursorBytes = new TextEncoder().encode(cursor);
  const arenaWords = table.header[at.arena] as number;
  const parts: readonly Uint8Array[] = [
    cursorBytes,
    bytesOf(table.header),
    bytesOf(table.blocks),
    bytesOf(table.filter),
    table.tags,
    bytesOf(table.slots),
    bytesOf(table.arena.subarray(0, arenaWords)),
  ];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, prefixBytes));
  const view = new DataView(whole.buffer);
  new TextEncoder().encodeInto(magic, whole);
  view.setUint32(8, version, true);
  const owner = ownerOf(key);
  view.setInt32(12, owner.lo, true);
  view.setInt32(16, owner.hi, true);
  view.setUint32(20, cursorBytes.length, true);
  view.setUint32(24, table.tags.length, true);
  view.setUint32(28, arenaWords, true);
  let offset = prefixBytes;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  whole.set(sumOf(whole), sumAt);
  return whole;
};

/** @returns WGL_INDEX_DAMAGED, WGL_INDEX_VERSION, WGL_INDEX_SECRET */
export const matchIndexFromBytes = (bytes: Uint8Array, secret: Uint8Array): Result<Snapshot> => {
  if (bytes.length < prefixBytes) return no("WGL_INDEX_DAMAGED", { what: "its length" });
  if (new TextDecoder("latin1").decode(bytes.subarray(0, 8)) !== magic)
    return no("WGL_INDEX_DAMAGED", { what: "its first word" });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = view.getUint32(8, true);
  if (found !== version) return no("WGL_INDEX_VERSION", { found, wanted: version });
  if (Buffer.compare(sumOf(bytes), bytes.subarray(sumAt, prefixBytes)) !== 0)
    return no("WGL_INDEX_DAMAGED", { what: "its checksum" });
  const key = fingerprintKey(secret);
  const owner = ownerOf(key);
  if (view.getInt32(12, true) !== owner.lo || view.getInt32(16, true) !== owner.hi) return no("WGL_INDEX_SECRET");
  const cursorLength = view.getUint32(20, true);
  const slots = view.getUint32(24, true);
  const arenaWords = view.getUint32(28, true);
  const table = newTable(slots, arenaWords + spareArena(arenaWords));
  const into: readonly Uint8Array[] = [
    bytesOf(table.header),
    bytesOf(table.blocks),
    bytesOf(table.filter),
    table.tags,
    bytesOf(table.slots),
    bytesOf(table.arena).subarray(0, arenaWords * 4),
  ];
  let offset = prefixBytes + cursorLength;
  if (into.reduce((sum, part) => sum + part.byteLength, offset) !== bytes.length)
    return no("WGL_INDEX_DAMAGED", { what: "its length" });
  const cursor = new TextDecoder().decode(bytes.subarray(prefixBytes, offset));
  for (const part of into) {
    part.set(bytes.subarray(offset, offset + part.byteLength));
    offset += part.byteLength;
  }
  table.header[at.superseded] = 0;
  return ok({ index: new MatchIndex(key, table), cursor });
};

/** Room for deltas, so that the first one after a start need not move the arena. */
const spareArena = (words: number): number => 1024 + (words >>> 3);

const bytesOf = (view: Int32Array | Uint32Array): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

const sumOf = (whole: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(whole.subarray(0, sumAt)).update(whole.subarray(prefixBytes)).digest());

const ownerOf = (key: Uint8Array): { readonly lo: number; readonly hi: number } => {
  const print = new Fingerprint(key);
  const word = new TextEncoder().encode("waglan");
  print.bytes(0, word, 0, word.length);
  return { lo: print.lo, hi: print.hi };
};
