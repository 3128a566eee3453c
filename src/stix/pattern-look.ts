import { type Problem, problem } from "#core/result.ts";

/** A STIX object as parsed JSON; only own properties are its properties. */
export type StixObject = Readonly<Record<string, unknown>>;

/**
 * One look at one observation. Where a value cannot be compared at all (a timestamp that is none), the comparison counts
 * as not true and says why: a pattern that is true without it is true, any other is undecided.
 */
export interface Look {
  /** The object a reference names, where the observation or its bundle has it. */
  find: (id: string) => StixObject | undefined;
  /** The first value that could not be compared. */
  trouble: Problem | undefined;
  /** Items of lists visited; `[*]` behind `[*]` multiplies. */
  visited: number;
}

/** Visits of list items one look may take: lists of 100 items behind lists of 1,000. */
export const mostVisits = 100_000;

export const openLook = (): Look => ({ find: nowhere, trouble: undefined, visited: 0 });

/** Lets go of the observation: a hundred thousand patterns must not each keep the last they saw. */
export const closeLook = (look: Look): void => {
  look.find = nowhere;
};

const nowhere = (): undefined => undefined;

export const note = (look: Look, property: string, value: string, wanted: string): false => {
  look.trouble ??= problem("WGL_STIX_COMPARE", { property, value, wanted });
  return false;
};

export const isObject = (value: unknown): value is StixObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
