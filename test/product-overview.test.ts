import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { WeaknessPage, WeaknessRow } from "#api/inventory.ts";
import type { Viewer } from "#community/viewer.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { RawAdvisory } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { collectAdvisories } from "#jobs/advisories/collect.ts";
import { joinInventories } from "#jobs/inventory/join.ts";
import { type ActsWorld, ask, codeOf, openActsWorld } from "./acts-world.ts";
import { affected, csv, cve, runs } from "./inventory-world.ts";

const exploited: Partial<RawAdvisory> = { exploited: { ransomware: false } };
const scored = (score: number): Partial<RawAdvisory> => ({
  scores: [{ version: "3.1", vector: "CVSS:3.1/AV:N", score, by: "nvd@nist.gov" }],
});
const likely = (probability: number): Partial<RawAdvisory> => ({ epss: { probability, percentile: probability } });

/** The five kinds of places in the list, in its order. */
const advisories = [
  cve("CVE-2026-10001", [affected("gateway", "4.2")], { ...exploited, ...scored(6) }),
  cve("CVE-2026-10002", [affected("mailer", "2.0")], { ...exploited, ...scored(9.8) }),
  cve("CVE-2026-10003", [affected("library", "9.0")], { ...likely(0.9), ...scored(5) }),
  cve("CVE-2026-10004", [affected("gateway", "4.2")], { ...likely(0.02), ...scored(9.1) }),
  cve("CVE-2026-10005", [affected("viewer", "3.0")], { ...likely(0.02), ...scored(7.5) }),
];

interface Overview {
  readonly world: ActsWorld;
  readonly members: readonly OrganisationId[];
  readonly of: (organisation: OrganisationId) => Viewer;
  readonly page: (viewer: Viewer, asked?: Parameters<ActsWorld["acts"]["weaknesses"]>[1]) => Promise<WeaknessPage>;
}

const open = async (t: TestContext): Promise<Overview> => {
  const world = await openActsWorld(t);
  const { acts, desk, clock } = world;
  const members = desk.directory.known.directory.organisations
    .filter(({ kind }) => kind === "member")
    .map(({ id }) => id);
  const nvd = feedById.get("nist-nvd");
  assert.ok(nvd);
  await desk.state.act((tx) => tx.intel.feed(nvd, false));
  await collectAdvisories({ state: desk.state, secret: "s", now: clock.now }, nvd, { name: "", advisories });
  const staff = await world.viewer("lo");
  const [first, second] = members;
  assert.ok(first && second);
  for (const [organisation, ...rows] of [
    [first, runs("gateway", "4.1", "web-01", "yes"), runs("gateway", "4.0", "web-02"), runs("library", "1", "app-01")],
    [second, runs("gateway", "4.1", "edge-01"), runs("mailer", "1.0", "mx-01"), runs("viewer", "2.0", "pacs-01")],
  ] as const) {
    const body = Buffer.from(csv(...rows));
    assert.ok((await acts.putInventory(staff, organisation, { name: "all", file: "", body }, ask)).ok);
  }
  const joining = { state: desk.state, directory: desk.directory, idOf: desk.idOf, now: () => clock.now };
  while ((await joinInventories(joining))?.more);
  return {
    ...{ world, members },
    of: (organisation) => ({
      ...{ kind: "person", person: "p" as never },
      seats: [{ organisation, of: "member", role: "viewer", clientOf: [], groups: [] }],
    }),
    page: async (viewer, asked = { limit: 50 }) => {
      const found = await acts.weaknesses(viewer, asked, ask);
      assert.ok(found.ok);
      return found.value;
    },
  };
};

const ids = ({ weaknesses }: WeaknessPage): readonly string[] => weaknesses.map((one) => one.weakness.slice(-1));

test("staff see what touches how many organisations: exposed and exploited first, then exploited, then EPSS, then CVSS", async (t) => {
  const { world, members, page } = await open(t);
  const staff = await world.viewer("lo");
  const all = await page(staff);
  assert.deepEqual(ids(all), ["1", "2", "3", "4", "5"]);
  assert.deepEqual([all.found, all.urgent, all.organisations, all.next], [5, 1, 2, undefined]);
  const shown = (one: WeaknessRow | undefined) => [
    ...[one?.organisationsTotal, one?.assets, one?.exposedAssets, one?.exploited, one?.exposed, one?.urgent],
    ...[one?.organisations.map(({ organisation, assets }) => `${organisation.id} ${assets}`), one?.products],
  ];
  const [first, second] = members;
  assert.deepEqual(shown(all.weaknesses[0]), [
    2,
    3,
    1,
    true,
    true,
    true,
    [`${first} 2`, `${second} 1`],
    ["example gateway"],
  ]);
  assert.deepEqual(shown(all.weaknesses[1]), [1, 1, 0, true, false, false, [`${second} 1`], ["example mailer"]]);
  assert.deepEqual([all.weaknesses[2]?.epss, all.weaknesses[3]?.cvss], [0.9, 9.1]);
  assert.ok(all.weaknesses.every(({ advisory, hidden }) => advisory !== undefined && hidden === undefined));
  // from a weakness to what it is found on, organisation by organisation
  const matches = await world.acts.weaknessMatches(staff, { weakness: "CVE-2026-10001", limit: 2 }, ask);
  assert.ok(matches.ok);
  assert.deepEqual(
    matches.value.matches.map(({ organisation, asset }) => `${organisation.id} ${asset}`),
    [`${first} web-01`, `${first} web-02`],
  );
  const rest = await world.acts.weaknessMatches(
    staff,
    { weakness: "CVE-2026-10001", limit: 2, cursor: matches.value.next ?? "" },
    ask,
  );
  assert.ok(rest.ok);
  assert.deepEqual(
    rest.value.matches.map(({ organisation, asset }) => `${organisation.id} ${asset}`),
    [`${second} edge-01`],
  );
});

test("it is searched and filtered, and counts are of what fits", async (t) => {
  const { world, page } = await open(t);
  const staff = await world.viewer("lo");
  const asked = async (some: object): Promise<readonly string[]> => ids(await page(staff, { limit: 50, ...some }));
  assert.deepEqual(await asked({ search: "GATEWAY" }), ["1", "4"]);
  assert.deepEqual(await asked({ search: "gateway 10004" }), ["4"]);
  assert.deepEqual(await asked({ search: "mx-01" }), ["2"]);
  assert.deepEqual(await asked({ search: "about %" }), []);
  assert.deepEqual(await asked({ exploited: true }), ["1", "2"]);
  assert.deepEqual(await asked({ exploited: false }), ["3", "4", "5"]);
  assert.deepEqual(await asked({ exposed: true }), ["1", "4"]);
  assert.deepEqual(await asked({ weakness: "CVE-2026-10003" }), ["3"]);
  assert.deepEqual(await asked({ weakness: "\0" }), []);
  // what strangers reach wants work one step sooner
  assert.deepEqual(await asked({ priority: "act-now" }), ["1", "2", "4"]);
  const reached = await page(staff, { limit: 50, exposed: true });
  assert.deepEqual([reached.found, reached.organisations, reached.weaknesses[0]?.assets], [2, 1, 1]);
  assert.equal(codeOf(await world.acts.weaknesses(staff, { limit: 5, cursor: "x" }, ask)), "WGL_CURSOR");
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (text, limit) => {
        const found = await page(staff, { limit, search: text });
        assert.ok(found.weaknesses.length <= limit && found.weaknesses.length <= found.found);
      },
    ),
    { numRuns: 30 },
  );
});

test("page by page it is the whole list, each once", async (t) => {
  const { world, page } = await open(t);
  const staff = await world.viewer("lo");
  for (const limit of [1, 2, 4]) {
    const read: string[] = [];
    let cursor: string | undefined;
    do {
      const next = await page(staff, { limit, ...(cursor === undefined ? {} : { cursor }) });
      assert.equal(next.found, 5);
      read.push(...ids(next));
      cursor = next.next;
    } while (cursor !== undefined);
    assert.deepEqual(read, ["1", "2", "3", "4", "5"]);
  }
});

test("a member sees its own alone, and nobody else's in any count", async (t) => {
  const { world, members, of, page } = await open(t);
  const [first, second, third] = members;
  assert.ok(first && second && third);
  const mine = await page(of(first));
  assert.deepEqual(ids(mine), ["1", "3", "4"]);
  assert.deepEqual([mine.found, mine.urgent, mine.organisations], [3, 1, 1]);
  assert.ok(mine.weaknesses.every((one) => one.organisations.every(({ organisation }) => organisation.id === first)));
  assert.deepEqual([mine.weaknesses[0]?.organisationsTotal, mine.weaknesses[0]?.assets], [1, 2]);
  // the same weakness, not exposed where the other one runs it
  const theirs = await page(of(second));
  assert.deepEqual([ids(theirs), theirs.urgent, theirs.weaknesses[0]?.exposed], [["2", "1", "4", "5"], 0, false]);
  const nobody = await page(of(third));
  assert.deepEqual([nobody.found, nobody.organisations, nobody.weaknesses], [0, 0, []]);
  const matches = await world.acts.weaknessMatches(of(second), { weakness: "CVE-2026-10001", limit: 10 }, ask);
  assert.ok(matches.ok && matches.value.matches.every(({ organisation }) => organisation.id === second));
  assert.deepEqual((await page({ kind: "public" })).weaknesses, []);
});
