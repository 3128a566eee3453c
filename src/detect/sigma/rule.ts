import type { ErrorCode } from "#core/errors.ts";
import type { LogSource } from "#telemetry/format.ts";
import type { Detection } from "./detection.ts";

/** Where something stands in a file of rules; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a file of rules, and where: data, the words are in the table of errors (WGL_SIGMA_…). */
export interface RuleProblem extends Place {
  readonly code: ErrorCode;
  readonly params: Readonly<Record<string, string | number>>;
  /** Whether the rule is left out because of it; else it is read without what is wrong (a date, a tag). */
  readonly refuses: boolean;
}

/** Sigma rules specification 2.1, "Level": how critical a rule's match is, least first. */
export const levels = ["informational", "low", "medium", "high", "critical"] as const;
export type Level = (typeof levels)[number];

/** Sigma rules specification 2.1, "Status". */
export const statuses = ["stable", "test", "experimental", "deprecated", "unsupported"] as const;
export type Status = (typeof statuses)[number];

/** Sigma rules specification 2.1, "Identification": how one rule stands to another. */
export const relations = ["derived", "obsolete", "merged", "renamed", "similar"] as const;

export interface Related {
  readonly id: string;
  readonly type: (typeof relations)[number];
}

/** What rules, correlations and filters say about themselves. Lists are empty where the file has none. */
export interface RuleHead {
  readonly title: string;
  /** As written, lower case; most are UUIDs, and they need not be. */
  readonly id?: string;
  /** What correlations may call it instead of its id. */
  readonly name?: string;
  readonly status?: Status;
  readonly level?: Level;
  readonly description?: string;
  readonly license?: string;
  readonly author?: string;
  /** As written: "2025-08-02", and in older rules "2019/10/23". */
  readonly date?: string;
  readonly modified?: string;
  readonly references: readonly string[];
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
  /** Fields an analyst wants to see beside a match. */
  readonly fields: readonly string[];
  readonly related: readonly Related[];
  readonly scope: readonly string[];
  /** Where its document begins. */
  readonly place: Place;
}

/** A rule about one record. */
export interface SigmaRule extends RuleHead {
  readonly kind: "rule";
  readonly logsource: LogSource;
  readonly detection: Detection;
  /**
   * False for what stands only to be correlated: the parts of a legacy rule that was written with `| count()` or `| near`.
   * Whether a rule that a correlation names also speaks alone is the correlation's `generate` to say.
   */
  readonly alone: boolean;
}

/** Sigma correlation rules specification 2.1, "Correlation type"; the median as pySigma and its kin have it. */
export const correlationTypes = [
  "event_count",
  "value_count",
  "temporal",
  "temporal_ordered",
  "value_sum",
  "value_avg",
  "value_percentile",
  "value_median",
] as const;
export type CorrelationType = (typeof correlationTypes)[number];

/** A comparison of a count or a value with a number; all of a correlation's hold together. */
export interface Threshold {
  readonly op: "gt" | "gte" | "lt" | "lte" | "eq" | "neq";
  readonly value: number;
}

/** Which rules must (not) have matched in the window: `condition: rule_a and not rule_b` of temporal correlations. */
export type Together =
  | { readonly is: "rule"; readonly rule: string }
  | { readonly is: "and"; readonly of: readonly Together[] }
  | { readonly is: "or"; readonly of: readonly Together[] }
  | { readonly is: "not"; readonly of: Together };

/**
 * How the time of a correlation is cut. The specification knows no boundaries ("should not be restricted"): sliding.
 *   sliding   any stretch of `timespan`           tumbling  stretches laid end to end since 1970
 *   session   events with less than `gapMs` between them, at most `timespan` long
 */
export const windows = ["sliding", "tumbling", "session"] as const;
export type Window = (typeof windows)[number];

/** A rule about matches of other rules (Sigma correlation rules specification 2.1). */
export interface SigmaCorrelation extends RuleHead {
  readonly kind: "correlation";
  readonly type: CorrelationType;
  /** Names or ids as written, at least one; of rules and of correlations. */
  readonly rules: readonly string[];
  /** Fields or aliases whose values an own count is kept for; empty: one count for all. */
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  readonly window: Window;
  /** Milliseconds of silence that end a session; present for `session` alone. */
  readonly gapMs?: number;
  /**
   * All hold together; temporal types count different rules. Empty only for temporal types that state none: every rule
   * of `rules` must have matched, or what `together` says.
   */
  readonly thresholds: readonly Threshold[];
  /** Whose values are counted, summed, averaged: empty for event_count and temporal types. Several: their tuples. */
  readonly valueFields: readonly string[];
  /** 0 to 100, for value_percentile (absent in the file: 50). */
  readonly percentile?: number;
  readonly together?: Together;
  /** Alias → (rule's name or id as written → its field). */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Whether the rules it names also speak for themselves. */
  readonly generate: boolean;
}

/** A condition laid over other rules (Sigma filters specification 2.1): a rule matches when it does and this does. */
export interface SigmaFilter extends RuleHead {
  readonly kind: "filter";
  /** Ids or names as written; "any" for every rule whose log source lies within `logsource`. */
  readonly rules: readonly string[] | "any";
  readonly logsource: LogSource;
  readonly detection: Detection;
}

/** What a file of rules holds: everything that could be read, and every problem of it at once. */
export interface RuleFile {
  readonly rules: readonly SigmaRule[];
  readonly correlations: readonly SigmaCorrelation[];
  readonly filters: readonly SigmaFilter[];
  readonly problems: readonly RuleProblem[];
}
