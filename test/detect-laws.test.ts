import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cidrRange } from "#core/cidr.ts";
import { hour, instant, minute, second } from "#core/instant.ts";
import { ipv4Number, ipv4Text } from "#core/ip.ts";
import type { Behaviour, Fact } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { entropyOf } from "#detect/dns-tunnel/names.ts";
import { directionOf, networks, privateNetworks } from "#detect/networks.ts";
import { CheckpointPace } from "#jobs/partitions/checkpoint-pace.ts";
import { WholeNumberReader, WholeNumbers } from "#jobs/batches/whole-numbers.ts";
import { aMonth, benignDay } from "./benign-month.ts";
import { told } from "./behaviour-world.ts";
import { beaconing, knocking, leaking, tunnelling } from "./trouble.ts";

/** As many things remembered as one likes: what is forgotten is then most of it. */
const tight = (behaviour: Behaviour, most: number): Behaviour => ({
  ...behaviour,
  settings: Object.fromEntries(
    Object.entries(behaviour.settings).map(([name, setting]) => [
      name,
      /^(?:pairs|sources|keys|machines|accounts|clients|entities)$/.test(name) && setting.least >= 100
        ? { ...setting, least: 1, standard: most }
        : setting,
    ]),
  ),
});

const start = aMonth.start;
const facts: readonly Fact[] = [
  ...benignDay({ ...aMonth, people: 4, days: 1 }, 0).filter((_, n) => n % 2 === 0),
  ...leaking(start + 5 * hour),
  ...beaconing(start + 6 * hour),
  ...knocking(start + 8 * hour),
  ...tunnelling(start + 9 * hour),
].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));

test("every behaviour says the same wherever it was restored, however little it may remember", () => {
  let said = 0;
  for (const behaviour of behaviours)
    for (const most of [9, 120]) {
      const bounded = tight(behaviour, most);
      const wanted = told(bounded, facts);
      said += wanted.length;
      for (const killed of [97, 1500]) {
        const got = told(bounded, facts, { killed });
        equal(JSON.stringify(got), JSON.stringify(wanted), `${behaviour.id} ${most} ${killed}`);
      }
    }
  equal(said > 0, true);
});

test("networks are those of their ranges, one by one, and directions those of both ends", () => {
  const cidr = fc
    .tuple(fc.nat(0xffffffff), fc.integer({ min: 4, max: 32 }))
    .map(([number, bits]) => `${ipv4Text((number & (bits === 32 ? -1 : ~(2 ** (32 - bits) - 1))) >>> 0)}/${bits}`);
  const address = fc.oneof(fc.nat(0xffffffff).map(ipv4Text), fc.ipV6());
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 6 }), fc.array(address, { maxLength: 20 }), (own, addresses) => {
      const ranges = [...privateNetworks, ...own].map((one) => cidrRange(one));
      const borders = ranges.flatMap((one) =>
        one.ok && one.value.family === 4
          ? [one.value.first, one.value.last, one.value.first - 1, one.value.last + 1]
          : [],
      );
      const ours = networks(own);
      const edges = ["0.0.0.0", "0.0.0.1", "223.255.255.255", "224.0.0.0", "239.255.255.255", "255.255.255.255"];
      for (const one of [...addresses, ...edges, ...borders.filter((n) => n >= 0 && n < 2 ** 32).map(ipv4Text)]) {
        const number = ipv4Number(one);
        if (number < 0) continue;
        const inside = ranges.some(
          ({ ok, ...rest }) =>
            ok && "value" in rest && rest.value.family === 4 && number >= rest.value.first && number <= rest.value.last,
        );
        equal(ours.has(one), inside, one);
        const nobodys = number === 0 || number === 2 ** 32 - 1 || number >>> 28 === 14;
        equal(ours.between(one, "10.0.0.1"), inside || nobodys ? "internal" : "inbound", one);
        equal(ours.between("10.0.0.1", one), inside || nobodys ? "internal" : "outbound", one);
      }
    }),
    { numRuns: 200 },
  );
  const [ours, theirs] = [networks(["198.51.100.0/24"]), networks()];
  equal(networks(["198.51.100.0/24"]), ours, "the same list again is the same networks");
  for (let n = 0; n < 20; n++) networks([`198.51.100.${n}/32`]);
  deepEqual(
    [networks(["198.51.100.0/24"]).has("198.51.100.9"), networks(["198.51.100.3/32"]).has("198.51.100.4")],
    [true, false],
  );
  // the same ends asked for in turn by those to whom they mean something else
  for (let n = 0; n < 2; n++) {
    equal(directionOf({ source: "198.51.100.7", destination: "192.0.2.1" }, ours), "outbound");
    equal(directionOf({ source: "198.51.100.7", destination: "192.0.2.1" }, theirs), "unknown");
    equal(directionOf({ source: "192.0.2.1", destination: "198.51.100.7" }, ours), "inbound");
    equal(directionOf({ source: "fd00::1", destination: "ff02::fb" }, theirs), "internal");
    equal(directionOf({ source: "fd00::1", destination: "fe00::fb" }, theirs), "outbound");
  }
});

test("entropyOf() is Shannon's, to the last bit as the sum is written", () => {
  const plain = (text: string): number => {
    const counts = new Map<string, number>();
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    let bits = 0;
    for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
    return bits;
  };
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: fc.constantFrom(..."abc019-._"), maxLength: 90 }),
        fc.string({ maxLength: 70 }),
        fc.string({ unit: "binary", maxLength: 12 }),
      ),
      (text) => {
        equal(entropyOf(text), plain(text));
        // nothing of it is left for the next
        equal(entropyOf("aab"), plain("aab"));
      },
    ),
    { numRuns: 200 },
  );
});

test("whole numbers are read as they were written", () => {
  const whole = fc.oneof(fc.nat(300), fc.maxSafeNat());
  const signed = fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(whole, signed), { maxLength: 50 }), (numbers) => {
      const written = new WholeNumbers();
      for (const [one, other] of numbers) {
        written.add(one);
        written.addSigned(other);
      }
      const reader = new WholeNumberReader(written.bytes, 0);
      deepEqual(
        numbers.map(() => [reader.next(), reader.nextSigned()]),
        numbers.map(([one, other]) => [one, other === 0 ? 0 : other]),
      );
    }),
  );
});

test("a checkpoint is due when it saves thirty times its cost, and after a minute in any case", () => {
  const at = (seconds: number) => instant(seconds * second);
  const pace = new CheckpointPace(at(0));
  equal(pace.isDue(at(4)), false);
  // what it costs is not known yet
  equal(pace.isDue(at(5)), true);
  pace.saved(at(5), 100, 1000);
  pace.worked(2000);
  equal(pace.isDue(at(30)), false);
  pace.worked(1000);
  equal(pace.isDue(at(9)), false);
  equal(pace.isDue(at(10)), true);
  pace.saved(at(10), 100, 1000);
  equal(pace.isDue(instant(10 * second + minute - 1)), false);
  equal(pace.isDue(instant(10 * second + minute)), true);
  // 100 MB at 2 MB a second
  pace.saved(at(100), 100, 104_857_600);
  pace.worked(1e9);
  equal(pace.isDue(at(149)), false);
  equal(pace.isDue(at(150)), true);
});
