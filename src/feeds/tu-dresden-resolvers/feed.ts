import { parseIp } from "#core/ip.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow } from "#feeds/fields.ts";
import { jsonFrame } from "#feeds/json-frame.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import { evidenceOf, transportOf } from "#feeds/report.ts";
import { rowTime } from "#feeds/row-time.ts";
import { at, labelsOf } from "#feeds/row.ts";

/**
 * Hosts that answered a DNS query from anywhere, found by scanning: resolvers and forwarders, with who answered. Each
 * is a report to its owner, since it can be made to flood others.
 *
 * @see https://odns.secnow.net/
 */
export const feed: Feed = {
  id: "tu-dresden-resolvers",
  title: "Open DNS resolvers by TU Dresden",
  publisher: "TU Dresden",
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "amber",
  grade: { source: "B", statement: 2 },
  liveDays: 14,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "other", listed: "ddos-amplifier" },
  gives: "news",
  looksLike: (text) => /"queried_ip"\s*:/.test(text) && /"resolver_type"\s*:/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({
      ...{ name, rows: rowsIn(parseJson(bytes)), frame: jsonFrame("$[*]") },
    })),
};

function* rowsIn(document: unknown): Generator<Row, void, undefined> {
  if (!Array.isArray(document)) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a list of resolvers" });
  for (const [index, object] of document.entries()) {
    const row = rowFrom(index + 1, object);
    yield row.result.ok ? row : { ...row, text: JSON.stringify(object) };
  }
}

const textAt = (object: unknown, key: string): string => {
  const found = jsonField(object, key);
  return typeof found === "string" ? found.trim() : typeof found === "number" ? String(found) : "";
};

const rowFrom = (row: number, object: unknown): Row => {
  const queried = textAt(object, "queried_ip");
  if (queried === "") return refusedRow(row, "WGL_ROW_FIELD", { field: "queried_ip" });
  const asset = parseIp(queried);
  if (!asset.ok) return { row, result: at(asset, row) };
  const { seenAt, note } = rowTime(textAt(object, "timestamp_request"));
  const transport = transportOf(textAt(object, "protocol"));
  return {
    row,
    result: {
      ok: true,
      value: {
        is: "report",
        asset: asset.value,
        type: "ddos-amplifier",
        about: "dns",
        labels: labelsOf([textAt(object, "resolver_type")]),
        ...(seenAt === undefined ? {} : { seenAt }),
        source: { ip: queried, port: 53 },
        ...(transport === undefined ? {} : { transport }),
        protocol: "dns",
        evidence: evidenceOf(Object.keys(object as object).map((key) => [key, textAt(object, key)] as const)),
      },
    },
    ...(note === undefined ? {} : { note }),
  };
};
