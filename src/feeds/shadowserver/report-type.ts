import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { AboutRule, Shape } from "./rules.ts";

/** What we know of a report type before its first row. */
export interface ReportType {
  readonly type: RsitType;
  /** What the problem is about when no column says more: a service, or "". */
  readonly about: string;
  readonly names: AboutRule;
  /** Where a row says nothing. */
  readonly severity: Severity;
  readonly shape: Shape;
  /** Columns that few other types have. */
  readonly marks: readonly string[];
}
