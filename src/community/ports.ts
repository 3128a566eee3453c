import type { Asset, AssetId } from "./asset.ts";
import type { Directory } from "./directory.ts";
import type { LedgerEntry } from "./ledger-entry.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Instant } from "#core/instant.ts";

/** Where the directory's own, serialised change feed stands; opaque to everybody but the state store. */
export type DirectoryCursor = string;

/** What the station needs from state to know who is who. Both reads answer from one snapshot. */
export interface DirectoryStore {
  /** Everything, and the cursor at which it was true. */
  readonly load: () => Promise<{ readonly directory: Directory; readonly cursor: DirectoryCursor }>;
  /**
   * What changed after `cursor`, oldest first, never skipping a late committer. A cursor that is too old (its changes
   * are no longer kept) gives `undefined`: load again.
   */
  readonly changesSince: (
    cursor: DirectoryCursor,
  ) => Promise<{ readonly changes: readonly DirectoryChange[]; readonly cursor: DirectoryCursor } | undefined>;
}

/** `people`, `organisations`, `groups`: something about this one changed, so whatever was derived from it is stale. */
export type DirectoryChange =
  | { readonly kind: "asset-put"; readonly asset: Asset }
  | { readonly kind: "asset-removed"; readonly id: AssetId }
  | { readonly kind: "organisation"; readonly id: OrganisationId }
  | { readonly kind: "people" }
  | { readonly kind: "groups" }
  | { readonly kind: "sensors" };

/** The release ledger; `write` is part of the transaction that lets the response leave. */
export interface Ledger {
  readonly write: (entry: LedgerEntry) => Promise<void>;
  /** Responses whose interval holds the change at `position`, sent before `until`: whom a recall must reach. */
  readonly sent: (position: string, until: Instant) => Promise<readonly LedgerEntry[]>;
}

/** Reading and writing the directory inside an act; every write is a directory change that other processes hear of. */
export interface CommunityState extends DirectoryStore {
  /** Adds and updates what the directory file says; ends nothing. Returns the assets that are new or changed. */
  readonly put: (directory: Directory, now: Instant) => Promise<readonly Asset[]>;
  readonly putAsset: (asset: Asset, now: Instant) => Promise<void>;
  /** Ends ownership at `at`; undefined when there is no such asset, or it would end before it began. */
  readonly endAsset: (id: AssetId, at: Instant, now: Instant) => Promise<Asset | undefined>;
}
