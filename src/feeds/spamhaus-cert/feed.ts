import { no, ok, type Problem, type Result } from "#core/result.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawReport } from "#feeds/feed.ts";
import { addressIn, endOf, evidenceOf, nameIn, portOf, reportLines, transportOf } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";
import { meaningOf } from "./bot-name.ts";

/**
 * Addresses of one country that Spamhaus saw misbehave, for its national CERT: a table without quotes, `;` comments,
 * "-" and "?" where nothing is known. The address in `domain` is the sinkhole or victim, never the member's.
 */
export const feed: Feed = {
  id: "spamhaus-cert",
  title: "Spamhaus CERT Insight, infected addresses",
  publisher: "Spamhaus",
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
  looksLike: (text) => /^(?:;[^\n]*\n)*[0-9a-f.:]+, ?AS\d+, ?[A-Z]{2}, ?\d{10}, ?/.test(text),
  parts: (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => ({ name, rows: reportLines(bytes, [";"], reportIn) })),
};

const columns = [
  ...["ip", "asn", "country", "lastseen", "botname", "domain", "remote_ip", "remote_port", "local_port", "protocol"],
] as const;

const reportIn = (text: string): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  const cells = text.split(",").map((cell) => cell.trim());
  if (cells.length !== columns.length) return no("WGL_ROW_CELLS", { cells: cells.length, wanted: columns.length });
  const said = cells.map((cell) => (cell === "-" || cell === "?" ? "" : cell));
  const [ip = "", , , lastSeen = "", bot = "", domain = "", remote = "", remotePort = "", local = "", proto = ""] =
    said;
  const asset = addressIn(ip);
  if (!asset.ok) return asset;
  if (bot === "") return no("WGL_ROW_FIELD", { field: "botname" });
  const time = rowTime(lastSeen);
  const meaning = meaningOf(bot, portOf(remotePort), local);
  const url = /^https?:\/\//i.test(domain) ? domain : undefined;
  const address = addressIn(remote);
  const source = endOf({ ip: asset.value.value, port: portOf(local), url });
  const destination = endOf({
    ip: address.ok ? address.value.value : undefined,
    port: portOf(remotePort),
    host: nameIn(domain)?.value,
  });
  const transport = transportOf(proto);
  const report: RawReport = {
    is: "report",
    asset: asset.value,
    type: meaning.type,
    about: meaning.about,
    ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
    labels: labelsOf([bot, bot.replace(/^[a-z]_/, "")]),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(transport === undefined ? {} : { transport }),
    ...(meaning.protocol === undefined ? {} : { protocol: meaning.protocol }),
    evidence: evidenceOf(columns.map((column, place) => [column, cells[place] ?? ""] as const)),
  };
  return { ...ok([report]), ...(time.note === undefined ? {} : { note: time.note }) };
};
