import type { Feed } from "#feeds/feed.ts";
import { gunzip, isGzip } from "#feeds/gunzip.ts";
import { pastedText, searchedPart } from "#feeds/searched-text.ts";

/**
 * What this community's own analysts submit: a text, a list, a mail, a PDF. Each submission says its marking and its
 * grade, which stand here only for what says nothing.
 */
export const feed: Feed = {
  id: "intake",
  title: "Submitted by analysts",
  publisher: "this community's analysts",
  licence: "own",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "amber",
  grade: { source: "C", statement: 3 },
  liveDays: 30,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  gives: "news",
  prepare: (body) => pastedText(body),
  parts: (body) => [searchedPart(isGzip(body) ? gunzip(body) : body, "")],
};
