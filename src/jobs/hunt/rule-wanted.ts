import { type Instant, minute, second } from "#core/instant.ts";
import type { RuleTexts } from "#jobs/batches/rules.ts";
import type { State, Tx } from "#jobs/ports.ts";
import type { RuleMemory } from "#jobs/rules/memory.ts";
import type { HuntedRule } from "#jobs/rules/port.ts";
import { digestOf, type RulesInForce, rulesInForce } from "./rules-in-force.ts";

/** Every process has read the folders by then, and asks live telemetry by the rule. */
const settledMs = 15 * second;
/** Records that are later than that are late for live counting too. */
export const lateMs = 15 * minute;
/** Rules of one hunt, in one walk through the past. */
const rulesOfHunt = 5_000;

/** What a hunt of a rule is asked to do, as it stands beside its cause. */
export interface RuleHuntPayload {
  readonly [part: string]: unknown;
  readonly rules: readonly string[];
  /** Correlations are among them: when they were met. */
  readonly met?: number;
  /** The seam of these correlations: records read from `from` on, windows that end until `until`. Absent: all that is kept. */
  readonly from?: number;
  readonly until?: number;
}

/** Until when nothing changes by itself of what was found to be hunted for; of this version of the rules, history being on or off. */
const quiet = new WeakMap<RuleTexts, { readonly kept: boolean; readonly until: number }>();

/**
 * Notes which rules in force the past was not hunted for as they stand, and sets their hunts off once history has
 * everything that was matched before they were known. Doing it twice, or in two processes, is doing it once.
 *
 * A correlation is hunted for twice (ADR 0027): at once, in windows that were over when it came; and when the last window that
 * began before live counting did is over, in those on the seam.
 *
 * @param kept history is on; else there is no past, and every rule counts as hunted
 * @returns rules whose hunt was set off now
 */
export const wantRuleHunts = async (
  { state, rules }: { readonly state: State; readonly rules: Pick<RuleMemory, "packs" | "texts"> },
  kept: boolean,
  now: Instant,
): Promise<number> => {
  const { texts } = rules;
  const rest = quiet.get(texts);
  if (rest !== undefined && rest.kept === kept && now < rest.until) return 0;
  const inForce = rulesInForce(rules);
  const looked = await state.alone("rule-hunts", () =>
    state.act(async (tx) => {
      const known = new Map((await tx.rules.hunted()).map((one) => [one.rule, one]));
      await tx.rules.forgetHunted([...known.keys()].filter((rule) => !inForce.has(rule)));
      const fresh = [...inForce].filter(([rule, { said }]) => known.get(rule)?.said !== said);
      await tx.rules.keepHunted(fresh.map(([rule, { said }]): HuntedRule => ({ rule, said, at: now, hunted: !kept })));
      const same = [...known.values()].filter(({ rule, said }) => inForce.get(rule)?.said === said);
      const open = same.filter(({ hunted }) => !hunted);
      const seams = kept ? same.filter((one): one is Seamed => one.hunted && one.seam !== undefined) : [];
      const due = seams.filter(({ seam }) => now >= seam + lateMs);
      await settle(
        tx,
        [...open.filter(({ at }) => now - at >= settledMs), ...due].filter(({ upTo }) => upTo === undefined),
      );
      const wanted = (await setOff(tx, open, inForce, kept, now)) + (await setOffSeams(tx, due, inForce, now));
      const isQuiet = fresh.length === 0 && open.length === 0 && due.length === 0;
      return { wanted, until: isQuiet ? Math.min(...seams.map(({ seam }) => seam + lateMs), Infinity) : 0 };
    }),
  );
  if (looked === undefined) return 0;
  quiet.set(texts, { kept, until: looked.until });
  return looked.wanted;
};

type Seamed = HuntedRule & Required<Pick<HuntedRule, "seam">>;

/** What is handed in from now on met the rule. */
const settle = async (tx: Tx, some: readonly HuntedRule[]): Promise<void> => {
  if (some.length === 0) return;
  const upTo = await tx.hunts.newestBatch();
  await tx.rules.keepHunted(some.map((one): HuntedRule => ({ ...one, upTo })));
};

/** Of these those up to whose batch history has everything. */
const kept = async <One extends HuntedRule>(tx: Tx, some: readonly One[]): Promise<readonly One[]> => {
  const all = new Map<number, boolean>();
  const found: One[] = [];
  for (const one of some) {
    if (one.upTo === undefined) continue;
    if (!all.has(one.upTo)) all.set(one.upTo, await tx.hunts.keptTo(one.upTo));
    if (all.get(one.upTo) === true) found.push(one);
  }
  return found;
};

const setOff = async (
  tx: Tx,
  open: readonly HuntedRule[],
  inForce: RulesInForce,
  isKept: boolean,
  now: Instant,
): Promise<number> => {
  const due = await kept(tx, open);
  const reach = (rule: string): number | undefined => inForce.get(rule)?.reachMs;
  // rules that were met in one look go together, so that a correlation and what it listens to are one walk
  for (const [at, some] of Map.groupBy(due, (one) => one.at)) {
    const together = some.some(({ rule }) => reach(rule) !== undefined);
    for (const rules of lots(some)) await want(tx, { rules, ...(together ? { met: at } : {}) }, "", now);
  }
  await tx.rules.keepHunted(
    due.map((each): HuntedRule => {
      const { upTo: _, ...one } = each;
      const reachMs = reach(one.rule);
      const seam = reachMs === undefined || !isKept ? {} : { seam: (one.at + settledMs + reachMs) as Instant };
      return { ...one, hunted: true, ...seam };
    }),
  );
  return due.length;
};

const setOffSeams = async (tx: Tx, open: readonly Seamed[], inForce: RulesInForce, now: Instant): Promise<number> => {
  const due = await kept(tx, open);
  for (const [met, some] of Map.groupBy(due, (one) => one.at)) {
    const reachMs = Math.max(...some.map(({ rule }) => inForce.get(rule)?.reachMs ?? 0));
    const until = Math.max(...some.map(({ seam }) => seam));
    // whether a window's condition is news is told by the window before it
    const from = Math.max(0, met - lateMs - 2 * reachMs);
    for (const rules of lots(some)) await want(tx, { rules, met, from, until }, ` @${until}`, now);
  }
  await tx.rules.keepHunted(
    due.map((each): HuntedRule => {
      const { seam: _seam, upTo: _upTo, ...one } = each;
      return one;
    }),
  );
  return due.length;
};

const lots = (some: readonly HuntedRule[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(some.length / rulesOfHunt) }, (_, at) =>
    some.slice(at * rulesOfHunt, (at + 1) * rulesOfHunt).map(({ rule }) => rule),
  );

const want = async (tx: Tx, payload: RuleHuntPayload, mark: string, now: Instant): Promise<void> => {
  const { rules } = payload;
  const [first = ""] = rules;
  // many at once are told apart by what they are, or one lot would take the place of another
  const name = rules.length === 1 ? first : `${rules.length} rules ${digestOf(rules.join("\n")).slice(0, 8)}`;
  await tx.hunts.want({ kind: "rule", subject: `${name}${mark}`, payload, who: "waglan" }, now);
};
