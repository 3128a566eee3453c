import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from "yaml";
import { type Problem, problem } from "#core/result.ts";

/** A value of the configuration and where it was said: "line 3 column 9", "WAGLAN_PORT", "command line". */
export interface Said {
  readonly value: string | readonly Said[] | SaidMap;
  readonly at: string;
}

export interface SaidMap {
  readonly fields: ReadonlyMap<string, Said>;
}

export const isSaidMap = (value: Said["value"]): value is SaidMap => typeof value === "object" && "fields" in value;
export const isSaidList = (value: Said["value"]): value is readonly Said[] => Array.isArray(value);

/** Longest `waglan.yaml` in UTF-16 units; 500 feeds written out stay below. */
const longest = 1_048_576;

/**
 * The keys of a YAML 1.2 document as texts with their places. A key without a value is as if it were not there. Anchors,
 * aliases and tags are problems: a configuration says each thing where it stands.
 */
export const yamlKeys = (text: string, problems: Problem[]): SaidMap => {
  const nothing: SaidMap = { fields: new Map() };
  const syntax = (reason: string, at?: string): SaidMap => {
    problems.push(problem("WGL_CONFIG_SYNTAX", { reason }, at));
    return nothing;
  };
  if (text.length > longest) return syntax(`it is longer than ${longest} characters`);
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line} column ${col}`;
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: "failsafe",
    uniqueKeys: false,
  });
  for (const error of document.errors)
    syntax(error.message.split("\n")[0]?.replace(/\.$/, "") ?? error.code, place(error.pos[0]));
  if (document.errors.length > 0) return nothing;
  visit(document, {
    Node: (_key, node) => {
      const is = isAlias(node)
        ? "an alias"
        : node.anchor !== undefined
          ? "an anchor"
          : node.tag?.startsWith("!") && node.tag !== "!"
            ? "a tag"
            : undefined;
      if (is !== undefined) syntax(`it holds ${is}`, place(node.range?.[0] ?? 0));
    },
  });
  if (problems.length > 0) return nothing;

  const said = (node: Node | null): Said | undefined => {
    if (node === null) return undefined;
    const at = place(node.range?.[0] ?? 0);
    if (isScalar(node)) return saysNothing(node) ? undefined : { value: String(node.value), at };
    if (isSeq(node)) return { value: node.items.flatMap((item) => (isNode(item) ? (said(item) ?? []) : [])), at };
    return { value: map(node), at };
  };
  const map = (node: Node | null): SaidMap => {
    const fields = new Map<string, Said>();
    if (!isMap(node)) return { fields };
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value ?? "") : "";
      const at = place(isNode(key) ? (key.range?.[0] ?? 0) : 0);
      if (fields.has(name)) problems.push(problem("WGL_CONFIG_TWICE", { key: "key", value: name }, at));
      const found = said(isNode(value) ? value : null);
      if (found !== undefined)
        fields.set(name, { ...found, at: isScalar(key) && isSaidMap(found.value) ? at : found.at });
      else fields.set(name, { value: "", at });
    }
    return { fields };
  };
  const root = document.contents;
  if (root === null || (isScalar(root) && saysNothing(root))) return nothing;
  return isMap(root) ? map(root) : syntax("it is no mapping of keys to values", "line 1 column 1");
};

/** "key:", "key: ~" and "key: null" say nothing; "key: ''" says a text of no characters, which is nothing too. */
const saysNothing = ({ value, type }: Scalar): boolean =>
  value === null || value === undefined || value === "" || (type === "PLAIN" && (value === "~" || value === "null"));
