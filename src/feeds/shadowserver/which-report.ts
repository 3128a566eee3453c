import { baseName } from "#feeds/body.ts";
import type { ReportType } from "./report-type.ts";
import { ruleOf, typeByName } from "./rules.ts";
import { reportTypes } from "./known-reports.ts";

/** A report's name, what it means, and whether the name is younger than our table. */
export interface Which extends ReportType {
  readonly name: string;
  readonly young: boolean;
}

/** The files' names, as documented: DATE-TYPE[-FILTER].csv, the suffix and the date in any folder or archive. */
const fileName = /^(\d{4}-\d{2}-\d{2})-(\w+)(?:-[\w.-]+)?\.csv$/;

/** Names we take as a type's although we do not know it. */
const family =
  /^(?:scan6?|event[46]?|population6?|compromised|sandbox|blocklist|device_id|malware|spam|ransomware)(?:_|$)/;

/** What a file's name says its report is: "2026-01-31-scan_telnet-example.csv" is scan_telnet. */
export const reportByName = (file: string): Which | undefined => {
  const name = fileName.exec(baseName(file))?.[2];
  if (name === undefined) return undefined;
  const known = Object.hasOwn(reportTypes, name) ? reportTypes[name] : undefined;
  if (known !== undefined) return { ...known, name, young: false };
  if (!family.test(name)) return undefined;
  const rule = ruleOf(name);
  return {
    ...{ name, young: true, marks: [], type: typeByName(name), about: rule.about, names: rule.names },
    ...{ severity: rule.severity, shape: rule.shape ?? (name.startsWith("event") ? "source" : "host") },
  };
};

/** Below this a table is nobody's we know. */
const leastScore = 0.3;

/**
 * What the columns and the first tags say a report is, when its file lost its name: how many of a type's own columns
 * stand in the header, and whether the rows are tagged with what the type is about. Of IPv4 and IPv6 twins the first
 * stands for both: they are one problem. Two different problems that fit alike are no answer.
 *
 * @param tags cells of the column "tag" of the first rows
 */
export const reportByColumns = (columns: readonly string[], tags: readonly string[]): Which | undefined => {
  if (!columns.includes("timestamp")) return undefined;
  const has = new Set(columns);
  const words = new Set(tags.flatMap((tag) => tag.toLowerCase().split(/[;,\s]+/)));
  const fitting = Object.entries(reportTypes)
    .filter(([, type]) => addressed(type, has))
    .map(([name, type]) => ({ name, type, score: fit(type.marks, has) + tagged(type.about, words) }))
    .filter(({ score }) => score >= leastScore)
    .sort((a, b) => b.score - a.score || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  const [best, ...others] = fitting;
  if (best === undefined) return undefined;
  const alike = others.filter(({ score }) => score === best.score);
  if (alike.some(({ type }) => type.type !== best.type.type || type.about !== best.type.about)) return undefined;
  // "ssl" is also how the rows about ssl-poodle are tagged: there the tag alone says too little
  const narrower = Object.values(reportTypes).some(({ about }) => about.startsWith(`${best.type.about}-`));
  if (narrower && fit(best.type.marks, has) < leastScore) return undefined;
  return { ...best.type, name: best.name, young: false };
};

const addressed = (type: ReportType, has: ReadonlySet<string>): boolean => {
  switch (type.shape) {
    case "host":
      return has.has("ip");
    case "source":
      return has.has("src_ip") && (has.has("dst_ip") || type.marks.includes("query"));
    case "site":
      return has.has("http_host") && has.has("ip");
    case "url":
      return has.has("url");
    case "referer":
      return has.has("http_referer_ip");
    case "target":
      return false; // the same columns as its attackers' report, and only its name tells which side is meant
    case "account":
      return has.has("email");
    case "website":
      return has.has("website");
    case "name":
      return has.has("request") && !has.has("ip");
  }
};

/** The share of the marks that are there, worth more the more they are: 1 of 1 → 0.5, 4 of 4 → 0.8, 3 of 6 → 0.375. */
const fit = (marks: readonly string[], has: ReadonlySet<string>): number => {
  const there = marks.filter((mark) => has.has(mark)).length;
  return there === 0 ? 0 : (there / marks.length) * (1 - 1 / (1 + there));
};

const tagged = (about: string, words: ReadonlySet<string>): number => {
  if (about === "") return 0;
  if (words.has(about)) return 1;
  for (const word of words) if (word.startsWith(`${about}-`)) return 0.9;
  return 0;
};
