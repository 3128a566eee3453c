import type { Severity } from "#core/severity.ts";

/** A ship's day shapes as characters, for mail and text (VISUAL §5); always followed by the word. */
export const severitySigns = { critical: "▲▲", high: "▲", medium: "◆", low: "○", info: "▭" } as const satisfies Record<
  Severity,
  string
>;
