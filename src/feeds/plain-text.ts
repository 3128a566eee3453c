import { Parser } from "htmlparser2";

/** Most characters of a summary or an action (feed.ts, RawAdvisory). */
export const summaryAtMost = 20_000;

/** Elements whose text nobody is meant to read. */
const unread = new Set(["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "title"]);
/** Elements that begin a line of their own. */
const block = /^(?:p|div|br|hr|li|ul|ol|dl|dt|dd|tr|table|h[1-6]|pre|blockquote|section|article|header|footer|figure)$/;
/** Markup longer than this (UTF-16 units) is cut first: a summary keeps 20,000 of it at most. */
const markupAtMost = 400_000;

/**
 * What a person would read of HTML: text, a line a block, "- " before items; scripts and styles are left out. The result
 * is text and stays text: "<" in it is a less-than sign, and whoever shows it escapes it.
 */
export const htmlText = (html: string): string => {
  let text = "";
  let hidden = 0;
  const parser = new Parser(
    {
      onopentag: (name) => {
        if (unread.has(name)) hidden++;
        if (block.test(name)) text += name === "li" ? "\n- " : "\n";
      },
      ontext: (some) => {
        if (hidden === 0) text += some;
      },
      onclosetag: (name) => {
        if (unread.has(name) && hidden > 0) hidden--;
        if (block.test(name) && name !== "br" && name !== "li") text += "\n";
        if (name === "td" || name === "th") text += " ";
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  parser.end(html.slice(0, markupAtMost));
  return plain(text);
};

/** Text as we keep it: well-formed, no control characters but line ends, no run of blanks, at most 20,000 characters. */
export const plain = (text: string, atMost: number = summaryAtMost): string => {
  const tidy = text
    .slice(0, markupAtMost)
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(/[^\n\P{Cc}]|[\u00a0\u200b\ufeff]/gu, " ")
    .replace(/[ \t]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return tidy.length <= atMost ? tidy : `${tidy.slice(0, atMost - 1).toWellFormed()}…`;
};

/** One line of it: titles, vendors, products. */
export const plainLine = (text: string, atMost = 500): string => plain(text.replace(/\s+/g, " "), atMost);
