import { day } from "#core/instant.ts";

/** What is usual on one server: its paths, and how much each answered. Plain data. */
export interface Usual {
  readonly since: number;
  /** By path, in the order in which they were last asked for: [times, most bytes of an answer]. */
  readonly paths: Record<string, [times: number, most: number]>;
  count: number;
}

const pathsAtMost = 3000;
const pathLength = 120;
/** Answers seen before a larger one means anything. */
const enough = 20;
/** So many times the largest answer there was: a page with a table's content in it, not a longer article. */
const larger = 4;
const largerBytes = 20_000;

export const nothingUsual = (since: number): Usual => ({ since, paths: Object.create(null), count: 0 });

/** Nobody ever got this page here, in a day at least; never said of a server with more pages than can be kept. */
export const isNewPath = (usual: Usual, path: string, at: number): boolean =>
  usual.since <= at - day && usual.count < pathsAtMost && usual.paths[path.slice(0, pathLength)] === undefined;

/** The answer is far larger than any of that page before. */
export const isLarger = (usual: Usual, path: string, bytes: number | undefined): boolean => {
  const [times, most] = usual.paths[path.slice(0, pathLength)] ?? [0, 0];
  return bytes !== undefined && times >= enough && bytes > largerBytes && bytes > larger * most;
};

/** One honest answer (2xx). */
export const addAnswer = (usual: Usual, path: string, bytes = 0): void => {
  const key = path.slice(0, pathLength);
  const known = usual.paths[key];
  if (known) {
    known[0]++;
    known[1] = Math.max(known[1], bytes);
  } else if (usual.count < pathsAtMost) {
    usual.paths[key] = [1, bytes];
    usual.count++;
  }
};
