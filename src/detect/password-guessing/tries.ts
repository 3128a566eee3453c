import { day } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { addPlace, type Place } from "#detect/evidence.ts";

/** Failed log-ons of one key (a source, or an account), the newest of them. Plain data. */
export interface Tries {
  /** Newest failures, oldest first. */
  readonly failures: { readonly at: number; readonly other: string }[];
  /** What each failed with last, within a day: accounts of a source, sources of an account. */
  readonly others: [other: string, at: number, count: number][];
  /** Others that came in here within a day: who fails and succeeds is a person. */
  readonly entered: [other: string, at: number][];
  evidence: Place[];
  /** By what was said, when. */
  readonly spoken: Record<string, number>;
}

/** Enough for every threshold; a flood needs no more. */
const failuresKept = 256;
const othersKept = 1024;

export const noTries = (): Tries => ({ failures: [], others: [], entered: [], evidence: [], spoken: {} });

export const addFailure = (tries: Tries, fact: Fact, other: string): void => {
  const { at } = fact;
  tries.failures.push({ at, other });
  if (tries.failures.length > failuresKept) tries.failures.shift();
  const known = tries.others.findIndex(([name]) => name === other);
  const count = known < 0 ? 0 : (tries.others.splice(known, 1)[0]?.[2] ?? 0);
  tries.others.push([other, at, count + 1]);
  while (tries.others.length > othersKept || (tries.others[0]?.[1] ?? at) < at - day) tries.others.shift();
  addPlace(tries, fact);
};

export const addEntry = (tries: Tries, at: number, other: string): void => {
  const known = tries.entered.findIndex(([name]) => name === other);
  if (known >= 0) tries.entered.splice(known, 1);
  tries.entered.push([other, at]);
  while (tries.entered.length > othersKept || (tries.entered[0]?.[1] ?? at) < at - day) tries.entered.shift();
};

/** Failures within `ms` before `at`, of one other or of all, and when the first of them was. */
export const failuresWithin = (
  { failures }: Tries,
  at: number,
  ms: number,
  other?: string,
): { readonly count: number; readonly first: number } => {
  let count = 0;
  let first = at;
  for (let i = failures.length - 1; i >= 0; i--) {
    const one = failures[i] as Tries["failures"][number];
    if (one.at <= at - ms) break;
    if (other !== undefined && one.other !== other) continue;
    count++;
    first = one.at;
  }
  return { count, first };
};

/** Others that failed within `ms` before `at` and did not come in within a day, and when the first of them last failed. */
export const othersWithin = (
  { others, entered }: Tries,
  at: number,
  ms: number,
): { readonly failed: number; readonly entered: number; readonly first: number } => {
  const inside = new Set(entered.filter(([, when]) => when > at - day).map(([name]) => name));
  const failed = others.filter(([name, when]) => when > at - ms && !inside.has(name));
  return { failed: failed.length, entered: inside.size, first: failed[0]?.[1] ?? at };
};
