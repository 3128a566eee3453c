import { day, hour, type Instant, minute } from "#core/instant.ts";
import type { Behaviour, BehaviourHit, Fact, Surroundings, Watch } from "#detect/behaviour.ts";
import { directionOf } from "#detect/networks.ts";

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
    const direction = directionOf({ source: source.address, destination: destination.address }, own);
    return direction === "inbound" || direction === "unknown" ? "nothing" : "ends";
  },
  open: (values, around) => new ScanWatch(values, around),
};

/** Doors tried and not opened, newest last. */
interface Tried {
  readonly doors: { readonly at: number; readonly to: string; readonly port: number }[];
  /** Different targets of the day: [slot, names]. */
  day: { slot: number; targets: Record<string, true>; count: number; began: number };
  readonly evidence: { readonly id: string; readonly from: string; readonly line: number }[];
  spoken: number;
  /** Scans of earlier weeks: who scans every week is our own scanner. */
  readonly habits: number[];
}

interface Saved {
  readonly sources: readonly (readonly [string, Tried])[];
  readonly forgotten: number;
}

const doorsKept = 1024;
const targetsKept = 2048;
const evidenceKept = 20;

class ScanWatch implements Watch {
  readonly #values: Values;
  readonly #around: Surroundings;
  #sources = new Map<string, Tried>();
  #forgotten = 0;

  constructor(values: Values, around: Surroundings) {
    this.#values = values;
    this.#around = around;
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const { source, destination, measures } = fact;
    if (!source || destination?.port === undefined || fact.dns || fact.http) return [];
    if ((measures.bytesIn ?? Number.MAX_SAFE_INTEGER) > this.#values.bytes) return [];
    const direction = directionOf({ source: source.address, destination: destination.address }, this.#around.own);
    if (direction === "inbound" || direction === "unknown") return [];
    const tried = this.#known(source.address, fact.at);
    tried.doors.push({ at: fact.at, to: destination.address, port: destination.port });
    while (tried.doors.length > doorsKept || (tried.doors[0]?.at ?? fact.at) <= fact.at - 10 * minute)
      tried.doors.shift();
    addTarget(tried, destination.address, fact.at);
    tried.evidence.push({ id: fact.id, from: fact.from, line: fact.line });
    if (tried.evidence.length > evidenceKept) tried.evidence.shift();
    if (tried.spoken > fact.at - day) return [];
    return this.#judge(tried, fact, source.address, destination.address, destination.port);
  }

  pass(): readonly BehaviourHit[] {
    return [];
  }

  save(): Saved {
    return { sources: [...this.#sources], forgotten: this.#forgotten };
  }

  restore(saved: unknown): void {
    const { sources, forgotten } = structuredClone(saved as Saved);
    this.#sources = new Map(sources);
    this.#forgotten = forgotten;
  }

  forgotten(): number {
    return this.#forgotten;
  }

  #known(source: string, at: number): Tried {
    const tried = this.#sources.get(source) ?? {
      ...{ doors: [], evidence: [], spoken: 0, habits: [] },
      day: { slot: Math.floor(at / day), targets: {}, count: 0, began: at },
    };
    this.#sources.delete(source);
    this.#sources.set(source, tried);
    for (const old of this.#sources.keys()) {
      if (this.#sources.size <= this.#values.sources) break;
      this.#sources.delete(old);
      this.#forgotten++;
    }
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
          : tried.day.count >= this.#values.slowTargets
            ? ({ says: "port-scan.slowly", with: { count: tried.day.count, source } } as const)
            : undefined;
    if (!how) return [];
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
  if (tried.day.slot !== slot) tried.day = { slot, targets: {}, count: 0, began: at };
  if (tried.day.targets[to] || tried.day.count >= targetsKept) return;
  tried.day.targets[to] = true;
  tried.day.count++;
};
