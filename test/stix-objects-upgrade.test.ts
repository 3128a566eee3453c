import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { checkObject } from "#stix/check-object.ts";
import { deterministicId } from "#stix/sco-id.ts";
import { isStix20, upgrade20 } from "#stix/upgrade20.ts";

type Fields = Readonly<Record<string, unknown>>;

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const time = "2018-01-01T00:00:00.000Z";
const old = (type: string, properties: Fields): Fields => ({
  ...{ type, id: `${type}--${uuid(1)}`, created: time, modified: time },
  ...properties,
});
const marking = `marking-definition--${uuid(7)}`;

test("isStix20() goes by spec_version, and by created where there is none", () => {
  assert.equal(isStix20(old("malware", {})), true);
  assert.equal(isStix20(old("malware", { spec_version: "2.1" })), false);
  assert.equal(isStix20(old("malware", { spec_version: "2.0" })), true);
  assert.equal(isStix20({ type: "ipv4-addr", value: "203.0.113.7" }), false);
  assert.equal(isStix20({ type: "bundle", spec_version: "2.0", objects: [] }), false);
});

test("upgrade20() moves labels of the vocabulary to types, others stay, and selectors follow", () => {
  const [indicator] = upgrade20(
    old("indicator", {
      ...{ labels: ["malicious-activity", 'misp:type="url"', "benign"], valid_from: time },
      pattern: "[url:value = 'http://bad.example'] START '2018-01-01T00:00:00Z' STOP '2018-01-02T00:00:00Z'",
      granular_markings: [{ marking_ref: marking, selectors: ["labels.[2]", "labels.[1]", "labels"] }],
    }),
  );
  assert.deepEqual(indicator?.["indicator_types"], ["malicious-activity", "benign"]);
  assert.deepEqual(indicator["labels"], ['misp:type="url"']);
  assert.deepEqual([indicator["pattern_type"], indicator["pattern_version"]], ["stix", "2.0"]);
  assert.deepEqual((indicator["granular_markings"] as readonly Fields[])[0]?.["selectors"], [
    ...["indicator_types.[1]", "labels.[0]", "indicator_types", "labels"],
  ]);
  assert.deepEqual(checkObject(indicator).problems, []);
  const [identity] = upgrade20(old("identity", { name: "A CERT", identity_class: "organization", labels: ["guard"] }));
  assert.deepEqual([identity?.["roles"], identity?.["labels"]], [["guard"], undefined]);
  const [malware] = upgrade20(old("malware", { name: "Tugboat", labels: ["worm"], x_own: { kept: [1] } }));
  assert.deepEqual(malware, {
    ...{ type: "malware", spec_version: "2.1", id: `malware--${uuid(1)}`, created: time, modified: time },
    ...{ name: "Tugboat", malware_types: ["worm"], x_own: { kept: [1] }, is_family: true },
  });
});

const observed = old("observed-data", {
  ...{ first_observed: time, last_observed: time, number_observed: 1, object_marking_refs: [marking] },
  objects: {
    "0": { type: "file", name: "a.exe", created: time, parent_directory_ref: "1", hashes: { ssdeep: "3:a:b" } },
    "1": { type: "directory", path: "/tmp", contains_refs: ["0"] },
    "2": { type: "process", pid: 4, binary_ref: "0", name: "a" },
    "3": { type: "x-own-thing", ship_ref: "1" },
    "4": { type: "directory", path: "/tmp", contains_refs: ["0"] },
    "5": { type: "directory", path: "/tmp", accessed: time },
  },
  granular_markings: [
    { marking_ref: `marking-definition--${uuid(8)}`, selectors: ["objects.2.pid", "objects.0.created", "objects.1"] },
    { marking_ref: `marking-definition--${uuid(9)}`, selectors: ["number_observed"] },
  ],
});

test("upgrade20() makes observables of their own, with deterministic ids, references and markings", () => {
  const [whole, ...scos] = upgrade20(observed);
  assert.ok(whole);
  assert.equal(whole["objects"], undefined);
  const refs = whole["object_refs"] as readonly string[];
  assert.deepEqual(
    scos.map(({ id }) => id),
    refs,
  );
  // "4" is "1" again, "5" is told apart by its time of access
  assert.deepEqual(
    scos.map(({ type }) => type),
    ["file", "directory", "process", "x-own-thing", "directory"],
  );
  const [file, directory, process, custom] = scos;
  assert.equal(file?.["ctime"], time);
  assert.deepEqual(file["hashes"], { SSDEEP: "3:a:b" });
  assert.equal(file["parent_directory_ref"], directory?.["id"]);
  assert.deepEqual(directory?.["contains_refs"], [file["id"]]);
  assert.equal(directory["id"], deterministicId({ type: "directory", path: "/tmp" }));
  assert.equal(file["id"], deterministicId({ ...file, type: "file" }));
  assert.deepEqual([process?.["image_ref"], process?.["name"]], [file["id"], "a"]);
  assert.equal(custom?.["ship_ref"], directory["id"]);
  for (const sco of scos) assert.ok((sco["object_marking_refs"] as readonly string[]).includes(marking));
  assert.deepEqual(directory["object_marking_refs"], [marking, `marking-definition--${uuid(8)}`]);
  assert.deepEqual(file["granular_markings"], [
    { marking_ref: `marking-definition--${uuid(8)}`, selectors: ["ctime"] },
  ]);
  assert.deepEqual(whole["granular_markings"], [
    { marking_ref: `marking-definition--${uuid(9)}`, selectors: ["number_observed"] },
  ]);
  for (const object of [whole, ...scos]) assert.deepEqual(checkObject(object).problems, [], String(object["id"]));
  assert.deepEqual(upgrade20(observed), [whole, ...scos], "the same object gives the same ids");
});

test("upgrade20() ends on circles of references and leaves what it cannot read", () => {
  const circle = old("observed-data", {
    objects: {
      a: { type: "file", name: "a", parent_directory_ref: "b" },
      b: { type: "file", name: "b", parent_directory_ref: "a" },
    },
  });
  const [, a, b] = upgrade20(circle);
  assert.equal(a?.["parent_directory_ref"], b?.["id"]);
  assert.equal(b?.["parent_directory_ref"], a?.["id"]);
  const odd = old("observed-data", { objects: { a: 3 } });
  assert.deepEqual(upgrade20(odd)[0]?.["objects"], { a: 3 });
  const current = old("malware", { spec_version: "2.1" });
  assert.equal(upgrade20(current)[0], current);
});

test("upgrade20() of a bundle upgrades its objects, each observable once", () => {
  const [bundle] = upgrade20({
    ...{ type: "bundle", id: `bundle--${uuid(1)}`, spec_version: "2.0" },
    objects: [observed, { ...observed, id: `observed-data--${uuid(2)}` }, 17],
  });
  const objects = bundle?.["objects"] as readonly unknown[];
  const ids = objects.flatMap((one) => (typeof one === "object" && one !== null && "id" in one ? [one.id] : []));
  assert.equal(ids.filter((id) => id === deterministicId({ type: "directory", path: "/tmp" })).length, 1);
  assert.equal(objects.at(-1), 17);
  assert.equal(bundle?.["spec_version"], undefined);
});

const standards = new URL("../../shared/corpora/standards/", import.meta.url);
const skip = existsSync(standards) ? false : "the corpora are not beside this checkout";

test("every object of ATT&CK in STIX 2.0 is valid STIX 2.1 when upgraded, and nothing of it is lost", { skip }, (t) => {
  const counts: Record<string, number> = {};
  for (const domain of ["enterprise", "ics", "mobile"]) {
    const packed = readFileSync(new URL(`data/attack-${domain}-stix20.jsonl.gz`, standards));
    for (const line of gunzipSync(packed).toString("utf8").trim().split("\n")) {
      const object = JSON.parse(line) as Fields;
      assert.ok(isStix20(object));
      const [upgraded, ...others] = upgrade20(object);
      assert.deepEqual(others, []);
      assert.deepEqual(checkObject(upgraded).problems, [], String(object["id"]));
      for (const [name, value] of Object.entries(object))
        if (name !== "labels" && name !== "spec_version")
          assert.equal(upgraded?.[name], value, `${name} of ${line.slice(0, 80)}`);
      counts[domain] = (counts[domain] ?? 0) + 1;
    }
  }
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(counts, { enterprise: 24_771, ics: 1825, mobile: 2535 });
});
