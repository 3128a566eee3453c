import { unescapeColumn } from "#telemetry/column.ts";

/**
 * What the `#` lines of a Zeek ASCII log have said so far. A new log in the same stream says everything again, line by
 * line, so each line changes its own part alone.
 *   #separator \x09 · #set_separator⇥, · #empty_field⇥(empty) · #unset_field⇥- · #path⇥conn · #fields⇥ts⇥… · #types⇥time⇥…
 * @see https://docs.zeek.org/en/master/log-formats.html#zeek-tsv-format-logs
 */
export interface Header {
  readonly separator: string;
  readonly setSeparator: string;
  readonly empty: string;
  readonly unset: string;
  /** "" until `#path`. */
  readonly path: string;
  /** Absent until `#fields`: a row cannot be read before. */
  readonly fields?: readonly string[];
  /** Shorter than `fields`, or empty: the missing ones are read as text. */
  readonly types: readonly string[];
}

/** Before any header line: Zeek's own defaults. */
export const noHeader: Header = {
  separator: "\t",
  setSeparator: ",",
  empty: "(empty)",
  unset: "-",
  path: "",
  types: [],
};

/** The header after one more `#` line; lines that say nothing about columns (`#open`, `#close`, comments) change nothing. */
export const readHeaderLine = (header: Header, line: string): Header => {
  if (line.startsWith(separatorWord)) return { ...noHeader, separator: separatorOf(line.slice(separatorWord.length)) };
  const [name, ...values] = line.split(header.separator);
  const value = values[0] ?? "";
  switch (name) {
    case "#set_separator":
      return { ...header, setSeparator: unescapeColumn(value) || noHeader.setSeparator };
    case "#empty_field":
      return { ...header, empty: unescapeColumn(value) };
    case "#unset_field":
      return { ...header, unset: unescapeColumn(value) };
    case "#path":
      return { ...header, path: value };
    case "#fields":
      return { ...header, fields: values };
    case "#types":
      return { ...header, types: values };
    default:
      return header;
  }
};

/** The lines of a header that are in force after one more line; each says its own part, and takes the place of one that said it. */
export const headingAfter = (before: readonly string[], line: string): readonly string[] => {
  const text = line.replace(/\r$/, "");
  if (text.startsWith(separatorWord)) return [text];
  const first = before.find((one) => one.startsWith(separatorWord));
  const separator = first === undefined ? noHeader.separator : separatorOf(first.slice(separatorWord.length));
  const partOf = (one: string): string => one.split(separator, 1)[0] ?? "";
  const part = partOf(text);
  return parts.has(part) ? [...before.filter((one) => partOf(one) !== part), text] : before;
};

const separatorWord = "#separator ";
const parts: ReadonlySet<string> = new Set([
  ...["#set_separator", "#empty_field", "#unset_field"],
  ...["#path", "#fields", "#types"],
]);

const separatorOf = (text: string): string => (text === "\\t" ? "\t" : unescapeColumn(text) || noHeader.separator);
