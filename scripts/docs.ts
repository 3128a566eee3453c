import { readFileSync, writeFileSync } from "node:fs";
import { errors } from "#core/errors.ts";
import { behaviours } from "#detect/behaviours.ts";
import { feeds } from "#feeds/index.ts";
import { titleOf } from "#words/because.ts";
import { longestLine } from "#telemetry/lines.ts";
import { formats } from "#telemetry/index.ts";
import { filesBelow, root } from "./import-graph.ts";

/**
 * The reference pages that are written from tables of the code: `node -C source scripts/docs.ts` writes them, and
 * `test/parity.test.ts` fails when one says anything else than the code.
 */
export const pages = (): Readonly<Record<string, string>> => ({
  "docs/detectors.md": detectorsPage(),
  "docs/errors.md": errorsPage(),
  "docs/feeds.md": feedsPage(),
  "docs/formats.md": formatsPage(),
  "docs/metrics.md": metricsPage(),
});

const written = "Written from the code by `node -C source scripts/docs.ts`; a test keeps it equal.";

const sections: Readonly<Record<string, string>> = sectionsOf(readFileSync(`${root}src/core/errors.ts`, "utf8"));

const errorsPage = (): string => {
  const lines = [
    "# Errors",
    "",
    `${written} The table is \`src/core/errors.ts\`; the sentences in 繁體中文 and 简体中文 are in \`src/words/\`.`,
    "",
    "A problem is data: a code, the values of its sentence, and the place it was found. Over HTTP it is an RFC 9457 problem",
    "document with the status below; on the command line and in lists of rejected rows the code stands beside the place.",
    "*Again* says when the same thing may work: `never` (change the input), `soon` (seconds), `later` (minutes, or when",
    "somebody else has repaired something). `{names}` are filled in; values from outside are quoted and cut.",
  ];
  let section = "";
  for (const [code, kind] of Object.entries(errors)) {
    const here = sections[code] ?? "";
    if (here !== section) {
      section = here;
      lines.push("", `## ${section}`, "", "| code | says | HTTP | again |", "|---|---|---|---|");
    }
    lines.push(`| \`${code}\` | ${cell(kind.says)} | ${kind.http} | ${kind.retry} |`);
  }
  return `${lines.join("\n")}\n`;
};

/** The comment above a run of codes names their part: "feeds: a row", "http: requests". */
function sectionsOf(text: string): Readonly<Record<string, string>> {
  const out: Record<string, string> = {};
  let section = "";
  for (const line of text.split("\n")) {
    section = /^ {2}\/\/ ([a-z][^(]*?)(?: \(.*)?$/.exec(line)?.[1] ?? section;
    const code = /^ {2}(WGL_\w+):/.exec(line)?.[1];
    if (code) out[code] = section;
  }
  return out;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

const detectorsPage = (): string => {
  const lines = [
    "# Detectors",
    "",
    written,
    "",
    "Three kinds of detectors speak of telemetry. *Indicator match* finds listed values in records. *Rules* are Sigma's",
    "(specification 2.1, correlations and filters included). *Behaviours* look at what many records show over time; they are",
    "below, each with its thresholds, which `waglan scan --set behaviour.setting=number` changes within their bounds.",
    "",
    "A behaviour reads records in the order in which they could be known (a flow at its end), each once, whatever order they",
    "were delivered in: the same records give the same hits. Each one's false findings on a generated benign month are measured",
    "by `npm run bench -- detectors`; a test holds them to one per 1,000 host-days.",
    "",
    "On a server behaviours and correlations run while records come in, for each organisation by one process at a time",
    "(ADR 0013), with the thresholds below. Two minutes are waited for what a sensor writes out of order, a quarter of an hour",
    "for a sensor that was just heard. A sensor that delivers later than that is looked at by itself; single records that are",
    "later are counted. A clock that is off by more than five minutes is said, and corrected up to 26 hours. A behaviour is in",
    "shadow, as a rule is, until a person lets it speak; `waglan_detector_…` of `/metrics` says how far each organisation is.",
  ];
  for (const { id, tactics, attack, settings } of behaviours) {
    lines.push("", `## \`${id}\`: ${titleOf("en", id)}`, "");
    if (attack.length > 0) lines.push(`ATT&CK: ${[...tactics, ...attack].join(", ")}.`, "");
    lines.push("| setting | standard | from | to | unit | why |", "|---|---|---|---|---|---|");
    for (const [name, { standard, least, most, unit, why }] of Object.entries(settings))
      lines.push(
        `| \`${name}\` | ${[standard, least, most].map((value) => value.toLocaleString("en")).join(" | ")} | ${unit} | ${cell(why)} |`,
      );
  }
  return `${lines.join("\n")}\n`;
};

const feedsPage = (): string => {
  const rows = feeds.map((feed) =>
    [
      `\`${feed.id}\``,
      feed.url === undefined ? cell(feed.title) : `[${cell(feed.title)}](${feed.url})`,
      feed.licence,
      `${feed.everyMinutes} min`,
      `TLP:${feed.tlp.toUpperCase()}`,
      `${feed.grade.source}${feed.grade.statement}`,
      `${feed.liveDays} d`,
      feed.voice,
    ].join(" | "),
  );
  const streamed = feeds.flatMap(({ id, pushes }) => (pushes === undefined ? [] : [`\`${id}\``])).join(" and ");
  return `${[
    "# Feeds",
    "",
    `${written} One folder each, \`src/feeds/ID/\`: declaration, sample with bad rows, golden file.`,
    "",
    "*Every* is the shortest polite interval; *lives* is how long a claim stays after its last sighting; *voice* is what a match",
    "does: `alert` makes a finding, `corroborate` raises the certainty of one, `context` is shown beside. A feed without an",
    "address is read by `waglan collect --from PATH` or an entry of `feeds:` in `waglan.yaml`.",
    "",
    "| id | what | licence | every | marking | grade | lives | voice |",
    "|---|---|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
    "## Keys",
    "",
    "The operator's key stands in `key` or `keyFile` of the feed's entry, or in the environment; it goes to the feed's own",
    "address and to no other. *needed*: the publisher answers nobody without one.",
    "",
    "| id | where the key goes | needed |",
    "|---|---|---|",
    ...feeds.flatMap(({ id, auth }) =>
      auth === undefined ? [] : [`| \`${id}\` | ${keyPlace(auth.by)} | ${auth.required ? "yes" : "no"} |`],
    ),
    "",
    "## Streams",
    "",
    `Feeds are pulled: each is asked when its interval is over. ${streamed} are pushed as well, where the entry has`,
    "`stream: stomps://HOST:PORT/DESTINATION` (and `login:`; the passcode is the `key`): an event comes seconds after it is",
    "known, is acknowledged when it is kept, and counts once however often it comes. What was pushed while the connection was",
    "down is brought by the feed's own turns, so `url` stays; they also tell how black-list entries stand (`status`). For n6 the",
    "destination is as its operator gives it, `/exchange/ORGANISATION/inside.*.*` or `/exchange/ORGANISATION/threats.*.*`.",
    "CertStream (WebSocket) and Shodan's stream are not subscribed to. Who needs those",
    "lets a client of its own write each message into a folder: `collect --from FOLDER --feed ID` reads it once, and a",
    "`path:` that ends with `/` in the feed's entry reads it at each turn; what was read is moved to `done`, what cannot be read",
    "to `refused`. The objects are the same, one a file, one a line, or as a list. Microsoft's CTIP lies in an Azure storage",
    "account: Azure's own tool copies it into such a folder.",
  ].join("\n")}\n`;
};

const keyPlace = (by: NonNullable<(typeof feeds)[number]["auth"]>["by"]): string => {
  if ("signed" in by)
    return `\`KEY:SECRET\`: the key as \`${by.signed.field}\` of the posted document, HMAC-SHA-256 of it by the secret in header \`${by.signed.header}\``;
  if ("inUrl" in by) return "in the address";
  if ("basic" in by) return "`user:password`, HTTP Basic";
  return `header \`${by.header}\`${by.prefix === undefined ? "" : `, after \`${by.prefix.trim()}\``}`;
};

const formatsPage = (): string => {
  const named = (act: "hash" | "drop" | "secrets", policy: (typeof formats)[number]["policy"]): string =>
    Object.entries(policy)
      .filter(([, what]) => what === act)
      .map(([path]) => `\`${path}\``)
      .join(", ") || "nothing";
  return `${[
    "# Log formats",
    "",
    `${written} One folder each, \`src/telemetry/ID/\`: declaration, parser, samples with bad rows, golden files.`,
    "",
    "A stream's format is told from its first 4 KiB, in the order of the table: who knows one product's log exactly is asked",
    "before those that know a shape many products have. A sensor's own `format`, or `--format ID`, is not questioned. Streams",
    "may be UTF-8 or UTF-16, with or without a byte order mark, and packed with gzip; JSON may be a record a line, an array, or",
    "records over several lines.",
    "",
    "*Records* says what one is: a line, or what the format's own splitter cuts; where a `line` is told of a hit it is the line,",
    "or the number of the record, counted from 1. *Fast*: its bytes are scanned and only lines with something listed are",
    "parsed. *Rules*: Sigma rules are asked.",
    "",
    "| id | what | records | fast | rules |",
    "|---|---|---|---|---|",
    ...formats.map(
      ({ id, title, split, open, rules }) =>
        `| \`${id}\` | ${cell(title)} | ${split === undefined ? "a line" : "its own"} | ${open().scan === undefined ? "no" : "yes"} | ${rules === undefined ? "no" : "yes"} |`,
    ),
    "",
    "## What is refused",
    "",
    `A record that cannot be read is counted with its reason and its line, and the next is read. A line above ${longestLine.toLocaleString("en")} bytes is`,
    "refused unread. Stamps without a year are the last such moment before the stream was received (a file: last written), a",
    "day of clock error allowed; stamps without a zone are UTC.",
    "",
    "## What is kept",
    "",
    "Before anything is stored or shown, fields that name people are hashed with the deployment's key, those that hold what",
    "people wrote or what lets somebody in are left out, and in others only the values of secret parameters (`?password=…`,",
    "`token=…`) are. Command lines stay: they are the evidence of almost every rule. A text line in which such a value cannot",
    "be found again is withheld whole.",
    "",
    "| id | hashed | left out | without secrets |",
    "|---|---|---|---|",
    ...formats.map(
      ({ id, policy }) =>
        `| \`${id}\` | ${named("hash", policy)} | ${named("drop", policy)} | ${named("secrets", policy)} |`,
    ),
  ].join("\n")}\n`;
};

const metricsPage = (): string => {
  const found = filesBelow(["src"]).flatMap((file) =>
    [...readFileSync(root + file, "utf8").matchAll(/name: "(waglan_\w+)",\s*help: "((?:[^"\\]|\\.)+)"/g)].map(
      ([, name = "", help = ""]) => `| \`${name}\` | ${cell(help)} |`,
    ),
  );
  return `${[
    "# Metrics",
    "",
    `${written} \`GET /metrics\`, Prometheus text; for operators and for processes on the same machine.`,
    "",
    "| metric | what |",
    "|---|---|",
    ...found.toSorted(),
  ].join("\n")}\n`;
};

if (process.argv[1] === import.meta.filename)
  for (const [file, text] of Object.entries(pages())) writeFileSync(root + file, text);
