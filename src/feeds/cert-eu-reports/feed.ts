import type { Grade } from "#core/grade.ts";
import { parseTlp } from "#core/marking.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import type { RsitType } from "#core/rsit.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawReport } from "#feeds/feed.ts";
import { aboutOf, addressIn, endOf, nameIn, nameInUrl, portOf } from "#feeds/report.ts";
import { type ReportRecord, reportTable } from "#feeds/report-table.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";

/**
 * CERT-EU's automated reports to its constituents and peers: a table of what its sources saw of our networks, in two
 * generations of columns ("datasource", "phishing", "asn" became "feed code", "url", "source asn"). What concerns a page
 * belongs to its name, what concerns a device to its address. Comes by mail or as a file.
 *
 * @see IntelMQ, parser "CERT-EU CSV", for the columns: CERT-EU describes them to those who receive them
 */
export const feed: Feed = {
  id: "cert-eu-reports",
  title: "CERT-EU reports about assets",
  publisher: "CERT-EU",
  licence: "no-redistribution",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "green",
  grade: { source: "B", statement: 3 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "other" },
  gives: "news",
  looksLike: (text) => {
    const header = text.split("\n", 1)[0] ?? "";
    return /(?:^|,)"?(?:datasource|feed code)"?,/.test(header) && /(?:^|,)"?source ip"?,/.test(header);
  },
  parts: (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => ({
      name,
      ...reportTable(bytes, { needed, comments: ["#"] }, reportIn),
    })),
};

const needed = [["source ip"], ["type"], ["source time"]] as const;

/** CERT-EU's words as RSIT types; another one is undetermined, never a refused row. */
const types: Readonly<Record<string, RsitType>> = {
  backdoor: "system-compromise",
  blacklist: "blacklist",
  "botnet drone": "infected-system",
  "brute-force": "brute-force",
  c2server: "c2-server",
  "compromised server": "system-compromise",
  "ddos infrastructure": "ddos",
  "ddos target": "ddos",
  defacement: "unauthorised-information-modification",
  dropzone: "other",
  "exploit url": "exploit",
  "ids alert": "ids-alert",
  "malware-configuration": "malware-configuration",
  "malware url": "malware-distribution",
  phishing: "phishing",
  ransomware: "infected-system",
  scanner: "scanner",
  "spam infrastructure": "spam",
  test: "test",
  "vulnerable service": "vulnerable-system",
};

/** What the service that was spoken to says something of. */
const ofServices: ReadonlySet<RsitType> = new Set(["brute-force", "scanner", "vulnerable-system"]);
const ofPages: ReadonlySet<RsitType> = new Set([
  ...(["exploit", "malware-distribution", "phishing", "unauthorised-information-modification"] as const),
]);

const reportIn = ({ cell, evidence }: ReportRecord): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  const version = cell("version");
  if (version !== "" && version !== "1.5") return no("WGL_ROW_FIELD", { field: "version" });
  const said = cell("type").toLowerCase();
  if (said === "") return no("WGL_ROW_FIELD", { field: "type" });
  const type = types[said] ?? "undetermined";
  const address = cell("source ip");
  const ip = address === "" ? undefined : addressIn(address);
  if (ip !== undefined && !ip.ok) return ip;
  const url = cell("url", "phishing");
  const name = nameIn(cell("domain name")) ?? nameInUrl(url);
  const [asset, other] =
    name !== undefined && (ip === undefined || ofPages.has(type)) ? [name, ip?.value] : [ip?.value, name];
  if (asset === undefined) return no("WGL_ROW_FIELD", { field: "source ip" });
  const time = rowTime(cell("source time", "last seen"));
  const protocol = cell("protocol").toLowerCase();
  const tlp = parseTlp(cell("tlp"));
  const grade = gradeOf(cell("confidence level"));
  const source = endOf({ ip: ip?.value.value, host: name?.value, url: url === "" ? undefined : url.slice(0, 2000) });
  const destination = endOf({ port: portOf(cell("destination port")) });
  const report: RawReport = {
    is: "report",
    asset,
    ...(other === undefined ? {} : { also: [other] }),
    type,
    about: ofServices.has(type) ? aboutOf(protocol) : said === "ransomware" ? said : "",
    ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
    labels: labelsOf([said, cell("target")]),
    ...(grade === undefined ? {} : { grade }),
    ...(tlp.ok ? { tlp: tlp.value } : {}),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(protocol === "" ? {} : { protocol }),
    evidence,
  };
  return { ...ok([report]), ...(time.note === undefined ? {} : { note: time.note }) };
};

/** Confidence of 0 to 100; absent or unreadable, that of the feed. */
const gradeOf = (text: string): Grade | undefined => {
  const level = /^\d{1,3}$/.test(text) ? Number(text) : undefined;
  if (level === undefined || level > 100) return undefined;
  return { source: "B", statement: level >= 75 ? 2 : level >= 40 ? 3 : level >= 20 ? 4 : 5 };
};
