import type { CollectionRow } from "#api/collection.ts";
import { may } from "#community/may.ts";
import { no, ok } from "#core/result.ts";
import type { StixCollection } from "#jobs/stix-objects-port.ts";
import { stixType } from "#share/taxii-media.ts";
import type { Desk } from "./desk.ts";
import type { CollectionActs } from "./port.ts";
import { nameOf } from "./who.ts";

/** Staff makes collections; who may read and write one is a policy, and stands in the evidence. */
export const collectionActs = (desk: Desk): CollectionActs => ({
  collections: async (viewer) => {
    if (!may(viewer, "community.read")) return no("WGL_HTTP_FORBIDDEN");
    const all = await desk.state.act((tx) => tx.stix.collections());
    return ok({ collections: all.map((one) => rowOf(desk, one)) });
  },

  makeCollection: async (viewer, wanted) => {
    if (viewer.kind !== "staff" || !may(viewer, "community.write")) return no("WGL_HTTP_FORBIDDEN");
    const { known } = desk.directory;
    for (const name of [...wanted.readers, ...wanted.writers]) {
      const [kind, id = ""] = name.split(/:(.*)/s, 2);
      const there =
        kind === "organisation"
          ? known.directory.organisations.some((one) => one.id === id)
          : kind === "group"
            ? known.directory.groups.some((one) => one.id === id)
            : true;
      if (!there) return no("WGL_NAME_UNKNOWN", { what: kind ?? "", value: id });
    }
    const who = await nameOf(desk, viewer);
    const made = await desk.state.act(async (tx) => {
      const collection = await tx.stix.putCollection({
        id: desk.idOf("collection", wanted.alias),
        alias: wanted.alias,
        title: wanted.title,
        ...(wanted.description === undefined ? {} : { description: wanted.description }),
        readers: wanted.readers,
        writers: wanted.writers,
        mediaTypes: [stixType("2.1"), stixType("2.0")],
        defaults: { tlp: wanted.tlp ?? "amber", pap: wanted.pap ?? "clear", licence: wanted.licence ?? "own" },
        purpose: wanted.purpose ?? "detection",
      });
      if (collection !== undefined)
        await tx.evidence.leaf({
          kind: "policy",
          subject: `collection ${collection.alias}`,
          data: { act: "made", who, ...rowOf(desk, collection) },
          at: desk.now(),
        });
      return collection;
    });
    return made === undefined
      ? no("WGL_NAME_TAKEN", { what: "collection", value: wanted.alias })
      : ok(rowOf(desk, made));
  },

  doCollection: async (viewer, id, { organisation }) => {
    if (viewer.kind !== "staff" || !may(viewer, "sources.decide")) return no("WGL_HTTP_FORBIDDEN");
    const sender = desk.directory.known.directory.organisations.find((one) => one.id === organisation)?.id;
    if (sender === undefined) return no("WGL_ABSENT");
    const who = await nameOf(desk, viewer);
    return desk.state.act(async (tx) => {
      const collection = (await tx.stix.collections()).find((one) => one.id === id);
      if (collection === undefined) return no("WGL_ABSENT");
      const at = desk.now();
      const before = await tx.stix.lock(collection.n);
      const { rows, last } = await tx.stix.unshadow(collection.n, sender, Math.max(before, at * 1000));
      await tx.stix.setClock(collection.n, last);
      await tx.evidence.leaf({
        kind: "policy",
        subject: `collection ${collection.alias}`,
        data: { act: "let-speak", who, sender, objects: rows },
        at,
      });
      return ok({ objects: rows });
    });
  },
});

const rowOf = (desk: Desk, one: StixCollection): CollectionRow => ({
  id: one.id,
  alias: one.alias,
  title: one.title,
  ...(one.description === undefined ? {} : { description: one.description }),
  readers: [...one.readers],
  writers: [...one.writers],
  ...one.defaults,
  purpose: one.purpose,
  url: `${desk.portal}/taxii2/waglan/collections/${one.id}/`,
});
