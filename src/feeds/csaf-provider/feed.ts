import { listsOf } from "#feeds/body.ts";
import { csafPolicy } from "#feeds/csaf.ts";
import { documentRows } from "#feeds/document-rows.ts";
import type { Feed } from "#feeds/feed.ts";
import { envelopeRow } from "./envelope.ts";
import { providerWalk } from "./walk.ts";

/**
 * A CSAF provider by its provider-metadata.json: new and changed documents, each checked against its published hash and,
 * where the provider names keys, against its signature. What fails is refused and named, never taken. CISA's is the
 * example, whose documents lie on GitHub; `use: csaf-provider` with another address makes another source, and where that
 * one keeps its documents stands in `collect.allowHosts`.
 *
 * @see CSAF 2.0 §7
 */
export const feed: Feed = {
  id: "csaf-provider",
  title: "CSAF provider",
  publisher: "CISA",
  url: "https://www.cisa.gov/sites/default/files/csaf/provider-metadata.json",
  hosts: ["raw.githubusercontent.com"],
  ...csafPolicy,
  grade: { source: "A", statement: 2 },
  looksLike: (text) => /^\s*\{\s*"csafFrom"\s*:/.test(text),
  gives: "parts",
  walk: providerWalk,
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: documentRows(bytes, envelopeRow) })),
};
