import type { Feed } from "#feeds/feed.ts";
import { isPdf } from "#feeds/pdf-text.ts";
import { pastedText, searchedPart } from "#feeds/searched-text.ts";
import { gunzip, isGzip } from "#feeds/gunzip.ts";

/** What a person wrote for people: notes, a report, a page, a PDF; the values in it, defanged or not. */
export const feed: Feed = {
  id: "free-text",
  title: "Free text and PDF",
  publisher: "whoever wrote the text",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "amber",
  pap: "amber",
  grade: { source: "F", statement: 3 },
  liveDays: 30,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  gives: "news",
  looksLike: (text) => isPdf(Buffer.from(text.slice(0, 8), "latin1")) || isProse(text),
  prepare: (body) => pastedText(body),
  parts: (body) => [searchedPart(isGzip(body) ? gunzip(body) : body, "")],
};

/** Sentences, and values made harmless in them: a list of values has no sentence, an ordinary letter no such value. */
const isProse = (text: string): boolean => {
  // a mail is opened first
  if (/^(?:Return-Path|Received|Delivered-To|From|Date|Message-ID|MIME-Version):/i.test(text)) return false;
  if (/^\s*[{[<]/.test(text) || !/\bh(?:xx|\*\*)ps?\b|\[(?:\.|dot|:)\]|\(dot\)/i.test(text)) return false;
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s*(?:#|\/\/|;)/.test(line));
  return lines.filter(isSentence).length * 3 > lines.length;
};

/** Five words and no table; as latin1 a Chinese character is three letters with accents, and its sentences have no blanks. */
const isSentence = (line: string): boolean =>
  !/[\t;|"]|,.*,.*,|^(?:alert|drop|reject|pass)\b/.test(line) &&
  /(?:[\w\x80-\xff'(:.-]+[ ,.]+){5}|(?:[\xe3-\xe9][\x80-\xbf]{2}){7}/.test(line);
