import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/**
 * State as bytes. It may be hundreds of megabytes of JSON, more than one text can hold: long arrays are written in
 * stretches, each a line `{ "at": path, "is": value }`, and lines are packed some megabytes at a time.
 *
 *   [length of the packed part, 4 bytes, little-endian][zstd of lines] …
 */
export const packCheckpoint = (state: unknown): Uint8Array => {
  const parts: Uint8Array[] = [];
  let lines: string[] = [];
  let length = 0;
  const close = (): void => {
    if (lines.length === 0) return;
    const packed = zstdCompressSync(lines.join("\n"), fastest);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(packed.length);
    parts.push(head, packed);
    lines = [];
    length = 0;
  };
  for (const one of stretches(state, [])) {
    const line = JSON.stringify(one);
    lines.push(line);
    length += line.length;
    if (length > partChars) close();
  }
  close();
  // a copy: the engine's buffers are larger than what is in them
  return new Uint8Array(Buffer.concat(parts));
};

/** @throws when the bytes are no checkpoint */
export const unpackCheckpoint = (bytes: Uint8Array): unknown => {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const root: { is?: unknown } = {};
  for (let at = 0; at < whole.length; ) {
    const end = at + 4 + whole.readUInt32LE(at);
    for (const line of zstdDecompressSync(whole.subarray(at + 4, end))
      .toString()
      .split("\n"))
      put(root, JSON.parse(line) as Stretch);
    at = end;
  }
  return root.is;
};

interface Stretch {
  readonly at: readonly (string | number)[];
  readonly is: unknown;
  /** `is` goes behind what the array at `at` has already. */
  readonly more?: true;
}

const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const partChars = 8_388_608;
/** Elements of a line. */
const stretch = 500;
/** Below it a value is small: the maps of detectors lie above. */
const deepest = 8;

function* stretches(value: unknown, at: readonly (string | number)[]): Generator<Stretch> {
  if (typeof value !== "object" || value === null || at.length >= deepest) {
    yield { at, is: value };
    return;
  }
  if (Array.isArray(value)) {
    if (value.length <= stretch && !value.some(isLarge)) {
      yield { at, is: value };
      return;
    }
    if (value.length <= stretch) {
      yield { at, is: [] };
      for (const [n, item] of value.entries()) yield* stretches(item, [...at, n]);
      return;
    }
    yield { at, is: [] };
    for (let from = 0; from < value.length; from += stretch)
      yield { at, is: value.slice(from, from + stretch), more: true };
    return;
  }
  yield { at, is: {} };
  for (const [name, item] of Object.entries(value)) if (item !== undefined) yield* stretches(item, [...at, name]);
}

/** Holds something that ought to be cut. */
const isLarge = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.length > stretch || value.some(isLarge);
  return Object.values(value).some((one) => typeof one === "object" && isLarge(one));
};

const put = (root: { is?: unknown }, { at, is, more }: Stretch): void => {
  let holder: Record<string | number, unknown> = { is: root.is };
  const top = holder;
  let name: string | number = "is";
  for (const step of at) {
    holder = holder[name] as Record<string | number, unknown>;
    name = step;
  }
  if (more) for (const one of is as readonly unknown[]) (holder[name] as unknown[]).push(one);
  else holder[name] = is;
  root.is = top["is"];
};
