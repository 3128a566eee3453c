import type { Observable } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { DnsQuestion, FieldPolicy, RuleView, Seen, Stream, TelemetryRecord, Where } from "./format.ts";
import { addressIn, hashIn, hostIn, hostOfUrl, urlIn } from "./observed.ts";
import { fileOf, processOf, tellerOf } from "./windows-doing.ts";
import { type Fields, textAt } from "./windows-field.ts";
import { windowsLogSources } from "./windows-log-sources.ts";
import { sessionOf } from "./windows-session.ts";
import { timeOf, timeText } from "./windows-time.ts";

// What a flat Windows event (windows-event.ts) says to us, whichever format it came in: windows-json, evtx, sysmon-linux.

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The record of an event.
 *
 * @param format for the sentence of a problem
 * @returns WGL_LOG_FIELD where the event says no time
 */
export const windowsRecord = (fields: Fields, stream: Stream, format: string): Result<TelemetryRecord> => {
  const id = fields["EventID"] as number;
  const time = timeOf(fields, stream);
  if (time === undefined)
    return no("WGL_LOG_FIELD", { value: timeText(fields), field: "TimeCreated", format, wanted: "a time" });
  const channel = channelOf(fields);
  const seen: Seen[] = [];
  // Filled field by field: events come by the hundred thousand, and each spread would be a copy.
  const record: Writable<TelemetryRecord> = { time, event: eventName(channel, id), fields, seen, measures: {} };
  const host = textAt(fields, "Computer");
  if (host !== undefined) record.host = host;
  const teller = tellerOf(channel);
  const process = processOf(fields, teller, id);
  if (process !== undefined) record.process = process;
  const file = fileOf(fields, teller, id);
  if (file !== undefined) record.file = file;
  const holds = channel === sysmon ? (ofSysmon[id] ?? everything) : everything;
  if (holds === nothing) return ok(record);
  const put = (where: Where, value: Observable | undefined, port?: number): void => {
    if (value === undefined) return;
    if (seen.some((one) => one.value === value.value && one.where === where && one.kind === value.kind)) return;
    seen.push({ ...value, where, ...(port ? { port } : {}) });
  };
  if (holds.ends) {
    const ends = endsOf(fields, channel, id);
    put("source", ends.source, ends.sourcePort);
    put("destination", ends.destination, ends.destinationPort);
    if (ends.source) record.source = ends.source.value;
    if (ends.destination) record.destination = ends.destination.value;
    hostsIn(fields, put);
    const session = sessionOf(fields, channel, id);
    if (session !== undefined) record.session = session;
  }
  if (holds.names) {
    namesIn(fields, put);
    const dns = dnsOf(fields);
    if (dns !== undefined) record.dns = dns;
  }
  if (holds.hashes) hashesOf(fields, put);
  if (holds.urls) urlsIn(fields, put);
  return ok(record);
};

/** What an event may hold that is looked for. */
interface Holds {
  readonly ends?: boolean;
  readonly names?: boolean;
  readonly hashes?: boolean;
  readonly urls?: boolean;
}
const everything: Holds = { ends: true, names: true, hashes: true, urls: true };
const nothing: Holds = {};
const hashed: Holds = { hashes: true };

/** Sysmon's events are the bulk of any host's log, and the schema of each is known; the others are looked through whole. */
const ofSysmon: Readonly<Record<number, Holds>> = {
  1: { hashes: true, urls: true },
  2: nothing,
  3: { ends: true },
  5: nothing,
  6: hashed,
  7: hashed,
  8: nothing,
  9: nothing,
  10: nothing,
  11: nothing,
  12: nothing,
  13: { urls: true },
  14: nothing,
  15: { hashes: true, urls: true },
  17: nothing,
  18: nothing,
  22: { names: true },
  23: hashed,
  24: hashed,
  26: hashed,
};

const sysmon = "Microsoft-Windows-Sysmon/Operational";

/** Shippers that leave the channel out still name the provider. */
const channelOf = (fields: Fields): string => {
  const channel = fields["Channel"];
  if (typeof channel === "string" && channel !== "") return channel;
  switch (fields["Provider_Name"]) {
    case "Microsoft-Windows-Security-Auditing":
      return "Security";
    case "Microsoft-Windows-Sysmon":
      return sysmon;
    case "Microsoft-Windows-PowerShell":
      return "Microsoft-Windows-PowerShell/Operational";
    default:
      return "";
  }
};

// Name

const names = new Map<string, string>();

/** "sysmon-1", "security-4688", "powershell-4104"; of a channel without a service its words: "bits-client-operational-59". */
const eventName = (channel: string, id: number): string => {
  let name = names.get(channel);
  if (name === undefined) {
    name = windowsLogSources(channel, -1)[0]?.service ?? slug(channel);
    if (names.size < 1024) names.set(channel, name);
  }
  return `${name}-${id}`;
};

const slug = (channel: string): string =>
  channel
    .slice(0, 200)
    .toLowerCase()
    .replace(/^microsoft-windows-/, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "") || "windows";

// Ends

interface Ends {
  readonly source?: Observable;
  readonly sourcePort?: number;
  readonly destination?: Observable;
  readonly destinationPort?: number;
}

/** Field names of the two ends by who logs them: Sysmon 3, Windows Filtering Platform (5156 …), log-ons, shares, RDP. */
const pairs: readonly (readonly [source: string, port: string, destination: string, port: string])[] = [
  ["SourceIp", "SourcePort", "DestinationIp", "DestinationPort"],
  ["SourceAddress", "SourcePort", "DestAddress", "DestPort"],
  ["IpAddress", "IpPort", "", ""],
  ["ClientAddress", "ClientPort", "", ""],
  ["ClientIP", "", "", ""],
  ["Address", "", "", ""],
  ["ServerAddress", "", "", ""],
];

const endsOf = (fields: Fields, channel: string, id: number): Ends => {
  for (const [from, fromPort, to, toPort] of pairs) {
    const source = endIn(textAt(fields, from));
    const destination = to === "" ? undefined : endIn(textAt(fields, to));
    if (source === undefined && destination === undefined) continue;
    const sourcePort = source?.port || portAt(fields, fromPort);
    const destinationPort = destination?.port || portAt(fields, toPort);
    return {
      ...(source ? { source: source.address } : {}),
      ...(sourcePort ? { sourcePort } : {}),
      ...(destination ? { destination: destination.address } : {}),
      ...(destinationPort ? { destinationPort } : {}),
    };
  }
  // TerminalServices-RemoteConnectionManager 1149 names its three parameters by number
  if (id === 1149 && channel.includes("TerminalServices")) {
    const source = endIn(textAt(fields, "Param3"));
    if (source) return { source: source.address };
  }
  return {};
};

/** "10.0.2.16:52202", "::ffff:10.0.2.16" (a service that listens on both families), "0:0:0:0:0:0:0:1". */
const endIn = (text: string | undefined): { readonly address: Observable; readonly port: number } | undefined => {
  if (text === undefined || text.length > 64 || text === "LOCAL") return undefined;
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(text)?.[1];
  const whole = addressIn(mapped ?? text);
  if (whole) return unspecified(whole) ? undefined : { address: whole, port: 0 };
  const [, bare, port] = /^\[?([^[\]]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  const address = bare === undefined ? undefined : addressIn(bare);
  return address && !unspecified(address) ? { address, port: portIn(port) } : undefined;
};

const unspecified = (address: Observable): boolean => address.value === "0.0.0.0" || address.value === "::";

const portAt = (fields: Fields, name: string): number => (name === "" ? 0 : portIn(textAt(fields, name)));

const portIn = (text: string | undefined): number => {
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port <= 65_535 ? port : 0;
};

// Seen

type Put = (where: Where, value: Observable | undefined, port?: number) => void;

/** Texts that people and programs write, in which a URL is worth finding. */
const withUrls: readonly string[] = [
  "CommandLine",
  "ProcessCommandLine",
  "ParentCommandLine",
  "ScriptBlockText",
  "Payload",
  "HostApplication",
  "Contents",
  "url",
  "Url",
  "RemoteName",
  "TaskContent",
  "ImagePath",
  "ServiceFileName",
  "Details",
];
/** URLs taken from one event at most: a list of a thousand in a script is data, not traffic. */
const mostUrls = 32;

const hostsIn = (fields: Fields, put: Put): void => {
  for (const name of ["DestinationHostname", "SourceHostname"]) {
    const text = textAt(fields, name);
    if (text !== undefined) put(name === "SourceHostname" ? "source" : "destination", hostIn(text));
  }
};

const namesIn = (fields: Fields, put: Put): void => {
  const query = textAt(fields, "QueryName") ?? textAt(fields, "QNAME");
  if (query !== undefined) put("dns-query", hostIn(query));
  const results = textAt(fields, "QueryResults");
  if (results !== undefined) for (const answer of answersIn(results)) put("dns-answer", hostIn(answer));
};

const hashNames = ["Hashes", "Hash", "FileHash", "SHA1 Hash", "SHA256 Hash", "SHA1FlatHash", "SHA256FlatHash"] as const;

const hashesOf = (fields: Fields, put: Put): void => {
  for (const name of hashNames) {
    const text = textAt(fields, name);
    if (text !== undefined) for (const hash of hashesIn(text)) put("file-hash", hash);
  }
};

const urlsIn = (fields: Fields, put: Put): void => {
  let urls = 0;
  for (const name of withUrls) {
    const text = fields[name];
    if (typeof text !== "string" || !text.includes("://")) continue;
    for (const [found] of text.matchAll(/\b(?:https?|ftp):\/\/[^\s"'<>|`(){}^\\]+/gi)) {
      if (++urls > mostUrls) return;
      const url = urlIn(found.replace(/[.,;:!?\])]+$/, ""));
      if (url === undefined) continue;
      put("http-url", url);
      put("http-url", hostOfUrl(url.value));
    }
  }
};

/** Sysmon 22 and DNS-Client 3008: "type:  5 www.bad.example;::ffff:192.0.2.7;". Types other than names and addresses fall out. */
const answersIn = (results: string): readonly string[] =>
  results
    .split(";")
    .slice(0, 256)
    .map((one) => one.replace(/^\s*type:\s*\d+\s*/, "").trim())
    .map((one) => (/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(one) ? one.slice(7) : one))
    .filter((one) => one !== "" && one !== "-");

/** "SHA1=…,MD5=…,SHA256=…,IMPHASH=…", or a bare digest. An import hash is as long as an MD5 and is no file's. */
const hashesIn = (text: string): readonly Observable[] => {
  if (text.length > 1024) return [];
  if (!text.includes("=")) {
    const bare = hashIn(text.trim());
    return bare ? [bare] : [];
  }
  const hashes: Observable[] = [];
  for (const [, digest = ""] of text.matchAll(
    /(?:^|[,;]\s*)(?:MD5|SHA1|SHA256|SHA512)=([0-9A-Fa-f]{32,128})(?![^,;\s])/gi,
  )) {
    const hash = hashIn(digest);
    if (hash) hashes.push(hash);
  }
  return hashes;
};

const dnsOf = (fields: Fields): DnsQuestion | undefined => {
  const query = textAt(fields, "QueryName");
  if (query === undefined) return undefined;
  const status = textAt(fields, "QueryStatus");
  const results = textAt(fields, "QueryResults");
  const rcode = status === undefined ? undefined : rcodes[status];
  return {
    query: query.replace(/\.$/, ""),
    ...(rcode === undefined ? {} : { rcode }),
    ...(results === undefined ? {} : { answers: answersIn(results) }),
  };
};

/** DNS_ERROR_RCODE_* of winerror.h. */
const rcodes: Readonly<Record<string, string>> = {
  "0": "NOERROR",
  "9001": "FORMERR",
  "9002": "SERVFAIL",
  "9003": "NXDOMAIN",
  "9004": "NOTIMP",
  "9005": "REFUSED",
};

// Rules and privacy

/** Sigma's names for Windows are Windows' own; the few that other shippers and older rules write are told here. */
export const windowsRules: RuleView = {
  verbatim: true,
  products: ["windows"],
  logSources: (fields) =>
    windowsLogSources(channelOf(fields), typeof fields["EventID"] === "number" ? fields["EventID"] : -1),
  names: {
    EventId: "EventID",
    Provider: "Provider_Name",
    ComputerName: "Computer",
    // Of `antivirus`, as Defender names them
    Signature: ["Signature", "Threat Name"],
    Filename: ["Filename", "Path"],
  },
};

/**
 * What is kept of an event. Command lines and scripts stay, for they are the evidence of almost every rule, but for the
 * values of parameters that are secrets; names of people are hashed wherever Windows writes them; passwords that an event
 * may carry and the message, which says all of it again in words, are left out.
 */
export const windowsPolicy: FieldPolicy = {
  Message: "drop",
  message: "drop",
  RenderingInfo: "drop",
  Password: "drop",
  NewPassword: "drop",
  OldPassword: "drop",
  User: "hash",
  UserName: "hash",
  ParentUser: "hash",
  SourceUser: "hash",
  TargetUser: "hash",
  AccountName: "hash",
  SubjectUserName: "hash",
  TargetUserName: "hash",
  TargetOutboundUserName: "hash",
  OldTargetUserName: "hash",
  NewTargetUserName: "hash",
  SourceUserName: "hash",
  SamAccountName: "hash",
  DisplayName: "hash",
  UserPrincipalName: "hash",
  MemberName: "hash",
  "user.name": "hash",
  "user.email": "hash",
  "user.full_name": "hash",
  CommandLine: "secrets",
  ProcessCommandLine: "secrets",
  ParentCommandLine: "secrets",
  ScriptBlockText: "secrets",
  HostApplication: "secrets",
  url: "secrets",
};
