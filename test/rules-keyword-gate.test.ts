import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { everyText } from "#detect/sigma/record.ts";
import { keywordGate } from "#detect/sigma/keyword-gate.ts";
import { readRules } from "#detect/sigma/read-rules.ts";
import { makeRuleSet } from "#detect/sigma/rule-set.ts";
import { splitterFor } from "#telemetry/cut.ts";
import type { Format } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";
import { eventLines, eventSets, withoutCorpora } from "./sigma-corpora.ts";

const verbatim = formats.filter((format) => format.rules?.verbatim === true);

/** Runs of letters that neither JSON nor XML writes otherwise, as the gate cuts keywords. */
const runsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^ -~]|["\\/&<>]/)
    .filter((run) => /[^\d.+\-e]/.test(run));

const holdsLine = (format: Format, raw: string, record: Readonly<Record<string, unknown>>): void => {
  const lower = raw.toLowerCase();
  for (const text of everyText(record))
    for (const run of runsOf(text))
      assert.ok(
        lower.includes(run) || /\\u00[2-7]|&#|&apos;/.test(raw),
        `${format.id} says that it is verbatim, and "${run}" is not in ${raw.slice(0, 400)}`,
      );
};

test("formats that say so have every text of a record in its line", () => {
  assert.ok(verbatim.length >= 3, "some formats say so");
  let records = 0;
  for (const format of verbatim) {
    const folder = new URL(`../src/telemetry/${format.id}/`, import.meta.url);
    for (const name of readdirSync(folder).filter((one) => one.startsWith("sample") && !one.includes("expected"))) {
      const body = readFileSync(new URL(name, folder));
      const reader = format.open();
      const splitter = splitterFor(body, format);
      const onLine = (buffer: Uint8Array, start: number, end: number): void => {
        const raw = new TextDecoder().decode(buffer.subarray(start, end));
        const read = reader.parse(raw);
        if (!read?.ok) return;
        records++;
        holdsLine(format, raw, read.value.fields);
      };
      splitter.push(body, onLine, () => {});
      splitter.end(onLine, () => {});
    }
  }
  assert.ok(records > 20, `only ${records} records were read`);
});

test("so have real Windows events", { skip: withoutCorpora }, () => {
  const format = formats.find(({ id }) => id === "windows-json") as Format;
  for (const set of eventSets)
    for (const [at, line] of eventLines(set).entries()) {
      if (at % 7 !== 0) continue;
      const read = format.open().parse(line);
      if (read?.ok) holdsLine(format, line, read.value.fields);
    }
});

const letters = fc.string({
  unit: fc.constantFrom(..."'=", ...'aAbkKiIxé"\\/:&<. 1\u212a\u0130\n'.split("")),
  maxLength: 12,
});

const inXml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");

test("a line that the gate keeps out holds none of its texts, however JSON or XML writes it", () => {
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 1, maxLength: 4 }),
      fc.array(letters, { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      fc.constantFrom("plain", "numbered", "xml"),
      (needles, values, at, written) => {
        // one of the values may hold one of the texts, in another case
        const wanted = needles.map((one) => one.toLowerCase());
        const said = values.map((value, i) => (i === at ? `${value}${(needles[0] ?? "").toUpperCase()}x` : value));
        const gate = keywordGate(wanted);
        if (gate === undefined) return;
        const plain = JSON.stringify({ v: said });
        const numbered = plain.replaceAll(
          /[a-z]/gi,
          (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
        );
        const line = { plain, numbered, xml: `<v>${said.map(inXml).join("</v><v>")}</v>` }[written];
        if (gate(line)) return;
        for (const text of said)
          for (const needle of wanted) assert.ok(!text.toLowerCase().includes(needle), `${needle} is in ${line}`);
      },
    ),
    { numRuns: 3000 },
  );
});

test("rules of keywords say the same of a verbatim format, line or no line", () => {
  const file = readRules(
    "k.yml",
    `title: K
id: k
logsource: {product: windows}
detection:
  keywords: ['kerberos::golden', '\\\\mimilib.dll', 'a "quoted" word']
  filter: {User: SYSTEM}
  condition: keywords and not filter
`,
  );
  assert.deepEqual(file.problems, []);
  const set = makeRuleSet([file]);
  const sources = [{ product: "windows" }];
  const gated = set.evaluator({ names: {}, logSources: () => sources, verbatim: true });
  const plain = set.evaluator({ names: {}, logSources: () => sources });
  for (const [fields, matches] of [
    [{ CommandLine: "x KERBEROS::Golden y" }, true],
    [{ CommandLine: "x KERBEROS::Golden y", User: "system" }, false],
    [{ Deep: { er: ["C:\\x\\mimilib.DLL"] } }, true],
    [{ Message: 'says a "quoted" WORD' }, true],
    [{ Message: "says nothing" }, false],
  ] as const) {
    const line = JSON.stringify(fields);
    assert.deepEqual(gated.match(fields, "", line), matches ? [0] : [], line);
    assert.deepEqual(plain.match(fields, "", line), matches ? [0] : [], line);
    assert.deepEqual(gated.match(fields, ""), matches ? [0] : [], line);
  }
});
