import type { LogSource, RuleView } from "#telemetry/format.ts";

const zeek = (service: string, ...categories: readonly string[]): readonly LogSource[] =>
  categories.length === 0
    ? [{ product: "zeek", service }]
    : categories.map((category) => ({ product: "zeek", service, category }));

const made = new Map<string, readonly LogSource[]>([
  ["dns", zeek("dns", "dns")],
  // A request seen on the wire is what a proxy would have logged of it, and what the server did.
  ["http", zeek("http", "proxy", "webserver")],
  ["conn", zeek("conn", "firewall")],
]);
const other: readonly LogSource[] = [{ product: "zeek" }];
/** Zeek has some 70 logs; names come from the data, so there is an end to what is kept of them. */
const mostLogs = 256;

/** Zeek's own names are Sigma's for product `zeek`; the generic ones for `dns`, `proxy`, `webserver`, `firewall`. */
export const rules: RuleView = {
  products: ["zeek"],
  logSources: (_fields, event) => {
    const known = made.get(event);
    if (known !== undefined) return known;
    if (made.size >= mostLogs || !/^[a-z][a-z0-9_-]{0,40}$/.test(event)) return other;
    const sources = zeek(event);
    made.set(event, sources);
    return sources;
  },
  names: {
    // Shippers flatten the dots.
    "id.orig_h": ["id.orig_h", "id_orig_h"],
    "id.orig_p": ["id.orig_p", "id_orig_p"],
    "id.resp_h": ["id.resp_h", "id_resp_h"],
    "id.resp_p": ["id.resp_p", "id_resp_p"],
    "certificate.serial": ["certificate.serial", "certificate_serial"],
    "certificate.subject": ["certificate.subject", "certificate_subject"],
    "certificate.issuer": ["certificate.issuer", "certificate_issuer"],
    src_ip: ["id.orig_h", "id_orig_h"],
    src_port: ["id.orig_p", "id_orig_p"],
    dst_ip: ["id.resp_h", "id_resp_h"],
    dst_port: ["id.resp_p", "id_resp_p"],
    "destination.port": ["id.resp_p", "id_resp_p"],
    record_type: "qtype_name",
    answer: "answers",
    "c-uri": "uri",
    "cs-uri": "uri",
    "cs-uri-query": "uri",
    "c-uri-query": "uri",
    "cs-uri-stem": "uri",
    "cs-host": "host",
    "r-dns": "host",
    "cs-method": "method",
    "sc-status": "status_code",
    "c-useragent": "user_agent",
    "cs-user-agent": "user_agent",
    "cs-referer": "referrer",
    "cs-referrer": "referrer",
    "cs-username": "username",
    "cs-cookie": "cookie",
    "cs-version": "version",
  },
};
