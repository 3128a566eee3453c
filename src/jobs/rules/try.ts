import type { Problem } from "#core/result.ts";
import { many, type Match } from "#detect/sigma/detection.ts";
import { type Held, reasons } from "#detect/sigma/judge.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import type { RuleProblem } from "#detect/sigma/rule.ts";
import { networks } from "#detect/networks.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { ScanStream } from "#jobs/scan/scan.ts";
import { isTimed, type ScanHit } from "#jobs/scan/hit.ts";
import { ScanOverTime } from "#jobs/scan/over-time.ts";
import { openRules, type RuleWords } from "#jobs/scan/rules.ts";
import { headOf } from "#telemetry/cut.ts";
import type { Format } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";

/** What a rule did with lines that somebody pasted; nothing of it is kept. */
export interface TriedRule {
  readonly rules: readonly (RuleWords & {
    readonly kind: "rule" | "correlation" | "filter";
    readonly matches: number;
  })[];
  readonly problems: readonly RuleProblem[];
  readonly format?: string;
  readonly records: number;
  readonly rejected: readonly { readonly line: number; readonly problem: Problem }[];
  readonly matches: readonly (RuleWords & { readonly line: number; readonly because: readonly Held[] })[];
  readonly cut: boolean;
}

/** Matches that are shown with their reasons. */
const matchesAtMost = 200;
/** Lines looked at: a second of this process at the very most. */
const linesAtMost = 5_000;

/**
 * Reads rules and asks them of some lines, as telemetry would be; without lines only what is wrong with the rules is told.
 *
 * @param format absent: told from the lines
 */
export const tryRule = (text: string, lines: string, format?: string): TriedRule => {
  const pack = loadPack("try", [{ path: "rule.yml", text }]);
  const own = pack.files.flatMap(({ file }) => [...file.rules, ...file.correlations, ...file.filters]);
  const decisions = own.map(({ id, title }) => ({ rule: id ?? title, runs: true, reason: "try" }));
  const opened = openRules([pack], { decisions });
  const some = firstLines(lines);
  const bytes = Buffer.from(some.text);
  const asked = formats.filter(({ id }) => format === undefined || id === format);
  const known = asked.length === 1 ? asked[0] : asked.find((one) => one.accepts(headOf(bytes)));
  const overTime = new ScanOverTime({ behaviours: [], around: quietAround, rules: opened });
  const stream = new ScanStream({
    ...{ file: "pasted", formats: asked, rules: opened, overTime, own: networks([]), about: () => ({ sources: [] }) },
    index: buildMatchIndex([], Buffer.alloc(32)),
  });
  if (bytes.length > 0) stream.push(bytes);
  stream.end();
  const hits: readonly ScanHit[] = [...stream.found, ...overTime.end()].filter(({ detector }) =>
    detector.startsWith("sigma"),
  );
  const counts = new Map<string, number>();
  for (const hit of hits) {
    const called = "rule" in hit ? (hit.rule ?? "") : "";
    counts.set(called, (counts.get(called) ?? 0) + 1);
  }
  const words = [
    ...opened.set.rules.map((_, number) => ({ ...opened.words(number), kind: "rule" as const })),
    ...opened.plans.map((_, plan) => ({ ...opened.correlationWords(plan), kind: "correlation" as const })),
  ];
  const wordsOf = new Map(words.map((one) => [one.rule, one]));
  const records = known === undefined ? new Map<number, string>() : linesOf(some.text, known);
  return {
    rules: words.map((one) => ({ ...one, matches: counts.get(one.rule) ?? 0 })),
    problems: opened.problems,
    ...(stream.counts.format === undefined ? {} : { format: stream.counts.format }),
    records: stream.counts.lines,
    rejected: stream.counts.problems.slice(0, 20),
    matches: hits.slice(0, matchesAtMost).flatMap((hit) => {
      const called = "rule" in hit ? wordsOf.get(hit.rule ?? "") : undefined;
      if (called === undefined) return [];
      const { kind: _, ...said } = called;
      const because =
        isTimed(hit) || known === undefined ? [] : whyOf(opened, called.rule, known, records.get(hit.line));
      return [{ ...said, line: hit.line, because }];
    }),
    cut: some.cut || hits.length > matchesAtMost,
  };
};

const quietAround = { own: networks([]), harmless: () => false, origin: () => ({}) };

const firstLines = (text: string): { readonly text: string; readonly cut: boolean } => {
  let at = -1;
  for (let count = 0; count < linesAtMost; count++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return { text, cut: false };
  }
  return { text: text.slice(0, at + 1), cut: at + 1 < text.length };
};

/** Lines by their number, where a record is a line. */
const linesOf = (text: string, { split }: Format): ReadonlyMap<number, string> =>
  split === undefined ? new Map(text.split(/\r?\n/).map((line, at) => [at + 1, line])) : new Map();

const whyOf = (
  { set }: ReturnType<typeof openRules>,
  called: string,
  format: Format,
  line: string | undefined,
): readonly Held[] => {
  const rule = set.rules.find(({ id, title }) => (id ?? title) === called);
  const read = line === undefined ? undefined : format.open().parse(line);
  if (rule === undefined || line === undefined || !read?.ok) return [];
  return reasons(rule.detection, { fields: read.value.fields, names: format.rules?.names ?? {}, raw: line });
};

/** A test in words of the rule: `*\cmd.exe`, `/net\s+user/i`, `10.0.0.0/8`, `≥ 5`. */
export const wantedText = (match: Match): string => {
  switch (match.is) {
    case "text":
      return match.pieces.map((piece) => (typeof piece === "string" ? piece : piece === many ? "*" : "?")).join("");
    case "regex":
      return `/${match.source}/${match.flags}`;
    case "cidr":
      return match.network;
    case "compare":
      return `${match.part === undefined ? "" : `${match.part} `}${signs[match.op]} ${match.value}`;
    case "field":
      return `${match.how} ${match.field}`;
    case "null":
      return "null";
    case "exists":
      return match.there ? "exists" : "exists: false";
    case "placeholder":
      return "%…%";
  }
};

const signs = { lt: "<", lte: "≤", gt: ">", gte: "≥", eq: "=" } as const;
