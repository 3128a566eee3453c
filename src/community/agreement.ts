import type { Instant } from "#core/instant.ts";
import type { OrganisationId, Pap, Tlp } from "#core/marking.ts";

/** What somebody may want our objects for. */
export const purposes = ["alerting", "blocking", "detection", "research", "statistics"] as const;
export type Purpose = (typeof purposes)[number];

/** What we and one party signed: the ceilings under which objects leave to it. Without one, a partner gets nothing. */
export interface Agreement {
  readonly party: OrganisationId | "public";
  readonly tlpMax: Tlp;
  readonly papMax: Pap;
  /** True: the party is never told which organisation an object came from. */
  readonly anonymiseSources: boolean;
  /** True: the party may have personal data (it has a lawful purpose, and duties that we checked). */
  readonly acceptsPii: boolean;
  readonly purposes: readonly Purpose[];
  /** In force during `[from, to)`; `to` absent: until ended. */
  readonly from: Instant;
  readonly to?: Instant;
}

export const inForce = (agreement: Agreement, at: Instant): boolean =>
  agreement.from <= at && (agreement.to === undefined || at < agreement.to);

/** What holds between a CERT and each of its members before anything else is signed: see what is theirs, name no others. */
export const memberTerms = (party: OrganisationId, from: Instant): Agreement => ({
  party,
  tlpMax: "red",
  papMax: "red",
  anonymiseSources: true,
  acceptsPii: false,
  purposes,
  from,
});

/** What holds towards everybody: TLP:CLEAR and PAP:CLEAR, no names, no personal data. */
export const publicTerms = (from: Instant): Agreement => ({
  party: "public",
  tlpMax: "clear",
  papMax: "clear",
  anonymiseSources: true,
  acceptsPii: false,
  purposes,
  from,
});
