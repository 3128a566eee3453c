import type { Sql } from "postgres";
import type { TestContext } from "node:test";
import { buildExclusions } from "#intel/exclusions.ts";
import { makeSessionSecret } from "#community/token.ts";
import type { Directory } from "#community/directory.ts";
import type { Role } from "#community/roles.ts";
import { parseGrade } from "#core/grade.ts";
import { after, type Instant, minute } from "#core/instant.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import { lenient } from "#core/value-policy.ts";
import type { Feed } from "#feeds/feed.ts";
import { feed as lines } from "#feeds/generic-lines/feed.ts";
import { type HttpServer, openHttp } from "#http/server.ts";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import type { Desk } from "#jobs/acts/desk.ts";
import { decide } from "#jobs/decide.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { joinIndicators } from "#jobs/indicators/join.ts";
import { raiseAlerts } from "#jobs/alerts/raise.ts";
import { isDetector } from "#jobs/findings/detector-source.ts";
import { type ClaimedHit, hitId, recordHits } from "#jobs/findings/record-hits.ts";
import { accounts } from "#store/accounts.ts";
import { endSilence, silenceFindings } from "#jobs/findings/silence-findings.ts";
import { stateOf } from "#store/state.ts";
import { views } from "#store/views.ts";
import type { FindingAct } from "#incidents/state.ts";
import { indicatorId } from "#intel/indicator.ts";
import { testDatabase } from "./cluster.ts";
import { claim, emptyDirectory, hit, idOf, now, o, organisation } from "./incident-world.ts";

export const members = ["own", "provider", "client", "stranger"] as const;
export type Member = (typeof members)[number];

/** What each viewer may see findings of: its own, and as a client its provider's AMBER. */
export const viewers = { own: ["own"], client: ["client", "provider"] } as const satisfies Record<
  string,
  readonly Member[]
>;
export type ViewerName = keyof typeof viewers;

/** Feeds of the world. Only the first two may be known outside staff. */
export const feeds = {
  list: { tlp: "green", shadow: false, grade: "B2", labels: ["qakbot"] },
  second: { tlp: "amber", shadow: false, grade: "D4", labels: ["botnet", "emotet"] },
  strict: { tlp: "amber+strict", shadow: false, grade: "A1", labels: ["secretbot"] },
  red: { tlp: "red", shadow: false, grade: "A2", labels: ["redbot"] },
  young: { tlp: "clear", shadow: true, grade: "A1", labels: ["youngbot"] },
  "rule:loud": { tlp: "amber", shadow: false, grade: "B2", labels: [] },
  "rule:quiet": { tlp: "amber", shadow: true, grade: "B2", labels: [] },
} as const satisfies Record<string, { tlp: Tlp; shadow: boolean; grade: string; labels: readonly string[] }>;
export type FeedName = keyof typeof feeds;
export const openFeeds = ["list", "second"] as const satisfies readonly FeedName[];
/** Rules that were let speak, and that were not: they list nothing, and their hits have no indicator. */
export const openRules = ["rule:loud"] as const satisfies readonly FeedName[];
export const hiddenRules = ["rule:quiet"] as const satisfies readonly FeedName[];
export const hiddenFeeds = ["strict", "red", "young"] as const satisfies readonly FeedName[];

/** One thing that happens. */
export type Step =
  | {
      readonly does: "hit";
      readonly of: Member;
      readonly asset: number;
      readonly value: number;
      readonly line: number;
      readonly feeds: readonly FeedName[];
    }
  | { readonly does: "list" | "delist"; readonly feed: FeedName; readonly of: Member; readonly asset: number }
  | { readonly does: "mark"; readonly feed: FeedName; readonly tlp: Tlp; readonly value: number }
  | {
      readonly does: "decide";
      readonly act: FindingAct;
      readonly of: Member;
      readonly veiled: boolean;
      readonly nth: number;
    }
  /** Staff silences one organisation's findings for two days, or what is in force ends. */
  | { readonly does: "silence" | "unsilence"; readonly of: Member }
  | { readonly does: "account" | "token" | "background" | "evidence"; readonly of: Member };

export interface Happening {
  readonly step: Step;
  /** Minutes after the beginning. */
  readonly at: number;
}

const address = (of: Member, asset: number): string => `192.0.2.${members.indexOf(of) * 16 + asset}`;

const feedOf = (id: FeedName): Feed => {
  const grade = parseGrade(feeds[id].grade);
  if (!grade.ok) throw new Error("no grade");
  return {
    ...lines,
    ...{
      id,
      title: `Title of ${id}`,
      publisher: id,
      tlp: feeds[id].tlp,
      grade: grade.value,
      liveDays: 30,
      voice: "alert",
      licence: "CC0-1.0",
    },
    means: { contacted: "infected-system", listed: id === "strict" ? "c2-server" : "blacklist" },
  };
};

const roleOf = {
  own: "security-contact",
  client: "security-contact",
  provider: "security-contact",
  stranger: "manager",
} as const satisfies Record<Member, Role>;
const directory: Directory = {
  ...emptyDirectory,
  organisations: members.map((key) => organisation(key, key === "client" ? { clientOf: [o("provider")] } : {})),
  people: members.map((key) => ({
    ...{ id: `p-${key}` as never, key: `p-${key}`, name: `Person of ${key}`, language: "en" as const },
    channels: [{ kind: "email" as const, address: `person@${key}.example`, proven: true }],
    organisations: [{ organisation: o(key), role: roleOf[key] }],
  })),
  assets: members.map((key, at) => ({
    ...{ id: `a-${key}` as never, organisation: o(key), kind: "network" as const, value: `192.0.2.${at * 16}/28` },
    ...{ from: 0 as Instant, proof: "registry" as never, worth: "normal" as const },
  })),
  sensors: members.map((key) => ({
    ...{
      id: `s-${key}` as never,
      key: `s-${key}`,
      organisation: o(key),
      title: `Sensor of ${key}`,
      format: "suricata-eve",
      networks: [],
    },
  })),
};

/** One of the two worlds: a database, its acts behind HTTP, and a clock that the steps move. */
export interface Side {
  readonly play: (happenings: readonly Happening[]) => Promise<void>;
  /** Every byte this viewer can obtain, by what was asked. */
  readonly crawl: (viewer: ViewerName, thorough: boolean) => Promise<ReadonlyMap<string, string>>;
  readonly clear: () => Promise<void>;
}

export const openSide = async (t: TestContext): Promise<Side> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const clock = { now };
  await importDirectory(state, directory, "test", now);
  const memory = new DirectoryMemory(state);
  await memory.refresh();
  const people = accounts(sql);
  const secrets = {} as Record<ViewerName, string>;
  for (const viewer of Object.keys(viewers) as ViewerName[]) {
    const { text, hash } = makeSessionSecret(Buffer.alloc(32, viewer));
    await people.put(
      {
        id: `acc-${viewer}`,
        name: viewer,
        display: viewer,
        password: "none",
        staff: false,
        roles: [],
        person: `p-${viewer}`,
        language: "en",
      },
      now,
    );
    await people.openSession(hash, `ses-${viewer}`, `acc-${viewer}`, now, after(now, 100_000 * minute));
    secrets[viewer] = text;
  }
  const sources = (Object.keys(feeds) as FeedName[]).map((id) => ({ feed: feedOf(id), trusted: !feeds[id].shadow }));
  const desk: Desk = {
    ...{ state, views: views(sql), accounts: people, directory: memory, idOf, now: () => clock.now },
    sources: () => sources,
    listed: {
      indicatorId: (observable) => indicatorId("secret", observable),
      index: () => undefined,
      origin: async () => undefined,
    },
    exclusions: () => buildExclusions([], { allow: ["192.0.2.0/24", "198.51.100.0/24"] }),
    collectNow: async () => {},
    collectPieces: async () => undefined,
    policy: () => lenient,
    history: { on: () => false, says: () => "off" },
    light: () => ({ collecting: true, matching: true, alerting: true }),
    checks: async () => [{ name: "state", ok: true }],
    ...{ portal: "https://waglan.example", answerKey: Buffer.alloc(32, 7), batchesAtMost: 10, woke: () => {} },
    random: (bytes) => Buffer.alloc(bytes, 3),
    changes: { subscribe: () => () => {} },
  };
  const server = await openHttp({
    acts: actsOf(desk),
    portal: new URL("no-portal-here/", import.meta.url).pathname,
    policy: { styles: [], trustedTypes: [] },
    security: { contacts: ["mailto:security@cert.example"], languages: ["en"] },
    version: "0.0.0",
    now: () => clock.now,
  });
  t.after(() => server.close());
  const community = { shadow: () => false, worth: () => "normal" as const, idOf };
  const joining = {
    state,
    directory: memory,
    community,
    listed: (feed: string) => feedOf(feed as FeedName).means.listed,
    now: () => clock.now,
  };
  const alerting = {
    ...{
      state,
      directory: memory,
      titleOf: (feed: string) => feedOf(feed as FeedName).title,
      portal: "https://waglan.example",
      idOf,
      now: () => clock.now,
    },
    ...{ from: { name: "CERT", address: "cert@cert.example" }, answerKey: Buffer.alloc(32, 7) },
  };

  return {
    play: async (happenings) => {
      for (const { feed, trusted } of sources) {
        await state.act((tx) => tx.intel.feed(feed, !trusted));
        await state.act((tx) =>
          tx.intel.turn(
            {
              ...{ feed: feed.id, at: now, state: "healthy", file: "", bytes: 1, rows: 1, accepted: 1 },
              ...{ rejected: {}, added: 0, changed: 0, delisted: 0, tookMs: 1 },
            },
            [],
            {},
          ),
        );
      }
      for (const { step, at } of happenings) {
        clock.now = after(now, at * minute);
        await happen(sql, step, at, { state, community, people, clock });
        if (step.does === "list" || step.does === "delist") await joinAll(sql, joining);
        while ((await raiseAlerts(alerting)) !== undefined);
      }
      clock.now = after(now, 10_000 * minute);
    },
    crawl: (viewer, thorough) => crawl(sql, server, secrets[viewer], viewer, thorough),
    clear: async () => {
      await sql.unsafe(`delete from release_ledger; delete from idempotency; delete from evidence_leaf; delete from evidence_checkpoint; delete from outbox; delete from queue;
        delete from answer; delete from alert_recipient; delete from alert; delete from background; delete from finding; delete from silence_effect; delete from silence; delete from quiet_hit; delete from incident; delete from intel_change;
        delete from claim; delete from indicator; delete from feed_state; delete from token; delete from account where id not like 'acc-%'; delete from deployment where key like 'reader:%'`);
    },
  };
};

interface Stage {
  readonly state: ReturnType<typeof stateOf>;
  readonly community: Parameters<typeof recordHits>[3];
  readonly people: ReturnType<typeof accounts>;
  readonly clock: { readonly now: Instant };
}

const rowOf = (feed: FeedName, kind: "ipv4" | "domain", value: string, at: Instant, tlp: Tlp = feeds[feed].tlp) => ({
  id: indicatorId("secret", { kind, value }),
  ...{
    observable: { kind, value },
    parts: [""],
    seenAt: at,
    labels: feeds[feed].labels,
    flags: [],
    tlp,
    pap: "clear" as const,
    licence: "CC0-1.0" as const,
  },
  grade: feedOf(feed).grade,
});

/** The same line, as a rule speaks of it: of the same problem, so that it may meet a finding that lists made. */
const ruled = ({ hit: one, claims }: ClaimedHit): ClaimedHit => {
  const { indicator: _indicator, ...rest } = one;
  const [feed = ""] = one.sources;
  const id = hitId([one.id, feed]);
  const noticed = { id: feed, title: `Title of ${feed}`, tactics: ["execution"] };
  return {
    hit: { ...rest, id, noticed, detector: "sigma", where: "record", observable: { kind: "ipv4", value: one.asset } },
    claims: claims.map((claim) => ({ ...claim, indicator: idOf("detector", `${feed} ${one.organisation}`) })),
  };
};

const happen = async (sql: Sql, step: Step, at: number, { state, community, people, clock }: Stage): Promise<void> => {
  switch (step.does) {
    case "hit": {
      const value = `bad${step.value}.example`;
      const claims = step.feeds.map((feed) =>
        claim(value, {
          feed,
          tlp: feeds[feed].tlp,
          shadow: feeds[feed].shadow,
          labels: feeds[feed].labels,
          grade: feedOf(feed).grade,
        }),
      );
      const lists = claims.filter(({ feed }) => !isDetector(feed));
      const hits = [
        ...(lists.length === 0 ? [] : [lists]),
        ...claims.filter(({ feed }) => isDetector(feed)).map((rule) => [rule]),
      ].map((behind) => {
        const one = hit(step.of, address(step.of, step.asset), value, { minute: at, line: step.line, claims: behind });
        return behind === lists ? one : ruled(one);
      });
      await state.act((tx) => recordHits(tx, hits, undefined, community, clock.now));
      return;
    }
    case "list":
      await state.act((tx) =>
        tx.intel.merge(step.feed, [rowOf(step.feed, "ipv4", address(step.of, step.asset), clock.now)], clock.now),
      );
      return;
    case "delist":
      await state.act((tx) =>
        tx.intel.delist(step.feed, "", [rowOf(step.feed, "ipv4", address(step.of, step.asset), now).id], clock.now),
      );
      return;
    case "mark":
      await state.act((tx) =>
        tx.intel.merge(
          step.feed,
          [rowOf(step.feed, "domain", `marked${step.value}.example`, clock.now, step.tlp)],
          clock.now,
        ),
      );
      return;
    case "decide": {
      const found =
        await sql`select id from finding where organisation = ${step.of} and veiled = ${step.veiled} order by id`;
      const row = found[step.nth % Math.max(1, found.length)];
      if (row)
        await decide(
          state,
          {
            finding: row["id"] as string,
            act: step.act,
            who: "Staff",
            reason: "because",
            until: after(clock.now, 7 * 24 * 60 * minute),
            maySee: () => true,
          },
          clock.now,
        );
      return;
    }
    case "silence": {
      // of one organisation there may be two at one moment; how many it has is the same in both worlds for who may see it
      const [known] = await sql`select count(*)::int as n from silence where matcher ->> 'organisation' = ${step.of}`;
      const silence = {
        id: idOf("silence", `${step.of} ${at} ${String(known?.["n"])}`),
        matcher: { organisation: step.of },
        reason: "because",
        who: "Staff",
      };
      await silenceFindings(state, { ...silence, at: clock.now, until: after(clock.now, 2880 * minute) }, clock.now);
      return;
    }
    case "unsilence":
      for (const { id, matcher } of await state.act((tx) => tx.incidents.silencesInForce(clock.now)))
        if (matcher.organisation === step.of)
          await endSilence(state, { id, who: "Staff", reason: "because" }, clock.now);
      return;
    case "account":
      return people.put(
        {
          id: `x-${step.of}`,
          name: `x-${step.of}`,
          display: "x",
          password: "x",
          staff: false,
          roles: [],
          person: `p-${step.of}`,
          language: "en",
        },
        clock.now,
      );
    case "token": {
      // as of silences: there may be two at one moment
      const [known] = await sql`select count(*)::int as n from token where organisation = ${step.of}`;
      const key = `${step.of} ${at} ${String(known?.["n"])}`;
      return people.putToken(
        {
          id: idOf("token", key),
          prefix: "abcdefgh",
          kind: "party",
          organisation: step.of as OrganisationId,
          permissions: ["lists.read"],
          title: "x",
          made: clock.now,
        },
        idOf("hash", key),
      );
    }
    case "background":
      return state.act((tx) =>
        tx.incidents.background([
          { organisation: o(step.of), day: "2026-11-21", kind: "ipv4", value: "198.51.100.1", why: "scan", hits: 3 },
        ]),
      );
    case "evidence":
      return state.act((tx) => tx.evidence.leaf({ kind: "policy", subject: step.of, at: clock.now, data: {} }));
  }
};

/** Until the change feed has given everything: an open writer elsewhere in the cluster holds it back. */
const joinAll = async (sql: Sql, joining: Parameters<typeof joinIndicators>[0]): Promise<void> => {
  for (;;) {
    while ((await joinIndicators(joining)) !== undefined);
    const [left] = await sql`select count(*)::int as n from intel_change
      where (xid, seq) > (coalesce((select (value->>'xid')::xid8 from deployment where key = 'reader:join-indicators'), '0'::xid8),
        coalesce((select (value->>'seq')::bigint from deployment where key = 'reader:join-indicators'), 0))`;
    if (left?.["n"] === 0) return;
  }
};

const listViews = ["open", "snoozed", "suppressed", "muted", "shadow", "closed"] as const;
const elsewhere = [
  "/api/v1/session",
  "/api/v1/organisations",
  ...members.map((key) => `/api/v1/organisations/${key}`),
  "/api/v1/people",
  "/api/v1/people?organisation=stranger",
  "/api/v1/assets?past=true",
  "/api/v1/assets?text=192.0.2.50",
  "/api/v1/sensors",
  "/api/v1/sensors?organisation=provider",
  "/api/v1/sources",
  "/api/v1/sources/strict",
  "/api/v1/tokens",
  "/lists/domains.csv",
  "/lists/addresses.txt",
  "/api/v1/incidents?organisation=stranger",
  "/api/v1/silences",
  "/api/v1/attack",
  "/api/v1/findings?text=secretbot",
  "/api/v1/findings?text=192.0.2",
  "/api/v1/findings?organisation=stranger",
  "/api/v1/findings?severity=high&limit=1",
];

const crawl = async (
  sql: Sql,
  server: HttpServer,
  secret: string,
  viewer: ViewerName,
  thorough: boolean,
): Promise<ReadonlyMap<string, string>> => {
  const got = new Map<string, string>();
  const ask = async (
    method: "GET" | "POST",
    url: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await server.app.inject({
      ...{ method, url, headers: { cookie: `waglan=${secret}`, ...(body ? { "x-waglan": "1" } : {}) } },
      ...(body ? { payload: body } : {}),
    });
    const request = String(answer.headers["x-request-id"]);
    const { date: _date, "x-request-id": _id, ...headers } = answer.headers;
    got.set(
      `${method} ${url}`,
      `${answer.statusCode} ${JSON.stringify(headers)} ${answer.payload}`.replaceAll(request, "REQUEST"),
    );
    return {
      status: answer.statusCode,
      body: JSON.parse(answer.payload.startsWith("{") ? answer.payload : "{}") as Record<string, unknown>,
    };
  };
  const ids: string[] = [];
  for (const view of listViews)
    for (let url: string | undefined = `/api/v1/findings?view=${view}&limit=2`; url !== undefined; ) {
      const page: { findings?: { id: string }[]; next?: string } = (await ask("GET", url)).body;
      ids.push(...(page.findings ?? []).map((one) => one.id));
      url = page.next === undefined ? undefined : `/api/v1/findings?view=${view}&limit=2&cursor=${page.next}`;
    }
  await ask("GET", "/api/v1/status");
  // an organisation's own parts: what is hidden ties nothing of them, names none and makes none weigh more
  for (const view of ["open", "muted", "closed"])
    for (let url: string | undefined = `/api/v1/incidents?view=${view}&limit=1`; url !== undefined; ) {
      const page: { incidents?: { id: string }[]; next?: string } = (await ask("GET", url)).body;
      for (const one of page.incidents ?? []) await ask("GET", `/api/v1/incidents/${one.id}`);
      url = page.next === undefined ? undefined : `/api/v1/incidents?view=${view}&limit=1&cursor=${page.next}`;
    }
  // ids of what may be hidden: in one world they are rows, in the other they never were
  const hidden = [...members, ...members].map((key, at) =>
    idOf("finding", `${key} ${address(key, at % 2)} infected-system:qakbot${at < 4 ? "" : " veiled"}`),
  );
  for (const id of new Set([...ids, ...(thorough ? hidden : hidden.slice(3, 6))]))
    await ask("GET", `/api/v1/findings/${id}`);
  if (thorough) for (const url of elsewhere) await ask("GET", url);
  const answered = [...ids.slice(0, 1), ...hidden.slice(3, 5)];
  for (const id of answered)
    await ask("POST", `/api/v1/findings/${id}/answers`, { answer: "acknowledged", note: "seen" });
  await ask("GET", "/api/v1/findings?view=open&limit=50");
  const mails =
    await sql`select mail from outbox where mail->'to'->>'address' = ${`person@${viewer}.example`} order by message_id`;
  got.set("mail", JSON.stringify(mails.map((row) => row["mail"] as unknown)));
  return got;
};
