type Hash = "djb2" | "fnv1a";

// Names that all have one hash of 32 bits, for a table whose hash has no key: two blocks of equal length that lead from one
// state to one state may be put for each other, so that n pairs give 2ⁿ names (A. Joux, Multicollisions in Iterated Hash
// Functions, CRYPTO 2004).

const step: Readonly<Record<Hash, (state: number, byte: number) => number>> = {
  djb2: (state, byte) => (Math.imul(state, 33) + byte) | 0,
  fnv1a: (state, byte) => Math.imul(state ^ byte, 0x01000193),
};
const begin: Readonly<Record<Hash, number>> = { djb2: 5381, fnv1a: 0x811c9dc5 | 0 };

const over = (hash: Hash, state: number, text: string): number => {
  let now = state;
  for (let i = 0; i < text.length; i++) now = step[hash](now, text.charCodeAt(i));
  return now;
};

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
const blockLength = 5;

/** Two blocks that lead from `state` to the same state: some 2¹⁶ tries. */
const pairFrom = (hash: Hash, state: number): readonly [string, string] => {
  const seen = new Map<number, string>();
  for (let n = 0; ; n++) {
    let block = "";
    for (let rest = n, i = 0; i < blockLength; i++, rest = Math.floor(rest / letters.length))
      block += letters.charAt((rest + i * 7) % letters.length);
    const to = over(hash, state, block);
    const other = seen.get(to);
    if (other !== undefined && other !== block) return [other, block];
    seen.set(to, block);
  }
};

/** So many different names of one hash. */
export const colliding = (hash: Hash, count: number): readonly string[] => {
  const pairs: (readonly [string, string])[] = [];
  let state = begin[hash];
  const between: string[] = [];
  for (let bits = 0; 2 ** bits < count; bits++) {
    const pair = pairFrom(hash, state);
    // a label ends at 63 letters
    const dot = bits % 12 === 11 ? "." : "";
    pairs.push(pair);
    between.push(dot);
    state = over(hash, over(hash, state, pair[0]), dot);
  }
  const names = Array.from({ length: count }, (_, n) => {
    let name = "";
    for (const [bit, pair] of pairs.entries()) name += `${pair[(n >>> bit) & 1]}${between[bit]}`;
    return `${name}.example`;
  });
  const [first = ""] = names;
  const wanted = over(hash, begin[hash], first);
  if (names.some((name) => over(hash, begin[hash], name) !== wanted) || new Set(names).size !== count)
    throw new Error("the names do not collide");
  return names;
};

/** As many names of the same lengths and labels that have nothing in common. */
export const unrelated = (names: readonly string[]): readonly string[] => {
  let state = 12_345;
  const letter = (): string => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return letters.charAt((state >>> 0) % letters.length);
  };
  return names.map((name) => name.replace(/[^.](?=.*\.example$)/g, letter));
};
