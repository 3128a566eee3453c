import type { Grade } from "#core/grade.ts";
import type { Observable } from "#core/observable.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawReport, Row } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
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
import { isContent, typeOf } from "./category.ts";

/**
 * Events of another CERT's n6, from its stream or its API: an object each, a list of them, or one a line. What n6 puts
 * into one category is of one RSIT type; whose it is we look up ourselves.
 */
export const feed: Feed = {
  id: "n6-events",
  title: "Events of an n6",
  publisher: "whoever runs the n6",
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
  looksLike: (text) =>
    /"category"\s*:\s*"/.test(text) && /"confidence"\s*:\s*"/.test(text) && /"(?:address|fqdn|url)"\s*:/.test(text),
  parts: (body, file) => listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rows(bytes) })),
};

function* rows(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const { row, text, object } of jsonObjects(bytes))
    yield* rowsFrom(row, text, object === undefined ? no("WGL_ROW_JSON") : reportsIn(object));
}

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
  return name === undefined
    ? no("WGL_ROW_FIELD", { field: "address" })
    : { ...ok([report(name, [], undefined)]), ...noted };
};

const addressesIn = (event: object): readonly Observable[] => {
  const list = jsonField(event, "address");
  return (Array.isArray(list) ? (list as readonly unknown[]) : [])
    .map((one) => addressIn(textField(one, "ip")))
    .filter((one) => one.ok)
    .map((one) => one.value);
};
