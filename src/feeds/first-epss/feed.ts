import { problem } from "#core/result.ts";
import { advisoryRow, refused, withText } from "#feeds/advisory-row.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import { parseCve } from "#feeds/cve.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { jsonFrame } from "#feeds/json-frame.ts";
import { parseJson } from "#feeds/json.ts";
import { jsonAt, textAt } from "#feeds/json-shape.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { rowTime } from "#feeds/row-time.ts";

/**
 * For every published CVE the probability that it is exploited within 30 days, computed anew each day: the day's CSV, or
 * an answer of the API, whose numbers are text. A row has no words of its own: it is read beside other sources' records.
 *
 * @see https://www.first.org/epss/data_stats
 */
export const feed: Feed = {
  id: "first-epss",
  title: "FIRST EPSS, exploit prediction scores",
  publisher: "FIRST",
  url: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
  licence: "first-epss",
  everyMinutes: 720,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 7,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "vulnerable-system" },
  looksLike: (text) =>
    text.startsWith("#model_version:") || text.startsWith("cve,epss,percentile") || /"epss"\s*:\s*"0?\.\d/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const isJson = /^\s*\{/.test(Buffer.from(bytes.subarray(0, 64)).toString("latin1"));
      return isJson
        ? { name, rows: apiRows(parseJson(bytes)), frame: jsonFrame("$.data[*]") }
        : { name, rows: csvRows(bytes), frame: { before: headIn(bytes), between: "\n", after: "\n" } };
    }),
};

/** `#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000`, a header, then `CVE-2024-3400,0.94317,0.99952`. */
function* csvRows(bytes: Uint8Array): Generator<Row, void, undefined> {
  let line = 0;
  let about: About = {};
  let columns: readonly number[] | undefined;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong) yield refused(line, problem("WGL_ROW_LONG", { limit: limits.rowBytes }));
    else if (text.trim() === "") continue;
    else if (text.startsWith("#")) about = { ...about, ...aboutIn(text) };
    else if (columns === undefined) {
      const header = text.split(",").map((cell) => cell.trim().toLowerCase());
      columns = ["cve", "epss", "percentile"].map((column) => {
        const place = header.indexOf(column);
        if (place < 0) throw new BadBody("WGL_BODY_COLUMN", { column });
        return place;
      });
    } else {
      const cells = text.split(",");
      const [cve = "", epss = "", percentile = ""] = columns.map((place) => cells[place] ?? "");
      yield withText(rowOf(line, cve, epss, percentile, about), () => text);
    }
  }
}

/** The comment with model and date, and the header. */
const headIn = (bytes: Uint8Array): string => {
  let head = "";
  for (const text of linesOf(bytes)) {
    if (text === overlong || head.length > limits.rowBytes) return "";
    head += `${text}\n`;
    if (text.trim() !== "" && !text.startsWith("#")) break;
  }
  return head;
};

const apiRows = (answer: unknown): readonly Row[] => {
  const list = jsonAt(answer, "data");
  if (!Array.isArray(list)) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a list at /data" });
  return list.map((entry: unknown, place) => {
    const date = rowTime(textAt(entry, "date")).seenAt;
    const number = (field: string): string => String(jsonAt(entry, field) ?? "");
    const at = date === undefined ? {} : { date };
    const read = rowOf(place + 1, textAt(entry, "cve"), number("epss"), number("percentile"), at);
    return withText(read, () => JSON.stringify(entry));
  });
};

interface About {
  readonly model?: string;
  readonly date?: NonNullable<ReturnType<typeof rowTime>["seenAt"]>;
}

const aboutIn = (comment: string): About => {
  const model = /model_version:([\w.-]{1,40})/.exec(comment)?.[1];
  const date = rowTime(/score_date:([\dT:+Z-]{10,30})/.exec(comment)?.[1] ?? "").seenAt;
  return { ...(model === undefined ? {} : { model }), ...(date === undefined ? {} : { date }) };
};

/** 0 to 1 as the source writes it: "0.94317", "1", "8.0e-05". */
const share = /^(?:0?\.\d{1,12}|[01](?:\.\d{0,12})?|\d(?:\.\d{1,12})?e-\d{1,2})$/i;

const rowOf = (row: number, id: string, epss: string, rank: string, { model, date }: About): Row => {
  const cve = parseCve(id);
  if (!cve.ok) return refused(row, cve.problem);
  for (const value of [epss, rank])
    if (!share.test(value.trim()) || Number(value) > 1) return refused(row, problem("WGL_ROW_SHARE", { value }));
  return advisoryRow(row, {
    id: cve.value,
    kind: "vulnerability",
    title: "",
    updatedAt: date,
    cves: [cve.value],
    epss: { probability: Number(epss), percentile: Number(rank), ...(model === undefined ? {} : { model }) },
  });
};
