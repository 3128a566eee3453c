import { no, ok, type Result } from "#core/result.ts";
import { type Answer, answers } from "#incidents/answer.ts";

/** What the page's form sends. */
export interface AnswerForm {
  readonly answer: Answer;
  /** Trimmed; absent when nothing was written. */
  readonly note?: string;
}

/** Longest note, in UTF-16 units; the same as the portal's API takes. More is cut, for a note is better than none. */
export const longestNote = 2000;

/** @returns problem WGL_ANSWER_UNKNOWN */
export const readAnswerForm = (fields: Readonly<Record<string, unknown>>): Result<AnswerForm> => {
  const said = fields["answer"];
  const answer = answers.find((one) => one === said);
  if (answer === undefined) return no("WGL_ANSWER_UNKNOWN", { value: typeof said === "string" ? said : "" });
  const note = typeof fields["note"] === "string" ? fields["note"].trim().slice(0, longestNote) : "";
  return ok(note === "" ? { answer } : { answer, note });
};
