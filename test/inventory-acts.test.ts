import assert from "node:assert/strict";
import { test } from "node:test";
import type { Viewer } from "#community/viewer.ts";
import { instant } from "#core/instant.ts";
import { feedById } from "#feeds/index.ts";
import { collectAdvisories } from "#jobs/advisories/collect.ts";
import { joinInventories } from "#jobs/inventory/join.ts";
import { ask, codeOf, openActsWorld } from "./acts-world.ts";
import { affected, csv, cve, runs } from "./inventory-world.ts";

test("an organisation's inventories are its own people's and staff's; others cannot even tell that there are any", async (t) => {
  const world = await openActsWorld(t);
  const { acts, desk, clock, sql } = world;
  const nvd = feedById.get("nist-nvd");
  assert.ok(nvd);
  await desk.state.act((tx) => tx.intel.feed(nvd, false));
  const organisations = desk.directory.known.directory.organisations.filter(({ kind }) => kind === "member");
  const [mine, other] = organisations;
  assert.ok(mine && other);
  const of = (organisation: string, role: "security-contact" | "viewer"): Viewer => ({
    ...{ kind: "person", person: "p" as never },
    seats: [{ organisation: organisation as never, of: "member", role, clientOf: [], groups: [] }],
  });
  const body = Buffer.from(csv(runs("gateway", "4.1", "web-01", "yes"), runs("gateway", "4.3", "web-02"), ",,,,,,,"));
  const brought = { name: "servers", file: "servers.csv", body };
  // who may
  assert.equal(codeOf(await acts.putInventory(of(other.id, "security-contact"), mine.id, brought, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.putInventory(of(mine.id, "viewer"), mine.id, brought, ask)), "WGL_HTTP_FORBIDDEN");
  assert.equal(codeOf(await acts.putInventory({ kind: "public" }, mine.id, brought, ask)), "WGL_ABSENT");
  const put = await acts.putInventory(of(mine.id, "security-contact"), mine.id, brought, ask);
  assert.ok(put.ok);
  assert.deepEqual(
    [put.value.items, put.value.rejected, put.value.problems[0]?.code, put.value.problems[0]?.at],
    [2, 1, "WGL_INVENTORY_ITEM", "row 4"],
  );
  assert.ok(world.woken.includes("products"));
  assert.ok((await world.leaves()).some(({ subject }) => subject === `inventory ${mine.id} servers`));
  await collectAdvisories({ state: desk.state, secret: "s", now: clock.now }, nvd, {
    name: "",
    advisories: [
      cve("CVE-2026-10001", [affected("gateway", "4.2")], { exploited: { ransomware: false, due: instant(0) } }),
    ],
  });
  while (
    (await joinInventories({ state: desk.state, directory: desk.directory, idOf: desk.idOf, now: () => clock.now }))
      ?.more
  );
  // who sees what
  for (const viewer of [of(mine.id, "security-contact"), of(mine.id, "viewer"), await world.viewer("lo")]) {
    const products = await acts.products(viewer, mine.id, { limit: 10 }, ask);
    assert.ok(products.ok);
    assert.deepEqual([products.value.components, products.value.urgent, products.value.products.length], [2, 1, 1]);
    const [product] = products.value.products;
    assert.deepEqual([product?.urgent, product?.weaknesses, product?.matches[0]?.asset], [true, 1, "web-01"]);
    const matches = await acts.productMatches(viewer, mine.id, { limit: 10, product: product?.product ?? "" }, ask);
    assert.ok(matches.ok && matches.value.matches[0]?.why.includes("Known to be exploited"));
    const list = await acts.inventories(viewer, mine.id, ask);
    assert.ok(list.ok && list.value.inventories[0]?.version.items === 2);
    const detail = await acts.inventory(viewer, mine.id, "servers", { limit: 1, past: false }, ask);
    assert.ok(detail.ok && detail.value.components.length === 1 && detail.value.next !== undefined);
    const [advisory] = await sql`select id from advisory`;
    const affectedBy = await acts.affected(viewer, advisory?.["id"] as string, ask);
    if (affectedBy.ok)
      assert.deepEqual(
        affectedBy.value.organisations.map(({ assets }) => assets),
        [["web-01"]],
      );
  }
  const stranger = of(other.id, "security-contact");
  assert.equal(codeOf(await acts.products(stranger, mine.id, { limit: 10 }, ask)), "WGL_ABSENT");
  assert.equal(codeOf(await acts.inventories(stranger, mine.id, ask)), "WGL_ABSENT");
  const [advisory] = await sql`select id from advisory`;
  const affectedBy = await acts.affected(stranger, advisory?.["id"] as string, ask);
  assert.ok(affectedBy.ok && affectedBy.value.organisations.length === 0);
  assert.equal(
    codeOf(await acts.products(of(mine.id, "viewer"), mine.id, { limit: 10, cursor: "x" }, ask)),
    "WGL_CURSOR",
  );
  // ended: its history stays, and nothing of it is left to compare
  assert.ok((await acts.endInventory(of(mine.id, "security-contact"), mine.id, "servers", ask)).ok);
  while (
    (await joinInventories({ state: desk.state, directory: desk.directory, idOf: desk.idOf, now: () => clock.now }))
      ?.more
  );
  const after = await acts.products(of(mine.id, "viewer"), mine.id, { limit: 10 }, ask);
  assert.ok(after.ok && after.value.products.length === 0 && after.value.components === 0);
  const kept = await acts.inventory(of(mine.id, "viewer"), mine.id, "servers", { limit: 10, past: true }, ask);
  assert.ok(kept.ok && kept.value.components.length === 2 && kept.value.inventory.ended !== undefined);
  assert.equal(codeOf(await acts.endInventory(of(mine.id, "security-contact"), mine.id, "servers", ask)), "WGL_ABSENT");
});
