import type { Instant } from "#core/instant.ts";
import { rank, type Severity } from "#core/severity.ts";
import type { Finding } from "#incidents/finding.ts";
import { listed } from "#incidents/state.ts";
import type { UpdateReason } from "./alert-input.ts";

/** The last alert of a finding; absent: nobody was told yet. */
export interface LastAlert {
  readonly version: number;
  readonly severity: Severity;
  readonly at: Instant;
  /** Why it was sent; absent on the first. */
  readonly reason?: UpdateReason;
}

export type Speak =
  | { readonly speak: true; readonly version: number; readonly reason?: UpdateReason }
  | { readonly speak: false; readonly because: "shadow" | "not-open" | "not-ours" | "snoozed" | "told" };

/**
 * Whether a finding is worth a mail now. One alert per finding: being seen again changes counts and times, which the
 * portal shows, and sends nothing. Rules in their order:
 *   0. told, and what it rested on was taken back                    next version, once: a correction, whatever else holds
 *   1. in shadow, or put aside, closed or said to be another's       silent
 *   2. nobody told yet, and not snoozed                              version 1
 *   3. corrected, and the correction was wrong                       next version: it stands as it stood
 *   4. back again after it was gone                                  next version, even while snoozed: it is news
 *   5. more serious than when we last wrote                          next version, even while snoozed
 *   6. snoozed, or told already                                      silent
 * Less serious than before is no reason to write.
 *
 * @param snoozedUntil absent: not snoozed; the instant itself is awake
 */
export const shouldSpeak = (
  previous: LastAlert | undefined,
  finding: Pick<Finding, "state" | "severity" | "shadow" | "opened"> & {
    readonly snoozedUntil?: Instant;
    /** The state it had while it stood; present: everything behind it was taken back. */
    readonly stood?: string;
  },
  now: Instant,
): Speak => {
  if (previous !== undefined && finding.stood !== undefined && listed[finding.state] === "closed")
    return previous.reason === "withdrawn"
      ? { speak: false, because: "told" }
      : { speak: true, version: previous.version + 1, reason: "withdrawn" };
  if (finding.shadow !== undefined) return { speak: false, because: "shadow" };
  if (finding.state === "not-ours") return { speak: false, because: "not-ours" };
  if (listed[finding.state] !== "open") return { speak: false, because: "not-open" };
  const snoozed = finding.snoozedUntil !== undefined && now < finding.snoozedUntil;
  if (previous === undefined) return snoozed ? { speak: false, because: "snoozed" } : { speak: true, version: 1 };
  const version = previous.version + 1;
  if (previous.reason === "withdrawn") return { speak: true, version, reason: "restored" };
  if (finding.state === "reopened" && finding.opened > previous.at) return { speak: true, version, reason: "reopened" };
  if (rank(finding.severity) > rank(previous.severity)) return { speak: true, version, reason: "worse" };
  return { speak: false, because: snoozed ? "snoozed" : "told" };
};
