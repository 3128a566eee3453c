import { no, ok, type Problem, type Result } from "#core/result.ts";
import { readDocument } from "#misp/read-event.ts";
import { truth } from "#misp/scalar.ts";
import { readUuid } from "#misp/uuid.ts";
import type { MispAnswer, MispCall } from "#jobs/misp-asked.ts";
import {
  done,
  eventToChange,
  isJson,
  type Json,
  json,
  keepingOf,
  keyOf,
  type MispDo,
  type MispHere,
} from "#jobs/misp-call.ts";
import {
  editEvent,
  eventModel,
  keepEvent,
  keepParts,
  mergePart,
  rawEvent,
  readEventBody,
  touchEvent,
} from "#jobs/misp-keep.ts";
import type { MispAttributeRow, MispEventNew, MispEventRow, MispObjectRow } from "#jobs/misp-port.ts";
import { attributeOut } from "#jobs/misp-read.ts";
import { attributeRowOf, isProblem } from "#jobs/misp-rows.ts";
import { attributeJson, objectJson } from "#jobs/misp-shape.ts";
import { objectWhole, writtenEvent } from "#jobs/misp-view.ts";
import { nameIn } from "#words/language.ts";

/** `events/add` */
export const addEvent: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  if (!isJson(call.body)) return no("WGL_MISP_SHAPE", { wanted: "an event" });
  const read = readEventBody(call.body);
  if (!read.ok) return read;
  const { event, problems } = read.value;
  const { sender } = here.keeping;
  if (event.uuid !== undefined) {
    await here.tx.misp.lock(event.uuid, sender.party);
    const there =
      (await here.tx.misp.mine({ uuid: event.uuid }, sender.party)) ??
      (await here.tx.misp.event({ uuid: event.uuid }, here.reader().reach));
    if (there !== undefined) return no("WGL_MISP_EXISTS", { uuid: event.uuid });
    const gone = await here.tx.misp.gone(sender.party);
    if (gone.some(({ uuid }) => uuid === event.uuid)) return no("WGL_MISP_GONE", { uuid: event.uuid });
  }
  // Who brings what others wrote is the community's own machine; everybody else writes under its own name
  const said = event.Orgc;
  const orgc: MispEventNew["orgc"] =
    here.community && said !== undefined && said.name !== ""
      ? { name: said.name, ...(said.uuid === undefined ? {} : { uuid: said.uuid }) }
      : authorOf(here);
  const kept = await keepEvent(
    here.tx,
    { date: undefined, distribution: "1", ...event } as typeof event,
    orgc,
    here.keeping,
  );
  if (!kept.ok) return kept;
  if (event.published === true) await wakeClaims(here, kept.value.event);
  return writtenEvent(here, kept.value.event, errorsOf(here, [...problems, ...kept.value.problems]));
};

const authorOf = (here: MispHere): MispEventNew["orgc"] => {
  const { party } = here;
  const { community } = here.desk.directory.known.directory;
  if (party === undefined) return { name: nameIn(community.names, "en") };
  const uuid = readUuid(party.id);
  return { name: nameIn(party.names, "en"), ...(uuid === undefined ? {} : { uuid }) };
};

/** What was not taken, where the client looks for it. */
const errorsOf = (here: MispHere, problems: readonly Problem[]): Json =>
  problems.length === 0
    ? {}
    : {
        errors: Object.fromEntries(
          problems.map((one, index) => [`${index} ${one.at ?? ""}`, [`${one.code}: ${one.message}`]]),
        ),
        saved: true,
        skipped: here.ids ? problems.length : 0,
      };

/** `events/edit` */
export const changeEvent: MispDo = async (here, call) => {
  if (!isJson(call.body)) return no("WGL_MISP_SHAPE", { wanted: "an event" });
  const raw = rawEvent(call.body);
  const found = await eventToChange(here, call.params[0] ?? raw["uuid"] ?? raw["id"]);
  if (!found.ok) return found;
  const held = found.value;
  await here.tx.misp.lock(held.uuid, held.sender);
  const edited = await editEvent(here.tx, held, raw, keepingOf(here, held));
  if (!edited.ok) return edited;
  const now = await here.tx.misp.mine({ n: held.n }, held.sender);
  if (now?.published === true) await wakeClaims(here, held.n);
  return writtenEvent(here, held.n, errorsOf(here, edited.value.problems));
};

/** `events/delete`: gone with all parts; its UUID stays on the block-list, so that no pull brings it back. */
export const deleteEvent: MispDo = async (here, call) => {
  const found = await eventToChange(here, call.params[0] ?? call.input["id"]);
  if (!found.ok) return found;
  const row = found.value;
  await here.tx.misp.putGone({ uuid: row.uuid, info: row.info, orgc: row.orgc.name, at: here.now }, row.sender);
  await here.tx.misp.removeEvent(row.n);
  await here.tx.evidence.leaf({
    kind: "policy",
    subject: "misp",
    data: { act: "event deleted", uuid: row.uuid, ...(row.sender === undefined ? {} : { sender: row.sender }) },
    at: here.now,
  });
  await wakeClaims(here, row.n, row);
  return done("Event deleted.", { url: `/events/delete/${here.ids.of(row.n)}` });
};

/** `events/publish`, `events/alert`, `events/unpublish` */
export const publishEvent =
  (published: boolean): MispDo =>
  async (here, call) => {
    const found = await eventToChange(here, call.params[0]);
    if (!found.ok) return found;
    const row = found.value;
    await here.tx.misp.putEvent({ ...row, published, publishedAt: published ? here.keeping.at : row.publishedAt });
    await wakeClaims(here, row.n);
    return done(published ? "Job queued" : "Event unpublished.", {
      id: here.ids.of(row.n),
      url: `/events/${published ? "publish" : "unpublish"}`,
    });
  };

/** What was published reaches intelligence by a job of its own, under the event's number. */
export const wakeClaims = async (here: MispHere, n: number, row?: MispEventRow): Promise<void> => {
  const gone = row === undefined ? {} : { gone: row.uuid, sender: row.sender ?? "" };
  await here.tx.queue.put("join-misp", row === undefined ? String(n) : `gone ${n}`, gone, here.now);
};

/** `attributes/add`: one, a list, or several values of one. */
export const addAttributes: MispDo = async (here, call) => {
  const found = await eventToChange(here, call.params[0] ?? call.input["event_id"]);
  if (!found.ok) return found;
  const row = found.value;
  const given = Array.isArray(call.body)
    ? call.body
    : isJson(call.body)
      ? [call.body["Attribute"] ?? call.body].flat()
      : [];
  const many = Array.isArray(call.body);
  const singles = given.flatMap((one: unknown) =>
    isJson(one) && Array.isArray(one["value"]) ? one["value"].map((value: unknown) => ({ ...one, value })) : [one],
  );
  if (singles.length === 0) return no("WGL_MISP_SHAPE", { wanted: "an attribute" });
  const read = readDocument({
    Attribute: singles.map((one) =>
      isJson(one) ? { ...one, uuid: readUuid(one["uuid"]) ?? here.keeping.uuid() } : one,
    ),
  });
  if (!read.ok) return read;
  const { attributes, objects: _ } = read.value.value;
  const keeping = keepingOf(here, row);
  const problems = [
    ...read.value.problems,
    ...(await keepParts(here.tx, eventModel(row, here.ids), row.n, { attributes, objects: [] }, keeping)),
  ];
  const [first] = problems;
  if (
    singles.length === 1 &&
    first !== undefined &&
    attributes.length <= 1 &&
    (await kept(here, attributes)).length === 0
  )
    return { ok: false, problem: first };
  await touchEvent(here.tx, row, here.keeping.at);
  const written = await kept(here, attributes);
  const parts = written.map(({ attribute, event }) => printedAttribute(here, attribute, event));
  return json({ Attribute: many || singles.length > 1 ? parts : parts[0], ...errorsOf(here, problems) });
};

/** As many of them as are there now. */
const kept = async (here: MispHere, attributes: readonly { readonly uuid?: string }[]) => {
  const found: { attribute: MispAttributeRow; event: MispEventRow }[] = [];
  for (const { uuid } of attributes) {
    const one = uuid === undefined ? undefined : await here.tx.misp.attribute({ uuid }, here.keeping.whole);
    if (one !== undefined) found.push(one);
  }
  return found;
};

/** An attribute just written, as its author reads it; echoed by name where it may not read it back. */
const printedAttribute = (here: MispHere, row: MispAttributeRow, event: MispEventRow): Json =>
  attributeOut(row, event, here.reader())?.value.part ?? {
    id: here.ids.of(row.n),
    uuid: row.uuid,
    type: row.type,
    value: row.value,
  };

const attributeToChange = async (
  here: MispHere,
  text: unknown,
): Promise<Result<{ readonly attribute: MispAttributeRow; readonly event: MispEventRow }>> => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const key = keyOf(here, text);
  const found =
    key &&
    (await here.tx.misp.attribute(key, {
      ...here.keeping.whole,
      ...(here.keeping.sender.party === undefined ? {} : { own: here.keeping.sender.party }),
    }));
  const seen = key && (await here.tx.misp.attribute(key, here.reader().reach));
  if (
    found !== undefined &&
    found.event.sender === here.keeping.sender.party &&
    (found.event.sender !== undefined || here.community)
  )
    return ok(found);
  if (seen === undefined) return no("WGL_ABSENT");
  return here.staff ? ok(seen) : no("WGL_MISP_OWN");
};

const putAttribute = async (
  here: MispHere,
  held: MispAttributeRow,
  event: MispEventRow,
  merged: Json,
): Promise<Result<MispAttributeRow>> => {
  const read = readDocument({ Attribute: [merged] });
  if (!read.ok) return read;
  const [attribute] = read.value.value.attributes;
  const [first] = read.value.problems;
  if (attribute === undefined) return { ok: false, problem: first ?? { code: "WGL_MISP_SHAPE", message: "" } };
  const object =
    held.object === undefined ? undefined : await here.tx.misp.object({ n: held.object }, here.keeping.whole);
  const objectRead =
    object && readDocument({ Object: [{ ...objectJson(object.object, { ids: here.ids, own: true }), Attribute: [] }] });
  const model = objectRead?.ok ? objectRead.value.value.objects[0] : undefined;
  const next = attributeRowOf(
    eventModel(event, here.ids),
    model,
    attribute,
    here.keeping.at,
    { event: event.n, ...(held.object === undefined ? {} : { object: held.object }) },
    keepingOf(here, event),
  );
  if (isProblem(next)) return { ok: false, problem: next };
  const row = { ...next, uuid: held.uuid, n: held.n, hasData: held.hasData };
  await here.tx.misp.putAttribute(row);
  return ok(row);
};

/** `attributes/edit` */
export const changeAttribute: MispDo = async (here, call) => {
  const given = isJson(call.body) ? (isJson(call.body["Attribute"]) ? call.body["Attribute"] : call.body) : {};
  const found = await attributeToChange(here, call.params[0] ?? given["uuid"] ?? given["id"]);
  if (!found.ok) return found;
  const { attribute, event } = found.value;
  const before = attributeJson(attribute, { ids: here.ids, own: true });
  const merged = mergePart(before, given, here.keeping.at);
  if (merged === before)
    return no("WGL_MISP_OLD", { uuid: attribute.uuid, held: attribute.changed, given: String(given["timestamp"]) });
  const put = await putAttribute(here, attribute, event, merged);
  if (!put.ok) return put;
  await touchEvent(here.tx, event, here.keeping.at);
  return json({ Attribute: printedAttribute(here, put.value, event) });
};

const isHard = (call: MispCall): boolean => truth(call.params[1]) === true || truth(call.input["hard"]) === true;

/** `attributes/delete`: marked deleted, or gone for good. */
export const deleteAttribute: MispDo = async (here, call) => {
  const found = await attributeToChange(here, call.params[0]);
  if (!found.ok) return found;
  const { attribute, event } = found.value;
  if (isHard(call)) await here.tx.misp.removeAttribute(attribute.n);
  else await here.tx.misp.putAttribute({ ...bare(attribute), deleted: true, changed: here.keeping.at });
  await touchEvent(here.tx, event, here.keeping.at);
  return done("Attribute deleted.", { url: `/attributes/delete/${here.ids.of(attribute.n)}` });
};

/** `attributes/restore` */
export const restoreAttribute: MispDo = async (here, call) => {
  const found = await attributeToChange(here, call.params[0]);
  if (!found.ok) return found;
  const { attribute, event } = found.value;
  const row = { ...bare(attribute), deleted: false, changed: here.keeping.at };
  await here.tx.misp.putAttribute(row);
  await touchEvent(here.tx, event, here.keeping.at);
  return json({ Attribute: printedAttribute(here, row, event) });
};

/** Without its attachment, which then stays as it is. */
const bare = (row: MispAttributeRow): MispAttributeRow => {
  const { data: _, ...rest } = row;
  return rest;
};

/** `objects/add` */
export const addObject: MispDo = async (here, call) => {
  const given = isJson(call.body) ? (isJson(call.body["Object"]) ? call.body["Object"] : call.body) : undefined;
  const found = await eventToChange(here, call.params[0] ?? given?.["event_id"]);
  if (!found.ok) return found;
  const row = found.value;
  if (given === undefined) return no("WGL_MISP_SHAPE", { wanted: "an object" });
  const read = readDocument({
    Object: [{ ...given, Attribute: given["Attribute"] ?? [], uuid: readUuid(given["uuid"]) ?? here.keeping.uuid() }],
  });
  if (!read.ok) return read;
  const { objects } = read.value.value;
  const [object] = objects;
  const problems = [
    ...read.value.problems,
    ...(await keepParts(here.tx, eventModel(row, here.ids), row.n, { attributes: [], objects }, keepingOf(here, row))),
  ];
  const written =
    object?.uuid === undefined ? undefined : await here.tx.misp.object({ uuid: object.uuid }, here.keeping.whole);
  const [first] = problems;
  if (written === undefined)
    return first === undefined ? no("WGL_MISP_SHAPE", { wanted: "an object" }) : { ok: false, problem: first };
  await touchEvent(here.tx, row, here.keeping.at);
  return printedObject(here, written.object, written.event, errorsOf(here, problems));
};

const printedObject = async (
  here: MispHere,
  row: MispObjectRow,
  event: MispEventRow,
  more: Json = {},
): Promise<Result<MispAnswer>> => {
  const printed = await objectWhole(here, row, event, here.reader());
  return json({
    Object: printed ?? { id: here.ids.of(row.n), uuid: row.uuid, name: row.name, Attribute: [] },
    ...more,
  });
};

const objectToChange = async (
  here: MispHere,
  text: unknown,
): Promise<Result<{ readonly object: MispObjectRow; readonly event: MispEventRow }>> => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const key = keyOf(here, text);
  const found =
    key &&
    (await here.tx.misp.object(key, {
      ...here.keeping.whole,
      ...(here.keeping.sender.party === undefined ? {} : { own: here.keeping.sender.party }),
    }));
  const seen = key && (await here.tx.misp.object(key, here.reader().reach));
  if (
    found !== undefined &&
    found.event.sender === here.keeping.sender.party &&
    (found.event.sender !== undefined || here.community)
  )
    return ok(found);
  if (seen === undefined) return no("WGL_ABSENT");
  return here.staff ? ok(seen) : no("WGL_MISP_OWN");
};

/** `objects/edit`: as an edit of its event that names this object alone. */
export const changeObject: MispDo = async (here, call) => {
  const given = isJson(call.body) ? (isJson(call.body["Object"]) ? call.body["Object"] : call.body) : {};
  const found = await objectToChange(here, call.params[0] ?? given["uuid"]);
  if (!found.ok) return found;
  const { object, event } = found.value;
  const edited = await editEvent(
    here.tx,
    event,
    { Object: [{ ...given, uuid: object.uuid }] },
    keepingOf(here, event),
    true,
  );
  if (!edited.ok) return edited;
  const now = await here.tx.misp.object({ n: object.n }, here.keeping.whole);
  if (now === undefined) return no("WGL_ABSENT");
  await touchEvent(here.tx, now.event, here.keeping.at);
  return printedObject(here, now.object, now.event, errorsOf(here, edited.value.problems));
};

/** `objects/delete` */
export const deleteObject: MispDo = async (here, call) => {
  const found = await objectToChange(here, call.params[0]);
  if (!found.ok) return found;
  const { object, event } = found.value;
  if (isHard(call)) await here.tx.misp.removeObject(object.n);
  else {
    await here.tx.misp.putObject({ ...object, deleted: true, changed: here.keeping.at });
    const inside = await here.tx.misp.attributesOf([event.n], here.keeping.whole, "no", false);
    for (const one of inside)
      if (one.object === object.n) await here.tx.misp.putAttribute({ ...one, deleted: true, changed: here.keeping.at });
  }
  await touchEvent(here.tx, event, here.keeping.at);
  return done("Object deleted.", { url: `/objects/delete/${here.ids.of(object.n)}` });
};

/** `objectReferences/add`: from an object to an object or attribute of the same event. */
export const addReference: MispDo = async (here, call) => {
  const given = isJson(call.body)
    ? isJson(call.body["ObjectReference"])
      ? call.body["ObjectReference"]
      : call.body
    : {};
  const found = await objectToChange(here, given["object_uuid"] ?? given["object_id"]);
  if (!found.ok) return found;
  const { object, event } = found.value;
  const referenced = readUuid(given["referenced_uuid"] ?? given["referenced_id"]);
  if (referenced === undefined)
    return no("WGL_MISP_FIELD", { field: "referenced_uuid", what: "object reference", wanted: "a UUID" });
  const reference = {
    uuid: readUuid(given["uuid"]) ?? here.keeping.uuid(),
    object_uuid: object.uuid,
    referenced_uuid: referenced,
    relationship_type: String(given["relationship_type"] ?? "related-to"),
    comment: String(given["comment"] ?? ""),
    timestamp: String(here.keeping.at),
    deleted: false,
  };
  const before = Array.isArray(object.rest["ObjectReference"])
    ? (object.rest["ObjectReference"] as readonly Json[])
    : [];
  const row = {
    ...object,
    changed: here.keeping.at,
    rest: { ...object.rest, ObjectReference: [...before, reference] },
  };
  await here.tx.misp.putObject(row);
  await touchEvent(here.tx, event, here.keeping.at);
  return json({
    ObjectReference: { ...reference, id: "0", object_id: here.ids.of(object.n), event_id: here.ids.of(event.n) },
  });
};
