import type { Sql, TransactionSql } from "postgres";

/**
 * Bytes as a value of a statement, for those that come by the megabyte. postgres.js writes bytea as hexadecimal digits, two
 * characters a byte, which it copies four times over on the thread that serves: a body of 1.2 MB costs that thread 11 ms.
 * As Base64 it costs 5; PostgreSQL decodes both in the same time. RFC 4648 §4, without line breaks.
 */
export const packedBytes = (sql: Sql | TransactionSql, bytes: Uint8Array): ReturnType<Sql> =>
  sql`decode(${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}::text, 'base64')`;
