import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import type { Frame, Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import { labelsOf } from "#feeds/row.ts";

/**
 * A report of a sandbox, one analysed file each: the file's hashes when the verdict is severe, and what it dropped,
 * called or looked up that is itself rated severe. What stands unrated in a report is no indicator.
 */
export const feed: Feed = {
  id: "mcafee-atd",
  title: "Advanced Threat Defense sandbox reports",
  publisher: "the operator's own sandbox",
  licence: "own",
  everyMinutes: 60,
  tlp: "amber",
  pap: "amber",
  grade: { source: "B", statement: 3 },
  liveDays: 90,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "infected-system" },
  gives: "news",
  looksLike: (text) => /"Event_Type"\s*:\s*"ATD File Report"/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const document = parseJson(bytes);
      return { name, rows: reportRows(document), frame: frameOf(document) };
    }),
};

/** A refused value as a severe URL of a report about the same file: whatever is listed there is read by its shape. */
const frameOf = (document: unknown): Frame => {
  const name = textAt(jsonField(jsonField(document, "Summary"), "Subject"), "Name");
  return {
    before: `{"Summary":{"Subject":{"Name":${JSON.stringify(name)}},"Verdict":{"Severity":"5"},"Urls":[`,
    between: ",\n",
    after: "]}}\n",
  };
};

const asUrl = (text: string): string => JSON.stringify({ Url: text, Severity: "5" });

/** Severities go from -1 (not rated) to 5; from 4 on the sandbox itself calls what it saw malicious. */
const severe = 4;

const isSevere = (rated: unknown): boolean => Number(jsonField(rated, "Severity") ?? -1) >= severe;

function* reportRows(document: unknown): Generator<Row, void, undefined> {
  const summary = jsonField(document, "Summary");
  const subject = jsonField(summary, "Subject");
  if (typeof subject !== "object" || subject === null)
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "a sandbox report" });
  if (!isSevere(jsonField(summary, "Verdict"))) return;
  const names = severeIn(summary, "Selectors").map((one) => textAt(one, "MalwareName"));
  const labels = labelsOf([...names.filter((name) => name !== "---"), textAt(subject, "Name")]);
  const found = [
    ...hashesOf(subject, ["sha-256", "sha-1", "md5"]),
    ...severeIn(summary, "Processes").flatMap((one) => hashesOf(one, ["Sha256", "Sha1", "Md5"])),
    ...severeIn(summary, "Urls").map((one) => textAt(one, "Url")),
    ...severeIn(summary, "Ips").map((one) => textAt(one, "Ipv4")),
  ];
  for (const [index, text] of found.entries())
    yield text === ""
      ? { ...refusedRow(index + 1, "WGL_VALUE_EMPTY"), text: asUrl(text) }
      : { ...valueRow(index + 1, text, {}, { labels }), text: asUrl(text) };
}

const severeIn = (summary: unknown, list: string): readonly unknown[] => {
  const found = jsonField(summary, list);
  return Array.isArray(found) ? found.filter(isSevere) : [];
};

const hashesOf = (file: unknown, keys: readonly string[]): readonly string[] =>
  keys.map((key) => textAt(file, key)).filter((text) => text !== "");

const textAt = (object: unknown, key: string): string => {
  const found = jsonField(object, key);
  return typeof found === "string" ? found.trim() : "";
};
