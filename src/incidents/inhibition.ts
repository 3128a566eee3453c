import { day, hour } from "#core/instant.ts";
import type { RsitType } from "#core/rsit.ts";
import { rank, type Severity } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import type { Tie } from "./correlate.ts";

/** Which findings a rule speaks of; what is absent is not asked. */
export interface Which {
  readonly detectors?: readonly Hit["detector"][];
  /** Sources behind it: "behaviour:ransomware". One of them is enough. */
  readonly sources?: readonly string[];
  readonly problems?: readonly RsitType[];
}

/** A finding of the one kind says what findings of the other are: its consequences, or its parts. */
export interface Inhibition {
  readonly id: string;
  readonly source: Which;
  readonly target: Which;
  /** Milliseconds between the two, at the most. */
  readonly withinMs: number;
  /** Why the second says nothing that the first does not. */
  readonly why: string;
}

/** All of them. Each binds on an entity that both have; a worse finding is never muted by a lesser one. */
export const inhibitions: readonly Inhibition[] = [
  {
    id: "intrusion-tells-its-stages",
    source: { sources: ["behaviour:intrusion"] },
    target: { detectors: ["sigma", "behaviour"] },
    withinMs: day,
    why: "the intrusion names every stage that rules and behaviours showed on the machine or account",
  },
  {
    id: "ransomware-changes-files",
    source: { sources: ["behaviour:ransomware"] },
    target: { detectors: ["sigma"], problems: ["sabotage", "system-compromise", "data-loss"] },
    withinMs: 6 * hour,
    why: "deleted shadow copies, stopped services and renamed files are what ransomware does",
  },
  {
    id: "scan-knocks",
    source: { sources: ["behaviour:port-scan"] },
    target: { detectors: ["sigma"], problems: ["scanner", "exploit", "brute-force"] },
    withinMs: 6 * hour,
    why: "a sweep of many ports and machines trips rules about each of them",
  },
  {
    id: "known-server-calls",
    source: { detectors: ["indicator-match"], problems: ["infected-system", "c2-server"] },
    target: { sources: ["behaviour:beacon"] },
    withinMs: day,
    why: "regular calls to a server that is listed are the same contact, seen a second way",
  },
  {
    id: "guessing-fails",
    source: { sources: ["behaviour:password-guessing"] },
    target: { detectors: ["sigma"], problems: ["brute-force"] },
    withinMs: 6 * hour,
    why: "rules about single failed log-ons repeat what the count over time says",
  },
];

/** A finding as inhibition looks at it. */
export interface Mutable {
  readonly id: string;
  readonly organisation: string;
  readonly veiled: boolean;
  readonly detector: Hit["detector"];
  readonly sources: readonly string[];
  readonly problem: RsitType;
  readonly severity: Severity;
  /** Open, not silenced: what is put aside mutes nothing. */
  readonly stands: boolean;
  readonly entities: readonly Tie[];
}

export const isOf = (finding: Pick<Mutable, "detector" | "sources" | "problem">, which: Which): boolean =>
  (which.detectors?.includes(finding.detector) ?? true) &&
  (which.problems?.includes(finding.problem) ?? true) &&
  (which.sources?.some((source) => finding.sources.includes(source)) ?? true);

const share = (a: Mutable, b: Mutable, withinMs: number): boolean =>
  a.entities.some((one) =>
    b.entities.some(
      (other) => one.key === other.key && one.first <= other.last + withinMs && other.first <= one.last + withinMs,
    ),
  );

/**
 * The rule by which `source` mutes `target`; undefined: none. Not transitive: whether the source is muted itself is not
 * asked, and what it mutes mutes by its own rules alone. Guarded against itself: of two that each could mute the other
 * neither is muted. What an organisation may not know of never mutes what it reads.
 */
export const inhibits = (source: Mutable, target: Mutable): Inhibition | undefined => {
  if (source.id === target.id || source.organisation !== target.organisation || !source.stands) return undefined;
  if (source.veiled && !target.veiled) return undefined;
  if (rank(source.severity) < rank(target.severity)) return undefined;
  return inhibitions.find(
    (rule) =>
      isOf(source, rule.source) &&
      isOf(target, rule.target) &&
      !(isOf(source, rule.target) && isOf(target, rule.source)) &&
      share(source, target, rule.withinMs),
  );
};

/** Who mutes a finding: of several the lowest id, so that the same findings mute the same in any order. */
export const mutedBy = (target: Mutable, others: readonly Mutable[]): Mutable | undefined =>
  others
    .filter((source) => inhibits(source, target) !== undefined)
    .reduce<Mutable | undefined>((least, one) => (least === undefined || one.id < least.id ? one : least), undefined);
