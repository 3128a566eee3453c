import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { Severity } from "#core/severity.ts";
import type { FindingState } from "#incidents/state.ts";
import type { ThreatName } from "#jobs/threat-names/port.ts";

/** A label, and what people mean by it: several meanings stay several. */
export interface NamedLabel {
  readonly label: string;
  readonly meanings: readonly ThreatName[];
}

/** What stands around a listed value, under a Scope; defined by `test/search.test.ts`. */
export interface IndicatorViews {
  /**
   * Findings that rest on it, newest first, at most 20, and how many organisations they are of, under the first scope. `community`: organisations of
   * all findings that left the shadow, whoever asks, as far as claims of `knows` led to them.
   */
  readonly indicatorFindings: (
    scope: Scope,
    knows: Scope,
    id: string,
  ) => Promise<{
    readonly findings: readonly {
      readonly id: string;
      readonly organisation: string;
      readonly asset: string;
      readonly severity: Severity;
      readonly state: FindingState;
      readonly lastSeen: Instant;
    }[];
    readonly organisations: number;
    readonly community: number;
  }>;
  /** Those of the labels that a collection this scope may know of has a name for. */
  readonly namesOf: (scope: Scope, labels: readonly string[]) => Promise<readonly NamedLabel[]>;
  /** What the reader's sources say of these CVEs: the worst of each. */
  readonly weaknessesOf: (
    scope: Scope,
    cves: readonly string[],
  ) => Promise<
    readonly { readonly cve: string; readonly exploited: boolean; readonly epss: number; readonly cvss: number }[]
  >;
}
