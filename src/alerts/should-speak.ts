import type { Instant } from "#core/instant.ts";
import { rank, type Severity } from "#core/severity.ts";
import type { Finding } from "#incidents/finding.ts";
import { listed } from "#incidents/state.ts";

/** The last alert of a finding; absent: nobody was told yet. */
export interface LastAlert {
  readonly version: number;
  readonly severity: Severity;
  readonly at: Instant;
}

export type Speak =
  | { readonly speak: true; readonly version: number; readonly reason?: "worse" | "reopened" }
  | { readonly speak: false; readonly because: "shadow" | "not-open" | "not-ours" | "snoozed" | "told" };

/**
 * Whether a finding is worth a mail now. One alert per finding: being seen again changes counts and times, which the
 * portal shows, and sends nothing. Rules in their order:
 *   1. in shadow, or put aside, closed or said to be another's       silent
 *   2. nobody told yet, and not snoozed                              version 1
 *   3. back again after it was gone                                  next version, even while snoozed: it is news
 *   4. more serious than when we last wrote                          next version, even while snoozed
 *   5. snoozed, or told already                                      silent
 * Less serious than before is no reason to write.
 *
 * @param snoozedUntil absent: not snoozed; the instant itself is awake
 */
export const shouldSpeak = (
  previous: LastAlert | undefined,
  finding: Pick<Finding, "state" | "severity" | "shadow" | "opened"> & { readonly snoozedUntil?: Instant },
  now: Instant,
): Speak => {
  if (finding.shadow !== undefined) return { speak: false, because: "shadow" };
  if (finding.state === "not-ours") return { speak: false, because: "not-ours" };
  if (listed[finding.state] !== "open") return { speak: false, because: "not-open" };
  const snoozed = finding.snoozedUntil !== undefined && now < finding.snoozedUntil;
  if (previous === undefined) return snoozed ? { speak: false, because: "snoozed" } : { speak: true, version: 1 };
  const version = previous.version + 1;
  if (finding.state === "reopened" && finding.opened > previous.at) return { speak: true, version, reason: "reopened" };
  if (rank(finding.severity) > rank(previous.severity)) return { speak: true, version, reason: "worse" };
  return { speak: false, because: snoozed ? "snoozed" : "told" };
};
