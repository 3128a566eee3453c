import { problem } from "#core/result.ts";
import { refused, withText } from "./advisory-row.ts";
import type { Row } from "./feed.ts";
import { parseJson } from "./json.ts";
import { BadBody } from "./bad-body.ts";
import { limits } from "./limits.ts";
import { linesOf, overlong } from "./lines.ts";

/**
 * A row for each JSON document of a body: the body itself, the members of a list, or a document a line. A line that is
 * no JSON is a row with a problem; a body that holds no document at all is a bad one.
 */
export const documentRows = (bytes: Uint8Array, read: (row: number, document: unknown) => Row): Iterable<Row> => {
  const lines = ndjsonOf(bytes);
  if (lines !== undefined) return lineRows(lines, read);
  const whole = parseJson(bytes);
  const list: readonly unknown[] = Array.isArray(whole) ? whole : [whole];
  return list.map((one, place) => withText(read(place + 1, one), () => JSON.stringify(one) ?? ""));
};

/** The lines, when the first one is a whole JSON object and something stands behind it. */
const ndjsonOf = (bytes: Uint8Array): Iterable<string | typeof overlong> | undefined => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf(10);
  if (end < 0 || end > limits.rowBytes || !/\S/.test(buffer.toString("latin1", end, end + 4096))) return undefined;
  const first = buffer.toString("utf8", 0, end).trim();
  return first.startsWith("{") && documentIn(first) !== undefined ? linesOf(bytes) : undefined;
};

function* lineRows(
  lines: Iterable<string | typeof overlong>,
  read: (row: number, document: unknown) => Row,
): Generator<Row, void, undefined> {
  let row = 0;
  for (const line of lines) {
    row++;
    if (line === overlong) yield refused(row, problem("WGL_ROW_LONG", { limit: limits.rowBytes }));
    else if (line.trim() !== "") {
      const document = documentIn(line);
      yield withText(document === undefined ? refused(row, problem("WGL_ROW_JSON")) : read(row, document), () => line);
    }
  }
}

const documentIn = (line: string): unknown => {
  try {
    return parseJson(Buffer.from(line));
  } catch (error) {
    if (error instanceof BadBody) return undefined;
    throw error;
  }
};
