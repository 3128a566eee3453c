import { type Instant, hour } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { Edge } from "./edge.ts";
import type { RulesHeld } from "./edge-rules.ts";
import type { EdgeLog } from "./log-port.ts";
import type { EdgeShelf } from "./shelf-port.ts";

/** What the department is told of its sensor: `waglan sensor status`. */
export interface EdgeStatus {
  readonly at: Instant;
  readonly sensor: string;
  readonly program: string;
  readonly server?: string;
  readonly out?: string;
  readonly running: boolean;
  /** Values that are looked for. */
  readonly values: number;
  readonly cursor?: string;
  /** When something was last learned. */
  readonly learned?: Instant;
  readonly rules?: string;
  /** Rules that can speak of records of the kinds met since it started, and those that wait for others. */
  readonly rulesHeld: RulesHeld;
  readonly networks: readonly string[];
  readonly history: { readonly bytes: number; readonly segments: number };
  readonly free: number;
  readonly memory: number;
  /** Parcels that wait to be handed over. */
  readonly waiting: { readonly parcels: number; readonly bytes: number };
  readonly files: readonly { readonly path: string; readonly position: number; readonly seen: Instant }[];
  /** What the centre asks of the local history, and why. */
  readonly asks: readonly {
    readonly id: string;
    readonly purpose: string;
    readonly by: string;
    readonly from: Instant;
    readonly to: Instant;
    readonly values: number;
    /** Title of the rule, where it is one. */
    readonly rule?: string;
    /** A STIX pattern, where one is asked. */
    readonly pattern?: string;
    readonly answered: boolean;
  }[];
  readonly hunts: number;
  /** Newest last. */
  readonly troubles: readonly Trouble[];
}

export interface Trouble {
  readonly first: Instant;
  readonly last: Instant;
  readonly n: number;
  readonly problem: Problem;
}

/** Troubles remembered. */
const kept = 50;

/** What went wrong, each kind once with how often, so that a night without a line is one line. */
export class Troubles {
  readonly #known = new Map<string, Trouble>();

  /** @returns whether it is to be said aloud: the first time, and then once an hour */
  add(problem: Problem, now: Instant): boolean {
    const key = `${problem.code} ${problem.message}`;
    const before = this.#known.get(key);
    this.#known.delete(key);
    const n = (before?.n ?? 0) + 1;
    this.#known.set(key, { first: before?.first ?? now, last: now, n, problem });
    for (const old of this.#known.keys()) {
      if (this.#known.size <= kept) break;
      this.#known.delete(old);
    }
    return (
      before === undefined || now - before.last > hour || Math.floor(now / hour) !== Math.floor(before.last / hour)
    );
  }

  get all(): readonly Trouble[] {
    return [...this.#known.values()];
  }
}

export const statusOf = (
  edge: Edge,
  { log, shelf }: { readonly log: EdgeLog; readonly shelf: EdgeShelf },
  about: Pick<EdgeStatus, "at" | "sensor" | "program" | "server" | "out" | "running" | "memory" | "troubles">,
): EdgeStatus => {
  const waiting = shelf.parcels.waiting();
  const { cursor, at } = edge.knowledge;
  return {
    ...about,
    ...{ values: edge.knowledge.index.size, networks: edge.networks, hunts: edge.hunting },
    rulesHeld: edge.rulesHeld,
    ...(cursor === undefined ? {} : { cursor }),
    ...(at === undefined ? {} : { learned: at }),
    ...(edge.rulesVersion === "" ? {} : { rules: edge.rulesVersion }),
    history: { bytes: log.bytes, segments: log.segments },
    free: shelf.free(),
    waiting: { parcels: waiting.length, bytes: waiting.reduce((sum, one) => sum + one.bytes, 0) },
    files: edge.state.files.map(({ path, position, seen }) => ({ path, position, seen })),
    asks: edge.asks.asks.map(({ id, purpose, by, from, to, what }) => ({
      ...{ id, purpose, by, from, to },
      values: what.observables.length,
      ...(what.rules === undefined ? {} : { rule: what.rules.title }),
      ...(what.records === undefined ? {} : { pattern: what.records.pattern }),
      answered: edge.state.wasHunted(id),
    })),
  };
};
