import type { IncomingHttpHeaders } from "node:http";
import type { Static, TSchema } from "typebox";
import type { Permission } from "#community/roles.ts";
import type { Party, PersonViewer, Public, SensorViewer, Staff, Viewer } from "#community/viewer.ts";
import type { Problem, Result } from "#core/result.ts";
import type { Acts, Ask, Session } from "#jobs/acts/port.ts";

/**
 * Who may come in; everybody else gets 401 without credentials and 403 with the wrong ones, before a body is read.
 *   public          anybody; no credential is even looked at      session   somebody signed in
 *   sensor          a sensor's token                              partner-token   a party's token that may read lists
 *   operator        who may `system.read`, or a process on this very machine (Prometheus)
 *   a permission    a person or a machine that has it; several: one of them
 */
export type Who = "public" | "session" | "sensor" | "partner-token" | "operator" | Permission | readonly Permission[];

/** One route as a value. The server registers from the table `routes.ts` and from nowhere else. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** In find-my-way's words: "/api/v1/findings/:id". */
  readonly url: string;
  readonly who: Who;
  /** One line for the API's documentation. */
  readonly does: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** Media types of the body; absent: application/json if there is a `body`. */
  readonly takes?: readonly string[];
  /** Bytes of body; absent: 64 KiB, the longest note there is with room to spare. */
  readonly bodyLimit?: number;
  /** What a good answer holds: a schema with an $id (JSON), media types, or nothing (204). */
  readonly gives: TSchema | readonly string[] | undefined;
  /** Status of a good answer; 200 unless said. */
  readonly status?: number;
  /** Errors are pages for people instead of problem documents. */
  readonly forPeople?: true;
  /** Old machines come too: a 401 offers Basic, with the token as password. */
  readonly basic?: true;
  /** The body may come packed with gzip; the route unpacks it. */
  readonly packed?: true;
  /** MISP's clients send the token alone in Authorization, or in X-MISP-AUTH. */
  readonly bareKey?: true;
  /** A body of no bytes is no body, whatever its type says it is. */
  readonly bodyMayBeEmpty?: true;
  /** A second way of writing another route's path: it works, and the API's documentation has the other one. */
  readonly hidden?: true;
  /** Asked when the caller is admitted and no byte of body was read: a place to leave again, or a no. */
  readonly enter?: (headers: IncomingHttpHeaders) => (() => void) | Refusal | undefined;
  readonly handle: (asked: Asked) => Promise<Answer>;
}

/** The parts of a route that types are inferred from. */
interface Typed<W extends Who, P extends TSchema, Q extends TSchema, B extends TSchema>
  extends Omit<Route, "who" | "params" | "query" | "body" | "handle"> {
  readonly who: W;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly handle: (asked: Asked<W, Static<P>, Static<Q>, Static<B>>) => Promise<Answer>;
}

/** Declares a route: `handle` sees what `who`, `params`, `query` and `body` say, since the server has checked just that. */
export const route = <
  const W extends Who,
  P extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
>(
  declared: Typed<W, P, Q, B>,
): Route => declared as unknown as Route;

export interface Asked<W extends Who = Who, P = unknown, Q = unknown, B = unknown> {
  readonly acts: Acts;
  readonly ask: Ask;
  readonly viewer: ViewerOf<W>;
  readonly session: W extends "session" ? Session : Session | undefined;
  readonly params: P;
  readonly query: Q;
  /** JSON and forms: checked against the schema; other types: the bytes, as `takes` says. */
  readonly body: B;
  readonly headers: IncomingHttpHeaders;
  readonly method: Route["method"];
  /** The peer's address; behind a named proxy, what it says. */
  readonly peer: string;
  /** Is the session of this request still good, as of now? False without one. */
  readonly stillSignedIn: () => Promise<boolean>;
  readonly server: Server;
}

/** What few routes need of the server itself. */
export interface Server {
  readonly carry: (secret: string, until: number) => string;
  readonly drop: () => string;
  /** Milliseconds, never backwards; counts from anywhere. */
  readonly monotonic: () => number;
  readonly now: () => number;
}

type ViewerOf<W extends Who> = W extends "public"
  ? Public
  : W extends "session"
    ? Staff | PersonViewer
    : W extends "sensor"
      ? SensorViewer
      : W extends "partner-token"
        ? Party
        : Viewer;

export type Answer =
  | {
      readonly status?: number;
      /** An object for a schema; text, bytes or a stream for media types. */
      readonly body?: unknown;
      /** Of the media types in `gives`; absent: the first. */
      readonly type?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | Refusal;

export interface Refusal {
  readonly problem: Problem;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A Result as an answer. */
export const answered = (result: Result<unknown>): Answer =>
  result.ok ? { body: result.value } : { problem: result.problem };
