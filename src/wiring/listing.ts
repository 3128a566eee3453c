import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Opened } from "#cli/abilities.ts";
import { WaglanError } from "#core/result.ts";
import { previewList } from "#jobs/lists/export.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { Listing } from "#jobs/listing.ts";
import { type ListAsked, listShelf, readList, sendList } from "#jobs/lists/release.ts";
import type { Waglan } from "#wiring/waglan.ts";

/** What lists are made from, of one waglan. */
export const listingOf = (waglan: Waglan): Listing => ({
  ...{ state: waglan.state, views: waglan.views, idOf: waglan.idOf, portal: waglan.alerting.portal },
  known: () => waglan.directory.known,
  exclusions: () => waglan.memory.exclusions,
  decay: waglan.config.decay,
  titleOf: waglan.alerting.titleOf,
});

/** What `waglan export` does over one waglan. */
export const exportAbilities = (waglan: Waglan): Opened["lists"] => {
  const listing = listingOf(waglan);
  const read: (
    key: string,
    wanted: Parameters<Opened["lists"]["send"]>[1],
  ) => Promise<{ asked: ListAsked; recipient: NonNullable<ReturnType<typeof recipientOf>> }> = async (
    key,
    { list, format, words },
  ) => {
    const party = waglan.directory.known.directory.organisations.find((one) => one.key === key);
    const recipient = party && recipientOf(waglan.directory.known, party.id);
    if (recipient === undefined) throw new WaglanError("WGL_NAME_UNKNOWN", { what: "organisation", value: key });
    const asked = await readList(listing, recipient, list, format, words);
    if (!asked.ok) {
      const { code } = asked.problem;
      throw code === "WGL_ABSENT"
        ? new WaglanError("WGL_NAME_UNKNOWN", { what: "list", value: list })
        : new WaglanError(code, asked.problem.with ?? {});
    }
    return { asked: asked.value, recipient };
  };
  return {
    send: async (key, wanted) => {
      const { asked, recipient } = await read(key, wanted);
      const sent = await sendList(listing, listShelf(), recipient.party, asked, waglan.now());
      if (sent?.packed === undefined) throw new WaglanError("WGL_NAME_UNKNOWN", { what: "list", value: wanted.list });
      const body = Readable.from(sent.packed, { objectMode: false }).pipe(createGunzip());
      return { body: body as AsyncIterable<Uint8Array>, count: sent.count, unsaid: sent.unsaid };
    },
    explain: async (key, wanted, each) => {
      const { asked, recipient } = await read(key, wanted);
      return previewList(listing, recipient, asked, waglan.now(), async (row) => {
        await each(row);
        return true;
      });
    },
  };
};
