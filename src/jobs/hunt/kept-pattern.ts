import type { Instant } from "#core/instant.ts";
import { endOf } from "#detect/fact.ts";
import type { End } from "#detect/hit.ts";
import { directionOf, networks, type Networks, ownEnd } from "#detect/networks.ts";
import type { RecordRow } from "#jobs/history/rows.ts";
import { KeptReaders } from "#jobs/rules/kept-readers.ts";
import { hiddenOf } from "#jobs/rules/kept-rules.ts";
import type { CompiledPattern } from "#stix/pattern-match.ts";
import type { Observation } from "#stix/pattern-observation.ts";
import type { Plan } from "#stix/pattern-plan.ts";
import { applyPolicy, withheld } from "#telemetry/field-policy.ts";
import type { Direction, FieldPolicy, Format, Seen, TelemetryRecord } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";
import { observationOf } from "./observed.ts";
import type { RecordPlace } from "./past.ts";

/** A kept record that is asked a pattern. */
export interface AskedRecord extends RecordRow {
  /** Its values as history keeps them beside its line, which may lack what the field policy took out; absent: those of its line. */
  readonly seen?: readonly Seen[];
}

/** A record of which, with others or alone, the pattern is true. */
export interface PatternRecord {
  readonly organisation: string;
  readonly sensor: string;
  readonly time: Instant;
  readonly text: string;
  readonly direction: Direction;
  /** The machine concerned: its name, else our end. */
  readonly own?: string;
  /** Its name alone, in lower case. */
  readonly host?: string;
  /** The two ends, who began it first. */
  readonly source?: End;
  readonly destination?: End;
}

/** What a page of kept records gave. */
export interface PatternPage {
  /** Each of records that no other has a part in. */
  readonly matches: readonly (readonly PatternRecord[])[];
  readonly unread: Readonly<Record<string, number>>;
  readonly undecided: Readonly<Record<string, number>>;
  readonly letGo: number;
  readonly open: readonly RecordPlace[];
}

/** A record with a part in the pattern, until it is true or the record too old. */
interface Held {
  readonly place: RecordPlace;
  readonly record: PatternRecord;
  readonly observation: Observation;
}

/** Records held for one organisation, and for all. */
const heldAtMost = 2_000;
const heldOfAll = 6_000;
/** Records with a part in the pattern after which it is asked again: few enough that each asking is of few. */
const askedAtOnce = 256;

const formatOf: ReadonlyMap<string, Format> = new Map(formats.map((format) => [format.id, format]));

/**
 * Asks a STIX pattern of kept records, one organisation's never together with another's; each in the order of time. A kept
 * line is read again by its format; what the field policy took out is no value. A pattern of one `[ ]` is true of each record
 * by itself. Of any other the records that have a part in it are held until it is true of some, which no other match has a
 * part in then; or until they are too old for its WITHIN.
 */
export class KeptPattern {
  readonly #compiled: CompiledPattern;
  readonly #walks: boolean;
  readonly #ownOf: (sensor: string) => readonly string[];
  readonly #networks = new Map<string, Networks>();
  readonly #readers = new KeptReaders();
  readonly #hidden = new Map<string, FieldPolicy>();
  /** Microseconds beyond which no two records have a part in one match. */
  readonly #span: number;
  readonly #held = new Map<string, Held[]>();
  #waiting = 0;
  #unread: Record<string, number> = {};
  #undecided: Record<string, number> = {};
  #letGo = 0;
  #border = Number.POSITIVE_INFINITY;
  #matches: PatternRecord[][] = [];

  /** @param walks records come organisation by organisation, so that what is held of one before is of no more use */
  constructor(compiled: CompiledPattern, walks: boolean, ownOf: (sensor: string) => readonly string[]) {
    this.#compiled = compiled;
    this.#walks = walks;
    this.#ownOf = ownOf;
    this.#span = Math.max(...compiled.plans.map(spanOf));
  }

  /** Records that were held when another process left off; nothing is asked of them alone. */
  restore(rows: readonly AskedRecord[]): void {
    for (const row of rows.toSorted((a, b) => a.time - b.time)) this.#take(row);
    [this.#unread, this.#undecided, this.#letGo, this.#waiting] = [{}, {}, 0, 0];
  }

  /**
   * @param rows   in the order of time, or organisation by organisation
   * @param border records of this time and later may still be followed by earlier ones, and are not asked yet; absent: by none
   */
  read(rows: readonly AskedRecord[], border = Number.POSITIVE_INFINITY): PatternPage {
    [this.#matches, this.#unread, this.#undecided, this.#letGo] = [[], {}, {}, 0];
    this.#border = border;
    for (const row of rows) {
      if (this.#walks && this.#held.size > 0 && !this.#held.has(row.organisation)) {
        this.#ask();
        this.#held.clear();
      }
      this.#take(row);
      if (this.#waiting >= askedAtOnce) this.#ask();
    }
    this.#ask();
    return {
      ...{ matches: this.#matches, unread: this.#unread, undecided: this.#undecided, letGo: this.#letGo },
      open: [...this.#held.values()].flatMap((held) => held.map(({ place }) => place)),
    };
  }

  #take(row: AskedRecord): void {
    const { record, hidden } = this.#recordOf(row);
    if (record === undefined) return;
    const observation = observationOf(record, hidden);
    if (this.#compiled.single) {
      const verdict = this.#compiled.match([observation]);
      if (!verdict.ok) this.#undecided[verdict.problem.code] = (this.#undecided[verdict.problem.code] ?? 0) + 1;
      else if (verdict.value.matches) this.#matches.push([this.#found(row, record)]);
      return;
    }
    if (!this.#compiled.touches(observation)) return;
    const { time, organisation, batch, line } = row;
    const held = this.#held.get(organisation) ?? [];
    this.#held.set(organisation, held);
    held.push({ place: { time, organisation, batch, line }, record: this.#found(row, record), observation });
    this.#waiting++;
  }

  /** Asks what is held, again and again while it is true; then lets go of what is too old, or too much. */
  #ask(): void {
    this.#waiting = 0;
    for (const [organisation, all] of this.#held) {
      // a match that an earlier record takes part in is found as if all had come in their order
      const early = all.toSorted((a, b) => a.record.time - b.record.time);
      const later = early.findIndex(({ record }) => record.time >= this.#border);
      const late = later < 0 ? [] : early.splice(later);
      let held = early;
      for (;;) {
        const verdict = this.#compiled.match(held.map(({ observation }) => observation));
        if (!verdict.ok) {
          const { code } = verdict.problem;
          this.#undecided[code] = (this.#undecided[code] ?? 0) + 1;
          // too many ways: with the older half gone there are fewer
          if (code === "WGL_STIX_PATTERN_WORK" && held.length > 1) {
            const half = held.length >> 1;
            this.#letGo += half;
            held = held.slice(half);
            continue;
          }
          break;
        }
        if (!verdict.value.matches || verdict.value.bound.length === 0) break;
        const bound = new Set(verdict.value.bound);
        this.#matches.push(held.filter((_, at) => bound.has(at)).map(({ record }) => record));
        held = held.filter((_, at) => !bound.has(at));
      }
      const newest = early.at(-1)?.observation.first ?? 0;
      held = [...held.filter(({ observation }) => observation.last + this.#span >= newest), ...late];
      if (held.length > heldAtMost) {
        this.#letGo += held.length - heldAtMost;
        held = held.slice(-heldAtMost);
      }
      if (held.length === 0) this.#held.delete(organisation);
      else this.#held.set(organisation, held);
    }
    let count = [...this.#held.values()].reduce((sum, { length }) => sum + length, 0);
    for (const [organisation, held] of this.#held) {
      if (count <= heldOfAll) break;
      // those of whoever was heard of first, all of them: halves of a match are of no use
      count -= held.length;
      this.#letGo += held.length;
      this.#held.delete(organisation);
    }
  }

  #recordOf(row: AskedRecord): { readonly record?: TelemetryRecord; readonly hidden: ReadonlySet<string> } {
    const format = formatOf.get(row.format);
    const hidden = new Set([withheld]);
    const read = format && row.text !== "" ? this.#readers.of(format, row).parse(row.text) : undefined;
    const time = row.time as Instant;
    if (format === undefined || read === undefined || !read.ok) {
      const code = read === undefined || read.ok ? "WGL_LOG_HEADER" : read.problem.code;
      if (row.text !== "") this.#unread[code] = (this.#unread[code] ?? 0) + 1;
      return row.seen === undefined ? { hidden } : { record: ofValues(row, row.seen), hidden };
    }
    const { until, seen, ...rest } = read.value;
    const took = until === undefined ? 0 : until - read.value.time;
    applyPolicy(
      rest.fields,
      this.#policyOf(format),
      (value) => {
        hidden.add(value);
        return value;
      },
      rest.event,
    );
    return {
      record: { ...rest, time, seen: row.seen ?? seen, ...(took > 0 ? { until: (time + took) as Instant } : {}) },
      hidden,
    };
  }

  #policyOf(format: Format): FieldPolicy {
    let policy = this.#hidden.get(format.id);
    if (policy === undefined) {
      policy = Object.fromEntries(Object.keys(hiddenOf(format.policy)).map((path) => [path, "hash" as const]));
      this.#hidden.set(format.id, policy);
    }
    return policy;
  }

  #found({ organisation, sensor, text }: AskedRecord, record: TelemetryRecord): PatternRecord {
    let own = this.#networks.get(sensor);
    if (own === undefined) this.#networks.set(sensor, (own = networks(this.#ownOf(sensor))));
    const host = record.host?.toLowerCase();
    const machine = host ?? ownEnd(record, own);
    const source = endOf(record, record.source, "source");
    const destination = endOf(record, record.destination, "destination");
    return {
      ...{ organisation, sensor, time: record.time, text, direction: directionOf(record, own) },
      ...(machine === undefined ? {} : { own: machine }),
      ...(host === undefined ? {} : { host }),
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
    };
  }
}

/** A record of which the values alone are kept. */
const ofValues = ({ time, event, source, destination }: AskedRecord, seen: readonly Seen[]): TelemetryRecord => ({
  ...{ time: time as Instant, event, fields: {}, seen, measures: {} },
  ...(source === undefined || source === "" ? {} : { source }),
  ...(destination === undefined || destination === "" ? {} : { destination }),
});

/** Microseconds in which all observations of a plan begin and end; infinite where nothing bounds them. */
const spanOf = (plan: Plan): number => {
  switch (plan.kind) {
    case "leaf":
      return plan.times === 1 ? 0 : Number.POSITIVE_INFINITY;
    case "within":
      return Math.min(plan.micros, spanOf(plan.of));
    case "all":
    case "followed": {
      const [only] = plan.of;
      return plan.of.length === 1 && only !== undefined ? spanOf(only) : Number.POSITIVE_INFINITY;
    }
    case "copies":
      return Number.POSITIVE_INFINITY;
  }
};
