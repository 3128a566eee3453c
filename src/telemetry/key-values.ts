/**
 * `name=value name="va\"lue" …` as firewalls write it: values end at a blank, quoted ones at their quote, where `\"` and
 * `\\` stand for the characters. Of a name written twice the first counts. Nothing when a quote does not close or a word
 * is no pair (a line cut off in the middle).
 */
export const keyValues = (text: string): Readonly<Record<string, string>> | undefined => {
  const fields: Record<string, string> = Object.create(null);
  const pair = /\s*([A-Za-z0-9_.-]{1,64})=(?:"((?:[^"\\]|\\.)*)"|(\S*))(?=\s|$)/sy;
  let at = 0;
  while (at < text.length) {
    pair.lastIndex = at;
    const found = pair.exec(text);
    if (found === null) return text.slice(at).trim() === "" ? fields : undefined;
    const [, name = "", quoted, plain = ""] = found;
    // Cut off within quotes: `msg="some`
    if (quoted === undefined && plain.startsWith('"')) return undefined;
    if (!Object.hasOwn(fields, name)) fields[name] = quoted?.replaceAll(/\\(["\\])/g, "$1") ?? plain;
    at = pair.lastIndex;
  }
  return fields;
};
