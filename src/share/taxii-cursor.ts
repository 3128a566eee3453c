import { createHmac, timingSafeEqual } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { no, ok, type Result } from "#core/result.ts";
import type { Micros } from "./taxii-date.ts";

/**
 * Where a page ended and what it was a page of. It is the client's to keep: nothing is remembered here, so any process
 * reads it, twice if a connection broke, and for as long as the deployment lives. It holds nothing but what the client
 * was told and asked.
 */
export interface TaxiiCursor {
  /** Collection, view and object: a cursor of one list opens no other. */
  readonly of: string;
  /** Date of arrival of the last object that was handed out. */
  readonly after: Micros;
  /** `canonicalFilter`. */
  readonly filter: string;
  readonly limit: number;
}

/** @param key of the deployment, at least 16 bytes */
export const printCursor = (cursor: TaxiiCursor, key: Uint8Array): string => {
  const bytes = deflateRawSync(JSON.stringify([cursor.of, cursor.after, cursor.filter, cursor.limit]));
  return Buffer.concat([sign(bytes, key), bytes]).toString("base64url");
};

/** @returns WGL_TAXII_NEXT (400) for whatever we did not write */
export const readCursor = (text: string, key: Uint8Array): Result<TaxiiCursor> => {
  if (!/^[A-Za-z0-9_-]{24,16384}$/.test(text)) return no("WGL_TAXII_NEXT");
  const all = Buffer.from(text, "base64url");
  // Bits of the last letter may be padding: another letter there would read as the same bytes, which we did not write
  if (all.toString("base64url") !== text) return no("WGL_TAXII_NEXT");
  const [mark, bytes] = [all.subarray(0, markBytes), all.subarray(markBytes)];
  // Only what carries our mark is unpacked, so that a stranger's bytes never reach the inflater
  if (mark.length !== markBytes || !timingSafeEqual(mark, sign(bytes, key))) return no("WGL_TAXII_NEXT");
  const [of, after, filter, limit] = JSON.parse(inflateRawSync(bytes).toString("utf8")) as [
    string,
    number,
    string,
    number,
  ];
  return ok({ of, after, filter, limit });
};

/** 128 bits: nobody guesses one, and the URL stays short. */
const markBytes = 16;

const sign = (bytes: Uint8Array, key: Uint8Array): Uint8Array =>
  createHmac("sha256", key).update("taxii-next\0").update(bytes).digest().subarray(0, markBytes);
