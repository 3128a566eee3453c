import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { checkSlice } from "#stix/check-slice.ts";
import { memberSlices, objectSlices, type Sliced, sliceLimits } from "#stix/object-slices.ts";
import { printTimeKey, timeKey } from "#stix/time-key.ts";
import { arrivalOf, contentOf, type HeldVersion, latestOf, versionOf } from "#stix/version.ts";

const sliced = (text: string | Uint8Array, limits = sliceLimits): Sliced => {
  const result = objectSlices(typeof text === "string" ? Buffer.from(text) : text, limits);
  assert.ok(result.ok, result.ok ? "" : result.problem.message);
  return result.value;
};
const refused = (text: string | Uint8Array, limits = sliceLimits): string => {
  const result = objectSlices(typeof text === "string" ? Buffer.from(text) : text, limits);
  return result.ok ? "taken" : `${result.problem.code} ${result.problem.with?.["offset"] ?? ""}`.trim();
};

test("objectSlices() gives the exact bytes of each object of a bundle, envelope, list or object", () => {
  const texts = ['{ "type":"url",\t"value":"h\\u00e9" }', '{"b":1e2,"a":[ ]}', '"é"', "[1, 2]"];
  const bundle = sliced(`\uFEFF {"type":"bundle", "objects" : [ ${texts.join(" ,\n")} ], "id":"bundle--1"}\n`);
  assert.equal(bundle.kind, "envelope");
  assert.deepEqual(
    bundle.objects.map(({ text }) => text),
    texts,
  );
  assert.deepEqual(
    bundle.objects.map(({ bytes }) => Buffer.from(bytes).toString()),
    texts,
  );
  assert.deepEqual(
    [...bundle.members].map(([name, slice]) => [name, slice.text]),
    [
      ["type", '"bundle"'],
      ["id", '"bundle--1"'],
    ],
  );
  assert.deepEqual(bundle.objects[0]?.read(), { ok: true, value: { type: "url", value: "hé" } });
  assert.deepEqual(sliced(` [${texts.join(",")}] `).kind, "list");
  assert.deepEqual(
    sliced(`\n${texts[0]}\n`).objects.map(({ text }) => text),
    [texts[0]],
  );
  assert.deepEqual(sliced('{"objects":[]}').objects, []);
  assert.deepEqual(sliced('{"objects":{}}').kind, "object");
});

test("objectSlices() names what JSON.parse hides, each in its object", () => {
  const hidden = (text: string): readonly string[] =>
    (sliced(`[${text}]`).objects[0]?.problems ?? []).map(({ code, at }) => `${code} ${at ?? ""}`);
  const table: Readonly<Record<string, readonly string[]>> = {
    '{"a":{"b":1,"c":2,"b":3}}': ["WGL_JSON_KEY_TWICE /a/b"],
    '{"a":1,"\\u0061":2}': ["WGL_JSON_KEY_TWICE /a"],
    '{"a":[{"x~/":NaN}]}': ["WGL_JSON_NUMBER /a/0/x~0~1"],
    '{"a":[0,-Infinity]}': ["WGL_JSON_NUMBER /a/1"],
    '{"a":9007199254740991,"b":-9007199254740992}': ["WGL_JSON_NUMBER /b"],
    '{"a":9007199254740993.0,"b":1e400}': ["WGL_JSON_NUMBER /b"],
    '{"a":"\\ud83d\\ude00","b":"\\ude00","c":"\\ud83d!"}': ["WGL_JSON_SURROGATE /b", "WGL_JSON_SURROGATE /c"],
    '{"a":{"b":1},"c":{"b":1}}': [],
    '{"__proto__":{"a":1},"constructor":2}': [],
  };
  for (const [text, expected] of Object.entries(table)) assert.deepEqual(hidden(text), expected, text);
  const many = Array.from({ length: 2000 }, (_, n) => `"k${n}":${n}`);
  assert.deepEqual(hidden(`{${many.join(",")}}`), []);
  assert.deepEqual(hidden(`{${many.join(",")},"k77":1}`), ["WGL_JSON_KEY_TWICE /k77"]);
  const latin1 = sliced(Buffer.concat([Buffer.from('[{"a":1},{"a":"'), Buffer.from([0xe9]), Buffer.from('"}]')]));
  assert.deepEqual(
    latin1.objects.map(({ problems }) => problems.map(({ code }) => code)),
    [[], ["WGL_JSON_UTF8"]],
  );
  // One broken object does not take the others with it
  const [bad, good] = sliced('{"objects":[{"type":"url","x":NaN},{"type":"mutex"}]}').objects;
  assert.equal(bad?.read().ok, false);
  assert.deepEqual(good?.read(), { ok: true, value: { type: "mutex" } });
  assert.deepEqual(
    sliced('{"objects":[],"objects":[]}').problems.map(({ code }) => code),
    ["WGL_JSON_KEY_TWICE"],
  );
});

test("objectSlices() is bounded in depth, number and size", () => {
  assert.equal(refused("[".repeat(1_000_000)), "WGL_BODY_DEPTH");
  assert.equal(refused(`{"objects":[${'{"a":'.repeat(70)}1${"}".repeat(70)}]}`), "WGL_BODY_DEPTH");
  assert.equal(refused("[1,2,3]", { ...sliceLimits, objects: 2 }), "WGL_JSON_MANY");
  const large = sliced('[{"a":"bcdefgh"},{}]', { ...sliceLimits, objectBytes: 10 });
  assert.deepEqual(
    large.objects.map(({ problems }) => problems.map(({ code }) => code)),
    [["WGL_JSON_LARGE"], []],
  );
  assert.equal(refused(""), "WGL_STIX_ENVELOPE");
  assert.equal(refused("17"), "WGL_STIX_ENVELOPE");
  assert.equal(refused('[{"a":1,}]'), "WGL_JSON_SYNTAX 8");
  assert.equal(refused('[{"a":"\u0001"}]'), "WGL_JSON_SYNTAX 7");
  assert.equal(refused("[1] [2]"), "WGL_JSON_SYNTAX 4");
});

test("objectSlices() takes what JSON.parse takes and gives what it gives", () => {
  const piece = fc.constantFrom(
    ...["{", "}", "[", "]", ",", ":", '"', '"a"', '"\\u00e9"', '"\\x"', "\\", "1", "-0.5e+3", "01", "1.", ".5", "- 1"],
    ...["true", "nul", "null", " ", "\n", "\u000b", "é", '{"a":1}', '"b":2', "[1,2]"],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `[${pieces.join("")}]`;
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        assert.ok(refused(text) !== "taken", text);
        return;
      }
      const { objects } = sliced(text);
      assert.deepEqual(
        objects.map((slice) => {
          const value = slice.readLeniently();
          return value.ok ? value.value : value;
        }),
        parsed,
      );
    }),
    { numRuns: 20_000 },
  );
});

test("objectSlices() never changes a byte, whatever the objects hold", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.jsonValue(), fc.boolean()), { maxLength: 8 }), (values) => {
      const texts = values.map(([value, spaced]) => JSON.stringify(value, null, spaced ? 2 : 0));
      const { objects } = sliced(`{"objects":[ ${texts.join(" , ")}]}`);
      assert.deepEqual(
        objects.map(({ text }) => text),
        texts,
      );
    }),
    { numRuns: 500 },
  );
});

test("memberSlices() sees inside a line of a command", () => {
  const line = memberSlices(Buffer.from('{"id":"7","object":{"a":1,"a":2}}'));
  assert.ok(line.ok);
  assert.deepEqual(
    line.value.members.get("object")?.problems.map(({ at }) => at),
    ["/a"],
  );
  assert.equal(memberSlices(Buffer.from("[]")).ok, false);
});

test("checkSlice() tells what the bytes hide beside what the object says", () => {
  const [slice] = sliced('{"type":"mutex","id":"mutex--1","name":"a","name":"b"}').objects;
  assert.ok(slice);
  assert.deepEqual(
    checkSlice(slice).problems.map(({ code }) => code),
    ["WGL_JSON_KEY_TWICE", "WGL_STIX_OBJECT"],
  );
});

const standards = new URL("../../shared/corpora/standards/", import.meta.url);
const skip = existsSync(standards) ? false : "the corpora are not beside this checkout";

test("every object of Enterprise ATT&CK comes out of a bundle byte for byte", { skip }, () => {
  const packed = readFileSync(new URL("data/attack-enterprise-stix20.jsonl.gz", standards));
  const lines = gunzipSync(packed).toString("utf8").trim().split("\n");
  const { objects } = sliced(Buffer.from(`{"type":"bundle","objects":[${lines.join(",\r\n")}]}`));
  assert.equal(objects.length, 24_771);
  for (const [index, slice] of objects.entries()) {
    assert.deepEqual(slice.problems, []);
    assert.equal(slice.text, lines[index]);
  }
});

test("timeKey() orders timestamps as instants, at any precision, and refuses what is none", () => {
  assert.equal(timeKey("2026-01-01T00:00:00.120Z"), "2026-01-01T00:00:00.12");
  assert.equal(timeKey("2026-01-01T00:00:00.000Z"), timeKey("2026-01-01T00:00:00Z"));
  assert.equal(printTimeKey("2026-01-01T00:00:00"), "2026-01-01T00:00:00.000Z");
  assert.equal(printTimeKey("2026-01-01T00:00:00.0000001"), "2026-01-01T00:00:00.0000001Z");
  for (const text of ["2025-02-29T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01", 3, null])
    assert.equal(timeKey(text), undefined, String(text));
  assert.equal(timeKey("2024-02-29T23:59:60Z"), "2024-02-29T23:59:60");
  // seconds since an hour began, and nanoseconds written with any number of digits
  const moment = fc.tuple(fc.nat(3599), fc.nat(999_999_999), fc.nat(6));
  const written = ([second, nano, zeros]: readonly [number, number, number]): string => {
    const clock = new Date(second * 1000).toISOString().slice(0, 19);
    return `${clock}.${String(nano).padStart(9, "0")}${"0".repeat(zeros)}Z`;
  };
  const size = ([second, nano]: readonly [number, number, number]): number => second * 1e9 + nano;
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const [x, y] = [timeKey(written(a)) ?? "", timeKey(written(b)) ?? ""];
      assert.equal(Math.sign(x < y ? -1 : x > y ? 1 : 0), Math.sign(size(a) - size(b)));
    }),
  );
});

test("versionOf() takes modified, else created, else none, and keeps what was written", () => {
  const version = versionOf({ created: "2026-01-01T00:00:00.000Z", modified: "2026-01-02T00:00:00.000100Z" });
  assert.deepEqual(version, {
    ok: true,
    value: {
      ...{ by: "modified", key: "2026-01-02T00:00:00.0001", written: "2026-01-02T00:00:00.000100Z", revoked: false },
    },
  });
  const by = (object: Readonly<Record<string, unknown>>): string => {
    const found = versionOf(object);
    return found.ok ? found.value.by : found.problem.code;
  };
  assert.equal(by({ created: "2026-01-01T00:00:00Z" }), "created");
  assert.equal(by({ type: "ipv4-addr" }), "none");
  assert.equal(by({ modified: "yesterday" }), "WGL_STIX_TIMESTAMP");
});

test("arrivalOf() and latestOf(): microseconds count, conflicts are told, a revocation is for good", () => {
  const held = (key: string, content = "a", revoked = false): HeldVersion => ({ key, content, revoked });
  const [first, second, third] = [held("2026-01"), held("2026-02"), held("2026-03")];
  assert.equal(arrivalOf([], first), "first");
  assert.equal(arrivalOf([first], second), "newer");
  assert.equal(arrivalOf([third, first], second), "older");
  assert.equal(arrivalOf([first, second], second), "same");
  assert.equal(arrivalOf([first, second], held("2026-02", "b")), "conflict");
  const gone = held("2026-02", "a", true);
  assert.equal(arrivalOf([first], gone), "newer");
  assert.equal(arrivalOf([first, gone], third), "revoked");
  assert.deepEqual(latestOf([third, first, second]), third);
  assert.deepEqual(latestOf([third, gone, first]), gone);
  assert.equal(latestOf([]), undefined);
});

test("contentOf() is the same whoever wrote the object down", () => {
  const one = { type: "mutex", name: "a", created: "2026-01-01T00:00:00.000Z", list: [1, { b: 1, a: 2 }] };
  const other = {
    list: [1, { a: 2, b: 1 }],
    revoked: false,
    created: "2026-01-01T00:00:00Z",
    name: "a",
    type: "mutex",
  };
  assert.equal(contentOf(one), contentOf(other));
  assert.notEqual(contentOf(one), contentOf({ ...one, revoked: true }));
  assert.notEqual(contentOf(one), contentOf({ ...one, list: [{ a: 2, b: 1 }, 1] }));
});
