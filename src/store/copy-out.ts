import { once } from "node:events";
import type { TransactionSql } from "postgres";

/**
 * The bytes of `statement` (`copy … to stdout`), with back-pressure down to the server's socket.
 *
 * postgres.js 3.4.9 leaves the socket paused when a slow reader is still behind at the last row, and pauses it for good
 * when the reader leaves early: the connection then never hears of another query. So the rest is drained, and the
 * stream's own `_read`, which resumes the socket, is called once more.
 */
export async function* copyOut(tx: TransactionSql, statement: string): AsyncGenerator<Buffer> {
  const rows = await tx.unsafe(statement).readable();
  try {
    for await (const chunk of rows.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } finally {
    if (rows.errored === null) {
      if (!rows.readableEnded) {
        const ended = once(rows, "end");
        rows.resume();
        await ended;
      }
      rows._read(0);
    }
  }
}
