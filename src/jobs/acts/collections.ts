import type { CollectionRow } from "#api/collection.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { after, day, type Instant, printInstant } from "#core/instant.ts";
import { no, ok } from "#core/result.ts";
import type { CollectionRead } from "#jobs/lists/out-port.ts";
import type { StixCollection } from "#jobs/stix/objects-port.ts";
import { type Micros, printMicros } from "#share/taxii-date.ts";
import { stixType } from "#share/taxii-media.ts";
import { type Language, nameIn } from "#words/language.ts";
import { say } from "#words/say.ts";
import type { Desk } from "./desk.ts";
import type { CollectionActs } from "./port.ts";
import { rootPath } from "./taxii.ts";
import { nameOf, organisationName } from "./who.ts";

/** Staff makes collections; who may read and write one is a policy, and stands in the evidence. */
export const collectionActs = (desk: Desk): CollectionActs => ({
  collections: async (viewer) => {
    if (!may(viewer, "community.read")) return no("WGL_HTTP_FORBIDDEN");
    const since = after(desk.now(), -lately * day);
    const { all, holdings, reads } = await desk.state.act(async (tx) => ({
      all: await tx.stix.collections(),
      holdings: await tx.stix.holdings(),
      reads: await tx.out.collectionReads(collectionsPath, since),
    }));
    return ok({ collections: all.map((one) => ({ ...rowOf(desk, one), ...usedOf(one, holdings, reads) })) });
  },

  collection: async (viewer, id, { language }) => {
    if (!may(viewer, "community.read")) return no("WGL_HTTP_FORBIDDEN");
    const since = after(desk.now(), -lately * day);
    return desk.state.act(async (tx) => {
      const one = (await tx.stix.collections()).find((each) => each.id === id);
      if (one === undefined) return no("WGL_ABSENT");
      const reads = await tx.out.collectionReads(collectionsPath, since);
      const choices = choicesOf(desk, viewer, language);
      const named = (audience: string) => ({
        audience,
        name: choices.find((each) => each.audience === audience)?.name ?? "",
      });
      const organisation = (of: string) => ({ id: of, name: organisationName(desk, of, language) });
      return ok({
        collection: { ...rowOf(desk, one), ...usedOf(one, await tx.stix.holdings(), reads) },
        readers: one.readers.map(named),
        writers: one.writers.map(named),
        senders: (await tx.stix.senders(one.n)).map(({ sender, objects, shadow, last }) => ({
          ...(sender === undefined ? {} : { organisation: organisation(sender) }),
          ...{ objects, shadow, last: printMicros(last) },
        })),
        activity: reads
          .filter(({ collection }) => collection === one.id)
          .map(({ party, last, ...counts }) => ({
            ...{ party: organisation(party), reads: counts.reads, objects: counts.objects },
            last: printInstant(last),
          })),
        choices,
      });
    });
  },

  collectionRights: async (viewer, id, { readers, writers, reason }) => {
    if (viewer.kind !== "staff" || !may(viewer, "community.write")) return no("WGL_HTTP_FORBIDDEN");
    if (reason.trim() === "") return no("WGL_ACT_REASON", { act: "rights" });
    const who = await nameOf(desk, viewer);
    return desk.state.act(async (tx) => {
      const one = (await tx.stix.collections()).find((each) => each.id === id);
      if (one === undefined) return no("WGL_ABSENT");
      // Who stands in it already may stay: a group that this person does not know of is not theirs to put out
      const held = new Set([...one.readers, ...one.writers]);
      const unknown = unknownOf(
        desk,
        [...readers, ...writers].filter((name) => !held.has(name)),
      );
      if (unknown !== undefined) return unknown;
      await tx.stix.setRights(one.n, readers, writers);
      // who may not read it any more is to remove what it read
      if (one.readers.some((name) => !readers.includes(name)))
        await tx.queue.put("recall", `collection ${one.id}`, { collection: one.id }, desk.now());
      await tx.evidence.leaf({
        kind: "policy",
        subject: `collection ${one.alias}`,
        data: { act: "rights", who, reason, before: { readers: one.readers, writers: one.writers }, readers, writers },
        at: desk.now(),
      });
      return ok(rowOf(desk, { ...one, readers, writers }));
    });
  },

  makeCollection: async (viewer, wanted) => {
    if (viewer.kind !== "staff" || !may(viewer, "community.write")) return no("WGL_HTTP_FORBIDDEN");
    const unknown = unknownOf(desk, [...wanted.readers, ...wanted.writers]);
    if (unknown !== undefined) return unknown;
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

/** Days of "read lately". */
const lately = 30;

const collectionsPath = `${rootPath}collections/`;

/** The first name of an audience that is nobody's. */
const unknownOf = (desk: Desk, audience: readonly string[]) => {
  const { organisations, groups } = desk.directory.known.directory;
  for (const name of audience) {
    const [kind, id = ""] = name.split(/:(.*)/s, 2);
    const some = kind === "organisation" ? organisations : kind === "group" ? groups : undefined;
    if (some !== undefined && !some.some((one) => one.id === id))
      return no("WGL_NAME_UNKNOWN", { what: kind ?? "", value: id });
  }
  return undefined;
};

/** Whom a collection may be opened to; of private groups, those that the viewer is in. */
const choicesOf = (desk: Desk, viewer: Viewer, language: Language) => {
  const { organisations, groups } = desk.directory.known.directory;
  const mine: readonly string[] = viewer.kind === "staff" ? viewer.groups : [];
  return [
    ...(["members", "partners"] as const).map((audience) => ({
      audience,
      name: say(language, `sharing.audience.${audience}`),
    })),
    ...organisations.map(({ id, names }) => ({ audience: `organisation:${id}`, name: nameIn(names, language) })),
    ...groups
      .filter((one) => !one.private || mine.includes(one.id))
      .map(({ id, title }) => ({ audience: `group:${id}`, name: title })),
  ];
};

const usedOf = (
  { n, id }: StixCollection,
  holdings: ReadonlyMap<number, { readonly objects: number; readonly last: Micros }>,
  reads: readonly CollectionRead[],
) => {
  const held = holdings.get(n);
  const read = reads.filter(({ collection }) => collection === id);
  const last = read.reduce<Instant | undefined>((a, b) => (a === undefined || b.last > a ? b.last : a), undefined);
  return {
    ...{ objects: held?.objects ?? 0, reads: read.reduce((sum, one) => sum + one.reads, 0) },
    ...(held === undefined ? {} : { lastAdded: printMicros(held.last) }),
    ...(last === undefined ? {} : { lastRead: printInstant(last) }),
  };
};

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
