import type { PackDecision, PackFile } from "#detect/sigma/packs.ts";
import type { RecordRow } from "#jobs/history/rows.ts";
import type { KeptPage, SavedPast, UnseenField } from "./kept-rules.ts";
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
}

export interface KeptAsk {
  readonly rows: readonly RecordRow[];
  readonly last: boolean;
}

/** What is to be read of the past for these rules. */
export interface KeptReady {
  readonly formats: readonly string[];
  readonly holding?: NonNullable<RecordsWanted["holding"]>;
  readonly unseen: readonly UnseenField[];
  /** Rules that run. */
  readonly rules: number;
}

export type KeptReply = ThreadReply<KeptReady, KeptPage>;
