import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cidrRange } from "#core/cidr.ts";
import { ipv4Text } from "#core/ip.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { dayTable } from "#jobs/history/tables.ts";
import { Fingerprint64, firstOfAddresses } from "#jobs/history/value-fingerprint.ts";

const of = new Fingerprint64(fingerprintKey(Buffer.from("one")));
const other = new Fingerprint64(fingerprintKey(Buffer.from("another")));
const address = fc.oneof(
  fc.nat({ max: 0xffff_ffff }),
  fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff),
);
const print = (one: number): bigint => of.of({ kind: "ipv4", value: ipv4Text(one) });

test("law: fingerprints of IPv4 addresses lie in their order, and those of a network in its stretch", () => {
  fc.assert(
    fc.property(address, address, fc.nat({ max: 32 }), (one, two, prefix) => {
      assert.equal(print(one) < print(two), one < two);
      assert.equal(print(one), print(one));
      assert.ok(print(one) >= firstOfAddresses && print(one) < 2n ** 64n);
      const range = cidrRange(`${ipv4Text(one)}/${prefix}`);
      assert.ok(range.ok && range.value.family === 4);
      const { from, to } = of.ofNetwork(range.value);
      const isIn = (some: number): boolean => print(some) >= from && print(some) <= to;
      assert.ok(isIn(one) && isIn(range.value.first) && isIn(range.value.last));
      assert.equal(isIn(two), two >= range.value.first && two <= range.value.last);
    }),
    { numRuns: 3000 },
  );
});

test("another deployment's addresses lie at other places of a table, and a table of neighbours has no crowds", () => {
  const places = (deployment: Fingerprint64, step: number): number => {
    const low = Array.from({ length: 1 << 16 }, (_, at) =>
      Number(deployment.of({ kind: "ipv4", value: ipv4Text((0x0a00_0000 + at * step) % 2 ** 32) }) & 0xf_ffffn),
    );
    return new Set(low).size;
  };
  // 65,536 drawn from a million by chance are 63,500 different ones
  for (const step of [1, 256, 65_536]) for (const one of [of, other]) assert.ok(places(one, step) > 55_000, `${step}`);
  const value = { kind: "ipv4", value: "192.0.2.1" } as const;
  assert.notEqual(of.of(value), other.of(value));
  assert.equal(of.of(value) >> 20n, other.of(value) >> 20n);
});

test("what is no IPv4 address is hashed as ever, and an address is asked for as it was kept before too", () => {
  for (const value of ["192.0.2.256", "192.0.2", "x"]) {
    const odd = { kind: "ipv4", value } as const;
    assert.equal(of.of(odd), of.ofBefore(odd));
  }
  assert.equal(of.ofBefore({ kind: "domain", value: "a.example" }), undefined);
  assert.notEqual(of.ofBefore({ kind: "ipv4", value: "192.0.2.1" }), print(0xc000_0201));
});

test("counting a hundred thousand neighbours takes as long as counting hashes", () => {
  const { days } = dayTable();
  const began = process.cpuUsage();
  for (let at = 0; at < 100_000; at++) {
    const { hi, lo } = of.read("ipv4", ipv4Text(0x0a00_0000 + at));
    assert.ok(days.add(hi, lo, 20_000, "parks"));
  }
  const { user, system } = process.cpuUsage(began);
  assert.ok(user + system < 2_000_000, `${user + system} µs`);
});
