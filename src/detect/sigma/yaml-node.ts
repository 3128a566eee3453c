/** What stands in a YAML document, and at which offset of the text (UTF-16 units), so that problems can say where. */
export type YamlNode = YamlMap | YamlList | YamlScalar;

export interface YamlMap {
  readonly is: "map";
  readonly at: number;
  /** In the order of the file; keys are different. */
  readonly entries: readonly YamlEntry[];
}

export interface YamlEntry {
  readonly key: string;
  readonly at: number;
  readonly value: YamlNode;
}

export interface YamlList {
  readonly is: "list";
  readonly at: number;
  readonly items: readonly YamlNode[];
}

export interface YamlScalar {
  readonly is: "scalar";
  readonly at: number;
  /** YAML 1.2 §10.3, core schema: `yes` is a text, `0x1f` a number. */
  readonly value: string | number | boolean | null;
  /** As it stands in the file, quotes taken off: of `0x1f` the four characters. */
  readonly text: string;
}

/** The entry of a map under `key`; undefined also for what is no map. */
export const entryOf = (node: YamlNode | undefined, key: string): YamlEntry | undefined =>
  node?.is === "map" ? node.entries.find((one) => one.key === key) : undefined;

/** Documents of one text, or what is wrong with its YAML. */
export interface YamlRead {
  readonly documents: readonly YamlNode[];
  readonly problems: readonly { readonly at: number; readonly reason: string }[];
}

/** A plain scalar's value: YAML 1.2 §10.3.2, tag resolution of the core schema. */
export const plainValue = (text: string): string | number | boolean | null => {
  const first = text.charCodeAt(0);
  // + - . 0-9
  if (first === 43 || first === 45 || first === 46 || (first >= 48 && first <= 57)) {
    if (integer.test(text)) return Number(text);
    if (octal.test(text)) return Number.parseInt(text.slice(2), 8);
    if (hexadecimal.test(text)) return Number.parseInt(text.slice(2), 16);
    if (float.test(text)) return Number(text);
    if (infinity.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
    return nan.test(text) ? Number.NaN : text;
  }
  return constants.has(text) ? (constants.get(text) ?? null) : text;
};

const integer = /^[-+]?[0-9]+$/;
const octal = /^0o[0-7]+$/;
const hexadecimal = /^0x[0-9a-fA-F]+$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const infinity = /^[-+]?\.(?:inf|Inf|INF)$/;
const nan = /^\.(?:nan|NaN|NAN)$/;
const constants: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ["", null],
  ["~", null],
  ["null", null],
  ["Null", null],
  ["NULL", null],
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
]);
