import { memberTerms } from "#community/agreement.ts";
import { groupsOfOrganisation } from "#community/group.ts";
import { may } from "#community/may.ts";
import type { Organisation } from "#community/organisation.ts";
import type { Permission } from "#community/roles.ts";
import type { Viewer } from "#community/viewer.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { StixFor } from "#jobs/stix/release.ts";
import type { StixCollection } from "#jobs/stix/objects-port.ts";
import { stixType } from "#share/taxii-media.ts";
import type { CollectionResource } from "#share/taxii-resource.ts";
import { nameIn } from "#words/language.ts";
import type { Desk } from "./desk.ts";

/** For whom a machine or person speaks when it does `permission`; undefined: for nobody. */
export const partyOf = (desk: Desk, viewer: Viewer, permission: Permission): Organisation | undefined => {
  if (!may(viewer, permission)) return undefined;
  const id = ((): OrganisationId | undefined => {
    switch (viewer.kind) {
      case "party":
        return viewer.seat.organisation;
      case "staff":
        return viewer.own[0];
      case "person":
        return viewer.seats.find((seat) => may(viewer, permission, seat.organisation))?.organisation;
      default:
        return undefined;
    }
  })();
  return id === undefined ? undefined : desk.directory.known.organisation(id);
};

/** The CERT's own machines bring what is the community's own. */
export const isCommunity = (desk: Desk, party: Organisation): boolean =>
  desk.directory.known.directory.community.anchor === party.id;

export interface Reachable {
  readonly collection: StixCollection;
  readonly party: Organisation;
  readonly shown: CollectionResource;
}

/** Where a partner posts what is for us alone: named after what the directory calls it, and its own to read again. */
export const inboxOf = (desk: Pick<Desk, "idOf" | "directory">, party: Organisation): Omit<StixCollection, "n"> => ({
  id: desk.idOf("collection", `inbox ${party.id}`),
  alias: `inbox-${party.key}`,
  title: `Inbox of ${nameIn(party.names, "en")}`,
  description: "What this party posts here is read by it and by the community's staff, and by nobody else",
  readers: [party.id, desk.directory.known.directory.community.anchor].flatMap((id) =>
    id === undefined ? [] : [`organisation:${id}`],
  ),
  writers: [`organisation:${party.id}`],
  mediaTypes: [stixType("2.1"), stixType("2.0")],
  // a partner that says nothing means it for us
  defaults: { tlp: "amber+strict", pap: "clear", licence: "own" },
  purpose: "detection",
});

/**
 * All collections, among them the inbox of a partner that may write: it is made when its machine first looks, and
 * stands in the evidence as a collection that staff makes does.
 */
export const collectionsFor = async (desk: Desk, viewer: Viewer): Promise<readonly StixCollection[]> => {
  const all = await desk.state.act((tx) => tx.stix.collections());
  const party = partyOf(desk, viewer, "objects.write");
  if (party?.kind !== "partner") return all;
  const wanted = inboxOf(desk, party);
  if (all.some(({ id }) => id === wanted.id)) return all;
  return desk.state.act(async (tx) => {
    // somebody may have given the alias to another collection before
    const taken = all.some(({ alias }) => alias === wanted.alias);
    const alias = taken ? `${wanted.alias}-${wanted.id.slice(0, 8)}` : wanted.alias;
    const made = await tx.stix.putCollection({ ...wanted, alias });
    if (made !== undefined)
      await tx.evidence.leaf({
        kind: "policy",
        subject: `collection ${alias}`,
        data: { act: "made", who: "inbox", party: party.id, readers: wanted.readers, writers: wanted.writers },
        at: desk.now(),
      });
    return tx.stix.collections();
  });
};

/** A collection by id or alias; one that the party may neither read nor write is not there (TAXII 2.1 §5.2). */
export const reachable = async (desk: Desk, viewer: Viewer, id: string): Promise<Result<Reachable>> => {
  const party = partyOf(desk, viewer, "indicators.read") ?? partyOf(desk, viewer, "objects.write");
  if (party === undefined) return no("WGL_HTTP_FORBIDDEN");
  const all = await collectionsFor(desk, viewer);
  const collection = all.find((one) => one.id === id || one.alias === id);
  const shown = collection && shownTo(desk, viewer, party, collection);
  return collection && shown ? ok({ collection, party, shown }) : no("WGL_ABSENT");
};

export const shownTo = (
  desk: Desk,
  viewer: Viewer,
  party: Organisation,
  one: StixCollection,
): CollectionResource | undefined => {
  const groups = groupsOfOrganisation(desk.directory.known.directory.groups, party.id);
  const names = new Set([
    party.kind === "member" ? "members" : "partners",
    `organisation:${party.id}`,
    ...groups.map((group) => `group:${group}`),
  ]);
  const [reads, writes] = [one.readers.some((name) => names.has(name)), one.writers.some((name) => names.has(name))];
  if (!reads && !writes) return undefined;
  return {
    id: one.id,
    title: one.title,
    ...(one.description === undefined ? {} : { description: one.description }),
    alias: one.alias,
    can_read: reads && partyOf(desk, viewer, "indicators.read")?.id === party.id,
    can_write: writes && partyOf(desk, viewer, "objects.write")?.id === party.id,
    media_types: one.mediaTypes,
  };
};

export const forWhom = (desk: Desk, party: Organisation, collection: StixCollection): StixFor => {
  const { directory } = desk.directory.known;
  const agreement =
    directory.agreements.find((one) => one.party === party.id) ??
    (party.kind === "member" ? memberTerms(party.id, party.since) : undefined);
  return {
    recipient: {
      kind: party.kind === "partner" ? "partner" : "organisation",
      party: party.id,
      clientOf: party.clientOf,
      groups: groupsOfOrganisation(directory.groups, party.id),
      ...(agreement === undefined ? {} : { agreement }),
    },
    purpose: collection.purpose,
    now: desk.now(),
  };
};
