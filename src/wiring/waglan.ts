import { createHash, sign } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deliver } from "#alerts/ports.ts";
import { hour, instant, type Instant, minute } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import { WaglanError } from "#core/result.ts";
import type { ValuePolicy } from "#core/value-policy.ts";
import { openFolder } from "#deliver/folder.ts";
import { openSmtp } from "#deliver/smtp.ts";
import { webhookOver } from "#deliver/webhook.ts";
import { readWarninglist, type Warninglist } from "#feeds/warninglist.ts";
import type { ReadPolicy } from "#feeds/read.ts";
import type { History } from "#history/history.ts";
import { type HistoryPlace, openHistory, placeName } from "#history/open.ts";
import { ExclusionMemory } from "#jobs/indicators/exclusion-memory.ts";
import { FamilyMemory } from "#jobs/threat-names/memory.ts";
import { endExclusions } from "#jobs/indicators/exclude.ts";
import { reweighQueued } from "#jobs/findings/reweigh-queued.ts";
import { countScorecards } from "#jobs/indicators/scorecard.ts";
import type { Accounts } from "#jobs/community/accounts.ts";
import { age, forgetKept, type Keeping } from "#jobs/indicators/age.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { collectFeed, type CollectingFeeds, dueSources, type Source } from "#jobs/collect/feed.ts";
import { garbage } from "#wiring/garbage.ts";
import { gently, readingThreads } from "#wiring/gently.ts";
import { openPartitions } from "#wiring/partitions.ts";
import { ruleFolders } from "#wiring/rule-folders.ts";
import { acrossOf, type Config, placeOf } from "#jobs/config/config.ts";
import { mailboxOf, mailServerOf } from "#jobs/config/mail.ts";
import { type ConfiguredFeed, configuredFeeds } from "#jobs/collect/configured-feeds.ts";
import { deliverMail } from "#jobs/alerts/deliver-mail.ts";
import { DirectoryMemory, worthOf } from "#jobs/community/directory-memory.ts";
import { indexSearch } from "#jobs/search/index.ts";
import { type Joining, joinAsset, joinIndicators } from "#jobs/indicators/join.ts";
import { joinReportedAsset, joinReports } from "#jobs/inventory/join-reports.ts";
import { joinStix } from "#jobs/stix/join.ts";
import { joinMisp } from "#jobs/misp/claims.ts";
import { AskedHunts } from "#jobs/hunt/asked.ts";
import { huntChanges } from "#jobs/hunt/hunt.ts";
import { findProducts } from "#jobs/inventory/findings.ts";
import { joinInventories } from "#jobs/inventory/join.ts";
import { tellProducts } from "#jobs/inventory/tell.ts";
import { huntAsset } from "#jobs/hunt/asset.ts";
import { type CauseSteps, huntCauses } from "#jobs/hunt/cause.ts";
import { huntExclusion } from "#jobs/hunt/exclusion.ts";
import { huntRules } from "#jobs/hunt/rule.ts";
import { wantRuleHunts } from "#jobs/hunt/rule-wanted.ts";
import { huntFeed } from "#jobs/hunt/feed.ts";
import { huntAgreement, huntOrganisation } from "#jobs/hunt/party.ts";
import { HeldHistory } from "#jobs/history/held.ts";
import { bytesAtOnce, keepHistory } from "#jobs/history/keep.ts";
import { Merges } from "#jobs/history/merges.ts";
import { type Loop, type Loops, startLoops } from "#jobs/loops.ts";
import { MatchMemory } from "#jobs/batches/match-memory.ts";
import { Turnstile } from "#jobs/batches/turnstile.ts";
import { RuleMemory } from "#jobs/rules/memory.ts";
import { spokenRules } from "#jobs/rules/spoken.ts";
import { type Matching, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import type { State } from "#jobs/ports.ts";
import { pruneLogs } from "#jobs/prune.ts";
import { keepDefaults, pruneKept } from "#jobs/history/prune.ts";
import { recallIndicators } from "#jobs/recall/recall.ts";
import { listShelf } from "#jobs/lists/release.ts";
import { deliverWebhooks } from "#jobs/webhooks/deliver.ts";
import { tellListChanges } from "#jobs/webhooks/lists.ts";
import { type Alerting, raiseAlerts } from "#jobs/alerts/raise.ts";
import type { Community } from "#jobs/findings/record-hits.ts";
import type { Views } from "#jobs/views.ts";
import { openEgress } from "#net/egress.ts";
import { accounts } from "#store/accounts.ts";
import { openArchive } from "#store/archive.ts";
import { mailFolder } from "#store/mail-folder.ts";
import { sequence } from "#store/evidence.ts";
import { historyLedger } from "#store/history-steps.ts";
import { streamLive } from "#store/intel.ts";
import { clusterName, snapshotFile } from "#store/snapshot.ts";
import { migrate } from "#store/migrate.ts";
import { migrations } from "#store/migrations/index.ts";
import { noteMove } from "#store/moved.ts";
import { openState, type State as Database } from "#store/open.ts";
import { deploymentSecrets, type Secrets } from "#store/secrets.ts";
import { stateOf } from "#store/state.ts";
import { views } from "#store/views.ts";

/** One waglan, wired: what the command line, the loops and HTTP are given. Only this file knows adapters. */
export interface Waglan {
  readonly config: Config;
  readonly database: Database;
  readonly state: State;
  /** The same, over connections that no loop holds: for who answers people and sensors. */
  readonly front: State;
  readonly views: Views;
  readonly accounts: Accounts;
  readonly history: History;
  readonly secrets: Secrets;
  readonly directory: DirectoryMemory;
  readonly matching: Matching;
  readonly joining: Joining;
  readonly alerting: Alerting;
  readonly collecting: CollectingFeeds;
  readonly deliver: Deliver;
  readonly memory: MatchMemory;
  readonly exclusions: ExclusionMemory;
  readonly rules: RuleMemory;
  readonly sources: readonly Source[];
  readonly idOf: (kind: string, key: string) => string;
  /** Names this deployment's evidence log in checkpoints. */
  readonly logOrigin: string;
  /** The loops of the roles this process has. */
  readonly loops: (failed: (loop: string, error: unknown) => void) => Loops;
  readonly now: () => Instant;
  readonly close: () => Promise<void>;
}
import { originOfStream, stompOver, streamsOf } from "./streams.ts";

/** Loops that match, the first of them by the name under which it is woken and asked after. */
const matchLoop = (n: number): string => (n === 0 ? "match" : `match ${n + 1}`);
/** Connections for requests: one takes a millisecond or two of them. */
const answersAtOnce = 8;
/** A group, and what comes while it is put in; what is beyond is read again. */
const heldHistoryBytes = 2 * bytesAtOnce;

const clock = (): Instant => instant(Date.now());

/** Opaque, unordered, the same for the same key in one deployment: a keyed digest written as a uuid. */
const ids =
  (secret: string) =>
  (kind: string, key: string): string => {
    const hex = createHash("sha256").update(`${secret}\0${kind}\0${key}`).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
  };

/**
 * Opens everything a waglan stands on: state (migrated), history (or its absence, with the reason), directory, feeds,
 * exclusions. Nothing runs until `loops` is called; the match index is built by the loop that needs it.
 */
export const openWaglan = async (
  config: Config,
  options: {
    readonly now?: () => Instant /** Use the state of a waglan that is serving, and no history. */;
    readonly beside?: boolean;
  } = {},
): Promise<Waglan> => {
  const now = options.now ?? clock;
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const database = await openState(
    config.database.url === undefined ? { dataDir: config.data } : { url: config.database.url },
    {
      applicationName: "waglan",
      // each batch that is read holds a connection until what it showed is written down
      max: Math.max(10, readingThreads(config.telemetry.threads) + 8),
      embedded: { join: options.beside === true },
    },
  );
  try {
    await migrate(database.sql, migrations);
    await noteMove(database.sql);
    const secrets = await deploymentSecrets(database.sql);
    const state = stateOf(database.sql, database.bodies);
    const place = options.beside === true ? { off: true as const } : placeOfHistory(config);
    const history = await openHistory(place);
    if (history.kind !== "off") await history.migrate(historyLedger(database.sql, placeName(place)));
    return await wire(config, database, state, history, secrets, now, options.beside === true);
  } catch (error) {
    await database.close();
    throw error;
  }
};

export const placeOfHistory = (config: Config): HistoryPlace =>
  config.history.off
    ? { off: true }
    : config.history.url === undefined
      ? { dataDir: config.data }
      : { url: config.history.url };

const wire = async (
  config: Config,
  database: Database,
  state: State,
  history: History,
  secrets: Secrets,
  now: () => Instant,
  beside: boolean,
): Promise<Waglan> => {
  const configured = configuredFeeds(config.feeds);
  if (!configured.ok)
    throw new WaglanError("WGL_CONFIG_FEEDS", {
      reason: configured.problem.map((one: Problem) => one.message).join("; "),
    });
  const byId = new Map(configured.value.map((one) => [one.feed.id, one]));
  const sources = configured.value
    .filter((one) => one.enabled)
    .map(
      (one): Source => ({
        feed: one.feed,
        trusted: one.trusted,
        ...(one.from.kind === "url" ? { url: one.from.url } : {}),
        ...(one.from.kind === "path" ? { path: placeOf(config, one.from.path) } : {}),
        ...(one.key === undefined ? {} : { key: one.key }),
        ...(one.keyFile === undefined ? {} : { keyFile: placeOf(config, one.keyFile) }),
        ...(one.keepDays === undefined ? {} : { keepDays: one.keepDays }),
        ...(one.stream === undefined ? {} : { stream: one.stream }),
      }),
    );

  const directory = new DirectoryMemory(state);
  await directory.refresh();
  const idOf = ids(secrets.id);
  const lists = await warninglists(config);
  const exclusions = new ExclusionMemory(lists, { allow: config.values.allow });
  await state.act((tx) => exclusions.refresh(tx.care));
  const families = new FamilyMemory();
  await state.act((tx) => families.refresh(tx.names));
  const memory = new MatchMemory(
    state,
    (at, each) => streamLive(database.sql, at, each),
    Buffer.from(secrets.id, "hex"),
    exclusions.known,
    { ...snapshotFile(join(config.data, "match.index")), about: await clusterName(database.sql) },
    exclusions.name,
  );
  const rules = new RuleMemory(state, ruleFolders(config));
  if (!beside) await rules.refresh(now());
  const reading = readingThreads(config.telemetry.threads);
  const threads = new BatchThreads(reading, secrets.id, () => memory.index, {
    rules: () => rules.texts,
    tell: garbage,
    clock: () => performance.now(),
  });

  const community: Community = {
    shadow: (organisation) => directory.known.organisation(organisation)?.shadow ?? true,
    worth: (organisation, asset, at) => worthOf(directory.known, organisation, asset, at),
    idOf,
    decay: config.decay,
    family: families.family,
    ruleTlp: rules.tlpOf,
    across: acrossOf(config.incidents),
  };
  const portal = config.http.publicUrl ?? `http://${config.http.host}:${config.http.port}`;
  const from = mailboxOf(config.mail.from);
  const deliver: Deliver =
    config.mail.smtp === undefined
      ? await openFolder(placeOf(config, config.mail.folder))
      : openSmtp(mailServerOf(config.mail.smtp));
  const titleOf = (feed: string): string => byId.get(feed)?.feed.title ?? rules.titleOf(feed) ?? feed;
  const egress = openEgress({
    hosts: new Set([
      ...sources.flatMap(({ url, feed }) => (url === undefined ? [] : [new URL(url).hostname, ...(feed.hosts ?? [])])),
      ...sources.flatMap(({ stream }) => (stream === undefined ? [] : [originOfStream(stream.url).hostname])),
      ...config.collect.allowHosts,
    ]),
    places: new Set(sources.flatMap(({ stream }) => (stream === undefined ? [] : [originOfStream(stream.url).host]))),
    allowAddresses: config.collect.allowAddresses,
    ...(config.collect.proxy === undefined ? {} : { proxy: config.collect.proxy }),
  });
  // Parties' machines: any host that a party registered and proved, never an inner address
  const toParties = openEgress({
    hosts: { has: () => true },
    allowAddresses: config.collect.allowAddresses,
    ...(config.collect.proxy === undefined ? {} : { proxy: config.collect.proxy }),
  });
  const shelf = listShelf();
  const listing = {
    ...{ state, views: views(database.sql), idOf, portal, titleOf, decay: config.decay },
    known: () => directory.known,
    exclusions: () => memory.exclusions,
  };
  const archive = openArchive(join(config.data, "archive"));
  const policy = valuePolicy(config, directory);

  const joining: Joining = {
    state,
    directory,
    community,
    listed: (feed) => byId.get(feed)?.feed.means.listed ?? "other",
    now,
  };
  // rows for history are laid out while a batch is matched, where the loop that keeps them runs beside
  const held = config.roles.includes("match") && history.kind !== "off" ? new HeldHistory(heldHistoryBytes) : undefined;
  const matching: Matching = {
    ...{ state, threads, directory, community, secret: secrets.id, now, recording: new Turnstile() },
    ...(held ? { held } : {}),
    contacted: (feed) => byId.get(feed)?.feed.means.contacted ?? "other",
    exclusions: () => exclusions.known,
    overTime: true,
    spoken: spokenRules(() => rules),
  };
  const alerting: Alerting = {
    ...{ state, directory, titleOf, portal, from, idOf, now },
    answerKey: Buffer.from(secrets.answer, "hex"),
    ...(config.verify.phone === undefined ? {} : { phone: config.verify.phone }),
  };
  const collecting: CollectingFeeds = {
    ...{ state, secret: secrets.id, policy, now },
    fetching: {
      get: (url, request) => egress.get(url, request),
      post: (url, request) => egress.post(url, request),
      read: (path) => readFile(path),
      archive,
      folder: mailFolder,
    },
    elapsed: () => performance.now(),
    random: Math.random,
  };
  const streams = streamsOf(collecting, sources, stompOver(egress));
  const logOrigin = `waglan/${idOf("log", "evidence")}`;
  const hunting = { ...matching, past: history };
  const asked = new AskedHunts({ state, past: history, directory, secret: secrets.id, now });
  const causes: CauseSteps = {
    exclusion: huntExclusion(state),
    feed: huntFeed({ state, directory, community, secret: secrets.id }),
    asset: huntAsset(joining),
    agreement: huntAgreement(state),
    organisation: huntOrganisation(state),
    rule: huntRules({ state, past: history, rules, directory, community }),
  };
  const keeping = { state, threads, directory, history, now, ...(held ? { held } : {}) };
  const merges = history.merging && new Merges(history.merging);

  const partitions = openPartitions({ state, directory, community, rules, exclusions, secret: secrets.id, now });

  const front = config.roles.includes("api") && !beside ? database.beside(answersAtOnce) : database.sql;

  const loops = (failed: (loop: string, error: unknown) => void): Loops => {
    const wake = (name: string): void => running.wake(name);
    const has = (role: Config["roles"][number]): boolean => config.roles.includes(role);
    const all: (Loop | false)[] = [
      { name: "directory", restMs: 500, turn: () => directory.refresh().then(() => false) },
      has("collect") && {
        name: "collect",
        restMs: 5000,
        turn: async () => {
          for (const source of await dueSources(state, sources, now())) {
            await collectFeed(collecting, source);
            wake("index");
            wake("join");
            wake("products");
          }
          return false;
        },
      },
      ...(has("collect")
        ? streams.loops(() => {
            wake("index");
            wake("join");
          })
        : []),
      // where bodies are kept they are forgotten
      has("collect") && {
        name: "keep",
        restMs: hour,
        turn: () => forgetKept(state, archive, keepingOf(config, configured.value), now()).then(() => false),
      },
      { name: "names", restMs: 5000, turn: () => state.act((tx) => families.refresh(tx.names)).then(() => false) },
      { name: "exclusions", restMs: 500, turn: () => refreshExclusions(state, exclusions).then(() => false) },
      {
        name: "rules",
        restMs: 5000,
        turn: async () => {
          await refreshRules(rules, failed, now());
          if (has("work") && (await wantRuleHunts({ state, rules }, !config.history.off, now())) > 0)
            wake("hunt-causes");
          return false;
        },
      },
      has("match") && {
        name: "index",
        restMs: 500,
        turn: async () => {
          if (memory.built && memory.exclusions !== exclusions.known)
            await memory.build(now(), exclusions.known, exclusions.name);
          await memory.refresh(now());
          return false;
        },
      },
      has("work") && {
        name: "reweigh",
        restMs: 1000,
        turn: async () => {
          const weighed = await reweighQueued(state, exclusions, now());
          if (weighed && weighed.takenBack + weighed.restored > 0) wake("alert");
          return weighed !== undefined;
        },
      },
      has("work") && {
        name: "scorecard",
        restMs: 6 * hour,
        turn: () => countScorecards(state, now()).then(() => false),
      },
      ...(has("match") ? partitions.loops(wake, failed) : []),
      // one more than read: the next batch is read while what the last one showed is written down
      ...(has("match") ? Array.from({ length: reading + 1 }, (_, n) => n) : []).map(
        (n): Loop => ({
          name: matchLoop(n),
          restMs: 500,
          turn: async () => {
            await memory.refresh(now());
            const matched = await matchTelemetry(matching);
            if (matched) wake(matchLoop((n + 1) % (reading + 1)));
            if (held && held.bytes >= bytesAtOnce) wake("history");
            if (matched && matched.opened > 0) wake("alert");
            return matched !== undefined;
          },
        }),
      ),
      has("match") &&
        history.kind !== "off" && {
          name: "history",
          // batches of two seconds go in together: an insert costs as much as thousands of their rows
          restMs: 2000,
          turn: async () => {
            if (!(await history.ready())) return false;
            const kept = await keepHistory(keeping);
            await merges?.after(kept?.much ?? false);
            return kept?.more ?? false;
          },
        },
      // what is known since, over what was seen before; behind live work, and never in its way
      has("work") && {
        name: "hunt",
        restMs: 1000,
        turn: gently(async () => {
          if (config.history.off) return state.act((tx) => tx.hunts.stopReading()).then(() => false);
          if (!(await history.ready())) return false;
          // what an exclusion that ended kept out would be passed over by the exclusions of a moment ago
          await refreshExclusions(state, exclusions);
          const hunted = await huntChanges(hunting);
          if (hunted && hunted.opened > 0) wake("alert");
          return hunted?.more ?? false;
        }),
      },
      (has("work") || has("api")) &&
        (config.history.off || history.kind !== "off") && {
          name: "hunts",
          restMs: 1000,
          turn: gently(async () => {
            if (!config.history.off && !(await history.ready())) return false;
            const hunt = await asked.turn();
            return hunt?.state === "running" || hunt?.state === "done";
          }),
        },
      has("work") && {
        name: "hunt-causes",
        restMs: 1000,
        turn: gently(async () => {
          const hunt = await huntCauses(state, causes, now);
          if (hunt && hunt.opened > 0) wake("alert");
          return hunt !== undefined;
        }),
      },
      has("work") && {
        name: "join",
        restMs: 500,
        turn: async () => {
          await joinAssets(state, joining);
          const joined = await joinIndicators(joining);
          const told = await joinReports(joining);
          if ((joined && joined.opened > 0) || (told && told.opened > 0)) wake("alert");
          return (joined?.more ?? false) || (told?.more ?? false);
        },
      },
      // what members run, against what is known to be weak: whichever is new
      has("work") && {
        name: "products",
        restMs: 1000,
        turn: async () => {
          const joined = await joinInventories({ state, directory, idOf, now });
          const found = await findProducts({ state, community, lines: config.products, now });
          if (await tellProducts({ state, now })) wake("alert");
          return (joined?.more ?? false) || found !== undefined;
        },
      },
      has("work") && {
        name: "join-stix",
        restMs: 1000,
        turn: async () => {
          const events = await mispThatCame(collecting, directory, now());
          const came = (await stixThatCame(collecting, directory, now())) || events;
          if (came) wake("join");
          return came;
        },
      },
      has("work") && {
        name: "alert",
        restMs: 500,
        turn: async () => {
          const mails = await raiseAlerts(alerting);
          if (mails !== undefined) wake("deliver");
          return mails !== undefined;
        },
      },
      has("work") && {
        name: "deliver",
        restMs: 1000,
        turn: async () => (await deliverMail({ state, deliver, now })) !== undefined,
      },
      has("work") && {
        name: "recall",
        restMs: 1000,
        turn: async () => {
          const told = await recallIndicators({ ...listing, from, now });
          if (told !== undefined) wake("deliver");
          return told !== undefined;
        },
      },
      has("work") && {
        name: "webhooks",
        restMs: 1000,
        turn: async () =>
          (await deliverWebhooks({ state, post: webhookOver(toParties), known: listing.known, from, idOf, now })) !==
          undefined,
      },
      has("work") && {
        name: "list-news",
        restMs: minute,
        turn: () => tellListChanges(listing, shelf, now()).then(() => false),
      },
      has("work") && { name: "evidence", restMs: 1000, turn: () => checkpoint(database, secrets, logOrigin, now()) },
      has("match") && {
        name: "snapshot",
        restMs: 10 * minute,
        turn: () => (memory.built ? memory.save().then(() => false) : Promise.resolve(false)),
      },
      // behind the merges: what search reads may lag, and the page says so
      has("work") && {
        name: "search",
        restMs: 1000,
        turn: async () => (await indexSearch(state))?.more ?? false,
      },
      has("work") && {
        name: "prune",
        restMs: hour,
        turn: () => pruneLogs(state, config.keep, now()).then(() => false),
      },
      has("work") && {
        name: "prune-kept",
        restMs: 10 * minute,
        turn: async () => {
          const away = history.kind === "off" || !(await history.ready());
          await pruneKept({ state, defaults: keepDefaults(config.keep), ...(away ? {} : { history }) }, now());
          return false;
        },
      },
      has("work") && {
        name: "age",
        restMs: minute,
        turn: async () => {
          await age(state, now());
          await endExclusions(state, now());
          return false;
        },
      },
    ];
    const running = startLoops(
      all.filter((one) => one !== false),
      failed,
    );
    return running;
  };

  return {
    ...{
      config,
      database,
      state,
      history,
      secrets,
      directory,
      matching,
      joining,
      alerting,
      collecting,
      deliver,
      memory,
      exclusions,
      rules,
      sources,
      idOf,
      logOrigin,
      loops,
      now,
    },
    front: front === database.sql ? state : stateOf(front, database.bodies),
    views: views(front),
    accounts: accounts(front),
    close: async () => {
      await partitions.close();
      if (memory.built && !beside) await memory.save();
      streams.close();
      await threads.close();
      await deliver.close();
      await history.close();
      await database.close();
    },
  };
};

const keepingOf = (config: Config, feeds: readonly ConfiguredFeed[]): Keeping => ({
  days: config.collect.keepDays,
  feeds: new Map(feeds.flatMap(({ feed, keepDays }) => (keepDays === undefined ? [] : [[feed.id, keepDays]]))),
});

/** Objects that partners posted by TAXII: one sender's at a time. @returns whether there may be more */
const stixThatCame = async (
  { state, secret, policy, elapsed }: CollectingFeeds,
  directory: DirectoryMemory,
  now: Instant,
): Promise<boolean> => {
  const [job] = await state.act((tx) => tx.queue.take("join-stix", now, 1));
  if (!job) return false;
  const collecting = { state, secret, policy: policy(now), now, elapsed };
  const joined = await joinStix(collecting, job, (sender) => directory.known.organisation(sender)?.key);
  if (!joined?.more) await state.act((tx) => tx.queue.done([job.n]));
  return true;
};

/** Events that were published, changed or deleted by MISP's API. */
const mispThatCame = async (
  { state, secret, policy, elapsed }: CollectingFeeds,
  directory: DirectoryMemory,
  now: Instant,
): Promise<boolean> => {
  const [job] = await state.act((tx) => tx.queue.take("join-misp", now, 1));
  if (!job) return false;
  const groups = directory.known.directory.groups.map(({ id }) => id);
  const scope = { all: true, groups, own: [], clientsOf: [], audience: "staff", red: true } as const;
  const collecting = { state, secret, policy: policy(now), now, elapsed };
  await joinMisp(collecting, job, { scope }, (sender) => directory.known.organisation(sender)?.key);
  await state.act((tx) => tx.queue.done([job.n]));
  return true;
};

/** Assets that are new: one look back each, in its own transaction, so that a wide one holds up nobody. */
const joinAssets = async (state: State, joining: Joining): Promise<void> => {
  for (;;) {
    const jobs = await state.act((tx) => tx.queue.take("join-asset", joining.now(), 1));
    const [job] = jobs;
    if (!job) return;
    const asset = job.payload as unknown as Parameters<typeof joinAsset>[1];
    await joinAsset(joining, asset);
    await joinReportedAsset(joining, asset);
    await state.act((tx) => tx.queue.done([job.n]));
  }
};

/** Exclusions change while we run: every process hears of it within a second. */
const refreshExclusions = (state: State, exclusions: ExclusionMemory): Promise<boolean> =>
  state.act((tx) => exclusions.refresh(tx.care));

/** What is wrong with a folder is said once in the log; the status says it as long as it is so. */
const refreshRules = async (
  rules: RuleMemory,
  failed: (loop: string, error: unknown) => void,
  now: Instant,
): Promise<boolean> => {
  await rules.refresh(now);
  for (const { folder, problems, problem } of rules.untold())
    failed(
      "rules",
      new WaglanError("WGL_RULE_TROUBLE", {
        ...{ folder, count: problems, place: problem.at ?? folder, reason: problem.message },
      }),
    );
  return false;
};

const checkpoint = async (database: Database, secrets: Secrets, origin: string, now: Instant): Promise<boolean> => {
  const signed = (text: string): string => sign(null, Buffer.from(text), secrets.evidence).toString("base64");
  await sequence(database.sql, origin, signed, now);
  return false;
};

/** What feeds may name here: the community's own networks and names are known, so that a list that names them is flagged. */
const valuePolicy = (config: Config, directory: DirectoryMemory): ((now: Instant) => ReadPolicy) => {
  let of: DirectoryMemory["known"] | undefined;
  let values: ValuePolicy;
  return (now) => {
    if (of !== directory.known) {
      of = directory.known;
      const held = of.directory.assets.filter((asset) => asset.to === undefined || asset.to > now);
      values = {
        reserved: "reject",
        allow: config.values.allow,
        own: {
          cidrs: held.filter((asset) => asset.kind === "network").map((asset) => asset.value),
          domains: held.filter((asset) => asset.kind === "domain").map((asset) => asset.value),
        },
      };
    }
    return { ...values, now };
  };
};

const warninglists = async (config: Config): Promise<readonly Warninglist[]> => {
  if (config.values.warninglists === undefined) return [];
  const folder = placeOf(config, config.values.warninglists);
  let names: readonly string[];
  try {
    names = (await readdir(folder)).filter((name) => /\.json(?:\.gz)?$/.test(name)).sort();
  } catch (error) {
    throw new WaglanError("WGL_CONFIG_FOLDER", { path: folder }, { cause: error });
  }
  const lists: Warninglist[] = [];
  for (const name of names) {
    const read = readWarninglist(await readFile(join(folder, name)), name);
    if (!read.ok) throw new WaglanError(read.problem.code, read.problem.with ?? {});
    lists.push(read.value);
  }
  return lists;
};
