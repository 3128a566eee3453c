import type { Instant } from "#core/instant.ts";

/** A person's word on which rules run; the last on the same `rule` counts (detect/sigma/packs.ts, `PackDecision`). */
export interface RuleDecision {
  /** Rule's id or name; a folder ending in "/"; "*" for all of it. */
  readonly rule: string;
  readonly runs: boolean;
  readonly reason: string;
  readonly who: string;
  readonly at: Instant;
}

/** What rules need from state; defined by `test/rules-server.test.ts`. */
export interface RulesState {
  /** Of those that are known; true: only staff may hear them. */
  readonly shadows: (sources: readonly string[]) => Promise<ReadonlyMap<string, boolean>>;
  /** In the order of `rule`. */
  readonly decisions: () => Promise<readonly RuleDecision[]>;
  readonly decide: (decision: RuleDecision) => Promise<void>;
}
