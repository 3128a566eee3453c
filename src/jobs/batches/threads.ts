import { Worker } from "node:worker_threads";
import type { MatchIndex } from "#intel/match-index.ts";
import { owned } from "./memory.ts";
import { isLent, received, Slabs } from "#jobs/history/slabs.ts";
import type { RuleTexts } from "./rules.ts";
import type { BatchAsk, BatchReply, Matched, Observed, Sent, Task, Unreadable } from "./messages.ts";

interface Thread {
  readonly worker: Worker;
  /** The memory this thread has: asked for again when the index moved. */
  tags: SharedArrayBuffer | undefined;
  /** Version of the rules it has; 0: none. */
  rules: number;
  busy: number;
}

/** A batch to be read, as it is asked for. */
type Asked = Omit<Task, "kind" | "slab">;

/** What was read of a batch. Once its rows of history are in, or wanted no more, their memory serves another batch. */
export type Read<T> = T & { readonly letGo: () => void };

export interface BatchThreadsOptions {
  /** Those in force now; absent: no rules are asked. */
  readonly rules?: () => RuleTexts | undefined;
  /** Told whether there is anything to read, each time that changes. */
  readonly tell?: (busy: boolean) => void;
  /** Milliseconds that only go on; absent: another thread is started as soon as all are busy, and none stays longer. */
  readonly clock?: () => number;
}

/** Milliseconds without a task after which there is nothing to read: memory of batches goes back to the machine. */
const restMs = 20_000;

/**
 * Milliseconds without a task after which the threads end, at least and at most. Where they are wanted again within the most,
 * they stay twice as long the next time: who posts each minute would else have rules read and code compiled each
 * minute, more than a second of the processor for a handful of lines.
 */
const idleMs = { least: restMs, most: 600_000 } as const;

/**
 * Milliseconds in which no thread was free when one was asked for, after which another is started: each holds the rules once
 * more, which a burst that one gets through is not worth.
 */
const busyMs = 5_000;

/**
 * Threads that read telemetry, sharing one match index; started when there is something to read, ended when there is
 * not. A thread that dies takes its tasks with it: they fail, the batch stays unmatched in the store and is taken again
 * by a fresh one.
 */
export class BatchThreads {
  #threads: Thread[] = [];
  readonly #count: number;
  #idle: NodeJS.Timeout | undefined;
  /** What was told last: whether there is anything to read. */
  #busy = false;
  #idleMs: number = idleMs.least;
  /** When they ended for want of a task. */
  #ended: number | undefined;
  /** Since when whoever asked for a thread found all busy. */
  #busySince: number | undefined;
  readonly #waiting = new Map<
    number,
    { thread: Thread; resolve: (result: Sent) => void; reject: (why: Error) => void }
  >();
  readonly #slabs = new Slabs();
  readonly #secret: string;
  readonly #index: () => MatchIndex;
  readonly #rules: (() => RuleTexts | undefined) | undefined;
  readonly #tell: ((busy: boolean) => void) | undefined;
  readonly #clock: (() => number) | undefined;
  #next = 1;

  /** @param count threads at most */
  constructor(count: number, secret: string, index: () => MatchIndex, options: BatchThreadsOptions = {}) {
    this.#rules = options.rules;
    this.#tell = options.tell;
    this.#clock = options.clock;
    this.#secret = secret;
    this.#index = index;
    this.#count = count;
  }

  match(task: Asked): Promise<Read<Matched | Unreadable>> {
    return this.#lending({ ...task, kind: "match" }) as Promise<Read<Matched | Unreadable>>;
  }

  observe(task: Asked): Promise<Read<Observed | Unreadable>> {
    return this.#lending({ ...task, kind: "observe" }) as Promise<Read<Observed | Unreadable>>;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const threads = this.#threads;
    this.#threads = [];
    this.#slabs.clear();
    await Promise.all(threads.map((thread) => thread.worker.terminate()));
  }

  async #rest(): Promise<void> {
    if (this.#idleMs > restMs) {
      this.#slabs.clear();
      this.#say(false);
      this.#idle = setTimeout(() => void this.#end(), this.#idleMs - restMs).unref();
    } else await this.#end();
  }

  async #end(): Promise<void> {
    await this.close();
    // something may have come while they ended
    if (this.#threads.length > 0) return;
    this.#ended = this.#clock?.();
    this.#say(false);
  }

  #say(busy: boolean): void {
    if (this.#busy !== busy) this.#tell?.(busy);
    this.#busy = busy;
  }

  /** How long the threads stay that are started now. @param now of the clock, where there is one */
  #stay(now: number | undefined): void {
    const away = this.#ended === undefined || now === undefined ? Number.POSITIVE_INFINITY : now - this.#ended;
    this.#idleMs = away < idleMs.most ? Math.min(this.#idleMs * 2, idleMs.most) : idleMs.least;
  }

  async #lending(task: Task): Promise<Read<Matched | Observed | Unreadable>> {
    const slab = task.keep && this.#slabs.lend();
    const sent = await this.#run(slab ? { ...task, slab } : task);
    const read = { ...sent, ...("history" in sent && sent.history ? { history: received(sent.history, slab) } : {}) } as
      | Matched
      | Observed
      | Unreadable;
    let lent = slab;
    const letGo = (): void => {
      if (lent) this.#slabs.back(lent);
      lent = undefined;
    };
    if (read.kind === "unreadable" || !read.history || !isLent(read.history)) letGo();
    return { ...read, letGo };
  }

  #run(task: Task): Promise<Sent> {
    const thread = this.#free();
    clearTimeout(this.#idle);
    this.#say(true);
    if (task.kind === "match") {
      const handles = this.#index().handles();
      if (thread.tags !== handles.tags) {
        thread.tags = handles.tags;
        thread.worker.postMessage({ kind: "index", handles } satisfies BatchAsk);
      }
      const texts = this.#rules?.();
      if (texts && thread.rules !== texts.version) {
        thread.rules = texts.version;
        thread.worker.postMessage({ kind: "rules", texts } satisfies BatchAsk);
      }
    }
    const id = this.#next++;
    thread.busy++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { thread, resolve, reject });
      thread.worker.postMessage({ kind: "task", id, task } satisfies BatchAsk, [...owned(task.body)]);
    });
  }

  /** An idle thread; one more when all have been busy for long and there may be more; else the least busy. */
  #free(): Thread {
    const [least] = this.#threads.toSorted((a, b) => a.busy - b.busy);
    const now = this.#clock?.();
    if (least?.busy === 0) this.#busySince = undefined;
    else if (least) this.#busySince ??= now;
    const long = now === undefined || now - (this.#busySince ?? now) >= busyMs;
    if (least && (least.busy === 0 || !long || this.#threads.length >= this.#count)) return least;
    if (this.#threads.length === 0) this.#stay(now);
    this.#busySince = undefined;
    const fresh = this.#start();
    this.#threads.push(fresh);
    return fresh;
  }

  #start(): Thread {
    const worker = new Worker(new URL(import.meta.resolve("./thread.ts")), {
      workerData: { secret: this.#secret },
      // a batch is read line by line, and next to nothing of it outlives a collection: with 48 MB they are a third as many as with
      // 16, 2 % less of the processor. Of the old generation a limit near what lives in it would have it gone through again and
      // again
      resourceLimits: { maxOldGenerationSizeMb: 2048, maxYoungGenerationSizeMb: 48 },
    });
    const thread: Thread = { worker, tags: undefined, rules: 0, busy: 0 };
    worker.unref();
    worker.on("message", (reply: BatchReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      thread.busy--;
      if (reply.failed !== undefined) waiting?.reject(new Error(reply.failed));
      else waiting?.resolve(reply.result);
      if (this.#waiting.size > 0) return;
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => void this.#rest(), restMs).unref();
    });
    const gone = (why: Error): void => {
      for (const [id, waiting] of this.#waiting)
        if (waiting.thread === thread) {
          this.#waiting.delete(id);
          waiting.reject(why);
        }
      this.#threads = this.#threads.filter((one) => one !== thread);
    };
    worker.on("error", gone);
    worker.on("exit", (code) => gone(new Error(`a reading thread ended with ${code}`)));
    return thread;
  }
}
