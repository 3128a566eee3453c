import type { InventoryTaken } from "#jobs/inventory/put.ts";
import type { Readable } from "node:stream";
import type { Instant } from "#core/instant.ts";
import type { Problem, Result } from "#core/result.ts";
import type { Feed } from "#feeds/feed.ts";
import type { KeptReject, Turn } from "#intel/ports.ts";
import type { Config } from "#jobs/config/config.ts";
import type { EdgeConfig } from "#jobs/edge/edge-config.ts";
import type { EdgeStatus } from "#jobs/edge/status.ts";
import type { HuntProgress } from "#jobs/hunt/port.ts";
import type { Tlp } from "#core/marking.ts";
import type { HuntWords } from "#jobs/hunt/wanted.ts";
import type { Compared } from "#jobs/move-in/compare.ts";
import type { ContactSystem } from "#jobs/move-in/contacts.ts";
import type { MoveInRun } from "#jobs/move-in/port.ts";
import type { Telling } from "#jobs/move-in/run.ts";
import type { PreviewRow, PreviewTotals } from "#jobs/lists/export.ts";
import type { FormatId } from "#share/formats/list-formats.ts";
import type { ListWords } from "#share/list-query.ts";

/**
 * What `main.ts` gives the command line: everything that needs state, history or network, in plain data. Methods throw
 * `WaglanError`, whose code decides the exit code (5xx of the table: 4, others: 3).
 */
export interface Abilities {
  /** Opens state under `config` beside a waglan that may be serving it; what is migrated later is refused. */
  readonly open: (config: Config) => Promise<Opened>;
  /** Runs the roles of `config` until `stop` is aborted, then drains and returns. */
  readonly serve: (config: Config, stop: AbortSignal, say: (text: string) => void) => Promise<void>;
  readonly migrate: (config: Config) => Promise<MigrateReport>;
  /** Restores into a database that is empty, migrating it first. */
  readonly restore: (config: Config, folder: string) => Promise<BackupReport>;
  /** Never throws for what it finds. */
  readonly doctor: (config: Config) => Promise<readonly CheckReport[]>;
  /** AS number and country of addresses, from the npm data packs; needs no state. Absent where they are not installed. */
  readonly origins: () => Promise<
    ((address: string) => { readonly asn?: string; readonly country?: string }) | undefined
  >;
  readonly sensor: SensorAbility;
  /** Checks a folder that `evidence.export` wrote; needs nothing but the folder. */
  readonly verifyEvidence: (folder: string) => Promise<EvidenceReport>;
}

/** The sensor inside a department; needs neither state nor history. */
export interface SensorAbility {
  /** Runs until `stop` is aborted; with `once` until there is nothing to do. */
  readonly run: (run: {
    readonly config: EdgeConfig;
    readonly cwd: string;
    readonly program: string;
    readonly once: boolean;
    readonly stop: AbortSignal;
    readonly say: (text: string) => void;
    readonly tell: (problem: Problem) => void;
  }) => Promise<{ readonly status: EdgeStatus }>;
  /** Parcels that left, oldest first. @param folder of its data */
  readonly sent: (folder: string, since: Instant) => Iterable<SentParcelText>;
  readonly status: (folder: string) => EdgeStatus;
}

/** A parcel that left a sensor. */
export interface SentParcelText {
  readonly number: number;
  readonly at: Instant;
  readonly bytes: number;
  /** Unpacked. */
  readonly text: string;
}

export interface Opened {
  /** One turn of each feed that is due, as they end; with `feed`, of that one, due or not. */
  readonly collect: (feed?: string) => AsyncIterable<Turn>;
  /**
   * One turn with this body; absent when another process is at this feed. `add`: nothing is delisted; `part`: the list it
   * is.
   */
  readonly collectBody: (
    feed: Feed,
    body: Uint8Array,
    file: string,
    options?: { readonly add?: boolean; readonly part?: string },
  ) => Promise<Turn | undefined>;
  /** A turn with the body that a turn kept, the last one unless told; absent when another process is at this feed. */
  readonly replay: (feed: string, turn?: number) => Promise<Turn | undefined>;
  /** Rows this feed was refused, newest first. */
  readonly rejected: (feed: string) => AsyncIterable<KeptReject>;
  /** Applies the whole file or, when it has a problem, nothing. */
  readonly importDirectory: (body: Uint8Array, format: DirectoryFormat, dryRun: boolean) => Promise<DirectoryReport>;
  /** Cuts unpacked telemetry into batches and accepts them as if the sensor had sent them. @param sensor its key */
  readonly importTelemetry: (sensor: string, telemetry: TelemetryInput) => Promise<TelemetryReport>;
  /** Lists as one organisation may have them. @param organisation its key */
  readonly lists: {
    /** By the code that sends: ledger and evidence have an entry when this resolves. */
    readonly send: (
      organisation: string,
      wanted: ListOrder,
    ) => Promise<{ readonly body: AsyncIterable<Uint8Array>; readonly count: number; readonly unsaid: number }>;
    /** Nothing leaves. */
    readonly explain: (
      organisation: string,
      wanted: ListOrder,
      each: (row: PreviewRow) => Promise<void> | undefined,
    ) => Promise<PreviewTotals>;
  };
  /** To and from sensors behind a one-way link. @param sensor its key */
  readonly carry: {
    /** All that it is given, in one file; ledger and evidence have an entry when this resolves. `packed`: gzip. */
    readonly toSensor: (sensor: string) => Promise<{ readonly packed: Readable; readonly count: number }>;
    /** Takes a parcel in as if the sensor had sent it. @param bytes its file @returns WGL_SENSOR_FILE */
    readonly parcel: (
      sensor: string,
      bytes: Uint8Array,
    ) => Promise<Result<{ readonly number: number; readonly lines: number; readonly repeated: boolean }>>;
  };
  /** Takes over what another system has (docs/moving-in.md). */
  readonly moveIn: MoveInAbility;
  readonly members: () => Promise<readonly MemberRow[]>;
  readonly users: {
    readonly add: (user: NewUser) => Promise<void>;
    readonly disable: (name: string) => Promise<void>;
    readonly list: () => Promise<readonly UserRow[]>;
  };
  readonly tokens: {
    readonly make: (token: NewToken) => Promise<MadeToken>;
    /** @param prefix the eight characters that a token is shown by */
    readonly revoke: (prefix: string) => Promise<void>;
    readonly list: () => Promise<readonly TokenRow[]>;
  };
  readonly care: CareAbilities;
  readonly hunts: HuntAbilities;
  readonly rules: RuleAbilities;
  readonly inventories: InventoryAbilities;
  readonly backup: (folder: string) => Promise<BackupReport>;
  readonly evidence: {
    readonly verify: () => Promise<EvidenceReport>;
    /** Writes leaves, proofs and checkpoints to a folder that an outsider can verify. */
    readonly export: (folder: string) => Promise<EvidenceReport>;
  };
  readonly close: () => Promise<void>;
}

export interface ListOrder {
  readonly list: string;
  readonly format: FormatId;
  readonly words: ListWords;
}

/** A file of another system, unpacked, that can be read twice. */
export interface MoveInFile {
  readonly file: string;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

export interface MoveInAbility {
  /** Events in files of JSON, or of a feed or an instance at an address; with `key`, its API is asked. */
  readonly misp: (
    from: { readonly files: readonly MoveInFile[] } | { readonly url: string; readonly key?: string },
    telling: Telling,
  ) => Promise<MoveInRun>;
  readonly intelmq: (file: MoveInFile, telling: Telling) => Promise<MoveInRun>;
  readonly contacts: (
    files: readonly MoveInFile[],
    dryRun: boolean,
    telling: Telling,
    system: ContactSystem,
  ) => Promise<MoveInRun>;
  readonly opencti: (file: MoveInFile, telling: Telling) => Promise<MoveInRun>;
  /** Newest first. */
  readonly runs: () => Promise<readonly MoveInRun[]>;
  readonly compare: (
    file: MoveInFile,
    period: { readonly since?: Instant; readonly until?: Instant },
    told: (problem: Problem) => void,
  ) => Promise<Compared>;
}

/** Hunts in kept telemetry. A waglan that is serving does them; it has the history. */
export interface HuntAbilities {
  readonly ask: (
    wanted: HuntWords & {
      readonly purpose: string;
      readonly organisation?: string;
      /** Sensors are asked, of what each keeps: how far what is hunted may be told. */
      readonly sensors?: Tlp;
    },
  ) => Promise<Result<string>>;
  readonly read: (id: string) => Promise<HuntProgress>;
  /** In the order of time. */
  readonly results: (id: string) => AsyncIterable<HuntPrinted>;
  readonly cancel: (id: string) => Promise<void>;
}

export interface HuntPrinted {
  /** ISO 8601. */
  readonly time: string;
  readonly organisation: string;
  readonly sensor: string;
  readonly hunted: string;
  readonly seen: string;
  readonly where: string;
  readonly direction: string;
  readonly own?: string;
  readonly weight: string;
  readonly text: string;
  /** Id, title and severity of the rule that matched. */
  readonly rule?: string;
  readonly title?: string;
  readonly severity?: string;
  /** Which time the pattern was true, and of how many records together. */
  readonly match?: number;
  readonly records?: number;
}

/** What is kept out of matching and lists, and what people judge false. */
export interface CareAbilities {
  readonly exclude: (
    what: { readonly value: string } | { readonly body: Uint8Array; readonly file: string },
    deciding: { readonly reason: string; readonly until?: Instant },
  ) => Promise<Result<{ readonly name: string; readonly entries: number }>>;
  /** @returns what is wrong */
  readonly include: (name: string, reason: string) => Promise<Problem | undefined>;
  readonly exclusions: () => Promise<readonly ExclusionPrinted[]>;
  readonly judge: (judging: {
    readonly value: string;
    readonly verdict: "false" | "restored";
    readonly source?: string;
    readonly reason: string;
  }) => Promise<Result<{ readonly weighed: number; readonly takenBack: number; readonly restored: number }>>;
}

/** What members run. An organisation is named by its key. */
export interface InventoryAbilities {
  /** @returns what was taken, or WGL_NAME_UNKNOWN, WGL_INVENTORY_… and what reading the file gives */
  readonly put: (inventory: {
    readonly organisation: string;
    readonly name: string;
    readonly file: string;
    readonly body: Uint8Array;
  }) => Promise<Result<InventoryTaken>>;
}

/** The rules that telemetry is asked by. */
export interface RuleAbilities {
  /** In the order of folders and files; what is wrong with them beside. */
  readonly list: () => Promise<{ readonly rules: readonly RulePrinted[]; readonly problems: readonly Problem[] }>;
  /** @returns what is wrong */
  readonly decide: (rule: string, runs: boolean, reason: string) => Promise<Problem | undefined>;
}

export interface RulePrinted {
  /** Sigma id; of a rule without one its name or title. */
  readonly rule: string;
  readonly title: string;
  readonly kind: "rule" | "correlation" | "filter";
  readonly level: string;
  readonly status: string;
  readonly runs: boolean;
  /** Why it does not run, or who decided that it does. */
  readonly why: string;
  readonly file: string;
}

export interface ExclusionPrinted {
  readonly name: string;
  readonly entries: number;
  readonly reason: string;
  readonly who: string;
  /** ISO 8601. */
  readonly at: string;
  readonly until?: string;
}

export type DirectoryFormat = "yaml" | "csv";

export interface DirectoryReport {
  /** With place; not one of them when the file was, or would be, applied. */
  readonly problems: readonly Problem[];
  /** What the file holds: "organisations", "people", "assets", … */
  readonly holds: Readonly<Record<string, number>>;
  readonly applied: boolean;
}

export interface TelemetryInput {
  /** As it is to be named in evidence. */
  readonly file: string;
  /** Unpacked. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface TelemetryReport {
  readonly batches: number;
  /** Of them, those that had come before and were not taken again. */
  readonly repeated: number;
  readonly lines: number;
  readonly bytes: number;
}

export interface MemberRow {
  readonly key: string;
  readonly name: string;
  readonly kind: string;
  readonly shadow: boolean;
  readonly people: number;
  readonly assets: number;
  readonly sensors: number;
}

export interface NewUser {
  readonly name: string;
  /** In clear, long enough (`acceptPassword`); hashed before it is stored. */
  readonly password: string;
  readonly roles: readonly string[];
  /** Key of a person in the directory. */
  readonly person?: string;
  readonly staff: boolean;
}

export interface UserRow {
  readonly name: string;
  readonly roles: readonly string[];
  readonly staff: boolean;
  readonly disabled: boolean;
  readonly person?: string;
}

export interface NewToken {
  readonly kind: "sensor" | "partner";
  /** Key of a sensor, or of the partner's organisation. */
  readonly subject: string;
  readonly title: string;
}

export interface MadeToken {
  /** Shown this once. */
  readonly text: string;
  readonly prefix: string;
}

export interface TokenRow {
  readonly prefix: string;
  readonly kind: "sensor" | "partner";
  readonly subject: string;
  readonly title: string;
  /** ISO 8601. */
  readonly created: string;
  readonly revoked?: string;
}

export interface MigrateReport {
  /** Numbers of the steps that ran now. */
  readonly state: readonly number[];
  readonly history: readonly number[];
  /** The highest step the database of state has now. */
  readonly version: number;
}

export interface BackupReport {
  readonly folder: string;
  readonly tables: number;
  readonly rows: number;
}

export interface CheckReport {
  readonly check: string;
  readonly ok: boolean;
  readonly says: string;
}

export interface EvidenceReport {
  readonly leaves: number;
  readonly checkpoints: number;
  /** What does not fit; empty: the log is whole. */
  readonly problems: readonly string[];
}
