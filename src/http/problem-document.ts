import { STATUS_CODES } from "node:http";
import type { ProblemDocument } from "#api/problem.ts";
import { type ErrorCode, errors } from "#core/errors.ts";
import type { Problem } from "#core/result.ts";
import type { Language } from "#words/language.ts";
import { sayProblem } from "#words/say.ts";

/**
 * RFC 9457 §3 for a reader. `status` is the error table's, for a table cannot disagree with itself.
 *
 * @param request  what the reader quotes when asking for help
 * @param problems the single places, when the problem is that there are some
 */
export const problemDocument = (
  problem: Problem,
  language: Language,
  request: string,
  problems?: readonly Problem[],
): ProblemDocument => {
  const status = statusOf(problem.code);
  return {
    type: `/api/docs#${problem.code}`,
    title: STATUS_CODES[status] ?? "Error",
    status,
    code: problem.code,
    detail: words(language, problem),
    request,
    ...(problems === undefined
      ? {}
      : {
          problems: problems.map((one) => ({
            code: one.code,
            detail: words(language, one),
            ...(one.at === undefined ? {} : { at: one.at }),
          })),
        }),
  };
};

/** A problem must be told even where its sentence is missing: an error inside the telling would be told by others, with its text. */
const words = (language: Language, problem: Problem): string => {
  try {
    return sayProblem(language, problem);
  } catch {
    return problem.message;
  }
};

export const statusOf = (code: ErrorCode): number => errors[code].http;

export const problemType = "application/problem+json; charset=utf-8";
