import { no, ok, type Result } from "#core/result.ts";
import { compareVersions, schemeOf, type VersionScheme } from "./version-scheme.ts";

export const comparators = ["=", "!=", "<", "<=", ">", ">="] as const;
export type Comparator = (typeof comparators)[number];

export interface Constraint {
  readonly is: Comparator;
  readonly version: string;
}

/** A range of VERS: "vers:npm/>=1.0.0|<2.0.0". `constraints` empty: every version ("vers:npm/*"). */
export interface Vers {
  /** As written, lower case: "npm". */
  readonly type: string;
  readonly scheme: VersionScheme;
  /** In the order of their versions, each version once. */
  readonly constraints: readonly Constraint[];
}

/** Constraints of one range; the longest seen has 40. */
const constraintsAtMost = 1000;

/**
 * Reads a range and puts its constraints in order. A version that stands twice, or versions that the scheme cannot order,
 * make it unreadable.
 *
 * @returns WGL_PRODUCT_VERS
 * @see VERS (package-url/vers-spec), "Parsing and validating version range specifiers"
 */
export const parseVers = (text: string): Result<Vers> => {
  const bad = no("WGL_PRODUCT_VERS", { value: text });
  const [, type = "", rest = ""] = /^vers:([a-z0-9.+-]+)\/(.*)$/i.exec(text.trim().replace(/\s+/g, "")) ?? [];
  const parts = rest.replace(/^\|+|\|+$/g, "").split("|");
  if (type === "" || rest === "" || parts.length > constraintsAtMost) return bad;
  const scheme = schemeOf(type);
  if (parts.length === 1 && parts[0] === "*") return ok({ type: type.toLowerCase(), scheme, constraints: [] });
  const constraints: Constraint[] = [];
  for (const part of parts) {
    const one = constraintOf(part);
    if (one === undefined) return bad;
    constraints.push(one);
  }
  let orderly = true;
  const sorted = constraints.sort((a, b) => {
    const order = compareVersions(scheme, a.version, b.version);
    // the same version twice says two things about it
    if (order === undefined || order === 0) orderly = false;
    return order ?? 0;
  });
  return orderly ? ok({ type: type.toLowerCase(), scheme, constraints: sorted }) : bad;
};

const constraintOf = (part: string): Constraint | undefined => {
  const [, sign = "", quoted = ""] = /^(<=|>=|!=|<|>|=)?([^<>=!*]+)$/.exec(part) ?? [];
  if (quoted === "") return undefined;
  const is = comparators.find((one) => one === (sign === "" ? "=" : sign));
  try {
    return is && { is, version: decodeURIComponent(quoted) };
  } catch {
    return undefined;
  }
};

/** The canonical text: sorted, "=" left out, separators inside versions quoted. */
export const printVers = ({ type, constraints }: Pick<Vers, "type" | "constraints">): string =>
  `vers:${type}/${
    constraints.length === 0
      ? "*"
      : constraints
          .map(({ is, version }) => `${is === "=" ? "" : is}${version.replace(/[%<>=!*|\s]/g, encodeURIComponent)}`)
          .join("|")
  }`;
