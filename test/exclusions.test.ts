import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { cidrRange } from "#core/cidr.ts";
import { ipv4Text } from "#core/ip.ts";
import type { ObservableKind } from "#core/observable.ts";
import { observableOf } from "#core/recognise.ts";
import { readWarninglist, type Warninglist, type WarninglistType } from "#feeds/warninglist.ts";
import { buildExclusions, type Exclusions } from "#intel/exclusions.ts";

const list = (
  id: string,
  type: WarninglistType,
  values: readonly string[],
  kinds: readonly ObservableKind[],
): Warninglist => ({
  id,
  name: `the list ${id}`,
  version: 1,
  type,
  kinds: new Set(kinds),
  values,
});

const why = (exclusions: Exclusions, text: string): string | undefined => {
  const read = observableOf(text);
  assert.ok(read.ok, text);
  return exclusions.excluded(read.value)?.list;
};

test("excluded() gives the list and its reason, for every type of list", () => {
  const exclusions = buildExclusions(
    [
      list("dns", "cidr", ["198.51.100.0/24", "2001:db8:5::/48", "nonsense"], ["ipv4", "ipv6", "cidr", "endpoint"]),
      list("names", "string", ["www.popular.example", "d41d8cd98f00b204e9800998ecf8427e", "com"], ["domain", "md5"]),
      list("hosts", "hostname", ["popular.example", ".shop.example", "duckdns.org"], ["domain", "url"]),
      list("mail", "substring", ["throwaway.example", "sandbox-"], ["email", "domain"]),
      list("roles", "regex", ["/^(abuse)\\@.*$/i", "/(a)\\1/"], ["email"]),
    ],
    { allow: ["198.51.100.0/24", "2001:db8::/32", "203.0.113.0/24"] },
  );
  assert.deepEqual(exclusions.excluded({ kind: "ipv4", value: "198.51.100.9" }), {
    list: "dns",
    reason: "the list dns",
  });
  assert.equal(why(exclusions, "198.51.100.9:53"), "dns");
  assert.equal(why(exclusions, "198.51.100.128/25"), "dns");
  assert.equal(why(exclusions, "198.51.0.0/16"), undefined);
  assert.equal(why(exclusions, "2001:db8:5::1"), "dns");
  assert.equal(why(exclusions, "203.0.113.9"), undefined);
  assert.equal(why(exclusions, "www.popular.example"), "names");
  assert.equal(why(exclusions, "a.www.popular.example"), "hosts");
  assert.equal(why(exclusions, "notpopular.example"), undefined);
  assert.equal(why(exclusions, "cdn.shop.example:8443"), "hosts");
  assert.equal(why(exclusions, "https://popular.example/"), "hosts");
  assert.equal(why(exclusions, "https://popular.example/kit/login.php"), undefined);
  assert.equal(why(exclusions, "duckdns.org"), "hosts");
  assert.equal(why(exclusions, "evil.duckdns.org"), undefined);
  assert.equal(why(exclusions, "x@throwaway.example"), "mail");
  assert.equal(why(exclusions, "x@notthrowaway.example"), undefined);
  assert.equal(why(exclusions, "my-sandbox-1.example"), "mail");
  assert.equal(why(exclusions, "d41d8cd98f00b204e9800998ecf8427e"), "names");
  assert.equal(why(exclusions, "abuse@bank.example"), "roles");
  assert.equal(why(exclusions, "misuse@bank.example"), undefined);
  assert.deepEqual(
    exclusions.problems.map(({ list: id, count, first }) => [id, count, first.code]),
    [
      ["dns", 1, "WGL_CIDR"],
      ["names", 1, "WGL_DOMAIN_BROAD"],
      ["roles", 1, "WGL_ROW_REGEX"],
    ],
  );
});

test("shared ground excuses the entry itself, a sinkhole excuses nothing", () => {
  const kinds: readonly ObservableKind[] = ["ipv4", "cidr", "endpoint", "domain", "url", "email"];
  const exclusions = buildExclusions([
    list("amazon-aws", "cidr", ["45.12.0.0/16"], kinds),
    list("dynamic-dns", "hostname", ["dyn.example"], kinds),
    list("tranco10k", "string", ["popular.example"], kinds),
    list("sinkholes", "cidr", ["45.13.0.0/16"], kinds),
  ]);
  assert.equal(why(exclusions, "45.12.3.4"), undefined);
  assert.equal(why(exclusions, "45.12.3.4:443"), undefined);
  assert.equal(why(exclusions, "45.12.3.0/24"), "amazon-aws");
  assert.equal(why(exclusions, "dyn.example"), "dynamic-dns");
  assert.equal(why(exclusions, "evil.dyn.example"), undefined);
  assert.equal(why(exclusions, "x@dyn.example"), undefined);
  assert.equal(why(exclusions, "popular.example"), "tranco10k");
  assert.equal(why(exclusions, "45.13.0.0/24"), undefined);
});

test("reserved ranges are excluded by their name without any list", () => {
  const bare = buildExclusions([]);
  assert.deepEqual(bare.excluded({ kind: "ipv4", value: "10.1.2.3" }), { list: "reserved", reason: "private" });
  assert.equal(why(bare, "fe80::1"), "reserved");
  assert.equal(why(bare, "http://169.254.169.254/latest/meta-data/"), "reserved");
  assert.equal(why(bare, "45.155.205.5"), undefined);
});

test("excluded() equals asking every network in turn", () => {
  const cidr = fc
    .tuple(fc.nat(0xffffffff), fc.integer({ min: 8, max: 32 }))
    .map(([at, prefix]) => `${ipv4Text(at)}/${prefix}`);
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 12 }), fc.nat(0xffffffff), fc.nat(11), (cidrs, anywhere, near) => {
      const base = cidrRange(cidrs[near % Math.max(1, cidrs.length)] ?? "0.0.0.0/0");
      assert.ok(base.ok && base.value.family === 4);
      const address = near % 2 === 0 ? anywhere : base.value.first;
      const slow = cidrs.some((text) => {
        const range = cidrRange(text);
        return range.ok && range.value.family === 4 && range.value.first <= address && address <= range.value.last;
      });
      const exclusions = buildExclusions([list("x", "cidr", cidrs, ["ipv4"])], { allow: ["0.0.0.0/0"] });
      assert.equal(exclusions.excluded({ kind: "ipv4", value: ipv4Text(address) }) !== undefined, slow);
    }),
  );
});

const folder = new URL("../../shared/corpora/feeds/warninglists/", import.meta.url);
const skip = existsSync(folder) ? false : "the corpora are not beside this checkout";

const allWarninglists = (): readonly Warninglist[] =>
  readdirSync(folder)
    .filter((name) => /\.json(?:\.gz)?$/.test(name) && name !== "EXPECTED.json")
    .map((name) => {
      const read = readWarninglist(readFileSync(new URL(name, folder)), name);
      assert.ok(read.ok, `${name}: ${read.ok ? "" : read.problem.message}`);
      return read.value;
    });

test("readWarninglist() reads all MISP lists as the oracle counts them", { skip }, (t) => {
  const expected = JSON.parse(readFileSync(new URL("EXPECTED.json", folder), "utf8")) as {
    readonly count: number;
    readonly entries: number;
    readonly byType: Readonly<Record<string, number>>;
    readonly lists: Readonly<
      Record<
        string,
        { readonly entries: number; readonly type: string; readonly version: number; readonly name: string }
      >
    >;
  };
  const lists = allWarninglists();
  assert.equal(lists.length, expected.count);
  for (const { id, values, type, version, name } of lists) {
    const { entries, ...said } = expected.lists[id] ?? { entries: -1, type: "", version: 0, name: "" };
    assert.deepEqual([values.length, type, version, name], [entries, said.type, said.version, said.name], id);
  }
  assert.equal(
    lists.reduce((sum, { values }) => sum + values.length, 0),
    expected.entries,
  );

  const before = process.cpuUsage();
  const exclusions = buildExclusions(lists);
  const { user, system } = process.cpuUsage(before);
  const refused = exclusions.problems.reduce((sum, { count }) => sum + count, 0);
  t.diagnostic(
    `${exclusions.size} of ${expected.entries} entries in force, ${((user + system) / 1e6).toFixed(1)} CPU-s`,
  );
  t.diagnostic(exclusions.problems.map(({ list: id, count, first }) => `${id} ${count} ${first.code}`).join(" · "));
  assert.equal(exclusions.size + refused, expected.entries - (expected.lists["sinkholes"]?.entries ?? 0));
  for (const text of ["google.com", "8.8.8.8", "1.1.1.1", "windowsupdate.com", "github.com"])
    assert.ok(why(exclusions, text), text);
  for (const text of ["penxwnfbf.test-bad.net", "45.155.205.5"]) assert.equal(why(exclusions, text), undefined, text);
});
