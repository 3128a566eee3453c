import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { AddressTable } from "#intel/address-table.ts";
import { openAddressData } from "#store/address-data.ts";

const bytes = (...lines: string[]): Uint8Array => new TextEncoder().encode(`${lines.join("\n")}\n`);
const small = new AddressTable({
  // 192.0.2.0/25, 198.51.100.0/24
  asn4: bytes('3221225984,3221226111,64496,"Example, Inc. ""North"""', "3325256704,3325256959,64497,Plain"),
  // 2001:db8::/33
  asn6: bytes("42540766411282592856903984951653826560,42540766450896674114036153748425801727,64498,Six"),
  country4: bytes("3221225984,3221226239,HK"),
  country6: bytes("42540766411282592856903984951653826560,42540766490510755371168322545197776895,GB"),
});

test("an address is found in its range, and nowhere beside it", () => {
  assert.deepEqual(small.of("192.0.2.0"), { asn: "AS64496", holder: 'Example, Inc. "North"', country: "HK" });
  assert.deepEqual(small.of("192.0.2.127"), { asn: "AS64496", holder: 'Example, Inc. "North"', country: "HK" });
  assert.deepEqual(small.of("192.0.2.128"), { country: "HK" });
  assert.deepEqual(small.of("192.0.1.255"), {});
  assert.deepEqual(small.of("198.51.100.255"), { asn: "AS64497", holder: "Plain" });
  assert.deepEqual(small.of("2001:db8::7"), { asn: "AS64498", holder: "Six", country: "GB" });
  assert.deepEqual(small.of("2001:db8:ffff::7"), { country: "GB" });
  assert.deepEqual(small.of("2001:db9::"), {});
  assert.deepEqual(small.of("not an address"), {});
});

test("the data packs hold the networks everybody knows", async () => {
  const table = await openAddressData()();
  assert.ok(table, "the packs are installed");
  assert.equal(table.of("1.1.1.1").asn, "AS13335");
  assert.equal(table.of("8.8.8.8").asn, "AS15169");
  assert.match(table.of("8.8.8.8").holder ?? "", /google/i);
  assert.equal(table.of("2606:4700:4700::1111").asn, "AS13335");
  assert.match(table.of("203.198.7.65").country ?? "", /^HK$/);
  assert.deepEqual(table.of("10.0.0.1").asn, undefined);
});

test("the tables take some bytes a range, and their text is let go", () => {
  const kept = execFileSync(
    process.execPath,
    [
      ...["--expose-gc", "-C", "source", "--input-type=module", "--eval"],
      `import { getHeapStatistics } from "node:v8";
       import { openAddressData } from "#store/address-data.ts";
       // buffers are given back by a thread beside the collection, which a busy machine keeps waiting: the least of some looks
       const bytes = async () => {
         let least = Infinity;
         for (let look = 0; look < 20; look++) {
           await new Promise(setImmediate);
           gc();
           const { used_heap_size: used, external_memory: beside } = getHeapStatistics();
           least = Math.min(least, used + beside);
         }
         return least;
       };
       const before = await bytes();
       const table = await openAddressData()();
       const after = await bytes();
       console.log(table.of("1.1.1.1").asn, after - before);`,
    ],
    { encoding: "utf8" },
  );
  const [asn, bytes] = kept.split(" ");
  assert.equal(asn, "AS13335");
  // 725,000 ranges of 12 and 20 bytes, 80,000 names; the text of the tables would be 65 MB more
  assert.ok(Number(bytes) < 30e6, `${bytes} bytes`);
});
