import { memberTerms } from "#community/agreement.ts";
import { groupsOfOrganisation } from "#community/group.ts";
import { type LedgerEntry, ledgerEntry } from "#community/ledger-entry.ts";
import type { Recipient } from "#community/recipient.ts";
import { type Released, release } from "#community/release.ts";
import { derive } from "#community/derive.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Marking, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import type { Known } from "#jobs/directory-memory.ts";
import { type Blockable, type BlockListId, blockLists, printBlockList } from "#share/block-list.ts";
import { nameIn } from "#words/language.ts";

/** A living claim that may stand in a block-list, as state gives it. */
export interface ListedClaim extends Observable {
  readonly feed: string;
  readonly labels: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
}

export interface Listing {
  readonly known: Known;
  readonly exclusions: Exclusions;
  readonly titleOf: (feed: string) => string;
  /** Claims alive now of feeds out of shadow, unflagged, of these kinds, by value. */
  readonly claims: (kinds: readonly string[], now: Instant) => Promise<readonly ListedClaim[]>;
  /** Writes ledger and evidence in one transaction. */
  readonly write: (entry: LedgerEntry) => Promise<void>;
}

/**
 * A block-list as one party may have it. Every value goes through `release` with the strictest marking of the claims
 * that speak for it *and may go*: a claim that may not leave is as if it were not there, so that nobody learns from a
 * list what a hidden source knows. Excluded values and the community's own assets never stand in a list.
 */
export const releaseList = async (
  listing: Listing,
  id: BlockListId,
  format: "txt" | "csv",
  party: OrganisationId,
  now: Instant,
): Promise<{ readonly lines: readonly string[]; readonly etag: string } | undefined> => {
  const { known } = listing;
  const organisation = known.organisation(party);
  if (!organisation) return undefined;
  const agreement =
    known.directory.agreements.find((one) => one.party === party) ??
    (organisation.kind === "member" ? memberTerms(party, organisation.since) : undefined);
  const recipient: Recipient = {
    kind: organisation.kind === "partner" ? "partner" : "organisation",
    party,
    clientOf: organisation.clientOf,
    groups: groupsOfOrganisation(known.directory.groups, party),
    ...(agreement === undefined ? {} : { agreement }),
  };
  const rows: Released<Pick<Blockable, "kind" | "value"> & Partial<Blockable>>[] = [];
  const byValue = Map.groupBy(await listing.claims(blockLists[id], now), (claim) => `${claim.kind} ${claim.value}`);
  for (const claims of byValue.values()) {
    const [first] = claims;
    if (!first || listing.exclusions.excluded(first) || known.assets.owners(first, now).length > 0) continue;
    const may = claims.filter((claim) => outcome(listing, recipient, [claim], now)?.ok);
    const released = may.length > 0 ? outcome(listing, recipient, may, now) : undefined;
    if (released?.ok) rows.push(released.released);
  }
  const lines = printBlockList(rows, format, [
    `${nameIn(known.directory.community.names, "en")}: ${id}, ${rows.length} values`,
    `for ${nameIn(organisation.names, "en")}, under the agreement in force; do not pass on more widely than TLP allows`,
    `sources: ${[...new Set(rows.flatMap((row) => (row.value.sources ?? "").split("; ")))].filter(Boolean).sort().join("; ") || "not named"}`,
  ]);
  const body = Buffer.from(lines.join("\n"));
  const entry = ledgerEntry({
    party,
    query: `/lists/${id}.${format}`,
    after: "0",
    upTo: String(now),
    count: rows.length,
    at: now,
    body,
  });
  await listing.write(entry);
  return { lines, etag: entry.contentHash.slice(0, 32) };
};

const outcome = (listing: Listing, recipient: Recipient, claims: readonly ListedClaim[], now: Instant) => {
  const [first, ...others] = claims;
  if (!first) return undefined;
  const plain = ({ tlp, pap, licence }: ListedClaim): Marking => ({ tlp, pap, licence });
  const marking = derive([plain(first), ...others.map(plain)]);
  if (!marking.ok) return undefined;
  const fields: Blockable = {
    kind: first.kind,
    value: first.value,
    labels: [...new Set(claims.flatMap((claim) => claim.labels))].sort(),
    sources: [...new Set(claims.map((claim) => listing.titleOf(claim.feed)))].sort().join("; "),
  };
  return release({ marking: marking.value, released: true, fields }, recipient, {
    now,
    purpose: "blocking",
    fields: { kind: "must", value: "must", labels: "may", sources: "source" },
    local: {},
    anonymous: "",
  });
};
