import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { format } from "#telemetry/zeek/format.ts";
import type { TelemetryRecord } from "#telemetry/format.ts";
import { linesOf, missedByScan } from "./formats-scan.ts";

const corpus = fileURLToPath(new URL("../../shared/corpora/detection/", import.meta.url));
const skip = existsSync(corpus) ? false : "the shared corpora are not beside this checkout";

const read = (lines: readonly string[]) => {
  const reader = format.open();
  const records: TelemetryRecord[] = [];
  const rejected: Record<string, number> = {};
  for (const line of lines) {
    const result = reader.parse(line);
    if (result?.ok === true) records.push(result.value);
    else if (result !== undefined) rejected[result.problem.code] = (rejected[result.problem.code] ?? 0) + 1;
  }
  return { records, rejected };
};

const bytesOf = (file: string): Uint8Array => {
  const bytes = readFileSync(join(corpus, file));
  return file.endsWith(".gz") ? gunzipSync(bytes) : bytes;
};

const below = (folder: string): readonly string[] =>
  readdirSync(join(corpus, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(corpus.length))
    .toSorted();

/** Every row of the corpora that is refused, with the reason. A file that is not here is read without a reject. */
const explained: readonly { readonly file: RegExp; readonly rejects: Record<string, number>; readonly why: string }[] =
  [
    {
      file: /rita-logs\/has_unknown_field\/http\.log$/,
      rejects: { WGL_ZEEK_COLUMNS: 1 },
      why: "RITA's test took one column out of the first row by hand",
    },
    {
      file: /rita-logs\/truncated\/conn\.log$/,
      rejects: { WGL_ZEEK_COLUMNS: 1 },
      why: "the last line is cut in the middle",
    },
    {
      file: /rita-logs\/truncated\/conn_json\.log$/,
      rejects: { WGL_ZEEK_JSON: 1 },
      why: "the last line is cut in the middle",
    },
    { file: /rita-logs\/truncated\/conn_top\.log$/, rejects: { WGL_ZEEK_HEADER: 59 }, why: "the header is cut off" },
    { file: /rita-logs\/text_file\/conn\.log$/, rejects: { WGL_ZEEK_HEADER: 5 }, why: "lorem ipsum, no log" },
    { file: /seen-policy__intel\.log$/, rejects: { WGL_ZEEK_HEADER: 3 }, why: "Zeek's test keeps no header" },
  ];

/** Zeek's own expectations blank every time out ("XXXXXXXXXX.XXXXXX"), so no row of them has one. */
const blanked = /^zeek\/intel-btest\/(?!.*seen-policy__)/;

test("parse() reads the Zeek corpora without an unexplained reject", { skip }, () => {
  const files = [...below("zeek"), ...below("behaviour/rita-logs")];
  assert.ok(files.length > 60, `${files.length} files`);
  const unexplained: string[] = [];
  let records = 0;
  for (const file of files) {
    const lines = linesOf(bytesOf(file));
    const result = read(lines);
    records += result.records.length;
    const rows = lines.filter((line) => line.trim() !== "" && !line.startsWith("#")).length;
    const said = explained.find((e) => e.file.test(file));
    const wanted = said?.rejects ?? (blanked.test(file) ? { WGL_ZEEK_VALUE: rows } : {});
    try {
      assert.deepEqual(result.rejected, wanted);
      assert.equal(result.records.length + Object.values(result.rejected).reduce((a, b) => a + b, 0), rows);
    } catch {
      unexplained.push(`${file}: ${JSON.stringify(result.rejected)}, wanted ${JSON.stringify(wanted)}`);
    }
  }
  assert.deepEqual(unexplained, []);
  assert.ok(records > 260_000, `${records} records`);
});

test("scan() reports all that parse() sees in the Zeek corpora", { skip }, () => {
  for (const file of [...below("zeek"), ...below("behaviour/rita-logs")]) {
    const bytes = bytesOf(file);
    // 4 MiB of each: the rest of the three large ones is more of the same
    assert.deepEqual(missedByScan(format, bytes.subarray(0, 1 << 22)).slice(0, 5), [], file);
  }
});

test("TSV and JSON of one capture read as the same events, ends and values", { skip }, () => {
  for (const log of ["dns", "ssl", "modbus"]) {
    const tsv = read(linesOf(bytesOf(`zeek/${log}.log.gz`))).records;
    const json = read(linesOf(bytesOf(`zeek/${log}.json.gz`))).records;
    assert.equal(tsv.length, json.length);
    const same = (record: TelemetryRecord) => ({
      // TSV prints microseconds, JSON milliseconds or microseconds: compare to the millisecond, one apart allowed
      event: record.event,
      seen: record.seen,
      source: record.source,
      destination: record.destination,
      uid: record.fields["uid"],
    });
    for (const [i, record] of tsv.entries()) {
      const other = json[i] as TelemetryRecord;
      assert.deepEqual(same(record), same(other));
      assert.ok(Math.abs(record.time - other.time) <= 1);
    }
  }
});

const header = (path: string, fields: string, types: string): readonly string[] => [
  "#separator \\x09",
  "#set_separator\t,",
  "#empty_field\t(empty)",
  "#unset_field\t-",
  `#path\t${path}`,
  `#fields\t${fields.replaceAll(" ", "\t")}`,
  `#types\t${types.replaceAll(" ", "\t")}`,
];

test("parse() follows a second header in one stream, and keeps reading after #close", () => {
  const { records, rejected } = read([
    ...header("dns", "ts query", "time string"),
    "1.5\tone.example",
    "#close\t2026-11-19-01-00-00",
    "2.5\ttwo.example",
    ...header("ssl", "ts uid server_name", "time string string"),
    "3.5\tC1\tthree.example",
    "4.5\tfour.example",
  ]);
  assert.deepEqual(
    records.map((r) => [r.event, r.time, r.seen[0]?.where, r.seen[0]?.value]),
    [
      ["dns", 1500, "dns-query", "one.example"],
      ["dns", 2500, "dns-query", "two.example"],
      ["ssl", 3500, "tls-sni", "three.example"],
    ],
  );
  assert.deepEqual(rejected, { WGL_ZEEK_COLUMNS: 1 });
});

test("parse() unescapes bytes, lists and the unset mark, and leaves what is not UTF-8", () => {
  const { records } = read([
    ...header("x", "ts a b c d e f g", "time string set[string] vector[count] string bool string int64"),
    "1.0\t\\x09tab \\\\ \\xe6\\xb5\\xb7 \\xff\tone,t\\x2cwo,-\t1,2\t(empty)\tT\t\\x2d\tbing",
    "2.0\t-\t(empty)\t(empty)\t-\tF\t-\t-",
  ]);
  assert.deepEqual(
    records.map((r) => ({ ...r.fields })),
    [
      // a type Zeek does not have ("int64") is text
      { ts: 1, a: "\ttab \\ 海 \\xff", b: ["one", "t,wo", null], c: [1, 2], d: "", e: true, f: "-", g: "bing" },
      { ts: 2, b: [], c: [], e: false },
    ],
  );
});

test("parse() takes another separator, and a row's one empty column too many", () => {
  const { records } = read([
    "#separator |",
    "#set_separator|,",
    "#path|conn",
    "#fields|ts|id.orig_h|id.orig_p",
    "1.0|192.0.2.7|80",
    "2.0|192.0.2.8|81|",
  ]);
  assert.deepEqual(
    records.map((r) => r.source),
    ["192.0.2.7", "192.0.2.8"],
  );
});

test("parse() keeps milliseconds exact where the product with 1000 would fall short", () => {
  // 1517336042.001 * 1000 = 1517336042000.9999 in doubles
  const { records } = read(['{"ts":1517336042.001,"uid":"C1"}', '{"ts":"2018-01-30T18:14:02.001999Z","uid":"C1"}']);
  assert.deepEqual(
    records.map((r) => r.time),
    [1517336042001, 1517336042001],
  );
});

test("files: whoever fetched is the source, whoever served the destination, and the other way round for uploads", () => {
  const record = (upload: boolean) =>
    read([`{"ts":1,"fuid":"F1","tx_hosts":["198.51.100.7"],"rx_hosts":["10.20.0.9"],"is_orig":${upload}}`]).records[0];
  assert.deepEqual([record(false)?.source, record(false)?.destination], ["10.20.0.9", "198.51.100.7"]);
  assert.deepEqual([record(true)?.source, record(true)?.destination], ["198.51.100.7", "10.20.0.9"]);
});

test("http: the URL gets back the port that Zeek took off the host", () => {
  const url = (port: number, host: string, uri: string) =>
    read([
      JSON.stringify({
        _path: "http",
        ts: 1,
        "id.orig_h": "10.20.0.9",
        "id.resp_h": "198.51.100.7",
        "id.resp_p": port,
        host,
        uri,
      }),
    ]).records[0]?.seen.find((seen) => seen.kind === "url")?.value;
  assert.equal(url(80, "bad.example", "/x"), "http://bad.example/x");
  assert.equal(url(8080, "bad.example", "/x"), "http://bad.example:8080/x");
  assert.equal(url(8080, "bad.example:81", "/x"), "http://bad.example:81/x");
  assert.equal(url(3128, "bad.example", "http://bad.example/x"), "http://bad.example/x");
  assert.equal(url(80, "bad.example", "*"), undefined);
});
