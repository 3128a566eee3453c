import { type Compare, compareDigits, compareLists, compareText, isDigits, orderedBy } from "./order.ts";

interface Pep440 {
  readonly epoch: string;
  readonly release: readonly string[];
  /** -1: before every pre-release (a development release of the final one); 3: final. */
  readonly phase: number;
  readonly pre: string;
  /** Absent: none. */
  readonly post?: string;
  readonly dev?: string;
  readonly local: readonly string[];
}

const shape = new RegExp(
  "^v?(?:(\\d+)!)?(\\d+(?:\\.\\d+)*)" +
    "(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\\d*))?" +
    "(?:-(\\d+)|[-_.]?(post|rev|r)[-_.]?(\\d*))?" +
    "(?:[-_.]?(dev)[-_.]?(\\d*))?" +
    "(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$",
);

const phases: Readonly<Record<string, number>> = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };

const parse = (text: string): Pep440 | undefined => {
  const found = shape.exec(text.toLowerCase());
  if (found === null) return undefined;
  const [, epoch = "0", release = "", phase, pre = "", dashed, post, postNumber = "", dev, devNumber = "", local] =
    found;
  const after = dashed ?? (post === undefined ? undefined : postNumber);
  return {
    epoch,
    release: release.split("."),
    phase: phase === undefined ? (after === undefined && dev !== undefined ? -1 : 3) : (phases[phase] ?? 3),
    pre,
    ...(after === undefined ? {} : { post: after }),
    ...(dev === undefined ? {} : { dev: devNumber }),
    local: local === undefined ? [] : local.split(/[-_.]/),
  };
};

const compare = (a: Pep440, b: Pep440): number =>
  compareDigits(a.epoch, b.epoch) ||
  compareLists(a.release, b.release, "0", compareDigits) ||
  a.phase - b.phase ||
  compareDigits(a.pre, b.pre) ||
  optional(a.post, b.post, -1) ||
  optional(a.dev, b.dev, 1) ||
  compareLists<string | undefined>(a.local, b.local, undefined, segments);

/** `absent` is where one that is not there stands: -1 before all, 1 behind all. */
const optional = (a: string | undefined, b: string | undefined, absent: 1 | -1): number => {
  if (a !== undefined && b !== undefined) return compareDigits(a, b);
  return (Number(a === undefined) - Number(b === undefined)) * absent;
};

const segments = (a: string | undefined, b: string | undefined): number => {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [x, y] = [isDigits(a), isDigits(b)];
  return x && y ? compareDigits(a, b) : Number(x) - Number(y) || compareText(a, b);
};

/** @see PEP 440, "Summary of permitted suffixes and relative ordering" */
export const comparePep440: Compare = orderedBy(parse, compare);
