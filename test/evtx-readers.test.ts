// Takes seconds: laws on many made-up inputs, each read by a process of its own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { splitterFor } from "#telemetry/cut.ts";
import { format } from "#telemetry/evtx/format.ts";
import { eventOfElement } from "#telemetry/windows-event.ts";
import { readEventXml } from "#telemetry/windows-xml.ts";
import { sampleEvtx } from "./evtx-sample.ts";
import { EvtxWriter, type Node, nothing, number, type Part, text, type Typed } from "./evtx-writer.ts";

// Our writer and our reader are of one mind, and may be wrong together. libevtx (J. Metz) was made from files of Windows;
// what it reads in a file, and what we read in it, must be the same events. Debian packages it as libevtx-utils.

const tool = "evtxexport";
const skip = spawnSync(tool, ["-V"]).error === undefined ? false : "libevtx-utils is not installed";

type Event = Readonly<Record<string, unknown>>;

const ours = (file: Uint8Array): readonly Event[] => {
  const events: Event[] = [];
  const splitter = splitterFor(file, format);
  const onLine = (buffer: Uint8Array, start: number, end: number): void => {
    events.push(JSON.parse(new TextDecoder().decode(buffer.subarray(start, end))) as Event);
  };
  splitter.push(file, onLine, () => undefined);
  splitter.end(onLine, () => undefined);
  return events;
};

/** @param sound libevtx gives up at the first record it cannot read, and fails */
const theirs = (file: Uint8Array, sound = true): readonly Event[] => {
  const folder = mkdtempSync(path.join(tmpdir(), "waglan-evtx-"));
  try {
    const at = path.join(folder, "log.evtx");
    writeFileSync(at, file);
    const { stdout, status, stderr } = spawnSync(tool, ["-f", "xml", at], { encoding: "utf8", maxBuffer: 1 << 28 });
    assert.equal(status === 0, sound, stderr);
    return stdout
      .split(/(?=^<Event )/m)
      .slice(1)
      .map((xml) => {
        const element = readEventXml(xml);
        const event = element && eventOfElement(element);
        assert.ok(event, xml);
        return { ...event };
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/**
 * What the two may print in two ways: libevtx fills hexadecimal numbers up with zeros, gives nanoseconds, and leaves an
 * element out whose value is null, where Windows prints `<Data Name='RuleName'></Data>`.
 */
const alike = (events: readonly Event[]): readonly Event[] =>
  events.map((event) => {
    const fields = Object.entries(event).filter(([, value]) => value !== "");
    return Object.fromEntries(
      fields.map(([name, value]) => {
        if (typeof value !== "string") return [name, value];
        if (/^0x[\da-f]+$/i.test(value)) return [name, BigInt(value)];
        return [name, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? value.replace(/0*Z$/, "Z") : value];
      }),
    );
  });

const system: Node = {
  name: "System",
  children: [
    {
      name: "Provider",
      attributes: [
        ["Name", "Microsoft-Windows-Sysmon"],
        ["Guid", "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"],
      ],
    },
    {
      name: "EventID",
      attributes: [["Qualifiers", { hole: 6, optional: true, type: 0x06 }]],
      children: [{ hole: 0, optional: true, type: 0x06 }],
    },
    { name: "Level", children: [{ hole: 1, optional: true, type: 0x04 }] },
    { name: "Keywords", children: [{ hole: 2, optional: true, type: 0x15 }] },
    { name: "TimeCreated", attributes: [["SystemTime", { hole: 3, optional: true, type: 0x11 }]] },
    { name: "EventRecordID", children: [{ hole: 4, optional: true, type: 0x0a }] },
    { name: "Channel", children: ["Microsoft-Windows-Sysmon/Operational"] },
    { name: "Computer", children: ["ws7.parks.example"] },
    { name: "Security", attributes: [["UserID", { hole: 5, optional: true, type: 0x13 }]] },
  ],
};
const xmlns = ["xmlns", "http://schemas.microsoft.com/win/2004/08/events/event"] as const;
const outer: Node = {
  name: "Event",
  attributes: [xmlns],
  children: [system, { hole: 7, optional: true, type: 0x21 }],
};
const ofUser: Node = {
  name: "Event",
  attributes: [xmlns],
  children: [system, { name: "UserData", children: [{ hole: 7, optional: true, type: 0x21 }] }],
};

const ticks = (ms: number): bigint => (BigInt(ms) + 11_644_473_600_000n) * 10_000n;
const sid = Uint8Array.from([1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0]);

const typed: fc.Arbitrary<Typed> = fc.oneof(
  fc.constant(nothing),
  // What XML can say, without white space at its ends, which layout could be; and not ">" alone, which libevtx loses.
  fc.stringMatching(/^[A-Za-z0-9\u00c0-\u024f\u4e00-\u9fff]([ -~\u4e00-\u9fff]{0,30}[!-~])?$/).map(text),
  fc.nat(255).map((value) => number(0x04, 1, BigInt(value))),
  // Not below zero: libevtx of 2018 prints -1 as -32767.
  fc.nat(32_767).map((value) => number(0x05, 2, BigInt(value))),
  fc.nat(65_535).map((value) => number(0x06, 2, BigInt(value))),
  fc.nat().map((value) => number(0x07, 4, BigInt(value))),
  fc.nat().map((value) => number(0x08, 4, BigInt(value))),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => number(0x0a, 8, value)),
  fc.boolean().map((value) => number(0x0d, 4, value ? 1n : 0n)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ({ type: 0x0f, bytes })),
  fc.integer({ min: 0, max: 4_000_000_000_000 }).map((value) => number(0x11, 8, ticks(value) + 1234n)),
  fc.constant({ type: 0x13, bytes: sid }),
  fc.nat().map((value) => number(0x14, 4, BigInt(value))),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => number(0x15, 8, value)),
);

const record = fc.record({
  user: fc.boolean(),
  values: fc.dictionary(fc.stringMatching(/^x[A-Za-z0-9_]{1,20}$/), typed, {
    minKeys: 1,
    maxKeys: 8,
    noNullPrototype: true,
  }),
  qualifiers: fc.boolean(),
  account: fc.boolean(),
  id: fc.integer({ min: 1, max: 65_535 }),
  time: fc.integer({ min: 0, max: 4_000_000_000_000 }),
});

test("law: libevtx and we read the same events in a file as Windows lays it out", { skip }, () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 120 }), (given) => {
      const writer = new EvtxWriter();
      for (const [i, { user, values, qualifiers, account, id, time }] of given.entries()) {
        const names = Object.keys(values);
        const hole = (at: number): readonly Part[] => [
          { hole: at, optional: true, type: values[names[at] ?? ""]?.type ?? 1 },
        ];
        const data: Node = user
          ? { name: "Detail", children: names.map((name, at) => ({ name, children: hole(at) })) }
          : {
              name: "EventData",
              children: names.map((name, at) => ({ name: "Data", attributes: [["Name", name]], children: hole(at) })),
            };
        writer.recordWith(
          user ? ofUser : outer,
          [
            number(0x06, 2, BigInt(id)),
            number(0x04, 1, 4n),
            number(0x15, 8, 0x8000_0000_0000_0000n),
            number(0x11, 8, ticks(time)),
            number(0x0a, 8, BigInt(i + 1)),
            account ? { type: 0x13, bytes: sid } : nothing,
            qualifiers ? number(0x06, 2, 7n) : nothing,
          ],
          data,
          Object.values(values),
          ticks(time),
        );
      }
      const file = writer.file();
      const read = ours(file);
      assert.equal(read.length, given.length);
      assert.deepEqual(alike(read), alike(theirs(file)));
    }),
    { numRuns: 100 },
  );
});

test("libevtx reads what we read of the sample, as far as its damaged record", { skip }, () => {
  const sample = sampleEvtx();
  const filled = Buffer.concat([sample, Buffer.alloc(4096 + 65_536 - sample.length)]);
  const read = theirs(filled, false);
  assert.equal(read.length, 2);
  assert.deepEqual(alike(ours(sample).slice(0, 2)), alike(read));
});
