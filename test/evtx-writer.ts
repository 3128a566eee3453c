import { crc32 } from "node:zlib";

/** A value and its binary XML type ([MS-EVEN6] §2.2.12). */
export interface Typed {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Parts of an element: texts, values of the instance by number, elements, entity and character references. */
export type Part =
  | string
  | { readonly hole: number; readonly optional?: boolean }
  | { readonly entity: string }
  | { readonly character: number }
  | { readonly cdata: string }
  | Node;
export interface Node {
  readonly name: string;
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

/**
 * Writes event log files as Windows lays them out: names and templates stand once in a chunk, where they are met first,
 * and are pointed at afterwards.
 */
export class EvtxWriter {
  #chunks: Buffer[] = [];
  #chunk = Buffer.alloc(chunkBytes);
  #at = 512;
  #names = new Map<string, number>();
  #templates = new Map<string, number>();
  #count = 0;

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

  /** A record whose last value is a fragment of its own. */
  recordWith(template: Node, values: readonly Typed[], inner: Node, innerValues: readonly Typed[]): void {
    this.#put(this.#count + 1, 0n, () => {
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
      for (const { bytes } of values) this.#bytes(...bytes);
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
    const before = { at: this.#at, names: new Map(this.#names), templates: new Map(this.#templates) };
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
      this.#close();
      this.#put(id, ticks, body);
      return;
    }
    this.#chunk.writeUInt32LE(this.#at - start, start + 4);
    this.#count++;
  }

  #close(): void {
    const chunk = this.#chunk;
    chunk.write("ElfChnk\0", "latin1");
    chunk.writeUInt32LE(128, 40);
    chunk.writeUInt32LE(this.#at, 48);
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
    for (const { bytes } of values) {
      if (this.#at + bytes.length > chunkBytes) throw new RangeError("full");
      this.#chunk.set(bytes, this.#at);
      this.#at += bytes.length;
    }
  }

  #template(template: Node): void {
    this.#bytes(0x0c, 1);
    this.#long(7);
    const key = JSON.stringify(template);
    const known = this.#templates.get(key);
    this.#long(known ?? this.#at + 4);
    if (known !== undefined) return;
    this.#templates.set(key, this.#at);
    this.#long(0);
    this.#bytes(...new Uint8Array(16).fill(9));
    const size = this.#at;
    this.#long(0);
    this.#bytes(0x0f, 1, 1, 0);
    this.#node(template, true);
    this.#bytes(0);
    this.#chunk.writeUInt32LE(this.#at - size - 4, size);
  }

  #node({ name, attributes = [], children = [] }: Node, inTemplate: boolean): void {
    this.#bytes(attributes.length > 0 ? 0x41 : 0x01);
    if (inTemplate) this.#short(0xffff);
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
      this.#bytes(1);
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
    this.#bytes(...Buffer.from(value, "utf16le"));
  }

  #name(name: string): void {
    const known = this.#names.get(name);
    this.#long(known ?? this.#at + 4);
    if (known !== undefined) return;
    this.#names.set(name, this.#at);
    this.#long(0);
    this.#short(0);
    this.#short(name.length);
    this.#bytes(...Buffer.from(name, "utf16le"), 0, 0);
  }

  #bytes(...bytes: readonly number[]): void {
    if (this.#at + bytes.length > chunkBytes) throw new RangeError("full");
    this.#chunk.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #short(value: number): void {
    this.#bytes(value & 255, value >> 8);
  }

  #long(value: number): void {
    this.#bytes(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }
}
