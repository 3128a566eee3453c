import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { holdsInvisible } from "#core/recognise.ts";
import { type Problem, problem } from "#core/result.ts";
import type { ErrorCode } from "#core/errors.ts";
import type { Problems } from "./directory-body.ts";

/** A place in a YAML document, and the questions a reader asks of it. Wrong answers become problems with line and column. */
export interface YamlPlace {
  /** RFC 6901: "/organisations/0/assets/2/value". */
  readonly pointer: string;
  readonly line: number;
  /** The values of a mapping by key; unknown and repeated keys are problems. Absent: this is no mapping. */
  readonly fields: <const K extends string>(keys: readonly K[]) => Fields<K> | undefined;
  /** The items of a list. */
  readonly items: () => readonly YamlPlace[];
  /** A scalar as it is written: everything is text until we read it ourselves. At most 500 characters, none invisible. */
  readonly text: () => string | undefined;
  readonly keys: () => readonly string[];
  readonly tell: (code: ErrorCode, params?: Readonly<Record<string, string | number>>) => void;
  readonly retell: (found: Problem) => void;
}

export interface Fields<K extends string> {
  readonly get: (key: K) => YamlPlace | undefined;
  /** As `get`; its absence is a problem. */
  readonly must: (key: K) => YamlPlace | undefined;
}

/**
 * The root of a YAML 1.2 document under the failsafe schema: mappings, lists and texts, no aliases (they multiply), no
 * tags, one document. Absent when it cannot be read at all; `problems` then says why.
 */
export const yamlRoot = (text: string, problems: Problems): YamlPlace | undefined => {
  const lines = new LineCounter();
  const where = (offset: number): { line: number; col: number } => lines.linePos(offset);
  const place = (node: Node | null, pointer: string, offset: number): YamlPlace => {
    const { line, col } = where(node?.range?.[0] ?? offset);
    const add = (found: Problem): void =>
      problems.add({ ...found, at: `${pointer || "/"} line ${line} column ${col}` }, line, col);
    const tell: YamlPlace["tell"] = (code, params = {}) => add(problem(code, params));
    const key = pointer.slice(pointer.lastIndexOf("/") + 1) || "the file";
    const shape = (wanted: string): undefined => {
      tell("WGL_DIRECTORY_SHAPE", { key, wanted });
    };
    const child = (value: unknown, name: string | number, from: number): YamlPlace =>
      place(isNode(value) ? value : null, `${pointer}/${escaped(String(name))}`, from);
    return {
      pointer,
      line,
      tell,
      retell: add,
      fields: (keys) => {
        if (!isMap(node)) return shape("a mapping of keys to values");
        const found = new Map<string, YamlPlace>();
        for (const pair of node.items) {
          const name = isScalar(pair.key) ? String(pair.key.value ?? "") : "";
          const from = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
          const at = place(isNode(pair.key) ? pair.key : null, `${pointer}/${escaped(name)}`, from);
          if (!keys.some((one) => one === name)) at.tell("WGL_DIRECTORY_KEY", { key: name, wanted: keys.join(", ") });
          else if (found.has(name)) at.tell("WGL_DIRECTORY_KEY_TWICE", { key: name });
          else found.set(name, child(pair.value, name, from));
        }
        return {
          get: (name) => found.get(name),
          must: (name) => {
            if (!found.has(name)) tell("WGL_DIRECTORY_MISSING", { key: name });
            return found.get(name);
          },
        };
      },
      items: () => {
        if (isSeq(node)) return node.items.map((item, index) => child(item, index, offset));
        shape("a list");
        return [];
      },
      keys: () =>
        isMap(node) ? node.items.map((pair) => (isScalar(pair.key) ? String(pair.key.value ?? "") : "")) : [],
      text: () => {
        if (!isScalar(node)) return shape("a text");
        const value = String(node.value ?? "").trim();
        if (value === "") return shape("a text that is not empty");
        if (value.length > longest) {
          tell("WGL_VALUE_LONG", { length: value.length, limit: longest });
          return undefined;
        }
        if (!holdsInvisible(value)) return value;
        tell("WGL_VALUE_CONTROL", { value });
        return undefined;
      },
    };
  };
  try {
    // uniqueKeys compares every key with every other: `fields` does it with a table.
    const document = parseDocument(text, {
      schema: "failsafe",
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: "error", // "silent" would also keep silent about a second document
    });
    for (const { message, pos } of [...document.errors, ...document.warnings]) {
      const { line, col } = where(pos[0]);
      problems.add(problem("WGL_DIRECTORY_SYNTAX", { reason: message }, `line ${line} column ${col}`), line, col);
    }
    if (document.errors.length > 0) return undefined;
    const forbidden = firstForbidden(document.contents);
    if (forbidden !== undefined) {
      const { line, col } = where(forbidden.range?.[0] ?? 0);
      problems.add(problem("WGL_DIRECTORY_ALIAS", {}, `line ${line} column ${col}`), line, col);
      return undefined;
    }
    return place(document.contents, "", 0);
  } catch (error) {
    // The YAML reader calls itself for each level; a file of a hundred thousand brackets ends the stack.
    if (!(error instanceof RangeError)) throw error;
    problems.add(problem("WGL_DIRECTORY_SYNTAX", { reason: "it is nested too deeply" }));
    return undefined;
  }
};

/** Longest text of a directory, UTF-16 units; a CPE name may need 400. */
const longest = 500;

const escaped = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

/** The first node of the file that is an alias, has an anchor or names a tag. */
const firstForbidden = (root: Node | null): Node | undefined => {
  const waiting: unknown[] = [root];
  let first: Node | undefined;
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (!isNode(node)) continue;
    const forbidden = isAlias(node) || node.anchor !== undefined || node.tag !== undefined;
    if (forbidden && (first === undefined || (node.range?.[0] ?? 0) < (first.range?.[0] ?? 0))) first = node;
    if (isSeq(node)) for (const item of node.items) waiting.push(item);
    else if (isMap(node)) for (const pair of node.items) waiting.push(pair.key, pair.value);
  }
  return first;
};
