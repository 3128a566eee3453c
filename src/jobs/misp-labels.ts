import { no, type Result } from "#core/result.ts";
import { truth } from "#misp/scalar.ts";
import { readUuid } from "#misp/uuid.ts";
import type { MispAnswer, MispCall } from "#jobs/misp-asked.ts";
import {
  authorJson,
  communityJson,
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
import { changeAttribute } from "#jobs/misp-change.ts";
import { editEvent } from "#jobs/misp-keep.ts";
import type { MispAttributeRow, MispEventRow } from "#jobs/misp-port.ts";
import { sightingJson, tagJson, tagNumber } from "#jobs/misp-shape.ts";

const tagsAtMost = 20_000;

interface KnownTag {
  readonly name: string;
  readonly colour?: string;
  readonly exportable?: boolean;
  readonly mine: boolean;
  readonly events: number;
  readonly attributes: number;
}

/** Tags the asker may know of: its own, the community's, and those on what it may see. */
const knownTags = async (here: MispHere): Promise<ReadonlyMap<string, KnownTag>> => {
  const { reach } = here.reader();
  const known = new Map<string, KnownTag>();
  for (const { name, sender, colour, exportable } of await here.tx.misp.tags(reach))
    known.set(name.toLowerCase(), {
      ...{ name, colour, exportable, events: 0, attributes: 0 },
      mine: sender === here.keeping.sender.party,
    });
  for (const { name, events, attributes } of await here.tx.misp.tagsInUse(reach, tagsAtMost))
    known.set(name.toLowerCase(), { mine: false, ...known.get(name.toLowerCase()), ...{ name, events, attributes } });
  return known;
};

const printed = ({ name, colour, exportable, events, attributes }: KnownTag): Json => ({
  ...tagJson(name, {
    ...(colour === undefined ? {} : { colour }),
    ...(exportable === undefined ? {} : { exportable }),
  }),
  ...{
    hide_tag: false,
    org_id: "0",
    user_id: "0",
    numerical_value: null,
    is_galaxy: name.startsWith("misp-galaxy:"),
    is_custom_galaxy: false,
  },
  ...{ count: events, attribute_count: attributes, favourite: false, local_only: false },
});

const tagAt = async (here: MispHere, text: unknown): Promise<KnownTag | undefined> => {
  const wanted = String(text ?? "")
    .trim()
    .toLowerCase();
  const known = await knownTags(here);
  return known.get(wanted) ?? [...known.values()].find(({ name }) => tagNumber(name) === wanted);
};

/** `tags/index` */
export const listTags: MispDo = async (here) =>
  json({ Tag: [...(await knownTags(here)).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(printed) });

/** `tags/view` */
export const viewTag: MispDo = async (here, call) => {
  const tag = await tagAt(here, call.params[0]);
  return tag === undefined ? no("WGL_ABSENT") : json(printed(tag));
};

/** `tags/search`: by a part of the name, or the whole when "strict". */
export const searchTags: MispDo = async (here, call) => {
  const strict =
    call.params.length > 1 && truth(call.params.at(-1)) !== undefined ? truth(call.params.at(-1)) === true : false;
  const words =
    truth(call.params.at(-1)) !== undefined && call.params.length > 1 ? call.params.slice(0, -1) : call.params;
  const name = (words.join("/") || String(call.input["tag"] ?? call.input["name"] ?? "")).toLowerCase();
  const found = [...(await knownTags(here)).values()].filter((tag) => {
    const lower = tag.name.toLowerCase();
    return strict || !name.includes("%")
      ? strict
        ? lower === name
        : lower.includes(name)
      : lower.includes(name.replaceAll("%", ""));
  });
  return json(found.map((tag) => ({ Tag: printed(tag), Taxonomy: [] })));
};

/** `tags/add`, `tags/edit` */
export const putTag: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const body = isJson(call.body) ? (isJson(call.body["Tag"]) ? call.body["Tag"] : call.body) : {};
  const before = call.params[0] === undefined ? undefined : await tagAt(here, call.params[0]);
  if (call.params[0] !== undefined && before === undefined) return no("WGL_ABSENT");
  if (before !== undefined && !before.mine) return no("WGL_MISP_OWN");
  const name = String(body["name"] ?? before?.name ?? "").trim();
  if (name === "" || name.length > 255 || /\p{Cc}/u.test(name))
    return no("WGL_MISP_FIELD", { field: "name", what: "tag", wanted: "a text" });
  const colour = String(body["colour"] ?? before?.colour ?? tagJson(name)["colour"]);
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return no("WGL_MISP_FIELD", { field: "colour", what: "tag", wanted: "#rrggbb" });
  const sender = here.keeping.sender.party;
  if (before !== undefined && before.name !== name) await here.tx.misp.removeTag(before.name, sender);
  const exportable = truth(body["exportable"]) ?? before?.exportable ?? true;
  await here.tx.misp.putTag({ name, colour, exportable, ...(sender === undefined ? {} : { sender }) });
  return json({
    Tag: printed({
      name,
      colour,
      exportable,
      mine: true,
      events: before?.events ?? 0,
      attributes: before?.attributes ?? 0,
    }),
  });
};

/** `tags/delete`: of the list of tags; what is tagged stays so. */
export const deleteTag: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const tag = await tagAt(here, call.params[0]);
  if (tag === undefined) return no("WGL_ABSENT");
  return (await here.tx.misp.removeTag(tag.name, here.keeping.sender.party))
    ? done("Tag deleted.")
    : no("WGL_MISP_OWN");
};

/** `tags/attachTagToObject` and `tags/removeTagFromObject`: of an event or an attribute, by UUID; several tags at once. */
export const labelWith =
  (attach: boolean): MispDo =>
  async (here, call) => {
    const target = call.input["uuid"] ?? call.input["event"] ?? call.input["attribute"] ?? call.params[0];
    const given = [call.input["tag"] ?? call.params[1]].flat().map((one) => String(one ?? ""));
    const names: string[] = [];
    for (const one of given) {
      const name = /^\d+$/.test(one) ? (await tagAt(here, one))?.name : one;
      if (name === undefined || name.trim() === "") return no("WGL_ABSENT");
      names.push(name.trim());
    }
    if (names.length === 0) return no("WGL_MISP_FIELD", { field: "tag", what: "request", wanted: "the name of a tag" });
    const local = truth(call.input["local"]) === true;
    const Tag = names.map((name) =>
      attach
        ? {
            name,
            ...(local ? { local } : {}),
            ...(typeof call.input["relationship_type"] === "string" && call.input["relationship_type"] !== ""
              ? { relationship_type: call.input["relationship_type"] }
              : {}),
          }
        : { name, deleted: true },
    );
    const said = (what: string): Result<MispAnswer> =>
      done(`${attach ? "Tag(s) attached to" : "Tag(s) removed from"} ${what}.`, { success: true });
    const event = await eventToChange(here, target);
    if (event.ok) {
      const { value: row } = event;
      const edited = await editEvent(
        here.tx,
        row,
        { Tag, ...(local ? {} : { published: false }) },
        keepingOf(here, row),
        true,
      );
      return edited.ok ? said("Event") : edited;
    }
    if (event.problem.code !== "WGL_ABSENT") return event;
    const uuid = readUuid(target);
    if (uuid === undefined && keyOf(here, target) === undefined) return no("WGL_ABSENT");
    const changed = await changeAttribute(here, { ...call, params: [String(target)], body: { Tag } });
    return changed.ok ? said("Attribute") : changed;
  };

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
  const rows = (await here.tx.misp.sightings([...byNumber.keys()], reach)).filter(
    (row) => wanted === undefined || String(row.type) === String(wanted),
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

/** `sightings/delete` */
export const deleteSighting: MispDo = async (here, call: MispCall) => {
  const n = here.ids.read(call.params[0] ?? "");
  if (n === undefined) return no("WGL_ABSENT");
  return (await here.tx.misp.removeSighting(n, here.keeping.sender.party))
    ? done("Sighting successfully deleted.")
    : no("WGL_ABSENT");
};
