import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { Scope } from "#community/visibility.ts";
import { visible } from "#community/visibility.ts";
import { after, day, instant } from "#core/instant.ts";
import { type Tlp, tlps } from "#core/marking.ts";
import { lenient } from "#core/value-policy.ts";
import { advisoryOf } from "#feeds/advisory-row.ts";
import type { Feed, RawAdvisory } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { evidenceIn } from "#intel/advisory.ts";
import {
  bothEvidence,
  noEvidence,
  type PriorityEvidence,
  priorities,
  priorityOf,
  priorityReasons,
  trustedScore,
} from "#intel/priority.ts";
import { readAdvisoriesCursor, writeAdvisoriesCursor } from "#jobs/advisories/views.ts";
import { collect } from "#jobs/collect/collect.ts";
import { collectAdvisories } from "#jobs/advisories/collect.ts";
import { prioritySql } from "#store/advisory-views.ts";
import { languages } from "#words/language.ts";
import { type ActsWorld, ask, codeOf, openActsWorld } from "./acts-world.ts";
import { testDatabase } from "./cluster.ts";

const evidence: fc.Arbitrary<PriorityEvidence> = fc.record(
  {
    exploited: fc.boolean(),
    ransomware: fc.boolean(),
    exploit: fc.boolean(),
    epss: fc.oneof(fc.constantFrom(0, 0.01, 0.1, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    cvss: fc.oneof(
      fc.constantFrom(0, 7, 8.9, 9, 10),
      fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10),
    ),
  },
  { noNullPrototype: true },
);
const place = (one: PriorityEvidence): number => priorities.indexOf(priorityOf(one));

test("priorityOf() never falls when more is known, and every rank can be reached", () => {
  fc.assert(
    fc.property(evidence, evidence, (a, b) => {
      const both = bothEvidence(a, b);
      assert.ok(place(both) <= Math.min(place(a), place(b)));
      assert.deepEqual(bothEvidence(b, a), both);
      assert.deepEqual(bothEvidence(both, a), both);
      assert.deepEqual(bothEvidence(a, noEvidence), a);
    }),
  );
  assert.equal(priorityOf(noEvidence), "watch");
  assert.equal(priorityOf({ ...noEvidence, cvss: 7 }), "planned");
  assert.equal(priorityOf({ ...noEvidence, cvss: 9.8 }), "soon"); // grave, and nobody is known to use it
  assert.equal(priorityOf({ ...noEvidence, cvss: 7, epss: 0.5 }), "act-now");
  assert.equal(priorityOf({ ...noEvidence, exploited: true }), "act-now");
});

test("a score by nobody in particular cannot make a weakness critical, and one more score never lowers it", () => {
  const strong = { source: "A", statement: 2 } as const;
  const weak = { source: "C", statement: 3 } as const;
  assert.equal(trustedScore({ score: 9.8, by: "nvd@nist.gov", version: "3.1" }, weak), 9.8);
  assert.equal(trustedScore({ score: 9.8, by: "someone", version: "3.1" }, weak), 8.9);
  assert.equal(trustedScore({ score: 9.8, by: "psirt@vendor.example", version: "4.0" }, strong), 9.8);
  assert.equal(trustedScore({ score: 10, by: "nvd@nist.gov", version: "2.0" }, strong), 8.9);
  const score = fc.record({
    version: fc.constantFrom("2.0" as const, "3.1" as const, "4.0" as const),
    vector: fc.constant("AV:N"),
    score: fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10),
    by: fc.constantFrom("", "nvd@nist.gov", "psirt@vendor.example"),
  });
  fc.assert(
    fc.property(fc.array(score), score, (scores, more) => {
      const of = (all: RawAdvisory["scores"]) =>
        evidenceIn(advisoryOf({ id: "x", kind: "advisory", title: "x", scores: all }), { grade: weak }).cvss;
      assert.ok(of([...scores, more]) >= of(scores));
    }),
  );
});

test("priorityReasons() has words in every language for whatever speaks for it", () => {
  fc.assert(
    fc.property(evidence, (one) => {
      const reasons = priorityReasons(one);
      assert.equal(reasons.length === 0, JSON.stringify(one) === JSON.stringify(noEvidence));
    }),
  );
  assert.deepEqual(priorityReasons({ ...noEvidence, epss: 0.00004 }), [{ code: "epss", percent: 0.1 }]);
});

test("prioritySql() says what priorityOf() says", async (t) => {
  const { sql } = await testDatabase(t);
  const cases = fc.sample(evidence, { numRuns: 600, seed: 7 });
  const rows = await sql`
    select ${prioritySql(sql, "e")} as priority from
      jsonb_to_recordset(${sql.json(cases as never)}) e (exploited boolean, ransomware boolean, exploit boolean, epss double precision, cvss double precision)`;
  assert.deepEqual(
    rows.map((row) => row["priority"] as string),
    cases.map(priorityOf),
  );
});

const named = (id: string): Feed => {
  const found = feedById.get(id);
  assert.ok(found, id);
  return found;
};
const sample = (path: string): Uint8Array => readFileSync(new URL(`../src/feeds/${path}`, import.meta.url));

const take = async (
  world: ActsWorld,
  feed: Feed,
  body: Uint8Array | string,
  options: { speaks?: boolean; acceptHeld?: boolean } = {},
) => {
  const turn = await collect(
    {
      ...{ state: world.desk.state, secret: "s", policy: lenient, now: world.clock.now, elapsed: () => 0 },
      shadow: options.speaks === false,
      ...(options.acceptHeld ? { acceptHeld: true } : {}),
    },
    feed,
    Buffer.from(body),
    "x",
  );
  assert.ok(turn);
  return turn;
};

const kev = (cves: readonly string[], text = "A text."): string =>
  JSON.stringify({
    count: cves.length,
    vulnerabilities: cves.map((cveID) => ({
      ...{ cveID, vendorProject: "Example", product: "Gateway", vulnerabilityName: `Weakness ${cveID}` },
      ...{ dateAdded: "2026-11-01", shortDescription: text, requiredAction: "Update.", dueDate: "2026-12-01" },
      ...{ knownRansomwareCampaignUse: "Unknown", notes: "", cwes: [] },
    })),
  });

const listed = async (world: ActsWorld, who: "lo" | "chan" | "abroad" = "lo", asked: object = {}) => {
  const page = await world.acts.advisories(await world.viewer(who), { limit: 200, ...asked }, ask);
  assert.ok(page.ok, JSON.stringify(page));
  return page.value.advisories;
};

test("collecting advisories writes what changed and nothing else, and takes back what a whole list dropped", async (t) => {
  const world = await openActsWorld(t);
  const feed = named("cisa-kev");
  const first = await take(world, feed, kev(["CVE-2026-10001", "CVE-2026-10002", "CVE-2026-10003"]));
  assert.deepEqual([first.state, first.added, first.changed, first.delisted], ["healthy", 3, 0, 0]);
  const before = await world.sql`select n, xmin::text as xmin from advisory order by n`;
  world.clock.now = after(world.clock.now, day);
  const same = await take(world, feed, kev(["CVE-2026-10003", "CVE-2026-10001", "CVE-2026-10002"]));
  assert.deepEqual([same.added, same.changed, same.delisted], [0, 0, 0]);
  assert.deepEqual([...(await world.sql`select n, xmin::text as xmin from advisory order by n`)], [...before]);
  const less = await take(world, feed, kev(["CVE-2026-10001", "CVE-2026-10002"], "Another text."));
  assert.deepEqual([less.added, less.changed, less.delisted], [0, 2, 1]);
  const rows = await listed(world);
  assert.deepEqual(rows.map(({ key, withdrawn }) => [key, withdrawn]).sort(), [
    ["CVE-2026-10001", false],
    ["CVE-2026-10002", false],
    ["CVE-2026-10003", true],
  ]);
  assert.equal(rows.find(({ withdrawn }) => withdrawn)?.priority, "watch");
  const back = await take(world, feed, kev(["CVE-2026-10001", "CVE-2026-10002", "CVE-2026-10003"], "Another text."));
  assert.deepEqual([back.added, back.changed, back.delisted], [0, 1, 0]);
  const shown = await world.acts.advisory(
    await world.viewer("lo"),
    rows.find(({ key }) => key === "CVE-2026-10001")?.id ?? "",
    ask,
  );
  assert.ok(shown.ok);
  assert.deepEqual(
    shown.value.versions.map(({ changed }) => changed),
    ["summary"],
  );
  const gone = await take(world, feed, kev([]));
  assert.deepEqual([gone.state, gone.delisted], ["held", 0], "a list that had rows and has none is held");
});

test("a list of a thousand advisories is compared with its own past and is not held for being no indicators", async (t) => {
  const world = await openActsWorld(t);
  const many = Array.from({ length: 1000 }, (_, n) => `CVE-2026-${10_000 + n}`);
  assert.equal((await take(world, named("cisa-kev"), kev(many))).state, "healthy");
  assert.equal((await take(world, named("cisa-kev"), kev([...many, "CVE-2026-20000"]))).state, "healthy");
  assert.equal((await take(world, named("cisa-kev"), kev(many.slice(0, 300)))).state, "held");
});

test("sources of one CVE stand side by side, and together they make its priority", async (t) => {
  const world = await openActsWorld(t);
  const lo = await world.viewer("lo");
  await take(world, named("csaf-document"), sample("csaf-document/sample.ndjson"));
  const bySelf = (await listed(world)).find(({ key }) => key === "EX-2026-002");
  assert.deepEqual([bySelf?.priority, bySelf?.reasons.map(({ code }) => code)], ["soon", ["cvss"]]);
  await take(world, named("cisa-kev"), kev(["CVE-2026-10003"]));
  await take(world, named("first-epss"), "cve,epss,percentile\nCVE-2026-10003,0.97,0.99\nCVE-2026-99999,0.5,0.9\n");
  await take(world, named("nist-nvd"), sample("nist-nvd/sample.json"));
  const rows = await listed(world);
  assert.ok(!rows.some(({ feed }) => feed.id === "first-epss"), "scores alone are no advisory");
  const csaf = rows.find(({ key }) => key === "EX-2026-002");
  assert.deepEqual(
    [csaf?.priority, csaf?.reasons.map(({ says }) => says)],
    [
      "act-now",
      ["Known to be exploited", "97 % likely to be exploited within 30 days (EPSS)", "Severity 9.8 of 10 (CVSS)"],
    ],
  );
  for (const language of languages) {
    const one = await world.acts.advisory(lo, csaf?.id ?? "", { ...ask, language });
    assert.ok(one.ok);
    assert.deepEqual(
      one.value.claims.map(({ feed }) => feed.id),
      ["csaf-document", ...one.value.claims.slice(1).map(({ feed }) => feed.id)],
    );
    assert.deepEqual(one.value.claims.map(({ feed }) => feed.id).sort(), ["cisa-kev", "csaf-document", "first-epss"]);
    assert.ok(one.value.advisory.reasons.every(({ says }) => says !== "" && !says.includes("{")));
    if (language !== "en") assert.match(one.value.advisory.reasons[0]?.says ?? "", /\p{Script=Han}/u);
  }
});

test("what a reader may not know changes nothing for them: not the list, not a priority, not the history", async (t) => {
  // two worlds that differ in what only cleared staff may know
  const seen = await Promise.all(
    [true, false].map(async (secret) => {
      const world = await openActsWorld(t);
      const take1 = async (feed: Feed, advisories: readonly RawAdvisory[], shadow = false) => {
        await world.desk.state.act((tx) => tx.intel.feed(feed, shadow));
        await collectAdvisories({ state: world.desk.state, secret: "s", now: world.clock.now }, feed, {
          name: "",
          advisories,
        });
      };
      const open = advisoryOf({
        ...{ id: "EX-1", kind: "advisory", title: "Gateway", cves: ["CVE-2026-10001"], tlp: "green" },
        updatedAt: instant(world.clock.now - day),
      });
      await take1(named("csaf-document"), [open]);
      if (secret) {
        const record = { kind: "vulnerability", title: "Secret", cves: ["CVE-2026-10001"] } as const;
        const used = { exploited: { ransomware: true } };
        await take1(named("cisa-kev"), [advisoryOf({ id: "CVE-2026-10001", ...record, ...used, tlp: "red" })]);
        await take1(named("cve-record"), [
          advisoryOf({ id: "CVE-2026-10001", ...record, ...used, tlp: "amber+strict" }),
        ]);
        await take1(named("nist-nvd"), [advisoryOf({ id: "CVE-2026-10001", ...record, ...used })], true);
      }
      const answers: Record<string, unknown> = {};
      for (const who of ["chan", "abroad"] as const) {
        const rows = await listed(world, who);
        const viewer = await world.viewer(who);
        answers[who] = [
          rows,
          await listed(world, who, { priority: "act-now" }),
          await listed(world, who, { search: "secret" }),
          await listed(world, who, { cve: "CVE-2026-10001" }),
          await Promise.all(rows.map(({ id }) => world.acts.advisory(viewer, id, ask))),
        ];
      }
      const staff = await listed(world);
      return { answers, staff };
    }),
  );
  assert.deepEqual(seen[0]?.answers, seen[1]?.answers);
  const [first] = seen;
  assert.ok(first);
  assert.equal((first.answers["chan"] as readonly (readonly unknown[])[])[0]?.length, 1);
  // staff see the shadow feed and amber+strict, and what these make of the priority
  assert.deepEqual(
    seen[0]?.staff.map(({ priority }) => priority),
    ["act-now", "act-now", "act-now"],
  );
  assert.deepEqual(
    seen[1]?.staff.map(({ priority }) => priority),
    ["watch"],
  );
});

test("advisories() lists just what `visible` allows, for any marking and any scope", async (t) => {
  const world = await openActsWorld(t);
  const speaking = named("cve-record");
  const hushed = named("nist-nvd");
  for (const feed of [speaking, hushed]) {
    await world.desk.state.act((tx) => tx.intel.feed(feed, feed === hushed));
    const advisories = tlps.map((tlp: Tlp) => advisoryOf({ id: `${feed.id} ${tlp}`, kind: "news", title: tlp, tlp }));
    await collectAdvisories({ state: world.desk.state, secret: "s", now: world.clock.now }, feed, {
      name: "",
      advisories,
    });
  }
  const scopes: readonly Scope[] = (["public", "partner", "member"] as const)
    .map((audience): Scope => ({ all: false, groups: [], own: [], clientsOf: [], audience, red: false }))
    .concat([true, false].map((red) => ({ all: true, groups: [], own: [], clientsOf: [], audience: "staff", red })));
  for (const scope of scopes) {
    const { advisories } = await world.desk.views.advisories(scope, { limit: 100 });
    const wanted = [speaking, hushed].flatMap((feed) =>
      tlps
        .filter((tlp) => visible({ tlp, pap: "clear", licence: "unknown" }, feed === speaking, scope))
        .map((tlp) => `${feed.id} ${tlp}`),
    );
    assert.deepEqual(advisories.map(({ raw }) => raw.id).sort(), wanted.sort(), JSON.stringify(scope));
  }
});

test("advisories() finds by words in any script, CVE, product, feed, time and priority, in pages of any size", async (t) => {
  const world = await openActsWorld(t);
  await take(world, named("rss-advisories"), sample("rss-advisories/sample.xml"));
  await take(world, named("csaf-document"), sample("csaf-document/sample.ndjson"));
  await take(world, named("cisa-kev"), sample("cisa-kev/sample.json"));
  const keys = async (asked: object) => (await listed(world, "lo", asked)).map(({ key }) => key).sort();
  assert.deepEqual(await keys({ search: "指令注入" }), ["A26-11-07"]);
  assert.deepEqual(await keys({ search: "檢查紀錄 gateway" }), ["A26-11-07"]);
  assert.deepEqual(await keys({ search: "cve-2026-10001" }), ["A26-11-07", "CVE-2026-10001", "EX-2026-001"]);
  assert.deepEqual(await keys({ cve: "cve-2026-10003" }), ["EX-2026-002"]);
  assert.deepEqual(await keys({ product: "harbour os" }), ["EX-2026-001", "EX-2026-002"]);
  assert.deepEqual(await keys({ feed: "cisa-kev" }), ["CVE-2025-20002", "CVE-2026-10001"]);
  assert.deepEqual(await keys({ search: "%" }), []);
  assert.deepEqual(await keys({ priority: "soon" }), ["EX-2026-002"]);
  assert.deepEqual(await keys({ priority: "watch" }), ["https://cert.example/advisories/a26-11-06.html"]);
  assert.deepEqual(await keys({ since: "2026-11-17T10:30:00Z", feed: "rss-advisories", search: "CVE-2026-10002" }), [
    "A26-11-07",
  ]);
  const all = (await listed(world)).map(({ id }) => id);
  const lo = await world.viewer("lo");
  for (const limit of [1, 2, 3, 5]) {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.acts.advisories(lo, { limit, ...(cursor === undefined ? {} : { cursor }) }, ask);
      assert.ok(page.ok);
      ids.push(...page.value.advisories.map(({ id }) => id));
      cursor = page.value.next;
    } while (cursor !== undefined);
    assert.deepEqual(ids, all, `pages of ${limit}`);
  }
  for (const [asked, code] of [
    [{ cursor: "AAAA" }, "WGL_CURSOR"],
    [{ cve: "CVE-1" }, "WGL_CVE"],
    [{ since: "yesterday" }, "WGL_TIME"],
  ] as const)
    assert.equal(codeOf(await world.acts.advisories(lo, { limit: 5, ...asked }, ask)), code);
  assert.equal(codeOf(await world.acts.advisory(lo, "no-id", ask)), "WGL_ABSENT");
});

test("the filter by priority leaves out nothing that has it", async (t) => {
  const world = await openActsWorld(t);
  const feed = named("csaf-document");
  const records = named("cve-record");
  for (const one of [feed, records]) await world.desk.state.act((tx) => tx.intel.feed(one, false));
  const cases = [
    ...fc.sample(fc.tuple(evidence, evidence), { numRuns: 120, seed: 11 }),
    ...[3, 7.5, 9.5].map((cvss) => [noEvidence, { ...noEvidence, cvss }] as const),
  ];
  const say = (one: PriorityEvidence): Partial<RawAdvisory> => ({
    ...(one.exploited || one.ransomware ? { exploited: { ransomware: one.ransomware } } : {}),
    ...(one.exploit ? { labels: ["exploit"] } : {}),
    epss: { probability: one.epss, percentile: 0 },
    scores: [{ version: "3.1", vector: "x", score: one.cvss, by: "nvd@nist.gov" }],
  });
  const put = (one: Feed, advisories: readonly RawAdvisory[]) =>
    collectAdvisories({ state: world.desk.state, secret: "s", now: world.clock.now }, one, { name: "", advisories });
  const cve = (n: number): string => `CVE-2026-${10_000 + n}`;
  await put(
    feed,
    cases.map(([own], n) => advisoryOf({ id: `A-${n}`, kind: "advisory", title: "x", cves: [cve(n)], ...say(own) })),
  );
  await put(
    records,
    cases.map(([, record], n) =>
      advisoryOf({ id: cve(n), kind: "vulnerability", title: "x", cves: [cve(n)], ...say(record) }),
    ),
  );
  const all = await listed(world, "lo", { feed: feed.id });
  assert.equal(all.length, cases.length);
  for (const priority of priorities) {
    const found = await listed(world, "lo", { feed: feed.id, priority });
    assert.deepEqual(
      found.map(({ id }) => id),
      all.filter((one) => one.priority === priority).map(({ id }) => id),
    );
    assert.ok(found.length > 0, priority);
  }
  for (const { key, priority } of all) {
    const [own, record] = cases[Number(key.slice(2))] ?? [noEvidence, noEvidence];
    const count = (one: PriorityEvidence): PriorityEvidence => ({ ...one, exploited: one.exploited || one.ransomware });
    assert.equal(priority, priorityOf(bothEvidence(count(own), count(record))), key);
  }
});

test("readAdvisoriesCursor() reads back what was written, and nothing else", () => {
  const key = { updated: "2026-11-17T00:00:00.000001Z", id: "9c1e1d2a-0000-4000-8000-000000000001" };
  assert.deepEqual(readAdvisoriesCursor(writeAdvisoriesCursor(key)), key);
  fc.assert(fc.property(fc.string(), (text) => readAdvisoriesCursor(text) === undefined));
});
