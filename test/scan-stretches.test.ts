// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { networks } from "#detect/networks.ts";
import type { Fact } from "#detect/behaviour.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { openMatchIndex } from "#intel/match-reader.ts";
import { ScanStream } from "#jobs/scan/scan.ts";
import { ScanPool, scanInStretches } from "#jobs/scan/threads.ts";
import { cuttableFormat, StretchCutter } from "#jobs/scan/stretches.ts";
import type { Format } from "#telemetry/format.ts";
import { longestLine } from "#telemetry/lines.ts";
import { formats } from "#telemetry/index.ts";

const index = buildMatchIndex([{ id: 0, observable: { kind: "ipv4", value: "198.51.100.7" } }], Buffer.alloc(32, 1));
const about = { sets: [{ sources: ["list"] }], setOf: Uint32Array.of(0) };
const looksFor = { index, own: networks([]), about: () => ({ sources: ["list"] }) };
const formatOf = (id: string): Format => formats.find((one) => one.id === id) as Format;

const flow = (at: number, to: string): string =>
  JSON.stringify({
    ...{ timestamp: new Date(1_795_000_000_000 + at * 1000).toISOString(), event_type: "flow", proto: "TCP" },
    ...{ src_ip: "192.0.2.9", src_port: 40_000, dest_ip: to, dest_port: 443, flow: { bytes_toserver: 1 } },
  });
const address = fc.constantFrom("198.51.100.7", "203.0.113.5");
const eve = fc.oneof(
  fc.tuple(fc.nat(999), address).map(([at, to]) => flow(at, to)),
  fc.constantFrom("", "no json", '{"event_type":"flow"}', "\r"),
);
const zeekHead = (fields: string): string =>
  `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\t${fields}`;
const usual = "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto";
const turned = "uid\tid.resp_h\tid.resp_p\tid.orig_h\tid.orig_p\tts\tproto";
const zeek = fc.oneof(
  { weight: 6, arbitrary: address.map((to) => `1795000000.5\tC1\t192.0.2.9\t40000\t${to}\t443\ttcp`) },
  { weight: 3, arbitrary: address.map((to) => `C1\t${to}\t443\t192.0.2.9\t40000\t1795000000.5\ttcp`) },
  { weight: 1, arbitrary: fc.constantFrom(zeekHead(usual), zeekHead(turned), "#close\t2026", "# a remark") },
);
const iis = fc.oneof(
  { weight: 5, arbitrary: address.map((to) => `2026-11-19 08:00:00 ${to} GET /a - 200`) },
  { weight: 3, arbitrary: address.map((to) => `08:00:01 GET /b - 200 ${to}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status",
      "#Date: 2026-11-20 00:00:00\n#Fields: time cs-method cs-uri-stem cs-uri-query sc-status c-ip",
      "#Software: a server",
    ),
  },
);
const netflow = fc.oneof(
  { weight: 5, arbitrary: address.map((to) => `2026-11-19 08:00:00,2026-11-19 08:00:01,192.0.2.9,${to},TCP,5`) },
  { weight: 3, arbitrary: address.map((to) => `${to},2026-11-19 08:00:00,192.0.2.9,6`) },
  { weight: 1, arbitrary: fc.constantFrom("ts,te,sa,da,pr,ibyt", "da,ts,sa,ibyt", "Summary", "No matching flows") },
);

/** What a reader of the whole says, and what readers of its stretches say together. */
const scanned = (format: Format, stretches: readonly { bytes: Uint8Array; heading?: readonly string[] }[]): unknown => {
  const all = { hits: [] as unknown[], problems: [] as unknown[], rejected: {} as Record<string, number>, lines: 0 };
  const facts: Fact[] = [];
  for (const { bytes, heading } of stretches) {
    const before = all.lines;
    const stream = new ScanStream({
      ...{ ...looksFor, file: "x", formats: [format] },
      ...(heading === undefined ? {} : { heading }),
      overTime: { fact: (fact) => facts.push({ ...fact, line: fact.line + before }), matched: () => {} },
    });
    stream.push(bytes);
    stream.end();
    all.hits.push(...stream.found.map((hit) => ({ ...hit, line: hit.line + before })));
    all.problems.push(...stream.counts.problems.map(({ line, problem }) => ({ line: line + before, problem })));
    for (const [code, count] of Object.entries(stream.counts.rejected))
      all.rejected[code] = (all.rejected[code] ?? 0) + count;
    all.lines += stream.counts.lines;
  }
  return { ...all, facts };
};

test("a file that is cut anywhere says what it says whole, whatever stands above a line", () => {
  for (const [id, lines, head] of [
    ["suricata-eve", eve, flow(0, "203.0.113.5")],
    ["zeek", zeek, zeekHead(usual)],
    ["iis", iis, "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status"],
    ["netflow", netflow, "ts,te,sa,da,pr,ibyt"],
  ] as const)
    fc.assert(
      fc.property(
        fc.array(lines, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        (some, atLeast, chunk, end, ended) => {
          const format = formatOf(id);
          const bytes = Buffer.from([head, ...some].join(end) + (ended ? end : ""));
          const cutter = new StretchCutter(format, atLeast);
          const stretches: { bytes: Uint8Array; heading: readonly string[] }[] = [];
          const take = (one: unknown): void => void stretches.push(one as (typeof stretches)[number]);
          for (let at = 0; at < bytes.length; at += chunk)
            [...cutter.push(bytes.subarray(at, at + chunk))].forEach(take);
          [...cutter.end()].forEach(take);
          assert.equal(Buffer.concat(stretches.map((one) => one.bytes)).compare(bytes), 0, "nothing is lost");
          assert.deepEqual(scanned(format, stretches), scanned(format, [{ bytes }]), id);
        },
      ),
      { numRuns: 300 },
    );
});

test("a line longer than any record is counted and never held", () => {
  const cutter = new StretchCutter(formatOf("suricata-eve"), 1000);
  const chunk = Buffer.alloc(longestLine, 0x61);
  const out = [];
  for (let i = 0; i < 20; i++) out.push(...cutter.push(chunk));
  out.push(...cutter.push(Buffer.from(`\n${flow(1, "198.51.100.7")}\n`)), ...cutter.end());
  assert.deepEqual(
    out.map((one) => ("long" in one ? one.long : one.bytes.length)),
    [20 * longestLine, flow(1, "198.51.100.7").length + 1],
  );
});

test("what is no file of lines is one thread's", () => {
  const head = (text: string): Uint8Array => Buffer.from(text);
  assert.equal(cuttableFormat(head(`${flow(0, "203.0.113.5")}\n`), formats)?.id, "suricata-eve");
  assert.equal(cuttableFormat(head(`[\n${flow(0, "203.0.113.5")}\n]`), formats), undefined);
  assert.equal(cuttableFormat(Buffer.from(`${flow(0, "203.0.113.5")}\n`, "utf16le"), formats), undefined);
  assert.equal(cuttableFormat(head("type=SYSCALL msg=audit(1.1:2): x\n"), formats), undefined);
  assert.equal(cuttableFormat(head("nobody knows"), formats), undefined);
});

test("threads say of a file in stretches what one thread says of it whole, in its order", async () => {
  const lines = Array.from({ length: 60_000 }, (_, at) =>
    at % 97 === 0 ? flow(at, "198.51.100.7") : at % 1009 === 0 ? "not json" : flow(at, "203.0.113.5"),
  );
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  assert.ok(bytes.length > 2 * 4 * 1_048_576);
  const chunks = function* (): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 1_000_003) yield bytes.subarray(at, at + 1_000_003);
  };
  const data = { index: index.handles(), about, networks: [], formats: formats.map(({ id }) => id), overTime: false };
  const whole = new ScanStream({ ...looksFor, index: openMatchIndex(index.handles()), file: "big.json", formats });
  for (const chunk of chunks()) whole.push(chunk);
  whole.end();
  const pool = new ScanPool(data, 2);
  const told = { fact: () => {}, matched: () => {} };
  const found: unknown[] = [];
  try {
    let last;
    for await (const file of scanInStretches({ file: "big.json", chunks: chunks() }, formats, pool, told)) {
      found.push(...file.hits);
      last = file;
    }
    assert.deepEqual(
      { ...last?.counts, rejected: { ...last?.counts.rejected } },
      { ...whole.counts, rejected: { ...whole.counts.rejected } },
    );
    assert.deepEqual(found, whole.found);
    // a file that breaks off in the middle: what came is said, and why
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 200_000);
      throw new Error("the disk is gone");
    };
    let end;
    for await (const file of scanInStretches({ file: "big.json", chunks: broken() }, formats, pool, told)) end = file;
    assert.ok(end?.failed instanceof Error && end.counts.lines > 500);
  } finally {
    await pool.close();
  }
});
