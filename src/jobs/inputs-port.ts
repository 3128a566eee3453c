import type { SensorId } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";

/** Why something that reached an input was not taken; docs/configuration.md says what helps against each. */
export const dropReasons = [
  "unknown-sender",
  "no-sensor",
  "too-long",
  "torn",
  "queue-full",
  "kernel",
  "connections",
  "idle",
  "handshake",
  "unreadable",
  "too-many-files",
] as const;
export type DropReason = (typeof dropReasons)[number];

export interface Drop {
  /** As the configuration says it: "udp://127.0.0.1:5514", "/var/log/suricata/eve.json". */
  readonly input: string;
  /** Key of the sensor, where it is known whose it was. */
  readonly sensor?: string;
  readonly reason: DropReason;
  /** Messages, connections or files. */
  readonly n: number;
  /** The last that was not taken: a sender's address, a file. */
  readonly detail: string;
}

/** A file that is followed, as it is remembered from one run to the next. */
export interface KeptFile {
  readonly n: number;
  readonly sensor: SensorId;
  readonly path: string;
  /** "device:inode" of where it was last seen; `mark` is what makes it the same file. */
  readonly inode: string;
  /** Bytes taken. */
  readonly position: number;
  /** Times it began anew, cut off and written again. */
  readonly generation: number;
  /** Of what was taken (listen/file-mark.ts). */
  readonly mark: string;
  /** Lines that tell the columns of those that follow (Zeek, IIS), UTF-8. */
  readonly header: Uint8Array;
  readonly seen: Instant;
}

export type FilePlace = Pick<KeptFile, "position" | "generation">;

/** What inputs need from state; defined by `test/listen-files.test.ts`. */
export interface InputState {
  readonly files: (sensor: SensorId) => Promise<readonly KeptFile[]>;
  /** @returns its number */
  readonly addFile: (file: Omit<KeptFile, "n">) => Promise<number>;
  /** How far it is taken, held until the transaction ends; undefined: it was forgotten. */
  readonly placeOf: (n: number) => Promise<FilePlace | undefined>;
  readonly moveFile: (file: KeptFile) => Promise<void>;
  readonly seeFile: (n: number, at: Instant) => Promise<void>;
  readonly forgetFile: (n: number) => Promise<void>;
  /** @returns files forgotten that nobody saw since `before` */
  readonly forgetFiles: (before: Instant) => Promise<number>;
  /** Adds to what was counted before. */
  readonly dropped: (drops: readonly Drop[], now: Instant) => Promise<void>;
  /** What was dropped since, by input, sensor and reason; `n` is counted since the beginning. */
  readonly drops: (since: Instant) => Promise<readonly (Drop & { readonly last: Instant })[]>;
}
