import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { licences, type Licence, type OrganisationId, paps, tlps } from "#core/marking.ts";
import { instant } from "#core/instant.ts";
import { purposes } from "#community/agreement.ts";
import { problem } from "#core/result.ts";
import { reachOf, releaseStix, type StixFor } from "#jobs/stix/release.ts";
import type { StixRow } from "#jobs/stix/objects-port.ts";
import { type Got, indicator, objectsOf, openTaxiiWorld, root, type TaxiiWorld, type Who } from "./taxii-world.ts";

const tlp2 = {
  clear: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
  green: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
  amber: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
  "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
  red: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
} as const;
const marked = (n: number, tlp: keyof typeof tlp2, more = {}): Readonly<Record<string, unknown>> =>
  indicator(n, { object_marking_refs: [tlp2[tlp]], ...more });
const ns = (got: Got): readonly number[] =>
  (got.json?.objects ?? []).map((one: { id: string }) => Number(one.id.slice(11, 19)));
const seenBy = async (world: TaxiiWorld, id: string, who: Who, query = ""): Promise<readonly number[]> =>
  ns(await world.get(`${objectsOf(id)}${query}`, who));

test("TAXII: each party gets what its TLP, agreement and ownership allow, and pages of it are full", async (t) => {
  const world = await openTaxiiWorld(t);
  const id = await world.collection({ tlp: "amber" });
  const mixed = [
    marked(1, "clear"),
    marked(2, "green"),
    marked(3, "amber"),
    marked(4, "amber+strict"),
    marked(5, "red"),
    indicator(6),
  ];
  await world.post(objectsOf(id), mixed, "transport");
  // the sender owns what it sent; an unmarked object is amber, the collection's default
  assert.deepEqual(await seenBy(world, id, "transport"), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await seenBy(world, id, "parks"), [1, 2]);
  assert.deepEqual(await seenBy(world, id, "oversea"), [1, 2]);
  // from the CERT itself it is the community's: amber reaches members, and no partner
  await world.post(
    objectsOf(id),
    [11, 12, 13, 14, 15].map((n, at) => marked(n, tlps[at] ?? "red")),
    "cert",
  );
  assert.deepEqual(await seenBy(world, id, "parks"), [1, 2, 11, 12, 13]);
  assert.deepEqual(await seenBy(world, id, "oversea"), [1, 2, 11, 12]);
  // pages of two over a collection of eleven rows, most of them hidden
  const pages: (readonly number[])[] = [];
  let got = await world.get(`${objectsOf(id)}?limit=2`, "oversea");
  pages.push(ns(got));
  while (got.json.more) {
    got = await world.get(`${objectsOf(id)}?next=${got.json.next}`, "oversea");
    pages.push(ns(got));
  }
  assert.deepEqual(pages, [
    [1, 2],
    [11, 12],
  ]);
  for (const path of [`${objectsOf(id)}${mixed[4]?.["id"]}/`, `${objectsOf(id)}${mixed[4]?.["id"]}/versions/`])
    assert.equal((await world.get(path, "parks")).status, 404);
  // without the purpose in its agreement a partner gets nothing at all
  const other = await world.collection({ purpose: "research" });
  await world.post(objectsOf(other), [marked(1, "clear")], "cert");
  assert.deepEqual([await seenBy(world, other, "oversea"), await seenBy(world, other, "parks")], [[], [1]]);
});

test("TAXII: hidden rows change nothing, in no answer: two worlds that differ only in them give the same bytes", async (t) => {
  const answers = async (secret: boolean): Promise<readonly string[]> => {
    const world = await openTaxiiWorld(t);
    const id = await world.collection({ id: "11111111-2222-4333-8444-555555555555", alias: "one", tlp: "amber" });
    let at = 1_795_077_720_000;
    // a second between any two acts, as clocks do; nothing here depends on how many rows others sent in between
    const act = async (who: Who, objects: readonly unknown[], hidden = false): Promise<string> => {
      at += 1000;
      world.clock.now = instant(at);
      (world.desk as { now: () => number }).now = () => world.clock.now;
      if (hidden && !secret) return "";
      const got = await world.post(objectsOf(id), objects, who);
      return hidden ? "" : JSON.stringify({ ...got.json, id: "" });
    };
    const said: string[] = [];
    await act(
      "transport",
      [marked(1, "red"), marked(2, "amber"), marked(3, "red", { modified: "2027-01-01T00:00:00.000Z" })],
      true,
    );
    said.push(await act("parks", [marked(1, "green"), marked(3, "green"), marked(4, "clear")]));
    await act(
      "transport",
      [marked(4, "red", { modified: "2028-01-01T00:00:00.000Z" }), marked(9, "amber+strict")],
      true,
    );
    // the very version that a hidden row holds, with other content: nobody is told that it is there
    await act("transport", [marked(5, "red", { name: "hidden" })], true);
    said.push(await act("parks", [marked(5, "green", { name: "mine" })]));
    await act("transport", [marked(6, "red", { revoked: true })], true);
    said.push(await act("parks", [marked(6, "green", { modified: "2029-01-01T00:00:00.000Z" })]));
    for (const query of [
      "",
      "?match[version]=all",
      "?match[version]=first",
      "?match[spec_version]=2.1",
      "?limit=2",
      "?match[type]=indicator&limit=3",
    ])
      for (const view of ["objects", "manifest"]) {
        let got = await world.get(`${root}collections/${id}/${view}/${query}`, "parks");
        for (;;) {
          said.push(
            got.text,
            String(got.headers["x-taxii-date-added-first"]),
            String(got.headers["x-taxii-date-added-last"]),
          );
          if (!got.json.more) break;
          const { next } = got.json;
          got = await world.get(`${root}collections/${id}/${view}/?next=${next}`, "parks");
        }
      }
    for (const n of [1, 2, 3, 4, 5, 6, 9])
      for (const tail of ["", "versions/"]) {
        const got = await world.get(`${objectsOf(id)}${indicator(n)["id"]}/${tail}`, "parks");
        said.push(`${got.status} ${got.status === 200 ? got.text : ""}`);
      }
    return said.map((text) => text.replaceAll(/"next":"[^"]+"/g, '"next":""'));
  };
  const [without, withSecrets] = [await answers(false), await answers(true)];
  assert.ok(without.length > 60);
  assert.deepEqual(withSecrets, without);
  assert.match(without.join(), /mine/);
});

test("TAXII: what a marking nobody has defined covers is red until the definition comes, and then arrives anew", async (t) => {
  const world = await openTaxiiWorld(t);
  const id = await world.collection({ tlp: "green" });
  const definition = "marking-definition--11111111-1111-4111-8111-111111111111";
  const says = (more: object): object => ({
    type: "marking-definition",
    spec_version: "2.1",
    id: definition,
    created: "2026-01-01T00:00:00.000Z",
    object_marking_refs: [tlp2.clear],
    ...more,
  });
  await world.post(objectsOf(id), [indicator(1, { object_marking_refs: [definition] })], "transport");
  await world.post(objectsOf(id), [marked(2, "green")], "transport");
  assert.deepEqual(await seenBy(world, id, "parks"), [2]);
  const polled = String((await world.get(objectsOf(id), "parks")).headers["x-taxii-date-added-last"]);
  // another party's definition lowers nothing
  const forged = says({
    definition_type: "statement",
    definition: { statement: "free" },
    object_marking_refs: [tlp2.red],
  });
  assert.equal((await world.post(objectsOf(id), [forged], "parks")).json.success_count, 1);
  assert.deepEqual(await seenBy(world, id, "parks", "?match[type]=indicator"), [2]);
  await world.post(
    objectsOf(id),
    [says({ definition_type: "statement", definition: { statement: "Copyright" } })],
    "transport",
  );
  assert.deepEqual(await seenBy(world, id, "parks", "?match[type]=indicator"), [2, 1]);
  // who polls by date sees it, though it was sent before
  assert.deepEqual(await seenBy(world, id, "parks", `?match[type]=indicator&added_after=${polled}`), [1]);
  // a definition that says a TLP binds by it
  const strict = definition.replaceAll("1", "2");
  await world.post(objectsOf(id), [indicator(3, { object_marking_refs: [strict, tlp2.clear] })], "transport");
  await world.post(
    objectsOf(id),
    [{ ...says({ definition_type: "tlp", definition: { tlp: "amber" } }), id: strict }],
    "transport",
  );
  assert.deepEqual(await seenBy(world, id, "parks", "?match[type]=indicator"), [2, 1]);
  assert.deepEqual(await seenBy(world, id, "transport", "?match[type]=indicator"), [2, 1, 3]);
});

test("TAXII: parts with a stricter marking are left out where they may not go; what cannot be left out binds the whole", async (t) => {
  const world = await openTaxiiWorld(t);
  const id = await world.collection();
  const granular = [
    { marking_ref: tlp2.red, selectors: ["description", "labels.[1]"] },
    { marking_ref: tlp2.clear, selectors: ["name"] },
    { lang: "en", selectors: ["pattern"] },
  ];
  const said = { description: "of our source", labels: ["a", "b"], name: "known", x_own: { deep: [1.0, "é"] } };
  await world.post(
    objectsOf(id),
    [
      marked(1, "green", { ...said, granular_markings: granular }),
      marked(2, "green", { ...said, granular_markings: [{ marking_ref: tlp2.red, selectors: ["pattern"] }] }),
      marked(3, "green", { ...said, granular_markings: [{ marking_ref: tlp2.red, selectors: ["nothing"] }] }),
      marked(4, "green", {
        ...said,
        granular_markings: [
          { marking_ref: "marking-definition--99999999-9999-4999-8999-999999999999", selectors: ["description"] },
        ],
      }),
    ],
    "transport",
  );
  const got = await world.get(objectsOf(id), "parks");
  assert.deepEqual(ns(got), [1, 4]);
  const { description, labels, granular_markings, ...rest } = got.json.objects[0];
  assert.deepEqual([description, labels, rest.name, rest.x_own], [undefined, undefined, "known", said.x_own]);
  assert.deepEqual(granular_markings, granular.slice(1));
  assert.equal(got.json.objects[1].description, undefined);
  const own = await world.get(objectsOf(id), "transport");
  assert.equal(own.json.objects[0].description, said.description);
  assert.equal(own.json.objects.length, 4);
});

test("TAXII: objects about a person stay where personal data may not go", async (t) => {
  const world = await openTaxiiWorld(t);
  const id = await world.collection();
  const person = {
    type: "identity",
    spec_version: "2.1",
    id: "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",
    created: "2026-01-01T00:00:00.000Z",
    modified: "2026-01-01T00:00:00.000Z",
    name: "Somebody",
    identity_class: "individual",
    object_marking_refs: [tlp2.green],
  };
  await world.post(objectsOf(id), [person, marked(1, "green")], "transport");
  assert.equal((await world.get(objectsOf(id), "transport")).json.objects.length, 2);
  assert.deepEqual(await seenBy(world, id, "parks"), [1]);
});

test("TAXII: a sender in shadow is heard by staff alone, and by all once it is let speak", async (t) => {
  const world = await openTaxiiWorld(t);
  const id = await world.collection();
  await world.sql`update organisation set shadow = true where key = 'parks'`;
  await world.sql`insert into directory_change (version, at, change) select coalesce(max(version), 0) + 1, now(), '{"kind":"people"}' from directory_change`;
  await world.desk.directory.refresh();
  assert.equal((await world.post(objectsOf(id), [marked(1, "clear")], "parks")).json.success_count, 1);
  assert.deepEqual(await seenBy(world, id, "transport"), []);
  const let_ = { act: "let-speak", organisation: world.organisation("parks") } as const;
  const by = async (who: "lo" | "chan"): Promise<unknown> =>
    world.acts.doCollection(await world.viewer(who), id, let_, { language: "en", request: "r" });
  assert.deepEqual(await by("chan"), { ok: false, problem: problem("WGL_HTTP_FORBIDDEN") });
  assert.deepEqual(await by("lo"), { ok: true, value: { objects: 1 } });
  assert.deepEqual(await seenBy(world, id, "transport"), [1]);
});

test("TAXII: each response stands in the ledger and the evidence, with its interval and the hash of its bytes", async (t) => {
  const world = await openTaxiiWorld(t);
  const id = await world.collection({ alias: "ledger" });
  await world.post(objectsOf(id), [marked(1, "green"), marked(2, "green"), marked(3, "green")], "transport");
  const [first] = [await world.get(`${objectsOf(id)}?limit=2`, "oversea")];
  await world.get(`${objectsOf(id)}?match[type]=nothing`, "oversea");
  const rows = await world.sql`select * from release_ledger order by n`;
  assert.equal(rows.length, 1, "an answer that holds nothing is no release");
  const [row] = rows;
  assert.equal(
    row?.["content_hash"],
    createHash("sha256")
      .update(first?.text ?? "")
      .digest("hex"),
  );
  assert.deepEqual([row?.["party"], row?.["objects"]], [world.organisation("oversea"), 2]);
  const stored = await world.sql`select date_added from stix_object order by date_added`;
  const sent = await world.desk.state.act(async (tx) =>
    Promise.all(stored.map(async (one) => (await tx.ledger.sent(String(one["date_added"]), instant(4e12))).length)),
  );
  assert.deepEqual(sent, [1, 1, 0], "recall finds who was sent which object");
  assert.equal(
    (await world.leaves()).filter((leaf) => leaf.subject === "taxii ledger" && leaf.kind === "release").length,
    1,
  );
});

test("TAXII: who polls by added_after while many write misses nothing and sees nothing twice", async (t) => {
  const world = await openTaxiiWorld(t);
  const id = await world.collection();
  const writers = 6;
  const each = 8;
  let writing = writers;
  const polled: number[] = [];
  const poll = async (): Promise<void> => {
    let after = "";
    for (let rest = 2; rest > 0; ) {
      const got = await world.get(`${objectsOf(id)}?limit=7${after === "" ? "" : `&added_after=${after}`}`, "parks");
      if (got.json.objects !== undefined) {
        polled.push(...ns(got));
        after = String(got.headers["x-taxii-date-added-last"]);
      } else if (writing === 0) rest--;
      else await wait(1);
    }
  };
  const write = async (k: number): Promise<void> => {
    for (let n = 0; n < each; n++)
      // sizes differ, so that transactions overtake each other
      await world.post(
        objectsOf(id),
        Array.from({ length: 1 + ((n * 7 + k * 13) % 40) }, (_, m) => marked(k * 100_000 + n * 1000 + m, "green")),
        k % 2 ? "transport" : "cert",
      );
    writing--;
  };
  await Promise.all([poll(), poll(), ...Array.from({ length: writers }, (_, k) => write(k))]);
  const [all] = await world.sql`select count(*)::int as n, count(distinct date_added)::int as dates from stix_object`;
  assert.equal(all?.["n"], all?.["dates"]);
  assert.equal(polled.length, 2 * Number(all?.["n"]));
  assert.equal(new Set(polled).size, Number(all?.["n"]));
});

test("law: the SQL of a reach keeps exactly the rows that release lets go", async (t) => {
  const world = await openTaxiiWorld(t);
  const id = await world.collection();
  const [n] = await world.sql`select n from stix_collection where id = ${id}`;
  const collection = Number(n?.["n"]);
  const parties = ["p1", "p2"] as unknown as readonly OrganisationId[];
  const now = instant(1_795_077_720_000);
  const licenceNames = Object.keys(licences) as Licence[];
  const row = fc.record({
    owner: fc.option(fc.constantFrom(...parties), { nil: undefined }),
    tlp: fc.constantFrom(...tlps),
    pap: fc.constantFrom(...paps),
    group: fc.option(fc.constantFrom("g1", "g2"), { nil: undefined }),
    licence: fc.constantFrom(...licenceNames),
    shadow: fc.boolean(),
    personal: fc.boolean(),
  });
  const party = fc.record({
    kind: fc.constantFrom("organisation" as const, "partner" as const),
    party: fc.constantFrom(...parties),
    clientOf: fc.subarray([...parties]),
    groups: fc.subarray(["g1", "g2"]),
    agreement: fc.option(
      fc.record({
        party: fc.constantFrom(...parties),
        tlpMax: fc.constantFrom(...tlps),
        papMax: fc.constantFrom(...paps),
        anonymiseSources: fc.boolean(),
        acceptsPii: fc.boolean(),
        purposes: fc.subarray([...purposes], { minLength: 1 }),
        from: fc.constantFrom(instant(0), instant(now + 1)),
      }),
      { nil: undefined },
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 30 }),
      fc.array(party, { minLength: 1, maxLength: 6 }),
      async (rows, asking) => {
        const made = rows.map(
          ({ owner, tlp, pap, group, licence, shadow, personal }, at): StixRow => ({
            ...{
              addedAt: at + 1,
              id: `x--${at}`,
              type: "x",
              spec: "2.1",
              key: "k",
              written: "k",
              revoked: false,
              personal,
              body: "{}",
            },
            ...(owner === undefined ? {} : { sender: owner }),
            marking: {
              tlp,
              pap,
              licence,
              ...(owner === undefined ? {} : { owner }),
              ...(group === undefined ? {} : { group: group as never }),
            },
            ...(shadow ? { shadow: "why" } : {}),
          }),
        );
        await world.sql`delete from stix_object`;
        await world.desk.state.act((tx) =>
          tx.stix.insert(
            collection,
            made.map((one) => ({ ...one, awaits: [], alone: true })),
          ),
        );
        for (const { agreement, ...who } of asking) {
          const whom: StixFor = {
            recipient: { ...who, groups: who.groups as never, ...(agreement ? { agreement } : {}) },
            purpose: "detection",
            now,
          };
          const reach = reachOf(whom);
          const filter = { version: { first: false, last: true, all: false, keys: [] } };
          const found = reach
            ? (
                await world.desk.state.act((tx) =>
                  tx.stix.page({ collection, filter, after: 0, limit: 100, bytes: 1e9 }, reach),
                )
              ).rows
            : [];
          assert.deepEqual(
            found.map((one) => one.id),
            made.filter((one) => releaseStix(one, whom) !== undefined).map((one) => one.id),
          );
        }
      },
    ),
    { numRuns: 40 },
  );
});
