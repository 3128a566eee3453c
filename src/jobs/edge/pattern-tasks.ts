import type { Instant } from "#core/instant.ts";
import type { Problem, Result } from "#core/result.ts";
import { answerOf, codesOf, refusalOf, type Sighting } from "./answering.ts";
import type { EdgeEntry, HuntTask, PatternedTask } from "./edge-state.ts";
import { type PatternGround, PatternSearch } from "./hunting-pattern.ts";
import { goneOn, isDue, isTold, OneTask } from "./one-task.ts";
import { textAtMost } from "#jobs/hunt/state.ts";
import type { ParcelLooked, ParcelPatterned } from "#jobs/sensors/parcel.ts";
import type { SensorAsk, SensorAskPattern } from "#jobs/sensors/wire.ts";

/** What patterns are asked with. */
export type PatternAround = Pick<PatternGround, "past" | "secret"> & { readonly networks: () => readonly string[] };

/** STIX patterns that the centre asks of the local past. */
export class PatternTasks {
  readonly #around: PatternAround;
  readonly #one = new OneTask<Result<PatternSearch>>();

  constructor(around: PatternAround) {
    this.#around = around;
  }

  /** A page of what the centre asks. @returns undefined: there is more, and nothing to write down yet */
  async asked(
    task: HuntTask,
    { id, from, to }: SensorAsk,
    { pattern }: SensorAskPattern,
    now: Instant,
  ): Promise<EdgeEntry | undefined> {
    const refuse = (why: Problem): EdgeEntry => ({
      ...{ kind: "found", at: now, out: [refusalOf(task, why)], hunted: id },
    });
    return this.#one.trying(refuse, async () => {
      const { past, secret, networks } = this.#around;
      const ground: PatternGround = { past, secret, from, to, networks: networks() };
      const open = () => PatternSearch.open(pattern, ground, task.patterned?.open ?? []);
      const one = await this.#one.at(task, open, now);
      if (!one.search.ok) return refuse(one.search.problem);
      const search = one.search.value;
      const page = await search.page(one.task);
      goneOn(one, {
        found: page.found.map(sighting),
        records: page.patterned.read - (one.task.patterned?.read ?? 0),
        patterned: page.patterned,
        ...(page.after === undefined ? {} : { after: page.after }),
      });
      const done = page.after === undefined;
      if (!done && !isDue(one, search.together, now)) return undefined;
      const told = done || isTold(one, page.patterned.told, now);
      const patterned = { ...page.patterned, ...(told ? { told: now } : {}) };
      const looked = told ? { looked: lookedOf(patterned, search.toRead) } : {};
      const answered = answerOf(one.task, { found: one.pending, done, anyway: told, ...looked });
      return this.#one.entry(one, { ...answered.task, patterned }, answered.out, done, now);
    });
  }

  /** Its entry stands in the log. */
  written(entry: { readonly hunt?: HuntTask; readonly hunted?: string }): void {
    this.#one.written(entry);
  }

  /** Lets go of a task that is not among these. */
  keep(ids: readonly string[]): void {
    this.#one.keep(ids);
  }
}

const sighting = (one: ParcelPatterned): Sighting => ({
  patterned: { ...one, text: one.text.slice(0, textAtMost) },
});

const lookedOf = ({ read, matches, unread, undecided, letGo }: PatternedTask, toRead: number): ParcelLooked => ({
  ...{ read, toRead: Math.max(read, toRead), blind: 0, unread: codesOf(unread), unseen: [] },
  pattern: { matches, letGo, undecided: codesOf(undecided) },
});
