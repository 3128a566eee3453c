import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { rsitTypes } from "#core/rsit.ts";
import { strict } from "#core/value-policy.ts";
import { readFeed } from "#feeds/read.ts";
import { feed } from "#feeds/shadowserver/feed.ts";
import { tableRecords } from "#feeds/shadowserver/records.ts";
import { ruleOf, shapes, twinOf, typeByName } from "#feeds/shadowserver/rules.ts";
import { reportTypes } from "#feeds/shadowserver/known-reports.ts";
import { reportByName } from "#feeds/shadowserver/which-report.ts";
import { generate, reportTypes as generated, type Schema } from "../scripts/shadowserver-table.ts";
import { casesOf, paired, readInput, skip } from "./report-fixtures.ts";

const schemaFolder = new URL("../../shared/corpora/feeds/shadowserver-schema/", import.meta.url);
const fixtures = new URL("../../shared/corpora/feeds/fixtures/n6/", import.meta.url);
const noSchema = existsSync(schemaFolder) ? false : "the corpora are not beside this checkout";
const schemaText = (name: string): string => readFileSync(new URL(name, schemaFolder), "utf8");
const schema = (): Schema => JSON.parse(schemaText("reports.json")) as Schema;
const tables = (): readonly string[] => [schemaText("types.md"), schemaText("severity.md")];

test("the table is what the schema says today, all 170 types of it, 51 of them for IPv6", { skip: noSchema }, () => {
  const names = Object.keys(schema());
  assert.equal(names.length, 170);
  assert.deepEqual(Object.keys(reportTypes), names.toSorted());
  const six = names.filter((name) => twinOf(name) !== name);
  assert.equal(six.length, 51);
  assert.deepEqual(generated(schema(), tables()), reportTypes);
  const written = readFileSync(new URL("../src/feeds/shadowserver/known-reports.ts", import.meta.url), "utf8");
  assert.equal(generate(schema(), tables()), written);
});

test("every type names columns that its report has, and its IPv6 twin the same problem", { skip: noSchema }, () => {
  for (const [name, { fields }] of Object.entries(schema())) {
    const type = reportTypes[name];
    assert.ok(type, name);
    assert.ok(Object.hasOwn(rsitTypes, type.type), name);
    const columns = shapes[type.shape];
    const named = Object.entries(columns).filter(([key]) => key !== "to" && key !== "account") as [string, string][];
    assert.ok(named.length === 0 || named.some(([, column]) => fields.includes(column)), `${name} ${type.shape}`);
    if ("ip" in columns) assert.ok(fields.includes(columns.ip), `${name} has no ${columns.ip}`);
    const twin = reportTypes[twinOf(name)];
    if (twin !== undefined)
      assert.deepEqual(
        [type.type, type.about, type.names, type.shape],
        [twin.type, twin.about, twin.names, twin.shape],
        name,
      );
  }
});

/** A row of any type, made from the columns of the schema. */
const rowOf = (columns: readonly string[], six: boolean): string =>
  columns
    .map((column) => {
      if (/^(?:src_|dst_|http_referer_)?ip$/.test(column)) return six ? "2001:db8:7::24" : "203.0.113.24";
      if (column === "timestamp") return "2026-11-19 04:12:09";
      if (column.endsWith("port")) return "4711";
      if (column === "protocol") return "tcp";
      if (column === "severity") return "";
      if (column === "email") return "ada@city.example";
      if (["url", "website", "http_referer", "source_url", "leak_site_url"].includes(column))
        return "http://www.city.example/x";
      if (/host(?:name)?$/.test(column) || column === "request") return "www.city.example";
      if (column === "infection" || column === "family" || column === "ransomware") return "Sample Bot";
      return column === "tag" ? "sample" : "";
    })
    .map((cell) => `"${cell}"`)
    .join(",");

test("a row of each of the 170 types is a report about its asset, by the file's name alone", { skip: noSchema }, () => {
  for (const [name, { fields }] of Object.entries(schema())) {
    const six = twinOf(name) !== name;
    const body = Buffer.from(`${fields.map((field) => `"${field}"`).join(",")}\n${rowOf(fields, six)}\n`);
    const reading = readFeed(feed, body, `2026-11-19-${name}-sample.csv`, strict);
    assert.equal(reading.verdict, "accept", `${name} ${JSON.stringify(reading.problems)}`);
    assert.deepEqual(reading.notes, {}, name);
    const [report, ...others] = reading.reports;
    assert.ok(report && others.length === 0, name);
    const type = reportTypes[name];
    assert.deepEqual([report.type, report.severity], [type?.type, type?.severity], name);
    const values = [report.asset, ...(report.also ?? [])].map(({ value }) => value);
    const wanted = six ? "2001:db8:7::24" : "203.0.113.24";
    assert.ok(values.includes(fields.includes("ip") || fields.includes("src_ip") ? wanted : (values[0] ?? "")), name);
    assert.equal(report.labels[0], name);
    assert.ok(report.seenAt !== undefined, name);
  }
});

test("a report type younger than the table is read by its name, and flagged", () => {
  const read = (name: string, header: string, row: string) =>
    readFeed(feed, Buffer.from(`${header}\n${row}\n`), `2027-01-01-${name}-city.csv`, strict);
  const scan = read(
    "scan6_newproto",
    "timestamp,severity,ip,protocol,port,tag",
    "2026-11-19 00:00:00,high,2001:db8::1,udp,99,newproto",
  );
  assert.deepEqual(scan.notes, { WGL_REPORT_NEW: 1 });
  assert.deepEqual(
    scan.reports.map(({ type, about, severity, asset }) => [type, about, severity, asset.value]),
    [["vulnerable-system", "newproto", "high", "2001:db8::1"]],
  );
  const bot = read(
    "event4_newhole",
    "timestamp,src_ip,src_port,infection",
    "2026-11-19 00:00:00,203.0.113.7,99,Sample Bot",
  );
  assert.deepEqual(
    bot.reports.map(({ about, source }) => [about, source?.port]),
    [["sample-bot", 99]],
  );
  assert.equal(typeByName("event4_honeypot_newproto_scan"), "scanner");
  assert.equal(ruleOf("scan_newproto_vulnerable").names, "cve");
  assert.equal(typeByName("compromised_toaster"), "system-compromise");
  // a name of nobody we know is no guess
  assert.equal(reportByName("2026-01-01-some_string-test.csv"), undefined);
  assert.equal(reportByName("scan_telnet.csv"), undefined);
  assert.equal(read("some_string", "a,b", "1,2").bad?.code, "WGL_BODY_REPORT");
});

test("an unzipped and a zipped day are the same reports", () => {
  const csv = (name: string, ip: string) => ({
    name: `2026-11-19-${name}-city.csv`,
    text: `timestamp,ip,port,protocol,tag\n2026-11-19 00:00:00,${ip},23,tcp,${name.slice(5)}\n`,
  });
  const files = [csv("scan_telnet", "203.0.113.7"), csv("scan6_dns", "2001:db8::1")];
  const reading = readFeed(feed, zipOf(files), "reports.zip", strict);
  assert.equal(reading.bad, undefined, JSON.stringify(reading.bad));
  const single = files.flatMap(({ name, text }) => readFeed(feed, Buffer.from(text), name, strict).reports);
  assert.deepEqual(reading.reports, single);
  assert.deepEqual(
    reading.reports.map(({ about }) => about),
    ["telnet", "open-resolver"],
  );
});

test("tableRecords() reads back any cells a careful writer wrote, and loses only the line of a mark that never ends", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", " ", "é"), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (records) => {
      const text = records.map((cells) => cells.map((it) => `"${it.replaceAll('"', '""')}"`).join(",")).join("\n");
      assert.deepEqual(
        [...tableRecords(Buffer.from(text))].map(({ cells }) => cells),
        records,
      );
    }),
  );
  const bare = [...tableRecords(Buffer.from('a,"say "hi" now",b\n1,"open\n2,x,y\n3,z\n'))];
  assert.deepEqual(
    bare.map(({ line, cells }) => [line, cells]),
    [
      [1, ["a", 'say "hi" now', "b"]],
      [2, "open"],
      [3, ["2", "x", "y"]],
      [4, ["3", "z"]],
    ],
  );
});

/** Reports of a fixture by today's name of their type: a file always has its name, and the fixtures lost theirs. */
const names: Readonly<Record<string, string>> = {
  "compromised-website": "compromised_website",
  ldap: "scan_ldap_tcp",
  msmq: "population_msmq",
  netis: "scan_netis_router",
  "ntp-monitor": "scan_ntpmonitor",
  "ntp-version": "scan_ntp",
  "open-resolver": "scan_dns",
  "sandbox-url": "sandbox_url",
  sinkhole: "event4_sinkhole",
  "sinkhole-http": "event4_sinkhole_http",
  "ssl-freak": "scan_ssl_freak",
  "ssl-poodle": "scan_ssl_poodle",
};

/** Where we say otherwise than the fixture expects, and why. */
const otherwise: Readonly<
  Record<string, { readonly lacking?: readonly string[]; readonly left?: number; readonly why: string }>
> = {
  "compromised-website-201412 01": {
    lacking: ["type system-compromise, not other"],
    why: "a category nobody knows changes nothing: the website is broken into, as the schema classes the report",
  },
  "ftp-202204 01": {
    left: 1,
    why: "n6 leaves out servers that force encryption; the report names them, and its severity is information",
  },
  "http-202204 01": {
    lacking: ["type other, not vulnerable-system"],
    why: "the schema classes an accessible web server as other/other",
  },
  "ntp-monitor-201412 01": {
    lacking: Array(3).fill("identifier ntp, got ntp-monitor"),
    why: "n6 names the protocol; the monitor list is another weakness than the version",
  },
  "ntp-monitor-201412 02": { lacking: ["identifier ntp, got ntp-monitor"], why: "as above" },
  "open-resolver-201412 01": {
    lacking: Array(2).fill("identifier resolver, got open-resolver"),
    why: "one name for what Team Cymru reports too",
  },
  "open-resolver-201412 02": { lacking: Array(2).fill("identifier resolver, got open-resolver"), why: "as above" },
  "sandbox-url-201412 01": {
    lacking: Array(2).fill("type malware-distribution, not other"),
    why: "the schema classes it as malicious-code/malware-distribution",
  },
  "ssl-freak-201412 01": {
    lacking: Array(3).fill("type weak-crypto, not vulnerable-system"),
    why: "the schema classes it as vulnerable/weak-crypto",
  },
  "ssl-poodle-201412 01": {
    lacking: ["type weak-crypto, not vulnerable-system"],
    why: "the schema classes it as vulnerable/weak-crypto",
  },
};

test("every event that n6 expects of Shadowserver's reports is read, but for differences with a reason", {
  skip,
}, () => {
  const folders = readdirSync(fixtures).filter((name) => name.startsWith("shadowserver-"));
  assert.equal(folders.length, 41);
  let events = 0;
  const differing = new Set<string>();
  for (const folder of folders) {
    const [, kind = ""] = /^shadowserver-(.+)-\d{6}$/.exec(folder) ?? [];
    for (const one of casesOf(`n6/${folder}`))
      for (const { file } of one.inputs) {
        const about = `${folder.slice("shadowserver-".length)} ${one.case}`;
        const type = names[kind] ?? `scan_${kind.replaceAll("-", "_")}`;
        const reading = readInput(feed, `n6/${folder}`, file, `2026-11-19-${type}-city.csv`);
        if (one.expectedError !== undefined) {
          assert.equal(reading.verdict, "quarantine", about);
          continue;
        }
        events += one.events.length;
        const { lacking, left } = paired(one.events, reading, feed);
        const known = otherwise[about];
        if (known !== undefined) differing.add(about);
        assert.deepEqual([lacking, left], [known?.lacking ?? [], known?.left ?? 0], about);
      }
  }
  assert.equal(events, 114);
  assert.deepEqual([...differing].sort(), Object.keys(otherwise).sort(), "a reason for what is no difference any more");
});

test("columns and tags alone tell 37 of the 41 reports, and take no report for one of another problem", {
  skip,
}, () => {
  const told: string[] = [];
  const untold: string[] = [];
  for (const folder of readdirSync(fixtures).filter((name) => name.startsWith("shadowserver-"))) {
    const [, kind = ""] = /^shadowserver-(.+)-\d{6}$/.exec(folder) ?? [];
    const type = reportTypes[names[kind] ?? `scan_${kind.replaceAll("-", "_")}`];
    const [first] = casesOf(`n6/${folder}`);
    const reading = readInput(feed, `n6/${folder}`, first?.inputs[0]?.file ?? "", "lost-its-name.csv");
    if (reading.bad !== undefined) {
      assert.equal(reading.bad.code, "WGL_BODY_REPORT");
      untold.push(kind);
      continue;
    }
    told.push(kind);
    for (const report of reading.reports)
      if (type?.names === "service") assert.ok(report.about === type.about || report.about.startsWith("cve-"), kind);
  }
  assert.deepEqual(untold, ["isakmp", "netis", "sinkhole", "ssl-poodle"]);
  assert.equal(told.length, 37);
});

test("what IntelMQ's tests feed its parser is read, or refused with its reason", { skip }, () => {
  for (const one of casesOf("intelmq/shadowserver-broken"))
    for (const { file, report } of one.inputs) {
      const reading = readInput(feed, "intelmq/shadowserver-broken", file, report?.["extra.file_name"] ?? "none");
      assert.equal(reading.verdict, "quarantine", one.case);
    }
  for (const fixture of ["intelmq/shadowserver-switch", "intelmq/shadowserver-telnet"])
    for (const one of casesOf(fixture))
      for (const { file, report } of one.inputs) {
        const reading = readInput(feed, fixture, file, report?.["extra.file_name"] ?? "");
        assert.equal(reading.verdict, "accept");
        // its tests call the report test_telnet: theirs, not the schema's
        const lacking = paired(one.events, reading, feed).lacking.filter(
          (why) => why !== "identifier test-telnet, got telnet",
        );
        assert.deepEqual(lacking, []);
        assert.ok(reading.reports.every(({ about }) => about === "smb" || about === "telnet"));
      }
});

/** A zip of deflated files (APPNOTE 4.3), enough for a reader. */
const zipOf = (files: readonly { readonly name: string; readonly text: string }[]): Uint8Array => {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of files) {
    const [plain, title] = [Buffer.from(text), Buffer.from(name)];
    const packed = deflateRawSync(plain);
    const sizes = Buffer.alloc(26);
    sizes.writeUInt16LE(20, 0);
    sizes.writeUInt16LE(8, 4);
    sizes.writeUInt32LE(crc32(plain), 10);
    sizes.writeUInt32LE(packed.length, 14);
    sizes.writeUInt32LE(plain.length, 18);
    sizes.writeUInt16LE(title.length, 22);
    const entry = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), sizes, title, packed]);
    const tail = Buffer.alloc(16);
    tail.writeUInt32LE(offset, 12);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), sizes, tail.subarray(2), title]));
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from("PK\x05\x06", "latin1"), end]);
};
