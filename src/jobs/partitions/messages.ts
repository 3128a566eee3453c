import type { Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { EvidenceLine } from "#jobs/batches/evidence-lines.ts";
import type { LivePlans } from "#jobs/lists/live-plans.ts";
import type { SpokenHit } from "./lane.ts";
import type { PartitionCounts, SaidOfBatch, SensorClock } from "./port.ts";
import type { Warninglist } from "#feeds/warninglist.ts";

/** Facts of one batch as they go to the thread. */
export interface FactsTask {
  readonly batch: number;
  /** Sensor id, and what it is called in hits. */
  readonly sensor: string;
  readonly key: string;
  readonly received: Instant;
  readonly newest: Instant;
  readonly body: Uint8Array;
  readonly said: SaidOfBatch;
}

/** A batch from whose body evidence is read. */
export interface EvidenceTask {
  readonly batch: number;
  readonly organisation: string;
  readonly format?: string;
  readonly received: Instant;
  readonly body: Uint8Array;
  readonly networks: readonly string[];
  readonly lines: readonly number[];
}

/** What every partition of the thread looks at alike; told again when it changed. */
export interface PartitionAround {
  readonly plans?: LivePlans;
  readonly exclusions?: { readonly lists: readonly Warninglist[]; readonly allow: readonly string[] };
  /** Behaviours that somebody let speak; the word of the others is for staff. */
  readonly speaking?: readonly string[];
}

/** The tables of the packs of addresses, as they lie on disk. */
export interface AddressTables {
  readonly asn4: Uint8Array;
  readonly asn6: Uint8Array;
  readonly country4: Uint8Array;
  readonly country6: Uint8Array;
}

export type PartitionTask =
  | {
      readonly kind: "open";
      readonly organisation: string;
      readonly networks: readonly string[];
      readonly checkpoint?: Uint8Array;
    }
  | { readonly kind: "take"; readonly organisation: string; readonly rows: readonly FactsTask[] }
  | { readonly kind: "tick"; readonly organisation: string; readonly now: Instant }
  | { readonly kind: "save"; readonly organisation: string }
  | { readonly kind: "drop"; readonly organisation: string }
  | { readonly kind: "evidence"; readonly batches: readonly EvidenceTask[] };

/** What a partition says of its own, after each thing it was asked. */
export interface PartitionSays {
  readonly hits: readonly SpokenHit[];
  readonly counts: PartitionCounts;
  readonly through?: Instant;
  readonly clocks: readonly SensorClock[];
  /** Bodies that could not be read, or a checkpoint that was left aside. */
  readonly problem?: Problem;
}

export type PartitionResult =
  | { readonly kind: "says"; readonly says: PartitionSays }
  | { readonly kind: "saved"; readonly body: Uint8Array }
  | { readonly kind: "dropped" }
  | {
      readonly kind: "evidence";
      readonly lines: readonly (readonly [batch: number, lines: readonly EvidenceLine[]])[];
    };

export type PartitionAsk =
  | { readonly kind: "around"; readonly around: PartitionAround }
  | { readonly kind: "origins"; readonly tables?: AddressTables }
  /** Nothing comes any more: what was left lying is cleared away. */
  | { readonly kind: "rest" }
  | { readonly kind: "task"; readonly id: number; readonly task: PartitionTask };

export type PartitionReply =
  | { readonly kind: "origins" }
  | { readonly kind: "done"; readonly id: number; readonly result: PartitionResult }
  | { readonly kind: "failed"; readonly id: number; readonly why: string };
