import { hour, type Instant, minute } from "#core/instant.ts";
import { parseIp } from "#core/ip.ts";
import {
  type Because,
  type Behaviour,
  type BehaviourHit,
  type Fact,
  nothing,
  type Surroundings,
  type Watch,
} from "#detect/behaviour.ts";
import { Lately } from "#detect/lately.ts";
import { addCall, type Call, callOf, type Calls, callsFrom, callsIn, saveCalls, type SavedCalls } from "./calls.ts";
import { regularity, sameness } from "./regularity.ts";

const settings = {
  score: {
    ...{ standard: 0.5, least: 0.2, most: 1, unit: "share" },
    why: "on 54 beacons (0 to ±50 % jitter, 2 to 24 h) the least scores 0.60; on 16 series of people browsing the most 0.19",
  },
  calls: {
    ...{ standard: 12, least: 4, most: 256, unit: "count" },
    why: "twelve calls tell a timer from chance; four, as RITA takes, call every second visit to a page a beacon",
  },
  minutes: {
    ...{ standard: 45, least: 5, most: 1440, unit: "minutes" },
    why: "a page left open polls for minutes; what polls for longer than a meeting is looked at",
  },
  prevalence: {
    ...{ standard: 3, least: 2, most: 1000, unit: "count" },
    why: "a place that three of ours call is a vendor far more often than an intruder; it is ranked down, not left out",
  },
  bytes: {
    ...{ standard: 1_000_000, least: 1000, most: 1_000_000_000_000, unit: "bytes" },
    why: "who asks for orders sends little; calls that send a megabyte each are a transfer, and exfiltration looks at them",
  },
  silence: {
    ...{ standard: 6, least: 1, most: 168, unit: "hours" },
    why: "after so long without a call the story begins anew; pauses longer than this are not looked at",
  },
  pairs: {
    ...{ standard: 50_000, least: 1000, most: 1_000_000, unit: "count" },
    why: "pairs remembered at once: 5 kB each at most, those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/**
 * Beaconing: a program of ours that calls one place outside at even pauses (ATT&CK T1071, T1573; after the idea of RITA,
 * whose scores on its own vectors a test compares with ours). Streaming: judged as the calls come, not by the hour.
 */
export const beacon: Behaviour<keyof typeof settings> = {
  id: "beacon",
  tactics: ["command-and-control"],
  attack: ["T1071", "T1573"],
  settings,
  reads: ({ source, destination, dns }, own) =>
    !dns &&
    source !== undefined &&
    destination !== undefined &&
    !clockPorts.has(destination.port ?? 0) &&
    own.between(source.address, destination.address) === "outbound"
      ? "ends"
      : "nothing",
  open: (values, around) => new BeaconWatch(values, around),
};

/** Time, names and routing: what is there to be regular. */
const clockPorts: ReadonlySet<number> = new Set([53, 67, 123, 546, 853]);

interface Saved {
  /** Checkpoints of version 1: each by itself. */
  readonly pairs: SavedCalls | readonly Calls[];
  readonly callers: readonly (readonly [to: string, ...from: string[]])[];
  readonly forgotten: number;
}

type SavedCallers = Saved["callers"] | readonly (readonly [to: string, from: readonly string[]])[];

/** Who called a place, as many as matter; one alone by itself, since most places have one. */
type Callers = string | Set<string>;

class BeaconWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  readonly #pairs: Lately<Calls | Call>;
  /** By destination. */
  readonly #callers: Lately<Callers>;

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
    this.#pairs = new Lately(values.pairs);
    this.#callers = new Lately(values.pairs);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { source, destination } = fact;
    if (!source || !destination || fact.dns) return nothing;
    if (clockPorts.has(destination.port ?? 0)) return nothing;
    if (this.#around.own.between(source.address, destination.address) !== "outbound") return nothing;
    const to = fact.name ?? destination.address;
    this.#called(to, source.address);
    const key = `${source.address} ${to}`;
    const known = this.#pairs.use(key);
    if (known === undefined) {
      this.#pairs.add(key, callOf(fact));
      return nothing;
    }
    let calls: Calls;
    if ("place" in known) this.#pairs.set(key, (calls = callsFrom(source.address, to, known)));
    else calls = known;
    if (silentSince(calls) < fact.time - this.#values.silence * hour) restart(calls);
    addCall(calls, fact);
    return calls.fresh < 4 ? nothing : this.#judge(calls, fact.at);
  }

  pass(): readonly BehaviourHit[] {
    return nothing;
  }

  save(): Saved {
    return {
      pairs: saveCalls(this.#pairs),
      callers: Array.from(this.#callers, ([to, from]) => (typeof from === "string" ? [to, from] : [to, ...from])),
      forgotten: this.#pairs.forgotten,
    };
  }

  restore(saved: unknown): void {
    const { pairs, callers, forgotten } = saved as Saved;
    const all = "ends" in pairs ? [...callsIn(pairs)] : structuredClone(pairs);
    this.#pairs.restore(
      all.map((calls) => [`${calls.source} ${calls.destination}`, calls] as const),
      forgotten,
    );
    this.#callers.restore(
      (callers as SavedCallers).map(([to, ...from]) => {
        const [first = "", ...others] = from.flat();
        return [to, others.length === 0 ? first : new Set([first, ...others])] as const;
      }),
      0,
    );
  }

  forgotten(): number {
    return this.#pairs.forgotten;
  }

  #called(to: string, from: string): void {
    const callers = this.#callers.use(to);
    if (callers === undefined) this.#callers.add(to, from);
    else if (typeof callers !== "string") {
      if (callers.size < this.#values.prevalence * 4) callers.add(from);
    } else if (callers !== from) this.#callers.set(to, new Set([callers, from]));
  }

  #callersOf(to: string): number {
    const callers = this.#callers.get(to);
    return typeof callers === "object" ? callers.size : 1;
  }

  #judge(calls: Calls, at: Instant): readonly BehaviourHit[] {
    calls.fresh = 0;
    const { times, bytes } = calls;
    const last = times.at(-1) as number;
    if (calls.spoken > 0 || times.length < this.#values.calls) return nothing;
    if (last - calls.began < this.#values.minutes * minute) return nothing;
    const even = regularity(times);
    // whatever the sizes say, it is not enough: most pairs that are looked at are people
    if (!even || Math.max(even.score, 0.7 * even.score + 0.3) < this.#values.score) return nothing;
    const size = sameness(bytes);
    const shape = size ? 0.7 * even.score + 0.3 * size.score : even.score;
    const callers = this.#callersOf(calls.destination);
    const score = shape * this.#doubt(calls, callers) * (size && size.usual >= this.#values.bytes ? 0.3 : 1);
    if (score < this.#values.score) return nothing;
    calls.spoken = last;
    const because: Because[] = [
      {
        says: "beacon.regular",
        with: {
          count: times.length,
          source: calls.source,
          destination: calls.destination,
          period: span(even.periodMs),
        },
      },
      { says: "beacon.even", with: { jitter: Math.round(even.jitter * 100) } },
      ...(size && size.score > 0.8
        ? [{ says: "beacon.same-size" as const, with: { bytes: Math.round(size.usual) } }]
        : []),
      callers === 1
        ? { says: "beacon.alone", with: { destination: calls.destination } }
        : { says: "beacon.few", with: { count: callers, destination: calls.destination } },
    ];
    return [
      {
        behaviour: beacon.id,
        time: at,
        first: calls.began as Instant,
        last: last as Instant,
        entities: [
          { kind: "address", value: calls.source },
          { kind: parseIp(calls.destination).ok ? "address" : "domain", value: calls.destination },
        ],
        problem: { type: "infected-system", about: "" },
        severity: "high",
        certainty: score >= 0.8 ? "likely" : "possible",
        score: Math.round(score * 1000) / 1000,
        attack: beacon.attack,
        because,
        evidence: [...calls.evidence],
      },
    ];
  }

  /** What speaks for something harmless takes off, and never all: a person sees it ranked low. */
  #doubt(calls: Calls, callers: number): number {
    const address = parseIp(calls.destination);
    const known = this.#around.harmless(address.ok ? address.value : { kind: "domain", value: calls.destination });
    return (known ? 0.3 : 1) * (callers >= this.#values.prevalence ? 0.4 : callers > 1 ? 0.9 : 1);
  }
}

const silentSince = (calls: Calls): number => calls.times.at(-1) ?? Number.POSITIVE_INFINITY;

const restart = (calls: Calls): void => {
  calls.began = Number.MAX_SAFE_INTEGER;
  calls.times.length = 0;
  calls.bytes.length = 0;
  calls.evidence.length = 0;
  calls.spoken = 0;
};

/** "45 s", "12 min", "3 h": units that all three languages write so. */
const span = (ms: number): string =>
  ms < 2 * minute
    ? `${Math.round(ms / 1000)} s`
    : ms < 2 * hour
      ? `${Math.round(ms / minute)} min`
      : `${Math.round(ms / hour)} h`;
