import { Worker } from "node:worker_threads";

/** What such a thread says: once that it is ready, then to each page, or that it failed. */
export type ThreadReply<Ready, Page> =
  | { readonly ready: Ready }
  | { readonly page: Page }
  | { readonly failed: string };

/** A thread of its own that reads the pages of one hunt, one at a time: compiling and reading take no time from who serves. */
export class PageThread<Ready, Ask, Page> {
  readonly ready: Promise<Ready>;
  readonly #worker: Worker;
  #answer: ((page: Page) => void) | undefined;
  #fail: (why: Error) => void;

  /** @param data what it is started with; plain */
  constructor(file: URL, data: unknown) {
    this.#worker = new Worker(file, {
      // by its name it is known to whoever gives threads their turn
      name: "hunt",
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 },
    });
    const ready = Promise.withResolvers<Ready>();
    this.ready = ready.promise;
    this.ready.catch(() => undefined);
    this.#fail = ready.reject;
    this.#worker.on("message", (reply: ThreadReply<Ready, Page>) => {
      // between two pages it holds no process that has nothing else to do
      this.#worker.unref();
      if ("ready" in reply) ready.resolve(reply.ready);
      else if ("page" in reply) this.#answer?.(reply.page);
      else this.#fail(new Error(reply.failed));
    });
    this.#worker.on("error", (error) => this.#fail(error as Error));
    this.#worker.on("exit", (code) => this.#fail(new Error(`a thread of a hunt ended with ${code}`)));
  }

  async read(ask: Ask): Promise<Page> {
    await this.ready;
    this.#worker.ref();
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
