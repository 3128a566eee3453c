import type { Instant } from "#core/instant.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import type { Problem } from "#core/result.ts";
import type { ChangeCursor } from "#intel/ports.ts";
import type { HuntProgress } from "#jobs/hunt/port.ts";
import type { ListedClaim } from "#jobs/lists/out-port.ts";
import type { ParcelAnswer, ParcelState } from "./parcel.ts";
import type { KnownValue } from "./wire.ts";

/** What parties under the same terms may have, as of a place in the change feed. */
export interface Knowledge {
  /** Rises whenever a value comes, goes or has another end; 0: nothing was ever in it. */
  readonly version: number;
  /** Of the marks of all that is in it: equal sums of one class are equal contents. */
  readonly sum: bigint;
  readonly held: number;
  /** Everything up to here was looked at; absent: it was never made. */
  readonly place?: ChangeCursor;
  /** Names what else it depends on: which sources speak, what is excluded. */
  readonly about: string;
}

/** A value as it stands in knowledge. */
export interface KnownRow extends KnownValue {
  /** Public id of the indicator. */
  readonly id: string;
  /** Keyed digest of kind, value and end: 52 bits. */
  readonly mark: number;
}

/** An answer that brought a sensor to a version. */
export interface KnowledgeCursor {
  readonly version: number;
  /** Of the change feed. */
  readonly place: string;
  /** Lists of what is harmless, each with a digest of what it says, by the names they are given under. */
  readonly lists: Readonly<Record<string, string>>;
}

/** What a parcel was when it came. */
export interface TakenParcel {
  /** Of the batch. */
  readonly n: number;
  /** Public, opaque. */
  readonly id: string;
  readonly sensor: string;
  readonly organisation: OrganisationId;
  readonly number?: number;
  readonly epoch?: string;
  readonly made?: Instant;
  readonly received: Instant;
  /** Packed. */
  readonly bytes: number;
  /** Lines by kind: {"match": 3, "day": 12}. */
  readonly counts: Readonly<Record<string, number>>;
  /** By reason: {"WGL_PARCEL_FIELD": 1}. */
  readonly refused: Readonly<Record<string, number>>;
  readonly hits: number;
  readonly whole: boolean;
}

/** How a sensor is, as far as it told. */
export interface SensorStanding {
  readonly sensor: string;
  readonly state?: ParcelState;
  /** It last fetched what it may have then, and was brought to this. */
  readonly pulled?: Instant;
  readonly cursor?: string;
  /** Taken of this run of numbers, and the highest of them. */
  readonly parcels: number;
  readonly newest: number;
  /** Sums of the last days, today's among them. */
  readonly days: readonly SensorDay[];
}

export interface SensorDay {
  /** "2026-11-19" */
  readonly day: string;
  readonly lines: number;
  readonly rejected: number;
  readonly late: number;
  readonly forgotten: number;
  readonly lost: number;
  readonly parcels: number;
  /** Lines of parcels that were refused. */
  readonly lies: number;
  /** Rejected records: {"suricata-eve WGL_LINE_LONG": 3}. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** A hunt handed to sensors, as one of them stands to it. */
export interface SensorAsked {
  readonly sensor: string;
  /** It was handed over then. */
  readonly given?: Instant;
  readonly answered?: Instant;
  /** Last page that was taken. */
  readonly page: number;
  readonly count: number;
  readonly first?: Instant;
  readonly last?: Instant;
  readonly days: ParcelAnswer["days"];
  readonly done: boolean;
  readonly problem?: ParcelAnswer["problem"];
  /** Of an ask by rules, as it last said. */
  readonly looked?: ParcelAnswer["looked"];
}

/** What is given to sensors, in state; defined by `test/sensor-server-knowledge.test.ts`. */
export interface KnowledgeState {
  /** Held until the transaction ends; made empty where there is none. */
  readonly knowledge: (of: string) => Promise<Knowledge>;
  readonly saveKnowledge: (of: string, knowledge: Knowledge, now: Instant) => Promise<void>;
  /** Which sources speak at all now, as one word. */
  readonly sourcesStand: (now: Instant) => Promise<string>;
  /** A place of the change feed of which everything before is committed. */
  readonly floor: () => Promise<ChangeCursor>;
  /** Living claims of sources that find or support, out of shadow. */
  readonly claims: (indicators: readonly string[], now: Instant) => Promise<readonly ListedClaim[]>;
  readonly held: (of: string, indicators: readonly string[]) => Promise<readonly KnownRow[]>;
  /** Those whose end has come. */
  readonly ended: (of: string, now: Instant) => Promise<readonly KnownRow[]>;
  /** From this version on these are gone, and these are there. */
  readonly change: (of: string, version: number, gone: readonly string[], come: readonly KnownRow[]) => Promise<void>;
  /** Puts rows aside that shall be all there is; a value stands once in them. */
  readonly stage: (rows: readonly KnownRow[]) => Promise<void>;
  /** From this version on exactly what was put aside is there. @returns how many came and went, and all there is */
  readonly swap: (
    of: string,
    version: number,
  ) => Promise<{ readonly changed: number; readonly sum: bigint; readonly held: number }>;
  readonly putCursor: (cursor: string, of: string, at: KnowledgeCursor, now: Instant) => Promise<void>;
  readonly cursor: (cursor: string, of: string) => Promise<KnowledgeCursor | undefined>;
  /** Cursors of before are forgotten, and what stood in no version that a cursor names. */
  readonly forget: (before: Instant) => Promise<number>;
}

/** What sensors inside organisations need of state; defined by `test/sensor-server.test.ts`. */
export interface SensorsState {
  readonly pulled: (sensor: string, cursor: string, at: Instant) => Promise<void>;
  readonly putParcel: (parcel: TakenParcel, body: Uint8Array) => Promise<void>;
  /** Parcels taken in before are forgotten. */
  readonly forgetParcels: (before: Instant) => Promise<number>;
  /** The newest state stands, whichever parcel came last; counts add up. */
  readonly putState: (sensor: string, state: ParcelState) => Promise<void>;
  /** Counts of a day beside what states say. */
  readonly countDay: (
    sensor: string,
    day: string,
    counts: { readonly parcels: number; readonly lies: number },
  ) => Promise<void>;
  /** Sensors that ever fetched what they may have, of these. */
  readonly running: (sensors: readonly string[]) => Promise<readonly string[]>;

  /** Hands a hunt to these sensors. */
  readonly ask: (hunt: string, tlp: Tlp, sensors: readonly string[]) => Promise<void>;
  /** Hunts that are open for this sensor, oldest first, with how far their values may be told; and what was called off. */
  readonly asks: (
    sensor: string,
    limit: number,
  ) => Promise<{
    readonly open: readonly (HuntProgress & { readonly tlp: Tlp; readonly given?: Instant })[];
    readonly cancelled: readonly string[];
  }>;
  readonly given: (sensor: string, hunts: readonly string[], at: Instant) => Promise<void>;
  /** Held until the transaction ends; undefined: it was not asked of this sensor. */
  readonly asked: (hunt: string, sensor: string) => Promise<SensorAsked | undefined>;
  readonly saveAsked: (hunt: string, asked: SensorAsked) => Promise<void>;
  readonly allAsked: (hunt: string) => Promise<readonly SensorAsked[]>;
}

/** Reads of knowledge outside an act: a long read holds nobody up. */
export interface KnowledgeViews {
  /** As `claims` gives them, of all values: all claims of a value follow each other. `each` is waited for. */
  readonly knowledgeClaims: (now: Instant, each: (rows: readonly ListedClaim[]) => Promise<void>) => Promise<void>;
  /** Everything in this version; with `from` what came and went since that one. In the order of marks. */
  readonly knowledgeRows: (
    of: string,
    from: number | undefined,
    to: number,
    each: (rows: readonly (KnownRow & { readonly gone: boolean })[]) => Promise<void>,
  ) => Promise<void>;
}

/** Reads outside an act, of sensors the caller may see. */
export interface SensorViews {
  /** Of those that ever sent or fetched something. */
  readonly sensorStandings: (
    sensors: readonly string[],
    since: Instant,
  ) => Promise<ReadonlyMap<string, SensorStanding>>;
  /** Newest first, behind `before`. */
  readonly parcels: (
    sensors: readonly string[],
    before: { readonly received: Instant; readonly id: string } | undefined,
    limit: number,
  ) => Promise<readonly TakenParcel[]>;
  /** One of these sensors' parcels with what it said, packed; the body is gone after a while. */
  readonly parcel: (
    sensors: readonly string[],
    id: string,
  ) => Promise<(TakenParcel & { readonly body?: Uint8Array; readonly problems: readonly ParcelProblem[] }) | undefined>;
  readonly askedSensors: (hunts: readonly string[]) => Promise<ReadonlyMap<string, readonly SensorAsked[]>>;
}

export interface ParcelProblem {
  readonly line: number;
  readonly problem: Problem;
}
