import type { EventElement } from "./windows-event.ts";

/** Deeper than any event; more is an attack on the stack. */
const deepest = 32;

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** XML 1.0 §4.6 and character references; an entity nobody declared stays as it is written. */
const unescaped = (text: string): string =>
  text.includes("&")
    ? text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g, (whole, decimal, hex, name) => {
        if (typeof name === "string") return entities[name] ?? whole;
        const point = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16);
        return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
      })
    : text;

/**
 * The `Event` element in a text, with what stands before and behind it passed over. The XML that event logs write: elements,
 * attributes, text, CDATA; no document type (and so no entities that grow), comments and instructions skipped. One pass.
 *
 * @param cut also take an event that ends in the middle (syslog cuts long lines): what is open is closed there
 * @returns undefined when it does not begin, or does not close
 */
export const readEventXml = (text: string, cut = false): EventElement | undefined => {
  const open = /<Event[\s>]/.exec(text);
  if (open === null) return undefined;
  const stack: { name: string; attributes: Record<string, string>; children: (EventElement | string)[] }[] = [];
  const token =
    /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s<>=/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
  token.lastIndex = open.index;
  for (;;) {
    const found = token.exec(text);
    if (found === null) return cut ? stack[0] : undefined;
    const [, cdata, close, name, attributes, empty, plain] = found;
    const top = stack.at(-1);
    if (plain !== undefined) {
      // Between elements there is only layout.
      if (top && plain.trim() !== "") top.children.push(unescaped(plain));
    } else if (cdata !== undefined) top?.children.push(cdata);
    else if (name !== undefined) {
      if (stack.length >= deepest) return undefined;
      const element = { name: local(name), attributes: attributesOf(attributes ?? ""), children: [] };
      top?.children.push(element);
      if (empty !== "/") stack.push(element);
      else if (top === undefined) return element;
    } else if (close !== undefined) {
      if (top === undefined || top.name !== local(close)) return undefined;
      stack.pop();
      if (stack.length === 0) return top;
    }
  }
};

const local = (name: string): string => name.slice(name.indexOf(":") + 1);

const attributesOf = (text: string): Record<string, string> => {
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [, name, , double, single] of text.matchAll(/([^\s=]+)\s*=\s*("([^"]*)"|'([^']*)')/g))
    attributes[name as string] = unescaped(double ?? single ?? "");
  return attributes;
};
