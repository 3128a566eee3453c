import { no, type Result } from "#core/result.ts";
import { truth } from "#misp/scalar.ts";
import { readUuid } from "#misp/uuid.ts";
import type { MispAnswer, MispCall } from "./asked.ts";
import { authorJson, communityJson, done, isJson, type Json, json, keyOf } from "./call.ts";
import type { MispDo, MispHere } from "./call.ts";
import { eventModel } from "./keep.ts";
import type { MispEventRow, MispRemarkRow } from "./port.ts";
import { recordRelease, remarkOut } from "./read.ts";
import { analystKinds, type AnalystKind, type RemarkPlace, remarkRowOf } from "./remarks.ts";
import { attributeJson, objectJson } from "./shape.ts";
import { readDocument } from "#misp/read-event.ts";
import { nameIn } from "#words/language.ts";

// Analyst data: notes, opinions and relationships that anybody who sees an event may add to it and its parts.

const analystAtMost = 1000;

const kindOf = (text: string | undefined): AnalystKind | undefined =>
  analystKinds.find((kind) => kind.toLowerCase() === text?.toLowerCase());
const kindsOf = (text: string | undefined): readonly AnalystKind[] => {
  const one = kindOf(text);
  return one === undefined ? analystKinds : [one];
};

const given = (call: MispCall, kind: AnalystKind | undefined): Json => {
  const { body } = call;
  if (!isJson(body)) return {};
  const inner = kind === undefined ? undefined : body[kind];
  return isJson(inner) ? inner : body;
};

const printed = (here: MispHere, row: MispRemarkRow, event: MispEventRow): Json | undefined => {
  const out = remarkOut(row, event, here.reader());
  if (out === undefined) return undefined;
  const by = row.sender === undefined ? undefined : here.desk.directory.known.organisation(row.sender);
  // Who says it is told to who said it and to staff, as with sightings
  const named = here.staff || row.sender === here.keeping.sender.party;
  const org =
    by === undefined || !named ? communityJson(here) : authorJson(here, `${nameIn(by.names, "en")}\n\n${by.id}`);
  return { [row.kind]: { ...out.value.part, org_uuid: org.uuid, orgc_uuid: org.uuid, Org: org, Orgc: org } };
};

/** What an analyst may speak of, by MISP's name of its kind, as far as the asker sees it. */
const placeOf = async (
  here: MispHere,
  saidOf: string | undefined,
  uuid: string,
): Promise<(RemarkPlace & { readonly row: MispEventRow }) | undefined> => {
  const { reach } = here.reader();
  const { misp } = here.tx;
  if (saidOf === "Event") {
    const row = await misp.event({ uuid }, reach);
    return row && { row, event: eventModel(row, here.ids), n: row.n, target: uuid, saidOf };
  }
  if (saidOf === "Attribute") {
    const found = await misp.attribute({ uuid }, reach);
    if (found === undefined) return undefined;
    const read = readDocument({ Attribute: [attributeJson(found.attribute, { ids: here.ids, own: true })] });
    const attribute = read.ok ? read.value.value.attributes[0] : undefined;
    return {
      ...{ row: found.event, event: eventModel(found.event, here.ids), n: found.event.n, target: uuid, saidOf },
      ...(attribute === undefined ? {} : { attribute }),
    };
  }
  if (saidOf === "Object") {
    const found = await misp.object({ uuid }, reach);
    if (found === undefined) return undefined;
    const read = readDocument({
      Object: [{ ...objectJson(found.object, { ids: here.ids, own: true }), Attribute: [] }],
    });
    const object = read.ok ? read.value.value.objects[0] : undefined;
    return {
      ...{ row: found.event, event: eventModel(found.event, here.ids), n: found.event.n, target: uuid, saidOf },
      ...(object === undefined ? {} : { object }),
    };
  }
  const kind = saidOf === "EventReport" ? saidOf : kindOf(saidOf);
  const found = kind && (await misp.remark([kind], { uuid }, reach));
  return (
    found && {
      row: found.event,
      event: eventModel(found.event, here.ids),
      n: found.event.n,
      target: uuid,
      saidOf: found.remark.kind,
    }
  );
};

/** What each kind must say. */
const lacks = (kind: AnalystKind, said: Json): Result<never> | undefined => {
  const wrong = (field: string, wanted: string): Result<never> =>
    no("WGL_MISP_FIELD", { field, what: kind.toLowerCase(), wanted });
  if (kind === "Note")
    return typeof said["note"] === "string" && said["note"] !== "" ? undefined : wrong("note", "a text");
  if (kind === "Opinion") {
    const opinion = Number(said["opinion"] ?? Number.NaN);
    return Number.isInteger(opinion) && opinion >= 0 && opinion <= 100 ? undefined : wrong("opinion", "0 to 100");
  }
  return readUuid(said["related_object_uuid"]) === undefined ? wrong("related_object_uuid", "a UUID") : undefined;
};

const dated = (at: number): string => new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ");

/** `analystData/add/<kind>/<uuid>/<kind of target>` */
export const addAnalyst: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const kind = kindOf(call.params[0]);
  if (kind === undefined)
    return no("WGL_MISP_FIELD", { field: "type", what: "analyst data", wanted: analystKinds.join(", ") });
  const said = given(call, kind);
  const uuid = readUuid(call.params[1] ?? said["object_uuid"]);
  const saidOf = call.params[2] ?? said["object_type"];
  const place =
    uuid === undefined ? undefined : await placeOf(here, typeof saidOf === "string" ? saidOf : undefined, uuid);
  if (place === undefined) return no("WGL_ABSENT");
  const wrong = lacks(kind, said);
  if (wrong !== undefined) return wrong;
  const at = dated(here.keeping.at);
  const row = remarkRowOf(
    kind,
    { authors: "", ...said, created: said["created"] ?? at, modified: at },
    place,
    here.keeping,
  );
  // What the asker may not see does not stand in its way, or it would hear of it
  if ((await here.tx.misp.remark([kind], { uuid: row.uuid }, here.reader().reach)) !== undefined)
    return no("WGL_MISP_EXISTS", { uuid: row.uuid });
  const n = await here.tx.misp.insertRemark(row);
  const one = printed(here, { ...row, n }, place.row);
  return one === undefined ? no("WGL_ABSENT") : json(one);
};

const analystAt = async (here: MispHere, call: MispCall) => {
  const kinds = kindsOf(call.params[0]);
  const key = keyOf(here, call.params[1] ?? (kindOf(call.params[0]) === undefined ? call.params[0] : undefined));
  return key && here.tx.misp.remark(kinds, key, here.reader().reach);
};

/** `analystData/view/<kind or "all">/<id>` */
export const viewAnalyst: MispDo = async (here, call) => {
  const found = await analystAt(here, call);
  const one = found && printed(here, found.remark, found.event);
  if (found === undefined || one === undefined) return no("WGL_ABSENT");
  const answer = json(one);
  if (answer.ok)
    await recordRelease(
      here.tx,
      here.reader(),
      `/misp/analystData/view/${found.remark.uuid}`,
      [found],
      Buffer.from(answer.value.body),
    );
  return answer;
};

/** `analystData/edit`: by its own author, and staff. */
export const changeAnalyst: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const found = await analystAt(here, call);
  if (found === undefined) return no("WGL_ABSENT");
  const { remark, event } = found;
  if (!here.staff && remark.sender !== here.keeping.sender.party) return no("WGL_MISP_OWN");
  const kind = kindOf(remark.kind) ?? "Note";
  const place = await placeOf(here, remark.saidOf, remark.target);
  if (place === undefined) return no("WGL_ABSENT");
  const said = {
    ...remark.body,
    distribution: remark.distribution,
    sharing_group_id: remark.sharingGroup,
    ...given(call, kind),
  };
  const wrong = lacks(kind, said);
  if (wrong !== undefined) return wrong;
  const made = remarkRowOf(
    kind,
    { ...said, uuid: remark.uuid, modified: dated(here.keeping.at), timestamp: undefined },
    place,
    here.keeping,
  );
  const row: MispRemarkRow = {
    ...made,
    n: remark.n,
    changed: here.keeping.at,
    ...(remark.sender === undefined ? {} : { sender: remark.sender }),
    // Staff who correct a note do not become its owner
    marking: remark.sender === here.keeping.sender.party ? made.marking : remark.marking,
  };
  await here.tx.misp.putRemark(row);
  const one = printed(here, row, event);
  return one === undefined ? no("WGL_ABSENT") : json(one);
};

/** `analystData/delete` */
export const deleteAnalyst: MispDo = async (here, call): Promise<Result<MispAnswer>> => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const found = await analystAt(here, call);
  if (found === undefined) return no("WGL_ABSENT");
  if (!here.staff && found.remark.sender !== here.keeping.sender.party) return no("WGL_MISP_OWN");
  await here.tx.misp.removeRemark(found.remark.n);
  return done(`${found.remark.kind} deleted.`);
};

/** `analystData/index/<kind>`, and `indexMinimal` of a pull: by kind, when each was changed. */
export const listAnalyst =
  (minimal: boolean): MispDo =>
  async (here, call) => {
    const reader = here.reader();
    const kinds = kindsOf(call.params[0]);
    const rows = await here.tx.misp.remarks(kinds, undefined, reader.reach, "no", analystAtMost);
    const found: { readonly event: MispEventRow; readonly row: MispRemarkRow; readonly json: Json }[] = [];
    for (const row of rows) {
      const event = await here.tx.misp.event({ n: row.event }, reader.reach);
      const one = event && printed(here, row, event);
      if (event !== undefined && one !== undefined) found.push({ event, row, json: one });
    }
    const byKind = Map.groupBy(found, ({ row }) => row.kind);
    const body = JSON.stringify(
      minimal || truth(call.input["minimal"]) === true
        ? Object.fromEntries(
            [...byKind].map(([kind, all]) => [
              kind,
              Object.fromEntries(all.map(({ row }) => [row.uuid, dated(row.changed)])),
            ]),
          )
        : found.map((one) => one.json),
    );
    await recordRelease(here.tx, reader, "/misp/analystData/index", found, Buffer.from(body));
    return { ok: true, value: { body } };
  };
