import { admit } from "#core/admit.ts";
import { betterGrade } from "#core/grade.ts";
import { hour, type Instant } from "#core/instant.ts";
import { stricterTlp } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import { type Problem, problem } from "#core/result.ts";
import type { ValuePolicy } from "#core/value-policy.ts";
import { BadBody } from "./bad-body.ts";
import type { ColumnFill } from "./column-fill.ts";
import type {
  Feed,
  Frame,
  Part,
  RawAdvisory,
  RawIndicator,
  RawReport,
  RawThreatName,
  Resighted,
  Row,
  Withdrawn,
} from "./feed.ts";

export interface ReadPolicy extends ValuePolicy {
  /** The moment of collection; a row's time after it is of no use. Absent: times are not checked. */
  readonly now?: Instant;
  /** The texts of refused rows are wanted. */
  readonly keepTexts?: true;
}

/** How many of each. `rows` = accepted + duplicates + rejected + skipped. */
export interface Counts {
  readonly rows: number;
  /** Indicators distinct by canonical value, advisories and names by id, and every report. */
  readonly accepted: number;
  readonly duplicates: number;
  /** Rows that were wrong, by code. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Rows that were right and of no use yet (revoked, a pattern we cannot match), by code. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Rows taken although something beside the value could not be read, by code. */
  readonly notes: Readonly<Record<string, number>>;
  /** Accepted, by kind. */
  readonly kinds: Readonly<Partial<Record<ObservableKind, number>>>;
}

/** One list of a body, read. At most one such stands in memory at a time when they are iterated. */
export interface PartReading extends Counts {
  readonly name: string;
  readonly indicators: readonly RawIndicator[];
  /** Each as it came: how often is part of what is said. */
  readonly reports: readonly RawReport[];
  /** The last of each id. */
  readonly advisories: readonly RawAdvisory[];
  /** Names people gave, the last of each id; absent: none. */
  readonly names?: readonly RawThreatName[];
  /** What the list takes back, and nothing else in it says. */
  readonly withdrawn?: readonly Withdrawn[];
  readonly resighted?: readonly Resighted[];
  /** The first `keptProblems`, each with its row. */
  readonly problems: readonly Problem[];
  /** The first 200 rows behind the problems, as they came; absent unless the policy asks for them. */
  readonly texts?: readonly RefusedText[];
  readonly frame?: Frame;
  readonly columns?: ColumnFill;
  /** The list is not what its feed promises: nothing of it is used, whatever else stands here. */
  readonly bad?: Problem;
}

/** A refused row's own text, cut to `keptText`; `place` is its problem's in `problems`. */
export interface RefusedText {
  readonly place: number;
  readonly text: string;
}

export type Verdict = "accept" | "accept-with-rejects" | "quarantine";

/** A whole body, read. */
export interface FeedReading extends PartReading {
  readonly file: string;
  readonly feed: string;
  readonly verdict: Verdict;
}

/** Rejected rows kept with their reason, a list; the rest are counted only. A person reads the first dozen. */
export const keptProblems = 1000;

/** Characters of a refused row that are kept with it: enough to repair a row of any table; a longer one is kept cut, and cannot be. */
export const keptText = 2048;
/** Rows whose text is kept, a list: collect keeps no more of a turn, and a body of rejects must not stand in memory twice. */
const keptTexts = 200;

/** A source's clock may be ahead of ours by this much before its times are called future. */
const clockSkewMs = hour;

/**
 * The body's lists one after the other, each distinct, canonical and under `policy`. Nothing throws: a body or list that
 * is not what its feed promises is a reading with `bad`.
 */
export function* readParts(
  feed: Feed,
  body: Uint8Array,
  file: string,
  policy: ReadPolicy,
): Generator<PartReading, void, undefined> {
  const values = feed.widest === undefined || policy.widest !== undefined ? policy : { ...policy, widest: feed.widest };
  let parts: Iterable<Part>;
  try {
    parts = feed.parts(body, file);
  } catch (error) {
    yield badReading("", error);
    return;
  }
  for (const part of parts) yield readPart(part, values);
}

/** The whole body at once; for archives of a million rows prefer `readParts`. Values that stand in several lists are merged. */
export const readFeed = (feed: Feed, body: Uint8Array, file: string, policy: ReadPolicy): FeedReading => {
  const whole = new Tally();
  let bad: Problem | undefined;
  for (const part of readParts(feed, body, file, policy)) {
    bad ??= part.bad;
    whole.add(part);
  }
  const verdict = bad === undefined ? (whole.hasRejects() ? "accept-with-rejects" : "accept") : "quarantine";
  return { ...whole.reading(""), file, feed: feed.id, verdict, ...(bad === undefined ? {} : { bad }) };
};

/** Total of a table of counts. */
export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const readPart = (part: Part, policy: ReadPolicy): PartReading => {
  const tally = new Tally(policy.keepTexts);
  try {
    for (const row of part.rows) tally.row(row, policy);
  } catch (error) {
    return badReading(part.name, error);
  }
  const reading = tally.reading(part.name);
  return {
    ...reading,
    ...(part.frame === undefined ? {} : { frame: part.frame }),
    ...(part.columns === undefined ? {} : { columns: part.columns }),
  };
};

const badReading = (name: string, error: unknown): PartReading => {
  if (!(error instanceof BadBody)) throw error;
  return { ...new Tally().reading(name), bad: error.problem };
};

class Tally {
  readonly #keepTexts: boolean;
  #rows = 0;
  #duplicates = 0;
  readonly #rejected: Record<string, number> = {};
  readonly #skipped: Record<string, number> = {};
  readonly #notes: Record<string, number> = {};
  readonly #indicators: RawIndicator[] = [];
  readonly #reports: RawReport[] = [];
  readonly #advisories = new Map<string, RawAdvisory>();
  readonly #names = new Map<string, RawThreatName>();
  readonly #places = new Map<ObservableKind, Map<string, number>>();
  readonly #problems: Problem[] = [];
  readonly #texts: RefusedText[] = [];
  readonly #withdrawn: Withdrawn[] = [];
  readonly #resighted: Resighted[] = [];

  constructor(keepTexts = false) {
    this.#keepTexts = keepTexts;
  }

  row(row: Row, policy: ReadPolicy): void {
    this.#rows++;
    const { result } = row;
    if (row.withdraws !== undefined) this.#withdrawn.push(...row.withdraws);
    if (row.resights !== undefined) this.#resighted.push(row.resights);
    if (!result.ok) return this.#refuse(result.problem, row);
    if (result.value.is !== undefined) return this.#statement(result.value, row, policy);
    const admitted = admit(result.value.observable, policy);
    if (!admitted.ok)
      return this.#refuse({ ...admitted.problem, at: `row ${row.row}` }, row, result.value.observable.value);
    let value = result.value;
    if (admitted.value.flags.length > 0)
      value = { ...value, flags: [...new Set([...(value.flags ?? []), ...admitted.value.flags])] };
    if (row.note !== undefined) this.#note({ ...row.note, at: `row ${row.row}` });
    if (policy.now !== undefined && value.seenAt !== undefined && value.seenAt > policy.now + clockSkewMs) {
      const { seenAt, ...timeless } = value;
      this.#note(problem("WGL_ROW_TIME", { value: String(seenAt) }, `row ${row.row}`));
      value = timeless;
    }
    this.#take(value);
  }

  add(part: PartReading): void {
    for (const value of part.indicators) this.#take(value);
    this.#rows += part.rows;
    this.#duplicates += part.duplicates;
    sum(this.#rejected, part.rejected);
    sum(this.#skipped, part.skipped);
    sum(this.#notes, part.notes);
    this.#reports.push(...part.reports);
    for (const one of part.advisories) this.#advise(one);
    for (const one of part.names ?? []) this.#name(one);
    this.#withdrawn.push(...(part.withdrawn ?? []));
    this.#resighted.push(...(part.resighted ?? []));
    const room = keptProblems - this.#problems.length;
    if (room > 0) this.#problems.push(...part.problems.slice(0, room));
  }

  hasRejects(): boolean {
    return Object.keys(this.#rejected).length > 0;
  }

  reading(name: string): PartReading {
    const kinds: Partial<Record<ObservableKind, number>> = {};
    for (const [kind, places] of this.#places) kinds[kind] = places.size;
    const withdrawn = this.#withdrawn.filter((one) => !this.#says(one));
    return {
      name,
      rows: this.#rows,
      accepted: this.#indicators.length + this.#reports.length + this.#advisories.size + this.#names.size,
      duplicates: this.#duplicates,
      rejected: this.#rejected,
      skipped: this.#skipped,
      notes: this.#notes,
      kinds,
      indicators: this.#indicators,
      reports: this.#reports,
      advisories: [...this.#advisories.values()],
      ...(this.#names.size === 0 ? {} : { names: [...this.#names.values()] }),
      ...(withdrawn.length === 0 ? {} : { withdrawn }),
      ...(this.#resighted.length === 0 ? {} : { resighted: this.#resighted }),
      problems: this.#problems,
      ...(this.#texts.length === 0 ? {} : { texts: this.#texts }),
    };
  }

  /** A report is about somebody's asset, so no value policy for indicators binds it; only its time is looked at. */
  #statement(value: RawReport | RawAdvisory | RawThreatName, row: Row, policy: ReadPolicy): void {
    if (row.note !== undefined) this.#note({ ...row.note, at: `row ${row.row}` });
    if (value.is === "advisory") return this.#advise(value);
    if (value.is === "name") return this.#name(value);
    if (policy.now === undefined || value.seenAt === undefined || value.seenAt <= policy.now + clockSkewMs)
      this.#reports.push(value);
    else {
      const { seenAt, ...timeless } = value;
      this.#note(problem("WGL_ROW_TIME", { value: String(seenAt) }, `row ${row.row}`));
      this.#reports.push(timeless);
    }
  }

  #advise(value: RawAdvisory): void {
    if (this.#advisories.has(value.id)) this.#duplicates++;
    this.#advisories.set(value.id, value);
  }

  #name(value: RawThreatName): void {
    if (this.#names.has(value.id)) this.#duplicates++;
    this.#names.set(value.id, value);
  }

  /** Another row of this reading stands by what is withdrawn. */
  readonly #says = ({ observable, by }: Withdrawn): boolean => {
    const place = this.#places.get(observable.kind)?.get(observable.value);
    return place !== undefined && (by === undefined || this.#indicators[place]?.by?.includes(by) === true);
  };

  #take(value: RawIndicator): void {
    const { kind, value: text } = value.observable;
    let places = this.#places.get(kind);
    if (places === undefined) {
      places = new Map();
      this.#places.set(kind, places);
    }
    const place = places.get(text);
    const before = place === undefined ? undefined : this.#indicators[place];
    if (place === undefined || before === undefined) {
      places.set(text, this.#indicators.length);
      this.#indicators.push(value);
      return;
    }
    this.#duplicates++;
    this.#indicators[place] = merged(before, value);
  }

  #refuse(why: Problem, row: Row, value?: string): void {
    count(row.legal === true ? this.#skipped : this.#rejected, why.code);
    const text = this.#keepTexts && row.legal !== true ? (row.text ?? value) : undefined;
    if (text !== undefined && this.#texts.length < keptTexts && this.#problems.length < keptProblems)
      // a copy: a slice would hold on to the piece of the body it was cut from
      this.#texts.push({ place: this.#problems.length, text: Buffer.from(text.slice(0, keptText)).toString() });
    this.#keep(why);
  }

  #note(why: Problem): void {
    count(this.#notes, why.code);
    this.#keep(why);
  }

  #keep(why: Problem): void {
    if (this.#problems.length < keptProblems) this.#problems.push(why);
  }
}

const count = (counts: Record<string, number>, code: string): void => {
  counts[code] = (counts[code] ?? 0) + 1;
};

const sum = (into: Record<string, number>, from: Readonly<Record<string, number>>): void => {
  for (const [code, number] of Object.entries(from)) into[code] = (into[code] ?? 0) + number;
};

/** One value said twice by one source: labels and flags together, the later time, the better grade, the stricter TLP. */
const merged = (a: RawIndicator, b: RawIndicator): RawIndicator => {
  const sameLabels = a.labels === b.labels || b.labels.every((label) => a.labels.includes(label));
  if (
    sameLabels &&
    b.seenAt === undefined &&
    b.grade === undefined &&
    b.tlp === undefined &&
    b.flags === undefined &&
    b.validUntil === undefined &&
    b.by === undefined
  )
    return a;
  const seenAt = later(a.seenAt, b.seenAt);
  const grade = both(a.grade, b.grade, betterGrade);
  const tlp = both(a.tlp, b.tlp, stricterTlp);
  const flags = both(a.flags, b.flags, (x, y) => [...new Set([...x, ...y])]);
  const validUntil = later(a.validUntil, b.validUntil);
  const by = both(a.by, b.by, (x, y) => [...new Set([...x, ...y])]);
  return {
    observable: a.observable,
    labels: sameLabels ? a.labels : [...new Set([...a.labels, ...b.labels])],
    ...(seenAt === undefined ? {} : { seenAt }),
    ...(grade === undefined ? {} : { grade }),
    ...(tlp === undefined ? {} : { tlp }),
    ...(flags === undefined ? {} : { flags }),
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(by === undefined ? {} : { by }),
  };
};

const both = <T>(a: T | undefined, b: T | undefined, join: (a: T, b: T) => T): T | undefined =>
  a === undefined ? b : b === undefined ? a : join(a, b);

const later = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  both(a, b, (x, y) => (y > x ? y : x));
