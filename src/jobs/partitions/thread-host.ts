import { Worker } from "node:worker_threads";
import type {
  AddressTables,
  PartitionAround,
  PartitionAsk,
  PartitionReply,
  PartitionResult,
  PartitionTask,
} from "./messages.ts";

/** The main side of the thread that runs detectors over time; started with the first task, ended when nobody needs it. */
export class PartitionThread {
  readonly #secret: string;
  readonly #origins: () => Promise<AddressTables | undefined>;
  #worker: Worker | undefined;
  #told: PartitionAround = {};
  readonly #waiting = new Map<number, PromiseWithResolvers<PartitionResult>>();
  #next = 1;

  /** @param origins tables of addresses, read when the first sign-in is looked at */
  constructor(secret: string, origins: () => Promise<AddressTables | undefined>) {
    this.#secret = secret;
    this.#origins = origins;
  }

  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** What all partitions look at; what is as it was told is not told again. */
  hear(around: PartitionAround): void {
    const news: { -readonly [K in keyof PartitionAround]: PartitionAround[K] } = {};
    if (around.plans && around.plans.version !== this.#told.plans?.version) news.plans = around.plans;
    if (around.exclusions && around.exclusions !== this.#told.exclusions) news.exclusions = around.exclusions;
    if (around.speaking && around.speaking.join() !== this.#told.speaking?.join()) news.speaking = around.speaking;
    this.#told = { ...this.#told, ...news };
    if (this.#worker && Object.keys(news).length > 0) this.#post(this.#worker, { kind: "around", around: news });
  }

  ask(task: PartitionTask): Promise<PartitionResult> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#next++;
    const waiting = Promise.withResolvers<PartitionResult>();
    this.#waiting.set(id, waiting);
    this.#post(worker, { kind: "task", id, task });
    return waiting.promise;
  }

  /** Nothing comes any more, for now. */
  rest(): void {
    if (this.#worker) this.#post(this.#worker, { kind: "rest" });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL(import.meta.resolve("./thread.ts")), {
      workerData: { secret: this.#secret },
      // detectors are bounded by what they remember; a hundred organisations' worth of it is some gigabytes
      resourceLimits: { maxOldGenerationSizeMb: 4096 },
    });
    worker.unref();
    worker.on("message", (reply: PartitionReply) => void this.#hear(worker, reply));
    const gone = (why: Error): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(why);
      this.#waiting.clear();
    };
    worker.on("error", gone);
    worker.on("exit", (code) => gone(new Error(`the thread of detectors over time ended with ${code}`)));
    if (Object.keys(this.#told).length > 0) this.#post(worker, { kind: "around", around: this.#told });
    return worker;
  }

  async #hear(worker: Worker, reply: PartitionReply): Promise<void> {
    if (reply.kind === "origins") {
      // without them a sign-in's country is what its record says
      const tables = await this.#origins().catch(() => undefined);
      this.#post(worker, { kind: "origins", ...(tables ? { tables } : {}) });
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.kind === "failed") waiting?.reject(new Error(reply.why));
    else waiting?.resolve(reply.result);
  }

  #post(worker: Worker, ask: PartitionAsk): void {
    worker.postMessage(ask);
  }
}
