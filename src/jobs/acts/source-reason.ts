import type { FeedState } from "#intel/ports.ts";
import type { Source } from "#jobs/collect/feed.ts";
import type { Language } from "#words/language.ts";
import { say, sayProblem } from "#words/say.ts";
import { printTime } from "#words/time.ts";
import type { Desk } from "./desk.ts";
import { comesByItself, type SourceState } from "./source-state.ts";

/** Why a source is in the state it is shown in, for its reader; nothing of a healthy one. */
export const reasonOf = (
  desk: Desk,
  source: Source,
  shown: SourceState,
  state: FeedState | undefined,
  language: Language,
): string | undefined => {
  if (shown === "healthy") return undefined;
  if (shown === "never") return say(language, comesByItself(source) ? "acts.feed.never" : "acts.feed.import");
  if (shown === "late" && state?.lastTurn !== undefined) {
    const { zone } = desk.directory.known.directory.community;
    const time = printTime(language, state.lastTurn, zone);
    return say(language, "acts.feed.late", { time, minutes: source.feed.everyMinutes });
  }
  if (shown === "silent" && state?.lastGood !== undefined) {
    const { zone } = desk.directory.known.directory.community;
    const time = printTime(language, state.lastGood, zone);
    const silent = say(language, "acts.feed.silent", { time, minutes: source.feed.everyMinutes });
    return state.reason === undefined
      ? silent
      : `${silent}${language === "en" ? ". " : "。"}${sayProblem(language, state.reason)}`;
  }
  return state?.reason && sayProblem(language, state.reason);
};
