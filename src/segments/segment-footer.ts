import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { RowsAbout } from "#jobs/edge/log-port.ts";
import { fenceOf, pageWords, type WordList } from "./postings.ts";

// A finished segment is its frames as they were written, and behind them what leads into them:
//
//   times      8 bytes a record
//   postings   the sorted list (postings.ts), then its fence
//   values     fingerprints of the distinct values, in the order of their numbers
//   covers     a sorted list of cover → number of a value, then its fence
//   directory  zstd of JSON
//   trailer    24 bytes: where the directory begins (8), its length (4), its CRC-32 (4), "WGLSEGM1"
const magic = Buffer.from("WGLSEGM1", "latin1");
export const trailerBytes = 24;

/** A packed run of records inside a segment. */
export interface BlockPlace {
  readonly at: number;
  readonly length: number;
  /** Number of its first record, and how many. */
  readonly first: number;
  readonly count: number;
  /** Place in `abouts`. */
  readonly about: number;
}

export interface Directory {
  readonly records: number;
  /** Of records, milliseconds since 1970; Infinity and −Infinity are not JSON: absent when there are none. */
  readonly from?: number;
  readonly to?: number;
  /** When its last entry was written. */
  readonly written: number;
  /** Bytes of frames. */
  readonly frames: number;
  readonly abouts: readonly RowsAbout[];
  readonly blocks: readonly BlockPlace[];
  readonly lists: Readonly<
    Record<"times" | "postings" | "fence" | "values" | "covers" | "coverFence", [number, number]>
  >;
}

export interface Lists {
  readonly times: Float64Array;
  readonly postings: BigUint64Array;
  readonly values: BigUint64Array;
  readonly covers: BigUint64Array;
}

const bytesOf = (view: BigUint64Array | Float64Array): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** What is to be written behind the frames. */
export const printFooter = (about: Omit<Directory, "lists">, lists: Lists): readonly Uint8Array[] => {
  const views = {
    times: lists.times,
    postings: lists.postings,
    fence: fenceOf(lists.postings),
    values: lists.values,
    covers: lists.covers,
    coverFence: fenceOf(lists.covers),
  };
  const parts: Uint8Array[] = [];
  const places: Record<string, [number, number]> = {};
  let at = about.frames;
  for (const [name, view] of Object.entries(views)) {
    places[name] = [at, view.length];
    parts.push(bytesOf(view));
    at += view.byteLength;
  }
  const directory = zstdCompressSync(JSON.stringify({ ...about, lists: places }));
  const trailer = Buffer.alloc(trailerBytes);
  trailer.writeBigUInt64LE(BigInt(at), 0);
  trailer.writeUInt32LE(directory.length, 8);
  trailer.writeUInt32LE(crc32(directory), 12);
  magic.copy(trailer, 16);
  return [...parts, directory, trailer];
};

/** A finished segment, open for reading. */
export class SegmentFile {
  readonly directory: Directory;
  readonly #file: number;

  private constructor(file: number, directory: Directory) {
    this.#file = file;
    this.directory = directory;
  }

  /**
   * undefined: it is torn. Throws what the system says when it cannot be read.
   *
   * @param known its directory, from when it was opened before: a finished segment does not change
   */
  static open(path: string, known?: Directory): SegmentFile | undefined {
    const file = openSync(path, "r");
    if (known) return new SegmentFile(file, known);
    try {
      const { size } = fstatSync(file);
      const trailer = readBytes(file, size - trailerBytes, trailerBytes);
      if (trailer?.subarray(16).equals(magic)) {
        const at = Number(trailer.readBigUInt64LE(0));
        const packed = readBytes(file, at, trailer.readUInt32LE(8));
        if (packed && crc32(packed) === trailer.readUInt32LE(12))
          return new SegmentFile(file, JSON.parse(zstdDecompressSync(packed).toString()) as Directory);
      }
    } catch (error) {
      closeSync(file);
      throw error;
    }
    closeSync(file);
    return undefined;
  }

  close(): void {
    closeSync(this.#file);
  }

  get times(): Float64Array {
    const [at, length] = this.directory.lists.times;
    const bytes = this.#bytes(at, length * 8);
    return new Float64Array(bytes.buffer, bytes.byteOffset, length);
  }

  get postings(): WordList {
    return this.#list("postings", "fence");
  }

  get covers(): WordList {
    return this.#list("covers", "coverFence");
  }

  value(number: number): bigint {
    const [at] = this.directory.lists.values;
    return this.#bytes(at + number * 8, 8).readBigUInt64LE(0);
  }

  block({ at, length }: BlockPlace): Uint8Array {
    return this.#bytes(at, length);
  }

  #list(words: "postings" | "covers", fence: "fence" | "coverFence"): WordList {
    const [at, length] = this.directory.lists[words];
    const [fenceAt, pages] = this.directory.lists[fence];
    // thousands of values are looked for at once, each in a page: one piece of memory is enough for all
    const page = Buffer.from(new ArrayBuffer(pageWords * 8));
    const pageAsWords = wordsOf(page);
    return {
      length,
      fence: wordsOf(this.#bytes(fenceAt, pages * 8)),
      read: (from, to) => {
        if (to - from > pageWords) return wordsOf(this.#bytes(at + from * 8, (to - from) * 8));
        this.#into(page.subarray(0, (to - from) * 8), at + from * 8);
        return pageAsWords.subarray(0, to - from);
      },
    };
  }

  #into(bytes: Buffer, at: number): void {
    if (!readInto(this.#file, bytes, at))
      throw new RangeError(`Cannot read ${bytes.length} bytes of a segment at ${at}`);
  }

  #bytes(at: number, length: number): Buffer {
    const bytes = readBytes(this.#file, at, length);
    if (bytes === undefined) throw new RangeError(`Cannot read ${length} bytes of a segment at ${at}`);
    return bytes;
  }
}

const wordsOf = (bytes: Buffer): BigUint64Array => new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);

/** Exactly these bytes, in memory of their own (so that they may be read as words); undefined: the file has them not. */
export const readBytes = (file: number, at: number, length: number): Buffer | undefined => {
  if (at < 0 || length < 0 || length > 2 ** 31 - 1) return undefined;
  const bytes = Buffer.from(new ArrayBuffer(length));
  return readInto(file, bytes, at) ? bytes : undefined;
};

/** @returns whether the file has so many bytes there */
const readInto = (file: number, bytes: Buffer, at: number): boolean => {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, at + done);
    if (read === 0) return false;
    done += read;
  }
  return true;
};
