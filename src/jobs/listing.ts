import type { DecayRule } from "#intel/decay.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import type { ListViews } from "#jobs/lists/out-port.ts";
import type { State } from "#jobs/ports.ts";

/** What lists are made from. */
export interface Listing {
  readonly state: State;
  readonly views: ListViews;
  readonly known: () => Known;
  readonly exclusions: () => Exclusions;
  readonly titleOf: (feed: string) => string;
  readonly portal: string;
  readonly idOf: (kind: string, key: string) => string;
  /** How what sources say grows old here; absent: as usual. */
  readonly decay?: DecayRule;
}
