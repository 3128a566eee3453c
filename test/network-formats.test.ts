import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { type Instant, instant } from "#core/instant.ts";
import { policyText, withheld } from "#telemetry/field-policy.ts";
import type { Format, TelemetryRecord } from "#telemetry/format.ts";
import { detectFormat, formatById, formats } from "#telemetry/index.ts";
import { yearlessTime } from "#telemetry/local-time.ts";
import { withoutSecrets } from "#telemetry/secrets.ts";
import { syslogHead } from "#telemetry/syslog-head.ts";
import { textForm } from "#telemetry/text-form.ts";
import { WrappedRecordSplitter } from "#telemetry/wrapped-records.ts";
import { linesOf, missedByScan } from "./formats-scan.ts";

const corpus = fileURLToPath(new URL("../../shared/corpora/detection/", import.meta.url));
const skip = existsSync(corpus) ? false : "the shared corpora are not beside this checkout";
const received = instant(Date.UTC(2026, 10, 20));
const folder = fileURLToPath(new URL("../src/telemetry/", import.meta.url));

const formatOf = (id: string): Format => {
  const format = formatById(id);
  assert.ok(format, id);
  return format;
};

const read = (id: string, line: string, at: Instant = received): TelemetryRecord => {
  const result = formatOf(id).open({ received: at }).parse(line);
  assert.ok(result?.ok, `${id}: ${line}`);
  return result.value;
};

const mine = [
  "access-log",
  "azure-signin",
  "bind-query",
  "cloudtrail",
  "dnsmasq",
  "dnstap-json",
  "fortigate",
  "iis",
  "kubernetes-audit",
  "netflow",
  "nginx-json",
  "paloalto",
  "pfsense",
  "squid",
] as const;

/** Each record of a format's samples with its line. */
const sampled = (id: string): readonly { readonly line: string; readonly record: TelemetryRecord }[] =>
  readdirSync(join(folder, id))
    .filter((name) => name.startsWith("sample") && !name.endsWith(".expected.json"))
    .flatMap((name) => {
      const reader = formatOf(id).open({ received });
      return linesOf(readFileSync(join(folder, id, name))).flatMap((line) => {
        const result = reader.parse(line);
        return result?.ok === true ? [{ line, record: result.value }] : [];
      });
    });

test("access-log reads every request of the Core Rule Set's tests as it was sent", { skip }, () => {
  const lines = gunzipSync(readFileSync(join(corpus, "web/crs-requests.jsonl.gz")))
    .toString()
    .trim()
    .split("\n");
  const reader = formatOf("access-log").open({ received });
  const told = { lines: 0, targets: 0, agents: 0 };
  const combined: string[] = [];
  for (const line of lines) {
    const request = JSON.parse(line) as {
      readonly method: string;
      readonly uri: string;
      readonly combined: string;
      readonly headers: Readonly<Record<string, string>>;
    };
    combined.push(request.combined);
    const result = reader.parse(request.combined);
    assert.ok(result?.ok, request.combined);
    const { http, source } = result.value;
    assert.match(source ?? "", /^203\.0\.113\./);
    told.lines++;
    const target = (http?.path ?? "") + (http?.query === undefined ? "" : `?${http.query}`);
    if (target === request.uri && http?.method === request.method.toUpperCase()) told.targets++;
    if ((http?.agent ?? "") === (request.headers["User-Agent"] ?? "").trim()) told.agents++;
  }
  assert.equal(told.lines, 2521);
  assert.equal(told.targets, 2521);
  // The rendering of the line writes some agents with escapes of its own.
  assert.ok(told.agents >= 2400, JSON.stringify(told));
  assert.deepEqual(missedByScan(formatOf("access-log"), new TextEncoder().encode(combined.join("\n"))), []);
  assert.equal(detectFormat(new TextEncoder().encode(combined.join("\n").slice(0, 4096)))?.id, "access-log");
});

test("cloudtrail reads every record of the exfiltration capture, with its caller", { skip }, () => {
  const bytes = readFileSync(join(corpus, "cloud/ec2_proxy_s3_exfiltration_2020-09-14011940.json"));
  assert.equal(detectFormat(bytes.subarray(0, 4096))?.id, "cloudtrail");
  const lines = linesOf(bytes).filter((line) => line !== "");
  const records = lines.map((line) => read("cloudtrail", line));
  assert.equal(records.length, 103);
  assert.ok(records.every((record) => record.seen.some((seen) => seen.where === "source")));
  assert.ok(records.some((record) => record.event === "GetObject"));
});

test("a record of a flow is known at its end: until is never before time, and only there when it is later", () => {
  for (const format of formats)
    for (const { record, line } of sampled(format.id))
      if (record.until !== undefined) assert.ok(record.until > record.time, line);
  for (const [id, event] of [
    ["suricata-eve", "flow"],
    ["zeek", "conn"],
    ["netflow", "flow"],
    ["squid", "proxy"],
    ["fortigate", "traffic"],
    ["paloalto", "TRAFFIC"],
  ] as const)
    assert.ok(
      sampled(id).some(({ record }) => record.event === event && record.until !== undefined),
      id,
    );
});

test("every sample's own format claims it before any other does, also through a syslog relay", () => {
  for (const id of ["access-log", "squid", "bind-query", "dnsmasq", "pfsense", "fortigate", "paloalto"]) {
    const relayed = sampled(id)
      .map(({ line }) => line)
      .filter((line) => line.startsWith("<") || /^[A-Z][a-z]{2} /.test(line));
    if (relayed.length === 0) continue;
    assert.equal(detectFormat(new TextEncoder().encode(`${relayed.join("\n")}\n`))?.id, id);
  }
});

test("a stream of many programs is not taken for a resolver's or a firewall's own", () => {
  const mixed = [
    "Nov 19 08:00:00 gw sshd[12]: Accepted publickey for chan from 10.20.4.31 port 22 ssh2",
    "Nov 19 08:00:01 gw cron[13]: (root) CMD (true)",
    "Nov 19 08:00:02 gw dnsmasq[811]: query[A] www.ferry.example from 10.20.4.31",
    "Nov 19 08:00:03 gw kernel: eth0 up",
    "Nov 19 08:00:04 gw sshd[12]: Connection closed by 192.0.2.66 port 4905",
  ].join("\n");
  const found = detectFormat(new TextEncoder().encode(`${mixed}\n`))?.id;
  assert.ok(!(mine as readonly string[]).includes(found ?? ""), found);
});

const hash = (value: string): string => `h:${Buffer.from(value).toString("base64url").slice(-6)}${value.length}`;

/** Everything that the policy takes out of a record, as text. */
const takenOut = (format: Format, record: TelemetryRecord): readonly string[] =>
  Object.entries(format.policy).flatMap(([path, act]) => {
    // Copies of a part as text are taken out; the part stays, and has a policy of its own.
    if (act === "secrets" || path.endsWith("Text")) return [];
    const found: string[] = [];
    const walk = (value: unknown, rest: string): void => {
      if (Array.isArray(value)) for (const item of value) walk(item, rest);
      else if (typeof value === "object" && value !== null) {
        const fields = value as Readonly<Record<string, unknown>>;
        if (Object.hasOwn(fields, rest)) collect(fields[rest]);
        for (let dot = rest.indexOf("."); dot > 0; dot = rest.indexOf(".", dot + 1))
          if (Object.hasOwn(fields, rest.slice(0, dot))) walk(fields[rest.slice(0, dot)], rest.slice(dot + 1));
      }
    };
    const collect = (value: unknown): void => {
      if (typeof value === "string" && value.length > 3) found.push(value);
      else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) collect(item);
    };
    walk(record.fields, path);
    return found;
  });

test("the evidence of a sample line never shows what the policy takes out, nor a secret of a query string", () => {
  let touched = 0;
  for (const id of mine) {
    const format = formatOf(id);
    for (const { line, record } of sampled(id)) {
      const kept = policyText(line, record.fields, format.policy, hash, record.event);
      for (const value of takenOut(format, record)) {
        touched++;
        assert.ok(!kept.includes(value), `${id} shows ${value}: ${kept}`);
      }
      for (const secret of ["Tr0ub4dor", "s3cr3t", "token=abc"]) assert.ok(!kept.includes(secret), `${id}: ${kept}`);
      // What may be seen is still there to be seen, unless it stands beside something that was written with escapes.
      if (record.source !== undefined && !line.includes('""')) assert.notEqual(kept, withheld, line);
    }
  }
  assert.ok(touched >= 30, String(touched));
});

test("withoutSecrets() keeps the path and the other parameters, byte for byte", () => {
  for (const [text, kept] of [
    ["/login?user=chan&password=Tr0ub4dor&next=%2Fhome", `/login?user=chan&password=${withheld}&next=%2Fhome`],
    ["/a;jsessionid=1A2B?x=1", `/a;jsessionid=${withheld}?x=1`],
    ["https://chan:pw@www.pier.example/x", `https://chan:${withheld}@www.pier.example/x`],
    ["/cb#access_token=abc&expires_in=1", `/cb#access_token=${withheld}&expires_in=1`],
    ["q=1&p%61ssword=x", `q=1&p%61ssword=${withheld}`],
    ["/search?q=password+reset&page=2", "/search?q=password+reset&page=2"],
    ["/a?tokenless&x", "/a?tokenless&x"],
    ["GET /a?api_key=1 HTTP/1.1", `GET /a?api_key=${withheld} HTTP/1.1`],
  ] as const)
    assert.equal(withoutSecrets(text), kept);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const once = withoutSecrets(text);
      assert.equal(withoutSecrets(once), once);
    }),
  );
});

test("yearlessTime() is the last such moment before the bytes came, a day of clock error allowed", () => {
  const at = (text: string, iso: string): string => {
    const time = yearlessTime(text, { received: instant(Date.parse(iso)) });
    return time.ok ? new Date(time.value).toISOString() : time.problem.code;
  };
  assert.equal(at("Dec 31 23:59:59", "2027-01-01T00:00:10Z"), "2026-12-31T23:59:59.000Z");
  assert.equal(at("Jan  1 00:00:05", "2026-12-31T23:59:50Z"), "2027-01-01T00:00:05.000Z", "a clock that is ahead");
  assert.equal(at("Feb 29 12:00:00", "2027-03-01T00:00:00Z"), "2024-02-29T12:00:00.000Z");
  assert.equal(at("Feb 30 12:00:00", "2027-03-01T00:00:00Z"), "WGL_TIME");
  const never = yearlessTime("Nov 19 08:00:00", {});
  assert.equal(never.ok ? "" : never.problem.code, "WGL_LOG_YEAR");
  const east = yearlessTime("Nov 19 08:00:00", { received, offsetMinutes: 480 });
  assert.equal(east.ok && new Date(east.value).toISOString(), "2026-11-19T00:00:00.000Z");
});

test("syslogHead() takes either head off, and leaves a line that has none", () => {
  assert.deepEqual(syslogHead('<134>1 2026-11-19T08:00:02Z fw filterlog 811 - [a b="]"] rest'), {
    time: "2026-11-19T08:00:02Z",
    host: "fw",
    app: "filterlog",
    rest: "rest",
  });
  assert.deepEqual(syslogHead("<134>Nov  9 08:00:00 fw squid[1]: rest: of"), {
    time: "Nov  9 08:00:00",
    host: "fw",
    app: "squid",
    rest: "rest: of",
  });
  assert.deepEqual(syslogHead("10.0.0.1 - - rest"), { rest: "10.0.0.1 - - rest" });
});

/** The records a splitter gives of a stream cut at `cuts`, each with its line. */
const split = (text: string, cuts: readonly number[], list = "Records"): readonly string[] => {
  const splitter = new WrappedRecordSplitter(list);
  const bytes = new TextEncoder().encode(text);
  const found: string[] = [];
  const onLine = (buffer: Uint8Array, start: number, end: number, line: number): void => {
    found.push(`${line} ${new TextDecoder().decode(buffer.subarray(start, end))}`);
  };
  const refused = (line: number): void => {
    found.push(`${line} refused`);
  };
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    splitter.push(bytes.slice(from, place), onLine, refused);
    from = place;
  }
  splitter.end(onLine, refused);
  return found;
};

const wrapped =
  '{ "a": {"Records": [1]}, "Records" : [ {"n":1,"t":"]}\\"{"},\n {"n":2} ], "next": ["x", {"y":1}] }\n{"n":3}\n';

test("WrappedRecordSplitter gives the records of a list, and those beside it", () => {
  assert.deepEqual(split(wrapped, []), ['1 {"n":1,"t":"]}\\"{"}', '2 {"n":2}', '3 {"n":3}']);
  assert.deepEqual(split('[{"n":1},\n{"n":2,"Records":3}]', []), ['1 {"n":1}', '2 {"n":2,"Records":3}']);
  assert.deepEqual(split('{"kind":"EventList","items":[{"n":1}]}', [], "items"), ['1 {"n":1}']);
  assert.deepEqual(split('{"Records":[]}', []), []);
});

test("WrappedRecordSplitter hands broken records on and goes on with the next line", () => {
  assert.deepEqual(split('{"n":1}\n{"n":2,"t":"cut\n{"n":3}\n', []), ['1 {"n":1}', '2 {"n":2,"t":"cut', '3 {"n":3}']);
  assert.deepEqual(split('{"n":1,\n{"n":2}\n', []), ['1 {"n":1,\n', '2 {"n":2}']);
  assert.deepEqual(split('oops {\n{"n":2}\n', []), ["1 oops {", '2 {"n":2}']);
  assert.deepEqual(split('{"Records":[{"n":1},{"n":2,"t":', []), ['1 {"n":1}', '1 {"n":2,"t":']);
});

test("law: WrappedRecordSplitter gives the same wherever the stream is cut into chunks", () => {
  const piece = fc.constantFrom(
    wrapped,
    '{"n":1}\n',
    '{"t":"cut\n',
    "oops\n",
    '[{"n":2},{"n":3}]\n',
    '{"Records":[{"n":4}',
    "\n",
    '"]}{[',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 8 }), (pieces, cuts) => {
      const text = pieces.join("");
      assert.deepEqual(split(text, cuts), split(text, []));
    }),
    { numRuns: 500 },
  );
});

test("CloudTrail's files, Graph's answers and Kubernetes' event lists are cut into their records", () => {
  for (const [id, list] of [
    ["cloudtrail", "Records"],
    ["azure-signin", "value"],
    ["azure-signin", "records"],
    ["kubernetes-audit", "items"],
  ] as const) {
    const lines = sampled(id).map(({ line }) => line);
    const file = `{"kind":"x","${list}":[${lines.join(",\n")}]}`;
    const splitter = formatOf(id).split?.();
    assert.ok(splitter);
    const found: string[] = [];
    const bytes = new TextEncoder().encode(file);
    splitter.push(
      bytes,
      (buffer, start, end) => found.push(new TextDecoder().decode(buffer.subarray(start, end))),
      assert.fail,
    );
    splitter.end(() => assert.fail(), assert.fail);
    assert.deepEqual(found, lines);
    assert.equal(detectFormat(bytes.subarray(0, 4096))?.id, id);
  }
});

test("a line of half a megabyte of anything is read or refused, never an exception, and in time that follows its length", () => {
  const fills = [
    "A",
    "A_",
    '"',
    "\\",
    " ",
    "=",
    '="',
    "[",
    "](",
    "client 1.1.1.1#1 (",
    '[x] "',
    ",",
    '",',
    "?a=",
    "://a:",
    "x=1;",
    "-",
    "\u00e9",
    "0",
    "date=2026-devid=",
    "Nov 19 08:00:00 a ",
  ];
  for (const id of mine) {
    const format = formatOf(id);
    const reader = format.open({ received });
    const starts = [
      "",
      ...sampled(id)
        .slice(0, 2)
        .map(({ line }) => line.slice(0, Math.floor(line.length / 2))),
    ];
    for (const fill of fills)
      for (const start of starts) {
        const line = start + fill.repeat(Math.floor((1 << 19) / fill.length));
        const began = performance.now();
        const result = reader.parse(line);
        const took = performance.now() - began;
        // A quadratic reader takes minutes; a linear one some tens of milliseconds, on a busy machine too.
        assert.ok(took < 5000, `${id} took ${took} ms for ${JSON.stringify(fill)} after ${start}`);
        if (result?.ok === true) policyText(line, result.value.fields, format.policy, hash, result.value.event);
      }
  }
});

test("parameters can be looked into as text, with the quotes of documents within them", () => {
  const text = textForm({ policyDocument: '{"Action":"s3:GetObject","Effect":"Allow"}', n: [1] }) ?? "";
  for (const part of ['"s3:GetObject"', '"Allow"', "policyDocument", "[1]"]) assert.ok(text.includes(part), text);
  assert.equal(textForm("text"), undefined);
  assert.equal(textForm(null), undefined);
});

test("log-ons are told with who and whether, whatever the format", () => {
  const eve = (event: string, part: object): TelemetryRecord =>
    read(
      "suricata-eve",
      JSON.stringify({
        timestamp: "2026-11-19T00:00:00Z",
        event_type: event,
        src_ip: "10.20.4.31",
        dest_ip: "10.20.0.9",
        [event]: part,
      }),
    );
  const zeek = (fields: object): TelemetryRecord =>
    read(
      "zeek",
      JSON.stringify({ ts: 1795046520, uid: "C1", "id.orig_h": "10.20.4.31", "id.resp_h": "10.20.0.9", ...fields }),
    );
  const setup = "SMB2_COMMAND_SESSION_SETUP";
  for (const [record, session] of [
    [
      eve("krb5", { msg_type: "KRB_AS_REP", cname: "chan" }),
      { account: "chan", outcome: "success", service: "kerberos" },
    ],
    [
      eve("krb5", { msg_type: "KRB_ERROR", error_code: "KDC_ERR_PREAUTH_FAILED", cname: "chan" }),
      { account: "chan", outcome: "failure", service: "kerberos" },
    ],
    [eve("krb5", { msg_type: "KRB_ERROR", error_code: "KDC_ERR_PREAUTH_REQUIRED" }), undefined],
    [eve("krb5", { msg_type: "KRB_TGS_REP", cname: "chan" }), undefined],
    [
      eve("smb", { command: setup, status: "STATUS_LOGON_FAILURE", ntlmssp: { user: "chan", domain: "PIER" } }),
      { account: "PIER\\chan", outcome: "failure", service: "smb" },
    ],
    [eve("smb", { command: setup, status: "STATUS_MORE_PROCESSING_REQUIRED" }), undefined],
    [eve("ftp", { completion_code: ["530"] }), { outcome: "failure", service: "ftp" }],
    [zeek({ _path: "ssh", auth_success: false }), { outcome: "failure", service: "ssh" }],
    [
      zeek({ _path: "ntlm", username: "chan", domainname: "PIER", success: true }),
      { account: "PIER\\chan", outcome: "success", service: "ntlm" },
    ],
    [
      zeek({
        _path: "kerberos",
        request_type: "AS",
        client: "chan/PIER",
        success: false,
        error_msg: "KDC_ERR_PREAUTH_REQUIRED",
      }),
      undefined,
    ],
    [
      zeek({ _path: "kerberos", request_type: "AS", client: "chan/PIER", success: true }),
      { account: "chan/PIER", outcome: "success", service: "kerberos" },
    ],
    [zeek({ _path: "ftp", user: "chan", reply_code: 230 }), { account: "chan", outcome: "success", service: "ftp" }],
  ] as const)
    assert.deepEqual(record.session, session);
});

test("files on shares are told as acts, from Zeek and from Suricata", () => {
  const zeek = (fields: object) =>
    read("zeek", JSON.stringify({ _path: "smb_files", ts: 1795046520, uid: "C1", path: "\\\\FILES\\plans", ...fields }))
      .file;
  assert.deepEqual(zeek({ action: "SMB::FILE_RENAME", name: "plan.pdf.locked", prev_name: "plan.pdf" }), {
    act: "rename",
    path: "plan.pdf",
    to: "plan.pdf.locked",
    share: "\\\\FILES\\plans",
  });
  assert.deepEqual(zeek({ action: "SMB::FILE_DELETE", name: "plan.pdf" }), {
    act: "delete",
    path: "plan.pdf",
    share: "\\\\FILES\\plans",
  });
  assert.equal(zeek({ action: "SMB::SOMETHING", name: "plan.pdf" }), undefined);
  const eve = (smb: object) =>
    read("suricata-eve", JSON.stringify({ timestamp: "2026-11-19T00:00:00Z", event_type: "smb", smb })).file;
  assert.deepEqual(
    eve({
      command: "SMB2_COMMAND_CREATE",
      filename: "a.doc",
      share: "\\\\FILES\\plans",
      disposition: "FILE_OVERWRITE_IF",
    }),
    {
      act: "create",
      path: "a.doc",
      share: "\\\\FILES\\plans",
    },
  );
  assert.deepEqual(eve({ command: "SMB2_COMMAND_SET_INFO", rename: { from: "a.doc", to: "a.doc.locked" } }), {
    act: "rename",
    path: "a.doc",
    to: "a.doc.locked",
  });
});

test("Suricata 7 and 8 events of every kind are read, those nobody knows too", () => {
  const kinds =
    "alert anomaly arp bittorrent_dht dcerpc dhcp dnp3 dns doh2 drop email enip fileinfo flow frame ftp ftp_data http http2 ike krb5 ldap mdns metadata modbus mqtt netflow nfs packet pgsql pop3 quic rdp rfb sip smb smtp snmp ssh stats template tftp tls tunnel verdict websocket tomorrow";
  const format = formatOf("suricata-eve");
  for (const kind of kinds.split(" ")) {
    const record = read(
      "suricata-eve",
      JSON.stringify({
        timestamp: "2026-11-19T00:00:00Z",
        event_type: kind,
        src_ip: "10.20.4.31",
        dest_ip: "203.0.113.9",
        [kind]: { x: 1 },
      }),
    );
    assert.equal(record.event, kind);
    assert.equal(record.seen.length, 2);
    const sources = format.rules?.logSources(record.fields, kind);
    assert.ok(sources?.every((source) => source.product === "suricata" || source.service === "netflow"));
    assert.equal(sources, format.rules?.logSources(record.fields, kind), "the same array for the same kind");
  }
});
