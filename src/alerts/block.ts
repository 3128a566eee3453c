import type { Certainty } from "#core/grade.ts";
import type { Answer } from "#incidents/answer.ts";
import type { SaidStep } from "./remedies/steps.ts";

/** The five blocks of every alert, in every channel, in this order and no other (VISUAL §6). */
export const blockIds = ["happened", "us", "sure", "todo", "answer"] as const;
export type BlockId = (typeof blockIds)[number];

export interface Block {
  readonly id: BlockId;
  readonly title: string;
  readonly parts: readonly Part[];
}

/** What a block is made of; mail, text and page each draw all of them. Every text is plain, in one language, unescaped. */
export type Part =
  | { readonly kind: "paragraph"; readonly text: string; readonly lead?: string }
  | { readonly kind: "aside"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly url: string }
  /** Monospaced, on buff: what was observed, defanged. An entry may have several lines, parted by \n. */
  | { readonly kind: "lines"; readonly caption: string; readonly lines: readonly string[] }
  | { readonly kind: "scale"; readonly at: Certainty }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "steps"; readonly steps: readonly SaidStep[] }
  | { readonly kind: "answers"; readonly answers: readonly SaidAnswer[] };

export interface SaidAnswer {
  readonly answer: Answer;
  readonly label: string;
  readonly means: string;
  /** Absent: answers are given elsewhere. */
  readonly url?: string;
}

/** What stands between a paragraph's bold lead and its text: nothing after a full-width stop. */
export const joint = (lead: string): string => (lead.endsWith("。") ? "" : " ");
