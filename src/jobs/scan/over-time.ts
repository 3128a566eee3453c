import { hour, type Instant } from "#core/instant.ts";
import { worse } from "#core/severity.ts";
import type { Behaviour, BehaviourHit, Fact, Surroundings } from "#detect/behaviour.ts";
import { Correlator } from "#detect/sigma/correlator.ts";
import type { Correlated } from "#detect/sigma/correlation-plan.ts";
import { Watchers, type Wishes } from "#detect/watchers.ts";
import type { ScanPlace, TimedHit } from "./hit.ts";
import type { MatchedRecord } from "./scan.ts";
import type { ScanRules } from "./rules.ts";

/** Where facts wait when there are too many for memory; by the hour. */
export interface FactShelf {
  readonly put: (hour: number, lines: string) => void;
  /** All lines of an hour. */
  readonly take: (hour: number) => string;
}

export interface OverTime {
  readonly behaviours: readonly Behaviour[];
  readonly around: Surroundings;
  readonly wishes?: Wishes;
  readonly rules?: ScanRules;
  readonly shelf?: FactShelf;
  readonly since?: Instant;
  /** Facts held in memory before they go to the shelf. */
  readonly inMemory?: number;
}

/** What was left out; shown, so that nobody takes silence for peace. */
export interface OverTimeCounts {
  readonly facts: number;
  /** Records that had come before: the same file twice, or lines sent again. */
  readonly twice: number;
  readonly ungrouped: number;
  readonly forgotten: number;
}

/**
 * Gathers what the files of a scan say, in any order, and at the end lets the clock run: behaviours and correlations see
 * every record in the order in which it could be known, each once. So it does not matter which file came first, whether a
 * line was delivered late or twice.
 */
export class ScanOverTime {
  readonly #options: OverTime;
  readonly #hours = new Map<number, Fact[]>();
  readonly #shelved = new Set<number>();
  readonly #matched = new Map<string, MatchedRecord>();
  readonly #correlator: Correlator | undefined;
  #held = 0;
  #facts = 0;
  #twice = 0;
  #forgotten = 0;

  constructor(options: OverTime) {
    this.#options = options;
    this.#correlator =
      options.rules && options.rules.plans.length > 0 ? new Correlator(options.rules.plans) : undefined;
  }

  get counts(): OverTimeCounts {
    const { ungrouped = 0, evicted = 0 } = this.#correlator?.counts ?? {};
    return { facts: this.#facts, twice: this.#twice, ungrouped, forgotten: this.#forgotten + evicted };
  }

  readonly fact = (fact: Fact): void => {
    if (this.#options.behaviours.length === 0) return;
    const slot = Math.floor(fact.at / hour);
    const facts = this.#hours.get(slot);
    if (facts) facts.push(fact);
    else this.#hours.set(slot, [fact]);
    this.#facts++;
    this.#held++;
    if (this.#options.shelf && this.#held > (this.#options.inMemory ?? 400_000)) this.#shelve(this.#options.shelf);
  };

  readonly matched = (matched: MatchedRecord): void => {
    if (!this.#correlator) return;
    this.#matched.set(`${matched.rule} ${matched.id}`, matched);
    this.#correlator.offer({ ...matched, field: (name) => matched.fields[name] });
  };

  /** Everything is there: what it shows, in the order in which it is spoken. */
  *end(): Generator<TimedHit, void, void> {
    const correlated = this.#correlator?.settle(Number.MAX_SAFE_INTEGER) ?? [];
    let next = 0;
    const told = (hit: TimedHit): readonly TimedHit[] =>
      this.#options.since !== undefined && hit.time < this.#options.since ? [] : [hit];
    for (const hit of this.#behave()) {
      for (; next < correlated.length && (correlated[next]?.time ?? 0) <= hit.time; next++)
        yield* told(this.#correlation(correlated[next] as Correlated));
      yield* told(this.#behaviour(hit));
    }
    for (; next < correlated.length; next++) yield* told(this.#correlation(correlated[next] as Correlated));
  }

  *#behave(): Generator<BehaviourHit, void, void> {
    const { behaviours, around, wishes } = this.#options;
    if (behaviours.length === 0) return;
    const watchers = new Watchers(behaviours, around, wishes);
    const slots = [...new Set([...this.#hours.keys(), ...this.#shelved])].sort((a, b) => a - b);
    for (const slot of slots) {
      const facts = this.#takeHour(slot);
      // the same record has the same time, so that it can only stand in the same hour
      const seen = new Set<string>();
      for (const fact of facts) {
        if (seen.has(fact.id)) {
          this.#twice++;
          continue;
        }
        seen.add(fact.id);
        yield* watchers.take(fact);
      }
    }
    this.#forgotten = Object.values(watchers.forgotten()).reduce((sum, count) => sum + count, 0);
  }

  #takeHour(slot: number): readonly Fact[] {
    const facts = this.#hours.get(slot) ?? [];
    this.#hours.delete(slot);
    if (this.#shelved.has(slot))
      for (const line of this.#options.shelf?.take(slot).split("\n") ?? [])
        if (line !== "") facts.push(JSON.parse(line) as Fact);
    return facts.sort(
      (a, b) =>
        a.at - b.at ||
        (a.id < b.id ? -1 : a.id > b.id ? 1 : a.from < b.from ? -1 : a.from > b.from ? 1 : a.line - b.line),
    );
  }

  #shelve(shelf: FactShelf): void {
    for (const [slot, facts] of this.#hours) {
      shelf.put(slot, `${facts.map((fact) => JSON.stringify(fact)).join("\n")}\n`);
      this.#shelved.add(slot);
    }
    this.#hours.clear();
    this.#held = 0;
  }

  #behaviour(hit: BehaviourHit): TimedHit {
    const evidence = hit.evidence.map(({ from, line }): ScanPlace => ({ file: from, line }));
    return {
      detector: hit.behaviour,
      title: hit.behaviour,
      ...lastOf(evidence),
      ...{ time: hit.time, first: hit.first, last: hit.last, severity: hit.severity, attack: hit.attack },
      tactics: this.#options.behaviours.find(({ id }) => id === hit.behaviour)?.tactics ?? [],
      entities: hit.entities.map(({ value }) => value),
      ...{ certainty: hit.certainty, score: hit.score, because: hit.because, evidence },
    };
  }

  #correlation(hit: Correlated): TimedHit {
    const { rules } = this.#options;
    const words = rules?.correlationWords(hit.plan);
    const inputs = rules ? inputsBelow(rules, hit.plan) : new Set<number>();
    const records = hit.events.flatMap((id) => [...inputs].flatMap((rule) => this.#matched.get(`${rule} ${id}`) ?? []));
    const evidence = records.map(({ file, line }): ScanPlace => ({ file, line }));
    const severities = [...inputs].map((rule) => rules?.words(rule).severity ?? "info");
    const group = Object.entries(hit.group).map(([name, value]) => `${name}=${value}`);
    return {
      detector: "sigma-correlation",
      rule: words?.rule ?? "",
      title: words?.title ?? "",
      ...lastOf(evidence),
      ...{ time: hit.time, first: hit.first, last: hit.time },
      severity: words?.severity ?? severities.reduce(worse, "info"),
      attack: words?.attack ?? [],
      tactics: words?.tactics ?? [],
      entities: [...new Set([...Object.values(hit.group), ...records.flatMap(({ host }) => host ?? [])])],
      because: [{ says: "correlation.held", with: { count: hit.value, group: group.join(", ") || "*" } }],
      evidence,
    };
  }
}

/** Detection rules that a plan rests on, through the plans below it. */
const inputsBelow = (rules: ScanRules, plan: number, found = new Set<number>()): ReadonlySet<number> => {
  for (const { of } of rules.plans[plan]?.inputs ?? [])
    if ("rule" in of) found.add(of.rule);
    else inputsBelow(rules, of.plan, found);
  return found;
};

const lastOf = (evidence: readonly ScanPlace[]): ScanPlace => evidence.at(-1) ?? { file: "", line: 0 };
