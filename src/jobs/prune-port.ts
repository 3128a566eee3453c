import type { Instant } from "#core/instant.ts";
import type { KeptState } from "#jobs/history/kept-port.ts";

/** Logs that somebody reads from a place of its own: changes of indicators, of reports, of the directory. */
export const changeLogs = ["intel_change", "report_change", "directory_change"] as const;
export type ChangeLog = (typeof changeLogs)[number];

/** Lets go of what logs hold, some thousand rows at a time: a long delete holds up whoever writes. */
export interface PruneState extends KeptState {
  /**
   * Rows of before `before` that every reader of `readers` (`QueueState.cursor`) has behind it. A reader that has no
   * place yet needs them all, and nothing goes. What went is remembered: who comes with an older place (a process that
   * slept, a snapshot) is told to start anew.
   *
   * @returns how many went
   */
  readonly changes: (log: ChangeLog, readers: readonly string[], before: Instant, limit: number) => Promise<number>;
  /** Sets of what stood in a response, where no response since `before` names them and no list stands on them. */
  readonly members: (before: Instant, limit: number) => Promise<number>;
  /** Keys under which an act was done once. */
  readonly keys: (before: Instant, limit: number) => Promise<number>;
  /** Messages to parties' machines that arrived, or were given up. */
  readonly messages: (before: Instant, limit: number) => Promise<number>;
}
