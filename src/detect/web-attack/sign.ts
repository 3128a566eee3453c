/** Kinds of attack as people know them, by the chapters of the OWASP Core Rule Set. */
export const webAttackKinds = [
  "sql",
  "script",
  "command",
  "file",
  "remote-file",
  "code",
  "template",
  "log4shell",
  "protocol",
  "secret-file",
  "scanner",
] as const;
export type WebAttackKind = (typeof webAttackKinds)[number];

/** Parts of a request an access log has; `lines`: path and query with their line breaks and control characters. */
export type Part = "path" | "query" | "referrer" | "agent" | "lines";

/**
 * What gives an attack away. The expression is read against text that is lower case, decoded, white space pressed to one
 * blank; parameters of a query stand on lines of their own (`.` does not reach over to the next). Every gap is bounded
 * and ends where the next part begins, so that the time is linear in the text.
 */
export interface Sign {
  readonly kind: WebAttackKind;
  /** 0 to 1: how seldom honest requests look like this. */
  readonly score: number;
  readonly pattern: RegExp;
  /** One of these characters is in every match; absent: any text is looked at. Saves most of the work. */
  readonly needs?: string;
  /** Absent: path, query, referrer and agent. */
  readonly in?: readonly Part[];
  /** Only when the server said no (4xx): the same page may be somebody's own where it exists. */
  readonly refused?: boolean;
}

/** The words as one choice of an expression. */
export const either = (words: string): string => words.trim().split(/\s+/).join("|");
