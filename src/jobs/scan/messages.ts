import type { Instant } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import type { PackFile } from "#detect/sigma/packs.ts";
import type { MatchHandles } from "#intel/match-table.ts";
import type { About, MatchedRecord, ScanCounts } from "./scan.ts";
import type { RecordHit } from "./hit.ts";

/** What a scanning thread is started with. */
export interface ScanThreadData {
  readonly index: MatchHandles;
  readonly about: AboutTable;
  /** Networks that are ours beside the private ones. */
  readonly networks: readonly string[];
  /** Ids, in the order they are asked. */
  readonly formats: readonly string[];
  readonly rules?: readonly PackFile[];
  readonly overTime: boolean;
  readonly since?: Instant;
}

/** A part of a file that was cut at the ends of lines. */
export interface Stretch {
  /** Id of the file's format. */
  readonly format: string;
  /** Lines that stand above and say how it is to be read (telemetry/format.ts, `Heading`). */
  readonly heading: readonly string[];
}

export type ScanAsk =
  | {
      readonly kind: "open";
      readonly file: string;
      readonly received?: Instant;
      readonly stretch?: Stretch;
    }
  /** The bytes' memory is handed over. */
  | { readonly kind: "chunk"; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

/** Answers every chunk, and the end. */
export interface ScanReply {
  readonly hits: readonly RecordHit[];
  readonly facts: readonly Fact[];
  readonly matched: readonly MatchedRecord[];
  readonly counts: ScanCounts;
  readonly failed?: string;
}

/** What is known of each indicator: sets of sources are shared, since a million values have a dozen of them. */
export interface AboutTable {
  readonly sets: readonly About[];
  /** Place in `sets` by indicator id. */
  readonly setOf: Uint32Array;
}

export const aboutOf =
  ({ sets, setOf }: AboutTable): ((indicatorId: number) => About) =>
  (id) =>
    sets[setOf[id] ?? 0] ?? { sources: [] };
