import { stixDate } from "#misp/timestamps.ts";

/**
 * Patterns as MISP writes them, or as the specification has them.
 *   misp  numbers stand in quotes and "%" of registry data is escaped: MISP reads its own patterns back by their text
 *   stix  numbers are numbers: a quoted one equals no integer, so such a pattern matches nothing (STIX 2.1 §9.2, §9.6)
 */
export type PatternDialect = "misp" | "stix";

/** One comparison of a pattern, not yet written: quoted path and value. */
export interface PatternPart {
  readonly path: string;
  readonly value: string;
  /** The property is no text. */
  readonly is?: "number" | "truth" | "time";
}

/** Comparisons that belong together stand in brackets of their own. */
export type PatternGroup = PatternPart | { readonly all: readonly PatternPart[] };

export const patternText = (groups: readonly PatternGroup[], dialect: PatternDialect): string =>
  `[${groups
    .map((group) =>
      "all" in group
        ? `(${group.all.map((part) => comparison(part, dialect)).join(" AND ")})`
        : comparison(group, dialect),
    )
    .join(" AND ")}]`;

const comparison = ({ path, value, is }: PatternPart, dialect: PatternDialect): string => {
  if (dialect === "stix" && is === "number" && /^-?\d+(?:\.\d+)?$/.test(value)) return `${path} = ${value}`;
  if (dialect === "stix" && is === "truth") return `${path} = ${/^(?:1|true)$/i.test(value)}`;
  if (is === "time") {
    const time = stixDate(value);
    if (time !== undefined) return `${path} = ${dialect === "stix" ? `t'${time}'` : `'${spaced(time)}'`}`;
  }
  const isRegistryData = dialect === "misp" && /^windows-registry-key:values\S*\.data$/.test(path);
  const escaped = value.replaceAll(/[\\']/g, String.raw`\$&`);
  return `${path} = '${isRegistryData ? escaped.replaceAll("%", String.raw`\\%`) : escaped}'`;
};

/** "2020-10-25 16:22:00+00:00", as MISP's converter prints a moment. */
const spaced = (time: string): string => time.replace("T", " ").replace(/Z$/, "+00:00");

/** A property path with the steps quoted that are no plain words: `hashes.'SHA-256'` (STIX 2.1 §9.5). */
export const quotedPath = (path: string): string =>
  path
    .split(".")
    .map((step) => (/^[A-Za-z_][\w]*(?:\[[\d*]+\])?$/.test(step) ? step : `'${step}'`))
    .join(".");
