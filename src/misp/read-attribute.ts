import { type Problem, problem } from "#core/result.ts";
import { longestText, Members } from "./member.ts";
import type { MispAttribute, MispObject } from "./model.ts";
import type { JsonObject } from "./own.ts";
import { each, missing, readGalaxy, readOpinion, readReference, readSighting, readTag } from "./read-parts.ts";
import { valueText } from "./scalar.ts";

/** Without a type and a value there is no attribute; anything else that is wrong leaves it standing, with a problem. */
export const readAttribute = (object: JsonObject, at: string, problems: Problem[]): MispAttribute | undefined => {
  const members = new Members(object, "attribute", at, problems);
  const { type } = members.text("type");
  const value = valueText(members.take("value"));
  if (type === undefined || type === "" || value === undefined) {
    problems.push(missing(value === undefined ? "value" : "type", "attribute", at));
    return undefined;
  }
  if (value.length > longestText) {
    problems.push(problem("WGL_VALUE_LONG", { length: value.length, limit: longestText }, `${at}/value`));
    return undefined;
  }
  return {
    type,
    value,
    ...members.uuid("uuid"),
    ...members.numeral("id"),
    ...members.text("category"),
    ...members.truth("to_ids"),
    ...members.numeral("timestamp"),
    ...members.text("comment"),
    ...members.text("first_seen"),
    ...members.text("last_seen"),
    ...members.truth("deleted"),
    ...members.truth("disable_correlation"),
    ...members.numeral("distribution"),
    ...members.numeral("sharing_group_id"),
    ...members.object("SharingGroup"),
    ...members.text("object_relation"),
    ...members.numeral("object_id"),
    ...members.numeral("event_id"),
    ...members.bulk("data"),
    Tag: each(members, object, "Tag", at, problems, readTag),
    Galaxy: each(members, object, "Galaxy", at, problems, readGalaxy),
    Sighting: each(members, object, "Sighting", at, problems, readSighting),
    Note: each(members, object, "Note", at, problems, readOpinion),
    Opinion: each(members, object, "Opinion", at, problems, readOpinion),
    ...members.more(),
  };
};

export const readObject = (object: JsonObject, at: string, problems: Problem[]): MispObject | undefined => {
  const members = new Members(object, "object", at, problems);
  const { name } = members.text("name");
  if (name === undefined || name === "") {
    problems.push(missing("name", "object", at));
    return undefined;
  }
  return {
    name,
    ...members.uuid("uuid"),
    ...members.numeral("id"),
    ...members.text("meta-category"),
    ...members.text("description"),
    ...members.uuid("template_uuid"),
    ...members.numeral("template_version"),
    ...members.numeral("timestamp"),
    ...members.numeral("distribution"),
    ...members.numeral("sharing_group_id"),
    ...members.object("SharingGroup"),
    ...members.text("comment"),
    ...members.text("first_seen"),
    ...members.text("last_seen"),
    ...members.truth("deleted"),
    ...members.numeral("event_id"),
    Attribute: each(members, object, "Attribute", at, problems, readAttribute),
    ObjectReference: each(members, object, "ObjectReference", at, problems, readReference),
    Note: each(members, object, "Note", at, problems, readOpinion),
    Opinion: each(members, object, "Opinion", at, problems, readOpinion),
    ...members.more(),
  };
};
