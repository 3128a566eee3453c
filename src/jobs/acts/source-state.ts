import type { sourceStates } from "#api/source.ts";
import { after, type Instant, minute } from "#core/instant.ts";
import type { FeedState } from "#intel/ports.ts";
import type { Source } from "#jobs/collect-feed.ts";

export type SourceState = (typeof sourceStates)[number];

/** Turns a source may miss before it is called late. Too few costs an operator a glance; too many and a dead feed protects nobody for days. So: few. */
const missedTurns = 3;

/** The state a source is shown in: what the store holds, and late when nothing came for too long. */
export const stateOfSource = (source: Source, state: FeedState | undefined, now: Instant): SourceState => {
  if (!state || state.state === "never") return "never";
  const grace = missedTurns * source.feed.everyMinutes * minute;
  const due = state.nextTurn;
  return state.state === "healthy" && comesByItself(source) && due !== undefined && after(due, grace) < now
    ? "late"
    : state.state;
};

/** It is fetched or read; otherwise somebody must bring it. */
export const comesByItself = (source: Source): boolean => source.url !== undefined || source.path !== undefined;
