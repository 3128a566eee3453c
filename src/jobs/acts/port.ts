import type { AdvisoryDetail, AdvisoryPage } from "#api/advisory.ts";
import type {
  AssetEnd,
  AssetNew,
  AssetPage,
  AssetRow,
  DirectoryReceipt,
  OrganisationDetail,
  OrganisationList,
  PersonList,
  SensorList,
} from "#api/community.ts";
import type {
  CollectionAct,
  CollectionActed,
  CollectionDetail,
  CollectionList,
  CollectionNew,
  CollectionRights,
  CollectionRow,
} from "#api/collection.ts";
import type { AnswerForm } from "#alerts/answer-form.ts";
import type { AttackMatrix } from "#api/attack.ts";
import type {
  FindingActBody,
  FindingAnswerBody,
  FindingDetail,
  FindingPage,
  FindingStepBody,
  findingViews,
} from "#api/finding.ts";
import type { IncidentActBody, IncidentDetail, IncidentPage, incidentViews } from "#api/incident.ts";
import type { SilenceEnd, SilenceList, SilenceNew, SilenceRow } from "#api/silence.ts";
import type { Readiness } from "#api/health.ts";
import type {
  CareHistory,
  ExclusionCheck,
  ExclusionEnd,
  ExclusionList,
  ExclusionNew,
  ExclusionRow,
  Judged,
  Verdict,
  VerdictPage,
} from "#api/indicator-care.ts";
import type { Hunt, HuntNew, HuntPage, HuntResults } from "#api/hunt.ts";
import type { HuntCause, HuntCauseCancel, HuntCausePage } from "#api/hunt-cause.ts";
import type { Kept, KeptLimit, LegalHoldEnd, LegalHoldNew } from "#api/kept.ts";
import type { IndicatorDetail, IndicatorPage } from "#api/indicator.ts";
import type {
  AffectedList,
  InventoryDetail,
  InventoryList,
  InventoryReceipt,
  ProductMatchPage,
  ProductPage,
  WeaknessPage,
} from "#api/inventory.ts";
import type { IntakeNew, IntakeReceipt, RejectedPage, RejectedRepair } from "#api/intake.ts";
import type { Light, Me } from "#api/session.ts";
import type {
  DeliveryList,
  LedgerPage,
  ListCount,
  PreviewPage,
  SavedListNew,
  SharingPartyList,
  SharingSetup,
  WebhookAct,
  WebhookNew,
  WebhookRow,
} from "#api/sharing.ts";
import type { ParcelContent, ParcelPage, SensorInsideList } from "#api/sensor.ts";
import type { RuleAct, RuleDecisionNew, RuleDetail, RulePage, RuleProblems, RuleTried, RuleTry } from "#api/rule.ts";
import type { SourceAct, SourceDetail, SourceList } from "#api/source.ts";
import type { Status } from "#api/status.ts";
import type { ChangeTopic } from "#api/stream.ts";
import type { TokenList, TokenMade, TokenNew } from "#api/token.ts";
import type { AssetKind } from "#community/asset.ts";
import type { SecretHash } from "#community/token.ts";
import type { Party, PersonViewer, SensorViewer, Staff, Viewer } from "#community/viewer.ts";
import type { Html } from "#core/html.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { Result } from "#core/result.ts";
import type { Severity } from "#core/severity.ts";
import type { Priority } from "#intel/priority.ts";
import type { WeaknessesAsk } from "#jobs/inventory/weakness-views.ts";
import type { LookedUp } from "#jobs/search/look-up.ts";
import type { Answer } from "#incidents/answer.ts";
import type { Holding, SentList } from "#jobs/lists/release.ts";
import type { GivenKnowledge } from "#jobs/sensors/knowledge.ts";
import type { SensorAsks, SensorRules } from "#jobs/sensors/wire.ts";
import type { FormatId } from "#share/formats/list-formats.ts";
import type { ListWords } from "#share/list-query.ts";
import type { NewsFormat } from "#share/news-feed.ts";
import type { TaxiiQuery } from "#share/taxii-filter.ts";
import type { TaxiiView } from "#share/taxii-resource.ts";
import type { MispActName, MispAnswer, MispCall } from "#jobs/misp/asked.ts";
import type { Language } from "#words/language.ts";

/**
 * Everything the HTTP face can ask of waglan: the port that `main.ts` fills from acts and store, and tests fill from
 * maps. A route asks `may` about the permission in the table before it calls; *which rows* is decided behind the port.
 *
 * What does not exist and what is hidden from the viewer are both `WGL_ABSENT`, always. Outside data gives a Problem;
 * a broken world (the store is gone) throws a WaglanError, whose code decides the HTTP status.
 */
export interface Acts
  extends Doors,
    FindingActs,
    IncidentActs,
    SourceActs,
    RuleActs,
    CareActs,
    IndicatorActs,
    HuntActs,
    HuntCauseActs,
    KeptActs,
    AdvisoryActs,
    CommunityActs,
    TokenActs,
    OutsideActs,
    SharingActs,
    NewsActs,
    CollectionActs,
    MispActs,
    SensorActs,
    IntakeActs,
    InventoryActs,
    ProcessActs {
  readonly taxii: TaxiiActs;
}

/** What every act is told beside its own arguments. */
export interface Ask {
  /** Words of the answer are in this one. */
  readonly language: Language;
  /** Names the request in logs, problem documents and evidence. */
  readonly request: string;
  /** The client's Idempotency-Key: the same viewer doing the same act under the same key does it once. */
  readonly key?: string;
}

/** A signed-in person, made anew for each request from the directory as it is now. */
export interface Session {
  readonly id: string;
  readonly viewer: Staff | PersonViewer;
  /** It ends here at the latest. */
  readonly until: Instant;
}

export interface Doors {
  /** What may be known before anybody signs in. */
  readonly light: () => Promise<Light>;
  /**
   * The caller has counted the try (`lockout.ts`). Unknown names must cost the same time: `verifyPassword(…, undefined)`.
   *
   * @param from the peer's address, for the evidence
   * @returns the secret for the cookie, of which only the hash is kept | WGL_SIGN_IN for whatever is wrong
   */
  readonly signIn: (
    name: string,
    password: string,
    from: string,
    ask: Ask,
  ) => Promise<Result<{ readonly secret: string; readonly session: Session }>>;
  /** Undefined once it was signed out, ran out, or the password, a role or the person changed: at most 1 s after. */
  readonly session: (secret: SecretHash) => Promise<Session | undefined>;
  readonly signOut: (session: Session, ask: Ask) => Promise<void>;
  readonly me: (session: Session, ask: Ask) => Promise<Me>;
  /** Whose machine presents this token; undefined: nobody's, revoked, or run out. */
  readonly bearer: (token: {
    readonly prefix: string;
    readonly hash: SecretHash;
  }) => Promise<Party | SensorViewer | undefined>;
  /**
   * Tells how many rows changed that the session's viewer may see, until the returned function is called. `ended` is called at most
   * 1 s after the session is no longer good.
   */
  readonly watch: (
    session: Session,
    told: (topic: ChangeTopic, changed: number) => void,
    ended: () => void,
  ) => () => void;
}

/** Which findings, newest first; absent: not asked for. */
export interface FindingsAsked {
  readonly view: (typeof findingViews)[number];
  readonly organisation?: string;
  readonly severity?: Severity;
  /** Words or a value; matched against reference, asset, title. */
  readonly search?: string;
  readonly cursor?: string;
  readonly limit: number;
}

export interface FindingActs {
  readonly findings: (viewer: Viewer, asked: FindingsAsked, ask: Ask) => Promise<Result<FindingPage>>;
  readonly finding: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<FindingDetail>>;
  readonly doFinding: (viewer: Viewer, id: string, act: FindingActBody, ask: Ask) => Promise<Result<FindingDetail>>;
  readonly answerFinding: (
    viewer: Viewer,
    id: string,
    answer: FindingAnswerBody,
    ask: Ask,
  ) => Promise<Result<FindingDetail>>;
}

export interface IncidentsAsked {
  readonly view: (typeof incidentViews)[number];
  readonly organisation?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** Potential incidents as this viewer may know them: staff the wholes, people of a member its own parts. */
export interface IncidentActs {
  /** @returns WGL_CURSOR */
  readonly incidents: (viewer: Viewer, asked: IncidentsAsked, ask: Ask) => Promise<Result<IncidentPage>>;
  /** An id it had before leads to it too. */
  readonly incident: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<IncidentDetail>>;
  /** @returns WGL_ABSENT, WGL_ACT_NOW, WGL_ACT_REASON */
  readonly doIncident: (viewer: Viewer, id: string, act: IncidentActBody, ask: Ask) => Promise<Result<IncidentDetail>>;
  /** @returns WGL_ABSENT (no such finding or step), WGL_ACT_REASON */
  readonly takeStepBack: (
    viewer: Viewer,
    id: string,
    step: FindingStepBody,
    ask: Ask,
  ) => Promise<Result<FindingDetail>>;
  readonly silences: (viewer: Viewer, ask: Ask) => Promise<Result<SilenceList>>;
  /** @returns WGL_SILENCE_EMPTY, WGL_SILENCE_UNTIL, WGL_ACT_REASON, WGL_ABSENT (no such organisation) */
  readonly silence: (viewer: Viewer, wanted: SilenceNew, ask: Ask) => Promise<Result<SilenceRow>>;
  /** @returns WGL_ABSENT, WGL_ACT_REASON */
  readonly endSilence: (viewer: Viewer, id: string, end: SilenceEnd, ask: Ask) => Promise<Result<SilenceList>>;
  readonly attack: (viewer: Viewer, ask: Ask) => Promise<Result<AttackMatrix>>;
}

export interface SourceActs {
  readonly sources: (viewer: Viewer, ask: Ask) => Promise<Result<SourceList>>;
  readonly source: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<SourceDetail>>;
  readonly doSource: (viewer: Viewer, id: string, act: SourceAct, ask: Ask) => Promise<Result<SourceDetail>>;
  readonly status: (viewer: Viewer, ask: Ask) => Promise<Result<Status>>;
}

/** What staff judges false or puts aside, and lets in again. */
/** Which listed values; absent: not asked for. */
export interface IndicatorsAsked {
  /** Anything that was pasted. */
  readonly search?: string;
  readonly kind?: ObservableKind;
  readonly feed?: string;
  readonly tlp?: Tlp;
  /** ISO 8601: first said then or later. */
  readonly since?: string;
  /** Only what is in force now. */
  readonly alive: boolean;
  readonly cursor?: string;
  readonly limit: number;
}

/** Which rules; absent: not asked for. */
export interface RulesAsked {
  /** Words of title, id, file, author or tags: all of them. */
  readonly search?: string;
  /** A folder of rules, or a folder inside one ending in "/". */
  readonly folder?: string;
  readonly level?: string;
  /** Technique or tactic of ATT&CK. */
  readonly attack?: string;
  readonly standing?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** What telemetry is asked by; staff's alone. */
export interface RuleActs {
  /** @returns WGL_CURSOR */
  readonly rules: (viewer: Viewer, asked: RulesAsked, ask: Ask) => Promise<Result<RulePage>>;
  readonly ruleProblems: (viewer: Viewer, ask: Ask) => Promise<Result<RuleProblems>>;
  readonly rule: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<RuleDetail>>;
  /** Nothing is kept. */
  readonly tryRule: (viewer: Viewer, wanted: RuleTry, ask: Ask) => Promise<Result<RuleTried>>;
  /** @returns WGL_RULE_UNKNOWN, WGL_ACT_REASON */
  readonly decideRules: (viewer: Viewer, decision: RuleDecisionNew, ask: Ask) => Promise<Result<RulePage>>;
  /** @returns WGL_SOURCE_ACT, WGL_ACT_REASON */
  readonly doRule: (viewer: Viewer, id: string, act: RuleAct, ask: Ask) => Promise<Result<RuleDetail>>;
}

/** What is listed, as its reader may know it: a value of which every claim is hidden does not exist. */
export interface IndicatorActs {
  /** @returns WGL_CURSOR | WGL_TIME for what cannot be asked */
  readonly indicators: (viewer: Viewer, asked: IndicatorsAsked, ask: Ask) => Promise<Result<IndicatorPage>>;
  readonly indicator: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<IndicatorDetail>>;
  /** An answer for each value, in their order. */
  /** Answers in the order of the values, some at a time. */
  readonly lookUp: (
    viewer: Viewer,
    values: readonly string[],
    ask: Ask,
  ) => Promise<Result<AsyncIterable<readonly LookedUp[]>>>;
}

/** Looking for values in what is kept of the past. */
export interface HuntActs {
  /**
   * Kept with its purpose, evidence has a leaf, and somebody is at it soon.
   *
   * @returns WGL_HISTORY_OFF, WGL_HUNT_…, WGL_ABSENT (no such organisation), and what reading a value, pattern or time gives
   */
  readonly hunt: (viewer: Viewer, wanted: HuntNew, ask: Ask) => Promise<Result<Hunt>>;
  /** @returns WGL_CURSOR */
  readonly hunts: (viewer: Viewer, asked: PageAsked, ask: Ask) => Promise<Result<HuntPage>>;
  readonly huntNamed: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<Hunt>>;
  /** @returns WGL_ABSENT, WGL_CURSOR */
  readonly huntResults: (viewer: Viewer, id: string, asked: PageAsked, ask: Ask) => Promise<Result<HuntResults>>;
  /** @returns WGL_ABSENT, WGL_HUNT_OVER */
  readonly cancelHunt: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<Hunt>>;
}

/** Hunts that nobody asked for: what set them off, and how far they are. Staff's alone. */
export interface HuntCauseActs {
  /** @returns WGL_CURSOR */
  readonly huntCauses: (viewer: Viewer, asked: PageAsked, ask: Ask) => Promise<Result<HuntCausePage>>;
  /** @returns WGL_ABSENT, WGL_HUNT_OVER */
  readonly cancelHuntCause: (
    viewer: Viewer,
    id: string,
    cancel: HuntCauseCancel,
    ask: Ask,
  ) => Promise<Result<HuntCause>>;
}

/** What is kept of telemetry. */
export interface KeptActs {
  readonly kept: (viewer: Viewer, ask: Ask) => Promise<Result<Kept>>;
  /** @returns WGL_ABSENT */
  readonly keepFor: (viewer: Viewer, organisation: string, limit: KeptLimit, ask: Ask) => Promise<Result<Kept>>;
  /** @returns WGL_ABSENT, WGL_TIME, WGL_HUNT_PERIOD */
  readonly hold: (viewer: Viewer, organisation: string, hold: LegalHoldNew, ask: Ask) => Promise<Result<Kept>>;
  /** @returns WGL_ABSENT */
  readonly endHold: (viewer: Viewer, id: string, end: LegalHoldEnd, ask: Ask) => Promise<Result<Kept>>;
}

export interface CareActs {
  /** @returns WGL_ABSENT (no such indicator or claim), WGL_ACT_REASON */
  readonly judgeIndicator: (viewer: Viewer, id: string, verdict: Verdict, ask: Ask) => Promise<Result<Judged>>;
  readonly exclusions: (viewer: Viewer, ask: Ask) => Promise<Result<ExclusionList>>;
  /** @returns WGL_EXCLUSION_…, WGL_ACT_REASON, and what reading the value or the list gives */
  readonly exclude: (viewer: Viewer, wanted: ExclusionNew, ask: Ask) => Promise<Result<ExclusionRow>>;
  readonly endExclusion: (viewer: Viewer, id: string, end: ExclusionEnd, ask: Ask) => Promise<Result<void>>;
  /** Whether a value, in any writing, would be kept out. */
  readonly checkExclusion: (viewer: Viewer, value: string, ask: Ask) => Promise<Result<ExclusionCheck>>;
  /** Verdicts in force, newest first. @returns WGL_CURSOR */
  readonly verdicts: (viewer: Viewer, asked: PageAsked, ask: Ask) => Promise<Result<VerdictPage>>;
  /** All that was decided, newest first, as the evidence has it. @returns WGL_CURSOR */
  readonly careHistory: (viewer: Viewer, asked: PageAsked, ask: Ask) => Promise<Result<CareHistory>>;
}

/** What is brought in by hand, and what sources brought that could not be taken. */
export interface IntakeActs {
  /** With `dryRun` tells what would be taken; else all of it is taken when this resolves, and evidence has a leaf. */
  readonly submitIntake: (viewer: Viewer, submission: IntakeNew, ask: Ask) => Promise<Result<IntakeReceipt>>;
  readonly rejectedRows: (viewer: Viewer, source: string, asked: PageAsked, ask: Ask) => Promise<Result<RejectedPage>>;
  /**
   * Reads refused rows as a person mended them, as the source's own, beside what it lists. What is taken is refused no
   * more; what is refused again stands with its new text and reason.
   *
   * @returns WGL_ABSENT (no such source or row), WGL_INTAKE_EMPTY, WGL_INTAKE_HELD, WGL_FEED_BUSY
   */
  readonly repairRejected: (
    viewer: Viewer,
    source: string,
    repair: RejectedRepair,
    ask: Ask,
  ) => Promise<Result<IntakeReceipt>>;
}

export interface PageAsked {
  readonly cursor?: string;
  readonly limit: number;
}

/** Which advisories, newest first; absent: not asked for. */
export interface AdvisoriesAsked {
  /** Words in any script, or a CVE id. */
  readonly search?: string;
  readonly cve?: string;
  /** Vendor or product, or a part of one. */
  readonly product?: string;
  readonly priority?: Priority;
  readonly feed?: string;
  /** ISO 8601: updated then or later. */
  readonly since?: string;
  readonly cursor?: string;
  readonly limit: number;
}

export interface AdvisoryActs {
  /** @returns WGL_CURSOR | WGL_CVE | WGL_TIME for what cannot be asked */
  readonly advisories: (viewer: Viewer, asked: AdvisoriesAsked, ask: Ask) => Promise<Result<AdvisoryPage>>;
  readonly advisory: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<AdvisoryDetail>>;
}

/** What an organisation runs, and what of it is known to be weak: for its own people and staff. */
export interface InventoryActs {
  readonly inventories: (viewer: Viewer, organisation: string, ask: Ask) => Promise<Result<InventoryList>>;
  /** @returns WGL_ABSENT, WGL_CURSOR */
  readonly inventory: (
    viewer: Viewer,
    organisation: string,
    name: string,
    asked: PageAsked & { readonly past: boolean },
    ask: Ask,
  ) => Promise<Result<InventoryDetail>>;
  /**
   * The whole of an inventory, in place of what was called so before; committed when this resolves, and compared soon.
   *
   * @returns WGL_INVENTORY_…, WGL_BODY_…, WGL_XML… of what cannot be read; rows that cannot are in the receipt
   */
  readonly putInventory: (
    viewer: Viewer,
    organisation: string,
    inventory: { readonly name: string; readonly file: string; readonly body: Uint8Array },
    ask: Ask,
  ) => Promise<Result<InventoryReceipt>>;
  readonly endInventory: (viewer: Viewer, organisation: string, name: string, ask: Ask) => Promise<Result<void>>;
  /** @returns WGL_ABSENT, WGL_CURSOR */
  readonly products: (viewer: Viewer, organisation: string, asked: PageAsked, ask: Ask) => Promise<Result<ProductPage>>;
  readonly productMatches: (
    viewer: Viewer,
    organisation: string,
    asked: PageAsked & { readonly product?: string; readonly asset?: string },
    ask: Ask,
  ) => Promise<Result<ProductMatchPage>>;
  /** What touches how many of the organisations that the viewer reads the findings of. @returns WGL_CURSOR */
  readonly weaknesses: (
    viewer: Viewer,
    asked: PageAsked & Pick<WeaknessesAsk, "weakness" | "search" | "priority" | "exposed" | "exploited">,
    ask: Ask,
  ) => Promise<Result<WeaknessPage>>;
  /** One weakness, asset by asset, over these organisations. @returns WGL_CURSOR */
  readonly weaknessMatches: (
    viewer: Viewer,
    asked: PageAsked & { readonly weakness: string },
    ask: Ask,
  ) => Promise<Result<ProductMatchPage>>;
  /** Who runs what an advisory is about, as far as the viewer reads their findings. @returns WGL_ABSENT */
  readonly affected: (viewer: Viewer, advisory: string, ask: Ask) => Promise<Result<AffectedList>>;
}

export interface AssetsAsked {
  readonly organisation?: string;
  readonly kind?: AssetKind;
  /** An address, a name: assets that hold it. */
  readonly search?: string;
  /** Also those that ended. */
  readonly past: boolean;
  readonly cursor?: string;
  readonly limit: number;
}

export interface CommunityActs {
  readonly organisations: (viewer: Viewer, ask: Ask) => Promise<Result<OrganisationList>>;
  readonly organisation: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<OrganisationDetail>>;
  readonly people: (viewer: Viewer, organisation: string | undefined, ask: Ask) => Promise<Result<PersonList>>;
  readonly assets: (viewer: Viewer, asked: AssetsAsked, ask: Ask) => Promise<Result<AssetPage>>;
  readonly addAsset: (viewer: Viewer, asset: AssetNew, ask: Ask) => Promise<Result<AssetRow>>;
  readonly endAsset: (viewer: Viewer, id: string, end: AssetEnd, ask: Ask) => Promise<Result<AssetRow>>;
  readonly sensors: (viewer: Viewer, organisation: string | undefined, ask: Ask) => Promise<Result<SensorList>>;
  /** Problems of the file are in the receipt; the Result fails only when the file as a whole cannot be read. */
  readonly importDirectory: (viewer: Viewer, file: DirectoryFile, ask: Ask) => Promise<Result<DirectoryReceipt>>;
}

export interface DirectoryFile {
  readonly format: "yaml" | "csv";
  readonly text: string;
  /** Read and compare, write nothing. */
  readonly dryRun: boolean;
}

export interface TokenActs {
  readonly tokens: (viewer: Viewer, ask: Ask) => Promise<Result<TokenList>>;
  /** Never gives a permission that the viewer may not do for that organisation. */
  readonly makeToken: (viewer: Viewer, token: TokenNew, ask: Ask) => Promise<Result<TokenMade>>;
  readonly revokeToken: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<void>>;
}

/** Collections of STIX objects that parties read and write by TAXII. */
export interface CollectionActs {
  readonly collections: (viewer: Viewer, ask: Ask) => Promise<Result<CollectionList>>;
  readonly makeCollection: (viewer: Viewer, collection: CollectionNew, ask: Ask) => Promise<Result<CollectionRow>>;
  /** @returns WGL_ABSENT */
  readonly collection: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<CollectionDetail>>;
  /** @returns WGL_ABSENT, WGL_NAME_UNKNOWN, WGL_ACT_REASON */
  readonly collectionRights: (
    viewer: Viewer,
    id: string,
    rights: CollectionRights,
    ask: Ask,
  ) => Promise<Result<CollectionRow>>;
  readonly doCollection: (viewer: Viewer, id: string, act: CollectionAct, ask: Ask) => Promise<Result<CollectionActed>>;
}

/** MISP's API for machines (and people) of parties; each act by its name. */
export interface MispActs {
  /** What leaves went through `community/release.ts`, and the ledger has an entry when this resolves. */
  readonly misp: (viewer: Viewer, act: MispActName, call: MispCall) => Promise<Result<MispAnswer>>;
}

/** TAXII 2.1 for machines (and people) of parties. A collection is named by its id or alias; ids of objects are STIX's. */
export interface TaxiiActs {
  readonly discovery: (viewer: Viewer, ask: Ask) => Promise<Result<TaxiiAnswer>>;
  readonly root: (viewer: Viewer, ask: Ask) => Promise<Result<TaxiiAnswer>>;
  readonly collections: (viewer: Viewer, ask: Ask) => Promise<Result<TaxiiAnswer>>;
  readonly collection: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<TaxiiAnswer>>;
  /** Everything in it went through `community/release.ts`; the ledger has an entry when this resolves. */
  readonly page: (viewer: Viewer, asked: TaxiiPageAsked, ask: Ask) => Promise<Result<TaxiiAnswer>>;
  /** Resolves when the objects are committed. @param body JSON, unpacked */
  readonly add: (viewer: Viewer, collection: string, body: Uint8Array, ask: Ask) => Promise<Result<TaxiiAnswer>>;
  readonly remove: (
    viewer: Viewer,
    asked: { readonly collection: string; readonly object: string; readonly query: TaxiiQuery },
    ask: Ask,
  ) => Promise<Result<TaxiiAnswer>>;
  readonly status: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<TaxiiAnswer>>;
}

export interface TaxiiPageAsked {
  readonly collection: string;
  readonly view: TaxiiView;
  /** One object only. */
  readonly object?: string;
  readonly query: TaxiiQuery;
}

export interface TaxiiAnswer {
  /** 200 unless said. */
  readonly status?: number;
  /** JSON in UTF-8. */
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sensors that run inside organisations: what each is given, and what its organisation sees of it. */
export interface SensorActs {
  /** What it may look for, through `community/release.ts`; the ledger has an entry when this resolves. @returns WGL_ABSENT */
  readonly sensorKnowledge: (
    sensor: SensorViewer,
    since: string | undefined,
    ask: Ask,
  ) => Promise<Result<GivenKnowledge>>;
  /** @param has version it has @returns without rules when that is the one there is; WGL_ABSENT */
  readonly sensorRules: (
    sensor: SensorViewer,
    has: string | undefined,
    ask: Ask,
  ) => Promise<Result<{ readonly version: string; readonly rules?: SensorRules }>>;
  /** @returns WGL_ABSENT */
  readonly sensorAsks: (sensor: SensorViewer, ask: Ask) => Promise<Result<SensorAsks>>;
  readonly sensorsInside: (viewer: Viewer, ask: Ask) => Promise<Result<SensorInsideList>>;
  /** @returns WGL_ABSENT, WGL_CURSOR */
  readonly parcels: (
    viewer: Viewer,
    asked: { readonly sensor?: string; readonly cursor?: string; readonly limit: number },
    ask: Ask,
  ) => Promise<Result<ParcelPage>>;
  /** @returns WGL_ABSENT */
  readonly parcel: (
    viewer: Viewer,
    id: string,
    asked: { readonly from: number; readonly limit: number },
    ask: Ask,
  ) => Promise<Result<ParcelContent>>;
  /** Whole, `packed` with gzip. @returns WGL_ABSENT, also when it is not kept any more */
  readonly parcelBody: (
    viewer: Viewer,
    id: string,
    ask: Ask,
  ) => Promise<Result<{ readonly packed: Uint8Array; readonly name: string }>>;
}

export interface OutsideActs {
  /** Resolves when the batch is committed, and not before (DESIGN §4.6). */
  readonly acceptTelemetry: (sensor: SensorViewer, batch: BatchBody, ask: Ask) => Promise<BatchOutcome>;
  /** The list as this viewer may have it, through `community/release.ts`; the ledger has an entry when this resolves. */
  readonly blockList: (viewer: Viewer, asked: ListWanted, ask: Ask) => Promise<Result<SentList>>;
  /** The page behind a signed link, for whoever holds it. Looking changes nothing: mail scanners look first. */
  readonly answerPage: (token: string, chosen: Answer | undefined, ask: Ask) => Promise<Page>;
  /** The page's form was sent. A bad or old token gives its page too, with its status. */
  readonly answerLink: (token: string, form: AnswerForm, ask: Ask) => Promise<Page>;
}

/** What a sensor sent. */
export interface BatchBody {
  /** Unique per sensor: its Idempotency-Key, else `digest`. */
  readonly key: string;
  /** sha-256 of the body as it came, 64 lower-case hexadecimal digits. */
  readonly digest: string;
  /** gzip, whatever came; begins with its magic bytes, otherwise unread. */
  readonly body: Uint8Array;
  /** Id of a telemetry format; absent: the sensor's own. */
  readonly format?: string;
}

/**
 * accepted   committed                              duplicate   committed before, under the same key
 * conflict   the key came with another digest       busy        too much waits; nothing kept
 * gone       the store cannot be written; nothing kept
 */
export type BatchOutcome =
  | { readonly kind: "accepted" | "duplicate"; readonly batch: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "busy" | "gone"; readonly retryAfterSeconds: number };

/** What parties may have, would have and had. Reading is staff's; a party sets up its own lists and webhooks, and reads what left to it. */
export interface SharingActs {
  readonly sharingParties: (viewer: Viewer, ask: Ask) => Promise<Result<SharingPartyList>>;
  /** By the code that sends; nothing leaves and nothing is written. */
  readonly sharingPreview: (
    viewer: Viewer,
    party: string,
    asked: PreviewAsked,
    ask: Ask,
  ) => Promise<Result<PreviewPage>>;
  readonly sharingLedger: (
    viewer: Viewer,
    party: string,
    asked: { readonly cursor?: string; readonly limit: number },
    ask: Ask,
  ) => Promise<Result<LedgerPage>>;
  readonly sharingSetup: (viewer: Viewer, party: string, ask: Ask) => Promise<Result<SharingSetup>>;
  readonly saveList: (viewer: Viewer, party: string, list: SavedListNew, ask: Ask) => Promise<Result<SavedListNew>>;
  readonly dropList: (viewer: Viewer, party: string, name: string, ask: Ask) => Promise<Result<void>>;
  readonly makeWebhook: (viewer: Viewer, party: string, webhook: WebhookNew, ask: Ask) => Promise<Result<WebhookRow>>;
  readonly dropWebhook: (viewer: Viewer, party: string, id: string, ask: Ask) => Promise<Result<void>>;
  readonly webhookDeliveries: (viewer: Viewer, party: string, id: string, ask: Ask) => Promise<Result<DeliveryList>>;
  readonly doWebhook: (
    viewer: Viewer,
    party: string,
    id: string,
    act: WebhookAct,
    ask: Ask,
  ) => Promise<Result<WebhookRow>>;
  /** Counted by the code that sends; nothing leaves. What stays here is told to staff alone. */
  readonly listCount: (
    viewer: Viewer,
    party: string,
    asked: Pick<PreviewAsked, "list" | "format" | "words">,
    ask: Ask,
  ) => Promise<Result<ListCount>>;
}

export interface PreviewAsked {
  readonly list: string;
  readonly format: FormatId;
  readonly words: ListWords;
  readonly cursor?: string;
  readonly limit: number;
}

/** Notices for feed readers. */
export interface NewsActs {
  /** CLEAR for the public, up to GREEN for a party; without a body where the reader has it. */
  readonly news: (
    viewer: Viewer,
    asked: { readonly format: NewsFormat; readonly language: Language; readonly has: Holding },
    ask: Ask,
  ) => Promise<
    Result<{ readonly etag: string; readonly changed: Instant; readonly type: string; readonly body?: string }>
  >;
}

/** A list, by its name and its words, and what the reader has of it already. */
export interface ListWanted {
  readonly name: string;
  readonly format: FormatId;
  readonly words: ListWords;
  readonly has: Holding;
}

export interface Page {
  readonly status: number;
  readonly page: Html;
}

export interface ProcessActs {
  /** What this process needs: state, history, migrations. Never throws. */
  readonly checks: () => Promise<Readiness["checks"]>;
}
