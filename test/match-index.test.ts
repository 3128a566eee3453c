// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { cidrRange } from "#core/cidr.ts";
import { endpointParts } from "#core/endpoint.ts";
import { ipv4Number, ipv6Bigint } from "#core/ip.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import { observableOf } from "#core/recognise.ts";
import { urlParts } from "#core/url.ts";
import { Fingerprint, fingerprintKey } from "#intel/fingerprint.ts";
import { buildMatchIndex, type MatchEntry, type MatchIndex } from "#intel/match-index.ts";
import { found } from "#intel/match-found.ts";
import { filterBits, filterWord } from "#intel/match-filter.ts";
import { MatchReader, openMatchIndex } from "#intel/match-reader.ts";
import { matchIndexFromBytes, matchIndexToBytes } from "#intel/match-snapshot.ts";
import { scanned } from "#telemetry/format.ts";

const secret = new TextEncoder().encode("a deployment's secret");
const observed = (text: string): Observable => {
  const result = observableOf(text);
  assert.ok(result.ok, text);
  return result.value;
};
const entries = (...texts: readonly string[]): readonly MatchEntry[] =>
  texts.map((text, i) => ({ id: i + 1, observable: observed(text) }));
const ids = (index: MatchReader, text: string, port?: number): readonly number[] =>
  index.lookup(observed(text), port).map((match) => match.id);

test("lookup() finds a domain at itself and below it, at label boundaries only", () => {
  const index = buildMatchIndex(entries("evil.example", "a.b.evil.example", "co.example"), secret);
  assert.deepEqual(ids(index, "evil.example"), [1]);
  assert.deepEqual(ids(index, "www.evil.example"), [1]);
  assert.deepEqual(ids(index, "x.a.b.evil.example"), [1, 2]);
  assert.deepEqual(ids(index, "notevil.example"), []);
  assert.deepEqual(ids(index, "evil.example.org"), []);
  assert.deepEqual(ids(index, "example.org"), []);
});

test("lookup() finds an address by itself, by every network that holds it, and by an endpoint at its port only", () => {
  const index = buildMatchIndex(
    entries(
      "203.0.113.7",
      "203.0.113.0/24",
      "203.0.112.0/20",
      "198.51.100.9:8080",
      "2001:db8::/32",
      "2001:db8::7",
      "[2001:db8::7]:443",
    ),
    secret,
  );
  assert.deepEqual(ids(index, "203.0.113.7"), [1, 2, 3]);
  assert.deepEqual(ids(index, "203.0.113.8"), [2, 3]);
  assert.deepEqual(ids(index, "203.0.127.255"), [3]);
  assert.deepEqual(ids(index, "203.0.128.0"), []);
  assert.deepEqual(ids(index, "198.51.100.9"), []);
  assert.deepEqual(ids(index, "198.51.100.9", 8080), [4]);
  assert.deepEqual(ids(index, "198.51.100.9", 8081), []);
  assert.deepEqual(ids(index, "198.51.100.9:8080"), [4]);
  assert.deepEqual(ids(index, "2001:db8::7", 443), [5, 6, 7]);
  assert.deepEqual(ids(index, "2001:db8::8"), [5]);
});

test("lookup() finds a URL whatever its scheme and fragment, and a path on any host", () => {
  const index = buildMatchIndex(
    entries("http://bad.example/x?y=1", "//bad.example/any", "/gate.php?id=", "/panel/", "https://bad.example:8443/x"),
    secret,
  );
  assert.deepEqual(ids(index, "https://bad.example/x?y=1"), [1]);
  assert.deepEqual(ids(index, "http://bad.example/x?y=1#part"), [1]);
  assert.deepEqual(ids(index, "http://bad.example/x?y=2"), []);
  assert.deepEqual(ids(index, "http://www.bad.example/x?y=1"), []);
  assert.deepEqual(ids(index, "ftp://bad.example/any"), [2]);
  assert.deepEqual(ids(index, "http://x.example/gate.php?id=17"), [3]);
  assert.deepEqual(ids(index, "http://x.example/gate.php?idx=17"), []);
  assert.deepEqual(ids(index, "/panel/admin.php"), [4]);
  assert.deepEqual(ids(index, "/panels"), []);
  assert.deepEqual(ids(index, "http://bad.example:8443/x"), [5]);
});

test("a match carries what was listed and its visibility class", () => {
  const observable = observed("http://203.0.113.7:5050/A?b");
  const index = buildMatchIndex([{ id: 4_294_967_295, observable, visibility: 200 }], secret);
  assert.deepEqual(index.lookup(observable), [{ id: 4_294_967_295, visibility: 200, observable }]);
  assert.equal(index.size, 1);
});

test("every kind reads back as it was listed", () => {
  fc.assert(
    fc.property(anyObservable, (observable) => {
      const index = buildMatchIndex([{ id: 7, observable }], secret);
      assert.deepEqual(index.lookup(observable, observable.kind === "endpoint" ? 1 : 0), [
        { id: 7, visibility: 0, observable },
      ]);
    }),
  );
});

test("deltas equal a rebuilt index, and both equal a Map", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ id: fc.nat(40), observable: anyObservable }) },
    { weight: 1, arbitrary: fc.record({ remove: fc.nat(40) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(anyObservable, { maxLength: 20 }), (steps, others) => {
      const index = buildMatchIndex([], secret);
      const model = new Map<number, Observable>();
      for (const s of steps) {
        if ("remove" in s) assert.equal(index.remove(s.remove), model.delete(s.remove));
        else {
          assert.equal(index.add(s), true);
          model.set(s.id, s.observable);
        }
      }
      const rebuilt = buildMatchIndex(
        [...model].map(([id, observable]) => ({ id, observable })),
        secret,
      );
      assert.equal(index.size, model.size);
      const asked = [...others, ...steps.flatMap((s) => ("remove" in s ? [] : [s.observable]))];
      for (const observable of asked)
        for (const port of [0, 1, 443]) {
          const expected = obvious(model, observable, port);
          assert.deepEqual(
            index.lookup(observable, port).map((m) => m.id),
            expected,
            observable.value,
          );
          assert.deepEqual(
            rebuilt.lookup(observable, port).map((m) => m.id),
            expected,
            observable.value,
          );
        }
    }),
    { numRuns: 400 },
  );
});

test("scanValue() of undecoded bytes reports what lookup() finds, in any case, with dots and ports", () => {
  const spell = (text: string, upper: boolean): string => (upper ? text.toUpperCase() : text);
  fc.assert(
    fc.property(
      fc.array(anyObservable, { minLength: 1, maxLength: 12 }),
      anyHost,
      fc.boolean(),
      (listed, host, upper) => {
        const index = buildMatchIndex(
          listed.map((observable, id) => ({ id, observable })),
          secret,
        );
        for (const text of [spell(host.value, upper), `${spell(host.value, upper)}.`]) {
          const name = host.kind === "domain" ? text : host.value;
          assert.deepEqual(
            scannedIds(index, name, scanned.host, 443),
            index.lookup(host, 443).map((m) => m.id),
          );
        }
        for (const observable of listed) {
          const kind = kindsScanned[observable.kind];
          if (kind === undefined) continue;
          const told = scannedIds(index, observable.value, kind, 0);
          assert.deepEqual(
            told,
            index.lookup(observable).map((m) => m.id),
            observable.value,
          );
        }
      },
    ),
  );
});

test("scanValue() with an unknown port says that the host has endpoints, and that it has URLs", () => {
  const index = buildMatchIndex(entries("198.51.100.9:8080", "bad.example:81", "http://bad.example/x"), secret);
  const said = (text: string): readonly number[] => {
    const how: number[] = [];
    const bytes = new TextEncoder().encode(text);
    assert.equal(
      index.scanValue(bytes, 0, bytes.length, scanned.host, 0, (_, h) => how.push(h)),
      true,
    );
    return how;
  };
  assert.deepEqual(said("198.51.100.9"), [found.endpoint]);
  assert.deepEqual(said("bad.example"), [found.url, found.endpoint]);
  assert.deepEqual(said("www.bad.example"), []);
  assert.equal(index.remove(3), true);
  assert.deepEqual(said("bad.example"), [found.endpoint]);
  assert.equal(index.remove(2), true);
  assert.deepEqual(said("bad.example"), []);
});

test("scanValue() asks for the slow way where bytes are not what they mean", () => {
  const index = buildMatchIndex(entries("bad.example", "/x"), secret);
  const faithful = (text: string, kind: 0 | 1 | 2 | 3 | 4 | 5): boolean => {
    const bytes = new TextEncoder().encode(text);
    return index.scanValue(bytes, 0, bytes.length, kind, 0, () => {});
  };
  assert.equal(faithful("bücher.example", scanned.host), false);
  assert.equal(faithful("010.1.1.1", scanned.ip), false);
  assert.equal(faithful("/a/../x", scanned.path), false);
  assert.equal(faithful("/%2E%2e/x", scanned.path), false);
  assert.equal(faithful("http://%62ad.example/x", scanned.url), false);
  assert.equal(faithful("/plain/x?q=1", scanned.path), true);
});

test("two secrets give different fingerprints", () => {
  const one = new Fingerprint(fingerprintKey(secret));
  const two = new Fingerprint(fingerprintKey(new TextEncoder().encode("another")));
  const bytes = new TextEncoder().encode("bad.example");
  const both = [one, two].map((print) => {
    print.bytes(8, bytes, 0, bytes.length);
    return [print.lo, print.hi];
  });
  assert.notDeepEqual(both[0], both[1]);
});

test("fingerprints are even: 100,000 near-equal names fill 1,000 bins as chance does", () => {
  const print = new Fingerprint(fingerprintKey(secret));
  const lows = new Uint32Array(1000);
  const highs = new Uint32Array(1000);
  for (let i = 0; i < 100_000; i++) {
    const bytes = new TextEncoder().encode(`a${i}.example`);
    print.open(8);
    for (let from = bytes.length; from > 0; ) from = print.label(bytes, 0, from, true);
    const low = Math.floor(((print.lo >>> 0) / 2 ** 32) * 1000);
    const high = Math.floor(((print.hi >>> 0) / 2 ** 32) * 1000);
    lows[low] = (lows[low] ?? 0) + 1;
    highs[high] = (highs[high] ?? 0) + 1;
  }
  // 100 a bin; chi-squared of 999 degrees of freedom: mean 999, deviation √1998 = 44.7; six deviations: 1267
  for (const bins of [lows, highs]) {
    const chi = bins.reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
    assert.ok(chi < 1267, `chi-squared ${chi}`);
  }
});

test("a set crafted to collide under one secret does not degrade look-ups under another", () => {
  const known = new TextEncoder().encode("known to the attacker");
  const print = new Fingerprint(fingerprintKey(known));
  const crafted: MatchEntry[] = [];
  for (let i = 0; crafted.length < 2000; i++) {
    const bytes = new TextEncoder().encode(`c${i}.example`);
    print.open(8);
    for (let from = bytes.length; from > 0; ) from = print.label(bytes, 0, from, true);
    // All begin their walk in the first hundredth of any table.
    if (print.lo >>> 0 < 2 ** 32 / 100) crafted.push({ id: i, observable: { kind: "domain", value: `c${i}.example` } });
  }
  const longestRun = (index: MatchIndex): number => {
    let longest = 0;
    let run = 0;
    for (const tag of index.contents().table.tags) {
      run = tag === 0 ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    return longest;
  };
  assert.ok(longestRun(buildMatchIndex(crafted, known, 2000)) > 1500, "the attack works where the secret is known");
  assert.ok(longestRun(buildMatchIndex(crafted, secret, 2000)) < 100, "and only there");
});

test("the filter before the table never hides a value, and what passes it by chance is not found", () => {
  const index = buildMatchIndex([], secret);
  const name = (id: number): Observable => ({ kind: "domain", value: `d${id}.example` });
  for (let id = 0; id < 3000; id++) index.add({ id, observable: name(id) });
  for (let id = 0; id < 3000; id += 3) index.remove(id);
  const { key, table } = index.contents();
  const open = new MatchReader(key, { ...table, filter: table.filter.slice().fill(-1) });
  const print = new Fingerprint(key);
  let passed = 0;
  for (let id = 0; id < 30_000; id++) {
    const expected = id < 3000 && id % 3 !== 0 ? [id] : [];
    assert.deepEqual(ids(index, `d${id}.example`), expected);
    assert.deepEqual(ids(open, `d${id}.example`), expected, "without the filter");
    const bytes = new TextEncoder().encode(`d${id}.example`);
    print.open(8);
    for (let from = bytes.length; from > 0; ) from = print.label(bytes, 0, from, true);
    const home = ((print.lo >>> 0) * (table.tags.length / 2 ** 32)) >>> 0;
    const bits = filterBits(print.hi);
    if (id >= 3000 && ((table.filter[filterWord(home)] ?? 0) & bits) === bits) passed++;
  }
  assert.ok(passed > 100, `${passed} names that are not listed have the bits of some that are`);
  assert.ok(passed < 4000, `${passed} of 27,000 absent names pass`);
});

test("gather() and possible() leave out no value that scanValue() finds something for, whatever the filter says", () => {
  const numbers = new Int32Array(64);
  fc.assert(
    fc.property(
      fc.array(anyObservable, { maxLength: 40 }),
      fc.array(anyObservable, { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      (listed, others, saturated) => {
        const index = buildMatchIndex(
          listed.map((observable, id) => ({ id, observable })),
          secret,
        );
        // A filter that says yes to everything is what equal fingerprints make of it.
        if (saturated) index.contents().table.filter.fill(-1);
        const asked = [...listed, ...others].slice(0, numbers.length).map(({ kind, value }) => {
          const as = kind === "url" || kind === "path" || kind === "email" ? scanned[kind] : scanned.host;
          return { bytes: new TextEncoder().encode(value), kind: /^(md5|sha\d+)$/.test(kind) ? scanned.hash : as };
        });
        const faithful = asked.map(({ bytes, kind }, i) => index.gather(i, bytes, 0, bytes.length, kind, 0));
        const possible = new Set(numbers.subarray(0, index.possible(numbers)));
        for (const [i, { bytes, kind }] of asked.entries()) {
          let hits = 0;
          assert.equal(
            index.scanValue(bytes, 0, bytes.length, kind, 0, () => hits++),
            faithful[i],
          );
          if (hits > 0) assert.ok(possible.has(i), new TextDecoder().decode(bytes));
        }
      },
    ),
    { numRuns: 400 },
  );
});

test("a reader over handles sees later additions, and is told when the table moves", () => {
  const index = buildMatchIndex(entries("first.example"), secret);
  const reader = openMatchIndex(index.handles());
  index.add({ id: 2, observable: observed("second.example") });
  assert.deepEqual(ids(reader, "www.second.example"), [2]);
  assert.equal(reader.superseded, false);
  for (let id = 3; id < 2000; id++) index.add({ id, observable: observed(`n${id}.example`) });
  assert.equal(reader.superseded, true);
  assert.deepEqual(ids(reader, "first.example"), [1], "the old table stays as it was");
  const next = openMatchIndex(index.handles());
  assert.deepEqual(ids(next, "n1999.example"), [1999]);
  assert.equal(next.size, 1999);
});

test("a worker thread shares the table", async () => {
  const index = buildMatchIndex(entries("bad.example"), secret);
  const worker = new Worker(new URL("./match-worker.ts", import.meta.url), {
    workerData: index.handles(),
    execArgv: ["-C", "source"],
  });
  try {
    const ask = async (observable: Observable): Promise<unknown> => {
      worker.postMessage(observable);
      return (await once(worker, "message"))[0];
    };
    assert.deepEqual(await ask(observed("www.bad.example")), [
      { id: 1, visibility: 0, observable: observed("bad.example") },
    ]);
    index.add({ id: 9, observable: observed("203.0.113.0/24") });
    assert.deepEqual(await ask(observed("203.0.113.9")), [
      { id: 9, visibility: 0, observable: observed("203.0.113.0/24") },
    ]);
    index.remove(1);
    assert.deepEqual(await ask(observed("www.bad.example")), []);
  } finally {
    await worker.terminate();
  }
});

test("a table costs at most 25 bytes an indicator, after a build and after growing", () => {
  const made = function* (): Iterable<MatchEntry> {
    for (let id = 0; id < 200_000; id++) yield { id, observable: { kind: "domain", value: `d${id}.example` } };
  };
  // The bit per /20 and the header (128 KiB) do not grow with the number of indicators: they are left out.
  const fixed = (1 << 17) + 256;
  for (const hint of [200_000, 0]) {
    const index = buildMatchIndex(made(), secret, hint);
    assert.equal(index.size, 200_000);
    const each = (index.bytes.table - fixed) / 200_000;
    assert.ok(each <= 25, `${each} bytes with hint ${hint}`);
  }
});

test("a snapshot reads back with its cursor and takes deltas", () => {
  const index = buildMatchIndex(entries("bad.example", "203.0.113.0/24", "http://x.example/y"), secret);
  index.remove(2);
  const bytes = matchIndexToBytes(index, "(742,19)@7512");
  const read = matchIndexFromBytes(bytes, secret);
  assert.ok(read.ok);
  assert.equal(read.value.cursor, "(742,19)@7512");
  assert.deepEqual(ids(read.value.index, "www.bad.example"), [1]);
  assert.deepEqual(ids(read.value.index, "203.0.113.9"), []);
  assert.deepEqual(ids(read.value.index, "http://x.example/y"), [3]);
  read.value.index.add({ id: 4, observable: observed("203.0.113.9") });
  assert.equal(read.value.index.remove(1), true);
  assert.deepEqual(ids(read.value.index, "203.0.113.9"), [4]);
  assert.deepEqual(ids(read.value.index, "bad.example"), []);
});

test("a snapshot that is damaged, cut, of another version or another secret is refused with its code", () => {
  const bytes = matchIndexToBytes(buildMatchIndex(entries("bad.example"), secret), "c");
  const code = (given: Uint8Array, key = secret): string => {
    const read = matchIndexFromBytes(given, key);
    return read.ok ? "ok" : read.problem.code;
  };
  assert.equal(code(bytes), "ok");
  for (const at of [0, 24, 40, 64, 70, 5000, bytes.length - 1]) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    assert.equal(code(damaged), "WGL_INDEX_DAMAGED", `byte ${at}`);
  }
  for (const length of [0, 10, 63, 64, 1000, bytes.length - 1])
    assert.equal(code(bytes.slice(0, length)), "WGL_INDEX_DAMAGED", `${length} bytes`);
  const newer = bytes.slice();
  newer[8] = 9;
  assert.equal(code(newer), "WGL_INDEX_VERSION");
  assert.equal(code(bytes, new TextEncoder().encode("another")), "WGL_INDEX_SECRET");
});

const kindsScanned: Readonly<Partial<Record<ObservableKind, 0 | 1 | 2 | 3 | 4 | 5>>> = {
  ipv4: scanned.ip,
  ipv6: scanned.ip,
  domain: scanned.host,
  path: scanned.path,
  email: scanned.email,
  md5: scanned.hash,
  sha256: scanned.hash,
};

const scannedIds = (index: MatchReader, text: string, kind: 0 | 1 | 2 | 3 | 4 | 5, port: number): readonly number[] => {
  const bytes = new TextEncoder().encode(`"${text}"`);
  const records: number[] = [];
  const faithful = index.scanValue(bytes, 1, bytes.length - 1, kind, port, (record, how) => {
    if (how === found.listed) records.push(record);
  });
  assert.equal(faithful, true, text);
  return records.map((record) => index.matchAt(record).id).toSorted((a, b) => a - b);
};

/** Small alphabets, so that values meet. */
const label = fc.constantFrom("a", "b", "www", "evil", "x-1");
const anyName = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => `${labels.join(".")}.example`);
const anyIpv4 = fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => `203.0.${112 + a}.${b}`);
const anyIpv6 = fc.tuple(fc.nat(2), fc.nat(3)).map(([a, b]) => `2001:db8:${a}::${b}`);
const anyHost: fc.Arbitrary<Observable> = fc.oneof(anyName, anyIpv4, anyIpv6).map(observed);
const bracketed = (host: Observable): string => (host.kind === "ipv6" ? `[${host.value}]` : host.value);
const anyPath = fc
  .tuple(fc.constantFrom("/p", "/p/", "/p/q.php", "/P"), fc.constantFrom("", "?", "?id=", "?id=1", "?id=1&x=2"))
  .map(([path, query]) => path + query);
const anyObservable: fc.Arbitrary<Observable> = fc.oneof(
  anyHost,
  fc.tuple(anyIpv4, fc.integer({ min: 16, max: 31 })).map(([ip, prefix]) => observed(`${ip}/${prefix}`)),
  fc.tuple(anyIpv6, fc.constantFrom(32, 47, 48, 64, 127)).map(([ip, prefix]) => observed(`${ip}/${prefix}`)),
  fc.tuple(anyHost, fc.constantFrom(1, 443)).map(([host, port]) => observed(`${bracketed(host)}:${port}`)),
  fc
    .tuple(fc.constantFrom("http:", "https:", ""), anyHost, anyPath)
    .map(([scheme, host, path]) => observed(`${scheme}//${bracketed(host)}${path}`)),
  anyPath.map(observed),
  fc.tuple(fc.constantFrom("A", "b"), anyName).map(([local, name]) => observed(`${local}@${name}`)),
  fc.constantFrom("ab".repeat(16), "cd".repeat(16), "ab".repeat(20), "ab".repeat(32), "cd".repeat(64)).map(observed),
  fc.constantFrom("AS64496", "AS64497").map(observed),
);

/** The index as it would be written without a care: every listed value is asked. */
const obvious = (model: ReadonlyMap<number, Observable>, asked: Observable, port: number): readonly number[] =>
  [...model]
    .filter(([, listed]) => meets(listed, asked, port))
    .map(([id]) => id)
    .toSorted((a, b) => a - b);

const meets = (listed: Observable, asked: Observable, port: number): boolean => {
  if (asked.kind === "endpoint") {
    const { host, port: at } = endpointParts(asked.value);
    return meets(listed, observed(host), at);
  }
  const same = listed.kind === asked.kind && listed.value === asked.value;
  switch (listed.kind) {
    case "cidr":
      return same || (asked.kind.startsWith("ip") && inside(listed.value, asked.value));
    case "endpoint": {
      const { host, port: at } = endpointParts(listed.value);
      return (asked.kind === "domain" || asked.kind.startsWith("ip")) && host === asked.value && at === port;
    }
    case "domain":
      return asked.kind === "domain" && (same || asked.value.endsWith(`.${listed.value}`));
    case "url":
      return asked.kind === "url" && afterScheme(listed.value) === afterScheme(asked.value);
    case "path": {
      const path = asked.kind === "url" ? urlParts(asked.value).path : asked.kind === "path" ? asked.value : "";
      const next = path[listed.value.length] ?? "";
      return path.startsWith(listed.value) && (next === "" || "?&".includes(next) || /[/?=]$/.test(listed.value));
    }
    default:
      return same;
  }
};

const afterScheme = (url: string): string => url.slice(url.indexOf("//"));

const inside = (cidr: string, address: string): boolean => {
  const range = cidrRange(cidr);
  if (!range.ok) return false;
  if (range.value.family === 4) {
    const number = ipv4Number(address);
    return number >= range.value.first && number <= range.value.last;
  }
  const bits = ipv6Bigint(address);
  return ipv4Number(address) < 0 && bits !== undefined && bits >= range.value.first && bits <= range.value.last;
};
