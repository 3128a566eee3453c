import type { Fact } from "./behaviour.ts";

/** Facts in their order; those before `from` were taken. */
interface Run {
  facts: Fact[];
  from: number;
}

/**
 * Facts that wait for their time, to be taken in the order of `at`, then `id`; of two that are alike in both, which are one record
 * that came twice, in the order of where they stand, so that nothing hangs on which was added first.
 *
 * They lie in sorted runs of falling length: what was added since is a run of its own when something is taken, and runs
 * that are nearly as long as the one behind them become one. So a batch costs as much as it has, and the logarithm of what
 * waits, however much that is.
 */
export class Waiting {
  #runs: Run[] = [];
  #added: Fact[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(fact: Fact): void {
    this.#added.push(fact);
    this.#size++;
  }

  clear(): void {
    this.#runs = [];
    this.#added = [];
    this.#size = 0;
  }

  /** All of them; taking goes on as before. */
  all(): readonly Fact[] {
    return [...this.#runs.flatMap(({ facts, from }) => facts.slice(from)), ...this.#added];
  }

  /** Those up to this moment, in their order. */
  take(border: number): readonly Fact[] {
    this.#close();
    let taken: Fact[] = [];
    for (const run of this.#runs) {
      const end = endOf(run, border);
      if (end === run.from) continue;
      taken = merged(taken, run.facts.slice(run.from, end));
      run.from = end;
      // what was taken is let go, when it is most of it
      if (2 * end > run.facts.length) {
        run.facts = run.facts.slice(end);
        run.from = 0;
      }
    }
    if (taken.length > 0) {
      this.#size -= taken.length;
      this.#runs = this.#runs.filter(({ facts, from }) => from < facts.length);
    }
    return taken;
  }

  /** What was added becomes a run. */
  #close(): void {
    if (this.#added.length === 0) return;
    let facts = this.#added.sort(inOrder);
    this.#added = [];
    for (let before = this.#runs.at(-1); before; before = this.#runs.at(-1)) {
      if (before.facts.length - before.from > 2 * facts.length) break;
      facts = merged(before.facts.slice(before.from), facts);
      this.#runs.pop();
    }
    this.#runs.push({ facts, from: 0 });
  }
}

const inOrder = (a: Fact, b: Fact): number =>
  a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.from < b.from ? -1 : a.from > b.from ? 1 : a.line - b.line);

/** Both in their order. */
const merged = (earlier: Fact[], later: Fact[]): Fact[] => {
  const [last, first] = [earlier.at(-1), later[0]];
  if (!last || !first) return last ? earlier : later;
  const all = earlier.concat(later);
  // engines sort two runs by merging them
  return inOrder(last, first) <= 0 ? all : all.sort(inOrder);
};

/** How far the facts of a run are up to this moment. */
const endOf = ({ facts, from }: Run, border: number): number => {
  let low = from;
  let high = facts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((facts[middle] as Fact).at <= border) low = middle + 1;
    else high = middle;
  }
  return low;
};
