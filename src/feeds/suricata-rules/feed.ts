import { problem } from "#core/result.ts";
import { filesOf, listsOf } from "#feeds/body.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { labelsOf, rowOf } from "#feeds/row.ts";
import { readRule, type Rule } from "./rule.ts";
import { listedValues } from "./values.ts";

/**
 * Suricata and Snort rules that are nothing but a list of bad addresses, names or URLs, as many publishers give them.
 * Every other rule is right and of no use here: it stays a rule for a sensor, and is counted as skipped.
 *
 * @see https://docs.suricata.io/en/latest/rules/
 */
export const feed: Feed = {
  id: "suricata-rules",
  title: "Suricata rules that list values",
  publisher: "whoever wrote the rules",
  licence: "unknown",
  everyMinutes: 720,
  tlp: "amber",
  pap: "amber",
  grade: { source: "C", statement: 3 },
  liveDays: 14,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) =>
    /^(?:#\s*)?(?:alert|drop|reject)\s+[\w.-]+\s+\S+\s+\S+\s+(?:->|<>)\s+[^(]+\(\s*msg\s*:/m.test(text),
  parts: (body, file) =>
    (/\.(?:tar|tgz|tar\.gz)$/i.test(file) ? filesOf(body, file) : listsOf(body, file))
      .filter(({ name }) => name === "" || /\.rules$/i.test(name))
      .map(({ name, bytes }) => ({ name, rows: ruleRows(bytes) })),
};

/** Rules count from their first line; a line that ends with "\" goes on in the next one. */
function* ruleRows(bytes: Uint8Array): Generator<Row, void, undefined> {
  let line = 0;
  let begun = "";
  let begunAt = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong || begun.length > limits.rowBytes) {
      yield {
        row: line,
        result: { ok: false, problem: problem("WGL_ROW_LONG", { limit: limits.rowBytes }, `row ${line}`) },
      };
      begun = "";
      continue;
    }
    if (begun === "") {
      if (text.trim() === "" || text.trimStart().startsWith("#")) continue;
      begunAt = line;
    }
    begun += text.replace(/\\\s*$/, "");
    if (/\\\s*$/.test(text)) continue;
    yield* rowsOf(begunAt, begun.trim());
    begun = "";
  }
  if (begun !== "") yield* rowsOf(begunAt, begun.trim());
}

function* rowsOf(row: number, text: string): Generator<Row, void, undefined> {
  const rule = readRule(text);
  if (!rule.ok) {
    yield { row, text, result: { ok: false, problem: { ...rule.problem, at: `row ${row}` } } };
    return;
  }
  const values = listedValues(rule.value);
  if (values === undefined) {
    yield { row, legal: true, result: { ok: false, problem: problem("WGL_RULE_MORE", {}, `row ${row}`) } };
    return;
  }
  const labels = labelsIn(rule.value);
  for (const value of values) yield { ...rowOf(row, value, { labels }), text };
}

/** "sid:9000001", the class, the message, and what metadata calls the malware. */
const labelsIn = ({ options }: Rule): readonly string[] => {
  const of = (name: string): string => options.find(([one]) => one === name)?.[1] ?? "";
  const family = /\bmalware_family\s+([\w.-]+)/i.exec(of("metadata"))?.[1] ?? "";
  return labelsOf([
    of("classtype"),
    family,
    of("msg").replace(/^"|"$/g, "").replace(/\\(.)/g, "$1"),
    `sid:${of("sid")}`,
  ]);
};
