import { dnsRules } from "#telemetry/dns-record.ts";
import type { Format } from "#telemetry/format.ts";
import { jsonHead } from "#telemetry/head-lines.ts";
import { parseDnstap } from "./parse.ts";

/** dnstap as JSON: of dnstap's own tools, of DNS-collector, of Vector. */
export const format: Format = {
  id: "dnstap-json",
  title: "dnstap (JSON)",
  accepts: (head) => {
    const text = jsonHead(head);
    return (
      text !== undefined &&
      /"(?:type|operation|messageType)"\s*:\s*"(?:AUTH|RESOLVER|CLIENT|FORWARDER|STUB|TOOL|UPDATE|Auth|Resolver|Client|Forwarder|Stub|Tool|Update)_?(?:QUERY|RESPONSE|Query|Response)"/.test(
        text,
      )
    );
  },
  open: (stream = {}) => ({ parse: (line) => parseDnstap(line, stream) }),
  rules: dnsRules({ category: "dns", service: "dnstap" }),
  policy: {},
};
