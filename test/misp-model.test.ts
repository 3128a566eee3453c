import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { attributeObservables, portBeside } from "#misp/attribute-observables.ts";
import { categories, defaultCategory, meantForDetection, saneDefaults } from "#misp/attribute-types.ts";
import { normaliseValue } from "#misp/attribute-value.ts";
import { describeTypes } from "#misp/describe-types.ts";
import type { MispAttribute, MispEvent } from "#misp/model.ts";
import { printAttribute, printEvent, printObject } from "#misp/print-event.ts";
import { readDocument, readEvent } from "#misp/read-event.ts";
import { restrictionOf } from "#misp/restriction.ts";
import { gradeOfTags, labelsOfTags, papOfTags, readMachineTag, tlpOfTags } from "#misp/tags.ts";

const corpora = new URL("../../shared/corpora/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";

const eventOf = (document: unknown): MispEvent => {
  const read = readEvent(document);
  assert.ok(read.ok, read.ok ? "" : read.problem.message);
  return read.value.value;
};

const attributesOf = (event: MispEvent): readonly MispAttribute[] => [
  ...event.Attribute,
  ...event.Object.flatMap((object) => object.Attribute),
];

const isLaw = (document: unknown): void => {
  const event = eventOf(document);
  const printed: unknown = JSON.parse(JSON.stringify(printEvent(event)));
  const again = readEvent(printed);
  assert.ok(again.ok);
  assert.deepEqual(again.value.value, event);
};

test("there are 194 attribute types in 16 categories, and every type has a default its category holds", () => {
  assert.equal(saneDefaults.size, 194);
  assert.equal(categories.length, 16);
  const { result } = JSON.parse(JSON.stringify({ result: describeTypes })) as {
    readonly result: {
      readonly types: readonly string[];
      readonly categories: readonly string[];
      readonly category_type_mappings: Readonly<Record<string, readonly string[]>>;
      readonly sane_defaults: Readonly<Record<string, { readonly default_category: string; readonly to_ids: number }>>;
    };
  };
  assert.equal(result.types.length, 194);
  assert.equal(new Set(result.types).size, 194);
  assert.deepEqual(Object.keys(result.category_type_mappings).sort(), [...result.categories].sort());
  for (const [type, { default_category: category, to_ids: ids }] of Object.entries(result.sane_defaults)) {
    assert.ok(result.category_type_mappings[category]?.includes(type), `${category} holds ${type}`);
    assert.ok(ids === 0 || ids === 1, type);
  }
  const mapped = new Set(Object.values(result.category_type_mappings).flat());
  assert.deepEqual(
    result.types.filter((type) => !mapped.has(type)),
    [],
  );
  assert.deepEqual([defaultCategory("domain"), defaultCategory("none of MISP's")], ["Network activity", "Other"]);
  assert.equal(meantForDetection({ type: "md5" }), true);
  assert.equal(meantForDetection({ type: "md5", to_ids: false }), false);
});

const uuid = "5f0c1b2a-0000-4000-8000-00000000000a";
const attribute = {
  uuid: uuid.toUpperCase(),
  type: "domain",
  value: "a.example",
  to_ids: "1",
  timestamp: 1_700_000_000,
};

test("an event is read however an instance wraps it", () => {
  const event = { info: "x", uuid, Attribute: [attribute] };
  for (const document of [
    event,
    { Event: event },
    [event],
    [{ Event: event }],
    { response: [{ Event: event }] },
    { response: { Event: event } },
  ]) {
    const [read] = eventOf(document).Attribute;
    assert.deepEqual([read?.uuid, read?.to_ids, read?.timestamp], [uuid, true, "1700000000"]);
  }
  const search = readDocument({ response: { Attribute: [attribute] } });
  assert.ok(search.ok);
  assert.equal(search.value.value.attributes.length, 1);
  for (const wrong of [7, "x", null, { some: "thing" }, { a: { b: { c: { d: { e: { f: { Event: event } } } } } } }]) {
    const read = readDocument(wrong);
    assert.equal(read.ok ? "" : read.problem.code, "WGL_MISP_SHAPE", JSON.stringify(wrong));
  }
});

test("what cannot be read is a problem with its place, and what is not known stays", () => {
  const read = readEvent({
    Event: {
      info: "x",
      colour: { of: "own" },
      ["__proto__"]: { isAdmin: true },
      Attribute: [
        attribute,
        { ...attribute, type: 7 },
        { type: "domain" },
        "nothing",
        { ...attribute, uuid: "not one" },
      ],
      Object: [{ name: "file", Attribute: [{ ...attribute, value: null, object_relation: "filename" }] }],
    },
  });
  assert.ok(read.ok);
  const { value, problems } = read.value;
  assert.ok(problems.length >= 5);
  for (const { at } of problems) assert.match(at ?? "", /^\/Event\/(?:Attribute\/[1-4]|Object\/0\/Attribute\/0)/);
  assert.equal(value.Attribute.length, 2);
  const printed = JSON.stringify(printEvent(value));
  assert.match(printed, /"colour":\{"of":"own"\}/);
  assert.equal(({} as Record<string, unknown>)["isAdmin"], undefined);
  const [first] = value.Attribute;
  assert.ok(first);
  assert.equal(printAttribute(first)["value"], "a.example");
});

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((it) => it.trim() !== "");
const seconds = fc.nat().map(String);
const flag = fc.constantFrom(true, false, 0, 1, "0", "1");
const tag = fc.record({ name: text, colour: fc.constant("#ff0000"), local: flag }, { requiredKeys: ["name"] });
/** As it comes out of JSON's text, where −0 is 0. */
const anyJson = fc.jsonValue({ maxDepth: 1 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const anyAttribute = fc.record(
  {
    type: fc.oneof(fc.constantFrom(...saneDefaults.keys()), text),
    value: text,
    uuid: fc.uuid(),
    category: text,
    to_ids: flag,
    deleted: flag,
    timestamp: fc.oneof(seconds, fc.nat()),
    comment: text,
    distribution: fc.constantFrom("0", 1, "5"),
    sharing_group_id: fc.constantFrom("0", null),
    Tag: fc.array(tag, { maxLength: 2 }),
    unknown: anyJson,
  },
  { requiredKeys: ["type", "value"] },
);
const anyEvent = fc.record(
  {
    info: text,
    uuid: fc.uuid(),
    date: fc.constant("2026-11-01"),
    threat_level_id: fc.constantFrom("1", 4),
    analysis: fc.constantFrom("0", 2),
    published: flag,
    timestamp: seconds,
    Orgc: fc.record({ name: text, uuid: fc.uuid(), id: fc.constantFrom("1", 1) }, { requiredKeys: ["name"] }),
    Attribute: fc.array(anyAttribute, { maxLength: 3 }),
    Object: fc.array(
      fc.record(
        { name: text, uuid: fc.uuid(), Attribute: fc.array(anyAttribute, { maxLength: 2 }) },
        { requiredKeys: ["name"] },
      ),
      { maxLength: 2 },
    ),
    Tag: fc.array(tag, { maxLength: 2 }),
    extends_uuid: fc.constantFrom("", uuid),
    unknown: anyJson,
  },
  { requiredKeys: ["info"] },
);

test("law: reading what is printed gives the same event", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      isLaw({ Event: event });
      const read = readEvent({ Event: event });
      assert.ok(read.ok);
      assert.deepEqual(read.value.problems, []);
      assert.equal(read.value.value.Attribute.length, (event.Attribute ?? []).length);
      for (const object of read.value.value.Object) assert.equal(printObject(object)["name"], object.name);
    }),
    { numRuns: 300 },
  );
});

test("any JSON is read or refused, never thrown at", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      readDocument(value);
      readDocument({ Event: { info: "x", Attribute: value, Object: value, Tag: value, Galaxy: value } });
    }),
    { numRuns: 300 },
  );
});

test("values are kept as MISP keeps them; what its type cannot hold is refused", () => {
  for (const [type, written, kept] of [
    ["md5", " D41D8CD98F00B204E9800998ECF8427E ", "d41d8cd98f00b204e9800998ecf8427e"],
    ["AS", "174", "AS174"],
    ["mac-address", "00-11-22-AA-BB-CC", "00:11:22:aa:bb:cc"],
    ["filename|md5", "A|B.exe|D41D8CD98F00B204E9800998ECF8427E", "A|B.exe|d41d8cd98f00b204e9800998ecf8427e"],
    ["domain|ip", "A.example|203.0.113.7", "a.example|203.0.113.7"],
    ["vulnerability", "cve-2026-1", "CVE-2026-1"],
    ["text", "Any Text", "Any Text"],
    ["md5", "d41d8cd9", undefined],
    ["port", "70000", undefined],
    ["domain|ip", "a.example", undefined],
    ["ip-dst", "203.0.113.256", undefined],
    ["domain", " ", undefined],
  ] as const) {
    const read = normaliseValue(type, written);
    assert.equal(read.ok ? read.value : undefined, kept, `${type} ${written}`);
  }
});

test("an attribute is watched for as what it is", () => {
  const seen = (type: string, value: string): string => {
    const read = attributeObservables({ type, value });
    return read.ok
      ? read.value.map(({ observable }) => `${observable.kind}:${observable.value}`).join(" ")
      : read.problem.code;
  };
  assert.equal(seen("ip-dst|port", "203.0.113.7|8443"), "endpoint:203.0.113.7:8443");
  assert.equal(seen("ip-dst|port", "2001:db8::7|8443"), "endpoint:[2001:db8::7]:8443");
  assert.equal(seen("domain|ip", "a.example|203.0.113.7"), "domain:a.example ipv4:203.0.113.7");
  assert.equal(seen("filename|md5", "a.exe|d41d8cd98f00b204e9800998ecf8427e"), "md5:d41d8cd98f00b204e9800998ecf8427e");
  assert.equal(seen("malware-sample", "a|d41d8cd98f00b204e9800998ecf8427e"), "md5:d41d8cd98f00b204e9800998ecf8427e");
  assert.equal(seen("url", "hxxps://a[.]example/x"), "url:https://a.example/x");
  assert.equal(seen("domain", "a[.]example"), "domain:a.example");
  assert.equal(seen("AS", "174"), "asn:AS174");
  assert.equal(seen("imphash", "d41d8cd98f00b204e9800998ecf8427e"), "WGL_MISP_TYPE");
  assert.equal(seen("md5", "a.example"), "WGL_MISP_VALUE");
  assert.equal(seen("domain|ip", "a.example"), "WGL_MISP_VALUE");
  const { Object: objects } = eventOf({
    info: "x",
    Object: [
      {
        name: "ip-port",
        Attribute: [
          { type: "ip-dst", object_relation: "ip", value: "203.0.113.7" },
          { type: "port", object_relation: "dst-port", value: "443" },
        ],
      },
    ],
  });
  const [object] = objects;
  const [address] = object?.Attribute ?? [];
  assert.ok(object && address);
  assert.equal(portBeside(object, address), "443");
});

test("tags say how far, how sure, and about whom", () => {
  const named = (...names: readonly string[]) => names.map((name) => ({ name }));
  assert.deepEqual(readMachineTag('misp-galaxy:threat-actor="Sofacy"'), {
    namespace: "misp-galaxy",
    predicate: "threat-actor",
    value: "Sofacy",
  });
  assert.equal(tlpOfTags(named("tlp:white", "TLP:AMBER+STRICT")), "amber+strict");
  assert.equal(tlpOfTags(named("tlp:ex:chr")), "red");
  assert.equal(tlpOfTags(named("osint")), undefined);
  assert.equal(papOfTags(named("PAP:GREEN", "pap:unreadable")), "red");
  assert.deepEqual(
    gradeOfTags(named('admiralty-scale:source-reliability="b"', 'admiralty-scale:information-credibility="2"')),
    { source: "B", statement: 2 },
  );
  assert.deepEqual(gradeOfTags(named('misp:confidence-level="fairly-confident"')), { source: "F", statement: 3 });
  assert.equal(gradeOfTags(named("tlp:red")), undefined);
  assert.deepEqual(
    labelsOfTags([
      ...named('misp-galaxy:mitre-malware="BISCUIT - S0017"', "tlp:red", "phishing", 'kill-chain:="Delivery"'),
      { name: "ours", local: true },
    ]),
    ["BISCUIT", "phishing", 'kill-chain:="Delivery"'],
  );
});

test("a distribution that cannot be read, and a sharing group, go nowhere", () => {
  const at = (level: string, more: object = {}) => {
    const event = eventOf({ info: "x", distribution: level, Attribute: [{ ...attribute, distribution: 5 }], ...more });
    const [only] = event.Attribute;
    assert.ok(only);
    return { ours: restrictionOf(event, undefined, only), received: restrictionOf(event, undefined, only, true) };
  };
  assert.deepEqual(
    ["0", "1", "2", "3", "9"].map((level) => at(level).ours.tlp),
    ["amber+strict", "amber", "green", undefined, "red"],
  );
  assert.equal(at("0").received.tlp, undefined);
  assert.deepEqual(at("4", { sharing_group_id: "7" }).received, { tlp: "red", sharingGroup: "7" });
  assert.deepEqual(at("3", { Tag: [{ name: "tlp:green" }, { name: "PAP:AMBER" }] }).received, {
    tlp: "green",
    pap: "amber",
  });
});

const linesOf = (path: string): readonly Record<string, unknown>[] =>
  gunzipSync(readFileSync(new URL(path, corpora)))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("the public events: all are read, and come back as they were", { skip }, () => {
  const lines = linesOf("standards/misp-events.jsonl.gz");
  assert.equal(lines.length, 19);
  const held = { events: 0, attributes: 0, objects: 0 };
  for (const { event } of lines) {
    const read = readDocument(event);
    assert.ok(read.ok);
    for (const one of read.value.value.events) isLaw(printEvent(one));
    const { events, attributes, objects } = read.value.value;
    held.events += events.length;
    held.attributes += attributes.length;
    held.objects += objects.length;
  }
  assert.deepEqual(held, { events: 17, attributes: 2, objects: 4 });
});

/** Large files of the corpora are packed. */
const documentAt = (file: URL): unknown => {
  const packed = new URL(`${file.href}.gz`);
  const body = existsSync(packed) ? gunzipSync(readFileSync(packed)) : readFileSync(file);
  return JSON.parse(body.toString("utf8"));
};

interface EventOracle {
  readonly uuid?: string;
  readonly info?: string;
  readonly attributes?: number;
  readonly objectAttributes?: number;
  readonly objects?: number;
  readonly toIds?: number;
  readonly deleted?: number;
  readonly byType?: Readonly<Record<string, number>>;
  readonly tags?: readonly string[];
  readonly sha256OfSortedTypeValue?: string;
}

const holds = (event: MispEvent, expected: EventOracle): void => {
  const all = attributesOf(event);
  const byType: Record<string, number> = {};
  for (const { type } of all) byType[type] = (byType[type] ?? 0) + 1;
  const lines = [...new Set(all.map(({ type, value }) => `${type}|${value}`))].sort();
  const held: EventOracle = {
    attributes: event.Attribute.length,
    objectAttributes: all.length - event.Attribute.length,
    objects: event.Object.length,
    toIds: all.filter(({ to_ids }) => to_ids === true).length,
    deleted: all.filter(({ deleted }) => deleted === true).length,
    tags: event.Tag.map(({ name }) => name).sort(),
    byType,
    info: event.info,
    ...(event.uuid === undefined ? {} : { uuid: event.uuid }),
    sha256OfSortedTypeValue: createHash("sha256").update(lines.join("\n")).digest("hex"),
  };
  for (const [key, value] of Object.entries(held)) {
    const wanted = expected[key as keyof EventOracle];
    if (wanted !== undefined)
      assert.deepEqual(value, Array.isArray(wanted) ? [...wanted].sort() : wanted, `${event.info} ${key}`);
  }
};

test("the events of ESET hold what their oracle counts", { skip }, () => {
  const folder = new URL("feeds/eset-misp/", corpora);
  const { files } = JSON.parse(readFileSync(new URL("EXPECTED.json", folder), "utf8")) as {
    readonly files: Readonly<Record<string, EventOracle>>;
  };
  let read = 0;
  for (const [file, expected] of Object.entries(files)) {
    if (expected.sha256OfSortedTypeValue === undefined) continue;
    holds(eventOf(documentAt(new URL(file, folder))), expected);
    read++;
  }
  assert.equal(read, 39);
});
