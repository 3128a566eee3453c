import type { Mail } from "#alerts/mail.ts";
import type { AlertState } from "#alerts/alert-state.ts";
import type { CommunityState, Ledger } from "#community/ports.ts";
import type { Instant } from "#core/instant.ts";
import type { IncidentState } from "#incidents/ports.ts";
import type { AdvisoryState } from "#intel/advisory.ts";
import type { CareState } from "#intel/care-ports.ts";
import type { IntelState } from "#intel/ports.ts";
import type { ReportState } from "#intel/report-ports.ts";
import type { Accounts } from "#jobs/community/accounts.ts";
import type { HuntsState } from "#jobs/hunt/port.ts";
import type { InputState } from "#jobs/inputs-port.ts";
import type { InventoryState } from "#jobs/inventory/port.ts";
import type { OutState } from "#jobs/lists/out-port.ts";
import type { MoveInState } from "#jobs/move-in/port.ts";
import type { RecallState } from "#jobs/recall/port.ts";
import type { RulesState } from "#jobs/rules/port.ts";
import type { PartitionsState } from "#jobs/partitions/port.ts";
import type { PruneState } from "#jobs/prune-port.ts";
import type { KnowledgeState, SensorsState } from "#jobs/sensors/port.ts";
import type { SearchFill } from "#jobs/search/port.ts";
import type { MispState } from "#jobs/misp/port.ts";
import type { StixObjectsState } from "#jobs/stix/objects-port.ts";
import type { ThreatNamesState } from "#jobs/threat-names/port.ts";
import type { TelemetryState } from "#telemetry/ports.ts";

/** Work to do later, caused by and committed with something done now. The same (kind, key) waits once. */
export interface Job {
  readonly n: number;
  readonly kind: JobKind;
  readonly key: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempts: number;
}
/**
 * `join-stix`: indicators came into a collection by TAXII (key: its id, a blank, the sender or nothing). Whoever takes it reads
 * the collection by date of arrival from where it stood before; the payload is empty, for several envelopes are one job.
 */
export const jobKinds = [
  "alert",
  "join-asset",
  "join-indicators",
  "join-misp",
  "join-stix",
  "recall",
  "reweigh",
] as const;
export type JobKind = (typeof jobKinds)[number];

export interface QueueState {
  readonly put: (
    kind: JobKind,
    key: string,
    payload: Readonly<Record<string, unknown>>,
    runAt: Instant,
  ) => Promise<void>;
  /** The same of many, no kind and key twice. */
  readonly putAll: (jobs: readonly Pick<Job, "kind" | "key" | "payload">[], runAt: Instant) => Promise<void>;
  /** Due jobs, held until the transaction ends; at most `limit`. */
  readonly take: (kind: JobKind, now: Instant, limit: number) => Promise<readonly Job[]>;
  readonly done: (ns: readonly number[]) => Promise<void>;
  readonly later: (n: number, runAt: Instant, problem: string) => Promise<void>;
  /** Where a reader of a change feed stands, locked until the transaction ends; "held" when another has it. */
  readonly cursor: (reader: string) => Promise<unknown>;
  readonly moveCursor: (reader: string, cursor: unknown) => Promise<void>;
  /** True the first time this viewer uses this key; a second one waits for the first one's end. */
  readonly once: (viewer: string, key: string, now: Instant) => Promise<boolean>;
}

export interface WaitingMail {
  readonly n: number;
  readonly mail: Mail;
  readonly attempts: number;
}

export interface OutboxState {
  readonly post: (mail: Mail, now: Instant) => Promise<void>;
  readonly due: (now: Instant, limit: number) => Promise<readonly WaitingMail[]>;
  readonly sent: (n: number, at: Instant) => Promise<void>;
  readonly retry: (n: number, at: Instant, problem: string) => Promise<void>;
  readonly gaveUp: (n: number, at: Instant, problem: string) => Promise<void>;
}

/** What must be provable later: written in the transaction that did it. */
export interface EvidenceLeaf {
  readonly kind: "release" | "alert" | "answer" | "privilege" | "policy";
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: Instant;
}

export interface EvidenceState {
  readonly leaf: (leaf: EvidenceLeaf) => Promise<void>;
}

/** Everything an act may touch, inside one transaction. */
export interface Tx {
  readonly community: CommunityState;
  readonly intel: IntelState;
  readonly care: CareState;
  readonly advisories: AdvisoryState;
  readonly names: ThreatNamesState;
  readonly reports: ReportState;
  readonly telemetry: TelemetryState;
  readonly incidents: IncidentState;
  readonly alerts: AlertState;
  readonly queue: QueueState;
  readonly outbox: OutboxState;
  readonly evidence: EvidenceState;
  readonly ledger: Ledger;
  readonly stix: StixObjectsState;
  readonly misp: MispState;
  /** What search reads; behind the change feed. */
  readonly search: SearchFill;
  readonly moveIn: MoveInState;
  readonly out: OutState;
  readonly prune: PruneState;
  readonly hunts: HuntsState;
  readonly recall: RecallState;
  readonly rules: RulesState;
  readonly partitions: PartitionsState;
  readonly inputs: InputState;
  readonly knowledge: KnowledgeState;
  readonly sensors: SensorsState;
  readonly inventories: InventoryState;
  /** Tokens given and taken, with their evidence. */
  readonly accounts: Pick<Accounts, "putToken" | "revoke">;
}

/** The seam of state: one act is one transaction. */
export interface State {
  readonly act: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** Runs `work` while no other process runs work under this name; undefined when one does. */
  readonly alone: <T>(name: string, work: () => Promise<T>) => Promise<T | undefined>;
  /** As `tx.telemetry.accept`, by itself: a sensor waits for one way to the database and back, and for nothing else. */
  readonly accept: TelemetryState["accept"];
}
