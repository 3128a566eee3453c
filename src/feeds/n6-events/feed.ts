import { parseDomain } from "#core/domain.ts";
import { parseEmail } from "#core/email.ts";
import type { Grade } from "#core/grade.ts";
import type { Observable } from "#core/observable.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawReport, Row } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { isContent, isOver, typeOf } from "#feeds/n6-category.ts";
import { n6Walk } from "#feeds/n6-walk.ts";
import {
  aboutOf,
  addressIn,
  endOf,
  jsonEvidence,
  jsonObjects,
  nameIn,
  nameInUrl,
  portOf,
  rowsFrom,
  textField,
  transportOf,
} from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";

/**
 * Events of another CERT's n6 about our networks: an object each, a list of them (`.json`), or one a line (`.sjson`).
 * What n6 puts into one category is of one RSIT type; whose it is we look up ourselves. Pulled from its REST API; another
 * n6 than CERT Polska's has its own address, and conditions of the operator's may stand in it (`?category=bots`).
 *
 * Its Stream API pushes the same objects by STOMP, seconds after they are known (`stream:`, jobs/collect/stream-feed.ts); what was
 * pushed while nobody listened comes by the REST API.
 *
 * @see https://n6.readthedocs.io/usage/restapi/, https://n6.readthedocs.io/usage/streamapi/
 */
export const feed: Feed = {
  id: "n6-events",
  title: "Events of an n6",
  publisher: "whoever runs the n6",
  url: "https://n6api.cert.pl/report/inside.sjson",
  licence: "no-redistribution",
  everyMinutes: 15,
  tlp: "amber",
  pap: "green",
  grade: { source: "B", statement: 3 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  gives: "news",
  pushes: "stomp",
  auth: { required: true, by: { header: "Authorization", prefix: "Bearer " } },
  walk: n6Walk,
  looksLike: (text) =>
    /"category"\s*:\s*"/.test(text) && /"confidence"\s*:\s*"/.test(text) && /"(?:address|fqdn|url)"\s*:/.test(text),
  parts: (body, file) => listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rows(bytes) })),
};

function* rows(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const { row, text, object } of jsonObjects(bytes))
    if (object !== undefined && isOver(object)) yield overRow(row, text, object);
    else yield* rowsFrom(row, text, object === undefined ? no("WGL_ROW_JSON") : reportsIn(object));
}

/** The end of a black-list entry: nothing was seen, and what was reported before ends by itself. */
const overRow = (row: number, text: string, event: object): Row => {
  const value = textField(event, "url") || textField(event, "fqdn") || textField(event, "id");
  return { row, text, legal: true, result: no("WGL_ROW_DELISTED", { value }, `row ${row}`) };
};

const grades: Readonly<Record<string, Grade>> = {
  low: { source: "C", statement: 4 },
  medium: { source: "B", statement: 3 },
  high: { source: "B", statement: 2 },
};

const reportsIn = (event: object): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  const category = textField(event, "category");
  if (category === "") return no("WGL_ROW_FIELD", { field: "category" });
  const url = textField(event, "url");
  const name = nameIn(textField(event, "fqdn")) ?? nameInUrl(url);
  const addresses = addressesIn(event);
  const time = rowTime(textField(event, "time"));
  const kind = textField(event, "type");
  const grade = grades[textField(event, "confidence")];
  const transport = transportOf(textField(event, "proto"));
  const to = addressIn(textField(event, "dip"));
  const destination = endOf({ ip: to.ok ? to.value.value : undefined, port: portOf(textField(event, "dport")) });
  const report = (asset: Observable, also: readonly Observable[], ip: Observable | undefined): RawReport => {
    const source = endOf({
      ...{ ip: ip?.value, port: portOf(textField(event, "sport")), host: name?.value },
      url: url === "" ? undefined : url.slice(0, 2000),
    });
    return {
      is: "report",
      asset,
      ...(also.length === 0 ? {} : { also }),
      type: typeOf(category, kind),
      about: aboutOf(textField(event, "name")),
      ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
      labels: labelsOf([category, textField(event, "name"), textField(event, "origin")]),
      ...(grade === undefined ? {} : { grade }),
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
      ...(transport === undefined ? {} : { transport }),
      evidence: jsonEvidence(event),
    };
  };
  const noted = time.note === undefined ? {} : { note: time.note };
  if (name !== undefined && isContent(category)) return { ...ok([report(name, addresses, addresses[0])]), ...noted };
  // one device each
  const devices = addresses.map((ip) => report(ip, name === undefined ? [] : [name], ip));
  if (devices.length > 0) return { ...ok(devices), ...noted };
  if (name !== undefined) return { ...ok([report(name, [], undefined)]), ...noted };
  const account = accountIn(event);
  if (account === undefined) return no("WGL_ROW_FIELD", { field: "address" });
  const leaked = report(account.domain, [account.email], undefined);
  return { ...ok([{ ...leaked, source: { ...leaked.source, account: account.email.value } }]), ...noted };
};

/** Whose account leaked: what an owner declares is its domain. */
const accountIn = (event: object): { readonly email: Observable; readonly domain: Observable } | undefined => {
  const email = parseEmail(textField(event, "email"));
  if (!email.ok) return undefined;
  const domain = parseDomain(email.value.value.replace(/^.*@/, ""));
  return domain.ok ? { email: email.value, domain: domain.value } : undefined;
};

const addressesIn = (event: object): readonly Observable[] => {
  const list = jsonField(event, "address");
  return (Array.isArray(list) ? (list as readonly unknown[]) : [])
    .map((one) => addressIn(textField(one, "ip")))
    .filter((one) => one.ok)
    .map((one) => one.value);
};
