import type { Detection, Match, RegexMatch, TextMatch } from "./detection.ts";
import { isAscii, literalOf } from "./regex-literal.ts";
import { shapeOf } from "./text-test.ts";

/** Where a text must stand in a field, lower case; "present": the field must be there with a text, whatever it says. */
export interface Witness {
  /** Absent: anywhere in the record. */
  readonly field?: string;
  readonly how: "exact" | "prefix" | "suffix" | "contains" | "present";
  readonly needle: string;
}

/** One of these must be seen, or the detection cannot hold. */
export type Clause = readonly Witness[];

/**
 * What a detection cannot hold without: all of the clauses, each by one of its witnesses. Only what is asked for counts,
 * never what is denied. None: the detection may hold of any record.
 *
 * @param cost of a clause, to choose among the ways of one alternative (less is rarer)
 */
export const clausesOf = (detection: Detection, cost: (clause: Clause) => number): readonly Clause[] => {
  switch (detection.is) {
    case "and":
      return detection.of.flatMap((one) => clausesOf(one, cost));
    case "or":
    case "atLeast": {
      const best: Witness[] = [];
      for (const one of detection.of) {
        const clause = rarest(clausesOf(one, cost), cost);
        if (clause === undefined) return [];
        best.push(...clause);
      }
      return [best];
    }
    case "not":
      return detection.of.is === "not" ? clausesOf(detection.of.of, cost) : [];
    case "keyword":
      return keywordClause(detection.match);
    case "test": {
      const witness = witnessOf(detection.field, detection.match);
      return witness === undefined ? [] : [[witness]];
    }
  }
};

export const rarest = (clauses: readonly Clause[], cost: (clause: Clause) => number): Clause | undefined => {
  let best: Clause | undefined;
  let least = Infinity;
  for (const clause of clauses) {
    const asked = cost(clause);
    if (asked >= least) continue;
    least = asked;
    best = clause;
  }
  return best;
};

const keywordClause = (match: TextMatch | RegexMatch): readonly Clause[] => {
  const needle = match.is === "regex" ? literalOf(match) : shapeOf(match.pieces).needle;
  return needle === "" || (match.is === "text" && match.cased && !isAscii(needle))
    ? []
    : [[{ how: "contains", needle: needle.toLowerCase() }]];
};

const witnessOf = (field: string, match: Match): Witness | undefined => {
  switch (match.is) {
    case "text": {
      const { is, needle } = shapeOf(match.pieces);
      if (is === "any" || (needle === "" && is !== "exact") || (match.cased && !isAscii(needle)))
        return { field, how: "present", needle: "" };
      return { field, how: is === "glob" ? "contains" : is, needle: needle.toLowerCase() };
    }
    case "regex": {
      const needle = literalOf(match).toLowerCase();
      return needle === "" ? { field, how: "present", needle } : { field, how: "contains", needle };
    }
    case "cidr":
    case "compare":
    case "field":
      return { field, how: "present", needle: "" };
    default:
      // null, exists: an absent field may be what is asked for, and a list without texts is there too
      return undefined;
  }
};
