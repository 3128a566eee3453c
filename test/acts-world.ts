import { createHash, randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import type { Sql } from "postgres";
import { canonicalAccount, hashPassword } from "#community/password.ts";
import { readDirectoryFile } from "#community/directory-file.ts";
import type { PersonViewer, Staff, Viewer } from "#community/viewer.ts";
import { after, type Instant, instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { RsitType } from "#core/rsit.ts";
import { rsitTypes } from "#core/rsit.ts";
import type { Hit } from "#detect/hit.ts";
import { lenient } from "#core/value-policy.ts";
import { feedById } from "#feeds/index.ts";
import type { Acts, Ask, Session } from "#jobs/acts/port.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { LiveClaim } from "#intel/ports.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import type { Changed, Desk, Woken } from "#jobs/acts/desk.ts";
import { collect } from "#jobs/collect/collect.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { recordHits } from "#jobs/findings/record-hits.ts";
import { accounts } from "#store/accounts.ts";
import { stateOf } from "#store/state.ts";
import { views } from "#store/views.ts";
import { testDatabase } from "./cluster.ts";

/** The acts over a real database and a small harbour: a CERT, two departments, a shop, a partner overseas. */
export interface ActsWorld {
  readonly sql: Sql;
  readonly desk: Desk;
  readonly acts: Acts;
  readonly id: (kind: string, key: string) => string;
  /** The clock of this world; it stands still. */
  readonly clock: { now: Instant };
  readonly woken: Woken[];
  readonly collected: { readonly feed: string; readonly acceptHeld?: boolean }[];
  readonly change: (change: Changed) => void;
  /** Makes the account, signs it in. */
  readonly enter: (who: keyof typeof people) => Promise<{ readonly secret: string; readonly session: Session }>;
  readonly viewer: (who: keyof typeof people) => Promise<Staff | PersonViewer>;
  readonly find: (wanted?: Wanted) => Promise<StoredFinding>;
  /** Leaves of the evidence, oldest first. */
  readonly leaves: () => Promise<readonly { kind: string; subject: string; data: Record<string, unknown> }[]>;
}

export interface Wanted {
  readonly organisation?: string;
  readonly asset?: string;
  readonly value?: string;
  readonly type?: RsitType;
  readonly about?: string;
  readonly detector?: Hit["detector"];
  readonly claims?: readonly Partial<LiveClaim>[];
  readonly times?: number;
}

export const ask: Ask = { language: "en", request: "r-1" };
export const password = "a lamp upon the rock";

export const people = {
  lo: { staff: true, roles: ["analyst"], display: "Lo Wing-yan" },
  root: { staff: true, roles: ["administrator"], display: "Root" },
  chan: { staff: false, roles: [], display: "Chan Hoi-ki", person: "chan" },
  head: { staff: false, roles: [], display: "Transport head", person: "head" },
  green: { staff: false, roles: [], display: "Parks contact", person: "green" },
  abroad: { staff: false, roles: [], display: "Overseas", person: "abroad" },
} as const;

const directory = `
community: { name: { en: Harbour CERT, zh-Hant-HK: 海港中心, zh-Hans: 海港中心 }, zone: Asia/Hong_Kong, anchor: cert }
organisations:
  - id: cert
    name: { en: Harbour CERT, zh-Hant-HK: 海港中心, zh-Hans: 海港中心 }
    shadow: false
    people: [{ id: lo, name: Lo Wing-yan, email: lo@cert.example, role: analyst }]
  - id: transport
    name: { en: Transport Department, zh-Hant-HK: 運輸署, zh-Hans: 运输署 }
    languages: [zh-Hant-HK, en]
    shadow: false
    people:
      - { id: chan, name: Chan Hoi-ki, email: chan@transport.example, role: security-contact }
      - { id: head, name: Transport head, email: head@transport.example, role: manager }
    assets:
      - { kind: network, value: 203.0.113.16/28, from: 2024-01-01, proof: registry }
      - { kind: domain, value: transport.example, proof: dns }
    sensors: [{ id: edge, title: Transport edge, format: suricata-eve, networks: [10.20.0.0/16, 203.0.113.16/28] }]
  - id: parks
    name: { en: Parks Department }
    parent: transport
    shadow: false
    people: [{ id: green, name: Green Keeper, email: green@parks.example, role: security-contact }]
    assets: [{ kind: network, value: 203.0.113.32/28 }]
    sensors: [{ id: gate, title: Parks gate, format: zeek }]
  - id: oversea
    name: { en: Overseas CERT }
    kind: partner
    people: [{ id: abroad, name: Overseas, email: team@oversea.example, role: partner }]
    agreement: { tlpMax: green, papMax: green, purposes: [blocking], from: 2024-01-01 }
`;

/** Wed 2026-11-19T08:42:00Z */
const start = instant(1_795_077_720_000);

export const openActsWorld = async (t: TestContext): Promise<ActsWorld> => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const clock = { now: start };
  const id = (kind: string, key: string): string => uuid(`${kind}\0${key}`);
  const memory = new DirectoryMemory(state);
  const read = readDirectoryFile(Buffer.from(directory), id, start);
  if (read.problems.length > 0) throw new Error(JSON.stringify(read.problems));
  await importDirectory(state, read.directory, "test", start);
  await memory.refresh();

  const woken: Woken[] = [];
  const collected: { feed: string; acceptHeld?: boolean }[] = [];
  const listeners = new Set<(change: Changed) => void>();
  const desk: Desk = {
    ...{ state, views: views(sql), accounts: accounts(sql), directory: memory },
    sources: () =>
      [...feedById.values()].map((feed) => ({ feed, trusted: false, ...(feed.url ? { url: feed.url } : {}) })),
    listed: {
      indicatorId: (observable) => indicatorId("test", observable),
      index: () => undefined,
      origin: async () => undefined,
    },
    exclusions: () => buildExclusions([], { allow: ["198.51.100.0/24", "203.0.113.0/24"] }),
    collectNow: async (feed, options) => {
      collected.push({ feed, ...options });
    },
    collectPieces: (feed, pieces, file, committing, options = {}) =>
      collect(
        {
          ...{ state, secret: "test", elapsed: () => 0, committing, now: clock.now, policy: lenient, shadow: true },
          ...options,
        },
        feed,
        pieces,
        file,
      ),
    policy: () => lenient,
    history: { on: () => false, says: (language) => `off in ${language}` },
    light: () => ({ collecting: true, matching: true, alerting: false }),
    checks: async () => [{ name: "state", ok: true }],
    portal: "https://waglan.cert.example",
    phone: "+852 5550 0199",
    answerKey: Buffer.alloc(32, 7),
    idOf: id,
    random: (length) => randomBytes(length),
    now: () => clock.now,
    batchesAtMost: 2,
    woke: (loop) => woken.push(loop),
    changes: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
  const acts = actsOf(desk);

  let kept: string | undefined;
  const enter: ActsWorld["enter"] = async (who) => {
    kept ??= await hashPassword(password, randomBytes(16));
    const { person, ...account } = { person: undefined, ...people[who] };
    const name = canonicalAccount(who);
    if (!(await desk.accounts.byName(name)))
      await desk.accounts.put(
        {
          ...account,
          ...{ id: id("account", who), name, password: kept, language: "en" },
          ...(person === undefined ? {} : { person: id("person", person) }),
        },
        clock.now,
      );
    const entered = await acts.signIn(who, password, "192.0.2.1", ask);
    if (!entered.ok) throw new Error(entered.problem.message);
    return entered.value;
  };

  let hits = 0;
  const find: ActsWorld["find"] = async (wanted = {}) => {
    const type = wanted.type ?? "infected-system";
    const asset = wanted.asset ?? "203.0.113.24";
    const value = wanted.value ?? "198.51.100.77";
    const claims = (wanted.claims ?? [{}]).map((claim) => liveClaim(id("indicator", value), claim));
    const claimed = Array.from({ length: wanted.times ?? 1 }, () => ({ hit: hitOf(++hits), claims }));
    const { touched } = await state.act((tx) =>
      recordHits(
        tx,
        claimed,
        undefined,
        {
          shadow: (organisation) => memory.known.organisation(organisation)?.shadow ?? true,
          worth: () => "normal",
          idOf: id,
        },
        clock.now,
      ),
    );
    const finding = touched[0];
    if (!finding) throw new Error("no finding was made");
    return finding;

    function hitOf(n: number): Hit {
      return {
        ...{ id: `h-${n}`, detector: wanted.detector ?? "indicator-match", asset, time: after(start, -n * 1000) },
        organisation: id("organisation", wanted.organisation ?? "transport") as OrganisationId,
        observable: { kind: "ipv4", value },
        indicator: { kind: "ipv4", value },
        sources: claims.map((claim) => claim.feed),
        problem: { type, about: wanted.about ?? "qakbot" },
        ...{ where: "destination", direction: "outbound", severity: rsitTypes[type].severity, attack: [] },
        source: { address: asset, port: 51_234 },
        evidence:
          wanted.detector === "own-asset-listed"
            ? {
                file: claims.map((claim) => claim.feed).join(", "),
                ...{ line: 0, text: `${value}  # ${claims.flatMap((claim) => claim.labels).join(", ")}` },
              }
            : { file: "eve.json", line: n, text: `{"src_ip":"${asset}","dest_ip":"${value}"}` },
      };
    }
  };

  return {
    ...{ sql, desk, acts, id, clock, woken, collected, enter, find },
    viewer: async (who) => (await enter(who)).session.viewer,
    change: (change) => {
      for (const listener of listeners) listener(change);
    },
    leaves: async () =>
      (await sql`select kind, subject, data from evidence_leaf order by n`).map((row) => ({
        ...{ kind: row["kind"] as string, subject: row["subject"] as string },
        data: row["data"] as Record<string, unknown>,
      })),
  };
};

const liveClaim = (indicator: string, claim: Partial<LiveClaim>): LiveClaim => ({
  ...{ indicator, feed: "abusech-feodo", grade: { source: "B", statement: 2 }, labels: ["qakbot"] },
  ...{ tlp: "clear", pap: "clear", licence: "CC0-1.0", voice: "alert", shadow: false, flags: [] },
  ...claim,
});

/** An id as a deployment makes it, the same in every process. */
export const uuid = (key: string): string => {
  const hex = createHash("sha256").update(key).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};

/** The code of a refusal; "ok" when it was none. */
export const codeOf = (
  result: { readonly ok: true } | { readonly ok: false; readonly problem: { code: string } },
): string => (result.ok ? "ok" : result.problem.code);

export const party = (world: ActsWorld, key: string, of: "member" | "partner"): Viewer => ({
  kind: "party",
  seat: {
    organisation: world.id("organisation", key) as OrganisationId,
    ...{ of, role: of === "member" ? "security-contact" : "partner", clientOf: [], groups: [] },
  },
  permissions: ["lists.read"],
});
