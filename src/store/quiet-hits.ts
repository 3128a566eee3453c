import type { TransactionSql } from "postgres";
import { quietMs } from "#incidents/correlate.ts";
import type { IncidentState } from "#incidents/ports.ts";
import { timeOf } from "#store/columns.ts";
import { storable, storableText } from "#store/storable.ts";

/** Hits of detectors whose record does not allow them to speak. */
export const quietState = (sql: TransactionSql): Pick<IncidentState, "addQuiet" | "forgetQuiet"> => ({
  addQuiet: async (hits, batch, at) => {
    if (hits.length === 0) return { fresh: 0, incidents: [] };
    const rows = hits.map(({ hit, feed, tlp }) => ({
      ...{
        id: hit.id,
        organisation: hit.organisation,
        feed,
        tlp,
        asset: storableText(hit.asset),
        detector: hit.detector,
      },
      ...{ severity: hit.severity, time: timeOf(hit.time).toISOString(), attack: [...hit.attack] },
      noticed: hit.noticed === undefined ? null : (storable(JSON.parse(JSON.stringify(hit.noticed))) as never),
      ...{ file: storableText(hit.evidence.file), line: hit.evidence.line, evidence: storableText(hit.evidence.text) },
    }));
    const fresh =
      await sql`insert into quiet_hit (id, organisation, feed, tlp, asset, detector, severity, time, attack, noticed, file, line, evidence, batch, at)
        select id, organisation, feed, tlp, asset, detector, severity, time, attack, noticed, file, line, evidence, ${batch ?? null}, ${timeOf(at)}
        from jsonb_to_recordset(${sql.json(rows)}) as r (id text, organisation text, feed text, tlp tlp, asset text, detector text, severity severity, time timestamptz, attack text[],
          noticed jsonb, file text, line integer, evidence text) on conflict (id) do nothing returning id`;
    const known = new Set(fresh.map((row) => row["id"] as string));
    const keys = hits.flatMap(({ hit, keys: some }) =>
      known.has(hit.id) ? some.map((key) => ({ key, hit: hit.id, time: timeOf(hit.time).toISOString() })) : [],
    );
    if (keys.length === 0) return { fresh: known.size, incidents: [] };
    await sql`insert into quiet_hit_entity (key, hit, time) select key, hit, time from jsonb_to_recordset(${sql.json(keys)}) as r (key uuid, hit text, time timestamptz) on conflict do nothing`;
    const incidents =
      await sql`select distinct t.incident from jsonb_to_recordset(${sql.json(keys)}) as r (key uuid, time timestamptz) join incident_tie t on t.key = r.key
        and t.first_seen <= r.time + ${quietMs} * interval '1 millisecond' and t.last_seen >= r.time - ${quietMs} * interval '1 millisecond'`;
    return { fresh: known.size, incidents: incidents.map((row) => row["incident"] as number) };
  },

  forgetQuiet: async (before) =>
    (await sql`delete from quiet_hit where time < ${timeOf(before)} and at < ${timeOf(before)}`).count,
});
