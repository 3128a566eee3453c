import { day, hour, type Instant, minute } from "#core/instant.ts";
import {
  type Behaviour,
  type BehaviourHit,
  type Fact,
  nothing,
  type Surroundings,
  type Watch,
} from "#detect/behaviour.ts";
import { addPlace, type Place } from "#detect/evidence.ts";
import { Lately } from "#detect/lately.ts";

const settings = {
  targets: {
    ...{ standard: 40, least: 5, most: 1000, unit: "count per 10 minutes" },
    why: "machines of ours that one of ours reached for, on one port, and got little or nothing back",
  },
  ports: {
    ...{ standard: 60, least: 10, most: 1000, unit: "count per 10 minutes" },
    why: "ports of one machine: programs use a handful",
  },
  slowTargets: {
    ...{ standard: 200, least: 20, most: 2000, unit: "count per day" },
    why: "the same over a day, for the patient",
  },
  bytes: {
    ...{ standard: 500, least: 0, most: 100_000, unit: "bytes" },
    why: "what comes back from a closed door; a print job or a web page is more",
  },
  sources: {
    ...{ standard: 20_000, least: 1000, most: 500_000, unit: "count" },
    why: "sources remembered at once; those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/**
 * One of ours that looks for open doors inside the network or outside it (ATT&CK T1046, T1595). Strangers who knock from
 * outside are the weather, and are not called.
 */
export const portScan: Behaviour<keyof typeof settings> = {
  id: "port-scan",
  tactics: ["discovery"],
  attack: ["T1046"],
  settings,
  reads: ({ source, destination, measures, dns, http }, own, { bytes }) => {
    if (!source || destination?.port === undefined || dns || http) return "nothing";
    if ((measures.bytesIn ?? Number.MAX_SAFE_INTEGER) > bytes) return "nothing";
    const direction = own.between(source.address, destination.address);
    return direction === "inbound" || direction === "unknown" ? "nothing" : "ends";
  },
  open: (values, around) => new ScanWatch(values, around),
};

/** Doors tried and not opened, newest last. */
interface Tried {
  readonly doors: { readonly at: number; readonly to: string; readonly port: number }[];
  /** Different targets of the day since 1970 that `slot` names, and when the first was tried. */
  day: { readonly slot: number; readonly targets: Set<string>; readonly began: number };
  evidence: Place[];
  spoken: number;
  /** Scans of earlier weeks: who scans every week is our own scanner. */
  readonly habits: number[];
}

interface Saved {
  readonly sources: readonly (readonly [string, SavedTried])[];
  readonly forgotten: number;
}

/** As checkpoints have it; those of version 1 have targets as names of an object. */
interface SavedTried extends Omit<Tried, "day"> {
  readonly day: {
    readonly slot: number;
    readonly targets: readonly string[] | Readonly<Record<string, true>>;
    readonly began: number;
  };
}

const doorsKept = 1024;
const targetsKept = 2048;

class ScanWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  readonly #sources: Lately<Tried>;

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
    this.#sources = new Lately(values.sources);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { source, destination, measures } = fact;
    if (!source || destination?.port === undefined || fact.dns || fact.http) return nothing;
    if ((measures.bytesIn ?? Number.MAX_SAFE_INTEGER) > this.#values.bytes) return nothing;
    const direction = this.#around.own.between(source.address, destination.address);
    if (direction === "inbound" || direction === "unknown") return nothing;
    const tried = this.#known(source.address, fact.at);
    tried.doors.push({ at: fact.at, to: destination.address, port: destination.port });
    while (tried.doors.length > doorsKept || (tried.doors[0]?.at ?? fact.at) <= fact.at - 10 * minute)
      tried.doors.shift();
    addTarget(tried, destination.address, fact.at);
    addPlace(tried, fact);
    if (tried.spoken > fact.at - day) return nothing;
    return this.#judge(tried, fact, source.address, destination.address, destination.port);
  }

  pass(): readonly BehaviourHit[] {
    return nothing;
  }

  save(): Saved {
    const sources = Array.from(this.#sources, ([source, { day: today, ...tried }]) => {
      const saved: SavedTried = { ...tried, day: { ...today, targets: [...today.targets] } };
      return [source, saved] as const;
    });
    return { sources, forgotten: this.#sources.forgotten };
  }

  restore(saved: unknown): void {
    const { sources, forgotten } = structuredClone(saved as Saved);
    this.#sources.restore(
      sources.map(
        ([
          source,
          {
            day: { slot, targets, began },
            ...tried
          },
        ]) => {
          const names = Array.isArray(targets) ? (targets as readonly string[]) : Object.keys(targets);
          return [source, { ...tried, day: { slot, targets: new Set(names), began } }] as const;
        },
      ),
      forgotten,
    );
  }

  forgotten(): number {
    return this.#sources.forgotten;
  }

  #known(source: string, at: number): Tried {
    const known = this.#sources.use(source);
    if (known !== undefined) return known;
    const tried: Tried = {
      ...{ doors: [], evidence: [], spoken: 0, habits: [] },
      day: { slot: Math.floor(at / day), targets: new Set(), began: at },
    };
    this.#sources.add(source, tried);
    return tried;
  }

  #judge(tried: Tried, fact: Fact, source: string, to: string, port: number): readonly BehaviourHit[] {
    // counted only when there can be enough of them: this runs for every refused door
    const enough = Math.min(this.#values.targets, this.#values.ports);
    const [machines, ports] =
      tried.doors.length < enough
        ? [0, 0]
        : [
            new Set(tried.doors.filter((door) => door.port === port).map((door) => door.to)).size,
            new Set(tried.doors.filter((door) => door.to === to).map((door) => door.port)).size,
          ];
    const how =
      machines >= this.#values.targets
        ? ({ says: "port-scan.machines", with: { count: machines, source, port } } as const)
        : ports >= this.#values.ports
          ? ({ says: "port-scan.ports", with: { count: ports, source, destination: to } } as const)
          : tried.day.targets.size >= this.#values.slowTargets
            ? ({ says: "port-scan.slowly", with: { count: tried.day.targets.size, source } } as const)
            : undefined;
    if (!how) return nothing;
    tried.spoken = fact.at;
    const weekly = tried.habits.some((before) => Math.abs(fact.at - before - 7 * day) < 12 * hour);
    tried.habits.push(fact.at);
    if (tried.habits.length > 8) tried.habits.shift();
    const first = how.says === "port-scan.slowly" ? tried.day.began : (tried.doors[0]?.at ?? fact.at);
    return [
      {
        behaviour: portScan.id,
        time: fact.at,
        first: first as Instant,
        last: fact.at,
        entities: [
          { kind: "address", value: source },
          ...(how.says === "port-scan.ports" ? [{ kind: "address" as const, value: to }] : []),
        ],
        problem: { type: "scanner", about: "" },
        severity: weekly ? "info" : "medium",
        certainty: weekly ? "unknown" : "likely",
        score: weekly ? 0.2 : 0.7,
        attack: portScan.attack,
        because: [how, ...(weekly ? [{ says: "port-scan.weekly" as const, with: { source } }] : [])],
        evidence: [...tried.evidence],
      },
    ];
  }
}

const addTarget = (tried: Tried, to: string, at: number): void => {
  const slot = Math.floor(at / day);
  if (tried.day.slot !== slot) tried.day = { slot, targets: new Set(), began: at };
  if (tried.day.targets.size < targetsKept) tried.day.targets.add(to);
};
