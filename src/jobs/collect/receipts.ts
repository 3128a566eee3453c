import { createHash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { keptMembers } from "#jobs/lists/members.ts";
import type { Tx } from "#jobs/ports.ts";

/**
 * What stood in a response, as 8 bytes for each thing, kept with the response in the ledger: recall asks them, so that only
 * who received a thing hears that it is taken back. Indicators of lists have keys of their own (`memberKey`).
 */
const keyOf = (text: string): bigint => createHash("sha256").update(text).digest().readBigUInt64BE(0);

/** An object of one sender in one collection, whatever its version. @param sender absent: the community itself */
export const stixKey = (collection: number, sender: string | undefined, id: string): bigint =>
  keyOf(`stix ${collection} ${sender ?? ""} ${id}`);

export const mispAttributeKey = (n: number): bigint => keyOf(`misp attribute ${n}`);
/** Its attributes left with it. */
export const mispObjectKey = (n: number): bigint => keyOf(`misp object ${n}`);

/** @returns what the ledger calls them; undefined where nothing was received */
export const noteReceived = async (tx: Tx, keys: readonly bigint[], now: Instant): Promise<string | undefined> => {
  if (keys.length === 0) return undefined;
  const kept = keptMembers(BigUint64Array.from(new Set(keys)).sort(), undefined);
  await tx.out.putMembers(kept, now);
  return kept.hash;
};
