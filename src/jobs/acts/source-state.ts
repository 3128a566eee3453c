import type { sourceStates } from "#api/source.ts";
import { after, type Instant, minute } from "#core/instant.ts";
import type { FeedState } from "#intel/ports.ts";
import { isDetector } from "#jobs/findings/detector-source.ts";
import type { Source } from "#jobs/collect/feed.ts";

export type SourceState = (typeof sourceStates)[number];

/** Turns a source may miss before it is called late. Too few costs an operator a glance; too many and a dead feed protects nobody for days. So: few. */
const missedTurns = 3;

/**
 * The state a source is shown in: what the store holds; late when it was not asked for too long; silent when it was asked
 * and gave nothing good for too long (what waits for a person is shown as that). A rule is asked of every record.
 */
export const stateOfSource = (source: Source, state: FeedState | undefined, now: Instant): SourceState => {
  if (isDetector(source.feed.id)) return "healthy";
  if (!state || state.state === "never") return "never";
  const grace = missedTurns * source.feed.everyMinutes * minute;
  const due = state.nextTurn;
  if (!comesByItself(source) || (state.state !== "healthy" && state.state !== "failing")) return state.state;
  if (state.state === "healthy" && due !== undefined && after(due, grace) < now) return "late";
  const asked = state.lastTurn !== undefined && state.lastGood !== undefined && state.lastTurn > state.lastGood;
  return asked && state.lastGood !== undefined && after(state.lastGood, grace) < now ? "silent" : state.state;
};

/** It is fetched or read; otherwise somebody must bring it. */
export const comesByItself = (source: Source): boolean => source.url !== undefined || source.path !== undefined;
