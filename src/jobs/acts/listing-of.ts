import type { Listing } from "#jobs/listing.ts";

import type { Desk } from "./desk.ts";
import { feedTitle } from "./feed-named.ts";

/** What lists are made from, of what acts stand on. */
export const listingOf = (desk: Desk): Listing => ({
  ...{ state: desk.state, views: desk.views, exclusions: desk.exclusions, portal: desk.portal, idOf: desk.idOf },
  ...(desk.decay === undefined ? {} : { decay: desk.decay }),
  known: () => desk.directory.known,
  titleOf: (feed) => feedTitle(desk, feed),
});
