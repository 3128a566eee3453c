import { no, ok, type Result } from "#core/result.ts";
import { truth } from "#misp/scalar.ts";
import { readMispSearch } from "#share/misp-filter.ts";
import type { MispAnswer } from "./asked.ts";
import { eventAt, isJson, type Json, json, keyOf, type MispDo, type MispHere } from "./call.ts";
import type { MispEventRow } from "./port.ts";
import { attributeOut, eventOut, recordRelease } from "./read.ts";
import { answerAttributes, attributesAtMost, ownIds, pageOf } from "./search.ts";
import { eventHead, objectWhole, sightingsOf, wholeEvents, usualExtras } from "./whole.ts";

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
export const writtenEvent = async (
  here: MispHere,
  n: number,
  more: Json = {},
  metadata = false,
): Promise<Result<MispAnswer>> => {
  const reader = here.reader();
  const row = await here.tx.misp.event({ n }, reader.reach);
  const [whole] =
    row === undefined ? [] : await wholeEvents(here, [row], reader, { ...usualExtras, metadata, related: !metadata });
  if (whole !== undefined) return json({ Event: whole.json, ...more });
  const mine = await here.tx.misp.mine({ n }, here.keeping.sender.party);
  return mine === undefined
    ? no("WGL_ABSENT")
    : json({
        Event: { id: here.ids.of(mine.n), uuid: mine.uuid, info: mine.info, Attribute: [], Object: [] },
        ...more,
      });
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
