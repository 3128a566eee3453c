import { hour, type Instant, minute } from "#core/instant.ts";
import { parseIp } from "#core/ip.ts";
import type { Because, Behaviour, BehaviourHit, Fact, Surroundings, Watch } from "#detect/behaviour.ts";
import { directionOf } from "#detect/networks.ts";
import { addCall, type Calls } from "./calls.ts";
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
    directionOf({ source: source.address, destination: destination.address }, own) === "outbound"
      ? "ends"
      : "nothing",
  open: (values, around) => new BeaconWatch(values, around),
};

/** Time, names and routing: what is there to be regular. */
const clockPorts: ReadonlySet<number> = new Set([53, 67, 123, 546, 853]);

interface Saved {
  readonly pairs: readonly Calls[];
  readonly callers: readonly (readonly [string, readonly string[]])[];
  readonly forgotten: number;
}

class BeaconWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  /** Both in the order in which they were last heard: setting anew puts a key at the end. */
  #pairs = new Map<string, Calls>();
  /** Of each destination the sources that called it, as many as matter. */
  #callers = new Map<string, Set<string>>();
  #forgotten = 0;

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { source, destination } = fact;
    if (!source || !destination || fact.dns) return [];
    if (clockPorts.has(destination.port ?? 0)) return [];
    const ends = { source: source.address, destination: destination.address };
    if (directionOf(ends, this.#around.own) !== "outbound") return [];
    const to = fact.name ?? destination.address;
    const key = `${source.address} ${to}`;
    const calls = this.#pairs.get(key) ?? fresh(source.address, to);
    this.#pairs.delete(key);
    this.#pairs.set(key, calls);
    if (silentSince(calls) < fact.time - this.#values.silence * hour) restart(calls);
    calls.began = Math.min(calls.began, fact.time);
    addCall(calls, fact.time, fact.measures.bytesOut ?? -1, { id: fact.id, from: fact.from, line: fact.line });
    this.#called(to, source.address);
    this.#forget();
    return calls.fresh < 4 ? [] : this.#judge(calls, fact.at);
  }

  pass(): readonly BehaviourHit[] {
    return [];
  }

  save(): Saved {
    return {
      pairs: [...this.#pairs.values()],
      callers: [...this.#callers].map(([to, from]) => [to, [...from]] as const),
      forgotten: this.#forgotten,
    };
  }

  restore(saved: unknown): void {
    const { pairs, callers, forgotten } = saved as Saved;
    this.#pairs = new Map(pairs.map((calls) => [`${calls.source} ${calls.destination}`, structuredClone(calls)]));
    this.#callers = new Map(callers.map(([to, from]) => [to, new Set(from)]));
    this.#forgotten = forgotten;
  }

  forgotten(): number {
    return this.#forgotten;
  }

  #called(to: string, from: string): void {
    const callers = this.#callers.get(to) ?? new Set();
    this.#callers.delete(to);
    this.#callers.set(to, callers);
    if (callers.size < this.#values.prevalence * 4) callers.add(from);
  }

  #forget(): void {
    for (const key of this.#pairs.keys()) {
      if (this.#pairs.size <= this.#values.pairs) break;
      this.#pairs.delete(key);
      this.#forgotten++;
    }
    for (const to of this.#callers.keys()) {
      if (this.#callers.size <= this.#values.pairs) break;
      this.#callers.delete(to);
    }
  }

  #judge(calls: Calls, at: Instant): readonly BehaviourHit[] {
    calls.fresh = 0;
    const { times, bytes } = calls;
    const last = times.at(-1) as number;
    if (calls.spoken > 0 || times.length < this.#values.calls) return [];
    if (last - calls.began < this.#values.minutes * minute) return [];
    const even = regularity(times);
    if (!even) return [];
    const size = sameness(bytes.filter((value) => value >= 0));
    const shape = size ? 0.7 * even.score + 0.3 * size.score : even.score;
    const callers = this.#callers.get(calls.destination)?.size ?? 1;
    const score = shape * this.#doubt(calls, callers) * (size && size.usual >= this.#values.bytes ? 0.3 : 1);
    if (score < this.#values.score) return [];
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

const fresh = (source: string, destination: string): Calls => ({
  ...{ source, destination, began: Number.MAX_SAFE_INTEGER },
  ...{ times: [], bytes: [], evidence: [], fresh: 0, spoken: 0 },
});

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
