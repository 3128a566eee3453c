import { checkPattern } from "#stix/pattern-check.ts";
import { PatternIndex } from "#stix/pattern-index.ts";
import { type CompiledPattern, compilePattern } from "#stix/pattern-match.ts";
import { type Observation, readObservations } from "#stix/pattern-observation.ts";
import { readPattern } from "#stix/read-pattern.ts";
import { figure } from "./figure.ts";

// STIX patterns: simple ones (one [ ], one to three comparisons) asked of every observation, and 100,000 of them over a
// stream by the index. Observations are bundles of 2.1 with traffic, addresses, a domain and a file. CPU time of this thread.
const patternCount = 100_000;
const observationCount = 2000;
const streamed = 20_000;

let state = 42;
/** Numbers that are the same in every run (mulberry32). */
const random = (below: number): number => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
};

const ipv4 = (): string => `198.${18 + random(2)}.${random(256)}.${random(256)}`;
const domain = (): string => `host${random(200_000)}.bad${random(50)}.example`;
const hash = (): string => Array.from({ length: 64 }, () => random(16).toString(16)).join("");
const hashes = Array.from({ length: 50_000 }, hash);
const known = (): string => hashes[random(hashes.length)] ?? "";

const kinds: readonly (() => string)[] = [
  () => `[ipv4-addr:value = '${ipv4()}']`,
  () => `[domain-name:value = '${domain()}']`,
  () => `[file:hashes.'SHA-256' = '${known()}']`,
  () => `[url:value = 'https://${domain()}/gate.php']`,
  () => `[network-traffic:dst_ref.value = '${ipv4()}' AND network-traffic:dst_port = ${random(65_536)}]`,
  () => `[ipv4-addr:value ISSUBSET '${ipv4()}/28']`,
  () => `[file:name = 'invoice${random(1000)}.exe' AND file:size > ${random(1_000_000)}]`,
  () => `[domain-name:value IN ('${domain()}', '${domain()}') OR ipv4-addr:value = '${ipv4()}']`,
];
const pattern = (n: number): string => (kinds[n % kinds.length] ?? (() => ""))();

const time = "2026-01-01T00:00:00Z";
const bundle = (n: number): object => {
  const id = (type: string): string => `${type}--${n}`;
  const refs = ["ipv4-addr", "domain-name", "network-traffic", "file"].map(id);
  const data = { type: "observed-data", id: id("observed-data"), object_refs: refs };
  return {
    type: "bundle",
    objects: [
      { ...data, first_observed: time, last_observed: time, number_observed: 1 },
      { type: "ipv4-addr", id: refs[0], value: ipv4() },
      { type: "domain-name", id: refs[1], value: domain() },
      { type: "network-traffic", id: refs[2], dst_ref: refs[0], dst_port: random(65_536), protocols: ["tcp"] },
      {
        type: "file",
        id: refs[3],
        name: `invoice${random(1000)}.exe`,
        size: random(1e6),
        hashes: { "SHA-256": known() },
      },
    ],
  };
};

const compiled = (text: string): CompiledPattern => {
  const read = readPattern(text);
  const made = read.ok ? compilePattern(read.value) : undefined;
  if (made?.ok !== true) throw new Error(text);
  return made.value;
};

const cpu = (work: () => void): number => {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1e6;
};

const texts = Array.from({ length: patternCount }, (_, n) => pattern(n));
const observationsOf = (count: number): readonly Observation[] =>
  Array.from({ length: count }, (_, n) => readObservations([bundle(n)]).observations).flat();

const some = texts.slice(0, 1000);
some.forEach((text) => checkPattern(text));
const checking = cpu(() => texts.slice(0, 20_000).forEach((text) => checkPattern(text)));
figure("STIX patterns checked", 20_000 / checking, "patterns/CPU-s", "stix2patterns: 2,400");

const observations = observationsOf(observationCount);
const simple = some.map(compiled);
let matches = 0;
const each = (): void => {
  for (const one of simple)
    for (const observation of observations) {
      const verdict = one.match([observation]);
      if (verdict.ok && verdict.value.matches) matches++;
    }
};
each();
figure(
  "simple STIX patterns × observations, one by one",
  (simple.length * observations.length) / cpu(each),
  "pairs/CPU-s",
  "≥ 680,000",
);

globalThis.gc?.();
const bare = process.memoryUsage().heapUsed;
const index = new PatternIndex<number>();
const building = cpu(() => texts.forEach((text, n) => index.add(n, compiled(text))));
globalThis.gc?.();
const held = process.memoryUsage().heapUsed - bare;
const stream = observationsOf(streamed);
for (const observation of observations) index.match([observation]);
let found = 0;
let candidates = 0;
const streaming = cpu(() => {
  for (const observation of stream) found += index.match([observation]).length;
});
for (const observation of stream.slice(0, 1000)) for (const _ of index.candidates(observation)) candidates++;
figure("100,000 STIX patterns entered into the index", patternCount / building, "patterns/CPU-s", "");
if (globalThis.gc !== undefined)
  figure("the index with its compiled patterns", held / patternCount, "bytes a pattern", "");
figure(
  "observations through 100,000 STIX patterns",
  streamed / streaming,
  "observations/CPU-s",
  "by an index, not by passes",
);
figure("the same as pairs", (streamed * patternCount) / streaming, "pairs/CPU-s", "≥ 680,000");
process.stderr.write(
  `matches ${matches} one by one, ${found} in the stream; ${candidates / 1000} candidates an observation, ${index.residual} patterns without a constant\n`,
);
