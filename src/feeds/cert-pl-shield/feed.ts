import { no, problem, type Result } from "#core/result.ts";
import { type Instant, instant } from "#core/instant.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawIndicator, Row } from "#feeds/feed.ts";
import { saidLines } from "#feeds/report.ts";
import { limits } from "#feeds/limits.ts";
import { overlong } from "#feeds/lines.ts";
import { rowOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";

/**
 * Names that CERT Polska's shield keeps people from: number, name, when it was added, between tabs. A name that stands
 * there belongs to a member too, so it is a bad value and a statement about whoever owns it (join b). Times without an
 * offset, as they were written until 2025, are Polish.
 */
export const feed: Feed = {
  id: "cert-pl-shield",
  title: "CERT Polska warning list, phishing names",
  publisher: "CERT Polska",
  licence: "unknown",
  everyMinutes: 15,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 2 },
  liveDays: 180,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "phishing", listed: "phishing" },
  gives: "whole",
  looksLike: (text) => /^\d+\t[\w.-]+\.[\w-]+\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text),
  parts: (body, file) => listsOf(body, file).map(({ name, bytes }) => ({ name, rows: rows(bytes) })),
};

function* rows(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const { line, text } of saidLines(bytes, ["#"])) {
    const at = `row ${line}`;
    if (text === overlong) yield { row: line, result: no("WGL_ROW_LONG", { limit: limits.rowBytes }, at) };
    else yield { ...rowIn(line, text), text };
  }
}

const rowIn = (line: number, text: string): Row => {
  const cells = text.split("\t");
  const [number = "", name = "", added = ""] = cells;
  const wrong = (result: Result<RawIndicator>): Row => ({ row: line, result });
  if (cells.length !== 3) return wrong(no("WGL_ROW_CELLS", { cells: cells.length, wanted: 3 }, `row ${line}`));
  if (!/^\d+$/.test(number)) return wrong(no("WGL_ROW_FIELD", { field: "number" }, `row ${line}`));
  const offset = /(?:z|[+-]\d\d:?\d\d)$/i.test(added.trim());
  const time = rowTime(added);
  const seenAt = time.seenAt === undefined || offset ? time.seenAt : inPoland(time.seenAt);
  const note =
    time.note ?? (seenAt === undefined && added !== "" ? problem("WGL_ROW_TIME", { value: added }) : undefined);
  return rowOf(line, name, { labels: ["phishing"], seenAt, note });
};

const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/Warsaw",
  hourCycle: "h23",
  ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" },
});

/** The moment when Polish clocks show what `shown` shows in UTC; of the hour that comes twice, the later; of the one that never comes, none. */
const inPoland = (shown: Instant): Instant | undefined =>
  [1, 2].map((hours) => instant(shown - hours * 3_600_000)).find((at) => shownAt(at) === shown);

const shownAt = (at: Instant): number => {
  const part = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  const [date, time] = [
    `${part.get("year")}-${part.get("month")}-${part.get("day")}`,
    `${part.get("hour")}:${part.get("minute")}:${part.get("second")}`,
  ];
  return Date.parse(`${date}T${time}Z`);
};
