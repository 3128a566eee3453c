import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { memberTerms } from "#community/agreement.ts";
import { instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import type { Listing } from "#jobs/listing.ts";
import { listShelf, readList, sendList } from "#jobs/lists/release.ts";
import { buildAssetIndex } from "#community/asset-index.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import { startEmbedded } from "#store/embedded.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { naming } from "#store/gone.ts";
import { stateSettings } from "#store/open.ts";
import { stateOf } from "#store/state.ts";
import { views } from "#store/views.ts";
import { figure } from "./figure.ts";

/**
 * A block-list of a million addresses and names, made from state and asked for again: how long the first reader waits, how
 * much memory it takes, and how fast one who has it is told so (304).
 */
const total = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), "waglan-bench-lists-"));
const embedded = await startEmbedded(join(folder, "state"));
const sql = naming(
  postgres({ ...stateSettings({ applicationName: "waglan bench" }), ...embedded.address() }) as unknown as Sql,
);
try {
  await migrate(sql, migrations);
  await sql`insert into feed_state (feed, shadow, live_days, voice, last_good) values ('list', false, 30, 'alert', now())`;
  await sql`insert into indicator (id, kind, value, first_seen) select gen_random_uuid(), case when n % 2 = 0 then 'ipv4' else 'domain' end,
    case when n % 2 = 0 then host('20.0.0.0'::inet + n) else 'host-' || md5(n::text) || '.example' end, now() from generate_series(1, ${total}) n`;
  await sql`insert into claim (indicator, feed, first_seen, last_seen, grade, labels, parts, flags, tlp, pap, licence)
    select id, 'list', now(), now(), 'B2', '{bot}', '{a}', '{}', 'clear', 'clear', 'own' from indicator`;
  await sql`analyze`;
  const party = "o1" as OrganisationId;
  const known = {
    directory: {
      community: { names: { en: "Bench" } },
      agreements: [memberTerms(party, instant(0))],
      groups: [],
      organisations: [],
    },
    assets: buildAssetIndex([]),
    organisation: (id: OrganisationId) =>
      id === party ? { id, kind: "member", clientOf: [], names: { en: "One" }, since: instant(0) } : undefined,
  } as unknown as Known;
  const exclusions = buildExclusions([]);
  const listing: Listing = {
    ...{ state: stateOf(sql), views: views(sql), portal: "https://waglan.cert.example", titleOf: (feed) => feed },
    ...{ known: () => known, exclusions: () => exclusions },
    idOf: (kind, key) => Buffer.from(`${kind} ${key}`.padEnd(16)).toString("hex").slice(0, 32),
  };
  const recipient = recipientOf(known, party);
  if (!recipient) throw new Error("no recipient");
  const now = instant(Date.now());
  for (const format of ["txt", "rules"] as const) {
    const asked = await readList(listing, recipient, "all", format, {});
    if (!asked.ok) throw new Error(asked.problem.message);
    const shelf = listShelf();
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 50);
    const began = performance.now();
    const cpu = process.cpuUsage();
    const sent = await sendList(listing, shelf, party, asked.value, now);
    const seconds = (performance.now() - began) / 1000;
    const used = process.cpuUsage(cpu);
    clearInterval(watch);
    const packed = (sent?.packed ?? []).reduce((sum, { length }) => sum + length, 0);
    figure(`${format}: ${sent?.count} values made, first reader`, seconds, "s", "");
    figure(`${format}: our own processor`, (used.user + used.system) / 1e6, "s", "");
    figure(`${format}: memory on top`, (most - before) / 1_048_576, "MB", "");
    figure(`${format}: kept packed`, packed / 1_048_576, "MB", "");
    const times = [];
    for (let n = 0; n < 200; n++) {
      const at = performance.now();
      const again = await sendList(listing, shelf, party, asked.value, now, { etags: [sent?.etag ?? ""] });
      if (again?.packed !== undefined) throw new Error("sent again what the reader has");
      times.push(performance.now() - at);
    }
    figure(`${format}: 304, p95`, times.toSorted((a, b) => a - b)[190] ?? 0, "ms", "");
  }
  // seconds are by the clock, so what else the machine did counts; the processor's hardly know of it
  figure("lists: load of the machine", loadavg()[0] ?? 0, "processes", "");
} finally {
  await sql.end({ timeout: 1 });
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}
