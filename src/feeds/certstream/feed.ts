import { no, ok, type Problem, type Result } from "#core/result.ts";
import { instant } from "#core/instant.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawReport, Row } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { evidenceOf, jsonObjects, nameIn, rowsFrom, textField, textsField } from "#feeds/report.ts";

/**
 * Certificates as they enter the public logs, an object each, by CertStream: that one was made for a name is shown beside
 * the name's other findings and makes none itself.
 * @see RFC 9162, the logs behind it
 */
export const feed: Feed = {
  id: "certstream",
  title: "CertStream, new certificates",
  publisher: "Calidog",
  licence: "unknown",
  everyMinutes: 15,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 1 },
  liveDays: 30,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  gives: "news",
  looksLike: (text) =>
    /"cert_index"\s*:/.test(text) ||
    /"leaf_cert"\s*:/.test(text) ||
    /"message_type"\s*:\s*"certificate_update"/.test(text),
  parts: (body, file) => listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rows(bytes) })),
};

function* rows(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const { row, text, object } of jsonObjects(bytes)) {
    if (object === undefined) yield* rowsFrom(row, text, no("WGL_ROW_JSON"));
    else if (textField(object, "message_type") !== "heartbeat") yield* rowsFrom(row, text, reportsIn(object));
  }
}

const reportsIn = (message: object): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  const data = jsonField(message, "data");
  const leaf = jsonField(data, "leaf_cert");
  const names = textsField(leaf, "all_domains")
    .map((name) => nameIn(name.replace(/^\*\./, "")))
    .filter((one) => one !== undefined);
  if (names.length === 0) return no("WGL_ROW_FIELD", { field: "all_domains" });
  const seconds = Number(textField(data, "seen"));
  const seenAt = seconds > 1_000_000_000 && seconds < 10_000_000_000 ? instant(Math.trunc(seconds * 1000)) : undefined;
  const subject = jsonField(leaf, "subject");
  const evidence = evidenceOf([
    ["subject", textField(subject, "CN")],
    ["issuer", textField(jsonField(leaf, "issuer"), "O") || textField(jsonField(issuerIn(data), "subject"), "O")],
    ["fingerprint", textField(leaf, "fingerprint")],
    ["serial_number", textField(leaf, "serial_number")],
    ["all_domains", textsField(leaf, "all_domains").join(", ")],
    ["log", textField(jsonField(data, "source"), "name") || textField(jsonField(data, "source"), "url")],
  ]);
  const distinct = [...new Map(names.map((name) => [name.value, name])).values()];
  return ok(
    distinct.map((asset) => ({
      is: "report" as const,
      asset,
      type: "other" as const,
      about: "certificate",
      severity: "info" as const,
      ...(seenAt === undefined ? {} : { seenAt }),
      labels: ["certificate"],
      source: { host: asset.value },
      evidence,
    })),
  );
};

const issuerIn = (data: unknown): unknown => {
  const chain = jsonField(data, "chain");
  return Array.isArray(chain) ? (chain[0] as unknown) : undefined;
};
