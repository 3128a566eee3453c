import type { Html } from "#core/html.ts";
import type { Language } from "#words/language.ts";
import type { AlertInput } from "./alert-input.ts";
import type { Block } from "./block.ts";
import { blocksOf } from "./blocks.ts";
import { mailHtml } from "./mail-html.ts";
import { mailText } from "./mail-text.ts";
import { subjectOf } from "./subject.ts";

/** An alert ready to be enveloped. `blocks` are those of the first language. */
export interface Composed {
  readonly subject: string;
  readonly text: string;
  readonly html: Html;
  readonly blocks: readonly Block[];
}

/**
 * The whole alert once per language, the reader's first. Pure: the same input gives the same bytes.
 *
 * @param languages the reader's, in order, at least one; repeated ones are said once
 */
export const composeAlert = (input: AlertInput, languages: readonly [Language, ...Language[]]): Composed => {
  const distinct = [...new Set(languages)];
  const said = distinct.map((language) => ({ language, blocks: blocksOf(input, language) }));
  return {
    subject: subjectOf(input, languages[0]),
    text: mailText(input, said),
    html: mailHtml(input, said),
    blocks: said[0]?.blocks ?? [],
  };
};
