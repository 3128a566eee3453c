import assert from "node:assert/strict";
import { test } from "node:test";
import { isRsitType } from "#core/rsit.ts";
import { extract } from "#feeds/extract.ts";
import type { Feed } from "#feeds/feed.ts";
import { feedById } from "#feeds/index.ts";
import { readFeed } from "#feeds/read.ts";
import {
  anything,
  bodyOf,
  type Case,
  casesOf,
  differences,
  type Difference,
  rowsOf,
  skip,
} from "./feed-fixture-cases.ts";

/** Names of columns in IntelMQ's settings that can hold a value, in the order its main one is chosen. */
const valueColumns = ["source.url", "source.fqdn", "source.ip", "source.network"];

type Map = Record<string, string>;

/** What IntelMQ's settings for a table mean in ours; times it guesses at are said, as an operator says them. */
const tableMap = (config: Readonly<Record<string, unknown>>, times: string | undefined): Map => {
  const columns = listOf(config["columns"]);
  const holds = (column: string): boolean => columns.some((one) => one.split("|").includes(column));
  const named = (column: string): string => columns.find((one) => one.split("|").includes(column)) ?? column;
  const required = config["columns_required"];
  const optional = (name: string): string =>
    Array.isArray(required) && required[columns.indexOf(name)] === false ? `${name}?` : name;
  const compose = config["compose_fields"] as Readonly<Record<string, string>> | undefined;
  const composed = compose?.["source.url"]?.replace(
    /\{(\d)\}/g,
    (_whole, place: string) => `{${columns[Number(place)]}}`,
  );
  const values = [
    ...(composed === undefined ? [] : [composed]),
    ...valueColumns.filter(holds).map(named).map(optional),
  ];
  const map: Map = {
    names: columns.map((one) => (one === "__IGNORE__" ? "" : one)).join(","),
    value: [...new Set(values)].join(", "),
  };
  if (holds("time.source")) map["seenAt"] = "time.source";
  if (times !== undefined) map["time"] = times;
  if (holds("malware.name")) map["labels"] = "malware.name";
  if (holds("extra.tags")) Object.assign(map, { labels: "extra.tags", split: "json" });
  if (holds("classification.type"))
    Object.assign(map, { type: "classification.type", types: pairsOf(config["type_translation"]) });
  if (config["default_url_protocol"] !== undefined)
    map["scheme"] = String(config["default_url_protocol"]).replace("://", "");
  for (const [column, expression] of Object.entries(config["column_regex_search"] || {}))
    map[`pick.${column}`] = String(expression);
  return map;
};

const listOf = (said: unknown): readonly string[] =>
  (Array.isArray(said) ? said : String(said).split(",")).map((one) => String(one).trim());

const pairsOf = (said: unknown): string => {
  const table = (typeof said === "string" ? JSON.parse(said) : said) as Readonly<Record<string, string>>;
  return Object.entries(table)
    .map(([word, type]) => `${word}=${type}`)
    .join(", ");
};

const csvMap = (config: Readonly<Record<string, unknown>>, times: string | undefined): Map => {
  const map = { ...tableMap(config, times), comments: "#", empty: "-", ragged: "true" };
  const out: Map = map;
  if (config["delimiter"] === "\t") out["delimiter"] = "tab";
  if (config["delimiter"] === " ") out["delimiter"] = "blank";
  if (config["skip_header"] === true) out["skip"] = "1";
  else if (typeof config["skip_header"] === "number") out["skip"] = String(config["skip_header"]);
  if (config["filter_type"] === "whitelist") out["only"] = String(config["filter_text"]);
  if (config["filter_type"] === "blacklist") out["without"] = String(config["filter_text"]);
  return out;
};

const htmlMap = (config: Readonly<Record<string, unknown>>, times: string | undefined): Map => {
  const map = tableMap(config, times);
  if (config["attribute_name"] !== undefined)
    map["where"] = `${String(config["attribute_name"])}=${String(config["attribute_value"])}`;
  // "[D] host/path": what stands behind the mark
  if (config["split_column"] !== undefined) map[`pick.${String(config["split_column"])}`] = "\\[D\\]\\s*(.*)";
  return map;
};

const jsonMap = (config: Readonly<Record<string, unknown>>): Map => ({
  ...(config["splitlines"] === true ? { lines: "true" } : { rows: "$" }),
  value: "source.ip",
  type: "classification.type",
});

const keyValueMap = (config: Readonly<Record<string, unknown>>): Map => {
  const keys = Object.entries(config["keys"] as Readonly<Record<string, string>>);
  const named = (field: string): string | undefined => keys.find(([, it]) => it === field)?.[0];
  const seenAt = named("time.source");
  return {
    value: named("source.ip") ?? "",
    type: named("classification.type") ?? "",
    ...(seenAt === undefined ? {} : { seenAt, time: "epoch" }),
    ...(typeof config["kv_separator"] === "string" ? { between: config["kv_separator"] } : {}),
    ...(typeof config["pair_separator"] === "string" ? { pairs: config["pair_separator"] } : {}),
    ...(config["strip_quotes"] === false ? { keepQuotes: "true" } : {}),
  };
};

type Read = readonly [
  feed: string,
  map: (config: Readonly<Record<string, unknown>>, times?: string) => Map,
  times?: string,
];

/** Which generic feed reads a folder, and how its times are written where that must be said. */
const folders: Readonly<Record<string, Read>> = {
  "generic-csv": ["generic-delimited", csvMap],
  "generic-csv2": ["generic-delimited", csvMap],
  "generic-csv4": ["generic-delimited", csvMap],
  "generic-csv_data_type": ["generic-delimited", csvMap],
  "generic-csv_extra_regex": ["generic-delimited", csvMap, "windows-nt"],
  "generic-csv_invalid_values": ["generic-delimited", csvMap, "DD/MMM/YYYY:HH:mm:ss Z"],
  "generic-csv_skip_header": ["generic-delimited", csvMap],
  "generic-filter_blacklist": ["generic-delimited", csvMap],
  "generic-filter_whitelist": ["generic-delimited", csvMap],
  "generic-multivalue_cols": ["generic-delimited", csvMap],
  "html-table-column_split": ["generic-html-table", htmlMap],
  "html-table-feed": ["generic-html-table", htmlMap, "DD-MM-YYYY"],
  "html-table-feodotracker": ["generic-html-table", htmlMap],
  "html-table-ignore_values": ["generic-html-table", htmlMap],
  "html-table-multivalue_cols": ["generic-html-table", htmlMap],
  "html-table-viriback": ["generic-html-table", htmlMap, "DD-MM-YYYY"],
  "html-table-with_attribute": ["generic-html-table", htmlMap],
  "json-feed": ["generic-json", jsonMap],
  "key-value-feed": ["generic-key-value", keyValueMap],
};

/** One folder has tables with times of two kinds. */
const timesOf = (folder: string, one: Case): string | undefined =>
  folder === "html-table-with_attribute" && one.case === "01" ? "DD-MM-YYYY" : folders[folder]?.[2];

/** The generic feed as an operator has declared it for a case. */
const declared = (folder: string, one: Case): Feed => {
  const [id, map] = folders[folder] ?? ["", jsonMap];
  const base = feedById.get(id);
  const config = one.parserConfig ?? {};
  const parts = base?.mapped?.(map(config, timesOf(folder, one)));
  assert.ok(base && parts, `${folder} has a generic reader`);
  if (!parts.ok) throw new Error(parts.problem.map(({ message }) => message).join("; "));
  const defaults = config["default_fields"] as Readonly<Record<string, string>> | undefined;
  const type = String(config["type"] ?? defaults?.["classification.type"] ?? "");
  return { ...base, parts: parts.value, ...(isRsitType(type) ? { means: { contacted: type, listed: type } } : {}) };
};

/** Where we say something else than IntelMQ, and why; each must still be needed. */
const exceptions: readonly {
  readonly folder: string;
  readonly case: string;
  readonly in: Difference;
  readonly because: string;
}[] = [
  ...(["html-table-column_split 01", "html-table-with_attribute 02"] as const).map((place) => ({
    folder: place.split(" ")[0] ?? "",
    case: place.split(" ")[1] ?? "",
    in: "time" as const,
    because:
      'the page says "02-15"; IntelMQ adds the year of the day it was recorded, and a year is never guessed here',
  })),
];
const used = new Set<unknown>();
const counts = { cases: 0, events: 0, excepted: 0 };

for (const folder of Object.keys(folders))
  test(`intelmq/${folder}: an operator's declaration reads every event the fixtures expect`, { skip }, () => {
    for (const one of casesOf(`intelmq/${folder}`)) {
      counts.cases++;
      const feed = declared(folder, one);
      const rows = rowsOf(feed, bodyOf(`intelmq/${folder}`, one), "body");
      const taken = rows.flatMap((row) => (row.result.ok ? [row.result.value] : []));
      if (typeof one.expectedEventCount === "number")
        assert.equal(taken.length, one.expectedEventCount, `${folder} ${one.case}`);
      if ((one.toleratedErrors ?? 0) > 0)
        assert.ok(
          rows.some((row) => !row.result.ok || row.note !== undefined),
          `${folder} ${one.case}: what is wrong is told`,
        );
      for (const [index, event] of one.events.entries()) {
        counts.events++;
        if (event.observable === null && Object.keys(event.source).length === 0) {
          assert.equal(rows[index]?.result.ok, false, "an event about nothing is a refused row");
          continue;
        }
        const raw = taken[one.eventPositions?.[index] ?? index];
        assert.ok(raw, `${folder} ${one.case}: no row for ${JSON.stringify(event.observable)}`);
        for (const what of differences(event, raw, feed)) {
          const exception = exceptions.find((it) => it.folder === folder && it.case === one.case && it.in === what);
          assert.ok(exception, `${folder} ${one.case}: ${what} of ${JSON.stringify(event)} is ${JSON.stringify(raw)}`);
          used.add(exception);
          counts.excepted++;
        }
      }
    }
  });

test("every exception to the generic fixtures is still needed", { skip }, (t) => {
  for (const exception of exceptions) assert.ok(used.has(exception), `${exception.folder}: ${exception.because}`);
  t.diagnostic(
    `${counts.events} events of ${counts.cases} cases, ${counts.excepted} of them with one of ${exceptions.length} exceptions`,
  );
});

/** IntelMQ takes each name of a post for bad, in lower case; to us a name beside defanged ones is offered and not taken. */
test("intelmq/twitter-feed: what a post names is found, and taken where its writer defanged it", { skip }, () => {
  const [one] = casesOf("intelmq/twitter-feed");
  assert.ok(one);
  const pairs = String(one.parserConfig?.["substitutions"]).split(";");
  let text = bodyOf("intelmq/twitter-feed", one).toString();
  for (let at = 0; at + 1 < pairs.length; at += 2) text = text.replaceAll(pairs[at] ?? "", pairs[at + 1] ?? "");
  const { found } = extract(text);
  const said = found.map(({ written }) =>
    written
      .toLowerCase()
      .replace(/^h(?:xx|tt)p:\/\//, "")
      .replace(/\/$/, ""),
  );
  for (const { observable } of one.events) {
    const wanted = String(observable?.value)
      .replace(/^http:\/\//, "")
      .replace(/\/$/, "");
    assert.ok(said.includes(wanted), `${wanted} is among ${said.join(", ")}`);
  }
  const taken = found.flatMap(({ result }) => (result.ok ? [result.value.value] : []));
  assert.deepEqual(taken, ["http://testweb.com/Sales-Invoice/", "http://block.de.com/malware.exe"]);
});

/** The same pages by the feeds that know them. */
test("the publishers' own pages are read by their feeds as by a declaration", { skip }, () => {
  for (const [id, folder] of [
    ["viriback-tracker", "html-table-viriback"],
    ["abusech-feodo-page", "html-table-feodotracker"],
    ["cybercrime-tracker", "html-table-feed"],
  ] as const) {
    const [one] = casesOf(`intelmq/${folder}`);
    const feed = feedById.get(id);
    assert.ok(one && feed);
    const body = bodyOf(`intelmq/${folder}`, one);
    const values = (by: Feed): readonly string[] =>
      readFeed(by, body, "page.html", anything).indicators.map(
        ({ observable, seenAt, labels }) => `${observable.value.replace(/^http:/, "")} ${seenAt} ${labels.join()}`,
      );
    assert.ok(values(feed).length >= 2);
    assert.deepEqual(values(feed), values(declared(folder, one)));
  }
});
