import { gunzipSync } from "node:zlib";
import { BadBody } from "./bad-body.ts";
import { deflateLength } from "./deflate-length.ts";
import { limits } from "./limits.ts";

/** Unpacked at once without measuring first: 64 MiB, so that a bomb costs no more than that before it is noticed. */
const unmeasured = 67_108_864;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * One layer of gzip, all members of the stream. A cut, wrong checksum or bytes after the last member are a bad body.
 * Large streams are measured (RFC 1951 lengths only) before a byte of them is kept, so memory follows the honest size.
 * @see RFC 1952
 */
export const gunzip = (body: Uint8Array): Uint8Array => {
  const unpacked = tryGunzip(body, unmeasured) ?? measuredGunzip(body);
  if (unpacked.length > body.length * limits.ratio) throw new BadBody("WGL_BODY_RATIO", { limit: limits.ratio });
  return unpacked;
};

/** `undefined` when it would be more than `most` bytes. */
const tryGunzip = (body: Uint8Array, most: number): Uint8Array | undefined => {
  try {
    return gunzipSync(body, { maxOutputLength: most });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw new BadBody("WGL_BODY_GZIP", { code });
  }
};

const measuredGunzip = (body: Uint8Array): Uint8Array => {
  const most = limits.unpackedBytes;
  if (unpackedLength(body, most) > most) throw new BadBody("WGL_BODY_LARGE", { limit: most });
  const unpacked = tryGunzip(body, most);
  if (unpacked === undefined) throw new BadBody("WGL_BODY_LARGE", { limit: most });
  return unpacked;
};

/** Sum over the members; whatever cannot be read is left for zlib to refuse. */
const unpackedLength = (body: Uint8Array, most: number): number => {
  let total = 0;
  let at = 0;
  while (at < body.length && total <= most) {
    const start = memberStart(body, at);
    const measured = start === undefined ? undefined : deflateLength(body, start, most - total);
    if (measured === undefined) return total;
    total += measured.length;
    at = measured.end + 8;
  }
  return total;
};

// RFC 1952 §2.3: magic, method, flags, mtime, xfl, os, then by flag: extra, name, comment, header crc
const memberStart = (body: Uint8Array, at: number): number | undefined => {
  if (body[at] !== 0x1f || body[at + 1] !== 0x8b || body[at + 2] !== 8) return undefined;
  const has = body[at + 3] ?? 0;
  let next = at + 10;
  if (has & 4) next += 2 + (body[next] ?? 0) + ((body[next + 1] ?? 0) << 8);
  for (const flag of [8, 16]) if (has & flag) next = body.indexOf(0, next) + 1 || body.length;
  if (has & 2) next += 2;
  return next < body.length ? next : undefined;
};
