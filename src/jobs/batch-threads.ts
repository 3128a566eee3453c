import { Worker } from "node:worker_threads";
import type { MatchIndex } from "#intel/match-index.ts";
import type { BatchAsk, BatchReply, Matched, Observed, Task, Unreadable } from "#jobs/batch-messages.ts";

interface Thread {
  readonly worker: Worker;
  /** The memory this thread has: asked for again when the index moved. */
  tags: SharedArrayBuffer | undefined;
  busy: number;
}

/**
 * Threads that read telemetry, sharing one match index. A thread that dies takes its tasks with it: they fail, the batch
 * stays unmatched in the store and is taken again; a fresh thread stands in.
 */
export class BatchThreads {
  readonly #threads: Thread[] = [];
  readonly #waiting = new Map<
    number,
    { thread: Thread; resolve: (result: Matched | Observed | Unreadable) => void; reject: (why: Error) => void }
  >();
  readonly #secret: string;
  readonly #index: () => MatchIndex;
  #next = 1;
  #closed = false;

  constructor(count: number, secret: string, index: () => MatchIndex) {
    this.#secret = secret;
    this.#index = index;
    for (let i = 0; i < count; i++) this.#threads.push(this.#start());
  }

  async match(task: Omit<Task, "kind">): Promise<Matched | Unreadable> {
    return (await this.#run({ ...task, kind: "match" })) as Matched | Unreadable;
  }

  async observe(task: Omit<Task, "kind">): Promise<Observed | Unreadable> {
    return (await this.#run({ ...task, kind: "observe" })) as Observed | Unreadable;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #run(task: Task): Promise<Matched | Observed | Unreadable> {
    const thread = this.#threads.reduce((least, one) => (one.busy < least.busy ? one : least));
    if (task.kind === "match") {
      const handles = this.#index().handles();
      if (thread.tags !== handles.tags) {
        thread.tags = handles.tags;
        thread.worker.postMessage({ kind: "index", handles } satisfies BatchAsk);
      }
    }
    const id = this.#next++;
    thread.busy++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { thread, resolve, reject });
      thread.worker.postMessage({ kind: "task", id, task } satisfies BatchAsk);
    });
  }

  #start(): Thread {
    const worker = new Worker(new URL(import.meta.resolve("#jobs/batch-thread.ts")), {
      workerData: { secret: this.#secret },
    });
    const thread: Thread = { worker, tags: undefined, busy: 0 };
    worker.unref();
    worker.on("message", (reply: BatchReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      thread.busy--;
      if (reply.failed !== undefined) waiting?.reject(new Error(reply.failed));
      else waiting?.resolve(reply.result);
    });
    const gone = (why: Error): void => {
      for (const [id, waiting] of this.#waiting)
        if (waiting.thread === thread) {
          this.#waiting.delete(id);
          waiting.reject(why);
        }
      const place = this.#threads.indexOf(thread);
      if (!this.#closed && place >= 0) this.#threads[place] = this.#start();
    };
    worker.on("error", gone);
    worker.on("exit", (code) => gone(new Error(`a reading thread ended with ${code}`)));
    return thread;
  }
}
