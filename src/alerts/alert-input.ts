import type { AssetProof } from "#community/asset.ts";
import type { Certainty, Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { ProblemClass } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { Evidence } from "#detect/hit.ts";
import type { Answer } from "#incidents/answer.ts";
import type { Direction, Where } from "#telemetry/format.ts";
import type { Names } from "#words/language.ts";
import type { Audience } from "./remedies/remedy.ts";
import type { Story } from "./story.ts";

/**
 * All that an alert says, as data. The caller has already left out what the organisation may not see: whatever is here
 * is said. Outside text is made harmless on the way out, not here.
 */
export interface AlertInput {
  /** What people read out on the phone: "WG-2026-1187". */
  readonly reference: string;
  /** Counts from 1; `shouldSpeak` says when there is a next one. */
  readonly version: number;
  /** Why this version was sent; absent on the first. */
  readonly reason?: UpdateReason;
  /** Public id of the finding. */
  readonly finding: string;
  /** The CERT that writes. */
  readonly sender: Names;
  readonly organisation: Names;
  /** The person written to; absent: a shared mailbox. */
  readonly recipient?: string;
  readonly audience: Audience;
  readonly problem: ProblemClass;
  readonly story: Story;
  readonly severity: Severity;
  readonly certainty: Certainty;
  /** Those the organisation may see, best grade first; empty: none may be named. */
  readonly sources: readonly { readonly title: string; readonly grade: Grade }[];
  readonly asset: OwnAsset;
  /** The other side, worst first; empty when their own asset is what is listed. */
  readonly hostile: readonly Observable[];
  readonly instances: readonly Instance[];
  readonly evidence: readonly Evidence[];
  /** Products of theirs that are told of together, most pressing first; absent: it is about one finding alone. */
  readonly products?: { readonly named: readonly ProductSaid[]; readonly more: number };
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** Days before it was known that it was first seen, where kept records told of it; absent: it was found as it came. */
  readonly foundBack?: number;
  /** Hits so far, at least 1. */
  readonly count: number;
  /** IANA zone in which the organisation reads times; checked where it entered. */
  readonly zone: string;
  /** Answer until. */
  readonly due: Instant;
  readonly tlp: Tlp;
  /** Where each answer leads; absent: only the portal takes answers. */
  readonly answers?: Readonly<Record<Answer, string>>;
  /** Out-of-band check that the alert is real: a number known from elsewhere, and what to read out. */
  readonly verify?: { readonly phone: string; readonly code: string };
  /** The finding in the portal. */
  readonly portal?: string;
  /** Where contacts and channels are kept. */
  readonly contacts?: string;
}

/**
 *   worse      more serious than when we last wrote        reopened   it was gone and is back
 *   withdrawn  what it rested on was taken back: a correction; nothing is left to do but to undo
 *   restored   the correction was wrong: it stands as it stood
 */
export type UpdateReason = "worse" | "reopened" | "withdrawn" | "restored";

/** A product they run, with its known weaknesses; what is not named is counted. */
export interface ProductSaid {
  readonly product: string;
  readonly assets: readonly string[];
  readonly moreAssets: number;
  readonly weaknesses: readonly string[];
  readonly moreWeaknesses: number;
  readonly exposed: boolean;
  readonly exploited: boolean;
}

export interface OwnAsset {
  readonly observable: Observable;
  /** What they call it themselves: "fileserver-02". */
  readonly name?: string;
  readonly proof: AssetProof;
  /** When it was proven; absent: not known. */
  readonly since?: Instant;
}

/** One sighting; a network administrator behind NAT needs time, addresses and ports together. */
export interface Instance {
  readonly time: Instant;
  readonly where: Where;
  readonly direction: Direction;
  /** Who began it. */
  readonly source?: End;
  readonly destination?: End;
  /** What was seen there: "bad.example". */
  readonly value: string;
}

export interface End {
  readonly address: string;
  readonly port?: number;
}
