import { Worker } from "node:worker_threads";
import type { Fact } from "#detect/behaviour.ts";
import type { MatchedRecord, ScanCounts, ScanInput } from "./scan.ts";
import type { RecordHit } from "./hit.ts";
import type { ScanAsk, ScanReply, ScanThreadData } from "./messages.ts";
import { cuttableFormat, type FileStretch, type LongLine, StretchCutter, withHead } from "./stretches.ts";
import type { Format } from "#telemetry/format.ts";
import { longProblem } from "#telemetry/lines.ts";

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

export type FileInput = Pick<ScanInput, "file" | "chunks" | "received">;

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
  pool: ScanPool,
  told: Told,
): AsyncGenerator<ScannedFile, void, void> {
  const ends = inputs.map(() => Promise.withResolvers<ScannedFile>());
  // who reads them may have stopped at an earlier one
  for (const { promise } of ends) promise.catch(() => undefined);
  let next = 0;
  let over = false;
  const lane = async (_: unknown, number: number): Promise<void> => {
    const thread = pool.thread(number);
    while (next < inputs.length && !over) {
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
  const lanes = Array.from({ length: Math.min(pool.size, inputs.length) }, lane);
  try {
    for (const { promise } of ends) yield await promise;
    await Promise.all(lanes);
  } finally {
    over = true;
  }
}

/** Threads of one scan, started when they are first asked for: compiling thousands of rules is done once in each. */
export class ScanPool {
  readonly size: number;
  readonly #data: ScanThreadData;
  readonly #threads: (ScanThread | undefined)[] = [];

  constructor(data: ScanThreadData, size: number) {
    this.#data = data;
    this.size = size;
  }

  thread(number: number): ScanThread {
    return (this.#threads[number] ??= new ScanThread(this.#data));
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.flatMap((thread) => thread?.close() ?? []));
  }
}

const nothingYet: ScanCounts = { lines: 0, bytes: 0, hits: 0, rejected: {}, problems: [] };

/** Stretches under way at once for each thread: one is scanned while the next lies ready. */
const stretchesAhead = 2;

/**
 * Scans one large file on all threads: it is cut at the ends of lines, and what the stretches give comes out in the order of
 * the file, line by line as if one thread had read it. A file that cannot be cut is one thread's.
 */
export async function* scanInStretches(
  { file, chunks, received }: FileInput,
  formats: readonly Format[],
  pool: ScanPool,
  told: Told,
): AsyncGenerator<ScannedFile, void, void> {
  const begun = await withHead(chunks).catch((error: unknown) => ({ failed: error }));
  const about = { file, ...(received === undefined ? {} : { received }) };
  if ("failed" in begun) {
    yield { file, hits: [], counts: nothingYet, failed: begun.failed };
    return;
  }
  const format = cuttableFormat(begun.head, formats);
  if (format === undefined) {
    yield await pool.thread(0).scan({ ...about, chunks: begun.chunks }, told);
    return;
  }
  const total = { lines: 0, bytes: 0, hits: 0, rejected: {} as Record<string, number>, format: format.id };
  const problems: ScanCounts["problems"] = [];
  const waiting: Promise<ScannedStretch>[] = [];
  const free = Array.from({ length: pool.size * stretchesAhead }, (_, number) => number % pool.size);
  /** Adds what the oldest gave, its lines counted on from those before it. */
  const next = async (): Promise<ScannedFile> => {
    const { hits, facts, matched, counts, thread } = await (waiting.shift() as Promise<ScannedStretch>);
    if (thread !== undefined) free.push(thread);
    const before = total.lines;
    for (const fact of facts) told.fact({ ...fact, line: fact.line + before });
    for (const one of matched) told.matched({ ...one, line: one.line + before });
    for (const { line, problem } of counts.problems)
      if (problems.length < problemsKept) problems.push({ line: line + before, problem });
    for (const [code, count] of Object.entries(counts.rejected))
      total.rejected[code] = (total.rejected[code] ?? 0) + count;
    total.lines += counts.lines;
    total.bytes += counts.bytes;
    total.hits += counts.hits;
    return { file, hits: hits.map((hit) => ({ ...hit, line: hit.line + before })), counts: nothingYet, more: true };
  };
  const cutter = new StretchCutter(format);
  const give = (one: FileStretch | LongLine): void => {
    if ("long" in one) {
      waiting.push(Promise.resolve(longStretch(one.long)));
      return;
    }
    const thread = free.shift() ?? 0;
    const scanned = pool.thread(thread).stretch(about, one, format.id);
    scanned.catch(() => undefined);
    waiting.push(scanned.then((done) => ({ ...done, thread })));
  };
  let failed: unknown;
  const pieces = (async function* () {
    for await (const chunk of begun.chunks) yield* cutter.push(chunk);
    yield* cutter.end();
  })();
  for (;;) {
    let one: IteratorResult<FileStretch | LongLine, void>;
    try {
      one = await pieces.next();
    } catch (error) {
      failed = error;
      for (const rest of cutter.end()) give(rest);
      break;
    }
    if (one.done === true) break;
    while (free.length === 0) yield await next();
    give(one.value);
  }
  while (waiting.length > 0) yield await next();
  yield { file, hits: [], counts: { ...total, problems }, ...(failed === undefined ? {} : { failed }) };
}

/** As a reader of the whole file keeps them. */
const problemsKept = 100;

interface ScannedStretch extends Pick<ScanReply, "hits" | "facts" | "matched" | "counts"> {
  readonly thread?: number;
}

const longStretch = (length: number): ScannedStretch => ({
  ...{ hits: [], facts: [], matched: [] },
  counts: {
    ...{ lines: 1, bytes: length + 1, hits: 0, rejected: { WGL_LINE_LONG: 1 } },
    problems: [{ line: 1, problem: longProblem(length) }],
  },
});

export class ScanThread {
  readonly #worker: Worker;
  #answer: ((reply: ScanReply) => void) | undefined;
  #fail: ((why: Error) => void) | undefined;

  constructor(data: ScanThreadData) {
    this.#worker = new Worker(new URL(import.meta.resolve("./thread.ts")), { workerData: data });
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

  /** One stretch of a file after the other, in the order in which they are asked for. */
  stretch(
    about: Pick<FileInput, "file" | "received">,
    { bytes, heading }: FileStretch,
    format: string,
  ): Promise<ScannedStretch> {
    const scanned = this.#last.then(() => this.#stretch(about, bytes, heading, format));
    this.#last = scanned.catch(() => undefined);
    return scanned;
  }

  #last: Promise<unknown> = Promise.resolve();

  async #stretch(
    about: Pick<FileInput, "file" | "received">,
    bytes: Uint8Array,
    heading: readonly string[],
    format: string,
  ): Promise<ScannedStretch> {
    const done = Promise.withResolvers<ScannedStretch>();
    const gathered = { hits: [] as RecordHit[], facts: [] as Fact[], matched: [] as MatchedRecord[] };
    let open = 2;
    this.#answer = (reply) => {
      if (reply.failed !== undefined) done.reject(new Error(reply.failed));
      gathered.hits.push(...reply.hits);
      gathered.facts.push(...reply.facts);
      gathered.matched.push(...reply.matched);
      if (--open === 0) done.resolve({ ...gathered, counts: reply.counts });
    };
    this.#fail = done.reject;
    this.#ask({ kind: "open", ...about, stretch: { format, heading } });
    this.#ask({ kind: "chunk", bytes });
    this.#ask({ kind: "end" });
    return done.promise;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(ask: ScanAsk): void {
    this.#worker.postMessage(ask);
  }
}
