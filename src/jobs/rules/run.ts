import type { PastRecords } from "#jobs/hunt/past-records.ts";
import type { KeptPage } from "./kept-rules.ts";
import type { KeptReady, KeptThreadData } from "./kept-rules-messages.ts";
import { KeptRulesThread } from "./kept-rules-threads.ts";
import { PastWalk, type WalkGround } from "./walk.ts";

export type RuleGround = WalkGround;

/** Rules over kept records, organisation by organisation and day by day. Close it when it is done or left. */
export class RuleRun extends PastWalk<KeptPage> {
  readonly #thread: KeptRulesThread;

  constructor(past: PastRecords, data: KeptThreadData, ground: RuleGround) {
    const thread = new KeptRulesThread(data);
    super(past, thread, ground);
    this.#thread = thread;
  }

  /** What is to be read, once the rules are compiled. */
  get ready(): Promise<KeptReady> {
    return this.#thread.ready;
  }
}
