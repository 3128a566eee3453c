/** What one of ours asked below one registered name, in the current hour and day. Plain data. */
export interface Names {
  readonly source: string;
  readonly domain: string;
  hour: Count;
  day: Count;
  readonly evidence: { readonly id: string; readonly from: string; readonly line: number }[];
  spoken: number;
}

export interface Count {
  /** Hour or day since 1970. */
  slot: number;
  /** When the first question of it came. */
  began: number;
  /** 32-bit fingerprints of different names, at most `namesKept`; beyond that only `unique` counts, a repeat as new. */
  seen: Record<number, true>;
  unique: number;
  /** Characters below the registered name, of different names. */
  characters: number;
  /** Sum of the names' entropies, bits per character. */
  entropy: number;
  /** Questions for types that carry data. */
  data: number;
  missing: number;
  questions: number;
}

export const namesKept = 2000;
const evidenceKept = 20;

export const noCount = (slot: number, began: number): Count => ({
  ...{ slot, began, seen: {}, unique: 0, characters: 0, entropy: 0, data: 0, missing: 0, questions: 0 },
});

/** Types whose answers carry more than an address, and so a channel's way back. */
const carriers: ReadonlySet<string> = new Set(["TXT", "NULL", "CNAME", "MX", "SRV", "KEY", "DNSKEY", "PRIVATE"]);

export interface Question {
  readonly at: number;
  /** What stands before the registered name, lower case; "" for the name itself. */
  readonly below: string;
  readonly type: string;
  readonly missing: boolean;
  readonly evidence: Names["evidence"][number];
}

export const addQuestion = (names: Names, { at, below, type, missing, evidence }: Question, hourMs: number): void => {
  const hour = Math.floor(at / hourMs);
  const day = Math.floor(hour / 24);
  if (names.hour.slot !== hour) names.hour = noCount(hour, at);
  if (names.day.slot !== day) names.day = noCount(day, at);
  const print = fingerprint(below);
  for (const count of [names.hour, names.day]) {
    count.questions++;
    if (carriers.has(type)) count.data++;
    if (missing) count.missing++;
    if (below === "" || count.seen[print]) continue;
    if (count.unique < namesKept) count.seen[print] = true;
    count.unique++;
    count.characters += below.length;
    count.entropy += entropyOf(below);
  }
  names.evidence.push(evidence);
  if (names.evidence.length > evidenceKept) names.evidence.shift();
};

/** FNV-1a: only to tell names of one domain apart; who makes names collide hides some of his own. */
const fingerprint = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** Shannon's, bits per character: words have about 2.5 to 3.5 in names this short, base32 above 3.5. */
export const entropyOf = (text: string): number => {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};
