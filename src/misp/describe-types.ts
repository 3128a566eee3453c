import { attributeTypes, categories, type Category, type SaneDefault, saneDefaults } from "./attribute-types.ts";

const hashes = `md5, sha1, sha224, sha256, sha384, sha512, sha512/224, sha512/256, sha3-224, sha3-256, sha3-384, sha3-512,
  ssdeep, imphash, telfhash, impfuzzy, authentihash, vhash`;
const named = `filename, filename|md5, filename|sha1, filename|sha224, filename|sha256, filename|sha384, filename|sha512,
  filename|sha512/224, filename|sha512/256, filename|sha3-224, filename|sha3-256, filename|sha3-384, filename|sha3-512,
  filename|authentihash, filename|vhash, filename|ssdeep, filename|tlsh, filename|imphash, filename|impfuzzy,
  filename|pehash`;
const fingerprints = "ja3-fingerprint-md5, jarm-fingerprint, hassh-md5, hasshserver-md5";
const certificates = "x509-fingerprint-sha1, x509-fingerprint-md5, x509-fingerprint-sha256";
const applications = "azure-application-id, mobile-application-id, chrome-extension-id, edge-extension-id";
const addresses = "ip-src, ip-dst, ip-dst|port, ip-src|port";
const keys = "pgp-public-key, pgp-private-key";

/** What each category may hold; MISP describeTypes `category_type_mappings`. */
const held: Readonly<Record<Category, string>> = {
  "Internal reference": "text, link, comment, other, hex, anonymised, git-commit-id",
  "Targeting data": `target-user, target-email, target-machine, target-org, target-location, target-external, comment,
    anonymised`,
  "Antivirus detection": "link, comment, text, hex, attachment, other, anonymised",
  "Payload delivery": `${hashes}, pehash, tlsh, cdhash, ${named}, mac-address, mac-eui-64, ${addresses}, hostname, domain,
    email, email-src, email-dst, email-subject, email-attachment, email-body, url, user-agent, AS, pattern-in-file,
    pattern-in-traffic, filename-pattern, stix2-pattern, yara, sigma, mime-type, attachment, malware-sample, link,
    malware-type, comment, text, hex, vulnerability, cpe, weakness, ${certificates}, ${fingerprints}, other,
    hostname|port, email-dst-display-name, email-src-display-name, email-header, email-reply-to, email-x-mailer,
    email-mime-boundary, email-thread-index, email-message-id, ${applications}, whois-registrant-email, anonymised,
    onion-address`,
  "Artifacts dropped": `${hashes}, cdhash, ${named}, regkey, regkey|value, pattern-in-file, pattern-in-memory,
    filename-pattern, pdb, stix2-pattern, yara, sigma, attachment, malware-sample, named pipe, mutex, process-state,
    windows-scheduled-task, windows-service-name, windows-service-displayname, comment, text, hex, ${certificates}, other,
    cookie, gene, kusto-query, mime-type, anonymised, ${keys}`,
  "Payload installation": `${hashes}, pehash, tlsh, cdhash, ${named}, pattern-in-file, pattern-in-traffic,
    pattern-in-memory, filename-pattern, stix2-pattern, yara, sigma, vulnerability, cpe, weakness, attachment,
    malware-sample, malware-type, comment, text, hex, ${certificates}, ${applications}, other, mime-type, anonymised`,
  "Persistence mechanism": "filename, regkey, regkey|value, comment, text, other, hex, anonymised",
  "Network activity": `${addresses}, port, hostname, domain, domain|ip, mac-address, mac-eui-64, email, email-dst,
    email-src, eppn, url, uri, user-agent, http-method, AS, snort, suricata, pattern-in-file, filename-pattern,
    stix2-pattern, pattern-in-traffic, attachment, comment, text, ${certificates}, ${fingerprints}, other, hex, cookie,
    hostname|port, bro, zeek, anonymised, community-id, email-subject, favicon-mmh3, dkim, dkim-signature,
    ssh-fingerprint, dom-hash, onion-address`,
  "Payload type": "comment, text, other, anonymised",
  Attribution: `threat-actor, campaign-name, campaign-id, whois-registrant-phone, whois-registrant-email,
    whois-registrant-name, whois-registrant-org, whois-registrar, whois-creation-date, comment, text, ${certificates},
    other, dns-soa-email, anonymised, email`,
  "External analysis": `md5, sha1, sha256, sha3-224, sha3-256, sha3-384, sha3-512, filename, filename|md5, filename|sha1,
    filename|sha256, filename|sha3-224, filename|sha3-256, filename|sha3-384, filename|sha3-512, ${addresses},
    mac-address, mac-eui-64, hostname, domain, domain|ip, url, user-agent, regkey, regkey|value, AS, snort, suricata, bro,
    zeek, pattern-in-file, pattern-in-traffic, pattern-in-memory, filename-pattern, vulnerability, cpe, weakness,
    attachment, malware-sample, link, comment, text, ${certificates}, ${fingerprints}, github-repository, other, cortex,
    anonymised, community-id, dom-hash, onion-address`,
  "Financial fraud": `btc, dash, xmr, iban, bic, bank-account-nr, aba-rtn, bin, cc-number, prtn, phone-number, comment,
    text, other, hex, anonymised`,
  "Support Tool": "link, text, attachment, comment, other, hex, anonymised",
  "Social network": `github-username, github-repository, github-organisation, jabber-id, twitter-id, email, email-src,
    email-dst, eppn, comment, text, other, whois-registrant-email, anonymised, ${keys}`,
  Person: `first-name, middle-name, last-name, full-name, date-of-birth, place-of-birth, gender, passport-number,
    passport-country, passport-expiration, redress-number, nationality, visa-number, issue-date-of-the-visa,
    primary-residence, country-of-residence, special-service-request, frequent-flyer-number, travel-details,
    payment-details, place-port-of-original-embarkation, place-port-of-clearance,
    place-port-of-onward-foreign-destination, passenger-name-record-locator-number, comment, text, other, phone-number,
    identity-card-number, anonymised, email, ${keys}`,
  Other: `comment, text, other, size-in-bytes, counter, integer, datetime, cpe, port, float, hex, phone-number, boolean,
    anonymised, ${keys}, uuid`,
};

/** Category → types it may hold. */
export const typesOfCategory: ReadonlyMap<Category, readonly string[]> = new Map(
  categories.map((category) => [category, held[category].split(",").map((type) => type.trim())] as const),
);

/** MISP's `attributes/describeTypes`: what a client asks first to know which attributes it may make. */
export interface DescribeTypes {
  readonly sane_defaults: Readonly<Record<string, SaneDefault>>;
  readonly types: readonly string[];
  readonly categories: readonly Category[];
  readonly category_type_mappings: Readonly<Record<string, readonly string[]>>;
}

export const describeTypes: DescribeTypes = {
  sane_defaults: Object.fromEntries(saneDefaults),
  types: attributeTypes,
  categories,
  category_type_mappings: Object.fromEntries(typesOfCategory),
};
