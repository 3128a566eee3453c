import { parseInstant } from "#core/instant.ts";
import { no } from "#core/result.ts";
import { readUuid } from "#misp/uuid.ts";
import type { MispCall } from "./asked.ts";
import {
  authorJson,
  communityJson,
  done,
  eventAt,
  isJson,
  type Json,
  json,
  keyOf,
  type MispDo,
  type MispHere,
} from "./call.ts";
import type { MispAttributeRow, MispEventRow } from "./port.ts";
import { sightingJson } from "./shape.ts";

/** `sightings/add`: on an attribute, or on all that hold a value. */
export const addSighting: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const body = isJson(call.body) ? (isJson(call.body["Sighting"]) ? call.body["Sighting"] : call.body) : {};
  const { reach } = here.reader();
  const type = Number(body["type"] ?? 0);
  if (![0, 1, 2].includes(type)) return no("WGL_MISP_FIELD", { field: "type", what: "sighting", wanted: "0, 1 or 2" });
  const at = Number(body["timestamp"] ?? body["date_sighting"] ?? 0) || here.keeping.at;
  if (!Number.isSafeInteger(at) || at < 0 || at > 1e11)
    return no("WGL_MISP_FIELD", { field: "timestamp", what: "sighting", wanted: "seconds since 1970" });
  const named = call.params[0] ?? body["attribute_uuid"] ?? body["attribute_id"] ?? body["uuid"] ?? body["id"];
  const values = [body["values"] ?? body["value"] ?? []].flat().map(String);
  const targets: { attribute: MispAttributeRow; event: MispEventRow }[] = [];
  const key = named === undefined ? undefined : keyOf(here, named);
  const one = key && (await here.tx.misp.attribute(key, reach));
  if (one !== undefined) targets.push(one);
  else if (values.length > 0) {
    const any = values.map((value) => value.toLowerCase());
    targets.push(
      ...(await here.tx.misp.attributes({ value: { any, all: [], none: [] }, deleted: "no" }, reach, {
        order: [],
        limit: 1000,
        offset: 0,
      })),
    );
  }
  if (targets.length === 0) return no("WGL_ABSENT");
  const sender = here.keeping.sender.party;
  const rows = targets.map(({ attribute }) => ({
    uuid: here.keeping.uuid(),
    attribute: attribute.n,
    ...(sender === undefined ? {} : { sender }),
    type,
    source: String(body["source"] ?? "").slice(0, 255),
    at,
  }));
  const ns = await here.tx.misp.insertSightings(rows);
  await wakeSighted(
    here,
    rows.map(({ attribute }) => attribute),
  );
  const jsons = rows.flatMap((row, index) => {
    const target = targets[index];
    return target === undefined
      ? []
      : [sightingJson({ ...row, n: ns[index] ?? 0 }, target.attribute, here.ids, senderJson(here))];
  });
  return targets.length === 1 || named !== undefined
    ? json({ Sighting: jsons[0] })
    : json({
        saved: true,
        success: true,
        message: `${rows.length} sightings added`,
        name: `${rows.length} sightings added`,
        url: "",
        Sighting: jsons[0],
      });
};

/** Intelligence hears of what was sighted by a job of its own, one an attribute. */
export const wakeSighted = async (here: MispHere, attributes: readonly number[]): Promise<void> => {
  const { party } = here.keeping.sender;
  await here.tx.queue.putAll(
    [...new Set(attributes)].map((attribute) => ({
      kind: "join-misp",
      key: `sighted ${attribute} ${party ?? ""}`,
      payload: { sighted: attribute, by: party ?? "" },
    })),
    here.now,
  );
};

/**
 * What is about to go takes its sightings along: who said what of it is queued, for afterwards nobody knows.
 *
 * @param attributes numbers of what goes
 */
export const forgetSighted = async (here: MispHere, attributes: readonly number[]): Promise<void> => {
  for (const { attribute, sightings } of await here.tx.misp.sighted(attributes, here.keeping.whole)) {
    const { uuid, type, value } = attribute;
    const by = [...new Set(sightings.map(({ sender }) => sender ?? ""))];
    if (by.length > 0)
      await here.tx.queue.put(
        "join-misp",
        `unsighted ${attribute.n}`,
        { unsighted: { uuid, type, value, by } },
        here.now,
      );
  }
};

const senderJson = (here: MispHere): Json =>
  here.party === undefined
    ? communityJson(here)
    : authorJson(here, `${here.party.names.en ?? here.party.key}\n\n${here.party.id}`);

/** `sightings/listSightings`, `sightings/index`, `sightings/restSearch`: of an event or attribute, as far as the asker may know. */
export const listSightings: MispDo = async (here, call) => {
  const [first, second] = call.params;
  const context = String(call.input["context"] ?? (first === "attribute" || first === "event" ? first : second) ?? "");
  const target =
    call.input["id"] ?? call.input["uuid"] ?? (first === "attribute" || first === "event" ? second : first);
  const { reach } = here.reader();
  const key = keyOf(here, target);
  const wrapped = call.input["wrapped"] === true || context === "wrapped" || call.input["restSearch"] === true;
  let attributes: readonly MispAttributeRow[] = [];
  // A number may be an event's and an attribute's; where nobody says which, it is the event's, as in MISP
  if (key !== undefined && context === "attribute") {
    const one = await here.tx.misp.attribute(key, reach);
    attributes = one === undefined ? [] : [one.attribute];
  }
  if (key !== undefined && context !== "attribute") {
    const event = await here.tx.misp.event(key, reach);
    attributes = event === undefined ? [] : await here.tx.misp.attributesOf([event.n], reach, "no", false);
  }
  if (key !== undefined && attributes.length === 0 && context !== "attribute") {
    const one = context === "event" ? undefined : await here.tx.misp.attribute(key, reach);
    attributes = one === undefined ? [] : [one.attribute];
  }
  if (key !== undefined && attributes.length === 0) return no("WGL_ABSENT");
  if (key === undefined)
    attributes = (await here.tx.misp.attributes({ deleted: "no" }, reach, { order: [], limit: 10_000, offset: 0 })).map(
      ({ attribute }) => attribute,
    );
  const byNumber = new Map(attributes.map((one) => [one.n, one]));
  const wanted = call.input["type"];
  const [from, to] = [secondsOf(call.input["from"], here.now), secondsOf(call.input["to"], here.now)];
  const last = secondsOf(call.input["last"], here.now);
  const { source } = call.input;
  const rows = (await here.tx.misp.sightings([...byNumber.keys()], reach)).filter(
    (row) =>
      (wanted === undefined || [wanted].flat().map(String).includes(String(row.type))) &&
      (from === undefined || row.at >= from) &&
      (to === undefined || row.at <= to) &&
      (last === undefined || row.at >= last) &&
      (source === undefined || row.source === source),
  );
  const jsons = rows.flatMap((row) => {
    const attribute = byNumber.get(row.attribute);
    return attribute === undefined
      ? []
      : [
          sightingJson(
            row,
            attribute,
            here.ids,
            row.sender === here.keeping.sender.party ? senderJson(here) : undefined,
          ),
        ];
  });
  return json(
    wrapped ? { response: jsons.map((one) => ({ Sighting: one })) } : jsons.map((one) => ({ Sighting: one })),
  );
};

/** Seconds since 1970 as MISP's filters give them: a number, a date, "7d" ago. */
const secondsOf = (asked: unknown, now: number): number | undefined => {
  if (asked === undefined || asked === null || asked === "") return undefined;
  const text = String(asked);
  const ago = /^(\d{1,6})([smhdw])$/.exec(text);
  if (ago?.[1] !== undefined && ago[2] !== undefined)
    return Math.floor(now / 1000) - Number(ago[1]) * ({ s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[ago[2]] ?? 1);
  if (/^\d{1,11}$/.test(text)) return Number(text);
  const read = parseInstant(text);
  return read.ok ? Math.floor(read.value / 1000) : undefined;
};

/** `sightings/delete` */
export const deleteSighting: MispDo = async (here, call: MispCall) => {
  const n = here.ids.read(call.params[0] ?? "");
  if (n === undefined) return no("WGL_ABSENT");
  const { party } = here.keeping.sender;
  const row = await here.tx.misp.sightingOf(n, party);
  if (row === undefined || !(await here.tx.misp.removeSighting(n, party))) return no("WGL_ABSENT");
  await wakeSighted(here, [row.attribute]);
  return done("Sighting successfully deleted.");
};

/** Sightings of one pushed list. */
const pushedAtMost = 10_000;

/** `sightings/bulkSaveSightings/<event>`: another instance pushes what its own side saw. */
export const pushSightings: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const event = await eventAt(here, call.params[0]);
  if (event === undefined) return no("WGL_ABSENT");
  const list = Array.isArray(call.body) ? call.body : [];
  if (list.length > pushedAtMost) return no("WGL_MISP_MANY", { limit: pushedAtMost, what: "sightings" });
  const { reach } = here.reader();
  const inside = new Map(
    (await here.tx.misp.attributesOf([event.n], reach, "no", false)).map((one) => [one.uuid, one.n]),
  );
  const { party } = here.keeping.sender;
  const rows = list.flatMap((one: unknown) => {
    const body = isJson(one) ? (isJson(one["Sighting"]) ? one["Sighting"] : one) : {};
    const attribute = inside.get(readUuid(body["attribute_uuid"]) ?? "");
    const [type, at] = [Number(body["type"] ?? 0), Number(body["date_sighting"] ?? here.keeping.at)];
    if (attribute === undefined || ![0, 1, 2].includes(type) || !Number.isSafeInteger(at) || at < 0 || at > 1e11)
      return [];
    return [
      {
        uuid: readUuid(body["uuid"]) ?? here.keeping.uuid(),
        ...{ attribute, type, at },
        ...(party === undefined ? {} : { sender: party }),
        source: String(body["source"] ?? "").slice(0, 255),
      },
    ];
  });
  await here.tx.misp.insertSightings(rows);
  await wakeSighted(
    here,
    rows.map(({ attribute }) => attribute),
  );
  return done(`${rows.length} sightings added.`, { skipped: list.length - rows.length });
};

/** `sightings/filterSightingUuidsForPush/<event>`: which of these are not here. */
export const filterSightings: MispDo = async (here, call) => {
  const event = await eventAt(here, call.params[0]);
  if (event === undefined) return no("WGL_ABSENT");
  const reader = here.reader();
  const attributes = await here.tx.misp.attributesOf([event.n], reader.reach, "no", false);
  const known = new Set(
    (
      await here.tx.misp.sightings(
        attributes.map(({ n }) => n),
        reader.reach,
      )
    ).map(({ uuid }) => uuid),
  );
  const asked = Array.isArray(call.body) ? call.body.map((one) => String(one).toLowerCase()) : [];
  return json(asked.filter((uuid) => !known.has(uuid)));
};
