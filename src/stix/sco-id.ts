import { createHash } from "node:crypto";
import { canonicalJson } from "#core/canonical-json.ts";
import { type Fields, isFields } from "./check-notes.ts";
import { objectTypes } from "./object-types.ts";
import type { Kind, Properties } from "./property-kinds.ts";
import { timeKey } from "./time-key.ts";

/** Namespace of deterministic ids; nothing but cyber-observables may use it. STIX 2.1 §2.9 */
const namespace = Buffer.from("00abedb4aa42466c9c01fed23315a9b7", "hex");

/** The id of a cyber-observable, and whether whoever sees the same thing gets the same one. */
export interface StixId {
  readonly stixId: string;
  readonly deterministic: boolean;
}

/**
 * The id of a cyber-observable object: version 5 over its contributing properties, or, where it has none of them, random.
 *
 * @param random 16 bytes of chance, used only in the second case
 * @param contributing for types nobody has defined here: what their definition names
 */
export const stixId = (
  sco: Fields & { readonly type: string },
  random: Uint8Array,
  contributing?: readonly string[],
): StixId => {
  const id = deterministicId(sco, contributing);
  return id === undefined
    ? { stixId: `${sco.type}--${uuidText(random, 4)}`, deterministic: false }
    : { stixId: id, deterministic: true };
};

/**
 * The deterministic id of a cyber-observable object; `undefined` where §2.9 wants a random one: none of the contributing
 * properties is there.
 *
 *   { type: "file", hashes: { "SHA-256": …, MD5: … }, name: "a" } → {"hashes":{"MD5":…},"name":"a"} → UUID v5
 *
 * Timestamps inside count as the instants they are (…:00.000Z is …:00Z).
 * @see STIX 2.1 §2.9 Identifier; RFC 8785; RFC 9562 §5.5
 */
export const deterministicId = (
  sco: Fields & { readonly type: string },
  contributing: readonly string[] = objectTypes.get(sco.type)?.contributing ?? [],
): string | undefined => {
  const type = objectTypes.get(sco.type);
  const parts: Record<string, unknown> = {};
  for (const name of contributing) {
    const value = Object.hasOwn(sco, name) ? sco[name] : undefined;
    if (value === undefined) continue;
    if (name === "hashes") {
      const chosen = oneHash(value);
      if (chosen !== undefined) parts[name] = chosen;
    } else if (name === "extensions") parts[name] = extensionsOf(value, type?.extensions);
    else parts[name] = sameInstants(value, type?.properties[name]?.kind);
  }
  if (Object.keys(parts).length === 0) return undefined;
  const hash = createHash("sha1").update(namespace).update(canonicalJson(parts), "utf8").digest();
  return `${sco.type}--${uuidText(hash, 5)}`;
};

const preferred = ["MD5", "SHA-1", "SHA-256", "SHA-512"];

/** §2.9: one hash of several, in this order; of others the first by name, so that order in the object does not matter. */
const oneHash = (hashes: unknown): Fields | undefined => {
  if (!isFields(hashes)) return undefined;
  const name = preferred.find((one) => Object.hasOwn(hashes, one)) ?? Object.keys(hashes).toSorted()[0];
  return name === undefined ? undefined : { [name]: hashes[name] };
};

const extensionsOf = (
  value: unknown,
  known: Readonly<Record<string, { readonly properties: Properties }>> = {},
): unknown =>
  isFields(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, one]) => {
          const part = Object.hasOwn(known, name) ? known[name] : undefined;
          return [name, part === undefined ? one : sameInstants(one, { is: "part", of: part })];
        }),
      )
    : value;

/** The value with every timestamp written in its shortest form; where no table says what it is, as it stands. */
const sameInstants = (value: unknown, kind: Kind | undefined): unknown => {
  if (kind === undefined) return value;
  if (kind.is === "timestamp") {
    const key = timeKey(value);
    return key === undefined ? value : `${key}Z`;
  }
  if (kind.is === "list") return Array.isArray(value) ? value.map((item) => sameInstants(item, kind.of)) : value;
  if (kind.is !== "part" || !isFields(value)) return value;
  const { properties } = kind.of;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, sameInstants(item, properties[name]?.kind)]),
  );
};

/** RFC 9562 text of the first 16 bytes, with this version and variant 10. */
export const uuidText = (bytes: Uint8Array, version: number): string => {
  const own = Buffer.from(bytes.subarray(0, 16));
  own[6] = ((own[6] ?? 0) & 0x0f) | (version << 4);
  own[8] = ((own[8] ?? 0) & 0x3f) | 0x80;
  const hex = own.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
