import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Asset } from "#community/asset.ts";
import type { Directory } from "#community/directory.ts";
import { type Instant, instant } from "#core/instant.ts";
import type { Scope } from "#community/visibility.ts";
import type { OrganisationId } from "#core/marking.ts";
import { matchInventory } from "#detect/product-advisory/match.ts";
import { advisoryOf } from "#feeds/advisory-row.ts";
import type { RawAdvisory } from "#feeds/feed.ts";
import { feed as nvd } from "#feeds/nist-nvd/feed.ts";
import type { InventoryItem } from "#intel/inventory/item.ts";
import { readInventory } from "#intel/inventory/read-inventory.ts";
import { ProductIndex } from "#intel/products/product-index.ts";
import { collectAdvisories } from "#jobs/advisories/collect.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { joinInventories } from "#jobs/inventory/join.ts";
import { putInventory } from "#jobs/inventory/put.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { openState } from "#store/open.ts";
import { stateOf } from "#store/state.ts";
import { views } from "#store/views.ts";
import { figure } from "./figure.ts";

/**
 * Products × advisories on our own PostgreSQL as it is for operators, durable: advisories about 40,000 products, of which a
 * few have thousands and most a handful, as in NVD; inventories of ten organisations, a thousandth of whose products is one
 * that everybody runs. One new inventory against all advisories, one new advisory against all components.
 * WAGLAN_BENCH=quick takes a tenth of both.
 */
const quick = process.env["WAGLAN_BENCH"] === "quick";
const advisories = quick ? 25_000 : 250_000;
const organisations = 10;
/** Of one inventory; all but one of the organisations bring one as large. */
const components = quick ? 10_000 : 100_000;
const products = quick ? 4000 : 40_000;

const owner = (n: number): OrganisationId => `o${n}` as OrganisationId;
const directory: Directory = {
  ...{ community: { names: { en: "CERT" }, zone: "UTC" }, people: [], sensors: [], groups: [], agreements: [] },
  organisations: Array.from({ length: organisations }, (_, n) => ({
    ...{ id: owner(n), key: `o${n}`, names: { en: `Member ${n}` }, kind: "member" as const },
    ...{ languages: ["en" as const], clientOf: [], shadow: false, zone: "UTC", since: instant(0) },
  })),
  assets: [] as readonly Asset[],
};

/** The nth advisory is about product n³ of a spread that favours small numbers; two ranges each. */
const productOf = (n: number): number => Math.floor(products * ((n * 0.618_033_988_7) % 1) ** 3);
const advisory = (n: number): RawAdvisory => {
  const id = `CVE-2026-${100_000 + n}`;
  const product = productOf(n);
  return advisoryOf({
    ...{ id, kind: "vulnerability", title: `Weakness ${n} of product ${product}`, cves: [id] },
    scores: [{ version: "3.1", vector: "CVSS:3.1/AV:N", score: 4 + (n % 60) / 10, by: "nvd@nist.gov" }],
    affects: [
      {
        ...{ status: "affected", vendor: `maker ${product % 997}`, product: `product ${product}` },
        cpe: `cpe:2.3:a:maker_${product % 997}:product_${product}:*:*:*:*:*:*:*:*`,
        versions: [
          { from: "1.0", below: `1.${n % 7}` },
          { from: "2.0", below: `2.${n % 5}.3` },
        ],
      },
    ],
  });
};

/** Every 1,000th runs what has most advisories; the others run products evenly, most of them repaired. */
const tableOf = (seed: number): Uint8Array => {
  const rows = Array.from({ length: components }, (_, at) => {
    const product = at % 1000 === 0 ? 0 : (at * 7919 + seed * 104_729) % products;
    const version = at % 20 === 0 ? `2.${at % 4}.1` : `3.${at % 90}`;
    return `product ${product},maker ${product % 997},${version},cpe:2.3:a:maker_${product % 997}:product_${product}:${version}:*:*:*:*:*:*:*,host-${at % 2000},${at % 2000 < 40 ? "yes" : "no"}`;
  });
  return Buffer.from(`name,vendor,version,cpe,asset,exposed\n${rows.join("\n")}\n`);
};

const seconds = async <T>(work: () => Promise<T>): Promise<readonly [number, T]> => {
  const began = performance.now();
  const done = await work();
  return [(performance.now() - began) / 1000, done];
};

const folder = mkdtempSync(join(tmpdir(), "waglan-products-"));
let clock = Date.parse("2026-11-20T06:00:00Z");
const now = (): Instant => instant((clock += 1000));
const database = await openState({ dataDir: folder }, { applicationName: "bench products" });
try {
  await migrate(database.sql, migrations);
  const state = stateOf(database.sql);
  await importDirectory(state, directory, "bench", now());
  const memory = new DirectoryMemory(state);
  await memory.refresh();
  await state.act((tx) => tx.intel.feed(nvd, false));
  const idOf = (kind: string, key: string): string =>
    `00000000-0000-4000-8000-${Buffer.from(`${kind}${key}`).toString("hex").slice(-12).padStart(12, "0")}`;

  const all = Array.from({ length: advisories }, (_, n) => advisory(n));
  const [collectS] = await seconds(() =>
    collectAdvisories({ state, secret: "bench", now: now() }, nvd, { name: "", advisories: all }),
  );
  figure("advisories kept with what they name", advisories / collectS, "advisories/s", "");

  let peak = 0;
  const settle = async (): Promise<{ readonly compared: number; readonly matched: number }> => {
    let [compared, matched] = [0, 0];
    for (;;) {
      const joined = await joinInventories({ state, directory: memory, idOf, now });
      peak = Math.max(peak, process.memoryUsage().rss);
      compared += joined?.components ?? 0;
      matched += joined?.matched ?? 0;
      if (joined?.more !== true) return { compared, matched };
    }
  };
  await settle();

  const bring = (n: number) =>
    putInventory(
      { state, idOf, now },
      { organisation: owner(n), name: "all", file: "", body: tableOf(n), who: "bench" },
    );
  const [putS, put] = await seconds(() => bring(0));
  if (!put.ok) throw new Error(put.problem.message);
  const [joinS, joined] = await seconds(settle);
  figure(`an inventory of ${components.toLocaleString("en")} components, taken`, putS, "s", "");
  figure(`the same against ${advisories.toLocaleString("en")} advisories`, joinS, "s", "seconds");
  figure("components compared", joined.compared / joinS, "components/s", "");
  figure("matches found in it", joined.matched, "", "");

  for (let n = 1; n < organisations; n++) {
    await bring(n);
    await settle();
  }
  const one = { ...advisory(0), id: "CVE-2026-999999", cves: ["CVE-2026-999999"] };
  const rare = advisory(advisories - 1);
  const rareOne = { ...rare, id: "CVE-2026-999998", cves: ["CVE-2026-999998"] };
  for (const [says, raw] of [
    ["one new advisory about what everybody runs", one],
    ["one new advisory about one product", rareOne],
  ] as const) {
    const [oneS, found] = await seconds(async () => {
      await collectAdvisories({ state, secret: "bench", now: now(), add: true }, nvd, { name: "", advisories: [raw] });
      return settle();
    });
    figure(`${says}, against ${(organisations * components).toLocaleString("en")} components`, oneS, "s", "seconds");
    figure(`components it concerned`, found.compared, "", "");
  }
  const staff: Scope = { all: true, groups: [], own: [], clientsOf: [], audience: "staff", red: false };
  for (const [says, asked] of [
    ["first page of what touches how many", { limit: 50 }],
    ["the same, searched by two words", { limit: 50, search: "product 1000" }],
  ] as const) {
    const [pageS, page] = await seconds(() => views(database.sql).weaknesses(staff, asked));
    figure(`${says}: ${page.found.weaknesses.toLocaleString("en")} weaknesses`, pageS, "s", "");
  }
  figure("memory of the joining process at most", peak / 2 ** 20, "MiB", "");

  // the detector alone, all in memory, as waglan inventory does it
  const items: readonly InventoryItem[] = (() => {
    const read = readInventory(tableOf(0));
    if (!read.ok) throw new Error(read.problem.message);
    return read.value.items;
  })();
  const index = new ProductIndex();
  for (const raw of all) index.add(raw, nvd);
  const cpu = process.cpuUsage();
  const matches = matchInventory(items, index);
  const { user, system } = process.cpuUsage(cpu);
  figure("components compared in memory", items.length / ((user + system) / 1e6), "components/CPU-s", "");
  figure("matches of these", matches.length, "", "");
} finally {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}
