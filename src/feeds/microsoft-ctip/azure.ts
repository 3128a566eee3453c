import type { Grade } from "#core/grade.ts";
import { parseTlp, stricterTlp, type Tlp } from "#core/marking.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { RawReport } from "#feeds/feed.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import {
  addressIn,
  endOf,
  evidenceFields,
  evidenceLength,
  jsonEvidence,
  nameIn,
  portOf,
  textField,
} from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { timeReader } from "#feeds/time-format.ts";
import { familyIn } from "./family.ts";

const windowsTime = timeReader("windows-nt");

/**
 * A record of the Azure delivery. Of `ctip-infected…` the source is the reported device. Of `ctip-c2` the destination is
 * a server that commands: known by its `DestinationIpInfo`, which the other container does not have. `TargetIp` is
 * deprecated and not read.
 */
export const azureReport = (record: object): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  const feed = textField(record, "DataFeed");
  if (feed === "") return no("WGL_ROW_FIELD", { field: "DataFeed" });
  const commands = /c2\b/i.test(feed) || jsonField(record, "DestinationIpInfo") !== undefined;
  const [from, to] = [addressIn(textField(record, "SourceIp")), addressIn(textField(record, "DestinationIp"))];
  const asset = commands ? to : from;
  if (!asset.ok) return asset;
  const code = textField(record, "ThreatCode");
  const time = windowsTime?.(textField(record, "DateTimeReceivedUtc")) ?? {};
  const payload = payloadOf(textField(record, "Payload"));
  const protocol = textField(payload, "type").toLowerCase();
  const grade = grades[textField(record, "ThreatConfidence").toLowerCase()];
  const tlp = tlpIn(textField(record, "TLP"));
  const device = endOf({
    ip: from.ok ? from.value.value : undefined,
    port: portOf(textField(record, "SourcePort")),
  });
  const server = endOf({
    ip: to.ok ? to.value.value : undefined,
    port: portOf(textField(record, "DestinationPort")),
    host: nameIn(textField(payload, "domain"))?.value,
  });
  const [source, destination] = commands ? [server, device] : [device, server];
  const report: RawReport = {
    is: "report",
    asset: asset.value,
    type: commands ? "c2-server" : "infected-system",
    about: familyIn(code),
    ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
    labels: labelsOf([code, textField(record, "Malware"), textField(payload, "family")]),
    ...(grade === undefined ? {} : { grade }),
    ...(tlp === undefined ? {} : { tlp }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(protocol === "" ? {} : { protocol }),
    evidence: withPayload(record, payload),
  };
  return { ...ok([report]), ...(time.note === undefined ? {} : { note: time.note }) };
};

const grades: Readonly<Record<string, Grade>> = {
  high: { source: "B", statement: 2 },
  medium: { source: "B", statement: 3 },
  low: { source: "B", statement: 4 },
  informational: { source: "B", statement: 5 },
};

/** "YELLOW" is what AMBER was called here once. A word that is none ("Unknown") leaves what the feed has; none makes it looser than green. */
const tlpIn = (text: string): Tlp | undefined => {
  const read = parseTlp(/^yellow$/i.test(text) ? "amber" : text);
  return read.ok ? stricterTlp(read.value, "green") : undefined;
};

/** What the sinkhole noted: base64 of a JSON object, of a text, or of nothing ("AA=="). */
const payloadOf = (text: string): object => {
  if (text === "" || text === "AA==") return {};
  const bytes = Buffer.from(text, "base64");
  try {
    const read = parseJson(bytes);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? read : {};
  } catch (error) {
    if (!(error instanceof BadBody)) throw error;
    return {
      text: bytes
        .toString("utf8")
        .replace(/\p{Cc}/gu, " ")
        .slice(0, evidenceLength),
    };
  }
};

const withPayload = (record: object, payload: object): Readonly<Record<string, string>> => {
  const { Payload: _packed, ...plain } = jsonEvidence(record);
  const opened = Object.entries(jsonEvidence(payload)).map(([name, value]) => [`Payload.${name}`, value] as const);
  return Object.fromEntries(
    [...Object.entries(plain), ...opened].filter(([, value]) => value !== "").slice(0, evidenceFields),
  );
};
