import { instant } from "#core/instant.ts";
import { type Behaviour, type BehaviourHit, type Fact, settingsOf, type Surroundings } from "#detect/behaviour.ts";
import { networks } from "#detect/networks.ts";
import { aMonth, benignDay, hostDays, type Month } from "./benign-month.ts";

/** Nothing is known of the world outside. */
export const nowhere: Surroundings = { own: networks(), harmless: () => false, origin: () => ({}) };

/** All that a behaviour says of facts that are in order. `killed`: another process goes on from the checkpoint in the middle. */
export const told = (
  behaviour: Behaviour,
  facts: Iterable<Fact>,
  {
    around = nowhere,
    wished = {},
    killed = 0,
  }: { around?: Surroundings; wished?: Record<string, number>; killed?: number } = {},
): BehaviourHit[] => {
  const values = settingsOf(behaviour.settings, wished);
  let watch = behaviour.open(values, around);
  const hits: BehaviourHit[] = [];
  let border = 0;
  let n = 0;
  for (const fact of facts) {
    const hour = Math.floor(fact.at / 3_600_000) * 3_600_000;
    if (hour > border) {
      hits.push(...watch.pass(instant(hour)));
      border = hour;
    }
    hits.push(...watch.take(fact));
    n++;
    if (killed > 0 && n % killed === 0) {
      const saved: unknown = JSON.parse(JSON.stringify(watch.save()));
      watch = behaviour.open(values, around);
      watch.restore(saved);
    }
  }
  return hits;
};

/** The month's facts, day by day. */
export function* monthOf(month: Month = aMonth): Generator<Fact> {
  for (let day = 0; day < month.days; day++) yield* benignDay(month, day);
}

/** Findings about nothing, per 1,000 host-days of the benign month. */
export const falsePerThousand = (
  behaviour: Behaviour,
  month: Month = aMonth,
): { rate: number; hits: BehaviourHit[] } => {
  const hits = told(behaviour, monthOf(month));
  return { rate: (hits.length * 1000) / hostDays(month), hits };
};

/** A fact with what matters; the rest is plain. */
export const made = (over: Partial<Fact> & { readonly time: Fact["time"] }, n: number): Fact => ({
  at: over.time,
  id: `made-${String(n).padStart(7, "0")}`,
  sensor: "made",
  from: "made.log",
  line: n + 1,
  event: "flow",
  measures: {},
  ...over,
});
