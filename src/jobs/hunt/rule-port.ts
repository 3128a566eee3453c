import type { Instant } from "#core/instant.ts";
import type { Severity } from "#core/severity.ts";
import type { PackDecision, PackFile } from "#detect/sigma/packs.ts";
import type { UnseenField } from "#jobs/rules/kept-rules.ts";
import type { SavedPast } from "#jobs/rules/kept-together.ts";

/** What a hunt by a rule asks: rules as they stood when it was asked, so that a change of a folder changes no hunt. */
export interface HuntedByRule {
  /** Title of the rule, or of the first of several. */
  readonly title: string;
  readonly texts: readonly { readonly name: string; readonly files: readonly PackFile[] }[];
  readonly decisions: readonly PackDecision[];
  /** Ids (titles, of those without one) whose word is wanted; the others are what they lean on. */
  readonly wanted: readonly string[];
  /** The folder in which the rule stands; absent: whoever asks wrote it, and it is the first of `texts`. */
  readonly pack?: string;
  /** What is said of those that are wanted, whoever finds them; absent: asked by a version before. */
  readonly says?: readonly RuleSaid[];
}

/** What is said of a rule that is hunted by. */
export interface RuleSaid {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
}

/** How far a hunt by a rule is, beside its counts. */
export interface RuledProgress {
  /** By rule, the worst first. */
  readonly counts: readonly RuleCount[];
  /** Fields that it asks for and that are not kept, by format. */
  readonly unseen: readonly UnseenField[];
  /** Records that could not be read again as they are kept, by the code of why. */
  readonly unread: Readonly<Record<string, number>>;
  /** Records that it was not asked of, since what it must see in them is not kept. */
  readonly blind: number;
  /** Of a hunt that was handed to sensors: records that all of them looked at so far, and all there are at most. */
  readonly looked?: { readonly read: number; readonly toRead: number };
  /** Of correlations, between two pages; JSON has no infinite numbers: `infinite`. */
  readonly saved?: SavedPast;
}

export interface RuleCount {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly count: number;
  readonly first: Instant;
  readonly last: Instant;
}

/** The rule that a result is of; of a correlation with what it counted. */
export interface RuleSighting {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly first?: Instant;
  readonly count?: number;
  readonly group?: Readonly<Record<string, string>>;
}
