import { release } from "#community/release.ts";
import type { Instant } from "#core/instant.ts";
import type { State } from "#jobs/ports.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { Listing } from "#jobs/listing.ts";
import { changedFor, type ListShelf, readList } from "#jobs/lists/release.ts";
import { tellWebhooks } from "./tell.ts";

/**
 * Tells parties that a list they saved is not what it was. Only lists with a proven webhook that asked for it are looked at, and
 * what was made for somebody is used again. The message names the list's new version, so that a version is told of once.
 *
 * @returns messages put
 */
export const tellListChanges = async (
  listing: Listing & { readonly state: State },
  shelf: ListShelf,
  now: Instant,
): Promise<number> => {
  const webhooks = await listing.state.act((tx) => tx.out.webhooks());
  const parties = new Set(
    webhooks.flatMap((one) =>
      one.proven !== undefined && one.disabled === undefined && one.events.includes("list.changed") ? [one.party] : [],
    ),
  );
  let put = 0;
  for (const party of parties) {
    const recipient = recipientOf(listing.known(), party);
    if (recipient === undefined) continue;
    const saved = await listing.state.act((tx) => tx.out.savedLists(party));
    for (const { name } of saved) {
      const asked = await readList(listing, recipient, name, "json", {});
      if (!asked.ok) continue;
      const built = await shelf.get(listing, recipient, asked.value, now);
      const changed = await changedFor(listing, party, asked.value, built, now);
      const news = release(
        {
          marking: { tlp: "green", pap: "clear", licence: "own" },
          released: true,
          fields: {
            ...{ event: "list.changed" as const, key: `${name} ${built.contentHash}` },
            about: { ids: [name], link: `${listing.portal}/lists/${name}.json` },
            data: {
              etag: built.contentHash.slice(0, 32),
              values: built.count,
              changed: new Date(changed).toISOString(),
            },
          },
        },
        recipient,
        {
          now,
          purpose: "blocking",
          fields: { event: "must", key: "must", about: "must", data: "must" },
          local: {},
          anonymous: "",
        },
      );
      if (news.ok) put += await listing.state.act((tx) => tellWebhooks(tx, party, news.released, listing.idOf, now));
    }
  }
  return put;
};
