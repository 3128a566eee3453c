import type { KeptAsk, KeptReady, KeptReplyPage, KeptThreadData } from "./kept-rules-messages.ts";
import { PageThread } from "./page-thread.ts";

/** One hunt's rules in a thread of their own. */
export class KeptRulesThread extends PageThread<KeptReady, KeptAsk, KeptReplyPage> {
  constructor(data: KeptThreadData) {
    super(new URL(import.meta.resolve("./kept-rules-thread.ts")), data);
  }
}
