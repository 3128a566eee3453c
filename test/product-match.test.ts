import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchInventory, type ProductMatch } from "#detect/product-advisory/match.ts";
import type { Affect } from "#feeds/affect.ts";
import { advisoryOf } from "#feeds/advisory-row.ts";
import { recordRow } from "#feeds/cve-record/record.ts";
import type { RawAdvisory } from "#feeds/feed.ts";
import type { InventoryItem } from "#intel/inventory/item.ts";
import { readInventory } from "#intel/inventory/read-inventory.ts";
import { advisoryRowOf, contentOf } from "#intel/advisory.ts";
import { ProductIndex } from "#intel/products/product-index.ts";
import { instant } from "#core/instant.ts";

const grade = { source: "A", statement: 2 } as const;
type Told = Partial<RawAdvisory> & { readonly feed?: string };

const advisory = (cve: string, affects: readonly Affect[], { feed = "nist-nvd", ...more }: Told = {}) => ({
  feed,
  raw: advisoryOf({ id: cve, kind: "vulnerability", title: `About ${cve}`, cves: [cve], affects, ...more }),
});
const indexOf = (...all: readonly { readonly feed: string; readonly raw: RawAdvisory }[]): ProductIndex => {
  const index = new ProductIndex();
  for (const { feed, raw } of all) index.add(raw, { id: feed, grade });
  return index;
};
const itemsOf = (...rows: readonly string[]): readonly InventoryItem[] => {
  const read = readInventory(Buffer.from(["name,vendor,version,cpe,purl,asset,exposed", ...rows].join("\n")));
  assert.ok(read.ok);
  assert.deepEqual(read.value.problems, []);
  return read.value.items;
};
const shown = ({ weakness, certainty, doubts, priority, by }: ProductMatch) => [
  weakness,
  by,
  certainty,
  doubts.join(","),
  priority,
];

const gateway: Affect = {
  status: "affected",
  vendor: "example",
  product: "harbour gateway",
  cpe: "cpe:2.3:a:example:harbour_gateway:*:*:*:*:*:*:*:*",
  versions: [{ from: "4.0", below: "4.2.1" }],
};
const kev = (cve: string): ReturnType<typeof advisory> =>
  advisory(cve, [{ status: "affected", vendor: "Example", product: "Harbour Gateway" }], {
    feed: "cisa-kev",
    exploited: { ransomware: true, due: instant(1_800_000_000_000) },
  });
const byCpe = (version: string): string => `,,,cpe:2.3:a:example:harbour_gateway:${version}:*:*:*:*:*:*:*,,gw-1,`;

test("a CPE name in range is likely, a version named by itself or a package URL almost certain, a name possible", () => {
  const purl: Affect = {
    ...{ status: "affected", vendor: "", product: "tidelib", purl: "pkg:pypi/tidelib" },
    versions: [{ vers: "vers:pypi/>=1.0|<1.5rc1" }],
  };
  const index = indexOf(
    advisory("CVE-2026-10001", [gateway]),
    advisory("CVE-2026-10002", [{ ...gateway, versions: [{ exactly: "4.1" }] }]),
    advisory("CVE-2026-10003", [purl]),
  );
  assert.deepEqual(
    matchInventory(itemsOf(byCpe("4.1")), index)
      .map(shown)
      .sort(),
    [
      ["CVE-2026-10001", "cpe", "likely", "", "watch"],
      ["CVE-2026-10002", "cpe", "almost-certain", "", "watch"],
    ],
  );
  assert.deepEqual(matchInventory(itemsOf(byCpe("4.2.1"), byCpe("3.9")), index), []);
  assert.deepEqual(matchInventory(itemsOf(",,,,pkg:pypi/TideLib@1.5b2,app,"), index).map(shown), [
    ["CVE-2026-10003", "purl", "almost-certain", "", "watch"],
  ]);
  assert.deepEqual(
    matchInventory(itemsOf(",,,,pkg:pypi/tidelib@1.5,app,", ",,,,pkg:npm/tidelib@1.2.0,app,"), index),
    [],
  );
  const named = itemsOf('Harbour_Gateway,"Example, Inc.",4.1,,,gw-1,');
  assert.deepEqual(
    matchInventory(named, index).map((one) => [one.weakness, one.certainty, one.doubts]),
    [
      ["CVE-2026-10001", "possible", ["name-only"]],
      ["CVE-2026-10002", "possible", ["name-only"]],
    ],
  );
  assert.deepEqual(matchInventory(itemsOf("Harbour Gateway,Somebody Else,4.1,,,gw-1,"), index), []);
});

test("sources of one CVE are weighed together: versions win over silence, and who disagrees is told", () => {
  const index = indexOf(advisory("CVE-2026-10001", [gateway]), kev("CVE-2026-10001"));
  const [match, ...more] = matchInventory(itemsOf(byCpe("4.1")), index);
  assert.deepEqual(more, []);
  assert.ok(match);
  assert.deepEqual([match.priority, match.evidence.exploited, match.evidence.ransomware], ["act-now", true, true]);
  assert.deepEqual([match.range, match.due, match.sources], [">= 4.0, < 4.2.1", 1_800_000_000_000, ["nist-nvd"]]);
  // repaired: KEV only names the product, and says nothing against it
  assert.deepEqual(matchInventory(itemsOf(byCpe("4.2.1")), index), []);
  // nobody but KEV speaks of it
  assert.deepEqual(
    matchInventory(itemsOf("Harbour Gateway,Example,4.2.1,,,gw-1,"), indexOf(kev("CVE-2026-10001"))).map(shown),
    [["CVE-2026-10001", "name", "possible", "version-unsaid,name-only", "act-now"]],
  );
  assert.deepEqual(matchInventory(itemsOf("Harbour Gateway,,4.2.1,,,gw-1,"), indexOf(kev("CVE-2026-10001"))), []);
  const disputed = indexOf(
    advisory("CVE-2026-10001", [gateway]),
    advisory("CVE-2026-10001", [{ ...gateway, versions: [{ below: "4.1" }] }], { feed: "cve-record" }),
  );
  assert.deepEqual(matchInventory(itemsOf(byCpe("4.1")), disputed).map(shown), [
    ["CVE-2026-10001", "cpe", "possible", "disputed", "watch"],
  ]);
});

test("what makes a match doubtful is told: no version, another edition, a missing platform, a distribution's package", () => {
  const doubtsOf = (affect: Affect, ...rows: readonly string[]): readonly (readonly string[])[] =>
    matchInventory(itemsOf(...rows), indexOf(advisory("CVE-2026-10001", [affect]))).map(({ doubts }) => doubts);
  assert.deepEqual(doubtsOf(gateway, byCpe("*")), [["version-unknown"]]);
  assert.deepEqual(doubtsOf({ ...gateway, versions: [{}] }, byCpe("*")), [[]]);
  const plugin = { ...gateway, cpe: "cpe:2.3:a:example:harbour_gateway:*:*:*:*:*:wordpress:*:*" };
  assert.deepEqual(doubtsOf(plugin, byCpe("4.1")), [["edition"]]);
  assert.deepEqual(doubtsOf(plugin, ",,,cpe:2.3:a:example:harbour_gateway:4.1:*:*:*:*:drupal:*:*,,gw-1,"), []);
  const onTideOs = { ...gateway, beside: ["cpe:2.3:o:example:tide_os:-:*:*:*:*:*:*:*"] };
  assert.deepEqual(doubtsOf(onTideOs, byCpe("4.1")), [["platform"]]);
  assert.deepEqual(doubtsOf(onTideOs, byCpe("4.1"), ",,,cpe:2.3:o:example:tide_os:7:*:*:*:*:*:*:*,,gw-1,"), [[]]);
  assert.deepEqual(doubtsOf(onTideOs, byCpe("4.1"), ",,,cpe:2.3:o:example:tide_os:7:*:*:*:*:*:*:*,,gw-2,"), [
    ["platform"],
  ]);
  const deb = ",,,cpe:2.3:a:example:harbour_gateway:4.1-2:*:*:*:*:*:*:*,pkg:deb/debian/harbour-gateway@4.1-2,gw-1,";
  assert.deepEqual(doubtsOf(gateway, deb), [["backports"]]);
});

test("a CVE record's default, changes and commits are read as its schema says", () => {
  const record = (affected: object): RawAdvisory => {
    const row = recordRow(1, {
      dataType: "CVE_RECORD",
      cveMetadata: { cveId: "CVE-2026-10004", state: "PUBLISHED" },
      containers: { cna: { affected: [{ vendor: "Example", product: "Tide OS", ...affected }] } },
    });
    assert.ok(row.result.ok && row.result.value.is === "advisory");
    return row.result.value;
  };
  const versionsHit = (affected: object, ...versions: readonly string[]): readonly string[] =>
    matchInventory(
      itemsOf(...versions.map((version) => `Tide OS,Example,${version},,,a,`)),
      indexOf({ feed: "cve-record", raw: record(affected) }),
    )
      .map(({ item }) => item.version)
      .sort();
  // a kernel's way of saying it: affected unless named
  const stable = {
    defaultStatus: "affected",
    versions: [
      { version: "4.1", status: "affected" },
      { version: "0", lessThan: "4.1", status: "unaffected", versionType: "semver" },
      { version: "5.10.100", lessThanOrEqual: "5.10.*", status: "unaffected", versionType: "semver" },
      { version: "5.16", lessThanOrEqual: "*", status: "unaffected", versionType: "original_commit_for_fix" },
    ],
  };
  assert.deepEqual(versionsHit(stable, "4.0", "4.1", "5.10.99", "5.10.100", "5.15.3", "5.16", "6.1"), [
    ...["4.1", "5.10.99", "5.15.3"],
  ]);
  const changes = {
    versions: [
      {
        ...{ version: "2.0", lessThan: "4.0", status: "affected", versionType: "semver" },
        changes: [
          { at: "2.5.1", status: "unaffected" },
          { at: "3.0", status: "affected" },
          { at: "3.2.2", status: "unaffected" },
        ],
      },
    ],
  };
  assert.deepEqual(
    versionsHit(changes, "1.9", "2.0", "2.5.0", "2.5.1", "2.9", "3.0.0", "3.2.1", "3.2.2", "3.9", "4.0"),
    [...["2.0", "2.5.0", "3.0.0", "3.2.1"]],
  );
  const commits = { versions: [{ version: "1da177e4", lessThan: "a1b2c3d4", status: "affected", versionType: "git" }] };
  assert.deepEqual(versionsHit(commits, "5.10.3"), []);
  assert.deepEqual(versionsHit({ versions: [{ version: "*", status: "affected" }] }, "1", "2"), ["1", "2"]);
});

test("what a document says of each CVE stays with that CVE, and what it declares repaired is no match", () => {
  const index = indexOf(
    advisory(
      "EX-2026-001",
      [
        { ...gateway, cves: ["CVE-2026-10001"] },
        { ...gateway, status: "fixed", versions: [{ exactly: "4.1.9" }], cves: ["CVE-2026-10001"] },
      ],
      { feed: "csaf-document", kind: "advisory", cves: ["CVE-2026-10001", "CVE-2026-10005"] },
    ),
  );
  assert.deepEqual(
    matchInventory(itemsOf(byCpe("4.1")), index).map(({ weakness }) => weakness),
    ["CVE-2026-10001"],
  );
  assert.deepEqual(matchInventory(itemsOf(byCpe("4.1.9")), index), []);
});

test("exposed and exploited comes first, exposure makes it one step sooner, withdrawn says nothing", () => {
  const other = (name: string): Affect => ({
    ...gateway,
    cpe: `cpe:2.3:a:example:${name}:*:*:*:*:*:*:*:*`,
    product: name,
  });
  const score = { version: "3.1", vector: "", score: 9.8, by: "nvd@nist.gov" } as const;
  const index = indexOf(
    advisory("CVE-2026-10001", [other("alpha")]),
    advisory("CVE-2026-10001", [], { feed: "cisa-kev", exploited: { ransomware: false } }),
    advisory("CVE-2026-10002", [other("bravo")], { scores: [score] }),
    advisory("CVE-2026-10002", [], { feed: "first-epss", epss: { probability: 0.9, percentile: 0.99 } }),
    advisory("CVE-2026-10003", [other("charlie")], { scores: [score] }),
    advisory("CVE-2026-10006", [other("charlie")], { withdrawn: true }),
  );
  const row = (name: string, asset: string, exposed: string): string =>
    `,,,cpe:2.3:a:example:${name}:4.1:*:*:*:*:*:*:*,,${asset},${exposed}`;
  const rows = [
    ...[row("charlie", "a", "no"), row("charlie", "b", "yes"), row("bravo", "a", "no"), row("alpha", "a", "no")],
    row("alpha", "b", "internet"),
  ];
  assert.deepEqual(
    matchInventory(itemsOf(...rows), index).map(({ item, priority }) => `${item.name} ${item.asset} ${priority}`),
    ["alpha b act-now", "alpha a act-now", "charlie b act-now", "bravo a act-now", "charlie a soon"].toSorted(
      (a, b) => {
        const order = ["alpha b act-now", "alpha a act-now", "charlie b act-now", "bravo a act-now", "charlie a soon"];
        return order.indexOf(a) - order.indexOf(b);
      },
    ),
  );
});

test("the answer does not depend on the order of products or advisories", () => {
  const advisories = [
    ...[advisory("CVE-2026-10001", [gateway]), kev("CVE-2026-10001"), kev("CVE-2026-10007")],
    advisory("CVE-2026-10001", [{ ...gateway, versions: [{ below: "4.1" }] }], { feed: "cve-record" }),
    advisory("CVE-2026-10002", [{ ...gateway, versions: [{ exactly: "4.1" }] }]),
  ];
  const items = itemsOf(byCpe("4.1"), byCpe("4.0.3"), byCpe("*"), "Harbour Gateway,Example,4.1,,,gw-2,yes");
  const plain = (matches: readonly ProductMatch[]): unknown =>
    matches.map((one) => [one.item.at, one.sources, one.range, ...shown(one)]);
  const expected = plain(matchInventory(items, indexOf(...advisories)));
  fc.assert(
    fc.property(
      fc.shuffledSubarray(advisories, { minLength: advisories.length }),
      fc.shuffledSubarray([...items], { minLength: items.length }),
      (some, rows) => assert.deepEqual(plain(matchInventory(rows, indexOf(...some))), expected),
    ),
    { numRuns: 60 },
  );
});

test("what is kept for machines stands beside the store's row, and people's part of it does not change with it", () => {
  const { raw } = advisory("CVE-2026-10001", [gateway]);
  const { affects: _, ...bare } = raw;
  const feed = { id: "nist-nvd", grade, tlp: "clear", pap: "clear", licence: "CC0-1.0" } as const;
  const [row, without] = [raw, bare].map((one) => advisoryRowOf(one, feed, "id", instant(0)));
  const { products, ...forPeople } = row ?? {};
  assert.deepEqual(forPeople, without);
  assert.deepEqual(products?.affects, [gateway]);
  // a list whose rows change in this part alone has changed
  assert.notDeepEqual(contentOf(raw), contentOf(bare));
  assert.ok(!("affects" in (row?.raw ?? {})));
});
