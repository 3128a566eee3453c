import { mispParts } from "#feeds/misp-rows.ts";
import { feed as mispEvent } from "#feeds/misp-event/feed.ts";
import { attributeJson, eventJson, objectJson } from "./shape.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Feed, Part } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { own } from "#misp/own.ts";
import { mispIds } from "#share/misp-ids.ts";
import type { Turn } from "#intel/ports.ts";
import { collect, type Collecting } from "#jobs/collect/collect.ts";
import type { MispReach } from "./port.ts";
import { claimTlp, joinSightings, standsBy } from "./resight.ts";
import type { Job } from "#jobs/ports.ts";

/** Ids inside a document that nobody outside reads. */
const ids = mispIds("claims");

/**
 * An event that was published, changed, unpublished or deleted, and what was sighted of it, reaches intel as a list of a feed of its own, one a sender:
 * its attributes meant for detection, graded, aged, guarded and in shadow like any other; what is no longer there is
 * delisted. Claims have no owner and no group, so what only an owner's clients or a group may have becomes AMBER+STRICT at
 * least: staff match with it, and nobody else is told.
 *
 * @returns the turn; undefined when there was nothing to do
 */
export const joinMisp = async (
  collecting: Omit<Collecting, "shadow">,
  job: Pick<Job, "key" | "payload">,
  whole: MispReach,
  nameOf: (sender: OrganisationId) => string | undefined,
): Promise<Turn | undefined> => {
  const { state } = collecting;
  const { ends } = job.payload;
  if (typeof ends === "string") {
    await state.act((tx) => tx.intel.expire(ends, collecting.now));
    return undefined;
  }
  if ("sighted" in job.payload || "unsighted" in job.payload) {
    await joinSightings(collecting, job.payload, whole, nameOf);
    return undefined;
  }
  const gone = job.payload["gone"];
  if (typeof gone === "string") {
    const sender = job.payload["sender"];
    const from = typeof sender === "string" && sender !== "" ? nameOf(sender as OrganisationId) : "";
    return from === undefined ? undefined : take(collecting, from, { uuid: gone, Attribute: [], Object: [] });
  }
  const n = Number(job.payload["event"] ?? job.key);
  if (!Number.isSafeInteger(n)) return undefined;
  const read = await state.act(async (tx) => {
    const event = await tx.misp.event({ n }, whole);
    if (event === undefined) return undefined;
    const published = event.publishedAt > 0;
    const writing = { ids, own: true };
    // What was changed since it was published waits to be published again
    const isSaid = (row: { readonly changed: number }): boolean => event.published || row.changed <= event.publishedAt;
    const attributes = published ? await tx.misp.attributesOf([n], whole, "no", false) : [];
    const objects = published ? await tx.misp.objectsOf([n], whole, "no") : [];
    const sighted = await tx.misp.sightedOf(n);
    const over = new Set(
      (await tx.misp.sighted(sighted, whole))
        .filter((one) => standsBy(one, event.sender, collecting.now) !== "seen")
        .map(({ attribute }) => attribute.n),
    );
    const printed = attributes
      .filter((row) => row.toIds && isSaid(row) && !over.has(row.n))
      .map((row) => ({
        object: row.object,
        json: {
          ...attributeJson(row, writing),
          Tag: [...tagsIn(row.rest["Tag"]), { name: `tlp:${claimTlp(row.marking)}` }],
        },
      }));
    return {
      event,
      sighted,
      document: {
        ...eventJson(event, 0, writing),
        Attribute: printed.filter(({ object }) => object === undefined).map(({ json }) => json),
        Object: objects.map((object) => ({
          ...objectJson(object, writing),
          Attribute: printed.filter((one) => one.object === object.n).map(({ json }) => json),
        })),
      },
    };
  });
  if (read === undefined) return undefined;
  const name = read.event.sender === undefined ? "" : nameOf(read.event.sender);
  if (name === undefined) return undefined;
  const turn = await take(collecting, name, read.document);
  for (const attribute of read.sighted) await joinSightings(collecting, { sighted: attribute }, whole, nameOf);
  return turn;
};

const take = (
  collecting: Omit<Collecting, "shadow">,
  sender: string,
  document: Readonly<Record<string, unknown>>,
): Promise<Turn | undefined> => {
  const feed = feedOf(sender);
  // Each body is one event, small or large or empty: its volume says nothing about the one before
  return collect(
    { ...collecting, shadow: true, acceptHeld: true },
    feed,
    Buffer.from(JSON.stringify({ Event: document })),
    feed.id,
  );
};

const tagsIn = (tags: unknown): readonly unknown[] => (Array.isArray(tags) ? tags : []);

const feedOf = (sender: string): Feed => ({
  ...mispEvent,
  id: `misp${sender === "" ? "" : `-${sender}`}`,
  title: "MISP events",
  publisher: sender === "" ? "the community" : sender,
  licence: "own",
  pap: "clear",
  tlp: "amber+strict",
  gives: "parts",
  parts: (body: Uint8Array) => {
    const document = parseJson(body);
    const name = own(own(document, "Event"), "uuid");
    return [...mispParts(document)].map((part): Part => ({ ...part, name: String(name) }));
  },
});
