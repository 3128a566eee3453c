import { day, hour, type Instant, minute } from "#core/instant.ts";
import { type Problem, problem } from "#core/result.ts";
import { loadPack, type Pack, type PackDecision, type PackFile } from "#detect/sigma/packs.ts";
import type { HuntTask, RuledTask } from "./edge-state.ts";
import { type PastRow, type PastRows, recordRowOf } from "./past-rows.ts";
import { added } from "#jobs/hunt/pattern-port.ts";
import {
  type KeptCorrelated,
  type KeptPage,
  KeptRules,
  type KeptRuled,
  type UnseenField,
} from "#jobs/rules/kept-rules.ts";
import { openRules, type ScanRules } from "#jobs/scan/rules.ts";

/** Records asked of rules in one turn: a few milliseconds, and then live work goes first; few enough to be gone before they are old. */
const recordsAtOnce = 100;
/** Where correlations are among them: what these know is taken down after each page. */
const recordsTogether = 2000;
/** Files of rules read in one turn. */
const filesAtOnce = 25;
/** What correlations wait for: records come in the order in which they arrived, and some arrive late. */
const lateMs = 10 * minute;

/** Rules that are to be asked of the local history, and of which part of it. */
export interface RuleQuest {
  readonly packs: readonly { readonly name: string; readonly files: readonly PackFile[] }[];
  readonly decisions: readonly PackDecision[];
  readonly wanted: readonly string[];
  readonly from: Instant;
  /** Excluded. */
  readonly to: Instant;
  /** Behind this place are records that met the rules as they came. */
  readonly end?: { readonly segment: number; readonly record: number };
  /** What several records show together is asked too: live it hangs on the order in which they could be known (ADR 0011, 0019). */
  readonly together: boolean;
}

/** What a page of records gave. */
export interface RuleFound {
  readonly ruled: readonly KeptRuled[];
  readonly together: readonly KeptCorrelated[];
  readonly ruledTask: RuledTask;
  /** Where the next page begins; absent: it is done. */
  readonly after?: NonNullable<HuntTask["after"]>;
}

/**
 * Rules over the records that a sensor keeps, as if they came again (`KeptRules`): the reader, evaluator and field policy of
 * live records. Only what was asked is compiled, and one page of records is in memory.
 */
export class RuleSearch {
  readonly #ground: Pick<RuleQuest, "from" | "to" | "end">;
  readonly #rules: KeptRules;
  readonly #formats: ReadonlySet<string>;
  /** Rules that were asked for and do not run. */
  readonly missing: readonly string[];
  /** What is wrong with the first of them; absent: nothing that the texts could tell. */
  readonly wrong: Problem | undefined;
  /** Correlations are among them. */
  readonly together: boolean;
  #newest = Number.NEGATIVE_INFINITY;

  private constructor(quest: RuleQuest, opened: ScanRules, networks: readonly string[], saved: RuledTask["saved"]) {
    const { from, to, end } = quest;
    // the texts are not needed any more
    this.#ground = { from, to, ...(end === undefined ? {} : { end }) };
    const asked = quest.together ? opened : { ...opened, plans: [], correlations: [] };
    this.together = asked.plans.length > 0;
    const wanted = new Set(quest.wanted);
    this.#rules = new KeptRules(
      asked,
      () => networks,
      (rule) => wanted.has(rule),
      saved === undefined ? {} : { saved },
    );
    this.#formats = new Set(this.#rules.formats());
    const there = new Set([...opened.set.rules, ...opened.correlations].map(({ id, title }) => id ?? title));
    this.missing = quest.wanted.filter((rule) => !there.has(rule));
    this.wrong = this.missing.length === 0 ? undefined : problemOf(opened, this.missing);
  }

  /** Reads the rules a few files at a time, so that whatever waits is done between them. */
  static async open(quest: RuleQuest, networks: readonly string[], saved: RuledTask["saved"]): Promise<RuleSearch> {
    const packs: Pack[] = [];
    for (const { name, files } of quest.packs) {
      let pack = loadPack(name, []);
      for (let read = filesAtOnce; read < files.length + filesAtOnce; read += filesAtOnce) {
        pack = loadPack(name, files.slice(0, read), pack);
        await pause();
      }
      packs.push(pack);
    }
    return new RuleSearch(quest, openRules(packs, { decisions: quest.decisions }), networks, saved);
  }

  /** What the rules ask for and is not kept. */
  unseen(): readonly UnseenField[] {
    return this.#rules.unseen();
  }

  /** @param before what was known when the page before ended */
  async page(past: PastRows, { after, ruled }: Pick<HuntTask, "after" | "ruled">): Promise<RuleFound> {
    const { from, to, end } = this.#ground;
    const before: RuledTask = ruled ?? { read: 0, blind: 0, unread: {} };
    if (this.#formats.size === 0) return { ruled: [], together: [], ruledTask: before };
    const limit = this.together ? recordsTogether : recordsAtOnce;
    const found = await past.everyRow({ from, to }, (format) => this.#formats.has(format), after, limit);
    const rows = end === undefined ? found : found.filter(({ place }) => isBefore(place, end));
    const over = found.length < limit || rows.length < found.length;
    for (const { row, about } of rows) this.#newest = Math.max(this.#newest, Math.min(row.time, about.received));
    const page = this.#rules.read(rows.map(recordRowOf), over, this.#newest - lateMs);
    const last = rows.at(-1)?.place;
    return {
      ...{ ruled: page.ruled, together: page.correlated, ruledTask: goneOn(before, rows.length, page) },
      ...(over || last === undefined ? {} : { after: { time: last.time, batch: last.batch, line: last.line } }),
    };
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBefore = ({ batch, line }: PastRow["place"], { segment, record }: NonNullable<RuleQuest["end"]>): boolean =>
  Number(batch) < segment || (Number(batch) === segment && line < record);

const goneOn = (before: RuledTask, read: number, { blind, unread, saved }: KeptPage): RuledTask => ({
  ...{ read: before.read + read, blind: before.blind + blind, unread: added(before.unread, unread) },
  ...(before.told === undefined ? {} : { told: before.told }),
  ...(before.kept === undefined ? {} : { kept: before.kept }),
  ...(saved === undefined ? {} : { saved }),
});

const problemOf = ({ problems }: ScanRules, missing: readonly string[]): Problem => {
  const wrong = problems.filter(({ refuses }) => refuses);
  const [first] = wrong;
  if (first === undefined) return problem("WGL_RULE_UNKNOWN", { rule: missing[0] ?? "" });
  const { line, column, code, params } = first;
  return problem("WGL_HUNT_RULE", { count: wrong.length, line, column, reason: problem(code, params).message });
};

/** Everything that is kept: clocks that are wrong write of tomorrow. */
export const allThatIsKept = (now: Instant): { readonly from: Instant; readonly to: Instant } => ({
  from: 0 as Instant,
  to: (now + day + hour) as Instant,
});
