import type { ProblemDocument } from "@api/problem.ts";
import type { Language } from "@words/language.ts";

/** The server said no, or could not be reached (`status` 0). `detail` is in the reader's language when it came from the server. */
export class CallProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** What to quote when asking for help; "" when no server answered. */
  readonly request: string;
  constructor(status: number, code: string, detail: string, request: string) {
    super(detail);
    this.name = "CallProblem";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.request = request;
  }
}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  /** A file as it is, instead of `body`. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for an answer, where a file is read first. */
  readonly patience?: number;
}

/** Milliseconds; a server that is silent longer is as good as gone, and the reader wants to know. */
const patienceMs = 20_000;

/**
 * One call of the API, below /api/v1. `x-waglan` on what changes something shows that our own page asks (a form of a
 * stranger cannot send it).
 *
 * @throws CallProblem and nothing else
 */
export const call = async <T>(
  language: Language,
  path: string,
  { method = "GET", body, bytes, signal, patience: waits = patienceMs }: Call = {},
): Promise<T> => {
  const patience = AbortSignal.timeout(waits);
  const response = await fetch(`/api/v1${path}`, {
    method,
    credentials: "same-origin",
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
    headers: {
      accept: "application/json",
      "accept-language": language,
      ...(method === "GET" ? {} : { "x-waglan": "1" }),
      ...(bytes === undefined ? {} : { "content-type": "application/octet-stream" }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(bytes === undefined ? {} : { body: bytes }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new CallProblem(0, "", "", "");
  });
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as T;
  throw problemOf(response.status, answer);
};

const problemOf = (status: number, answer: unknown): CallProblem => {
  const document = (typeof answer === "object" && answer !== null ? answer : {}) as Partial<ProblemDocument>;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return new CallProblem(
    status,
    text(document.code),
    text(document.detail) || text(document.title) || `HTTP ${status}`,
    text(document.request),
  );
};
