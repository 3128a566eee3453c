import type { Instant } from "#core/instant.ts";
import { defaultCategory, meantForDetection } from "./attribute-types.ts";
import { normaliseValue } from "./attribute-value.ts";
import { ruleObjects } from "./domain-fields.ts";
import type {
  MispAttribute,
  MispEvent,
  MispEventReport,
  MispGalaxy,
  MispObject,
  MispOpinion,
  MispOrg,
  MispSighting,
} from "./model.ts";
import type { MispDocument } from "./read-event.ts";
import type { StixBundle, StixObject } from "./stix-object.ts";
import { stixDate, stixTime } from "./timestamps.ts";
import { attributeShape } from "./to-stix/attribute-shape.ts";
import { domainObject, isDomainObject, isRuleObject, ruleIndicator } from "./to-stix/domain-object.ts";
import { clusterObject } from "./to-stix/galaxy.ts";
import { type Marks, markingDefinitions, markProperties, marksOf } from "./to-stix/labels.ts";
import { attributeUuid, objectUuid, Parts, partsOf } from "./to-stix/object-part.ts";
import { objectShape, partsInside } from "./to-stix/object-shape.ts";
import { type PatternDialect, type PatternGroup, patternText } from "./to-stix/pattern-text.ts";
import { relationBetween } from "./to-stix/relation.ts";
import { derivedUuid } from "./uuid.ts";

export interface FromMispOptions {
  /** Where an attribute and its event say no time. */
  readonly now: Instant;
  /** Absent: "misp", as MISP's own exports have it (to-stix/pattern-text.ts). */
  readonly patterns?: PatternDialect;
}

/**
 * A MISP document as STIX 2.1: an event becomes a grouping, or a report once it is published, of what its attributes,
 * objects and galaxies are; UUIDs are kept, and ids that MISP has none for are derived from them, so that the same
 * document gives the same bundle. What STIX has no words for travels as `x-misp-attribute`, `x-misp-object` and
 * `x_misp_…` properties. Deleted attributes and objects stay behind.
 * @see https://github.com/MISP/misp-stix/tree/main/documentation (the mapping this follows)
 */
export const fromMisp = (document: MispDocument, options: FromMispOptions): StixBundle => {
  const bundle = new Bundle(options);
  for (const event of document.events) bundle.event(event);
  if (document.attributes.length > 0 || document.objects.length > 0 || document.galaxies.length > 0)
    bundle.collection(document);
  return bundle.done();
};

type Properties = Readonly<Record<string, unknown>>;

/** What all objects of one event share. */
interface Holder {
  readonly author: string | undefined;
  readonly time: string;
}

class Bundle {
  readonly #dialect: PatternDialect;
  readonly #now: string;
  readonly #objects = new Map<string, StixObject>();
  readonly #markings = new Set<string>();
  #holder: Holder;
  /** MISP UUID → id of the STIX object that relationships of it start and end at. */
  #main = new Map<string, string>();
  #refs: string[] = [];

  constructor({ now, patterns }: FromMispOptions) {
    this.#dialect = patterns ?? "misp";
    this.#now = new Date(now).toISOString();
    this.#holder = { author: undefined, time: this.#now };
  }

  event(event: MispEvent): void {
    const uuid = event.uuid ?? derivedUuid(`${event.info}|${event.date ?? ""}`);
    const author = event.Orgc === undefined ? undefined : this.#organisation(event.Orgc);
    const time = stixTime(event.timestamp) ?? stixDate(event.date)?.replace("Z", ".000Z") ?? this.#now;
    this.#begin({ author, time });
    this.#contents(event);
    const isReport = event.published === true;
    const id = `${isReport ? "report" : "grouping"}--${uuid}`;
    for (const report of event.EventReport) this.#report(report);
    this.#opinions(event.Note, event.Opinion, id);
    if (this.#refs.length === 0) this.#add(this.#emptyNote(uuid));
    const marks = marksOf(event.Tag, ["Threat-Report", 'misp:tool="MISP-STIX-Converter"']);
    this.#add(
      {
        type: isReport ? "report" : "grouping",
        spec_version: "2.1",
        id,
        ...this.#common(time),
        name: event.info === "" ? uuid : event.info,
        ...(isReport
          ? { published: (stixTime(event.publish_timestamp) ?? time).replace(".000Z", "Z") }
          : { context: "suspicious-activity" }),
        object_refs: [...new Set(this.#refs)],
        ...this.#marked(marks),
      },
      false,
    );
  }

  collection(document: MispDocument): void {
    this.#begin({ author: undefined, time: this.#now });
    this.#contents({ Attribute: document.attributes, Object: document.objects, Galaxy: document.galaxies });
  }

  done(): StixBundle {
    const objects = [...this.#objects.values(), ...markingDefinitions(this.#markings)];
    const name = objects.map(({ id }) => id).join("|");
    return { type: "bundle", id: `bundle--${derivedUuid(name)}`, objects };
  }

  #begin(holder: Holder): void {
    this.#holder = holder;
    this.#main = new Map();
    this.#refs = [];
  }

  #contents(from: {
    readonly Attribute: readonly MispAttribute[];
    readonly Object: readonly MispObject[];
    readonly Galaxy: readonly MispGalaxy[];
  }): void {
    const objects = from.Object.filter(({ deleted }) => deleted !== true);
    const neighbours = new Map(objects.map((object) => [objectUuid(object), object] as const));
    const held = new Set(objects.flatMap((object) => partsInside(object, neighbours)));
    for (const attribute of from.Attribute) if (attribute.deleted !== true) this.#attribute(attribute);
    for (const object of objects) if (!held.has(object)) this.#object(object, neighbours);
    for (const galaxy of from.Galaxy) this.#galaxy(galaxy);
    for (const object of objects) this.#references(object, held, neighbours);
  }

  #attribute(attribute: MispAttribute): void {
    const named = attributeUuid(attribute);
    // Two attributes under one UUID are a mistake of the document; neither may stand in the other's place.
    const isTaken = this.#objects.has(`observed-data--${named}`) || this.#objects.has(`indicator--${named}`);
    const uuid = isTaken ? derivedUuid(`${named}|${attribute.type}|${attribute.value}`) : named;
    const time = stixTime(attribute.timestamp) ?? this.#holder.time;
    const category = attribute.category ?? defaultCategory(attribute.type);
    const marks = marksOf(attribute.Tag, [`misp:type="${attribute.type}"`, `misp:category="${category}"`]);
    const main = this.#attributeObjects(attribute, uuid, time, category, marks);
    this.#main.set(uuid, main);
    this.#related(main, attribute.Galaxy, time);
    this.#sightings(attribute.Sighting, main);
    this.#opinions(attribute.Note, attribute.Opinion, main);
  }

  #attributeObjects(attribute: MispAttribute, uuid: string, time: string, category: string, marks: Marks): string {
    const ids = meantForDetection(attribute);
    const { type } = attribute;
    if (type === "vulnerability" || type === "campaign-name") {
      const stix = type === "vulnerability" ? "vulnerability" : "campaign";
      const cve = /^CVE-/i.test(attribute.value);
      return this.#add({
        type: stix,
        spec_version: "2.1",
        id: `${stix}--${uuid}`,
        ...this.#common(time),
        name: attribute.value,
        ...(stix === "vulnerability" && cve
          ? { external_references: [{ source_name: "cve", external_id: attribute.value }] }
          : {}),
        ...this.#marked(marks),
      });
    }
    const said = attribute.comment === undefined || attribute.comment === "" ? {} : { description: attribute.comment };
    if (ids && languages.has(type))
      return this.#indicator(
        uuid,
        time,
        category,
        marks,
        { ...said, pattern: attribute.value, pattern_type: type },
        attribute,
      );
    const value = normaliseValue(type, attribute.value);
    const data = attribute.data === undefined ? {} : { data: attribute.data };
    const shape = value.ok ? attributeShape({ type, value: value.value, uuid, ...data }) : undefined;
    if (shape === undefined || (shape.objects.length === 0 && !ids))
      return this.#custom(attribute, uuid, time, category, marks);
    const observed =
      shape.objects.length === 0 ? undefined : this.#observed(uuid, time, marks, shape.objects, attribute);
    if (!ids) return observed ?? "";
    const pattern = {
      pattern: patternText(shape.pattern, this.#dialect),
      pattern_type: "stix",
      pattern_version: "2.1",
    };
    const indicator = this.#indicator(uuid, time, category, marks, { ...said, ...pattern }, attribute);
    if (observed === undefined) return indicator;
    this.#relationship("based-on", indicator, observed, time);
    return observed;
  }

  #object(object: MispObject, neighbours: ReadonlyMap<string, MispObject>): void {
    const uuid = objectUuid(object);
    const time = stixTime(object.timestamp) ?? this.#holder.time;
    const meta = object["meta-category"] ?? "misc";
    const tags = object.Attribute.flatMap(({ Tag }) => Tag);
    const marks = marksOf(tags, [`misp:name="${object.name}"`, `misp:meta-category="${meta}"`]);
    const main = this.#objectObjects(object, uuid, time, meta, marks, neighbours);
    this.#main.set(uuid, main);
    for (const attribute of object.Attribute) {
      if (attribute.uuid !== undefined && !this.#main.has(attribute.uuid)) this.#main.set(attribute.uuid, main);
      this.#related(main, attribute.Galaxy, time);
      this.#sightings(attribute.Sighting, main);
      this.#opinions(attribute.Note, attribute.Opinion, main);
    }
    this.#opinions(object.Note, object.Opinion, main);
  }

  #objectObjects(
    object: MispObject,
    uuid: string,
    time: string,
    meta: string,
    marks: Marks,
    neighbours: ReadonlyMap<string, MispObject>,
  ): string {
    const { name } = object;
    const common = { ...this.#common(time), ...this.#marked(marks) };
    const said = object.comment === undefined || object.comment === "" ? {} : { description: object.comment };
    if (isDomainObject(name)) {
      const parts = new Parts(partsOf(object));
      const phases = { kill_chain_phases: [{ kill_chain_name: "misp-category", phase_name: meta }] };
      const made = domainObject(name, parts, uuid, common, phases);
      if (made !== undefined) return this.#add(made);
    }
    if (isRuleObject(name)) {
      const rule = ruleIndicator(name, new Parts(partsOf(object)));
      if (rule !== undefined) return this.#indicator(uuid, time, meta, marks, { ...said, ...rule }, object);
    }
    if (name === "annotation") {
      const note = this.#annotation(object, uuid, common);
      if (note !== undefined) return this.#add(note);
    }
    const shape = objectShape(object, neighbours);
    if (shape === undefined) return this.#customObject(object, uuid, common, meta);
    const observed = this.#observed(uuid, time, marks, shape.objects, object);
    const compared: readonly PatternGroup[] = shape.pattern;
    if (compared.length === 0) return observed;
    const pattern = { pattern: patternText(compared, this.#dialect), pattern_type: "stix", pattern_version: "2.1" };
    const indicator = this.#indicator(uuid, time, meta, marks, { ...said, ...pattern }, object);
    this.#relationship("based-on", indicator, observed, time);
    return observed;
  }

  #observed(
    uuid: string,
    time: string,
    marks: Marks,
    objects: readonly StixObject[],
    seen: { readonly first_seen?: string; readonly last_seen?: string },
  ): string {
    const first = stixDate(seen.first_seen) ?? time.replace(".000Z", "Z");
    const id = this.#add({
      type: "observed-data",
      spec_version: "2.1",
      id: `observed-data--${uuid}`,
      ...this.#common(time),
      first_observed: first,
      last_observed: stixDate(seen.last_seen) ?? first,
      number_observed: 1,
      object_refs: objects.map((object) => object.id),
      ...this.#marked(marks),
    });
    for (const object of objects) this.#add(object);
    return id;
  }

  #indicator(
    uuid: string,
    time: string,
    phase: string,
    marks: Marks,
    properties: Properties,
    seen: { readonly first_seen?: string; readonly last_seen?: string },
  ): string {
    const from = stixDate(seen.first_seen) ?? time.replace(".000Z", "Z");
    const until = stixDate(seen.last_seen);
    return this.#add({
      type: "indicator",
      spec_version: "2.1",
      id: `indicator--${uuid}`,
      ...this.#common(time),
      ...properties,
      valid_from: from,
      // STIX 2.1 §4.7: valid_until must be later than valid_from
      ...(until === undefined || until <= from ? {} : { valid_until: until }),
      kill_chain_phases: [{ kill_chain_name: "misp-category", phase_name: phase }],
      ...this.#marked(marks),
    });
  }

  #custom(attribute: MispAttribute, uuid: string, time: string, category: string, marks: Marks): string {
    return this.#add({
      type: "x-misp-attribute",
      spec_version: "2.1",
      id: `x-misp-attribute--${uuid}`,
      ...this.#common(time),
      x_misp_type: attribute.type,
      x_misp_category: category,
      x_misp_value: attribute.value,
      ...(attribute.comment === undefined || attribute.comment === "" ? {} : { x_misp_comment: attribute.comment }),
      ...(attribute.data === undefined ? {} : { x_misp_data: attribute.data }),
      ...(attribute.to_ids === undefined ? {} : this.#toIds(attribute)),
      ...this.#marked(marks),
    });
  }

  /** Said only where the type's default would say otherwise, since the default is what a reader assumes. */
  #toIds(attribute: MispAttribute): Properties {
    const { to_ids, ...silent } = attribute;
    return to_ids === meantForDetection(silent) ? {} : { x_misp_to_ids: to_ids };
  }

  #customObject(object: MispObject, uuid: string, common: Properties, meta: string): string {
    return this.#add({
      type: "x-misp-object",
      spec_version: "2.1",
      id: `x-misp-object--${uuid}`,
      ...common,
      x_misp_name: object.name,
      x_misp_meta_category: meta,
      x_misp_attributes: object.Attribute.filter(({ deleted }) => deleted !== true).map((attribute) => ({
        type: attribute.type,
        ...(attribute.object_relation === undefined ? {} : { object_relation: attribute.object_relation }),
        value: attribute.value,
        category: attribute.category ?? defaultCategory(attribute.type),
        ...(meantForDetection(attribute) ? { to_ids: true } : {}),
        uuid: attributeUuid(attribute, uuid),
        ...(attribute.data === undefined ? {} : { data: attribute.data }),
        ...(attribute.comment === undefined || attribute.comment === "" ? {} : { comment: attribute.comment }),
      })),
      ...(object.comment === undefined || object.comment === "" ? {} : { x_misp_comment: object.comment }),
    });
  }

  /** STIX 2.1 §4.13 Note: what it annotates are its object_refs. Absent: it annotates nothing, or says nothing. */
  #annotation(object: MispObject, uuid: string, common: Properties): StixObject | undefined {
    const parts = new Parts(partsOf(object));
    const text = parts.one("text");
    const refs = object.ObjectReference.filter(({ relationship_type }) => relationship_type === "annotates");
    if (text === undefined || refs.length === 0) return undefined;
    this.#annotations.set(`note--${uuid}`, new Set(refs.map(({ referenced_uuid }) => referenced_uuid)));
    return {
      type: "note",
      spec_version: "2.1",
      id: `note--${uuid}`,
      ...common,
      content: text.value,
      ...parts.custom(),
    };
  }
  /** Notes about other things of the event, and the UUIDs of these. */
  readonly #annotations = new Map<string, ReadonlySet<string>>();

  #references(object: MispObject, held: ReadonlySet<MispObject>, neighbours: ReadonlyMap<string, MispObject>): void {
    const from = this.#main.get(objectUuid(object));
    const annotated = this.#annotations.get(from ?? "");
    const note = this.#objects.get(from ?? "");
    if (annotated !== undefined && note !== undefined)
      this.#objects.set(note.id, {
        ...note,
        object_refs: [...annotated].flatMap((uuid) => this.#main.get(uuid) ?? []),
      });
    for (const reference of object.ObjectReference) {
      const other = neighbours.get(reference.referenced_uuid);
      if (from === undefined || reference.deleted === true || (other !== undefined && held.has(other))) continue;
      if (annotated?.has(reference.referenced_uuid) === true) continue;
      const to = this.#main.get(reference.referenced_uuid);
      if (to === undefined) continue;
      const time = stixTime(reference.timestamp) ?? stixTime(object.timestamp) ?? this.#holder.time;
      this.#relationship(reference.relationship_type, from, to, time, reference.uuid, reference.comment);
    }
  }

  #galaxy(galaxy: MispGalaxy): readonly string[] {
    return galaxy.GalaxyCluster.map((cluster) => {
      const object = clusterObject(galaxy, cluster, this.#common(this.#holder.time));
      if (!this.#objects.has(object.id)) return this.#add(object);
      this.#refs.push(object.id);
      return object.id;
    });
  }

  /** What an attribute's galaxies say is said of the attribute. */
  #related(main: string, galaxies: readonly MispGalaxy[], time: string): void {
    for (const galaxy of galaxies)
      for (const cluster of this.#galaxy(galaxy))
        this.#relationship(relationBetween(main, cluster), main, cluster, time);
  }

  #sightings(sightings: readonly MispSighting[], main: string): void {
    for (const [index, sighting] of sightings.entries()) {
      const time = stixTime(sighting.date_sighting) ?? this.#holder.time;
      const who = sighting.Organisation === undefined ? undefined : this.#organisation(sighting.Organisation);
      const uuid = sighting.uuid ?? derivedUuid(`${main}|${sighting.type}|${sighting.date_sighting}|${who ?? index}`);
      const common = { spec_version: "2.1", ...this.#common(time) };
      if (sighting.type === "0")
        this.#add({
          type: "sighting",
          id: `sighting--${uuid}`,
          ...common,
          ...this.#sightingOf(main),
          ...(who === undefined ? {} : { where_sighted_refs: [who] }),
        });
      else
        this.#add({
          type: "opinion",
          id: `opinion--${uuid}`,
          ...common,
          explanation: sighting.type === "1" ? "False positive Sighting" : "Expiration Sighting",
          ...(sighting.Organisation === undefined ? {} : { authors: [sighting.Organisation.name] }),
          opinion: sighting.type === "1" ? "strongly-disagree" : "disagree",
          object_refs: this.#allOf(main),
          ...(who === undefined ? {} : { x_misp_author_ref: who }),
        });
    }
  }

  /** A sighting is of what is looked for, where there is such a thing (STIX 2.1 §5.2). */
  #sightingOf(main: string): Properties {
    const [observed, indicator] = this.#allOf(main);
    return indicator === undefined
      ? { sighting_of_ref: main }
      : { sighting_of_ref: indicator, observed_data_refs: [observed] };
  }

  /** What was seen, and what looks for it. */
  #allOf(main: string): readonly string[] {
    const indicator = main.replace(/^observed-data--/, "indicator--");
    return indicator !== main && this.#objects.has(indicator) ? [main, indicator] : [main];
  }

  #report(report: MispEventReport): void {
    if (report.deleted === true) return;
    const uuid = report.uuid ?? derivedUuid(`${report.name}|${report.content}`);
    const time = stixTime(report.timestamp) ?? this.#holder.time;
    const refs = [...report.content.matchAll(/@!?\[(?:attribute|object)\]\(([0-9a-fA-F-]{36})\)/g)].flatMap(
      ([, named]) => this.#main.get((named ?? "").toLowerCase()) ?? [],
    );
    const id = this.#add({
      type: "note",
      spec_version: "2.1",
      id: `note--${uuid}`,
      ...this.#common(time),
      abstract: report.name,
      content: report.content,
      // STIX 2.1 §4.13: a note is about something; one that names nothing is about all of the event
      object_refs: refs.length > 0 ? [...new Set(refs)] : [...new Set(this.#refs)],
      labels: ['misp:data-layer="Event Report"'],
    });
    this.#opinions(report.Note, report.Opinion, id);
  }

  #opinions(notes: readonly MispOpinion[], opinions: readonly MispOpinion[], about: string): void {
    for (const [index, note] of [...notes, ...opinions].entries()) {
      const isNote = index < notes.length;
      const text = isNote ? note.note : note.comment;
      const uuid = note.uuid ?? derivedUuid(`${about}|${note.created ?? ""}|${text ?? ""}`);
      const created = stixDate(note.created)?.replace("Z", ".000Z") ?? this.#holder.time;
      const type = isNote ? "note" : "opinion";
      this.#add({
        type,
        spec_version: "2.1",
        id: `${type}--${uuid}`,
        ...this.#common(created),
        modified: stixDate(note.modified)?.replace("Z", ".000Z") ?? created,
        ...(isNote ? { content: text ?? "" } : opinionOf(note, text)),
        ...(note.authors === undefined ? {} : { authors: [note.authors] }),
        ...(note.language === undefined ? {} : { lang: note.language }),
        object_refs: this.#allOf(about),
        labels: [`misp:context-layer="Analyst ${isNote ? "Note" : "Opinion"}"`],
      });
    }
  }

  #emptyNote(uuid: string): StixObject {
    return {
      type: "note",
      spec_version: "2.1",
      id: `note--${uuid}`,
      ...this.#common(this.#holder.time),
      content: "This MISP Event is empty and contains no attribute, object, galaxy or tag.",
      object_refs: [`grouping--${uuid}`],
    };
  }

  #organisation(org: MispOrg): string {
    const id = `identity--${org.uuid ?? derivedUuid(`organisation|${org.name}`)}`;
    if (!this.#objects.has(id))
      this.#add(
        {
          type: "identity",
          spec_version: "2.1",
          id,
          created: this.#holder.time,
          modified: this.#holder.time,
          name: org.name === "" ? id : org.name,
          identity_class: "organization",
        },
        false,
      );
    return id;
  }

  #relationship(type: string, from: string, to: string, time: string, uuid?: string, comment?: string): void {
    if (from === to) return;
    this.#add({
      type: "relationship",
      spec_version: "2.1",
      id: `relationship--${uuid ?? derivedUuid(`${type}|${from}|${to}`)}`,
      ...this.#common(time),
      relationship_type: type,
      source_ref: from,
      target_ref: to,
      ...(comment === undefined || comment === "" ? {} : { description: comment }),
    });
  }

  #common(time: string): Properties {
    const { author } = this.#holder;
    return { ...(author === undefined ? {} : { created_by_ref: author }), created: time, modified: time };
  }

  #marked(marks: Marks): Properties {
    for (const ref of marks.object_marking_refs) this.#markings.add(ref);
    return markProperties(marks);
  }

  #add(object: StixObject, listed = true): string {
    this.#objects.set(object.id, object);
    if (listed) this.#refs.push(object.id);
    return object.id;
  }
}

/** Attribute types that are rules of languages STIX names (pattern-type-ov). */
const languages: ReadonlySet<string> = new Set(Object.keys(ruleObjects).filter((name) => !name.includes("-")));

/** 0 to 100 on STIX's five steps (§10.20 opinion-enum). */
const opinionOf = (note: MispOpinion, text: string | undefined): Properties => {
  const value = Number(note.opinion ?? 50);
  const steps = ["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"] as const;
  const step = value === 100 ? 4 : value > 50 ? 3 : value === 50 ? 2 : value > 0 ? 1 : 0;
  return { ...(text === undefined ? {} : { explanation: text }), opinion: steps[step], x_misp_opinion: value };
};
