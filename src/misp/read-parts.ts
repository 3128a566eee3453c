import { type Problem, problem } from "#core/result.ts";
import { member, Members } from "./member.ts";
import type {
  MispCluster,
  MispEventReport,
  MispGalaxy,
  MispOpinion,
  MispOrg,
  MispReference,
  MispSighting,
  MispTag,
} from "./model.ts";
import { isObject, type JsonObject, listIn, own } from "./own.ts";
import { numeral } from "./scalar.ts";

/** Reads each of a list with `read`; what is no object, or refused, is a problem at its place. */
export const each = <T>(
  holder: Members,
  object: JsonObject,
  key: string,
  at: string,
  problems: Problem[],
  read: (item: JsonObject, at: string, problems: Problem[]) => T | undefined,
): readonly T[] => {
  const written = holder.take(key);
  const list = listIn(object, key);
  if (list.length === 0 && written !== undefined && written !== null && written !== "" && !isEmpty(written))
    problems.push(problem("WGL_MISP_FIELD", { field: key, what: "document", wanted: "a list" }, `${at}/${key}`));
  return list.flatMap((item, index) => {
    const here = Array.isArray(written) ? `${at}/${key}/${index}` : `${at}/${key}`;
    if (!isObject(item)) {
      problems.push(problem("WGL_MISP_FIELD", { field: key, what: "document", wanted: "an object" }, here));
      return [];
    }
    const value = read(item, here, problems);
    return value === undefined ? [] : [value];
  });
};

const isEmpty = (value: unknown): boolean =>
  (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);

export const missing = (field: string, what: string, at: string): Problem =>
  problem("WGL_MISP_FIELD", { field, what, wanted: "a text" }, `${at}/${field}`);

export const readTag = (object: JsonObject, at: string, problems: Problem[]): MispTag | undefined => {
  const members = new Members(object, "tag", at, problems);
  const { name } = members.text("name");
  if (name === undefined || name === "") {
    problems.push(missing("name", "tag", at));
    return undefined;
  }
  return {
    name,
    ...members.numeral("id"),
    ...members.text("colour"),
    ...members.truth("exportable"),
    ...members.truth("local"),
    ...members.text("relationship_type"),
    ...members.more(),
  };
};

export const readOrg = (object: JsonObject, at: string, problems: Problem[]): MispOrg => {
  const members = new Members(object, "organisation", at, problems);
  return { name: "", ...members.text("name"), ...members.uuid("uuid"), ...members.numeral("id"), ...members.more() };
};

export const readReference = (object: JsonObject, at: string, problems: Problem[]): MispReference | undefined => {
  const members = new Members(object, "object reference", at, problems);
  const { referenced_uuid } = members.uuid("referenced_uuid");
  if (referenced_uuid === undefined) {
    problems.push(missing("referenced_uuid", "object reference", at));
    return undefined;
  }
  return {
    relationship_type: "related-to",
    ...members.text("relationship_type"),
    referenced_uuid,
    ...members.uuid("uuid"),
    ...members.uuid("object_uuid"),
    ...members.numeral("timestamp"),
    ...members.text("comment"),
    ...members.truth("deleted"),
    ...members.more(),
  };
};

export const readSighting = (object: JsonObject, at: string, problems: Problem[]): MispSighting | undefined => {
  const members = new Members(object, "sighting", at, problems);
  const { date_sighting } = members.numeral("date_sighting");
  if (date_sighting === undefined) {
    problems.push(missing("date_sighting", "sighting", at));
    return undefined;
  }
  const organisation = members.take("Organisation");
  return {
    type: "0",
    ...members.numeral("type"),
    date_sighting,
    ...members.uuid("uuid"),
    ...members.numeral("id"),
    ...members.text("source"),
    ...member("Organisation", isObject(organisation) ? readOrg(organisation, at, problems) : undefined),
    ...members.more(),
  };
};

export const readOpinion = (object: JsonObject, at: string, problems: Problem[]): MispOpinion => {
  const members = new Members(object, "note", at, problems);
  return {
    ...members.uuid("uuid"),
    ...members.text("authors"),
    ...members.text("created"),
    ...members.text("modified"),
    ...members.text("note"),
    ...members.text("language"),
    ...members.numeral("opinion"),
    ...members.text("comment"),
    ...members.more(),
  };
};

export const readEventReport = (object: JsonObject, at: string, problems: Problem[]): MispEventReport => {
  const members = new Members(object, "event report", at, problems);
  return {
    name: "",
    content: "",
    ...members.text("name"),
    ...members.text("content"),
    ...members.uuid("uuid"),
    ...members.numeral("id"),
    ...members.numeral("timestamp"),
    ...members.numeral("distribution"),
    ...members.truth("deleted"),
    Note: each(members, object, "Note", at, problems, readOpinion),
    Opinion: each(members, object, "Opinion", at, problems, readOpinion),
    ...members.more(),
  };
};

export const readGalaxy = (object: JsonObject, at: string, problems: Problem[]): MispGalaxy | undefined => {
  const members = new Members(object, "galaxy", at, problems);
  const { type } = members.text("type");
  if (type === undefined) {
    problems.push(missing("type", "galaxy", at));
    return undefined;
  }
  return {
    name: type,
    ...members.text("name"),
    type,
    ...members.uuid("uuid"),
    ...members.numeral("id"),
    ...members.text("description"),
    ...members.numeral("version"),
    ...members.text("icon"),
    ...members.text("namespace"),
    GalaxyCluster: each(members, object, "GalaxyCluster", at, problems, readCluster),
    ...members.more(),
  };
};

export const readCluster = (object: JsonObject, at: string, problems: Problem[]): MispCluster | undefined => {
  const members = new Members(object, "galaxy cluster", at, problems);
  const { value } = members.text("value");
  if (value === undefined) {
    problems.push(missing("value", "galaxy cluster", at));
    return undefined;
  }
  const authors = own(object, "authors");
  const isAuthors = Array.isArray(authors) && authors.every((author) => typeof author === "string");
  if (isAuthors) members.take("authors");
  return {
    type: "",
    ...members.text("type"),
    value,
    ...members.uuid("uuid"),
    ...members.numeral("id"),
    ...members.text("tag_name"),
    ...members.text("description"),
    ...members.text("source"),
    ...member("version", numeral(members.take("version"))),
    ...member("authors", isAuthors ? authors : undefined),
    meta: metaOf(members, object),
    ...members.more(),
  };
};

/** `meta` as it is; of an export that has only `GalaxyElement` (key, value), the same as lists by key. */
const metaOf = (members: Members, object: JsonObject): MispCluster["meta"] => {
  const meta = members.take("meta");
  if (isObject(meta)) return meta;
  const byKey = new Map<string, unknown[]>();
  for (const element of listIn(object, "GalaxyElement")) {
    const key = own(element, "key");
    if (typeof key !== "string") continue;
    const before = byKey.get(key);
    if (before === undefined) byKey.set(key, [own(element, "value")]);
    else before.push(own(element, "value"));
  }
  return Object.fromEntries(byKey);
};
