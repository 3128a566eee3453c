/**
 * How the attributes of MISP's object templates and the properties of STIX 2.1 objects correspond, in both directions and
 * in the order in which MISP writes a pattern. What stands in no table travels as the custom property `x_misp_<relation>`.
 * @see STIX 2.1 §6; https://github.com/MISP/misp-objects (templates)
 */
export interface Field {
  /** `object_relation` of the attribute. */
  readonly relation: string;
  /** Attribute type when an attribute is made from the property. */
  readonly type: string;
  /** Property path in the object: "hashes.SHA-256", "values[0].data". */
  readonly path: string;
  readonly as?: "integer" | "number" | "truth" | "time" | "list" | "asn" | "data";
}

export interface ObjectFields {
  /** STIX type of the object that carries the fields. */
  readonly stix: string;
  /** Properties every such object has, which no attribute says. */
  readonly fixed?: Readonly<Record<string, string>>;
  readonly fields: readonly Field[];
}

const field = (relation: string, type: string, path: string, as?: Field["as"]): Field =>
  as === undefined ? { relation, type, path } : { relation, type, path, as };

/** Names of hashes: MISP's type, and the key in STIX (§10.6 hash-algorithm-ov, and what MISP adds to it). */
export const hashNames: readonly (readonly [misp: string, stix: string])[] = [
  ["md5", "MD5"],
  ["sha1", "SHA-1"],
  ["sha224", "SHA224"],
  ["sha256", "SHA-256"],
  ["sha384", "SHA384"],
  ["sha512", "SHA-512"],
  ["sha512/224", "SHA224"],
  ["sha512/256", "SHA-256"],
  ["sha3-224", "SHA3224"],
  ["sha3-256", "SHA3-256"],
  ["sha3-384", "SHA3384"],
  ["sha3-512", "SHA3-512"],
  ["ssdeep", "SSDEEP"],
  ["tlsh", "TLSH"],
  ["vhash", "VHASH"],
  ["telfhash", "TELFHASH"],
  ["authentihash", "AUTHENTIHASH"],
  ["imphash", "IMPHASH"],
  ["impfuzzy", "IMPFUZZY"],
  ["pehash", "PEHASH"],
  ["cdhash", "CDHASH"],
];
export const stixHashOf: ReadonlyMap<string, string> = new Map(hashNames);
/** The first MISP type of a STIX hash name, however its author writes it: "SHA-256", "sha256". */
export const mispHashOf = (name: string): string | undefined => byLetters.get(lettersOf(name));
const lettersOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
const byLetters: ReadonlyMap<string, string> = new Map(
  hashNames.toReversed().map(([misp, stix]) => [lettersOf(stix), misp] as const),
);

/** Hash names in a pattern, where MISP writes three with a hyphen that its objects have not. */
export const patternHashOf = (misp: string): string => {
  const stix = stixHashOf.get(misp) ?? misp.toUpperCase();
  return patternNames[stix] ?? stix;
};
const patternNames: Readonly<Record<string, string>> = {
  SHA224: "SHA-224",
  SHA384: "SHA-384",
  SHA3224: "SHA3-224",
  SHA3384: "SHA3-384",
};

const hashes = (types: readonly string[]): readonly Field[] =>
  types.map((type) => field(type, type, `hashes.${stixHashOf.get(type) ?? type}`));

export const fileHashes = [
  "md5",
  "sha1",
  "sha224",
  "sha256",
  "sha3-224",
  "sha3-256",
  "sha3-384",
  "sha3-512",
  "sha384",
  "sha512",
  "sha512/224",
  "sha512/256",
  "ssdeep",
  "tlsh",
  "vhash",
  "telfhash",
  "authentihash",
];

const account = (type: string, id: string, login: string, display?: string): ObjectFields => ({
  stix: "user-account",
  fixed: { account_type: type },
  fields: [
    field(id, "text", "user_id"),
    field(login, type === "github" ? "github-username" : "text", "account_login"),
    ...(display === undefined ? [] : [field(display, "text", "display_name")]),
  ],
});

const unix = "extensions.unix-account-ext";
const pe = "extensions.windows-pebinary-ext";

/** Template name → its fields. Templates whose properties refer to other objects have code of their own besides. */
export const objectFields: Readonly<Record<string, ObjectFields>> = {
  "android-app": { stix: "software", fields: [field("name", "text", "name")] },
  artifact: {
    stix: "artifact",
    fields: [
      ...hashes(["md5", "sha1", "sha256", "sha512", "sha3-256", "sha3-512", "ssdeep", "tlsh"]),
      field("payload_bin", "attachment", "payload_bin", "data"),
      field("url", "url", "url"),
      field("mime_type", "mime-type", "mime_type"),
      field("encryption_algorithm", "text", "encryption_algorithm"),
      field("decryption_key", "text", "decryption_key"),
    ],
  },
  asn: {
    stix: "autonomous-system",
    fields: [field("asn", "AS", "number", "asn"), field("description", "text", "name")],
  },
  "cpe-asset": {
    stix: "software",
    fields: [
      field("cpe", "cpe", "cpe"),
      field("language", "text", "languages", "list"),
      field("product", "text", "name"),
      field("vendor", "text", "vendor"),
      field("version", "text", "version"),
    ],
  },
  credential: {
    stix: "user-account",
    fields: [field("username", "text", "user_id"), field("password", "text", "credential")],
  },
  directory: {
    stix: "directory",
    fields: [
      field("path", "text", "path"),
      field("path-encoding", "text", "path_enc"),
      field("creation-time", "datetime", "ctime", "time"),
      field("modification-time", "datetime", "mtime", "time"),
      field("access-time", "datetime", "atime", "time"),
    ],
  },
  "facebook-account": account("facebook", "account-id", "account-name"),
  file: {
    stix: "file",
    fields: [
      ...hashes(fileHashes),
      field("filename", "filename", "name"),
      field("file-encoding", "text", "name_enc"),
      field("mimetype", "mime-type", "mime_type"),
      field("size-in-bytes", "size-in-bytes", "size", "integer"),
      field("creation-time", "datetime", "ctime", "time"),
      field("modification-time", "datetime", "mtime", "time"),
      field("access-time", "datetime", "atime", "time"),
    ],
  },
  "github-user": account("github", "id", "username", "user-fullname"),
  "gitlab-user": account("gitlab", "id", "username", "name"),
  hashlookup: {
    stix: "file",
    fields: [
      field("MD5", "md5", "hashes.MD5"),
      field("SHA-1", "sha1", "hashes.SHA-1"),
      field("SHA-256", "sha256", "hashes.SHA-256"),
      field("SSDEEP", "ssdeep", "hashes.SSDEEP"),
      field("TLSH", "tlsh", "hashes.TLSH"),
      field("FileName", "filename", "name"),
      field("FileSize", "size-in-bytes", "size", "integer"),
    ],
  },
  image: { stix: "file", fields: [field("filename", "filename", "name"), field("file-encoding", "text", "name_enc")] },
  lnk: {
    stix: "file",
    fields: [
      field("filename", "filename", "name"),
      ...hashes(fileHashes),
      field("lnk-creation-time", "datetime", "ctime", "time"),
      field("lnk-modification-time", "datetime", "mtime", "time"),
      field("lnk-access-time", "datetime", "atime", "time"),
      field("size-in-bytes", "size-in-bytes", "size", "integer"),
    ],
  },
  mutex: { stix: "mutex", fields: [field("name", "text", "name")] },
  "parler-account": account("parler", "account-id", "account-name"),
  pe: {
    stix: "file",
    fields: [
      field("imphash", "imphash", `${pe}.imphash`),
      field("number-sections", "counter", `${pe}.number_of_sections`, "integer"),
      field("type", "text", `${pe}.pe_type`),
      field("entrypoint-address", "text", `${pe}.optional_header.address_of_entry_point`, "integer"),
    ],
  },
  "pe-section": {
    stix: "file",
    fields: [
      field("entropy", "float", "entropy", "number"),
      field("name", "text", "name"),
      field("size-in-bytes", "size-in-bytes", "size", "integer"),
      ...hashes(["md5", "sha1", "sha256", "sha512", "ssdeep"]),
    ],
  },
  "reddit-account": account("reddit", "account-id", "account-name"),
  "registry-key": {
    stix: "windows-registry-key",
    fields: [
      field("key", "regkey", "key"),
      field("last-modified", "datetime", "modified_time", "time"),
      field("data", "text", "values[0].data"),
      field("data-type", "text", "values[0].data_type"),
      field("name", "text", "values[0].name"),
    ],
  },
  "registry-key-value": {
    stix: "windows-registry-key",
    fields: [
      field("data", "text", "values[0].data"),
      field("data-type", "text", "values[0].data_type"),
      field("name", "text", "values[0].name"),
    ],
  },
  software: {
    stix: "software",
    fields: [
      field("cpe", "cpe", "cpe"),
      field("language", "text", "languages", "list"),
      field("name", "text", "name"),
      field("swid", "text", "swid"),
      field("vendor", "text", "vendor"),
      field("version", "text", "version"),
    ],
  },
  "telegram-account": account("telegram", "id", "username"),
  "twitter-account": account("twitter", "id", "name", "displayed-name"),
  url: { stix: "url", fields: [field("url", "url", "value")] },
  "user-account": {
    stix: "user-account",
    fields: [
      field("username", "text", "account_login"),
      field("account-type", "text", "account_type"),
      field("can_escalate_privs", "boolean", "can_escalate_privs", "truth"),
      field("display-name", "text", "display_name"),
      field("disabled", "boolean", "is_disabled", "truth"),
      field("privileged", "boolean", "is_privileged", "truth"),
      field("is_service_account", "boolean", "is_service_account", "truth"),
      field("user-id", "text", "user_id"),
      field("password", "text", "credential"),
      field("created", "datetime", "account_created", "time"),
      field("expires", "datetime", "account_expires", "time"),
      field("first_login", "datetime", "account_first_login", "time"),
      field("last_login", "datetime", "account_last_login", "time"),
      field("password_last_changed", "datetime", "credential_last_changed", "time"),
      field("group-id", "text", `${unix}.gid`, "integer"),
      field("group", "text", `${unix}.groups`, "list"),
      field("home_dir", "text", `${unix}.home_dir`),
      field("shell", "text", `${unix}.shell`),
    ],
  },
  x509: {
    stix: "x509-certificate",
    fields: [
      field("x509-fingerprint-md5", "x509-fingerprint-md5", "hashes.MD5"),
      field("x509-fingerprint-sha1", "x509-fingerprint-sha1", "hashes.SHA-1"),
      field("x509-fingerprint-sha256", "x509-fingerprint-sha256", "hashes.SHA-256"),
      field("self_signed", "boolean", "is_self_signed", "truth"),
      field("issuer", "text", "issuer"),
      field("serial-number", "text", "serial_number"),
      field("signature_algorithm", "text", "signature_algorithm"),
      field("subject", "text", "subject"),
      field("pubkey-info-algorithm", "text", "subject_public_key_algorithm"),
      field("pubkey-info-exponent", "text", "subject_public_key_exponent", "integer"),
      field("pubkey-info-modulus", "text", "subject_public_key_modulus"),
      field("validity-not-after", "datetime", "validity_not_after", "time"),
      field("validity-not-before", "datetime", "validity_not_before", "time"),
      field("version", "text", "version"),
    ],
  },
};

/** "subnet-announced" → "x_misp_subnet_announced", and back as far as that can be told. */
export const customName = (relation: string): string => `x_misp_${relation.replaceAll("-", "_")}`;
