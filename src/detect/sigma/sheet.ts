import type { ErrorCode } from "#core/errors.ts";
import type { Place, RuleProblem } from "./rule.ts";
import type { YamlNode } from "./yaml-node.ts";

/** A file of rules while it is read: where an offset stands, and what was wrong so far. */
export interface Sheet {
  readonly problems: readonly RuleProblem[];
  readonly place: (at: number) => Place;
  /** The document cannot be used. */
  readonly refuse: (at: number, code: ErrorCode, params?: Readonly<Record<string, string | number>>) => undefined;
  /** The document is used without this. */
  readonly note: (at: number, code: ErrorCode, params?: Readonly<Record<string, string | number>>) => undefined;
  /** How many problems refused a document so far; more of them after reading one: it is not to be used. */
  readonly refusals: () => number;
}

/** Problems kept of one file: a hostile one has as many as it has letters. The rest is counted in the last of them. */
const problemsKept = 100;

export const openSheet = (file: string, text: string): Sheet => {
  const problems: RuleProblem[] = [];
  let refusals = 0;
  let starts: readonly number[] | undefined;
  const place = (at: number): Place => {
    starts ??= lineStarts(text);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: at - (starts[low] ?? 0) + 1 };
  };
  const tell = (
    at: number,
    code: ErrorCode,
    params: Readonly<Record<string, string | number>>,
    refuses: boolean,
  ): undefined => {
    if (refuses) refusals++;
    if (problems.length < problemsKept) problems.push({ ...place(at), code, params, refuses });
    else if (problems.length === problemsKept)
      problems.push({ ...place(at), code: "WGL_SIGMA_PROBLEMS", params: { limit: problemsKept }, refuses });
  };
  return {
    problems,
    place,
    refuse: (at, code, params = {}) => tell(at, code, params, true),
    note: (at, code, params = {}) => tell(at, code, params, false),
    refusals: () => refusals,
  };
};

const lineStarts = (text: string): readonly number[] => {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
};

/** What a node is, in words of YAML. */
export const kindOf = (node: YamlNode): string =>
  node.is !== "scalar" ? node.is : node.value === null ? "null" : typeof node.value;
