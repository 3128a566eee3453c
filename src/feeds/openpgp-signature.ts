import { createHash, verify } from "node:crypto";
import { ok, type Result } from "#core/result.ts";
import { mpi, type SigningKey } from "./openpgp-key.ts";
import { newLength, shape } from "./openpgp-packets.ts";

/** A version 4 signature, read and not yet checked. */
export interface Signature {
  /** RFC 9580 §5.2.1: 0x00 binary document, 0x01 text, others are about keys. */
  readonly kind: number;
  readonly algorithm: number;
  /** As node:crypto calls it. */
  readonly digest: string;
  /** What is hashed behind the data: the signature's own hashed part and its trailer. */
  readonly trailer: Buffer;
  /** The two first bytes of the hash. */
  readonly begins: Buffer;
  readonly numbers: Buffer;
  /** Seconds since 1970. */
  readonly made: number;
  /** Seconds after `made`; 0 and absent: it does not expire. */
  readonly lives?: number;
  /** Of the key it speaks of, seconds after that was made. */
  readonly keyLives?: number;
  readonly flags?: number;
  /** Back signature of a subkey. */
  readonly embedded?: Buffer;
}

// RFC 9580 §9.5: hash algorithms that still mean something; MD5 (1), SHA-1 (2) and RIPEMD-160 (3) do not
const digests: Readonly<Record<number, string>> = {
  8: "sha256",
  9: "sha384",
  10: "sha512",
  11: "sha224",
  12: "sha3-256",
  14: "sha3-512",
};

// RFC 9580 §5.2.3.7: subpackets read here
const subpackets = { made: 2, lives: 3, keyLives: 9, flags: 27, embedded: 32 } as const;
const understood = new Set([
  2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 16, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 39,
]);

/**
 * The body of a signature packet. Only what is in its hashed part counts, but for the embedded back signature, which
 * proves itself.
 *
 * @returns WGL_PGP_SHAPE for other versions, algorithms that prove nothing, and critical parts we do not know
 * @see RFC 9580 §5.2.3
 */
export const readSignature = (body: Buffer): Result<Signature> => {
  if (body[0] !== 4) return shape(`its version is ${body[0] ?? 0}, wanted 4`);
  if (body.length < 10) return shape("the signature is cut");
  const [kind = 0, algorithm = 0, hashId = 0] = body.subarray(1, 4);
  const digest = digests[hashId];
  if (digest === undefined) return shape(`its hash algorithm ${hashId} proves nothing`);
  const hashedEnd = 6 + body.readUInt16BE(4);
  if (hashedEnd + 2 > body.length) return shape("the signature is cut");
  const unhashedEnd = hashedEnd + 2 + body.readUInt16BE(hashedEnd);
  if (unhashedEnd + 2 > body.length) return shape("the signature is cut");
  const hashed = partsOf(body.subarray(6, hashedEnd));
  const unhashed = partsOf(body.subarray(hashedEnd + 2, unhashedEnd));
  if (hashed === undefined || unhashed === undefined) return shape("a part of the signature is malformed");
  for (const [type, { critical }] of hashed)
    if (critical && !understood.has(type)) return shape(`it has a critical part ${type}`);
  const seconds = (type: number): number | undefined => {
    const data = hashed.get(type)?.data;
    return data?.length === 4 ? data.readUInt32BE(0) : undefined;
  };
  const made = seconds(subpackets.made);
  if (made === undefined) return shape("it does not say when it was made");
  const [lives, keyLives] = [seconds(subpackets.lives), seconds(subpackets.keyLives)];
  const flags = hashed.get(subpackets.flags)?.data[0];
  const embedded = (hashed.get(subpackets.embedded) ?? unhashed.get(subpackets.embedded))?.data;
  const tail = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  tail.writeUInt32BE(hashedEnd, 2);
  return ok({
    ...{ kind, algorithm, digest, made },
    trailer: Buffer.concat([body.subarray(0, hashedEnd), tail]),
    begins: body.subarray(unhashedEnd, unhashedEnd + 2),
    numbers: body.subarray(unhashedEnd + 2),
    ...(lives === undefined ? {} : { lives }),
    ...(keyLives === undefined ? {} : { keyLives }),
    ...(flags === undefined ? {} : { flags }),
    ...(embedded === undefined ? {} : { embedded }),
  });
};

/** Subpackets by type, the first of each: repeating one to be read differently is an attack and no use. */
const partsOf = (
  data: Buffer,
): ReadonlyMap<number, { readonly data: Buffer; readonly critical: boolean }> | undefined => {
  const found = new Map<number, { data: Buffer; critical: boolean }>();
  for (let at = 0; at < data.length; ) {
    const length = newLength(data, at, true);
    if (length === undefined || length.value < 1) return undefined;
    const start = at + length.size;
    const end = start + length.value;
    if (end > data.length) return undefined;
    const type = data[start] ?? 0;
    if (!found.has(type & 127)) found.set(type & 127, { data: data.subarray(start + 1, end), critical: type > 127 });
    at = end;
  }
  return found;
};

/** Does this key's signature fit these bytes? Times are not looked at. */
export const checkSignature = (signature: Signature, data: readonly Uint8Array[], key: SigningKey): boolean => {
  const hasher = createHash(signature.digest);
  for (const piece of [...data, signature.trailer]) hasher.update(piece);
  const hashed = hasher.digest();
  if (!hashed.subarray(0, 2).equals(signature.begins)) return false;
  const { algorithm, numbers } = signature;
  switch (key.algorithm) {
    case "rsa": {
      const whole = mpi(numbers, 0)?.value;
      if (whole === undefined || (algorithm !== 1 && algorithm !== 3)) return false;
      const size = (key.key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
      // node hashes itself: EMSA-PKCS1-v1_5 over the same bytes
      return (
        whole.length <= size &&
        verify(signature.digest, Buffer.concat([...data, signature.trailer]), key.key, padded(whole, size))
      );
    }
    case "ed25519": {
      // RFC 9580 §5.2.3.4, §5.2.3.5: over the hash; 64 bytes, or R and S as numbers
      if (algorithm === 27) return numbers.length >= 64 && verify(null, hashed, key.key, numbers.subarray(0, 64));
      const pair = algorithm === 22 ? twoNumbers(numbers, 32) : undefined;
      return pair !== undefined && verify(null, hashed, key.key, pair);
    }
    case "ecdsa": {
      const size = { prime256v1: 32, secp384r1: 48, secp521r1: 66 }[key.key.asymmetricKeyDetails?.namedCurve ?? ""];
      const pair = algorithm === 19 && size !== undefined ? twoNumbers(numbers, size) : undefined;
      return (
        pair !== undefined &&
        verify(
          signature.digest,
          Buffer.concat([...data, signature.trailer]),
          { key: key.key, dsaEncoding: "ieee-p1363" },
          pair,
        )
      );
    }
  }
};

const twoNumbers = (numbers: Buffer, size: number): Buffer | undefined => {
  const r = mpi(numbers, 0);
  const s = r && mpi(numbers, r.next);
  return r && s && r.value.length <= size && s.value.length <= size
    ? Buffer.concat([padded(r.value, size), padded(s.value, size)])
    : undefined;
};

/** Leading zeros, which numbers leave out. */
const padded = (bytes: Buffer, size: number): Buffer =>
  Buffer.concat([Buffer.alloc(Math.max(0, size - bytes.length)), bytes]);
