import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { memberTerms } from "#community/agreement.ts";
import type { Sensor } from "#community/sensor.ts";
import { instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import { giveKnowledge, type Giving } from "#jobs/sensors/knowledge.ts";
import { startEmbedded } from "#store/embedded.ts";
import { naming } from "#store/gone.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { stateSettings } from "#store/open.ts";
import { stateOf } from "#store/state.ts";
import { views } from "#store/views.ts";
import { figure } from "./figure.ts";

/**
 * What a sensor may look for, of a million values: the first answer that anybody under its terms is given (made from state),
 * the next in full (another sensor), one after 1,000 changes, and one that has nothing to say.
 */
const total = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), "waglan-bench-knowledge-"));
const embedded = await startEmbedded(join(folder, "state"));
const sql = naming(
  postgres({ ...stateSettings({ applicationName: "waglan bench" }), ...embedded.address() }) as unknown as Sql,
);
try {
  await migrate(sql, migrations);
  const party = "o1" as OrganisationId;
  await sql`insert into organisation (id, key, names, kind, languages, zone, shadow, since) values (${party}, 'one', '{"en": "One"}', 'member', '{en}', 'UTC', false, 'epoch')`;
  await sql`insert into sensor (id, key, organisation, title, format) values ('s1', 'edge', ${party}, 'Edge', 'suricata-eve')`;
  await sql`insert into feed_state (feed, shadow, live_days, voice, last_good) values ('list', false, 30, 'alert', now())`;
  await sql`insert into indicator (id, kind, value, first_seen) select gen_random_uuid(), case when n % 2 = 0 then 'ipv4' else 'domain' end,
    case when n % 2 = 0 then host('20.0.0.0'::inet + n) else 'host-' || md5(n::text) || '.example' end, now() from generate_series(1, ${total}) n`;
  await sql`insert into claim (indicator, feed, first_seen, last_seen, grade, labels, parts, flags, tlp, pap, licence)
    select id, 'list', now(), now(), 'B2', '{bot}', '{a}', '{}', 'green', 'clear', 'own' from indicator`;
  await sql`analyze`;
  const sensor = {
    ...{ id: "s1", key: "edge", organisation: party, title: "Edge", format: "suricata-eve", networks: [] },
  } as unknown as Sensor;
  const known = {
    directory: { agreements: [memberTerms(party, instant(0))], groups: [], organisations: [] },
    organisation: (id: OrganisationId) =>
      id === party ? { id, kind: "member", clientOf: [], names: { en: "One" }, since: instant(0) } : undefined,
  } as unknown as Known;
  const exclusions = buildExclusions([]);
  const giving: Giving = {
    ...{
      state: stateOf(sql),
      views: views(sql),
      known: () => known,
      exclusions: () => exclusions,
      secret: "5e".repeat(32),
    },
    exclusionsNamed: () => "none",
    idOf: (kind, key) => createHash("sha256").update(`${kind}\0${key}`).digest("hex"),
  };
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
  const ask = async (what: string, since?: string): Promise<string> => {
    const [before, cpu] = [performance.now(), process.cpuUsage()];
    const given = await giveKnowledge(giving, sensor, since, instant(Date.now()));
    if (given === undefined) throw new Error("nothing was given");
    const { user, system } = process.cpuUsage(cpu);
    const bytes = given.packed.reduce((sum, { length }) => sum + length, 0);
    figure(`${what}: ${given.count} values`, (performance.now() - before) / 1000, "s", "");
    figure(`${what}: our own processor`, (user + system) / 1e6, "s", "");
    figure(`${what}: packed`, bytes / 1_048_576, "MB", "");
    return given.cursor;
  };
  const rest = process.memoryUsage().rss;
  const first = await ask("first of these terms");
  await ask("in full again");
  await sql`with gone as (update claim set gone_at = now() where indicator in (select indicator from claim limit 1000) returning indicator)
    insert into intel_change (feed, ids, at) select 'list', array_agg(indicator), now() from gone`;
  const second = await ask("after 1,000 changes", first);
  await ask("nothing new", second);
  clearInterval(timer);
  figure("memory on top", (most - rest) / 1_048_576, "MB", "");
  figure("load of the machine", loadavg()[0] ?? 0, "processes", "");
} finally {
  await sql.end({ timeout: 1 });
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}
