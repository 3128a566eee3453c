import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import { defaultCategory, meantForDetection } from "#misp/attribute-types.ts";
import { normaliseValue } from "#misp/attribute-value.ts";
import { fromMisp } from "#misp/from-misp.ts";
import type { MispAttribute, MispEvent } from "#misp/model.ts";
import { printEvent } from "#misp/print-event.ts";
import { readDocument, readEvent } from "#misp/read-event.ts";
import { toMisp } from "#misp/to-misp.ts";
import { checkObject } from "#stix/check-object.ts";
import { waglan } from "./cli-process.ts";

const corpora = new URL("../../shared/corpora/standards/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";
const now = instant(Date.parse("2026-11-01T00:00:00Z"));

interface Line {
  readonly id: string;
  readonly test: string;
  readonly kind?: string;
  readonly misp: unknown;
  readonly bundle: { readonly objects: readonly Readonly<Record<string, unknown>>[] };
}
const linesOf = (name: string): readonly Line[] =>
  gunzipSync(readFileSync(new URL(name, corpora)))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

/** Differences of two bags, told as "- wanted" and "+ ours". */
const differences = (wanted: readonly string[], ours: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const one of wanted) counts.set(one, (counts.get(one) ?? 0) - 1);
  for (const one of ours) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].flatMap(([one, count]) => (count === 0 ? [] : [`${count < 0 ? "-" : "+"} ${one}`]));
};

/** Times of our own clock, references that follow from the rest, and what the test files have as placeholders. */
const uncompared: ReadonlySet<string> = new Set([
  "created",
  "modified",
  "created_by_ref",
  "object_refs",
  "valid_from",
  "valid_until",
  "first_observed",
  "last_observed",
  "number_observed",
  "spec_version",
  "pattern_version",
]);

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
        )
      : value;

/** Everything an object says but its times; of a marking definition, which; of a relationship, what it ties. */
const said = (object: Readonly<Record<string, unknown>>): string => {
  if (object["type"] === "marking-definition") return String(object["id"]);
  const kept = Object.entries(object).filter(
    ([key]) =>
      !uncompared.has(key) &&
      !(key === "id" && object["type"] === "relationship") &&
      !(key === "country" && object["type"] === "location"),
  );
  const labels = object["labels"];
  const own = Object.fromEntries(kept);
  return JSON.stringify(sorted(Array.isArray(labels) ? { ...own, labels: labels.toSorted() } : own));
};

/** Lines in which we differ from MISP's converter, why, and what decides. The numbers are lines. */
const otherBundles: Readonly<Record<string, readonly [lines: number, why: string]>> = {
  test_event_with_attribute_confidence_tags: [1, "four attributes under one UUID: ids are unique (STIX 2.1 §2.9)"],
  test_event_with_custom_objects: [
    2,
    "a relation's name stays as it is written (STIX 2.1 §11.1 custom properties), not cut to fit the property",
  ],
  test_event_with_escaped_characters: [
    2,
    "a value that does not fit its type is kept as x-misp-attribute (STIX 2.1 §11.2 custom objects), not dropped",
  ],
  test_event_with_event_report: [
    1,
    "the oracle's text ends with a line break its input has not (MISP core format, EventReport: content is the text)",
  ],
  test_event_with_file_object_invalid_hash_single_error: [
    1,
    "a TLSH may begin with T1 (STIX 2.1 §2.7, hash-algorithm-ov); an attachment without a name is named by its UUID (§6.7: a file has a name or hashes)",
  ],
  test_event_with_object_confidence_tags: [
    2,
    "an indicator carries the marking and confidence of what it was made from (STIX 2.1 §3.2)",
  ],
  test_event_with_patterning_language_attributes: [
    1,
    "a rule's pattern is the rule, without the brackets of STIX (STIX 2.1 §4.7)",
  ],
  test_event_with_threat_actor_galaxy: [1, "names of properties have no hyphens (STIX 2.1 §3.1)"],
};

test("MISP to STIX: every line as MISP's converter has it, or listed with its reason", { skip }, (t) => {
  const differing: Record<string, number> = {};
  let exact = 0;
  for (const line of linesOf("misp-to-stix.jsonl.gz")) {
    const read = readDocument(line.misp);
    assert.ok(read.ok, line.test);
    const { objects } = fromMisp(read.value.value, { now });
    const different = differences([...new Set(line.bundle.objects.map(said))], [...new Set(objects.map(said))]);
    if (different.length === 0) exact++;
    else differing[line.test] = (differing[line.test] ?? 0) + 1;
  }
  t.diagnostic(`${exact} of 264 exact`);
  assert.deepEqual(differing, Object.fromEntries(Object.entries(otherBundles).map(([name, [lines]]) => [name, lines])));
});

/** A truth value as MISP's forms have it, a number as it is, any other value as MISP keeps it. */
const kept = ({ type, value }: MispAttribute): string => {
  const read = normaliseValue(type, value);
  const text = read.ok ? read.value : value;
  if (/^(?:true|false)$/i.test(text)) return /true/i.test(text) ? "1" : "0";
  return type === "float" && Number.isFinite(Number(text)) ? String(Number(text)) : text;
};

const attributeSaid = (attribute: MispAttribute, object?: string): string =>
  JSON.stringify([
    object,
    object === undefined ? undefined : attribute.object_relation,
    attribute.type,
    kept(attribute),
    meantForDetection(attribute),
    attribute.category ?? defaultCategory(attribute.type),
    attribute.data,
    attribute.Tag.map(({ name }) => name).sort(),
    attribute.Galaxy.flatMap(({ type, GalaxyCluster }) => GalaxyCluster.map(({ value }) => `${type}:${value}`)).sort(),
    attribute.Sighting.map(({ type, date_sighting: date }) => `${type} ${date}`).sort(),
  ]);

const eventSaid = (event: MispEvent): readonly string[] => [
  ...event.Attribute.map((attribute) => attributeSaid(attribute)),
  ...event.Object.flatMap(({ name, Attribute, ObjectReference }) => [
    ...Attribute.map((attribute) => attributeSaid(attribute, name)),
    ...ObjectReference.map(({ relationship_type: relation }) => `${name} refers to: ${relation}`),
  ]),
  ...event.Tag.map(({ name }) => `tag ${name}`),
  ...event.Galaxy.flatMap(({ type, GalaxyCluster }) => GalaxyCluster.map(({ value }) => `galaxy ${type}: ${value}`)),
  ...event.EventReport.map(({ name }) => `report ${name}`),
];

const otherEvents: Readonly<Record<string, string>> = {
  "external acs_marking":
    "an ACS marking's tags stay on what it marks (STIX 2.1 §7.2.1); its definition makes no galaxy",
  "external email_address_indicator":
    "an address alone is neither sender nor receiver (STIX 2.1 §6.5); its display name is kept",
  "external event_title_and_producer":
    "the oracle was called with a title and producer that the line does not have: they are no part of STIX (§8)",
  "external network_traffic_objects_and_indicator": "dst_port is not src_port, though equal (STIX 2.1 §6.12)",
  "external unreferenced_objects": "a marking that marks nothing tags nothing (STIX 2.1 §7.2)",
  "external user_account_objects_and_indicator": "account_login is not user_id, though equal (STIX 2.1 §6.16)",
  "external wrapped_objects": "a directory inside a directory is still contained in it (STIX 2.1 §6.3 contains_refs)",
  "external wrapped_objects_and_indicators": "the three above together",
  "internal annotation_object":
    "one UUID is one attribute; the oracle has it twice (MISP core format, Attribute: uuid)",
  "internal http_request_indicator_object":
    "the oracle keeps `')` of a pattern it cut (STIX 2.1 §9.2: a string ends at its quote)",
  "internal network_socket_indicator_object":
    "what a pattern compares is looked for, whatever its type's default (STIX 2.1 §4.7)",
  "internal news_agency_object":
    "'; ' divides contacts, as it joined them; links stay (STIX 2.1 §4.5: contact_information is one text)",
  "internal no_report": "an indicator that looks for another AS than was seen is kept (STIX 2.1 §4.7, §6.2)",
  "internal patterning_language_attributes":
    "brackets around a rule are the converter's, not the rule's (STIX 2.1 §4.7: pattern in the language of pattern_type)",
  "internal registry_key_indicator_object": String.raw`\\ in a pattern is one backslash (STIX 2.1 §9.2)`,
  "internal registry_key_with_values_indicator_object": String.raw`\\ in a pattern is one backslash (STIX 2.1 §9.2)`,
  "internal single_report": "an indicator that looks for another AS than was seen is kept (STIX 2.1 §4.7, §6.2)",
  "internal x509_indicator_object":
    "what a pattern compares is looked for, whatever its type's default (STIX 2.1 §4.7)",
};

test("STIX to MISP: every line as MISP's converter has it, or listed with its reason", { skip }, (t) => {
  const differing: string[] = [];
  let exact = 0;
  for (const line of linesOf("stix-to-misp.jsonl.gz")) {
    const made = toMisp(line.bundle);
    assert.ok(made.ok, line.test);
    const wanted = (line.misp as readonly object[]).flatMap((event) => {
      const read = readEvent({ info: "", ...event });
      assert.ok(read.ok, line.test);
      return eventSaid(read.value.value);
    });
    const different = differences(wanted, made.value.events.flatMap(eventSaid));
    if (different.length === 0) exact++;
    else differing.push(`${line.kind} ${line.test.replace("test_stix21_bundle_with_", "")}`);
  }
  t.diagnostic(`${exact} of 208 exact`);
  assert.deepEqual(differing.sort(), Object.keys(otherEvents).sort());
});

/** What the events themselves hold that STIX does not allow; MISP's converter hands it on as well. */
const notValid: Readonly<Record<string, number>> = {
  "artifact /payload_bin": 1, // data that is no base64
  "location ": 1, // a place with neither region, country nor position
  "url /value": 2, // spaces and quotation marks
  "windows-registry-key /key": 7, // "HKLM\\…", abbreviated
};

test("the same document makes the same bundle, and every object of it is valid STIX", { skip }, () => {
  const bad: Record<string, number> = {};
  for (const line of linesOf("misp-to-stix.jsonl.gz")) {
    const read = readDocument(line.misp);
    assert.ok(read.ok);
    const bundle = fromMisp(read.value.value, { now, patterns: "stix" });
    assert.deepEqual(fromMisp(read.value.value, { now, patterns: "stix" }), bundle);
    for (const object of bundle.objects)
      for (const { at } of checkObject(object).problems) {
        // Relations with capital letters stay as they are: "x_misp_KnownMalicious" is what the other converters read.
        if (at?.startsWith("/x_misp_") === true) continue;
        const name = `${object.type} ${at ?? ""}`;
        bad[name] = (bad[name] ?? 0) + 1;
      }
  }
  assert.deepEqual(bad, notValid);
});

test("there and back: attributes keep UUID, type, value, category and flag", () => {
  const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
    domain: fc.constantFrom("a.example", "b.example"),
    "ip-dst": fc.constantFrom("203.0.113.7", "2001:db8::7"),
    "domain|ip": fc.constant("a.example|203.0.113.7"),
    "ip-dst|port": fc.constant("203.0.113.7|8443"),
    url: fc.constantFrom("https://a.example/x?y='z'", String.raw`https://a.example/\z`),
    md5: fc.constant("d41d8cd98f00b204e9800998ecf8427e"),
    "filename|sha1": fc.constant("a b.exe|da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    text: fc.string({ minLength: 1 }).filter((text) => text.trim() === text),
    mutex: fc.constant("Global\\x"),
    AS: fc.constant("AS174"),
    yara: fc.constant("rule x { condition: true }"),
  };
  const attributes = fc.uniqueArray(
    fc.constantFrom(...Object.keys(values)).chain((type) =>
      fc.record({
        type: fc.constant(type),
        value: values[type] ?? fc.constant("x"),
        to_ids: fc.boolean(),
        uuid: fc.uuid({ version: 4 }),
      }),
    ),
    { selector: ({ type, to_ids: ids }) => `${type}${ids}`, maxLength: 6 },
  );
  fc.assert(
    fc.property(attributes, fc.uuid({ version: 4 }), (Attribute, uuid) => {
      const read = readEvent({ info: "x", uuid, timestamp: "1700000000", Attribute });
      assert.ok(read.ok);
      const bundle = fromMisp({ events: [read.value.value], attributes: [], objects: [], galaxies: [] }, { now });
      const back = toMisp(JSON.parse(JSON.stringify(bundle)));
      assert.ok(back.ok);
      const [event] = back.value.events;
      const brief = (all: readonly MispAttribute[]) =>
        all
          .map((one) =>
            [one.uuid, one.type, one.value, one.category ?? defaultCategory(one.type), meantForDetection(one)].join(
              " ",
            ),
          )
          .sort();
      assert.deepEqual(brief(event?.Attribute ?? []), brief(read.value.value.Attribute));
      assert.equal(event?.uuid, uuid);
      assert.ok(readEvent(printEvent(event ?? read.value.value)).ok);
    }),
    { numRuns: 200 },
  );
});

test("what is no bundle is refused; what is no object is told with its place; nothing throws", () => {
  const refused = toMisp({ type: "grouping" });
  assert.equal(refused.ok ? "" : refused.problem.code, "WGL_STIX_ENVELOPE");
  const made = toMisp({ type: "bundle", id: "bundle--1", objects: [7, { type: "x-own", id: "x-own--1" }] });
  assert.ok(made.ok);
  assert.deepEqual(
    made.value.problems.map(({ code, at }) => [code, at]),
    [
      ["WGL_STIX_OBJECT", "/objects/0"],
      ["WGL_MISP_NO_PLACE", undefined],
    ],
  );
  const types = [
    "file",
    "observed-data",
    "indicator",
    "note",
    "sighting",
    "relationship",
    "x-misp-object",
    "email-message",
    "process",
    "identity",
    "opinion",
  ];
  const names = [
    "labels",
    "object_refs",
    "name",
    "pattern",
    "hashes",
    "x_misp_attributes",
    "x_misp_attachment",
    "extensions",
    "content_ref",
  ];
  const object = fc.record({
    type: fc.constantFrom(...types),
    id: fc.constantFrom(...types).map((type) => `${type}--1`),
    labels: fc.constantFrom(undefined, ['misp:name="file"'], ['misp:type="md5"'], [7], "x"),
    more: fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("{", "file--1", ["file--1"])),
    ),
  });
  fc.assert(
    fc.property(fc.array(object, { maxLength: 6 }), (objects) => {
      toMisp({ type: "bundle", id: "bundle--1", objects: objects.map(({ more, ...own }) => ({ ...own, ...more })) });
    }),
    { numRuns: 500 },
  );
});

test("waglan stix from-misp and to-misp answer a line for each line", async () => {
  const uuid = "5f0c1b2a-0000-4000-8000-00000000000a";
  const event = {
    info: "x",
    uuid,
    timestamp: "1700000000",
    Attribute: [{ uuid, type: "domain", value: "a.example", to_ids: true }],
  };
  const made = await waglan(["stix", "from-misp", "--json"], {
    stdin: `${JSON.stringify({ id: 1, misp: event })}\n{"id":2,"misp":7}\n`,
  });
  assert.equal(made.exit, 3);
  assert.deepEqual(
    made.rows.map((row) => [row["id"], Object.keys(row)]),
    [
      [1, ["id", "bundle", "problems"]],
      [2, ["id", "problems"]],
    ],
  );
  const back = await waglan(["stix", "to-misp", "--json"], {
    stdin: `${JSON.stringify({ id: 1, bundle: made.rows[0]?.["bundle"] })}\n`,
  });
  assert.equal(back.exit, 0);
  const [first] = (back.rows[0]?.["misp"] ?? []) as readonly {
    readonly Attribute: readonly Record<string, unknown>[];
  }[];
  assert.deepEqual(
    first?.Attribute.map((one) => [one["uuid"], one["type"], one["value"], one["to_ids"]]),
    [[uuid, "domain", "a.example", true]],
  );
});
