import { type Grade, parseGrade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import { assert, type Problem } from "#core/result.ts";

/** An instant as a query parameter; it comes back as an Instant by the type parser of `open.ts`. */
export const timeOf = (time: Instant): Date => new Date(time);

/** Columns the program wrote itself and the schema checks; anything else is our mistake. */
export const readGrade = (value: unknown): Grade => {
  const grade = parseGrade(String(value));
  assert(grade.ok, `grade ${String(value)} in the store`);
  return grade.value;
};

/** A text from outside that could be the id of a row; asking PostgreSQL about any other is an error. */
export const isUuid = (text: string): boolean => uuid.test(text);

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const readProblem = (value: unknown): Problem => value as Problem;
