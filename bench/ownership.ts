import { buildAssetIndex } from "#community/asset-index.ts";
import type { Asset, AssetId } from "#community/asset.ts";
import { instant } from "#core/instant.ts";
import { bigintIpv6, ipv4Text } from "#core/ip.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";

// Ownership at the size of a nation: 10 000 organisations × 50 networks (4 in 5 IPv4, some inside others, a tenth with
// an earlier holder) and 10 domains each. Look-ups are half hits. Prints name, value, unit, goal; CPU time of this thread.
const organisations = 10_000;
const networksEach = 50;
const domainsEach = 10;

let state = 42;
/** Numbers that are the same in every run (mulberry32). */
const random = (below: number): number => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
};

const ipv4 = (): number => 0x0b000000 + random(0xc0000000);
const ipv6 = (): bigint => (0x2400n << 112n) | (BigInt(random(2 ** 32)) << 80n) | (BigInt(random(2 ** 16)) << 64n);
const network = (): string => {
  if (random(5) === 0) {
    const length = 32 + random(5) * 8;
    const host = BigInt(128 - length);
    return `${bigintIpv6((ipv6() >> host) << host)}/${length}`;
  }
  const length = 16 + random(17);
  const text = ipv4Text(Math.floor(ipv4() / 2 ** (32 - length)) * 2 ** (32 - length));
  return length === 32 ? text : `${text}/${length}`;
};

const assets: Asset[] = [];
const add = (organisation: number, kind: Asset["kind"], value: string, from = 0, to?: number): void => {
  const period = { from: instant(from), ...(to === undefined ? {} : { to: instant(to) }) };
  const id = `a${assets.length}` as AssetId;
  assets.push({
    id,
    organisation: `o${organisation}` as OrganisationId,
    kind,
    value,
    ...period,
    proof: "registry",
    worth: "normal",
  });
};
for (let one = 0; one < organisations; one++) {
  for (let n = 0; n < networksEach; n++) add(one, "network", network(), random(10) === 0 ? 1000 : 0);
  for (let d = 0; d < domainsEach; d++) add(one, "domain", `d${d}.org${one}.example`);
}

const cpu = (work: () => void): number => {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1e6;
};
const print = (name: string, value: number, unit: string, goal: string): void =>
  void process.stdout.write(`${name}\t${value >= 100 ? Math.round(value) : value.toFixed(3)}\t${unit}\t${goal}\n`);

let index = buildAssetIndex([]);
const before = process.memoryUsage();
print(
  "ownership.build",
  cpu(() => (index = buildAssetIndex(assets))),
  "CPU-s",
  "<= 3 (600 000 assets, once at start)",
);
const after = process.memoryUsage();
print(
  "ownership.memory",
  (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6,
  "MB",
  "",
);

const at = instant(2000);
const held = (): Asset => assets[random(assets.length)] as Asset;
const questions: Observable[] = Array.from({ length: 400_000 }, (_, n): Observable => {
  const hit = n % 2 === 0;
  switch ((n % 8) >> 1) {
    case 0:
    case 1: {
      const asset = held();
      if (!hit || asset.kind !== "network") return { kind: "ipv4", value: ipv4Text(ipv4()) };
      const address = asset.value.split("/")[0] ?? "";
      return { kind: address.includes(":") ? "ipv6" : "ipv4", value: address };
    }
    case 2:
      return {
        kind: "domain",
        value: hit ? `www.d1.org${random(organisations)}.example` : `www.x${n}.elsewhere.example`,
      };
    default:
      return {
        kind: "url",
        value: `https://${hit ? `d2.org${random(organisations)}.example` : ipv4Text(ipv4())}:8443/a/b?c`,
      };
  }
});
let owners = 0;
let seconds = Number.POSITIVE_INFINITY;
for (let round = 0; round < 3; round++) {
  owners = 0;
  seconds = Math.min(
    seconds,
    cpu(() => {
      for (const question of questions) owners += index.owners(question, at).length;
    }),
  );
}
print("ownership.lookups", questions.length / seconds, "per CPU-s", ">= 500000");
// What this machine gives at this moment: one exact look-up of a cut name in a plain Map, the least anything could do.
const names = new Map(assets.map((asset) => [asset.value, asset]));
const domains = questions.filter((question) => question.kind === "domain");
const bare = cpu(() => {
  for (const { value } of domains) if (names.has(value.slice(value.indexOf(".") + 1))) owners += 0;
});
print("ownership.bareMap", domains.length / bare, "per CPU-s", "(for comparison)");
print("ownership.owners", owners / questions.length, "per look-up", "");

const fresh = { ...held(), id: "fresh" as AssetId, value: "203.0.113.0/24", kind: "network" } as const;
print(
  "ownership.add",
  cpu(() => void index.with({ put: [fresh] })),
  "CPU-s",
  "<= 1",
);
const gone = held().id;
print(
  "ownership.remove",
  cpu(() => void index.with({ removed: [gone] })),
  "CPU-s",
  "<= 1",
);
const many = assets.slice(0, 10_000).map((asset) => ({ ...asset, to: instant(1500) }));
print(
  "ownership.change10k",
  cpu(() => void index.with({ put: many })),
  "CPU-s",
  "<= 1",
);
