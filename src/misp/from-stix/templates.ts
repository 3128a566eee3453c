import { type Field, mispHashOf, objectFields } from "#misp/object-fields.ts";
import { textIn } from "#misp/own.ts";
import { mispDate } from "#misp/timestamps.ts";
import { type Fact, withoutPositions } from "./facts.ts";

/** An attribute of an object, as facts give it. */
export interface Made {
  readonly relation: string;
  readonly type: string;
  readonly value: string;
  readonly data?: string;
}

/** A path of a fact, the relation and the attribute type it becomes; "" leaves it out: another fact says it. */
type Rules = Readonly<Record<string, readonly [relation: string, type: string] | "">>;

const network: Rules = {
  src_port: ["src-port", "port"],
  dst_port: ["dst-port", "port"],
  start: ["first-seen", "datetime"],
  end: ["last-seen", "datetime"],
  protocols: "",
};

const socket = "extensions.socket-ext";
const request = "extensions.http-request-ext";

/** What the tables of `objectFields` do not say, by template. */
const rules: Readonly<Record<string, Rules>> = {
  "domain-ip": {
    value: ["domain", "domain"],
    "resolves_to_refs.value": ["ip", "ip-dst"],
  },
  email: {
    is_multipart: "",
    content_type: "",
    date: ["send-date", "datetime"],
    subject: ["subject", "email-subject"],
    message_id: ["message-id", "email-message-id"],
    received_lines: ["header", "email-header"],
    body: ["email-body", "email-body"],
    "from_ref.value": ["from", "email-src"],
    "from_ref.display_name": ["from-display-name", "email-src-display-name"],
    "sender_ref.value": ["from", "email-src"],
    "sender_ref.display_name": ["from-display-name", "email-src-display-name"],
    "to_refs.value": ["to", "email-dst"],
    "to_refs.display_name": ["to-display-name", "email-dst-display-name"],
    "cc_refs.value": ["cc", "email-dst"],
    "cc_refs.display_name": ["cc-display-name", "email-dst-display-name"],
    "bcc_refs.value": ["bcc", "email-dst"],
    "bcc_refs.display_name": ["bcc-display-name", "email-dst-display-name"],
    "additional_header_fields.Reply-To": ["reply-to", "email-reply-to"],
    "additional_header_fields.reply_to": ["reply-to", "email-reply-to"],
    "additional_header_fields.X-Mailer": ["x-mailer", "email-x-mailer"],
    "additional_header_fields.x_mailer": ["x-mailer", "email-x-mailer"],
    "additional_header_fields.X-Originating-IP": ["received-header-ip", "ip-src"],
    "additional_header_fields.Content-Disposition": "",
    "body_multipart.body": ["email-body", "email-body"],
    "body_multipart.body_raw_ref.name": ["attachment", "email-attachment"],
    "body_multipart.content_type": "",
    "body_multipart.content_disposition": "",
  },
  file: { "parent_directory_ref.path": ["path", "text"], magic_number_hex: "" },
  lnk: { "parent_directory_ref.path": ["path", "text"] },
  "http-request": {
    "src_ref.value": ["ip-src", "ip-src"],
    "dst_ref.value": ["ip-dst", "ip-dst"],
    [`${request}.request_method`]: ["method", "http-method"],
    [`${request}.request_header.Content-Type`]: ["content-type", "other"],
    [`${request}.request_header.Cookie`]: ["cookie", "text"],
    [`${request}.request_header.Referer`]: ["referer", "other"],
    [`${request}.request_header.User-Agent`]: ["user-agent", "text"],
    protocols: "",
  },
  "ip-port": { ...network, "src_ref.value": ["ip-src", "ip-src"], "dst_ref.value": ["ip-dst", "ip-dst"] },
  netflow: {
    ...network,
    "src_ref.value": ["ip-src", "ip-src"],
    "dst_ref.value": ["ip-dst", "ip-dst"],
    "src_ref.belongs_to_refs.number": ["src-as", "AS"],
    "dst_ref.belongs_to_refs.number": ["dst-as", "AS"],
    start: ["first-packet-seen", "datetime"],
    end: ["last-packet-seen", "datetime"],
    protocols: ["protocol", "text"],
    src_byte_count: ["byte-count", "counter"],
    src_packets: ["packet-count", "counter"],
    "extensions.tcp-ext.src_flags_hex": ["tcp-flags", "text"],
    "extensions.icmp-ext.icmp_type_hex": ["icmp-type", "text"],
  },
  "network-connection": {
    ...network,
    "src_ref.value": ["ip-src", "ip-src"],
    "dst_ref.value": ["ip-dst", "ip-dst"],
    start: ["first-packet-seen", "datetime"],
    protocols: ["layer7-protocol", "text"],
  },
  "network-socket": {
    ...network,
    "src_ref.value": ["ip-src", "ip-src"],
    "dst_ref.value": ["ip-dst", "ip-dst"],
    protocols: ["protocol", "text"],
    [`${socket}.address_family`]: ["address-family", "text"],
    [`${socket}.socket_type`]: ["socket-type", "text"],
    [`${socket}.is_listening`]: ["state", "text"],
    [`${socket}.is_blocking`]: ["state", "text"],
  },
  "network-traffic": {
    "src_ref.value": ["src_ip", "ip-src"],
    "dst_ref.value": ["dst_ip", "ip-dst"],
    src_port: ["src_port", "port"],
    dst_port: ["dst_port", "port"],
    src_byte_count: ["src_byte_count", "size-in-bytes"],
    dst_byte_count: ["dst_byte_count", "size-in-bytes"],
    src_packets: ["src_packets", "counter"],
    dst_packets: ["dst_packets", "counter"],
    start: ["first-seen", "datetime"],
    end: ["last-seen", "datetime"],
    protocols: ["protocol", "text"],
  },
  process: {
    pid: ["pid", "text"],
    is_hidden: ["hidden", "boolean"],
    name: ["name", "text"],
    x_misp_name: ["name", "text"],
    created_time: ["creation-time", "datetime"],
    cwd: ["current-directory", "text"],
    command_line: ["command-line", "text"],
    "image_ref.name": ["image", "filename"],
    "parent_ref.pid": ["parent-pid", "text"],
    "parent_ref.command_line": ["parent-command-line", "text"],
    "parent_ref.image_ref.name": ["parent-image", "filename"],
    "parent_ref.x_misp_process_name": ["parent-process-name", "text"],
    "parent_ref.x_misp_process_path": ["parent-process-path", "text"],
    "parent_ref.x_misp_guid": ["parent-guid", "text"],
    "child_refs.pid": ["child-pid", "text"],
  },
  "registry-key": { number_of_subkeys: "" },
};

/** Types of custom properties whose names say what they hold; any other is a text. */
const customTypes: Readonly<Record<string, string>> = {
  attachment: "attachment",
  certificate: "sha1",
  "compilation-timestamp": "datetime",
  created: "datetime",
  "cvss-score": "float",
  domain: "domain",
  entropy: "float",
  host: "hostname",
  hostname: "hostname",
  "hostname-dst": "hostname",
  "hostname-src": "hostname",
  impfuzzy: "impfuzzy",
  "internal-filename": "filename",
  ip: "ip-dst",
  link: "link",
  modified: "datetime",
  nationality: "nationality",
  "original-filename": "filename",
  organisation: "github-organisation",
  "passport-number": "passport-number",
  port: "port",
  "profile-image": "attachment",
  "profile-photo": "attachment",
  "account-avatar": "attachment",
  "user-avatar": "attachment",
  published: "datetime",
  "related-weakness": "weakness",
  "script-as-attachment": "attachment",
  "subnet-announced": "ip-src",
  "malware-sample": "malware-sample",
  tlsh: "tlsh",
  url: "url",
  "mime-boundary": "email-mime-boundary",
  "cc-display-name": "email-dst-display-name",
  "bcc-display-name": "email-dst-display-name",
  "to-display-name": "email-dst-display-name",
  "from-display-name": "email-src-display-name",
  "thread-index": "email-thread-index",
};

/** "x_misp_subnet_announced" is the relation "subnet-announced". */
export const customRelation = (name: string): string => name.slice("x_misp_".length).replaceAll("_", "-");

export const customMade = (name: string, value: string): Made => {
  const relation = customRelation(name);
  const type = Object.hasOwn(customTypes, relation) ? (customTypes[relation] ?? "text") : "text";
  if (value.startsWith("{")) {
    const held = attachmentIn(value);
    if (held !== undefined) return { relation, type: type === "text" ? "attachment" : type, ...held };
  }
  return { relation, type, value: type === "datetime" ? mispDate(value) : value };
};

const attachmentIn = (text: string): { readonly value: string; readonly data: string } | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // Any text may begin with a brace.
  }
  const [value, data] = [textIn(parsed, "value"), textIn(parsed, "data")];
  return value === undefined || data === undefined ? undefined : { value, data };
};

const layer3: ReadonlySet<string> = new Set(["ip", "ipv4", "ipv6", "icmp", "icmpv6", "arp", "igmp"]);
const layer4: ReadonlySet<string> = new Set(["tcp", "udp", "sctp"]);

/** The attribute a fact is under a template; nothing for what the template has no relation for. */
export const madeOf = (template: string, fact: Fact): Made | undefined => {
  const path = withoutPositions(fact.path);
  const own = Object.hasOwn(rules, template) ? rules[template] : undefined;
  const rule = own !== undefined && Object.hasOwn(own, path) ? own[path] : undefined;
  if (rule === "") return undefined;
  if (template === "http-request" && path === `${request}.request_value`) return valueOfRequest(fact.value);
  const last = path.slice(path.lastIndexOf(".") + 1);
  if (last.startsWith("x_misp_") && rule === undefined) return customMade(last, fact.value);
  if (rule !== undefined) return { relation: rule[0], type: rule[1], ...specially(template, path, rule, fact) };
  return tableMade(template, path, fact.value);
};

const valueOfRequest = (value: string): Made =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(value)
    ? { relation: "url", type: "url", value }
    : { relation: "uri", type: "uri", value };

/** Where a value decides the relation, or is written otherwise in MISP. */
const specially = (
  template: string,
  path: string,
  [relation, type]: readonly [string, string],
  { value, of }: Fact,
): Partial<Made> & { readonly value: string } => {
  if (of === "domain-name" && path === "dst_ref.value") return { ...namedEnd(template), value };
  if (path === "protocols") {
    const layer = layer3.has(value) ? "layer3-protocol" : layer4.has(value) ? "layer4-protocol" : relation;
    return { relation: template === "network-connection" ? layer : relation, value: value.toUpperCase() };
  }
  if (path.startsWith("extensions.socket-ext.is_")) return { value: path.slice(path.lastIndexOf("_") + 1) };
  if (type === "datetime") return { value: mispDate(value) };
  return { value: type === "AS" ? `AS${value.replace(/^AS/i, "")}` : value };
};

const namedEnd = (template: string): { readonly relation: string; readonly type: string } =>
  template === "ip-port"
    ? { relation: "domain", type: "domain" }
    : template === "http-request"
      ? { relation: "host", type: "hostname" }
      : { relation: "hostname-dst", type: "hostname" };

const tableMade = (template: string, path: string, value: string): Made | undefined => {
  const table = Object.hasOwn(objectFields, template) ? objectFields[template] : undefined;
  if (table === undefined) return undefined;
  if (table.fixed !== undefined && Object.hasOwn(table.fixed, path)) return undefined;
  const found = table.fields.find((field) => samePath(field, path));
  if (found === undefined) return hashMade(template, path, value);
  return { relation: found.relation, type: found.type, value: written(found, value) };
};

const samePath = (field: Field, path: string): boolean => {
  const own = withoutPositions(field.path);
  if (own === path) return true;
  const [, hash] = /^hashes\.(.+)$/.exec(path) ?? [];
  const [, wanted] = /^hashes\.(.+)$/.exec(own) ?? [];
  return (
    hash !== undefined &&
    wanted !== undefined &&
    mispHashOf(hash) === mispHashOf(wanted) &&
    mispHashOf(hash) !== undefined
  );
};

const hashMade = (template: string, path: string, value: string): Made | undefined => {
  const type = template === "file" && path.startsWith("hashes.") ? mispHashOf(path.slice("hashes.".length)) : undefined;
  return type === undefined ? undefined : { relation: type, type, value };
};

const written = (field: Field, value: string): string => {
  if (field.as === "asn") return `AS${value.replace(/^AS/i, "")}`;
  return field.as === "time" ? mispDate(value) : value;
};
