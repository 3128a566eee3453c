import { createHash } from "node:crypto";
import { assert } from "#core/result.ts";

/**
 * A bearer token for a machine: `wgl_<prefix>_<secret>`. The fixed head lets leak scanners find it, the prefix names it
 * in lists and logs, and only `hash` is kept, so a stolen database opens nothing.
 */
export interface Token {
  /** Shown once, when it is made. */
  readonly text: string;
  /** Eight characters a–z and 2–7. */
  readonly prefix: string;
  readonly hash: SecretHash;
}

/** sha-256 of a secret's text, 64 lower-case hexadecimal digits. The secret has 256 random bits: no salt, no slow hash needed. */
export type SecretHash = string;

/** @param random 37 random bytes: 5 for the prefix, 32 for the secret */
export const makeToken = (random: Uint8Array): Token => {
  assert(random.byteLength === 37, "a token wants 37 random bytes");
  const prefix = base32(random.subarray(0, 5));
  const text = `wgl_${prefix}_${Buffer.from(random.subarray(5)).toString("base64url")}`;
  return { text, prefix, hash: hashSecret(text) };
};

/** What to look a presented token up by; undefined for text that no token of ours ever was. */
export const readToken = (text: string): Omit<Token, "text"> | undefined => {
  const prefix = written.exec(text)?.[1];
  return prefix === undefined ? undefined : { prefix, hash: hashSecret(text) };
};

/** The secret in a session's cookie. @param random 32 random bytes */
export const makeSessionSecret = (random: Uint8Array): { readonly text: string; readonly hash: SecretHash } => {
  assert(random.byteLength === 32, "a session wants 32 random bytes");
  const text = Buffer.from(random).toString("base64url");
  return { text, hash: hashSecret(text) };
};

export const readSessionSecret = (text: string): SecretHash | undefined =>
  /^[A-Za-z0-9_-]{43}$/.test(text) ? hashSecret(text) : undefined;

const written = /^wgl_([a-z2-7]{8})_[A-Za-z0-9_-]{43}$/;

const hashSecret = (text: string): SecretHash => createHash("sha256").update(text).digest("hex");

/** RFC 4648 §6, lower case: 40 bits are eight characters. */
const base32 = (bytes: Uint8Array): string => {
  const bits = [...bytes].reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return Array.from({ length: 8 }, (_, n) => letters[Number((bits >> BigInt(35 - 5 * n)) & 31n)]).join("");
};
const letters = "abcdefghijklmnopqrstuvwxyz234567";
