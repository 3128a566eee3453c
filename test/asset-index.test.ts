// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildAssetIndex, type Ownership } from "#community/asset-index.ts";
import type { Asset, AssetId, AssetKind } from "#community/asset.ts";
import { ipv6Words } from "#community/ipv6-words.ts";
import { type Instant, instant } from "#core/instant.ts";
import { bigintIpv6, ipv4Text, ipv6Bytes } from "#core/ip.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";

const held = (
  id: string,
  kind: AssetKind,
  value: string,
  {
    organisation = id,
    from = 0,
    to,
    proof = "declared",
  }: Partial<Record<"organisation", string>> & {
    from?: number;
    to?: number;
    proof?: Asset["proof"];
  } = {},
): Asset => ({
  id: id as AssetId,
  organisation: organisation as OrganisationId,
  kind,
  value,
  from: instant(from),
  ...(to === undefined ? {} : { to: instant(to) }),
  proof,
  worth: "normal",
});
const at = instant(1000);
const ids = (found: readonly Ownership[]): string[] =>
  found.map((one) => (one.covers ? `(${one.asset.id})` : one.asset.id));

test("owners() gives every holder, most specific first, of whatever kind the observable is", () => {
  const index = buildAssetIndex([
    held("wide", "network", "203.0.113.0/24"),
    held("narrow", "network", "203.0.113.16/28"),
    held("claimed", "network", "203.0.113.20"),
    held("proven", "network", "203.0.113.20", { proof: "registry" }),
    held("six", "network", "2001:db8:7::/48"),
    held("domain", "domain", "transport.example"),
    held("below", "domain", "vpn.transport.example"),
    held("mail", "email-domain", "transport.example"),
    held("asn", "asn", "AS64500"),
    held("product", "product", "cpe:2.3:a:example:vpn:9.1:*:*:*:*:*:*:*"),
  ]);
  const cases: readonly (readonly [Observable["kind"], string, readonly string[]])[] = [
    ["ipv4", "203.0.113.20", ["proven", "claimed", "narrow", "wide"]],
    ["ipv4", "203.0.113.31", ["narrow", "wide"]],
    ["ipv4", "203.0.113.32", ["wide"]],
    ["ipv4", "203.0.114.0", []],
    ["cidr", "203.0.113.16/29", ["narrow", "wide", "(proven)", "(claimed)"]],
    ["cidr", "203.0.112.0/22", ["(proven)", "(claimed)", "(narrow)", "(wide)"]],
    ["cidr", "0.0.0.0/0", ["(proven)", "(claimed)", "(narrow)", "(wide)"]],
    ["ipv6", "2001:db8:7::1", ["six"]],
    ["ipv6", "2001:db8:8::", []],
    ["cidr", "2001:db8::/32", ["(six)"]],
    ["endpoint", "203.0.113.32:8080", ["wide"]],
    ["endpoint", "[2001:db8:7::1]:443", ["six"]],
    ["endpoint", "www.transport.example:443", ["domain"]],
    ["domain", "transport.example", ["domain"]],
    ["domain", "a.vpn.transport.example", ["below", "domain"]],
    ["domain", "nottransport.example", []],
    ["domain", "example", []],
    ["url", "http://user@x:pw@vpn.transport.example:8080/a?b=//c", ["below", "domain"]],
    ["url", "//transport.example/x", ["domain"]],
    ["url", "https://[2001:db8:7::9]/?x", ["six"]],
    ["url", "https://203.0.113.33?x@y.example", ["wide"]],
    ["email", "someone@mail.transport.example", ["domain", "mail"]],
    ["asn", "AS64500", ["asn"]],
    ["sha256", "00".repeat(32), []],
    ["path", "/transport.example", []],
  ];
  for (const [kind, value, expected] of cases)
    assert.deepEqual(ids(index.owners({ kind, value }, at)), expected, value);
});

test("ownership is half-open: the next holder's first moment is nobody else's", () => {
  const index = buildAssetIndex([
    held("first", "network", "203.0.113.0/28", { from: 10, to: 20 }),
    held("next", "network", "203.0.113.0/28", { from: 20 }),
  ]);
  const who = (time: number): string[] => ids(index.owners({ kind: "ipv4", value: "203.0.113.1" }, instant(time)));
  assert.deepEqual([who(9), who(10), who(19), who(20), who(99)], [[], ["first"], ["first"], ["next"], ["next"]]);
});

test("with() gives the next index and leaves this one alone", () => {
  const before = buildAssetIndex([held("a", "network", "203.0.113.0/24"), held("d", "domain", "a.example")]);
  const next = before.with({
    put: [held("a", "network", "203.0.112.0/24"), held("b", "network", "203.0.113.0/25")],
    removed: ["d" as AssetId],
  });
  const owners = (index: typeof before, value: string): string[] =>
    ids(index.owners({ kind: value.endsWith("example") ? "domain" : "ipv4", value }, at));
  assert.deepEqual(owners(before, "203.0.113.1"), ["a"]);
  assert.deepEqual(owners(before, "a.example"), ["d"]);
  assert.deepEqual(owners(next, "203.0.113.1"), ["b"]);
  assert.deepEqual(owners(next, "203.0.112.1"), ["a"]);
  assert.deepEqual(owners(next, "a.example"), []);
  assert.equal(next.size, 2);
});

// The obvious way: look at every asset. Addresses are numbers of a small world, so that prefixes meet often.
interface Net {
  readonly six: boolean;
  readonly first: bigint;
  readonly length: number;
}
const bits = (net: Net): number => (net.six ? 128 : 32);
const print = (net: Net): string => {
  const address = net.six ? bigintIpv6(net.first) : ipv4Text(Number(net.first));
  return net.length === bits(net) ? address : `${address}/${net.length}`;
};
const contains = (a: Net, b: Net): boolean => {
  if (a.six !== b.six || a.length > b.length) return false;
  const host = BigInt(bits(a) - a.length);
  return a.first >> host === b.first >> host;
};
const net = fc
  .record({ six: fc.boolean(), low: fc.bigInt(0n, 255n), high: fc.bigInt(0n, 3n), up: fc.nat(12), whole: fc.boolean() })
  .map(({ six, low, high, up, whole }): Net => {
    const size = six ? 128 : 32;
    const length = whole ? size - Math.min(up, 8) : size - up * 2;
    const number = ((six ? 0x20010db8n << 96n : 0xcb007100n) | (high << (six ? 64n : 8n))) + low;
    const host = BigInt(size - length);
    return { six, first: (number >> host) << host, length };
  });
const name = fc
  .array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 4 })
  .map((labels) => [...labels, "example"].join("."));
const period = fc.record({ from: fc.nat(5), lasts: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) });
const thing = fc.oneof(
  net.map((one) => ({ net: one }) as const),
  fc.record({ name, mail: fc.boolean() }),
);
const holding = fc.record({ thing, period, organisation: fc.constantFrom("o1", "o2", "o3"), proof: fc.boolean() });
type Holding = typeof holding extends fc.Arbitrary<infer T> ? T : never;

const assetOf = (one: Holding, id: string): Asset =>
  held(
    id,
    "net" in one.thing ? "network" : one.thing.mail ? "email-domain" : "domain",
    "net" in one.thing ? print(one.thing.net) : one.thing.name,
    {
      organisation: one.organisation,
      from: one.period.from,
      ...(one.period.lasts === undefined ? {} : { to: one.period.from + one.period.lasts }),
      proof: one.proof ? "dns" : "declared",
    },
  );

const linear = (
  holdings: readonly (readonly [Holding, Asset])[],
  asked: Net | string,
  kind: string,
  time: Instant,
): string[] => {
  const rows: { readonly line: string; readonly sort: readonly (number | string)[] }[] = [];
  for (const [one, asset] of holdings) {
    if (time < asset.from || (asset.to !== undefined && time >= asset.to)) continue;
    let specificity = -1;
    let covers = false;
    if ("net" in one.thing) {
      if (typeof asked === "string") continue;
      if (contains(one.thing.net, asked)) specificity = one.thing.net.length;
      else if (contains(asked, one.thing.net)) [specificity, covers] = [one.thing.net.length, true];
    } else if (typeof asked === "string" && (kind === "email" || !one.thing.mail)) {
      if (asked === one.thing.name || asked.endsWith(`.${one.thing.name}`))
        specificity = one.thing.name.split(".").length;
    }
    if (specificity < 0) continue;
    rows.push({
      line: `${asset.id} ${specificity} ${covers}`,
      sort: [covers ? 1 : 0, -specificity, one.proof ? 0 : 1, asset.id],
    });
  }
  return rows
    .sort((a, b) => {
      for (const [i, x] of a.sort.entries()) {
        const y = b.sort[i] ?? 0;
        if (x !== y) return x < y ? -1 : 1;
      }
      return 0;
    })
    .map((row) => row.line);
};

test("owners() equals looking at every asset, before and after changes, at every edge of ownership", () => {
  let answered = 0;
  fc.assert(
    fc.property(
      fc.array(holding, { maxLength: 25 }),
      fc.array(holding, { maxLength: 10 }),
      fc.array(fc.nat(34), { maxLength: 8 }),
      fc.array(fc.oneof(net, name), { minLength: 1, maxLength: 10 }),
      (first, then, gone, asked) => {
        const before = first.map((one, i): readonly [Holding, Asset] => [one, assetOf(one, `a${i}`)]);
        // Later holdings take over some ids of earlier ones: those are new versions of them.
        const put = then.map((one, i): readonly [Holding, Asset] => [one, assetOf(one, `a${i * 3}`)]);
        const removed = gone.map((i) => `a${i}` as AssetId);
        const later = new Map([...before, ...put].map((pair) => [pair[1].id, pair]));
        for (const id of removed) later.delete(id);
        const worlds = [
          [buildAssetIndex(before.map(([, asset]) => asset)), before],
          [
            buildAssetIndex(before.map(([, asset]) => asset)).with({ put: put.map(([, asset]) => asset), removed }),
            [...later.values()],
          ],
        ] as const;
        for (const [index, holdings] of worlds) {
          assert.equal(index.size, holdings.length);
          for (const one of asked)
            for (let time = 0; time < 10; time++) {
              const questions: readonly Observable[] =
                typeof one === "string"
                  ? [
                      { kind: "domain", value: one },
                      { kind: "url", value: `https://${one}:8443/x` },
                      { kind: "endpoint", value: `${one}:25` },
                      { kind: "email", value: `x@${one}` },
                    ]
                  : [{ kind: one.length < bits(one) ? "cidr" : one.six ? "ipv6" : "ipv4", value: print(one) }];
              for (const question of questions) {
                const found = index.owners(question, instant(time));
                answered += found.length;
                assert.deepEqual(
                  found.map((owner) => `${owner.asset.id} ${owner.specificity} ${owner.covers}`),
                  linear(holdings, one, question.kind, instant(time)),
                );
                for (const owner of found) assert.equal(owner.organisation, owner.asset.organisation);
              }
            }
        }
      },
    ),
    { numRuns: 300 },
  );
  assert(answered > 1000, `the worlds met only ${answered} times`);
});

test("ipv6Words() equals ipv6Bytes() of core on canonical text, and on near misses", () => {
  const words = new Uint32Array(4);
  const printed = fc.bigInt(0n, (1n << 128n) - 1n).map(bigintIpv6);
  const sparse = fc
    .array(fc.constantFrom(0, 0, 0, 1, 0xffff, 0x203), { minLength: 8, maxLength: 8 })
    .map((groups) => bigintIpv6(groups.reduce((whole, group) => (whole << 16n) | BigInt(group), 0n)));
  const rubbish = fc.string({ unit: fc.constantFrom("0", "1", "f", ":", ":", "::", "."), maxLength: 24 });
  const dotted = sparse.map((text) => `${text.slice(0, text.lastIndexOf(":") + 1)}192.0.2.1`);
  fc.assert(
    fc.property(fc.oneof(printed, sparse, rubbish, dotted), (text) => {
      const expected = ipv6Bytes(text);
      assert.equal(ipv6Words(text, 0, text.length, words), expected !== undefined, text);
      if (expected === undefined) return;
      const view = new DataView(expected.buffer);
      assert.deepEqual(
        [...words],
        [0, 4, 8, 12].map((byte) => view.getUint32(byte)),
        text,
      );
    }),
    { numRuns: 5000 },
  );
});
