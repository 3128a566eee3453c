import type { RuleView } from "#telemetry/format.ts";
import { LogSourceSet } from "#telemetry/log-source-set.ts";
import { type Fields, textAt, textsAt } from "#telemetry/record-fields.ts";

const sources = new LogSourceSet();

/** `host.os.type`, as Sigma names products; kept to three, for the field is anybody's text. */
const productOf = (fields: Fields): string | undefined => {
  const os = textAt(fields, "host.os.type", "host.os.family", "host.os.platform")?.toLowerCase();
  if (os === undefined) return undefined;
  if (os === "windows" || os === "macos") return os;
  if (os === "darwin") return "macos";
  return /^(?:linux|debian|ubuntu|redhat|rhel|centos|suse|amazon|alpine)/.test(os) ? "linux" : undefined;
};

/** Sigma's categories of a document, by ECS's own `event.category` and `event.type`, and by the log it came from. */
const categoriesOf = (fields: Fields): readonly string[] => {
  const kinds = textsAt(fields, "event.category");
  const types = textsAt(fields, "event.type");
  const log = textAt(fields, "event.dataset", "event.module") ?? "";
  if (/^(?:nginx|apache|iis)\b/.test(log)) return ["webserver"];
  if (/^(?:squid|zscaler|bluecoat|netskope)\b|proxy/.test(log)) return ["proxy"];
  if (kinds.includes("malware")) return ["antivirus"];
  if (kinds.includes("process")) {
    if (types.includes("end")) return ["process_termination"];
    return types.length === 0 || types.includes("start") ? ["process_creation"] : ["process_access"];
  }
  if (kinds.includes("library") || kinds.includes("driver"))
    return kinds.includes("driver") ? ["driver_load", "image_load"] : ["image_load"];
  if (kinds.includes("registry"))
    return ["registry_event", types.includes("deletion") ? "registry_delete" : "registry_set"];
  if (kinds.includes("file")) return types.includes("deletion") ? ["file_delete"] : ["file_event"];
  if (textAt(fields, "dns.question.name") !== undefined) return ["dns", "dns_query"];
  if (kinds.includes("network"))
    return textAt(fields, "process.executable") === undefined ? ["firewall"] : ["network_connection"];
  return [];
};

/** The taxonomy's names as ECS spells them; after Elastic's own mapping of Sysmon to ECS. */
export const ecsRules: RuleView = {
  logSources: (fields) => {
    const categories = categoriesOf(fields);
    const ofHost = !/^(?:webserver|proxy|antivirus|firewall|dns)$/.test(categories[0] ?? "");
    return sources.of(ofHost || categories.includes("dns_query") ? productOf(fields) : undefined, categories);
  },
  names: {
    Image: "process.executable",
    ProcessId: "process.pid",
    CommandLine: "process.command_line",
    CurrentDirectory: "process.working_directory",
    OriginalFileName: ["process.pe.original_file_name", "file.pe.original_file_name"],
    Description: "process.pe.description",
    Product: "process.pe.product",
    Company: "process.pe.company",
    FileVersion: "process.pe.file_version",
    IntegrityLevel: "process.Ext.token.integrity_level_name",
    ParentImage: "process.parent.executable",
    ParentCommandLine: "process.parent.command_line",
    ParentProcessId: "process.parent.pid",
    User: "user.name",
    md5: ["process.hash.md5", "file.hash.md5"],
    sha1: ["process.hash.sha1", "file.hash.sha1"],
    sha256: ["process.hash.sha256", "file.hash.sha256"],
    Imphash: ["process.pe.imphash", "file.pe.imphash", "dll.pe.imphash"],
    TargetFilename: "file.path",
    ImageLoaded: ["dll.path", "file.path"],
    TargetObject: "registry.path",
    Details: ["registry.data.strings", "registry.value"],
    SourceIp: "source.ip",
    SourcePort: "source.port",
    SourceHostname: "source.domain",
    DestinationIp: "destination.ip",
    DestinationPort: "destination.port",
    DestinationHostname: "destination.domain",
    Protocol: "network.transport",
    QueryName: "dns.question.name",
    QueryResults: ["dns.resolved_ip", "dns.answers.data"],
    query: "dns.question.name",
    record_type: "dns.question.type",
    answer: ["dns.answers.data", "dns.resolved_ip"],
    src_ip: "source.ip",
    src_port: "source.port",
    dst_ip: "destination.ip",
    dst_port: "destination.port",
    action: "event.action",
    "c-uri": ["url.original", "url.full"],
    "c-uri-query": "url.query",
    "c-uri-extension": "url.extension",
    "cs-uri": "url.original",
    "cs-uri-stem": "url.path",
    "cs-uri-query": ["url.query", "url.original"],
    "cs-method": "http.request.method",
    "cs-host": ["url.domain", "destination.domain"],
    "cs-username": "user.name",
    "cs-referrer": "http.request.referrer",
    "cs-referer": "http.request.referrer",
    "c-useragent": "user_agent.original",
    "cs-user-agent": "user_agent.original",
    "sc-status": "http.response.status_code",
    "c-ip": ["client.ip", "source.ip"],
    "r-dns": ["url.domain", "destination.domain"],
    Signature: ["threat.software.name", "rule.name"],
    Filename: "file.path",
    Computer: "host.name",
    ComputerName: "host.name",
    Channel: "winlog.channel",
    EventID: ["event.code", "winlog.event_id"],
    Provider_Name: ["event.provider", "winlog.provider_name"],
  },
};
