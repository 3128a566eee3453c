import { day, hour, minute } from "#core/instant.ts";

/** What one of ours sent to one place outside: the last hour finely, the last 31 days by the hour. Plain data. */
export interface Volumes {
  readonly source: string;
  readonly destination: string;
  /** When the first record of the pair came, large or small. */
  began: number;
  /** Bytes by five minutes, of the last hour: [slot since 1970, bytes]. */
  readonly fine: [slot: number, bytes: number][];
  /** Bytes by the hour since 1970, hours with none left out, oldest first. */
  readonly hours: [hour: number, bytes: number][];
  readonly evidence: { readonly id: string; readonly from: string; readonly line: number }[];
  /** When it was last spoken of. */
  spoken: number;
}

const slotMs = 5 * minute;
const evidenceKept = 20;

export const addVolume = (volumes: Volumes, at: number, bytes: number, evidence: Volumes["evidence"][number]): void => {
  add(volumes.fine, Math.floor(at / slotMs), bytes);
  while (volumes.fine.length > 0 && (volumes.fine[0]?.[0] ?? 0) <= Math.floor(at / slotMs) - hour / slotMs)
    volumes.fine.shift();
  add(volumes.hours, Math.floor(at / hour), bytes);
  while (volumes.hours.length > 0 && (volumes.hours[0]?.[0] ?? 0) <= Math.floor(at / hour) - (31 * day) / hour)
    volumes.hours.shift();
  volumes.evidence.push(evidence);
  if (volumes.evidence.length > evidenceKept) volumes.evidence.shift();
};

/** Facts come in order, so the last entry is the one to add to. */
const add = (sums: [number, number][], key: number, bytes: number): void => {
  const last = sums.at(-1);
  if (last && last[0] === key) last[1] += bytes;
  else sums.push([key, bytes]);
};

export const lastHour = ({ fine }: Volumes): number => fine.reduce((sum, [, bytes]) => sum + bytes, 0);

/** Sum of the `hours` hours that end with the one of `at`, and in how many of them something was sent. */
export const lastHours = (
  volumes: Volumes,
  at: number,
  hours: number,
): { readonly bytes: number; readonly active: number } => {
  const from = Math.floor(at / hour) - hours;
  let bytes = 0;
  let active = 0;
  for (let i = volumes.hours.length - 1; i >= 0; i--) {
    const [key, sum] = volumes.hours[i] as [number, number];
    if (key <= from) break;
    bytes += sum;
    active++;
  }
  return { bytes, active };
};

/** Days of the last `days` on which something was sent, by the hours kept. */
export const activeDays = (volumes: Volumes, at: number, days: number): number => {
  const from = Math.floor(at / hour) - days * 24;
  return new Set(volumes.hours.filter(([key]) => key > from).map(([key]) => Math.floor(key / 24))).size;
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
  const sent = new Map(volumes.hours);
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
  const most = volumes.hours.reduce((max, [key, bytes]) => (key < now && bytes > max ? bytes : max), 0);
  return { median, spread, most, samples: values.length };
};

const middle = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
};
