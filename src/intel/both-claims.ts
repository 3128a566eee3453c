import { gradeWeight, type Grade, printGrade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import { stricterPap, stricterTlp } from "#core/marking.ts";
import type { ClaimRow } from "./ports.ts";

/**
 * The same value in two lists of one feed: one claim, listed in both. Words and flags of either, the better grade, the
 * stricter marking, the longer life. Associative, commutative and idempotent; state's `merge` says the same in SQL.
 */
export const bothClaims = (a: ClaimRow, b: ClaimRow): ClaimRow => {
  const { liveUntil: _, firstSeenAt: __, ...rest } = a;
  return {
    ...rest,
    parts: union(a.parts, b.parts),
    labels: union(a.labels, b.labels),
    flags: union(a.flags, b.flags),
    grade: better(a.grade, b.grade),
    tlp: stricterTlp(a.tlp, b.tlp),
    pap: stricterPap(a.pap, b.pap),
    seenAt: Math.max(a.seenAt, b.seenAt) as Instant,
    firstSeenAt: Math.min(a.firstSeenAt ?? a.seenAt, b.firstSeenAt ?? b.seenAt) as Instant,
    // absent: as long as it is listed, which is longer
    ...(a.liveUntil === undefined || b.liveUntil === undefined
      ? {}
      : { liveUntil: Math.max(a.liveUntil, b.liveUntil) as Instant }),
  };
};

/** In the order of their UTF-8 bytes, which is PostgreSQL's "C". */
const union = (a: readonly string[], b: readonly string[]): readonly string[] =>
  [...new Set([...a, ...b])].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));

/** Of grades that weigh the same, the one that comes first as text. */
const better = (a: Grade, b: Grade): Grade => {
  const heavier = gradeWeight(a) - gradeWeight(b);
  return heavier > 0 || (heavier === 0 && printGrade(a) <= printGrade(b)) ? a : b;
};
