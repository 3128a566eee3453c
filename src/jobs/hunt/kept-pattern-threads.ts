import { PageThread } from "#jobs/rules/page-thread.ts";
import type { PatternPage } from "./kept-pattern.ts";
import type { PatternAsk, PatternReady, PatternThreadData } from "./kept-pattern-messages.ts";

/** One hunt's pattern in a thread of its own. */
export class KeptPatternThread extends PageThread<PatternReady, PatternAsk, PatternPage> {
  constructor(data: PatternThreadData) {
    super(new URL(import.meta.resolve("./kept-pattern-thread.ts")), data);
  }
}
