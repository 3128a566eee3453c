import { ok, type Result } from "#core/result.ts";
import { type Packet, readPackets, shape, tags } from "./openpgp-packets.ts";
import { keyFrame, keyOf, type SigningKey } from "./openpgp-key.ts";
import { checkSignature, readSignature, type Signature } from "./openpgp-signature.ts";

/** What a publisher's key block holds: keys that may sign data, under the fingerprint of the primary one. */
export interface Certificate {
  readonly fingerprint: string;
  readonly signing: readonly SigningKey[];
}

// RFC 9580 §5.2.1: types of signatures on keys
const kinds = { direct: 0x1f, revoked: 0x20, binding: 0x18, back: 0x19, subkeyRevoked: 0x28 } as const;
const certifications = [0x10, 0x11, 0x12, 0x13];
/** RFC 9580 §5.2.3.29: may sign data */
const maySign = 2;

/**
 * The certificates of a key block, with those of their keys that may sign and are bound: a self-signature on the
 * primary key, a binding signature and the subkey's own back signature on a subkey. Revoked ones, and versions and
 * algorithms that are not RSA, Ed25519 or ECDSA of version 4, sign nothing here.
 *
 * @returns WGL_PGP_SHAPE when the block is not OpenPGP
 * @see RFC 9580 §10.1 (transferable public keys), §5.2.4 (what is signed)
 */
export const readCertificates = (bytes: Uint8Array): Result<readonly Certificate[]> => {
  const packets = readPackets(bytes);
  if (!packets.ok) return packets;
  const starts = packets.value.flatMap((packet, place) => (packet.tag === tags.publicKey ? [place] : []));
  if (starts.length === 0) return shape("it has no public key");
  return ok(
    starts.flatMap((start, n) => {
      const certificate = certificateOf(packets.value.slice(start, starts[n + 1]));
      return certificate === undefined ? [] : [certificate];
    }),
  );
};

interface Bound {
  readonly packet: Packet;
  readonly signatures: readonly Signature[];
}

const certificateOf = (packets: readonly Packet[]): Certificate | undefined => {
  const components: { packet: Packet; signatures: Signature[] }[] = [];
  for (const packet of packets) {
    if (packet.tag !== tags.signature) components.push({ packet, signatures: [] });
    else {
      const signature = readSignature(packet.body);
      if (signature.ok) components.at(-1)?.signatures.push(signature.value);
    }
  }
  const [primary, ...others] = components;
  if (primary === undefined) return undefined;
  const main = keyOf(primary.packet.body);
  if (main === undefined) return undefined;
  const framed = keyFrame(primary.packet.body);
  const bySelf = (signature: Signature, ...data: readonly Uint8Array[]): boolean =>
    checkSignature(signature, [framed, ...data], main);
  if (primary.signatures.some((one) => one.kind === kinds.revoked && bySelf(one)))
    return { fingerprint: main.fingerprint, signing: [] };
  const said = newest([
    ...primary.signatures.filter((one) => one.kind === kinds.direct && bySelf(one)),
    ...others.flatMap(({ packet, signatures }) =>
      packet.tag === tags.userId || packet.tag === tags.userAttribute
        ? signatures.filter((one) => certifications.includes(one.kind) && bySelf(one, userFrame(packet)))
        : [],
    ),
  ]);
  if (said === undefined) return undefined;
  const subkeys = others.filter(({ packet }) => packet.tag === tags.publicSubkey);
  return {
    fingerprint: main.fingerprint,
    signing: [
      ...((said.flags ?? maySign) & maySign ? [until(main, said)] : []),
      ...subkeys.flatMap((one) => boundSubkey(one, framed, bySelf)),
    ],
  };
};

const boundSubkey = (
  { packet, signatures }: Bound,
  primary: Buffer,
  bySelf: (signature: Signature, ...data: readonly Uint8Array[]) => boolean,
): readonly SigningKey[] => {
  const subkey = keyOf(packet.body);
  if (subkey === undefined) return [];
  const framed = keyFrame(packet.body);
  if (signatures.some((one) => one.kind === kinds.subkeyRevoked && bySelf(one, framed))) return [];
  const binding = newest(signatures.filter((one) => one.kind === kinds.binding && bySelf(one, framed)));
  if (binding === undefined || !((binding.flags ?? 0) & maySign)) return [];
  // the subkey itself says that it belongs to this primary key, or anybody could claim another's signatures
  const back = binding.embedded === undefined ? undefined : readSignature(binding.embedded);
  if (!back?.ok || back.value.kind !== kinds.back || !checkSignature(back.value, [primary, framed], subkey)) return [];
  return [until(subkey, binding)];
};

const newest = (signatures: readonly Signature[]): Signature | undefined =>
  signatures.toSorted((a, b) => b.made - a.made)[0];

const until = (key: SigningKey, said: Signature): SigningKey =>
  said.keyLives === undefined || said.keyLives === 0 ? key : { ...key, expires: key.made + said.keyLives };

const userFrame = ({ tag, body }: Packet): Buffer => {
  const head = Buffer.from([tag === tags.userId ? 0xb4 : 0xd1, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
};
