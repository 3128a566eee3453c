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
import type { AnswerForm } from "#alerts/answer-form.ts";
import type { FindingActBody, FindingAnswerBody, FindingDetail, FindingPage, findingViews } from "#api/finding.ts";
import type { Readiness } from "#api/health.ts";
import type { Light, Me } from "#api/session.ts";
import type { SourceAct, SourceDetail, SourceList } from "#api/source.ts";
import type { Status } from "#api/status.ts";
import type { ChangeTopic } from "#api/stream.ts";
import type { TokenList, TokenMade, TokenNew } from "#api/token.ts";
import type { AssetKind } from "#community/asset.ts";
import type { SecretHash } from "#community/token.ts";
import type { Party, PersonViewer, SensorViewer, Staff, Viewer } from "#community/viewer.ts";
import type { Html } from "#core/html.ts";
import type { Instant } from "#core/instant.ts";
import type { Result } from "#core/result.ts";
import type { Severity } from "#core/severity.ts";
import type { Answer } from "#incidents/answer.ts";
import type { Language } from "#words/language.ts";

/**
 * Everything the HTTP face can ask of waglan: the port that `main.ts` fills from acts and store, and tests fill from
 * maps. A route asks `may` about the permission in the table before it calls; *which rows* is decided behind the port.
 *
 * What does not exist and what is hidden from the viewer are both `WGL_ABSENT`, always. Outside data gives a Problem;
 * a broken world (the store is gone) throws a WaglanError, whose code decides the HTTP status.
 */
export interface Acts extends Doors, FindingActs, SourceActs, CommunityActs, TokenActs, OutsideActs, ProcessActs {}

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
  readonly text?: string;
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

export interface SourceActs {
  readonly sources: (viewer: Viewer, ask: Ask) => Promise<Result<SourceList>>;
  readonly source: (viewer: Viewer, id: string, ask: Ask) => Promise<Result<SourceDetail>>;
  readonly doSource: (viewer: Viewer, id: string, act: SourceAct, ask: Ask) => Promise<Result<SourceDetail>>;
  readonly status: (viewer: Viewer, ask: Ask) => Promise<Result<Status>>;
}

export interface AssetsAsked {
  readonly organisation?: string;
  readonly kind?: AssetKind;
  /** An address, a name: assets that hold it. */
  readonly text?: string;
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

export interface OutsideActs {
  /** Resolves when the batch is committed, and not before (DESIGN §4.6). */
  readonly acceptTelemetry: (sensor: SensorViewer, batch: BatchBody, ask: Ask) => Promise<BatchOutcome>;
  /** The list as this viewer may have it, through `community/release.ts`; the ledger has an entry when this resolves. */
  readonly blockList: (viewer: Viewer, id: string, format: ListFormat, ask: Ask) => Promise<Result<BlockList>>;
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

export const listFormats = ["txt", "csv"] as const;
export type ListFormat = (typeof listFormats)[number];

export interface BlockList {
  /** Without newlines; as the format wants them, notices and header line included. */
  readonly lines: readonly string[];
  /** Changes when a line does: bare, without quotes. */
  readonly etag: string;
}

export interface Page {
  readonly status: number;
  readonly page: Html;
}

export interface ProcessActs {
  /** What this process needs: state, history, migrations. Never throws. */
  readonly checks: () => Promise<Readiness["checks"]>;
}
