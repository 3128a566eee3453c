import type { ColumnFill } from "./column-fill.ts";
import type { RawIndicator } from "./feed.ts";

/**
 * What a list usually looks like, beside how long it is: small enough to keep with the feed, telling enough that a list
 * of another kind, or one filled with noise, does not pass for it. Shares are 0 to 1 of the accepted indicators.
 */
export interface Profile {
  readonly values: number;
  /** By kind of observable. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Rows with a time, with a label. */
  readonly timed: number;
  readonly labelled: number;
  /** Of the names and URLs: characters, and bits of entropy a character (Shannon, over UTF-16 units). */
  readonly length: number;
  readonly entropy: number;
  /** Share of the most common neighbourhood: a /16 of IPv4, a /32 of IPv6, a name's last two labels. */
  readonly crowd: number;
  /** By column of a table: the share of its records in which it says something. Absent: kept before columns were counted, or no table. */
  readonly columns?: Readonly<Record<string, number>>;
}

/** Neighbourhoods remembered while counting; past it the rarest are forgotten, which only matters to lists without a crowd. */
const neighbourhoodsAtMost = 50_000;

/** Of a long list the rows behind these many are looked at one in `oneOf`: shares need no more, and turns stay fast. */
const lookedAtWhole = 50_000;
const oneOf = 16;

/** Counts a list's rows into a profile. */
export class Profiler {
  #values = 0;
  #looked = 0;
  #timed = 0;
  #labelled = 0;
  #texts = 0;
  #characters = 0;
  readonly #kinds = new Map<string, number>();
  readonly #codes = new Float64Array(128);
  #near = new Map<string, number>();
  #records = 0;
  readonly #filled = new Map<string, number>();

  /** The columns of a list, once its rows were read. */
  columns({ rows, filled }: ColumnFill): void {
    this.#records += rows;
    for (const [name, count] of filled) this.#filled.set(name, (this.#filled.get(name) ?? 0) + count);
  }

  add(raw: RawIndicator): void {
    this.#values++;
    if (this.#values <= lookedAtWhole) this.#look(raw, 1);
    else if (this.#values % oneOf === 0) this.#look(raw, oneOf);
  }

  /** @param by how many rows this one stands for */
  #look(raw: RawIndicator, by: number): void {
    const { kind, value } = raw.observable;
    this.#looked += by;
    if (raw.seenAt !== undefined) this.#timed += by;
    if (raw.labels.length > 0) this.#labelled += by;
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + by);
    if (kind === "domain" || kind === "url" || kind === "path" || kind === "email") {
      this.#texts += by;
      this.#characters += value.length * by;
      for (let at = 0; at < value.length; at++) {
        const code = value.charCodeAt(at);
        const slot = code < 128 ? code : 127;
        this.#codes[slot] = (this.#codes[slot] ?? 0) + by;
      }
    }
    const near = neighbourhood(kind, value);
    if (near === undefined) return;
    this.#near.set(near, (this.#near.get(near) ?? 0) + by);
    if (this.#near.size > neighbourhoodsAtMost) this.#forgetRare();
  }

  /** Down to half, so that forgetting costs little a row whatever the list holds. */
  #forgetRare(): void {
    for (let seldom = 1; this.#near.size > neighbourhoodsAtMost / 2; seldom *= 2)
      this.#near = new Map([...this.#near].filter(([, count]) => count > seldom));
  }

  profile(): Profile {
    const of = Math.max(1, this.#looked);
    let entropy = 0;
    for (const count of this.#codes) {
      if (count === 0) continue;
      const share = count / this.#characters;
      entropy -= share * Math.log2(share);
    }
    return {
      values: this.#values,
      kinds: Object.fromEntries(
        [...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => [kind, round(count / of)]),
      ),
      timed: round(this.#timed / of),
      labelled: round(this.#labelled / of),
      length: this.#texts === 0 ? 0 : round(this.#characters / this.#texts),
      entropy: round(entropy),
      crowd: round([...this.#near.values()].reduce((most, count) => Math.max(most, count), 0) / of),
      ...(this.#records === 0
        ? {}
        : {
            columns: Object.fromEntries(
              [...this.#filled].map(([name, count]) => [name, round(count / this.#records)] as const),
            ),
          }),
    };
  }
}

const round = (share: number): number => Math.round(share * 1000) / 1000;

const neighbourhood = (kind: string, value: string): string | undefined => {
  if (kind === "ipv4") return value.slice(0, value.indexOf(".", value.indexOf(".") + 1));
  if (kind === "ipv6") return value.slice(0, value.indexOf(":", value.indexOf(":") + 1));
  if (kind === "domain") return value.slice(value.lastIndexOf(".", value.lastIndexOf(".") - 1) + 1);
  return undefined;
};

/** How a list moved against its own past, as what moved and by how much; undefined: not further than on a normal day. */
export interface Drift {
  readonly what: "kinds" | "times" | "labels" | "length" | "entropy" | "crowd" | "columns";
  readonly before: string;
  readonly now: string;
  /** Which column moved. */
  readonly column?: string;
}

export interface DriftLimits {
  /** Lists shorter than this, before or now, are not compared: a person could not tell such a change from a normal day. */
  readonly floorValues: number;
  /** Total variation distance of the shares of kinds, 0 to 1. */
  readonly kinds: number;
  /** Difference of the share of rows with a time or a label. */
  readonly share: number;
  /** Times longer or shorter. */
  readonly length: number;
  /** Bits a character. */
  readonly entropy: number;
  /** More of the list than before in one neighbourhood. */
  readonly crowd: number;
  /**
   * Difference of the share of records in which one column says something: a column that moved, was renamed or stays
   * empty from a day on. A new column alone is no drift: tables grow.
   */
  readonly column: number;
}

export const driftLimits: DriftLimits = {
  floorValues: 100,
  kinds: 0.5,
  share: 0.7,
  length: 2.5,
  entropy: 0.5,
  crowd: 0.6,
  column: 0.7,
};

/** The first thing that moved further than `limits` allow. Symmetric in what it compares, save `crowd`, which only alarms when it grows. */
export const driftOf = (before: Profile, now: Profile, limits: DriftLimits = driftLimits): Drift | undefined => {
  if (before.values < limits.floorValues || now.values < limits.floorValues) return undefined;
  const kinds = new Set([...Object.keys(before.kinds), ...Object.keys(now.kinds)]);
  let distance = 0;
  for (const kind of kinds) distance += Math.abs((before.kinds[kind] ?? 0) - (now.kinds[kind] ?? 0)) / 2;
  if (distance > limits.kinds) return { what: "kinds", before: printKinds(before), now: printKinds(now) };
  const moved = (what: Drift["what"], one: number, other: number): Drift => ({
    what,
    before: String(one),
    now: String(other),
  });
  if (Math.abs(before.timed - now.timed) > limits.share) return moved("times", before.timed, now.timed);
  if (Math.abs(before.labelled - now.labelled) > limits.share) return moved("labels", before.labelled, now.labelled);
  const [long, short] = [Math.max(before.length, now.length), Math.min(before.length, now.length)];
  if (short > 0 && long / short > limits.length) return moved("length", before.length, now.length);
  if (short > 0 && Math.abs(before.entropy - now.entropy) > limits.entropy)
    return moved("entropy", before.entropy, now.entropy);
  if (now.crowd - before.crowd > limits.crowd) return moved("crowd", before.crowd, now.crowd);
  if (before.columns === undefined || now.columns === undefined) return undefined;
  for (const [column, share] of Object.entries(before.columns)) {
    const after = now.columns[column] ?? 0;
    if (Math.abs(share - after) > limits.column) return { ...moved("columns", share, after), column };
  }
  return undefined;
};

const printKinds = ({ kinds }: Profile): string =>
  Object.entries(kinds)
    .map(([kind, share]) => `${kind} ${Math.round(share * 100)} %`)
    .join(", ");
