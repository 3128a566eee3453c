import { networkOf, cidrRange } from "#core/cidr.ts";
import { domainName } from "#core/domain.ts";
import { parseIp } from "#core/ip.ts";
import { no, ok, type Result } from "#core/result.ts";

/** Characters of hexadecimal a hash of the type has. */
const hexLengths: Readonly<Record<string, number>> = {
  md5: 32,
  imphash: 32,
  "ja3-fingerprint-md5": 32,
  "hassh-md5": 32,
  "hasshserver-md5": 32,
  "x509-fingerprint-md5": 32,
  sha1: 40,
  pehash: 40,
  cdhash: 40,
  "x509-fingerprint-sha1": 40,
  sha224: 56,
  "sha512/224": 56,
  "sha3-224": 56,
  sha256: 64,
  "sha512/256": 64,
  "sha3-256": 64,
  authentihash: 64,
  "x509-fingerprint-sha256": 64,
  sha384: 96,
  "sha3-384": 96,
  sha512: 128,
  "sha3-512": 128,
};

/** The two values of a composite: at the last "|" after a file name, which may hold one; at the first otherwise. */
export const splitComposite = (type: string, value: string): readonly [string, string] | undefined => {
  const isNamed = type.startsWith("filename|") || type === "malware-sample";
  const bar = isNamed ? value.lastIndexOf("|") : value.indexOf("|");
  return bar < 0 ? undefined : [value.slice(0, bar), value.slice(bar + 1)];
};

/**
 * A value as MISP keeps it: hashes, hosts and hardware addresses in lower case, blanks cut, "AS" before a number; a
 * composite half by half. What does not fit its type is a problem, for types whose form is certain.
 * @see MISP core format §2.5.2.2 (value), describeTypes
 * @returns problems WGL_MISP_VALUE
 */
export const normaliseValue = (type: string, written: string): Result<string> => {
  const value = written.trim();
  const refused = (): Result<never> => no("WGL_MISP_VALUE", { type, value: written });
  if (value === "") return refused();
  if (type.includes("|")) return compositeOf(type, value) ?? refused();
  const length = Object.hasOwn(hexLengths, type) ? hexLengths[type] : undefined;
  if (length !== undefined) {
    const hash = value.toLowerCase().replaceAll(":", "");
    return hash.length === length && /^[0-9a-f]+$/.test(hash) ? ok(hash) : refused();
  }
  const fits = Object.hasOwn(forms, type) ? forms[type]?.(value) : value;
  return fits === undefined ? refused() : ok(fits);
};

const compositeOf = (type: string, value: string): Result<string> | undefined => {
  const halves = splitComposite(type, value);
  const [first, second] = type.split("|");
  if (halves === undefined || first === undefined || second === undefined || halves[1] === "") return undefined;
  const halfTypes: Readonly<Record<string, string>> = { ip: "ip-dst", value: "text" };
  const [a, b] = [
    normaliseValue(halfTypes[first] ?? first, halves[0]),
    normaliseValue(halfTypes[second] ?? second, halves[1]),
  ];
  return a.ok && b.ok ? ok(`${a.value}|${b.value}`) : undefined;
};

const lower = (value: string): string => value.toLowerCase();
const matching =
  (shape: RegExp) =>
  (value: string): string | undefined =>
    shape.test(value) ? value : undefined;

const address = (value: string): string | undefined => {
  if (value.includes("/")) {
    const range = cidrRange(value);
    return range.ok ? networkOf(range.value).value : undefined;
  }
  const ip = parseIp(value);
  return ip.ok ? lower(value) : undefined;
};

const host = (value: string): string | undefined => (domainName(value) === undefined ? undefined : lower(value));

const mac = (value: string): string | undefined => {
  const digits = lower(value).replaceAll(/[^0-9a-f]/g, "");
  return digits.length === 12 || digits.length === 16 ? digits.replaceAll(/(..)(?=.)/g, "$1:") : undefined;
};

/** Types whose form is certain; what is in no table is any text. */
const forms: Readonly<Record<string, (value: string) => string | undefined>> = {
  AS: (value) => {
    const number = /^(?:AS)?(\d{1,10})$/i.exec(value)?.[1];
    return number === undefined ? undefined : `AS${number}`;
  },
  "ip-src": address,
  "ip-dst": address,
  domain: host,
  hostname: host,
  port: (value) => (/^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? String(Number(value)) : undefined),
  "mac-address": mac,
  "mac-eui-64": mac,
  "size-in-bytes": matching(/^\d+$/),
  counter: matching(/^\d+$/),
  integer: matching(/^-?\d+$/),
  float: matching(/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i),
  "http-method": matching(
    /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|CONNECT|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|PATCH|REPORT|SEARCH|VERSION-CONTROL|CHECKOUT|CHECKIN|UNCHECKOUT|MKWORKSPACE|UPDATE|LABEL|MERGE|BASELINE-CONTROL|MKACTIVITY|ORDERPATCH|ACL)$/i,
  ),
  ssdeep: matching(/^\d+:[\w+/]+:[\w+/]+(?:,".*")?$/),
  impfuzzy: matching(/^\d+:[\w+/]*:[\w+/]*$/),
  vulnerability: (value) => (/^(?:cve|ghsa)-/i.test(value) ? value.toUpperCase() : value),
  weakness: matching(/^CWE-\d+$/i),
  "phone-number": (value) => value.replaceAll(/[^+0-9]/g, ""),
  cpe: matching(/^cpe:/i),
  boolean: (value) => (/^(?:1|true)$/i.test(value) ? "1" : /^(?:0|false)$/i.test(value) ? "0" : undefined),
};
