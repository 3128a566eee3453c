import { no, type Result } from "#core/result.ts";
import { readDocument } from "#misp/read-event.ts";
import { normaliseValue } from "#misp/attribute-value.ts";
import type { MispObject } from "#misp/model.ts";
import { truth } from "#misp/scalar.ts";
import { readUuid } from "#misp/uuid.ts";
import type { MispAnswer } from "./asked.ts";
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
import { errorsOf } from "./change.ts";
import { editEvent, eventModel, keepParts, touchEvent } from "./keep.ts";
import type { MispEventRow, MispObjectRow } from "./port.ts";
import { objectWhole } from "./whole.ts";

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
  if (truth(call.input["breakOnDuplicate"]) === true && object !== undefined) {
    const twin = await twinOf(here, row.n, object);
    if (twin !== undefined) return no("WGL_MISP_EXISTS", { uuid: twin });
  }
  const problems = [
    ...read.value.problems,
    ...(await keepParts(here.tx, eventModel(row, here.ids), row.n, { attributes: [], objects }, keepingOf(here, row))),
  ];
  // Another party's copy may have the same UUID
  const written =
    object?.uuid === undefined
      ? undefined
      : (await here.tx.misp.objectsOf([row.n], here.keeping.whole, "both")).find(({ uuid }) => uuid === object.uuid);
  const [first] = problems;
  if (written === undefined)
    return first === undefined ? no("WGL_MISP_SHAPE", { wanted: "an object" }) : { ok: false, problem: first };
  await touchEvent(here.tx, row, here.keeping.at);
  return printedObject(here, written, row, errorsOf(here, problems));
};

/** The object of the event that says the same with the same attributes. */
const twinOf = async (here: MispHere, n: number, object: MispObject): Promise<string | undefined> => {
  const said = (
    all: readonly { readonly relation: unknown; readonly type: string; readonly value: string }[],
  ): string =>
    JSON.stringify(all.map((one) => [one.relation ?? null, one.type, one.value.toLowerCase()].join("\0")).toSorted());
  const wanted = said(
    object.Attribute.map(({ object_relation: relation, type, value }) => {
      const read = normaliseValue(type, value);
      return { relation, type, value: read.ok ? read.value : value };
    }),
  );
  const inside = Map.groupBy(
    await here.tx.misp.attributesOf([n], here.keeping.whole, "no", false),
    (one) => one.object,
  );
  return (await here.tx.misp.objectsOf([n], here.keeping.whole, "no")).find(
    (one) =>
      one.name === object.name &&
      said(
        (inside.get(one.n) ?? []).map(({ rest, type, value }) => ({ relation: rest["object_relation"], type, value })),
      ) === wanted,
  )?.uuid;
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

export const objectToChange = (
  here: MispHere,
  text: unknown,
): Promise<Result<{ readonly object: MispObjectRow; readonly event: MispEventRow }>> =>
  partToChange(here, text, (key, reach) => here.tx.misp.object(key, reach));

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
