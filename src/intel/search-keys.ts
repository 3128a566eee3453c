import { unicodeName } from "#core/domain.ts";
import { endpointParts } from "#core/endpoint.ts";
import { ipv4Number } from "#core/ip.ts";
import type { Observable } from "#core/observable.ts";
import { registeredName } from "#core/registered-name.ts";
import { urlParts } from "#core/url.ts";

/** By what a value is found beside itself. */
export interface SearchKeys {
  /** "example.bad.www.": the name in it, from the right, each label closed by a dot, so that a prefix is a suffix. */
  readonly host?: string;
  /** The address or network in it. */
  readonly net?: string;
  /** 20-bit keys; two names that look alike share one (`nearKeys`). */
  readonly near: readonly number[];
}

/** Of a canonical observable. A URL, an endpoint and a mailbox are found by their host, too. */
export const searchKeys = (observable: Observable): SearchKeys => {
  const place = placeOf(observable);
  if (place === undefined) return none;
  if (place.kind === "net") return { net: place.value, near: [] };
  return { host: fromRight(place.value), near: observable.kind === "domain" ? nearKeys(place.value) : [] };
};
const none: SearchKeys = { near: [] };

/** The address, network or name a value stands for or lies on. */
export const placeOf = ({
  kind,
  value,
}: Observable): { readonly kind: "net" | "host"; readonly value: string } | undefined => {
  switch (kind) {
    case "ipv4":
    case "ipv6":
    case "cidr":
      return { kind: "net", value };
    case "domain":
      return { kind: "host", value };
    case "email":
      return { kind: "host", value: value.slice(value.lastIndexOf("@") + 1) };
    case "endpoint":
      return hostOrNet(endpointParts(value).host);
    case "url":
      return hostOrNet(urlParts(value).host);
    default:
      return undefined;
  }
};

const hostOrNet = (host: string): { readonly kind: "net" | "host"; readonly value: string } => ({
  kind: ipv4Number(host) >= 0 || host.includes(":") ? "net" : "host",
  value: host.replace(/\.$/, ""),
});

/** "www.bad.example" → "example.bad.www." */
export const fromRight = (name: string): string => `${name.split(".").reverse().join(".")}.`;

/** A word that is shorter looks like too many others. */
const shortestWord = 4;
/** A longer one is no name that somebody could take for another. */
const longestWord = 40;
/** Tokens of a name that are keys by themselves; shorter ones ("login", "mail") would join half the net. */
const shortestToken = 5;
const tokensAtMost = 12;

/**
 * Keys under which a name meets those it could be taken for: the skeleton of the word that was registered and of that word
 * less any one letter (so that words one insertion, deletion, exchange or swap apart share a key: Garbe's symmetric
 * deletion), and the skeletons of its parts ("paypal-login", "paypal.evil").
 */
export const nearKeys = (name: string): readonly number[] => {
  const { word, under } = registeredName(name);
  if (word === undefined) return [];
  const keys = new Set<number>();
  const whole = skeletonOf(word);
  if (whole.length >= shortestWord && whole.length <= longestWord)
    for (const one of withoutOne(whole)) keys.add(keyOf("w", one));
  const tokens = [...under.split("."), ...word.split("-")].slice(0, tokensAtMost);
  for (const token of tokens) {
    const plain = skeletonOf(token);
    if (plain.length >= shortestToken && plain.length <= longestWord) keys.add(keyOf("t", plain));
  }
  return [...keys];
};

/** The keys to look for when a name (or a bare word) was pasted: those of words one step off, and of parts that are its word. */
export const soughtKeys = (nameOrWord: string): SoughtKeys | undefined => {
  const word = nameOrWord.includes(".") ? registeredName(nameOrWord).word : nameOrWord;
  if (word === undefined) return undefined;
  const whole = skeletonOf(word);
  if (whole.length < shortestWord || whole.length > longestWord) return undefined;
  return {
    words: [...withoutOne(whole)].map((one) => keyOf("w", one)),
    ...(whole.length >= shortestToken ? { token: keyOf("t", whole) } : {}),
  };
};

/** Keys of `nearKeys` that a look-alike has one of. */
export interface SoughtKeys {
  /** Of words one step off: few names have any. */
  readonly words: readonly number[];
  /** Of names with the word as a part: of a famous name, thousands. */
  readonly token?: number;
}

const withoutOne = (word: string): ReadonlySet<string> => {
  const all = new Set([word]);
  for (let at = 0; at < word.length; at++) all.add(word.slice(0, at) + word.slice(at + 1));
  return all;
};

/**
 * What a label looks like at a glance: u-labels decoded, marks off, Cyrillic and Greek twins and digits as the Latin letter
 * they pass for, "rn" as "m", "vv" as "w". Two names with one skeleton are hard to tell apart in an address bar.
 * @see UTS 39 §4 Confusable Detection (its `skeleton`; the table here is what DNS lets be registered)
 */
export const skeletonOf = (label: string): string => {
  const shown = label.startsWith("xn--") ? unicodeName(label) : label;
  const plain = ascii.test(shown) ? shown : shown.normalize("NFKD").replace(/\p{M}/gu, "");
  let folded = "";
  for (const letter of plain.toLowerCase()) folded += looksLike.get(letter) ?? letter;
  return folded.replaceAll("rn", "m").replaceAll("vv", "w");
};
const ascii = /^[\x21-\x7e]*$/;

const looksLike: ReadonlyMap<string, string> = new Map([
  ..."0o 1l 3e 5s |l".split(" ").map(pair),
  ..."аa вb еe ѕs іi јj кk мm нh оo рp с\u0063 тt уy хx ԁd ԛq ԝw һh ӏl ɡg ıi ɑa".split(" ").map(pair),
  ..."αa βb ιi κk νv οo ρp τt υu χx γy".split(" ").map(pair),
]);

function pair(text: string): [string, string] {
  return [text.charAt(0), text.charAt(1)];
}

/**
 * FNV-1a over UTF-16 units, folded to 20 bits: an index of a million keys stays small and quick to fill, and the ten or so
 * strangers that a million names put under each key are told apart by `alikeness`.
 */
const keyOf = (sort: string, text: string): number => {
  let hash = 0x811c9dc5 ^ sort.charCodeAt(0);
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return ((hash >>> 20) ^ hash) & 0xfffff;
};
