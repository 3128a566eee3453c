import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { buildMatchIndex } from "#intel/match-index.ts";
import { LineMatcher } from "#detect/indicator-match/line-matcher.ts";
import { networks } from "#detect/networks.ts";
import { scanned, type TelemetryRecord } from "#telemetry/format.ts";
import { JsonSplitter } from "#telemetry/json-values.ts";
import { format } from "#telemetry/suricata-eve/format.ts";
import { parseEve } from "#telemetry/suricata-eve/parse.ts";
import { missedByScan } from "./formats-scan.ts";
import { geneve, noGeneve } from "./geneve.ts";

const corpus = fileURLToPath(new URL("../../shared/corpora/detection/suricata/", import.meta.url));
const skip = existsSync(corpus) ? false : "the shared corpora are not beside this checkout";

const read = (fields: Record<string, unknown>): TelemetryRecord => {
  const result = parseEve(
    JSON.stringify({ timestamp: "2026-11-19T00:00:00.000000+0000", event_type: "flow", ...fields }),
  );
  assert.ok(result?.ok);
  return result.value;
};

/** Each object of the corpora's files, which are arrays over many lines, as it stands in the file. */
const corpusRecords = (): readonly { readonly file: string; readonly text: string }[] =>
  readdirSync(corpus)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      const texts: { file: string; text: string }[] = [];
      const splitter = new JsonSplitter();
      const refused = (): void => assert.fail(file);
      const take = (buffer: Uint8Array, start: number, end: number): void => {
        texts.push({ file, text: new TextDecoder().decode(buffer.subarray(start, end)) });
      };
      splitter.push(readFileSync(join(corpus, file)), take, refused);
      splitter.end(take, refused);
      return texts;
    });

test("parse() reads every record of the corpora without a reject", { skip }, () => {
  const records = corpusRecords();
  for (const { file, text } of records) {
    const result = parseEve(text);
    assert.ok(result?.ok, `${file}: ${JSON.stringify(result)}`);
    assert.ok(result.value.seen.length >= 2, `${file}: both ends are seen`);
  }
  const count = (part: string): number => records.filter(({ file }) => file.includes(part)).length;
  assert.equal(
    count("first-org"),
    JSON.parse(readFileSync(join(corpus, "first-org-conf-2015.alerts.json"), "utf8")).length,
  );
  assert.equal(count("wrccdc"), JSON.parse(readFileSync(join(corpus, "wrccdc-2017.alerts.json"), "utf8")).length);
  assert.equal(count("sv-fileinfo"), 1);
});

test("scan() reports all that parse() sees, on the corpora and on generated lines", { skip: skip || noGeneve }, () => {
  const lines = corpusRecords().map(({ text }) => text.replace(/\n\s*/g, " "));
  assert.deepEqual(missedByScan(format, new TextEncoder().encode(lines.join("\n"))), []);
  const { file, done } = geneve(4000);
  try {
    assert.deepEqual(missedByScan(format, readFileSync(file)), []);
  } finally {
    done();
  }
});

test("each value that parse() sees, listed alone, makes the matcher find its line", { skip: skip || noGeneve }, () => {
  const { file, done } = geneve(300);
  const lines = [...corpusRecords().map(({ text }) => text), ...readFileSync(file, "utf8").trimEnd().split("\n")];
  done();
  const own = networks();
  let values = 0;
  for (const [i, line] of lines.entries()) {
    if (i % 5 !== 0) continue;
    const result = parseEve(line);
    assert.ok(result?.ok);
    const bytes = new TextEncoder().encode(line);
    for (const { kind, value } of result.value.seen) {
      const index = buildMatchIndex([{ id: 1, observable: { kind, value } }], new Uint8Array([1]));
      const { matches } = new LineMatcher(format.open(), index, own).line(bytes, 0, bytes.length);
      assert.ok(matches.length > 0, `${kind} ${value} in ${line}`);
      values++;
    }
  }
  assert.ok(values > 400, `${values} values`);
});

test("a reply is turned round: the client is the source", () => {
  const reply = { src_ip: "203.0.113.9", src_port: 443, dest_ip: "10.0.0.4", dest_port: 50123 };
  const ends = (fields: Record<string, unknown>): readonly unknown[] => {
    const { source, destination } = read(fields);
    return [source, destination];
  };
  const asWritten = ["203.0.113.9", "10.0.0.4"];
  const turned = ["10.0.0.4", "203.0.113.9"];
  assert.deepEqual(ends({ ...reply, event_type: "flow" }), asWritten, "flows name the client first by themselves");
  assert.deepEqual(ends({ ...reply, event_type: "alert" }), turned, "by the ports");
  assert.deepEqual(ends({ ...reply, event_type: "alert", direction: "to_server" }), asWritten);
  assert.deepEqual(
    ends({ ...reply, event_type: "alert", src_port: 50000, dest_port: 80, direction: "to_client" }),
    turned,
  );
  const flow = { src_ip: "203.0.113.9", src_port: 443 };
  assert.deepEqual(ends({ ...reply, event_type: "alert", direction: "to_client", flow }), asWritten, "flow knows best");
  assert.deepEqual(ends({ ...reply, event_type: "dns", src_port: 53 }), turned, "Suricata 4 answers");
});

test("scan() leaves cut and odd lines to parse()", () => {
  const line = '{"timestamp":"2026-11-19T00:00:00Z","event_type":"flow","src_ip":"192.0.2.1","flow":{"pkts":{"x":1}}}';
  const slow = (text: string): boolean => {
    let told = false;
    const bytes = new TextEncoder().encode(text);
    format.open().scan?.(bytes, 0, bytes.length, {
      value: () => {},
      slow: () => {
        told = true;
      },
    });
    return told;
  };
  assert.equal(slow(line), false);
  for (let end = 0; end < line.length; end++) assert.equal(slow(line.slice(0, end)), true, line.slice(0, end));
  assert.equal(slow(line.replace("event_type", "kind")), true);
  assert.equal(slow(line.replace("src_ip", "src\\u005fip")), true, "an escaped key");
  assert.equal(slow(line.replace("192.0.2.1", "192.0.2.\\u0031")), true, "an escaped value");
});

test("scan() reads a record the same whatever keys stood in the records before it", () => {
  const wanted: Readonly<Record<string, number>> = {
    src_ip: scanned.ip,
    sni: scanned.host,
    md5: scanned.hash,
    A: scanned.host,
  };
  // Few names that differ in length, first or last letters, so that guesses are nearly right; and more than are remembered.
  const key = fc.oneof(
    fc.constantFrom(
      "src_ip",
      "src_ipx",
      "xrc_ip",
      "sni",
      "snj",
      "sn",
      "md5",
      "A",
      "AA",
      "B",
      "",
      "a_name_longer_than_is_kept_of_any_key",
    ),
    fc.nat(3000).map((n) => `key${n}`),
  );
  const value = fc.oneof(
    fc.constantFrom<unknown>("", "src_ip", "md5", "192.0.2.1", "x.example", 0, 12, 123.5, -7, 4096, true, null, {}, []),
    fc.string({ unit: fc.constantFrom(..."ab1.:,{}[] \u00e9") }),
    fc.integer(),
  );
  const pairs = fc.array(fc.tuple(key, value), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(pairs, fc.nat(2)), { maxLength: 20 }), (records) => {
      const reader = format.open();
      for (const [fields, indent] of records) {
        const colon = [":", ": ", " :"][indent] ?? ":";
        const text = [["timestamp", "t"], ["event_type", "flow"], ...fields]
          .map(([name, one]) => `${JSON.stringify(name)}${colon}${JSON.stringify(one)}`)
          .join(indent === 0 ? "," : ", ");
        const bytes = new TextEncoder().encode(`{${text}}`);
        const told: [number, string][] = [];
        let slow = false;
        reader.scan?.(bytes, 0, bytes.length, {
          value: (kind, start, end) => told.push([kind, new TextDecoder().decode(bytes.subarray(start, end))]),
          slow: () => {
            slow = true;
          },
        });
        assert.equal(slow, false, text);
        const expected = fields.flatMap(([name, one]): [number, string][] =>
          typeof one === "string" && one !== "" && Object.hasOwn(wanted, name) ? [[wanted[name] ?? 0, one]] : [],
        );
        assert.deepEqual(told, expected, text);
      }
    }),
    { numRuns: 1000 },
  );
});
