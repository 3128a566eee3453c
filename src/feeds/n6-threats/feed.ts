import type { Grade } from "#core/grade.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, RawIndicator, Row, Withdrawn } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { isContent, isOver, typeOf } from "#feeds/n6-category.ts";
import { n6Walk } from "#feeds/n6-walk.ts";
import { jsonObjects, rowsFrom, textField } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";

/**
 * What an n6 knows to be bad and that lies in nobody's networks of ours: its `report/threats`, and `threats.…` of its
 * stream. The same objects as `n6-events`, read as indicators. Of a page the URL and its name are meant, and never the
 * address: others live there too. An entry that left its list ends here too.
 *
 * @see https://n6.readthedocs.io/usage/restapi/
 */
export const feed: Feed = {
  id: "n6-threats",
  title: "Threats known to an n6",
  publisher: "whoever runs the n6",
  url: "https://n6api.cert.pl/report/threats.sjson",
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
  parts: (body, file) => listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rows(bytes) })),
};

function* rows(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const { row, text, object } of jsonObjects(bytes)) {
    if (object === undefined) yield* rowsFrom(row, text, no("WGL_ROW_JSON"));
    else if (isOver(object)) yield overRow(row, text, object);
    else yield* changedFrom(object, [...rowsFrom(row, text, indicatorsIn(object))]);
  }
}

/** The entry that this one came for is over, in what both name. */
function* changedFrom(event: object, made: readonly Row[]): Generator<Row, void, undefined> {
  const before = textField(event, "replaces");
  for (const one of made) {
    if (before === "" || !one.result.ok || one.result.value.is !== undefined) yield one;
    else yield { ...one, withdraws: [{ observable: one.result.value.observable, by: before }] };
  }
}

const overRow = (row: number, text: string, event: object): Row => {
  const by = textField(event, "id");
  const withdraws = valuesIn(event).map((observable): Withdrawn => ({ observable, ...(by === "" ? {} : { by }) }));
  const [first] = withdraws;
  const result: Row["result"] = no("WGL_ROW_DELISTED", { value: first?.observable.value ?? by }, `row ${row}`);
  return { row, text, legal: true, result, ...(withdraws.length === 0 ? {} : { withdraws }) };
};

const grades: Readonly<Record<string, Grade>> = {
  low: { source: "C", statement: 4 },
  medium: { source: "B", statement: 3 },
  high: { source: "B", statement: 2 },
};

const indicatorsIn = (event: object): Result<readonly RawIndicator[]> & { readonly note?: Problem } => {
  const category = textField(event, "category");
  if (category === "") return no("WGL_ROW_FIELD", { field: "category" });
  const values = valuesIn(event);
  if (values.length === 0) return no("WGL_ROW_FIELD", { field: "url, fqdn, address" });
  const time = rowTime(textField(event, "time"));
  const until = rowTime(textField(event, "expires"));
  const note = time.note ?? until.note;
  const grade = grades[textField(event, "confidence")];
  const by = idOfEntry(event);
  const type = typeOf(category, textField(event, "type"));
  const labels = labelsOf([textField(event, "name"), category, type]);
  return {
    ...ok(
      values.map((observable) => ({
        ...{ observable, labels },
        ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
        ...(until.seenAt === undefined ? {} : { validUntil: until.seenAt }),
        ...(grade === undefined ? {} : { grade }),
        ...(by === "" ? {} : { by: [by] }),
      })),
    ),
    ...(note === undefined ? {} : { note }),
  };
};

/** Only entries of black lists are taken back by their id; of what was seen once a day there would be ids without end. */
const idOfEntry = (event: object): string =>
  textField(event, "expires") !== "" || textField(event, "type").startsWith("bl-") ? textField(event, "id") : "";

/** The URL, else the name; of devices their addresses; and the file. Distinct. */
const valuesIn = (event: object): readonly Observable[] => {
  const [url, fqdn] = [textField(event, "url"), textField(event, "fqdn")];
  const page = url === "" ? fqdn : url;
  const file = ["sha256", "sha1", "md5"].map((name) => textField(event, name)).find((text) => text !== "");
  const list = jsonField(event, "address");
  const isPage = page !== "" && isContent(textField(event, "category"));
  const addresses = isPage || !Array.isArray(list) ? [] : list.map((one: unknown) => textField(one, "ip"));
  const found = new Map<string, Observable>();
  for (const text of [page, ...addresses, file ?? ""]) {
    const read = text === "" ? undefined : readValue(text);
    if (read?.ok === true) found.set(observableKey(read.value.observable), read.value.observable);
  }
  return [...found.values()];
};
