import type { Grade } from "#core/grade.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawReport, Row } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import {
  addressIn,
  endOf,
  jsonEvidence,
  jsonObjects,
  nameIn,
  portOf,
  rowsFrom,
  textField,
  textsField,
  transportOf,
} from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";

/**
 * Banners of Shodan's stream and alerts: what answers on an address. That something answers is worth knowing and no
 * alarm (info); each CVE the banner carries is a weakness, sure when Shodan tested it and a guess from the version else.
 */
export const feed: Feed = {
  id: "shodan-banners",
  title: "Shodan banners",
  publisher: "Shodan",
  licence: "no-redistribution",
  everyMinutes: 60,
  tlp: "amber",
  pap: "green",
  grade: { source: "B", statement: 2 },
  liveDays: 14,
  voice: "alert",
  touches: "subjects",
  means: { contacted: "other", listed: "other" },
  gives: "news",
  auth: { required: true, by: { inUrl: true } },
  looksLike: (text) => /"_shodan"\s*:/.test(text) || (/"ip_str"\s*:/.test(text) && /"transport"\s*:/.test(text)),
  parts: (body, file) => listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rows(bytes) })),
};

function* rows(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const { row, text, object } of jsonObjects(bytes))
    yield* rowsFrom(row, text, object === undefined ? no("WGL_ROW_JSON") : reportsIn(object));
}

/** Guessed from a version string: often patched without a new version. */
const guessed: Grade = { source: "C", statement: 4 };

const reportsIn = (banner: object): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  const written = textField(banner, "ip_str");
  if (written === "") return no("WGL_ROW_FIELD", { field: "ip_str" });
  const asset = addressIn(written);
  if (!asset.ok) return asset;
  const time = rowTime(textField(banner, "timestamp"));
  const names = [...textsField(banner, "hostnames"), ...textsField(banner, "domains")];
  const also = [...new Map(names.map(nameIn).map((one) => [one?.value, one])).values()].filter(
    (one) => one !== undefined,
  );
  const service = textField(jsonField(banner, "_shodan"), "module")
    .toLowerCase()
    .replace(/-simple(?:-new)?$/, "");
  const transport = transportOf(textField(banner, "transport"));
  const source = endOf({ ip: asset.value.value, port: portOf(textField(banner, "port")), host: also[0]?.value });
  const base: RawReport = {
    is: "report",
    asset: asset.value,
    ...(also.length === 0 ? {} : { also }),
    type: "other",
    about: service.slice(0, 64),
    severity: "info",
    ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
    labels: labelsOf(["shodan-scan", ...textsField(banner, "tags"), textField(banner, "product")]),
    ...(source === undefined ? {} : { source }),
    ...(transport === undefined ? {} : { transport }),
    ...(service === "" ? {} : { protocol: service.slice(0, 40) }),
    evidence: jsonEvidence(banner),
  };
  const vulns = jsonField(banner, "vulns");
  const weak = Object.entries(typeof vulns === "object" && vulns !== null ? vulns : {})
    .filter(([cve]) => /^!?cve-\d{4}-\d{4,}$/i.test(cve))
    .map(([cve, said]): RawReport => {
      const { severity: _, ...rest } = base;
      const tested = jsonField(said, "verified") === true;
      const about = cve.replace("!", "").toLowerCase();
      return { ...rest, type: "vulnerable-system", about, ...(tested ? {} : { grade: guessed }) };
    });
  return { ...ok([base, ...weak]), ...(time.note === undefined ? {} : { note: time.note }) };
};
