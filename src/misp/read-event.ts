import { no, ok, type Problem, problem, type Result } from "#core/result.ts";
import { member, Members } from "./member.ts";
import type { MispAttribute, MispEvent, MispGalaxy, MispObject } from "./model.ts";
import { isObject, type JsonObject, listIn, own } from "./own.ts";
import { readAttribute, readObject } from "./read-attribute.ts";
import { each, readEventReport, readGalaxy, readOpinion, readOrg, readTag } from "./read-parts.ts";

/** Attributes of one document; the largest public event has 37,378. */
export const mostAttributes = 1_000_000;

/** A value read, and what in its document could not be. Each problem has a JSON pointer into the document. */
export interface Read<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

/** What a MISP document can hold: events, or attributes and objects without one (a restSearch of attributes). */
export interface MispDocument {
  readonly events: readonly MispEvent[];
  readonly attributes: readonly MispAttribute[];
  readonly objects: readonly MispObject[];
  readonly galaxies: readonly MispGalaxy[];
}

/** One event, bare or under "Event" or "response". @returns problems WGL_MISP_SHAPE, WGL_MISP_MANY */
export const readEvent = (document: unknown): Result<Read<MispEvent>> => {
  const read = readDocument(document);
  if (!read.ok) return read;
  const [event, ...others] = read.value.value.events;
  return event !== undefined && others.length === 0
    ? ok({ value: event, problems: read.value.problems })
    : no("WGL_MISP_SHAPE", { wanted: "one event" });
};

/**
 * Any document an instance gives: an event, bare or wrapped; the `response` of a search; a list of either; attributes or
 * objects alone. An empty list, and `{}`, hold nothing and are right.
 */
export const readDocument = (document: unknown): Result<Read<MispDocument>> => {
  if (!isObject(document) && !Array.isArray(document)) return no("WGL_MISP_SHAPE", { wanted: "an object or a list" });
  const found = new Found();
  found.visit(document, "", 0);
  if (!found.any && !isEmpty(document)) return no("WGL_MISP_SHAPE", { wanted: "an event, attributes or objects" });
  const count = found.attributes.length + found.events.reduce((sum, event) => sum + countOf(event), 0);
  return count > mostAttributes
    ? no("WGL_MISP_MANY", { what: "attributes", limit: mostAttributes })
    : ok({
        value: {
          events: found.events,
          attributes: found.attributes,
          objects: found.objects,
          galaxies: found.galaxies,
        },
        problems: found.problems,
      });
};

const countOf = (event: MispEvent): number =>
  event.Object.reduce((sum, object) => sum + object.Attribute.length, event.Attribute.length);

const isEmpty = (document: unknown): boolean =>
  Array.isArray(document) ? document.length === 0 : isObject(document) && Object.keys(document).length === 0;

/** Wrappers of wrappers: `{"response": [{"Event": …}]}` has two; more than four mean something else. */
const deepestWrapper = 4;

const eventMembers = ["info", "orgc_id", "Orgc", "threat_level_id", "analysis"] as const;
const isEvent = (value: JsonObject): boolean =>
  eventMembers.some((key) => Object.hasOwn(value, key)) && !Object.hasOwn(value, "type");
const isAttribute = (value: JsonObject): boolean => Object.hasOwn(value, "type") && Object.hasOwn(value, "value");
const isMispObject = (value: JsonObject): boolean => Object.hasOwn(value, "name") && Object.hasOwn(value, "Attribute");

class Found {
  readonly events: MispEvent[] = [];
  readonly attributes: MispAttribute[] = [];
  readonly objects: MispObject[] = [];
  readonly galaxies: MispGalaxy[] = [];
  readonly problems: Problem[] = [];
  any = false;

  visit(value: unknown, at: string, depth: number): void {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#item(item, `${at}/${index}`, depth);
      return;
    }
    this.#item(value, at, depth);
  }

  #item(value: unknown, at: string, depth: number): void {
    if (!isObject(value) || depth > deepestWrapper) {
      this.#refuse(at);
      return;
    }
    if (own(value, "Event") !== undefined) return this.#wrapped(value, at);
    if (own(value, "response") !== undefined) {
      this.any = true;
      return this.visit(own(value, "response"), `${at}/response`, depth + 1);
    }
    if (isMispObject(value)) return this.#take(this.objects, readObject(value, at, this.problems));
    if (isAttribute(value)) return this.#take(this.attributes, readAttribute(value, at, this.problems));
    if (isEvent(value)) return this.#take(this.events, eventOf(value, at, this.problems));
    this.#collection(value, at);
  }

  #wrapped(value: JsonObject, at: string): void {
    for (const [index, event] of listIn(value, "Event").entries()) {
      const here = Array.isArray(own(value, "Event")) ? `${at}/Event/${index}` : `${at}/Event`;
      if (isObject(event)) this.#take(this.events, eventOf(event, here, this.problems));
      else this.#refuse(here);
    }
  }

  /** `{"Attribute": […]}`, `{"Object": {…}}`, with the galaxies that speak of them. */
  #collection(value: JsonObject, at: string): void {
    const holder = new Members(value, "document", at, this.problems);
    const before = this.any;
    for (const key of ["Attribute", "Object", "Galaxy"]) if (Object.hasOwn(value, key)) this.any = true;
    this.attributes.push(...each(holder, value, "Attribute", at, this.problems, readAttribute));
    this.objects.push(...each(holder, value, "Object", at, this.problems, readObject));
    this.galaxies.push(...each(holder, value, "Galaxy", at, this.problems, readGalaxy));
    if (!this.any && !before && Object.keys(value).length > 0 && at !== "") this.#refuse(at);
  }

  #take<T>(into: T[], value: T | undefined): void {
    this.any = true;
    if (value !== undefined) into.push(value);
  }

  #refuse(at: string): void {
    this.problems.push(problem("WGL_MISP_SHAPE", { wanted: "an event, attributes or objects" }, at));
  }
}

const eventOf = (object: JsonObject, at: string, problems: Problem[]): MispEvent => {
  const members = new Members(object, "event", at, problems);
  const [org, orgc] = [members.take("Org"), members.take("Orgc")];
  return {
    info: "",
    ...members.text("info"),
    ...members.uuid("uuid"),
    ...members.numeral("id"),
    ...members.text("date"),
    ...members.numeral("timestamp"),
    ...members.numeral("publish_timestamp"),
    ...members.truth("published"),
    ...members.numeral("threat_level_id"),
    ...members.numeral("analysis"),
    ...members.numeral("distribution"),
    ...members.numeral("sharing_group_id"),
    ...members.object("SharingGroup"),
    ...members.uuid("extends_uuid"),
    ...members.numeral("org_id"),
    ...members.numeral("orgc_id"),
    ...member("Org", isObject(org) ? readOrg(org, `${at}/Org`, problems) : undefined),
    ...member("Orgc", isObject(orgc) ? readOrg(orgc, `${at}/Orgc`, problems) : undefined),
    Tag: each(members, object, "Tag", at, problems, readTag),
    Attribute: each(members, object, "Attribute", at, problems, readAttribute),
    Object: each(members, object, "Object", at, problems, readObject),
    Galaxy: each(members, object, "Galaxy", at, problems, readGalaxy),
    EventReport: each(members, object, "EventReport", at, problems, readEventReport),
    Note: each(members, object, "Note", at, problems, readOpinion),
    Opinion: each(members, object, "Opinion", at, problems, readOpinion),
    ...members.more(),
  };
};
