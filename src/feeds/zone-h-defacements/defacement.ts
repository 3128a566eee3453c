import { no, ok, type Problem, type Result } from "#core/result.ts";
import type { RawReport } from "#feeds/feed.ts";
import { addressIn, endOf, nameIn, nameInUrl } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { type RowTime, rowTime } from "#feeds/row-time.ts";

/** One entry, from any of the three shapes. */
export interface Entry {
  /** With or without a scheme: "http://www.city.example/x.html", "www.city.example/x.html". */
  readonly page: string;
  /** "" where the shape has none. */
  readonly address: string;
  readonly time: string | RowTime;
  readonly who: string;
  readonly how: string;
  /** Zone-H's people looked at it. */
  readonly isChecked: boolean;
  readonly evidence: Readonly<Record<string, string>>;
}

export const defacement = (entry: Entry): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  const url = /^https?:\/\//i.test(entry.page) ? entry.page : `http://${entry.page}`;
  const host = /^https?:\/\/([^/:?#]+)/i.exec(url)?.[1] ?? "";
  const name = nameInUrl(url) ?? nameIn(host);
  const written = entry.address === "" ? host : entry.address;
  const ip = addressIn(written);
  // a name stands for the site wherever it moves to; an address that cannot be read spoils nothing beside it
  const asset = name ?? (ip.ok ? ip.value : undefined);
  if (asset === undefined) return no("WGL_ROW_FIELD", { field: "domain" });
  const time = typeof entry.time === "string" ? rowTime(entry.time) : entry.time;
  const isHttps = /^https:/i.test(entry.page);
  const source = endOf({
    ip: ip.ok ? ip.value.value : undefined,
    host: name?.value,
    url: url.slice(0, 2000),
  });
  const report: RawReport = {
    is: "report",
    asset,
    ...(name !== undefined && ip.ok ? { also: [ip.value] } : {}),
    type: "unauthorised-information-modification",
    about: "defacement",
    ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
    labels: labelsOf(["compromised-website", entry.who, entry.how === "Not available" ? "" : entry.how]),
    ...(entry.isChecked ? { grade: { source: "B", statement: 2 } } : {}),
    ...(source === undefined ? {} : { source }),
    transport: "tcp",
    protocol: isHttps ? "https" : "http",
    evidence: entry.evidence,
  };
  return { ...ok([report]), ...(time.note === undefined ? {} : { note: time.note }) };
};
