import { footLines, headLines, isLine, type ListFormat } from "./format.ts";

const comments = (lines: readonly string[]): string => lines.map((line) => `# ${line}\n`).join("");

/** One value a line; lines that begin with # are comments. */
export const plain: ListFormat = {
  type: "text/plain; charset=utf-8",
  head: (about) => comments(headLines(about)),
  row: ({ value: { value } }) =>
    isLine(value) && !value.startsWith("#") && value.trim() === value ? `${value}\n` : undefined,
  foot: (totals) => comments(footLines(totals)),
};
