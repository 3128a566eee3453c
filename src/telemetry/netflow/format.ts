import type { Format, LogSource } from "#telemetry/format.ts";
import { headLines, jsonHead } from "#telemetry/head-lines.ts";
import { columnsOf } from "./columns.ts";
import { NetflowParser } from "./parse.ts";
import { type Plan, planOf, scanFlow } from "./scan.ts";

const sources: readonly LogSource[] = [{ service: "netflow", category: "firewall" }, { service: "netflow" }];

/** NetFlow, IPFIX and sFlow as nfdump prints them: CSV with any header of its versions, and JSON. */
export const format: Format = {
  id: "netflow",
  title: "NetFlow and IPFIX (nfdump CSV and JSON)",
  accepts: (head) => {
    const json = jsonHead(head);
    if (json !== undefined)
      return /"(?:first|t_first|firstSeen)"\s*:/.test(json) && /"(?:src[46]_addr|srcAddr|src_addr)"\s*:/.test(json);
    return headLines(head).some((line) => columnsOf(line) !== undefined);
  },
  heading: {
    // rows begin with a figure: a time, an address; what is no ASCII may be a blank
    begins: (byte) => (byte >= 0x41 && byte <= 0x7a) || byte <= 0x20 || byte >= 0x80,
    after: (before, line) => {
      const text = line.trim();
      if (columnsOf(text) !== undefined) return [text];
      return /^Summary(?:$|:)/.test(text) ? [...before.slice(0, 1), text] : before;
    },
  },
  open: (stream = {}) => {
    const parser = new NetflowParser(stream);
    let planned: readonly string[] | undefined;
    let plan: Plan | undefined;
    return {
      parse: (line) => parser.parse(line),
      scan: (buffer, start, end, sink) => {
        if (planned !== parser.columns) {
          planned = parser.columns;
          plan = planned && planOf(planned);
        }
        scanFlow(plan, buffer, start, end, sink);
      },
    };
  },
  rules: {
    logSources: () => sources,
    names: {
      src_ip: "sa",
      dst_ip: "da",
      src_port: "sp",
      dst_port: "dp",
      "source.ip": "sa",
      "destination.ip": "da",
      "source.port": "sp",
      "destination.port": "dp",
    },
  },
  policy: {},
};
