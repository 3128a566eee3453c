import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Asset } from "#community/asset.ts";
import { hour, type Instant, instant } from "#core/instant.ts";
import type { RawAdvisory } from "#feeds/feed.ts";
import { joinInventories } from "#jobs/inventory/join.ts";
import { directoryInventory } from "#intel/inventory/item.ts";
import { putInventory } from "#jobs/inventory/put.ts";
import { idOf, now, o } from "./incident-world.ts";
import { affected, csv, cve, type InventoryWorld, openInventoryWorld, runs } from "./inventory-world.ts";

const cpe = (product: string, version: string): string => `cpe:2.3:a:example:${product}:${version}:*:*:*:*:*:*:*`;

const named = (owner: string, product: string, version: string, some: Partial<Asset> = {}): Asset => ({
  ...{ id: `${owner} ${product} ${version}` as Asset["id"], organisation: o(owner), kind: "product" },
  ...{ value: cpe(product, version), from: instant(0), proof: "declared", worth: "normal" },
  ...some,
});

interface Named {
  readonly world: InventoryWorld;
  readonly hold: (...assets: readonly Asset[]) => Promise<void>;
  readonly give: (asset: Asset) => Promise<void>;
  /** Components that were ever made: what is compared again and stays is none. */
  readonly made: () => Promise<number>;
  readonly states: () => Promise<readonly string[]>;
}

const open = async (t: TestContext): Promise<Named> => {
  const world = await openInventoryWorld(t);
  return {
    world,
    hold: async (...assets) => {
      await world.state.act(async (tx) => {
        for (const asset of assets) await tx.community.putAsset(asset, world.clock.now);
      });
      await world.directory.refresh();
    },
    give: async (asset) => {
      await world.state.act((tx) => tx.community.endAsset(asset.id, world.clock.now, world.clock.now));
      await world.directory.refresh();
    },
    made: async () => (await world.sql`select n from component`).length,
    states: async () => (await world.findings()).map((line) => line.split(" ").slice(0, -2).join(" ")),
  };
};

const gateway = cve("CVE-2026-10001", [affected("gateway", "4.2")], {
  scores: [{ version: "3.1", vector: "CVSS:3.1/AV:N", score: 9.8, by: "nvd@nist.gov" }],
});
const mailer = cve("CVE-2026-10002", [affected("mailer", "2.0")], { scores: gateway.scores });

test("products of the directory meet advisories whichever is new, and their evidence says that the directory names them", async (t) => {
  const { world, hold, give, made, states } = await open(t);
  await hold(named("harbour", "gateway", "4.1", { worth: "critical" }));
  assert.deepEqual((await world.settle(), await world.matches()), []);
  await world.say("nvd", gateway);
  await world.settle();
  assert.deepEqual(await world.matches(), [
    "harbour example gateway gateway 4.1 CVE-2026-10001 soon likely cpe inside open ",
  ]);
  // critical to its owner: the directory says so
  assert.deepEqual(await world.findings(), ["harbour example gateway cve-2026-10001 new critical likely"]);
  const [hit] = await world.sql`select file, evidence from hit`;
  assert.deepEqual(
    [hit?.["file"], hit?.["evidence"]],
    [directoryInventory, `${cpe("gateway", "4.1")}: example gateway 4.1`],
  );
  // the other way: the asset comes when the advisory is known, and only it is compared
  const before = await made();
  await hold(named("parks", "gateway", "4.0"));
  await world.settle();
  assert.equal((await made()) - before, 1);
  assert.deepEqual(await states(), [
    "harbour example gateway cve-2026-10001 new",
    "parks example gateway cve-2026-10001 new",
  ]);
  // nothing changed: nothing is due, nothing is found again
  const hits = await world.sql`select count(*)::int as n from hit`;
  await hold(named("harbour", "gateway", "4.1", { worth: "critical", proof: "staff" }));
  assert.equal(await world.settle(), 1);
  assert.deepEqual(await world.sql`select count(*)::int as n from hit`, hits);
  // repaired on one side, and no longer held on the other
  await give(named("harbour", "gateway", "4.1"));
  await hold(named("harbour", "gateway", "4.2"));
  await give(named("parks", "gateway", "4.0"));
  await world.settle();
  const gone =
    await world.sql`select f.organisation, h.detail ->> 'why' as why from finding_history h join finding f on f.n = h.finding where h.what = 'gone' order by 1`;
  assert.deepEqual(
    gone.map((row) => `${row["organisation"]} ${row["why"]}`),
    ["harbour changed", "parks removed"],
  );
});

test("a holding begins and ends by its days, without anybody changing the directory", async (t) => {
  const { world, hold, states } = await open(t);
  await world.say("nvd", gateway);
  const [from, to] = [instant(now + 10 * hour), instant(now + 20 * hour)];
  await hold(named("harbour", "gateway", "4.1", { from, to }));
  const at = async (time: Instant): Promise<readonly string[]> => {
    world.clock.now = time;
    await world.settle();
    return states();
  };
  assert.deepEqual(await at(now), []);
  assert.deepEqual(await at(from), ["harbour example gateway cve-2026-10001 new"]);
  assert.deepEqual(await at(to), ["harbour example gateway cve-2026-10001 gone"]);
  // whose clock is behind takes nothing back
  assert.deepEqual(await at(instant(to - hour)), ["harbour example gateway cve-2026-10001 gone"]);
});

test("an inventory that lists the product speaks for it, in whatever version, for as long as it does", async (t) => {
  const { world, hold, states } = await open(t);
  await world.say("nvd", gateway, mailer);
  await hold(named("harbour", "gateway", "4.1"), named("harbour", "mailer", "1.0"), named("parks", "gateway", "4.1"));
  await world.settle();
  const [first, second, third] = await states();
  assert.deepEqual(
    [first, second, third],
    [
      "harbour example gateway cve-2026-10001 new",
      "harbour example mailer cve-2026-10002 new",
      "parks example gateway cve-2026-10001 new",
    ],
  );
  // listed where it runs, in the version that is repaired: what the directory says is old
  await world.put("harbour", "servers", csv(runs("gateway", "4.2", "web-01")));
  await world.settle();
  assert.deepEqual(await states(), ["harbour example gateway cve-2026-10001 gone", second, third]);
  const why =
    await world.sql`select f.asset, h.detail ->> 'why' as why from finding_history h join finding f on f.n = h.finding where h.what = 'gone'`;
  assert.deepEqual(
    why.map((row) => `${row["asset"]} ${row["why"]}`),
    ["example gateway listed"],
  );
  // by name and maker it is listed too; another maker's product of the same name is another
  await world.put("harbour", "servers", csv("Mailer,Example,2.1,,,mx-01,no,", "Gateway,Somebody,4.0,,,web-02,no,"));
  await world.settle();
  assert.deepEqual(await states(), [
    "harbour example gateway cve-2026-10001 reopened",
    "harbour example mailer cve-2026-10002 gone",
    third,
  ]);
});

test("nobody can bring an inventory in the directory's place, and what cannot be read of it is told", async (t) => {
  const { world, hold } = await open(t);
  const put = await putInventory(
    { state: world.state, idOf, now: () => world.clock.now },
    { organisation: o("harbour"), name: directoryInventory, file: "", body: Buffer.from("x"), who: "" },
  );
  assert.equal(put.ok ? "" : put.problem.code, "WGL_INVENTORY_NAME");
  await hold(
    named("harbour", "gateway", "4.1"),
    named("harbour", "*", "*"),
    named("harbour", "a", "b", { value: "cpe:2.3:a:exa*ple:gateway:1.0:*:*:*:*:*:*:*" }),
  );
  await world.settle();
  const [version] = await world.sql`select items, rejected, problem_count, problems from inventory_version`;
  assert.deepEqual([version?.["items"], version?.["rejected"]], [1, 2]);
  assert.deepEqual(
    (version?.["problems"] as { code: string; at: string }[] | undefined)
      ?.map(({ code, at }) => `${code} ${at}`)
      .sort(),
    [
      "WGL_INVENTORY_ITEM cpe:2.3:a:exa*ple:gateway:1.0:*:*:*:*:*:*:*",
      `WGL_INVENTORY_ITEM ${cpe("*", "*")}`,
      "WGL_PRODUCT_CPE cpe:2.3:a:exa*ple:gateway:1.0:*:*:*:*:*:*:*",
    ],
  );
});

test("a process whose directory is a second old ends nothing that another began", async (t) => {
  const { world, hold, states } = await open(t);
  await world.say("nvd", gateway);
  await world.settle();
  const old = world.directory.known;
  await hold(named("harbour", "gateway", "4.1"));
  await world.settle();
  const before = await states();
  assert.equal(before.length, 1);
  const joining = { state: world.state, idOf, directory: { known: old }, now: () => world.clock.now };
  while ((await joinInventories(joining))?.more);
  await world.settle();
  assert.deepEqual(await states(), before);
});

type Deed =
  | { readonly does: "hold" | "give"; readonly product: number; readonly version: number }
  | { readonly does: "say"; readonly product: number; readonly below: number }
  | { readonly does: "list"; readonly rows: readonly (readonly [product: number, version: number])[] };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    ...{ does: fc.constantFrom("hold" as const, "give" as const), product: fc.nat(1), version: fc.nat(2) },
  }),
  fc.record({ ...{ does: fc.constant("say" as const), product: fc.nat(1), below: fc.nat(3) } }),
  fc.record({
    ...{ does: fc.constant("list" as const), rows: fc.array(fc.tuple(fc.nat(1), fc.nat(2)), { maxLength: 2 }) },
  }),
);

test("whatever changed in whichever order, directory, inventories and advisories match as if all had been there at once", async (t) => {
  const [grown, filled] = await Promise.all([open(t), open(t)]);
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 2, maxLength: 8 }), async (deeds) => {
      for (const { world } of [grown, filled]) {
        await world.clear();
        await world.sql`delete from asset where kind = 'product'`;
        world.clock.now = instant(world.clock.now + hour);
      }
      const said = new Map<string, RawAdvisory>();
      const held = new Map<string, Asset>();
      let rows: readonly (readonly [number, number])[] | undefined;
      const list = ({ world }: Named) =>
        rows === undefined
          ? undefined
          : world.put(
              "harbour",
              "list",
              csv(...rows.map(([product, version]) => runs(`p${product}`, `${version}`, "host"))),
            );
      for (const one of deeds) {
        if (one.does === "list") {
          ({ rows } = one);
          await list(grown);
        } else if (one.does === "say") {
          const id = `CVE-2026-1000${one.product}`;
          said.set(id, cve(id, [affected(`p${one.product}`, `${one.below}`)], { scores: gateway.scores }));
          await grown.world.say("nvd", ...said.values());
        } else {
          const asset = named("harbour", `p${one.product}`, `${one.version}`);
          if (one.does === "hold" && !held.has(asset.id)) {
            held.set(asset.id, asset);
            await grown.hold(asset);
          } else if (one.does === "give" && held.delete(asset.id)) await grown.give(asset);
        }
        await grown.world.settle();
      }
      await filled.hold(...held.values());
      await filled.world.say("nvd", ...said.values());
      await list(filled);
      await filled.world.settle();
      assert.deepEqual(await grown.world.matches(), await filled.world.matches());
    }),
    { numRuns: 15, endOnFailure: true },
  );
});
