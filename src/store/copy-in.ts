import type { Writable } from "node:stream";
import type { TransactionSql } from "postgres";

/**
 * Runs `statement` (`copy t (…) from stdin`) while `fill` writes and ends its rows; returns when the server has taken all.
 *
 * postgres.js 3.4.9 lets the writer wait for ever when the server refuses at the end of the rows (a foreign key, a
 * unique key of a partition): the refusal goes to the query, which was settled when the copy began. So the query's own
 * `reject` is listened to beside the stream.
 */
export const copyIn = async (
  tx: TransactionSql,
  statement: string,
  fill: (sink: Writable) => Promise<void>,
): Promise<void> => {
  const copying = tx.unsafe(statement);
  const refused = refusalOf(copying);
  const sink = await copying.writable();
  await Promise.race([fill(sink), refused]);
};

const refusalOf = (query: object): Promise<never> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const settling = query as { reject: (error: unknown) => void };
  const before = settling.reject;
  settling.reject = (error) => {
    before(error);
    reject(error);
  };
  promise.catch(() => {});
  return promise;
};
