/**
 * Kinds of values that can be known bad or be seen. Canonical forms, minted only by `recognise` and the parsers beside it:
 *   ipv4      203.0.113.7                 ipv6      2001:db8::7 (RFC 5952; IPv4-mapped becomes ipv4)
 *   cidr      203.0.113.0/24, 2001:db8::/48 (host bits zero; a /32 or /128 becomes an address)
 *   endpoint  203.0.113.7:8080, [2001:db8::7]:443, bad.example:8080
 *   domain    a-label, lower case, no final dot
 *   url       WHATWG-serialised; without a scheme it is kept scheme-relative: //bad.example/x
 *   path      /gate.php?id= (a URL's path and query known bad on any host)
 *   email     local@domain, domain in lower case
 *   md5, sha1, sha256, sha512   lower-case hexadecimal
 *   asn       AS64496
 */
export const observableKinds = [
  "ipv4",
  "ipv6",
  "cidr",
  "endpoint",
  "domain",
  "url",
  "path",
  "email",
  "md5",
  "sha1",
  "sha256",
  "sha512",
  "asn",
] as const;
export type ObservableKind = (typeof observableKinds)[number];

/** `value` is canonical for its kind, so that equality of text is equality of meaning. */
export interface Observable {
  readonly kind: ObservableKind;
  readonly value: string;
}

/** "ipv4:203.0.113.7": the key under which sources merge. */
export const observableKey = (observable: Observable): string => `${observable.kind}:${observable.value}`;
