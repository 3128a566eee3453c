import type { TSchema } from "typebox";
import type { Language } from "#words/language.ts";

/** One call of the API, as a part of the fixture hears it. */
export interface Asked {
  readonly method: string;
  /** Below /api/v1, decoded: ["sharing", "o-transport", "setup"] */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly language: Language;
  readonly staff: boolean;
}

/** What it answers; undefined: nothing of it. A string is why it is refused. */
export type Answered =
  | { readonly schema: TSchema; readonly value: unknown; readonly status?: number }
  | { readonly refused: string; readonly status: number }
  | { readonly done: true }
  | undefined;

const start = Date.now();
export const ago = (minutes: number): string => new Date(start - minutes * 60_000).toISOString();
export const from = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
