import { no, ok, type Problem, type Result } from "#core/result.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawReport } from "#feeds/feed.ts";
import { addressIn, endOf, evidenceOf, nameIn, nameInUrl, portOf, reportLines, transportOf } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";
import { detailsIn } from "./details.ts";
import { meaningOf } from "./category.ts";

/**
 * Team Cymru's CSIRT Assistance Program: a line a sighting, six cells between bars, in two generations that differ in how
 * the fifth cell is written. A line that names several ports is a sighting of each.
 */
export const feed: Feed = {
  id: "cymru-cap",
  title: "Team Cymru CSIRT Assistance Program",
  publisher: "Team Cymru",
  licence: "no-redistribution",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "green",
  grade: { source: "B", statement: 2 },
  liveDays: 3,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "infected-system" },
  gives: "news",
  looksLike: (text) => /^(?:#[^\n]*\n|\r?\n)*[a-z]+\|[0-9a-f.:]+\|\d*\|\d{4}-\d\d-\d\d /.test(text),
  parts: (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => ({ name, rows: reportLines(bytes, ["#"], reportsIn) })),
};

/** Ports of one line that are told apart; a sweep of more is one of many. */
const portsAtMost = 64;

const columns = ["category", "address", "asn", "timestamp", "details", "asn_name"] as const;

const reportsIn = (text: string): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  const cells = text.split("|").map((cell) => cell.trim());
  if (cells.length !== columns.length) return no("WGL_ROW_CELLS", { cells: cells.length, wanted: columns.length });
  const [category = "", address = "", , timestamp = "", written = ""] = cells;
  const ip = addressIn(address);
  if (!ip.ok) return ip;
  const details = detailsIn(written);
  const meaning = meaningOf(category.toLowerCase(), details);
  if (meaning === undefined) return no("WGL_ROW_FIELD", { field: "category" });
  const time = rowTime(timestamp);
  const name = details.url === undefined ? nameIn(details.hostname ?? "") : nameInUrl(details.url);
  // a page belongs to its name, a device to its address
  const [asset, other] = meaning.type === "phishing" && name !== undefined ? [name, ip.value] : [ip.value, name];
  const target = addressIn(details.to ?? "");
  const source = endOf({
    ...{ ip: ip.value.value, port: details.port, host: nameIn(details.hostname ?? "")?.value },
    ...{ url: details.url, account: details.username },
  });
  const transport = transportOf(details.protocol ?? "");
  const report = (port: number | undefined): RawReport => {
    const destination = endOf({ ip: target.ok ? target.value.value : undefined, port });
    return {
      is: "report",
      asset,
      ...(other === undefined ? {} : { also: [other] }),
      type: meaning.type,
      about: meaning.about,
      ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
      labels: labelsOf([category, details.family ?? ""]),
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
      ...(transport === undefined ? {} : { transport }),
      ...(meaning.protocol === undefined ? {} : { protocol: meaning.protocol }),
      evidence: evidenceOf(columns.map((column, place) => [column, cells[place] ?? ""] as const)),
    };
  };
  const ports = details.ports.map((one) => portOf(one)).filter((one) => one !== undefined);
  const reports = ports.length === 0 ? [report(undefined)] : ports.slice(0, portsAtMost).map(report);
  return { ...ok(reports), ...(time.note === undefined ? {} : { note: time.note }) };
};
