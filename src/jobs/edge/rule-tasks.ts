import { type Instant, minute, second } from "#core/instant.ts";
import { problem, type Problem, WaglanError } from "#core/result.ts";
import { answerOf, refusalOf, type Sighting } from "./answering.ts";
import type { EdgeEntry, HuntTask } from "./edge-state.ts";
import { allThatIsKept, type RuleFound, type RuleQuest, RuleSearch } from "./hunting-rules.ts";
import type { PastRows } from "./past-rows.ts";
import { textAtMost } from "#jobs/hunt/state.ts";
import type { KeptCorrelated, KeptRuled } from "#jobs/rules/kept-rules.ts";
import { finite } from "#jobs/rules/saved-past.ts";
import type { BatchRuled } from "#jobs/batches/rules.ts";
import type { ParcelContent, ParcelLooked, ParcelTogether } from "#jobs/sensors/parcel.ts";
import type { SensorAsk, SensorAskRules, SensorRules } from "#jobs/sensors/wire.ts";

/** What rules are asked with. */
export interface RuleAround {
  readonly past: PastRows;
  readonly networks: () => readonly string[];
  /** The files these rules stand on, of those in force; undefined: there are none. */
  readonly filesOf: (wanted: readonly string[]) => Pick<SensorRules, "packs" | "decisions"> | undefined;
  readonly trouble: (problem: Problem) => void;
}

/** The task this process is at. */
interface Underway {
  readonly id: string;
  readonly search: RuleSearch;
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
 * When a task is written down, at the latest: where it found something, after so many records, or so long. What correlations
 * know is part of it, and is written more rarely.
 */
const writes = {
  single: { found: 1, records: 20_000, ms: 10 * second },
  together: { found: 500, records: 200_000, ms: minute },
} as const;
/** How often is said how far an ask is. */
const toldEvery = 20 * second;
/** Hits of one learned rule that are sent one by one, the oldest; the others are counted by day. */
const keptOfRule = 1000;
/** Fields told of; a rule names a dozen. */
const unseenAtMost = 200;

const nothingYet: NonNullable<HuntTask["ruled"]> = { read: 0, blind: 0, unread: {} };

/** Rules asked of the local past: by the centre, and those that were learned. */
export class RuleTasks {
  readonly #around: RuleAround;
  #underway: Underway | undefined;

  constructor(around: RuleAround) {
    this.#around = around;
  }

  /** A page of what the centre asks. @returns undefined: there is more, and nothing to write down yet */
  async asked(task: HuntTask, ask: SensorAsk, rules: SensorAskRules, now: Instant): Promise<EdgeEntry | undefined> {
    const { packs, decisions, wanted } = rules;
    const { from, to } = ask;
    const refuse = (why: Problem): EdgeEntry => ({
      ...{ kind: "found", at: now, out: [refusalOf(task, why)], hunted: ask.id },
    });
    return this.#trying(refuse, async () => {
      const one = await this.#open(task, () => ({ packs, decisions, wanted, from, to, together: true }), now);
      if (one.search.wrong !== undefined) return refuse(one.search.wrong);
      const page = await this.#page(one);
      const { ruledTask } = page;
      const done = page.after === undefined;
      if (!done && !isDue(one, now)) return undefined;
      const isTold = done || one.pending.length > 0 || now - (ruledTask.told ?? 0) >= toldEvery;
      const ruled = { ...ruledTask, ...(isTold ? { told: now } : {}) };
      const looked = isTold ? { looked: this.#looked(one, ruled, { from, to }) } : {};
      const answered = answerOf(one.task, { found: one.pending.map(cut), done, anyway: isTold, ...looked });
      return this.#entry(one, { ...answered.task, ruled }, answered.out, done, now);
    });
  }

  /**
   * A page of what rules that were learned say of all that was kept before. @param lines the place up to which it was kept,
   * and the rules, as JSON
   */
  async learned(task: HuntTask, lines: readonly string[], now: Instant): Promise<EdgeEntry | undefined> {
    const over: EdgeEntry = { kind: "found", at: now, out: [], hunted: task.id };
    const refuse = (why: Problem): EdgeEntry => {
      this.#around.trouble(why);
      return over;
    };
    return this.#trying(refuse, async () => {
      const one = await this.#open(task, () => this.#questOf(lines, now), now);
      const page = await this.#page(one);
      const done = page.after === undefined;
      if (!done && !isDue(one, now)) return undefined;
      const { out, kept } = linesOf(one.pending, page.ruledTask.kept ?? {});
      const after = { ...one.task, ruled: { ...page.ruledTask, kept }, count: one.task.count + one.pending.length };
      return this.#entry(one, after, out, done, now);
    });
  }

  /** Its entry stands in the log. */
  written({ hunt, hunted }: { readonly hunt?: HuntTask; readonly hunted?: string }): void {
    const one = this.#underway;
    if (one === undefined) return;
    if (hunted === one.id) this.#let();
    else if (hunt?.id === one.id) one.open = false;
  }

  /** Lets go of a task that is not among these. */
  keep(ids: readonly string[]): void {
    if (this.#underway !== undefined && !ids.includes(this.#underway.id)) this.#let();
  }

  #let(): void {
    this.#underway = undefined;
  }

  /** A rule on which the evaluator fails is said, and stops nothing else. */
  async #trying(
    refuse: (why: Problem) => EdgeEntry,
    work: () => Promise<EdgeEntry | undefined>,
  ): Promise<EdgeEntry | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#let();
      if (error instanceof WaglanError) throw error;
      return refuse(problem("WGL_SENSOR_ASK", { what: error instanceof Error ? error.message : String(error) }));
    }
  }

  #questOf(lines: readonly string[], now: Instant): RuleQuest {
    const [end, ...rules] = lines.map((line) => JSON.parse(line) as unknown);
    const wanted = rules.filter((rule) => typeof rule === "string");
    const files = this.#around.filesOf(wanted) ?? { packs: [], decisions: [] };
    return { ...files, ...allThatIsKept(now), wanted, end: end as NonNullable<RuleQuest["end"]>, together: false };
  }

  async #open(task: HuntTask, quest: () => RuleQuest, now: Instant): Promise<Underway> {
    if (this.#underway?.id === task.id && !this.#underway.open) return this.#underway;
    this.#let();
    const search = await RuleSearch.open(quest(), this.#around.networks(), task.ruled?.saved);
    this.#underway = { id: task.id, search, task, pending: [], since: now, records: 0, open: false };
    return this.#underway;
  }

  async #page(one: Underway): Promise<RuleFound> {
    const page = await one.search.page(this.#around.past, one.task);
    one.records += page.ruledTask.read - (one.task.ruled?.read ?? 0);
    one.pending.push(...page.ruled.map(ruledSighting), ...page.together.map(togetherSighting));
    const { after: _, ...rest } = one.task;
    one.task = { ...rest, ruled: page.ruledTask, ...(page.after === undefined ? {} : { after: page.after }) };
    return page;
  }

  #entry(one: Underway, task: HuntTask, out: readonly ParcelContent[], done: boolean, at: Instant): EdgeEntry {
    one.task = task;
    one.pending = [];
    one.since = at;
    one.records = 0;
    one.open = true;
    if (done) return { kind: "found", at, out, hunted: one.id };
    const { saved, ...ruled } = task.ruled ?? nothingYet;
    return {
      ...{ kind: "found", at, out },
      hunt: { ...task, ruled: { ...ruled, ...(saved === undefined ? {} : { saved: finite(saved) }) } },
    };
  }

  #looked(
    { search }: Underway,
    { read, blind, unread }: NonNullable<HuntTask["ruled"]>,
    period: Pick<SensorAsk, "from" | "to">,
  ): ParcelLooked {
    return {
      ...{ read, toRead: Math.max(read, this.#around.past.rowsIn(period)), blind },
      unread: Object.entries(unread).map(([code, n]) => ({ code, n })),
      unseen: search.unseen().slice(0, unseenAtMost),
    };
  }
}

/** @param before hits of each rule so far @returns what is sent of these, and hits of each rule then */
const linesOf = (
  found: readonly Sighting[],
  before: Readonly<Record<string, number>>,
): { readonly out: readonly ParcelContent[]; readonly kept: Readonly<Record<string, number>> } => {
  const kept = new Map(Object.entries(before));
  const out: ParcelContent[] = [];
  const beyond = new Map<string, { day: string; rule: string; hits: number }>();
  for (const one of found) {
    if (!("ruled" in one)) continue;
    const { rule, time } = one.ruled;
    const told = kept.get(rule.rule) ?? 0;
    kept.set(rule.rule, told + 1);
    if (told < keptOfRule) {
      out.push({ ruled: one.ruled, back: true });
      continue;
    }
    const day = new Date(time).toISOString().slice(0, 10);
    const known = beyond.get(`${rule.rule} ${day}`) ?? { day, rule: rule.rule, hits: 0 };
    known.hits++;
    beyond.set(`${rule.rule} ${day}`, known);
  }
  for (const { day, rule, hits } of beyond.values())
    out.push({ day: { day, kind: "rule", value: rule, why: "beyond", hits } });
  return { out, kept: Object.fromEntries(kept) };
};

/** What people look at; of what becomes a hit the whole is sent, for it is known by it. */
const cut = (one: Sighting): Sighting =>
  "ruled" in one ? { ruled: { ...one.ruled, text: one.ruled.text.slice(0, textAtMost) } } : one;

const isDue = ({ search, pending, records, since }: Underway, now: Instant): boolean => {
  const { found, records: most, ms } = search.together ? writes.together : writes.single;
  return pending.length >= found || records >= most || now - since >= ms || now < since;
};

const ruledSighting = ({ organisation: _o, sensor: _s, batch: _b, ...ruled }: KeptRuled): Sighting => ({
  ruled: ruled satisfies BatchRuled,
});

const togetherSighting = ({ words, time, first, group, value, last }: KeptCorrelated): Sighting => ({
  together: {
    ...{ rule: words.rule, time, first, value },
    group: Object.entries(group).map(([name, said]) => ({ name, value: said })),
    text: (last?.text ?? "").slice(0, textAtMost),
  } satisfies ParcelTogether,
});
