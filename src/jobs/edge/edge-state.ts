import type { Instant } from "#core/instant.ts";
import type { KeptFile } from "#jobs/inputs-port.ts";
import type { RecordPlace } from "#jobs/hunt/past.ts";
import type { SavedPast } from "#jobs/rules/kept-together.ts";
import type { ParcelAnswer, ParcelContent, ParcelDay } from "#jobs/sensors/parcel.ts";

/** What of a file input changed: `n` names it for as long as it is followed. */
export type FileChange =
  | { readonly kind: "kept"; readonly file: StoredFile }
  | { readonly kind: "forgotten"; readonly n: number };

/** A followed file as the log has it: its header is text. */
export interface StoredFile extends Omit<KeptFile, "header"> {
  readonly header: string;
}

/** Records that were let go or could not be taken, by why. */
export type LostWhy = string;

/** A hunt of the local past for values that were learned, or that were asked for. */
export interface HuntTask {
  /** "known-12": values of a delta; else the id of what was asked. */
  readonly id: string;
  /** Where its next page begins; absent: at the oldest. */
  readonly after?: { readonly time: number; readonly batch: string; readonly line: number };
  /** Sent so far, of an ask. */
  readonly page: number;
  readonly count: number;
  readonly first?: Instant;
  readonly last?: Instant;
  readonly days: ParcelAnswer["days"];
  /** Of rules that are asked. */
  readonly ruled?: RuledTask;
  /** Of a pattern that is asked of records. */
  readonly patterned?: PatternedTask;
}

/** How far a pattern is asked of the past. */
export interface PatternedTask {
  readonly read: number;
  /** How often it was true, each time of other records. */
  readonly matches: number;
  readonly unread: Readonly<Record<string, number>>;
  readonly undecided: Readonly<Record<string, number>>;
  readonly letGo: number;
  /** Records with a part in it that others may still make true. */
  readonly open?: readonly RecordPlace[];
  /** When a page of it was last sent. */
  readonly told?: Instant;
}

/** How far rules are asked of the past. */
export interface RuledTask {
  readonly read: number;
  readonly blind: number;
  readonly unread: Readonly<Record<string, number>>;
  /** What correlations know up to here. */
  readonly saved?: SavedPast;
  /** Of rules that were learned: hits of each so far. */
  readonly kept?: Readonly<Record<string, number>>;
  /** When a page of it was last sent. */
  readonly told?: Instant;
}

/** What is written down at once. `at` is by our clock. */
export type EdgeEntry =
  | {
      readonly kind: "batch";
      readonly at: Instant;
      /** When it came. */
      readonly received: Instant;
      /** Of a batch with facts (batch-facts.ts). */
      readonly newest?: Instant;
      /** Id of the format; "" when nobody knew it. */
      readonly format: string;
      readonly lines: number;
      /** By code. */
      readonly rejected: Readonly<Record<string, number>>;
      /** Milliseconds since its first line came. */
      readonly lagMs: number;
      readonly file?: FileChange;
      readonly out: readonly ParcelContent[];
      readonly days: readonly ParcelDay[];
    }
  | { readonly kind: "file"; readonly at: Instant; readonly file: FileChange }
  /** Found over time, or in the past. */
  | {
      readonly kind: "found";
      readonly at: Instant;
      readonly out: readonly ParcelContent[];
      /** Ids of what was noticed over time, so that nothing is said twice after a restart. */
      readonly noticed?: readonly string[];
      readonly late?: number;
      readonly forgotten?: number;
      readonly hunt?: HuntTask;
      readonly hunted?: string;
    }
  | { readonly kind: "hunt"; readonly at: Instant; readonly hunt: HuntTask }
  | { readonly kind: "lost"; readonly at: Instant; readonly why: LostWhy; readonly n: number }
  /** What detectors over time know was saved: what they said before needs no remembering. */
  | { readonly kind: "checkpoint"; readonly at: Instant }
  /** Counts of the time before became lines to be sent, and the sensor's own state with them. */
  | { readonly kind: "told"; readonly at: Instant; readonly state: ParcelContent }
  /** The first `count` lines that waited are parcel `number`, whole on the disk. */
  | {
      readonly kind: "sealed";
      readonly at: Instant;
      readonly number: number;
      readonly of: Queue;
      readonly count: number;
    };

/** Hits and answers are never let go; counts are, oldest first, when there is no room. */
export type Queue = "hits" | "counts";

/** Counts since they were told last. */
export interface EdgeCounts {
  readonly lines: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly late: number;
  readonly forgotten: number;
  readonly lost: Readonly<Record<LostWhy, number>>;
  readonly lagMs: number;
}

/** All that an entry can change, as plain data. */
export interface SavedEdge {
  readonly number: number;
  readonly waiting: Readonly<Record<Queue, readonly ParcelContent[]>>;
  /** When the oldest line began to wait. */
  readonly since: Readonly<Partial<Record<Queue, Instant>>>;
  readonly days: readonly (readonly [string, number])[];
  readonly files: readonly StoredFile[];
  readonly nextFile: number;
  readonly counts: EdgeCounts;
  readonly hunts: readonly HuntTask[];
  /** Asks that are over, newest last. */
  readonly hunted: readonly string[];
  readonly noticed: readonly string[];
  readonly told?: Instant;
}

/** Asks over whose ids are remembered: the centre takes an ask off its list when it has the answer. */
const huntedKept = 2_000;

const nothing: EdgeCounts = { lines: 0, rejected: {}, late: 0, forgotten: 0, lost: {}, lagMs: 0 };

export const freshEdge: SavedEdge = {
  ...{ number: 1, waiting: { hits: [], counts: [] }, since: {}, days: [], files: [], nextFile: 1 },
  ...{ counts: nothing, hunts: [], hunted: [], noticed: [] },
};

/**
 * What a sensor knows of itself, made by taking the entries of its log in order: so that after a kill it is what it was when
 * the last whole entry was written. Pure: no entry asks anything of the world.
 */
export class EdgeState {
  #number: number;
  readonly #waiting: Record<Queue, ParcelContent[]>;
  #since: Partial<Record<Queue, Instant>>;
  #days: Map<string, number>;
  readonly #files: Map<number, StoredFile>;
  #nextFile: number;
  #counts: { -readonly [K in keyof EdgeCounts]: EdgeCounts[K] };
  readonly #hunts: Map<string, HuntTask>;
  #hunted: string[];
  #noticed: Set<string>;
  #told: Instant | undefined;

  constructor(saved: SavedEdge = freshEdge) {
    this.#number = saved.number;
    this.#waiting = { hits: [...saved.waiting.hits], counts: [...saved.waiting.counts] };
    this.#since = { ...saved.since };
    this.#days = new Map(saved.days);
    this.#files = new Map(saved.files.map((file) => [file.n, file]));
    this.#nextFile = saved.nextFile;
    this.#counts = { ...saved.counts };
    this.#hunts = new Map(saved.hunts.map((hunt) => [hunt.id, hunt]));
    this.#hunted = [...saved.hunted];
    this.#noticed = new Set(saved.noticed);
    this.#told = saved.told;
  }

  /** Of the next parcel. */
  get number(): number {
    return this.#number;
  }

  get counts(): EdgeCounts {
    return this.#counts;
  }

  get files(): readonly StoredFile[] {
    return [...this.#files.values()];
  }

  get nextFile(): number {
    return this.#nextFile;
  }

  /** Under way, in the order they began. */
  get hunts(): readonly HuntTask[] {
    return [...this.#hunts.values()];
  }

  /** When counts were told last. */
  get told(): Instant | undefined {
    return this.#told;
  }

  wasHunted(id: string): boolean {
    return this.#hunted.includes(id);
  }

  wasNoticed(id: string): boolean {
    return this.#noticed.has(id);
  }

  waiting(queue: Queue): readonly ParcelContent[] {
    return this.#waiting[queue];
  }

  since(queue: Queue): Instant | undefined {
    return this.#since[queue];
  }

  apply(entry: EdgeEntry): void {
    switch (entry.kind) {
      case "batch": {
        this.#put(entry.out, entry.at);
        for (const day of entry.days) {
          const key = JSON.stringify([day.day, day.kind, day.value, day.why]);
          this.#days.set(key, (this.#days.get(key) ?? 0) + day.hits);
        }
        this.#counts.lines += entry.lines;
        this.#counts.lagMs = Math.max(this.#counts.lagMs, entry.lagMs);
        for (const [code, n] of Object.entries(entry.rejected))
          this.#counts.rejected = added(this.#counts.rejected, `${entry.format || "unknown"} ${code}`, n);
        if (entry.file) this.#file(entry.file);
        return;
      }
      case "file":
        return this.#file(entry.file);
      case "found":
        this.#put(entry.out, entry.at);
        for (const id of entry.noticed ?? []) this.#noticed.add(id);
        this.#counts.late += entry.late ?? 0;
        this.#counts.forgotten += entry.forgotten ?? 0;
        if (entry.hunt) this.#hunts.set(entry.hunt.id, entry.hunt);
        if (entry.hunted !== undefined) {
          this.#hunts.delete(entry.hunted);
          this.#hunted = [...this.#hunted, entry.hunted].slice(-huntedKept);
        }
        return;
      case "hunt":
        this.#hunts.set(entry.hunt.id, entry.hunt);
        return;
      case "lost":
        this.#counts.lost = added(this.#counts.lost, entry.why, entry.n);
        return;
      case "checkpoint":
        this.#noticed = new Set();
        return;
      case "told": {
        const days = [...this.#days].map(([key, hits]): ParcelContent => {
          const [day, kind, value, why] = JSON.parse(key) as [string, ParcelDay["kind"], string, string];
          return { day: { day, kind, value, why, hits } };
        });
        this.#days = new Map();
        this.#put([...days, entry.state], entry.at);
        this.#counts = { ...nothing };
        this.#told = entry.at;
        return;
      }
      case "sealed":
        this.#waiting[entry.of].splice(0, entry.count);
        this.#number = entry.number + 1;
        if (this.#waiting[entry.of].length === 0) delete this.#since[entry.of];
        else this.#since[entry.of] = entry.at;
    }
  }

  save(): SavedEdge {
    return {
      number: this.#number,
      waiting: { hits: [...this.#waiting.hits], counts: [...this.#waiting.counts] },
      since: { ...this.#since },
      days: [...this.#days],
      files: this.files,
      nextFile: this.#nextFile,
      counts: { ...this.#counts },
      hunts: this.hunts,
      hunted: [...this.#hunted],
      noticed: [...this.#noticed],
      ...(this.#told === undefined ? {} : { told: this.#told }),
    };
  }

  #put(lines: readonly ParcelContent[], at: Instant): void {
    for (const line of lines) {
      const queue = queueOf(line);
      this.#waiting[queue].push(line);
      this.#since[queue] ??= at;
    }
  }

  #file(change: FileChange): void {
    if (change.kind === "forgotten") this.#files.delete(change.n);
    else {
      this.#files.set(change.file.n, change.file);
      this.#nextFile = Math.max(this.#nextFile, change.file.n + 1);
    }
  }
}

/** Background that was counted may be let go; what was found is not. */
export const queueOf = (line: ParcelContent): Queue => ("day" in line || "state" in line ? "counts" : "hits");

const added = (counts: Readonly<Record<string, number>>, key: string, n: number): Readonly<Record<string, number>> => ({
  ...counts,
  [key]: (counts[key] ?? 0) + n,
});
