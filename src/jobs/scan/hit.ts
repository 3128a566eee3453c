import type { Instant } from "#core/instant.ts";
import type { Certainty } from "#core/grade.ts";
import type { Observable } from "#core/observable.ts";
import type { Severity } from "#core/severity.ts";
import type { Because } from "#detect/behaviour.ts";
import type { Direction, Where } from "#telemetry/format.ts";

/** Where a hit stands; `line` counts from 1: line, record or packet of the file. */
export interface ScanPlace {
  readonly file: string;
  readonly line: number;
}

interface About extends ScanPlace {
  readonly severity: Severity;
  /** ATT&CK technique ids. */
  readonly attack: readonly string[];
  /** Of the record; of hits over time when it was spoken. */
  readonly time: Instant;
}

/** A listed value in one record. Hits are in the shape and order that `waglan scan --json` prints. */
export interface IndicatorHit extends About {
  readonly detector: "indicator-match";
  readonly observable: Observable;
  readonly indicator: Observable & { readonly sources: readonly string[] };
  readonly where: Where;
  readonly direction: Direction;
  /** Which of ours: address or host, where the record names one. */
  readonly host?: string;
}

/** A rule that one record matched. */
export interface RuleHit extends About {
  readonly detector: "sigma";
  readonly rule: string;
  readonly title: string;
  readonly tactics: readonly string[];
  readonly host?: string;
}

/** What many records showed together. */
export interface TimedHit extends About {
  /** A behaviour's id, or "sigma-correlation". */
  readonly detector: string;
  /** Sigma id of a correlation. */
  readonly rule?: string;
  readonly title: string;
  readonly tactics: readonly string[];
  /** Addresses, hosts, accounts, domains; ours first. */
  readonly entities: readonly string[];
  readonly first: Instant;
  readonly last: Instant;
  readonly certainty?: Certainty;
  readonly score?: number;
  readonly because: readonly Because[];
  readonly evidence: readonly ScanPlace[];
}

export type RecordHit = IndicatorHit | RuleHit;
export type ScanHit = RecordHit | TimedHit;

export const isTimed = (hit: ScanHit): hit is TimedHit => "first" in hit;
