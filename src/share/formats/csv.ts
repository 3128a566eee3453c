import { printGrade } from "#core/grade.ts";
import { headLines, type ListFormat } from "./format.ts";

/**
 * A cell that a spreadsheet would run gets an apostrophe in front (OWASP CSV injection); spreadsheets in Chinese and
 * Japanese run the full-width signs too. What begins with apostrophes before such a sign gets one more, so that taking one
 * away gives back what was there.
 */
const formula = /^'*[=+\-@\t\r\n＝＋－＠|]/u;

/** @see RFC 4180 §2 */
export const csvCell = (text: string): string => {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Labels in one cell: a space between them, so a space inside one is written %20. */
export const labelsCell = (labels: readonly string[]): string =>
  labels.map((label) => label.replace(/[%\s]/gu, (c) => encodeURIComponent(c))).join(" ");

export const csvColumns = ["kind", "value", "labels", "sources", "grade", "tlp", "first_seen", "last_seen"] as const;

/** For people and their spreadsheets: a header line, a line a value. */
export const csv: ListFormat = {
  type: "text/csv; charset=utf-8",
  head: (about) =>
    `${headLines(about)
      .map((line) => `# ${line}\n`)
      .join("")}${csvColumns.join(",")}\n`,
  row: ({ value: row, note }) => {
    if (!row.value.isWellFormed()) return undefined;
    const cells = [
      row.kind,
      row.value,
      labelsCell(row.labels ?? []),
      row.sources ?? "",
      row.grade === undefined ? "" : printGrade(row.grade),
      note.tlp,
      row.firstSeen === undefined ? "" : new Date(row.firstSeen).toISOString(),
      row.lastSeen === undefined ? "" : new Date(row.lastSeen).toISOString(),
    ];
    return `${cells.map((cell) => csvCell(cell.toWellFormed())).join(",")}\n`;
  },
  foot: () => "",
};
