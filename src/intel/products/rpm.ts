import { type Compare, compareDigits, compareText, orderedBy } from "./order.ts";

interface Rpm {
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
}

const parse = (text: string): Rpm | undefined => {
  const [whole, epoch = "0", version = "", release = ""] = /^(?:(\d+):)?([^\s:-]+)(?:-([^\s:-]+))?$/.exec(text) ?? [];
  return whole === undefined || !/[0-9A-Za-z]/.test(version) ? undefined : { epoch, version, release };
};

const compare = (a: Rpm, b: Rpm): number =>
  compareDigits(a.epoch, b.epoch) || compareRuns(a.version, b.version) || compareRuns(a.release, b.release);

/**
 * Runs of digits and of letters, whatever stands between; a run of digits is after one of letters, and "more" is after
 * "nothing more". "~" is before the end; "^" after the end and before everything else.
 *
 * @see rpm-version(7)
 */
const compareRuns = (a: string, b: string): number => {
  const [x, y] = [runsOf(a), runsOf(b)];
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const [left, right] = [x[at], y[at]];
    const order = rank(left) - rank(right);
    if (order !== 0) return order;
    if (left === undefined || right === undefined) continue;
    const same = rank(left) === 4 ? compareDigits(left, right) : compareText(left, right);
    if (same !== 0) return same;
  }
  return 0;
};

const runsOf = (text: string): readonly string[] => text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [];

const rank = (run: string | undefined): number =>
  run === undefined ? 1 : run === "~" ? 0 : run === "^" ? 2 : /^\d/.test(run) ? 4 : 3;

/** Epoch, version, release. A release that is not said is before all others. */
export const compareRpm: Compare = orderedBy(parse, compare);
