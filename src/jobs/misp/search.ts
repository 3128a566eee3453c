import { ok, no, type Result } from "#core/result.ts";
import type { MispAsked, MispFilter } from "#share/misp-filter.ts";
import { readMispSearch, type Terms } from "#share/misp-filter.ts";
import type { MispEventOut, MispOut } from "#share/misp-out.ts";
import type { MispAnswer, MispCall } from "./asked.ts";
import { type Json, type MispDo, type MispHere } from "./call.ts";
import { formatOf, isSignature, type MispPair, writeFormat } from "./write-format.ts";
import type { MispAttributeRow, MispEventRow, MispObjectRow } from "./port.ts";
import { attributeOut, eventOut, type MispReader, recordRelease } from "./read.ts";
import { eventHead, isExcluded, objectWhole, sightingsOf, wholeEvents, groupOf, headPart } from "./whole.ts";

/** Rows of one answer; more must be asked for in pages. */
export const eventsAtMost = 5_000;
export const attributesAtMost = 200_000;

export const ownIds = (here: MispHere, filter: MispFilter): MispFilter => {
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

export const pageOf = ({ limit, page, order }: MispAsked, most: number) => {
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
      Event: headPart(head.json, asked.includeContext ? contextWords : eventWords),
    });
  }
  return { pairs, jsons };
};

/** What MISP says of an attribute's event, and with `includeContext`. */
const eventWords = ["id", "uuid", "info", "org_id", "orgc_id", "distribution"];
const contextWords = [
  ...eventWords,
  ...["date", "publish_timestamp", "threat_level_id", "analysis", "timestamp", "published", "Orgc", "Org", "Tag"],
];

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
  const gone: { event: MispEventRow; object: MispObjectRow }[] = [];
  for (const row of rows) {
    const event = await here.tx.misp.event({ n: row.event }, reader.reach);
    const printed = event && (await objectWhole(here, row, event, reader, asked.withAttachments));
    if (event === undefined || printed === undefined) continue;
    objects.push({ Object: printed });
    gone.push({ event, object: row });
  }
  const body = asked.returnFormat === "count" ? String(found) : JSON.stringify({ response: objects });
  await recordRelease(here.tx, reader, `/misp/objects/restSearch ${asked.canonical}`, gone, Buffer.from(body));
  return ok({ body, headers: { "x-result-count": String(found) } });
};

/** `attributes/bro/download`, `attributes/text/download`: exports of old, by path. */
export const download =
  (format: string): MispDo =>
  async (here, call) => {
    // "/attributes/text/download/<type>/<tags>": parts that are "all", "null" or "false" say nothing
    const [first, second] = call.params;
    const said = (one: string | undefined): one is string => one !== undefined && !/^(?:all|null|false|0|)$/.test(one);
    const read = readMispSearch(
      {
        returnFormat: format,
        ...(format === "text" && said(first) ? { type: first } : {}),
        ...(said(second) && format === "text" ? { tags: second } : {}),
        ...call.input,
      },
      "attributes",
      here.now,
    );
    if (!read.ok) return read;
    return answerAttributes(
      here,
      { ...read.value, returnFormat: format },
      `/misp/attributes/${format}/download ${read.value.canonical}`,
    );
  };
