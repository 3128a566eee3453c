import type { Observable } from "#core/observable.ts";
import { hexDigit, printIpv4, printIpv6, readAddress } from "./match-address.ts";

/**
 * How a value stands in the match table. Wire format of snapshots: add at the end.
 *   form           words                     text
 *   ipv4           address                   –
 *   cidr4          address, prefix length    –
 *   endpoint4      address, port             –
 *   endpointHost   port                      host name
 *   md5 … sha512   digest                    –
 *   the others     –                         the value
 */
export const forms = {
  ipv4: 1,
  ipv6: 2,
  cidr4: 3,
  cidr6: 4,
  endpoint4: 5,
  endpoint6: 6,
  endpointHost: 7,
  domain: 8,
  url: 9,
  path: 10,
  email: 11,
  md5: 12,
  sha1: 13,
  sha256: 14,
  sha512: 15,
  asn: 16,
} as const;
export type Form = (typeof forms)[keyof typeof forms];

/**
 * A record that stands under a host's own key and says: endpoints or URLs on this host are listed. Added to the form of
 * the host (ipv4, ipv6, domain). Its two words count the endpoints and the URLs.
 */
export const marker = 32;

/** Words of a value by form; text follows them. */
export const wordsOf: readonly number[] = [0, 1, 4, 2, 5, 2, 5, 1, 0, 0, 0, 0, 4, 5, 8, 16, 0];

/** One value as the table keeps it. `host` is under which key its marker stands (endpoints and URLs). */
export interface MatchKey {
  readonly form: Form;
  readonly words: Uint32Array;
  readonly text: Uint8Array;
  readonly host?: MatchKey;
}

const noWords: Uint32Array = new Uint32Array(0);
const noText: Uint8Array = new Uint8Array(0);
const encoder = new TextEncoder();

/** Longest text of a value in bytes: its length stands in sixteen bits. */
const longest = 0xffff;

/** Undefined for a value that is not canonical for its kind, or longer than 65535 bytes. */
export const matchKey = (observable: Observable): MatchKey | undefined => {
  const { kind, value } = observable;
  switch (kind) {
    case "ipv4":
    case "ipv6":
      return addressKey(value);
    case "cidr":
      return cidrKey(value);
    case "endpoint":
      return endpointKey(value);
    case "url": {
      const host = hostOfUrl(value);
      const key = textKey(forms.url, value);
      return key && host !== undefined ? withHost(key, hostKey(host)) : key;
    }
    case "md5":
    case "sha1":
    case "sha256":
    case "sha512":
      return digestKey(forms[kind], value);
    case "domain":
    case "path":
    case "email":
    case "asn":
      return textKey(forms[kind], value);
  }
};

/** Host of a canonical URL, `//host/path` or `scheme://host/path`, without user and port; IPv6 without brackets. */
const hostOfUrl = (url: string): string | undefined =>
  /^(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/?#@]*@)?(?:\[([^\]/?#]+)\]|([^/?#:]+))/.exec(url)?.slice(1).find(Boolean);

const withHost = (key: MatchKey, host: MatchKey | undefined): MatchKey => (host ? { ...key, host } : key);

const textKey = (form: Form, value: string): MatchKey | undefined => {
  const text = encoder.encode(value);
  return text.length > 0 && text.length <= longest ? { form, words: noWords, text } : undefined;
};

const scratch = new Uint32Array(4);

const addressKey = (value: string): MatchKey | undefined => {
  const bytes = encoder.encode(value);
  const version = readAddress(bytes, 0, bytes.length, scratch);
  if (version === 0) return undefined;
  return version === 4
    ? { form: forms.ipv4, words: scratch.slice(0, 1), text: noText }
    : { form: forms.ipv6, words: scratch.slice(0, 4), text: noText };
};

const hostKey = (host: string): MatchKey | undefined => addressKey(host) ?? textKey(forms.domain, host);

const cidrKey = (value: string): MatchKey | undefined => {
  const slash = value.lastIndexOf("/");
  const address = addressKey(value.slice(0, slash));
  const digits = value.slice(slash + 1);
  const prefix = Number(digits);
  if (slash < 0 || !address || !/^\d{1,3}$/.test(digits)) return undefined;
  if (prefix > (address.form === forms.ipv4 ? 32 : 128)) return undefined;
  maskWords(address.words, prefix);
  return {
    form: address.form === forms.ipv4 ? forms.cidr4 : forms.cidr6,
    words: Uint32Array.of(...address.words, prefix),
    text: noText,
  };
};

/** Clears the bits behind `prefix` in an address of one or four words. */
const maskWords = (words: Uint32Array, prefix: number): void => {
  for (let i = 0; i < words.length; i++) {
    const bits = Math.min(32, Math.max(0, prefix - 32 * i));
    words[i] = (words[i] as number) & maskOf(bits);
  }
};

/** The leading `bits` ones of a word, 0 to 32; int32. */
export const maskOf = (bits: number): number => (bits === 0 ? 0 : -1 << (32 - bits));

const endpointKey = (value: string): MatchKey | undefined => {
  const colon = value.lastIndexOf(":");
  const digits = value.slice(colon + 1);
  const port = Number(digits);
  if (colon < 1 || !/^\d{1,5}$/.test(digits) || port < 1 || port > 65535) return undefined;
  const host = hostKey(value.slice(0, colon).replace(/^\[(.*)\]$/, "$1"));
  if (!host) return undefined;
  if (host.form === forms.domain)
    return { form: forms.endpointHost, words: Uint32Array.of(port), text: host.text, host };
  return {
    form: host.form === forms.ipv4 ? forms.endpoint4 : forms.endpoint6,
    words: Uint32Array.of(...host.words, port),
    text: noText,
    host,
  };
};

const digestKey = (form: Form, value: string): MatchKey | undefined => {
  const count = wordsOf[form] as number;
  if (value.length !== count * 8 || !/^[0-9a-f]+$/.test(value)) return undefined;
  const words = new Uint32Array(count);
  for (let i = 0; i < count; i++) words[i] = Number.parseInt(value.slice(8 * i, 8 * i + 8), 16);
  return { form, words, text: noText };
};

/** The observable a record was made of. */
export const observableOf = (form: number, words: Uint32Array, text: Uint8Array): Observable => {
  const said = new TextDecoder().decode(text.slice());
  const word = (i: number): number => words[i] as number;
  switch (form) {
    case forms.ipv4:
      return { kind: "ipv4", value: printIpv4(word(0)) };
    case forms.ipv6:
      return { kind: "ipv6", value: printIpv6(words, 0) };
    case forms.cidr4:
      return { kind: "cidr", value: `${printIpv4(word(0))}/${word(1)}` };
    case forms.cidr6:
      return { kind: "cidr", value: `${printIpv6(words, 0)}/${word(4)}` };
    case forms.endpoint4:
      return { kind: "endpoint", value: `${printIpv4(word(0))}:${word(1)}` };
    case forms.endpoint6:
      return { kind: "endpoint", value: `[${printIpv6(words, 0)}]:${word(4)}` };
    case forms.endpointHost:
      return { kind: "endpoint", value: `${said}:${word(0)}` };
    case forms.domain:
      return { kind: "domain", value: said };
    case forms.url:
      return { kind: "url", value: said };
    case forms.path:
      return { kind: "path", value: said };
    case forms.email:
      return { kind: "email", value: said };
    case forms.asn:
      return { kind: "asn", value: said };
    default:
      return {
        kind: digests[form] ?? "sha512",
        value: Array.from(words, (w) => w.toString(16).padStart(8, "0")).join(""),
      };
  }
};

const digests: Readonly<Record<number, Observable["kind"]>> = {
  [forms.md5]: "md5",
  [forms.sha1]: "sha1",
  [forms.sha256]: "sha256",
  [forms.sha512]: "sha512",
};

/** Digest form by number of hexadecimal digits, 0 for none. */
export const digestForm = (digits: number): number =>
  digits === 32
    ? forms.md5
    : digits === 40
      ? forms.sha1
      : digits === 64
        ? forms.sha256
        : digits === 128
          ? forms.sha512
          : 0;

/**
 * Packs the hexadecimal digits of `[start, end)` eight to a word; colons between bytes (as certificates are printed) are
 * passed over.
 *
 * @returns how many digits there were, 0 when something else stood there or there were more than 128
 */
export const readDigits = (buffer: Uint8Array, start: number, end: number, words: Uint32Array): number => {
  let digits = 0;
  let word = 0;
  for (let i = start; i < end; i++) {
    const b = buffer[i] as number;
    const digit = hexDigit(b);
    if (digit < 0) {
      if (b === 58 && (digits & 1) === 0) continue;
      return 0;
    }
    word = (word << 4) | digit;
    if ((++digits & 7) === 0) {
      if (digits > 128) return 0;
      words[(digits >> 3) - 1] = word;
    }
  }
  return digits;
};
