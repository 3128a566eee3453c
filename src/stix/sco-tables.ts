import { commonOf } from "./common-properties.ts";
import {
  apart,
  binary,
  dictionary,
  form,
  hashes,
  hex,
  integer,
  type Kind,
  list,
  needs,
  type ObjectType,
  oneOf,
  order,
  own,
  type Part,
  part,
  ref,
  refTo,
  type Rule,
  some,
  something,
  table,
  text,
  time,
  vocab,
  yesNo,
} from "./property-kinds.ts";
import {
  archiveExt,
  httpRequestExt,
  icmpExt,
  ntfsExt,
  pdfExt,
  rasterImageExt,
  socketExt,
  tcpExt,
  unixAccountExt,
  windowsPebinaryExt,
  windowsProcessExt,
  windowsServiceExt,
  x509V3Extensions,
} from "./sco-extensions.ts";

interface Sco {
  readonly section: string;
  readonly type: string;
  readonly has: Readonly<Record<string, Kind>>;
  readonly rules?: readonly Rule[];
  /** ID contributing properties; absent: the id is random (§6.13 Process). */
  readonly id?: readonly string[];
  readonly extensions?: Readonly<Record<string, Part>>;
}

const sco = ({ section, type, has, rules = [], id = [], extensions = {} }: Sco): ObjectType => ({
  ...{ type, section, category: "sco", rules, contributing: id, extensions },
  properties: { ...commonOf("sco", type), ...table(has) },
});

const count = integer(0);
const port = integer(0, 65_535);
const ends = ["ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"] as const;
const times = { ctime: time, mtime: time, atime: time };

/** §6.6.2 Email MIME Component. */
const mimePart: Part = {
  properties: table({
    body: text,
    body_raw_ref: ref("artifact", "file"),
    content_type: text,
    content_disposition: text,
  }),
  rules: [some("body", "body_raw_ref")],
};

/** §6.17.2 Windows Registry Value. */
const registryValue: Part = {
  properties: table({ name: text, data: text, data_type: oneOf("windows-registry-datatype-enum") }),
  rules: [something],
};

/** STIX 2.1 §6 STIX Cyber-observable Objects, in the order of that chapter. A name that ends in "!" is required. */
export const scoTables: readonly ObjectType[] = [
  sco({
    section: "6.1",
    type: "artifact",
    has: {
      mime_type: text,
      payload_bin: binary,
      url: form("url"),
      hashes,
      encryption_algorithm: oneOf("encryption-algorithm-enum"),
      decryption_key: text,
    },
    rules: [
      some("payload_bin", "url"),
      apart("payload_bin", "url"),
      needs("url", "hashes"),
      needs("decryption_key", "encryption_algorithm"),
    ],
    id: ["hashes", "payload_bin"],
  }),
  sco({
    section: "6.2",
    type: "autonomous-system",
    has: { "number!": integer(), name: text, rir: text },
    id: ["number"],
  }),
  sco({
    section: "6.3",
    type: "directory",
    has: { "path!": text, path_enc: text, ...times, contains_refs: list(ref("file", "directory")) },
    id: ["path"],
  }),
  sco({
    section: "6.4",
    type: "domain-name",
    has: { "value!": text, resolves_to_refs: list(ref("ipv4-addr", "ipv6-addr", "domain-name")) },
    id: ["value"],
  }),
  sco({
    section: "6.5",
    type: "email-addr",
    has: { "value!": text, display_name: text, belongs_to_ref: ref("user-account") },
    id: ["value"],
  }),
  sco({
    section: "6.6",
    type: "email-message",
    has: {
      "is_multipart!": yesNo,
      date: time,
      content_type: text,
      from_ref: ref("email-addr"),
      sender_ref: ref("email-addr"),
      to_refs: list(ref("email-addr")),
      cc_refs: list(ref("email-addr")),
      bcc_refs: list(ref("email-addr")),
      message_id: text,
      subject: text,
      received_lines: list(text),
      // The names of header fields are the mail's own, RFC 5322 §2.2
      additional_header_fields: dictionary(undefined, "free"),
      body: text,
      body_multipart: list(part(mimePart)),
      raw_email_ref: ref("artifact"),
    },
    rules: [
      { rule: "when", property: "is_multipart", value: true, other: "body", is: "forbidden" },
      { rule: "when", property: "is_multipart", value: false, other: "body_multipart", is: "forbidden" },
    ],
    id: ["from_ref", "subject", "body"],
  }),
  sco({
    section: "6.7",
    type: "file",
    has: {
      hashes,
      size: count,
      name: text,
      name_enc: text,
      magic_number_hex: hex,
      mime_type: text,
      ...times,
      parent_directory_ref: ref("directory"),
      contains_refs: list(refTo("sco")),
      content_ref: ref("artifact"),
    },
    rules: [some("hashes", "name")],
    id: ["hashes", "name", "parent_directory_ref", "extensions"],
    extensions: {
      "archive-ext": archiveExt,
      "ntfs-ext": ntfsExt,
      "pdf-ext": pdfExt,
      "raster-image-ext": rasterImageExt,
      "windows-pebinary-ext": windowsPebinaryExt,
    },
  }),
  sco({
    section: "6.8",
    type: "ipv4-addr",
    has: {
      "value!": form("ipv4"),
      resolves_to_refs: list(ref("mac-addr")),
      belongs_to_refs: list(ref("autonomous-system")),
    },
    id: ["value"],
  }),
  sco({
    section: "6.9",
    type: "ipv6-addr",
    has: {
      "value!": form("ipv6"),
      resolves_to_refs: list(ref("mac-addr")),
      belongs_to_refs: list(ref("autonomous-system")),
    },
    id: ["value"],
  }),
  sco({ section: "6.10", type: "mac-addr", has: { "value!": form("mac") }, id: ["value"] }),
  sco({ section: "6.11", type: "mutex", has: { "name!": text }, id: ["name"] }),
  sco({
    section: "6.12",
    type: "network-traffic",
    has: {
      start: time,
      end: time,
      is_active: yesNo,
      src_ref: ref(...ends),
      dst_ref: ref(...ends),
      src_port: port,
      dst_port: port,
      "protocols!": list(text),
      src_byte_count: count,
      dst_byte_count: count,
      src_packets: count,
      dst_packets: count,
      ipfix: dictionary(),
      src_payload_ref: ref("artifact"),
      dst_payload_ref: ref("artifact"),
      encapsulates_refs: list(ref("network-traffic")),
      encapsulated_by_ref: ref("network-traffic"),
    },
    rules: [
      some("src_ref", "dst_ref"),
      order("start", "end"),
      { rule: "when", property: "is_active", value: true, other: "end", is: "forbidden" },
    ],
    id: ["start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"],
    extensions: {
      "http-request-ext": httpRequestExt,
      "icmp-ext": icmpExt,
      "socket-ext": socketExt,
      "tcp-ext": tcpExt,
    },
  }),
  sco({
    section: "6.13",
    type: "process",
    has: {
      is_hidden: yesNo,
      pid: integer(),
      created_time: time,
      cwd: text,
      command_line: text,
      environment_variables: dictionary(undefined, "free"),
      opened_connection_refs: list(ref("network-traffic")),
      creator_user_ref: ref("user-account"),
      image_ref: ref("file"),
      parent_ref: ref("process"),
      child_refs: list(ref("process")),
    },
    rules: [something],
    extensions: { "windows-process-ext": windowsProcessExt, "windows-service-ext": windowsServiceExt },
  }),
  sco({
    section: "6.14",
    type: "software",
    has: {
      "name!": text,
      cpe: form("cpe"),
      swid: text,
      languages: list(form("language")),
      vendor: text,
      version: text,
    },
    id: ["name", "cpe", "swid", "vendor", "version"],
  }),
  sco({ section: "6.15", type: "url", has: { "value!": form("url") }, id: ["value"] }),
  sco({
    section: "6.16",
    type: "user-account",
    has: {
      user_id: text,
      credential: text,
      account_login: text,
      account_type: vocab("account-type-ov"),
      display_name: text,
      is_service_account: yesNo,
      is_privileged: yesNo,
      can_escalate_privs: yesNo,
      is_disabled: yesNo,
      account_created: time,
      account_expires: time,
      credential_last_changed: time,
      account_first_login: time,
      account_last_login: time,
    },
    rules: [something],
    id: ["account_type", "user_id", "account_login"],
    extensions: { "unix-account-ext": unixAccountExt },
  }),
  sco({
    section: "6.17",
    type: "windows-registry-key",
    has: {
      key: text,
      values: list(part(registryValue)),
      modified_time: time,
      creator_user_ref: ref("user-account"),
      number_of_subkeys: integer(),
    },
    rules: [something, own("registry-hive")],
    id: ["key", "values"],
  }),
  sco({
    section: "6.18",
    type: "x509-certificate",
    has: {
      is_self_signed: yesNo,
      hashes,
      version: text,
      serial_number: text,
      signature_algorithm: text,
      issuer: text,
      validity_not_before: time,
      validity_not_after: time,
      subject: text,
      subject_public_key_algorithm: text,
      subject_public_key_modulus: text,
      subject_public_key_exponent: integer(),
      x509_v3_extensions: part(x509V3Extensions),
    },
    rules: [something],
    id: ["hashes", "serial_number"],
  }),
];
