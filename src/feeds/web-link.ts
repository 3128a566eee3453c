/** Longest link kept, in UTF-16 units. */
const linkAtMost = 2000;

/**
 * A link a person may follow: http or https, absolute; what is relative is read from `base`. `undefined` for any other
 * scheme (javascript:, data:, file:), for links with a name and password in them, and for what is no link.
 */
export const webLink = (text: string, base?: string): string | undefined => {
  const written = text.trim();
  if (written === "" || written.length > linkAtMost) return undefined;
  const url = URL.parse(written, base !== undefined && /^https?:\/\//i.test(base) ? base : undefined);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  return url.href;
};

/** The links among these, distinct; at most 100. */
export const webLinks = (texts: readonly string[], base?: string): readonly string[] =>
  [...new Set(texts.map((text) => webLink(text, base)).filter((link) => link !== undefined))].slice(0, 100);
