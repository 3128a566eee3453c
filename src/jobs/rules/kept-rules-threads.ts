import { Worker } from "node:worker_threads";
import type { KeptPage } from "./kept-rules.ts";
import type { KeptAsk, KeptReady, KeptReply, KeptThreadData } from "./kept-rules-messages.ts";

/** One hunt's rules in a thread of their own; one page at a time. */
export class KeptRulesThread {
  readonly ready: Promise<KeptReady>;
  readonly #worker: Worker;
  #answer: ((page: KeptPage) => void) | undefined;
  #fail: (why: Error) => void;

  constructor(data: KeptThreadData) {
    this.#worker = new Worker(new URL(import.meta.resolve("./kept-rules-thread.ts")), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.unref();
    const ready = Promise.withResolvers<KeptReady>();
    this.ready = ready.promise;
    this.ready.catch(() => undefined);
    this.#fail = ready.reject;
    this.#worker.on("message", (reply: KeptReply) => {
      if ("ready" in reply) ready.resolve(reply.ready);
      else if ("page" in reply) this.#answer?.(reply.page);
      else this.#fail(new Error(reply.failed));
    });
    this.#worker.on("error", (error) => this.#fail(error as Error));
    this.#worker.on("exit", (code) => this.#fail(new Error(`a thread of rules ended with ${code}`)));
  }

  async read(ask: KeptAsk): Promise<KeptPage> {
    await this.ready;
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
      this.#worker.postMessage(ask);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
