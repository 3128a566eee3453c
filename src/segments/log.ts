import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { day, type Instant, minute } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import type { EdgeEntry } from "#jobs/edge/edge-state.ts";
import type { EdgeLog, LogEntry, LogPlace, PackedRows } from "#jobs/edge/log-port.ts";
import { packAgain, readBlock } from "#jobs/edge/rows.ts";
import type { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { codeOf, makeFolder, onDisk, syncFolder, writeAll } from "./disk.ts";
import { type Frame, frameHead, frameLength, printFrame, readFrame } from "./frame.ts";
import { OpenLists } from "./open-lists.ts";
import { type BlockPlace, type Directory, printFooter, readBytes, SegmentFile } from "./segment-footer.ts";

/** When a segment is finished. Its lists are in memory until then: some ten megabytes for so many records. */
export const segmentLimits = { records: 60_000, bytes: 64 * 1_048_576, ageMs: 15 * minute } as const;

/** What stands before a segment's first frame. */
const start = Buffer.from("WGLEDGE1", "latin1");

/** A finished segment. */
export interface Finished {
  readonly segment: number;
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
  /** Of its records. */
  readonly from: number;
  readonly to: number;
  /** When it was finished. */
  readonly written: number;
  /** Bytes of frames. */
  readonly frames: number;
}

interface OpenSegment {
  readonly segment: number;
  readonly path: string;
  readonly file: number;
  readonly began: number;
  end: number;
  lists: OpenLists;
}

const nameOf = (segment: number, end: "open" | "seg" | "torn"): string => `${String(segment).padStart(10, "0")}.${end}`;

/**
 * The log of one sensor in a folder: a file a segment, the last of which grows. Everything is written at the end of it and
 * synced; after a kill what is whole stands and the rest is cut off, and said. One process has a folder at a time.
 */
export class SegmentLog implements EdgeLog {
  readonly #folder: string;
  readonly #fingerprint: Fingerprint64;
  #finished: Finished[] = [];
  #open: OpenSegment;
  #troubles: Problem[] = [];

  /** @param fingerprint of this sensor, as history is asked by */
  constructor(folder: string, fingerprint: Fingerprint64, now: Instant) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
    makeFolder(folder);
    const numbers = onDisk(folder, () => readdirSync(folder));
    let open: OpenSegment | undefined;
    for (const name of numbers.toSorted()) {
      const [, digits, end] = /^(\d{10})\.(open|seg)$/.exec(name) ?? [];
      if (digits === undefined) continue;
      const segment = Number(digits);
      if (end === "seg") this.#adopt(segment);
      else {
        // a kill between the rename of one and the making of the next cannot leave two; a copied folder can
        if (open) this.#finish(open, now);
        open = this.#recover(segment, now);
      }
    }
    this.#open = open ?? this.#begin((this.#finished.at(-1)?.segment ?? 0) + 1, now);
  }

  get end(): LogPlace {
    return { segment: this.#open.segment, offset: this.#open.end };
  }

  get next(): { readonly segment: number; readonly record: number } {
    return { segment: this.#open.segment, record: this.#open.lists.records };
  }

  get bytes(): number {
    return this.#finished.reduce((sum, one) => sum + one.bytes, this.#open.end);
  }

  get segments(): number {
    return this.#finished.length + 1;
  }

  /** For searching: finished ones oldest first, and the one that grows. */
  get searched(): {
    readonly finished: readonly Finished[];
    readonly open: { readonly segment: number; readonly file: number; readonly lists: OpenLists };
  } {
    return { finished: this.#finished, open: this.#open };
  }

  /** Fingerprints whose covers the segment under way knows. */
  knows(value: bigint): boolean {
    return this.#open.lists.has(value);
  }

  troubles(): readonly Problem[] {
    const told = this.#troubles;
    this.#troubles = [];
    return told;
  }

  append(entry: EdgeEntry, rows?: PackedRows, facts?: Uint8Array): LogPlace {
    const open = this.#open;
    const said: Head = {
      entry,
      ...(rows === undefined
        ? {}
        : {
            rows: {
              ...{ about: rows.about, counts: rows.counts, first: open.lists.records },
              lengths: rows.blocks.map((block) => block.length),
            },
          }),
      ...(facts === undefined ? {} : { facts: facts.length }),
    };
    const head = zstdCompressSync(JSON.stringify(said));
    const parts = printFrame(head, [...(rows?.blocks ?? []), ...(facts === undefined ? [] : [facts])]);
    const { file, end } = open;
    onDisk(open.path, () => {
      try {
        writeAll(file, parts);
        fdatasyncSync(file);
      } catch (error) {
        // a full disk takes some of it: what stands there is as it was before
        ftruncateSync(file, end);
        throw error;
      }
    });
    if (rows) open.lists.add(rows, end + frameHead + head.length);
    open.end = end + parts.reduce((sum, part) => sum + part.length, 0);
    return this.end;
  }

  *entries(from: LogPlace | undefined): Generator<LogEntry> {
    const behind = from ?? { segment: 0, offset: 0 };
    for (const { segment, path, frames } of this.#finished) {
      if (segment < behind.segment) continue;
      const file = onDisk(path, () => openSync(path, "r"));
      try {
        yield* this.#entriesOf(file, segment, segment === behind.segment ? behind.offset : start.length, frames);
      } finally {
        closeSync(file);
      }
    }
    const { segment, file, end } = this.#open;
    if (segment >= behind.segment)
      yield* this.#entriesOf(file, segment, segment === behind.segment ? behind.offset : start.length, end);
  }

  roll(now: Instant, all = false): boolean {
    const open = this.#open;
    const { lists, end, began } = open;
    const due = lists.records >= segmentLimits.records || end >= segmentLimits.bytes;
    // a clock that was put back makes it old: nothing waits for time to come again
    const old = end > start.length && (now - began >= segmentLimits.ageMs || now < began);
    if (!due && !old && !(all && end > start.length)) return false;
    this.#finish(open, now);
    this.#open = this.#begin(open.segment + 1, now, open.lists);
    open.lists.clear();
    return true;
  }

  prune(now: Instant, keep: LogPlace, limits: { readonly bytes: number; readonly days: number }): number {
    let bytes = this.bytes;
    let gone = 0;
    while (this.#finished[0] !== undefined && this.#finished[0].segment < keep.segment) {
      const [oldest] = this.#finished;
      const age = now - oldest.written;
      if (bytes <= limits.bytes && age <= limits.days * day) break;
      onDisk(oldest.path, () => unlinkSync(oldest.path));
      bytes -= oldest.bytes;
      this.#finished = this.#finished.slice(1);
      gone++;
    }
    return gone;
  }

  textAt(segment: number, first: number, line: number): string | undefined {
    const find = (blocks: readonly BlockPlace[], read: (place: BlockPlace) => Uint8Array): string | undefined => {
      for (const place of blocks) {
        if (place.first < first) continue;
        for (const row of readBlock(read(place))) if (row.line === line) return row.text;
        // batches follow each other, and the lines of one rise: where they begin anew is the next
        if (place.first > first + line) break;
      }
      return undefined;
    };
    const open = this.#open;
    if (segment === open.segment)
      return find(open.lists.blocks, ({ at, length }) => readBytes(open.file, at, length) ?? new Uint8Array(0));
    const finished = this.#finished.find((one) => one.segment === segment);
    const file = finished && this.read(finished);
    if (!file) return undefined;
    try {
      return find(file.directory.blocks, (place) => file.block(place));
    } finally {
      file.close();
    }
  }

  /**
   * Opens a finished segment; one that cannot be read is said, and passed over.
   *
   * @param known its directory, where whoever asks has it
   */
  read(finished: Finished, known?: Directory): SegmentFile | undefined {
    try {
      const file = SegmentFile.open(finished.path, known);
      if (file) return file;
    } catch (error) {
      if (codeOf(error) === undefined && !(error instanceof SyntaxError)) throw error;
    }
    this.tell("WGL_SENSOR_SEGMENT", finished.path);
    return undefined;
  }

  tell(code: "WGL_SENSOR_SEGMENT", path: string): void {
    this.#troubles.push(problem(code, { path }));
  }

  close(): void {
    closeSync(this.#open.file);
  }

  #begin(segment: number, now: Instant, lists: OpenLists = new OpenLists()): OpenSegment {
    const path = join(this.#folder, nameOf(segment, "open"));
    return onDisk(path, () => {
      const file = openSync(path, "wx+", 0o600);
      writeAll(file, [start]);
      fdatasyncSync(file);
      syncFolder(this.#folder);
      return { segment, path, file, began: now, end: start.length, lists };
    });
  }

  /** Reads what a run before left, and cuts off what is not whole. */
  #recover(segment: number, now: Instant): OpenSegment {
    const path = join(this.#folder, nameOf(segment, "open"));
    return onDisk(path, () => {
      const file = openSync(path, "r+");
      const { size, birthtimeMs } = fstatSync(file);
      const open: OpenSegment = {
        ...{ segment, path, file, end: start.length, lists: new OpenLists() },
        began: birthtimeMs > 0 && birthtimeMs <= now ? birthtimeMs : now,
      };
      if (size < start.length || !readBytes(file, 0, start.length)?.equals(start)) {
        // killed before its first word was written
        ftruncateSync(file, 0);
        writeAll(file, [start]);
      } else {
        for (const { at, frame, next } of framesOf(file, start.length, size)) {
          this.#restore(open, at, frame);
          open.end = next;
        }
      }
      if (open.end < size) {
        this.#troubles.push(problem("WGL_SENSOR_TORN", { path, bytes: size - open.end }));
        ftruncateSync(file, open.end);
      }
      fdatasyncSync(file);
      // appending goes on where the last whole frame ends
      closeSync(file);
      return { ...open, file: openSync(path, "a+") };
    });
  }

  #restore(open: OpenSegment, at: number, frame: Frame): void {
    const { rows } = headOf(frame);
    if (!rows) return;
    let from = 0;
    const blocks = rows.lengths.map((length) => frame.blocks.subarray(from, (from += length)));
    open.lists.add(packAgain(rows.about, blocks, rows.counts, this.#fingerprint), at + frameHead + frame.head.length);
  }

  #finish(open: OpenSegment, now: Instant): void {
    const { segment, path, file, end, lists } = open;
    const to = join(this.#folder, nameOf(segment, "seg"));
    onDisk(path, () => {
      try {
        writeAll(file, printFooter(lists.directory(end, now), lists.lists()));
        fdatasyncSync(file);
        renameSync(path, to);
        syncFolder(this.#folder);
      } catch (error) {
        ftruncateSync(file, end);
        throw error;
      }
      closeSync(file);
    });
    this.#adopt(segment);
  }

  #adopt(segment: number): void {
    const path = join(this.#folder, nameOf(segment, "seg"));
    const { size } = onDisk(path, () => statSync(path));
    const read = onDisk(path, () => SegmentFile.open(path));
    if (read === undefined) {
      this.#troubles.push(problem("WGL_SENSOR_SEGMENT", { path }));
      onDisk(path, () => renameSync(path, join(this.#folder, nameOf(segment, "torn"))));
      return;
    }
    const { records, written, frames, from = 0, to = 0 } = read.directory;
    read.close();
    this.#finished.push({ segment, path, bytes: size, records, from, to, written, frames });
  }

  *#entriesOf(file: number, segment: number, from: number, to: number): Generator<LogEntry> {
    for (const { at, frame, next } of framesOf(file, from, to)) {
      const { entry, rows, facts } = headOf(frame);
      yield {
        ...{ entry, from: { segment, offset: at }, to: { segment, offset: next } },
        ...(rows === undefined ? {} : { first: rows.first }),
        ...(facts === undefined ? {} : { facts: frame.blocks.subarray(frame.blocks.length - facts) }),
      };
    }
  }
}

interface Head {
  readonly entry: EdgeEntry;
  /** Bytes of the last block, where it is one of facts. */
  readonly facts?: number;
  readonly rows?: {
    readonly first: number;
    readonly about: PackedRows["about"];
    readonly counts: readonly number[];
    readonly lengths: readonly number[];
  };
}

const headOf = (frame: Frame): Head => {
  try {
    return JSON.parse(zstdDecompressSync(frame.head).toString()) as Head;
  } catch (error) {
    throw new WaglanError(
      "WGL_SENSOR_DISK",
      { path: "log", code: "a whole entry that cannot be read" },
      { cause: error },
    );
  }
};

function* framesOf(
  file: number,
  from: number,
  to: number,
): Generator<{ readonly at: number; readonly frame: Frame; readonly next: number }> {
  for (let at = from; at < to; ) {
    const first = readBytes(file, at, Math.min(frameHead, to - at));
    const length = first && frameLength(first);
    if (length === undefined || at + length > to) return;
    const bytes = readBytes(file, at, length);
    const frame = bytes && readFrame(bytes);
    if (frame === undefined) return;
    yield { at, frame, next: at + length };
    at += length;
  }
}
