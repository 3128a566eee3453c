import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Sql } from "postgres";
import type { Asset } from "#community/asset.ts";
import type { Directory } from "#community/directory.ts";
import { type Instant, instant } from "#core/instant.ts";
import type { Grade } from "#core/grade.ts";
import type { Tlp } from "#core/marking.ts";
import type { Affect } from "#feeds/affect.ts";
import { advisoryOf } from "#feeds/advisory-row.ts";
import type { Feed, RawAdvisory } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { collectAdvisories } from "#jobs/advisories/collect.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { findProducts } from "#jobs/inventory/findings.ts";
import { joinInventories } from "#jobs/inventory/join.ts";
import { putInventory } from "#jobs/inventory/put.ts";
import { tellProducts } from "#jobs/inventory/tell.ts";
import type { State } from "#jobs/ports.ts";
import { type ProductLines, usualProductLines } from "#jobs/inventory/product-lines.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { community, emptyDirectory, idOf, now, o, organisation } from "./incident-world.ts";

/** Products and advisories over a real database: two members, feeds that speak, one in shadow, and one that is strict. */
export interface InventoryWorld {
  readonly sql: Sql;
  readonly state: State;
  readonly directory: DirectoryMemory;
  readonly clock: { now: Instant };
  /** What a feed's list holds from now on, all of it. */
  readonly say: (feed: string, ...advisories: readonly RawAdvisory[]) => Promise<void>;
  readonly put: (organisation: string, name: string, body: string | Uint8Array) => ReturnType<typeof putInventory>;
  /** Joins until there is nothing left, tells, and gives the pieces it took. */
  readonly settle: (lines?: ProductLines) => Promise<number>;
  /** As it was when it was opened. */
  readonly clear: () => Promise<void>;
  /** Matches as they stand, in words, in order. */
  readonly matches: () => Promise<readonly string[]>;
  /** Findings as they stand: "harbour web-01 cve-… new critical". */
  readonly findings: () => Promise<readonly string[]>;
}

export const cve = (id: string, affects: readonly Affect[], some: Partial<RawAdvisory> = {}): RawAdvisory =>
  advisoryOf({ id, kind: "vulnerability", title: `About ${id}`, cves: [id], affects, ...some });

export const affected = (product: string, below: string, some: Partial<Affect> = {}): Affect => ({
  ...{ status: "affected", vendor: "example", product: product.replaceAll("_", " ") },
  ...{ cpe: `cpe:2.3:a:example:${product}:*:*:*:*:*:*:*:*`, versions: [{ below }] },
  ...some,
});

export const csv = (...rows: readonly string[]): string =>
  ["name,vendor,version,cpe,purl,asset,exposed,worth", ...rows].join("\n");

/** A row of the table: CPE name of a product and version, on an asset. */
export const runs = (product: string, version: string, asset: string, exposed = "no", worth = ""): string =>
  `,,,cpe:2.3:a:example:${product}:${version}:*:*:*:*:*:*:*,,${asset},${exposed},${worth}`;

const feeds: Readonly<Record<string, { readonly of: string; readonly shadow: boolean; readonly tlp: Tlp }>> = {
  nvd: { of: "nist-nvd", shadow: false, tlp: "clear" },
  kev: { of: "cisa-kev", shadow: false, tlp: "clear" },
  epss: { of: "first-epss", shadow: false, tlp: "clear" },
  quiet: { of: "cve-record", shadow: true, tlp: "clear" },
  strict: { of: "csaf-document", shadow: false, tlp: "amber+strict" },
};
const grade: Grade = { source: "A", statement: 2 };

const feedOf = (id: string): Feed => {
  const { of = "", tlp = "clear" } = feeds[id] ?? {};
  const feed = feedById.get(of);
  assert.ok(feed, of);
  return { ...feed, id, tlp, grade };
};

export const openInventoryWorld = async (t: TestContext): Promise<InventoryWorld> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const clock = { now };
  const directory: Directory = {
    ...emptyDirectory,
    organisations: [organisation("harbour"), organisation("parks")],
    assets: [
      {
        ...{ id: "a1" as Asset["id"], organisation: o("harbour"), kind: "network", value: "203.0.113.0/28" },
        ...{ from: instant(0), proof: "staff", worth: "normal" },
      },
    ],
  };
  await importDirectory(state, directory, "test", now);
  const memory = new DirectoryMemory(state);
  await memory.refresh();
  for (const [id, { shadow }] of Object.entries(feeds))
    await state.act((tx) => tx.intel.feed({ ...feedOf(id), id }, shadow));
  const tick = (): Instant => (clock.now = instant(clock.now + 1000));
  return {
    ...{ sql, state, clock, directory: memory },
    say: async (feed, ...advisories) => {
      await collectAdvisories({ state, secret: "secret", now: tick() }, feedOf(feed), { name: "", advisories });
    },
    put: (owner, name, body) =>
      putInventory(
        { state, idOf, now: tick },
        { organisation: o(owner), name, file: `${name}.csv`, body: Buffer.from(body), who: "somebody" },
      ),
    settle: async (lines = usualProductLines) => {
      let pieces = 0;
      for (;;) {
        tick();
        const joined = await joinInventories({ state, directory: memory, idOf, now: () => clock.now });
        const found = await findProducts({ state, community, lines, now: () => clock.now });
        const told = await tellProducts({ state, now: () => clock.now });
        pieces++;
        if (joined?.more !== true && found === undefined && !told) return pieces;
        assert.ok(pieces < 1000, "it never ends");
      }
    },
    clear: async () => {
      await sql`truncate inventory, advisory, advisory_list, product_news, match_due, finding, incident, queue, product_untold, product_digest, product_finding, hit cascade`;
      await sql`update feed_state set advisories = 0`;
      await sql`delete from deployment where key = 'reader:join-inventories'`;
    },
    matches: async () =>
      (
        await sql`select m.*, c.name, c.version from product_match m join component c on c.n = m.component order by m.organisation, m.asset, m.weakness, c.name, c.version`
      ).map((row) =>
        [
          ...[row["organisation"], row["asset"], `${row["name"]} ${row["version"]}`, row["weakness"], row["priority"]],
          ...[row["certainty"], (row["body"] as { by: string }).by, row["exposed"] ? "exposed" : "inside"],
          ...[row["shadow"] ?? "open", (row["body"] as { doubts: string[] }).doubts.join("+")],
        ].join(" "),
      ),
    findings: async () =>
      (
        await sql`select organisation, asset, problem_about, state, severity, certainty, veiled from finding order by organisation, asset, problem_about, veiled`
      ).map((row) =>
        [
          ...[row["organisation"], row["asset"], row["problem_about"], row["state"], row["severity"], row["certainty"]],
          ...(row["veiled"] ? ["veiled"] : []),
        ].join(" "),
      ),
  };
};
