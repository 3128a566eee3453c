import { problem } from "#core/result.ts";
import type { Row } from "./feed.ts";
import { limits } from "./limits.ts";
import { linesOf, overlong } from "./lines.ts";

/**
 * A row for each line that says something, by `read`. Blank lines and lines that begin with a comment mark are none;
 * `#` and `;` after a blank end a row's value. A line over `limits.rowBytes` is a rejected row.
 */
export function* lineRows(
  bytes: Uint8Array,
  read: (value: string, line: number) => Row,
): Generator<Row, void, undefined> {
  let line = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong) {
      yield {
        row: line,
        result: { ok: false, problem: problem("WGL_ROW_LONG", { limit: limits.rowBytes }, `row ${line}`) },
      };
      continue;
    }
    const value = valueIn(text);
    if (value !== "") yield { ...read(value, line), text };
  }
}

/** The line before its comment, without blanks around it; "" when nothing is left. */
export const valueIn = (line: string): string => {
  let start = 0;
  while (start < line.length && (line.charCodeAt(start) === 32 || line.charCodeAt(start) === 9)) start++;
  const first = line.charCodeAt(start);
  if (Number.isNaN(first) || first === 35 || first === 59) return "";
  // "// note" is a comment, "//host/path" a URL: a comment has a blank or nothing behind its mark.
  if (first === 47 && /^\/\/(?:\s|\/|$)/.test(line.slice(start, start + 3))) return "";
  let end = line.length;
  for (const mark of ["#", ";"]) {
    for (let at = line.indexOf(mark, start); at >= 0 && at < end; at = line.indexOf(mark, at + 1)) {
      const before = line.charCodeAt(at - 1);
      if (before === 32 || before === 9) {
        end = at;
        break;
      }
    }
  }
  while (end > start && (line.charCodeAt(end - 1) === 32 || line.charCodeAt(end - 1) === 9)) end--;
  return start === 0 && end === line.length ? line : line.slice(start, end);
};
