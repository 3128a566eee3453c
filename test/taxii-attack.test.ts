import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { objectSlices } from "#stix/object-slices.ts";
import { objectsOf, openTaxiiWorld, root, taxii } from "./taxii-world.ts";

/** ATT&CK of MITRE, read in place: v18 as STIX 2.0, v14 (ICS) and Enterprise as STIX 2.1. */
const corpora = new URL("../../shared/corpora/", import.meta.url);
const files = [
  ["standards/data/attack-enterprise-stix20.jsonl.gz", "2.0"],
  ["standards/data/attack-ics-stix20.jsonl.gz", "2.0"],
  ["standards/data/attack-mobile-stix20.jsonl.gz", "2.0"],
  ["feeds/attack/enterprise-attack.jsonl.gz", "2.1"],
  ["feeds/attack/ics-attack.jsonl.gz", "2.1"],
] as const;
const there = files.filter(([file]) => existsSync(new URL(file, corpora)));
const when = there.length === 0 ? { skip: "the corpora are not beside this checkout" } : {};

const statement = {
  type: "marking-definition",
  spec_version: "2.1",
  id: "marking-definition--fa42a846-8d90-4e51-bc29-71d5b4802168",
  created: "2017-06-01T00:00:00.000Z",
  definition_type: "statement",
  definition: { statement: "Copyright of the publisher" },
};

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("ATT&CK goes in by TAXII and comes out byte for byte, to its sender and to its readers", when, async (t) => {
  const world = await openTaxiiWorld(t);
  assert.equal(there.length, files.length);
  for (const [file, spec] of there) {
    // green by default: the objects carry a copyright statement and no TLP
    const id = await world.collection({ tlp: "green" });
    const lines = gunzipSync(readFileSync(new URL(file, corpora)))
      .toString("utf8")
      .split("\n")
      .filter(Boolean);
    const coming = new Map<string, string>();
    for (let at = 0; at < lines.length; at += 2500) {
      const some = lines.slice(at, at + 2500);
      for (const line of some) coming.set(digest(Buffer.from(line)), line);
      const got = await world.send({
        method: "POST",
        path: objectsOf(id),
        as: "transport",
        headers: { "content-encoding": "gzip" },
        body: gzipSync(`{"objects":[\n${some.join(",\n")}\n]}`, { level: 1 }),
      });
      assert.equal(got.status, 202, got.text.slice(0, 300));
      assert.equal(got.json.failure_count, 0, JSON.stringify(got.json.failures?.slice(0, 3)));
    }
    if (!lines.some((line) => line.includes('"definition_type"'))) {
      // all of it is marked with a statement that is not in the file: nobody else sees it before somebody says what it is
      assert.equal((await world.get(objectsOf(id), "parks")).text, "{}");
      assert.equal((await world.post(objectsOf(id), [statement])).json.success_count, 1);
      coming.set(digest(Buffer.from(JSON.stringify(statement))), JSON.stringify(statement));
    }
    for (const who of ["transport", "parks"] as const) {
      const out = new Set<string>();
      let path = `${objectsOf(id)}?match[version]=all&match[spec_version]=2.0,2.1&limit=5000`;
      let pages = 0;
      for (;;) {
        const got = await world.send({ path, as: who });
        assert.equal(got.headers["content-type"], taxii);
        const sliced = objectSlices(Buffer.from(got.text));
        assert.ok(sliced.ok);
        for (const slice of sliced.value.objects) out.add(digest(slice.bytes));
        pages++;
        if (!got.json.more) break;
        path = `${objectsOf(id)}?next=${got.json.next}`;
      }
      assert.ok(pages >= coming.size / 5000, `${file}: ${pages} pages for ${who}, ${out.size} of ${coming.size}`);
      const lost = [...coming].filter(([hash]) => !out.has(hash));
      // individuals are the one thing that readers without personal data in their terms do not get
      const expected =
        who === "transport" ? [] : lost.filter(([, line]) => JSON.parse(line).identity_class === "individual");
      assert.deepEqual(lost, expected, `${file}: ${lost.length} lost for ${who}`);
    }
    const [one] = (await world.get(`${root}collections/${id}/manifest/?limit=1`)).json.objects;
    assert.equal(one.media_type, `application/stix+json;version=${spec}`);
  }
});
