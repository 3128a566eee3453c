import { open, readFile, rename } from "node:fs/promises";
import type { Sql } from "postgres";

/** A file that is whole or absent: written beside, then renamed. */
export const snapshotFile = (
  path: string,
): { readonly read: () => Promise<Uint8Array | undefined>; readonly write: (bytes: Uint8Array) => Promise<void> } => ({
  read: async () => {
    try {
      return await readFile(path);
    } catch {
      return undefined;
    }
  },
  write: async (bytes) => {
    const part = `${path}.part`;
    const file = await open(part, "w", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  },
});

/** Names a database of a cluster: positions of the change feed mean nothing in another. */
export const clusterName = async (sql: Sql): Promise<string> => {
  const [row] =
    await sql`select (select system_identifier::text from pg_control_system()) as cluster, (select oid::text from pg_database where datname = current_database()) as database`;
  return `${row?.["cluster"] as string}/${row?.["database"] as string}`;
};
