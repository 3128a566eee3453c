import type { PackDecision } from "#detect/sigma/packs.ts";
import { atOnce, type InTurns } from "./in-turns.ts";
import type { EdgeShelf } from "./shelf-port.ts";
import {
  calledOf,
  type FileHead,
  type FilePlace,
  headLines,
  headsOf,
  placeOf,
  runsOf,
  SavedHeads,
} from "./rule-heads.ts";
import { type AnsweredRules, digestOf } from "./rules-answer.ts";
import type { LogSource } from "#telemetry/format.ts";

/**
 * Which rules the local past was asked by as they stand. A rule that is new, changed or enabled again is told by `learn`;
 * files that are as they were are not parsed anew, and between two answers of the centre nothing of it is in memory.
 */
export class LearnedRules {
  readonly #small: Pick<EdgeShelf["small"], "read" | "write">;

  constructor({ small }: { readonly small: Pick<EdgeShelf["small"], "read" | "write"> }) {
    this.#small = small;
  }

  /**
   * @param before rules that were in force until now; where nothing was noted of them (a version before did not), they count
   *               as known
   * @param fresh  is told of rules that say something else than they did, by id or title, before that is noted: what a
   *               process that is killed did not note is told again
   */
  learn(
    given: AnsweredRules,
    before: () => AnsweredRules | undefined,
    fresh: (rules: readonly string[]) => void,
  ): void {
    atOnce(this.learning(given, before, fresh));
  }

  /** `learn` in turns; from where `fresh` is told to the end it is one. */
  *learning(
    given: AnsweredRules,
    before: () => AnsweredRules | undefined,
    fresh: (rules: readonly string[]) => void,
  ): InTurns<void> {
    const saved = this.#saved();
    const known = saved?.rules() ?? wordsBefore(before());
    const said = new SaidRules(given.decisions);
    const heads = function* (): Generator<FileHead, void, void> {
      for (const head of headsOf(given, saved)) {
        said.add(head);
        yield head;
      }
    };
    // not as strings: two megabytes that are no matter of the collector
    const pieces: Uint8Array[] = [];
    for (const piece of headLines(given.version, heads())) {
      pieces.push(Buffer.from(piece));
      yield;
    }
    const words = said.words();
    const others = [...words].flatMap(([rule, one]) => (known[rule] === one ? [] : [rule]));
    if (others.length > 0) fresh(said.inOrder(others));
    this.#small.write("hunted-rules", [...pieces, JSON.stringify(Object.fromEntries(words))]);
  }

  /** What stands in the files of a version, without reading them where it was noted. @param given all of it, where it was not */
  heads(version: string, given: () => AnsweredRules | undefined): Iterable<FileHead> {
    const saved = this.#saved();
    if (saved?.version === version) return saved.all();
    const rules = given();
    return rules === undefined ? [] : headsOf(rules, saved);
  }

  /** Notes heads where a version before did not. */
  note(given: AnsweredRules, fresh: (rules: readonly string[]) => void): void {
    if (this.#saved()?.version === "") this.learn(given, () => given, fresh);
  }

  #saved(): SavedHeads | undefined {
    const bytes = this.#small.read("hunted-rules");
    return bytes && SavedHeads.read(bytes);
  }
}

/**
 * The files that these rules stand on: their own, filters, correlations (a rule that only feeds one does not speak) and what
 * those name.
 */
export const filesBelow = (heads: () => Iterable<FileHead>, wanted: readonly string[]): readonly FilePlace[] => {
  const asked = new Set(wanted);
  const named = new Set(wanted);
  const below = (names: ReadonlySet<string>): readonly FilePlace[] => {
    const needed: FilePlace[] = [];
    for (const head of heads()) {
      const { rules, filters, correlates } = head;
      for (const name of correlates) named.add(name);
      if (filters.length + correlates.length > 0 || rules.some((rule) => calledOf(rule).some((one) => names.has(one))))
        needed.push(placeOf(head));
    }
    return needed;
  };
  const needed = below(asked);
  // most rules are named by no correlation, and then one look at the heads is enough
  return named.size === asked.size ? needed : below(named);
};

const wordsBefore = (rules: AnsweredRules | undefined): Readonly<Record<string, string>> => {
  if (rules === undefined) return {};
  const said = new SaidRules(rules.decisions);
  for (const head of headsOf(rules)) said.add(head);
  return Object.fromEntries(said.words());
};

/** What a rule in force says: its file, and the log source it speaks of. */
interface RuleWord {
  readonly digest: string;
  readonly name?: string;
  readonly of: string;
}

/** As the centre says it of its own (jobs/hunt/rule.ts): of each rule that runs its file, and the filters that are laid over it. */
class SaidRules {
  readonly #decisions: readonly PackDecision[];
  readonly #rules = new Map<string, RuleWord>();
  readonly #filters: { readonly digest: string; readonly over: "any" | readonly string[] }[] = [];
  /** Log sources, each text once. */
  readonly #sources = new Map<string, string>();

  constructor(decisions: readonly PackDecision[]) {
    this.#decisions = decisions;
  }

  add({ path, digest, rules, filters }: FileHead): void {
    for (const filter of filters)
      if (runsOf(filter, path, this.#decisions)) this.#filters.push({ digest, over: filter.over });
    for (const rule of rules) {
      const called = rule.id ?? rule.title;
      // of two with one id the first is asked
      if (this.#rules.has(called) || !runsOf(rule, path, this.#decisions)) continue;
      const of = this.#source(rule.of);
      this.#rules.set(called, { digest, of, ...(rule.name === undefined ? {} : { name: rule.name }) });
    }
  }

  words(): ReadonlyMap<string, string> {
    const words = new Map<string, string>();
    for (const [called, { digest, name }] of this.#rules) {
      const over = this.#filters.flatMap((filter) =>
        filter.over === "any" || filter.over.some((one) => one === name || one.toLowerCase() === called)
          ? [filter.digest]
          : [],
      );
      words.set(called, over.length === 0 ? digest : digestOf([digest, ...over].join(" ")));
    }
    return words;
  }

  /**
   * Rules that speak of the same records beside each other: they are asked some hundred at once, and whatever records none of
   * these can speak of are not read for them.
   */
  inOrder(rules: readonly string[]): readonly string[] {
    const of = (rule: string): string => this.#rules.get(rule)?.of ?? "";
    return rules.toSorted((a, b) => compared(of(a), of(b)));
  }

  #source({ product, category, service }: LogSource): string {
    const text = [product, category, service].map((one) => one ?? "").join(" ");
    const known = this.#sources.get(text);
    if (known === undefined) this.#sources.set(text, text);
    return known ?? text;
  }
}

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
