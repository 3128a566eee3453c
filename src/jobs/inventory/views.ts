import type { Scope } from "#community/visibility.ts";
import type { Certainty } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Problem } from "#core/result.ts";
import type { Inventory } from "#intel/inventory/item.ts";
import type { StandingMatch, StoredComponent } from "./port.ts";

export interface SeenVersion {
  readonly from: Instant;
  readonly to?: Instant;
  readonly who: string;
  readonly file: string;
  readonly format: Inventory["format"];
  readonly items: number;
  readonly added: number;
  readonly removed: number;
  readonly repeated: number;
  readonly rejected: number;
  readonly problemCount: number;
}

export interface SeenInventory {
  readonly name: string;
  readonly ended?: Instant;
  readonly version: SeenVersion;
}

export interface SeenComponent extends StoredComponent {
  readonly from: Instant;
  readonly to?: Instant;
  readonly weaknesses: number;
}

/** A match as a reader may know it. */
export interface SeenMatch extends StandingMatch {
  /** Public id of its finding, where there is one. */
  readonly finding?: string;
}

/** Products of one family with what concerns them. */
export interface SeenProduct {
  readonly product: string;
  readonly rank: number;
  readonly versions: readonly string[];
  readonly assets: number;
  readonly weaknesses: number;
  readonly exploited: number;
  readonly exposed: boolean;
  readonly urgent: boolean;
  /** The most pressing. */
  readonly matches: readonly SeenMatch[];
}

/** Keyset of lists of matches and products: rank, then a name. */
export interface RankKey {
  readonly rank: number;
  readonly after: string;
}

export interface MatchesAsk {
  /** Absent: all that the scope lets through. */
  readonly organisation?: OrganisationId;
  readonly weakness?: string;
  readonly product?: string;
  readonly asset?: string;
  readonly after?: RankKey;
  readonly limit: number;
}

export interface SeenAffected {
  readonly organisation: OrganisationId;
  readonly assets: readonly string[];
  readonly assetsTotal: number;
  readonly exposed: boolean;
  readonly certainty: Certainty;
  readonly weaknesses: readonly string[];
}

/** Reads under a Scope; defined by `test/inventory-acts.test.ts`. */
export interface InventoryViews {
  readonly inventories: (scope: Scope, organisation: OrganisationId) => Promise<readonly SeenInventory[]>;
  /** Undefined: absent, or hidden from this scope. */
  readonly inventory: (
    scope: Scope,
    organisation: OrganisationId,
    name: string,
    page: { readonly after?: number; readonly limit: number; readonly past: boolean },
  ) => Promise<
    | {
        readonly inventory: SeenInventory;
        readonly problems: readonly Problem[];
        readonly versions: readonly SeenVersion[];
        readonly components: readonly SeenComponent[];
      }
    | undefined
  >;
  readonly products: (
    scope: Scope,
    organisation: OrganisationId,
    page: { readonly after?: RankKey; readonly limit: number },
  ) => Promise<{
    readonly components: number;
    readonly urgent: number;
    readonly waiting: boolean;
    readonly products: readonly SeenProduct[];
  }>;
  /** In the order of rank, then component and weakness. */
  readonly productMatches: (scope: Scope, ask: MatchesAsk) => Promise<readonly SeenMatch[]>;
  /** Who runs what these weaknesses are about; most pressing first. */
  readonly affected: (scope: Scope, weaknesses: readonly string[]) => Promise<readonly SeenAffected[]>;
}

export const writeRankKey = ({ rank, after }: RankKey): string => `${rank}.${Buffer.from(after).toString("base64url")}`;

/** Undefined for what no cursor of ours ever was. */
export const readRankKey = (text: string): RankKey | undefined => {
  const [, rank, then] = /^(\d{1,9})\.([A-Za-z0-9_-]*)$/.exec(text) ?? [];
  if (rank === undefined || then === undefined) return undefined;
  const name = Buffer.from(then, "base64url").toString();
  return name.includes("\0") ? undefined : { rank: Number(rank), after: name };
};

/** What `after` is in a list of matches. */
export const matchKey = ({ component, weakness }: Pick<StandingMatch, "component" | "weakness">): string =>
  `${String(component).padStart(15, "0")} ${weakness}`;
