import { crc32, inflateRawSync } from "node:zlib";
import { BadBody } from "./bad-body.ts";
import { entryName } from "./entry-name.ts";
import { limits } from "./limits.ts";

/** One file of an archive. */
export interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);

/**
 * The files of a zip, stored or deflated. The central directory is believed about where entries stand, never about how
 * large they are. Encrypted, split and zip64 archives are bad bodies: no list needs them.
 * @see PKWARE APPNOTE 6.3.10 §4.3.7, §4.3.12, §4.3.16
 */
export const unzip = (body: Uint8Array): readonly Entry[] => {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const end = endRecord(view);
  const count = view.getUint16(end + 10, true);
  if (count > limits.zipEntries) throw new BadBody("WGL_BODY_ENTRIES", { entries: count, limit: limits.zipEntries });
  const headers: Header[] = [];
  let at = view.getUint32(end + 16, true);
  for (let entry = 0; entry < count; entry++) {
    const header = headerAt(body, view, at);
    headers.push(header);
    at = header.next;
  }
  const files = headers.filter((header) => !header.name.endsWith("/"));
  const declared = files.reduce((sum, header) => sum + header.size, 0);
  if (declared > limits.unpackedBytes) throw new BadBody("WGL_BODY_LARGE", { limit: limits.unpackedBytes });
  if (declared > body.length * limits.ratio) throw new BadBody("WGL_BODY_RATIO", { limit: limits.ratio });
  return files.map((header) => ({ name: header.name, bytes: contentOf(body, view, header) }));
};

interface Header {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly local: number;
  readonly next: number;
}

const broken = (code: string): BadBody => new BadBody("WGL_BODY_ZIP", { code });

/** The end record stands in the last 65,557 bytes; the last one that fits wins. */
const endRecord = (view: DataView): number => {
  const first = Math.max(0, view.byteLength - 65_557);
  for (let at = view.byteLength - 22; at >= first; at--) if (view.getUint32(at, true) === 0x06054b50) return at;
  throw broken("no end record");
};

const headerAt = (body: Uint8Array, view: DataView, at: number): Header => {
  if (at + 46 > body.length || view.getUint32(at, true) !== 0x02014b50) throw broken("no directory entry");
  const nameLength = view.getUint16(at + 28, true);
  const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > body.length) throw broken("directory cut");
  if (view.getUint16(at + 8, true) & 1) throw broken("encrypted");
  return {
    name: entryName(Buffer.from(body.buffer, body.byteOffset + at + 46, nameLength).toString("utf8")),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    local: view.getUint32(at + 42, true),
    next,
  };
};

const contentOf = (body: Uint8Array, view: DataView, header: Header): Uint8Array => {
  const { local } = header;
  if (local + 30 > body.length || view.getUint32(local, true) !== 0x04034b50) throw broken("no local header");
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + header.packed > body.length) throw broken("entry cut");
  const packed = body.subarray(start, start + header.packed);
  const bytes = header.method === 0 ? packed : header.method === 8 ? inflated(packed, header.size) : undefined;
  if (bytes === undefined) throw broken(`method ${header.method}`);
  if (bytes.length !== header.size || crc32(bytes) !== header.crc) throw broken("wrong checksum");
  return bytes;
};

const inflated = (packed: Uint8Array, size: number): Uint8Array => {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    throw broken(error instanceof Error && "code" in error ? String(error.code) : "deflate");
  }
};
