import type { Feed } from "#feeds/feed.ts";
import { openMail } from "#feeds/mime.ts";
import { searchedPart } from "#feeds/searched-text.ts";
import { gunzip, isGzip } from "#feeds/gunzip.ts";

/**
 * Reports by mail: each attachment is read by the reader that knows its shape, the text by the one for free text. All of
 * it is this source's word: a sender cannot borrow the standing of the publisher whose format he sends.
 */
export const feed: Feed = {
  id: "mail-report",
  title: "Reports by e-mail",
  publisher: "whoever wrote the mail",
  licence: "unknown",
  everyMinutes: 1,
  tlp: "amber",
  pap: "amber",
  grade: { source: "F", statement: 3 },
  liveDays: 30,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  gives: "news",
  looksLike: (text, file) =>
    /\.eml$/i.test(file) ||
    (/^(?:Return-Path|Received|Delivered-To|From|Date|Message-ID|MIME-Version):/i.test(text) && /^From:/im.test(text)),
  opens: (body) => openMail(body),
  // what is left of a mail that somebody opened already: its text
  parts: (body) => [searchedPart(isGzip(body) ? gunzip(body) : body, "")],
};
