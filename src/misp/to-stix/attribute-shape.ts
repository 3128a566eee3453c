import { splitComposite } from "#misp/attribute-value.ts";
import { patternHashOf, stixHashOf } from "#misp/object-fields.ts";
import { sco, type StixObject } from "#misp/stix-object.ts";
import { addressObject, addressType, endParts, sampleArtifact } from "./addresses.ts";
import { type PatternGroup, quotedPath } from "./pattern-text.ts";

/** What an attribute is in STIX: objects that were seen, and what an indicator of it compares. */
export interface AttributeShape {
  /** Empty: STIX has no object for it, only a pattern. */
  readonly objects: readonly StixObject[];
  readonly pattern: readonly PatternGroup[];
}

export interface AttributeValue {
  readonly type: string;
  /** As `normaliseValue` gives it. */
  readonly value: string;
  readonly uuid: string;
  readonly data?: string;
}

/** Absent: no STIX object and no pattern says it; it travels as `x-misp-attribute`. */
export const attributeShape = (attribute: AttributeValue): AttributeShape | undefined => {
  const build = Object.hasOwn(builders, attribute.type) ? builders[attribute.type] : undefined;
  if (build !== undefined) return build(attribute);
  if (stixHashOf.has(attribute.type)) return fileOf(attribute, undefined, attribute.value, attribute.type);
  const [first, second] = attribute.type.split("|");
  if (first === "filename" && second !== undefined && stixHashOf.has(second)) {
    const [name, hash] = splitComposite(attribute.type, attribute.value) ?? ["", ""];
    return fileOf(attribute, name, hash, second);
  }
  return undefined;
};

type Build = (attribute: AttributeValue) => AttributeShape | undefined;

const one = (path: string, value: string, is?: "number"): PatternGroup =>
  is === undefined ? { path, value } : { path, value, is };

const fileOf = ({ uuid }: AttributeValue, name: string | undefined, hash: string, type: string): AttributeShape => ({
  objects: [
    sco("file", uuid, {
      hashes: { [stixHashOf.get(type) ?? type]: hash },
      ...(name === undefined ? {} : { name }),
    }),
  ],
  pattern: [
    ...(name === undefined ? [] : [one("file:name", name)]),
    one(`file:${quotedPath(`hashes.${patternHashOf(type)}`)}`, hash),
  ],
});

/** One object with one property. */
const simple =
  (type: string, property: string, path = `${type}:${property}`): Build =>
  ({ uuid, value }) => ({ objects: [sco(type, uuid, { [property]: value })], pattern: [one(path, value)] });

const mail =
  (properties: (value: string) => Readonly<Record<string, unknown>>, path: string): Build =>
  ({ uuid, value }) => ({
    objects: [sco("email-message", uuid, { is_multipart: false, ...properties(value) })],
    pattern: [one(`email-message:${path}`, value)],
  });

const mailbox =
  (property: "from_ref" | "to_refs", path: string): Build =>
  ({ uuid, value }) => {
    const ref = `email-addr--${uuid}`;
    return {
      objects: [
        sco("email-message", uuid, { is_multipart: false, [property]: property === "to_refs" ? [ref] : ref }),
        sco("email-addr", uuid, { value }),
      ],
      pattern: [one(`email-message:${path}.value`, value)],
    };
  };

const traffic =
  (end: "src" | "dst"): Build =>
  ({ type, uuid, value }) => {
    const [ip, port] = type.includes("|") ? (splitComposite(type, value) ?? [value, ""]) : [value, ""];
    const address = addressObject(ip, uuid);
    return {
      objects: [
        sco("network-traffic", uuid, {
          [`${end}_ref`]: address.id,
          ...(port === "" ? {} : { [`${end}_port`]: Number(port) }),
          protocols: ["tcp"],
        }),
        address,
      ],
      pattern: [
        ...endParts(end, addressType(ip), ip),
        ...(port === "" ? [] : [one(`network-traffic:${end}_port`, port, "number")]),
      ],
    };
  };

const certificate =
  (hash: string): Build =>
  ({ uuid, value }) => ({
    objects: [sco("x509-certificate", uuid, { hashes: { [hash]: value } })],
    pattern: [one(`x509-certificate:${quotedPath(`hashes.${hash}`)}`, value)],
  });

const onlyPattern =
  (path: string, is?: "number"): Build =>
  ({ value }) => ({ objects: [], pattern: [one(path, value, is)] });

const request = "network-traffic:extensions.'http-request-ext'";

const builders: Readonly<Record<string, Build>> = {
  AS: ({ uuid, value }) => {
    const number = value.replace(/^AS/i, "");
    return {
      objects: [sco("autonomous-system", uuid, { number: Number(number) })],
      pattern: [one("autonomous-system:number", number, "number")],
    };
  },
  attachment: ({ uuid, value, data }) => ({
    objects: [
      sco("file", uuid, { name: value, ...(data === undefined ? {} : { content_ref: `artifact--${uuid}` }) }),
      ...(data === undefined ? [] : [sco("artifact", uuid, { payload_bin: data })]),
    ],
    pattern: [one("file:name", value), ...(data === undefined ? [] : [one("file:content_ref.payload_bin", data)])],
  }),
  domain: simple("domain-name", "value"),
  hostname: simple("domain-name", "value"),
  "domain|ip": ({ type, uuid, value }) => {
    const [name, ip] = splitComposite(type, value) ?? [value, ""];
    const address = addressObject(ip, uuid);
    return {
      objects: [sco("domain-name", uuid, { value: name, resolves_to_refs: [address.id] }), address],
      pattern: [one("domain-name:value", name), one("domain-name:resolves_to_refs[*].value", ip)],
    };
  },
  email: simple("email-addr", "value"),
  "email-attachment": ({ uuid, value }) => ({
    objects: [
      sco("email-message", uuid, {
        is_multipart: true,
        body_multipart: [{ body_raw_ref: `file--${uuid}`, content_disposition: `attachment; filename='${value}'` }],
      }),
      sco("file", uuid, { name: value }),
    ],
    pattern: [one("email-message:body_multipart[*].body_raw_ref.name", value)],
  }),
  "email-body": mail((body) => ({ body }), "body"),
  "email-dst": mailbox("to_refs", "to_refs[*]"),
  "email-header": mail((line) => ({ received_lines: [line] }), "received_lines"),
  "email-message-id": mail((message_id) => ({ message_id }), "message_id"),
  "email-reply-to": mail(
    (value) => ({ additional_header_fields: { "Reply-To": value } }),
    "additional_header_fields.reply_to",
  ),
  "email-src": mailbox("from_ref", "from_ref"),
  "email-subject": mail((subject) => ({ subject }), "subject"),
  "email-x-mailer": mail(
    (value) => ({ additional_header_fields: { "X-Mailer": value } }),
    "additional_header_fields.x_mailer",
  ),
  filename: simple("file", "name"),
  "github-username": ({ uuid, value }) => ({
    objects: [sco("user-account", uuid, { account_login: value, account_type: "github" })],
    pattern: [one("user-account:account_type", "github"), one("user-account:account_login", value)],
  }),
  "hostname|port": ({ type, uuid, value }) => {
    const [name, port] = splitComposite(type, value) ?? [value, ""];
    return {
      objects: [
        sco("domain-name", uuid, { value: name }),
        sco("network-traffic", uuid, {
          dst_ref: `domain-name--${uuid}`,
          dst_port: Number(port),
          protocols: ["tcp"],
        }),
      ],
      pattern: [one("domain-name:value", name), one("network-traffic:dst_port", port, "number")],
    };
  },
  "http-method": onlyPattern(`${request}.request_method`),
  "ip-dst": traffic("dst"),
  "ip-dst|port": traffic("dst"),
  "ip-src": traffic("src"),
  "ip-src|port": traffic("src"),
  link: simple("url", "value"),
  uri: simple("url", "value"),
  url: simple("url", "value"),
  "mac-address": simple("mac-addr", "value"),
  "malware-sample": ({ type, uuid, value, data }) => {
    const [name, md5] = splitComposite(type, value) ?? [value, ""];
    return {
      objects: [
        sco("file", uuid, {
          ...(md5 === "" ? {} : { hashes: { MD5: md5 } }),
          name,
          ...(data === undefined ? {} : { content_ref: `artifact--${uuid}` }),
        }),
        ...(data === undefined ? [] : [sampleArtifact(uuid, data)]),
      ],
      pattern: [
        ...(data === undefined ? [] : [one("file:content_ref.payload_bin", data)]),
        one("file:name", name),
        ...(md5 === "" ? [] : [one("file:hashes.MD5", md5)]),
        ...(data === undefined ? [] : sampleParts),
      ],
    };
  },
  mutex: simple("mutex", "name"),
  port: onlyPattern("network-traffic:dst_port", "number"),
  regkey: simple("windows-registry-key", "key"),
  "regkey|value": ({ type, uuid, value }) => {
    const [key, data] = splitComposite(type, value) ?? [value, ""];
    return {
      objects: [sco("windows-registry-key", uuid, { key: key.trim(), values: [{ data: data.trim() }] })],
      pattern: [one("windows-registry-key:key", key.trim()), one("windows-registry-key:values.data", data.trim())],
    };
  },
  "size-in-bytes": onlyPattern("file:size", "number"),
  "user-agent": onlyPattern(`${request}.request_header.'User-Agent'`),
  "x509-fingerprint-md5": certificate("MD5"),
  "x509-fingerprint-sha1": certificate("SHA-1"),
  "x509-fingerprint-sha256": certificate("SHA-256"),
};

/** How MISP packs a sample; the same in every pattern about one. */
export const sampleParts: readonly PatternGroup[] = [
  { path: "file:content_ref.mime_type", value: "application/zip" },
  { path: "file:content_ref.encryption_algorithm", value: "mime-type-indicated" },
  { path: "file:content_ref.decryption_key", value: "infected" },
];
