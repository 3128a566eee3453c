import { attributeObservables } from "#misp/attribute-observables.ts";
import type { MispFilter } from "#share/misp-filter.ts";
import type { MispEventOut, MispOut, MispPartOut } from "#share/misp-out.ts";
import { authorJson, communityJson, type Json, type MispHere } from "./call.ts";
import type { MispPair } from "./write-format.ts";
import {
  type MispAttributeRow,
  type MispEventRow,
  type MispObjectRow,
  mispRemarkKinds,
  type MispRemarkRow,
} from "./port.ts";
import { attributeOut, eventOut, type MispReader, objectOut, remarkOut } from "./read.ts";
import { sightingJson } from "./shape.ts";

const relatedAtMost = 50;
const remarksAtMost = 20_000;

/** What an event's answer has beside the event. */
interface Extras {
  readonly deleted: MispFilter["deleted"];
  readonly attachments: boolean;
  readonly metadata: boolean;
  readonly sightings: boolean;
  readonly related: boolean;
  readonly warninglist: boolean;
  readonly groupsByReference: boolean;
}
export const usualExtras: Extras = {
  ...{ deleted: "no", attachments: false, metadata: false, sightings: true, related: true, warninglist: false },
  groupsByReference: false,
};

/** Events with everything of them that may leave, each with its row. */
export const wholeEvents = async (
  here: MispHere,
  rows: readonly MispEventRow[],
  reader: MispReader,
  extras: Extras,
): Promise<readonly { readonly event: MispEventRow; readonly json: Json; readonly pairs: readonly MispPair[] }[]> => {
  const { tx } = here;
  const ns = rows.map(({ n }) => n);
  const [attributes, objects] = extras.metadata
    ? [[], []]
    : [
        await tx.misp.attributesOf(ns, reader.reach, extras.deleted, extras.attachments),
        await tx.misp.objectsOf(ns, reader.reach, extras.deleted),
      ];
  const counts = extras.metadata ? await tx.misp.attributeCounts(ns, reader.reach) : undefined;
  const byEvent = Map.groupBy(
    extras.warninglist ? attributes.filter((one) => !isExcluded(here, one)) : attributes,
    ({ event }) => event,
  );
  const objectsByEvent = Map.groupBy(objects, ({ event }) => event);
  const seen = extras.sightings ? await sightingsOf(here, attributes, reader) : new Map<number, readonly Json[]>();
  const remarks = Map.groupBy(
    extras.metadata ? [] : await tx.misp.remarks(mispRemarkKinds, ns, reader.reach, extras.deleted, remarksAtMost),
    ({ event }) => event,
  );
  const out: { event: MispEventRow; json: Json; pairs: readonly MispPair[] }[] = [];
  for (const event of rows) {
    const own = (byEvent.get(event.n) ?? []).flatMap((row) => {
      const released = attributeOut(row, event, reader);
      return released === undefined ? [] : [{ row, released }];
    });
    const parts = (objectsByEvent.get(event.n) ?? []).flatMap((row) => {
      const released = objectOut(row, event, reader);
      return released === undefined ? [] : [{ row, released }];
    });
    const count = counts?.get(event.n) ?? own.filter(({ row }) => !row.deleted).length;
    const head = eventOut(event, count, reader);
    if (head === undefined) continue;
    const related =
      extras.related && !extras.metadata
        ? await relatedTo(
            here,
            event,
            own.map(({ row }) => row),
            reader,
          )
        : undefined;
    const said = saidOf(remarks.get(event.n) ?? [], event, reader);
    const printed = (one: { readonly row: MispAttributeRow; readonly released: MispOut<MispPartOut> }): Json => ({
      ...groupOf(one.released.value.part, extras),
      ...(seen.has(one.row.n) ? { Sighting: seen.get(one.row.n) } : {}),
      ...said(one.row.uuid),
    });
    out.push({
      event,
      pairs: own.map(({ row, released }) => ({ attribute: row, event, line: { attribute: released, event: head } })),
      json: {
        ...eventHead(here, head, extras),
        ...(extras.metadata
          ? {}
          : {
              Attribute: own.filter(({ row }) => row.object === undefined).map(printed),
              ShadowAttribute: [],
              EventReport: [],
              ...said(event.uuid),
              Object: parts.map(({ row, released }) => ({
                ...groupOf(released.value.part, extras),
                ...said(row.uuid),
                Attribute: own.filter((one) => one.row.object === row.n).map(printed),
              })),
            }),
        ...(related === undefined ? {} : { RelatedEvent: related }),
      },
    });
  }
  return out;
};

/** What was said of each part, as lists under MISP's names; of reports and notes too. */
const saidOf = (
  remarks: readonly MispRemarkRow[],
  event: MispEventRow,
  reader: MispReader,
): ((target: string) => Json) => {
  const byTarget = Map.groupBy(
    remarks.flatMap((row) => {
      const out = remarkOut(row, event, reader);
      return out === undefined ? [] : [{ row, json: out.value.part }];
    }),
    ({ row }) => row.target,
  );
  const said = (target: string, depth: number): Json =>
    Object.fromEntries(
      Map.groupBy(byTarget.get(target) ?? [], ({ row }) => row.kind)
        .entries()
        .map(([kind, all]) => [
          kind,
          // Notes on notes on notes: MISP nests them as well, and a circle ends here
          all.map(({ row, json }) => (depth > 0 ? { ...json, ...said(row.uuid, depth - 1) } : json)),
        ]),
    );
  return (target) => said(target, 4);
};

/** With its author and holder. */
export const eventHead = (
  here: MispHere,
  out: MispOut<MispEventOut>,
  extras: Pick<Extras, "groupsByReference"> = usualExtras,
): Json => {
  const [holder, author] = [communityJson(here), authorJson(here, out.value.author ?? "")];
  return {
    ...groupOf(out.value.event, extras),
    org_id: holder.id,
    orgc_id: author.id,
    Org: { ...holder, local: true },
    Orgc: { ...author, local: author.id === holder.id },
  };
};

/** Of an event's head only what is named. */
export const headPart = (head: Json, names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, head[name]]));

/** What MISP says of an event beside another. */
const relatedWords =
  "id date threat_level_id info published uuid analysis timestamp distribution org_id orgc_id Org Orgc".split(" ");

export const groupOf = (part: Json, { groupsByReference }: Pick<Extras, "groupsByReference">): Json => {
  if (!groupsByReference || part["SharingGroup"] === undefined) return part;
  const { SharingGroup: _, ...rest } = part;
  return rest;
};

const relatedTo = async (
  here: MispHere,
  event: MispEventRow,
  attributes: readonly MispAttributeRow[],
  reader: MispReader,
): Promise<readonly Json[]> => {
  const keys = [...new Set(attributes.flatMap((one) => (one.correlates && !one.deleted ? one.keys : [])))];
  if (keys.length === 0) return [];
  const rows = await here.tx.misp.related(keys, event.n, reader.reach, relatedAtMost);
  return rows.flatMap((row) => {
    const out = eventOut(row, 0, reader);
    if (out === undefined) return [];
    return [{ Event: headPart(eventHead(here, out), relatedWords) }];
  });
};

export const sightingsOf = async (
  here: MispHere,
  attributes: readonly MispAttributeRow[],
  reader: MispReader,
): Promise<ReadonlyMap<number, readonly Json[]>> => {
  if (attributes.length === 0) return new Map();
  const byNumber = new Map(attributes.map((one) => [one.n, one]));
  const rows = await here.tx.misp.sightings([...byNumber.keys()], reader.reach);
  const out = new Map<number, Json[]>();
  for (const row of rows) {
    const attribute = byNumber.get(row.attribute);
    if (attribute === undefined) continue;
    const mine = here.staff || row.sender === here.keeping.sender.party;
    const printed = sightingJson(row, attribute, here.ids, mine ? senderJson(here, row.sender) : undefined);
    out.set(row.attribute, [...(out.get(row.attribute) ?? []), printed]);
  }
  return out;
};

const senderJson = (here: MispHere, sender: MispEventRow["sender"]): Json => {
  const known = sender === undefined ? undefined : here.desk.directory.known.organisation(sender);
  return known === undefined ? communityJson(here) : authorJson(here, `${known.names.en ?? known.key}\n\n${known.id}`);
};

/** Is it on a list of what is too common to act on? */
export const isExcluded = (here: MispHere, attribute: Pick<MispAttributeRow, "type" | "value">): boolean => {
  const read = attributeObservables(attribute);
  return read.ok && read.value.some(({ observable }) => here.desk.exclusions().excluded(observable) !== undefined);
};

export const objectWhole = async (
  here: MispHere,
  row: MispObjectRow,
  event: MispEventRow,
  reader: MispReader,
  data = false,
): Promise<Json | undefined> => {
  const out = objectOut(row, event, reader);
  const head = eventOut(event, 0, reader);
  if (out === undefined || head === undefined) return undefined;
  const inside = (await here.tx.misp.attributesOf([event.n], reader.reach, row.deleted ? "both" : "no", data)).filter(
    (one) => one.object === row.n,
  );
  const { id, uuid, info, org_id, orgc_id } = eventHead(here, head);
  return {
    ...out.value.part,
    Attribute: inside.flatMap((one) => attributeOut(one, event, reader)?.value.part ?? []),
    Event: { id, uuid, info, org_id, orgc_id },
  };
};
