import { BadBody } from "./bad-body.ts";
import { entryName } from "./entry-name.ts";
import { limits } from "./limits.ts";
import type { Entry } from "./unzip.ts";

/**
 * The regular files of a tar archive as views of its bytes: ustar, pax `path` and GNU long names. Links and devices are
 * passed over. Every header is checked before the first entry is given out.
 * @see POSIX.1-2024 pax, ustar interchange format
 */
export const untar = (bytes: Uint8Array): readonly Entry[] => {
  const entries: Entry[] = [];
  let longName: string | undefined;
  let at = 0;
  while (at + block <= bytes.length && bytes[at] !== 0) {
    const header = headerAt(bytes, at);
    const start = at + block;
    if (start + header.size > bytes.length) throw broken("cut");
    const content = bytes.subarray(start, start + header.size);
    if (header.type === "x") longName = paxPath(content) ?? longName;
    else if (header.type === "L") longName = text(content, 0, content.length);
    else if (header.type !== "g") {
      if (header.type === "0" || header.type === "")
        entries.push({ name: entryName(longName ?? header.name), bytes: content });
      longName = undefined;
    }
    if (entries.length > limits.tarEntries)
      throw new BadBody("WGL_BODY_ENTRIES", { entries: entries.length, limit: limits.tarEntries });
    at = start + Math.ceil(header.size / block) * block;
  }
  if (at === 0) throw broken("no header");
  return entries;
};

const block = 512;

const broken = (code: string): BadBody => new BadBody("WGL_BODY_TAR", { code });

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

// ustar header: name 0–99, size 124–135, checksum 148–155, type 156, magic 257–262, prefix 345–499
const headerAt = (bytes: Uint8Array, at: number): Header => {
  let sum = 256;
  for (let offset = 0; offset < block; offset++) if (offset < 148 || offset > 155) sum += bytes[at + offset] ?? 0;
  if (octal(bytes, at + 148, 8) !== sum) throw broken("wrong checksum");
  const isUstar = text(bytes, at + 257, 5) === "ustar";
  const prefix = isUstar ? text(bytes, at + 345, 155) : "";
  const name = text(bytes, at, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    size: octal(bytes, at + 124, 12),
    type: text(bytes, at + 156, 1),
  };
};

const text = (bytes: Uint8Array, at: number, length: number): string => {
  const zero = bytes.subarray(at, at + length).indexOf(0);
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, zero < 0 ? length : zero).toString("utf8");
};

/** Base-256 sizes (first bit set) are of files over 8 GiB: no list is. */
const octal = (bytes: Uint8Array, at: number, length: number): number => {
  const digits = text(bytes, at, length).trim();
  if (!/^[0-7]+$/.test(digits)) throw broken("no octal number");
  return Number.parseInt(digits, 8);
};

/** pax records are "LENGTH key=value\n". */
const paxPath = (content: Uint8Array): string | undefined =>
  /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text(content, 0, content.length))?.[1];
