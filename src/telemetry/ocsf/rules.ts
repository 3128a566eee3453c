import type { RuleView } from "#telemetry/format.ts";
import { LogSourceSet } from "#telemetry/log-source-set.ts";
import { type Fields, numberAt, textAt } from "#telemetry/record-fields.ts";

const sources = new LogSourceSet();

// OCSF, object `os`, `type_id`
const products: Readonly<Record<number, string>> = { 100: "windows", 101: "windows", 200: "linux", 300: "macos" };

const productOf = (fields: Fields): string | undefined => {
  const id = numberAt(fields, "device.os.type_id");
  if (id !== undefined && products[id] !== undefined) return products[id];
  const name = textAt(fields, "device.os.name", "device.os.type") ?? "";
  return /windows/i.test(name) ? "windows" : /linux/i.test(name) ? "linux" : /mac/i.test(name) ? "macos" : undefined;
};

/** Sigma's categories by class and activity (1 is create, open or launch; 2 terminate; 4 delete …, each class its own). */
const categoriesOf = (uid: number | undefined, activity: number | undefined): readonly string[] => {
  switch (uid) {
    case 1001:
      return activity === 4 ? ["file_delete"] : activity === 2 ? ["file_access"] : ["file_event"];
    case 1002:
      return ["driver_load"];
    case 1005:
      return ["image_load"];
    case 1007:
      if (activity === 2) return ["process_termination"];
      if (activity === 3) return ["process_access"];
      return activity === 4 ? ["create_remote_thread"] : ["process_creation"];
    case 1009:
      return ["ps_script"];
    case 4001:
      return ["network_connection", "firewall"];
    case 4002:
      return ["proxy", "webserver"];
    case 4003:
      return ["dns", "dns_query"];
    case 201001:
      return ["registry_event", activity === 4 ? "registry_delete" : "registry_add"];
    case 201002:
      return ["registry_event", activity === 4 ? "registry_delete" : "registry_set"];
    default:
      return [];
  }
};

/** Of a gateway, not of a machine: no product is asked there. */
const ofNetwork: ReadonlySet<string> = new Set(["proxy", "firewall", "dns", "webserver"]);

export const ocsfRules: RuleView = {
  logSources: (fields) => {
    const uid = numberAt(fields, "class_uid");
    const categories = categoriesOf(uid, numberAt(fields, "activity_id"));
    const product = productOf(fields);
    if (product !== undefined) return sources.of(product, categories);
    const network = categories.filter((category) => ofNetwork.has(category));
    return sources.of(undefined, network);
  },
  names: {
    Image: ["process.file.path", "actor.process.file.path"],
    CommandLine: ["process.cmd_line", "actor.process.cmd_line"],
    ProcessId: ["process.pid", "actor.process.pid"],
    OriginalFileName: "process.file.internal_name",
    ParentImage: ["process.parent_process.file.path", "actor.process.file.path"],
    ParentCommandLine: ["process.parent_process.cmd_line", "actor.process.cmd_line"],
    ParentProcessId: ["process.parent_process.pid", "actor.process.pid"],
    IntegrityLevel: "process.integrity",
    User: ["process.user.name", "actor.user.name", "user.name"],
    TargetFilename: "file.path",
    ImageLoaded: "module.file.path",
    TargetObject: ["reg_key.path", "reg_value.path"],
    Details: "reg_value.data",
    ScriptBlockText: "script.script_content.value",
    SourceIp: "src_endpoint.ip",
    SourcePort: "src_endpoint.port",
    DestinationIp: "dst_endpoint.ip",
    DestinationPort: "dst_endpoint.port",
    DestinationHostname: ["dst_endpoint.hostname", "dst_endpoint.domain"],
    Protocol: "connection_info.protocol_name",
    QueryName: "query.hostname",
    query: "query.hostname",
    record_type: "query.type",
    answer: "answers.rdata",
    src_ip: "src_endpoint.ip",
    src_port: "src_endpoint.port",
    dst_ip: "dst_endpoint.ip",
    dst_port: "dst_endpoint.port",
    action: "action",
    "c-uri": ["http_request.url.url_string", "http_request.url.path"],
    "c-uri-query": "http_request.url.query_string",
    "cs-uri-stem": "http_request.url.path",
    "cs-uri-query": ["http_request.url.query_string", "http_request.url.url_string"],
    "cs-method": "http_request.http_method",
    "cs-host": "http_request.url.hostname",
    "r-dns": "http_request.url.hostname",
    "cs-referrer": "http_request.referrer",
    "cs-referer": "http_request.referrer",
    "c-useragent": "http_request.user_agent",
    "cs-user-agent": "http_request.user_agent",
    "sc-status": "http_response.code",
    "c-ip": "src_endpoint.ip",
    Computer: "device.hostname",
  },
};
