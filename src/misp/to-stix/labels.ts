import type { MispTag } from "#misp/model.ts";
import type { StixObject } from "#misp/stix-object.ts";

/** What tags become on a STIX object: its labels, markings and confidence. */
export interface Marks {
  readonly labels: readonly string[];
  readonly object_marking_refs: readonly string[];
  readonly confidence?: number;
}

const tlp1 = (colour: string, id: string): StixObject => ({
  type: "marking-definition",
  spec_version: "2.1",
  id: `marking-definition--${id}`,
  created: "2017-01-20T00:00:00.000Z",
  definition_type: "tlp",
  name: `TLP:${colour.toUpperCase()}`,
  definition: { tlp: colour },
});

const tlp20 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
const tlp2 = (colour: string, id: string): StixObject => ({
  type: "marking-definition",
  spec_version: "2.1",
  id: `marking-definition--${id}`,
  created: "2022-10-01T00:00:00.000Z",
  name: `TLP:${colour.toUpperCase()}`,
  extensions: { [tlp20]: { extension_type: "property-extension", tlp_2_0: colour } },
});

/**
 * Tag → the marking definition it names. MISP's "tlp:white", "tlp:green", "tlp:amber" and "tlp:red" are the four of TLP 1
 * (STIX 2.1 §7.2.1.4); those that only TLP 2.0 has are of its extension.
 */
const tlpMarkings: ReadonlyMap<string, StixObject> = new Map([
  ["tlp:white", tlp1("white", "613f2e26-407d-48c7-9eca-b8e91df99dc9")],
  ["tlp:green", tlp1("green", "34098fce-860f-48ae-8e50-ebd3cc5e41da")],
  ["tlp:amber", tlp1("amber", "f88d31f6-486f-44da-b317-01333bde0b82")],
  ["tlp:red", tlp1("red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed")],
  ["tlp:clear", tlp2("clear", "94868c89-83c2-464b-929b-a1a8aa3c8487")],
  ["tlp:amber+strict", tlp2("amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003")],
]);

/** Definitions of the markings that are used, for the bundle. */
export const markingDefinitions = (refs: ReadonlySet<string>): readonly StixObject[] =>
  [...tlpMarkings.values()].filter(({ id }) => refs.has(id));

/** MISP taxonomy "misp:confidence-level", and Admiralty credibility, on the scale of STIX 2.1 Appendix A. */
const confidences: Readonly<Record<string, number>> = {
  'misp:confidence-level="completely-confident"': 100,
  'misp:confidence-level="usually-confident"': 75,
  'misp:confidence-level="fairly-confident"': 50,
  'misp:confidence-level="rarely-confident"': 25,
  'misp:confidence-level="unconfident"': 0,
  'admiralty-scale:information-credibility="1"': 90,
  'admiralty-scale:information-credibility="2"': 70,
  'admiralty-scale:information-credibility="3"': 50,
  'admiralty-scale:information-credibility="4"': 30,
  'admiralty-scale:information-credibility="5"': 10,
};

/** Several confidences: the lowest, since all of them are claimed at once. */
export const marksOf = (tags: readonly MispTag[], first: readonly string[] = []): Marks => {
  const labels = [...first];
  const refs: string[] = [];
  let confidence: number | undefined;
  for (const { name } of tags) {
    const marking = tlpMarkings.get(name.toLowerCase());
    if (marking !== undefined) refs.push(marking.id);
    else if (!name.startsWith("misp-galaxy:")) labels.push(name);
    const level = Object.hasOwn(confidences, name) ? confidences[name] : undefined;
    if (level !== undefined) confidence = Math.min(confidence ?? level, level);
  }
  return {
    labels: [...new Set(labels)],
    object_marking_refs: [...new Set(refs)],
    ...(confidence === undefined ? {} : { confidence }),
  };
};

/** The same for spreading into an object: nothing empty is written. */
export const markProperties = (marks: Marks): Readonly<Record<string, unknown>> => ({
  ...(marks.labels.length === 0 ? {} : { labels: marks.labels }),
  ...(marks.object_marking_refs.length === 0 ? {} : { object_marking_refs: marks.object_marking_refs }),
  ...(marks.confidence === undefined ? {} : { confidence: marks.confidence }),
});
