import { sco, type StixObject } from "#misp/stix-object.ts";
import type { PatternPart } from "./pattern-text.ts";

/** "ipv6-addr" for anything with a colon; a network is an address object too (STIX 2.1 §6.5, §6.6). */
export const addressType = (value: string): "ipv4-addr" | "ipv6-addr" =>
  value.includes(":") ? "ipv6-addr" : "ipv4-addr";

export const addressObject = (value: string, uuid: string): StixObject => sco(addressType(value), uuid, { value });

/** `network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.7'` */
export const endParts = (end: "src" | "dst", type: string, value: string): readonly PatternPart[] => [
  { path: `network-traffic:${end}_ref.type`, value: type },
  { path: `network-traffic:${end}_ref.value`, value },
];

/** The zip under the password "infected" in which MISP keeps a sample (STIX 2.1 §6.1 Artifact). */
export const sampleArtifact = (uuid: string, data: string, more: Readonly<Record<string, unknown>> = {}): StixObject =>
  sco("artifact", uuid, {
    mime_type: "application/zip",
    payload_bin: data,
    encryption_algorithm: "mime-type-indicated",
    decryption_key: "infected",
    ...more,
  });
