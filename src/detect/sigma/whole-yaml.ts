import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document } from "yaml";
import type { YamlEntry, YamlNode, YamlRead } from "./yaml-node.ts";

/**
 * Nodes a text may unfold to, aliases followed: a file of rules has a few hundred, the largest that is known 9,000. More
 * is an alias that multiplies itself.
 */
const nodesAtMost = 200_000;

/** Any YAML 1.2 text, by the `yaml` package; `plain-yaml.ts` is the same for the common shape, twenty times faster. */
export const readWholeYaml = (text: string): YamlRead => {
  const problems: { at: number; reason: string }[] = [];
  try {
    const read: unknown = parseAllDocuments(text, { prettyErrors: false, logLevel: "silent", uniqueKeys: false });
    const documents: YamlNode[] = [];
    for (const document of Array.isArray(read) ? (read as Document.Parsed[]) : []) {
      for (const { code, pos } of document.errors) problems.push({ at: pos[0], reason: code });
      if (document.errors.length > 0 || document.contents === null) continue;
      const node = unfold(document, problems);
      // a mark with nothing behind it is no document
      if (node !== undefined && !(node.is === "scalar" && node.value === null && node.text === ""))
        documents.push(node);
    }
    return { documents, problems };
  } catch (error) {
    // The reader calls itself for each level; a file of a hundred thousand brackets ends the stack.
    if (!(error instanceof RangeError)) throw error;
    return { documents: [], problems: [...problems, { at: 0, reason: "DEPTH" }] };
  }
};

/** A value that is not written stands where its key does. */
const placed = (value: YamlNode, keyAt: number): YamlNode =>
  value.is === "scalar" && value.value === null && value.text === "" ? { ...value, at: keyAt } : value;

const unfold = (document: Document.Parsed, problems: { at: number; reason: string }[]): YamlNode | undefined => {
  let nodes = 0;
  let many = false;
  const rangeOf = (node: unknown, fallback: number): number =>
    typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)
      ? Number(node.range[0])
      : fallback;
  const walk = (node: unknown, fallback: number): YamlNode => {
    const at = rangeOf(node, fallback);
    if (++nodes > nodesAtMost) many = true;
    if (many) return { is: "scalar", at, value: null, text: "" };
    if (isAlias(node)) {
      const target = node.resolve(document);
      return target === undefined ? { is: "scalar", at, value: null, text: "" } : walk(target, at);
    }
    if (isMap(node)) {
      const entries: YamlEntry[] = [];
      const known = new Set<string>();
      for (const pair of node.items) {
        const keyAt = rangeOf(pair.key, at);
        if (!isScalar(pair.key)) {
          problems.push({ at: keyAt, reason: "KEY_NO_SCALAR" });
          continue;
        }
        const key = pair.key.source ?? String(pair.key.value ?? "");
        if (known.has(key)) problems.push({ at: keyAt, reason: "DUPLICATE_KEY" });
        else entries.push({ key, at: keyAt, value: placed(walk(pair.value, keyAt), keyAt) });
        known.add(key);
      }
      return { is: "map", at, entries };
    }
    if (isSeq(node)) return { is: "list", at, items: node.items.map((item) => walk(item, at)) };
    if (!isScalar(node)) return { is: "scalar", at, value: null, text: "" };
    const value = node.value;
    if (typeof value === "string") return { is: "scalar", at, value, text: value };
    const text = node.source ?? (value === null ? "" : String(value));
    return typeof value === "number" || typeof value === "boolean" || value === null
      ? { is: "scalar", at, value, text }
      : { is: "scalar", at, value: text, text };
  };
  const root = walk(document.contents, 0);
  if (!many) return root;
  problems.push({ at: 0, reason: "ALIASES" });
  return undefined;
};
