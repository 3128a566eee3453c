import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** A value and its binary XML type ([MS-EVEN6] §2.2.12). */
export interface Typed {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Parts of an element: texts, values of the instance by number, elements, entity and character references. */
export type Part =
  | string
  | { readonly hole: number; readonly optional?: boolean; readonly type?: number }
  | { readonly entity: string }
  | { readonly character: number }
  | { readonly cdata: string }
  | Node;
export interface Node {
  readonly name: string;
  /** The value it hangs on, where that is not its only one. */
  readonly dependsOn?: number;
  readonly attributes?: readonly (readonly [string, Part])[];
  readonly children?: readonly Part[];
}

export const text = (value: string): Typed => ({ type: 0x01, bytes: Buffer.from(value, "utf16le") });
export const nothing: Typed = { type: 0x00, bytes: new Uint8Array(0) };
export const number = (type: number, width: number, value: bigint): Typed => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return { type, bytes: bytes.subarray(0, width) };
};

const chunkBytes = 65_536;
/** Head of a chunk: 64 lists of names, then 32 of templates, each of places; what is newest comes first. */
const nameLists = { at: 128, count: 64 };
const templateLists = { at: 384, count: 32 };

/** What Windows sorts names and GUIDs into lists by: over units of 16 bits, of 32 bits. */
const hashOf = (units: Uint8Array): number => {
  let hash = 0;
  for (let i = 0; i < units.length; i += 2)
    hash = (Math.imul(hash, 65_599) + ((units[i] ?? 0) | ((units[i + 1] ?? 0) << 8))) >>> 0;
  return hash;
};

/**
 * The value an element hangs on: that of its one hole, when all it says may be missing. An element that says something
 * besides (`<Data Name="…">`) is there without it too.
 */
const dependency = ({ attributes = [], children = [] }: Node): number => {
  const [only] = children;
  const says = attributes.some(([, part]) => typeof part === "string" || !("hole" in part));
  return children.length === 1 && typeof only === "object" && "hole" in only && only.optional === true && !says
    ? only.hole
    : 0xffff;
};

/**
 * Writes event log files as Windows lays them out: names and templates stand once in a chunk, where they are met first,
 * are pointed at afterwards, and are listed in the chunk's head. `test/evtx-readers.test.ts` holds it to what others read.
 */
export class EvtxWriter {
  #chunks: Buffer[] = [];
  #chunk = Buffer.alloc(chunkBytes);
  #at = 512;
  #names = new Map<string, number>();
  #templates = new Map<string, number>();
  #count = 0;
  /** Of the chunk: where the last record stands, the first and the last one's number in the file and in the log. */
  #last = 0;
  #numbers = { first: 0, last: 0 };
  #ids = { first: 0, last: 0 };

  /** A record of one template and the values for its holes. */
  record(template: Node, values: readonly Typed[], id = this.#count + 1, ticks = 0n): void {
    this.#put(id, ticks, () => {
      this.#bytes(0x0f, 1, 1, 0);
      this.#instance(template, values);
      this.#bytes(0);
    });
  }

  /** A record written out, without a template. */
  plain(node: Node, id = this.#count + 1): void {
    this.#put(id, 0n, () => {
      this.#bytes(0x0f, 1, 1, 0);
      this.#node(node, false);
      this.#bytes(0);
    });
  }

  /** A record whose last value is a fragment of its own, as Windows writes them: the event's data have a template apart. */
  recordWith(
    template: Node,
    values: readonly Typed[],
    inner: Node,
    innerValues: readonly Typed[],
    ticks = 0n,
    id = this.#count + 1,
  ): void {
    this.#put(id, ticks, () => {
      this.#bytes(0x0f, 1, 1, 0);
      this.#template(template);
      const last = values.length;
      this.#long(last + 1);
      const sizes = this.#at;
      for (const { type, bytes } of values) {
        this.#short(bytes.length);
        this.#bytes(type, 0);
      }
      this.#bytes(0, 0, 0x21, 0);
      for (const { bytes } of values) this.#all(bytes);
      const from = this.#at;
      this.#bytes(0x0f, 1, 1, 0);
      this.#instance(inner, innerValues);
      this.#bytes(0);
      this.#chunk.writeUInt16LE(this.#at - from, sizes + last * 4);
      this.#bytes(0);
    });
  }

  /** The file so far. */
  file(): Buffer {
    if (this.#at > 512) this.#close();
    const header = Buffer.alloc(4096);
    header.write("ElfFile\0", "latin1");
    header.writeBigUInt64LE(BigInt(Math.max(0, this.#chunks.length - 1)), 16);
    header.writeBigUInt64LE(BigInt(this.#count + 1), 24);
    header.writeUInt32LE(128, 32);
    header.writeUInt16LE(1, 36);
    header.writeUInt16LE(3, 38);
    header.writeUInt16LE(4096, 40);
    header.writeUInt16LE(this.#chunks.length, 42);
    header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
    return Buffer.concat([header, ...this.#chunks]);
  }

  #put(id: number, ticks: bigint, body: () => void): void {
    const before = { at: this.#at, lists: Buffer.from(this.#chunk.subarray(nameLists.at, 512)) };
    const start = this.#at;
    try {
      this.#long(0x2a2a);
      this.#long(0);
      this.#chunk.writeBigUInt64LE(BigInt(id), this.#at);
      this.#chunk.writeBigUInt64LE(ticks, this.#at + 8);
      this.#at += 16;
      body();
      while ((this.#at + 4 - start) % 8 !== 0) this.#bytes(0);
      this.#long(this.#at + 4 - start);
    } catch (error) {
      if (!(error instanceof RangeError) || start === 512) throw error;
      // It did not fit: the next chunk knows no names.
      this.#at = before.at;
      this.#chunk.fill(0, this.#at);
      before.lists.copy(this.#chunk, nameLists.at);
      this.#close();
      this.#put(id, ticks, body);
      return;
    }
    this.#chunk.writeUInt32LE(this.#at - start, start + 4);
    this.#count++;
    this.#last = start;
    this.#numbers = { first: start === 512 ? this.#count : this.#numbers.first, last: this.#count };
    this.#ids = { first: start === 512 ? id : this.#ids.first, last: id };
  }

  #close(): void {
    const chunk = this.#chunk;
    chunk.write("ElfChnk\0", "latin1");
    for (const [i, value] of [this.#numbers.first, this.#numbers.last, this.#ids.first, this.#ids.last].entries())
      chunk.writeBigUInt64LE(BigInt(value), 8 + i * 8);
    chunk.writeUInt32LE(128, 40);
    chunk.writeUInt32LE(this.#last, 44);
    chunk.writeUInt32LE(this.#at, 48);
    chunk.writeUInt32LE(1, 120);
    chunk.writeUInt32LE(crc32(chunk.subarray(512, this.#at)), 52);
    chunk.writeUInt32LE(crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), 124);
    this.#chunks.push(chunk);
    this.#chunk = Buffer.alloc(chunkBytes);
    this.#at = 512;
    this.#names = new Map();
    this.#templates = new Map();
  }

  #instance(template: Node, values: readonly Typed[]): void {
    this.#template(template);
    this.#long(values.length);
    for (const { type, bytes } of values) {
      this.#short(bytes.length);
      this.#bytes(type, 0);
    }
    for (const { bytes } of values) this.#all(bytes);
  }

  #template(template: Node): void {
    const key = JSON.stringify(template);
    const guid = createHash("sha256").update(key).digest().subarray(0, 16);
    this.#bytes(0x0c, 1);
    // a template goes by the beginning of its GUID
    this.#long(guid.readUInt32LE(0));
    const known = this.#templates.get(key);
    this.#long(known ?? this.#at + 4);
    if (known !== undefined) return;
    this.#templates.set(key, this.#at);
    this.#listed(templateLists, hashOf(guid));
    this.#all(guid);
    const size = this.#at;
    this.#long(0);
    this.#bytes(0x0f, 1, 1, 0);
    this.#node(template, true);
    this.#bytes(0);
    this.#chunk.writeUInt32LE(this.#at - size - 4, size);
  }

  #node(node: Node, inTemplate: boolean): void {
    const { name, attributes = [], children = [] } = node;
    this.#bytes(attributes.length > 0 ? 0x41 : 0x01);
    if (inTemplate) this.#short(node.dependsOn ?? dependency(node));
    const size = this.#at;
    this.#long(0);
    this.#name(name);
    if (attributes.length > 0) {
      const list = this.#at;
      this.#long(0);
      for (const [i, [key, value]] of attributes.entries()) {
        this.#bytes(i + 1 < attributes.length ? 0x46 : 0x06);
        this.#name(key);
        this.#part(value, inTemplate);
      }
      this.#chunk.writeUInt32LE(this.#at - list - 4, list);
    }
    if (children.length === 0) this.#bytes(0x03);
    else {
      this.#bytes(0x02);
      for (const child of children) this.#part(child, inTemplate);
      this.#bytes(0x04);
    }
    this.#chunk.writeUInt32LE(this.#at - size - 4, size);
  }

  #part(part: Part, inTemplate: boolean): void {
    if (typeof part === "string") {
      this.#bytes(0x05, 1);
      this.#counted(part);
    } else if ("hole" in part) {
      this.#bytes(part.optional === true ? 0x0e : 0x0d);
      this.#short(part.hole);
      this.#bytes(part.type ?? 0x01);
    } else if ("entity" in part) {
      this.#bytes(0x09);
      this.#name(part.entity);
    } else if ("character" in part) {
      this.#bytes(0x08);
      this.#short(part.character);
    } else if ("cdata" in part) {
      this.#bytes(0x07);
      this.#counted(part.cdata);
    } else this.#node(part, inTemplate);
  }

  #counted(value: string): void {
    this.#short(value.length);
    this.#all(Buffer.from(value, "utf16le"));
  }

  #name(name: string): void {
    const known = this.#names.get(name);
    this.#long(known ?? this.#at + 4);
    if (known !== undefined) return;
    this.#names.set(name, this.#at);
    const units = Buffer.from(name, "utf16le");
    const hash = hashOf(units);
    this.#listed(nameLists, hash);
    this.#short(hash & 0xffff);
    this.#short(name.length);
    this.#all(units);
    this.#bytes(0, 0);
  }

  /** Puts what begins here first in its list, and writes where the one that was first stands. */
  #listed({ at, count }: typeof nameLists, hash: number): void {
    const list = at + (hash % count) * 4;
    const before = this.#chunk.readUInt32LE(list);
    this.#chunk.writeUInt32LE(this.#at, list);
    this.#long(before);
  }

  #all(bytes: Uint8Array): void {
    if (this.#at + bytes.length > chunkBytes) throw new RangeError("full");
    this.#chunk.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #bytes(...bytes: readonly number[]): void {
    this.#all(Uint8Array.from(bytes));
  }

  #short(value: number): void {
    this.#bytes(value & 255, value >> 8);
  }

  #long(value: number): void {
    this.#bytes(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }
}
