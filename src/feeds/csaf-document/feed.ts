import { filesOf, listsOf } from "#feeds/body.ts";
import { csafPolicy, csafRow } from "#feeds/csaf.ts";
import { documentRows } from "#feeds/document-rows.ts";
import type { Feed } from "#feeds/feed.ts";

/**
 * CSAF 2.0 documents that somebody has as files: one, a list, one a line, or a (tar or zip) archive of them. Nothing is
 * fetched and no signature is looked at: who names the file vouches for it. `csaf-provider` fetches and verifies.
 */
export const feed: Feed = {
  id: "csaf-document",
  title: "CSAF 2.0 documents",
  publisher: "whoever wrote the documents",
  ...csafPolicy,
  // a document without a label is its holder's to pass on, and nobody said "publish"
  tlp: "amber",
  looksLike: (text) => /"csaf_version"\s*:/.test(text),
  parts: (body, file) =>
    (/\.(?:tar|tgz|tar\.gz)$/i.test(file) ? filesOf(body, file) : listsOf(body, file, { json: true }))
      .filter(({ name }) => name === "" || /\.(?:json|ndjson)$/i.test(name))
      .map(({ name, bytes }) => ({ name, rows: documentRows(bytes, csafRow) })),
};
