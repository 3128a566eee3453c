import type { Language } from "#words/language.ts";
import type { Block } from "./block.ts";

/** One language's part of an alert. */
export interface Said {
  readonly language: Language;
  readonly blocks: readonly Block[];
}
