import { gzipSync } from "node:zlib";
import type { AnswerForm } from "#alerts/answer-form.ts";
import { hashPassword, verifyPassword } from "#community/password.ts";
import type { Permission, Role } from "#community/roles.ts";
import { type SecretHash, makeSessionSecret, makeToken } from "#community/token.ts";
import type { Party, PersonViewer, Seat, SensorViewer, Staff, Viewer } from "#community/viewer.ts";
import { scopeOf, visible } from "#community/visibility.ts";
import type { AdvisoryDetail, AdvisoryRow } from "#api/advisory.ts";
import type { FindingDetail, FindingRow } from "#api/finding.ts";
import type { ExclusionRow } from "#api/indicator-care.ts";
import type { SourceDetail, SourceRow } from "#api/source.ts";
import type { ChangeTopic } from "#api/stream.ts";
import { formats } from "#share/formats/list-formats.ts";
import { html } from "#core/html.ts";
import { instant } from "#core/instant.ts";
import type { Marking, OrganisationId } from "#core/marking.ts";
import { no, ok, type Result, WaglanError } from "#core/result.ts";
import type { Acts, BatchBody, Session } from "#jobs/acts/port.ts";

/** The port `Acts` over plain maps: two organisations, one finding each, a person or machine in every role. */
export interface SmallWorld {
  readonly acts: Acts;
  /** Cookie secret of a signed-in person in this role. */
  readonly session: (role: Role) => string;
  /** Bearer token of a machine. */
  readonly token: (kind: "sensor" | "party" | "party without lists") => string;
  readonly batches: Map<string, BatchBody>;
  readonly answered: Map<string, AnswerForm>;
  /** Wakes every stream of viewers. */
  readonly changed: (topic: ChangeTopic, count: number) => void;
  /** Ends a session as another process would: the streams are not told. */
  readonly forget: (secret: string) => void;
  /** Makes the store fail from now on. */
  readonly breakStore: () => void;
  /** The next batch finds too much waiting. */
  readonly fill: (kind: "busy" | "gone") => void;
}

export const harbour = "o-harbour" as OrganisationId;
export const parks = "o-parks" as OrganisationId;
/** Outside every test's lifetime. */
export const farAway: number = Date.UTC(2099, 0, 1);

const staffRoles: readonly Role[] = ["administrator", "analyst", "auditor"];
export const allRoles: readonly Role[] = [
  ...staffRoles,
  "security-contact",
  "duty-officer",
  "manager",
  "executive",
  "engineer",
  "viewer",
  "partner",
];

const seat = (role: Role): Seat => ({
  organisation: harbour,
  of: role === "partner" ? "partner" : "member",
  role,
  clientOf: [],
  groups: [],
});

const viewerOf = (role: Role): Staff | PersonViewer =>
  staffRoles.includes(role)
    ? { kind: "staff", person: `p-${role}` as never, roles: [role], cleared: false, own: [], groups: [] }
    : { kind: "person", person: `p-${role}` as never, seats: [seat(role)] };

export const openSmallWorld = async (): Promise<SmallWorld> => {
  let broken = false;
  let full: "busy" | "gone" | undefined;
  let made = 0;
  const random = (length: number): Uint8Array => new Uint8Array(length).map((_, n) => (n * 7 + ++made) % 251);
  const sessions = new Map<SecretHash, Session>();
  const secrets = new Map<string, SecretHash>();
  const sessionSecrets = new Map<Role, string>();
  const watchers = new Map<Session, { told: (topic: ChangeTopic, count: number) => void; ended: () => void }>();
  const enter = (role: Role): { secret: string; session: Session } => {
    const { text, hash } = makeSessionSecret(random(32));
    const session: Session = { id: `s-${text.slice(0, 6)}`, viewer: viewerOf(role), until: instant(farAway) };
    sessions.set(hash, session);
    secrets.set(text, hash);
    return { secret: text, session };
  };
  for (const role of allRoles) sessionSecrets.set(role, enter(role).secret);

  const machines = new Map<SecretHash, Party | SensorViewer>();
  const tokens = new Map<string, string>();
  const machine = (kind: string, viewer: Party | SensorViewer): void => {
    const token = makeToken(random(37));
    machines.set(token.hash, viewer);
    tokens.set(kind, token.text);
  };
  machine("sensor", { kind: "sensor", sensor: "n-edge" as never, organisation: harbour, of: "member" });
  const party = (permissions: readonly Permission[]): Party => ({ kind: "party", seat: seat("partner"), permissions });
  machine("party", party(["lists.read"]));
  machine("party without lists", party(["indicators.read"]));

  const kept = await hashPassword("a lamp on the rock", new Uint8Array(16));
  const findings = new Map<string, { marking: Marking; detail: FindingDetail }>();
  for (const organisation of [harbour, parks]) {
    const detail = findingOf(organisation);
    findings.set(detail.finding.id, {
      marking: { owner: organisation, tlp: "amber", pap: "amber", licence: "own" },
      detail,
    });
  }
  const batches = new Map<string, BatchBody>();
  const answered = new Map<string, AnswerForm>();
  const mine = (viewer: Viewer, permission: Permission): FindingDetail[] =>
    [...findings.values()]
      .filter(({ marking }) => visible(marking, true, scopeOf(viewer, permission)))
      .map(({ detail }) => detail);
  const one = (viewer: Viewer, id: string, permission: Permission): Result<FindingDetail> => {
    if (broken) throw new WaglanError("WGL_EGRESS_NAME", { host: "secret.internal" });
    const found = mine(viewer, permission).find((detail) => detail.finding.id === id);
    return found ? ok(found) : no("WGL_ABSENT");
  };
  const lit = { "zh-Hant-HK": "海港", "zh-Hans": "海港", en: "Harbour" };

  const acts: Acts = {
    light: async () => ({ community: lit, zone: "Asia/Hong_Kong", collecting: true, matching: true, alerting: true }),
    signIn: async (name, password) =>
      (await verifyPassword(password, name === "keeper" ? kept : undefined)) ? ok(enter("analyst")) : no("WGL_SIGN_IN"),
    session: async (hash) => sessions.get(hash),
    signOut: async (session) => {
      for (const [hash, other] of sessions) if (other === session) sessions.delete(hash);
      watchers.get(session)?.ended();
    },
    me: async (session, ask) => ({
      name: session.viewer.person,
      language: ask.language,
      staff: session.viewer.kind === "staff",
      organisations: [],
      permissions: [],
      community: lit[ask.language],
      zone: "Asia/Hong_Kong",
      now: "2026-11-19T08:42:00.000Z",
      // Not of the schema: must never be seen outside.
      passwordHash: kept,
    }),
    bearer: async ({ hash }) => machines.get(hash),
    watch: (session, told, ended) => {
      watchers.set(session, { told, ended });
      return () => {
        watchers.delete(session);
      };
    },
    findings: async (viewer, asked) => {
      const rows = mine(viewer, "findings.read").map(({ finding }) => finding);
      const shown = rows.filter((row) => asked.severity === undefined || row.severity === asked.severity);
      return ok({
        findings: shown.slice(0, asked.limit),
        counts: { open: rows.length, snoozed: 0, suppressed: 0, muted: 0, shadow: 0, closed: 0 },
        groups: [],
      });
    },
    finding: async (viewer, id) => one(viewer, id, "findings.read"),
    doFinding: async (viewer, id) => one(viewer, id, "findings.decide"),
    answerFinding: async (viewer, id) => one(viewer, id, "findings.answer"),
    sources: async () => ok({ sources: [source] }),
    advisories: async () => ok({ advisories: [advisory] }),
    advisory: async (_viewer, id) => (id === advisory.id ? ok(advisoryDetail) : no("WGL_ABSENT")),
    source: async (_viewer, id) => (id === source.id ? ok(sourceDetail) : no("WGL_ABSENT")),
    doSource: async (_viewer, id) => (id === source.id ? ok(sourceDetail) : no("WGL_ABSENT")),
    judgeIndicator: async (_viewer, id) =>
      id === indicator ? ok({ weighed: 2, takenBack: 1, restored: 0 }) : no("WGL_ABSENT"),
    exclusions: async () => ok({ exclusions: [exclusion], inForce: 1, refused: [] }),
    exclude: async () => ok(exclusion),
    endExclusion: async (_viewer, id) => (id === exclusion.id ? ok(undefined) : no("WGL_ABSENT")),
    submitIntake: async () =>
      ok({
        ...{ taken: false, rows: 1, accepted: 1, added: 0, changed: 0, withdrawn: 0, reports: 0, advisories: 0 },
        ...{ found: [{ part: "text.txt", kind: "ipv4", value: "198.51.100.7", labels: [], flags: [] }], notTaken: [] },
      }),
    rejectedRows: async (_viewer, id) => (id === source.id ? ok({ rows: [] }) : no("WGL_ABSENT")),
    status: async () =>
      ok({
        sources: { healthy: 1, total: 1 },
        sensors: { heard: 1, total: 1 },
        indicators: 3,
        history: { on: false, says: "off" },
        mail: { waiting: 0, failed: 0 },
        alarms: [],
      }),
    organisations: async () => ok({ organisations: [] }),
    organisation: async () => no("WGL_ABSENT"),
    people: async () => ok({ people: [] }),
    assets: async () => ok({ assets: [] }),
    addAsset: async (_viewer, asset) => ok({ ...assetRow, kind: asset.kind, value: asset.value }),
    endAsset: async (_viewer, id) => (id === assetRow.id ? ok(assetRow) : no("WGL_ABSENT")),
    sensors: async () => ok({ sensors: [] }),
    importDirectory: async (_viewer, file) =>
      ok({
        written: !file.dryRun && file.text.length > 0,
        organisations: { added: file.text.length, changed: 0, ended: 0, same: 0 },
        people: none,
        assets: none,
        sensors: none,
        problems: [{ code: "WGL_DOMAIN", detail: file.format, at: "line 3 column 8" }],
        problemsTotal: 1,
      }),
    tokens: async () => ok({ tokens: [] }),
    makeToken: async (_viewer, token) => {
      const { text, prefix } = makeToken(random(37));
      return ok({
        secret: text,
        token: {
          id: "t-1",
          prefix,
          kind: token.kind,
          title: token.title,
          organisation: { id: harbour, name: "Harbour" },
          permissions: token.permissions,
          made: "2026-11-19T08:42:00.000Z",
        },
      });
    },
    revokeToken: async () => ok(undefined),
    acceptTelemetry: async (_sensor, batch) => {
      if (full) return { kind: full, retryAfterSeconds: 7 };
      const known = batches.get(batch.key);
      if (known) return known.digest === batch.digest ? { kind: "duplicate", batch: batch.key } : { kind: "conflict" };
      batches.set(batch.key, batch);
      return { kind: "accepted", batch: batch.key };
    },
    collections: async () => ok({ collections: [] }),
    makeCollection: async () => no("WGL_ABSENT"),
    doCollection: async () => no("WGL_ABSENT"),
    // http over the real acts: portal-reads.test.ts
    collection: async () => no("WGL_ABSENT"),
    collectionRights: async () => no("WGL_ABSENT"),
    checkExclusion: async () => no("WGL_ABSENT"),
    verdicts: async () => ok({ verdicts: [] }),
    // http over the real acts: hunt-asked.test.ts
    hunt: async () => no("WGL_ABSENT"),
    incidents: async () => ok({ incidents: [], counts: { open: 0, muted: 0, closed: 0 } }),
    incident: async () => no("WGL_ABSENT"),
    doIncident: async () => no("WGL_ABSENT"),
    takeStepBack: async () => no("WGL_ABSENT"),
    silences: async () => ok({ silences: [] }),
    silence: async () => no("WGL_SILENCE_EMPTY"),
    endSilence: async () => no("WGL_ABSENT"),
    attack: async () =>
      ok({
        ...{ days: 30, rules: 0, unmapped: 0, named: false, counts: { covered: 0, seen: 0, blind: 0 } },
        ...{ tactics: [], elsewhere: [] },
      }),
    // http over the real acts: inventory-acts.test.ts
    inventories: async () => no("WGL_ABSENT"),
    inventory: async () => no("WGL_ABSENT"),
    putInventory: async () => no("WGL_ABSENT"),
    endInventory: async () => no("WGL_ABSENT"),
    products: async () => no("WGL_ABSENT"),
    productMatches: async () => no("WGL_ABSENT"),
    // http over the real acts: product-overview.test.ts
    weaknesses: async () => ok({ found: 0, urgent: 0, organisations: 0, weaknesses: [] }),
    weaknessMatches: async () => ok({ matches: [] }),
    affected: async () => no("WGL_ABSENT"),
    // http over the real acts: rules-acts.test.ts
    rules: async () => no("WGL_ABSENT"),
    ruleProblems: async () => ok({ problems: [], count: 0 }),
    rule: async () => no("WGL_ABSENT"),
    tryRule: async () => no("WGL_ABSENT"),
    decideRules: async () => no("WGL_ABSENT"),
    doRule: async () => no("WGL_ABSENT"),
    hunts: async () => ok({ hunts: [] }),
    huntNamed: async () => no("WGL_ABSENT"),
    huntResults: async () => no("WGL_ABSENT"),
    cancelHunt: async () => no("WGL_ABSENT"),
    huntCauses: async () => ok({ hunts: [] }),
    cancelHuntCause: async () => no("WGL_ABSENT"),
    kept: async () => ok({ kept: [], holds: [] }),
    keepFor: async () => no("WGL_ABSENT"),
    hold: async () => no("WGL_ABSENT"),
    endHold: async () => no("WGL_ABSENT"),
    // http over the real acts: sensor-server-http.test.ts
    sensorKnowledge: async () => no("WGL_ABSENT"),
    sensorRules: async () => no("WGL_ABSENT"),
    sensorAsks: async () => no("WGL_ABSENT"),
    sensorsInside: async () => ok({ sensors: [] }),
    parcels: async () => ok({ parcels: [] }),
    parcel: async () => no("WGL_ABSENT"),
    parcelBody: async () => no("WGL_ABSENT"),
    careHistory: async () => ok({ events: [] }),
    repairRejected: async () => no("WGL_ABSENT"),
    webhookDeliveries: async () => ok({ deliveries: [] }),
    doWebhook: async () => no("WGL_ABSENT"),
    listCount: async () => no("WGL_ABSENT"),
    // http over the real acts: search-acts.test.ts
    indicators: async () => ok({ indicators: [] }),
    indicator: async () => no("WGL_ABSENT"),
    lookUp: async (_viewer, values) =>
      ok(
        (async function* () {
          yield values.map((value) => ({ known: false, observable: { kind: "domain" as const, value } }));
        })(),
      ),
    // http over the real acts: out-sharing.test.ts
    sharingParties: async () => ok({ parties: [] }),
    sharingPreview: async () => no("WGL_ABSENT"),
    sharingLedger: async () => ok({ entries: [] }),
    sharingSetup: async () => ok({ lists: [], webhooks: [] }),
    saveList: async () => no("WGL_ABSENT"),
    dropList: async () => no("WGL_ABSENT"),
    makeWebhook: async () => no("WGL_ABSENT"),
    dropWebhook: async () => no("WGL_ABSENT"),
    news: async () => no("WGL_ABSENT"),
    // http over the real acts: taxii.test.ts
    misp: async () => no("WGL_ABSENT"),
    taxii: {
      discovery: async () => no("WGL_ABSENT"),
      root: async () => no("WGL_ABSENT"),
      collections: async () => no("WGL_ABSENT"),
      collection: async () => no("WGL_ABSENT"),
      page: async () => no("WGL_ABSENT"),
      add: async () => no("WGL_ABSENT"),
      remove: async () => no("WGL_ABSENT"),
      status: async () => no("WGL_ABSENT"),
    },
    blockList: async (_viewer, { name, format, has }) =>
      name === "addresses"
        ? ok({
            ...{ etag: "e1", changed: instant(1_795_000_000_000), type: formats[format].type, count: 1, unsaid: 0 },
            ...(has.etags?.includes("e1") === true
              ? {}
              : { packed: [gzipSync(format === "csv" ? "value,kind\n198.51.100.7,ipv4\n" : "198.51.100.7\n")] }),
          })
        : no("WGL_ABSENT"),
    answerPage: async (token, chosen, { language }) => ({
      status: token === "good" ? 200 : 404,
      page: html`<p lang="${language}">${token} ${chosen}</p>`,
    }),
    answerLink: async (token, form, { language }) => {
      answered.set(token, form);
      return { status: 200, page: html`<p lang="${language}">${form.note}</p>` };
    },
    checks: async () => [{ name: "state", ok: !broken }],
  };
  return {
    acts,
    session: (role) => sessionSecrets.get(role) ?? "",
    token: (kind) => tokens.get(kind) ?? "",
    batches,
    answered,
    changed: (topic, count) => {
      for (const { told } of watchers.values()) told(topic, count);
    },
    forget: (secret) => {
      sessions.delete(secrets.get(secret) ?? "");
    },
    breakStore: () => {
      broken = true;
    },
    fill: (kind) => {
      full = kind;
    },
  };
};

export const findingOf = (organisation: OrganisationId): FindingDetail => {
  const finding: FindingRow = {
    id: `f-${organisation}`,
    ref: "F-7K2Q9D",
    organisation: { id: organisation, name: organisation },
    title: "A host called a command server",
    problem: { type: "infected-system", about: "emotet" },
    severity: "high",
    certainty: "likely",
    risk: { score: 48, severity: "high", certainty: "likely", worth: "normal" },
    grade: "B2",
    asset: "192.0.2.14",
    state: "new",
    shadow: false,
    undeliverable: false,
    firstSeen: "2026-11-19T08:42:00.000Z",
    lastSeen: "2026-11-19T08:42:00.000Z",
    count: 1,
    tlp: "amber",
  };
  return {
    finding,
    because: [],
    evidence: [],
    evidenceTotal: 0,
    names: [],
    instances: [],
    sources: [],
    history: [],
    answers: [],
    steps: [],
    audience: [],
    acts: [],
    mayAnswer: false,
    ...{ mutes: 0, mayTakeBack: false },
  };
};

const advisory: AdvisoryRow = {
  ...{ id: "9c1e1d2a-0000-4000-8000-000000000001", feed: { id: "cisa-kev", title: "KEV" }, key: "CVE-2026-10001" },
  ...{ kind: "vulnerability", title: "Harbour Gateway", priority: "act-now", cves: ["CVE-2026-10001"] },
  reasons: [{ code: "exploited", says: "Known to be exploited" }],
  ...{ products: ["Example Gateway"], productsTotal: 1, updated: "2026-11-17T00:00:00.000Z", withdrawn: false },
  tlp: "clear",
};
const advisoryDetail: AdvisoryDetail = {
  ...{ advisory, summary: "An attacker may run commands.", firstSeen: "2026-11-17T00:00:00.000Z" },
  ...{ cwes: [], affected: [], references: [], names: [], claims: [], versions: [] },
};

const source: SourceRow = {
  id: "abusech-feodo",
  title: "Feodo",
  publisher: "abuse.ch",
  voice: "alert",
  licence: "CC0-1.0",
  tlp: "clear",
  grade: "A2",
  shadow: false,
  state: "healthy",
  everyMinutes: 15,
  indicators: 3,
  reports: 1,
  advisories: 0,
};
const sourceDetail: SourceDetail = { source, turns: [], rejected: [], acts: [] };

const indicator = "9c1e1d2a-0000-4000-8000-000000000002";
const exclusion: ExclusionRow = {
  ...{ id: "x-1", name: "a shared host", value: "shop.example", type: "string", entries: 1 },
  ...{ who: "Lo Wing-yan", reason: "a shared host", at: "2026-11-19T08:42:00.000Z" },
};

const none = { added: 0, changed: 0, ended: 0, same: 0 };

const assetRow = {
  id: "a-1",
  organisation: { id: harbour as string, name: "Harbour" },
  kind: "network" as const,
  value: "192.0.2.0/24",
  from: "2026-11-19T08:42:00.000Z",
  proof: "declared" as const,
  worth: "normal" as const,
};
