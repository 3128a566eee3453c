// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import type { Problem } from "#core/result.ts";
import { splitterFor } from "#telemetry/cut.ts";
import { format } from "#telemetry/evtx/format.ts";
import { fileTime, valueText } from "#telemetry/evtx/value.ts";
import { samplePath, sampleEvtx } from "./evtx-sample.ts";
import { EvtxWriter, type Node, nothing, number, type Part, text, type Typed } from "./evtx-writer.ts";

interface Read {
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly lines: readonly number[];
  readonly problems: readonly { readonly line: number; readonly problem: Problem }[];
}

const readFile = (file: Uint8Array, size = file.length): Read => {
  const events: Record<string, unknown>[] = [];
  const lines: number[] = [];
  const problems: { line: number; problem: Problem }[] = [];
  const splitter = splitterFor(file, format);
  const onLine = (buffer: Uint8Array, start: number, end: number, line: number): void => {
    events.push(JSON.parse(new TextDecoder().decode(buffer.subarray(start, end))) as Record<string, unknown>);
    lines.push(line);
  };
  const onRefused = (line: number, problem: Problem): void => {
    problems.push({ line, problem });
  };
  for (let at = 0; at < file.length; at += Math.max(1, size))
    splitter.push(file.subarray(at, at + size), onLine, onRefused);
  splitter.end(onLine, onRefused);
  return { events, lines, problems };
};

const ticks = (iso: string, below = 0n): bigint => (BigInt(Date.parse(iso)) + 11_644_473_600_000n) * 10_000n + below;

/** `System` as Windows lays it out; holes 0 to 5 are time, id, record, channel, computer, user. */
const system: Node = {
  name: "System",
  children: [
    {
      name: "Provider",
      attributes: [
        ["Name", "Microsoft-Windows-Sysmon"],
        ["Guid", { hole: 6 }],
      ],
    },
    { name: "EventID", children: [{ hole: 1 }] },
    { name: "Keywords", children: [{ hole: 7 }] },
    { name: "TimeCreated", attributes: [["SystemTime", { hole: 0 }]] },
    { name: "EventRecordID", children: [{ hole: 2 }] },
    { name: "Correlation", attributes: [["ActivityID", { hole: 8, optional: true }]] },
    { name: "Channel", children: [{ hole: 3 }] },
    { name: "Computer", children: [{ hole: 4 }] },
    { name: "Security", attributes: [["UserID", { hole: 5, optional: true }]] },
  ],
};
const guidBytes = Uint8Array.from([
  0x5f, 0x38, 0x70, 0x57, 0x2a, 0xc2, 0xe0, 0x43, 0xbf, 0x4c, 0x06, 0xf5, 0x69, 0x8f, 0xfb, 0xd9,
]);
const sidBytes = Uint8Array.from([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]);
const systemValues = (
  id: number,
  record: number,
  time = ticks("2026-11-19T08:00:00.123Z", 4567n),
): readonly Typed[] => [
  number(0x11, 8, time),
  number(0x06, 2, BigInt(id)),
  number(0x0a, 8, BigInt(record)),
  text("Microsoft-Windows-Sysmon/Operational"),
  text("ws7.parks.example"),
  { type: 0x13, bytes: sidBytes },
  { type: 0x0f, bytes: guidBytes },
  number(0x15, 8, 0x8000_0000_0000_0000n),
  nothing,
];
const event = (...names: readonly string[]): Node => ({
  name: "Event",
  attributes: [["xmlns", "http://schemas.microsoft.com/win/2004/08/events/event"]],
  children: [
    system,
    {
      name: "EventData",
      children: names.map((name, i) => ({
        name: "Data",
        attributes: [["Name", name] as const],
        children: [{ hole: 9 + i, optional: true }],
      })),
    },
  ],
});

test("EVTX: an event as Windows lays it out is read whole, with its values as Windows prints them", () => {
  const writer = new EvtxWriter();
  writer.record(event("Image", "ProcessId", "GrantedAccess", "Gone"), [
    ...systemValues(10, 41),
    text("C:\\Temp\\a.exe"),
    number(0x08, 4, 4100n),
    number(0x14, 4, 0x1410n),
    nothing,
  ]);
  const { events, problems } = readFile(writer.file());
  assert.deepEqual(problems, []);
  assert.deepEqual(events, [
    {
      Provider_Name: "Microsoft-Windows-Sysmon",
      ProviderGuid: "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",
      EventID: 10,
      Keywords: "0x8000000000000000",
      TimeCreated: "2026-11-19T08:00:00.1234567Z",
      EventRecordID: 41,
      Channel: "Microsoft-Windows-Sysmon/Operational",
      Computer: "ws7.parks.example",
      UserID: "S-1-5-18",
      Image: "C:\\Temp\\a.exe",
      ProcessId: "4100",
      GrantedAccess: "0x1410",
      Gone: "",
    },
  ]);
});

test("the sample is what our writer writes", () => {
  assert.deepEqual(readFileSync(samplePath), sampleEvtx());
});

test("EVTX: binary XML within a value, lists, entities, CDATA and records without a template are read", () => {
  const writer = new EvtxWriter();
  const outer: Node = { name: "Event", children: [system, { name: "UserData", children: [{ hole: 9 }] }] };
  const inner: Node = {
    name: "LogFileCleared",
    children: [
      { name: "SubjectUserName", children: [{ hole: 0 }] },
      { name: "Channel", children: ["Security"] },
    ],
  };
  writer.recordWith(outer, systemValues(104, 1), inner, [text("chan")]);
  const list: Node = {
    name: "Event",
    children: [system, { name: "EventData", children: [{ name: "Data", children: [{ hole: 9 }] }] }],
  };
  writer.record(list, [...systemValues(1, 2), { type: 0x81, bytes: Buffer.from("one\0two\0", "utf16le") }]);
  writer.plain({
    name: "Event",
    children: [
      { name: "System", children: [{ name: "EventID", attributes: [["Qualifiers", "0"]], children: ["7"] }] },
      {
        name: "EventData",
        children: [
          { name: "Data", children: ["a", { entity: "amp" }, { character: 0x6d77 }, { cdata: "<b>" }] },
          { name: "Binary", children: ["00FF"] },
        ],
      },
    ],
  });
  const { events, problems } = readFile(writer.file());
  assert.deepEqual(problems, []);
  const [first, second, third] = events;
  assert.equal(first?.["SubjectUserName"], "chan");
  assert.equal(first?.["Data_Channel"], "Security");
  assert.equal(first?.["Channel"], "Microsoft-Windows-Sysmon/Operational");
  assert.deepEqual(second?.["Data"], ["one", "two"]);
  assert.equal(third?.["Data"], "a&海<b>");
  assert.equal(third?.["Binary"], "00FF");
  assert.equal(third?.["EventRecordID"], 3);
});

test("EVTX: an element that hangs on a value that is null is not there; one that only holds it is there and empty", () => {
  const hole = (at: number): readonly Part[] => [{ hole: at, optional: true }];
  const outer: Node = { name: "Event", children: [system, { hole: 9, optional: true, type: 0x21 }] };
  const data: Node = {
    name: "EventData",
    children: [
      { name: "Data", attributes: [["Name", "RuleName"]], children: hole(0) },
      { name: "Data", attributes: [["Name", "Image"]], children: hole(1) },
      { name: "Data", children: hole(0) },
      { name: "Binary", children: hole(0) },
    ],
  };
  const writer = new EvtxWriter();
  writer.recordWith(outer, systemValues(1, 1), data, [nothing, text("a.exe")]);
  writer.recordWith(outer, systemValues(1, 2), data, [text("r"), nothing]);
  const { events, problems } = readFile(writer.file());
  assert.deepEqual(problems, []);
  assert.deepEqual(
    events.map((event) => ["RuleName", "Image", "Data", "Binary"].map((name) => event[name])),
    [
      ["", "a.exe", undefined, undefined],
      ["r", "", "r", "r"],
    ],
  );
});

test("EVTX: an event without data is there, though its element hangs on them as in templates of Windows", () => {
  const writer = new EvtxWriter();
  const outer: Node = { name: "Event", dependsOn: 9, children: [system, { hole: 9, optional: true, type: 0x21 }] };
  writer.record(outer, [...systemValues(6005, 1), nothing]);
  const { events, problems } = readFile(writer.file());
  assert.deepEqual(problems, []);
  assert.equal(events[0]?.["EventID"], 6005);
});

test("valueText() prints every type", () => {
  const of = (type: number, ...bytes: readonly number[]): unknown => valueText(type, Uint8Array.from(bytes));
  assert.equal(of(0x02, 0xe9, 0), "é");
  assert.equal(of(0x03, 0xff), "-1");
  assert.equal(of(0x04, 0xff), "255");
  assert.equal(of(0x05, 0xfe, 0xff), "-2");
  assert.equal(of(0x07, 0xfe, 0xff, 0xff, 0xff), "-2");
  assert.equal(of(0x09, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "-2");
  assert.equal(of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "18446744073709551615");
  assert.equal(of(0x0b, 0, 0, 0xc0, 0x3f), "1.5");
  assert.equal(of(0x0c, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f), "1.5");
  assert.equal(of(0x0d, 1, 0, 0, 0), "true");
  assert.equal(of(0x0e, 1, 0xab), "01AB");
  assert.equal(of(0x10, 0x10, 0, 0, 0), "0x10");
  // 2026-11-19, a Thursday (4), 08:01:02.003
  assert.equal(of(0x12, 0xea, 7, 11, 0, 4, 0, 19, 0, 8, 0, 1, 0, 2, 0, 3, 0), "2026-11-19T08:01:02.003Z");
  assert.deepEqual(of(0x86, 1, 0, 2, 0), ["1", "2"]);
  assert.deepEqual(valueText(0x93, Buffer.concat([sidBytes, sidBytes])), ["S-1-5-18", "S-1-5-18"]);
  assert.equal(of(0x77, 1), undefined);
  assert.equal(fileTime(0n), "1601-01-01T00:00:00.0000000Z");
  assert.equal(fileTime(0xffff_ffff_ffff_ffffn), "");
});

const names = fc.uniqueArray(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/), { minLength: 1, maxLength: 8 });
/** Text that a record can hold: no zero at its end, for Windows ends strings there. */
const texts = fc
  .string({ unit: "binary", maxLength: 60 })
  .map((value) => value.replaceAll("\0", " "))
  .filter((value) => value.isWellFormed());
const records = fc.array(
  names.chain((fields) =>
    fc.record({
      fields: fc.constant(fields.map((name) => `x${name}`)),
      values: fc.array(texts, { minLength: fields.length, maxLength: fields.length }),
      id: fc.nat(65_535),
    }),
  ),
  { minLength: 1, maxLength: 30 },
);

const written = (given: readonly { fields: readonly string[]; values: readonly string[]; id: number }[]): Buffer => {
  const writer = new EvtxWriter();
  for (const [i, { fields, values, id }] of given.entries())
    writer.record(event(...fields), [...systemValues(id, i + 1), ...values.map(text)]);
  return writer.file();
};

test("law: what is written is read, record by record, at any chunk size", () => {
  fc.assert(
    fc.property(records, fc.integer({ min: 1000, max: 200_000 }), (given, size) => {
      const { events, lines, problems } = readFile(written(given), size);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        lines,
        given.map((_, i) => i + 1),
      );
      for (const [i, { fields, values, id }] of given.entries()) {
        assert.equal(events[i]?.["EventID"], id);
        for (const [j, name] of fields.entries()) assert.equal(events[i]?.[name] ?? "", values[j], name);
      }
    }),
    { numRuns: 60 },
  );
});

test("EVTX: records go on over chunks, and one damaged record or a wrong checksum costs no other", () => {
  const given = Array.from({ length: 600 }, (_, i) => ({
    fields: ["Image"],
    values: [`${i} ${"x".repeat(200)}`],
    id: 1,
  }));
  const file = written(given);
  assert.ok(file.length > 4096 + 65_536);
  assert.equal(readFile(file).events.length, 600);
  // the size of the second record of the first chunk
  const at = file.indexOf("**\0\0", 4096 + 512 + 8, "latin1");
  const damaged = Buffer.from(file);
  damaged.writeUInt32LE(7, at + 4);
  const { events, problems } = readFile(damaged);
  assert.equal(events.length, 599);
  assert.deepEqual(
    problems.map(({ problem }) => problem.code),
    ["WGL_EVTX_CHECKSUM", "WGL_EVTX_RECORD"],
  );
  assert.equal(problems[1]?.line, 2);
});

test("EVTX: records that the one before was made to cover are read, and told", () => {
  const file = written(["1", "2", "3", "4", "5"].map((value) => ({ fields: ["Image"], values: [value], id: 1 })));
  const starts: number[] = [];
  for (let at = 4096 + 512; file.readUInt32LE(at) === 0x2a2a; at += file.readUInt32LE(at + 4)) starts.push(at);
  const [, second = 0, third = 0, fourth = 0, fifth = 0] = starts;
  assert.ok(third > second && fourth > third);
  // As tools that hide traces leave it: both sizes of the second record say that it ends where the fourth did, and the
  // checksums are sound.
  file.writeUInt32LE(fifth - second, second + 4);
  file.writeUInt32LE(fifth - second, fifth - 4);
  const chunk = file.subarray(4096);
  chunk.writeUInt32LE(crc32(chunk.subarray(512, chunk.readUInt32LE(48))), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), 124);
  const { events, problems, lines } = readFile(file);
  assert.deepEqual(
    events.map((event) => event["Image"]),
    ["1", "2", "3", "4", "5"],
  );
  assert.deepEqual(lines, [1, 2, 3, 4, 5]);
  assert.deepEqual(
    problems.map(({ problem }) => [problem.code, problem.with]),
    [
      ["WGL_EVTX_HIDDEN", { record: "3", within: "2" }],
      ["WGL_EVTX_HIDDEN", { record: "4", within: "2" }],
    ],
  );
});

test("EVTX: bytes within what a record says that look like a record are none", () => {
  // Anybody may write binary data into the Application log: here whole records, at every place that one could begin at.
  const forged = new EvtxWriter();
  forged.record(event("Image"), [...systemValues(4625, 7), text("forged")]);
  const file = forged.file();
  const record = file.subarray(4096 + 512, 4096 + 512 + file.readUInt32LE(4096 + 516));
  for (let shift = 0; shift < 8; shift++) {
    const bytes = Buffer.concat([Buffer.alloc(shift), record]);
    const read = (last: number): Read => {
      // its size is such that it ends where the record around it does
      bytes.writeUInt32LE(record.length + last, shift + 4);
      const writer = new EvtxWriter();
      writer.record(event("Payload"), [...systemValues(1, 1), { type: 0x0e, bytes }]);
      return readFile(writer.file());
    };
    for (let last = 0; last <= 16; last++) {
      const { events, problems } = read(last);
      assert.deepEqual([events.length, problems], [1, []]);
    }
  }
});

test("EVTX: chunks without checksums are as sound as any where the file says that it has none", () => {
  const file = written([{ fields: ["Image"], values: ["a.exe"], id: 1 }]);
  for (const at of [52, 124]) file.writeUInt32LE(0, 4096 + at);
  assert.deepEqual(
    readFile(file).problems.map(({ problem }) => problem.code),
    ["WGL_EVTX_CHECKSUM"],
  );
  // The checksum of the header leaves the flags out.
  file.writeUInt32LE(0x04, 120);
  const { events, problems } = readFile(file);
  assert.equal(events.length, 1);
  assert.deepEqual(problems, []);
});

test("EVTX: a file that is cut off gives what it holds and says that it was cut; bare chunks are read", () => {
  const given = Array.from({ length: 50 }, (_, i) => ({ fields: ["Image"], values: [String(i)], id: 1 }));
  const file = written(given);
  const cut = readFile(file.subarray(0, 4096 + 512 + 4000));
  assert.ok(cut.events.length > 3 && cut.events.length < 50);
  assert.equal(cut.problems[0]?.problem.code, "WGL_EVTX_CHUNK");
  assert.equal(readFile(file.subarray(4096)).events.length, 50);
  assert.deepEqual(
    readFile(file.subarray(0, 100)).problems.map(({ problem }) => problem.code),
    ["WGL_EVTX_HEADER"],
  );
  assert.deepEqual(readFile(Buffer.concat([file, Buffer.alloc(65_536)])).problems, []);
});

test("EVTX: a template that holds itself, and values that multiply, end in a problem, soon", () => {
  const writer = new EvtxWriter();
  // Each of 200 holes takes the same 20,000 characters: 4 million.
  const wide: Node = {
    name: "Event",
    children: [
      system,
      { name: "EventData", children: Array.from({ length: 200 }, () => ({ name: "Data", children: [{ hole: 9 }] })) },
    ],
  };
  writer.record(wide, [...systemValues(1, 1), text("x".repeat(20_000))]);
  const { events, problems } = readFile(writer.file());
  assert.equal(events.length, 0);
  assert.deepEqual(
    problems.map(({ problem }) => problem.code),
    ["WGL_EVTX_RECORD"],
  );
});

test("law: damaged files give problems, never exceptions, and no more records than bytes can hold", () => {
  const file = written(
    Array.from({ length: 12 }, (_, i) => ({ fields: ["Image", "User"], values: [`a${i}`, "b"], id: i })),
  );
  const used = 4096 + 512 + 9000;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(used), fc.nat(255)), { minLength: 1, maxLength: 30 }),
      fc.option(fc.nat(file.length)),
      (changes, length) => {
        const damaged = Buffer.from(file);
        for (const [at, byte] of changes) damaged[at] = byte;
        const { events, lines } = readFile(damaged.subarray(0, length ?? undefined));
        assert.ok(events.length <= 65_536 / 28);
        assert.deepEqual(
          lines,
          lines.toSorted((a, b) => a - b),
        );
        const reader = format.open();
        for (const one of events) reader.parse(JSON.stringify(one));
      },
    ),
    { numRuns: 400 },
  );
});
