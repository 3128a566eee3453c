import type { Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import { answerOf, codesOf, refusalOf, type Sighting } from "./answering.ts";
import type { EdgeEntry, HuntTask } from "./edge-state.ts";
import { allThatIsKept, type RuleFound, type RuleQuest, RuleSearch } from "./hunting-rules.ts";
import { goneOn, isDue, isTold, OneTask, type Underway } from "./one-task.ts";
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

/** Hits of one learned rule that are sent one by one, the oldest; the others are counted by day. */
const keptOfRule = 1000;
/** Fields told of; a rule names a dozen. */
const unseenAtMost = 200;

const nothingYet: NonNullable<HuntTask["ruled"]> = { read: 0, blind: 0, unread: {} };

/** Rules asked of the local past: by the centre, and those that were learned. */
export class RuleTasks {
  readonly #around: RuleAround;
  readonly #one = new OneTask<RuleSearch>();

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
    return this.#one.trying(refuse, async () => {
      const one = await this.#open(task, () => ({ packs, decisions, wanted, from, to, together: true }), now);
      if (one.search.wrong !== undefined) return refuse(one.search.wrong);
      const page = await this.#page(one);
      const { ruledTask } = page;
      const done = page.after === undefined;
      if (!done && !isDue(one, one.search.together, now)) return undefined;
      const told = done || isTold(one, ruledTask.told, now);
      const ruled = { ...ruledTask, ...(told ? { told: now } : {}) };
      const looked = told ? { looked: this.#looked(one, ruled, { from, to }) } : {};
      const answered = answerOf(one.task, { found: one.pending.map(cut), done, anyway: told, ...looked });
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
    return this.#one.trying(refuse, async () => {
      const one = await this.#open(task, () => this.#questOf(lines, now), now);
      const page = await this.#page(one);
      const done = page.after === undefined;
      if (!done && !isDue(one, one.search.together, now)) return undefined;
      const { out, kept } = linesOf(one.pending, page.ruledTask.kept ?? {});
      const after = { ...one.task, ruled: { ...page.ruledTask, kept }, count: one.task.count + one.pending.length };
      return this.#entry(one, after, out, done, now);
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

  #questOf(lines: readonly string[], now: Instant): RuleQuest {
    const [end, ...rules] = lines.map((line) => JSON.parse(line) as unknown);
    const wanted = rules.filter((rule) => typeof rule === "string");
    const files = this.#around.filesOf(wanted) ?? { packs: [], decisions: [] };
    return { ...files, ...allThatIsKept(now), wanted, end: end as NonNullable<RuleQuest["end"]>, together: false };
  }

  #open(task: HuntTask, quest: () => RuleQuest, now: Instant): Promise<Underway<RuleSearch>> {
    return this.#one.at(task, () => RuleSearch.open(quest(), this.#around.networks(), task.ruled?.saved), now);
  }

  async #page(one: Underway<RuleSearch>): Promise<RuleFound> {
    const page = await one.search.page(this.#around.past, one.task);
    goneOn(one, {
      found: [...page.ruled.map(ruledSighting), ...page.together.map(togetherSighting)],
      records: page.ruledTask.read - (one.task.ruled?.read ?? 0),
      ruled: page.ruledTask,
      ...(page.after === undefined ? {} : { after: page.after }),
    });
    return page;
  }

  #entry(
    one: Underway<RuleSearch>,
    task: HuntTask,
    out: readonly ParcelContent[],
    done: boolean,
    at: Instant,
  ): EdgeEntry {
    const { saved, ...ruled } = task.ruled ?? nothingYet;
    const written = { ...ruled, ...(saved === undefined || done ? {} : { saved: finite(saved) }) };
    const entry = this.#one.entry(one, { ...task, ruled: written }, out, done, at);
    one.task = task;
    return entry;
  }

  #looked(
    { search }: Underway<RuleSearch>,
    { read, blind, unread }: NonNullable<HuntTask["ruled"]>,
    period: Pick<SensorAsk, "from" | "to">,
  ): ParcelLooked {
    return {
      ...{ read, toRead: Math.max(read, this.#around.past.rowsIn(period)), blind },
      unread: codesOf(unread),
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
