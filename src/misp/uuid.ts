import { createHash } from "node:crypto";

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * A UUID in lower case, or nothing. Any version: MISP's own are 1, 4 and 5, and older tools wrote none.
 * @see RFC 9562 §4: compared without regard to case
 */
export const readUuid = (value: unknown): string | undefined => {
  if (typeof value !== "string") return undefined;
  const lower = value.trim().toLowerCase();
  return shape.test(lower) ? lower : undefined;
};

/** Names of what waglan derives from MISP's ids, so that the same input gives the same ids on every machine. */
const namespace = "5c1f0b1e-6d0a-5d0e-9d6f-0f7f5a5b8c31";

/** The UUIDv5 of a name (RFC 9562 §5.5). */
export const derivedUuid = (name: string, under: string = namespace): string => {
  const bytes = createHash("sha1")
    .update(Buffer.from(under.replaceAll("-", ""), "hex"))
    .update(name, "utf8")
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
