import { readFileSync, writeFileSync } from "node:fs";
import { errors } from "#core/errors.ts";
import { feeds } from "#feeds/index.ts";
import { filesBelow, root } from "./import-graph.ts";

/**
 * The reference pages that are written from tables of the code: `node -C source scripts/docs.ts` writes them, and
 * `test/parity.test.ts` fails when one says anything else than the code.
 */
export const pages = (): Readonly<Record<string, string>> => ({
  "docs/errors.md": errorsPage(),
  "docs/feeds.md": feedsPage(),
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
