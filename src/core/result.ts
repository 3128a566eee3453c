import { errors, type ErrorCode } from "#core/errors.ts";

/**
 * What is wrong with data from outside: data first, words second (`words/` says `code` in three languages from `with`).
 * `at` is where: a JSON pointer, "row 12", "line 3 column 8".
 */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly at?: string;
}

export type Result<T, E = Problem> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });

/** Longest outside value quoted in a message, in UTF-16 units; the rest becomes "…" so that hostile rows cannot flood a log. */
const quoteAtMost = 120;

/** Makes control characters, bidi overrides and separators visible as \u{…}, and cuts long values; safe for logs and pages. */
export const quote = (text: string): string => {
  const cut = text.length > quoteAtMost ? `${text.slice(0, quoteAtMost)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
};

/** A problem of the table `errors`, its English sentence filled from `params`. */
export const problem = (
  code: ErrorCode,
  params: Readonly<Record<string, string | number>> = {},
  at?: string,
): Problem => ({
  code,
  message: fill(errors[code].says, params),
  ...(Object.keys(params).length > 0 ? { with: params } : {}),
  ...(at === undefined ? {} : { at }),
});

export const no = (
  code: ErrorCode,
  params: Readonly<Record<string, string | number>> = {},
  at?: string,
): Result<never> => ({ ok: false, problem: problem(code, params, at) });

/** Puts `{name}` parameters into a sentence; outside text is quoted so that it cannot forge lines. */
export const fill = (sentence: string, params: Readonly<Record<string, string | number>>): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : typeof value === "number" ? String(value) : quote(value);
  });

/** The world is wrong (network, disk, lock): thrown, with a code of the table; `retry` and `http` come from there. */
export class WaglanError extends Error {
  readonly code: ErrorCode;
  readonly with: Readonly<Record<string, string | number>>;
  constructor(code: ErrorCode, params: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    super(fill(errors[code].says, params), options);
    this.name = "WaglanError";
    this.code = code;
    this.with = params;
  }
}

/** We are wrong: a state that no correct program reaches, whatever the input. */
export function assert(condition: unknown, says: string): asserts condition {
  if (!condition) throw new Error(`waglan is wrong: ${says}`);
}
