import { day, hour, minute } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { addPlace, noPlaces, type Place, placesIn, type SavedPlaces, savePlaces } from "#detect/evidence.ts";

/** What one of ours sent to one place outside: the last hour finely, the last 31 days by the hour. */
export interface Volumes {
  readonly source: string;
  readonly destination: string;
  /** When the first record of the pair came, large or small. */
  began: number;
  /** Bytes by five minutes, of the last hour. */
  fine: Sums;
  /** Bytes by the hour, of 31 days. */
  hours: Sums;
  evidence: Place[];
  /** When it was last spoken of. */
  spoken: number;
}

/** Stretches of time since 1970, each with its bytes behind it, oldest first; those with none left out. */
type Sums = number[];

const slotMs = 5 * minute;

/** A pair of which nothing was added up yet. */
export const noVolumes = (source: string, destination: string, began: number): Volumes => ({
  ...{ source, destination, began, fine: [], hours: [], evidence: [], spoken: 0 },
});

/** The only record of a pair so far. Most pairs have one, and cost as little as they can. */
export interface Sent {
  readonly began: number;
  /** 0: too little to be added up. */
  readonly bytes: number;
  readonly place: Place;
}

/** The same, where there may be more. */
export const volumesFrom = (source: string, destination: string, { began, bytes, place }: Sent): Volumes => {
  const volumes = noVolumes(source, destination, began);
  if (bytes === 0) return volumes;
  volumes.fine = [Math.floor(began / slotMs), bytes];
  volumes.hours = [Math.floor(began / hour), bytes];
  volumes.evidence = [place];
  return volumes;
};

export const addVolume = (volumes: Volumes, fact: Fact, bytes: number): void => {
  const { at } = fact;
  volumes.fine = added(volumes.fine, Math.floor(at / slotMs), hour / slotMs, bytes);
  volumes.hours = added(volumes.hours, Math.floor(at / hour), (31 * day) / hour, bytes);
  addPlace(volumes, fact);
};

/** Facts come in order, so the last sum is the one to add to; only the last `kept` stretches are kept. */
const added = (sums: Sums, now: number, kept: number, bytes: number): Sums => {
  const last = sums.length - 2;
  if (last < 0) return [now, bytes];
  if (sums[last] === now) sums[last + 1] = (sums[last + 1] ?? 0) + bytes;
  else sums.push(now, bytes);
  while (sums.length > 0 && (sums[0] ?? 0) <= now - kept) sums.splice(0, 2);
  return sums;
};

export const lastHour = ({ fine }: Volumes): number => {
  let bytes = 0;
  for (let n = 1; n < fine.length; n += 2) bytes += fine[n] ?? 0;
  return bytes;
};

/** Sum of the `hours` hours that end with the one of `at`, and in how many of them something was sent. */
export const lastHours = (
  volumes: Volumes,
  at: number,
  hours: number,
): { readonly bytes: number; readonly active: number } => {
  const from = Math.floor(at / hour) - hours;
  let bytes = 0;
  let active = 0;
  for (let n = volumes.hours.length - 2; n >= 0 && (volumes.hours[n] ?? 0) > from; n -= 2) {
    bytes += volumes.hours[n + 1] ?? 0;
    active++;
  }
  return { bytes, active };
};

/** Days of the last `days` on which something was sent, by the hours kept. */
export const activeDays = (volumes: Volumes, at: number, days: number): number => {
  const from = Math.floor(at / hour) - days * 24;
  return new Set(pairsOf(volumes.hours).flatMap(([key]) => (key > from ? Math.floor(key / 24) : []))).size;
};

const pairsOf = (sums: Sums): readonly (readonly [key: number, bytes: number])[] => {
  const pairs: [number, number][] = [];
  for (let n = 0; n < sums.length; n += 2) pairs.push([sums[n] ?? 0, sums[n + 1] ?? 0]);
  return pairs;
};

/** What was usual in this hour: the same hour of earlier weeks where there are enough, else the same hour of earlier days. */
export interface Usual {
  readonly median: number;
  /** Median absolute deviation, at least a tenth of the median and 1 MB, so that a constant series has a spread. */
  readonly spread: number;
  /** The largest hour before this one. */
  readonly most: number;
  readonly samples: number;
}

const leastSamples = 3;

export const usual = (volumes: Volumes, at: number): Usual | undefined => {
  const now = Math.floor(at / hour);
  const first = Math.max(Math.floor(volumes.began / hour), now - (30 * day) / hour);
  const hours = pairsOf(volumes.hours);
  const sent = new Map(hours);
  const sample = (step: number): number[] => {
    const values: number[] = [];
    for (let key = now - step; key >= first; key -= step) values.push(sent.get(key) ?? 0);
    return values;
  };
  const weeks = sample(168);
  const values = weeks.length >= leastSamples ? weeks : sample(24);
  if (values.length < leastSamples) return undefined;
  const median = middle(values);
  const spread = Math.max(middle(values.map((value) => Math.abs(value - median))), median / 10, 1_000_000);
  const most = hours.reduce((max, [key, bytes]) => (key < now && bytes > max ? bytes : max), 0);
  return { median, spread, most, samples: values.length };
};

const middle = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
};

/** Sums in turn, as checkpoints have them: how long each list is, and its numbers; stretches of time as differences. */
interface SavedSums {
  readonly many: number[];
  readonly numbers: number[];
}

/** Volumes in turn, as checkpoints have them. */
export interface SavedVolumes {
  readonly ends: string[];
  readonly began: number[];
  readonly fine: SavedSums;
  readonly hours: SavedSums;
  readonly evidence: SavedPlaces;
  readonly spoken: number[];
}

/** @param all by source and destination: "10.0.0.1 www.parks.example" */
export const saveVolumes = (all: Iterable<readonly [pair: string, volumes: Volumes | Sent]>): SavedVolumes => {
  const saved: SavedVolumes = {
    ...{ ends: [], began: [], fine: { many: [], numbers: [] }, hours: { many: [], numbers: [] } },
    ...{ evidence: noPlaces(), spoken: [] },
  };
  for (const [pair, one] of all) {
    const cut = pair.indexOf(" ");
    const [source, destination] = [pair.slice(0, cut), pair.slice(cut + 1)];
    saved.ends.push(source, destination);
    const { began, fine, hours, evidence, spoken } = "place" in one ? volumesFrom(source, destination, one) : one;
    saved.began.push(began);
    saveSums(saved.fine, fine);
    saveSums(saved.hours, hours);
    savePlaces(saved.evidence, evidence);
    saved.spoken.push(spoken);
  }
  return saved;
};

const saveSums = ({ many, numbers }: SavedSums, sums: Sums): void => {
  many.push(sums.length);
  for (let n = 0; n < sums.length; n += 2) numbers.push((sums[n] ?? 0) - (sums[n - 2] ?? 0), sums[n + 1] ?? 0);
};

export function* volumesIn({ ends, began, fine, hours, evidence, spoken }: SavedVolumes): Generator<Volumes> {
  const places = placesIn(evidence);
  const [fineOf, hoursOf] = [sumsIn(fine), sumsIn(hours)];
  for (const [n, first] of began.entries())
    yield {
      ...{ source: ends[2 * n] ?? "", destination: ends[2 * n + 1] ?? "", began: first },
      ...{ fine: fineOf(), hours: hoursOf(), evidence: places(), spoken: spoken[n] ?? 0 },
    };
}

const sumsIn = ({ many, numbers }: SavedSums): (() => Sums) => {
  let next = 0;
  let at = 0;
  return () => {
    const sums = numbers.slice(at, at + (many[next] ?? 0));
    at += many[next++] ?? 0;
    for (let n = 2; n < sums.length; n += 2) sums[n] = (sums[n] ?? 0) + (sums[n - 2] ?? 0);
    return sums;
  };
};

/** As checkpoints of version 1 have it. */
export interface VolumesOfVersion1 extends Omit<Volumes, "fine" | "hours"> {
  readonly fine: readonly (readonly [slot: number, bytes: number])[];
  readonly hours: readonly (readonly [hour: number, bytes: number])[];
}

export const volumesOfVersion1 = ({ fine, hours, evidence, ...rest }: VolumesOfVersion1): Volumes => ({
  ...{ ...rest, fine: fine.flat(), hours: hours.flat(), evidence: [...evidence] },
});
