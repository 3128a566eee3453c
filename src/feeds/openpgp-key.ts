import { createPublicKey, hash, type KeyObject } from "node:crypto";

/** A version 4 key of a certificate: the primary one or a subkey. */
export interface SigningKey {
  /** 40 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Seconds since 1970. */
  readonly made: number;
  /** Seconds since 1970; absent: it does not expire. */
  readonly expires?: number;
  readonly algorithm: "rsa" | "ed25519" | "ecdsa";
  readonly key: KeyObject;
}

/** A key as signatures on it hash it. @see RFC 9580 §5.2.4 */
export const keyFrame = (body: Buffer): Buffer => {
  const head = Buffer.from([0x99, 0, 0]);
  head.writeUInt16BE(body.length, 1);
  return Buffer.concat([head, body]);
};

// RFC 9580 §9.1 and §5.5.5: algorithm id → what follows in the packet
//   1, 3   RSA              MPI n, MPI e
//   19     ECDSA            curve OID, MPI point
//   22     EdDSA (legacy)   curve OID, MPI 0x40 ‖ 32 bytes
//   27     Ed25519          32 bytes
export const keyOf = (body: Buffer): SigningKey | undefined => {
  if (body[0] !== 4 || body.length < 8 || body.length > 65_535) return undefined;
  const material = body.subarray(6);
  const key = keyMaterial(body[5] ?? 0, material);
  if (key === undefined) return undefined;
  const fingerprint = hash("sha1", keyFrame(body), "hex").toUpperCase();
  return { fingerprint, made: body.readUInt32BE(1), ...key };
};

const curves: Readonly<Record<string, string>> = {
  "2a8648ce3d030107": "P-256",
  "2b81040022": "P-384",
  "2b81040023": "P-521",
};
const ed25519 = "2b06010401da470f01";

const keyMaterial = (algorithm: number, data: Buffer): Pick<SigningKey, "algorithm" | "key"> | undefined => {
  try {
    if (algorithm === 1 || algorithm === 3) {
      const n = mpi(data, 0);
      const e = n && mpi(data, n.next);
      // below 2,048 bits a signature proves nothing any more (NIST SP 800-131A)
      if (!n || !e || n.value.length < 256) return undefined;
      return { algorithm: "rsa", key: jwk({ kty: "RSA", n: url(n.value), e: url(e.value) }) };
    }
    if (algorithm === 27 && data.length >= 32) return edwards(data.subarray(0, 32));
    if (algorithm !== 19 && algorithm !== 22) return undefined;
    const length = data[0] ?? 0;
    const oid = data.toString("hex", 1, 1 + length);
    const point = mpi(data, 1 + length)?.value;
    if (point === undefined) return undefined;
    if (algorithm === 22)
      return oid === ed25519 && point.length === 33 && point[0] === 0x40 ? edwards(point.subarray(1)) : undefined;
    const crv = curves[oid];
    if (crv === undefined || point[0] !== 4) return undefined;
    const half = (point.length - 1) / 2;
    const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)];
    return { algorithm: "ecdsa", key: jwk({ kty: "EC", crv, x: url(x), y: url(y) }) };
  } catch {
    // node:crypto refuses points that are on no curve, and numbers that are no key
    return undefined;
  }
};

const edwards = (bytes: Buffer): Pick<SigningKey, "algorithm" | "key"> => ({
  algorithm: "ed25519",
  key: jwk({ kty: "OKP", crv: "Ed25519", x: url(bytes) }),
});

const jwk = (key: Readonly<Record<string, string>>): KeyObject => createPublicKey({ key, format: "jwk" });
const url = (bytes: Buffer): string => bytes.toString("base64url");

/**
 * A number of so many bits, most significant first; `undefined` when it is cut, or does not have just that many bits: a
 * second way of writing the same number is not taken.
 *
 * @see RFC 9580 §3.2
 */
export const mpi = (data: Buffer, at: number): { readonly value: Buffer; readonly next: number } | undefined => {
  if (at + 2 > data.length) return undefined;
  const bits = data.readUInt16BE(at);
  const next = at + 2 + Math.ceil(bits / 8);
  if (next > data.length) return undefined;
  const value = data.subarray(at + 2, next);
  const exact = bits === 0 || (value[0] ?? 0) >> ((bits - 1) % 8) === 1;
  return exact ? { value, next } : undefined;
};
