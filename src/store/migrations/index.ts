import type { Migration } from "#store/migrate.ts";
import { sql as spine } from "#store/migrations/0001-spine.ts";
import { sql as veil } from "#store/migrations/0002-veil.ts";
import { sql as personLanguage } from "#store/migrations/0003-person-language.ts";
import { sql as claimsOpen } from "#store/migrations/0004-claims-open.ts";

/** In order; a number is never reused and a published text never changes. */
export const migrations: readonly Migration[] = [
  { number: 1, name: "spine", sql: spine },
  { number: 2, name: "veil", sql: veil },
  { number: 3, name: "person-language", sql: personLanguage },
  { number: 4, name: "claims-open", sql: claimsOpen },
];
