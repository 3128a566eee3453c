import type { Instant } from "#core/instant.ts";
import {
  type Behaviour,
  type BehaviourHit,
  type Fact,
  type Said,
  settingsOf,
  type Surroundings,
  type Watch,
} from "./behaviour.ts";

/** Wishes of a site, by behaviour and setting: `{ beacon: { score: 0.6 } }`. */
export type Wishes = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Plain data of all behaviours, by their id. */
export type SavedWatchers = Readonly<Record<string, unknown>>;

/**
 * All behaviours on one stream of facts that is in order (`InTime`). Each reads what was said of the fact by rules, lists
 * and the behaviours before it in the list; so the one that adds up stages of an intrusion stands last.
 */
export class Watchers {
  readonly #watching: readonly { readonly behaviour: Behaviour; readonly watch: Watch }[];
  #now = 0;

  constructor(behaviours: readonly Behaviour[], around: Surroundings, wishes: Wishes = {}) {
    this.#watching = behaviours.map((behaviour) => ({
      behaviour,
      watch: behaviour.open(settingsOf(behaviour.settings, wishes[behaviour.id]), around),
    }));
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const hits: BehaviourHit[] = this.#pass(fact.at);
    let told = fact;
    for (const { behaviour, watch } of this.#watching)
      for (const hit of watch.take(told)) {
        hits.push(hit);
        told = { ...told, said: [...(told.said ?? []), saidBy(behaviour, hit)] };
      }
    return hits;
  }

  /** How much each has forgotten for want of room. */
  forgotten(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#watching.map(({ behaviour, watch }) => [behaviour.id, watch.forgotten()]));
  }

  save(): SavedWatchers {
    return Object.fromEntries(this.#watching.map(({ behaviour, watch }) => [behaviour.id, watch.save()]));
  }

  /** What a behaviour that is new since then knows is nothing; what is no longer there is passed over. */
  restore(saved: SavedWatchers): void {
    for (const { behaviour, watch } of this.#watching) {
      const own = saved[behaviour.id];
      if (own !== undefined) watch.restore(own);
    }
  }

  /** The clock strikes each hour that lies between the facts. */
  #pass(at: Instant): BehaviourHit[] {
    const hour = Math.floor(at / 3_600_000) * 3_600_000;
    if (hour <= this.#now) return [];
    this.#now = hour;
    return this.#watching.flatMap(({ watch }) => watch.pass(hour as Instant));
  }
}

/** `title` is the behaviour's id: who prints it says it in the reader's language. */
const saidBy = (behaviour: Behaviour, hit: BehaviourHit): Said => ({
  id: behaviour.id,
  title: behaviour.id,
  severity: hit.severity,
  tactics: behaviour.tactics,
  attack: hit.attack,
});
