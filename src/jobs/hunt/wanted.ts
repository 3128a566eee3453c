import { instant, type Instant, parseInstant } from "#core/instant.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import { no, ok, type Result } from "#core/result.ts";
import { noPatternYet, type PatternProgress } from "./pattern-port.ts";
import { huntedPattern } from "./pattern-wanted.ts";
import type { RuleWanted } from "./rule-asked.ts";
import { observablesOf } from "#stix/pattern-observables.ts";
import { readPattern } from "#stix/read-pattern.ts";

/** What a person asks a hunt for, as it was written. */
export interface HuntWords {
  readonly values?: readonly string[];
  readonly pattern?: string;
  /** Instead of both; rule-asked.ts reads it. */
  readonly rule?: RuleWanted;
  readonly from?: string;
  readonly to?: string;
}

/** What is hunted for: values, and where they alone do not decide it the pattern that is asked of records. */
export interface HuntWanted {
  readonly values: readonly Observable[];
  readonly patterned?: PatternProgress;
}

/**
 * Values in any writing; or a STIX pattern. One that any one of its values makes true is a hunt for values, as live matching
 * would see them; any other is asked of records (`huntedPattern`).
 *
 * @returns WGL_HUNT_WHAT, and what reading gives
 */
export const wantedOf = ({ values, pattern, rule }: HuntWords): Result<HuntWanted> => {
  if (rule !== undefined) {
    const alone =
      values === undefined && pattern === undefined && (rule.text === undefined) !== (rule.id === undefined);
    return alone ? ok({ values: [] }) : no("WGL_HUNT_WHAT");
  }
  if ((values === undefined) === (pattern === undefined)) return no("WGL_HUNT_WHAT");
  if (pattern !== undefined) return wantedOfPattern(pattern);
  const wanted = new Map<string, Observable>();
  for (const value of values ?? []) {
    const read = readValue(value);
    if (!read.ok) return read;
    wanted.set(observableKey(read.value.observable), read.value.observable);
  }
  return wanted.size === 0 ? no("WGL_HUNT_WHAT") : ok({ values: [...wanted.values()] });
};

const wantedOfPattern = (pattern: string): Result<HuntWanted> => {
  const alone = valuesAlone(pattern);
  if (alone.ok || alone.problem.code !== "WGL_STIX_PATTERN_UNSUPPORTED") return alone;
  const hunted = huntedPattern(pattern);
  if (!hunted.ok) return hunted;
  const { anchors } = hunted.value;
  return ok({ values: anchors ?? [], patterned: noPatternYet(anchors !== undefined) });
};

/** The values any one of which makes the pattern true. @returns WGL_STIX_PATTERN_UNSUPPORTED, and what reading gives */
const valuesAlone = (pattern: string): Result<HuntWanted> => {
  const read = readPattern(pattern);
  if (!read.ok) return read;
  const named = observablesOf(read.value);
  if (!named.ok) return named;
  const wanted = new Map(named.value.map(({ observable }) => [observableKey(observable), observable]));
  return wanted.size === 0 ? no("WGL_HUNT_WHAT") : ok({ values: [...wanted.values()] });
};

/** ISO 8601; absent: all that is kept, until now. @returns WGL_TIME, WGL_HUNT_PERIOD */
export const periodOf = (
  { from, to }: HuntWords,
  now: Instant,
): Result<{ readonly from: Instant; readonly to: Instant }> => {
  const begin = from === undefined ? ok(instant(0)) : parseInstant(from);
  if (!begin.ok) return begin;
  const end = to === undefined ? ok(now) : parseInstant(to);
  if (!end.ok) return end;
  return begin.value < end.value ? ok({ from: begin.value, to: end.value }) : no("WGL_HUNT_PERIOD");
};
