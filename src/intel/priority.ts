import { type Grade, gradeWeight } from "#core/grade.ts";

/**
 * How soon a weakness wants work, worst first.
 *   act-now  it is being used, or very likely soon will be against something grave
 *   soon     this week's work: attackers have what they need, or it is as grave as it gets
 *   planned  the next round of updates
 *   watch    known, and nothing presses
 */
export const priorities = ["act-now", "soon", "planned", "watch"] as const;
export type Priority = (typeof priorities)[number];

/** What all sources a reader may know of say about one weakness, joined: the worst of each. Nothing said: false, 0. */
export interface PriorityEvidence {
  /** In a catalogue of exploited vulnerabilities (KEV), or a machine-readable claim of its publisher (SSVC active). */
  readonly exploited: boolean;
  /** Ransomware groups use it (KEV). */
  readonly ransomware: boolean;
  /** Working exploit code is public. */
  readonly exploit: boolean;
  /** EPSS probability of exploitation within 30 days, 0 to 1. */
  readonly epss: number;
  /** Highest CVSS base score after `trustedScore`, 0 to 10. */
  readonly cvss: number;
}

export const noEvidence: PriorityEvidence = { exploited: false, ransomware: false, exploit: false, epss: 0, cvss: 0 };

/** Why a weakness has its priority: data; `words/acts` says it in three languages. */
export type PriorityReason =
  | { readonly code: "exploited" | "ransomware" | "exploit" }
  | { readonly code: "epss"; readonly percent: number }
  | { readonly code: "cvss"; readonly score: number };

/**
 * The figures of the rule, each with its reason and the way of being wrong that is worse.
 *
 * EPSS: about 1 in 100 published CVEs has 0.5 or more, and 1 in 20 has 0.1 or more; below 0.01 lie three quarters of
 * them. CVSS 7.0 and 9.0 are where "high" and "critical" begin (CVSS 3.1 §5). CVSS alone never makes `act-now`: a tenth
 * of all CVEs is critical by it, few are ever used, and who is told "now" every day stops listening.
 */
const bounds = { epss: { certain: 0.5, likely: 0.1, possible: 0.01 }, cvss: { critical: 9, high: 7 } } as const;

/**
 * The priority of one weakness. Every condition asks for more of something, never for less, so more evidence never makes
 * it lower (a law in `test/advisories.test.ts`); `prioritySql` in store/advisory-views.ts says the same to PostgreSQL.
 */
export const priorityOf = ({ exploited, ransomware, exploit, epss, cvss }: PriorityEvidence): Priority => {
  const { certain, likely, possible } = bounds.epss;
  const { critical, high } = bounds.cvss;
  if (exploited || ransomware || (epss >= certain && cvss >= high)) return "act-now";
  if (epss >= likely || cvss >= critical || (exploit && cvss >= high)) return "soon";
  if (epss >= possible || cvss >= high || exploit) return "planned";
  return "watch";
};

export const priorityBounds = bounds;

/** What speaks for it, strongest first; what says nothing is left out. */
export const priorityReasons = (evidence: PriorityEvidence): readonly PriorityReason[] => [
  ...(evidence.exploited ? [{ code: "exploited" } as const] : []),
  ...(evidence.ransomware ? [{ code: "ransomware" } as const] : []),
  ...(evidence.exploit ? [{ code: "exploit" } as const] : []),
  // one digit, and never "0 %" of something that is there
  ...(evidence.epss > 0
    ? [{ code: "epss", percent: Math.max(0.1, Math.round(evidence.epss * 1000) / 10) } as const]
    : []),
  ...(evidence.cvss > 0 ? [{ code: "cvss", score: evidence.cvss } as const] : []),
];

/** The worst of both: associative, commutative, idempotent; `noEvidence` changes nothing. */
export const bothEvidence = (a: PriorityEvidence, b: PriorityEvidence): PriorityEvidence => ({
  exploited: a.exploited || b.exploited,
  ransomware: a.ransomware || b.ransomware,
  exploit: a.exploit || b.exploit,
  epss: Math.max(a.epss, b.epss),
  cvss: Math.max(a.cvss, b.cvss),
});

/** Scorers whose word counts whole wherever it is met: the catalogues that review what they publish. */
const trustedScorers = new Set(["nvd@nist.gov", "CISA-ADP"]);
/** Just below "critical": a score by nobody in particular may say "high" by itself, and no more. */
const untrustedAtMost = 8.9;

/**
 * What a score is worth. A scorer we trust, and the publisher of a feed graded B2 or better (who scores its own product),
 * count whole; others, and CVSS 2.0, which knows no "critical", up to 8.9. A cap and no discount: the highest of several
 * scores can then only rise when one more is heard.
 */
export const trustedScore = (
  { score, by, version }: { readonly score: number; readonly by: string; readonly version: string },
  feed: Grade,
): number => {
  const whole =
    trustedScorers.has(by) || (by !== "" && gradeWeight(feed) >= gradeWeight({ source: "B", statement: 2 }));
  return whole && version !== "2.0" ? score : Math.min(score, untrustedAtMost);
};
