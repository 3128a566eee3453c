import { no, ok, type Problem, problem, type Result } from "#core/result.ts";
import type { MispAttribute, MispEvent, MispObject } from "#misp/model.ts";
import { own } from "#misp/own.ts";
import { readEvent } from "#misp/read-event.ts";
import {
  type MispAttributeNew,
  type MispAttributeRow,
  type MispEventNew,
  type MispEventRow,
  type MispObjectRow,
  type MispReach,
  mispRemarkKinds,
  type MispRemarkNew,
  type MispSightingNew,
} from "./port.ts";
import { remarksIn } from "./remarks.ts";
import { attributeRowOf, eventRowOf, isProblem, type MispPlace, objectRowOf } from "./rows.ts";
import { attributeJson, eventJson, objectJson } from "./shape.ts";
import type { Tx } from "#jobs/ports.ts";
import type { MispIds } from "#share/misp-ids.ts";

type Json = Readonly<Record<string, unknown>>;

export interface MispKeeping extends MispPlace {
  readonly ids: MispIds;
  /** Everything: what is edited is looked at whole, whoever may see which part of it. */
  readonly whole: MispReach;
}

/** What was kept, and what of the document was not, each with a pointer into it. */
export interface MispKept {
  readonly event: number;
  readonly problems: readonly Problem[];
}

/** An event that comes for the first time. @returns WGL_MISP_SHAPE, WGL_MISP_FIELD, WGL_MISP_MANY */
export const keepEvent = async (
  tx: Tx,
  event: MispEvent,
  orgc: MispEventNew["orgc"],
  place: MispKeeping,
): Promise<Result<MispKept>> => {
  if (event.info.trim() === "")
    return no("WGL_MISP_FIELD", { field: "info", what: "event", wanted: "a text" }, "/Event/info");
  const row = eventRowOf(event, orgc, place);
  const n = await tx.misp.insertEvent(row);
  const problems = await keepParts(tx, event, n, { attributes: event.Attribute, objects: event.Object }, place);
  await keepRemarks(tx, remarksIn(event, n, row.uuid, [], place), n, place);
  return ok({ event: n, problems });
};

/** Reads an event of a request: bare, or under "Event". What it has not is told apart from what is empty. */
export const readEventBody = (
  body: Json,
): Result<{ readonly event: MispEvent; readonly raw: Json; readonly problems: readonly Problem[] }> => {
  const raw = rawEvent(body);
  const read = readEvent({ Event: raw });
  return read.ok ? ok({ event: read.value.value, raw, problems: read.value.problems }) : read;
};

export const rawEvent = (body: Json): Json => {
  const inner = own(body, "Event");
  return isJson(inner) ? inner : body;
};

/**
 * Puts attributes and objects into an event. An attribute of the same type, category and value that the event holds
 * already is refused (MISP core format §2.5: unique within its event or object).
 */
export const keepParts = async (
  tx: Tx,
  event: MispEvent,
  n: number,
  parts: { readonly attributes: readonly MispAttribute[]; readonly objects: readonly MispObject[] },
  place: MispKeeping,
): Promise<readonly Problem[]> => {
  const problems: Problem[] = [];
  const candidates: {
    readonly row: MispAttributeNew;
    readonly from: MispAttribute;
    readonly of?: number;
    readonly within?: MispObject;
    readonly pointer: string;
  }[] = [];
  const consider = (attribute: MispAttribute, pointer: string, object?: MispObject, of?: number): void => {
    const row = attributeRowOf(event, object, attribute, place.at, { event: n }, place);
    if (isProblem(row)) problems.push({ ...row, at: `${pointer}${row.at ?? ""}` });
    else
      candidates.push({
        ...{ row, from: attribute, pointer },
        ...(of === undefined ? {} : { of }),
        ...(object === undefined ? {} : { within: object }),
      });
  };
  const objects = parts.objects.map((object) => objectRowOf(event, object, place.at, n, place));
  for (const [index, attribute] of parts.attributes.entries()) consider(attribute, `/Attribute/${index}`);
  for (const [of, object] of parts.objects.entries())
    for (const [index, attribute] of object.Attribute.entries())
      consider(attribute, `/Object/${of}/Attribute/${index}`, object, of);

  const keys = candidates.map(({ row }) => row.keys[0] ?? "0");
  const before = await tx.misp.similar(n, keys, [
    ...candidates.map(({ row }) => row.uuid),
    ...objects.map(({ uuid }) => uuid),
  ]);
  const uuids = new Set(before.map(({ uuid }) => uuid));
  const held = new Set(before.filter(({ object, deleted }) => object === undefined && !deleted).map(sameness));
  const isNew = (uuid: string, pointer: string): boolean => {
    if (!uuids.has(uuid)) {
      uuids.add(uuid);
      return true;
    }
    problems.push(problem("WGL_MISP_EXISTS", { uuid }, pointer));
    return false;
  };
  const fresh = objects
    .map((row, index) => ({ row, index }))
    .filter(({ row, index }) => isNew(row.uuid, `/Object/${index}`));
  const ns = await tx.misp.insertObjects(fresh.map(({ row }) => row));
  const numberOfObject = new Map(fresh.map(({ index }, at) => [index, ns[at]]));
  const rows = candidates.flatMap(({ row, from, of, within, pointer }) => {
    if (of !== undefined && !numberOfObject.has(of)) return [];
    if (of === undefined && held.has(sameness(row))) {
      problems.push(problem("WGL_MISP_SIMILAR", { type: row.type, value: row.value.slice(0, 200) }, pointer));
      return [];
    }
    if (!isNew(row.uuid, pointer)) return [];
    if (of === undefined) held.add(sameness(row));
    const object = of === undefined ? undefined : numberOfObject.get(of);
    return [{ row: object === undefined ? row : { ...row, object }, from, within }];
  });
  const numbers = await tx.misp.insertAttributes(rows.map(({ row }) => row));
  await tx.misp.insertSightings(rows.flatMap(({ from }, index) => sightingsIn(from, numbers[index] ?? 0, place)));
  const said = [
    ...fresh.flatMap(({ row, index }) => {
      const of = parts.objects[index];
      return of === undefined ? [] : [{ uuid: row.uuid, saidOf: "Object" as const, of }];
    }),
    ...rows.map(({ row, from, within }) => ({
      ...{ uuid: row.uuid, saidOf: "Attribute" as const, of: from },
      ...(within === undefined ? {} : { object: within }),
    })),
  ];
  const bare = { ...event, EventReport: [], Note: [], Opinion: [] };
  await keepRemarks(tx, remarksIn(withoutSaid(bare), n, "", said, place), n, place);
  return problems;
};

/** Without what was said of the event itself: it was kept with the event. */
const withoutSaid = ({ more, ...event }: MispEvent): MispEvent => {
  const { Relationship: _r, ShadowAttribute: _s, ...rest } = more ?? {};
  return { ...event, more: rest };
};

/** A document's sightings of an attribute, told by whoever brings the document. */
const sightingsIn = (from: MispAttribute, attribute: number, place: MispKeeping): readonly MispSightingNew[] =>
  from.Sighting.map((sighting) => ({
    uuid: sighting.uuid ?? place.uuid(),
    attribute,
    ...(place.sender.party === undefined ? {} : { sender: place.sender.party }),
    type: Math.min(2, Number(sighting.type)),
    source: sighting.source ?? "",
    at: Number(sighting.date_sighting),
  }));

/** New remarks are put in, one that is here already is changed by its own author's newer version. */
const keepRemarks = async (tx: Tx, remarks: readonly MispRemarkNew[], n: number, place: MispKeeping): Promise<void> => {
  if (remarks.length === 0) return;
  const here = new Map(
    (await tx.misp.remarks(mispRemarkKinds, [n], place.whole, "both", Number.MAX_SAFE_INTEGER)).map((row) => [
      `${row.kind} ${row.uuid} ${row.sender ?? ""}`,
      row,
    ]),
  );
  for (const one of remarks) {
    const before = here.get(`${one.kind} ${one.uuid} ${one.sender ?? ""}`);
    if (before === undefined) {
      const made = await tx.misp.insertRemark(one);
      here.set(`${one.kind} ${one.uuid} ${one.sender ?? ""}`, { ...one, n: made });
    } else if (one.changed > before.changed) await tx.misp.putRemark({ ...one, n: before.n });
  }
};

const sameness = ({ type, category, value }: Pick<MispAttributeNew, "type" | "category" | "value">): string =>
  JSON.stringify([type, category, value]);

/**
 * An edit: what it names is written over what is held, part by part by UUID, each only where it is newer; what it does not
 * name stays. Markings of all parts are made anew, since an event's own binds them.
 *
 * @returns WGL_MISP_OLD when the event is not newer than the one held
 */
export const editEvent = async (
  tx: Tx,
  held: MispEventRow,
  raw: Json,
  place: MispKeeping,
  bodyAlone = false,
): Promise<Result<MispKept>> => {
  const stamp = numeric(raw["timestamp"]);
  if (!bodyAlone && stamp !== undefined && stamp <= held.changed)
    return no("WGL_MISP_OLD", { uuid: held.uuid, held: held.changed, given: stamp });
  const writing = { ids: place.ids, own: true };
  const attributes = await tx.misp.attributesOf([held.n], place.whole, "both", false);
  const objects = await tx.misp.objectsOf([held.n], place.whole, "both");
  const [byUuid, objectByUuid] = [
    new Map(attributes.map((row) => [row.uuid, row])),
    new Map(objects.map((row) => [row.uuid, row])),
  ];
  const current: Json = {
    ...eventJson(held, 0, writing),
    Attribute: attributes.filter(({ object }) => object === undefined).map((row) => attributeJson(row, writing)),
    Object: objects.map((object) => ({
      ...objectJson(object, writing),
      ObjectReference: object.rest["ObjectReference"] ?? [],
      Attribute: attributes.filter((row) => row.object === object.n).map((row) => attributeJson(row, writing)),
    })),
  };
  const merged = mergeEvent(current, raw, place.at);
  const read = readEvent({ Event: merged });
  if (!read.ok) return read;
  const event = read.value.value;
  if (event.info.trim() === "")
    return no("WGL_MISP_FIELD", { field: "info", what: "event", wanted: "a text" }, "/Event/info");
  const row = { ...eventRowOf(event, held.orgc, { ...place, sender: { ...place.sender } }), n: held.n };
  const publishedAt = row.published ? (held.published ? held.publishedAt : place.at) : held.publishedAt;
  await tx.misp.putEvent({ ...row, uuid: held.uuid, changed: stamp ?? place.at, publishedAt });

  const problems: Problem[] = [...read.value.problems];
  const fresh: MispAttribute[] = [];
  const freshObjects: MispObject[] = [];
  const said: Parameters<typeof remarksIn>[3][number][] = [];
  const put = async (
    attribute: MispAttribute,
    object: MispObject | undefined,
    o: number | undefined,
  ): Promise<void> => {
    const before = attribute.uuid === undefined ? undefined : byUuid.get(attribute.uuid);
    if (before === undefined) {
      if (o === undefined) fresh.push(attribute);
      else problems.push(...(await keepInside(tx, event, object, attribute, held.n, o, place)));
      return;
    }
    const after = attributeRowOf(
      event,
      object,
      attribute,
      place.at,
      { event: held.n, ...(o === undefined ? {} : { object: o }) },
      place,
    );
    if (isProblem(after)) return void problems.push(after);
    const { data: _, ...bare } = before;
    const next = { ...after, n: before.n, hasData: before.hasData } satisfies MispAttributeRow;
    if (JSON.stringify(sorted(next)) !== JSON.stringify(sorted(bare))) await tx.misp.putAttribute(next);
    await tx.misp.insertSightings(sightingsIn(attribute, before.n, place));
    said.push({ ...{ uuid: before.uuid, saidOf: "Attribute", of: attribute }, ...(object && { object }) });
  };
  for (const attribute of event.Attribute) await put(attribute, undefined, undefined);
  for (const object of event.Object) {
    const before = object.uuid === undefined ? undefined : objectByUuid.get(object.uuid);
    if (before === undefined) {
      freshObjects.push(object);
      continue;
    }
    said.push({ uuid: before.uuid, saidOf: "Object", of: object });
    const next = { ...objectRowOf(event, object, place.at, held.n, place), n: before.n } satisfies MispObjectRow;
    if (JSON.stringify(sorted(next)) !== JSON.stringify(sorted(before))) await tx.misp.putObject(next);
    for (const attribute of object.Attribute) await put(attribute, object, before.n);
  }
  if (fresh.length + freshObjects.length > 0)
    problems.push(...(await keepParts(tx, event, held.n, { attributes: fresh, objects: freshObjects }, place)));
  await keepRemarks(tx, remarksIn(event, held.n, held.uuid, said, place), held.n, place);
  return ok({ event: held.n, problems });
};

/** One attribute more in an object that is there. */
const keepInside = async (
  tx: Tx,
  event: MispEvent,
  object: MispObject | undefined,
  attribute: MispAttribute,
  n: number,
  o: number,
  place: MispKeeping,
): Promise<readonly Problem[]> => {
  const row = attributeRowOf(event, object, attribute, place.at, { event: n, object: o }, place);
  if (isProblem(row)) return [row];
  const [made] = await tx.misp.insertAttributes([row]);
  if (made !== undefined) await tx.misp.insertSightings(sightingsIn(attribute, made, place));
  return [];
};

/** An event as a document's model, without its parts: what their markings are made with. */
export const eventModel = (row: MispEventRow, ids: MispIds): MispEvent => {
  const read = readEvent({ Event: { ...eventJson(row, 0, { ids, own: true }), Attribute: [], Object: [] } });
  if (!read.ok) throw new Error("waglan is wrong: an event in the store cannot be read");
  return read.value.value;
};

/** The event is not what was published: it changed now, and waits to be published again. */
export const touchEvent = async (tx: Tx, row: MispEventRow, at: number): Promise<void> => {
  await tx.misp.putEvent({ ...row, changed: Math.max(at, row.changed), published: false });
};

const mergeEvent = (held: Json, coming: Json, at: number): Json => ({
  ...held,
  ...Object.fromEntries(
    Object.entries(coming).filter(
      ([name]) => !["id", "uuid", "Org", "Orgc", "org_id", "orgc_id", "Attribute", "Object", "Tag"].includes(name),
    ),
  ),
  timestamp: String(numeric(coming["timestamp"]) ?? at),
  Tag: mergeTags(held["Tag"], coming["Tag"]),
  Attribute: mergeList(held["Attribute"], coming["Attribute"], (a, b) => withSaid(mergePart(a, b, at), b)),
  Object: mergeList(held["Object"], coming["Object"], (a, b) => mergeObject(a, b, at)),
});

const mergeObject = (held: Json, coming: Json, at: number): Json => ({
  ...withSaid(mergePart(held, coming, at), coming),
  Attribute: mergeList(held["Attribute"], coming["Attribute"], (a, b) => withSaid(mergePart(a, b, at), b)),
  ObjectReference: mergeList(held["ObjectReference"], coming["ObjectReference"], (_, b) => b),
});

/** What is said of a part comes with it, changed or not. */
const withSaid = (merged: Json, coming: Json): Json => ({
  ...merged,
  ...Object.fromEntries(
    ["Sighting", "Note", "Opinion", "Relationship", "ShadowAttribute"].flatMap((name) =>
      coming[name] === undefined ? [] : [[name, coming[name]]],
    ),
  ),
});

/** Whichever is newer; one without a time was changed just now. */
export const mergePart = (held: Json, coming: Json, at: number): Json => {
  const stamp = numeric(coming["timestamp"]);
  if (stamp !== undefined && stamp <= (numeric(held["timestamp"]) ?? 0)) return held;
  const { id: _id, uuid: _uuid, Tag, ...said } = coming;
  return { ...held, ...said, Tag: mergeTags(held["Tag"], Tag), timestamp: String(stamp ?? at) };
};

/** Tags add up; one that says it is deleted goes. */
const mergeTags = (held: unknown, coming: unknown): readonly Json[] => {
  const byName = new Map(listOf(held).map((tag) => [String(tag["name"]), tag]));
  for (const tag of listOf(coming)) {
    const name = String(tag["name"]);
    if (tag["deleted"] === true || tag["deleted"] === 1 || tag["deleted"] === "1") byName.delete(name);
    else byName.set(name, { ...byName.get(name), ...tag });
  }
  return [...byName.values()];
};

const mergeList = (held: unknown, coming: unknown, merge: (held: Json, coming: Json) => Json): readonly Json[] => {
  const out = [...listOf(held)];
  const places = new Map(out.map((one, index) => [String(one["uuid"]).toLowerCase(), index]));
  for (const one of listOf(coming)) {
    const index = typeof one["uuid"] === "string" ? places.get(one["uuid"].toLowerCase()) : undefined;
    const before = index === undefined ? undefined : out[index];
    if (index === undefined || before === undefined) out.push(one);
    else out[index] = merge(before, one);
  }
  return out;
};

const listOf = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter(isJson) : isJson(value) ? [value] : [];

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

const numeric = (value: unknown): number | undefined => {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
};

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : isJson(value)
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, one]) => one !== undefined)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, one]) => [name, sorted(one)]),
        )
      : value;
