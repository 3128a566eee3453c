import type postgres from "postgres";
import { WaglanError } from "#core/result.ts";

/**
 * Ways to learn that the server is not there, in the one place that knows them: postgres.js's own codes, the system's,
 * and PostgreSQL's classes 08 (connection) and 57P (operator intervention), and 53300 (too many connections).
 * @see PostgreSQL documentation, Appendix A, "PostgreSQL Error Codes"
 */
const goneCodes: ReadonlySet<string> = new Set(
  [
    ["CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT"],
    [
      "ECONNREFUSED",
      "ECONNRESET",
      "ENOENT",
      "EPIPE",
      "ETIMEDOUT",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "ENOTFOUND",
      "EAI_AGAIN",
    ],
    ["57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006", "53300"],
  ].flat(),
);

/** True when the database of state is not there now; the same call may succeed a moment later. */
export const isGone = (error: unknown): boolean =>
  error instanceof WaglanError ? error.code === "WGL_STATE_GONE" : goneCodes.has(codeOf(error));

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const named = (error: unknown): unknown =>
  isGone(error) && !(error instanceof WaglanError) ? new WaglanError("WGL_STATE_GONE", {}, { cause: error }) : error;

/** Of those, the ones after which a connection that had a transaction open has no socket any more. */
const endsConnection = (error: unknown): boolean => !/^(?:08|53)/.test(codeOf(error)) && goneCodes.has(codeOf(error));

type AnySql = postgres.Sql | postgres.TransactionSql;

/** The one connection that a transaction has; `lost` once it is gone. */
interface Connection {
  lost: boolean;
}

/**
 * The same client, whose queries and transactions fail with WGL_STATE_GONE when the server is not there.
 * postgres.js settles a query through its own `reject`, which is where the name is given, so that fragments, pipelining
 * and streams stay what they are.
 *
 * postgres.js 3.4.9 writes to a socket that is null, and so ends the process, when a transaction goes on (with a query,
 * or its own commit or rollback) after its connection was lost. So a transaction that lost its connection is left there:
 * its queries fail at once and its function never settles, while `begin` itself has already failed.
 * `reserve` has the same fault without such a way out: it is not for us.
 */
export const naming = <S extends AnySql>(sql: S, connection?: Connection): S =>
  new Proxy(sql, {
    apply: (target, self, args) => caught(Reflect.apply(target as unknown as () => unknown, self, args), connection),
    get: (target, key, receiver) => {
      const member = Reflect.get(target, key, receiver) as unknown;
      if (typeof member !== "function") return member;
      if (key === "unsafe" || key === "file" || key === "notify")
        return (...args: unknown[]) => caught(Reflect.apply(member, target, args), connection);
      if (key === "begin" || key === "savepoint")
        return (...args: unknown[]) => {
          const own = connection ?? { lost: false };
          const work = args.at(-1) as (tx: AnySql) => unknown;
          const inside = (tx: AnySql): Promise<unknown> => unlessLost(own, () => work(naming(tx, own)));
          return Promise.resolve(Reflect.apply(member, target, [...args.slice(0, -1), inside])).catch((error) => {
            own.lost ||= endsConnection(error);
            throw named(error);
          });
        };
      return member;
    },
  });

const unlessLost = async (connection: Connection, work: () => unknown): Promise<unknown> => {
  try {
    const made = await work();
    const value: unknown = Array.isArray(made) ? await Promise.all(made) : made;
    if (!connection.lost) return value;
  } catch (error) {
    if (!connection.lost) throw error;
  }
  return new Promise(() => {});
};

/** What `caught` needs of a query of postgres.js. */
interface Query {
  reject: (error: unknown) => void;
  handler: (query: Query) => unknown;
}

/** A query before it runs; anything else (identifiers, builders) passes. */
const caught = (made: unknown, connection: Connection | undefined): unknown => {
  if (!(made instanceof Promise) || !("reject" in made) || !("handler" in made)) return made;
  const query = made as unknown as Query;
  const { reject, handler } = query;
  query.reject = (error) => {
    if (connection !== undefined && endsConnection(error)) connection.lost = true;
    reject(named(error));
  };
  if (connection !== undefined)
    query.handler = (self) => (connection.lost ? reject(new WaglanError("WGL_STATE_GONE")) : handler(self));
  return made;
};
