import type { ReactNode } from "react";
import { CallProblem } from "@web/api/call.ts";
import { visible } from "@web/words/put.ts";
import { type Say, useReader } from "@web/words/reader.tsx";

export const problemWords = (say: Say, error: unknown): string =>
  error instanceof CallProblem && error.status !== 0 ? visible(error.detail) : say("failed.network");

interface Props {
  readonly error: unknown;
  readonly says: string;
  /** Absent: what was asked for is asked again by the button that asked. */
  readonly retry?: () => void;
}

/** A bar, never a blank page: what failed, the server's words, the request id to quote, and Retry. */
export const Failed = ({ error, says, retry }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <div className="failed" role="alert">
      <p>
        <b>{says}</b> {problemWords(say, error)}
      </p>
      {error instanceof CallProblem && error.request !== "" ? (
        <p className="request">{say("failed.request", { request: error.request })}</p>
      ) : null}
      {retry === undefined ? null : (
        <button type="button" className="button" onClick={retry}>
          {say("failed.retry")}
        </button>
      )}
    </div>
  );
};
