import { foldedName } from "./threat-names.ts";

/** One spelling of a malware family or tool, as one collection has it. */
export interface FamilyName {
  /** Where the name stands first decides how a family is written that two collections write apart: by source, then id. */
  readonly source: string;
  readonly id: string;
  /** What the collection calls it. */
  readonly name: string;
  /** One of its names, as `foldedName` gives it. */
  readonly folded: string;
}

/** Kinds of collections that name malware: what a problem can be about. Groups, techniques and campaigns are not. */
export const familyKinds = [
  ...["malware", "tool", "ransomware", "rat", "botnet", "banker", "stealer", "backdoor", "exploit-kit", "cryptominers"],
  ...["android", "malpedia", "mitre-malware", "mitre-tool"],
] as const;

/** How a family is written in a problem: lower case, blanks to hyphens ("QakBot" → "qakbot"). */
export const familyWord = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\s*\(.*?\)\s*/g, "")
    .trim()
    .replace(/[\s_]+/g, "-");

/** Characters of a family in a problem (detect/meaning.ts). */
const wordAtMost = 64;

/**
 * The one word for a family, whichever of its names a source used. A name that is some family's own stays that family's;
 * an alias becomes the name of the one family that has it, and stays as it is when several have it or none: nobody here decides
 * which "FriedEx" was meant. `family(family(x)) = family(x)`.
 */
export type Family = (about: string) => string;

export const buildFamilies = (names: readonly FamilyName[]): Family => {
  const inOrder = [...names].sort(
    (a, b) =>
      compare(a.source, b.source) || compare(a.id, b.id) || compare(a.folded, b.folded) || compare(a.name, b.name),
  );
  /** Own name, folded → how it is written. */
  const own = new Map<string, string>();
  for (const { name } of inOrder) {
    const [key, word] = [foldedName(name), familyWord(name)];
    if (key !== "" && word !== "" && word.length <= wordAtMost && !own.has(key)) own.set(key, word);
  }
  /** Alias, folded → own names of the families that have it. */
  const meant = new Map<string, Set<string>>();
  for (const { name, folded } of inOrder) {
    const key = foldedName(name);
    if (!own.has(key) || own.has(folded) || folded === "") continue;
    const before = meant.get(folded);
    if (before === undefined) meant.set(folded, new Set([key]));
    else before.add(key);
  }
  return (about) => {
    const folded = foldedName(about);
    const word = own.get(folded);
    if (word !== undefined) return word;
    const [only, another] = meant.get(folded) ?? [];
    return only === undefined || another !== undefined ? about : (own.get(only) ?? about);
  };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
