import type { Migration } from "#store/migrate.ts";
import { sql as spine } from "#store/migrations/0001-spine.ts";

/** In order; once published, a number is never reused and a text never changed. */
export const migrations: readonly Migration[] = [{ number: 1, name: "spine", sql: spine }];
