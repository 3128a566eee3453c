import { type Columns, ruleOf, shapes, twinOf, type Shape } from "#feeds/shadowserver/rules.ts";
import type { ReportType } from "#feeds/shadowserver/report-type.ts";
import { type RsitType, isRsitType } from "#core/rsit.ts";
import { severities, type Severity } from "#core/severity.ts";

/** reports.json of the schema, as far as it is used: type → its columns and, for most, its RSIT type. */
export type Schema = Readonly<
  Record<string, { readonly fields: readonly string[]; readonly "classification.type"?: string }>
>;

/** Columns that tell a type from others when the file's name does not: rarest first, at most this many. */
const marksAtMost = 6;
/** A column that more types share than this tells nothing. */
const rareAtMost = 14;

/**
 * The table of facts, as the text of `src/feeds/shadowserver/known-reports.ts`: one line a type, in the order of their names.
 *
 * @param severityTables Markdown tables with rows `| type | … | severity |`; the first that names a type wins
 */
export const generate = (schema: Schema, severityTables: readonly string[]): string => {
  const lines = Object.entries(reportTypes(schema, severityTables)).map(
    ([name, type]) => `  ${name}: ${printed(type)},`,
  );
  return `${head}${lines.join("\n")}\n};\n`;
};

export const reportTypes = (
  schema: Schema,
  severityTables: readonly string[],
): Readonly<Record<string, ReportType>> => {
  const names = Object.keys(schema).sort();
  const severity = severitiesIn(severityTables);
  const spread = new Map<string, number>();
  for (const name of names)
    for (const column of new Set(schema[name]?.fields)) spread.set(column, (spread.get(column) ?? 0) + 1);
  return Object.fromEntries(
    names.map((name) => {
      const columns = schema[name]?.fields ?? [];
      const rule = ruleOf(name);
      const marks = columns
        .filter((column) => (spread.get(column) ?? 0) <= rareAtMost)
        .sort((a, b) => (spread.get(a) ?? 0) - (spread.get(b) ?? 0) || (a < b ? -1 : 1))
        .slice(0, marksAtMost);
      return [
        name,
        {
          type: rule.type ?? classOf(schema, name) ?? "other",
          about: rule.about,
          names: rule.names,
          severity:
            (rule.sure === true ? undefined : (severity.get(name) ?? severity.get(twinOf(name)))) ?? rule.severity,
          shape: shapeOf(columns, rule.shape),
          marks,
        },
      ];
    }),
  );
};

/** What the schema says a report is; a type without a word is what its IPv4 twin is. */
const classOf = (schema: Schema, name: string): RsitType | undefined => {
  const said = schema[name]?.["classification.type"] ?? schema[twinOf(name)]?.["classification.type"];
  if (said === "blocklist") return "blacklist";
  return said !== undefined && isRsitType(said) ? said : undefined;
};

/** The first shape whose address column the report has; what the rule says goes first. */
const shapeOf = (columns: readonly string[], wanted: Shape | undefined): Shape => {
  if (wanted !== undefined) return wanted;
  const found = (Object.keys(shapes) as Shape[]).find((shape) => columns.includes((shapes[shape] as Columns).ip ?? ""));
  return found ?? "host";
};

const severitiesIn = (tables: readonly string[]): ReadonlyMap<string, Severity> => {
  const found = new Map<string, Severity>();
  for (const table of tables)
    for (const line of table.split("\n")) {
      const [, name, , level] = line.split("|").map((cell) => cell.trim());
      const severity = severities.find((one) => one === level);
      if (name !== undefined && severity !== undefined && !found.has(name)) found.set(name, severity);
    }
  return found;
};

const printed = (type: ReportType): string =>
  `{ type: ${JSON.stringify(type.type)}, about: ${JSON.stringify(type.about)}, names: ${JSON.stringify(type.names)}, severity: ${JSON.stringify(type.severity)}, shape: ${JSON.stringify(type.shape)}, marks: [${type.marks.map((mark) => JSON.stringify(mark)).join(", ")}] }`;

const head = `// Written by scripts/shadowserver.ts from the published report schema: facts about its columns, none of its text.
import type { ReportType } from "./report-type.ts";

/** Every report type the schema knew when this was written; newer ones are read by their name (rules.ts). */
// biome-ignore format: one line a type
export const reportTypes: Readonly<Record<string, ReportType>> = {
`;
