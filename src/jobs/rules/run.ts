import type { PastRecords } from "#jobs/hunt/past-records.ts";
import type { KeptAsk, KeptReady, KeptReplyPage, KeptThreadData } from "./kept-rules-messages.ts";
import { KeptRulesThread } from "./kept-rules-threads.ts";
import { PastWalk, type WalkGround } from "./walk.ts";

export type RuleGround = WalkGround;

/** Rules over kept records, organisation by organisation and day by day. Close it when it is done or left. */
export class RuleRun extends PastWalk<KeptReplyPage> {
  readonly #thread: KeptRulesThread;
  readonly #asks: { saves?: NonNullable<KeptAsk["saves"]> };

  constructor(past: PastRecords, data: KeptThreadData, ground: RuleGround) {
    const thread = new KeptRulesThread(data);
    const asks: { saves?: NonNullable<KeptAsk["saves"]> } = {};
    super(
      past,
      {
        ready: thread.ready,
        read: (ask) => thread.read({ ...ask, ...asks }),
        close: () => thread.close(),
      },
      ground,
    );
    this.#thread = thread;
    this.#asks = asks;
  }

  /** How what correlations know comes with the pages from now on; until it is said: as an object. */
  saves(how: NonNullable<KeptAsk["saves"]>): void {
    this.#asks.saves = how;
  }

  /** What is to be read, once the rules are compiled. */
  get ready(): Promise<KeptReady> {
    return this.#thread.ready;
  }
}
