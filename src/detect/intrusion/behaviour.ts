import { day, type Instant } from "#core/instant.ts";
import { parseIp } from "#core/ip.ts";
import { type Severity, worse } from "#core/severity.ts";
import {
  type Because,
  type Behaviour,
  type BehaviourHit,
  type Entity,
  type Fact,
  nothing,
  type Said,
  type Surroundings,
  type Watch,
} from "#detect/behaviour.ts";
import { addPlace, type Place, placesKept } from "#detect/evidence.ts";
import { Lately } from "#detect/lately.ts";

const settings = {
  risk: {
    ...{ standard: 100, least: 20, most: 1000, unit: "points per day" },
    why: "info 1, low 5, medium 20, high 45, critical 80; the same thing again counts a tenth, and less the more machines show it",
  },
  tactics: {
    ...{ standard: 3, least: 2, most: 10, unit: "count per day" },
    why: "different ATT&CK tactics within a day beside the risk: a noisy rule speaks of one again and again",
  },
  slowRisk: {
    ...{ standard: 150, least: 40, most: 5000, unit: "points per period" },
    why: "the same over many days, for those who come back once a week",
  },
  slowTactics: {
    ...{ standard: 5, least: 3, most: 14, unit: "count per period" },
    why: "different tactics over the period",
  },
  days: {
    ...{ standard: 60, least: 7, most: 90, unit: "days" },
    why: "how far back slow intrusions are added up",
  },
  entities: {
    ...{ standard: 50_000, least: 1000, most: 1_000_000, unit: "count" },
    why: "machines and accounts of which something was said, remembered at once; those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/**
 * An intrusion of many stages: what rules, lists and behaviours said of one machine or account, added up over a day and
 * over months, by different tactics. It runs behind the others and reads what they said (`Fact.said`).
 */
export const intrusion: Behaviour<keyof typeof settings> = {
  id: "intrusion",
  tactics: [],
  attack: [],
  settings,
  addsUp: true,
  // which address a machine has
  reads: (fact, own) => (fact.host !== undefined && fact.source && reachesOut(fact, own) ? "ends" : "nothing"),
  open: (values, around) => new IntrusionWatch(values, around),
};

/** The record's source is the machine that wrote it: it reached out of the house. A log-on's source is another one. */
const reachesOut = ({ session, destination }: Fact, own: Surroundings["own"]): boolean =>
  !session && (!destination || !own.has(destination.address));

const points: Readonly<Record<Severity, number>> = { info: 1, low: 5, medium: 20, high: 45, critical: 80 };

/** One thing said of an entity, added up by the day. */
interface Step {
  readonly id: string;
  readonly title: string;
  /** The worst that was said. */
  severity: Severity;
  readonly tactics: readonly string[];
  readonly attack: readonly string[];
  readonly first: number;
  last: number;
  times: number;
}

interface Story {
  readonly steps: Step[];
  evidence: Place[];
  spoken: number;
}

interface Saved {
  readonly stories: readonly (readonly [string, Story])[];
  readonly shown: readonly (readonly [string, readonly (readonly [string, number])[]])[];
  readonly hosts: readonly (readonly [string, string])[];
  readonly forgotten: number;
}

const stepsKept = 400;
const machinesKept = 64;
/** A story is told again after so long, when it went on. */
const again = day;

class IntrusionWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  readonly #stories: Lately<Story>;
  /** Which entities showed what lately: what many show is how this house works. */
  #shown = new Map<string, Map<string, number>>();
  /** Address → host, from records that name both. */
  #hosts = new Map<string, string>();

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
    this.#stories = new Lately(values.entities);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    if (fact.host !== undefined && fact.source && reachesOut(fact, this.#around.own))
      this.#meet(fact.source.address, fact.host);
    if (!fact.said || fact.said.length === 0) return nothing;
    const hits: BehaviourHit[] = [];
    for (const entity of this.#entitiesOf(fact)) {
      const key = `${entity.kind} ${entity.value}`;
      const story = this.#known(key);
      for (const said of fact.said) this.#add(story, key, said, fact);
      addPlace(story, fact);
      hits.push(...this.#judge(story, entity, fact));
    }
    return hits;
  }

  pass(): readonly BehaviourHit[] {
    return nothing;
  }

  save(): Saved {
    return {
      stories: [...this.#stories],
      shown: [...this.#shown].map(([id, entities]) => [id, [...entities]] as const),
      hosts: [...this.#hosts],
      forgotten: this.#stories.forgotten,
    };
  }

  restore(saved: unknown): void {
    const { stories, shown, hosts, forgotten } = structuredClone(saved as Saved);
    this.#stories.restore(stories, forgotten);
    this.#shown = new Map(shown.map(([id, entities]) => [id, new Map(entities)]));
    this.#hosts = new Map(hosts);
  }

  forgotten(): number {
    return this.#stories.forgotten;
  }

  /** An address turns out to be a machine known by name: what was said of it is the machine's. */
  #meet(address: string, host: string): void {
    if (!this.#around.own.has(address) || this.#hosts.get(address) === host) return;
    if (this.#hosts.size >= this.#values.entities) return;
    this.#hosts.set(address, host);
    const before = this.#stories.get(`address ${address}`);
    if (!before) return;
    this.#stories.delete(`address ${address}`);
    const story = this.#known(`host ${host}`);
    story.steps.push(...before.steps);
    story.steps.sort((a, b) => a.last - b.last);
    story.evidence = [...before.evidence, ...story.evidence].slice(-placesKept);
    story.spoken = Math.max(story.spoken, before.spoken);
  }

  /** The machine by its name where it is known, else by its address; and who acted, where the record says. */
  #entitiesOf(fact: Fact): readonly Entity[] {
    const found: Entity[] = [];
    const ours = [fact.source, fact.destination]
      .map((end) => end?.address)
      .find((address) => address !== undefined && this.#around.own.has(address));
    const host = fact.host ?? (ours === undefined ? undefined : this.#hosts.get(ours));
    if (host !== undefined) found.push({ kind: "host", value: host });
    else if (ours !== undefined) found.push({ kind: "address", value: ours });
    const account = fact.session?.account?.toLowerCase();
    if (account !== undefined && !account.endsWith("$") && account !== "-" && account !== "system")
      found.push({ kind: "account", value: account });
    return found;
  }

  #known(key: string): Story {
    const known = this.#stories.use(key);
    if (known !== undefined) return known;
    const story: Story = { steps: [], evidence: [], spoken: 0 };
    this.#stories.add(key, story);
    return story;
  }

  #add(story: Story, key: string, { id, title, severity, tactics, attack }: Said, { at }: Fact): void {
    const shown = this.#shown.get(id) ?? new Map<string, number>();
    this.#shown.set(id, shown);
    shown.delete(key);
    shown.set(key, at);
    for (const [other, when] of shown) if (shown.size > machinesKept || when < at - 7 * day) shown.delete(other);
    const same = story.steps.find((step) => step.id === id && step.last > at - day);
    if (same) {
      same.last = at;
      same.times++;
      same.severity = worse(same.severity, severity);
    } else story.steps.push({ id, title, severity, tactics, attack, first: at, last: at, times: 1 });
    const oldest = at - this.#values.days * day;
    while (story.steps.length > stepsKept || (story.steps[0]?.last ?? at) < oldest) story.steps.shift();
  }

  #judge(story: Story, entity: Entity, fact: Fact): readonly BehaviourHit[] {
    if (story.spoken > fact.at - again) return nothing;
    const lately = this.#sum(story.steps.filter((step) => step.last > fact.at - day));
    const long = this.#sum(story.steps);
    const now = lately.risk >= this.#values.risk && lately.tactics.length >= this.#values.tactics;
    const slow = long.risk >= this.#values.slowRisk && long.tactics.length >= this.#values.slowTactics;
    if (!now && !slow) return nothing;
    // what was told is told again only when something new came
    if (story.spoken > 0 && !story.steps.some((step) => step.first > story.spoken)) return nothing;
    story.spoken = fact.at;
    const sum = now ? lately : long;
    const because: Because[] = [
      {
        says: now ? "intrusion.day" : "intrusion.slow",
        with: {
          ...{ name: entity.value, count: sum.tactics.length, risk: Math.round(sum.risk) },
          ...(now ? {} : { days: Math.ceil((fact.at - sum.first) / day) }),
        },
      },
      ...sum.steps.map(
        (step): Because => ({
          says: "intrusion.step",
          with: { time: new Date(step.first).toISOString(), title: step.title, tactic: step.tactics.join(", ") || "-" },
        }),
      ),
    ];
    return [
      {
        behaviour: intrusion.id,
        time: fact.at,
        first: sum.first as Instant,
        last: fact.at,
        entities: [entity, ...(entity.kind === "host" ? this.#addressesOf(entity.value) : [])],
        problem: {
          type: entity.kind === "account" ? "unprivileged-account-compromise" : "system-compromise",
          about: "",
        },
        severity: sum.risk >= 2 * this.#values.risk ? "critical" : "high",
        certainty: sum.tactics.length >= this.#values.tactics + 2 ? "likely" : "possible",
        score: Math.round(Math.min(1, 0.5 + sum.risk / (6 * this.#values.risk)) * 1000) / 1000,
        attack: [...new Set(sum.steps.flatMap(({ attack }) => attack))].sort(),
        because,
        evidence: [...story.evidence],
      },
    ];
  }

  #addressesOf(host: string): readonly Entity[] {
    const found: Entity[] = [];
    for (const [address, name] of this.#hosts)
      if (name === host && parseIp(address).ok && found.length < 4) found.push({ kind: "address", value: address });
    return found;
  }

  #sum(steps: readonly Step[]): {
    readonly risk: number;
    readonly tactics: readonly string[];
    readonly first: number;
    readonly steps: readonly Step[];
  } {
    let risk = 0;
    const tactics = new Set<string>();
    for (const step of steps) {
      const machines = this.#shown.get(step.id)?.size ?? 1;
      const rare = 1 / (1 + Math.log2(Math.max(1, machines)));
      risk += points[step.severity] * rare * (1 + Math.min(5, step.times - 1) / 10);
      if (points[step.severity] > points.info) for (const tactic of step.tactics) tactics.add(tactic);
    }
    return {
      ...{ risk, tactics: [...tactics].sort() },
      first: steps.reduce((least, step) => Math.min(least, step.first), Number.MAX_SAFE_INTEGER),
      steps: steps.toSorted((a, b) => a.first - b.first).slice(0, 12),
    };
  }
}
