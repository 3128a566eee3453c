import type { Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { EdgeLog } from "./log-port.ts";
import type { PastRows } from "./past-rows.ts";
import type { EdgeShelf } from "./shelf-port.ts";
import type { Past } from "#jobs/hunt/past.ts";

/** Who this installation is; made once, when its folder is. */
export interface EdgeIdentity {
  /** 64 hexadecimal digits: what its history is kept under. */
  readonly secret: string;
  /** 16 hexadecimal digits: names its run of parcel numbers. */
  readonly epoch: string;
  /** Public key of the centre's files, PEM, since the first one came over a one-way link. */
  readonly centre?: string;
}

export interface EdgeLimits {
  /** Bytes of history. */
  readonly historyBytes: number;
  readonly historyDays: number;
  /** Bytes of parcels that wait. */
  readonly waitingBytes: number;
  readonly sentDays: number;
}

export interface EdgeWorld {
  /** Key of the sensor in the directory; the centre's knowledge says the same. */
  readonly sensor: string;
  readonly identity: EdgeIdentity;
  readonly log: EdgeLog & { readonly knows: (value: bigint) => boolean };
  readonly past: Past & PastRows;
  readonly shelf: EdgeShelf;
  readonly limits: EdgeLimits;
  /** Networks that are ours beside those the centre says. */
  readonly networks: readonly string[];
  /** Version of this program. */
  readonly program: string;
  readonly now: () => Instant;
  /** Country of an address, where there is a table of them; it is read when this is first asked. */
  readonly origin?: (address: string) => { readonly country?: string };
  /** Resident bytes of this process. */
  readonly memory: () => number;
  /** Told what a person of the department should see; the same again and again is told once in a while by who shows it. */
  readonly trouble: (problem: Problem) => void;
}
