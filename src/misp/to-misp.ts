import { type Problem, problem, ok, no, type Result } from "#core/result.ts";
import { attributeValueOf } from "./from-stix/attribute-of.ts";
import { clusterOf, labelled } from "./from-stix/cluster-of.ts";
import { domainMade, ruleMade, templateOfLanguage } from "./from-stix/domain-of.ts";
import { attributesOf, type Entry, newEntry, objectOf } from "./from-stix/entry.ts";
import { type Fact, factsOf, patternFacts } from "./from-stix/facts.ts";
import { tagsOfMarkings } from "./from-stix/markings-of.ts";
import {
  authorsOf,
  byMain,
  distinct,
  distinctMade,
  flag,
  flat,
  isCluster,
  isMade,
  labelsOf,
  merged,
  opinions,
  referenceTo,
  refsOf,
  rootsOf,
  sameMade,
  sameValue,
  timesOf,
  uuidOf,
  withPayload,
  withoutBrackets,
} from "./from-stix/pieces.ts";
import { type Inside, insideOf, madeUnder, ownFacts, referencesFrom, shapeOfFacts } from "./from-stix/seen.ts";
import type { Made } from "./from-stix/templates.ts";
import type { MispEvent, MispEventReport, MispGalaxy, MispOpinion, MispOrg, MispTag } from "./model.ts";
import { isObject, listIn, own, textIn } from "./own.ts";
import { truth, valueText } from "./scalar.ts";
import type { StixObject } from "./stix-object.ts";
import { mispTime } from "./timestamps.ts";
import { readUuid } from "./uuid.ts";

export interface ToMisp {
  readonly events: readonly MispEvent[];
  /** What a MISP event has no place for, each with its place in the bundle. */
  readonly problems: readonly Problem[];
}

/**
 * A STIX 2.1 bundle as MISP events: one for each report and grouping, or one for all. What MISP made comes back as it was
 * (its labels say so); of other authors, observables become attributes and objects, indicators set the detection flag on
 * what was seen with them or make attributes of their own, and domain objects become galaxy clusters.
 * @returns problems WGL_STIX_ENVELOPE
 */
export const toMisp = (bundle: unknown): Result<ToMisp> => {
  const objects = own(bundle, "type") === "bundle" ? listIn(bundle, "objects") : undefined;
  if (objects === undefined) return no("WGL_STIX_ENVELOPE");
  const problems: Problem[] = [];
  const readable: StixObject[] = [];
  for (const [index, object] of objects.entries()) {
    if (isStixObject(object)) readable.push(object);
    else problems.push(problem("WGL_STIX_OBJECT", { property: "type", wanted: "a STIX object" }, `/objects/${index}`));
  }
  const byId = new Map(readable.map((object) => [object.id, object] as const));
  const reports = readable.filter(({ type }) => type === "report" || type === "grouping");
  const claimed = new Set(reports.flatMap((report) => refsOf(report)));
  const free = readable.filter((object) => !claimed.has(object.id) && !reports.includes(object));
  const id = uuidOf(textIn(bundle, "id") ?? "");
  const heads: readonly (StixObject | undefined)[] = reports.length === 0 ? [undefined] : reports;
  const events = heads.map((report, index) => {
    const own_ = report === undefined ? [] : refsOf(report).flatMap((ref) => byId.get(ref) ?? []);
    // What no report names belongs to the first, so that nothing stays behind.
    const scope = index === 0 ? [...own_, ...free] : own_;
    return new Reading(byId, [...new Set(scope)], report, id, problems).event();
  });
  return ok({ events, problems });
};

const isStixObject = (value: unknown): value is StixObject =>
  isObject(value) && typeof value["type"] === "string" && typeof value["id"] === "string" && value["id"].includes("--");

const bookkeeping: ReadonlySet<string> = new Set([
  "relationship",
  "sighting",
  "opinion",
  "marking-definition",
  "extension-definition",
  "language-content",
]);

class Reading {
  readonly #byId: ReadonlyMap<string, StixObject>;
  readonly #scope: readonly StixObject[];
  readonly #report: StixObject | undefined;
  readonly #bundle: string;
  /** Indicator's id → what it is based on. */
  readonly #bases = new Map<string, StixObject[]>();
  /** The other way. */
  readonly #basing = new Map<string, StixObject[]>();
  readonly #problems: Problem[];
  readonly #entries: Entry[] = [];
  /** Entries by what they hold, under their template. */
  readonly #holding = new Map<string, Entry[]>();
  /** STIX id → the entry it became (an observable, what it was seen in, and what looks for it: the same). */
  readonly #entryOf = new Map<string, Entry>();
  readonly #done = new Set<string>();
  readonly #galaxies: MispGalaxy[] = [];
  readonly #tags: MispTag[] = [];
  readonly #reports: MispEventReport[] = [];
  readonly #notes: MispOpinion[] = [];
  readonly #opinions: MispOpinion[] = [];

  constructor(
    byId: ReadonlyMap<string, StixObject>,
    scope: readonly StixObject[],
    report: StixObject | undefined,
    bundle: string,
    problems: Problem[],
  ) {
    this.#byId = byId;
    this.#scope = scope;
    this.#report = report;
    this.#bundle = bundle;
    this.#problems = problems;
    for (const tie of byId.values()) {
      if (tie.type !== "relationship" || tie["relationship_type"] !== "based-on") continue;
      const [from, to] = [byId.get(String(tie["source_ref"])), byId.get(String(tie["target_ref"]))];
      if (from === undefined || to === undefined) continue;
      this.#bases.set(from.id, [...(this.#bases.get(from.id) ?? []), to]);
      this.#basing.set(to.id, [...(this.#basing.get(to.id) ?? []), from]);
    }
  }

  event(): MispEvent {
    const author = this.#author();
    const creator = author === undefined ? undefined : textIn(author, "name");
    if (creator !== undefined) this.#tags.push({ name: `misp-galaxy:producer="${creator}"` });
    if (this.#report !== undefined) {
      this.#tags.push(...tagsOfMarkings(this.#report, this.#lookup));
      this.#tags.push(...labelsOf(this.#report).map((name) => ({ name })));
    }
    this.#made();
    this.#seen();
    this.#lookedFor();
    this.#said(author, creator);
    this.#sightings();
    const uuid = this.#report === undefined ? this.#bundle : uuidOf(this.#report.id);
    const time = mispTime(this.#report?.["modified"]);
    const org: MispOrg | undefined =
      author === undefined ? undefined : { name: textIn(author, "name") ?? "", uuid: uuidOf(author.id) };
    const published = mispTime(this.#report?.["published"]);
    return {
      uuid,
      info:
        (this.#report === undefined ? undefined : textIn(this.#report, "name")) ?? `STIX 2.1 bundle--${this.#bundle}`,
      distribution: "0",
      ...(this.#report?.type === "report" ? { published: true } : { published: false }),
      ...(time === undefined
        ? {}
        : { timestamp: time, date: new Date(Number(time) * 1000).toISOString().slice(0, 10) }),
      ...(published === undefined ? {} : { publish_timestamp: published }),
      ...(org === undefined ? {} : { Orgc: org }),
      Tag: distinct(this.#tags),
      Attribute: this.#entries.filter(({ template }) => template === "").flatMap((entry) => attributesOf(entry)),
      Object: this.#entries.filter(({ template }) => template !== "").map(objectOf),
      Galaxy: merged(this.#galaxies),
      EventReport: this.#reports,
      Note: this.#notes,
      Opinion: this.#opinions,
    };
  }

  readonly #lookup = (id: string): StixObject | undefined => this.#byId.get(id);

  #author(): StixObject | undefined {
    const ref =
      textIn(this.#report, "created_by_ref") ?? this.#scope.flatMap((one) => textIn(one, "created_by_ref") ?? [])[0];
    return ref === undefined ? undefined : this.#lookup(ref);
  }

  /** What MISP made, told by its labels. */
  #made(): void {
    for (const object of this.#scope) {
      const [type, name] = [labelled(object, "misp:type"), labelled(object, "misp:name")];
      if (object.type === "x-misp-attribute") this.#customAttribute(object);
      else if (object.type === "x-misp-object") this.#customObject(object);
      else if (object.type === "observed-data" && (type !== undefined || name !== undefined))
        this.#observed(object, type, name);
      else if (object.type === "indicator" && (type !== undefined || name !== undefined) && !this.#isBased(object))
        this.#indicator(object, type, name);
      else if (type !== undefined && (object.type === "vulnerability" || object.type === "campaign"))
        this.#attribute(object, type, [{ path: "name", value: textIn(object, "name") ?? "" }], undefined);
      else if (name !== undefined && object.type !== "observed-data" && object.type !== "indicator")
        this.#domain(object, name);
    }
  }

  /** An indicator of the same thing as an observed-data of this event: it only sets the flag. */
  #isBased(indicator: StixObject): boolean {
    const observed = this.#byId.get(indicator.id.replace("indicator--", "observed-data--"));
    if (observed !== undefined && sameMade(observed, indicator)) return true;
    return (this.#bases.get(indicator.id) ?? []).some((one) => sameMade(one, indicator));
  }

  #indicatorOf(observed: StixObject): StixObject | undefined {
    const same = this.#byId.get(observed.id.replace("observed-data--", "indicator--"));
    if (same !== undefined && sameMade(observed, same)) return same;
    return (this.#basing.get(observed.id) ?? []).find((one) => one.type === "indicator" && sameMade(observed, one));
  }

  #observed(observed: StixObject, type: string | undefined, name: string | undefined): void {
    const indicator = this.#indicatorOf(observed);
    const objects = refsOf(observed).flatMap((ref) => this.#byId.get(ref) ?? []);
    for (const object of objects) this.#done.add(object.id);
    const entry =
      type === undefined
        ? this.#observedObject(observed, name ?? "", objects, indicator)
        : this.#observedAttribute(observed, type, objects, indicator);
    if (entry === undefined) return;
    const [first, last] = [textIn(observed, "first_observed"), textIn(observed, "last_observed")];
    if (first !== undefined && last !== undefined && first !== last) {
      entry.first = first;
      entry.last = last;
    }
    this.#entryOf.set(observed.id, entry);
    if (indicator === undefined) return;
    this.#entryOf.set(indicator.id, entry);
    this.#done.add(indicator.id);
  }

  #observedAttribute(
    observed: StixObject,
    type: string,
    objects: readonly StixObject[],
    indicator: StixObject | undefined,
  ): Entry | undefined {
    const facts = objects.toSorted(byMain).flatMap((object) => factsOf(object, this.#lookup));
    return this.#attribute(observed, type, facts, indicator !== undefined);
  }

  #observedObject(
    observed: StixObject,
    name: string,
    objects: readonly StixObject[],
    indicator: StixObject | undefined,
  ): Entry | undefined {
    const roots = rootsOf(objects);
    const facts = roots.flatMap((object) => factsOf(object, this.#lookup));
    const wanted = indicator === undefined ? [] : (patternFacts(textIn(indicator, "pattern") ?? "")?.facts ?? []);
    return this.#object(observed, name, facts, wanted, roots[0]);
  }

  #attribute(object: StixObject, type: string, facts: readonly Fact[], ids: boolean | undefined): Entry | undefined {
    const found =
      type === "vulnerability" || type === "campaign-name"
        ? { value: facts[0]?.value ?? "" }
        : attributeValueOf(type, facts);
    if (found === undefined) return this.#placeless(object);
    const category = labelled(object, "misp:category");
    const entry = newEntry(
      {
        uuid: uuidOf(object.id),
        template: "",
        timestamp: mispTime(object["modified"]),
        ...(category === undefined ? {} : { category }),
      },
      [{ relation: type, type, ...found }],
      ids,
    );
    return this.#take(object, entry);
  }

  /** `wanted`: what an indicator looks for, which sets the flag on what says the same, and is added where nothing does. */
  #object(
    object: StixObject,
    name: string,
    facts: readonly Fact[],
    wanted: readonly Fact[],
    root: StixObject | undefined,
    allIds = false,
  ): Entry | undefined {
    const uuid = uuidOf(object.id);
    const { rest, inside } = insideOf(name, facts, uuid);
    const meta = labelled(object, "misp:meta-category") ?? "misc";
    const made = withPayload(madeUnder(name, rest), root);
    const looked = insideOf(name, wanted, uuid);
    const all = [...madeUnder(name, looked.rest), ...looked.inside.flatMap(flat)];
    const entry = newEntry(
      { uuid, template: name, meta, timestamp: mispTime(object["modified"]) },
      distinctMade(made),
      allIds,
    );
    const indicatorId = object.id.replace("observed-data--", "indicator--");
    const entries = [entry, ...this.#inside(entry, inside, allIds)];
    for (const one of entries) flag(one, all, `Indicator ID: ${indicatorId}`);
    for (const one of madeUnder(name, looked.rest))
      if (!entry.made.some((draft) => sameValue(draft, one))) entry.made.push({ ...one, ids: true });
    if (entry.made.length === 0) return this.#placeless(object);
    this.#take(object, entry);
    for (const one of entries.slice(1)) this.#push(one);
    return entry;
  }

  #inside(holder: Entry, inside: readonly Inside[], ids: boolean): readonly Entry[] {
    return inside.flatMap((one) => {
      const entry = newEntry(
        { uuid: one.uuid, template: one.template, meta: "file", timestamp: holder.timestamp },
        one.made,
        ids,
      );
      holder.references.push(referenceTo(holder.uuid, one.uuid, one.relation));
      return [entry, ...this.#inside(entry, one.inside, ids)];
    });
  }

  #indicator(object: StixObject, type: string | undefined, name: string | undefined): void {
    const pattern = textIn(object, "pattern") ?? "";
    const language = textIn(object, "pattern_type") ?? "stix";
    const description = textIn(object, "description");
    let entry: Entry | undefined;
    if (language !== "stix")
      entry = name === undefined ? this.#rule(object, type ?? language, pattern) : this.#ruleObject(object, name);
    else {
      const facts = patternFacts(pattern)?.facts;
      if (facts === undefined) entry = this.#rule(object, "stix2-pattern", pattern);
      else if (type !== undefined) entry = this.#attribute(object, type, facts, true);
      else entry = this.#object(object, name ?? "", facts, [], undefined, true);
    }
    if (entry !== undefined && description !== undefined && language === "stix") entry.comment = description;
    if (entry !== undefined && description !== undefined && entry.template === "") entry.comment = description;
  }

  #rule(object: StixObject, type: string, value: string): Entry {
    const category = labelled(object, "misp:category");
    const entry = newEntry(
      {
        uuid: uuidOf(object.id),
        template: "",
        timestamp: mispTime(object["modified"]),
        ...(category === undefined ? {} : { category }),
      },
      [{ relation: type, type, value: isMade(object) ? withoutBrackets(value) : value }],
      true,
    );
    return this.#take(object, entry);
  }

  #ruleObject(object: StixObject, name: string): Entry | undefined {
    const made = ruleMade(name, object);
    if (made === undefined) return this.#placeless(object);
    const meta = labelled(object, "misp:meta-category") ?? "misc";
    return this.#take(
      object,
      newEntry(
        { uuid: uuidOf(object.id), template: name, meta, timestamp: mispTime(object["modified"]) },
        made,
        undefined,
      ),
    );
  }

  #domain(object: StixObject, name: string): void {
    const made = domainMade(name, object);
    if (made === undefined) {
      this.#placeless(object);
      return;
    }
    const meta = labelled(object, "misp:meta-category") ?? "misc";
    const entry = newEntry(
      { uuid: uuidOf(object.id), template: name, meta, timestamp: mispTime(object["modified"]) },
      made,
      undefined,
    );
    this.#take(object, entry);
  }

  #customAttribute(object: StixObject): void {
    const type = textIn(object, "x_misp_type") ?? "other";
    const category = textIn(object, "x_misp_category");
    const comment = textIn(object, "x_misp_comment");
    const data = textIn(object, "x_misp_data");
    const value = valueText(own(object, "x_misp_value")) ?? "";
    this.#take(
      object,
      newEntry(
        {
          uuid: uuidOf(object.id),
          template: "",
          timestamp: mispTime(object["modified"]),
          ...(category === undefined ? {} : { category }),
          ...(comment === undefined ? {} : { comment }),
        },
        [{ relation: type, type, value, ...(data === undefined ? {} : { data }) }],
        truth(own(object, "x_misp_to_ids")),
      ),
    );
  }

  #customObject(object: StixObject): void {
    const name = textIn(object, "x_misp_name") ?? "misc";
    const meta = textIn(object, "x_misp_meta_category") ?? "misc";
    const entry = newEntry(
      { uuid: uuidOf(object.id), template: name, meta, timestamp: mispTime(object["modified"]) },
      [],
      undefined,
    );
    for (const attribute of listIn(object, "x_misp_attributes")) {
      const [type, value] = [textIn(attribute, "type"), valueText(own(attribute, "value"))];
      if (type === undefined || value === undefined) continue;
      const [data, uuid] = [textIn(attribute, "data"), readUuid(own(attribute, "uuid"))];
      entry.made.push({
        relation: textIn(attribute, "object_relation") ?? type,
        type,
        value,
        ids: truth(own(attribute, "to_ids")),
        ...(data === undefined ? {} : { data }),
        ...(uuid === undefined ? {} : { uuid }),
      });
    }
    this.#take(object, entry);
  }

  /** Observables of other authors, with or without observed-data around them. */
  #seen(): void {
    const around = new Map<string, StixObject[]>();
    for (const observed of this.#scope)
      if (observed.type === "observed-data" && !this.#done.has(observed.id))
        for (const ref of refsOf(observed)) around.set(ref, [...(around.get(ref) ?? []), observed]);
    const named = [...around.keys()].flatMap((ref) => this.#byId.get(ref) ?? []);
    const objects = [...new Set([...this.#scope, ...named])].filter(
      ({ id }) => !this.#done.has(id) && !this.#entryOf.has(id),
    );
    const taken = new Set<string>();
    const drafts = objects.flatMap((object) => {
      const { facts, taken: inner } = ownFacts(object, this.#lookup);
      const shape = shapeOfFacts(object.type, facts);
      if (shape === undefined) return [];
      for (const id of inner) taken.add(id);
      return [{ object, facts, shape }];
    });
    const aliased = new Set(
      drafts
        .flatMap(({ object }) => (object.type === "domain-name" ? referencesFrom(object) : []))
        .flatMap(({ from, to }) => [from, to]),
    );
    for (const { object, facts, shape } of drafts) {
      this.#done.add(object.id);
      if (taken.has(object.id)) continue;
      const isAliased =
        object.type === "domain-name" && aliased.has(object.id) && shape.template === "" && this.#isAlias(object);
      const entry = this.#foreign(
        object,
        facts,
        isAliased ? { template: "domain-ip", meta: "network", made: madeUnder("domain-ip", facts) } : shape,
      );
      for (const observed of around.get(object.id) ?? []) {
        this.#entryOf.set(observed.id, entry);
        this.#done.add(observed.id);
        entry.comment = [entry.comment, `Observed Data ID: ${observed.id}`]
          .filter((part) => part !== undefined)
          .join(" - ");
        const [first, last] = [textIn(observed, "first_observed"), textIn(observed, "last_observed")];
        if (first !== undefined && first !== last) {
          entry.first = first;
          if (last !== undefined) entry.last = last;
        }
      }
    }
    for (const { object } of drafts)
      for (const { from, to, relation } of referencesFrom(object)) {
        const [a, b] = [this.#entryOf.get(from), this.#entryOf.get(to)];
        if (a !== undefined && b !== undefined && a !== b && a.template !== "")
          a.references.push(referenceTo(a.uuid, b.uuid, relation));
      }
  }

  /** A name that resolves to another name, or is resolved to: the two are told apart only as objects. */
  #isAlias(object: StixObject): boolean {
    return referencesFrom(object).some(({ to }) => this.#byId.get(to)?.type === "domain-name");
  }

  #foreign(
    object: StixObject,
    facts: readonly Fact[],
    shape: { readonly template: string; readonly meta: string; readonly made: readonly Made[] },
  ): Entry {
    const uuid = uuidOf(object.id);
    const { rest, inside } = insideOf(shape.template, facts, uuid);
    const made = inside.length === 0 ? shape.made : madeUnder(shape.template, rest);
    const time = mispTime(object["modified"]) ?? mispTime(this.#report?.["modified"]);
    const entry = newEntry(
      { uuid, template: shape.template, meta: shape.meta, timestamp: time },
      withPayload(made, object),
      false,
    );
    this.#take(object, entry);
    for (const one of this.#inside(entry, inside, false)) this.#push(one);
    return entry;
  }

  /** Indicators of other authors: they flag what was seen, or make attributes of their own. */
  #lookedFor(): void {
    for (const object of this.#scope) {
      if (object.type !== "indicator" || this.#done.has(object.id) || this.#entryOf.has(object.id)) continue;
      const pattern = textIn(object, "pattern") ?? "";
      const language = textIn(object, "pattern_type") ?? "stix";
      if (language !== "stix") this.#foreignRule(object, language, pattern);
      else this.#foreignPattern(object, pattern);
    }
  }

  #foreignRule(object: StixObject, language: string, pattern: string): void {
    const template = templateOfLanguage(language);
    const isNamed = textIn(object, "name") !== undefined || listIn(object, "external_references").length > 0;
    if (template === undefined || !isNamed) {
      const entry = this.#rule(object, template === undefined ? "text" : language, pattern);
      const description = textIn(object, "description");
      if (description !== undefined) entry.comment = description;
    } else {
      const made = (ruleMade(template, object) ?? []).filter(({ relation }) => relation !== "version");
      this.#take(
        object,
        newEntry(
          { uuid: uuidOf(object.id), template, meta: "misc", timestamp: mispTime(object["modified"]) },
          made,
          undefined,
        ),
      );
    }
  }

  #foreignPattern(object: StixObject, pattern: string): void {
    const read = patternFacts(pattern);
    const uuid = uuidOf(object.id);
    const template = read === undefined ? undefined : shapeOfFacts(read.type, read.facts);
    const { rest, inside } =
      read === undefined || template === undefined
        ? { rest: [], inside: [] }
        : insideOf(template.template, read.facts, uuid);
    const shape =
      read === undefined || template === undefined
        ? undefined
        : inside.length === 0
          ? template
          : { ...template, made: madeUnder(template.template, rest) };
    const description = textIn(object, "description");
    if (shape === undefined || shape.made.length === 0) {
      const entry = this.#rule(object, "stix2-pattern", pattern);
      if (description !== undefined) entry.comment = description;
      return;
    }
    const said = [...shape.made, ...inside.flatMap(flat)];
    const seen =
      inside.length > 0
        ? []
        : (this.#holding.get(`${shape.template}|${said[0]?.value ?? ""}`) ?? []).filter((entry) =>
            said.every((one) => entry.made.some((draft) => sameValue(draft, one))),
          );
    if (seen.length > 0) {
      for (const entry of seen) {
        flag(entry, said, `Indicator ID: ${object.id}`);
        this.#entryOf.set(object.id, entry);
        this.#mark(entry, object);
      }
      return;
    }
    const entry = newEntry(
      { uuid, template: shape.template, meta: shape.meta, timestamp: mispTime(object["modified"]) },
      withPayload(shape.made, object),
      true,
    );
    if (description !== undefined) entry.comment = description;
    this.#take(object, entry);
    for (const one of this.#inside(entry, inside, true)) this.#push(one);
  }

  /** Everything else: galaxies, people, places, notes, and the ties between them. */
  #said(author: StixObject | undefined, source: string | undefined): void {
    const watchers = new Set(
      this.#scope.flatMap((one) => [...listIn(one, "where_sighted_refs"), own(one, "x_misp_author_ref")]),
    );
    const clusters = new Map<string, ReturnType<typeof clusterOf>>();
    for (const object of this.#scope) {
      const isPerson = object.type === "identity" && (object === author || watchers.has(object.id));
      if (this.#entryOf.has(object.id) || this.#done.has(object.id) || bookkeeping.has(object.type) || isPerson)
        continue;
      if (object.type === "note") this.#note(object);
      else if (isCluster(object)) clusters.set(object.id, clusterOf(object, source));
      else if (object.type === "identity") this.#domain(object, "identity");
      else if (object.type === "location") this.#domain(object, "geolocation");
      else if (object.type === "malware-analysis") this.#domain(object, "malware-analysis");
      else if (object.type !== "observed-data" || refsOf(object).length === 0) this.#placeless(object);
    }
    const tied = this.#ties(clusters);
    for (const [id, { galaxy, tag }] of clusters) {
      if (tied.has(id)) continue;
      this.#galaxies.push(galaxy);
      if (tag !== undefined) this.#tags.push(tag);
    }
  }

  #ties(clusters: ReadonlyMap<string, ReturnType<typeof clusterOf>>): ReadonlySet<string> {
    const tied = new Set<string>();
    for (const tie of this.#scope) {
      if (tie.type !== "relationship" || tie["relationship_type"] === "based-on") continue;
      const [from, to] = [String(tie["source_ref"]), String(tie["target_ref"])];
      const [a, b, cluster] = [this.#entryOf.get(from), this.#entryOf.get(to), clusters.get(to)];
      if (a !== undefined && cluster !== undefined) {
        tied.add(to);
        a.galaxies.push(cluster.galaxy);
        if (cluster.tag !== undefined) a.tags.push(cluster.tag);
      } else if (a !== undefined && b !== undefined && a !== b && a.template !== "")
        a.references.push({ ...referenceTo(a.uuid, b.uuid, String(tie["relationship_type"])), uuid: uuidOf(tie.id) });
    }
    for (const object of this.#scope) {
      const entry = this.#entryOf.get(object.id);
      if (object.type !== "note" || entry?.template !== "annotation") continue;
      const about = new Set(refsOf(object).flatMap((ref) => this.#entryOf.get(ref)?.uuid ?? []));
      for (const uuid of about) entry.references.push(referenceTo(entry.uuid, uuid, "annotates"));
    }
    return tied;
  }

  #note(object: StixObject): void {
    const text = textIn(object, "content") ?? "";
    const isEmpty = text === "This MISP Event is empty and contains no attribute, object, galaxy or tag.";
    if (isEmpty) return;
    if (labelled(object, "misp:context-layer") !== undefined) {
      this.#notes.push({ uuid: uuidOf(object.id), note: text, ...authorsOf(object), ...timesOf(object) });
      return;
    }
    const time = mispTime(object["modified"]);
    this.#reports.push({
      uuid: uuidOf(object.id),
      name: textIn(object, "abstract") ?? text.slice(0, 80),
      content: text,
      ...(time === undefined ? {} : { timestamp: time }),
      Note: [],
      Opinion: [],
    });
  }

  #sightings(): void {
    for (const object of this.#scope) {
      if (object.type === "sighting") {
        const entry = this.#entryOf.get(String(object["sighting_of_ref"]));
        if (entry === undefined) this.#placeless(object);
        else this.#sighted(entry, object, "0", listIn(object, "where_sighted_refs")[0]);
      } else if (object.type === "opinion") {
        const entry = refsOf(object).flatMap((ref) => this.#entryOf.get(ref) ?? [])[0];
        const isSighting = textIn(object, "explanation")?.endsWith(" Sighting") === true;
        if (entry !== undefined && isSighting)
          this.#sighted(
            entry,
            object,
            object["opinion"] === "strongly-disagree" ? "1" : "2",
            own(object, "x_misp_author_ref"),
          );
        else {
          const comment = textIn(object, "explanation");
          const value = valueText(own(object, "x_misp_opinion")) ?? opinions[String(object["opinion"])] ?? "50";
          this.#opinions.push({
            uuid: uuidOf(object.id),
            opinion: value,
            ...(comment === undefined ? {} : { comment }),
            ...authorsOf(object),
            ...timesOf(object),
          });
        }
      }
    }
  }

  #sighted(entry: Entry, object: StixObject, type: string, who: unknown): void {
    const organisation = typeof who === "string" ? this.#byId.get(who) : undefined;
    entry.sightings.push({
      uuid: uuidOf(object.id),
      type,
      date_sighting: mispTime(object["last_seen"] ?? object["created"]) ?? "0",
      ...(organisation === undefined
        ? {}
        : { Organisation: { name: textIn(organisation, "name") ?? "", uuid: uuidOf(organisation.id) } }),
    });
  }

  #take(object: StixObject, entry: Entry): Entry {
    this.#done.add(object.id);
    this.#entryOf.set(object.id, entry);
    this.#push(entry);
    this.#mark(entry, object);
    return entry;
  }

  #push(entry: Entry): void {
    this.#entries.push(entry);
    for (const { value, data } of entry.made)
      for (const held of new Set([value, data ?? value])) {
        const key = `${entry.template}|${held}`;
        const before = this.#holding.get(key);
        if (before === undefined) this.#holding.set(key, [entry]);
        else before.push(entry);
      }
  }

  #mark(entry: Entry, object: StixObject): void {
    entry.tags.push(...tagsOfMarkings(object, this.#lookup), ...labelsOf(object).map((name) => ({ name })));
  }

  #placeless(object: StixObject): undefined {
    this.#done.add(object.id);
    this.#problems.push(problem("WGL_MISP_NO_PLACE", { id: object.id }));
    return undefined;
  }
}
