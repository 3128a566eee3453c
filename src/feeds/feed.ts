import type { Flag } from "#core/flag.ts";
import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Pap, Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { Problem, Result } from "#core/result.ts";
import type { RsitType } from "#core/rsit.ts";

/** One thing a source calls bad, in our words, before it is merged with what other sources say. */
export interface RawIndicator {
  readonly observable: Observable;
  /** Malware families, list names, tags as the source gives them; lower case, trimmed, distinct. */
  readonly labels: readonly string[];
  /** When the source saw it; absent: the moment of collection. */
  readonly seenAt?: Instant;
  /** Only where the row is graded otherwise than its feed. */
  readonly grade?: Grade;
  readonly tlp?: Tlp;
  /** The value is stored and shown but must not reach block-lists; why, as a code of `flags` (core/flag.ts). */
  readonly flags?: readonly Flag[];
}

/** One named list inside a body: the body itself (name ""), or a member of an archive. Lists are compared with their own past. */
export interface Part {
  readonly name: string;
  readonly rows: Iterable<Row>;
}

/** `row` counts from 1 in the source's own terms (line, record, object). */
export interface Row {
  readonly row: number;
  readonly result: Result<RawIndicator>;
  /** The row is right, and its problem only says why we have no use for it yet: counted apart from rejects. */
  readonly legal?: true;
  /** The indicator is taken, but something beside its value could not be read (a time that is no time). */
  readonly note?: Problem;
}

/**
 * What a source is and how it speaks; policy beside the parser.
 *   alert        a match makes a finding
 *   corroborate  raises the certainty of a finding others made, never makes one
 *   context      shown beside, moves nothing
 */
export interface Feed {
  /** Stable, kebab-case, publisher first: "abusech-feodo". */
  readonly id: string;
  readonly title: string;
  readonly publisher: string;
  /** Where it is fetched; absent: only by `--from` or by API. */
  readonly url?: string;
  readonly licence: Licence;
  /** Shortest polite interval; the scheduler adds jitter and back-off. */
  readonly everyMinutes: number;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly grade: Grade;
  /** Days a claim lives after its last sighting. */
  readonly liveDays: number;
  readonly voice: "alert" | "corroborate" | "context";
  /** What collecting touches: only the publisher, or also the hosts it speaks of. */
  readonly touches: "publisher" | "subjects";
  /** What it means when a member's host talks to a listed value, and when a member's own asset is listed. */
  readonly means: { readonly contacted: RsitType; readonly listed: RsitType };
  /** Shortest prefixes this publisher may list because it reviews each; absent: the usual limit of core/value-policy.ts. */
  readonly widest?: { readonly v4: number; readonly v6: number };
  /**
   * Does a body look like this source's? Told from its file's name and its first 4 KiB, unpacked, as latin1; for
   * `collect --from PATH` without `--feed`. What only this publisher writes is a good sign; absent: never guessed.
   */
  readonly looksLike?: (text: string, file: string) => boolean;
  /**
   * The body's lists and their rows, canonical but not yet under any value policy (`feeds/read.ts` applies it). Never throws for bad data: a bad row is a row with a problem, a bad body is a
   * `BadBody` thrown by the readers of `feeds/body.ts` and turned into quarantine by `feeds/read.ts`. It is thrown before
   * a part's first row, never after one.
   */
  readonly parts: (body: Uint8Array, file: string) => Iterable<Part>;
}
