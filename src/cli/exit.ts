import { type ErrorCode, errors } from "#core/errors.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";

/** What the program answers with (DESIGN §6); every verb says in its help when it answers `findings`. */
export const exits = {
  done: 0,
  /** It worked, and something was found that a person should see. */
  findings: 1,
  /** It was asked in a way it does not understand. */
  usage: 2,
  /** What it was given is wrong: files, rows, names. */
  input: 3,
  /** Network, disk, database, or ourselves. */
  world: 4,
} as const;
export type Exit = (typeof exits)[keyof typeof exits];

/** Ends a verb with problems to be told. Thrown inside `cli` only. */
export class Stop extends Error {
  readonly problems: readonly Problem[];
  readonly exit: Exit;
  constructor(problems: readonly Problem[], exit: Exit) {
    super(problems[0]?.message ?? "stopped");
    this.problems = problems;
    this.exit = exit;
  }
}

/** Thrown for an option's value that cannot be used. */
export const badOption = (option: string, value: string, wanted: string): Stop =>
  new Stop([problem("WGL_OPTION", { option, value, wanted })], exits.usage);

/** The world's errors are 5xx in the table; the others are about what was given. */
export const exitOf = (code: ErrorCode): Exit => (errors[code].http >= 500 ? exits.world : exits.input);

/** What to tell of anything thrown, and how to end. */
export const stopOf = (error: unknown): Stop => {
  if (error instanceof Stop) return error;
  if (error instanceof WaglanError)
    return new Stop([{ code: error.code, message: error.message, with: error.with }], exitOf(error.code));
  const reason = error instanceof Error ? error.message : String(error);
  return new Stop([problem("WGL_OURS", { reason })], exits.world);
};
