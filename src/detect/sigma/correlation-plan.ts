import type { Instant } from "#core/instant.ts";
import type { CorrelationType, Threshold } from "./rule.ts";

/**
 * Where a window lies:
 *   sliding   (t − span, t], ending at each event
 *   tumbling  [k · span, (k + 1) · span) since 1970
 *   session   from an event on, as long as each next one comes within `gapMs`, and no longer than the span
 */
export type Lying =
  | { readonly kind: "sliding" }
  | { readonly kind: "tumbling" }
  | { readonly kind: "session"; readonly gapMs: number };

/** `Together` of the rule, its names resolved to places in `inputs`. */
export type Asked =
  | { readonly is: "input"; readonly input: number }
  | { readonly is: "and" | "or"; readonly of: readonly Asked[] }
  | { readonly is: "not"; readonly of: Asked };

/** What a correlation listens to: a detection rule, by the caller's number, or an earlier plan, by its place in the list. */
export type InputOf = { readonly rule: number } | { readonly plan: number };

export interface Input {
  readonly of: InputOf;
  /** Field of the input's events for each of the group's parts, aliases resolved; as long as in every other input. */
  readonly groupBy: readonly string[];
}

/** A correlation rule, its names resolved, ready to run. */
export interface Plan {
  readonly type: CorrelationType;
  /** In the rule's order, which `temporal_ordered` asks for. */
  readonly inputs: readonly Input[];
  /** Names of the group's parts, as the rule writes them; none: all events are one group. */
  readonly groupBy: readonly string[];
  readonly spanMs: number;
  readonly window: Lying;
  /** All hold together. Empty only for temporal types that ask for all inputs, or for what `asked` says. */
  readonly condition: readonly Threshold[];
  readonly asked?: Asked;
  /** What `value_…` types read; several fields together are one value to count. */
  readonly fields: readonly string[];
  /** Of `value_percentile`: 0 to 100. */
  readonly percentile: number;
}

/** The text or number of a field; absent is absent. */
export type FieldOf = (field: string) => string | number | undefined;

/** One condition that came true: a hit over time. */
export interface Correlated {
  /** Place in the list of plans. */
  readonly plan: number;
  /** When it came true: the time of the event that made it so. */
  readonly time: Instant;
  /** Of the events in the window, the first; the last is at `time`. */
  readonly first: Instant;
  /** Values of the group's parts, by the rule's names. */
  readonly group: Readonly<Record<string, string>>;
  /** What was counted; for temporal types the number of inputs. */
  readonly value: number;
  /** Ids of events in the window, the newest, at most `evidenceAtMost`, oldest first. */
  readonly events: readonly string[];
}

/** Enough to see what happened; the others are in the logs. */
export const evidenceAtMost = 20;

export const holds = (condition: readonly Threshold[], value: number): boolean =>
  condition.every(({ op, value: bound }) => {
    switch (op) {
      case "gt":
        return value > bound;
      case "gte":
        return value >= bound;
      case "lt":
        return value < bound;
      case "lte":
        return value <= bound;
      case "eq":
        return value === bound;
      case "neq":
        return value !== bound;
    }
  });

/**
 * How large a count must be known exactly for the condition to be decided: above it, it is as if it were there.
 * "at least 10" need not remember a million events.
 */
export const countsTo = (condition: readonly Threshold[]): number =>
  condition.reduce((most, { op, value }) => Math.max(most, op === "gte" ? value : value + 1), 1);

export const asks = (asked: Asked, there: (input: number) => boolean): boolean => {
  switch (asked.is) {
    case "input":
      return there(asked.input);
    case "and":
      return asked.of.every((one) => asks(one, there));
    case "or":
      return asked.of.some((one) => asks(one, there));
    case "not":
      return !asks(asked.of, there);
  }
};

/** Where the tumbling window that holds `t` begins. */
export const tumblingStart = (t: number, spanMs: number): number => Math.floor(t / spanMs) * spanMs;
