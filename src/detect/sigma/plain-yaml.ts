import { plainValue, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/**
 * The YAML that rules are written in: block maps and lists, scalars plain, quoted or literal, comments. Everything else
 * (flow collections, anchors, tags, folded blocks, tabs, repeated keys, anything wrong) gives undefined, and
 * `whole-yaml.ts` reads the text; a test holds both to the same answer.
 *
 * @returns the documents, empty ones left out
 */
export const readPlainYaml = (text: string): readonly YamlNode[] | undefined => {
  if (text.includes("\t") || text.includes("\r") || text.charCodeAt(0) === 0xfeff || odds.test(text)) return undefined;
  const reader = new Lines(text);
  const documents: YamlNode[] = [];
  while (reader.next()) {
    if (reader.isMark()) {
      reader.take();
      continue;
    }
    if (reader.indent !== 0) return undefined;
    const node = block(reader, 0);
    if (node === undefined || (reader.next() && !reader.isMark())) return undefined;
    documents.push(node);
  }
  return reader.odd ? undefined : documents;
};

/** Marks with something behind them, ends of documents, directives. */
const odds = /^(?:---[^\n]|\.\.\.|%)/m;

/** The lines of a text that hold something, one at a time. */
class Lines {
  readonly text: string;
  /** Where the current line's content begins and ends (without trailing spaces), and how far in it stands. */
  at = 0;
  end = 0;
  indent = 0;
  /** Seen what this reader does not read. */
  odd = false;
  /** Where the next physical line begins. */
  after = 0;
  private waiting = false;

  constructor(text: string) {
    this.text = text;
  }

  /** The current line, or the next one that is neither blank nor a comment; false at the end. */
  next(): boolean {
    while (!this.waiting) {
      if (this.after >= this.text.length) return false;
      this.line();
      if (this.at === this.end || this.text.charCodeAt(this.at) === hash) continue;
      this.waiting = true;
    }
    return true;
  }

  /** The next physical line, blank ones as well. */
  line(): void {
    const start = this.after;
    const newline = this.text.indexOf("\n", start);
    let end = newline < 0 ? this.text.length : newline;
    this.after = newline < 0 ? this.text.length : newline + 1;
    let at = start;
    while (at < end && this.text.charCodeAt(at) === space) at++;
    while (end > at && this.text.charCodeAt(end - 1) === space) end--;
    this.at = at;
    this.end = end;
    this.indent = at - start;
  }

  take(): void {
    this.waiting = false;
  }

  /** Goes on inside the current line: what follows "- " is a block that begins at its own column. */
  within(at: number): void {
    this.indent += at - this.at;
    this.at = at;
  }

  /** "---" alone on its line. */
  isMark(): boolean {
    return this.indent === 0 && this.end === 3 + this.at && this.text.startsWith("---", this.at);
  }
}

const space = 32;
const hash = 35;
const colon = 58;
const dash = 45;
const apostrophe = 39;
const quotation = 34;

const deepest = 40;

const block = (lines: Lines, depth: number): YamlNode | undefined =>
  depth > deepest ? undefined : isItem(lines) ? list(lines, depth) : map(lines, depth);

const isItem = (lines: Lines): boolean =>
  lines.text.charCodeAt(lines.at) === dash &&
  (lines.at + 1 === lines.end || lines.text.charCodeAt(lines.at + 1) === space);

const list = (lines: Lines, depth: number): YamlNode | undefined => {
  const { indent, at: start } = lines;
  const items: YamlNode[] = [];
  while (lines.next() && lines.indent === indent && isItem(lines) && !lines.isMark()) {
    let at = lines.at + 1;
    while (at < lines.end && lines.text.charCodeAt(at) === space) at++;
    if (at >= lines.end || lines.text.charCodeAt(at) === hash) return undefined;
    if (lines.text.charCodeAt(at) === dash && lines.text.charCodeAt(at + 1) === space) return undefined;
    const key = keyEnd(lines, at);
    if (key === odd) return undefined;
    let item: YamlNode | undefined;
    if (key >= 0) {
      lines.within(at);
      item = map(lines, depth + 1);
    } else item = scalar(lines, at, indent);
    if (item === undefined) return undefined;
    items.push(item);
  }
  if (lines.next() && lines.indent > indent) return undefined;
  return { is: "list", at: start, items };
};

const map = (lines: Lines, depth: number): YamlNode | undefined => {
  const { indent, at: start } = lines;
  const entries: YamlEntry[] = [];
  const known = new Set<string>();
  while (lines.next() && lines.indent === indent && !lines.isMark()) {
    if (isItem(lines)) return undefined;
    const keyAt = lines.at;
    const end = keyEnd(lines, keyAt);
    if (end < 0) return undefined;
    const quoted = lines.text.charCodeAt(keyAt) === apostrophe || lines.text.charCodeAt(keyAt) === quotation;
    const key = quoted ? lines.text.slice(keyAt + 1, end - 1) : lines.text.slice(keyAt, end).trimEnd();
    // a quote inside a quoted key, a key that is no text: the whole reader knows what they are
    if (quoted ? /['"\\]/.test(key) : key === "") return undefined;
    if (known.has(key)) return undefined;
    known.add(key);
    const value = valueAfter(lines, lines.text.indexOf(":", end) + 1, keyAt, depth);
    if (value === undefined) return undefined;
    entries.push({ key, at: keyAt, value });
  }
  if (lines.next() && lines.indent > indent) return undefined;
  return { is: "map", at: start, entries };
};

/** The value of an entry whose colon ends before `from`. */
const valueAfter = (lines: Lines, from: number, keyAt: number, depth: number): YamlNode | undefined => {
  const { indent } = lines;
  let at = from;
  while (at < lines.end && lines.text.charCodeAt(at) === space) at++;
  if (at < lines.end && lines.text.charCodeAt(at) !== hash) return scalar(lines, at, indent);
  lines.take();
  if (!lines.next() || lines.isMark()) return nothing(keyAt);
  if (lines.indent > indent) return keyEnd(lines, lines.at) >= 0 || isItem(lines) ? block(lines, depth + 1) : undefined;
  // a list may stand at the column of its key
  return lines.indent === indent && isItem(lines) ? list(lines, depth + 1) : nothing(keyAt);
};

const nothing = (at: number): YamlNode => ({ is: "scalar", at, value: null, text: "" });

/** What `keyEnd` says of a key that only the whole reader understands; -1: there is no key here. */
const odd = -2;

/** Where the key that begins at `at` ends (before its colon); -1 when the line holds none, `odd` when it may. */
const keyEnd = (lines: Lines, at: number): number => {
  const { text, end } = lines;
  const first = text.charCodeAt(at);
  if (first === apostrophe || first === quotation) {
    const close = text.indexOf(text.charAt(at), at + 1);
    if (close < 0 || close >= end) return -1;
    if (first === quotation && text.slice(at, close).includes("\\")) return -1;
    return text.charCodeAt(close + 1) === colon && (close + 2 === end || text.charCodeAt(close + 2) === space)
      ? close + 1
      : -1;
  }
  if (strange(first)) return first === question ? odd : -1;
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === colon && (i + 1 === end || text.charCodeAt(i + 1) === space)) return i;
    if (code === hash && text.charCodeAt(i - 1) === space) return -1;
  }
  return -1;
};

const question = 63;
/** A plain scalar does not begin with these (YAML 1.2 §7.3.3, ns-plain-first); `-` and `:` before a letter may. */
const indicators = new Set([..."?:,[]{}#&*!|>'\"%@`"].map((one) => one.charCodeAt(0)));
const strange = (code: number): boolean => indicators.has(code);

/** A scalar that begins at `at` on the current line, inside a block whose column is `indent`. */
const scalar = (lines: Lines, at: number, indent: number): YamlNode | undefined => {
  const first = lines.text.charCodeAt(at);
  if (first === apostrophe) return single(lines, at);
  if (first === quotation) return double(lines, at);
  if (first === 124 /* | */) return literal(lines, at, indent);
  const next = lines.text.charCodeAt(at + 1);
  if (first === dash && (at + 1 === lines.end || next === space)) return undefined;
  return strange(first) ? undefined : plain(lines, at, indent);
};

/** Nothing but a comment may follow a quoted scalar. */
const endsAt = (lines: Lines, from: number): boolean => {
  if (from === lines.end) return true;
  let at = from;
  while (lines.text.charCodeAt(at) === space) at++;
  return at > from && lines.text.charCodeAt(at) === hash;
};

const single = (lines: Lines, at: number): YamlNode | undefined => {
  const { text, end } = lines;
  let close = at + 1;
  let doubled = false;
  for (; close < end; close++) {
    if (text.charCodeAt(close) !== apostrophe) continue;
    if (text.charCodeAt(close + 1) !== apostrophe) break;
    doubled = true;
    close++;
  }
  if (close >= end || !endsAt(lines, close + 1)) return undefined;
  const raw = text.slice(at + 1, close);
  const value = doubled ? raw.replaceAll("''", "'") : raw;
  lines.take();
  return { is: "scalar", at, value, text: value };
};

const escapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ['"', '"'],
  ["/", "/"],
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["0", "\0"],
]);

const double = (lines: Lines, at: number): YamlNode | undefined => {
  const { text, end } = lines;
  let close = at + 1;
  let value = "";
  let from = close;
  for (; close < end && text.charCodeAt(close) !== quotation; close++) {
    if (text.charCodeAt(close) !== 92) continue;
    const escaped = escapes.get(text.charAt(close + 1));
    if (escaped === undefined || close + 1 >= end) return undefined;
    value += text.slice(from, close) + escaped;
    close++;
    from = close + 1;
  }
  if (close >= end || !endsAt(lines, close + 1)) return undefined;
  value += text.slice(from, close);
  lines.take();
  return { is: "scalar", at, value, text: value };
};

/** YAML 1.2 §8.1.2: the indentation of the first line that holds something is taken off every line. */
const literal = (lines: Lines, at: number, indent: number): YamlNode | undefined => {
  const chomp = lines.text.slice(at, lines.end);
  if (chomp !== "|" && chomp !== "|-") return undefined;
  const rows: string[] = [];
  let column = -1;
  while (lines.after < lines.text.length) {
    const start = lines.after;
    const newline = lines.text.indexOf("\n", start);
    const end = newline < 0 ? lines.text.length : newline;
    let first = start;
    while (first < end && lines.text.charCodeAt(first) === space) first++;
    if (first === end) {
      // spaces beyond the column are content, and before the first row they are trouble
      if (end > start) return undefined;
      rows.push("");
    } else {
      if (column < 0) {
        if (first - start <= indent) break;
        column = first - start;
      }
      if (first - start < column) {
        if (first - start > indent) return undefined;
        break;
      }
      rows.push(lines.text.slice(start + column, end));
    }
    lines.after = newline < 0 ? lines.text.length : newline + 1;
  }
  while (rows.length > 0 && rows.at(-1) === "") rows.pop();
  if (rows.length === 0) return undefined;
  lines.take();
  const value = rows.join("\n") + (chomp === "|" ? "\n" : "");
  return { is: "scalar", at, value, text: value };
};

/** YAML 1.2 §7.3.3; it goes on over lines that stand further in, line ends folded to spaces. */
const plain = (lines: Lines, at: number, indent: number): YamlNode | undefined => {
  const first = plainEnd(lines, at);
  if (first < 0) return undefined;
  let text = lines.text.slice(at, first);
  const commented = first < lines.end;
  lines.take();
  for (;;) {
    const before = lines.after;
    if (!lines.next()) break;
    if (lines.indent <= indent || lines.isMark()) break;
    // blank lines and comments inside fold otherwise, or end it
    if (commented || lines.at - lines.indent !== before) return undefined;
    const end = plainEnd(lines, lines.at);
    if (end < 0 || end < lines.end) return undefined;
    text += ` ${lines.text.slice(lines.at, end)}`;
    lines.take();
  }
  const value = plainValue(text);
  return { is: "scalar", at, value, text };
};

/** Where a plain scalar ends on its line: before a comment, or at the end; -1 when a colon makes it something else. */
const plainEnd = (lines: Lines, at: number): number => {
  const { text } = lines;
  for (let i = at; i < lines.end; i++) {
    const code = text.charCodeAt(i);
    if (code === colon && (i + 1 === lines.end || text.charCodeAt(i + 1) === space)) return -1;
    if (code === hash && i > at && text.charCodeAt(i - 1) === space) {
      let end = i;
      while (text.charCodeAt(end - 1) === space) end--;
      return end;
    }
  }
  return lines.end;
};
