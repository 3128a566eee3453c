import type { Instant } from "#core/instant.ts";
import type { Queue } from "./edge-state.ts";

/** Small things that are there whole, or as they were before. */
export const smallNames = [
  /** Of this installation: its secret, and the epoch of its parcels. */
  "identity",
  /** What the log says of itself up to a place. */
  "state",
  /** Which files are the knowledge in force. */
  "knowledge",
  "rules",
  /** Rules as they came, and unpacked: not in force yet. */
  "rules-came",
  "rules-next",
  /** What the rules say by which the past was asked. */
  "hunted-rules",
  "asks",
  /** What detectors over time know. */
  "detectors",
  /** For `waglan sensor status`. */
  "status",
] as const;
export type SmallName = (typeof smallNames)[number];

/** A parcel on the disk. */
export interface StoredParcel {
  readonly number: number;
  readonly queue: Queue;
  /** Its content was let go for want of room: an empty one of its number. */
  readonly cut: boolean;
  /** Packed. */
  readonly bytes: number;
}

/** A parcel that was handed over. */
export interface SentParcel {
  readonly number: number;
  readonly at: Instant;
  readonly bytes: number;
}

/** Something on its way to the shelf. */
export interface Receiving {
  readonly part: (bytes: Uint8Array) => void;
  /** All of it came. */
  readonly end: () => void;
  /** It broke off. */
  readonly drop: () => void;
}

/** Everything a sensor keeps on disk beside its log. All throws WGL_SENSOR_DISK. */
export interface EdgeShelf {
  readonly small: {
    readonly read: (name: SmallName) => Uint8Array | undefined;
    /** Pieces are written one by one: a large thing is never whole in memory. */
    readonly write: (name: SmallName, pieces: Iterable<string | Uint8Array>) => void;
    /** The same of pieces that come one after the other: it is there when the last of them is. */
    readonly writeAll: (name: SmallName, pieces: AsyncIterable<Uint8Array>) => Promise<void>;
    /** Takes one in as it comes, part by part; until `end` there is the one before. */
    readonly receive: (name: SmallName) => Receiving;
    /** As it is, or unpacked when it is gzip: at most so many bytes. Throws WGL_SENSOR_BROKEN where it cannot be unpacked. */
    readonly unpacked: (name: SmallName, atMost: number) => AsyncIterable<Uint8Array>;
    readonly drop: (name: SmallName) => void;
    /** Bytes of it; undefined: it is not there. */
    readonly size: (name: SmallName) => number | undefined;
    /** Bytes `[from, to)` of it, in memory that the next part is given in too. */
    readonly part: (name: SmallName, from: number, to: number) => Uint8Array;
    /** One takes the name and the place of another. */
    readonly move: (from: SmallName, to: SmallName) => void;
  };
  /** Streams of knowledge as they came, packed. */
  readonly streams: {
    readonly put: (name: string, body: Uint8Array) => void;
    /** Takes one in as it comes, part by part; until `end` there is the one before. */
    readonly receive: (name: string) => Receiving;
    readonly take: (name: string, from: string) => Promise<void>;
    readonly putLines: (name: string, lines: AsyncIterable<string>) => Promise<void>;
    /** Lines without their ends; unpacked when it is gzip. Throws WGL_SENSOR_BROKEN where it cannot be unpacked. */
    readonly lines: (name: string) => AsyncIterable<string>;
    readonly bytes: (name: string) => number;
    readonly path: (name: string) => string;
    /** Lets go what is not named. */
    readonly only: (names: readonly string[]) => void;
  };
  /** Values that were learned and are still to be hunted, a file each. */
  readonly hunts: {
    readonly put: (id: string, lines: readonly string[]) => void;
    readonly list: () => readonly string[];
    readonly read: (id: string) => readonly string[];
    readonly drop: (id: string) => void;
  };
  readonly parcels: {
    readonly put: (parcel: Omit<StoredParcel, "bytes">, body: Uint8Array) => void;
    /** Oldest first. */
    readonly waiting: () => readonly StoredParcel[];
    readonly read: (parcel: StoredParcel) => Uint8Array;
    /** It arrived. */
    readonly sent: (parcel: StoredParcel) => void;
    /** Numbers that were written and never sealed. */
    readonly drop: (parcel: StoredParcel) => void;
    /** Oldest first. */
    readonly handedOver: () => readonly SentParcel[];
    readonly readSent: (number: number) => Uint8Array;
    /** @returns how many were let go */
    readonly forgetSent: (before: Instant) => number;
    /** Copies one to where a one-way link takes it from. */
    readonly carry: (parcel: StoredParcel, folder: string) => void;
  };
  /** What waits for this process to look at it, by name: gone with it, and of use to no other. */
  readonly aside: {
    readonly append: (name: string, parts: readonly Uint8Array[]) => void;
    /** All that was appended, in order; it is gone then. */
    readonly take: (name: string) => Uint8Array;
    readonly clear: () => void;
  };
  /** Bytes free beside it. */
  readonly free: () => number;
}
