import { no, ok, type Result } from "#core/result.ts";
import type { Observable, ObservableKind } from "./observable.ts";

const kindOfLength: Readonly<Record<number, ObservableKind>> = { 32: "md5", 40: "sha1", 64: "sha256", 128: "sha512" };

const hex = /^[0-9a-f]+$/i;
/** Placeholders: every digit the same says nothing about any file. */
const oneDigit = /^(.)\1*$/;

/** A file hash, its kind told from its length. All-zero, all-f and the like are problems. */
export const parseHash = (text: string): Result<Observable> => {
  const kind = kindOfLength[text.length];
  if (kind === undefined || !hex.test(text) || oneDigit.test(text)) return no("WGL_HASH", { value: text });
  return ok({ kind, value: text.toLowerCase() });
};

/** Hashes of zero bytes: true of every empty file, so they name nobody's. */
export const emptyFileHashes: ReadonlySet<string> = new Set([
  "d41d8cd98f00b204e9800998ecf8427e",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
]);
