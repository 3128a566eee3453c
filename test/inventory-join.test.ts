import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RawAdvisory } from "#feeds/feed.ts";
import { affected, csv, cve, type InventoryWorld, openInventoryWorld, runs } from "./inventory-world.ts";

test("a new inventory meets what is known, a new advisory what is run; both ways give the same", async (t) => {
  const world = await openInventoryWorld(t);
  await world.say("nvd", cve("CVE-2026-10001", [affected("gateway", "4.2")], { scores: [score(9.8)] }));
  await world.settle();
  assert.deepEqual(await world.matches(), []);
  const put = await world.put(
    "harbour",
    "servers",
    csv(runs("gateway", "4.1", "web-01", "yes"), runs("gateway", "4.3", "web-02")),
  );
  assert.ok(put.ok);
  assert.deepEqual([put.value.items, put.value.added, put.value.removed, put.value.rejected], [2, 2, 0, 0]);
  await world.settle();
  const first = ["harbour web-01 gateway 4.1 CVE-2026-10001 act-now likely cpe exposed open "];
  assert.deepEqual(await world.matches(), first);
  assert.deepEqual(await world.findings(), ["harbour web-01 cve-2026-10001 new critical likely"]);
  // the other way: the advisory comes when the inventory is there
  await world.say(
    "nvd",
    cve("CVE-2026-10001", [affected("gateway", "4.2")], { scores: [score(9.8)] }),
    cve("CVE-2026-10002", [affected("gateway", "5.0")], { scores: [score(7.1)] }),
  );
  await world.settle();
  assert.deepEqual(await world.matches(), [
    ...first,
    "harbour web-01 gateway 4.1 CVE-2026-10002 soon likely cpe exposed open ",
    "harbour web-02 gateway 4.3 CVE-2026-10002 planned likely cpe inside open ",
  ]);
  // settled, nothing is due and nothing changes
  const before = await world.sql`select count(*)::int as n from hit`;
  assert.equal(await world.settle(), 1);
  assert.deepEqual(await world.sql`select count(*)::int as n from hit`, before);
});

test("what is repaired, withdrawn or removed closes its finding, with the reason, and what comes back opens it again", async (t) => {
  const world = await openInventoryWorld(t);
  const one = cve("CVE-2026-10001", [affected("gateway", "4.2")], { scores: [score(9.8)] });
  const two = cve("CVE-2026-10002", [affected("mailer", "2.0")], { scores: [score(9.8)] });
  await world.say("nvd", one, two);
  const all = csv(runs("gateway", "4.1", "web-01"), runs("mailer", "1.0", "mx-01"), runs("gateway", "4.0", "web-02"));
  await world.put("harbour", "servers", all);
  await world.settle();
  const states = async (): Promise<readonly string[]> =>
    (await world.findings()).map((line) => line.split(" ").slice(1, 4).join(" "));
  assert.deepEqual(await states(), [
    "mx-01 cve-2026-10002 new",
    "web-01 cve-2026-10001 new",
    "web-02 cve-2026-10001 new",
  ]);
  // repaired on one, gone from another, withdrawn of the third
  await world.put("harbour", "servers", csv(runs("gateway", "4.2", "web-01"), runs("mailer", "1.0", "mx-01")));
  await world.say("nvd", one, { ...two, withdrawn: true });
  await world.settle();
  assert.deepEqual(await states(), [
    "mx-01 cve-2026-10002 gone",
    "web-01 cve-2026-10001 gone",
    "web-02 cve-2026-10001 gone",
  ]);
  const why =
    await world.sql`select f.asset, h.detail ->> 'why' as why from finding_history h join finding f on f.n = h.finding where h.what = 'gone' order by f.asset`;
  assert.deepEqual(
    why.map((row) => `${row["asset"]} ${row["why"]}`),
    ["mx-01 said", "web-01 changed", "web-02 removed"],
  );
  await world.put("harbour", "servers", all);
  await world.say("nvd", one, two);
  await world.settle();
  assert.deepEqual(await states(), [
    "mx-01 cve-2026-10002 reopened",
    "web-01 cve-2026-10001 reopened",
    "web-02 cve-2026-10001 reopened",
  ]);
});

test("exploited and exposed leads one alert for all products, and what is below the line waits in the portal", async (t) => {
  const world = await openInventoryWorld(t);
  await world.say(
    "nvd",
    cve("CVE-2026-10001", [affected("gateway", "4.2")], { scores: [score(6)] }),
    cve("CVE-2026-10002", [affected("mailer", "2.0")], { scores: [score(7.2)] }),
    cve("CVE-2026-10003", [affected("library", "9.0")], { scores: [score(2)] }),
  );
  const libraries = Array.from({ length: 300 }, (_, at) => runs("library", `1.${at}`, `app-${at}`));
  await world.put(
    "harbour",
    "all",
    csv(runs("gateway", "4.1", "203.0.113.4"), runs("mailer", "1", "mx-01"), ...libraries),
  );
  await world.settle();
  assert.equal((await world.sql`select from product_digest`).length, 0);
  // a score that nobody needs to hear of makes no finding, and stands among the products
  assert.deepEqual(
    (await world.findings()).map((line) => line.split(" ").slice(1, 3).join(" ")),
    ["203.0.113.4 cve-2026-10001", "mx-01 cve-2026-10002"],
  );
  assert.equal((await world.matches()).length, 302);
  // its record says now that it is used: three weaknesses, 302 assets, one alert
  await world.say(
    "kev",
    ...["CVE-2026-10001", "CVE-2026-10002", "CVE-2026-10003"].map((id) =>
      cve(id, [], { exploited: { ransomware: false } }),
    ),
  );
  await world.settle();
  const digests = await world.sql`select body, cardinality(findings) as n from product_digest`;
  assert.equal(digests.length, 1);
  assert.equal(digests[0]?.["n"], 302);
  const body = digests[0]?.["body"] as { products: Record<string, unknown>[]; more: number } | undefined;
  const { products = [], more = -1 } = body ?? {};
  assert.equal(more, 0);
  assert.deepEqual(
    products.map((one) => [one["product"], one["assets"], one["moreAssets"], one["exposed"], one["exploited"]]),
    [
      ["gateway 4.1", ["203.0.113.4"], 0, true, true],
      ["mailer 1", ["mx-01"], 0, false, true],
      ["library 1.0, 1.1, 1.10, 1.100", ["app-0", "app-1", "app-10"], 297, false, true],
    ],
  );
});

const score = (value: number) => ({
  version: "3.1" as const,
  vector: "CVSS:3.1/AV:N",
  score: value,
  by: "nvd@nist.gov",
});

/** What can happen, in small numbers, so that the same things meet again and again. */
type Deed =
  | {
      readonly does: "say";
      readonly feed: "nvd" | "quiet" | "strict";
      readonly cve: number;
      readonly product: number;
      readonly below: number;
      readonly withdrawn: boolean;
    }
  | { readonly does: "exploited"; readonly cve: number }
  | {
      readonly does: "run";
      readonly of: "harbour" | "parks";
      readonly name: number;
      readonly rows: readonly (readonly [product: number, version: number, exposed: boolean])[];
    };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      ...{
        does: fc.constant("say" as const),
        feed: fc.constantFrom("nvd" as const, "quiet" as const, "strict" as const),
      },
      ...{ cve: fc.nat(3), product: fc.nat(2), below: fc.nat(4), withdrawn: fc.boolean() },
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("exploited" as const), cve: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{
        does: fc.constant("run" as const),
        of: fc.constantFrom("harbour" as const, "parks" as const),
        name: fc.nat(1),
      },
      rows: fc.array(fc.tuple(fc.nat(2), fc.nat(4), fc.boolean()), { maxLength: 4 }),
    }),
  },
);

test("whatever came in whichever order, matches are as if all of it had been there at once", async (t) => {
  const [grown, filled] = await Promise.all([openInventoryWorld(t), openInventoryWorld(t)]);
  const idOfCve = (n: number): string => `CVE-2026-1000${n}`;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 2, maxLength: 7 }), async (deeds) => {
      await grown.clear();
      await filled.clear();
      const lists = new Map<string, Map<string, RawAdvisory>>();
      const inventories = new Map<string, Extract<Deed, { does: "run" }>>();
      const tell = (world: InventoryWorld, feed: string): Promise<void> =>
        world.say(feed, ...(lists.get(feed)?.values() ?? []));
      const bring = ({ of, name, rows }: Extract<Deed, { does: "run" }>, world: InventoryWorld) =>
        world.put(
          of,
          `list-${name}`,
          csv(
            ...rows.map(([product, version, exposed]) =>
              runs(`product_${product}`, `${version}`, `host-${product}`, exposed ? "yes" : "no"),
            ),
          ),
        );
      for (const one of deeds) {
        if (one.does === "run") {
          inventories.set(`${one.of} ${one.name}`, one);
          await bring(one, grown);
        } else {
          const feed = one.does === "exploited" ? "kev" : one.feed;
          const id = idOfCve(one.cve);
          const said =
            one.does === "exploited"
              ? cve(id, [], { exploited: { ransomware: false } })
              : cve(id, [affected(`product_${one.product}`, `${one.below}`)], {
                  ...(one.withdrawn ? { withdrawn: true as const } : {}),
                  scores: [score(5 + one.cve)],
                });
          lists.set(feed, new Map([...(lists.get(feed) ?? []), [id, said]]));
          await tell(grown, feed);
        }
        await grown.settle();
      }
      for (const feed of lists.keys()) await tell(filled, feed);
      for (const one of inventories.values()) await bring(one, filled);
      await filled.settle();
      assert.deepEqual(await grown.matches(), await filled.matches());
      const open = (lines: readonly string[]): readonly string[] =>
        lines
          .filter((line) => !line.split(" ").includes("gone"))
          .map((line) => line.replace(/ (?:new|reopened) .*?( veiled)?$/, "$1"));
      assert.deepEqual(open(await grown.findings()), open(await filled.findings()));
    }),
    { numRuns: 12, endOnFailure: true },
  );
});
