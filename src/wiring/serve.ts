import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pino } from "pino";
import { Registry } from "prom-client";
import { WaglanError } from "#core/result.ts";
import { type HttpOptions, openHttp } from "#http/server.ts";
import { acts } from "#jobs/acts/acts.ts";
import { collectFeed } from "#jobs/collect/feed.ts";
import type { Loops } from "#jobs/loops.ts";
import type { Config } from "#jobs/config/config.ts";
import { deskOf } from "#wiring/desk.ts";
import { workBehind } from "#wiring/gently.ts";
import { measurePartitions } from "#wiring/partitions.ts";
import { openInputs, type RunningInputs } from "#wiring/inputs.ts";
import { packageVersion } from "#wiring/version.ts";
import { openWaglan, type Waglan } from "#wiring/waglan.ts";

type Log = NonNullable<HttpOptions["log"]>;

/** The folder of this checkout or package: two above this file in both. */
const root = new URL("../../", import.meta.url);

/** Runs one waglan until `stop`: its loops, and HTTP where the process has the role `api`. */
export const serve = async (config: Config, stop: AbortSignal, say: (text: string) => void): Promise<void> => {
  const log: Log = pino(
    { base: null, level: process.env["WAGLAN_LOG"] ?? (config.sample ? "warn" : "info") },
    pino.destination(2),
  );
  if (config.sample) (await import("#sample/play.ts")).prepareSample(config.data);
  workBehind();
  const waglan = await openWaglan(config);
  if (waglan.history.kind === "off") say(`History is off: ${waglan.history.reason()}. Everything else works.`);
  const fresh = config.sample && (await setUp(waglan));
  const failed = (loop: string, error: unknown): void => {
    if (error instanceof WaglanError) log.warn({ loop, code: error.code }, error.message);
    else log.error({ loop, err: error }, "a loop failed and goes on");
  };
  const loops = waglan.loops(failed);
  const metrics = new Registry();
  const served = config.roles.includes("api") ? await openApi(waglan, loops, log, metrics) : undefined;
  let inputs: RunningInputs | undefined;
  try {
    inputs = await openInputs(waglan, metrics, () => loops.wake("match"), failed);
    measurePartitions(waglan.state, waglan.directory, metrics, waglan.now);
    for (const { input } of inputs.listeners) say(`syslog is taken on ${input}`);
    if (served) say(`waglan listens on ${await served.listen(config.http.host, config.http.port)}`);
    if (fresh) await play(waglan, loops, say);
    if (config.sample) await sayWhereItStands(waglan, say);
    if (!stop.aborted)
      await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
    say("Stopping: what is under way is finished first.");
  } finally {
    await served?.close();
    await inputs?.close();
    await loops.stop();
    await waglan.close();
  }
};

const openApi = async (waglan: Waglan, loops: Loops, log: Log, metrics: Registry) => {
  const { config } = waglan;
  const csp = JSON.parse(await readFile(new URL("web/csp.json", root), "utf8")) as {
    "style-src": string[];
    "trusted-types": string[];
  };
  const { tls, publicUrl, trustProxy } = config.http;
  const contact = config.contact ?? `mailto:${waglan.alerting.from.address}`;
  return openHttp({
    acts: acts(deskOf(waglan, loops)),
    portal: new URL("web/dist/", root).pathname,
    policy: { styles: csp["style-src"], trustedTypes: csp["trusted-types"] },
    security: {
      contacts: [/^(?:mailto|https|tel):/.test(contact) ? contact : `mailto:${contact}`],
      languages: ["en", "zh-Hant", "zh-Hans"],
      ...(publicUrl === undefined ? {} : { canonical: `${publicUrl}/.well-known/security.txt` }),
    },
    version: packageVersion(),
    log,
    metrics,
    ...(tls === undefined ? {} : { tls: { cert: await readFile(tls.cert), key: await readFile(tls.key) } }),
    ...(trustProxy.length > 0 ? { trustProxy } : {}),
  });
};

const setUp = async (waglan: Waglan): Promise<boolean> => (await import("#sample/play.ts")).setUpSample(waglan);

/**
 * Plays the sample's day: its inventories, feeds and its partner's post first, as they would have been there before, then
 * what its sensors saw; and in the evening, when everybody was told, one thing is taken back.
 */
const play = async (waglan: Waglan, loops: Loops, say: (text: string) => void): Promise<void> => {
  const { bringInventories, judgeMisjudged, playTelemetry, postFromPartner } = await import("#sample/play.ts");
  // before anybody says that something of it is weak: what an inventory lists, the directory need not be asked
  await bringInventories(waglan);
  for (const source of waglan.sources) await collectFeed(waglan.collecting, source);
  loops.wake("products");
  await waglan.memory.refresh(waglan.now());
  await postFromPartner(waglan, acts(deskOf(waglan, loops)));
  for (const loop of ["join", "join-stix"]) loops.wake(loop);
  const batches = await playTelemetry(waglan);
  say(`A day of telemetry was handed in, in ${batches} batches.`);
  await untilTold(waglan);
  if ((await judgeMisjudged(waglan)) > 0) loops.wake("alert");
  await untilTold(waglan);
};

/** Until what is matched, told and delivered has no queue any more. */
const untilTold = async ({ database }: Waglan): Promise<void> => {
  for (let waiting = 1; waiting > 0; ) {
    await wait(200);
    const [row] = await database.sql`select (select count(*) from telemetry_batch where matched is null)
      + (select count(*) from queue where kind in ('alert', 'join-stix')) + (select count(*) from outbox where next_at is not null) as n`;
    waiting = row?.["n"] as number;
  }
};

const sayWhereItStands = async (waglan: Waglan, say: (text: string) => void): Promise<void> => {
  const [row] = await waglan.database
    .sql`select (select coalesce(sum(rows), 0)::bigint from feed_turn) as rows, (select count(*) from indicator) as indicators,
    (select count(*) from report) as reports, (select count(*) from advisory where not bare) as advisories,
    (select coalesce(sum(lines), 0)::bigint from telemetry_batch) as records, (select count(*) from hit) as hits, (select count(*) from finding) as findings,
    (select count(*) from incident where state <> 'dismissed' and organisation is null) as incidents, (select count(*) from alert) as alerts, (select count(*) from outbox where sent is not null) as mails`;
  const { sampleAccounts } = await import("#sample/accounts.ts");
  const count = (key: string): string => Number(row?.[key] ?? 0).toLocaleString("en");
  say(
    [
      "",
      `  rows read from feeds   ${count("rows")}`,
      `  indicators             ${count("indicators")}`,
      `  reports about assets   ${count("reports")}`,
      `  advisories             ${count("advisories")}`,
      `  records matched        ${count("records")}`,
      `  hits                   ${count("hits")}`,
      `  findings               ${count("findings")}`,
      `  potential incidents    ${count("incidents")}`,
      `  alerts                 ${count("alerts")}, ${count("mails")} mails in ${join(waglan.config.data, waglan.config.mail.folder)}`,
      "",
      `  Portal                 ${waglan.alerting.portal}`,
      ...sampleAccounts.map(({ name, password, who }) => `  sign in as ${name.padEnd(12)}${password.padEnd(26)}${who}`),
      "",
    ].join("\n"),
  );
};
