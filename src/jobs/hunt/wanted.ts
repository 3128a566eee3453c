import { instant, type Instant, parseInstant } from "#core/instant.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { RuleWanted } from "./rule-asked.ts";
import { observablesOf } from "#stix/pattern-observables.ts";
import { readPattern } from "#stix/read-pattern.ts";

/** What a person asks a hunt for, as it was written. */
export interface HuntWords {
  readonly values?: readonly string[];
  readonly pattern?: string;
  /** Instead of both; hunt-rule-asked.ts reads it. */
  readonly rule?: RuleWanted;
  readonly from?: string;
  readonly to?: string;
}

/** Values in any writing, or a STIX pattern that any one of its values makes true. @returns WGL_HUNT_WHAT, and what reading gives */
export const wantedOf = ({ values, pattern, rule }: HuntWords): Result<readonly Observable[]> => {
  if (rule !== undefined) {
    const alone =
      values === undefined && pattern === undefined && (rule.text === undefined) !== (rule.id === undefined);
    return alone ? ok([]) : no("WGL_HUNT_WHAT");
  }
  if ((values === undefined) === (pattern === undefined)) return no("WGL_HUNT_WHAT");
  const wanted = new Map<string, Observable>();
  if (pattern !== undefined) {
    const read = readPattern(pattern);
    if (!read.ok) return read;
    const named = observablesOf(read.value);
    if (!named.ok) return named;
    for (const { observable } of named.value) wanted.set(observableKey(observable), observable);
  }
  for (const value of values ?? []) {
    const read = readValue(value);
    if (!read.ok) return read;
    wanted.set(observableKey(read.value.observable), read.value.observable);
  }
  return wanted.size === 0 ? no("WGL_HUNT_WHAT") : ok([...wanted.values()]);
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
