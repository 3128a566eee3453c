import { no, ok, type Problem, type Result } from "#core/result.ts";
import type { Grade } from "#core/grade.ts";
import { parseTlp } from "#core/marking.ts";
import type { RawReport } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { addressIn, endOf, jsonEvidence, nameIn, portOf, textField } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";
import { familyIn } from "./family.ts";

/** A record of Interflow, version 1.5: a member of a botnet. Another version or threat type is refused, for we would guess. */
export const interflowReport = (record: object): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  if (textField(record, "version") !== "1.5") return no("WGL_ROW_FIELD", { field: "version" });
  if (textField(record, "indicatorthreattype") !== "Botnet")
    return no("WGL_ROW_FIELD", { field: "indicatorthreattype" });
  const ip = addressIn(textField(record, "networksourceipv4"));
  if (!ip.ok) return ip;
  const code = textField(record, "externalid");
  const time = rowTime(textField(record, "firstreporteddatetime"));
  const tlp = parseTlp(textField(record, "tlplevel"));
  const grade = gradeOf(jsonField(record, "confidence"));
  // "192.88.99.209, 192.88.99.209": always the same twice
  const to = addressIn(textField(record, "networkdestinationipv4").replace(/,.*$/, ""));
  const toIp = to.ok && to.value.value !== "0.0.0.0" ? to.value.value : undefined;
  const destination = endOf({
    ...{ ip: toIp, port: portOf(textField(record, "networkdestinationport")) },
    // the address once more, or bytes of the sinkhole's protocol
    host: nameIn(textField(record, "hostname"))?.value,
  });
  const source = endOf({ ip: ip.value.value, port: portOf(textField(record, "networksourceport")) });
  const report: RawReport = {
    is: "report",
    asset: ip.value,
    type: "infected-system",
    about: familyIn(code),
    ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
    labels: labelsOf([code]),
    ...(grade === undefined ? {} : { grade }),
    ...(tlp.ok ? { tlp: tlp.value } : {}),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    evidence: jsonEvidence(record),
  };
  return { ...ok([report]), ...(time.note === undefined ? {} : { note: time.note }) };
};

/** Confidence of 0 to 100. */
const gradeOf = (level: unknown): Grade | undefined =>
  typeof level !== "number" || level < 0 || level > 100
    ? undefined
    : { source: "B", statement: level >= 75 ? 2 : level >= 40 ? 3 : level >= 20 ? 4 : 5 };
