import { instant, type Instant, printInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Certificate } from "./openpgp-certificate.ts";
import { readPackets, tags } from "./openpgp-packets.ts";
import { checkSignature, readSignature, type Signature } from "./openpgp-signature.ts";

/** Who signed, and when. */
export interface Signed {
  /** Of the key that signed: 40 upper-case hexadecimal digits. */
  readonly by: string;
  readonly at: Instant;
}

/** A publisher's clock may be ahead of ours by this much. */
const skewSeconds = 3600;

/**
 * Whether a detached signature (armored or binary) over these bytes was made by one of these certificates, while its key
 * was in force. Of several signatures in a block one must be good.
 *
 * Small on purpose: version 4 signatures and keys, RSA from 2,048 bits, Ed25519, ECDSA on NIST curves, SHA-2 and SHA-3.
 *
 * @returns WGL_PGP_SHAPE when the block is no such signature | WGL_PGP_SIGNATURE with the reason when none is good
 * @see RFC 9580 §5.2, RFC 4880
 */
export const verifyDetached = (
  data: Uint8Array,
  block: Uint8Array,
  certificates: readonly Certificate[],
  now: Instant,
): Result<Signed> => {
  const packets = readPackets(block);
  if (!packets.ok) return packets;
  let why: Result<never> = no("WGL_PGP_SIGNATURE", { reason: "no key of the publisher made it" });
  for (const packet of packets.value) {
    if (packet.tag !== tags.signature) continue;
    const read = readSignature(packet.body);
    if (!read.ok) {
      why = read;
      continue;
    }
    const signed = by(read.value, data, certificates, now);
    if (signed.ok) return signed;
    why = signed;
  }
  return why;
};

const by = (
  signature: Signature,
  data: Uint8Array,
  certificates: readonly Certificate[],
  now: Instant,
): Result<Signed> => {
  const wrong = (reason: string): Result<never> => no("WGL_PGP_SIGNATURE", { reason });
  if (signature.kind !== 0 && signature.kind !== 1) return wrong("it is no signature over a document");
  const signedBytes = signature.kind === 1 ? withCrLf(data) : data;
  const key = certificates.flatMap((one) => one.signing).find((one) => checkSignature(signature, [signedBytes], one));
  if (key === undefined) return wrong("no key of the publisher made it over these bytes");
  const seconds = now / 1000;
  const at = instant(signature.made * 1000);
  if (signature.made < key.made) return wrong("it is older than its key");
  if (signature.made > seconds + skewSeconds) return wrong(`it claims to be of ${printInstant(at)}`);
  if (key.expires !== undefined && signature.made > key.expires) return wrong("its key had expired");
  if (signature.lives !== undefined && signature.lives > 0 && signature.made + signature.lives < seconds)
    return wrong("it has expired");
  return ok({ by: key.fingerprint, at });
};

/** Text signatures are over CRLF line ends. @see RFC 9580 §5.2.4 */
const withCrLf = (data: Uint8Array): Buffer =>
  Buffer.from(Buffer.from(data).toString("latin1").replace(/\r?\n/g, "\r\n"), "latin1");
