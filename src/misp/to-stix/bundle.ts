import type { Instant } from "#core/instant.ts";
import type { MispGalaxy, MispOrg } from "#misp/model.ts";
import type { StixBundle, StixObject } from "#misp/stix-object.ts";
import { stixDate } from "#misp/timestamps.ts";
import { clusterObject } from "./galaxy.ts";
import { type Marks, markingDefinitions, markProperties } from "./labels.ts";
import { type PatternDialect } from "./pattern-text.ts";
import { relationBetween } from "./relation.ts";
import { derivedUuid } from "#misp/uuid.ts";

export interface FromMispOptions {
  /** Where an attribute and its event say no time. */
  readonly now: Instant;
  /** Absent: "misp", as MISP's own exports have it (to-stix/pattern-text.ts). */
  readonly patterns?: PatternDialect;
}

export type Properties = Readonly<Record<string, unknown>>;

/** What all objects of one event share. */
interface Holder {
  readonly author: string | undefined;
  readonly time: string;
}

/** A bundle as it grows: the objects of one event after the other, and what each of MISP's UUIDs became. */
export class Bundle {
  readonly dialect: PatternDialect;
  readonly now: string;
  readonly objects = new Map<string, StixObject>();
  readonly markings = new Set<string>();
  holder: Holder;
  /** MISP UUID → id of the STIX object that relationships of it start and end at. */
  main = new Map<string, string>();
  refs: string[] = [];
  /** Notes about other things of the event, and the UUIDs of these. */
  readonly annotations = new Map<string, ReadonlySet<string>>();

  constructor({ now, patterns }: FromMispOptions) {
    this.dialect = patterns ?? "misp";
    this.now = new Date(now).toISOString();
    this.holder = { author: undefined, time: this.now };
  }

  done(): StixBundle {
    const objects = [...this.objects.values(), ...markingDefinitions(this.markings)];
    const name = objects.map(({ id }) => id).join("|");
    return { type: "bundle", id: `bundle--${derivedUuid(name)}`, objects };
  }

  begin(holder: Holder): void {
    this.holder = holder;
    this.main = new Map();
    this.refs = [];
  }

  observed(
    uuid: string,
    time: string,
    marks: Marks,
    objects: readonly StixObject[],
    seen: { readonly first_seen?: string; readonly last_seen?: string },
  ): string {
    const first = stixDate(seen.first_seen) ?? time.replace(".000Z", "Z");
    const id = this.add({
      type: "observed-data",
      spec_version: "2.1",
      id: `observed-data--${uuid}`,
      ...this.common(time),
      first_observed: first,
      last_observed: stixDate(seen.last_seen) ?? first,
      number_observed: 1,
      object_refs: objects.map((object) => object.id),
      ...this.marked(marks),
    });
    for (const object of objects) this.add(object);
    return id;
  }

  indicator(
    uuid: string,
    time: string,
    phase: string,
    marks: Marks,
    properties: Properties,
    seen: { readonly first_seen?: string; readonly last_seen?: string },
  ): string {
    const from = stixDate(seen.first_seen) ?? time.replace(".000Z", "Z");
    const until = stixDate(seen.last_seen);
    return this.add({
      type: "indicator",
      spec_version: "2.1",
      id: `indicator--${uuid}`,
      ...this.common(time),
      ...properties,
      valid_from: from,
      // STIX 2.1 §4.7: valid_until must be later than valid_from
      ...(until === undefined || until <= from ? {} : { valid_until: until }),
      kill_chain_phases: [{ kill_chain_name: "misp-category", phase_name: phase }],
      ...this.marked(marks),
    });
  }

  galaxy(galaxy: MispGalaxy): readonly string[] {
    return galaxy.GalaxyCluster.map((cluster) => {
      const object = clusterObject(galaxy, cluster, this.common(this.holder.time));
      if (!this.objects.has(object.id)) return this.add(object);
      this.refs.push(object.id);
      return object.id;
    });
  }

  /** What an attribute's galaxies say is said of the attribute. */
  related(main: string, galaxies: readonly MispGalaxy[], time: string): void {
    for (const galaxy of galaxies)
      for (const cluster of this.galaxy(galaxy)) this.relationship(relationBetween(main, cluster), main, cluster, time);
  }

  /** A sighting is of what is looked for, where there is such a thing (STIX 2.1 §5.2). */
  sightingOf(main: string): Properties {
    const [observed, indicator] = this.allOf(main);
    return indicator === undefined
      ? { sighting_of_ref: main }
      : { sighting_of_ref: indicator, observed_data_refs: [observed] };
  }

  /** What was seen, and what looks for it. */
  allOf(main: string): readonly string[] {
    const indicator = main.replace(/^observed-data--/, "indicator--");
    return indicator !== main && this.objects.has(indicator) ? [main, indicator] : [main];
  }

  organisation(org: MispOrg): string {
    const id = `identity--${org.uuid ?? derivedUuid(`organisation|${org.name}`)}`;
    if (!this.objects.has(id))
      this.add(
        {
          type: "identity",
          spec_version: "2.1",
          id,
          created: this.holder.time,
          modified: this.holder.time,
          name: org.name === "" ? id : org.name,
          identity_class: "organization",
        },
        false,
      );
    return id;
  }

  relationship(type: string, from: string, to: string, time: string, uuid?: string, comment?: string): void {
    if (from === to) return;
    this.add({
      type: "relationship",
      spec_version: "2.1",
      id: `relationship--${uuid ?? derivedUuid(`${type}|${from}|${to}`)}`,
      ...this.common(time),
      relationship_type: type,
      source_ref: from,
      target_ref: to,
      ...(comment === undefined || comment === "" ? {} : { description: comment }),
    });
  }

  common(time: string): Properties {
    const { author } = this.holder;
    return { ...(author === undefined ? {} : { created_by_ref: author }), created: time, modified: time };
  }

  marked(marks: Marks): Properties {
    for (const ref of marks.object_marking_refs) this.markings.add(ref);
    return markProperties(marks);
  }

  add(object: StixObject, listed = true): string {
    this.objects.set(object.id, object);
    if (listed) this.refs.push(object.id);
    return object.id;
  }
}
