import type { Instant } from "#core/instant.ts";
import type { Pieces } from "#jobs/pieces.ts";

/** Raw bodies of feeds as they came, kept for some days: to be read again after a parser was mended or a policy changed. */
export interface Archive {
  /** @returns the name it is found by; a body that is the last one again may keep its name */
  readonly keep: (feed: string, at: Instant, body: Uint8Array) => Promise<string>;
  /** Bodies of a turn that has many, written one by one and found together. */
  readonly begin: (feed: string, at: Instant) => Promise<ArchivingPieces>;
  /** Undefined: swept, or never there. */
  readonly open: (feed: string, name: string) => Promise<Pieces | undefined>;
  /** Forgets what is older than its feed's days. @returns how many turns' bodies went */
  readonly sweep: (keepDays: (feed: string) => number, now: Instant) => Promise<number>;
}

export interface ArchivingPieces {
  readonly put: (name: string, file: string, body: Uint8Array) => Promise<void>;
  readonly end: () => Promise<{ readonly name: string; readonly pieces: Pieces }>;
  /** Nothing of it is kept. */
  readonly drop: () => Promise<void>;
}
