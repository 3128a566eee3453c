/** A value as it stands: `quoted` ones are literal, bare ones may be hexadecimal. */
export interface Pair {
  readonly key: string;
  readonly value: string;
  readonly quoted: boolean;
}

/**
 * The `key=value` pairs of a record. Quoted values have no escapes: auditd writes what would need them in hexadecimal. The
 * pairs within `msg='…'` are handed out as their own. Behind a group separator stands what auditd looked up (`AUID="root"`).
 */
export const pairsOf = (text: string): readonly Pair[] => {
  const pairs: Pair[] = [];
  for (const [, key = "", double, single, bare] of text.matchAll(
    /(?<![\w-])([A-Za-z_][\w-]{0,63}(?:\[\d{1,6}\])?)=(?:"([^"]*)"|'([^']*)'|([^\s\u001d]*))/g,
  )) {
    if (single !== undefined && key === "msg") pairs.push(...pairsOf(single));
    else if (double !== undefined) pairs.push({ key, value: double, quoted: true });
    else pairs.push({ key, value: single ?? bare ?? "", quoted: single !== undefined });
  }
  return pairs;
};

/**
 * The pairs of auoms, which quotes only some values: a bare one goes on to the next ` key=`, lists are JSON.
 * @see https://github.com/microsoft/OMS-Auditd-Plugin
 */
export const auomsPairsOf = (text: string): readonly Pair[] => {
  const pairs: Pair[] = [];
  const key = /(?:^|\s)([A-Za-z_][\w-]*)=/y;
  let at = 0;
  for (;;) {
    key.lastIndex = at;
    const found = key.exec(text);
    if (found === null) return pairs;
    const from = key.lastIndex;
    const [value, end] = auomsValue(text, from);
    pairs.push({ key: found[1] as string, value, quoted: true });
    at = end;
  }
};

const auomsValue = (text: string, from: number): readonly [value: string, end: number] => {
  const quoted = /"((?:[^"\\]|\\.)*)"(?=\s|$)/y;
  quoted.lastIndex = from;
  const found = quoted.exec(text);
  if (found !== null) return [(found[1] as string).replace(/\\(.)/g, "$1"), quoted.lastIndex];
  const next = /\s[A-Za-z_][\w-]*=/g;
  next.lastIndex = from;
  const end = next.exec(text)?.index ?? text.length;
  return [text.slice(from, end).trim(), end];
};
