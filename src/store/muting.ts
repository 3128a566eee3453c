import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import type { IncidentState } from "#incidents/ports.ts";
import { listed, type FindingState } from "#incidents/state.ts";
import type { Silence } from "#incidents/silence.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { findingRow, openStates } from "#store/finding-row.ts";
import { storable, storableText } from "#store/storable.ts";
import { plainKey } from "#store/stories.ts";

type Verbs =
  | "mutables"
  | "around"
  | "mute"
  | "mutedNow"
  | "unheld"
  | "silencesInForce"
  | "putSilence"
  | "silenceById"
  | "endSilence"
  | "silencesOver"
  | "silenceable"
  | "silence"
  | "unsilence"
  | "feedsOf";

/** Findings that hold other findings back, and silences that people made. */
export const mutingState = (sql: TransactionSql): Pick<IncidentState, Verbs> => ({
  mutables: async (findings) => {
    if (findings.length === 0) return [];
    const rows =
      await sql`select f.n, f.id, f.organisation, f.veiled, f.detector, f.problem_type, f.severity, f.state, f.silence,
          array(select distinct s.feed from finding_source s where s.finding = f.n) as feeds,
          (select coalesce(json_agg(json_build_object('key', e.key, 'first', extract(epoch from e.first_seen) * 1000, 'last', extract(epoch from e.last_seen) * 1000)), '[]')
            from finding_entity e where e.finding = f.n) as entities
        from finding f where f.n = any(${[...findings]}::bigint[]) order by f.n`;
    return rows.map((row) => ({
      n: row["n"] as number,
      id: row["id"] as string,
      organisation: row["organisation"] as string,
      veiled: row["veiled"] as boolean,
      detector: row["detector"] as Hit["detector"],
      sources: row["feeds"] as string[],
      problem: row["problem_type"] as RsitType,
      severity: row["severity"] as Severity,
      stands: listed[row["state"] as FindingState] === "open" && row["silence"] === null,
      entities: (row["entities"] as { key: string; first: number; last: number }[]).map(({ key, first, last }) => ({
        ...{ key: plainKey(key), first: Math.trunc(first) as Instant, last: Math.trunc(last) as Instant },
      })),
    }));
  },

  around: async (findings, which, withinMs) => {
    if (findings.length === 0 || which.length === 0) return [];
    const kinds = which.map((one) => ({
      detectors: one.detectors === undefined ? null : [...one.detectors],
      sources: one.sources === undefined ? null : [...one.sources],
      problems: one.problems === undefined ? null : [...one.problems],
    }));
    return (
      await sql`select distinct o.n from finding f join finding_entity e on e.finding = f.n join finding_entity g on g.key = e.key and g.finding <> e.finding
          and g.first_seen <= e.last_seen + ${withinMs} * interval '1 millisecond' and g.last_seen >= e.first_seen - ${withinMs} * interval '1 millisecond'
        join finding o on o.n = g.finding
        where f.n = any(${[...findings]}::bigint[]) and o.organisation = f.organisation and o.state = any(${[...openStates]}::text[])
          and exists (select from jsonb_to_recordset(${sql.json(kinds)}) as w (detectors text[], sources text[], problems text[])
            where (w.detectors is null or o.detector = any(w.detectors)) and (w.problems is null or o.problem_type = any(w.problems))
              and (w.sources is null or exists (select from finding_source s where s.finding = o.n and s.feed = any(w.sources))))
        order by o.n`
    ).map((row) => row["n"] as number);
  },

  mute: async (muted) => {
    if (muted.length > 0)
      await sql`update finding f set muted_by = r.by from jsonb_to_recordset(${sql.json(muted.map(({ n, by }) => ({ n, by: by ?? null })))}) as r (n bigint, by bigint) where f.n = r.n`;
  },

  mutedNow: async (findings) =>
    new Set(
      (await sql`select n from finding where n = any(${[...findings]}::bigint[]) and muted_by is not null`).map(
        (row) => row["n"] as number,
      ),
    ),

  unheld: async () =>
    (
      await sql`select f.* from finding f join finding m on m.n = f.muted_by
        where not (m.state = any(${[...openStates]}::text[])) or m.silence is not null order by f.n limit 500 for update of f skip locked`
    ).map(findingRow),

  silencesInForce: async (now) =>
    (await sql`select * from silence where ended is null and until > ${timeOf(now)} order by n`).map(silenceRow),

  putSilence: async ({ id, matcher, reason, who, at, until }) => {
    const [row] = await sql`insert into silence (id, matcher, reason, who, at, until)
      values (${id}, ${sql.json(storable({ ...matcher }))}, ${storableText(reason)}, ${storableText(who)}, ${timeOf(at)}, ${timeOf(until)}) returning n`;
    const n = row?.["n"] as number;
    await sql`insert into silence_effect (silence, findings, hits) values (${n}, 0, 0)`;
    return n;
  },

  silenceById: async (id, now) => {
    if (!isUuid(id)) return undefined;
    const [row] =
      await sql`select * from silence where id = ${id} and ended is null and until > ${timeOf(now)} for update`;
    return row && silenceRow(row);
  },

  endSilence: async (n, by, reason, at) => {
    await sql`update silence set ended = ${timeOf(at)}, ended_by = ${storableText(by)}, ended_reason = ${storableText(reason)} where n = ${n}`;
  },

  silencesOver: async (now) =>
    (
      await sql`update silence set ended = until where n in (select n from silence where ended is null and until <= ${timeOf(now)} for update skip locked) returning n`
    ).map((row) => row["n"] as number),

  silenceable: async ({ organisation, problem, detector, source }) =>
    (
      await sql`select f.n, f.id, f.organisation, f.asset, f.problem_type, f.problem_about, f.detector, array(select distinct s.feed from finding_source s where s.finding = f.n) as feeds
        from finding f where f.state = any(${[...openStates]}::text[]) and f.silence is null
          and (${organisation ?? null}::text is null or f.organisation = ${organisation ?? null})
          and (${problem ?? null}::text is null or f.problem_type = ${problem ?? null})
          and (${detector ?? null}::text is null or f.detector = ${detector ?? null})
          and (${source ?? null}::text is null or exists (select from finding_source s where s.finding = f.n and s.feed = ${source ?? null}))
        order by f.n for update of f`
    ).map((row) => ({
      ...{ n: row["n"] as number, id: row["id"] as string, organisation: row["organisation"] as string },
      ...{ asset: row["asset"] as string, detector: row["detector"] as Hit["detector"] },
      problem: { type: row["problem_type"] as RsitType, about: row["problem_about"] as string },
      sources: row["feeds"] as string[],
    })),

  silence: async (findings) => {
    if (findings.length === 0) return;
    const rows = sql.json(findings.map(({ n, hits, silence }) => ({ n, hits, silence })));
    await sql`update silence_effect e set findings = e.findings + r.findings, hits = e.hits + r.hits
      from (select r.silence, count(*) filter (where f.silence is null) as findings, sum(r.hits) as hits
        from jsonb_to_recordset(${rows}) as r (n bigint, hits bigint, silence bigint) join finding f on f.n = r.n group by r.silence) r where e.silence = r.silence`;
    await sql`update finding f set silence = r.silence from jsonb_to_recordset(${rows}) as r (n bigint, silence bigint) where f.n = r.n and f.silence is null`;
  },

  unsilence: async (silences) =>
    silences.length === 0
      ? []
      : (await sql`update finding set silence = null where silence = any(${[...silences]}::bigint[]) returning *`).map(
          findingRow,
        ),

  feedsOf: async (findings) =>
    new Map(
      (
        await sql`select finding, array_agg(distinct feed) as feeds from finding_source where finding = any(${[...findings]}::bigint[]) group by finding`
      ).map((row) => [row["finding"] as number, row["feeds"] as string[]]),
    ),
});

export const silenceRow = (row: Record<string, unknown>): Silence & { readonly n: number } => ({
  n: row["n"] as number,
  id: row["id"] as string,
  matcher: row["matcher"] as Silence["matcher"],
  reason: row["reason"] as string,
  who: row["who"] as string,
  at: row["at"] as Instant,
  until: row["until"] as Instant,
  ...(row["ended"] === null ? {} : { ended: row["ended"] as Instant }),
});
