import type { Observable } from "#core/observable.ts";
import { type Around, understand } from "./search-ask.ts";
import { type SoughtKeys, soughtKeys } from "./search-keys.ts";

/** One step of a search, as state understands it. `listed`: everything that the filter leaves. */
export type SearchStep =
  | { readonly way: "is"; readonly ids: readonly string[] }
  | { readonly way: "around"; readonly around: Around }
  | { readonly way: "alike"; readonly keys: SoughtKeys; readonly alikeness: (name: string) => number | undefined }
  | { readonly way: "part"; readonly part: string }
  | { readonly way: "said"; readonly words: readonly string[]; readonly feeds: readonly string[] }
  /** Called exactly this by a source. */
  | { readonly way: "labelled"; readonly label: string }
  | { readonly way: "listed" };

/**
 * The steps that answer a pasted text, nearest first: the value itself, what covers it and lies below it, what can be taken for it,
 * where it stands in, and where its words are said. No text: everything.
 *
 * @param idsOf  indicator ids of a value, in each spelling that means the same
 * @param feedsSaying sources whose title has all of these words
 */
export const searchSteps = (
  text: string,
  idsOf: (value: Observable) => readonly string[],
  feedsSaying: (words: readonly string[]) => readonly string[],
  alikeness: (pasted: string, listed: string) => number | undefined,
): readonly SearchStep[] => {
  const { value, around, alike, part, said } = understand(text);
  const keys = alike === undefined ? undefined : soughtKeys(alike);
  const steps: SearchStep[] = [];
  if (value !== undefined) steps.push({ way: "is", ids: idsOf(value) });
  if (around !== undefined) steps.push({ way: "around", around });
  if (said !== undefined) steps.push({ way: "said", words: said, feeds: feedsSaying(said) });
  if (alike !== undefined && keys !== undefined)
    steps.push({ way: "alike", keys, alikeness: (listed) => alikeness(alike, listed) });
  if (part !== undefined) steps.push({ way: "part", part });
  return steps.length > 0 || text.trim() !== "" ? steps : [{ way: "listed" }];
};
