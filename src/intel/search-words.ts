/** Longest token kept: a longer one is no word. */
const longestToken = 64;
const tokensAtMost = 64;

/**
 * Words of a label, a title or a question, for finding one by the other: lower case, width and compatibility forms folded;
 * runs of letters and digits as they are, and each run of Han, Kana or Hangul as its characters and pairs of neighbours,
 * since such scripts set no blanks: "勒索軟件" → 勒 索 軟 件 勒索 索軟 軟件.
 */
export const wordsOf = (text: string): readonly string[] => {
  const words = new Set<string>();
  for (const [run] of text.normalize("NFKC").toLowerCase().matchAll(runs)) {
    if (words.size >= tokensAtMost) break;
    if (!eastAsian.test(run)) words.add(run.slice(0, longestToken));
    else for (const one of charactersAndPairs([...run])) words.add(one);
  }
  return [...words].slice(0, tokensAtMost);
};

/**
 * Words that must all be there: of a run in such a script its pairs alone (they hold its characters), and a character only
 * when it stands by itself.
 */
export const soughtWords = (text: string): readonly string[] => {
  const words = new Set<string>();
  for (const [run] of text.normalize("NFKC").toLowerCase().matchAll(runs)) {
    const letters = [...run];
    if (!eastAsian.test(run) || letters.length === 1) words.add(run.slice(0, longestToken));
    else for (let at = 1; at < letters.length; at++) words.add(`${letters[at - 1]}${letters[at]}`);
  }
  return [...words].slice(0, tokensAtMost);
};

const script = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Bopomofo}";
const runs = new RegExp(`[${script}]+|(?:(?![${script}])[\\p{L}\\p{M}\\p{N}])+`, "gu");
const eastAsian = new RegExp(`[${script}]`, "u");

const charactersAndPairs = (letters: readonly string[]): readonly string[] => [
  ...letters,
  ...letters.slice(1).map((letter, at) => `${letters[at]}${letter}`),
];
