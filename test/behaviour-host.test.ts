import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { day, hour, instant, minute } from "#core/instant.ts";
import type { Behaviour, BehaviourHit, Fact, Said } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { intrusion } from "#detect/intrusion/behaviour.ts";
import { ransomware } from "#detect/ransomware/behaviour.ts";
import { Watchers } from "#detect/watchers.ts";
import { behaviours as english } from "#words/en/behaviours.ts";
import { falsePerThousand, made, monthOf, nowhere, told } from "./behaviour-world.ts";
import { aMonth, hostDays, randomOf } from "./benign-month.ts";

const start = Date.UTC(2026, 5, 8, 1);

const says = (behaviour: Behaviour, facts: readonly Fact[]): string[] =>
  told(behaviour, facts).map(({ because }) => because[0]?.says ?? "");

const touching = (count: number, stepMs: number, file: (n: number) => Fact["file"], from = start): Fact[] =>
  Array.from({ length: count }, (_, n) => {
    const act = file(n);
    return {
      ...made({ time: instant(from + n * stepMs), event: "file", host: "ws-7", ...(act ? { file: act } : {}) }, n),
      id: `file-${from}-${String(n).padStart(6, "0")}`,
    };
  });

const kinds = ["docx", "xlsx", "jpg", "pdf"];
const work = (n: number): string => `C:\\Users\\chan\\Documents\\d${n % 12}\\plan-${n}.${kinds[n % 4]}`;
const command = (text: string, at = start): Fact =>
  made(
    {
      time: instant(at),
      event: "process",
      host: "ws-7",
      process: { image: "C:\\Windows\\System32\\cmd.exe", command: text },
    },
    999_999,
  );

test("files of many kinds that get one new ending are called within two minutes, by renaming and by writing anew", () => {
  const renamed = touching(500, 200, (n) => ({ act: "rename", path: work(n), to: `${work(n)}.lockme` }));
  const [hit, ...others] = told(ransomware, renamed);
  equal(others.length, 0);
  ok(hit && hit.time - start < 2 * minute && hit.severity === "critical");
  deepEqual(hit.because[0], { says: "ransomware.endings", with: { host: "ws-7", count: 30, ending: "lockme" } });
  deepEqual(
    says(
      ransomware,
      touching(500, 200, (n) => ({ act: "create", path: `${work(n)}.enc7` })),
    ),
    ["ransomware.endings"],
  );
  // an ending of its own for each
  const own = touching(500, 200, (n) => ({ act: "rename", path: work(n), to: `${work(n)}.x${n}` }));
  deepEqual(says(ransomware, own), ["ransomware.endings"]);
});

test("notes in every folder, and deletion behind destroyed copies, are called", () => {
  const notes = touching(12, 1000, (n) => ({ act: "create", path: `C:\\Data\\d${n}\\HOW_TO_RESTORE.txt` }));
  deepEqual(says(ransomware, notes), ["ransomware.notes"]);
  const gone = [
    command("vssadmin delete shadows /all /quiet"),
    ...touching(400, 100, (n) => ({ act: "delete", path: work(n) }), start + 60_000),
  ];
  deepEqual(says(ransomware, gone), ["ransomware.ways-back", "ransomware.deleted"]);
  for (const way of [
    '"C:\\Windows\\System32\\wbem\\WMIC.exe" shadowcopy delete',
    "bcdedit /set {default} recoveryenabled No",
    "wbadmin delete catalog -quiet",
  ])
    deepEqual(says(ransomware, [command(way)]), ["ransomware.ways-back"]);
});

test("unpacking, converting, compressing, tidying up and slow renaming are no attack", () => {
  for (const facts of [
    touching(500, 100, (n) => ({ act: "create", path: `C:\\src\\pkg${n}\\README.md` })),
    touching(500, 100, (n) => ({ act: "rename", path: `C:\\p\\IMG_${n}.heic`, to: `C:\\p\\IMG_${n}.jpg` })),
    touching(500, 100, (n) => ({ act: "create", path: `${work(n)}.gz` })),
    touching(500, 100, (n) => ({ act: "create", path: `${work(n)}.tmp` })),
    touching(500, 100, (n) => ({ act: "delete", path: work(n) })),
    touching(500, 10_000, (n) => ({ act: "rename", path: work(n), to: `${work(n)}.final` })),
    [command("vssadmin list shadows")],
  ])
    deepEqual(says(ransomware, facts), []);
});

test("the benign month: ransomware says nothing", () => {
  deepEqual(falsePerThousand(ransomware).hits, []);
});

const step = (id: string, severity: Said["severity"], ...tactics: string[]): Said => ({
  ...{ id, title: `Rule ${id}`, severity, tactics, attack: [`T${id}`] },
});

/** What rules say of the machine of somebody who opened the wrong letter, over seven hours. */
const sevenHours: readonly (readonly [number, Said])[] = [
  [0, step("1566", "high", "initial-access", "execution")],
  [4, step("1059", "medium", "execution")],
  [12, step("1033", "low", "discovery")],
  [21, step("1547", "medium", "persistence")],
  [38, step("1003", "high", "credential-access")],
  [95, step("1018", "low", "discovery")],
  [160, step("1021", "medium", "lateral-movement")],
  [250, step("1560", "medium", "collection")],
  [330, step("1041", "high", "exfiltration")],
  [415, step("1486", "critical", "impact")],
];

const saying = (all: readonly (readonly [at: number, said: Said, host?: string])[]): Fact[] =>
  all.map(([at, said, host = "ws-7"], n) => made({ time: instant(at), event: "process", host, said: [said] }, n));

test("the intrusion of seven hours is called within its first, and told once a day", () => {
  const facts = saying(sevenHours.map(([minutes, said]) => [start + minutes * minute, said]));
  const hits = told(intrusion, facts);
  equal(hits.length, 1);
  const [hit] = hits;
  ok(hit && hit.time - start < hour);
  deepEqual(hit.entities, [{ kind: "host", value: "ws-7" }]);
  equal(hit.first, start);
  equal(hit.because.filter(({ says: key }) => key === "intrusion.step").length, 5);
});

test("one stage every eight days is called within sixty", () => {
  const slow = saying(sevenHours.map(([, said], n) => [start + n * 8 * day, said]));
  const [hit] = told(intrusion, slow);
  equal(hit?.because[0]?.says, "intrusion.slow");
  ok(hit.time - start <= 60 * day);
});

test("one noisy rule, and rules that speak of every machine, are no intrusion", () => {
  const noisy = saying(Array.from({ length: 500 }, (_, n) => [start + n * minute, step("1059", "high", "execution")]));
  deepEqual(told(intrusion, noisy), []);
  const everywhere = Array.from({ length: 60 }, (_, n) => `ws-${n}`).flatMap((host, n) =>
    [step("1059", "medium", "execution"), step("1033", "low", "discovery"), step("1547", "medium", "persistence")].map(
      (said, k): readonly [number, Said, string] => [start + n * minute + k * 1000, said, host],
    ),
  );
  deepEqual(told(intrusion, saying(everywhere)), []);
});

test("a month of what rules usually say about nothing stays below one finding per 1,000 host-days", (t) => {
  const random = randomOf(11);
  const usual = [
    step("1059", "medium", "execution"),
    step("1033", "low", "discovery"),
    step("1053", "medium", "persistence"),
    step("1105", "low", "command-and-control"),
    step("1218", "medium", "defense-evasion"),
  ];
  const noise: (readonly [number, Said, string])[] = [];
  for (let d = 0; d < aMonth.days; d++)
    for (let host = 0; host < aMonth.people + 11; host++)
      for (let n = random() < 0.3 ? 1 + Math.floor(random() * 3) : 0; n > 0; n--) {
        const said = usual[Math.floor(random() ** 2 * usual.length)];
        if (said) noise.push([start + d * day + Math.floor(random() * day), said, `ws-${host}`]);
      }
  noise.sort(([a], [b]) => a - b);
  const hits = told(intrusion, saying(noise));
  t.diagnostic(
    `${hits.length} of ${noise.length} things said, ${((hits.length * 1000) / hostDays(aMonth)).toFixed(2)} per 1,000 host-days`,
  );
  ok((hits.length * 1000) / hostDays(aMonth) <= 1);
});

test("behaviours are read by the one that adds up: beacon, scan and leak of one machine are one story", () => {
  const watchers = new Watchers(behaviours, nowhere);
  const facts: Fact[] = [];
  const random = randomOf(3);
  for (let n = 0; n < 200; n++)
    facts.push(
      made(
        {
          time: instant(start + n * minute + random() * 9000),
          source: { address: "10.1.0.5" },
          destination: { address: "203.0.113.99", port: 443 },
          measures: { bytesOut: 400 },
        },
        n,
      ),
    );
  for (let n = 0; n < 100; n++)
    facts.push(
      made(
        {
          time: instant(start + 100 * minute + n * 500),
          source: { address: "10.1.0.5" },
          destination: { address: `10.1.0.${n + 10}`, port: 445 },
          measures: { bytesOut: 60, bytesIn: 0 },
        },
        1000 + n,
      ),
    );
  facts.push(
    made(
      {
        time: instant(start + 110 * minute),
        event: "process",
        host: "ws-7",
        source: { address: "10.1.0.5" },
        said: [step("1003", "high", "credential-access")],
      },
      5000,
    ),
  );
  facts.sort((a, b) => a.at - b.at);
  const hits: BehaviourHit[] = facts.flatMap((fact) => watchers.take(fact));
  deepEqual(
    hits.map(({ behaviour }) => behaviour),
    ["beacon", "port-scan", "intrusion"],
  );
});

test("another process goes on from the checkpoint, all behaviours together", () => {
  const facts = [...monthOf({ ...aMonth, people: 6, days: 3 })];
  const whole = new Watchers(behaviours, nowhere);
  const expected = facts.flatMap((fact) => whole.take(fact));
  let watchers = new Watchers(behaviours, nowhere);
  const hits: BehaviourHit[] = [];
  for (const [n, fact] of facts.entries()) {
    hits.push(...watchers.take(fact));
    if (n % 4000 !== 3999) continue;
    const saved = JSON.parse(JSON.stringify(watchers.save())) as ReturnType<Watchers["save"]>;
    watchers = new Watchers(behaviours, nowhere);
    watchers.restore(saved);
  }
  deepEqual(hits, expected);
});

test("every folder of a behaviour is registered, has its title, and gives reasons for its settings", () => {
  const folders = readdirSync(new URL("../src/detect/", import.meta.url), { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() &&
        readdirSync(new URL(`../src/detect/${entry.name}/`, import.meta.url)).includes("behaviour.ts"),
    )
    .map(({ name }) => name);
  deepEqual(behaviours.map(({ id }) => id).sort(), folders.sort());
  for (const { id, settings } of behaviours) {
    ok(`${id}.title` in english, id);
    for (const [name, { standard, least, most, why, unit }] of Object.entries(settings)) {
      ok(least <= standard && standard <= most, `${id}.${name}`);
      ok(why.length > 20 && unit !== "", `${id}.${name}`);
    }
  }
  equal(behaviours.at(-1)?.id, "intrusion");
});
