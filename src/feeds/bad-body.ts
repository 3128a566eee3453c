import type { ErrorCode } from "#core/errors.ts";
import { type Problem, problem } from "#core/result.ts";

/** The whole body is not what its feed promises: nothing of it is used. Thrown inside the station, caught by `read.ts`. */
export class BadBody extends Error {
  readonly problem: Problem;
  constructor(code: ErrorCode, params: Readonly<Record<string, string | number>> = {}) {
    const why = problem(code, params);
    super(why.message);
    this.name = "BadBody";
    this.problem = why;
  }
}
