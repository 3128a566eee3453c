import { stricterTlp, type Tlp } from "#core/marking.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Feed, Part } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { feed as mispEvent } from "#feeds/misp-event/feed.ts";
import { mispParts } from "#feeds/misp-rows.ts";
import { own } from "#misp/own.ts";
import { mispIds } from "#share/misp-ids.ts";
import type { Turn } from "#intel/ports.ts";
import { collect, type Collecting } from "#jobs/collect.ts";
import type { MispReach } from "#jobs/misp-port.ts";
import { attributeJson, eventJson, objectJson } from "#jobs/misp-shape.ts";
import type { Job } from "#jobs/ports.ts";

/** Ids inside a document that nobody outside reads. */
const ids = mispIds("claims");

/**
 * An event that was published, changed, unpublished or deleted reaches intel as a list of a feed of its own, one a sender:
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
  const gone = job.payload["gone"];
  if (typeof gone === "string") {
    const sender = job.payload["sender"];
    const from = typeof sender === "string" && sender !== "" ? nameOf(sender as OrganisationId) : "";
    return from === undefined ? undefined : take(collecting, from, { uuid: gone, Attribute: [], Object: [] });
  }
  const n = Number(job.key);
  if (!Number.isSafeInteger(n)) return undefined;
  const read = await state.act(async (tx) => {
    const event = await tx.misp.event({ n }, whole);
    if (event === undefined) return undefined;
    const published = event.published;
    const writing = { ids, own: true };
    const attributes = published ? await tx.misp.attributesOf([n], whole, "no", false) : [];
    const objects = published ? await tx.misp.objectsOf([n], whole, "no") : [];
    const printed = attributes
      .filter(({ toIds }) => toIds)
      .map((row) => ({
        object: row.object,
        json: {
          ...attributeJson(row, writing),
          Tag: [...tagsIn(row.rest["Tag"]), { name: `tlp:${claimTlp(row.marking)}` }],
        },
      }));
    return {
      event,
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
  return name === undefined ? undefined : take(collecting, name, read.document);
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

const claimTlp = ({
  owner,
  group,
  tlp,
}: {
  readonly owner?: unknown;
  readonly group?: unknown;
  readonly tlp: Tlp;
}): Tlp => (group !== undefined || (owner !== undefined && tlp === "amber") ? stricterTlp(tlp, "amber+strict") : tlp);

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
