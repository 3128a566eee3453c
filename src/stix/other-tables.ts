import { commonOf, creator, externalReferences, markings, specVersion } from "./common-properties.ts";
import {
  dictionary,
  integer,
  type Kind,
  list,
  type ObjectType,
  oneOf,
  order,
  own,
  ref,
  refTo,
  type Rule,
  strictOrder,
  table,
  text,
  time,
  yesNo,
} from "./property-kinds.ts";

const sro = (
  section: string,
  type: string,
  kinds: Readonly<Record<string, Kind>>,
  ...rules: readonly Rule[]
): ObjectType => ({
  ...{ type, section, category: "sro", rules, contributing: [], extensions: {} },
  properties: { ...commonOf("sro", type), ...table(kinds) },
});

/** STIX 2.1 §5 STIX Relationship Objects. */
export const sroTables: readonly ObjectType[] = [
  sro(
    "5.1",
    "relationship",
    {
      "relationship_type!": { is: "string", form: "relationship-type" },
      description: text,
      "source_ref!": refTo("sdo-or-sco"),
      "target_ref!": refTo("sdo-or-sco"),
      start_time: time,
      stop_time: time,
    },
    strictOrder("start_time", "stop_time"),
    own("relationship-ends"),
  ),
  sro(
    "5.2",
    "sighting",
    {
      description: text,
      first_seen: time,
      last_seen: time,
      count: integer(0, 999_999_999),
      "sighting_of_ref!": refTo("sdo"),
      observed_data_refs: list(ref("observed-data")),
      where_sighted_refs: list(ref("identity", "location")),
      summary: yesNo,
    },
    order("first_seen", "last_seen"),
  ),
];

const meta = (
  section: string,
  type: string,
  kinds: Readonly<Record<string, Kind>>,
  ...rules: readonly Rule[]
): ObjectType => ({
  ...{ type, section, category: "meta", rules, contributing: [], extensions: {} },
  properties: table({
    "type!": { is: "literal", value: type },
    "spec_version!": specVersion,
    "id!": ref(type),
    ...kinds,
  }),
});

const versioned = { "created!": time, "modified!": time, revoked: yesNo, labels: list(text) };

/** STIX 2.1 §7 STIX Meta Objects. */
export const metaTables: readonly ObjectType[] = [
  meta(
    "7.1",
    "language-content",
    {
      created_by_ref: creator,
      ...versioned,
      confidence: integer(0, 100),
      external_references: externalReferences,
      ...markings,
      "object_ref!": refTo("any"),
      object_modified: time,
      "contents!": dictionary(dictionary(undefined, "free"), "language"),
    },
    own("language-contents"),
  ),
  meta(
    "7.2.1",
    "marking-definition",
    {
      created_by_ref: creator,
      "created!": time,
      external_references: externalReferences,
      ...markings,
      name: text,
      definition_type: text,
      definition: dictionary(undefined, "free"),
    },
    own("marking-definition"),
  ),
  meta(
    "7.3",
    "extension-definition",
    {
      "created_by_ref!": creator,
      ...versioned,
      external_references: externalReferences,
      ...markings,
      "name!": text,
      description: text,
      "schema!": text,
      "version!": text,
      "extension_types!": list(oneOf("extension-type-enum")),
      extension_properties: list({ is: "string", form: "property-name" }),
    },
    own("extension-properties"),
    { rule: "advised", of: ["description"] },
  ),
];

/** STIX 2.1 §8 Bundle. It is no STIX object: it has no version and no markings. */
export const bundleTable: ObjectType = {
  ...{ type: "bundle", section: "8", category: "bundle", rules: [], contributing: [], extensions: {} },
  properties: table({
    "type!": { is: "literal", value: "bundle" },
    "id!": ref("bundle"),
    // Of STIX 2.0, and written by many since
    spec_version: specVersion,
    objects: { is: "objects" },
  }),
};
