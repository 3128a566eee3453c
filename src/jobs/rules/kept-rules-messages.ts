import type { PackDecision, PackFile } from "#detect/sigma/packs.ts";
import type { RecordRow } from "#jobs/history/rows.ts";
import type { KeptPage, UnseenField } from "./kept-rules.ts";
import type { SavedPast, TogetherBounds } from "./kept-together.ts";
import type { RecordsWanted } from "#jobs/hunt/past-records.ts";
import type { ThreadReply } from "./page-thread.ts";

/** What such a thread is started with. */
export interface KeptThreadData {
  readonly texts: readonly { readonly name: string; readonly files: readonly PackFile[] }[];
  readonly decisions: readonly PackDecision[];
  /** Ids of rules whose word counts; absent: all. */
  readonly wanted?: readonly string[];
  /** Networks that each sensor guards. */
  readonly networks: readonly (readonly [sensor: string, networks: readonly string[]])[];
  readonly saved?: SavedPast;
  /** The same as bytes, as a page gave it that was asked to. */
  readonly packed?: Uint8Array;
  /** Networks of whole organisations; absent: correlations know those of each sensor alone. */
  readonly homes?: readonly (readonly [organisation: string, networks: readonly string[]])[];
  /** What correlations remember; absent: as hunts that people ask for. */
  readonly bounds?: TogetherBounds;
}

export interface KeptAsk {
  readonly rows: readonly RecordRow[];
  readonly last: boolean;
  /** How what correlations know goes with the page: as an object, as bytes, or not at all. */
  readonly saves?: "bytes" | "not";
}

/** A page as it comes from the thread. */
export type KeptReplyPage = KeptPage & { readonly packed?: Uint8Array };

/** What is to be read of the past for these rules. */
export interface KeptReady {
  readonly formats: readonly string[];
  readonly holding?: NonNullable<RecordsWanted["holding"]>;
  readonly unseen: readonly UnseenField[];
  /** Rules that run. */
  readonly rules: number;
}

export type KeptReply = ThreadReply<KeptReady, KeptReplyPage>;
