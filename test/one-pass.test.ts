// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { instant, parseInstant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { directionOf, networks } from "#detect/networks.ts";
import { Fingerprint, fingerprintKey } from "#intel/fingerprint.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { BatchRules } from "#jobs/batches/rules.ts";
import { fieldHash } from "#jobs/batches/field-hash.ts";
import { HeldHistory } from "#jobs/history/held.ts";
import { HistoryOfBatch } from "#jobs/batches/history.ts";
import type { HistoryTable, PrintedBatch } from "#jobs/history/rows.ts";
import { coversOf } from "#jobs/hunt/keys.ts";
import { keepBatch, matchBatch } from "#jobs/batches/read.ts";
import { BlockWriter } from "#jobs/history/block-writer.ts";
import { Days, Lists, Numbers, Shorts, Texts, Times, Wides, Words } from "#jobs/history/columns.ts";
import { isLent, Room } from "#jobs/history/slabs.ts";
import { partsOf, Shapes } from "#jobs/history/shapes.ts";
import { dayTable, openTables } from "#jobs/history/tables.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { splitterFor } from "#telemetry/cut.ts";
import { applyPolicy, policyText } from "#telemetry/field-policy.ts";
import type { FieldPolicy, Format, Where } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";
import { blocksOf, type Cell, readRows } from "./native-blocks.ts";

// The pass that matches a batch also lays it out for history, by bytes and without objects. Everything here holds it to the
// obvious way: every line parsed by itself, every row printed from an object, every fingerprint a bigint.

const folder = new URL("../src/telemetry/", import.meta.url);
const own = networks(["192.0.2.0/24"]);
const hash = fieldHash("one pass");
const fingerprint = new Fingerprint64(fingerprintKey(Buffer.from("one pass")));
const constants = { organisation: "harbour\tof\\ships", sensor: "s-1", batch: "s-1/7" };
const received = instant(1_795_077_720_000);

const samples: readonly { readonly format: Format; readonly name: string; readonly body: Uint8Array }[] =
  formats.flatMap((format) =>
    readdirSync(new URL(`${format.id}/`, folder))
      .filter((name) => name.startsWith("sample") && !name.includes(".expected."))
      .map((name) => ({ format, name, body: readFileSync(new URL(`${format.id}/${name}`, folder)) })),
  );

const inOrder = (a: readonly Cell[], b: readonly Cell[]): number => (a.join(" ") < b.join(" ") ? -1 : 1);

const cellsIn = (rows: PrintedBatch): Readonly<Record<HistoryTable, readonly (readonly Cell[])[]>> => ({
  seen: readRows("seen", rows.seen),
  record: readRows("record", rows.record),
  value_cover: readRows("value_cover", rows.value_cover),
  // in no order of theirs
  observation_day: readRows("observation_day", rows.observation_day).toSorted(inOrder),
});

const obvious = (format: Format, body: Uint8Array): Readonly<Record<HistoryTable, readonly (readonly Cell[])[]>> => {
  const { organisation, sensor, batch } = constants;
  const rows: Record<HistoryTable, Cell[][]> = { seen: [], record: [], value_cover: [], observation_day: [] };
  const days = new Map<string, Cell[]>();
  const reader = format.open({ received });
  const splitter = splitterFor(body, format);
  const onLine = (buffer: Uint8Array, start: number, end: number, line: number): void => {
    const raw = new TextDecoder().decode(buffer.subarray(start, end));
    const read = reader.parse(raw);
    if (!read?.ok) return;
    const { time, event, fields, seen, source, destination } = read.value;
    const shape = seen.map(({ kind, where }) => `${kind}@${where}`).join(" ");
    if (seen.length > 0)
      rows.seen.push([
        ...[time, organisation, sensor, directionOf(read.value, own), shape, batch, line],
        seen.map(({ value, where }) => (where === "mail-to" ? hash(value) : value)),
        seen.map((one) => fingerprint.of(one)),
        seen.map(({ port = 0 }) => port),
      ]);
    for (const { kind, value } of seen) {
      const print = fingerprint.of({ kind, value });
      const month = `${new Date(time).toISOString().slice(0, 7)}-01`;
      const day = Math.floor(time / 86_400_000);
      const counted = days.get(`${day} ${print}`);
      if (counted) counted[3] = BigInt(Number(counted[3] ?? 0)) + 1n;
      else days.set(`${day} ${print}`, [print, day, organisation, 1n]);
      if (counted) continue;
      for (const cover of coversOf({ kind, value }))
        rows.value_cover.push([fingerprint.of(cover), print, Date.parse(month) / 86_400_000, organisation]);
    }
    const text = policyText(raw, fields, format.policy, hash, event);
    const [from, to] = [source ?? "", destination ?? ""];
    rows.record.push([time, organisation, sensor, format.id, event, batch, line, text, from, to]);
  };
  splitter.push(body, onLine, () => {});
  splitter.end(onLine, () => {});
  rows.observation_day.push(...[...days.values()].toSorted(inOrder));
  return rows;
};

const keeper = (format: Format): HistoryOfBatch => new HistoryOfBatch(constants, format.id, own, fingerprint, hash);

test("history laid out while matching is what parsing every line by itself gives, in every format", () => {
  let rows = 0;
  for (const { format, name, body } of samples) {
    const reading = { body, format, own, hash, received };
    const wanted = obvious(format, body);
    const [again, along] = [keeper(format), keeper(format)];
    const read = keepBatch(reading, again);
    const matched = matchBatch(reading, everything(format, body), undefined, undefined, along);
    const laid = along.end();
    assert.deepEqual(cellsIn(again.end()), wanted, name);
    assert.deepEqual(cellsIn(laid), wanted, name);
    for (const [table, { rows: count }] of Object.entries(laid))
      assert.equal(count, wanted[table as HistoryTable].length, table);
    assert.deepEqual([matched.lines, matched.rejected], [read.lines, read.rejected], name);
    rows += laid.seen.rows;
  }
  assert.ok(rows > 150, String(rows));
});

test("law: rows on a slab that another batch filled are what they are in memory of their own, byte for byte", () => {
  const memory = new Room();
  const tables = openTables(memory);
  // the second has no room for all: what it cannot hold lies elsewhere
  for (const bytes of [1 << 20, 3000])
    for (const { format, name, body } of samples) {
      const reading = { body, format, own, hash, received };
      const alone = keeper(format);
      keepBatch(reading, alone);
      const slab = new SharedArrayBuffer(bytes);
      new Uint8Array(slab).fill(0xff);
      memory.use(slab);
      const lent = new HistoryOfBatch(constants, format.id, own, fingerprint, hash, tables);
      keepBatch(reading, lent);
      const [wanted, laid] = [alone.end(), lent.end()];
      assert.equal(isLent(laid), true, name);
      const settled = memory.settled(laid);
      assert.equal(isLent(settled), false, "few rows wait in memory of their own");
      new Uint8Array(slab).fill(0);
      const bytesIn = (rows: PrintedBatch): unknown =>
        Object.values(rows).map((table) => Buffer.concat(table.pieces).toString("hex"));
      assert.deepEqual(bytesIn(settled), bytesIn(wanted), name);
    }
});

const everything = (format: Format, body: Uint8Array): ReturnType<typeof buildMatchIndex> => {
  const listed = new Map<string, Observable>();
  const reader = format.open({ received });
  const onLine = (buffer: Uint8Array, start: number, end: number): void => {
    const read = reader.parse(new TextDecoder().decode(buffer.subarray(start, end)));
    if (read?.ok) for (const { kind, value } of read.value.seen) listed.set(`${kind} ${value}`, { kind, value });
  };
  const splitter = splitterFor(body, format);
  splitter.push(body, onLine, () => {});
  splitter.end(onLine, () => {});
  return buildMatchIndex(
    [...listed.values()].map((observable, id) => ({ id, observable })),
    Buffer.alloc(32, 1),
  );
};

test("what is matched and ruled is the same whether history is laid out in the pass or not", () => {
  const text = `title: All\nid: 6f1f9f0e-52a5-4d3e-9b50-0d9a4c7d2c11\nstatus: test\nlogsource: { category: dns }\ndetection:\n  name: { query|endswith: .example }\n  condition: name\nlevel: high\n`;
  const rules = new BatchRules({ version: 1, decisions: [], packs: [{ name: "p", files: [{ path: "a.yml", text }] }] });
  let [matches, ruled] = [0, 0];
  for (const { format, name, body } of samples) {
    const reading = { body, format, own, hash, received };
    const index = everything(format, body);
    const alone = matchBatch(reading, index);
    const whole = matchBatch(reading, index, rules, undefined, keeper(format));
    assert.deepEqual(whole.matches, alone.matches, name);
    assert.deepEqual(whole.ruled, matchBatch(reading, index, rules).ruled, name);
    matches += alone.matches.length;
    ruled += whole.ruled.length;
  }
  assert.ok(matches > 300 && ruled > 3, `${matches} ${ruled}`);
});

test("law: what BlockWriter writes is read again by the book, whatever the cells are and wherever its blocks end", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constantFrom(
      "",
      "\t",
      "a\\b\n\0\r",
      "\ufeff",
      "x".repeat(97),
      "x".repeat(127),
      "x".repeat(128),
      "船".repeat(43),
    ),
    fc.constantFrom("船".repeat(40_000), `${"y".repeat(180_000)}\t`, "z".repeat(1 << 20), `${"x".repeat(16_383)}é`),
  );
  const half = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1, 0x7fffffff, -0x80000000));
  const time = fc.oneof(
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
    fc.constantFrom(0, -1, 4_294_967_296, -4_294_967_297),
  );
  const columns = {
    ...{ a: new Texts(1 << 18), short: new Shorts(), number: new Numbers(), wide: new Wides() },
    ...{ word: new Words(), time: new Times(), day: new Days(), other: new Words() },
    ...{ "list.text": new Lists(new Texts(1 << 18)), "list.number": new Lists(new Wides()) },
  };
  const writer = new BlockWriter(columns);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, fc.nat(), half, half, text, time), { maxLength: 12 }),
      fc.constantFrom(1, 1, 1, 30, 300),
      fc.boolean(),
      (some, times, broken) => {
        // many rows: columns grow, and words are numbered in two bytes
        const rows = Array.from({ length: times }, () => some).flat();
        if (broken) {
          columns.a.add("of a batch that broke off");
          columns.word.put(writer.next(), "and a word");
          columns["list.text"].next();
          columns["list.text"].cells.add("and one of a list");
          writer.clear();
        }
        const wanted: Cell[][] = [];
        for (const [n, [a, number, hi, lo, word, at]] of rows.entries()) {
          const row = writer.next();
          columns.a.add(a);
          columns.short.put(row, number % 65_536);
          columns.number.put(row, number);
          columns.wide.put(row, hi, lo);
          columns.word.put(row, word);
          columns.time.at(row, at);
          columns.day.put(row, number - 1);
          columns.other.put(row, `${number % 7}/${n}`);
          const listed = Array.from({ length: n % 4 }, (_, nth) => nth);
          for (const nth of listed) {
            columns["list.text"].next();
            columns["list.text"].cells.add(word);
            columns["list.number"].cells.put(columns["list.number"].next(), nth, lo);
          }
          columns["list.text"].end(row);
          columns["list.number"].end(row);
          const whole = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
          const day = Math.min(Math.max(number - 1, 0), 65_535);
          wanted.push([
            ...[a.toWellFormed(), number % 65_536, number, whole, word.toWellFormed(), at, day],
            `${number % 7}/${n}`,
            listed.map(() => word.toWellFormed()),
            listed.map((nth) => (BigInt(nth) << 32n) | BigInt(lo >>> 0)),
          ]);
        }
        const { rows: count, pieces } = writer.end();
        assert.equal(count, rows.length);
        const blocks = blocksOf(Buffer.concat(pieces));
        assert.deepEqual(
          blocks.flatMap((block) => block.rows),
          wanted,
        );
        // each piece is a block
        assert.equal(blocks.length, pieces.length);
        for (const piece of pieces) assert.equal(blocksOf(piece).length, 1);
      },
    ),
    { numRuns: 60 },
  );
});

test("law: a shape says kind and place of each value, however many records were met before", () => {
  const shapes = new Shapes();
  const seen = fc.array(
    fc.record({
      kind: fc.constantFrom("ipv4", "domain", "url", "md5", "email"),
      where: fc.constantFrom("source", "destination", "mail-to", "answer", "dns-query") as fc.Arbitrary<Where>,
    }),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(seen, (some) => {
      const parts = partsOf(shapes.of(some));
      assert.deepEqual(
        parts,
        some.map((one) => ({ ...one })),
      );
    }),
    { numRuns: 3000 },
  );
});

test("a block ends before its dictionaries or its rows are more than their numbers hold", () => {
  const columns = { word: new Words() };
  const writer = new BlockWriter(columns);
  for (let n = 0; n < 140_000; n++) columns.word.put(writer.next(), n < 70_000 ? String(n) : "one");
  const { rows, pieces } = writer.end();
  assert.equal(rows, 140_000);
  const blocks = pieces.flatMap(blocksOf);
  assert.deepEqual(
    blocks.flatMap((block) => block.rows.map(([word]) => word)),
    Array.from({ length: 140_000 }, (_, n) => (n < 70_000 ? String(n) : "one")),
  );
  assert.deepEqual(
    blocks.map((block) => block.rows.length),
    [65_000, 65_536, 9464],
  );
});

test("law: the fingerprint of a text is that of its bytes, whatever its letters and its length", () => {
  const key = fingerprintKey(Buffer.from("one pass"));
  const [byText, byBytes] = [new Fingerprint(key), new Fingerprint(key)];
  const text = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: "binary", maxLength: 20 }));
  fc.assert(
    fc.property(text, fc.nat({ max: 255 }), (value, kind) => {
      const bytes = new TextEncoder().encode(value);
      const isAscii = [...value].every((letter) => (letter.codePointAt(0) ?? 0) < 128);
      assert.equal(byText.ascii(kind, value), isAscii);
      if (!isAscii) return;
      byBytes.bytes(kind, bytes, 0, bytes.length);
      assert.deepEqual([byText.hi, byText.lo], [byBytes.hi, byBytes.lo]);
    }),
    { numRuns: 500 },
  );
});

test("law: rows of a day add up to how often each value came, whatever came between, over block ends and batches", () => {
  const half = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer());
  const value = fc.record({ hi: half, lo: half, day: fc.integer({ min: 20_000, max: 20_003 }) });
  // enough for a block to end, now and then
  const between = fc.oneof({ arbitrary: fc.nat(20), weight: 5 }, fc.constant(66_000));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300, size: "max" }), between, (all, between) => {
      const { rows, days } = dayTable();
      // a batch that broke off, whose rows are gone
      for (const { hi, lo, day } of all) days.add(hi, lo, day, "old");
      rows.clear();
      days.forget();
      const known = new Map<string, bigint>();
      const add = (hi: number, lo: number, day: number): void => {
        const key = `${BigInt.asUintN(64, (BigInt(hi) << 32n) | BigInt(lo >>> 0))} ${day}`;
        const fresh = days.add(hi, lo, day, "parks");
        if (!known.has(key)) assert.ok(fresh, "the first has a row");
        known.set(key, (known.get(key) ?? 0n) + 1n);
      };
      for (const [n, { hi, lo, day }] of [...all, ...all].entries()) {
        if (n === all.length)
          for (let other = 0; other < between; other++) add(other, Math.imul(other, 0x9e37_79b1), 20_000);
        add(hi, lo, day);
      }
      const told = new Map<string, bigint>();
      for (const [print, day, organisation, count] of readRows("observation_day", rows.end())) {
        assert.equal(organisation, "parks");
        const key = `${String(print)} ${String(day)}`;
        told.set(key, (told.get(key) ?? 0n) + (count as bigint));
      }
      assert.deepEqual(told, known);
    }),
    { numRuns: 30 },
  );
});

test("a value that comes over and over has one row, whatever comes once between", () => {
  const { rows, days } = dayTable();
  let made = 0;
  for (let n = 1; n <= 5000; n++) {
    if (days.add(7, 7, 20_000, "parks")) made++;
    days.add(n, Math.imul(n, 0x9e37_79b1), 20_000, "parks");
  }
  assert.equal(made, 1);
  assert.equal(rows.end().rows, 5001);
});

test("law: parseInstant() reads what a plain look by expression and Date reads", () => {
  const slow = (text: string): number | undefined => {
    if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?$/.test(text)) return undefined;
    const spaced = text.replace(" ", "T").replace(/(\.\d{3})\d+/, "$1");
    const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(spaced.slice(10))
      ? spaced.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")
      : `${spaced}Z`;
    const time = Date.parse(zoned);
    return time >= 0 && time <= 253_402_300_799_999 ? time : undefined;
  };
  const two = (most: number): fc.Arbitrary<string> => fc.nat(most).map((n) => String(n).padStart(2, "0"));
  const stamp = fc
    .tuple(
      fc.constantFrom("1969", "1970", "1971", "2026", "2027", "9998", "9999"),
      two(13),
      two(32),
      fc.constantFrom("T", " ", "t"),
      two(25),
      two(61),
      two(61),
      fc.constantFrom("", ".1", ".123", ".1234567", ".999999999", ".1234567890", ".12a", "."),
      fc.constantFrom("Z", "", "+08:00", "-0530", "+2359", "+24:00", "+08:0", "z", "+0800 "),
    )
    .map(([y, mo, d, t, h, mi, s, rest, zone]) => `${y}-${mo}-${d}${t}${h}:${mi}:${s}${rest}${zone}`);
  let read = 0;
  fc.assert(
    fc.property(stamp, (text) => {
      const result = parseInstant(text);
      assert.equal(result.ok ? result.value : undefined, slow(text), text);
      if (result.ok) read++;
    }),
    { numRuns: 5000 },
  );
  assert.ok(read > 300, String(read));
});

test("law: the field policy made ready once does what walking every path does", () => {
  const policy: FieldPolicy = {
    ...{ a: "drop", "a.b": "hash", "c.d": "hash", "c.d.e": "drop", u: "secrets", "x.u": "secrets" },
    ...{ "dns/q": "drop", "dns/n.q": "hash", "toString.a": "drop" },
  };
  const leaf = fc.oneof(fc.constantFrom("v", "http://h.example/?token=1", "", "12"), fc.nat(3), fc.constant(null));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.dictionary(
      fc.constantFrom("a", "b", "c", "d", "e", "u", "x", "q", "n", "a.b", "c.d", "z", "toString"),
      fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 2, arbitrary: tie("tree") }, fc.array(tie("tree"))),
      { maxKeys: 5 },
    ),
  }));
  let changed = 0;
  fc.assert(
    fc.property(tree, fc.constantFrom(undefined, "dns", "flow", "constructor"), (fields, event) => {
      const given = fields as Readonly<Record<string, unknown>>;
      const wanted = walked(given, policy, (value) => `#${value}`, event);
      const kept = applyPolicy(given, policy, (value) => `#${value}`, event);
      assert.equal(JSON.stringify(kept), JSON.stringify(wanted));
      assert.equal(kept === given, wanted === given);
      const line = JSON.stringify(given);
      const paths = pathsOf(policy, event).map(([path]) => path);
      const hidden =
        /\\u00/.test(line) || paths.some((path) => line.includes(`"${path.slice(path.lastIndexOf(".") + 1)}"`));
      const text = policyText(line, given, policy, (value) => `#${value}`, event);
      assert.equal(text, wanted === given && !hidden ? line : JSON.stringify(wanted));
      if (wanted !== given) changed++;
    }),
    { numRuns: 3000 },
  );
  assert.ok(changed > 300, String(changed));
});

type Walked = Readonly<Record<string, unknown>>;
type Hash = (value: string) => string;

const pathsOf = (policy: FieldPolicy, event: string | undefined): readonly (readonly [string, string])[] =>
  Object.entries(policy).flatMap(([path, act]): [string, string][] => {
    const slash = path.indexOf("/");
    return slash < 0 || event === undefined || path.slice(0, slash) === event ? [[path.slice(slash + 1), act]] : [];
  });

const walked = (fields: Walked, policy: FieldPolicy, hash: Hash, event: string | undefined): Walked => {
  let kept = fields;
  for (const [path, act] of pathsOf(policy, event)) kept = along(kept, path, act, hash) as Walked;
  return kept;
};

const along = (value: unknown, path: string, act: string, hash: Hash): unknown => {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => along(item, path, act, hash));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (typeof value !== "object" || value === null) return value;
  let kept = value as Walked;
  const put = (key: string, now: unknown): void => {
    if (now === kept[key]) return;
    const entries = Object.entries(kept).flatMap(([name, old]) =>
      name !== key ? [[name, old]] : now === undefined ? [] : [[name, now]],
    );
    kept = Object.assign(Object.create(null), Object.fromEntries(entries)) as Walked;
  };
  if (Object.hasOwn(kept, path)) put(path, actOn(kept[path], act, hash));
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const key = path.slice(0, dot);
    if (Object.hasOwn(kept, key)) put(key, along(kept[key], path.slice(dot + 1), act, hash));
  }
  return kept;
};

const actOn = (value: unknown, act: string, hash: Hash): unknown => {
  if (act === "drop") return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => actOn(item, act, hash));
    return act === "hash" || items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (act === "secrets") return typeof value === "string" ? value.replace("token=1", "token=[withheld]") : value;
  return value === null ? null : hash(typeof value === "string" ? value : JSON.stringify(value));
};

test("HeldHistory holds no more than its limit allows, and lets go what another process kept", () => {
  const rows = (bytes: number): PrintedBatch => ({
    seen: { rows: 1, pieces: [new Uint8Array(bytes)] },
    record: { rows: 0, pieces: [] },
    value_cover: { rows: 0, pieces: [] },
    observation_day: { rows: 0, pieces: [] },
  });
  const held = new HeldHistory(100);
  const gone: number[] = [];
  const put = (batch: number, bytes: number): void =>
    held.put(batch, { rows: rows(bytes), heads: [], letGo: () => gone.push(batch) });
  put(4, 60);
  put(5, 60);
  assert.equal(held.hasRoom, false);
  put(6, 1);
  assert.deepEqual(gone, [6]);
  assert.equal(held.take(6), undefined);
  assert.deepEqual(gone, [6, 4, 5]);
  assert.equal(held.hasRoom, true);
  put(7, 60);
  assert.equal(held.take(7)?.rows.seen.pieces[0]?.length, 60);
  assert.equal(held.take(7), undefined);
  assert.deepEqual(gone, [6, 4, 5], "whoever took it says when");
});
