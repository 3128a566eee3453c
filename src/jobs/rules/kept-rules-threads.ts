import type { KeptPage } from "./kept-rules.ts";
import type { KeptAsk, KeptReady, KeptThreadData } from "./kept-rules-messages.ts";
import { PageThread } from "./page-thread.ts";

/** One hunt's rules in a thread of their own. */
export class KeptRulesThread extends PageThread<KeptReady, KeptAsk, KeptPage> {
  constructor(data: KeptThreadData) {
    super(new URL(import.meta.resolve("./kept-rules-thread.ts")), data);
  }
}
