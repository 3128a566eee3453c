import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { ProblemClass } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { Direction, Where } from "#telemetry/format.ts";

/** A detector's immutable claim, with its evidence. The same input gives the same `id`, so that replay doubles nothing. */
export interface Hit {
  /** sha-256 over detector, batch, line, observable and where, 32 lower-case hex digits. */
  readonly id: string;
  readonly detector:
    | "indicator-match"
    | "own-asset-listed"
    | "asset-reported"
    | "sigma"
    | "behaviour"
    | "product-advisory";
  readonly organisation: OrganisationId;
  /** What of the organisation is concerned: "ipv4:192.0.2.14", "domain:www.parks.example". */
  readonly asset: string;
  readonly observable: Observable;
  /** What is known to be bad; absent of rules and behaviours, which know a doing and no value. */
  readonly indicator?: Observable;
  /** What noticed it; present of rules, behaviours and products alone. */
  readonly noticed?: Noticed;
  /** Feed ids whose claim lives, best grade first; of a rule or a behaviour its own ("rule:…"). */
  readonly sources: readonly string[];
  /** Whom or what it is about beside the asset: of a behaviour its entities, of a rule the account; they tie findings into one story. */
  readonly entities?: readonly Concerned[];
  readonly problem: ProblemClass;
  readonly where: Where;
  readonly direction: Direction;
  /** The two ends of the record, who began it first; absent where it names none. */
  readonly source?: End;
  readonly destination?: End;
  readonly time: Instant;
  /** The hit stands for this many sightings, first seen then; absent: for itself. A source that reports often is counted and not copied. */
  readonly many?: { readonly count: number; readonly since: Instant };
  readonly severity: Severity;
  /** ATT&CK technique ids. */
  readonly attack: readonly string[];
  readonly evidence: Evidence;
}

/** As `Entity` of behaviour.ts. */
export interface Concerned {
  readonly kind: "address" | "host" | "account" | "domain";
  readonly value: string;
}

/** A rule or a behaviour that spoke. */
export interface Noticed {
  /** Sigma id (of a rule without one its title), or the behaviour's id. */
  readonly id: string;
  /** In its author's words. */
  readonly title: string;
  /** ATT&CK tactics: "credential-access". */
  readonly tactics: readonly string[];
  /** Why, of behaviours, most telling first: sentences of `words/…/behaviours.ts` and what goes into them. */
  readonly because?: readonly { readonly says: string; readonly with: Readonly<Record<string, string | number>> }[];
}

/** A network administrator behind a shared address needs address and port together. */
export interface End {
  readonly address: string;
  readonly port?: number;
}

/** The bytes, unedited (after the field policy), and where they stood. `line` counts from 1 in `file`; 0 is the file as a whole. */
export interface Evidence {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}
