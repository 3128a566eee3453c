import { hashNames, mispHashOf } from "#misp/object-fields.ts";
import { type Fact, withoutPositions } from "./facts.ts";

const request = "extensions.http-request-ext";
const header = "additional_header_fields";

/** Paths at which the value of a type stands, the likeliest first; of a composite, those of each half. */
const paths: Readonly<Record<string, readonly (readonly string[])[]>> = {
  AS: [["number"]],
  attachment: [["name"]],
  domain: [["value"]],
  "domain|ip": [["value"], ["resolves_to_refs.value"]],
  email: [["value"]],
  "email-attachment": [["body_multipart.body_raw_ref.name"]],
  "email-body": [["body"]],
  "email-dst": [["to_refs.value", "value"]],
  "email-header": [["received_lines"]],
  "email-message-id": [["message_id"]],
  "email-reply-to": [[`${header}.Reply-To`, `${header}.reply_to`]],
  "email-src": [["from_ref.value", "value"]],
  "email-subject": [["subject"]],
  "email-x-mailer": [[`${header}.X-Mailer`, `${header}.x_mailer`]],
  filename: [["name"]],
  "github-username": [["account_login", "user_id"]],
  hostname: [["value"]],
  "hostname|port": [["dst_ref.value", "value"], ["dst_port"]],
  "http-method": [[`${request}.request_method`]],
  "ip-dst": [["dst_ref.value", "value"]],
  "ip-dst|port": [["dst_ref.value", "value"], ["dst_port"]],
  "ip-src": [["src_ref.value", "value"]],
  "ip-src|port": [["src_ref.value", "value"], ["src_port"]],
  link: [["value"]],
  "mac-address": [["value"]],
  "malware-sample": [
    ["name", "content_ref.x_misp_filename"],
    ["hashes.MD5", "content_ref.hashes.MD5"],
  ],
  mutex: [["name"]],
  port: [["dst_port"]],
  regkey: [["key"]],
  "regkey|value": [["key"], ["values.data"]],
  "size-in-bytes": [["size"]],
  uri: [["value"]],
  url: [["value"]],
  "user-agent": [[`${request}.request_header.User-Agent`]],
  "x509-fingerprint-md5": [["hashes.MD5"]],
  "x509-fingerprint-sha1": [["hashes.SHA-1"]],
  "x509-fingerprint-sha256": [["hashes.SHA-256"]],
};

const hashTypes: ReadonlySet<string> = new Set(hashNames.map(([misp]) => misp));

/** The value, and the file behind it, of an attribute of this type; absent when the facts do not have it. */
export const attributeValueOf = (
  type: string,
  facts: readonly Fact[],
): { readonly value: string; readonly data?: string } | undefined => {
  const at = (wanted: readonly string[]): string | undefined => {
    for (const path of wanted) {
      const found = facts.find((fact) => withoutPositions(fact.path) === path);
      if (found !== undefined) return found.value;
    }
    return undefined;
  };
  const hash = (name: string): string | undefined =>
    facts.find(
      ({ path }) =>
        path.startsWith("hashes.") && mispHashOf(path.slice("hashes.".length)) === mispHashOf(stixName(name)),
    )?.value;
  const data = at(["content_ref.payload_bin"]);
  const file = data === undefined ? {} : { data };
  if (hashTypes.has(type)) {
    const value = hash(type);
    return value === undefined ? undefined : { value };
  }
  const [first, second] = type.split("|");
  if (first === "filename" && second !== undefined) {
    const [name, value] = [at(["name"]), hash(second)];
    return name === undefined || value === undefined ? undefined : { value: `${name}|${value}` };
  }
  const halves = Object.hasOwn(paths, type) ? paths[type] : undefined;
  const values = halves?.map(at);
  if (values === undefined || values.some((value) => value === undefined)) return undefined;
  const joined = values.join("|");
  return { value: type === "AS" ? `AS${joined.replace(/^AS/i, "")}` : joined, ...file };
};

const stixName = (misp: string): string => hashNames.find(([name]) => name === misp)?.[1] ?? misp;
