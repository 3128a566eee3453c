import { no } from "#core/result.ts";
import { readUuid } from "#misp/uuid.ts";
import { done, isHard, isJson, type Json, json, type MispDo } from "./call.ts";
import { touchEvent } from "./keep.ts";
import { objectToChange } from "./objects.ts";
import { organisationNumber } from "./shape.ts";

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
    ObjectReference: {
      ...reference,
      id: organisationNumber(reference.uuid),
      object_id: here.ids.of(object.n),
      event_id: here.ids.of(event.n),
    },
  });
};

/** `objectReferences/delete`: by its UUID; marked deleted, or gone for good. */
export const deleteReference: MispDo = async (here, call) => {
  const uuid = readUuid(call.params[0]);
  if (uuid === undefined)
    return no("WGL_MISP_FIELD", { field: "id", what: "object reference", wanted: "the UUID of the reference" });
  const own = here.keeping.sender.party;
  const held = await here.tx.misp.referring(uuid, { ...here.keeping.whole, own: own ?? "" });
  const found = held && (await objectToChange(here, held.object.uuid));
  if (found === undefined) return no("WGL_ABSENT");
  if (!found.ok) return found;
  const { object, event } = found.value;
  const before = Array.isArray(object.rest["ObjectReference"]) ? object.rest["ObjectReference"].filter(isJson) : [];
  const isIt = (one: Json): boolean => String(one["uuid"]).toLowerCase() === uuid;
  const after = isHard(call)
    ? before.filter((one) => !isIt(one))
    : before.map((one) => (isIt(one) ? { ...one, deleted: true, timestamp: String(here.keeping.at) } : one));
  await here.tx.misp.putObject({
    ...object,
    changed: here.keeping.at,
    rest: { ...object.rest, ObjectReference: after },
  });
  await touchEvent(here.tx, event, here.keeping.at);
  return done("ObjectReference deleted");
};
