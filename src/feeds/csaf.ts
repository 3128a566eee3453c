import { parseTlp } from "#core/marking.ts";
import { problem } from "#core/result.ts";
import { advisoryRow, refused, Times } from "./advisory-row.ts";
import { affectedByCve, affectedProducts, productTree } from "./csaf-products.ts";
import { cvesIn, cwesIn, distinct } from "./cve.ts";
import type { Feed, Row } from "./feed.ts";
import { isObject, jsonAt, listAt, textAt } from "./json-shape.ts";
import { plain, plainLine } from "./plain-text.ts";
import { distinctScores, scoreOf } from "./score.ts";
import { webLink, webLinks } from "./web-link.ts";

/** What the feeds that read CSAF have in common. */
export const csafPolicy = {
  licence: "unknown",
  everyMinutes: 240,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 365,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "vulnerable-system" },
  gives: "news",
} as const satisfies Partial<Feed>;

/** Notes that tell what it is about. Legal texts, locations and general advice are in the document itself. */
const telling = new Set(["summary", "description", "details"]);

/**
 * A CSAF 2.0 document as an advisory; its TLP label binds it, WHITE being CLEAR. What `csaf check` would complain about
 * is no reason to refuse a warning: only a document without id, title or version cannot be kept.
 *
 * @see CSAF 2.0 §3.2
 */
export const csafRow = (row: number, document: unknown, from?: string): Row => {
  if (!isObject(document) || !isObject(jsonAt(document, "document")))
    return refused(row, problem("WGL_ROW_FIELD", { field: "document" }));
  const said = (...steps: readonly string[]): string => textAt(document, "document", ...steps);
  const [id, title, version] = [said("tracking", "id"), plainLine(said("title")), said("tracking", "version")];
  for (const [field, value] of Object.entries({ "tracking.id": id, title, "tracking.version": version }))
    if (value === "") return refused(row, problem("WGL_ROW_FIELD", { field: `document.${field}` }));
  const label = said("distribution", "tlp", "label");
  const tlp = label === "" ? undefined : parseTlp(label);
  if (tlp !== undefined && !tlp.ok) return refused(row, tlp.problem);
  const vulnerabilities = listAt(document, "vulnerabilities");
  const publisher = plainLine(said("publisher", "name"), 200);
  const references = [
    ...listAt(document, "document", "references"),
    ...vulnerabilities.flatMap((one) => listAt(one, "references")),
  ];
  const times = new Times();
  const category = said("category");
  const tree = productTree(document);
  return advisoryRow(
    row,
    {
      id: plainLine(id, 200),
      kind: "advisory",
      title,
      summary: summaryOf(document, vulnerabilities),
      language: said("lang") === "" ? undefined : said("lang").slice(0, 35),
      url: ownPage(references) ?? (from === undefined ? undefined : webLink(from)),
      publishedAt: times.read(said("tracking", "initial_release_date")),
      updatedAt: times.read(said("tracking", "current_release_date")),
      version: plainLine(version, 40),
      cves: cvesIn(...vulnerabilities.map((one) => textAt(one, "cve"))),
      cwes: cwesIn(vulnerabilities.map((one) => textAt(one, "cwe", "id"))),
      products: affectedProducts(vulnerabilities, tree),
      affects: affectedByCve(vulnerabilities, tree),
      scores: distinctScores(
        vulnerabilities
          .flatMap((one) => listAt(one, "scores"))
          .flatMap((one) => [scoreOf(jsonAt(one, "cvss_v3"), publisher), scoreOf(jsonAt(one, "cvss_v2"), publisher)]),
      ),
      action: actionOf(vulnerabilities),
      labels: distinct([
        ...(category === "" ? [] : [plainLine(category, 100).toLowerCase()]),
        ...(said("tracking", "status") === "final" ? [] : [plainLine(said("tracking", "status"), 40).toLowerCase()]),
        ...(vulnerabilities.some(isExploited) ? ["exploited"] : []),
      ]).filter((one) => one !== ""),
      references: webLinks(references.map((one) => textAt(one, "url"))),
      ...(tlp === undefined ? {} : { tlp: tlp.value }),
      withdrawn: category === "csaf_withdrawn" ? true : undefined,
    },
    times.note,
  );
};

const notesOf = (place: unknown): readonly string[] =>
  listAt(place, "notes")
    .filter((note) => telling.has(textAt(note, "category")))
    .map((note) => textAt(note, "text"));

/** The document's own summary first, then what it says of each vulnerability. */
const summaryOf = (document: object, vulnerabilities: readonly unknown[]): string =>
  plain(
    distinct([
      ...notesOf(jsonAt(document, "document")),
      ...vulnerabilities.flatMap((one) => {
        const texts = notesOf(one);
        const name = [textAt(one, "cve"), textAt(one, "title")].filter((part) => part !== "").join(" ");
        return texts.length === 0 ? [] : [[name, ...texts].filter((part) => part !== "").join(": ")];
      }),
    ]).join("\n\n"),
  );

/** The document's page for people: a `self` reference that is not the JSON itself. @see CSAF 2.0 §3.2.1.9 */
const ownPage = (references: readonly unknown[]): string | undefined =>
  references
    .filter((one) => textAt(one, "category") === "self")
    .map((one) => webLink(textAt(one, "url")))
    .filter((url) => url !== undefined)
    .sort((a, b) => Number(/\.json$/i.test(a)) - Number(/\.json$/i.test(b)))[0];

/** What to do, fixes before workarounds before reasons why there is none. @see CSAF 2.0 §3.2.3.12 */
const remedies = ["vendor_fix", "mitigation", "workaround", "no_fix_planned", "none_available"];

const actionOf = (vulnerabilities: readonly unknown[]): string | undefined => {
  const all = vulnerabilities.flatMap((one) => listAt(one, "remediations"));
  const text = plain(
    distinct(
      remedies.flatMap((category) =>
        all
          .filter((one) => textAt(one, "category") === category)
          .map((one) => {
            const [details, url] = [textAt(one, "details"), webLink(textAt(one, "url"))];
            return url === undefined || details.includes(url) ? details : `${details} ${url}`;
          }),
      ),
    ).join("\n"),
  );
  return text === "" ? undefined : text;
};

/** Only the form that programs write ("…;Exploited:Yes;…"): prose about exploitation is as often a denial. */
const isExploited = (vulnerability: unknown): boolean =>
  listAt(vulnerability, "threats").some(
    (one) =>
      textAt(one, "category") === "exploit_status" && /(?:^|;)\s*exploited\s*:\s*yes\b/i.test(textAt(one, "details")),
  );
