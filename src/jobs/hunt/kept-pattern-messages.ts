import type { AskedRecord } from "./kept-pattern.ts";

/** What such a thread is started with. */
export interface PatternThreadData {
  /** As it was written; it was read well before. */
  readonly pattern: string;
  /** Records come organisation by organisation. */
  readonly walks: boolean;
  /** Networks that each sensor guards. */
  readonly networks: readonly (readonly [sensor: string, networks: readonly string[]])[];
  /** Records that were held when another process left off. */
  readonly open: readonly AskedRecord[];
}

export interface PatternAsk {
  readonly rows: readonly AskedRecord[];
}

/** What is to be read where it walks. */
export interface PatternReady {
  readonly formats: readonly string[];
}
