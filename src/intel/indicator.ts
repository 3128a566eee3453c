import { hash } from "node:crypto";
import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Pap, Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";

/** What one source says of one observable; an indicator is the observable and all its claims. */
export interface Claim {
  readonly feed: string;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** Absent: alive as long as the source lists it, and `liveDays` longer when the source falls silent. */
  readonly liveUntil?: Instant;
  readonly grade: Grade;
  readonly labels: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
  readonly flags: readonly string[];
  readonly goneAt?: Instant;
}

/** 16 bytes: sha-256 over secret, kind and value, cut. The same everywhere in one deployment, unordered, unguessable. */
export const indicatorDigest = (secret: string, observable: Observable): Buffer =>
  hash("sha256", `${secret}\0${observable.kind}\0${observable.value}`, "buffer");

/** "6f1c0d3e-…": the digest's first 16 bytes written as a uuid. */
export const indicatorId = (secret: string, observable: Observable): string =>
  uuidOf(indicatorDigest(secret, observable));

export const uuidOf = (digest: Uint8Array): string => {
  const hex = Buffer.from(digest.buffer, digest.byteOffset, 16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/**
 * True while a claim may make a hit: `[firstSeen, end)`, where end excludes the instant of expiry.
 * `silentUntil` is the source's last good turn plus its lifetime: a list that is never read again dies with it.
 */
export const live = (claim: Claim, silentUntil: Instant, now: Instant): boolean =>
  claim.goneAt === undefined && (claim.liveUntil ?? silentUntil) > now;
