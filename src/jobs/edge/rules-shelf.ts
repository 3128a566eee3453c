import { ok, type Problem, type Result } from "#core/result.ts";
import type { SensorRules } from "#jobs/sensors/wire.ts";
import { filesIn, type RulesInForce, type RulesOnShelf } from "./edge-rules.ts";
import type { InTurns } from "./in-turns.ts";
import { filesBelow, LearnedRules } from "./learning-rules.ts";
import type { FileHead, FilePlace } from "./rule-heads.ts";
import { type AnsweredRules, readingRules, readRulesAnswer, type RulesJson, textAt } from "./rules-answer.ts";
import type { EdgeShelf, SmallName } from "./shelf-port.ts";

/** The rules that the centre gave, on the shelf: a file at a time is read from there, and all of them are never in memory. */
export class RulesShelf implements RulesOnShelf {
  readonly #small: EdgeShelf["small"];
  readonly #learned: LearnedRules;
  readonly #trouble: (problem: Problem) => void;

  constructor(shelf: Pick<EdgeShelf, "small">, trouble: (problem: Problem) => void) {
    this.#small = shelf.small;
    this.#learned = new LearnedRules(shelf);
    this.#trouble = trouble;
  }

  /** Those in force; undefined: there are none. @param fresh as of `taking` */
  load(fresh: (rules: readonly string[]) => void): AnsweredRules | undefined {
    const rules = this.#stored();
    if (rules) this.#learned.note(rules, fresh);
    return rules;
  }

  /**
   * Those that lie there as "rules-next" take the place of the others. Until it ends those before are in force; from where
   * `fresh` is told to the end it is one turn, so that no record comes between.
   *
   * @param fresh is told of rules that say something new
   * @returns WGL_SENSOR_ANSWER
   */
  *taking(fresh: (rules: readonly string[]) => void): InTurns<Result<AnsweredRules>> {
    const at: { name: SmallName } = { name: "rules-next" };
    const read = yield* readingRules(this.#json(at));
    if (!read.ok) return read;
    yield* this.#learned.learning(read.value, () => this.#stored(), fresh);
    this.#small.move("rules-next", "rules");
    at.name = "rules";
    return ok(read.value);
  }

  heads(version: string): Iterable<FileHead> {
    return this.#learned.heads(version, () => this.#stored());
  }

  text({ at }: FilePlace): string {
    return at === undefined ? "" : textAt(this.#json({ name: "rules" }), at);
  }

  /** The files that these rules stand on. */
  filesOf({ version, decisions }: RulesInForce, wanted: readonly string[]): Pick<SensorRules, "packs" | "decisions"> {
    return {
      packs: filesIn(
        this,
        filesBelow(() => this.heads(version), wanted),
      ),
      decisions,
    };
  }

  #stored(): AnsweredRules | undefined {
    if (this.#small.size("rules") === undefined) return undefined;
    const read = readRulesAnswer(this.#json({ name: "rules" }));
    if (read.ok) return read.value;
    this.#trouble(read.problem);
    return undefined;
  }

  /** Parts of it are read when they are asked for, from where it lies by then. */
  #json(at: { readonly name: SmallName }): RulesJson {
    return { length: this.#small.size(at.name) ?? 0, part: (from, to) => this.#small.part(at.name, from, to) };
  }
}
