import { BadBody } from "#feeds/bad-body.ts";
import type { Frame, Row } from "#feeds/feed.ts";
import { tableFrame, tableRowText, tablesIn } from "#feeds/html-table.ts";
import { evidenceOf, rowsFrom } from "#feeds/report.ts";
import { timeReader } from "#feeds/time-format.ts";
import { defacement } from "./defacement.ts";

/** Cells of a row; those between are marks: home page, mass, redefacement, country, special. */
const columns = ["Time", "Notifier", "H", "M", "R", "L", "Special", "Domain", "OS", "View"] as const;
const day = timeReader("YYYY/MM/DD");

/**
 * A saved page of the archive: the table "ldeface". Entries of today have a time of day and no date, which is no moment
 * one could keep: that of collection stands instead. Behind the entries follow the numbers of the pages, and a legend.
 */
export function* archiveRows(bytes: Uint8Array): Generator<Row, void, undefined> {
  const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const table = tablesIn(page).find(({ attributes }) => attributes["id"] === "ldeface");
  if (table === undefined) throw new BadBody("WGL_BODY_SHAPE", { wanted: 'the table "ldeface"' });
  for (const [place, { isHeading, cells }] of table.rows.entries()) {
    if (isHeading || cells.length < 3 || cells[0] === "Time") continue;
    const cell = (name: (typeof columns)[number]): string => cells[columns.indexOf(name)] ?? "";
    const entry = defacement({
      page: cell("Domain"),
      address: "",
      time: day?.(cell("Time")) ?? {},
      ...{ who: cell("Notifier"), how: "", isChecked: true },
      evidence: evidenceOf(columns.map((name, at) => [name, cells[at] ?? ""] as const)),
    });
    yield* rowsFrom(place + 1, tableRowText(cells), entry);
  }
}

export const archiveFrame: Frame = tableFrame(columns, { attribute: "id", value: "ldeface" });
