import { readValue } from "#core/recognise.ts";
import { no } from "#core/result.ts";
import { rsitTypes } from "#core/rsit.ts";
import { type Json, json, type MispDo } from "./call.ts";
import { organisationNumber, tagJson } from "./shape.ts";

/** Vocabularies that waglan itself reads; tags of any other are kept as they are. */
const taxonomies: readonly {
  readonly namespace: string;
  readonly description: string;
  readonly tags: readonly string[];
}[] = [
  {
    namespace: "tlp",
    description: "Traffic Light Protocol 2.0 (FIRST)",
    tags: ["tlp:red", "tlp:amber+strict", "tlp:amber", "tlp:green", "tlp:clear"],
  },
  {
    namespace: "PAP",
    description: "Permissible Actions Protocol",
    tags: ["PAP:RED", "PAP:AMBER", "PAP:GREEN", "PAP:CLEAR"],
  },
  {
    namespace: "admiralty-scale",
    description: "Source reliability and information credibility",
    tags: [
      ...["a", "b", "c", "d", "e", "f"].map((letter) => `admiralty-scale:source-reliability="${letter}"`),
      ...["1", "2", "3", "4", "5", "6"].map((digit) => `admiralty-scale:information-credibility="${digit}"`),
    ],
  },
  {
    namespace: "rsit",
    description: "Reference Security Incident Taxonomy",
    tags: Object.entries(rsitTypes).map(([type, { class: of }]) => `rsit:${of}="${type}"`),
  },
];

const taxonomyJson = ({ namespace, description, tags }: (typeof taxonomies)[number]): Json => ({
  Taxonomy: {
    id: organisationNumber(namespace),
    namespace,
    description,
    version: "1",
    enabled: true,
    exclusive: namespace !== "rsit",
    required: false,
    highlighted: false,
  },
  total_count: tags.length,
  current_count: tags.length,
});

export const listTaxonomies: MispDo = async () => json(taxonomies.map(taxonomyJson));

export const viewTaxonomy: MispDo = async (_here, call) => {
  const wanted = call.params[0];
  const found = taxonomies.find((one) => organisationNumber(one.namespace) === wanted || one.namespace === wanted);
  return found === undefined
    ? no("WGL_ABSENT")
    : json({
        ...(taxonomyJson(found)["Taxonomy"] as Json),
        Taxonomy: taxonomyJson(found)["Taxonomy"],
        entries: found.tags.map((tag) => ({ tag, expanded: tag, existing_tag: tagJson(tag) })),
      });
};

/** `warninglists/index`: what keeps values out of lists here. */
export const listWarninglists: MispDo = async (here) => {
  const lists = here.desk.exclusions();
  const all = {
    id: "1",
    name: "Exclusions in force",
    type: "mixed",
    description: "Reserved ranges and warning lists",
    version: "1",
    enabled: true,
    warninglist_entry_count: String(lists.size),
    valid_attributes: "",
  };
  return json({ Warninglists: [{ Warninglist: all }] });
};

export const viewWarninglist: MispDo = async (here, call) =>
  call.params[0] === "1"
    ? json({
        Warninglist: {
          id: "1",
          name: "Exclusions in force",
          type: "mixed",
          description: "Reserved ranges and warning lists",
          enabled: true,
          warninglist_entry_count: String(here.desk.exclusions().size),
          WarninglistEntry: [],
        },
      })
    : no("WGL_ABSENT");

/** `warninglists/checkValue`: by value, the lists it is on. */
export const checkWarninglists: MispDo = async (here, call) => {
  const asked = Array.isArray(call.body) ? call.body : [call.input["value"] ?? call.input["values"] ?? []].flat();
  const found: Record<string, readonly Json[]> = Object.create(null);
  for (const value of asked.slice(0, 10_000).map(String)) {
    const read = readValue(value);
    const excluded = read.ok ? here.desk.exclusions().excluded(read.value.observable) : undefined;
    if (excluded !== undefined) found[value] = [{ id: "1", name: excluded.list, matched: excluded.reason }];
  }
  return json(Object.keys(found).length === 0 ? [] : found);
};
