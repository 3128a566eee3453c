import { Worker } from "node:worker_threads";
import type { Fact } from "#detect/behaviour.ts";
import type { MatchedRecord, ScanCounts, ScanInput } from "#jobs/scan.ts";
import type { RecordHit } from "#jobs/scan-hit.ts";
import type { ScanAsk, ScanReply, ScanThreadData } from "#jobs/scan-messages.ts";

/** What becomes of one file. */
export interface ScannedFile {
  readonly file: string;
  readonly hits: readonly RecordHit[];
  readonly counts: ScanCounts;
  /** There is more of the file to come; `counts` says nothing yet. */
  readonly more?: true;
  /** Why its bytes could not be read to their end. */
  readonly failed?: unknown;
}

interface Told {
  readonly fact: (fact: Fact) => void;
  readonly matched: (matched: MatchedRecord) => void;
}

type FileInput = Pick<ScanInput, "file" | "chunks" | "received">;

/** Chunks of a file under way at once: one is read while the other is scanned. */
const chunksAhead = 3;

/** Files whose hits may wait for those of an earlier one. */
const filesAhead = 64;

/**
 * Scans files on several threads, one file each at a time. The files come out in the order in which they went in, and a
 * fault of ours in a thread ends the scan.
 */
export async function* scanOnThreads(
  inputs: readonly FileInput[],
  data: ScanThreadData,
  threads: number,
  told: Told,
): AsyncGenerator<ScannedFile, void, void> {
  const ends = inputs.map(() => Promise.withResolvers<ScannedFile>());
  // who reads them may have stopped at an earlier one
  for (const { promise } of ends) promise.catch(() => undefined);
  const started: ScanThread[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    const thread = new ScanThread(data);
    started.push(thread);
    while (next < inputs.length) {
      const at = next++;
      try {
        await ends[at - filesAhead]?.promise;
        ends[at]?.resolve(await thread.scan(inputs[at] as FileInput, told));
      } catch (error) {
        ends[at]?.reject(error);
        return;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(threads, inputs.length) }, lane);
  try {
    for (const { promise } of ends) yield await promise;
  } finally {
    await Promise.all(started.map((thread) => thread.close()));
    await Promise.all(lanes);
  }
}

class ScanThread {
  readonly #worker: Worker;
  #answer: ((reply: ScanReply) => void) | undefined;
  #fail: ((why: Error) => void) | undefined;

  constructor(data: ScanThreadData) {
    this.#worker = new Worker(new URL(import.meta.resolve("#jobs/scan-thread.ts")), { workerData: data });
    this.#worker.on("message", (reply: ScanReply) => this.#answer?.(reply));
    this.#worker.on("error", (error) => this.#fail?.(error as Error));
    this.#worker.on("exit", (code) => this.#fail?.(new Error(`a scanning thread ended with ${code}`)));
  }

  async scan({ file, chunks, received }: FileInput, told: Told): Promise<ScannedFile> {
    const hits: RecordHit[] = [];
    let counts: ScanCounts = { lines: 0, bytes: 0, hits: 0, rejected: {}, problems: [] };
    let open = 0;
    let wake = (): void => {};
    let broken: Error | undefined;
    this.#answer = (reply) => {
      open--;
      if (reply.failed !== undefined) broken = new Error(reply.failed);
      hits.push(...reply.hits);
      for (const fact of reply.facts) told.fact(fact);
      for (const matched of reply.matched) told.matched(matched);
      counts = reply.counts;
      wake();
    };
    this.#fail = (why) => {
      broken = why;
      wake();
    };
    const below = async (most: number): Promise<void> => {
      while (open > most && !broken) await new Promise<void>((resolve) => (wake = resolve));
      if (broken) throw broken;
    };
    this.#ask({ kind: "open", file, ...(received === undefined ? {} : { received }) });
    let failed: unknown;
    try {
      for await (const chunk of chunks) {
        open++;
        this.#ask({ kind: "chunk", bytes: chunk });
        await below(chunksAhead - 1);
      }
    } catch (error) {
      if (broken) throw error;
      failed = error;
    }
    open++;
    this.#ask({ kind: "end" });
    await below(0);
    return { file, hits, counts, ...(failed === undefined ? {} : { failed }) };
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(ask: ScanAsk): void {
    this.#worker.postMessage(ask);
  }
}
