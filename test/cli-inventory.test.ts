import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { inFolder, waglan } from "./cli-process.ts";

const kev = JSON.stringify({
  catalogVersion: "2026.11.20",
  count: 1,
  vulnerabilities: [
    {
      ...{ cveID: "CVE-2026-10001", vendorProject: "Example", product: "Harbour Gateway", dateAdded: "2026-11-10" },
      ...{ vulnerabilityName: "Harbour Gateway Command Injection", shortDescription: "Commands.", notes: "" },
      ...{ requiredAction: "Update.", dueDate: "2026-12-01", knownRansomwareCampaignUse: "Known", cwes: [] },
    },
  ],
});
const nvd = JSON.stringify({
  format: "NVD_CVE",
  vulnerabilities: [
    {
      cve: {
        id: "CVE-2026-10001",
        configurations: [
          {
            nodes: [
              {
                cpeMatch: [
                  {
                    ...{ vulnerable: true, versionStartIncluding: "4.0", versionEndExcluding: "4.2.1" },
                    criteria: "cpe:2.3:a:example:harbour_gateway:*:*:*:*:*:*:*:*",
                  },
                ],
              },
            ],
          },
        ],
      },
    },
  ],
});
const record = (purl: string): string =>
  JSON.stringify({
    dataType: "CVE_RECORD",
    cveMetadata: { cveId: "CVE-2026-10002", state: "PUBLISHED" },
    containers: {
      cna: {
        title: "Tidelib parses without end",
        affected: [
          {
            ...{ vendor: "Tide", product: "tidelib", packageURL: purl },
            versions: [{ version: "1.0.0", lessThan: "1.4.2", status: "affected", versionType: "semver" }],
          },
        ],
      },
    },
  });
const epss =
  "#model_version:v2026.01.01,score_date:2026-11-20T00:00:00Z\ncve,epss,percentile\nCVE-2026-10002,0.42,0.97\n";
const csv = [
  "Name,Publisher,Version,CPE,Host,Exposed",
  "Harbour Gateway,Example,4.1.0,cpe:2.3:a:example:harbour_gateway:4.1.0:*:*:*:*:*:*:*,gw-1.example,yes",
  "Harbour Gateway,Example,4.2.1,cpe:2.3:a:example:harbour_gateway:4.2.1:*:*:*:*:*:*:*,gw-2.example,no",
  "",
].join("\n");
const cyclonedx = (version: string): string =>
  JSON.stringify({
    ...{ bomFormat: "CycloneDX", specVersion: version },
    metadata: { component: { type: "application", name: "portal", version: "7" } },
    components: [
      { type: "framework", name: "quay", version: "2.0.0", purl: "pkg:npm/quay@2.0.0", components: [tidelib("1.4.1")] },
      { ...tidelib("1.4.2"), cpe: "cpe:broken" },
    ],
  });
const tidelib = (version: string) => ({
  type: "library",
  name: "tidelib",
  version,
  purl: `pkg:npm/tidelib@${version}`,
});
const spdx = JSON.stringify({
  ...{ spdxVersion: "SPDX-2.3", name: "reports" },
  packages: [
    {
      ...{ name: "tidelib", versionInfo: "1.2.0", supplier: "Organization: Tide (psirt@tide.example)" },
      externalRefs: [
        { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: "pkg:npm/tidelib@1.2.0" },
      ],
    },
    { name: "quay", versionInfo: "NOASSERTION" },
  ],
});
const advisories = {
  "adv/kev.json": kev,
  "adv/nvd.json": nvd,
  "adv/cve.json": record("pkg:npm/tidelib"),
  "adv/epss.csv.gz": gzipSync(epss),
  "adv/README.md": "What lies beside.\n",
};

test("inventory prints a match a line as JSON, exposed and exploited first, and ends with 1", () =>
  inFolder(
    {
      ...advisories,
      "inv/servers.csv": csv,
      "inv/portal.json": cyclonedx("1.5"),
      "inv/reports.json.gz": gzipSync(spdx),
    },
    async (cwd) => {
      const { exit, rows, err } = await waglan(["inventory", "--json", "inv", "--advisories", "adv"], { cwd });
      assert.equal(exit, 1, err);
      assert.deepEqual(rows[0], {
        ...{ detector: "product-advisory", weakness: "CVE-2026-10001", title: "Harbour Gateway Command Injection" },
        ...{ priority: "act-now", certainty: "likely", asset: "gw-1.example", exposed: true },
        ...{ name: "Harbour Gateway", vendor: "Example", version: "4.1.0" },
        cpes: ["cpe:2.3:a:example:harbour_gateway:4.1.0:*:*:*:*:*:*:*"],
        ...{ file: "inv/servers.csv", at: "row 2", by: "cpe", range: ">= 4.0, < 4.2.1", doubts: [] },
        advisory: { feed: "nist-nvd", id: "CVE-2026-10001", url: "https://nvd.nist.gov/vuln/detail/CVE-2026-10001" },
        sources: ["nist-nvd"],
        ...{ exploited: true, ransomware: true, exploit: false, epss: 0, cvss: 0, due: "2026-12-01" },
        why: [
          "Reachable from the internet",
          "Known to be exploited",
          "Used by ransomware groups",
          "Due by 2026-12-01 (CISA)",
          "Same CPE name as in nist-nvd",
          "Affected versions: >= 4.0, < 4.2.1",
        ],
      });
      assert.deepEqual(
        rows
          .slice(1)
          .map((row) => [row["asset"], row["version"], row["weakness"], row["certainty"], row["at"], row["priority"]]),
        [
          ["portal", "1.4.1", "CVE-2026-10002", "almost-certain", "/components/0/components/0", "soon"],
          ["reports", "1.2.0", "CVE-2026-10002", "almost-certain", "/packages/0", "soon"],
        ],
      );
      assert.match(err, /inv\/portal\.json: \/components\/1: Cannot read CPE name "cpe:broken".*\[WGL_PRODUCT_CPE\]/);
      assert.match(err, /8 products, 4 advisories/);
      assert.match(err, /1 other files passed over/);
      assert.match(err, /matches: 1 act-now, 2 soon, 0 planned, 0 watch/);
    },
  ));

test("inventory says its reasons in the reader's language, and takes what is exposed from the command line", () =>
  inFolder({ ...advisories, "portal.json": cyclonedx("1.6") }, async (cwd) => {
    const args = ["inventory", "portal.json", "--exposed", "Portal", "--advisories", "adv"];
    const { exit, out, err } = await waglan(args, { cwd, env: { LANG: "zh_HK.UTF-8" } });
    assert.equal(exit, 1, err);
    assert.match(
      out,
      /^act-now .*portal {2}tidelib 1\.4\.1 {2}CVE-2026-10002 .*可從互聯網到達.*套件網址與 cve-record 所載相同/,
    );
  }));

test("inventory without a match ends with 0, and --priority leaves out what is less pressing", () =>
  inFolder({ ...advisories, "portal.json": cyclonedx("1.4"), "new.csv": "product,version\nquay,9\n" }, async (cwd) => {
    const none = await waglan(["inventory", "new.csv", "--advisories", "adv"], { cwd });
    assert.deepEqual([none.exit, none.out], [0, ""], none.err);
    const some = await waglan(["inventory", "portal.json", "--priority", "act-now", "--advisories", "adv"], { cwd });
    assert.deepEqual([some.exit, some.out], [0, ""], some.err);
    assert.match(some.err, /left out by --priority: 1/);
  }));

test("inventory tells what it cannot read with its place, and ends with 3 or 2", () =>
  inFolder(
    {
      ...advisories,
      "rows.csv": "name;version\nquay;1;2\n;3\ntidy;1\n",
      "old.json": cyclonedx("1.3"),
      "text.json": '{"hello":1}',
      "broken.json": '{"bomFormat":',
    },
    async (cwd) => {
      const run = (...args: readonly string[]) => waglan(["inventory", ...args], { cwd });
      const rows = await run("rows.csv", "--advisories", "adv");
      assert.equal(rows.exit, 3);
      assert.match(rows.err, /rows\.csv: row 2: .*\[WGL_ROW_CELLS\]/);
      assert.match(rows.err, /rows\.csv: row 3: .*\[WGL_INVENTORY_ITEM\]/);
      assert.match(rows.err, /products not read: 2/);
      for (const [file, code] of [
        ["old.json", "WGL_INVENTORY_VERSION"],
        ["text.json", "WGL_INVENTORY_SHAPE"],
        ["broken.json", "WGL_BODY_SYNTAX"],
        ["absent.csv", "WGL_INPUT_PATH"],
      ] as const) {
        const { exit, err } = await run(file, "--advisories", "adv");
        assert.equal(exit, 3, err);
        assert.match(err, new RegExp(`\\[${code}\\]`));
        assert.match(err, /\[WGL_INVENTORY_NOTHING\]/);
      }
      const { exit, err } = await run("rows.csv", "--advisories", "text.json");
      assert.equal(exit, 3, err);
      assert.match(err, /\[WGL_INVENTORY_ADVISORIES\]/);
      assert.equal((await run("rows.csv")).exit, 2);
      assert.equal((await run("rows.csv", "--priority", "high", "--advisories", "adv")).exit, 2);
    },
  ));
