import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseInstant, printInstant } from "#core/instant.ts";
import { deviceTime, patternTime } from "#telemetry/device-time.ts";
import { policyText } from "#telemetry/field-policy.ts";
import type { Format, LogSource } from "#telemetry/format.ts";
import { format as auditd } from "#telemetry/auditd/format.ts";
import { format as cef } from "#telemetry/cef/format.ts";
import { format as ecs } from "#telemetry/ecs/format.ts";
import { format as leef } from "#telemetry/leef/format.ts";
import { format as ocsf } from "#telemetry/ocsf/format.ts";
import { format as syslog } from "#telemetry/syslog/format.ts";
import { format as sysmonLinux } from "#telemetry/sysmon-linux/format.ts";
import { format as windows } from "#telemetry/windows-json/format.ts";
import { readText } from "./formats-bytes.ts";

const sourcesOf = (format: Format, line: string): readonly LogSource[] => {
  const { records } = readText(format, line);
  const [record] = records;
  assert.ok(record, line);
  const view = format.rules;
  assert.ok(view);
  const first = view.logSources(record.fields, record.event);
  assert.equal(view.logSources(record.fields, record.event), first, "the same array each time");
  return first;
};

test("law: syslog's structured data reads as it was written, whatever is escaped in it", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9.@-]{0,20}$/);
  const value = fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, " "));
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.dictionary(name, value, { maxKeys: 4 }), { minKeys: 1, maxKeys: 3 }),
      value,
      (data, text) => {
        const elements = Object.entries(data).map(
          ([id, params]) =>
            `[${[id, ...Object.entries(params).map(([key, one]) => `${key}="${one.replaceAll(/["\\\]]/g, String.raw`\$&`)}"`)].join(" ")}]`,
        );
        const { records, problems } = readText(
          syslog,
          `<13>1 2026-11-19T08:00:00Z web3 app - - ${elements.join("")} x${text}`,
        );
        assert.deepEqual(problems, []);
        assert.deepEqual(JSON.parse(JSON.stringify(records[0]?.fields["data"])), JSON.parse(JSON.stringify(data)));
        assert.equal(records[0]?.fields["message"], `x${text}`);
      },
    ),
  );
});

test("law: a CEF extension reads as it was written", () => {
  const key = fc
    .stringMatching(/^[a-z][A-Za-z0-9]{1,12}$/)
    .filter((one) => !/label$|^(?:start|rt|end|art|version|name|severity)/i.test(one));
  const value = fc
    .string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 })
    .map((text) => text.trim())
    .filter((text) => text !== "" && !/[\r\n]/.test(text));
  const escaped = (text: string): string => text.replaceAll(/[\\=]/g, String.raw`\$&`);
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 6 }), (pairs) => {
      const line = `CEF:0|V|P|1|100|n|5|rt=1795075200123 ${Object.entries(pairs)
        .map(([name, text]) => `${name}=${escaped(text)}`)
        .join(" ")}`;
      const { records } = readText(cef, line);
      for (const [name, text] of Object.entries(pairs)) assert.equal(records[0]?.fields[name], text, line);
    }),
  );
});

test("law: LEEF 2.0 attributes read as they were written, by any delimiter", () => {
  const key = fc
    .stringMatching(/^[a-z][A-Za-z0-9]{1,12}$/)
    .filter((one) => !/^(?:devTime|vendor|product|eventId|leefVersion)/.test(one));
  const value = fc.stringMatching(/^[A-Za-z0-9 :/.?&;^|]{0,20}$/).map((text) => text.trim());
  fc.assert(
    fc.property(
      fc.dictionary(key, value, { minKeys: 2, maxKeys: 6 }),
      fc.constantFrom("^", "|", "\t", "~"),
      (pairs, delimiter) => {
        const said = delimiter === "\t" ? "0x09" : delimiter === "|" ? "x7C" : delimiter;
        const body = Object.entries({ devTime: "1795075200123", ...pairs })
          .map(([name, text]) => `${name}=${text.replaceAll(delimiter, `\\${delimiter}`)}`)
          .join(delimiter);
        const { records, problems } = readText(leef, `LEEF:2.0|V|P|1|E|${said}|${body}`);
        assert.deepEqual(problems, []);
        for (const [name, text] of Object.entries(pairs)) assert.equal(records[0]?.fields[name], text, body);
      },
    ),
  );
});

test("deviceTime() and patternTime() read what devices write", () => {
  const at = parseInstant("2026-11-19T08:00:03.250Z");
  assert.ok(at.ok);
  const print = (time: ReturnType<typeof deviceTime>): string => (time === undefined ? "none" : printInstant(time));
  for (const text of [
    "1795075203250",
    "1795075203.25",
    "Nov 19 2026 08:00:03.250",
    "Nov 19 2026 08:00:03.250 UTC",
    "Nov 19 2026 16:00:03.250 +0800",
    "2026-11-19T16:00:03.250+08:00",
    "2026-11-19 08:00:03.250",
    "2026-11-19T08:00:03.250Z",
  ])
    assert.equal(print(deviceTime(text, {})), printInstant(at.value), text);
  assert.equal(print(deviceTime("Nov 19 08:00:03.250", { received: at.value })), printInstant(at.value));
  for (const text of ["yesterday", "Nov 19 08:00:03", "99999999999999999", ""])
    assert.equal(print(deviceTime(text, {})), "none", text);
  for (const [text, pattern] of [
    ["19/11/2026 08:00:03.250", "dd/MM/yyyy HH:mm:ss.SSS"],
    ["Nov 19 2026 08:00:03.250", "MMM dd yyyy HH:mm:ss.SSS"],
    ["2026-11-19T08:00:03.250+0000", "yyyy-MM-dd'T'HH:mm:ss.SSSZ"],
    ["Thu, 19 Nov 26 08:00:03.250 AM UTC", "EEE, dd MMM yy hh:mm:ss.SSS a z"],
  ] as const)
    assert.equal(print(patternTime(text, pattern, {})), printInstant(at.value), pattern);
  assert.equal(patternTime("19.11.2026", "dd/MM/yyyy", {}), undefined);
  assert.equal(patternTime("19/13/2026", "dd/MM/yyyy", {}), undefined);
});

test("a stamp without a year needs to know when it was received", () => {
  const reader = syslog.open();
  const read = reader.parse("Nov 19 08:00:00 web3 app: x");
  assert.ok(read && !read.ok);
  assert.equal(read.problem.code, "WGL_LOG_YEAR");
  const east = syslog.open({
    received: readText(syslog, "<13>1 2026-11-20T00:00:00Z a b - - - c").records[0]?.time ?? never(),
    offsetMinutes: 480,
  });
  const local = east.parse("Nov 19 08:00:00 web3 app: x");
  assert.ok(local?.ok);
  assert.equal(printInstant(local.value.time), "2026-11-19T00:00:00.000Z");
});
const never = (): never => assert.fail();

test("log sources: what a record is, as Sigma names it", () => {
  assert.deepEqual(
    sourcesOf(syslog, "<86>Nov 19 08:00:00 web3 sshd[1]: Accepted password for lo from 192.0.2.1 port 5 ssh2"),
    [
      { product: "linux", service: "syslog" },
      { product: "linux", service: "sshd" },
      { product: "linux", service: "auth" },
    ],
  );
  assert.deepEqual(sourcesOf(syslog, "<189>Nov 19 08:00:00 r1: %PARSER-5-CFGLOG_LOGGEDCMD: x").at(-1), {
    product: "cisco",
    service: "aaa",
  });
  assert.deepEqual(sourcesOf(cef, "CEF:0|M|Endpoint Protection|1|1|Virus|9|rt=1795075200123 virusName=x"), [
    { category: "antivirus" },
  ]);
  assert.deepEqual(sourcesOf(leef, "LEEF:1.0|M|Firewall|1|DENY|devTime=1795075200123\tdst=192.0.2.1\tdstPort=22"), [
    { category: "firewall" },
  ]);
  assert.deepEqual(
    sourcesOf(
      ecs,
      '{"@timestamp":"2026-11-19T08:00:00Z","event":{"category":["process"],"type":["start"]},"host":{"os":{"type":"windows"}}}',
    ),
    [{ product: "windows", category: "process_creation" }],
  );
  assert.deepEqual(sourcesOf(ecs, '{"@timestamp":"2026-11-19T08:00:00Z","event":{"dataset":"nginx.access"}}'), [
    { category: "webserver" },
  ]);
  assert.deepEqual(
    sourcesOf(ocsf, '{"class_uid":1007,"activity_id":1,"time":1795075200123,"device":{"os":{"type_id":200}}}'),
    [{ product: "linux", category: "process_creation" }],
  );
  assert.ok(
    sourcesOf(auditd, 'type=EXECVE msg=audit(1795075200.1:1): argc=1 a0="id"').some(
      ({ category }) => category === "process_creation",
    ),
  );
});

test("what is kept of a device's line shows no secret of its URL", () => {
  const line = String.raw`CEF:0|M|Proxy|1|1|n|5|rt=1795075200123 suser=chan request=https://bad.example/x?a\=1&password\=hunter2 act=x`;
  const [record] = readText(cef, line).records;
  assert.ok(record);
  const text = policyText(line, record.fields, cef.policy, (value) => `#${value.length}`, record.event);
  assert.ok(!/chan|hunter2/.test(text), text);
});

/** Formats of this file and the Windows ones; each is asked with the beginning that it goes deepest for. */
const begins: readonly (readonly [Format, readonly string[]])[] = [
  [windows, ['{"EventID":1,"CommandLine":"', '{"Event":{"System":{"EventID":1,"x":"']],
  [sysmonLinux, ["Nov 19 08:00:00 a sysmon: <Event><System><EventID>1</EventID>", "<Event ", "<Event><A b='"]],
  [auditd, ["type=EXECVE msg=audit(1795075200.1:1): ", "type=AUOMS_EXECVE audit(1795075200.1:1): cmdline="]],
  [
    syslog,
    [
      '<13>1 2026-11-19T08:00:00Z a b - - [x y="',
      "<13>1 2026-11-19T08:00:00Z a sshd - - - Failed password for ",
      "Nov 19 08:00:00 a b: http://",
    ],
  ],
  [cef, ["CEF:0|", "CEF:0|a|b|c|d|e|5|", "CEF:0|a|b|c|d|e|5|rt=1 request="]],
  [leef, ["LEEF:2.0|a|b|c|d|^|", "LEEF:1.0|a|b|c|d|"]],
  [ecs, ['{"@timestamp":"2026-11-19T08:00:00Z","process":{"command_line":"']],
  [ocsf, ['{"class_uid":1,"time":1795075200123,"x":"']],
];
const fillings = [
  "a",
  " ",
  "=",
  "a=",
  " a=",
  "\\",
  "|",
  "^a=b",
  "://",
  "http://a ",
  "<a>",
  "</a",
  "<!--",
  "&#1;",
  '"',
  "']",
  "[",
  "SRC=",
  "1.",
  ":",
  "\t",
  "\u001d",
  "from 1",
  "\ufeff",
];

test("a hostile line of 32 KiB is read, or refused, in linear time", () => {
  for (const [format, heads] of begins)
    for (const head of heads)
      for (const filling of fillings) {
        const line = head + filling.repeat(32_768 / filling.length);
        const reader = format.open({});
        const began = process.cpuUsage();
        reader.parse(line);
        const { user, system } = process.cpuUsage(began);
        const took = (user + system) / 1000;
        assert.ok(took < 400, `${format.id}: ${head} ${JSON.stringify(filling)} took ${took} ms`);
      }
});

test("JSON as deep as a stack is refused, and what is not so deep is read and kept", () => {
  const heads = [
    [windows, '{"EventID":1,"Channel":"Security","TimeCreated":"2026-11-19T08:00:00Z","a":'],
    [ecs, '{"@timestamp":"2026-11-19T08:00:00Z","a":'],
    [ocsf, '{"class_uid":1,"time":1795075200123,"a":'],
  ] as const;
  for (const [format, head] of heads) {
    const line = (depth: number): string => `${head}${"[".repeat(depth)}${"]".repeat(depth)}}`;
    const { problems } = readText(format, line(100_000));
    assert.equal(problems[0]?.problem.code, "WGL_LOG_JSON");
    const [record] = readText(format, line(2000)).records;
    assert.ok(record ?? readText(format, line(2000)).problems.length === 1);
    const kept = readText(format, line(200)).records[0];
    assert.ok(kept);
    policyText(line(200), kept.fields, { a: "drop" }, (value) => value);
  }
});
