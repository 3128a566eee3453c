import { BadBody } from "#feeds/bad-body.ts";
import { advisoryRow, refused, Times, withText } from "#feeds/advisory-row.ts";
import { listsOf } from "#feeds/body.ts";
import { csvRecords } from "#feeds/csv.ts";
import { cwesIn, parseCve } from "#feeds/cve.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { jsonFrame } from "#feeds/json-frame.ts";
import { parseJson } from "#feeds/json.ts";
import { jsonAt, numberAt, textAt, textsAt } from "#feeds/json-shape.ts";
import { limits } from "#feeds/limits.ts";
import { overlong } from "#feeds/lines.ts";
import { plain, plainLine } from "#feeds/plain-text.ts";
import { webLinks } from "#feeds/web-link.ts";
import { problem } from "#core/result.ts";

/**
 * Vulnerabilities that CISA knows to be exploited, with the day US federal agencies must have acted; JSON and CSV of the
 * same catalogue. It only grows, but for the rare entry taken back, so what is absent was taken back.
 *
 * @see https://www.cisa.gov/known-exploited-vulnerabilities-catalog
 */
export const feed: Feed = {
  id: "cisa-kev",
  title: "CISA Known Exploited Vulnerabilities",
  publisher: "CISA",
  url: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
  licence: "CC0-1.0",
  everyMinutes: 180,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 1 },
  liveDays: 30,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "vulnerable-system" },
  looksLike: (text) => /"catalogVersion"\s*:/.test(text) || /^"?cveID"?,"?vendorProject"?/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const isJson = /^\s*[{[]/.test(Buffer.from(bytes.subarray(0, 64)).toString("latin1"));
      if (isJson) return { name, rows: jsonRows(parseJson(bytes)), frame: jsonFrame("$.vulnerabilities[*]") };
      const header = csvRecords(bytes, ",", []).next().value?.text ?? "";
      return { name, rows: csvRows(bytes), frame: { before: `${header}\n`, between: "\n", after: "\n" } };
    }),
};

const columns = [
  ...["cveID", "vendorProject", "product", "vulnerabilityName", "dateAdded", "shortDescription"],
  ...["requiredAction", "dueDate", "knownRansomwareCampaignUse", "notes"],
] as const;

const jsonRows = (catalogue: unknown): readonly Row[] => {
  const list = jsonAt(catalogue, "vulnerabilities");
  if (!Array.isArray(list)) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a list at /vulnerabilities" });
  const wanted = numberAt(catalogue, "count") ?? list.length;
  if (list.length < wanted) throw new BadBody("WGL_BODY_SHORT", { rows: list.length, wanted });
  return list.map((entry: unknown, place) =>
    withText(
      rowOf(place + 1, (column) => textAt(entry, column), textsAt(entry, "cwes")),
      () => JSON.stringify(entry),
    ),
  );
};

function* csvRows(bytes: Uint8Array): Generator<Row, void, undefined> {
  let header: readonly string[] | undefined;
  for (const { line, cells, text = "" } of csvRecords(bytes, ",", [])) {
    if (cells === overlong) {
      yield refused(line, problem("WGL_ROW_LONG", { limit: limits.rowBytes }));
      continue;
    }
    if (header === undefined) {
      header = cells.map((cell) => cell.trim());
      for (const column of columns) if (!header.includes(column)) throw new BadBody("WGL_BODY_COLUMN", { column });
      continue;
    }
    if (cells.length !== header.length) {
      yield { ...refused(line, problem("WGL_ROW_CELLS", { cells: cells.length, wanted: header.length })), text };
      continue;
    }
    const entry = Object.fromEntries(header.map((column, place) => [column, cells[place] ?? ""]));
    const read = rowOf(line, (column) => textAt(entry, column), (entry["cwes"] ?? "").split(/[,;|]\s*/));
    yield withText(read, () => text);
  }
}

const rowOf = (row: number, said: (column: (typeof columns)[number]) => string, weaknesses: readonly string[]): Row => {
  const cve = parseCve(said("cveID"));
  if (!cve.ok) return refused(row, cve.problem);
  const times = new Times();
  const [since, due] = [times.read(said("dateAdded")), times.read(said("dueDate"))];
  const [vendor, product] = [plainLine(said("vendorProject")), plainLine(said("product"))];
  // prose with links in it: a bracket or full stop behind a link ends the sentence, not the address
  const notes = (said("notes").match(/https?:\/\/[^\s;]+/gi) ?? []).map((link) =>
    link.includes("(") ? link : link.replace(/[).,]+$/, ""),
  );
  return advisoryRow(
    row,
    {
      id: cve.value,
      kind: "vulnerability",
      title: plainLine(said("vulnerabilityName")) || cve.value,
      summary: plain(said("shortDescription")),
      language: "en",
      url: `https://nvd.nist.gov/vuln/detail/${cve.value}`,
      publishedAt: since,
      cves: [cve.value],
      cwes: cwesIn(weaknesses),
      products: vendor === "" && product === "" ? [] : [{ vendor, product, versions: [], status: "affected" }],
      affects: vendor === "" && product === "" ? [] : [{ vendor, product, status: "affected" }],
      exploited: {
        ransomware: said("knownRansomwareCampaignUse").toLowerCase() === "known",
        ...(since === undefined ? {} : { since }),
        ...(due === undefined ? {} : { due }),
      },
      action: plain(said("requiredAction")),
      references: webLinks(notes),
    },
    times.note,
  );
};
