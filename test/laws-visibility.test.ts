import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { audiences, type Scope, visible } from "#community/visibility.ts";
import { type GroupId, type Marking, type OrganisationId, tlps } from "#core/marking.ts";
import { stateOf } from "#store/state.ts";
import { scopeSql } from "#store/scope-sql.ts";
import { testDatabase } from "./cluster.ts";
import { emptyDirectory, idOf, now, o, organisation } from "./incident-world.ts";

const owners = ["a", "b", "c", 'it\'s \\ "d"'].map(o);
const groups = ["g", "h", "{}"].map((name) => name as GroupId);
const shadows = [undefined, "hidden", "new-feed", "new-member"] as const;
interface Case {
  readonly id: string;
  readonly marking: Marking;
  readonly released: boolean;
}

/** Every marking there is, by every owner, group and shadow of a small world. */
const cases: readonly (Case & { readonly shadow: string | undefined })[] = [undefined, ...owners].flatMap((owner) =>
  tlps.flatMap((tlp) =>
    [undefined, ...groups].flatMap((group) =>
      shadows.map((shadow) => ({
        id: idOf("case", [owner, tlp, group, shadow].join()),
        shadow,
        released: shadow === undefined,
        marking: {
          tlp,
          pap: "clear",
          licence: "own",
          ...(owner === undefined ? {} : { owner }),
          ...(group === undefined ? {} : { group }),
        } as const,
      })),
    ),
  ),
);

const scope: fc.Arbitrary<Scope> = fc.record({
  all: fc.boolean(),
  groups: fc.subarray(groups),
  own: fc.subarray<OrganisationId>([...owners]),
  clientsOf: fc.subarray<OrganisationId>([...owners]),
  audience: fc.constantFrom(...audiences),
  red: fc.boolean(),
});

const runs = { numRuns: process.env["WAGLAN_LONG"] ? 5000 : 250 };

test("scopeSql() selects from findings, and from rows of the community's own, exactly what visible() says", async (t) => {
  const { sql } = await testDatabase(t);
  await stateOf(sql).act((tx) =>
    tx.community.put({ ...emptyDirectory, organisations: owners.map((key) => organisation(key)) }, now),
  );
  const time = new Date(now);
  const owned = cases.filter((one) => one.marking.owner !== undefined);
  await sql`insert into finding ${sql(
    owned.map(({ id, marking, shadow }) => ({
      ...{
        id,
        organisation: marking.owner as string,
        asset: id,
        problem_type: "other",
        problem_about: "",
        detector: "indicator-match",
      },
      ...{
        severity: "low",
        said: "low",
        certainty: "unknown",
        grade: "F6",
        state: "new",
        shadow: shadow ?? null,
        first_seen: time,
        last_seen: time,
        hits: 1,
      },
      ...{
        tlp: marking.tlp,
        pap: marking.pap,
        grp: marking.group ?? null,
        licence: marking.licence,
        opened: time,
        changed: time,
      },
    })) as never,
  )}`;
  await sql`create table community_row (id text, organisation text, tlp tlp, grp text, shadow text)`;
  await sql`insert into community_row ${sql(
    cases.map(({ id, marking, shadow }) => ({
      id,
      organisation: marking.owner ?? null,
      tlp: marking.tlp,
      grp: marking.group ?? null,
      shadow: shadow ?? null,
    })) as never,
  )}`;
  const wanted = (some: readonly Case[], of: Scope): string[] =>
    some
      .filter((one) => visible(one.marking, one.released, of))
      .map((one) => one.id)
      .sort();
  await fc.assert(
    fc.asyncProperty(scope, async (of) => {
      const [findings, rows] = await Promise.all([
        sql`select f.id::text as id from finding f where ${scopeSql(sql, of, "f")} order by 1`,
        sql`select id from community_row c where ${scopeSql(sql, of, "c")} order by 1`,
      ]);
      assert.deepEqual(findings.map((row) => row["id"] as string).sort(), wanted(owned, of));
      assert.deepEqual(rows.map((row) => row["id"] as string).sort(), wanted(cases, of));
      // what is not selected is refused, and never unknown: `not` of the condition selects the rest
      const [rest] = await sql`select count(*)::int as n from community_row c where not ${scopeSql(sql, of, "c")}`;
      assert.equal((rest?.["n"] as number) + rows.length, cases.length);
    }),
    runs,
  );
});
