import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import type { Scope } from "#community/visibility.ts";
import { after, instant, minute } from "#core/instant.ts";
import { strict } from "#core/value-policy.ts";
import type { Hit } from "#detect/hit.ts";
import { documentsWalk } from "#feeds/documents-walk.ts";
import type { Feed, RawThreatName, WalkAnswer, WalkStep } from "#feeds/feed.ts";
import { feed as galaxy } from "#feeds/misp-galaxy/feed.ts";
import { feed as attack } from "#feeds/mitre-attack/feed.ts";
import { readFeed } from "#feeds/read.ts";
import { buildFamilies, type FamilyName } from "#intel/family-names.ts";
import { foldedName, nameInLabel } from "#intel/threat-names.ts";
import { collect } from "#jobs/collect/collect.ts";
import { FamilyMemory } from "#jobs/threat-names/memory.ts";
import { withFamily } from "#jobs/findings/record-hits.ts";
import { indicatorViews } from "#store/indicator-views.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";

const corpora = new URL("../../shared/corpora/feeds/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";
const now = instant(Date.parse("2026-11-21T08:00:00Z"));
const everybody: Scope = { all: false, groups: [], own: [], clientsOf: [], audience: "public", red: false };
const staff: Scope = { ...everybody, all: true, audience: "staff", red: true };

const tally = (values: Iterable<string>): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

const readCorpus = (feed: Feed, file: string): readonly RawThreatName[] => {
  const reading = readFeed(feed, readFileSync(new URL(file, corpora)), file, strict);
  assert.deepEqual([reading.verdict, reading.rejected, reading.duplicates, reading.notes], ["accept", {}, 0, {}], file);
  return reading.names ?? [];
};

test("mitre-attack: techniques, groups and software are as many as the corpus counts, taken back ones included", {
  skip,
}, () => {
  const expected = JSON.parse(readFileSync(new URL("attack/expected-counts.json", corpora), "utf8")) as Record<
    string,
    {
      readonly byType: Readonly<Record<string, number>>;
      readonly revoked: number;
      readonly deprecated: number;
      readonly techniques: number;
      readonly subtechniques: number;
    }
  >;
  for (const [domain, wanted] of Object.entries(expected)) {
    const names = readCorpus(attack, `attack/${domain}.jsonl.gz`);
    const kinds = { technique: "attack-pattern", group: "intrusion-set", malware: "malware", tool: "tool" } as const;
    const counts = tally(names.map((one) => one.kind));
    for (const [kind, type] of Object.entries(kinds))
      assert.equal(counts[kind] ?? 0, wanted.byType[type] ?? 0, `${domain} ${type}`);
    assert.equal(names.filter((one) => one.gone).length, wanted.revoked + wanted.deprecated, domain);
    const techniques = names.filter((one) => one.kind === "technique");
    assert.equal(techniques.filter((one) => /^T\d{4}$/.test(one.id)).length, wanted.techniques, domain);
    assert.equal(techniques.filter((one) => /^T\d{4}\.\d{3}$/.test(one.id)).length, wanted.subtechniques, domain);
    assert.deepEqual(tally(names.map((one) => one.list)), { [domain]: names.length });
  }
  // the same objects as a bundle, as MITRE publishes them
  const lines = gunzipSync(readFileSync(new URL("attack/ics-attack.jsonl.gz", corpora)))
    .toString()
    .trim()
    .split("\n");
  const bundle = Buffer.from(`{"type":"bundle","id":"bundle--0","objects":[${lines.join(",")}]}`);
  const named = ({ names = [] }: { readonly names?: readonly RawThreatName[] }) => names;
  assert.deepEqual(
    named(readFeed(attack, bundle, "ics-attack.json", strict)),
    readCorpus(attack, "attack/ics-attack.jsonl.gz"),
  );
});

interface ExpectedGalaxy {
  readonly clusters: number;
  readonly synonyms: number;
  readonly uniqueValues: number;
  readonly ambiguousNames: number;
  readonly ambiguousExamples: Readonly<Record<string, readonly string[]>>;
}
const galaxies = (): Readonly<Record<string, ExpectedGalaxy>> =>
  JSON.parse(readFileSync(new URL("misp-galaxy/EXPECTED.json", corpora), "utf8")) as Record<string, ExpectedGalaxy>;

test("misp-galaxy: clusters, synonyms and ambiguous names are as many as the corpus counts", { skip }, () => {
  for (const [type, wanted] of Object.entries(galaxies())) {
    const names = readCorpus(galaxy, `misp-galaxy/clusters/${type}.json.gz`);
    assert.equal(names.length, wanted.clusters, type);
    assert.equal(new Set(names.map((one) => one.name)).size, wanted.uniqueValues, type);
    // as the oracle counts: lower case alone
    const meant = new Map<string, Set<string>>();
    for (const one of names)
      for (const word of [one.name, ...one.aliases]) {
        const key = word.toLowerCase();
        meant.set(key, (meant.get(key) ?? new Set()).add(one.name));
      }
    const ambiguous = [...meant].filter(([, of]) => of.size > 1);
    assert.equal(ambiguous.length, wanted.ambiguousNames, type);
    for (const [word, of] of Object.entries(wanted.ambiguousExamples))
      assert.deepEqual([...(meant.get(word) ?? [])].sort(), [...of].sort(), word);
  }
});

test("what is ambiguous in the galaxies is never given one name, and what is not is", { skip }, () => {
  const names = readCorpus(galaxy, "misp-galaxy/clusters/ransomware.json.gz");
  const family = buildFamilies(
    names.flatMap((one) =>
      [one.name, ...one.aliases].map((word) => ({
        source: "misp-galaxy",
        id: one.id,
        name: one.name,
        folded: foldedName(word),
      })),
    ),
  );
  const own = new Set(names.map((one) => foldedName(one.name)));
  for (const [word] of Object.entries(galaxies()["ransomware"]?.ambiguousExamples ?? {}))
    assert.equal(foldedName(family(word)), foldedName(word), word);
  // EXPECTED: "friedex" means BitPaymer and DoppelPaymer
  assert.equal(family("friedex"), "friedex");
  let told = 0;
  for (const one of names)
    for (const alias of one.aliases)
      if (!own.has(foldedName(alias)) && foldedName(family(alias)) === foldedName(one.name)) told++;
  assert.ok(told > 150, `${told}`);
});

test("families: a name is a fixed point, several meanings stay, and the order of loading changes nothing", () => {
  const word = fc.constantFrom("QakBot", "qak bot", "Qbot", "Pinkslipbot", "Emotet", "Geodo", "Heodo", "X", "");
  const one = fc.record({
    source: fc.constantFrom("a", "b"),
    id: fc.constantFrom("1", "2", "3"),
    name: word,
    folded: word.map(foldedName),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), word, (names, asked) => {
      const family = buildFamilies(names);
      assert.equal(family(family(asked)), family(asked));
      assert.equal(buildFamilies(names.toReversed())(asked), family(asked));
      const live = names.filter(({ name }) => foldedName(name) !== "");
      const meant = new Set(
        live.filter(({ folded }) => folded === foldedName(asked)).map(({ name }) => foldedName(name)),
      );
      const isName = live.some(({ name }) => foldedName(name) === foldedName(asked));
      if (!isName && meant.size > 1) assert.equal(family(asked), asked);
      if (!isName && meant.size === 1 && asked !== "") assert.ok(meant.has(foldedName(family(asked))));
    }),
  );
});

test("labels name what they name: ids of ATT&CK in tags of MISP and Sigma", () => {
  assert.equal(nameInLabel('misp-galaxy:mitre-attack-pattern="PowerShell - T1059.001"'), "T1059.001");
  assert.equal(nameInLabel("attack.t1059.001"), "t1059.001");
  assert.equal(nameInLabel('misp-galaxy:ransomware="Avos"'), "Avos");
  assert.equal(nameInLabel("qakbot"), "qakbot");
});

test("a hit about an alias is about its family; services and weaknesses keep their names", () => {
  const names: readonly FamilyName[] = [{ source: "a", id: "1", name: "QakBot", folded: "qbot" }];
  const family = buildFamilies(names);
  const hit = (type: Hit["problem"]["type"], about: string): Hit => ({ problem: { type, about } }) as Hit;
  assert.equal(withFamily(hit("infected-system", "qbot"), { family }).problem.about, "qakbot");
  assert.equal(withFamily(hit("vulnerable-system", "qbot"), { family }).problem.about, "qbot");
  assert.equal(withFamily(hit("infected-system", "other"), { family }).problem.about, "other");
  assert.equal(withFamily(hit("infected-system", "qbot"), {}).problem.about, "qbot");
});

const cluster = (uuid: number, value: string, synonyms: readonly string[] = []) => ({
  ...{ value, uuid: `00000000-0000-4000-8000-${String(uuid).padStart(12, "0")}`, meta: { synonyms } },
});
const galaxyOf = (type: string, ...values: readonly object[]): Uint8Array =>
  Buffer.from(JSON.stringify({ type, authors: [], values }));

test("collected names are found by id, name and alias; what its list has no more is gone, and kept", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const views = indicatorViews(sql);
  let turns = 0;
  const take = (feed: Feed, body: Uint8Array, more: { readonly add?: boolean; readonly shadow?: boolean } = {}) =>
    collect(
      {
        ...{ state, secret: "s", policy: strict, shadow: more.shadow ?? false, now: after(now, turns++ * minute) },
        ...{ elapsed: () => 0, ...(more.add ? { add: true } : {}) },
      },
      feed,
      body,
      "names.json",
    );
  const meanings = async (label: string, scope: Scope = everybody): Promise<readonly string[]> =>
    (await views.namesOf(scope, [label])).flatMap((one) =>
      one.meanings.map(({ source, name, gone }) => `${source} ${name}${gone ? " gone" : ""}`),
    );

  const sample = readFileSync(new URL("../src/feeds/mitre-attack/sample.json", import.meta.url));
  const first = await take(attack, sample);
  assert.deepEqual([first?.state, first?.added, first?.accepted], ["healthy", 8, 8]);
  assert.deepEqual(await meanings("T9001.001"), ["mitre-attack Sample Shell"]);
  assert.deepEqual(await meanings("attack.t9001.001"), ["mitre-attack Sample Shell"]);
  assert.deepEqual(await meanings('misp-galaxy:mitre-attack-pattern="Sample Shell - T9001.001"'), [
    "mitre-attack Sample Shell",
  ]);
  assert.deepEqual(await meanings("grey-wader"), ["mitre-attack Quiet Heron"]);
  assert.deepEqual(await meanings("T9002"), ["mitre-attack Old Technique gone"]);
  const again = await take(attack, sample);
  assert.deepEqual([again?.state, again?.added, again?.changed, again?.delisted], ["healthy", 0, 0, 0]);

  // two families share a synonym: both are told, neither is chosen
  await take(
    galaxy,
    galaxyOf("tool", cluster(1, "TideLoader", ["Tidal", "TIDE-LDR"]), cluster(2, "MudCrab", ["Tidal"])),
  );
  assert.deepEqual(await meanings("tidal"), [
    "misp-galaxy TideLoader",
    "misp-galaxy MudCrab",
    "mitre-attack TideLoader",
  ]);
  const families = new FamilyMemory();
  assert.equal(families.family("tide-ldr"), "tide-ldr");
  assert.equal(await state.act((tx) => families.refresh(tx.names)), true);
  assert.equal(await state.act((tx) => families.refresh(tx.names)), false);
  assert.equal(families.family("tide-ldr"), "tideloader");
  assert.equal(families.family("tidal"), "tidal");
  assert.equal(families.family("grey wader"), "grey wader", "a group is no family");

  // MudCrab leaves its list; then it stands in another
  const left = await take(galaxy, galaxyOf("tool", cluster(1, "TideLoader", ["Tidal"])));
  assert.equal(left?.delisted, 1);
  assert.deepEqual(await meanings("MudCrab"), ["misp-galaxy MudCrab gone"]);
  assert.deepEqual(await meanings("tide ldr"), []);
  await state.act((tx) => families.refresh(tx.names));
  assert.equal(families.family("tidal"), "tideloader");
  await take(galaxy, galaxyOf("banker", cluster(2, "MudCrab")));
  assert.deepEqual(await meanings("MudCrab"), ["misp-galaxy MudCrab"]);
  // what is only added takes nothing away
  await take(galaxy, galaxyOf("banker", cluster(3, "SandEel")), { add: true });
  assert.deepEqual(
    [await meanings("mudcrab"), await meanings("sandeel")],
    [["misp-galaxy MudCrab"], ["misp-galaxy SandEel"]],
  );

  // an operator's own collection, not for everybody; and one still in shadow
  await take({ ...galaxy, id: "our-names", tlp: "amber" }, galaxyOf("tool", cluster(9, "Our Name", ["Their Name"])));
  await take({ ...galaxy, id: "new-names" }, galaxyOf("tool", cluster(8, "New Name")), { shadow: true });
  assert.deepEqual([await meanings("our name"), await meanings("new name")], [[], []]);
  assert.deepEqual(await meanings("our name", { ...everybody, audience: "member" }), ["our-names Our Name"]);
  assert.deepEqual(await meanings("new name", staff), ["new-names New Name"]);
  await state.act((tx) => families.refresh(tx.names));
  assert.equal(families.family("their name"), "their name");
});

test("a body that loses most of its names is held, and says nothing meanwhile", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const clusters = Array.from({ length: 400 }, (_, n) => cluster(n, `Name ${n}`));
  const turn = (values: readonly object[], at: number) =>
    collect(
      { state, secret: "s", policy: strict, shadow: false, now: after(now, at), elapsed: () => 0 },
      galaxy,
      galaxyOf("tool", ...values),
      "tool.json",
    );
  assert.equal((await turn(clusters, 0))?.state, "healthy");
  assert.equal((await turn(clusters.slice(0, 20), minute))?.state, "held");
  const [standing] = await sql`select count(*)::int as n from threat_name where not gone`;
  assert.equal(standing?.["n"], 400);
});

test("documentsWalk() asks for each document once, and again only when it changed", () => {
  const walk = documentsWalk(["a/one.json", "two.json"]);
  const run = (url: string, cursor: unknown, answer: (ask: string, tag: string | undefined) => Partial<WalkAnswer>) => {
    const taken: string[] = [];
    const steps = walk({ url, cursor, now });
    let step = steps.next();
    while (!step.done) {
      const said: WalkStep = step.value;
      if ("ask" in said) {
        const got = answer(said.ask, said.headers?.["if-none-match"]);
        step = steps.next({ status: 200, headers: {}, body: new Uint8Array(1), ...got });
      } else {
        if ("take" in said) taken.push(said.name);
        step = steps.next(undefined);
      }
    }
    return { taken, cursor: step.value };
  };
  const first = run("https://names.example/", undefined, (ask) => ({ headers: { etag: `"${ask.length}"` } }));
  assert.deepEqual(first.taken, ["one.json", "two.json"]);
  const next = run("https://names.example/", first.cursor, (ask, tag) =>
    ask.endsWith("one.json") && tag !== undefined ? { status: 304 } : { headers: { etag: '"new"' } },
  );
  assert.deepEqual(next.taken, ["two.json"]);
  assert.deepEqual(next.cursor, {
    "https://names.example/a/one.json": (first.cursor as Record<string, string>)["https://names.example/a/one.json"],
    "https://names.example/two.json": '"new"',
  });
  assert.deepEqual(run("https://copy.example/mine.json", undefined, () => ({})).taken, ["mine.json"]);
});
