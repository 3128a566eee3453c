import { day, type Instant } from "#core/instant.ts";
import {
  type Behaviour,
  type BehaviourHit,
  type Fact,
  nothing,
  type Said,
  settingsOf,
  type Surroundings,
  type Watch,
} from "./behaviour.ts";

/** Wishes of a site, by behaviour and setting: `{ beacon: { score: 0.6 } }`. */
export type Wishes = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Plain data of all behaviours, by their id. */
export type SavedWatchers = Readonly<Record<string, unknown>>;

/** What the one concerned may not know, where it is told what behaviours say (a server); a scan hides nothing. */
export interface Hiding {
  /** Whether what this behaviour says is for staff alone, for now. */
  readonly hidden: (behaviour: string) => boolean;
}

interface Watching {
  readonly behaviour: Behaviour;
  readonly watch: Watch;
  /** Of a behaviour that adds up, where something is hidden: "open" is told only what may be known, "all" everything. */
  readonly told: "open" | "all";
  readonly saved: string;
}

/**
 * All behaviours on one stream of facts that is in order (`InTime`). Each reads what was said of the fact by rules, lists
 * and the behaviours before it in the list; so the one that adds up stages of an intrusion stands last.
 *
 * Where something is hidden (`Hiding`) the one that adds up runs twice: over what the one concerned may know, and over
 * everything for staff. So what is told to the one concerned is the same whether or not a hidden source knows more.
 */
export class Watchers {
  readonly #watching: readonly Watching[];
  readonly #hiding: Hiding | undefined;
  #now = 0;
  /** What was said openly by those that add up, of whom and when: staff need not hear it twice within a day. */
  #openly = new Map<string, number>();

  constructor(behaviours: readonly Behaviour[], around: Surroundings, wishes: Wishes = {}, hiding?: Hiding) {
    this.#hiding = hiding;
    this.#watching = behaviours.flatMap((behaviour): readonly Watching[] => {
      const watch = (): Watch => behaviour.open(settingsOf(behaviour.settings, wishes[behaviour.id]), around);
      const all = (saved: string): Watching => ({ behaviour, watch: watch(), told: "all", saved });
      return hiding && behaviour.addsUp
        ? [{ behaviour, watch: watch(), told: "open", saved: behaviour.id }, all(`${behaviour.id} hidden`)]
        : [all(behaviour.id)];
    });
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const struck = this.#pass(fact.at);
    let hits: BehaviourHit[] | undefined;
    let told = fact;
    for (const { behaviour, watch, told: which } of this.#watching) {
      const said = watch.take(which === "open" ? openOf(told) : told);
      if (said.length === 0) continue;
      hits ??= [...struck];
      const twofold = this.#hiding !== undefined && behaviour.addsUp === true;
      for (const hit of said) {
        if (twofold && which === "all") {
          if (!this.#saidOpenly(hit)) hits.push({ ...hit, hidden: true });
          continue;
        }
        if (twofold) this.#openly.set(entityOf(hit), hit.time);
        hits.push(hit);
        // what adds up adds up what others said
        if (twofold) continue;
        told = { ...told, said: [...(told.said ?? []), this.#saidBy(behaviour, hit)] };
      }
    }
    return hits ?? struck;
  }

  /** It is `now`, and everything until then was taken: the hours that lie between strike, though nobody says anything. */
  strike(now: Instant): readonly BehaviourHit[] {
    return this.#pass(now);
  }

  /** How much each has forgotten for want of room. */
  forgotten(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#watching.map(({ saved, watch }) => [saved, watch.forgotten()]));
  }

  save(): SavedWatchers {
    return {
      ...Object.fromEntries(this.#watching.map(({ saved, watch }) => [saved, watch.save()])),
      now: this.#now,
      openly: [...this.#openly],
    };
  }

  /** What a behaviour that is new since then knows is nothing; what is no longer there is passed over. */
  restore(saved: SavedWatchers): void {
    for (const { saved: name, watch } of this.#watching) {
      const own = saved[name];
      if (own !== undefined) watch.restore(own);
    }
    this.#now = Number(saved["now"] ?? 0);
    this.#openly = new Map((saved["openly"] ?? []) as readonly (readonly [string, number])[]);
  }

  #saidOpenly(hit: BehaviourHit): boolean {
    for (const [entity, at] of this.#openly) {
      if (at > hit.time - day) break;
      this.#openly.delete(entity);
    }
    return this.#openly.has(entityOf(hit));
  }

  /** `title` is the behaviour's id: who prints it says it in the reader's language. */
  #saidBy(behaviour: Behaviour, hit: BehaviourHit): Said {
    return {
      ...{ id: behaviour.id, title: behaviour.id, severity: hit.severity },
      ...{ tactics: behaviour.tactics, attack: hit.attack },
      ...(this.#hiding?.hidden(behaviour.id) ? { hidden: true as const } : {}),
    };
  }

  /** The clock strikes each hour that lies between the facts. */
  #pass(at: Instant): readonly BehaviourHit[] {
    // most facts lie within the hour that struck last
    if (at < this.#now + 3_600_000) return nothing;
    const hour = Math.floor(at / 3_600_000) * 3_600_000;
    if (hour <= this.#now) return nothing;
    this.#now = hour;
    return this.#watching.flatMap(({ watch }) => watch.pass(hour as Instant));
  }
}

const entityOf = ({ behaviour, entities: [first] }: BehaviourHit): string =>
  `${behaviour} ${first?.kind ?? ""} ${first?.value ?? ""}`;

/** The fact as one hears it who is not told what is hidden. */
const openOf = (fact: Fact): Fact => {
  if (!fact.said?.some(({ hidden }) => hidden)) return fact;
  const { said, ...rest } = fact;
  const open = said.filter(({ hidden }) => !hidden);
  return open.length === 0 ? rest : { ...rest, said: open };
};
