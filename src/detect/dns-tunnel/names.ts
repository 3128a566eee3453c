import type { Fact } from "#detect/behaviour.ts";
import { addPlace, noPlaces, type Place, placeOf, placesIn, type SavedPlaces, savePlaces } from "#detect/evidence.ts";

/** What one of ours asked below one registered name, in the current hour and day. */
export interface Names {
  readonly source: string;
  readonly domain: string;
  /** Hour and day since 1970. */
  hourSlot: number;
  daySlot: number;
  /** The same object as `day` as long as nothing was asked earlier on that day: most names are asked for within an hour. */
  hour: Count;
  day: Count;
  evidence: Place[];
  spoken: number;
}

export interface Count {
  /** When the first question of it came. */
  readonly began: number;
  /** 32-bit fingerprints of different names, at most `namesKept`; beyond that only `unique` counts, a repeat as new. */
  seen: number[] | Set<number>;
  unique: number;
  /** Characters below the registered name, of different names. */
  characters: number;
  /** Sum of the names' entropies, bits per character. */
  entropy: number;
  /** Questions for types that carry data. */
  data: number;
  questions: number;
}

export const namesKept = 2000;
/** Fingerprints that are looked through one by one. */
const fewNames = 16;

const noCount = (began: number): Count => ({
  ...{ began, seen: [], unique: 0, characters: 0, entropy: 0, data: 0, questions: 0 },
});

/** The only question of a pair so far. Many pairs ask once, and cost as little as they can. */
export interface Question {
  readonly at: number;
  /** What stands before the registered name, lower case; "" for the name itself. */
  readonly below: string;
  readonly carries: boolean;
  readonly place: Place;
}

export const questionOf = (fact: Fact, below: string): Question => ({
  ...{ at: fact.at, below, carries: isCarrier(fact), place: placeOf(fact) },
});

/** The same, where there may be more. */
export const namesFrom = (source: string, domain: string, first: Question, hourMs: number): Names => {
  const count = noCount(first.at);
  const hourSlot = Math.floor(first.at / hourMs);
  addName(count, first.below, fingerprint(first.below), first.carries, undefined);
  return {
    ...{ source, domain, hourSlot, daySlot: Math.floor(hourSlot / 24) },
    ...{ hour: count, day: count, evidence: [first.place], spoken: 0 },
  };
};

/** Types whose answers carry more than an address, and so a channel's way back. */
const carriers: ReadonlySet<string> = new Set(["TXT", "NULL", "CNAME", "MX", "SRV", "KEY", "DNSKEY", "PRIVATE"]);

const isCarrier = ({ dns }: Fact): boolean => carriers.has(dns?.type ?? "A");

/** @param below what stands before the registered name, lower case; "" for the name itself */
export const addQuestion = (names: Names, fact: Fact, below: string, hourMs: number): void => {
  const hour = Math.floor(fact.at / hourMs);
  const day = Math.floor(hour / 24);
  if (names.daySlot !== day) {
    names.daySlot = day;
    names.hourSlot = hour;
    names.hour = names.day = noCount(fact.at);
  } else if (names.hourSlot !== hour) {
    names.hourSlot = hour;
    names.hour = noCount(fact.at);
  }
  const carries = isCarrier(fact);
  const print = fingerprint(below);
  const first = addName(names.day, below, print, carries, undefined);
  if (names.hour !== names.day) addName(names.hour, below, print, carries, first);
  addPlace(names, fact);
};

/** @returns the name's entropy, where it was asked for */
const addName = (
  count: Count,
  below: string,
  print: number,
  carries: boolean,
  known: number | undefined,
): number | undefined => {
  count.questions++;
  if (carries) count.data++;
  if (below === "" || isSeen(count.seen, print)) return known;
  if (count.unique < namesKept) count.seen = withPrint(count.seen, print);
  const entropy = known ?? entropyOf(below);
  count.unique++;
  count.characters += below.length;
  count.entropy += entropy;
  return entropy;
};

const isSeen = (seen: Count["seen"], print: number): boolean =>
  seen instanceof Set ? seen.has(print) : seen.includes(print);

const withPrint = (seen: Count["seen"], print: number): Count["seen"] => {
  if (seen instanceof Set) return seen.add(print);
  if (seen.length === 0) return [print];
  if (seen.length >= fewNames) return new Set(seen).add(print);
  seen.push(print);
  return seen;
};

/** FNV-1a: only to tell names of one domain apart; who makes names collide hides some of his own. */
const fingerprint = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** Longer names than this, and such with other letters than ASCII's, are counted the long way. */
const shortName = 64;
/** Of the name at hand: how often each character stands in it, and the characters in the order in which they come first. */
const times = new Uint8Array(128);
const order = new Uint8Array(128);
/** What a character that stands `times` times among `length` takes from the sum: `share × log2(share)`. */
const terms = Float64Array.from({ length: (shortName + 1) * (shortName + 1) }, (_, n) => {
  const share = (n % (shortName + 1)) / Math.floor(n / (shortName + 1));
  return share > 0 ? share * Math.log2(share) : 0;
});

/** Shannon's, bits per character: words have about 2.5 to 3.5 in names this short, base32 above 3.5. */
export const entropyOf = (text: string): number => {
  const { length } = text;
  if (length > shortName) return entropyOfAny(text);
  let different = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 128) {
      times.fill(0);
      return entropyOfAny(text);
    }
    const before = times[code] as number;
    if (before === 0) order[different++] = code;
    times[code] = before + 1;
  }
  let bits = 0;
  for (let i = 0; i < different; i++) {
    const code = order[i] as number;
    bits -= terms[length * (shortName + 1) + (times[code] as number)] as number;
    times[code] = 0;
  }
  return bits;
};

const entropyOfAny = (text: string): number => {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};

/** Counts in turn, as checkpoints have them. */
interface SavedCounts {
  readonly began: number[];
  /** How many fingerprints each has, and they. */
  readonly many: number[];
  readonly seen: number[];
  readonly unique: number[];
  readonly characters: number[];
  readonly entropy: number[];
  readonly data: number[];
  readonly questions: number[];
}

/** Names in turn, as checkpoints have them. */
export interface SavedNames {
  readonly ends: string[];
  readonly hourSlots: number[];
  readonly days: SavedCounts;
  /** Which of them have an hour that is not their day. */
  readonly apart: number[];
  readonly hours: SavedCounts;
  readonly evidence: SavedPlaces;
  readonly spoken: number[];
}

const noCounts = (): SavedCounts => ({
  ...{ began: [], many: [], seen: [], unique: [], characters: [], entropy: [], data: [], questions: [] },
});

/** @param all by source and domain: "10.0.0.1 parks.example" */
export const saveNames = (
  all: Iterable<readonly [pair: string, names: Names | Question]>,
  hourMs: number,
): SavedNames => {
  const saved: SavedNames = {
    ...{ ends: [], hourSlots: [], days: noCounts(), apart: [], hours: noCounts(), evidence: noPlaces(), spoken: [] },
  };
  for (const [pair, one] of all) {
    const cut = pair.indexOf(" ");
    const [source, domain] = [pair.slice(0, cut), pair.slice(cut + 1)];
    saved.ends.push(source, domain);
    const names = "place" in one ? namesFrom(source, domain, one, hourMs) : one;
    const { hourSlot, day, hour, evidence, spoken } = names;
    saved.hourSlots.push(hourSlot);
    saveCount(saved.days, day);
    if (hour !== day) {
      saved.apart.push(saved.hourSlots.length - 1);
      saveCount(saved.hours, hour);
    }
    savePlaces(saved.evidence, evidence);
    saved.spoken.push(spoken);
  }
  return saved;
};

const saveCount = (to: SavedCounts, { began, seen, unique, characters, entropy, data, questions }: Count): void => {
  to.began.push(began);
  to.many.push(seen instanceof Set ? seen.size : seen.length);
  for (const print of seen) to.seen.push(print);
  to.unique.push(unique);
  to.characters.push(characters);
  to.entropy.push(entropy);
  to.data.push(data);
  to.questions.push(questions);
};

export function* namesIn({ ends, hourSlots, days, apart, hours, evidence, spoken }: SavedNames): Generator<Names> {
  const places = placesIn(evidence);
  const [dayOf, hourOf] = [countsIn(days), countsIn(hours)];
  const other = new Set(apart);
  for (const [n, hourSlot] of hourSlots.entries()) {
    const day = dayOf();
    yield {
      ...{ source: ends[2 * n] ?? "", domain: ends[2 * n + 1] ?? "", hourSlot, daySlot: Math.floor(hourSlot / 24) },
      ...{ hour: other.has(n) ? hourOf() : day, day, evidence: places(), spoken: spoken[n] ?? 0 },
    };
  }
}

const countsIn = ({ began, many, seen, unique, characters, entropy, data, questions }: SavedCounts): (() => Count) => {
  let n = -1;
  let at = 0;
  return () => {
    n++;
    const from = at;
    at += many[n] ?? 0;
    return {
      ...{ began: began[n] ?? 0, seen: seenOf(seen.slice(from, at)), unique: unique[n] ?? 0 },
      ...{ characters: characters[n] ?? 0, entropy: entropy[n] ?? 0, data: data[n] ?? 0, questions: questions[n] ?? 0 },
    };
  };
};

const seenOf = (prints: number[]): Count["seen"] => (prints.length > fewNames ? new Set(prints) : prints);

/** As checkpoints of version 1 have it. */
export interface NamesOfVersion1 {
  readonly source: string;
  readonly domain: string;
  readonly hour: CountOfVersion1;
  readonly day: CountOfVersion1;
  readonly evidence: readonly Place[];
  readonly spoken: number;
}

interface CountOfVersion1 extends Omit<Count, "seen"> {
  readonly slot: number;
  readonly seen: Readonly<Record<string, true>>;
}

export const namesOfVersion1 = ({ source, domain, hour, day, evidence, spoken }: NamesOfVersion1): Names => {
  const whole = countOfVersion1(day);
  // nothing was asked earlier on that day
  const same = hour.began === day.began && hour.questions === day.questions;
  return {
    ...{ source, domain, hourSlot: hour.slot, daySlot: day.slot },
    ...{ hour: same ? whole : countOfVersion1(hour), day: whole, evidence: [...evidence], spoken },
  };
};

const countOfVersion1 = ({ seen, ...count }: CountOfVersion1): Count => ({
  ...{ began: count.began, seen: seenOf(Object.keys(seen).map(Number)), unique: count.unique },
  ...{ characters: count.characters, entropy: count.entropy, data: count.data, questions: count.questions },
});
