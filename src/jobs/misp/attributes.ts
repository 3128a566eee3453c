import { errorsOf } from "./change.ts";
import { no, ok, type Result } from "#core/result.ts";
import { readDocument } from "#misp/read-event.ts";
import { readUuid } from "#misp/uuid.ts";
import {
  done,
  eventToChange,
  isHard,
  isJson,
  type Json,
  json,
  keepingOf,
  type MispDo,
  type MispHere,
  partToChange,
} from "./call.ts";
import { eventModel, keepParts, mergePart, touchEvent } from "./keep.ts";
import type { MispAttributeRow, MispEventRow } from "./port.ts";
import { attributeOut } from "./read.ts";
import { forgetSighted } from "./sightings.ts";
import { attributeRowOf, isProblem } from "./rows.ts";
import { attributeJson, objectJson } from "./shape.ts";

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
    (await kept(here, row, attributes)).length === 0
  )
    return { ok: false, problem: first };
  await touchEvent(here.tx, row, here.keeping.at);
  const written = await kept(here, row, attributes);
  const parts = written.map(({ attribute, event }) => printedAttribute(here, attribute, event));
  return json({ Attribute: many || singles.length > 1 ? parts : parts[0], ...errorsOf(here, problems) });
};

/** As many of them as are there now. */
const kept = async (here: MispHere, row: MispEventRow, attributes: readonly { readonly uuid?: string }[]) => {
  // Another party's copy may have the same UUIDs
  const reach = { ...here.keeping.whole, own: row.sender ?? "" } as const;
  const found: { attribute: MispAttributeRow; event: MispEventRow }[] = [];
  for (const { uuid } of attributes) {
    const one = uuid === undefined ? undefined : await here.tx.misp.attribute({ uuid }, reach);
    if (one?.event.n === row.n) found.push(one);
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

const attributeToChange = (
  here: MispHere,
  text: unknown,
): Promise<Result<{ readonly attribute: MispAttributeRow; readonly event: MispEventRow }>> =>
  partToChange(here, text, (key, reach) => here.tx.misp.attribute(key, reach));

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

/** `attributes/delete`: marked deleted, or gone for good. */
export const deleteAttribute: MispDo = async (here, call) => {
  const found = await attributeToChange(here, call.params[0]);
  if (!found.ok) return found;
  const { attribute, event } = found.value;
  if (isHard(call)) {
    await forgetSighted(here, [attribute.n]);
    await here.tx.misp.removeAttribute(attribute.n);
  } else await here.tx.misp.putAttribute({ ...bare(attribute), deleted: true, changed: here.keeping.at });
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
export const bare = (row: MispAttributeRow): MispAttributeRow => {
  const { data: _, ...rest } = row;
  return rest;
};
