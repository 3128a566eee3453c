import type { ProductSaid } from "#alerts/alert-input.ts";
import type { AssetWorth } from "#community/asset.ts";
import type { Certainty } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { Severity } from "#core/severity.ts";
import type { Doubt } from "#detect/product-advisory/match.ts";
import type { Identity } from "#detect/product-advisory/identity.ts";
import type { Affect } from "#feeds/affect.ts";
import type { Inventory } from "#intel/inventory/item.ts";
import type { Priority, PriorityEvidence } from "#intel/priority.ts";
import type { WeaknessSaid } from "#intel/products/weaknesses.ts";

/** A product on an asset, on its way into the store: names as texts, and the keys by which it is looked up. */
export interface ComponentRow {
  /** 16 bytes of all of it but its place: what is the same is the same component from one version to the next. */
  readonly digest: Uint8Array;
  /** 16 bytes of what it is, wherever it runs. */
  readonly product: Uint8Array;
  readonly keys: readonly string[];
  readonly asset: string;
  readonly exposed: boolean;
  readonly worth?: AssetWorth;
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  readonly cpes: readonly string[];
  readonly purl?: string;
  readonly at: string;
}

/** One version of an inventory, as it was brought. */
export interface VersionNew extends Pick<Inventory, "format" | "problems" | "problemCount" | "rejected"> {
  readonly who: string;
  /** The file's name, as far as its bringer said. */
  readonly file: string;
  readonly bytes: number;
  /** sha-256 of the file. */
  readonly digest: Uint8Array;
  readonly repeated: number;
}

export interface Replaced {
  readonly items: number;
  readonly added: number;
  readonly removed: number;
}

/** A component as the store has it. */
export interface StoredComponent extends Omit<ComponentRow, "digest" | "keys"> {
  readonly n: number;
  readonly organisation: OrganisationId;
  readonly inventory: string;
  /** It is there no more. */
  readonly over: boolean;
}

/** What one advisory says, as far as a machine compares it, and how far it may be told. */
export interface StoredStatement {
  readonly id: string;
  readonly feed: string;
  readonly key: string;
  readonly title: string;
  readonly cves: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
  /** Its feed is in shadow. */
  readonly shadow: boolean;
  /** Somebody's own, or a group's: not for every member. */
  readonly kept: boolean;
  readonly affects: readonly Affect[];
}

/** What one advisory says of how grave its weaknesses are. */
export interface StoredSaid extends WeaknessSaid {
  readonly hidden: boolean;
}

/** The source that speaks for a match, as a claim needs it. */
export interface MatchSource
  extends Pick<StoredStatement, "id" | "feed" | "key" | "tlp" | "pap" | "licence" | "shadow"> {}

/** What is kept of a match beside what is asked of it. */
export interface MatchBody {
  readonly title: string;
  readonly by: Identity;
  readonly range: string;
  readonly doubts: readonly Doubt[];
  readonly evidence: PriorityEvidence;
  readonly due?: number;
  /** The strongest of each feed, the strongest first; at most 5. */
  readonly sources: readonly MatchSource[];
}

/** A weakness that a component has or may have. */
export interface MatchRow {
  readonly component: number;
  readonly weakness: string;
  readonly organisation: OrganisationId;
  readonly asset: string;
  /** The family it is shown with: name and maker, by their keys. */
  readonly product: string;
  /** Most pressing first; the order of lists. */
  readonly rank: number;
  readonly priority: Priority;
  readonly certainty: Certainty;
  readonly exposed: boolean;
  /** Only sources that the organisation may not know of say so. */
  readonly shadow?: "hidden";
  readonly leans: boolean;
  readonly body: MatchBody;
}

export interface StoredMatch extends MatchRow {
  readonly since: Instant;
}

/** A weakness of an asset whose finding may have to change. */
export interface MatchDue {
  readonly organisation: OrganisationId;
  readonly asset: string;
  readonly weakness: string;
  /** Which component brought it up. */
  readonly component: number;
}

/** A match with its component, as a finding and its evidence need them. */
export interface StandingMatch extends StoredMatch {
  readonly componentRow: StoredComponent;
}

/**
 * Why a match is there no more:
 *   removed  its component is gone         changed  the component is another now (a version, an exposure)
 *   said     its advisories say so no more
 *   listed   the directory named the product, and an inventory lists it now
 */
export const goneWhys = ["removed", "changed", "said", "listed"] as const;
export type GoneWhy = (typeof goneWhys)[number];

/** Findings told in one alert, by product, most pressing first. */
export interface ProductDigest {
  readonly findings: readonly string[];
  readonly products: readonly ProductSaid[];
  /** Products that are not named. */
  readonly more: number;
}

/** What inventories need of state; defined by `test/inventory-store.test.ts`. */
export interface InventoryState {
  /**
   * The whole of an inventory, in place of what it was: what is the same stays, what is new begins now, what is absent ends
   * now; both are due to be compared. The inventory is made where there was none.
   */
  readonly replace: (
    at: { readonly id: string; readonly organisation: OrganisationId; readonly name: string; readonly now: Instant },
    version: VersionNew,
    rows: readonly ComponentRow[],
  ) => Promise<Replaced>;
  /** Ends all that is in it. @returns false where there is none */
  readonly end: (organisation: OrganisationId, name: string, now: Instant) => Promise<boolean>;

  /** Inventories of this name that stand, by organisation, with the digest of each as it is. */
  readonly named: (name: string) => Promise<ReadonlyMap<OrganisationId, string>>;

  /** Weaknesses of which something else is said become work for the components concerned. @returns news taken */
  readonly spreadNews: (limit: number) => Promise<number>;
  /** Feeds that give advisories, and whether each is in shadow. */
  readonly shadows: () => Promise<ReadonlyMap<string, boolean>>;
  /** All that a feed says is looked at again. */
  readonly newsOf: (feed: string) => Promise<void>;
  /**
   * Components to be compared: of the first products that are due as many as `limits` allow, and always one product.
   * They are due no more when this transaction commits.
   */
  readonly takeDue: (limits: { readonly components: number; readonly advisories: number }) => Promise<
    readonly {
      readonly component: StoredComponent;
      readonly keys: readonly string[];
      /** The directory names it, and an inventory of its organisation lists the product: that one speaks. */
      readonly listed: boolean;
      /** Absent: with all. */
      readonly only?: readonly string[];
    }[]
  >;
  /** @param only none but those about these weaknesses */
  readonly statements: (keys: readonly string[], only?: readonly string[]) => Promise<readonly StoredStatement[]>;
  readonly said: (weaknesses: readonly string[]) => Promise<readonly StoredSaid[]>;
  /** CPE names of what runs on these assets now, by "organisation asset". */
  readonly platforms: (
    assets: readonly { readonly organisation: OrganisationId; readonly asset: string }[],
  ) => Promise<ReadonlyMap<string, readonly string[]>>;
  readonly matchesOf: (components: readonly number[], only?: readonly string[]) => Promise<readonly StoredMatch[]>;
  /** All components on assets that are addresses are due: the directory may say something else of them. */
  readonly dueAddresses: () => Promise<void>;
  /** `put`: new or another; both leave findings due. */
  readonly keepMatches: (
    put: readonly MatchRow[],
    drop: readonly Pick<MatchRow, "component" | "weakness" | "organisation" | "asset">[],
    now: Instant,
  ) => Promise<void>;

  readonly takeMatchDue: (limit: number) => Promise<readonly MatchDue[]>;
  readonly standing: (due: readonly MatchDue[]) => Promise<readonly StandingMatch[]>;
  readonly goneWhy: (due: readonly MatchDue[]) => Promise<ReadonlyMap<string, GoneWhy>>;
  /** Sources of these findings that are advisories and not these speak for them no more. */
  readonly dropSources: (
    findings: readonly { readonly finding: string; readonly keep: readonly string[] }[],
  ) => Promise<void>;
  /** Findings that something else than an advisory speaks for. */
  readonly alsoReported: (findings: readonly number[]) => Promise<ReadonlySet<number>>;

  /** What was last said of each finding, "" when it was gone; and how it was when it was told. */
  readonly stood: (
    findings: readonly string[],
  ) => Promise<
    ReadonlyMap<
      string,
      { readonly said: string; readonly told?: { readonly severity: Severity; readonly at: Instant } }
    >
  >;
  readonly stands: (
    findings: readonly { readonly finding: string; readonly organisation: OrganisationId; readonly said: string }[],
  ) => Promise<void>;
  readonly standsNoMore: (findings: readonly string[]) => Promise<void>;
  readonly waitToTell: (
    findings: readonly { readonly finding: string; readonly organisation: OrganisationId }[],
    now: Instant,
  ) => Promise<void>;
  /**
   * One organisation whose findings wait to be told, when nothing of it is still being compared, or it waited since
   * before `patience`; with the matches behind them.
   */
  readonly takeUntold: (
    patience: Instant,
  ) => Promise<{ readonly organisation: OrganisationId; readonly findings: readonly UntoldFinding[] } | undefined>;
  readonly keepDigest: (
    lead: string,
    organisation: OrganisationId,
    digest: ProductDigest,
    at: Instant,
  ) => Promise<void>;
  /** What is told with this finding; undefined: it leads none, and is not told by itself. */
  readonly digest: (finding: string) => Promise<ProductDigest | undefined>;

  /** Components that ended before are forgotten. @returns how many */
  readonly forget: (before: Instant, limit: number) => Promise<number>;
}

/** An open finding that waits to be told. */
export interface UntoldFinding {
  readonly id: string;
  readonly n: number;
  readonly asset: string;
  readonly weakness: string;
  readonly severity: Severity;
  readonly matches: readonly StandingMatch[];
}
