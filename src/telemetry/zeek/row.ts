import { no, ok, type Result } from "#core/result.ts";
import { unescapeColumn } from "#telemetry/column.ts";
import type { Header } from "./header.ts";

/**
 * One row of a Zeek ASCII log as the object that Zeek's own JSON writer would have written: numbers and booleans typed,
 * sets and vectors as arrays, unset columns left out, times in seconds.
 *
 * @returns WGL_ZEEK_HEADER before any `#fields`, WGL_ZEEK_COLUMNS when a column is missing or too many (a line cut off
 *   in the middle), WGL_ZEEK_VALUE when a column does not hold its declared type
 */
export const readRow = (line: string, header: Header): Result<Record<string, unknown>> => {
  const names = header.fields;
  if (names === undefined) return no("WGL_ZEEK_HEADER");
  const cells = line.split(header.separator);
  // Some shippers end every row with one separator too many; an empty column of Zeek's own is never empty text.
  if (cells.length === names.length + 1 && cells.at(-1) === "") cells.pop();
  if (cells.length !== names.length) return no("WGL_ZEEK_COLUMNS", { found: cells.length, wanted: names.length });
  const fields: Record<string, unknown> = Object.create(null);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] ?? "";
    if (cell === header.unset) continue;
    const type = header.types[i] ?? "string";
    const name = names[i] ?? "";
    const value = read(cell, type, header);
    if (value === undefined) return no("WGL_ZEEK_VALUE", { field: name, value: cell, type });
    fields[name] = value;
  }
  return ok(fields);
};

/** Undefined: the text is not of that type. */
const read = (cell: string, type: string, header: Header): unknown => {
  const inner = /^(?:set|vector)\[(.+)\]$/.exec(type)?.[1];
  if (inner === undefined) return cell === header.empty ? "" : readOne(cell, inner ?? type);
  if (cell === header.empty) return [];
  const members = cell
    .split(header.setSeparator)
    .map((member) => (member === header.unset ? null : readOne(member, inner)));
  return members.includes(undefined) ? undefined : members;
};

const readOne = (text: string, type: string): unknown => {
  switch (type) {
    case "count":
    case "int":
    case "port":
      return /^-?\d{1,20}$/.test(text) ? whole(text) : undefined;
    case "time":
    case "interval":
    case "double":
      return /^-?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    case "bool":
      return text === "T" ? true : text === "F" ? false : undefined;
    default:
      return unescapeColumn(text);
  }
};

/** Beyond 2^53 a number would lie about its last digits: such counts stay text. */
const whole = (text: string): number | string => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
};
