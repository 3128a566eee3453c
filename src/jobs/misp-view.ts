import { no, ok, type Result } from "#core/result.ts";
import { attributeObservables } from "#misp/attribute-observables.ts";
import { truth } from "#misp/scalar.ts";
import type { MispAsked, MispFilter } from "#share/misp-filter.ts";
import { readMispSearch, type Terms } from "#share/misp-filter.ts";
import type { MispEventOut, MispOut, MispPartOut } from "#share/misp-out.ts";
import type { MispAnswer, MispCall } from "#jobs/misp-asked.ts";
import {
  authorJson,
  communityJson,
  eventAt,
  isJson,
  type Json,
  json,
  keyOf,
  type MispDo,
  type MispHere,
} from "#jobs/misp-call.ts";
import { formatOf, isSignature, type MispPair, writeFormat } from "#jobs/misp-write-format.ts";
import type { MispAttributeRow, MispEventRow, MispObjectRow } from "#jobs/misp-port.ts";
import { attributeOut, eventOut, type MispReader, objectOut, recordRelease } from "#jobs/misp-read.ts";
import { sightingJson } from "#jobs/misp-shape.ts";

/** Rows of one answer; more must be asked for in pages. */
export const eventsAtMost = 5_000;
export const attributesAtMost = 200_000;
const relatedAtMost = 50;

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
    const printed = (one: { readonly row: MispAttributeRow; readonly released: MispOut<MispPartOut> }): Json => ({
      ...groupOf(one.released.value.part, extras),
      ...(seen.has(one.row.n) ? { Sighting: seen.get(one.row.n) } : {}),
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
              Object: parts.map(({ row, released }) => ({
                ...groupOf(released.value.part, extras),
                Attribute: own.filter((one) => one.row.object === row.n).map(printed),
              })),
            }),
        ...(related === undefined ? {} : { RelatedEvent: related }),
      },
    });
  }
  return out;
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

const groupOf = (part: Json, { groupsByReference }: Pick<Extras, "groupsByReference">): Json => {
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
    const head = eventHead(here, out);
    const {
      id,
      date,
      threat_level_id,
      info,
      published,
      uuid,
      analysis,
      timestamp,
      distribution,
      org_id,
      orgc_id,
      Org,
      Orgc,
    } = head;
    return [
      {
        Event: {
          id,
          date,
          threat_level_id,
          info,
          published,
          uuid,
          analysis,
          timestamp,
          distribution,
          org_id,
          orgc_id,
          Org,
          Orgc,
        },
      },
    ];
  });
};

const sightingsOf = async (
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

/** `events/view`: an event with its parts. */
export const viewEvent: MispDo = async (here, call) => {
  const row = await eventAt(here, call.params[0]);
  if (row === undefined) return no("WGL_ABSENT");
  const asked = (name: string): boolean => truth(call.input[name]) === true;
  const deleted = call.input["deleted"] ?? call.input["deleted[]"];
  const both = (typeof deleted === "string" && /[|,]/.test(deleted)) || (Array.isArray(deleted) && deleted.length > 1);
  const reader = here.reader();
  const [whole] = await wholeEvents(here, [row], reader, {
    ...usualExtras,
    deleted: both || truth(deleted) === true ? "both" : deleted === "only" ? "only" : "no",
    attachments: asked("includeAttachments") || asked("withAttachments"),
    related:
      truth(call.input["includeEventCorrelations"]) !== false && truth(call.input["excludeCorrelations"]) !== true,
    groupsByReference: asked("sgReferenceOnly"),
  });
  if (whole === undefined) return no("WGL_ABSENT");
  const body = JSON.stringify({ Event: whole.json });
  await recordRelease(here.tx, reader, `/misp/events/view/${row.uuid}`, [whole, ...whole.pairs], Buffer.from(body));
  return ok({ body });
};

/** What became of an event just written, as its author reads it; what it may not read back is echoed by name alone. */
export const writtenEvent = async (here: MispHere, n: number, more: Json = {}): Promise<Result<MispAnswer>> => {
  const reader = here.reader();
  const row = await here.tx.misp.event({ n }, reader.reach);
  const [whole] =
    row === undefined ? [] : await wholeEvents(here, [row], reader, { ...usualExtras, deleted: "no", related: true });
  if (whole !== undefined) return json({ Event: whole.json, ...more });
  const mine = await here.tx.misp.mine({ n }, here.keeping.sender.party);
  return mine === undefined
    ? no("WGL_ABSENT")
    : json({
        Event: { id: here.ids.of(mine.n), uuid: mine.uuid, info: mine.info, Attribute: [], Object: [] },
        ...more,
      });
};

const ownIds = (here: MispHere, filter: MispFilter): MispFilter => {
  if (filter.eventId === undefined) return filter;
  const each = (some: readonly string[]): readonly string[] =>
    some.map((id) => {
      const n = here.ids.read(id);
      return n === undefined ? id.replace(/^\d+$/, "0") : String(n);
    });
  const { any, all, none } = filter.eventId;
  return { ...filter, eventId: { any: each(any), all: each(all), none: each(none) } satisfies Terms };
};

const searching = (here: MispHere, call: MispCall, what: "events" | "attributes" | "objects"): Result<MispAsked> => {
  const [format, ...values] = call.params;
  // "/attributes/restSearch/json/<value>": the way of old
  const positional = {
    ...(format ? { returnFormat: format } : {}),
    ...(values[0] ? { value: decodeURIComponent(values[0]) } : {}),
  };
  const read = readMispSearch({ ...positional, ...call.input }, what, here.now);
  return read.ok ? ok({ ...read.value, filter: ownIds(here, read.value.filter) }) : read;
};

const pageOf = ({ limit, page, order }: MispAsked, most: number) => {
  const size = Math.min(limit ?? most + 1, most + 1);
  return {
    order,
    limit: size,
    offset: limit === undefined ? (page > 1 ? Number.MAX_SAFE_INTEGER : 0) : (page - 1) * size,
  };
};

/** `events/restSearch` */
export const searchEvents: MispDo = async (here, call) => {
  const read = searching(here, call, "events");
  if (!read.ok) return read;
  const asked = read.value;
  const format = formatOf("events", asked.returnFormat);
  if (!format.ok) return format;
  const reader = here.reader(isSignature(asked.returnFormat) ? "blocking" : undefined);
  const found = await here.tx.misp.countEvents(asked.filter, reader.reach);
  const headers = { "x-result-count": String(found) };
  const rows = await here.tx.misp.events(asked.filter, reader.reach, pageOf(asked, eventsAtMost));
  if (rows.length > eventsAtMost) return no("WGL_MISP_PAGES", { count: found, what: "events", limit: eventsAtMost });
  const sum = [
    ...(
      await here.tx.misp.attributeCounts(
        rows.map(({ n }) => n),
        reader.reach,
      )
    ).values(),
  ].reduce((a, b) => a + b, 0);
  if (sum > attributesAtMost && !asked.metadata)
    return no("WGL_MISP_PAGES", { count: sum, what: "attributes", limit: attributesAtMost });
  const whole = await wholeEvents(here, rows, reader, {
    deleted: asked.filter.deleted,
    attachments: asked.withAttachments,
    metadata: asked.metadata && asked.returnFormat === "json",
    sightings: asked.includeSightings || asked.returnFormat === "json",
    related: asked.includeCorrelations,
    warninglist: asked.enforceWarninglist,
    groupsByReference: asked.sgReferenceOnly,
  });
  const pairs = whole
    .flatMap((one) => one.pairs)
    .filter(({ attribute }) => asked.filter.toIds === undefined || attribute.toIds === asked.filter.toIds);
  const written =
    asked.returnFormat === "json"
      ? { body: JSON.stringify({ response: whole.map((one) => ({ Event: one.json })) }) }
      : writeFormat(here, asked, { pairs, events: whole.map((one) => one.json), found, reader });
  await recordRelease(
    here.tx,
    reader,
    `/misp/events/restSearch ${asked.canonical}`,
    [...whole, ...whole.flatMap((one) => one.pairs)],
    Buffer.from(written.body),
  );
  return ok({ ...written, headers });
};

/** `attributes/restSearch` */
export const searchAttributes: MispDo = async (here, call) => {
  const read = searching(here, call, "attributes");
  if (!read.ok) return read;
  const asked = read.value;
  const format = formatOf("attributes", asked.returnFormat);
  if (!format.ok) return format;
  return answerAttributes(here, asked, `/misp/attributes/restSearch ${asked.canonical}`);
};

export const answerAttributes = async (
  here: MispHere,
  asked: MispAsked,
  query: string,
): Promise<Result<MispAnswer>> => {
  const reader = here.reader(isSignature(asked.returnFormat) ? "blocking" : undefined);
  const found = await here.tx.misp.countAttributes(asked.filter, reader.reach);
  const headers = { "x-result-count": String(found) };
  const rows = await here.tx.misp.attributes(asked.filter, reader.reach, pageOf(asked, attributesAtMost));
  if (rows.length > attributesAtMost)
    return no("WGL_MISP_PAGES", { count: found, what: "attributes", limit: attributesAtMost });
  const { pairs, jsons } = await attributeLines(here, rows, reader, asked);
  const written =
    asked.returnFormat === "json"
      ? { body: JSON.stringify({ response: { Attribute: jsons } }) }
      : writeFormat(here, asked, { pairs, events: [], found, reader });
  await recordRelease(here.tx, reader, query, rows, Buffer.from(written.body));
  return ok({ ...written, headers });
};

/** Attributes with their events, as far as both may leave. */
const attributeLines = async (
  here: MispHere,
  rows: readonly { readonly attribute: MispAttributeRow; readonly event: MispEventRow }[],
  reader: MispReader,
  asked: MispAsked,
): Promise<{ readonly pairs: readonly MispPair[]; readonly jsons: readonly Json[] }> => {
  const kept = asked.enforceWarninglist ? rows.filter(({ attribute }) => !isExcluded(here, attribute)) : rows;
  const heads = new Map<number, { readonly out: MispOut<MispEventOut>; readonly json: Json } | undefined>();
  const headOf = (event: MispEventRow) => {
    if (!heads.has(event.n)) {
      const out = eventOut(event, 0, reader);
      heads.set(event.n, out && { out, json: eventHead(here, out) });
    }
    return heads.get(event.n);
  };
  const data = asked.withAttachments ? await attachments(here, kept, reader) : new Map<number, string>();
  const seen = asked.includeSightings
    ? await sightingsOf(
        here,
        kept.map(({ attribute }) => attribute),
        reader,
      )
    : undefined;
  const objects = kept.some(({ attribute }) => attribute.object !== undefined)
    ? new Map(
        (
          await here.tx.misp.objectsOf(
            [...new Set(kept.flatMap(({ attribute }) => (attribute.object === undefined ? [] : [attribute.event])))],
            reader.reach,
            "both",
          )
        ).map((one) => [one.n, one]),
      )
    : new Map<number, MispObjectRow>();
  const pairs: MispPair[] = [];
  const jsons: Json[] = [];
  for (const { attribute, event } of kept) {
    const head = headOf(event);
    const body = data.get(attribute.n);
    const object = attribute.object === undefined ? undefined : objects.get(attribute.object);
    const said: MispAttributeRow =
      object === undefined
        ? attribute
        : {
            ...attribute,
            rest: {
              ...attribute.rest,
              Object: {
                id: here.ids.of(object.n),
                uuid: object.uuid,
                name: object.name,
                "meta-category": object.metaCategory,
                distribution: String(object.distribution),
                sharing_group_id: "0",
              },
            },
          };
    const out = head && attributeOut(body === undefined ? said : { ...said, data: body }, event, reader);
    if (out === undefined || head === undefined) continue;
    pairs.push({ attribute, event, line: { attribute: out, event: head.out } });
    if (asked.returnFormat !== "json") continue;
    const {
      id,
      uuid,
      info,
      org_id,
      orgc_id,
      distribution,
      date,
      publish_timestamp,
      threat_level_id,
      analysis,
      timestamp,
      published,
    } = head.json;
    const part = out.value.part;
    const tags = [
      ...(Array.isArray(part["Tag"]) ? part["Tag"] : []),
      ...(asked.includeEventTags
        ? (Array.isArray(head.json["Tag"]) ? (head.json["Tag"] as readonly Json[]) : []).map((tag) => ({
            ...tag,
            inherited: 1,
          }))
        : []),
    ];
    const sightings = seen?.get(attribute.n);
    jsons.push({
      ...groupOf(part, { groupsByReference: asked.sgReferenceOnly }),
      ...(tags.length === 0 ? {} : { Tag: tags }),
      ...(sightings === undefined ? {} : { Sighting: sightings }),
      Event: asked.includeContext
        ? {
            id,
            uuid,
            info,
            org_id,
            orgc_id,
            distribution,
            date,
            publish_timestamp,
            threat_level_id,
            analysis,
            timestamp,
            published,
            Orgc: head.json["Orgc"],
            Org: head.json["Org"],
            Tag: head.json["Tag"],
          }
        : { id, uuid, info, org_id, orgc_id, distribution },
    });
  }
  return { pairs, jsons };
};

const attachments = async (
  here: MispHere,
  rows: readonly { readonly attribute: MispAttributeRow }[],
  reader: MispReader,
): Promise<ReadonlyMap<number, string>> => {
  const found = new Map<number, string>();
  for (const { attribute } of rows) {
    if (!attribute.hasData) continue;
    const one = await here.tx.misp.attribute({ n: attribute.n }, reader.reach);
    if (one?.attribute.data !== undefined) found.set(attribute.n, one.attribute.data);
  }
  return found;
};

/** `objects/restSearch` */
export const searchObjects: MispDo = async (here, call) => {
  const read = searching(here, call, "objects");
  if (!read.ok) return read;
  const asked = read.value;
  const format = formatOf("objects", asked.returnFormat);
  if (!format.ok) return format;
  const reader = here.reader();
  const found = await here.tx.misp.countObjects(asked.filter, reader.reach);
  const rows = await here.tx.misp.objects(asked.filter, reader.reach, pageOf(asked, eventsAtMost));
  if (rows.length > eventsAtMost) return no("WGL_MISP_PAGES", { count: found, what: "objects", limit: eventsAtMost });
  const objects: Json[] = [];
  const gone: { event: MispEventRow }[] = [];
  for (const row of rows) {
    const event = await here.tx.misp.event({ n: row.event }, reader.reach);
    const printed = event && (await objectWhole(here, row, event, reader, asked.withAttachments));
    if (event === undefined || printed === undefined) continue;
    objects.push({ Object: printed });
    gone.push({ event });
  }
  const body = asked.returnFormat === "count" ? String(found) : JSON.stringify({ response: objects });
  await recordRelease(here.tx, reader, `/misp/objects/restSearch ${asked.canonical}`, gone, Buffer.from(body));
  return ok({ body, headers: { "x-result-count": String(found) } });
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

/** `events/index`, and its search: events without their parts. */
export const indexEvents: MispDo = async (here, call) => {
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(call.input))
    named[/^search[a-z]/.test(name) && name !== "searchall" ? name.slice(6) : name] = value;
  const { minimal, sort, direction, attribute, ...rest } = named;
  const order =
    typeof sort === "string" && sort !== ""
      ? {
          order: `Event.${sort.replace(/^Event\./, "")} ${direction === "asc" || direction === "ASC" ? "asc" : "desc"}`,
        }
      : {};
  const read = readMispSearch(
    { ...rest, ...order, ...(attribute === undefined ? {} : { value: attribute }) },
    "events",
    here.now,
  );
  if (!read.ok) return read;
  const asked = { ...read.value, filter: ownIds(here, read.value.filter) };
  const reader = here.reader();
  const found = await here.tx.misp.countEvents(asked.filter, reader.reach);
  const rows = await here.tx.misp.events(asked.filter, reader.reach, pageOf(asked, attributesAtMost));
  const counts =
    truth(minimal) === true
      ? new Map<number, number>()
      : await here.tx.misp.attributeCounts(
          rows.map(({ n }) => n),
          reader.reach,
        );
  const out: { event: MispEventRow; json: Json }[] = [];
  for (const event of rows) {
    const released = eventOut(event, counts.get(event.n) ?? 0, reader);
    if (released === undefined) continue;
    const head = eventHead(here, released);
    const { EventReport: _, Tag, Galaxy: _g, ...slim } = head;
    const orgc = head["Orgc"];
    out.push({
      event,
      json:
        truth(minimal) === true
          ? {
              id: head["id"],
              timestamp: head["timestamp"],
              sighting_timestamp: "0",
              published: head["published"],
              uuid: head["uuid"],
              orgc_uuid: isJson(orgc) ? orgc["uuid"] : "",
            }
          : {
              ...slim,
              EventTag: (Array.isArray(Tag) ? Tag : []).map((tag: unknown) => ({
                local: false,
                relationship_type: "",
                Tag: tag,
              })),
              GalaxyCluster: [],
            },
    });
  }
  const body = JSON.stringify(out.map((one) => one.json));
  await recordRelease(here.tx, reader, `/misp/events/index ${asked.canonical}`, out, Buffer.from(body));
  return ok({ body, headers: { "x-result-count": String(found) } });
};

/** `attributes/view` */
export const viewAttribute: MispDo = async (here, call) => {
  const key = keyOf(here, call.params[0]);
  const reader = here.reader();
  const found = key && (await here.tx.misp.attribute(key, reader.reach));
  const out = found && attributeOut(found.attribute, found.event, reader);
  if (found === undefined || out === undefined) return no("WGL_ABSENT");
  const seen = (await sightingsOf(here, [found.attribute], reader)).get(found.attribute.n);
  const body = JSON.stringify({ Attribute: { ...out.value.part, ...(seen === undefined ? {} : { Sighting: seen }) } });
  await recordRelease(here.tx, reader, `/misp/attributes/view/${found.attribute.uuid}`, [found], Buffer.from(body));
  return ok({ body });
};

/** `objects/view` */
export const viewObject: MispDo = async (here, call) => {
  const key = keyOf(here, call.params[0]);
  const reader = here.reader();
  const found = key && (await here.tx.misp.object(key, reader.reach));
  const printed = found && (await objectWhole(here, found.object, found.event, reader));
  if (found === undefined || printed === undefined) return no("WGL_ABSENT");
  const body = JSON.stringify({ Object: printed });
  await recordRelease(here.tx, reader, `/misp/objects/view/${found.object.uuid}`, [found], Buffer.from(body));
  return ok({ body });
};

/** `attributes/index`: the newest, as a plain list. */
export const indexAttributes: MispDo = async (here, call) => {
  const read = readMispSearch({ limit: 60, ...call.input }, "attributes", here.now);
  if (!read.ok) return read;
  const answer = await answerAttributes(
    here,
    { ...read.value, returnFormat: "json" },
    `/misp/attributes/index ${read.value.canonical}`,
  );
  if (!answer.ok) return answer;
  const parsed = JSON.parse(answer.value.body) as { response: { Attribute: readonly Json[] } };
  return json(parsed.response.Attribute.map((one) => ({ Attribute: one })));
};
