import { parseEmail } from "#core/email.ts";
import type { Observable } from "#core/observable.ts";
import { observableOf } from "#core/recognise.ts";
import { no, type Problem, type Result } from "#core/result.ts";
import { isRsitType, type RsitType } from "#core/rsit.ts";
import { severities } from "#core/severity.ts";
import type { RawReport, ReportedEnd } from "#feeds/feed.ts";
import { aboutOf, evidenceOf, nameIn, nameInUrl, portOf, transportOf } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";
import { type Columns, shapes } from "./rules.ts";
import type { Which } from "./which-report.ts";

/** The reports one row makes: one, and one for each CVE it names beside its service. */
export type Reports =
  | { readonly reports: readonly RawReport[]; readonly note?: Problem }
  | { readonly problem: Problem };

/**
 * A row of a report, by the columns of its type's shape.
 *
 * @param cells by column name, lower case
 */
export const reportsIn = (which: Which, cells: ReadonlyMap<string, string>): Reports => {
  const columns: Columns = shapes[which.shape];
  const cell = (column: string | undefined): string => (column === undefined ? "" : (cells.get(column) ?? "").trim());
  const found = assetIn(columns, cell);
  if (!found.ok) return { problem: found.problem };
  const { asset, also, source } = found.value;
  const time = rowTime(cell("timestamp"));
  const tag = cell("tag");
  const cves = [...new Set((tag.match(/\bcve-\d{4}-\d{4,}\b/gi) ?? []).map((cve) => cve.toLowerCase()))];
  const severity = severities.find((one) => one === cell("severity").toLowerCase()) ?? which.severity;
  const type = typeIn(which, cell);
  const transport = transportOf(cell("protocol")) ?? (overTcp.has(which.about) ? "tcp" : undefined);
  const protocol = protocolIn(which, cell);
  const destination = otherEnd(columns.to, cell);
  const base: RawReport = {
    is: "report",
    asset,
    ...(also.length === 0 ? {} : { also }),
    type,
    about: aboutIn(which, cell),
    severity,
    ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
    labels: labelsOf([which.name, ...tag.split(/[;,]/), cell("infection"), cell("family")]),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(transport === undefined ? {} : { transport }),
    ...(protocol === "" ? {} : { protocol }),
    evidence: evidenceOf(cells),
  };
  const weak = cves.map((cve): RawReport => ({ ...base, type: "vulnerable-system", about: cve }));
  const reports =
    which.names === "service" && which.shape === "host"
      ? [base, ...weak]
      : weak.length > 0 && which.names === "cve"
        ? weak
        : [base];
  return { reports, ...(time.note === undefined ? {} : { note: time.note }) };
};

interface Found {
  readonly asset: Observable;
  readonly also: readonly Observable[];
  readonly source?: ReportedEnd;
}

type Cell = (column: string | undefined) => string;

/** Whose it is: an account's domain, a page's host before its address, else the address; its names stand beside it. */
const assetIn = (columns: Columns, cell: Cell): Result<Found> => {
  const written = {
    ip: cell(columns.ip),
    host: cell(columns.host),
    url: cell(columns.url),
    account: cell(columns.account),
  };
  const port = portOf(cell(columns.port));
  const address = written.ip === "" ? undefined : observableOf(written.ip);
  if (address !== undefined && !(address.ok && isAddress(address.value))) return no("WGL_IP", { value: written.ip });
  const ip = address?.value;
  const email = columns === shapes.account ? parseEmail(written.account) : undefined;
  if (email !== undefined && !email.ok) return email;
  const url = urlIn(written.url, written.host, cell("application"), port);
  const names = [
    email === undefined ? undefined : nameIn(email.value.value.slice(email.value.value.lastIndexOf("@") + 1)),
    columns === shapes.referer || url === undefined ? undefined : nameInUrl(url),
    nameIn(written.host),
    nameIn(written.url),
  ].filter((name) => name !== undefined);
  const content = columns.url !== undefined || columns === shapes.account || columns === shapes.name;
  const ranked = [...(content ? [...names, ip] : [ip, ...names])].filter((one) => one !== undefined);
  const [asset, ...rest] = [...new Map(ranked.map((one) => [one.value, one])).values()];
  if (asset === undefined) return no("WGL_ROW_FIELD", { field: columns.ip ?? columns.url ?? columns.host ?? "ip" });
  const also = email === undefined ? rest : [...rest, email.value];
  const source: ReportedEnd = {
    ...(ip === undefined || ip.kind === "cidr" ? {} : { ip: ip.value }),
    ...(port === undefined ? {} : { port }),
    ...(written.host === "" ? {} : { host: written.host.toLowerCase().slice(0, 253) }),
    ...(url === undefined ? {} : { url }),
    ...(written.account === "" ? {} : { account: written.account.slice(0, 320) }),
  };
  return { ok: true, value: { asset, also, ...(Object.keys(source).length === 0 ? {} : { source }) } };
};

const isAddress = ({ kind }: Observable): boolean => kind === "ipv4" || kind === "ipv6" || kind === "cidr";

/** A whole URL, or the path of one whose host stands in another column. */
const urlIn = (written: string, host: string, application: string, port: number | undefined): string | undefined => {
  if (written === "") return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) return written.slice(0, 2000);
  if (nameIn(host) === undefined) return undefined;
  const scheme = application.toLowerCase() === "https" || port === 443 ? "https" : "http";
  return `${scheme}://${host}/${written.replace(/^\/+/, "")}`.slice(0, 2000);
};

const otherEnd = (columns: Columns["to"], cell: Cell): ReportedEnd | undefined => {
  if (columns === undefined) return undefined;
  const [ip, host, path] = [cell(columns.ip), cell(columns.host).toLowerCase(), cell(columns.url)];
  const address = observableOf(ip);
  const port = portOf(cell(columns.port));
  const url = urlIn(path, host, cell("application"), port);
  const end: ReportedEnd = {
    ...(address.ok && isAddress(address.value) ? { ip: address.value.value } : {}),
    ...(port === undefined ? {} : { port }),
    ...(host === "" ? {} : { host: host.slice(0, 253) }),
    ...(url === undefined ? {} : { url }),
  };
  return Object.keys(end).length === 0 ? undefined : end;
};

/** What a broken-into website is used for is a problem of its own kind; words of `category` we do not know change nothing. */
const uses: Readonly<Record<string, RsitType>> = {
  spam: "spam",
  phishing: "phishing",
  phish: "phishing",
  malware: "malware-distribution",
  malwarehosting: "malware-distribution",
  malurl: "malware-distribution",
  ddos: "ddos",
  dos: "ddos",
  cnc: "c2-server",
  "c&c": "c2-server",
  c2: "c2-server",
};

const typeIn = (which: Which, cell: Cell): RsitType => {
  if (which.shape !== "site") return which.type;
  const category = cell("category").toLowerCase();
  return Object.hasOwn(uses, category) ? (uses[category] ?? which.type) : isRsitType(category) ? category : which.type;
};

const aboutIn = (which: Which, cell: Cell): string => {
  switch (which.names) {
    case "service":
    case "cve":
      return which.about;
    case "infection": {
      const family = aboutOf(cell("infection")) || aboutOf(cell("family"));
      return family || (which.shape === "site" ? aboutOf(cell("tag").split(/[;,]/)[0] ?? "") : "") || which.about;
    }
    case "cell:application":
    case "cell:service":
      return aboutOf(cell(which.names.slice(5))) || aboutOf(cell("application")) || aboutOf(cell("tag")) || which.about;
    case "cell:ransomware":
      return aboutOf(cell("ransomware")) || which.about;
  }
};

/** Reports without a column for it, about what speaks TCP alone. */
const overTcp: ReadonlySet<string> = new Set([
  "exchange",
  "ssl",
  "ssl-freak",
  "ssl-poodle",
  "rdp",
  "smb",
  "vnc",
  "hadoop",
]);

const protocolIn = (which: Which, cell: Cell): string => {
  const said = cell("application").toLowerCase();
  return said !== "" ? said.slice(0, 40) : which.names === "service" && which.shape === "host" ? which.about : "";
};
