import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { policyText, withheld } from "#telemetry/field-policy.ts";
import type { LogSource, TelemetryRecord } from "#telemetry/format.ts";
import { detectFormat } from "#telemetry/index.ts";
import { headOf } from "#telemetry/cut.ts";
import {
  linuxSysmonLogSources,
  windowsCategories,
  windowsLogSources,
  windowsServices,
} from "#telemetry/windows-log-sources.ts";
import { format as auditd } from "#telemetry/auditd/format.ts";
import { format as sysmonLinux } from "#telemetry/sysmon-linux/format.ts";
import { format as windows } from "#telemetry/windows-json/format.ts";
import { readEventXml } from "#telemetry/windows-xml.ts";
import { bytesOf, readStream, readText } from "./formats-bytes.ts";

const corpus = fileURLToPath(new URL("../../shared/corpora/detection/", import.meta.url));
const skip = existsSync(corpus) ? false : "the shared corpora are not beside this checkout";

const one = (object: unknown): TelemetryRecord => {
  const { records, problems } = readText(windows, JSON.stringify(object));
  assert.deepEqual(problems, []);
  assert.equal(records.length, 1);
  return records[0] as TelemetryRecord;
};

/** The same event in every shape must be the same event. */
const data = {
  SubjectUserName: "chan",
  NewProcessName: "C:\\Windows\\System32\\reg.exe",
  CommandLine: 'reg query "HKLM\\Software"',
  ProcessId: "0x2844",
};
const time = "2026-11-19T08:00:00.123Z";
const listed = Object.entries(data).map(([name, text]) => ({ "@Name": name, "#text": text }));
const shapes: Readonly<Record<string, unknown>> = {
  flat: { Channel: "Security", EventID: 4688, Computer: "ws7", TimeCreated: time, Provider_Name: "Audit", ...data },
  "numbers as text": {
    Channel: "Security",
    EventID: "4688",
    Computer: "ws7",
    TimeCreated: time,
    Provider_Name: "Audit",
    ...data,
  },
  evtx_dump: {
    Event: {
      System: {
        Provider: { "#attributes": { Name: "Audit" } },
        EventID: 4688,
        TimeCreated: { "#attributes": { SystemTime: time } },
        Channel: "Security",
        Computer: "ws7",
      },
      EventData: data,
    },
  },
  "evtx_dump, attributes apart": {
    Event: {
      System: {
        Provider_attributes: { Name: "Audit" },
        EventID: 4688,
        TimeCreated_attributes: { SystemTime: time },
        Channel: "Security",
        Computer: "ws7",
      },
      EventData: data,
    },
  },
  "XML made JSON": {
    Event: {
      System: {
        Provider: { "@Name": "Audit" },
        EventID: { "@Qualifiers": "", "#text": "4688" },
        TimeCreated: { "@SystemTime": time },
        Channel: "Security",
        Computer: "ws7",
      },
      EventData: { Data: listed },
    },
  },
  winlogbeat: {
    "@timestamp": time,
    winlog: { channel: "Security", event_id: 4688, provider_name: "Audit", computer_name: "ws7", event_data: data },
  },
  "winlogbeat 6": {
    "@timestamp": time,
    ...{ log_name: "Security", event_id: 4688, source_name: "Audit", computer_name: "ws7", event_data: data },
  },
  evtxecmd: {
    ...{ PayloadData1: "", Channel: "Security", Provider: "Audit", EventId: 4688, Computer: "ws7", TimeCreated: time },
    Payload: JSON.stringify({ EventData: { Data: listed } }),
  },
  nxlog: {
    Channel: "Security",
    EventID: 4688,
    Hostname: "ws7",
    SourceName: "Audit",
    EventTime: "2026-11-19 08:00:00.123",
    ...data,
  },
  azure: {
    ...{ Channel: "Security", EventID: 4688, Computer: "ws7", Source: "Audit", TimeGenerated: time },
    EventData: `<EventData>${Object.entries(data)
      .map(([name, text]) => `<Data Name="${name}">${text.replaceAll('"', "&quot;")}</Data>`)
      .join("")}</EventData>`,
  },
};

for (const [shape, object] of Object.entries(shapes))
  test(`windows-json reads ${shape} as the same event, and knows it`, () => {
    const record = one(object);
    assert.equal(record.time, Date.parse(time));
    assert.equal(record.event, "security-4688");
    assert.equal(record.host, "ws7");
    assert.equal(record.fields["EventID"], 4688);
    assert.equal(record.fields["Provider_Name"], "Audit");
    for (const [name, text] of Object.entries(data)) assert.equal(record.fields[name], text, name);
    assert.equal(detectFormat(headOf(bytesOf(JSON.stringify(object))))?.id, "windows-json");
  });

test("windows-json reads UTF-16 and marks, in any chunks, and arrays over lines", () => {
  const text = `${JSON.stringify(shapes["flat"])}\r\n${JSON.stringify(shapes["nxlog"])}\r\n`;
  const le = Buffer.from(`\ufeff${text}`, "utf16le");
  const be = Buffer.from(le).swap16();
  const streams = {
    "UTF-16LE with a mark": le,
    "UTF-16LE without": le.subarray(2),
    "UTF-16BE with a mark": be,
    "UTF-16BE without": be.subarray(2),
    "UTF-8 with a mark": Buffer.from(`\ufeff${text}`),
    "an array": Buffer.from(`[\n${JSON.stringify(shapes["flat"], null, 1)},\n${JSON.stringify(shapes["nxlog"])}]`),
  };
  for (const [name, bytes] of Object.entries(streams)) {
    assert.equal(detectFormat(headOf(bytes))?.id, "windows-json", name);
    for (const size of [1, 7, 4096]) {
      const { records, problems } = readStream(windows, bytes, size);
      assert.deepEqual([records.length, problems], [2, []], `${name}, ${size}`);
    }
  }
});

test("windows-json counts cut, interleaved and too long lines, and reads on", () => {
  const good = JSON.stringify(shapes["flat"]);
  const long = `{"EventID":1,"Channel":"${"x".repeat(10_000_000)}"}`;
  const { records, problems, lines } = readText(
    windows,
    [good, good.slice(0, 40) + good, long, good.slice(30), "", good].join("\n"),
  );
  assert.equal(records.length, 2);
  assert.equal(lines, 6);
  assert.deepEqual(
    problems.map(({ line, problem }) => [line, problem.code]),
    [
      [2, "WGL_LOG_JSON"],
      [3, "WGL_LINE_LONG"],
      [4, "WGL_LOG_JSON"],
    ],
  );
});

test("windows-json: ends, answers, hashes and log-ons are typed", () => {
  const sysmon = { Channel: "Microsoft-Windows-Sysmon/Operational", TimeCreated: time, Computer: "ws7" };
  const dns = one({ ...sysmon, EventID: 22, QueryName: "c2.bad.example", QueryStatus: "9003", QueryResults: "-" });
  assert.deepEqual(dns.dns, { query: "c2.bad.example", rcode: "NXDOMAIN" });
  const filtered = one({
    ...{ Channel: "Security", TimeCreated: time, EventID: 5156, SourceAddress: "192.0.2.14", SourcePort: "50111" },
    ...{ DestAddress: "203.0.113.7", DestPort: "443" },
  });
  assert.deepEqual(filtered.seen, [
    { kind: "ipv4", value: "192.0.2.14", where: "source", port: 50_111 },
    { kind: "ipv4", value: "203.0.113.7", where: "destination", port: 443 },
  ]);
  const hashes = "SHA1=da39a3ee5e6b4b0d3255bfef95601890afd80709,IMPHASH=00112233445566778899aabbccddeeff";
  assert.deepEqual(
    one({ ...sysmon, EventID: 7, Hashes: hashes }).seen.map(({ kind }) => kind),
    ["sha1"],
  );
  const logon = (more: object): TelemetryRecord["session"] =>
    one({ Channel: "Security", TimeCreated: time, EventID: 4624, TargetUserName: "lo", TargetDomainName: "-", ...more })
      .session;
  assert.deepEqual(logon({ LogonType: "10" }), { service: "rdp", account: "lo", outcome: "success" });
  assert.equal(logon({ LogonType: "5" }), undefined, "a service is nobody's entry");
  assert.deepEqual(logon({ EventID: 4776, Status: "0xC000006A" }), {
    service: "ntlm",
    account: "lo",
    outcome: "failure",
  });
  assert.equal(
    one({ Channel: "Security", TimeCreated: time, EventID: 4769, IpAddress: "::ffff:192.0.2.14" }).source,
    "192.0.2.14",
  );
});

test("windowsLogSources() is SigmaHQ's table, and its arrays are the same each time", { skip }, () => {
  const map = JSON.parse(readFileSync(`${corpus}expected/logsource-map.json`, "utf8")) as {
    sysmon_channel: string;
    sysmon_category_eventids: Record<string, number[]>;
    powershell: Record<string, [string, number]>;
    service_channels: Record<string, string[]>;
  };
  const has = (sources: readonly LogSource[], part: LogSource): boolean =>
    sources.some((source) => Object.entries(part).every(([name, value]) => source[name as keyof LogSource] === value));
  for (const [category, events] of Object.entries(map.sysmon_category_eventids)) {
    for (const event of events) assert.ok(has(windowsLogSources(map.sysmon_channel, event), { category }), category);
    const others = [...Array.from({ length: 40 }, (_, i) => i), 255].filter((event) => !events.includes(event));
    for (const event of others) assert.ok(!has(windowsLogSources(map.sysmon_channel, event), { category }), category);
    assert.ok(windowsCategories.includes(category));
  }
  for (const [category, [service, event]] of Object.entries(map.powershell))
    for (const channel of map.service_channels[service] ?? [])
      assert.ok(has(windowsLogSources(channel, event), { category, service }));
  for (const [service, channels] of Object.entries(map.service_channels)) {
    assert.ok(windowsServices.includes(service));
    for (const channel of channels) {
      assert.ok(has(windowsLogSources(channel, 1), { product: "windows", service }), service);
      assert.ok(has(windowsLogSources(channel.toLowerCase(), 1), { service }), service);
    }
  }
  assert.equal(windowsLogSources("Security", 4688), windowsLogSources("Security", 4624));
  assert.equal(windowsLogSources("Nobody's", 1), windowsLogSources("Another", 2));
  assert.ok(!has(windowsLogSources("Security", 4688), { category: "process_creation" }));
  assert.ok(has(windowsLogSources("Security", 4688, true), { category: "process_creation" }));
  assert.ok(has(windowsLogSources("Microsoft-Windows-Windows Defender/Operational", 1116), { category: "antivirus" }));
  assert.ok(has(linuxSysmonLogSources(1), { product: "linux", category: "process_creation" }));
  assert.equal(linuxSysmonLogSources(1), linuxSysmonLogSources(1));
});

test("windowsLogSources() stays bounded whatever channels strangers invent", () => {
  for (let i = 0; i < 20_000; i++) windowsLogSources(`channel ${i}`, i);
  assert.equal(windowsLogSources("Security", 1)[0]?.service, "security");
});

const lines = (path: string): Uint8Array => {
  const bytes = readFileSync(corpus + path);
  return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
};

test("every event of the corpora is read", { skip }, () => {
  const counts = { "sigmahq-regression": 143, otrf: 26_966, "evtx-attack-samples": 3329 };
  for (const [name, count] of Object.entries(counts)) {
    const bytes = lines(`windows/${name}.jsonl.gz`);
    assert.equal(detectFormat(headOf(bytes))?.id, "windows-json");
    const { records, problems } = readStream(windows, bytes);
    assert.deepEqual(problems, []);
    assert.equal(records.length, count, name);
    for (const record of records) {
      assert.match(record.event, /^[a-z0-9-]+-\d+$/);
      assert.equal(typeof record.fields["EventID"], "number");
      assert.equal(record.fields["Computer"], record.host);
      const { EventID: id } = record.fields;
      if (record.event === `sysmon-${String(id)}` && id === 3)
        assert.ok(record.source !== undefined && record.destination !== undefined);
    }
  }
});

test("the Linux side of the Log4Shell corpus is read: Sysmon's events and auoms'", { skip }, () => {
  const scenario = "log4shell_cve2021_44228_jndi_reference_2022-05-11181020.json";
  const sysmon = lines(`log4shell/syslog_sysmon_${scenario}`);
  assert.equal(detectFormat(headOf(sysmon))?.id, "sysmon-linux");
  const events = readStream(sysmonLinux, sysmon);
  assert.deepEqual(events.problems, []);
  assert.equal(events.records.length, new TextDecoder().decode(sysmon).trimEnd().split("\n").length);
  assert.ok(events.records.some(({ event, destination }) => event === "sysmon-3" && destination === "192.168.2.6"));
  // Syslog cut off the very event of the exploit
  const cut = events.records.filter(({ fields }) => fields["Truncated"] === "true");
  assert.deepEqual(
    cut.map(({ event, fields }) => [event, fields["ParentImage"], String(fields["CommandLine"]).slice(0, 15)]),
    [["sysmon-1", "/usr/lib/jvm/java-8-openjdk-amd64/jre/bin/java", "bash -c {echo,Y"]],
  );
  const audit = lines(`log4shell/syslog_auoms_auditd_${scenario}`);
  assert.equal(detectFormat(headOf(audit))?.id, "auditd");
  const calls = readStream(auditd, audit);
  assert.deepEqual(calls.problems, []);
  assert.equal(calls.records.length, 50);
  assert.ok(calls.records.every(({ fields }) => fields["SYSCALL"] === "execve" && fields["Image"] !== undefined));
});

test("auditd joins the records of an event however they are mixed, and lets go of what never ends", () => {
  const event = (serial: number): readonly string[] => [
    `type=SYSCALL msg=audit(1795075200.123:${serial}): arch=c000003e syscall=59 success=yes pid=${serial} exe="/bin/sh"`,
    `type=EXECVE msg=audit(1795075200.123:${serial}): argc=2 a0="sh" a1="${serial}"`,
    `type=PROCTITLE msg=audit(1795075200.123:${serial}): proctitle="sh"`,
  ];
  const two = [event(1), event(2)];
  const mixed = [0, 1, 2].flatMap((i) => two.map((parts) => parts[i] ?? "")).join("\n");
  const { records } = readText(auditd, mixed);
  assert.deepEqual(
    records.map(({ line, fields }) => [line, fields["CommandLine"]]),
    [
      [1, "sh 1"],
      [2, "sh 2"],
    ],
  );
  // a thousand events that never end: all are read, and at most 65 wait at a time
  const endless = Array.from({ length: 1000 }, (_, i) => event(i)[1] ?? "").join("\n");
  assert.deepEqual(
    readText(auditd, endless).records.map(({ line }) => line),
    Array.from({ length: 1000 }, (_, i) => i + 1),
  );
});

test("readEventXml() reads what it should and refuses what does not close", () => {
  const xml = `junk <?xml version="1.0"?><Event a='1'><!-- c --><A/><B>x &lt;&#38;&#x6d77;<![CDATA[<y>]]></B></Event> junk`;
  assert.deepEqual(readEventXml(xml), {
    name: "Event",
    attributes: Object.assign(Object.create(null), { a: "1" }),
    children: [
      { name: "A", attributes: Object.create(null), children: [] },
      { name: "B", attributes: Object.create(null), children: ["x <&海", "<y>"] },
    ],
  });
  for (const bad of ["<Event>", "<Event><A></B></Event>", "<Event><A", "nothing", "<Event>".repeat(40)])
    assert.equal(readEventXml(bad), undefined, bad);
  fc.assert(
    fc.property(fc.string(), fc.nat(xml.length), (text, at) => {
      readEventXml(xml.slice(0, at) + text + xml.slice(at));
    }),
  );
});

test("what is kept of an event shows no person and no secret", () => {
  const hash = (value: string): string => `#${value.length}`;
  const kept = (format: typeof windows, line: string): string => {
    const { records } = readText(format, line);
    const record = records[0];
    assert.ok(record, line);
    return policyText(line, record.fields, format.policy, hash, record.event);
  };
  const flat = kept(
    windows,
    JSON.stringify({ ...(shapes["flat"] as object), CommandLine: "a --password=hunter2", Message: "chan did" }),
  );
  assert.ok(!/chan|hunter2/.test(flat) && flat.includes("reg.exe"), flat);
  const nested = kept(windows, JSON.stringify(shapes["evtx_dump"]));
  assert.ok(!nested.includes("chan") && nested.includes("reg.exe"), nested);
  const audit = kept(
    auditd,
    `type=USER_LOGIN msg=audit(1795075200.1:1): pid=1 msg='op=login acct="mchan" addr=192.0.2.1 res=failed'`,
  );
  assert.ok(!audit.includes("mchan") && audit.includes("192.0.2.1"), audit);
  // "mchan" in hexadecimal cannot be found again by its value
  assert.equal(
    kept(auditd, `type=USER_LOGIN msg=audit(1795075200.1:1): pid=1 msg='op=login acct=6D6368616E res=failed'`),
    withheld,
  );
});
