import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Result } from "#core/result.ts";
import { checkObject } from "#stix/check-object.ts";
import { papOfObject, statementsOf, tlpOfObject } from "#stix/effective-marking.ts";
import { inLanguage } from "#stix/language-content.ts";
import type { MarkingDefinition } from "#stix/marking-definition.ts";
import { addMarks, clearMarks, isMarked, marksOf, removeMarks, setMarks } from "#stix/markings.ts";
import { redactSet } from "#stix/redact-set.ts";
import { redact } from "#stix/redact.ts";
import { markingOfTlp, tlpMarkingObject, tlpOfMarking } from "#stix/tlp-markings.ts";

type Fields = Readonly<Record<string, unknown>>;

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const time = "2026-01-01T00:00:00.000Z";
const { red, green, amber } = markingOfTlp;
const notRed = (id: string): boolean => id !== red;

const standards = new URL("../../shared/corpora/standards/", import.meta.url);
const skip = existsSync(standards) ? false : "the corpora are not beside this checkout";

const codes: Readonly<Record<string, string>> = {
  InvalidSelectorError: "WGL_STIX_SELECTOR",
  InvalidValueError: "WGL_STIX_REF",
  MarkingNotFoundError: "WGL_STIX_MARKING",
};

/** One line of the suite: arguments as the Python functions take them, in place or by name. */
interface Case {
  readonly id: string;
  readonly fn: string;
  readonly object: Fields;
  readonly args: readonly unknown[];
  readonly kwargs: Fields;
  readonly result?: unknown;
  readonly error?: string;
}

const strings = (value: unknown): readonly string[] | undefined =>
  value === undefined || value === null ? undefined : [value].flat().map(idOf);
const idOf = (value: unknown): string =>
  typeof value === "object" && value !== null && "id" in value ? String(value.id) : String(value);

const answer = ({ fn, object, args, kwargs }: Case): Result<unknown> => {
  const selectors = (place: number): Fields & { readonly selectors?: readonly string[] } => {
    const given = strings(kwargs["selectors"] ?? args[place]);
    return given === undefined ? {} : { selectors: given };
  };
  const flags = (place: number): Fields => ({
    inherited: (args[place] ?? kwargs["inherited"]) === true,
    descendants: (args[place + 1] ?? kwargs["descendants"]) === true,
  });
  // `is_marked("a", inherited=True)`: what stands alone is the selector there
  const lone = fn === "is_marked" && args.length === 1 && kwargs["inherited"] !== undefined;
  const marks = strings(lone ? undefined : args[0]) ?? [];
  switch (fn) {
    case "get_markings":
      return marksOf(
        object,
        { ...selectors(0), ...flags(1) },
        { markings: kwargs["marking_ref"] !== false, languages: kwargs["lang"] !== false },
      );
    case "is_marked":
      return isMarked(object, marks, { ...selectors(lone ? 0 : 1), ...flags(2) });
    case "add_markings":
      return addMarks(object, marks, selectors(1).selectors);
    case "remove_markings":
      return removeMarks(object, marks, selectors(1).selectors);
    case "set_markings":
      return setMarks(object, marks, selectors(1).selectors);
    default:
      return clearMarks(object, selectors(0).selectors);
  }
};

/** Order of marks and selectors is nobody's business, and `modified` is whose version it is. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(String).toSorted();
  if (typeof value !== "object" || value === null) return value;
  const object = value as Fields;
  const granular = object["granular_markings"] as readonly Fields[] | undefined;
  return {
    ...object,
    modified: "",
    object_marking_refs: canonical(object["object_marking_refs"] ?? []),
    granular_markings: (granular ?? [])
      .flatMap((one) =>
        (one["selectors"] as readonly string[]).map((at) => `${idOf(one["marking_ref"] ?? one["lang"])} ${at}`),
      )
      .toSorted(),
  };
};

test("marking operations give what the OASIS Python library gives", { skip }, () => {
  let same = 0;
  for (const line of readFileSync(new URL("markings.jsonl", standards), "utf8").trim().split("\n")) {
    const one = JSON.parse(line) as Case;
    const got = answer(one);
    if (one.error === undefined) {
      assert.ok(got.ok, one.id);
      assert.deepEqual(canonical(got.value), canonical(one.result), one.id);
    } else assert.equal(got.ok ? "none" : got.problem.code, codes[one.error], one.id);
    same++;
  }
  assert.equal(same, 264);
});

test("a selector covers whole steps: what is within `name` is not within `names`", () => {
  const object = { name: "a", names: ["b"], granular_markings: [{ marking_ref: red, selectors: ["name"] }] };
  assert.deepEqual(marksOf(object, { selectors: ["names.[0]"], inherited: true }), { ok: true, value: [] });
  assert.deepEqual(marksOf(object, { selectors: ["name"], inherited: true }), { ok: true, value: [red] });
});

test("tlpOfObject() is the strictest of the whole and its parts and fails closed", () => {
  const none = new Map<string, MarkingDefinition>();
  assert.equal(tlpOfObject({ name: "a" }, none), undefined);
  assert.equal(tlpOfObject({ object_marking_refs: [green] }, none), "green");
  const parts = { object_marking_refs: [green], granular_markings: [{ marking_ref: amber, selectors: ["name"] }] };
  assert.equal(tlpOfObject(parts, none), "amber");
  assert.equal(tlpOfObject({ ...parts, object_marking_refs: [`marking-definition--${uuid(1)}`] }, none), "red");
  assert.equal(tlpOfObject({ granular_markings: [{ lang: "en", selectors: ["name"] }] }, none), undefined);
});

test("tlpMarkingObject() prints every TLP marking as it is published, TLP 1 with its own ids", () => {
  let valid = 0;
  for (const [id, tlp] of tlpOfMarking) {
    const object = tlpMarkingObject(id);
    assert.deepEqual(checkObject(object).problems, [], id);
    assert.equal(tlpOfObject({ object_marking_refs: [id] }, new Map()), tlp);
    valid++;
  }
  assert.equal(valid, 9);
  assert.equal(tlpMarkingObject(`marking-definition--${uuid(1)}`), undefined);
});

test("the TLP marking objects are the published ones", { skip }, () => {
  const published = JSON.parse(readFileSync(new URL("data/tlp-markings.json", standards), "utf8")) as Readonly<
    Record<string, readonly Fields[]>
  >;
  for (const object of Object.values(published).flat())
    assert.deepEqual(tlpMarkingObject(String(object["id"])), object, String(object["name"]));
});

test("statementsOf() and papOfObject() read terms of use and PAP where MISP writes them", () => {
  const id = `marking-definition--${uuid(1)}`;
  const statement = (said: string): ReadonlyMap<string, MarkingDefinition> =>
    new Map([[id, { type: "marking-definition", id, definition_type: "statement", definition: { statement: said } }]]);
  const marked = { object_marking_refs: [id] };
  assert.deepEqual(statementsOf(marked, statement("© a CERT")), ["© a CERT"]);
  assert.equal(papOfObject(marked, statement("© a CERT")), undefined);
  assert.equal(papOfObject(marked, statement("PAP:AMBER")), "amber");
  assert.equal(papOfObject({ labels: ["pap:green", "PAP:WHITE"] }, new Map()), "green");
  assert.equal(papOfObject({ labels: ["PAP:PURPLE"] }, new Map()), "red");
});

const report = {
  ...{ type: "report", spec_version: "2.1", id: `report--${uuid(1)}`, created: time, modified: time, published: time },
  ...{ name: "Fishing", description: "secret", labels: ["a", "b", "c"], object_refs: [`url--${uuid(2)}`] },
  external_references: [
    { source_name: "a", description: "open", url: "https://a.example" },
    { source_name: "b", description: "secret" },
  ],
};
const withMarkings = (...granular: readonly Fields[]): Fields => ({ ...report, granular_markings: granular });

test("redact() takes out what may not leave, says what, and moves the other selectors", () => {
  const marked = withMarkings(
    { marking_ref: red, selectors: ["description", "labels.[0]", "labels.[1]", "external_references.[1]"] },
    { marking_ref: green, selectors: ["labels.[2]", "labels.[0]", "external_references.[0].url", "name"] },
    { lang: "en", selectors: ["description"] },
  );
  const { object, removed, because } = redact(marked, notRed);
  assert.deepEqual(removed, ["description", "labels.[0]", "labels.[1]", "external_references.[1]"]);
  assert.deepEqual(because, [red]);
  assert.equal(JSON.stringify(object).includes("secret"), false);
  assert.deepEqual(object?.["labels"], ["c"]);
  assert.deepEqual(object?.["granular_markings"], [
    { marking_ref: green, selectors: ["labels.[0]", "external_references.[0].url", "name"] },
  ]);
  assert.deepEqual(checkObject(object).problems, []);
  assert.deepEqual(redact(report, notRed), { object: report, removed: [], because: [] });
});

test("redact() withholds the whole when it is marked, required parts go, or markings cannot be read", () => {
  const withheld = (object: Fields): boolean => redact(object, notRed).object === undefined;
  assert.ok(withheld({ ...report, object_marking_refs: [green, red] }));
  assert.ok(withheld(withMarkings({ marking_ref: red, selectors: ["name"] })));
  assert.ok(withheld(withMarkings({ marking_ref: red, selectors: ["object_refs.[0]"] })));
  assert.ok(withheld(withMarkings({ marking_ref: red, selectors: ["external_references.[0].source_name"] })));
  assert.ok(withheld(withMarkings({ marking_ref: red, selectors: ["descriptiom"] })));
  assert.ok(withheld(withMarkings({ marking_ref: red })));
  assert.ok(withheld({ ...report, object_marking_refs: { hidden: red } }));
  assert.ok(withheld({ ...report, granular_markings: "red" }));
  assert.equal(withheld(withMarkings({ marking_ref: red, selectors: ["labels"] })), false);
});

test("redactSet() walks references: what only withheld objects show stays, and so do their ids", () => {
  const domain = (type: string, n: number, properties: Fields): Fields => ({
    ...{ type, spec_version: "2.1", id: `${type}--${uuid(n)}`, created: time, modified: time },
    ...properties,
  });
  const url = (n: number): Fields => ({ type: "url", id: `url--${uuid(n)}`, value: `https://${n}.example/` });
  const seen = (n: number, refs: readonly string[], properties: Fields = {}): Fields =>
    domain("observed-data", n, {
      ...{ first_observed: time, last_observed: time, number_observed: 1, object_refs: refs },
      ...properties,
    });
  const objects = [
    seen(1, [`url--${uuid(11)}`, `url--${uuid(12)}`], { object_marking_refs: [red] }),
    seen(2, [`url--${uuid(12)}`]),
    url(11),
    url(12),
    url(13),
    domain("relationship", 3, {
      relationship_type: "based-on",
      source_ref: `indicator--${uuid(9)}`,
      target_ref: `observed-data--${uuid(1)}`,
    }),
    domain("note", 4, { content: "both", object_refs: [`observed-data--${uuid(1)}`, `observed-data--${uuid(2)}`] }),
  ];
  const { objects: left, withheld, removed } = redactSet(objects, notRed);
  assert.deepEqual(
    left.map(({ id }) => id),
    [`observed-data--${uuid(2)}`, `url--${uuid(12)}`, `url--${uuid(13)}`, `note--${uuid(4)}`],
  );
  assert.deepEqual(Object.fromEntries(withheld), {
    [`observed-data--${uuid(1)}`]: "marking",
    [`url--${uuid(11)}`]: "only-withheld-point-at-it",
    [`relationship--${uuid(3)}`]: "points-at-withheld",
  });
  assert.deepEqual(left.at(-1)?.["object_refs"], [`observed-data--${uuid(2)}`]);
  assert.deepEqual(Object.fromEntries(removed), { [`note--${uuid(4)}`]: ["/object_refs/0"] });
  assert.equal(JSON.stringify(left).includes(uuid(11)), false);
});

test("inLanguage() puts a translation of this version over the object, lists item by item", () => {
  const campaign = {
    ...{ type: "campaign", id: `campaign--${uuid(1)}`, modified: "2026-01-01T00:00:00Z" },
    ...{ name: "Bank Attack", aliases: ["one", "two"], description: "words" },
  };
  const content = {
    ...{ type: "language-content", object_ref: campaign.id, object_modified: "2026-01-01T00:00:00.000Z" },
    contents: { "zh-Hant": { name: "銀行攻擊", aliases: ["一", ""], goals: ["不在其中"] } },
  };
  assert.deepEqual(inLanguage(campaign, content, "zh-Hant"), { ...campaign, name: "銀行攻擊", aliases: ["一", "two"] });
  assert.equal(inLanguage(campaign, content, "fr"), campaign);
  assert.equal(
    inLanguage({ ...campaign, modified: time.replace("01-01", "01-02") }, content, "zh-Hant")["name"],
    "Bank Attack",
  );
});
