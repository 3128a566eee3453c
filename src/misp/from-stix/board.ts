import { type Problem, problem } from "#core/result.ts";
import { attributeValueOf } from "./attribute-of.ts";
import { labelled } from "./cluster-of.ts";
import { domainMade } from "./domain-of.ts";
import { type Entry, newEntry } from "./entry.ts";
import { type Fact } from "./facts.ts";
import { tagsOfMarkings } from "./markings-of.ts";
import {
  distinctMade,
  flag,
  flat,
  isMade,
  labelsOf,
  referenceTo,
  sameValue,
  uuidOf,
  withPayload,
  withoutBrackets,
} from "./pieces.ts";
import { type Inside, insideOf, madeUnder } from "./seen.ts";
import type { MispEventReport, MispGalaxy, MispOpinion, MispTag } from "#misp/model.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { mispTime } from "#misp/timestamps.ts";

/**
 * A bundle on its way to one event: what was read, what became of it, and what remains. The readers beside this file take
 * from it in turn; each object is taken once.
 */
export class Board {
  readonly byId: ReadonlyMap<string, StixObject>;
  readonly scope: readonly StixObject[];
  readonly report: StixObject | undefined;
  readonly bundle: string;
  /** Indicator's id → what it is based on. */
  readonly bases = new Map<string, StixObject[]>();
  /** The other way. */
  readonly basing = new Map<string, StixObject[]>();
  readonly problems: Problem[];
  readonly entries: Entry[] = [];
  /** Entries by what they hold, under their template. */
  readonly holding = new Map<string, Entry[]>();
  /** STIX id → the entry it became (an observable, what it was seen in, and what looks for it: the same). */
  readonly entryOf = new Map<string, Entry>();
  readonly done = new Set<string>();
  readonly galaxies: MispGalaxy[] = [];
  readonly tags: MispTag[] = [];
  readonly reports: MispEventReport[] = [];
  readonly notes: MispOpinion[] = [];
  readonly opinions: MispOpinion[] = [];
  readonly lookup = (id: string): StixObject | undefined => this.byId.get(id);

  constructor(
    byId: ReadonlyMap<string, StixObject>,
    scope: readonly StixObject[],
    report: StixObject | undefined,
    bundle: string,
    problems: Problem[],
  ) {
    this.byId = byId;
    this.scope = scope;
    this.report = report;
    this.bundle = bundle;
    this.problems = problems;
    for (const tie of byId.values()) {
      if (tie.type !== "relationship" || tie["relationship_type"] !== "based-on") continue;
      const [from, to] = [byId.get(String(tie["source_ref"])), byId.get(String(tie["target_ref"]))];
      if (from === undefined || to === undefined) continue;
      this.bases.set(from.id, [...(this.bases.get(from.id) ?? []), to]);
      this.basing.set(to.id, [...(this.basing.get(to.id) ?? []), from]);
    }
  }

  take(object: StixObject, entry: Entry): Entry {
    this.done.add(object.id);
    this.entryOf.set(object.id, entry);
    this.push(entry);
    this.mark(entry, object);
    return entry;
  }

  push(entry: Entry): void {
    this.entries.push(entry);
    for (const { value, data } of entry.made)
      for (const held of new Set([value, data ?? value])) {
        const key = `${entry.template}|${held}`;
        const before = this.holding.get(key);
        if (before === undefined) this.holding.set(key, [entry]);
        else before.push(entry);
      }
  }

  mark(entry: Entry, object: StixObject): void {
    entry.tags.push(...tagsOfMarkings(object, this.lookup), ...labelsOf(object).map((name) => ({ name })));
  }

  placeless(object: StixObject): undefined {
    this.done.add(object.id);
    this.problems.push(problem("WGL_MISP_NO_PLACE", { id: object.id }));
    return undefined;
  }

  attribute(object: StixObject, type: string, facts: readonly Fact[], ids: boolean | undefined): Entry | undefined {
    const found =
      type === "vulnerability" || type === "campaign-name"
        ? { value: facts[0]?.value ?? "" }
        : attributeValueOf(type, facts);
    if (found === undefined) return this.placeless(object);
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
    return this.take(object, entry);
  }

  /** `wanted`: what an indicator looks for, which sets the flag on what says the same, and is added where nothing does. */
  object(
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
    const entries = [entry, ...this.inside(entry, inside, allIds)];
    for (const one of entries) flag(one, all, `Indicator ID: ${indicatorId}`);
    for (const one of madeUnder(name, looked.rest))
      if (!entry.made.some((draft) => sameValue(draft, one))) entry.made.push({ ...one, ids: true });
    if (entry.made.length === 0) return this.placeless(object);
    this.take(object, entry);
    for (const one of entries.slice(1)) this.push(one);
    return entry;
  }

  inside(holder: Entry, inside: readonly Inside[], ids: boolean): readonly Entry[] {
    return inside.flatMap((one) => {
      const entry = newEntry(
        { uuid: one.uuid, template: one.template, meta: "file", timestamp: holder.timestamp },
        one.made,
        ids,
      );
      holder.references.push(referenceTo(holder.uuid, one.uuid, one.relation));
      return [entry, ...this.inside(entry, one.inside, ids)];
    });
  }

  rule(object: StixObject, type: string, value: string): Entry {
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
    return this.take(object, entry);
  }

  domain(object: StixObject, name: string): void {
    const made = domainMade(name, object);
    if (made === undefined) {
      this.placeless(object);
      return;
    }
    const meta = labelled(object, "misp:meta-category") ?? "misc";
    const entry = newEntry(
      { uuid: uuidOf(object.id), template: name, meta, timestamp: mispTime(object["modified"]) },
      made,
      undefined,
    );
    this.take(object, entry);
  }
}
