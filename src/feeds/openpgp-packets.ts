import { no, ok, type Result } from "#core/result.ts";

/** One packet: its type and its body. */
export interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

// RFC 9580 §5 (RFC 4880 §4.3): the packet types a verifier needs
export const tags = { signature: 2, publicKey: 6, userId: 13, publicSubkey: 14, userAttribute: 17 } as const;

/** A key or a signature is small; more is no key of a publisher. */
const bytesAtMost = 4_194_304;
const packetsAtMost = 20_000;

/**
 * The packets of an armored or binary OpenPGP block. Partial and indeterminate lengths, which keys and signatures never
 * have, are refused.
 *
 * @returns WGL_PGP_SHAPE with the reason
 * @see RFC 9580 §4.2 (old and new packet headers)
 */
export const readPackets = (bytes: Uint8Array): Result<readonly Packet[]> => {
  if (bytes.length > bytesAtMost) return shape("it is too large");
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const armored = raw.subarray(0, 4096).includes("-----BEGIN PGP ");
  const binary = armored ? unarmor(raw.toString("latin1")) : ok(raw);
  if (!binary.ok) return binary;
  const data = binary.value;
  const packets: Packet[] = [];
  for (let at = 0; at < data.length; ) {
    const header = headerAt(data, at);
    if (header === undefined || header.body + header.length > data.length) return shape("a packet is cut or malformed");
    packets.push({ tag: header.tag, body: data.subarray(header.body, header.body + header.length) });
    if (packets.length > packetsAtMost) return shape("it has too many packets");
    at = header.body + header.length;
  }
  return packets.length === 0 ? shape("it is empty") : ok(packets);
};

/** The problem of a block that is not what OpenPGP is. */
export const shape = (reason: string): Result<never> => no("WGL_PGP_SHAPE", { reason });

const headerAt = (data: Buffer, at: number): { tag: number; body: number; length: number } | undefined => {
  const first = data[at] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  if ((first & 0x40) === 0) {
    // old format: two bits say how many bytes of length follow; 3 is "until the end", which is refused
    const size = [1, 2, 4][first & 3];
    if (size === undefined || at + 1 + size > data.length) return undefined;
    return { tag: (first >> 2) & 15, body: at + 1 + size, length: data.readUIntBE(at + 1, size) };
  }
  const length = newLength(data, at + 1);
  return length && { tag: first & 63, body: at + 1 + length.size, length: length.value };
};

/** A length of the new format, as packets and signature subpackets have it; undefined when cut or partial. */
export const newLength = (data: Buffer, at: number, subpacket = false): { value: number; size: number } | undefined => {
  const first = data[at];
  if (first === undefined) return undefined;
  if (first < 192) return { value: first, size: 1 };
  if (first === 255) return at + 5 > data.length ? undefined : { value: data.readUInt32BE(at + 1), size: 5 };
  if (first >= 224 && !subpacket) return undefined;
  const second = data[at + 1];
  return second === undefined ? undefined : { value: ((first - 192) << 8) + second + 192, size: 2 };
};

/** The bytes of the first block; its checksum, where there is one, must fit. @see RFC 9580 §6 */
const unarmor = (text: string): Result<Buffer> => {
  const lines = text.split(/\r?\n/);
  const begin = lines.findIndex((line) => /^-----BEGIN PGP (?:PUBLIC KEY BLOCK|SIGNATURE)-----\s*$/.test(line));
  const end = lines.findIndex((line, place) => place > begin && line.startsWith("-----END PGP "));
  if (begin < 0 || end < 0) return shape("its armor has no beginning or no end");
  const inside = lines.slice(begin + 1, end).map((line) => line.trim());
  const blank = inside.findIndex((line) => line === "");
  const hasHeaders = inside.slice(0, Math.max(0, blank)).every((line) => line.includes(": "));
  const body = blank >= 0 && hasHeaders ? inside.slice(blank + 1) : inside;
  const sum = body.find((line) => /^=[A-Za-z0-9+/]{4}$/.test(line));
  const base64 = body.filter((line) => line !== "" && line !== sum).join("");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return shape("its armor is no base64");
  const bytes = Buffer.from(base64, "base64");
  if (sum !== undefined && Buffer.from(sum.slice(1), "base64").readUIntBE(0, 3) !== crc24(bytes))
    return shape("the checksum of its armor does not fit");
  return ok(bytes);
};

/** RFC 9580 §6.1.1 */
const crc24 = (bytes: Uint8Array): number => {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
};
