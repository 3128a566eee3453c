import { crc32 } from "node:zlib";
import { problem, type Problem } from "#core/result.ts";
import { eventOfElement, type WindowsEvent } from "#telemetry/windows-event.ts";
import { BadBinXml, BinXmlReader } from "./binxml.ts";
import { fileTime } from "./value.ts";

/** Bytes of a chunk, and of its header ([libevtx] §4). */
export const chunkBytes = 65_536;
const headerBytes = 512;

const signature = Buffer.from("ElfChnk\0");
/** "**\0\0" */
const recordSignature = 0x2a2a;
/** Signature, size, number, time; and the size again at the end. */
const recordHead = 24;
const recordTail = 4;

export interface OnChunk {
  readonly event: (event: WindowsEvent) => void;
  /** One record, or something about the chunk, is wrong; `record`: it stands for a record that was there. */
  readonly problem: (problem: Problem, record: boolean) => void;
}

/**
 * Every record of a chunk. Checksums that do not agree are one problem, and the chunk is read all the same: each record
 * stands for itself, and one that cannot be read does not stop the next. Unused chunks are nothing.
 *
 * @param chunk what there is of it; a file may be cut off
 * @param number from 0, for problems
 * @param checksums false for a file that says it has none
 */
export const readChunk = (chunk: Uint8Array, number: number, checksums: boolean, on: OnChunk): void => {
  if (chunk.every((byte) => byte === 0)) return;
  if (chunk.length < headerBytes || !signature.equals(chunk.subarray(0, 8))) {
    on.problem(problem("WGL_EVTX_CHUNK", { chunk: number, bytes: chunk.length }), false);
    return;
  }
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const cut = chunk.length < chunkBytes;
  if (cut) on.problem(problem("WGL_EVTX_CHUNK", { chunk: number, bytes: chunk.length }), false);
  const free = view.getUint32(48, true);
  const inside = free >= headerBytes && free <= chunk.length;
  const agrees = (): boolean =>
    crc32(chunk.subarray(128, headerBytes), crc32(chunk.subarray(0, 120))) === view.getUint32(124, true) &&
    crc32(chunk.subarray(headerBytes, free)) === view.getUint32(52, true);
  const sound = inside && (!checksums || agrees());
  if (!sound && !cut) on.problem(problem("WGL_EVTX_CHECKSUM", { chunk: number }), false);
  readRecords(chunk, view, sound ? free : chunk.length, on);
};

/**
 * Records one behind the other up to `end`. Where a record's size is wrong the next signature is looked for, eight bytes
 * at a time, as records lie.
 */
const readRecords = (chunk: Uint8Array, view: DataView, end: number, on: OnChunk): void => {
  const reader = new BinXmlReader(chunk);
  let at = headerBytes;
  let lost = false;
  while (at + recordHead + recordTail <= end) {
    if (view.getUint32(at, true) !== recordSignature) {
      // What follows the last record is free space; zeros and leavings in it are no records.
      at += 8;
      continue;
    }
    const size = view.getUint32(at + 4, true);
    const whole =
      size >= recordHead + recordTail && at + size <= end && view.getUint32(at + size - recordTail, true) === size;
    if (!whole) {
      if (!lost) on.problem(problem("WGL_EVTX_RECORD", { record: idOf(view, at) }), true);
      lost = true;
      at += 8;
      continue;
    }
    lost = false;
    tell(readRecord(reader, view, at, size), on);
    const behind = at + size;
    for (const [hidden, itsSize] of covered(view, at, reader.ended, behind)) {
      on.problem(problem("WGL_EVTX_HIDDEN", { record: idOf(view, hidden), within: idOf(view, at) }), false);
      tell(readRecord(reader, view, hidden, itsSize), on);
    }
    at = behind;
  }
};

const tell = (read: ReturnType<typeof readRecord>, on: OnChunk): void => {
  if ("code" in read) on.problem(read, true);
  else on.event(read.event);
};

/**
 * Records that lie within the record `[at, end)`: whoever hides traces makes the size of the record before cover them, and
 * Windows passes over what stands behind a record's own end. One behind the other, the last ends where the record ends.
 * Only there: what a record says itself may be anybody's bytes, and could look like records.
 *
 * @param said where what the record says ends
 * @see https://blog.fox-it.com/2017/12/08/detection-and-recovery-of-nsas-covered-up-tracks/
 */
const covered = (
  view: DataView,
  at: number,
  said: number,
  end: number,
): readonly (readonly [start: number, size: number])[] => {
  // From behind, so that each place is looked at once: a record leads to the end when it ends there, or where one begins that does.
  const leads = new Set([end]);
  let first = end;
  const places = Math.floor((end - at - 2 * recordHead - recordTail) / 8);
  for (let place = places; place >= 0; place--) {
    const from = at + recordHead + place * 8;
    if (from < said) break;
    if (view.getUint32(from, true) !== recordSignature) continue;
    const size = view.getUint32(from + 4, true);
    if (size < recordHead + recordTail || !leads.has(from + size)) continue;
    leads.add(from);
    first = from;
  }
  const found: [number, number][] = [];
  while (first < end) {
    const size = view.getUint32(first + 4, true);
    found.push([first, size]);
    first += size;
  }
  return found;
};

const readRecord = (
  reader: BinXmlReader,
  view: DataView,
  at: number,
  size: number,
): { readonly event: WindowsEvent } | Problem => {
  try {
    const element = reader.record(at + recordHead, at + size - recordTail);
    const event = element && eventOfElement(element);
    if (event === undefined) return problem("WGL_EVTX_RECORD", { record: idOf(view, at) });
    // The record's own number and time stand in its head, whatever the template put into `System`.
    if (event["EventRecordID"] === undefined) event["EventRecordID"] = Number(view.getBigUint64(at + 8, true));
    if (event["TimeCreated"] === undefined) event["TimeCreated"] = fileTime(view.getBigUint64(at + 16, true));
    return { event };
  } catch (error) {
    if (!(error instanceof BadBinXml)) throw error;
    return problem("WGL_EVTX_RECORD", { record: idOf(view, at) });
  }
};

const idOf = (view: DataView, at: number): string => String(view.getBigUint64(at + 8, true));
