/**
 * MISP's attribute types, with the category and the detection flag an attribute of the type has when its author says
 * nothing. Facts of the format: data, kept in MISP's words.
 * @see MISP core format §2.5.2 (draft-dulaunoy-misp-core-format), MISP describeTypes
 */
export interface SaneDefault {
  readonly default_category: Category;
  /** 1: an attribute of this type is meant for detection unless its author says otherwise. */
  readonly to_ids: 0 | 1;
}

/** The sixteen categories, in MISP's order. */
export const categories = [
  "Internal reference",
  "Targeting data",
  "Antivirus detection",
  "Payload delivery",
  "Artifacts dropped",
  "Payload installation",
  "Persistence mechanism",
  "Network activity",
  "Payload type",
  "Attribution",
  "External analysis",
  "Financial fraud",
  "Support Tool",
  "Social network",
  "Person",
  "Other",
] as const;
export type Category = (typeof categories)[number];

/** Default category and flag, and the types that have both; a type stands once. */
const groups: readonly (readonly [Category, 0 | 1, string])[] = [
  [
    "Payload delivery",
    1,
    `md5, sha1, sha256, filename, filename|md5, filename|sha1, filename|sha256, email-src, email-attachment,
    malware-sample, authentihash, vhash, ssdeep, imphash, telfhash, pehash, impfuzzy, sha224, sha384, sha512,
    sha512/224, sha512/256, sha3-224, sha3-256, sha3-384, sha3-512, tlsh, cdhash, filename|authentihash,
    filename|vhash, filename|ssdeep, filename|imphash, filename|impfuzzy, filename|pehash, filename|sha224,
    filename|sha384, filename|sha512, filename|sha512/224, filename|sha512/256, filename|sha3-224, filename|sha3-256,
    filename|sha3-384, filename|sha3-512, filename|tlsh, mobile-application-id, azure-application-id,
    chrome-extension-id, edge-extension-id`,
  ],
  [
    "Payload delivery",
    0,
    `email-subject, email-body, malware-type, email-dst-display-name, email-src-display-name, email-header,
    email-reply-to, email-x-mailer, email-mime-boundary, email-thread-index, email-message-id`,
  ],
  [
    "Network activity",
    1,
    `ip-src, ip-dst, hostname, domain, domain|ip, eppn, email-dst, url, ja3-fingerprint-md5, jarm-fingerprint,
    favicon-mmh3, hassh-md5, hasshserver-md5, snort, suricata, bro, zeek, community-id, dom-hash, pattern-in-traffic,
    uri, x509-fingerprint-sha1, x509-fingerprint-md5, x509-fingerprint-sha256, ip-dst|port, ip-src|port,
    hostname|port, onion-address`,
  ],
  [
    "Network activity",
    0,
    "http-method, user-agent, AS, ssh-fingerprint, cookie, port, mac-address, mac-eui-64, dkim, dkim-signature",
  ],
  ["Social network", 1, "email"],
  ["Social network", 0, "github-username, github-repository, github-organisation, jabber-id, twitter-id"],
  [
    "Artifacts dropped",
    0,
    `pdb, gene, kusto-query, mime-type, named pipe, process-state, windows-scheduled-task, windows-service-name,
    windows-service-displayname`,
  ],
  ["Artifacts dropped", 1, "mutex"],
  ["Persistence mechanism", 1, "regkey, regkey|value"],
  ["Payload installation", 1, "pattern-in-file, pattern-in-memory, filename-pattern, yara, stix2-pattern, sigma"],
  ["External analysis", 0, "vulnerability, cpe, weakness, attachment, link, cortex"],
  ["Targeting data", 0, "target-user, target-email, target-machine, target-org, target-location, target-external"],
  ["Financial fraud", 1, "btc, dash, xmr, iban, bic, bank-account-nr, aba-rtn, bin, cc-number, prtn"],
  [
    "Attribution",
    0,
    `threat-actor, campaign-name, campaign-id, whois-registrant-email, whois-registrant-phone, whois-registrant-name,
    whois-registrant-org, whois-registrar, whois-creation-date, dns-soa-email`,
  ],
  ["Internal reference", 0, "git-commit-id"],
  [
    "Person",
    0,
    `pgp-public-key, pgp-private-key, identity-card-number, phone-number, first-name, middle-name, last-name,
    full-name, date-of-birth, place-of-birth, gender, passport-number, passport-country, passport-expiration,
    redress-number, nationality, visa-number, issue-date-of-the-visa, primary-residence, country-of-residence,
    special-service-request, frequent-flyer-number, travel-details, payment-details,
    place-port-of-original-embarkation, place-port-of-clearance, place-port-of-onward-foreign-destination,
    passenger-name-record-locator-number`,
  ],
  [
    "Other",
    0,
    "float, comment, text, hex, other, size-in-bytes, counter, integer, datetime, boolean, uuid, anonymised",
  ],
];

const namesIn = (list: string): readonly string[] => list.split(",").map((name) => name.trim());

/** Type → what an attribute of it is by default. */
export const saneDefaults: ReadonlyMap<string, SaneDefault> = new Map(
  groups.flatMap(([default_category, to_ids, types]) =>
    namesIn(types).map((type) => [type, { default_category, to_ids }] as const),
  ),
);

/** Every type, those with a default category together. */
export const attributeTypes: readonly string[] = [...saneDefaults.keys()];

/** Where an attribute belongs when its author names no category; of an unknown type: "Other". */
export const defaultCategory = (type: string): Category => saneDefaults.get(type)?.default_category ?? "Other";

/** Whether an attribute is meant for detection: what it says, else what its type says, else no. */
export const meantForDetection = (attribute: { readonly type: string; readonly to_ids?: boolean }): boolean =>
  attribute.to_ids ?? saneDefaults.get(attribute.type)?.to_ids === 1;
