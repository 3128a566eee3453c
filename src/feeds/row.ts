import type { Instant } from "#core/instant.ts";
import type { Problem, Result } from "#core/result.ts";
import { readValue } from "#core/recognise.ts";
import type { RawIndicator, Row } from "./feed.ts";

/** What a row says besides its value. */
export interface Said {
  readonly labels?: readonly string[];
  readonly seenAt?: Instant | undefined;
  readonly note?: Problem | undefined;
  readonly grade?: RawIndicator["grade"];
  readonly tlp?: RawIndicator["tlp"];
}

const noLabels: readonly string[] = Object.freeze([]);

/** A row whose value is told from its text. */
export const rowOf = (row: number, text: string, said: Said = {}): Row => {
  const read = readValue(text);
  if (!read.ok) return { row, result: at(read, row) };
  const value: RawIndicator = {
    observable: read.value.observable,
    labels: said.labels ?? noLabels,
    ...(said.seenAt === undefined ? {} : { seenAt: said.seenAt }),
    ...(said.grade === undefined ? {} : { grade: said.grade }),
    ...(said.tlp === undefined ? {} : { tlp: said.tlp }),
    ...(read.value.flags.length === 0 ? {} : { flags: read.value.flags }),
  };
  return { row, result: { ok: true, value }, ...(said.note === undefined ? {} : { note: said.note }) };
};

/** The problem, with the row it stands in. */
export const at = <T>(result: Result<T> & { readonly ok: false }, row: number): Result<never> => ({
  ok: false,
  problem: { ...result.problem, at: `row ${row}` },
});

/** Labels as we keep them: lower case, trimmed, well-formed, distinct, not empty, at most 120 characters. */
export const labelsOf = (texts: readonly string[]): readonly string[] => [
  ...new Set(
    texts
      .map((text) =>
        text
          .replace(/\p{Cc}/gu, " ")
          .trim()
          .toLowerCase()
          .toWellFormed()
          .slice(0, 120),
      )
      .filter((text) => text !== ""),
  ),
];
