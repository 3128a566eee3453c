import type { Recipient } from "#community/recipient.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { listDecider } from "./decide.ts";
import type { Listing } from "#jobs/listing.ts";
import { type ListAsked, listAbout, readGroups } from "./release.ts";
import type { ListFormat } from "#share/formats/format.ts";
import { formats } from "#share/formats/list-formats.ts";

export interface Counted {
  readonly leaves: number;
  /** May leave, and the format cannot say it. */
  readonly unsaid: number;
  readonly withheld: number;
  /** False: ended at `valuesAtMost`. */
  readonly complete: boolean;
}

/** Values looked at: some seconds of work, while somebody waits for a figure. */
const valuesAtMost = 200_000;

/** How many values a list would have for a party, decided by the very code that sends; nothing leaves and nothing is kept. */
export const countList = async (
  listing: Listing,
  recipient: Recipient & { readonly party: OrganisationId },
  asked: ListAsked,
  now: Instant,
  atMost: number = valuesAtMost,
): Promise<Counted> => {
  const decide = listDecider(listing, asked.query, recipient, now);
  const about = listAbout(listing, asked, now);
  const format: ListFormat = formats[asked.format];
  const counted = { leaves: 0, unsaid: 0, withheld: 0, complete: true };
  let seen = 0;
  await readGroups(listing.views, asked.query, now, async (groups) => {
    for (const claims of groups) {
      if (seen++ >= atMost) {
        counted.complete = false;
        return false;
      }
      const decision = decide(claims);
      if (decision.kind === "withheld") counted.withheld++;
      else if (decision.kind === "leaves")
        counted[format.row(decision.row, about) === undefined ? "unsaid" : "leaves"]++;
    }
    return true;
  });
  return counted;
};
