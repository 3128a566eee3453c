import { parseDomain } from "#core/domain.ts";
import { parseEmail } from "#core/email.ts";
import type { Observable } from "#core/observable.ts";
import { no, ok, type Result } from "#core/result.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawReport, Row } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { aboutOf, evidenceOf, jsonObjects, rowsFrom, textField, textsField } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";

/**
 * Have I Been Pwned tells a subscriber which accounts of its domain stand in a breach or a paste. The domain is what an
 * owner declared, so one breach is one finding, and each account an instance in it. What leaked stays leaked: silence
 * never ends it.
 */
export const feed: Feed = {
  id: "hibp-callback",
  title: "Have I Been Pwned, accounts of a domain",
  publisher: "Have I Been Pwned",
  licence: "no-redistribution",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "green",
  grade: { source: "B", statement: 2 },
  liveDays: 36_500,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "data-leak", listed: "data-leak" },
  gives: "news",
  looksLike: (text) => /"DomainEmails"\s*:/.test(text) && /"(?:Breach|Paste)"\s*:/.test(text),
  parts: (body, file) => listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rows(bytes) })),
};

function* rows(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const { row, text, object } of jsonObjects(bytes))
    yield* rowsFrom(row, text, object === undefined ? no("WGL_ROW_JSON") : reportsIn(object));
}

const reportsIn = (callback: object): Result<readonly RawReport[]> => {
  const domain = parseDomain(textField(callback, "Domain"));
  if (!domain.ok) return domain;
  const emails = [...new Set([...textsField(callback, "DomainEmails"), ...textsField(callback, "Email")])]
    .map(parseEmail)
    .filter((one) => one.ok)
    .map((one) => one.value);
  if (emails.length === 0) return no("WGL_ROW_FIELD", { field: "DomainEmails" });
  const leaks = [...leaksIn(callback, "Breach"), ...leaksIn(callback, "Paste")];
  if (leaks.length === 0) return no("WGL_ROW_FIELD", { field: "Breach" });
  return ok(leaks.flatMap((leak) => emails.map((email) => reportOf(domain.value, email, leak))));
};

interface Leak {
  readonly kind: "breach" | "paste";
  readonly said: object;
}

const leaksIn = (callback: object, field: "Breach" | "Paste"): readonly Leak[] => {
  const value = jsonField(callback, field);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list
    .filter((one) => typeof one === "object" && one !== null)
    .map((said) => ({ kind: field === "Breach" ? "breach" : "paste", said }));
};

const reportOf = (domain: Observable, email: Observable, { kind, said }: Leak): RawReport => {
  const name = kind === "breach" ? textField(said, "Name") : textField(said, "Source");
  const { seenAt } = rowTime(textField(said, "AddedDate") || textField(said, "Date"));
  const fields =
    kind === "breach" ? ["Name", "Title", "Domain", "BreachDate", "AddedDate"] : ["Source", "Id", "Title", "Date"];
  return {
    is: "report",
    asset: domain,
    also: [email],
    type: "data-leak",
    about: aboutOf(name) || kind,
    ...(seenAt === undefined ? {} : { seenAt }),
    labels: labelsOf([kind, ...textsField(said, "DataClasses")]),
    source: { account: email.value, host: domain.value },
    evidence: evidenceOf([
      ["Account", email.value],
      ...fields.map((field) => [field, textField(said, field)] as const),
      ["DataClasses", textsField(said, "DataClasses").join(", ")],
      ["PwnCount", textField(said, "PwnCount")],
    ]),
  };
};
