import { stricterTlp } from "#core/marking.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Feed, Part } from "#feeds/feed.ts";
import { feed as stixBundle } from "#feeds/stix-bundle/feed.ts";
import { feed as taxiiCollection } from "#feeds/taxii-collection/feed.ts";
import type { Turn } from "#intel/ports.ts";
import { collect, type Collecting } from "#jobs/collect/collect.ts";
import type { StixCollection } from "./objects-port.ts";

/** Objects read in one turn; what is left is read by the next. */
const objectsAtOnce = 5000;

/**
 * What came into a collection by TAXII reaches intel as a feed of its own, one a sender: graded, aged, guarded and in
 * shadow like any other. It gives news: a post that does not repeat the last one's indicators withdraws nothing, a revoked
 * object does. The feed's cursor is the date of arrival up to which it was read, kept with the turn that merged it.
 *
 * A partner's AMBER is for us and not for our community: claims have no owner, so AMBER of a sender becomes
 * AMBER+STRICT here, as the object itself is kept from others in its collection.
 *
 * @returns whether there is more to read; undefined when nothing was done (no such collection, or another process is at it)
 */
export const joinStix = async (
  collecting: Omit<Collecting, "shadow">,
  job: { readonly key: string },
  nameOf: (sender: OrganisationId) => string | undefined,
): Promise<{ readonly turn: Turn; readonly more: boolean } | undefined> => {
  const { state } = collecting;
  const [id = "", sender = ""] = job.key.split(" ", 2);
  const from = sender === "" ? undefined : (sender as OrganisationId);
  const name = from === undefined ? "" : nameOf(from);
  if (name === undefined) return undefined;
  const read = await state.act(async (tx) => {
    const collection = (await tx.stix.collections()).find((one) => one.id === id);
    if (collection === undefined) return undefined;
    const feed = feedOf(collection, name);
    const past = await tx.intel.feed(feed, true);
    const since = typeof past.cursor === "number" ? past.cursor : -1;
    return { feed, rows: await tx.stix.arrived(collection.n, from, since, objectsAtOnce + 1) };
  });
  if (read === undefined || read.rows.length === 0) return undefined;
  const rows = read.rows.slice(0, objectsAtOnce);
  const body = Buffer.from(`{"type":"bundle","objects":[${rows.map((row) => row.body).join(",")}]}`);
  const next = { cursor: rows.at(-1)?.addedAt };
  const turn = await collect({ ...collecting, shadow: true }, read.feed, body, read.feed.id, next);
  return turn && { turn, more: read.rows.length > rows.length };
};

const feedOf = (collection: StixCollection, sender: string): Feed => ({
  ...stixBundle,
  id: `taxii-posts-${collection.alias}${sender === "" ? "" : `-${sender}`}`,
  title: collection.title,
  publisher: sender === "" ? "the community" : sender,
  licence: collection.defaults.licence,
  pap: collection.defaults.pap,
  tlp: sender === "" ? collection.defaults.tlp : ownOnly(collection.defaults.tlp),
  gives: "news",
  // with the ids of statements, as any collection is read: a revocation takes back its own indicator's word and no other's
  parts: (body: Uint8Array, file: string) =>
    [...taxiiCollection.parts(body, file)].map((part) => (sender === "" ? part : withOwnOnly(part))),
});

const ownOnly = (tlp: Feed["tlp"]): Feed["tlp"] => (tlp === "amber" ? stricterTlp(tlp, "amber+strict") : tlp);

const withOwnOnly = (part: Part): Part => ({
  ...part,
  rows: [...part.rows].map((row) =>
    row.result.ok && row.result.value.is !== "name" && row.result.value.tlp !== undefined
      ? { ...row, result: { ok: true, value: { ...row.result.value, tlp: ownOnly(row.result.value.tlp) } } }
      : row,
  ),
});
