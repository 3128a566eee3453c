import { no, type Result } from "#core/result.ts";
import { truth } from "#misp/scalar.ts";
import type { MispAnswer } from "./asked.ts";
import { done, eventToChange, isJson, type Json, json, keepingOf, keyOf, type MispDo, type MispHere } from "./call.ts";
import { changeAttribute } from "./attributes.ts";
import { withoutCluster } from "./galaxies.ts";
import { editEvent } from "./keep.ts";
import { tagJson, tagNumber } from "./shape.ts";

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
    truth(call.input["strict_tagname"]) === true
      ? true
      : call.params.length > 1 && truth(call.params.at(-1)) !== undefined
        ? truth(call.params.at(-1)) === true
        : false;
  const words =
    truth(call.params.at(-1)) !== undefined && call.params.length > 1 ? call.params.slice(0, -1) : call.params;
  const name = (
    words.join("/") || String(call.input["tagname"] ?? call.input["tag"] ?? call.input["name"] ?? "")
  ).toLowerCase();
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
    // "events/addTag": { request: { Event: { id, tag } } }
    const { request } = call.input;
    const asked = isJson(request)
      ? (request["Event"] ?? request["Attribute"])
      : (call.input["Event"] ?? call.input["Attribute"]);
    const inner = isJson(asked) ? asked : {};
    const target =
      call.input["uuid"] ??
      call.input["event"] ??
      call.input["attribute"] ??
      call.params[0] ??
      inner["uuid"] ??
      inner["id"];
    const given = [call.input["tag"] ?? inner["tag"] ?? call.params[1]].flat().map((one) => String(one ?? ""));
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
    // Who takes off a cluster's tag takes off the cluster
    const galaxies = (held: unknown): Json =>
      attach || !names.some((name) => /^misp-galaxy:/i.test(name)) || !Array.isArray(held)
        ? {}
        : { Galaxy: names.reduce<readonly Json[]>(withoutCluster, held.filter(isJson)) };
    const event = await eventToChange(here, target);
    if (event.ok) {
      const { value: row } = event;
      const edited = await editEvent(
        here.tx,
        row,
        { Tag, ...galaxies(row.rest["Galaxy"]), ...(local ? {} : { published: false }) },
        keepingOf(here, row),
        true,
      );
      return edited.ok ? said("Event") : edited;
    }
    if (event.problem.code !== "WGL_ABSENT") return event;
    const key = keyOf(here, target);
    const held =
      key && (await here.tx.misp.attribute(key, { ...here.keeping.whole, own: here.keeping.sender.party ?? "" }));
    if (held === undefined) return no("WGL_ABSENT");
    const body = { Tag, ...galaxies(held.attribute.rest["Galaxy"]) };
    const changed = await changeAttribute(here, { ...call, params: [String(target)], body });
    return changed.ok ? said("Attribute") : changed;
  };
