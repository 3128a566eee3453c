import { parseTlp, type Tlp } from "#core/marking.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Row } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { jsonField } from "#feeds/json.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";

/** Kinds of OTX that name no observable of ours: weaknesses, rules, names of things on a host. */
const ofNoUse: ReadonlySet<string> = new Set([
  ...["CVE", "YARA", "Mutex", "FilePath", "BitcoinAddress", "JA3", "SSLCertFingerprint", "FileHash-PEHASH"],
  "FileHash-IMPHASH",
]);

const taken = "ipv4, ipv6, cidr, domain, url, path, email, md5, sha1, sha256";

/** The rows of a list of pulses, or of a page of the API: one for each indicator, counted through all pulses. */
export function* pulseRows(document: unknown): Generator<Row, void, undefined> {
  const pulses = Array.isArray(document) ? document : jsonField(document, "results");
  if (!Array.isArray(pulses)) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a list of pulses" });
  let row = 0;
  for (const pulse of pulses) {
    const indicators = jsonField(pulse, "indicators");
    if (!Array.isArray(indicators)) {
      row++;
      yield { ...refusedRow(row, "WGL_ROW_FIELD", { field: "indicators" }), text: JSON.stringify(pulse) };
      continue;
    }
    const { labels, tlp } = saidBy(pulse);
    for (const indicator of indicators) {
      row++;
      const read = indicatorRow(row, indicator, labels, tlp);
      // inside its own pulse, whose TLP says how far it may go
      yield read.result.ok ? read : { ...read, text: JSON.stringify({ ...pulse, indicators: [indicator] }) };
    }
  }
}

const indicatorRow = (row: number, indicator: unknown, labels: readonly string[], tlp: Tlp | undefined): Row => {
  const [value, type] = [jsonField(indicator, "indicator"), jsonField(indicator, "type")];
  if (typeof value !== "string") return refusedRow(row, "WGL_ROW_FIELD", { field: "indicator" });
  if (typeof type === "string" && ofNoUse.has(type))
    return { ...refusedRow(row, "WGL_ROW_KIND", { kind: type, value, wanted: taken }), legal: true };
  const seen = rowTime(textOf(jsonField(indicator, "created")));
  const until = rowTime(textOf(jsonField(indicator, "expiration")));
  return valueRow(row, value, {}, { labels, tlp, ...seen, validUntil: until.seenAt });
};

/** What a pulse says of all its indicators: families first, then tags. Another TLP than ours knows is the strictest. */
const saidBy = (pulse: unknown): { readonly labels: readonly string[]; readonly tlp: Tlp | undefined } => {
  const families = textsOf(jsonField(pulse, "malware_families"), "display_name");
  const written = textOf(jsonField(pulse, "TLP") ?? jsonField(pulse, "tlp"));
  const tlp = written === "" ? undefined : parseTlp(written);
  return {
    labels: labelsOf([...families, ...textsOf(jsonField(pulse, "tags"), "name")]),
    tlp: tlp === undefined ? undefined : tlp.ok ? tlp.value : "red",
  };
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const textsOf = (value: unknown, key: string): readonly string[] =>
  Array.isArray(value)
    ? value
        .map((one: unknown) => textOf(typeof one === "string" ? one : jsonField(one, key)))
        .filter((one) => one !== "")
    : [];
