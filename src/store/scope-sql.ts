import type { Fragment, Sql, TransactionSql } from "postgres";
import type { Scope } from "#community/visibility.ts";

/**
 * `community/visibility.ts` `visible`, as a condition on a table or alias with the columns organisation (the owner, may
 * be null), tlp, grp and shadow. The only way from a Viewer to rows; a property test holds it to the pure predicate.
 */
export const scopeSql = (sql: Sql | TransactionSql, scope: Scope, alias: string): Fragment => {
  const t = sql(alias);
  const groups = sql`(${t}.grp is null or ${t}.grp = any(${[...scope.groups]}))`;
  const own = sql`coalesce(${t}.organisation = any(${[...scope.own]}), false)`;
  if (scope.all) return sql`(${groups} and (${t}.tlp <> 'red' or ${scope.red} or ${own}))`;
  return sql`(${groups} and ${t}.shadow is null and (${t}.tlp = 'clear' or ${own}
    or (${t}.tlp = 'green' and ${scope.audience !== "public"})
    or (${t}.tlp = 'amber' and case when ${t}.organisation is null then ${scope.audience === "member"} else ${t}.organisation = any(${[...scope.clientsOf]}) end)))`;
};
