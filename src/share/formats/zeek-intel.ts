import { printGrade } from "#core/grade.ts";
import type { ObservableKind } from "#core/observable.ts";
import { headLines, type ListFormat } from "./format.ts";
import { withoutScheme } from "./without-scheme.ts";

/** Zeek's names of the kinds it looks for. @see Zeek documentation, base/frameworks/intel/main.zeek, Intel::Type */
const types: Partial<Record<ObservableKind, string>> = {
  ...{ ipv4: "Intel::ADDR", ipv6: "Intel::ADDR", cidr: "Intel::SUBNET" },
  ...{ domain: "Intel::DOMAIN", url: "Intel::URL", email: "Intel::EMAIL" },
  ...{ md5: "Intel::FILE_HASH", sha1: "Intel::FILE_HASH", sha256: "Intel::FILE_HASH", sha512: "Intel::FILE_HASH" },
};

/** As Zeek's ASCII reader takes escapes: \xHH for a byte. "-" alone means unset there, "(empty)" an empty text. */
export const zeekCell = (text: string): string => {
  if (text === "") return "-";
  const escaped = text
    .toWellFormed()
    .replace(/[\p{Cc}\\\u2028\u2029]/gu, (c) =>
      [...Buffer.from(c)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
    );
  return escaped === "-" || escaped === "(empty)"
    ? `\\x${escaped.charCodeAt(0).toString(16)}${escaped.slice(1)}`
    : escaped;
};

/** Zeek's intelligence framework: columns between tabs, `#fields` first. Comments are lines that begin with #. */
export const zeekIntel: ListFormat = {
  type: "text/tab-separated-values; charset=utf-8",
  head: (about) =>
    `#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\n${headLines(about)
      .map((line) => `# ${line}\n`)
      .join("")}`,
  row: ({ value: row, note }, about) => {
    const type = types[row.kind];
    if (type === undefined || row.value === "" || !row.value.isWellFormed()) return undefined;
    const value = row.kind === "url" ? withoutScheme(row.value) : row.value;
    const cell = zeekCell(value);
    const indicator = cell.startsWith("#") ? `\\x23${cell.slice(1)}` : cell;
    const said = [
      ...(row.labels ?? []),
      ...(row.grade === undefined ? [] : [`grade ${printGrade(row.grade)}`]),
      `TLP:${note.tlp.toUpperCase()}`,
    ].join(", ");
    const source = row.sources === undefined || row.sources === "" ? about.community : row.sources;
    return `${[indicator, type, zeekCell(source), zeekCell(said), zeekCell(`${about.portal}/indicators/${row.id}`)].join("\t")}\n`;
  },
  foot: ({ count }) => `# ${count} values\n`,
};
