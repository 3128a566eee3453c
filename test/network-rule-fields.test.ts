import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { parseAllDocuments } from "yaml";
import { instant } from "#core/instant.ts";
import { untar } from "#feeds/untar.ts";
import type { LogSource } from "#telemetry/format.ts";
import { formatById } from "#telemetry/index.ts";
import { isObject, valueAt } from "#telemetry/record-fields.ts";
import { linesOf } from "./formats-scan.ts";

const rules = fileURLToPath(
  new URL("../../shared/corpora/detection/sigma/sigmahq-rules-8eaafff1.tar.gz", import.meta.url),
);
const skip = existsSync(rules) ? false : "the shared corpora are not beside this checkout";
const folder = fileURLToPath(new URL("../src/telemetry/", import.meta.url));
const received = instant(Date.UTC(2026, 10, 20));

interface Rule {
  readonly source: LogSource;
  readonly fields: ReadonlySet<string>;
}

/** Field names of a detection: keys of its maps, modifiers off; keywords have none. */
const fieldsOf = (detection: unknown, into: Set<string>): void => {
  if (Array.isArray(detection)) for (const item of detection) fieldsOf(item, into);
  else if (isObject(detection))
    for (const key of Object.keys(detection)) if (!key.startsWith("|")) into.add(key.split("|")[0] ?? "");
  into.delete("");
};

/** Rules for machines, of which there are six times as many, are not parsed: their log sources are other formats'. */
const ofMachines = /^ {2,4}product: ['"]?(?:windows|linux|macos)['"]?\s*$/m;

const readRules = (): readonly Rule[] => {
  const found: Rule[] = [];
  let files = 0;
  for (const entry of untar(gunzipSync(readFileSync(rules)))) {
    if (!entry.name.endsWith(".yml")) continue;
    files++;
    const text = new TextDecoder().decode(entry.bytes);
    if (ofMachines.test(text)) continue;
    for (const document of parseAllDocuments(text)) {
      const rule: unknown = document.toJS();
      if (!isObject(rule) || !isObject(rule["logsource"]) || !isObject(rule["detection"])) continue;
      const { product, category, service } = rule["logsource"] as LogSource;
      const fields = new Set<string>();
      for (const [name, detection] of Object.entries(rule["detection"]))
        if (name !== "condition" && name !== "timeframe") fieldsOf(detection, fields);
      found.push({
        source: { ...(product ? { product } : {}), ...(category ? { category } : {}), ...(service ? { service } : {}) },
        fields,
      });
    }
  }
  assert.ok(files > 3700, String(files));
  assert.ok(found.length > 500, String(found.length));
  return found;
};

const applies = (rule: LogSource, record: LogSource): boolean =>
  (["product", "category", "service"] as const).every(
    (part) => rule[part] === undefined || rule[part] === record[part],
  );

/**
 * Fields of rules that the records of a format do not have, by what kind of rule asks, each with its reason. `own` are
 * names that the format's own specification gives its records: they need no other name.
 */
const absent: Readonly<Record<string, readonly { readonly fields: string; readonly why: string }[]>> = {
  "suricata-eve": [
    { fields: "cs-content-type", why: "EVE writes the type of the answer only" },
    { fields: "cs-username", why: "EVE writes no user of a request" },
    { fields: "c-uri-extension", why: "EVE has no column for it, and a rule's list of extensions equals no URL" },
  ],
  zeek: [
    { fields: "cs-content-type", why: "http.log names the types of bodies as it saw them, not as they were declared" },
    { fields: "c-uri-extension", why: "http.log has no column for it, and a rule's list of extensions equals no URI" },
    { fields: "action blocked", why: "conn.log is of what passed by, not of what was decided" },
  ],
  "access-log": [{ fields: "cs-content-type", why: "no usual log format writes it" }],
  "nginx-json": [{ fields: "cs-content-type", why: "no usual log format writes it" }],
  iis: [
    {
      fields: "cs-content-type",
      why: "no column of IIS; kept under its own name where a W3C log has cs(Content-Type)",
    },
  ],
  squid: [{ fields: "cs-cookie", why: "Squid's formats do not write it" }],
  "bind-query": [{ fields: "answer", why: "a query log is of questions" }],
  netflow: [{ fields: "action blocked", why: "a flow is what passed, not what was decided" }],
  cloudtrail: [{ fields: "src_country", why: "a record has an address; where it is, enrichment must say" }],
  fortigate: [
    { fields: "sc-status cs-cookie", why: "a web filter decides before the server has answered, and logs no cookie" },
  ],
  paloalto: [{ fields: "sc-status cs-cookie", why: "a URL log is of the request" }],
};

/** Parts of records whose members the service itself names, call by call. */
const own: Readonly<Record<string, RegExp>> = {
  // CloudTrail record contents, and the parameters of each AWS API
  cloudtrail:
    /^(?:requestParameters|responseElements|userIdentity|additionalEventData)(?:\.|$)|^(?:errorCode|errorMessage|eventType)$/,
  // http.log and dns.log of Zeek's base/protocols/*/main.zeek
  zeek: /^(?:Z|rejected|endpoint|operation|cipher|request_type|service|path|name|request_body_len|client_header_names|resp_mime_types|user_agent|status_code)$/,
  "kubernetes-audit": /^(?:objectRef|responseStatus)\./,
  // Office 365 Management Activity API schema, by workload
  "azure-signin": /^(?:Directionality|DeliveryAction|Workload|ApplicationId|ObjectId|ResultStatus)$/,
};

const ids = [
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
  "suricata-eve",
  "zeek",
];

test("every field of SigmaHQ's rules for a format's log sources is named, in its records, or absent for a reason", {
  skip,
}, () => {
  const all = readRules();
  const served: Record<string, number> = {};
  const missing: string[] = [];
  for (const id of ids) {
    const format = formatById(id);
    assert.ok(format?.rules, id);
    const records = readdirSync(join(folder, id))
      .filter((name) => name.startsWith("sample") && !name.endsWith(".expected.json"))
      .flatMap((name) => {
        const reader = format.open({ received });
        return linesOf(readFileSync(join(folder, id, name))).flatMap((line) => {
          const read = reader.parse(line);
          return read?.ok === true ? [read.value] : [];
        });
      });
    const sources = new Set(records.flatMap((record) => format.rules?.logSources(record.fields, record.event) ?? []));
    const excused = new Set((absent[id] ?? []).flatMap(({ fields }) => fields.split(" ")));
    const used = new Set<string>();
    for (const rule of all) {
      if (Object.keys(rule.source).length === 0 || ![...sources].some((source) => applies(rule.source, source)))
        continue;
      served[id] = (served[id] ?? 0) + 1;
      for (const field of rule.fields) {
        const known =
          Object.hasOwn(format.rules.names, field) ||
          own[id]?.test(field) === true ||
          records.some((record) => valueAt(record.fields, field) !== undefined);
        if (excused.has(field)) used.add(field);
        else if (!known) missing.push(`${id} ${JSON.stringify(rule.source)} ${field}`);
      }
    }
    for (const field of excused) assert.ok(used.has(field), `${id}: ${field} is excused and no rule asks for it`);
  }
  assert.deepEqual([...new Set(missing)].toSorted(), []);
  for (const id of [
    "access-log",
    "cloudtrail",
    "azure-signin",
    "zeek",
    "squid",
    "bind-query",
    "kubernetes-audit",
    "fortigate",
  ])
    assert.ok((served[id] ?? 0) > 0, `${id}: ${JSON.stringify(served)}`);
});

/** Rules of these log sources are read by at least one of the formats. */
test("SigmaHQ's log sources of networks, web servers, clouds and firewalls have a format that serves them", {
  skip,
}, () => {
  const unserved: Record<string, number> = {};
  for (const { source } of readRules()) {
    const asked = (["product", "category", "service"] as const).map((part) => source[part] ?? "").join("/");
    if (
      !/^(?:aws|azure|m365|kubernetes|zeek|fortigate|paloalto)\/|^\/(?:webserver|proxy|dns|firewall)\/|^\/\/netflow/.test(
        asked,
      )
    )
      continue;
    const isServed = ids.some((id) => {
      const format = formatById(id);
      return format?.rules !== undefined && declared(id).some((record) => applies(source, record));
    });
    if (!isServed) unserved[asked] = (unserved[asked] ?? 0) + 1;
  }
  assert.deepEqual(unserved, {
    // Files of the appliance's own (mp-log, gpsvc.log), and what an agent on it sees: not what PAN-OS logs
    "paloalto/appliance/globalprotect": 1,
    "paloalto/file_event/globalprotect": 1,
  });
});

/** Log sources of a format: of its samples, and of the kinds of record that a few words ask for. */
const declared = (id: string): readonly LogSource[] => {
  const format = formatById(id);
  const kinds: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["pim", {}],
    ["sign-in", {}],
    ["audit", {}],
    ["risk", {}],
    ["activity", {}],
    ["x", { Workload: "SecurityComplianceCenter" }],
    ["x", { Workload: "Exchange" }],
    ...["dce_rpc", "dns", "http", "kerberos", "rdp", "smb_files", "x509", "flow", "netflow", "traffic", "event"].map(
      (event) => [event, {}] as const,
    ),
  ];
  return kinds.flatMap(([event, fields]) => format?.rules?.logSources(fields, event) ?? []);
};
