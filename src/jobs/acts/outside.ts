import type { Viewer } from "#community/viewer.ts";
import { may } from "#community/may.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, WaglanError } from "#core/result.ts";
import type { BatchOutcome, OutsideActs } from "./port.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import { listShelf, readList, sendList } from "#jobs/lists/release.ts";
import { answerActs } from "./answer-link.ts";
import type { Desk } from "./desk.ts";
import { listingOf } from "./listing-of.ts";

/** Seconds after which a sensor tries again: matching takes in some batches by then, and a database comes back. */
const retryAfterSeconds = 5;

/** What comes from machines and leaves to them, and what people do without an account. */
export const outsideActs = (desk: Desk): OutsideActs => {
  const shelf = listShelf();
  return {
    acceptTelemetry: async ({ sensor }, { key, digest, body, format }) => {
      try {
        const batch = {
          ...{ sensor, key, digest, body, received: desk.now() },
          ...(format === undefined ? {} : { format }),
        };
        const { kind } = await desk.state.accept(batch, desk.batchesAtMost);
        if (kind === "accepted") desk.woke("match");
        return outcomeOf(kind, desk.idOf("batch", `${sensor} ${key}`));
      } catch (error) {
        if (error instanceof WaglanError && error.code === "WGL_STATE_GONE") return { kind: "gone", retryAfterSeconds };
        throw error;
      }
    },

    blockList: async (viewer, { name, format, words, has }) => {
      const party = partyOf(viewer);
      const recipient = party === undefined ? undefined : recipientOf(desk.directory.known, party);
      if (recipient === undefined) return no("WGL_ABSENT");
      const listing = listingOf(desk);
      const asked = await readList(listing, recipient, name, format, words);
      if (!asked.ok) return asked;
      const sent = await sendList(listing, shelf, recipient.party, asked.value, desk.now(), has);
      return sent === undefined ? no("WGL_ABSENT") : ok(sent);
    },

    ...answerActs(desk),
  };
};

const outcomeOf = (kind: "accepted" | "duplicate" | "busy" | "conflict", batch: string): BatchOutcome => {
  switch (kind) {
    case "accepted":
    case "duplicate":
      return { kind, batch };
    case "busy":
      return { kind, retryAfterSeconds };
    case "conflict":
      return { kind };
  }
};

/** For whom a list is made: a machine's organisation, or the first one of a person that may have lists. */
const partyOf = (viewer: Viewer): OrganisationId | undefined => {
  if (!may(viewer, "lists.read")) return undefined;
  switch (viewer.kind) {
    case "party":
      return viewer.seat.organisation;
    case "sensor":
      return viewer.organisation;
    case "staff":
      return viewer.own[0];
    case "person":
      return viewer.seats.find((seat) => may(viewer, "lists.read", seat.organisation))?.organisation;
    case "public":
      return undefined;
  }
};
