import type { Brand } from "#core/brand.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";

export type AssetId = Brand<string, "AssetId">;

/**
 * What an organisation can hold, and how its canonical `value` reads (core/observable.ts):
 *   network       203.0.113.16/28, 2001:db8:7::/48, or one address
 *   domain        transport.example        the name and everything below it
 *   email-domain  transport.example        addresses at it and below it; says nothing of hosts
 *   asn           AS64500
 *   product       cpe:2.3:a:example:vpn:9.1:*:*:*:*:*:*:*
 */
export const assetKinds = ["network", "domain", "email-domain", "asn", "product"] as const;
export type AssetKind = (typeof assetKinds)[number];

/** How we know: said by the organisation, in a registry (RIR, registrar), by a DNS token, or checked by staff. */
export const assetProofs = ["declared", "registry", "dns", "staff"] as const;
export type AssetProof = (typeof assetProofs)[number];

/** What its loss would mean to the organisation; moves a finding's severity. Least first. */
export const assetWorths = ["normal", "high", "critical"] as const;
export type AssetWorth = (typeof assetWorths)[number];

/** Something an organisation holds, or held, during `[from, to)`. */
export interface Asset {
  readonly id: AssetId;
  readonly organisation: OrganisationId;
  readonly kind: AssetKind;
  readonly value: string;
  /** First moment of ownership; 1970 when nobody said: held for as long as we know. */
  readonly from: Instant;
  /** First moment at which it is no longer theirs. Absent: held until further notice. */
  readonly to?: Instant;
  readonly proof: AssetProof;
  readonly worth: AssetWorth;
}

/** Claimed by its holder, or proven? Only proven assets may bring an organisation what was sent in confidence about them. */
export const proven = (asset: Asset): boolean => asset.proof !== "declared";

/** Half-open: held at `from`, not at `to`, so that the next holder's first moment is nobody else's. */
export const heldAt = (asset: Asset, at: Instant): boolean =>
  asset.from <= at && (asset.to === undefined || at < asset.to);
