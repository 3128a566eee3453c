import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { strict } from "#core/value-policy.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { readFeed, readParts } from "#feeds/read.ts";
import { untar } from "#feeds/untar.ts";
import { unzip } from "#feeds/unzip.ts";

/** One ustar entry, as the smallest careful writer would write it. */
const tarEntry = (name: string, content: string, type = "0"): Buffer => {
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 100), 0);
  header.write("0000644\0", 100);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\0", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
};
const end = Buffer.alloc(1024);

/** A zip of deflated entries. `name` is written as given. */
const zip = (entries: readonly (readonly [name: string, content: string | Buffer])[]): Buffer => {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [name, written] of entries) {
    const content = Buffer.from(written);
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const head = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), common, tail, Buffer.from(name)]));
    local.push(head);
    at += head.length;
  }
  const directory = Buffer.concat(central);
  const record = Buffer.alloc(22);
  record.write("PK\x05\x06");
  record.writeUInt16LE(entries.length, 8);
  record.writeUInt16LE(entries.length, 10);
  record.writeUInt32LE(directory.length, 12);
  record.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, record]);
};

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "nothing wrong";
  } catch (error) {
    assert.ok(error instanceof BadBody, String(error));
    return error.problem.code;
  }
};

test("untar() reads ustar, pax and GNU names and passes over everything that is no file", () => {
  const long = `${"a".repeat(90)}/${"b".repeat(90)}.txt`;
  const pax = `path=${long}\n`;
  const record = `${pax.length + 4} ${pax}`;
  const body = Buffer.concat([
    tarEntry("folder/", "", "5"),
    tarEntry("./one.txt", "1\n"),
    tarEntry("x", record, "x"),
    tarEntry("cut", "2\n"),
    tarEntry("././@LongLink", `${long}\0`, "L"),
    tarEntry("cut", "3\n"),
    tarEntry("link", "", "2"),
    end,
  ]);
  assert.deepEqual(
    untar(body).map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
    [
      ["one.txt", "1\n"],
      [long, "2\n"],
      [long, "3\n"],
    ],
  );
});

test("untar() refuses archives that are cut, altered or leave their folder", () => {
  const good = tarEntry("a.txt", "x".repeat(600));
  const altered = Buffer.from(good);
  altered[0] = 0x62;
  assert.equal(
    codeOf(() => untar(good.subarray(0, 700))),
    "WGL_BODY_TAR",
  );
  assert.equal(
    codeOf(() => untar(altered)),
    "WGL_BODY_TAR",
  );
  assert.equal(
    codeOf(() => untar(Buffer.from("no tar at all".repeat(60)))),
    "WGL_BODY_TAR",
  );
  for (const name of ["../a.txt", "/etc/passwd", "a/../../b", "C:\\x", "..\\x"])
    assert.equal(
      codeOf(() => untar(tarEntry(name, "x"))),
      "WGL_BODY_ENTRY",
      name,
    );
});

test("unzip() gives what was packed, and refuses what leaves its folder", () => {
  const entries = [
    ["a.csv", "ip\n203.0.113.7\n"],
    ["b/c.csv", "ip\n203.0.113.8\n"],
  ] as const;
  assert.deepEqual(
    unzip(zip(entries)).map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
    entries.map((entry) => [...entry]),
  );
  assert.equal(
    codeOf(() => unzip(zip([["../x", "y"]]))),
    "WGL_BODY_ENTRY",
  );
  assert.equal(
    codeOf(() => unzip(zip(Array.from({ length: 65 }, (_, at) => [`${at}`, "x"] as const)))),
    "WGL_BODY_ENTRIES",
  );
  assert.equal(
    codeOf(() => listsOf(zip([["a.csv", gzipSync("x")]]), "x.zip")),
    "WGL_BODY_NESTED",
  );
});

test("altered archives give BadBody and nothing else", () => {
  const bodies = [
    zip([
      ["a.txt", "203.0.113.7\n".repeat(40)],
      ["b.txt", "bad.example\n"],
    ]),
    Buffer.concat([tarEntry("static/a.txt", "203.0.113.7\n"), tarEntry("static/b.txt", "bad.example\n"), end]),
    gzipSync(Buffer.concat([tarEntry("static/a.txt", "203.0.113.7\n"), end])),
  ];
  const altered = fc
    .tuple(fc.constantFrom(...bodies), fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 6 }), fc.nat(5000))
    .map(([body, changes, cut]) => {
      const copy = Buffer.from(body);
      for (const [at, byte] of changes) copy[at % copy.length] = byte;
      return cut % 3 === 0 ? copy.subarray(0, cut % copy.length) : copy;
    });
  let bad = 0;
  fc.assert(
    fc.property(altered, fc.constantFrom("generic-lines", "stamparm-maltrail"), (body, id) => {
      if (readFeed(feedById.get(id) as Feed, body, "x.tar.gz", strict).bad !== undefined) bad++;
    }),
    { numRuns: 2000 },
  );
  assert.ok(bad > 200, `only ${bad} were bad`);
});

test("stamparm-maltrail reads an archive family by family", () => {
  const body = gzipSync(
    Buffer.concat([
      tarEntry("maltrail-master/README.txt", "not.a.trail.example\n"),
      tarEntry("maltrail-master/trails/static/malware/tugboat-1.txt", "# note\ntug.example\nferry.example # shared\n"),
      tarEntry("maltrail-master/trails/static/malware/tugboat-2.txt", "45.155.205.5:8080\n"),
      tarEntry("maltrail-master/trails/static/suspicious/ferry.txt", "ferry.example\n"),
      end,
    ]),
  );
  const feed = feedById.get("stamparm-maltrail") as Feed;
  assert.deepEqual(
    [...readParts(feed, body, "maltrail.tar.gz", strict)].map(({ name, rows, accepted }) => [name, rows, accepted]),
    [
      ["malware/tugboat-1.txt", 2, 2],
      ["malware/tugboat-2.txt", 1, 1],
      ["suspicious/ferry.txt", 1, 1],
    ],
  );
  const whole = readFeed(feed, body, "maltrail.tar.gz", strict);
  assert.deepEqual([whole.rows, whole.accepted, whole.duplicates], [4, 3, 1]);
  const shared = whole.indicators.find(({ observable }) => observable.value === "ferry.example");
  assert.deepEqual(shared?.labels, ["tugboat", "ferry"]);
});
