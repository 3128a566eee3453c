import { createHash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import type { Recipient } from "./recipient.ts";

/**
 * What is written for each response that leaves, in the transaction that lets it leave. Recall asks it: who was sent
 * the interval in which the withdrawn object stood?
 */
export interface LedgerEntry {
  readonly party: Recipient["party"];
  /** What was asked, canonical: route and sorted parameters, never a credential. */
  readonly query: string;
  /** The stretch of the change feed that the response covers: after `after` up to and with `upTo`. */
  readonly after: string;
  readonly upTo: string;
  /** sha-256 of the body as sent before compression, 64 lower-case hexadecimal digits. */
  readonly contentHash: string;
  /** Objects in it. */
  readonly count: number;
  readonly at: Instant;
  /** Names which indicators stood in it (jobs/lists/members.ts); absent where the interval says it. */
  readonly members?: string;
}

/** @param body the bytes as sent, before compression */
export const ledgerEntry = (sent: Omit<LedgerEntry, "contentHash"> & { readonly body: Uint8Array }): LedgerEntry => ({
  party: sent.party,
  query: sent.query,
  after: sent.after,
  upTo: sent.upTo,
  contentHash: createHash("sha256").update(sent.body).digest("hex"),
  count: sent.count,
  at: sent.at,
});
