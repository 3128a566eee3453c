/** Places, in the list of needles, of those that a text holds; each once. The answer is overwritten by the next call. */
export type Contained = (lower: string) => readonly number[];

/** What looking for one needle by itself costs, beside looking at one gram: the engine's own search is fast. */
const oneByOne = 0.12;

/** Fewer needles than these are looked for alone. */
const fewest = 4;

/** Grams of long needles are looked at in every eighth place at most: each takes so many entries of the table. */
const widest = 8;

/** Letters of a gram of the table that most needles are in; shorter needles are whole grams of tables of their own. */
const gramLength = 4;

/** Slots of the table for each entry: a gram that is nobody's is told by one read in all but 6 of 100 places. */
const spread = 16;

/**
 * Many texts looked for in one at once. The text is walked in steps, and the gram of four letters at each step looked up
 * in a table of bytes; only where somebody's gram stands, that needle is compared. A needle of n letters has n - 3 grams,
 * so steps of n - 3 cannot miss one: the step is what the shortest needle allows, and the few that would make all others
 * slow are looked for alone.
 */
export const grams = (needles: readonly string[]): Contained => {
  const least = shortestInTable(needles);
  const places = [...needles.keys()];
  const sized = (from: number, below: number): number[] =>
    places.filter((place) => (needles[place]?.length ?? 0) >= from && (needles[place]?.length ?? 0) < below);
  const alone: number[] = [];
  const tables: Table[] = [];
  const enter = (some: readonly number[], letters: number, step: number): void => {
    if (some.length <= fewest || letters < 2) alone.push(...some);
    else tables.push(tableOf(needles, some, letters, step));
  };
  for (let letters = 1; letters < gramLength; letters++) enter(sized(letters, letters + 1), letters, 1);
  const [few, rest] = [sized(gramLength, least), sized(least, Infinity)];
  alone.push(...few);
  enter(rest, gramLength, Math.min(widest, least - gramLength + 1));
  const found: number[] = [];
  return (lower) => {
    found.length = 0;
    for (const place of alone) if (lower.includes(needles[place] ?? "")) found.push(place);
    for (const table of tables) table(lower, found);
    return found;
  };
};

/** The length from which on needles go into the table, for the least work per letter of text. */
const shortestInTable = (needles: readonly string[]): number => {
  let best = Infinity;
  let least = Infinity;
  const long = needles.filter((needle) => needle.length >= gramLength);
  for (let from = gramLength; from < gramLength + widest; from++) {
    const below = long.reduce((count, needle) => count + (needle.length < from ? 1 : 0), 0);
    const work = below * oneByOne + (below === long.length ? 0 : 1 / (from - gramLength + 1));
    if (work >= least) continue;
    least = work;
    best = from;
  }
  return best;
};

/** A gram as a number: the low bytes of its letters. Different grams may be one number; the needle is compared anyway. */
const gramAt = (text: string, at: number, letters: number): number => {
  let gram = 0;
  for (let i = 0; i < letters; i++) gram |= (text.charCodeAt(at + i) & 255) << (8 * i);
  return gram;
};

type Table = (lower: string, found: number[]) => void;

/** Knuth's multiplicative hashing (The Art of Computer Programming, volume 3, §6.4): 2³² over the golden ratio. */
const golden = 0x9e3779b1;

const tableOf = (needles: readonly string[], places: readonly number[], letters: number, step: number): Table => {
  const shared = new Map<number, number>();
  for (const place of places) {
    const needle = needles[place] ?? "";
    for (let at = 0; at + letters <= needle.length; at++) {
      const gram = gramAt(needle, at, letters);
      shared.set(gram, (shared.get(gram) ?? 0) + 1);
    }
  }
  const entries = places.length * step;
  let bits = 6;
  while (1 << bits < entries * spread) bits++;
  const shift = 32 - bits;
  const heads = new Int32Array(1 << bits).fill(-1);
  const used = new Uint8Array(1 << bits);
  /** The first two letters of each gram: told by two reads, and nobody's in most places when needles are few. */
  const pairs = new Uint8Array(step === 1 ? 0 : 1 << 16);
  const nexts = new Int32Array(entries).fill(-1);
  const keys = new Int32Array(entries);
  const offsets = new Int32Array(entries);
  const owners = new Int32Array(entries);
  const seen = new Int32Array(needles.length);
  let entry = 0;
  for (const place of places) {
    const needle = needles[place] ?? "";
    const begin = rarestRun(needle, letters, step, shared);
    for (let at = begin; at < begin + step; at++, entry++) {
      const key = gramAt(needle, at, letters);
      const slot = Math.imul(key, golden) >>> shift;
      used[slot] = 1;
      pairs[key & 0xffff] = 1;
      keys[entry] = key;
      offsets[entry] = at;
      owners[entry] = place;
      nexts[entry] = heads[slot] ?? -1;
      heads[slot] = entry;
    }
  }
  let scan = 0;
  const compare = (lower: string, at: number, gram: number, slot: number, found: number[]): void => {
    for (let one = heads[slot] ?? -1; one >= 0; one = nexts[one] ?? -1) {
      const place = owners[one] ?? 0;
      if (keys[one] !== gram || seen[place] === scan) continue;
      const begin = at - (offsets[one] ?? 0);
      if (begin < 0 || !lower.startsWith(needles[place] ?? "", begin)) continue;
      seen[place] = scan;
      found.push(place);
    }
  };
  const top = 8 * (letters - 1);
  if (step === 1)
    return (lower, found) => {
      scan++;
      let gram = 0;
      for (let at = 0; at < lower.length; at++) {
        gram = (gram >>> 8) | ((lower.charCodeAt(at) & 255) << top);
        const slot = Math.imul(gram, golden) >>> shift;
        if (used[slot] === 1) compare(lower, at - letters + 1, gram, slot, found);
      }
    };
  return (lower, found) => {
    scan++;
    const last = lower.length - gramLength;
    for (let at = 0; at <= last; at += step) {
      const pair = (lower.charCodeAt(at) & 255) | ((lower.charCodeAt(at + 1) & 255) << 8);
      if (pairs[pair] === 0) continue;
      const gram = pair | ((lower.charCodeAt(at + 2) & 255) << 16) | (lower.charCodeAt(at + 3) << 24);
      const slot = Math.imul(gram, golden) >>> shift;
      if (used[slot] === 1) compare(lower, at, gram, slot, found);
    }
  };
};

/** Where in a needle the grams of so many neighbouring places are rarest together. */
const rarestRun = (needle: string, letters: number, step: number, shared: ReadonlyMap<number, number>): number => {
  let best = 0;
  let least = Infinity;
  for (let begin = 0; begin + step + letters - 1 <= needle.length; begin++) {
    let sum = 0;
    for (let at = begin; at < begin + step; at++)
      sum += weight(needle, at, letters) + (shared.get(gramAt(needle, at, letters)) ?? 0);
    if (sum >= least) continue;
    least = sum;
    best = begin;
  }
  return best;
};

/** Letters that stand everywhere make a gram common: spaces, slashes, the endings of programs. */
const weight = (needle: string, at: number, letters: number): number => {
  const gram = needle.slice(at, at + letters);
  return everywhere.some((one) => one.includes(gram)) ? 50 : / {2}|[aeiou ]{3}/.test(gram) ? 3 : 0;
};

const everywhere = [
  ".exe ",
  ".dll",
  "\\windows\\system32\\",
  "c:\\users\\",
  "\\appdata\\",
  "\\software\\microsoft\\windows\\currentversion\\",
  "program files",
  "http://",
  "https://",
  "powershell",
];
