import { createHash, type Hash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { type Problem, WaglanError } from "#core/result.ts";
import type { MoveInRun, MoveInSource } from "./port.ts";
import type { State, Tx } from "#jobs/ports.ts";

/** What taking in anything needs. */
export interface MovingIn {
  readonly state: State;
  /** Of the deployment: makes ids opaque. */
  readonly secret: string;
  readonly now: () => Instant;
}

/** Problems kept with a run; all of them are told to who runs it. */
const keptProblems = 200;

/** Told of each problem, with its place, and after each batch of how far it is. */
export interface Telling {
  readonly problem: (problem: Problem) => void;
  readonly reached: (rows: number) => void;
}

/**
 * One taking in, as it goes. Every batch commits with how far the run is, so that a run that was killed goes on behind its
 * last batch: the rows it had done are read again and hashed, and passed over when they are still the same.
 */
export class Run {
  readonly #moving: MovingIn;
  readonly #telling: Telling;
  readonly #counts: Record<string, number>;
  readonly #problems: Problem[];
  readonly #done: number;
  readonly #digestOfDone: string;
  readonly #hash: Hash = createHash("sha256");
  #kept: MoveInRun;
  #rows = 0;
  #refused: number;

  constructor(moving: MovingIn, telling: Telling, kept: MoveInRun) {
    this.#moving = moving;
    this.#telling = telling;
    this.#kept = kept;
    this.#counts = { ...kept.counts };
    this.#problems = [...kept.problems];
    this.#refused = kept.refused;
    this.#done = kept.rows;
    this.#digestOfDone = kept.digest;
  }

  /** Rows an earlier, unfinished run of this place had done. */
  get done(): number {
    return this.#done;
  }

  get rows(): number {
    return this.#rows;
  }

  /** @returns false: an earlier run had done it. Throws when that turns out to have been another file. */
  take(text: string | Uint8Array): boolean {
    this.#rows++;
    this.#hash.update(text).update("\n");
    if (this.#rows > this.#done) return true;
    if (this.#rows === this.#done && this.#hash.copy().digest("hex") !== this.#digestOfDone) throw new Another();
    return false;
  }

  count(word: string, by: number = 1): void {
    if (by !== 0) this.#counts[word] = (this.#counts[word] ?? 0) + by;
  }

  refuse(problem: Problem): void {
    this.#refused++;
    if (this.#problems.length < keptProblems) this.#problems.push(problem);
    this.#telling.problem(problem);
  }

  /** Taken all the same, but not all of it. */
  note(problem: Problem): void {
    this.count("taken with a note");
    this.#telling.problem(problem);
  }

  /** One batch and how far it brings the run, in one transaction. Counts of the batch are made inside `work`. */
  async batch(work: (tx: Tx) => Promise<void>): Promise<void> {
    const before = { ...this.#counts };
    try {
      await this.#moving.state.act(async (tx) => {
        await work(tx);
        await this.write(tx);
      });
    } catch (error) {
      for (const word of Object.keys(this.#counts)) delete this.#counts[word];
      Object.assign(this.#counts, before);
      throw error;
    }
    this.#telling.reached(this.#rows);
  }

  /** Writes how far the run is, as part of `tx`. */
  async write(tx: Tx, ended?: Instant): Promise<MoveInRun> {
    this.#kept = {
      ...this.#kept,
      touched: this.#moving.now(),
      ...(ended === undefined ? {} : { ended }),
      rows: this.#rows,
      digest: this.#hash.copy().digest("hex"),
      counts: { ...this.#counts },
      problems: this.#problems,
      refused: this.#refused,
    };
    await tx.moveIn.reach(this.#kept);
    return this.#kept;
  }
}

/** What an unfinished run had read is not what is read now. */
class Another extends Error {}

/**
 * Takes one place in, from where an unfinished run of it stopped. Two processes never take the same source in at once.
 *
 * @throws WGL_MOVE_BUSY
 */
export const moveIn = async (
  moving: MovingIn,
  telling: Telling,
  source: MoveInSource,
  place: string,
  work: (run: Run) => Promise<void>,
): Promise<MoveInRun> => {
  const done = await moving.state.alone(`move-in:${source}`, async () => {
    const { state, now } = moving;
    const past = await state.act((tx) => tx.moveIn.unfinished(source, place));
    const once = async (kept: MoveInRun): Promise<MoveInRun> => {
      const run = new Run(moving, telling, kept);
      await work(run);
      return state.act((tx) => run.write(tx, now()));
    };
    const fresh = (): Promise<MoveInRun> => state.act((tx) => tx.moveIn.begin(source, place, now()));
    if (past === undefined) return once(await fresh());
    try {
      const ended = await once(past);
      if (ended.rows >= past.rows) return ended;
    } catch (error) {
      if (!(error instanceof Another)) throw error;
    }
    // another file stands there now, or a shorter one: the run that stopped is over, and this one is its own
    await state.act((tx) => tx.moveIn.reach({ ...past, touched: now(), ended: now() }));
    return once(await fresh());
  });
  if (done === undefined) throw new WaglanError("WGL_MOVE_BUSY", { source });
  return done;
};
