/**
 * Whether a line could hold any of many texts, asked before any value of its record is looked at: a keyword is looked for
 * everywhere, and stands almost nowhere. One search of the line for a short piece of each text, most of them shared.
 *
 * Only for lines of which every text of the record is a part, in JSON's or XML's writing (telemetry/format.ts, `verbatim`):
 * pieces hold no letter that either writes otherwise, and a line that writes letters by their numbers passes.
 *
 * @param needles in lower case
 * @returns undefined when some text has no such piece, or too many lines would pass
 */
export const keywordGate = (needles: readonly string[]): ((line: string) => boolean) | undefined => {
  const open = new Map<string, readonly string[]>();
  for (const needle of needles) {
    const grams = gramsOf(needle);
    if (grams.length === 0) return undefined;
    open.set(needle, grams);
  }
  if (open.size === 0) return undefined;
  const chosen: string[] = [];
  let passed = 0;
  while (open.size > 0) {
    const shared = new Map<string, number>();
    for (const grams of open.values()) for (const gram of grams) shared.set(gram, (shared.get(gram) ?? 0) + 1);
    let best = "";
    let least = Infinity;
    for (const [gram, count] of shared) {
      const cost = (alternative + shareOf(gram)) / count;
      if (cost >= least) continue;
      least = cost;
      best = gram;
    }
    chosen.push(best);
    passed += shareOf(best);
    for (const needle of open.keys()) if (needle.includes(best)) open.delete(needle);
  }
  if (passed > worthwhile) return undefined;
  const any = new RegExp(chosen.toSorted().map(written).join("|"));
  const byName = chosen.some((gram) => gram.includes("'"));
  return (line) =>
    any.test(line) ||
    (line.includes("u00") && byNumber.test(line)) ||
    line.includes("&#") ||
    (byName && line.includes("&apos;"));
};

/** Whether a gate can be asked for this text. */
export const isGated = (needle: string): boolean => gramsOf(needle).length > 0;

/**
 * JSON's numbers of printable ASCII; XML's all begin with "&#", and of what it writes by a name pieces have "'" alone. Asked only of a line that holds "u00": a path of Windows is
 * full of backslashes, at each of which this would begin.
 */
const byNumber = /\\u00[2-7]/;

/** What one more piece costs a line that passes none, as a share of what a line that passes costs. */
const alternative = 0.02;

/** Gates that let more than so many lines pass cost more than they spare. */
const worthwhile = 0.6;

/** Letters of a piece: shorter ones stand everywhere, longer ones are shared by fewer. Of two rare marks two are enough. */
const lengths = [2, 3, 4] as const;

/** Pieces of a text that every writing of it shows; a number may be printed anew, so one letter at least. */
const gramsOf = (needle: string): readonly string[] => {
  const found = new Set<string>();
  for (const run of needle.split(/[^ -~]|["\\/&<>]/))
    for (const length of lengths)
      for (let at = 0; at + length <= run.length; at++) {
        const gram = run.slice(at, at + length);
        if (length === 2 ? /^[^\w.-]{2}$/.test(gram) : /[^\d.+\-e]/.test(gram)) found.add(gram);
      }
  return [...found];
};

/** About so many of a thousand letters of a log line are this one. */
const perMille: Readonly<Record<string, number>> = {
  ...{ e: 90, t: 70, a: 60, i: 60, n: 60, o: 60, s: 60, r: 50, " ": 50, c: 40, d: 40, l: 40, m: 30, p: 30, u: 30 },
  ...{ b: 20, f: 20, g: 20, h: 20, w: 20, y: 15, v: 12, k: 8, x: 6, j: 3, q: 2, z: 2, ".": 20, "-": 10, _: 5 },
};
const digit = 20;
const mark = 3;
const lineLetters = 2000;

/** Of a hundred lines about how many hold a piece, as if letters stood where they please. */
const shareOf = (gram: string): number => {
  let share = lineLetters;
  for (const letter of gram) share *= (perMille[letter] ?? (/\d/.test(letter) ? digit : mark)) / 1000;
  return Math.min(1, share);
};

/** A piece in either case, which is quicker than to ask for it without regard to case; two letters have a third writing. */
const written = (gram: string): string =>
  [...gram]
    .map((letter) => {
      if (!/[a-z]/.test(letter)) return letter.replace(/[\^$.*+?()[\]{}|/-]/, String.raw`\$&`);
      const third = letter === "k" ? "\u212a" : letter === "i" ? "\u0130" : "";
      return `[${letter}${letter.toUpperCase()}${third}]`;
    })
    .join("");
