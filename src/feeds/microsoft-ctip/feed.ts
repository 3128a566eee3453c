import { no } from "#core/result.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { jsonObjects, rowsFrom, textField } from "#feeds/report.ts";
import { azureReport } from "./azure.ts";
import { interflowReport } from "./interflow.ts";

/**
 * Microsoft's Cyber Threat Intelligence Program: addresses of a country or member that called Microsoft's sinkholes, and
 * servers they were commanded from. Two deliveries with fields of their own: Interflow (a JSON list, version 1.5), and
 * blobs of an Azure storage account (an object a line, packed; containers `ctip-infected-summary` and `ctip-c2`). Azure's
 * own tool copies them into a folder; what comes is read from there.
 *
 * @see IntelMQ, parser "Microsoft CTIP", for the fields: Microsoft describes them to its partners
 */
export const feed: Feed = {
  id: "microsoft-ctip",
  title: "Microsoft CTIP, infected addresses and command servers",
  publisher: "Microsoft Digital Crimes Unit",
  licence: "no-redistribution",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "green",
  grade: { source: "B", statement: 2 },
  liveDays: 3,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "c2-server", listed: "infected-system" },
  gives: "news",
  looksLike: (text) =>
    (/"DataFeed"\s*:\s*"[^"]*CTIP/.test(text) && /"SourceIp"\s*:|"DestinationIp"\s*:/.test(text)) ||
    (/"indicatorthreattype"\s*:/.test(text) && /"networksourceipv4"\s*:/.test(text)),
  parts: (body, file) => listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rows(bytes) })),
};

function* rows(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const { row, text, object } of jsonObjects(bytes)) {
    const read =
      object === undefined
        ? no("WGL_ROW_JSON")
        : textField(object, "indicatorthreattype") === ""
          ? azureReport(object)
          : interflowReport(object);
    yield* rowsFrom(row, text, read);
  }
}
