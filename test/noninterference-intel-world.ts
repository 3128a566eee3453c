import { createHash } from "node:crypto";
import type { TestContext } from "node:test";
import { buildExclusions } from "#intel/exclusions.ts";
import type { Agreement } from "#community/agreement.ts";
import type { Directory } from "#community/directory.ts";
import { makeSessionSecret, makeToken, readSessionSecret } from "#community/token.ts";
import { parseGrade } from "#core/grade.ts";
import { after, type Instant, minute } from "#core/instant.ts";
import type { GroupId, Licence, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { RsitType } from "#core/rsit.ts";
import { lenient } from "#core/value-policy.ts";
import type { Feed, RawAdvisory } from "#feeds/feed.ts";
import { feed as lines } from "#feeds/generic-lines/feed.ts";
import { type HttpServer, openHttp } from "#http/server.ts";
import { advisoryDigest } from "#intel/advisory.ts";
import { indicatorId, uuidOf } from "#intel/indicator.ts";
import type { Turn } from "#intel/ports.ts";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import type { Changed, Desk } from "#jobs/acts/desk.ts";
import { collectAdvisories } from "#jobs/advisories/collect.ts";
import { collectReports } from "#jobs/collect/reports.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { ExclusionMemory } from "#jobs/indicators/exclusion-memory.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { findProducts } from "#jobs/inventory/findings.ts";
import { joinInventories } from "#jobs/inventory/join.ts";
import { putInventory } from "#jobs/inventory/put.ts";
import { tellProducts } from "#jobs/inventory/tell.ts";
import { usualProductLines } from "#jobs/inventory/product-lines.ts";
import { joinIndicators } from "#jobs/indicators/join.ts";
import { joinReports } from "#jobs/inventory/join-reports.ts";
import { joinStix } from "#jobs/stix/join.ts";
import { indexSearch } from "#jobs/search/index.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import { raiseAlerts } from "#jobs/alerts/raise.ts";
import type { Listing } from "#jobs/listing.ts";
import { joinMisp } from "#jobs/misp/claims.ts";
import { webhookEvents } from "#jobs/lists/out-port.ts";
import { recallIndicators } from "#jobs/recall/recall.ts";
import { type ListShelf, listShelf } from "#jobs/lists/release.ts";
import { tellListChanges } from "#jobs/webhooks/lists.ts";
import { recordHits } from "#jobs/findings/record-hits.ts";
import { reweighQueued } from "#jobs/findings/reweigh-queued.ts";
import { formatIds } from "#share/formats/list-formats.ts";
import { accounts } from "#store/accounts.ts";
import { newsSince } from "#store/news.ts";
import { stateOf } from "#store/state.ts";
import { views } from "#store/views.ts";
import { problem } from "#core/result.ts";
import { caughtUp, testDatabase } from "./cluster.ts";
import { emptyDirectory, hit, idOf, now, o, organisation } from "./incident-world.ts";

/** Members, then partners; `young` is in shadow still: what it sends is staff's alone. */
export const members = ["own", "other", "provider", "client", "stranger", "young"] as const;
const partners = ["partner", "ally"] as const;
export type Member = (typeof members)[number];
export type Organisation = Member | (typeof partners)[number];
const organisations: readonly Organisation[] = [...members, ...partners];

/** Who looks. A viewer with a seat comes as a person and as its machine. */
export const viewers = ["public", "own", "other", "client", "partner", "ally", "sensor"] as const;
export type ViewerName = (typeof viewers)[number];

/** Feeds that may be known, and feeds that one of the two worlds has never heard of. */
export const openFeeds = ["list", "second"] as const;
export const hiddenFeeds = ["strict", "red", "young"] as const;
export type FeedName = (typeof openFeeds)[number] | (typeof hiddenFeeds)[number];
const feedOf: Readonly<Record<FeedName, { tlp: Tlp; shadow: boolean; grade: string; label: string }>> = {
  list: { tlp: "clear", shadow: false, grade: "B2", label: "qakbot" },
  second: { tlp: "green", shadow: false, grade: "C3", label: "emotet" },
  // a word that stands in values too: who searches for it must not miss one for being called so
  strict: { tlp: "amber+strict", shadow: false, grade: "A1", label: "example" },
  red: { tlp: "red", shadow: false, grade: "A2", label: "redbot" },
  young: { tlp: "clear", shadow: true, grade: "A1", label: "youngbot" },
};

export const collections = ["everybody", "staff-only", "strangers"] as const;

/** One thing that happens. Values, keys and objects are small numbers, so that what is hidden and what is seen meet. */
export type Step =
  | {
      readonly does: "claim";
      readonly feed: FeedName;
      readonly value: number;
      readonly tlp?: Tlp;
      readonly pap?: Pap;
      readonly licence?: Licence;
    }
  | { readonly does: "unclaim" | "withdraw"; readonly feed: FeedName; readonly value: number }
  | { readonly does: "judge"; readonly feed?: FeedName; readonly value: number; readonly restored: boolean }
  | { readonly does: "hit"; readonly of: Member; readonly value: number; readonly line: number }
  | {
      readonly does: "report";
      readonly feed: FeedName;
      readonly of: Member;
      readonly type: RsitType;
      readonly about: string;
      readonly port: number;
    }
  | {
      readonly does: "advise";
      readonly feed: FeedName;
      readonly key: number;
      readonly cve: number;
      readonly strength: number;
      readonly version: number;
      readonly tlp?: Tlp;
    }
  | { readonly does: "unadvise"; readonly feed: FeedName; readonly key: number }
  | {
      /** An inventory: cranes of one kind on an asset, in one version of theirs. */
      readonly does: "run";
      readonly of: Member;
      readonly name: number;
      readonly crane: number;
      readonly version: number;
    }
  | {
      readonly does: "send";
      readonly by: Organisation | "cert";
      readonly to: (typeof collections)[number];
      readonly object: number;
      readonly version: number;
      readonly tlp: Tlp;
      readonly more: "" | "revoked" | "created" | "part";
    }
  | { readonly does: "remove"; readonly by: Organisation; readonly object: number }
  | { readonly does: "person"; readonly by: Organisation; readonly object: number }
  | {
      /** A MISP event with an attribute, for all; or with one for its author, a group, or of a person. */
      readonly does: "event";
      readonly by: Organisation;
      readonly event: number;
      readonly value: number;
      readonly audience: "all" | "own" | "group" | "person" | "pap";
    }
  | { readonly does: "turn"; readonly feed: FeedName; readonly rejected: number }
  | { readonly does: "fetch"; readonly by: Organisation; readonly what: number }
  | { readonly does: "save"; readonly by: Organisation; readonly name: number }
  | { readonly does: "collection" | "background" | "token"; readonly of: Member }
  | { readonly does: "look"; readonly first: number }
  | { readonly does: "wait"; readonly days: number };

export interface Happening {
  readonly step: Step;
  /** Minutes after the beginning. */
  readonly at: number;
}

const address = (of: Member, asset = 1): string => `192.0.2.${members.indexOf(of) * 16 + asset}`;

/** 0 to 5: domains, a URL, addresses, the last two of which are members' own. From 10 on only what is hidden bears them. */
const valueOf = (n: number): Observable => {
  switch (n % 6) {
    case 0:
      return { kind: "domain", value: `bad${n}.example` };
    case 1:
      return { kind: "url", value: `http://bad${n}.example/way` };
    case 2:
      return { kind: "ipv4", value: `198.51.100.${n}` };
    case 3:
      return { kind: "email", value: `bad${n}@bad.example` };
    case 4:
      return { kind: "ipv4", value: address("own", n > 6 ? 2 : 1) };
    default:
      return { kind: "ipv4", value: address("other", n > 6 ? 2 : 1) };
  }
};

const indicatorOf = (n: number): string => indicatorId("secret", valueOf(n));

const makeFeed = (id: FeedName): Feed => {
  const grade = parseGrade(feedOf[id].grade);
  if (!grade.ok) throw new Error("no grade");
  return {
    ...lines,
    ...{ id, title: `Title of ${id}`, publisher: id, tlp: feedOf[id].tlp, grade: grade.value },
    ...{ liveDays: 3, voice: "alert" as const, licence: "CC0-1.0" as const, gives: "news" as const },
    means: { contacted: "infected-system", listed: id === "strict" ? "c2-server" : "blacklist" },
  };
};

const groupId = idOf("group", "crew") as GroupId;

const agreement = (party: OrganisationId, some: Partial<Agreement>): Agreement => ({
  ...{ party, tlpMax: "green", papMax: "red", anonymiseSources: true, acceptsPii: false },
  ...{ purposes: ["blocking", "research"], from: 0 as Instant },
  ...some,
});

const directory: Directory = {
  ...emptyDirectory,
  community: { names: { en: "CERT" }, zone: "UTC", anchor: o("cert") },
  organisations: [
    organisation("cert"),
    ...members.map((key) =>
      organisation(key, {
        ...(key === "client" ? { clientOf: [o("provider")] } : {}),
        ...(key === "young" ? { shadow: true } : {}),
      }),
    ),
    ...partners.map((key) => organisation(key, { kind: "partner" })),
  ],
  people: organisations.map((key) => ({
    ...{ id: `p-${key}` as never, key: `p-${key}`, name: `Person of ${key}`, language: "en" as const },
    channels: [{ kind: "email" as const, address: `person@${key}.example`, proven: true }],
    organisations: [
      {
        organisation: o(key),
        role: partners.some((one) => one === key) ? ("partner" as const) : ("security-contact" as const),
      },
    ],
  })),
  assets: members.map((key, at) => ({
    ...{ id: `a-${key}` as never, organisation: o(key), kind: "network" as const, value: `192.0.2.${at * 16}/28` },
    ...{ from: 0 as Instant, proof: "registry" as never, worth: "normal" as const },
  })),
  sensors: members.map((key) => ({
    ...{ id: `s-${key}` as never, key: `s-${key}`, organisation: o(key) },
    ...{ title: `Sensor of ${key}`, format: "suricata-eve", networks: [] },
  })),
  agreements: [
    agreement(o("partner"), { papMax: "green", purposes: ["blocking", "research", "detection"] }),
    agreement(o("ally"), {
      ...{
        tlpMax: "amber",
        anonymiseSources: false,
        acceptsPii: true,
        purposes: ["blocking", "research", "detection"],
      },
    }),
  ],
  // no viewer is in it
  groups: [
    {
      ...{ id: groupId, key: "crew", title: "Crew", members: [o("provider"), o("stranger")] },
      ...{ private: false, staff: [] },
    },
  ],
};

/** As much as `bytes`, the same for the same seed. */
const bytesOf = (seed: string, bytes: number): Uint8Array => {
  const parts: Buffer[] = [];
  for (let n = 0; n * 32 < bytes; n++) parts.push(createHash("sha256").update(`${seed} ${n}`).digest());
  return Buffer.concat(parts).subarray(0, bytes);
};

type Headers = Readonly<Record<string, string>>;
export type Transcript = ReadonlyMap<string, string>;

/** One of the two worlds. */
export interface Side {
  /** @param ends minutes after the beginning; the clock stands there when it is looked at */
  readonly play: (happenings: readonly Happening[], viewer: ViewerName, ends: number) => Promise<void>;
  /** Every byte this viewer can obtain now, and every one it obtained while things happened, by what was asked. */
  readonly crawl: (viewer: ViewerName, thorough: boolean) => Promise<Transcript>;
  readonly clear: () => Promise<void>;
}

/** Tables that a world begins with; all others are emptied between two worlds. */
const kept = new Set(
  ["organisation", "person", "asset", "sensor", "agreement", "account", "session", "token", "deployment"].concat([
    ...["person_organisation", "channel", "community", "migration", "schema_migration", "organisation_group"],
  ]),
);

/** @param knows the feeds this world has heard of */
export const openSide = async (t: TestContext, knows: readonly FeedName[]): Promise<Side> => {
  const { sql } = await testDatabase(t);
  const empty = new Set(await tablesWithRows());
  const state = stateOf(sql);
  const clock: { now: Instant } = { now };
  let seed = "setup";
  let drawn = 0;
  await importDirectory(state, directory, "test", now);
  const memory = new DirectoryMemory(state);
  await memory.refresh();
  const people = accounts(sql);
  const credentials = new Map<string, Headers>();
  for (const [at, key] of organisations.entries()) {
    const { text, hash } = makeSessionSecret(bytesOf(`session ${key}`, 32));
    const account = { id: `acc-${key}`, name: key, display: key, password: "none", staff: false, roles: [] };
    await people.put({ ...account, person: `p-${key}`, language: "en" }, now);
    await people.openSession(hash, `ses-${key}`, account.id, now, after(now, 100_000 * minute));
    credentials.set(`${key} person`, { cookie: `waglan=${text}` });
    for (const kind of ["party", "sensor"] as const) {
      if (kind === "sensor" && at >= members.length) continue;
      const made = makeToken(bytesOf(`${kind} ${key}`, 37));
      await people.putToken(
        {
          ...{ id: idOf("token", `${kind} ${key}`), prefix: made.prefix, kind, organisation: o(key) },
          ...(kind === "sensor" ? { sensor: `s-${key}` as never } : {}),
          permissions: kind === "party" ? ["lists.read", "indicators.read", "objects.write"] : [],
          ...{ title: kind, made: now },
        },
        made.hash,
      );
      credentials.set(`${key} ${kind}`, { authorization: `Bearer ${made.text}` });
    }
  }
  const cert = makeToken(bytesOf("cert", 37));
  await people.putToken(
    {
      ...{ id: idOf("token", "cert"), prefix: cert.prefix, kind: "party", organisation: o("cert"), title: "cert" },
      ...{ permissions: ["indicators.read", "objects.write"], made: now },
    },
    cert.hash,
  );
  credentials.set("cert party", { authorization: `Bearer ${cert.text}` });
  const setup = (await tablesWithRows()).filter((name) => !empty.has(name));
  const feeds = knows.map((id) => ({ feed: makeFeed(id), trusted: !feedOf[id].shadow }));
  const nothingExcluded = buildExclusions([], { allow: ["192.0.2.0/24", "198.51.100.0/24"] });
  const listeners = new Set<(change: Changed) => void>();
  const desk: Desk = {
    ...{ state, views: views(sql), accounts: people, directory: memory, idOf, now: () => clock.now },
    sources: () => feeds,
    exclusions: () => nothingExcluded,
    listed: {
      indicatorId: (observable) => indicatorId("secret", observable),
      index: () => undefined,
      origin: async () => undefined,
    },
    sensors: {
      ...{ secret: "secret", version: "0.0.0", exclusionsNamed: () => "none" },
      exclusions: () => nothingExcluded,
      rules: () => ({ folders: [], texts: { decisions: [] } }),
    },
    collectNow: async () => {},
    collectPieces: async () => undefined,
    policy: () => lenient,
    history: { on: () => false, says: () => "off" },
    light: () => ({ collecting: true, matching: true, alerting: true }),
    checks: async () => [{ name: "state", ok: true }],
    ...{ portal: "https://waglan.example", answerKey: Buffer.alloc(32, 7), batchesAtMost: 10, woke: () => {} },
    random: (bytes) => bytesOf(`${seed} ${drawn++}`, bytes),
    changes: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
  // what acts remember goes with the world; the server stays
  let acts = actsOf(desk);
  const server = await openHttp({
    acts: new Proxy({} as typeof acts, { get: (_, name) => acts[name as keyof typeof acts] }),
    portal: new URL("no-portal-here/", import.meta.url).pathname,
    policy: { styles: [], trustedTypes: [] },
    security: { contacts: ["mailto:security@cert.example"], languages: ["en"] },
    version: "0.0.0",
    now: () => clock.now,
  });
  t.after(() => server.close());
  const world: World = {
    ...{ sql, state, clock, server, memory },
    listing: {
      ...{ state, views: views(sql), portal: "https://waglan.example", idOf },
      ...{ known: () => memory.known, exclusions: () => nothingExcluded, titleOf: (feed) => `Title of ${feed}` },
    },
    shelf: listShelf(),
    exclusions: new ExclusionMemory([], { allow: ["192.0.2.0/24", "198.51.100.0/24"] }),
    credentials,
    transcript: new Map(),
    etags: new Map(),
    asked: 0,
  };

  return {
    play: async (happenings, viewer, ends) => {
      for (const { feed, trusted } of feeds) await state.act((tx) => tx.intel.feed(feed, !trusted));
      for (const alias of collections) await putCollection(world, alias, readersOf[alias]);
      for (const { feed } of feeds) await turn(world, feed.id, 0);
      for (const key of organisations) await putWebhook(world, key);
      const stop = await openStream(world, acts, viewer);
      let { place } = await newsSince(sql, undefined);
      for (const { step, at } of happenings) {
        clock.now = after(now, at * minute);
        [seed, drawn] = [`${at} ${JSON.stringify(step)}`, 0];
        await happen(world, step, at, viewer);
        await settle(world);
        const found = await newsSince(sql, place);
        ({ place } = found);
        for (const one of found.news) for (const listener of listeners) listener(one);
      }
      stop();
      clock.now = after(now, ends * minute);
      await settle(world);
      [seed, drawn] = ["crawl", 0];
    },
    crawl: async (viewer, thorough) => {
      await crawl(world, viewer, thorough);
      return world.transcript;
    },
    clear: async () => {
      const filled = (await tablesWithRows()).filter((name) => !(setup.includes(name) && kept.has(name)));
      await sql.begin(async (tx) => {
        await tx.unsafe("set local session_replication_role = replica");
        for (const name of filled) if (!kept.has(name)) await tx.unsafe(`delete from "${name}"`);
        await tx.unsafe("delete from deployment where key like 'reader:%'");
      });
      world.transcript = new Map();
      world.shelf = listShelf();
      world.etags.clear();
      world.asked = 0;
      acts = actsOf(desk);
    },
  };

  async function tablesWithRows(): Promise<string[]> {
    const tables = await sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`;
    const names = tables.map((row) => row["name"] as string);
    const counts = await sql.unsafe(
      `select ${names.map((name) => `exists (select from "${name}") as "${name}"`).join(", ")}`,
    );
    return names.filter((name) => counts[0]?.[name] === true);
  }
};

interface World {
  readonly sql: Awaited<ReturnType<typeof testDatabase>>["sql"];
  readonly state: ReturnType<typeof stateOf>;
  readonly clock: { now: Instant };
  readonly server: HttpServer;
  readonly memory: DirectoryMemory;
  readonly exclusions: ExclusionMemory;
  readonly listing: Listing;
  shelf: ListShelf;
  readonly credentials: ReadonlyMap<string, Headers>;
  transcript: Map<string, string>;
  /** Validators the viewer was given. */
  readonly etags: Map<string, string>;
  asked: number;
}

const readersOf: Readonly<Record<(typeof collections)[number], readonly string[]>> = {
  everybody: ["members", "partners"],
  "staff-only": ["organisation:cert"],
  strangers: ["organisation:stranger", "organisation:young"],
};

const putCollection = (world: World, alias: string, who: readonly string[]): Promise<unknown> =>
  world.state.act((tx) =>
    tx.stix.putCollection({
      ...{ id: idOf("collection", alias), alias, title: `Title of ${alias}`, readers: who, writers: who },
      mediaTypes: ["application/stix+json;version=2.1"],
      ...{ defaults: { tlp: "amber", pap: "clear", licence: "own" }, purpose: "blocking" },
    }),
  );

/** Told of everything there is, and proven: what is sent there leaves. */
const putWebhook = async ({ state, sql }: World, key: Organisation): Promise<void> => {
  await state.act((tx) =>
    tx.out.putWebhook({
      ...{ id: idOf("webhook", key), party: o(key), url: `https://hook.${key}.example/`, events: webhookEvents },
      ...{ algorithm: "v1", secret: Buffer.alloc(32, 1).toString("base64"), challenge: "c", made: now },
    }),
  );
  await sql`update webhook set proven = made where id = ${idOf("webhook", key)}`;
};

/** What a person's open page hears (`/api/v1/stream`), as its stream would write it. */
const openStream = async (world: World, acts: ReturnType<typeof actsOf>, viewer: ViewerName): Promise<() => void> => {
  const cookie = world.credentials.get(`${viewer} person`)?.["cookie"];
  const hash = cookie === undefined ? undefined : readSessionSecret(cookie.replace("waglan=", ""));
  const session = hash && (await acts.session(hash));
  if (session === undefined || session === "") return () => {};
  const heard: string[] = [];
  world.transcript.set("stream", "");
  return acts.watch(
    session,
    (topic, changed) => {
      heard.push(`${topic} ${changed}`);
      world.transcript.set("stream", heard.join("\n"));
    },
    () => {},
  );
};

const turn = (world: World, feed: string, rejected: number): Promise<void> =>
  world.state.act((tx) =>
    tx.intel.turn(
      {
        ...{ feed, at: world.clock.now, state: "healthy", file: "a file", bytes: 1, rows: 1 + rejected, accepted: 1 },
        ...{ rejected: rejected === 0 ? {} : { WGL_TLP: rejected }, added: 0, changed: 0, delisted: 0, tookMs: 1 },
      } satisfies Turn,
      Array.from({ length: rejected }, (_, row) => ({
        ...{ part: "", row, text: `secret row ${row}` },
        problem: problem("WGL_TLP", { value: "secret" }),
      })),
      {},
    ),
  );

const community = { shadow: (key: string) => key === "young", worth: () => "normal" as const, idOf };

/** What loops do between two steps: until nothing is left to do. */
const settle = async (world: World): Promise<void> => {
  const { state, memory, clock, sql } = world;
  const time = () => clock.now;
  const listed = (feed: string) => (feed in feedOf ? makeFeed(feed as FeedName).means.listed : "blacklist");
  const joining = { ...{ state, directory: memory, community, listed }, now: time };
  for (;;) {
    const turned = await joinIndicators(joining);
    if (turned !== undefined) continue;
    // an open writer elsewhere in the cluster holds the change feed back
    const [left] = await sql`select count(*)::int as n from intel_change
      where (xid, seq) > (coalesce((select (value->>'xid')::xid8 from deployment where key = 'reader:join-indicators'), '0'::xid8),
        coalesce((select (value->>'seq')::bigint from deployment where key = 'reader:join-indicators'), 0))`;
    if (left?.["n"] === 0) break;
  }
  for (;;) {
    const turned = await joinReports(joining);
    const [left] = await sql`select count(*)::int as n from report_change
      where (xid, seq) > (coalesce((select (value->>'xid')::xid8 from deployment where key = 'reader:join-reports'), '0'::xid8),
        coalesce((select (value->>'seq')::bigint from deployment where key = 'reader:join-reports'), 0))`;
    if (left?.["n"] === 0 && turned?.more !== true) break;
  }
  while ((await reweighQueued(state, world.exclusions, clock.now)) !== undefined);
  const alerting = {
    ...{ state, directory: memory, idOf, now: time, portal: "https://waglan.example" },
    titleOf: (feed: string) => `Title of ${feed}`,
    ...{ from: { name: "CERT", address: "cert@cert.example" }, answerKey: Buffer.alloc(32, 7) },
  };
  for (;;) {
    const joined = await joinInventories({ state, directory: memory, idOf, now: time });
    const found = await findProducts({ state, community, lines: usualProductLines, now: time });
    const told = await tellProducts({ state, now: time });
    if (joined?.more !== true && found === undefined && !told) break;
  }
  while ((await raiseAlerts(alerting)) !== undefined);
  const recalling = { ...alerting, ...world.listing, from: alerting.from, state, portal: alerting.portal };
  for (;;) {
    const [job] = await state.act((tx) => tx.queue.take("join-misp", clock.now, 1));
    if (!job) break;
    const scope = { all: true, groups: [groupId], own: [], clientsOf: [], audience: "staff", red: true } as const;
    const taking = { state, secret: "secret", elapsed: () => 0, policy: lenient, now: clock.now };
    await joinMisp(taking, job, { scope }, (sender) => sender);
    await state.act((tx) => tx.queue.done([job.n]));
  }
  while ((await recallIndicators(recalling)) !== undefined);
  await tellListChanges(world.listing, world.shelf, clock.now);
  for (;;) {
    const turned = await indexSearch(state);
    const [left] = await sql`select count(*)::int as n from intel_change
      where (xid, seq) > (coalesce((select (value->'from'->>'xid')::xid8 from deployment where key = 'reader:search'), '0'::xid8),
        coalesce((select (value->'from'->>'seq')::bigint from deployment where key = 'reader:search'), 0))`;
    if (left?.["n"] === 0 && turned === undefined) break;
  }
};

const collecting = (world: World) => ({ state: world.state, secret: "secret", now: world.clock.now });

const happen = async (world: World, step: Step, at: number, viewer: ViewerName): Promise<void> => {
  const { state, clock, sql } = world;
  switch (step.does) {
    case "claim": {
      const { grade } = makeFeed(step.feed);
      await state.act((tx) =>
        tx.intel.merge(
          step.feed,
          [
            {
              ...{ id: indicatorOf(step.value), observable: valueOf(step.value), parts: [""], seenAt: clock.now },
              ...{ labels: [feedOf[step.feed].label], flags: [], tlp: step.tlp ?? feedOf[step.feed].tlp },
              ...{ pap: step.pap ?? "clear", licence: step.licence ?? "CC0-1.0", grade },
            },
          ],
          clock.now,
        ),
      );
      return;
    }
    case "unclaim":
      await state.act((tx) => tx.intel.delist(step.feed, "", [indicatorOf(step.value)], clock.now));
      return;
    case "withdraw":
      await state.act(async (tx) => {
        const gone = await tx.intel.withdraw(step.feed, [{ id: indicatorOf(step.value) }], clock.now);
        if (gone.length === 0) return;
        await tx.queue.put("reweigh", `withdrawn ${gone[0]}`, { indicators: gone }, clock.now);
      });
      return;
    case "judge": {
      // who judges a value looks at what is said of it: without an open source's word nobody would in either world
      const [said] =
        await sql`select from claim where indicator = ${indicatorOf(step.value)} and feed = any(${[...openFeeds]})`;
      if (step.feed === undefined && said === undefined) return;
      await judgeIndicator(
        state,
        {
          ...{ indicator: indicatorOf(step.value), verdict: step.restored ? "restored" : "false" },
          ...{ who: "Staff", reason: "because" },
          ...(step.feed === undefined ? {} : { feed: step.feed }),
        },
        () => false,
        clock.now,
      );
      return;
    }
    case "hit": {
      const claims = await state.act((tx) => tx.intel.liveClaims([indicatorOf(step.value)], clock.now));
      const one = hit(step.of, address(step.of), valueOf(step.value).value, { minute: at, line: step.line, claims });
      if (claims.length > 0) await state.act((tx) => recordHits(tx, [one], undefined, community, clock.now));
      return;
    }
    case "report":
      await collectReports(collecting(world), makeFeed(step.feed), [
        {
          ...{ is: "report", asset: { kind: "ipv4", value: address(step.of) }, type: step.type, about: step.about },
          ...{ seenAt: clock.now, labels: [feedOf[step.feed].label], source: { port: step.port } },
          evidence: { port: String(step.port), said: feedOf[step.feed].label },
        },
      ]);
      return;
    case "advise": {
      const advisory: RawAdvisory = {
        ...{ is: "advisory", id: `ADV-${step.key}`, kind: step.key % 2 === 0 ? "advisory" : "vulnerability" },
        ...{
          title: `Advisory ${step.key} by ${step.feed}`,
          summary: `said by ${step.feed}`,
          version: String(step.version),
        },
        ...{ updatedAt: after(now, step.version * minute), cves: [`CVE-2026-100${step.cve}`], cwes: [] },
        products: [{ vendor: "Harbour", product: `Crane ${step.cve}`, versions: [], status: "affected" }],
        affects: [
          {
            status: "affected",
            vendor: "Harbour",
            product: `Crane ${step.cve}`,
            versions: [{ below: `${step.version + 1}` }],
          },
        ],
        ...(step.key % 2 === 1 ? { id: `CVE-2026-100${step.key % 4}` } : {}),
        scores: [{ version: "3.1", vector: "", score: step.strength, by: step.feed }] as never,
        ...(step.strength > 8 ? { exploited: { ransomware: step.strength > 9 } } : {}),
        ...{ epss: { probability: step.strength / 10, percentile: 0.5 }, labels: [], references: [] },
        ...(step.tlp === undefined ? {} : { tlp: step.tlp }),
      };
      await collectAdvisories({ ...collecting(world), add: true }, makeFeed(step.feed), {
        ...{ name: "", advisories: [advisory] },
      });
      return;
    }
    case "run": {
      const put = await putInventory(
        { state, idOf, now: () => clock.now },
        {
          ...{ organisation: o(step.of), name: `yard-${step.name}`, file: "yard.csv", who: `Keeper of ${step.of}` },
          body: Buffer.from(
            ["name,vendor,version,asset,exposed", `Crane ${step.crane},Harbour,${step.version},yard,yes`].join("\n"),
          ),
        },
      );
      if (!put.ok) throw new Error(put.problem.message);
      return;
    }
    case "unadvise":
      await state.act((tx) => tx.advisories.delist(step.feed, [advisoryIdOf(step.feed, `ADV-${step.key}`)], clock.now));
      return;
    case "send": {
      const id = `indicator--${String(step.object).padStart(8, "0")}-0000-4000-8000-000000000000`;
      const object = {
        ...{ type: "indicator", spec_version: "2.1", id, created: "2026-01-01T00:00:00.000Z" },
        modified: `202${6 + step.version}-01-01T00:00:00.000Z`,
        ...{ pattern: `[domain-name:value = 'bad${step.object}.example']`, pattern_type: "stix" },
        ...{ valid_from: "2026-01-01T00:00:00Z", name: `of ${step.by}`, object_marking_refs: [tlpMarking[step.tlp]] },
        ...(step.more === "revoked" ? { revoked: true } : {}),
        ...(step.more === "created" ? { created_by_ref: `identity--${idOf("identity", step.by)}` } : {}),
        ...(step.more === "part" ? { granular_markings: [{ marking_ref: tlpMarking.red, selectors: ["name"] }] } : {}),
      };
      const url = `/taxii2/waglan/collections/${step.to}/objects/`;
      const sent = await inject(world, credentialsOf(world, `${step.by} party`), "POST", url, { objects: [object] });
      if (step.by === viewer) world.transcript.set(`${at} POST ${url}`, sent.said);
      if (sent.status === 202)
        await joinStix(
          { state, secret: "secret", elapsed: () => 0, policy: lenient, now: clock.now },
          { key: `${idOf("collection", step.to)} ${step.by === "cert" ? "" : step.by}` },
          (sender) => sender,
        );
      return;
    }
    case "person": {
      const id = `identity--${String(step.object).padStart(8, "0")}-0000-4000-8000-000000000000`;
      const dated = { created: "2026-01-01T00:00:00.000Z", modified: "2026-01-01T00:00:00.000Z" };
      const object = {
        ...{ type: "identity", spec_version: "2.1", id, identity_class: "individual", name: `Secret ${step.by}` },
        ...{ ...dated, object_marking_refs: [tlpMarking.clear] },
      };
      const url = "/taxii2/waglan/collections/everybody/objects/";
      await inject(world, credentialsOf(world, `${step.by} party`), "POST", url, { objects: [object] });
      return;
    }
    case "event": {
      const uuid = `${String(100 + step.event).padStart(8, "0")}-0000-4000-8000-${idOf("event", step.by).slice(-12)}`;
      const isPerson = step.audience === "person";
      const attribute = {
        ...{ uuid: idOf("attribute", `${uuid} ${step.value} ${step.audience}`), to_ids: true },
        ...(isPerson
          ? { type: "target-email", category: "Targeting data", value: `secret${step.value}@person.example` }
          : { type: "domain", category: "Network activity", value: `bad${step.value}.example` }),
        distribution: "5",
      };
      const event = {
        ...{ uuid, info: `Event of ${step.by}`, date: "2026-11-20", threat_level_id: "2", analysis: "1" },
        ...(step.audience === "own"
          ? { distribution: "0" }
          : step.audience === "group"
            ? { distribution: "4", SharingGroup: { uuid: groupId } }
            : { distribution: "3" }),
        Tag: [{ name: "tlp:green" }, ...(step.audience === "pap" ? [{ name: "PAP:RED" }] : [])],
        Attribute: [attribute],
      };
      const headers = credentialsOf(world, `${step.by} party`);
      const sent = await inject(world, headers, "POST", "/misp/events/add", event);
      if (step.by === viewer) world.transcript.set(`${at} POST /misp/events/add`, withoutMispIds(sent.said));
      await inject(world, headers, "POST", `/misp/events/publish/${uuid}`, {});
      return;
    }
    case "remove": {
      const id = `indicator--${String(step.object).padStart(8, "0")}-0000-4000-8000-000000000000`;
      const url = `/taxii2/waglan/collections/everybody/objects/${id}/`;
      const sent = await inject(world, credentialsOf(world, `${step.by} party`), "DELETE", url);
      if (step.by === viewer) world.transcript.set(`${at} DELETE ${url}`, sent.said);
      return;
    }
    case "turn":
      return turn(world, step.feed, step.rejected);
    case "fetch": {
      const headers = credentialsOf(world, `${step.by} party`);
      for (const url of listUrls.slice(step.what % 3, (step.what % 3) + 4)) await inject(world, headers, "GET", url);
      await inject(world, headers, "GET", "/taxii2/waglan/collections/everybody/objects/");
      await inject(world, headers, "POST", "/misp/attributes/restSearch", { returnFormat: "json" });
      // and its sensor, under the same terms as others'
      const sensor = world.credentials.get(`${step.by} sensor`);
      if (sensor) await caughtUp(sql);
      if (sensor) for (const url of sensorUrls) await inject(world, sensor, "GET", url);
      return;
    }
    case "save":
      await state.act((tx) =>
        tx.out.saveList({
          ...{ party: o(step.by), name: `saved-${step.name}`, query: "domains", made: clock.now },
        }),
      );
      return;
    case "collection":
      await putCollection(world, `more-${step.of}`, [`organisation:${step.of}`]);
      return;
    case "background":
      return state.act((tx) =>
        tx.incidents.background([
          { organisation: o(step.of), day: "2026-11-21", kind: "ipv4", value: "198.51.100.2", why: "scan", hits: 3 },
        ]),
      );
    case "token":
      return state.act((tx) => tx.evidence.leaf({ kind: "policy", subject: step.of, at: clock.now, data: {} }));
    case "look": {
      for (const [as, headers] of comesAs(world, viewer).slice(-1)) {
        for (const url of [...listUrls.slice(step.first, step.first + 5), ...taxiiUrls.slice(0, 2)])
          await ask(world, as, headers, url, `${at} `);
        await search(world, as, headers, `${at} `, step.first % 2 === 0 ? ["json"] : ["csv"]);
        if (as === "sensor") await know(world, headers, `${at} `);
      }
      return;
    }
    case "wait":
      // the sources go on; what they said grows old
      for (const row of await sql`select feed from feed_state order by feed`)
        await turn(world, row["feed"] as string, 0);
  }
};

const advisoryIdOf = (feed: string, key: string): string => uuidOf(advisoryDigest("secret", feed, key));

const tlpMarking = {
  clear: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
  green: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
  amber: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
  "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
  red: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
} as const satisfies Record<Tlp, string>;

const listUrls: readonly string[] = [
  "/lists/domains.rpz",
  "/lists/addresses.txt",
  "/lists/all.stix.json",
  ...formatIds.filter((one) => one !== "rpz" && one !== "stix.json").map((one) => `/lists/domains.${one}`),
  "/lists/all.json",
  "/lists/all.csv?label=secretbot,qakbot",
  "/lists/all.csv?feed=strict",
  "/lists/all.csv?grade=A2",
  "/lists/all.csv?score=60",
  "/lists/urls.txt?tlp=green",
  "/lists/saved-0.txt",
  "/lists/nothing.txt",
];

const taxii = "/taxii2/waglan/";
const everybody = `${taxii}collections/everybody/`;
const objectId = (n: number): string => `indicator--${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`;
const taxiiUrls: readonly string[] = [
  `${everybody}objects/`,
  `${everybody}manifest/?limit=1`,
  "/taxii2/",
  taxii,
  `${taxii}collections/`,
  ...[...collections, "more-stranger"].map((alias) => `${taxii}collections/${alias}/`),
  ...collections.slice(1).map((alias) => `${taxii}collections/${alias}/objects/`),
  `${everybody}objects/?limit=2`,
  `${everybody}objects/?match[version]=all&limit=2`,
  `${everybody}objects/?match[version]=first`,
  `${everybody}objects/?match[type]=indicator`,
  `${everybody}manifest/`,
  `${everybody}manifest/?match[version]=all`,
  ...[0, 1, 2, 3, 4, 5].flatMap((n) => [
    `${everybody}objects/${objectId(n)}/`,
    `${everybody}objects/${objectId(n)}/versions/`,
  ]),
];

const credentialsOf = (world: World, who: string): Headers => {
  const found = world.credentials.get(who);
  if (found === undefined) throw new Error(`nobody is ${who}`);
  return found;
};

/** As what a viewer comes. */
const comesAs = (world: World, viewer: ViewerName): readonly (readonly [string, Headers])[] => {
  if (viewer === "public") return [["nobody", {}]];
  if (viewer === "sensor") return [["sensor", credentialsOf(world, "own sensor")]];
  return (["person", "party"] as const).map((as) => [as, credentialsOf(world, `${viewer} ${as}`)]);
};

interface Got {
  readonly status: number;
  /** All that was answered. */
  readonly said: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly json: Readonly<Record<string, unknown>>;
}

const inject = async (
  world: World,
  headers: Headers,
  method: "GET" | "POST" | "DELETE",
  url: string,
  body?: object,
): Promise<Got> => {
  const isTaxii = url.startsWith("/taxii2/");
  const answer = await world.server.app.inject({
    // from elsewhere: whoever sits at the machine itself is its operator
    ...{ method, url, remoteAddress: "203.0.113.77" },
    headers: {
      ...headers,
      ...(isTaxii ? { accept: "application/taxii+json;version=2.1" } : {}),
      ...(body === undefined
        ? {}
        : { "content-type": isTaxii ? "application/taxii+json;version=2.1" : "application/json", "x-waglan": "1" }),
      ...(method === "DELETE" ? { "x-waglan": "1" } : {}),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  const { date: _date, "x-request-id": request, ...rest } = answer.headers;
  const said = `${answer.statusCode} ${JSON.stringify(rest)} ${answer.payload}`.replaceAll(String(request), "REQUEST");
  let json: unknown;
  try {
    json = JSON.parse(answer.payload);
  } catch {
    json = {};
  }
  return { status: answer.statusCode, said, headers: rest, json: json as Record<string, unknown> };
};

/** A GET that is written down. Whoever was given a validator asks with it a second time. */
const ask = async (world: World, as: string, headers: Headers, url: string, when = ""): Promise<Got> => {
  const key = `${when}${as} GET ${url}`;
  const got = await inject(world, headers, "GET", url);
  const said = ({ said: text }: Got): string => (url.startsWith("/misp/") ? withoutMispIds(text) : text);
  world.transcript.set(key, said(got));
  const etag = world.etags.get(`${as} ${url}`);
  if (etag !== undefined) {
    const again = await inject(world, { ...headers, "if-none-match": etag }, "GET", url);
    world.transcript.set(`${key} if it changed`, said(again));
  }
  if (typeof got.headers["etag"] === "string") world.etags.set(`${as} ${url}`, got.headers["etag"]);
  return got;
};

/** What a sensor inside the organisation is given. */
const sensorUrls = ["/api/v1/sensor/knowledge", "/api/v1/sensor/rules", "/api/v1/sensor/asks"];

/** What the sensor may look for, whole and since it last asked. */
const know = async (world: World, headers: Headers, when: string): Promise<void> => {
  // how far a change feed tells is a matter of other tests' open transactions
  await caughtUp(world.sql);
  const since = world.etags.get("knowledge");
  for (const url of [...sensorUrls, ...(since === undefined ? [] : [`${sensorUrls[0] ?? ""}?since=${since}`])]) {
    const { said } = await ask(world, "sensor", headers, url, when);
    const [, cursor] = /"head":\{"version":1,"cursor":"([0-9a-f-]+)"/.exec(said) ?? [];
    if (cursor !== undefined) world.etags.set("knowledge", cursor);
  }
};

/** MISP's searches by POST, in every format in which it writes what was found. */
const returnFormats: Readonly<Record<"events" | "attributes" | "objects", readonly string[]>> = {
  events: ["json", "csv", "text", "stix2", "openioc", "count", "suricata", "rpz", "hashes", "cache", "hosts"],
  attributes: [
    "json",
    "csv",
    "text",
    "suricata",
    "snort",
    "rpz",
    "hashes",
    "hosts",
    "stix2",
    "openioc",
    "count",
  ].concat([...["netfilter", "zeek", "cache", "yara", "attack-sightings", "nonsense"]]),
  objects: ["json", "count"],
};

const search = async (
  world: World,
  as: string,
  headers: Headers,
  when: string,
  only?: readonly string[],
): Promise<void> => {
  for (const [what, all] of Object.entries(returnFormats))
    for (const returnFormat of only ?? all)
      for (const filter of only ? [{}] : [{}, { value: "bad0.example" }, { includeEventTags: true, deleted: [0, 1] }]) {
        const url = `/misp/${what}/restSearch`;
        const asked = { returnFormat, ...filter };
        const got = await inject(world, headers, "POST", url, asked);
        world.transcript.set(`${when}${as} POST ${url} ${JSON.stringify(asked)}`, withoutMispIds(got.said));
      }
};

/**
 * MISP numbers what it holds; ours are a keyed permutation of a row's own number (share/misp-ids.ts): which one says
 * nothing, but two worlds draw different ones.
 */
const withoutMispIds = (said: string): string =>
  said
    // a rule's own number says nothing (jobs/lists/serial.ts), and may look like a time
    .replaceAll(/\bsid:\d+;/g, "sid:…;")
    // below 2³⁰; what begins with 17 and has ten digits is a time, and is compared
    .replaceAll(/(?<![\w.-])e?\d{4,10}(?![\w.-])/g, (number) => (/^17\d{8}$/.test(number) ? number : "…"))
    .replaceAll(/"(?:etag|content-length)":"[^"]*"/g, '"…":"…"');

/** What may stand in an address where it says `{…}`, by what stands before it. */
const named: Readonly<Record<string, readonly string[]>> = {
  organisations: ["own", "stranger"],
  sources: ["list", "strict", "young", "taxii-posts-everybody-stranger"],
  indicators: [0, 1, 2, 3, 4, 5, 10, 13, 14, 15].map(indicatorOf),
  advisories: [...openFeeds, ...hiddenFeeds].flatMap((feed) =>
    ["ADV-0", "ADV-2", "ADV-14", "CVE-2026-1001"].map((key) => advisoryIdOf(feed, key)),
  ),
  findings: members
    .slice(0, 3)
    .flatMap((key) =>
      ["infected-system:qakbot", "infected-system:qakbot veiled", "ddos-amplifier:openntpd"].map((about) =>
        idOf("finding", `${key} ${address(key)} ${about}`),
      ),
    ),
  sharing: ["own", "stranger"],
  news: ["en.atom", "zh-Hant-HK.rss"],
  exclusions: ["none"],
  events: ["1", "2"],
  attributes: ["1", "2"],
};

const searches: readonly string[] = [
  "/api/v1/indicators?search=example",
  "/api/v1/indicators?search=bad0.example",
  "/api/v1/indicators?search=198.51.100.0%2F24&limit=1",
  "/api/v1/indicators?feed=strict",
  "/api/v1/indicators?search=title&alive=true",
  "/api/v1/indicators?search=qakbot%20redbot",
  "/api/v1/indicators?tlp=green",
  "/api/v1/indicators?tlp=red",
  "/api/v1/indicators?kind=ipv4&limit=1",
  "/api/v1/findings?search=secretbot",
  "/api/v1/findings?organisation=stranger",
  "/api/v1/advisories?search=crane",
  "/api/v1/advisories?search=strict",
  "/api/v1/advisories?cve=CVE-2026-1001",
  "/api/v1/advisories?product=Crane%201",
  "/api/v1/advisories?feed=strict",
  "/api/v1/products/weaknesses?search=crane&limit=1",
  "/api/v1/products/weaknesses?exploited=true",
  "/api/v1/products/matches?weakness=CVE-2026-1001",
  ...["act-now", "soon", "planned", "watch"].map((one) => `/api/v1/advisories?priority=${one}`),
];

const crawl = async (world: World, viewer: ViewerName, thorough: boolean): Promise<void> => {
  const document = (await inject(world, {}, "GET", "/api/openapi.json")).json as {
    paths: Record<string, Record<string, unknown>>;
  };
  const simple = Object.entries(document.paths).flatMap(([path, methods]) => {
    if (!("get" in methods) || path === "/api/v1/stream" || path.startsWith("/taxii2/")) return [];
    if (!thorough && !/indicators|findings|advisories|products|news|status|misp/.test(path)) return [];
    if (!path.includes("{")) return [path];
    const [, before = ""] = /([^/]+)\/\{/.exec(path) ?? [];
    return (named[before] ?? ["1"])
      .slice(0, thorough ? 99 : 4)
      .map((id) => path.replace(/\{[^}]+\}/, id).replace(/\{[^}]+\}/, "yard-0"));
  });
  for (const [as, headers] of comesAs(world, viewer)) {
    const seen = new Set<string>();
    const go = async (url: string): Promise<Got> => {
      // a person goes to lists and collections, and a machine to pages, only now and then
      const theirs = thorough || as === "nobody" || (url.startsWith("/api/") ? as === "person" : as !== "person");
      if (!theirs || seen.has(url)) return { status: 0, said: "", headers: {}, json: {} };
      seen.add(url);
      return ask(world, as, headers, url);
    };
    for (const url of simple) await go(url);
    for (const url of thorough ? searches : searches.slice(0, 5)) await go(url);
    const ids: string[] = [];
    for (const view of ["open", "closed"])
      for (let url: string | undefined = `/api/v1/findings?view=${view}&limit=2`; url !== undefined; ) {
        const page: { findings?: { id: string }[]; next?: string } = (await go(url)).json;
        ids.push(...(page.findings ?? []).map((one) => one.id));
        url = page.next === undefined ? undefined : `/api/v1/findings?view=${view}&limit=2&cursor=${page.next}`;
      }
    for (const id of ids) await go(`/api/v1/findings/${id}`);
    for (let url: string | undefined = "/api/v1/indicators?limit=2"; url !== undefined; ) {
      const page: { indicators?: { id: string }[]; next?: string } = (await go(url)).json;
      for (const one of page.indicators ?? []) await go(`/api/v1/indicators/${one.id}`);
      url = page.next === undefined ? undefined : `/api/v1/indicators?limit=2&cursor=${page.next}`;
    }
    const lookedUp = [0, 1, 2, 3, 4, 5, 10, 14, 15].map((n) => valueOf(n).value);
    const found = await inject(world, headers, "POST", "/api/v1/indicators/look-up", [...lookedUp, "www.bad0.example"]);
    world.transcript.set(`${as} POST /api/v1/indicators/look-up`, found.said);
    for (let url: string | undefined = "/api/v1/advisories?limit=2"; url !== undefined; ) {
      const page: { advisories?: { id: string }[]; next?: string } = (await go(url)).json;
      for (const one of page.advisories ?? []) await go(`/api/v1/advisories/${one.id}`);
      url = page.next === undefined ? undefined : `/api/v1/advisories?limit=2&cursor=${page.next}`;
    }
    if (as !== "person") await search(world, as, headers, "", thorough ? undefined : ["json", "count", "stix2"]);
    for (const url of thorough ? listUrls : listUrls.slice(0, 7)) await go(url);
    if (as === "sensor") await know(world, headers, "at the end ");
    for (const first of thorough ? taxiiUrls : taxiiUrls.slice(0, 14))
      for (let url: string | undefined = first; url !== undefined; ) {
        const page: { more?: boolean; next?: string } = (await go(url)).json;
        url = page.more === true ? `${first.replace(/\?.*/, "")}?next=${page.next ?? ""}` : undefined;
      }
  }
  const mails =
    await world.sql`select mail from outbox where mail->'to'->>'address' = ${`person@${viewer}.example`} order by message_id`;
  const hooks =
    await world.sql`select event, body, objects from webhook_message where webhook = ${idOf("webhook", viewer)} order by created, id`;
  world.transcript.set("webhooks", JSON.stringify(hooks));
  world.transcript.set("mail", JSON.stringify(mails.map((row) => row["mail"] as unknown)));
};
