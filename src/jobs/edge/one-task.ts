import { type Instant, minute, second } from "#core/instant.ts";
import { problem, type Problem, WaglanError } from "#core/result.ts";
import type { Sighting } from "./answering.ts";
import type { EdgeEntry, HuntTask } from "./edge-state.ts";
import type { ParcelContent } from "#jobs/sensors/parcel.ts";

/** The task this process is at: a walk through the local past, and what it gave that is not written down yet. */
export interface Underway<S> {
  readonly id: string;
  readonly search: S;
  /** As it stands behind the last page, which need not be written down yet. */
  task: HuntTask;
  pending: Sighting[];
  /** When it was last written down, and records since. */
  since: Instant;
  records: number;
  /** An entry was made and not yet written: what it holds is lost when it never is. */
  open: boolean;
}

/**
 * When a task is written down, at the latest: where it found something, after so many records, or so long. What is known of
 * several records together is part of it, and is written more rarely.
 */
const writes = {
  single: { found: 1, records: 20_000, ms: 10 * second },
  together: { found: 500, records: 200_000, ms: minute },
} as const;
/** How often is said how far an ask is. */
const toldEvery = 20 * second;

/** Of tasks that read the local past record by record the one that is under way, a page a turn. */
export class OneTask<S> {
  #underway: Underway<S> | undefined;

  /** A task on which the evaluator fails is said, and stops nothing else. */
  async trying(
    refuse: (why: Problem) => EdgeEntry,
    work: () => Promise<EdgeEntry | undefined>,
  ): Promise<EdgeEntry | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#underway = undefined;
      if (error instanceof WaglanError) throw error;
      return refuse(problem("WGL_SENSOR_ASK", { what: error instanceof Error ? error.message : String(error) }));
    }
  }

  async at(task: HuntTask, open: () => Promise<S>, now: Instant): Promise<Underway<S>> {
    if (this.#underway?.id === task.id && !this.#underway.open) return this.#underway;
    this.#underway = undefined;
    const search = await open();
    this.#underway = { id: task.id, search, task, pending: [], since: now, records: 0, open: false };
    return this.#underway;
  }

  /** What is to be written down of it now. */
  entry(one: Underway<S>, task: HuntTask, out: readonly ParcelContent[], done: boolean, at: Instant): EdgeEntry {
    one.task = task;
    one.pending = [];
    one.since = at;
    one.records = 0;
    one.open = true;
    return { kind: "found", at, out, ...(done ? { hunted: one.id } : { hunt: task }) };
  }

  /** Its entry stands in the log. */
  written({ hunt, hunted }: { readonly hunt?: HuntTask; readonly hunted?: string }): void {
    const one = this.#underway;
    if (one === undefined) return;
    if (hunted === one.id) this.#underway = undefined;
    else if (hunt?.id === one.id) one.open = false;
  }

  /** Lets go of a task that is not among these. */
  keep(ids: readonly string[]): void {
    if (this.#underway !== undefined && !ids.includes(this.#underway.id)) this.#underway = undefined;
  }
}

/** A page more of it was read. */
export const goneOn = (
  one: Underway<unknown>,
  {
    found,
    records,
    after,
    ...more
  }: Pick<HuntTask, "after" | "ruled" | "patterned"> & {
    readonly found: readonly Sighting[];
    /** Read in this page. */
    readonly records: number;
  },
): void => {
  one.records += records;
  for (const sighting of found) one.pending.push(sighting);
  const { after: _, ...rest } = one.task;
  one.task = { ...rest, ...more, ...(after === undefined ? {} : { after }) };
};

/** @param together what is known of several records is part of the task */
export const isDue = (
  { pending, records, since }: Pick<Underway<unknown>, "pending" | "records" | "since">,
  together: boolean,
  now: Instant,
): boolean => {
  const { found, records: most, ms } = together ? writes.together : writes.single;
  return pending.length >= found || records >= most || now - since >= ms || now < since;
};

/** Whether an ask says how far it is. @param told when it last did */
export const isTold = (one: Pick<Underway<unknown>, "pending">, told: Instant | undefined, now: Instant): boolean =>
  one.pending.length > 0 || now - (told ?? 0) >= toldEvery;
