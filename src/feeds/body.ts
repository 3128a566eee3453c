import { BadBody } from "./bad-body.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import { type Expects, textBody } from "./text-body.ts";
import { untar } from "./untar.ts";
import { type Entry, isZip, unzip } from "./unzip.ts";

/**
 * The text lists in a body: itself (name ""), what one layer of gzip holds, or the files of a zip. UTF-8 after decoding.
 * Everything is unpacked and checked before the first list is given out, so a broken end spoils no half-read list.
 */
export const listsOf = (body: Uint8Array, file: string, expects: Expects = {}): readonly Entry[] => {
  if (body.length === 0) throw new BadBody("WGL_BODY_EMPTY");
  if (isZip(body)) return unzip(body).map(({ name, bytes }) => ({ name, bytes: textBody(bytes, expects) }));
  if (/\.zip$/i.test(file)) throw new BadBody("WGL_BODY_ZIP", { code: "no zip" });
  return [{ name: "", bytes: textBody(plainBytes(body, file), expects) }];
};

/** The files of a (gzipped) tar archive, not yet checked for text; a lone text file is an archive of one. */
export const filesOf = (body: Uint8Array, file: string): readonly Entry[] => {
  if (body.length === 0) throw new BadBody("WGL_BODY_EMPTY");
  const bytes = plainBytes(body, file);
  const isTar = Buffer.from(bytes.subarray(257, 262)).toString("latin1") === "ustar";
  if (isTar) return untar(bytes);
  if (/\.(?:tar|tgz|tar\.gz)$/i.test(file)) throw new BadBody("WGL_BODY_TAR", { code: "no tar" });
  return [{ name: baseName(file), bytes: textBody(bytes) }];
};

/** "a/b/list.txt.gz" is "list.txt". */
export const baseName = (file: string): string => file.replace(/^.*[\\/]/, "").replace(/\.gz$/i, "");

const plainBytes = (body: Uint8Array, file: string): Uint8Array => {
  if (isGzip(body)) return gunzip(body);
  // A name that promises gzip over bytes that are none: the server unpacked it, or answered something else. A person looks.
  if (/\.(?:gz|tgz)$/i.test(file)) throw new BadBody("WGL_BODY_GZIP", { code: "no gzip" });
  return body;
};
