import { type Agreement, inForce, memberTerms } from "#community/agreement.ts";
import { groupsOfOrganisation } from "#community/group.ts";
import type { Recipient } from "#community/recipient.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Known } from "#jobs/community/directory-memory.ts";

/** A party as `release` wants it, under what is signed with it; members have the terms of all members until they sign others. */
export const recipientOf = (
  known: Known,
  party: OrganisationId,
): (Recipient & { readonly party: OrganisationId }) | undefined => {
  const organisation = known.organisation(party);
  if (!organisation) return undefined;
  const agreement = agreementOf(known, party);
  return {
    kind: organisation.kind === "partner" ? "partner" : "organisation",
    party,
    clientOf: organisation.clientOf,
    groups: groupsOfOrganisation(known.directory.groups, party),
    ...(agreement === undefined ? {} : { agreement }),
  };
};

export const agreementOf = (known: Known, party: OrganisationId): Agreement | undefined => {
  const organisation = known.organisation(party);
  return (
    known.directory.agreements.find((one) => one.party === party) ??
    (organisation?.kind === "member" ? memberTerms(party, organisation.since) : undefined)
  );
};

/**
 * Parties whose terms are the same may have the same bytes of what nobody in particular owns. Feeds' claims have no owner
 * and no group, so terms are all that matters.
 */
export const partyClass = ({ kind, agreement }: Recipient, now: Instant): string =>
  agreement === undefined || !inForce(agreement, now)
    ? "nothing"
    : JSON.stringify([
        kind,
        agreement.tlpMax,
        agreement.papMax,
        agreement.anonymiseSources,
        agreement.acceptsPii,
        [...agreement.purposes].sort(),
      ]);
