import type { DropReason } from "#jobs/inputs-port.ts";

/** Where listeners put what they hear. A sensor is named by its key. */
export interface Sink {
  /** False: no such sensor is in the directory. */
  readonly knows: (sensor: string) => boolean;
  readonly hasRoom: (sensor: string) => boolean;
  /** Always takes; whoever can slow its sender down asks `hasRoom` between. */
  readonly take: (sensor: string, format: string | undefined, line: Uint8Array) => void;
  readonly dropped: (input: string, reason: DropReason, detail: string, sensor?: string, n?: number) => void;
}

/** A place that is listened on. */
export interface Listener {
  /** As the configuration says it. */
  readonly input: string;
  /** The port in fact, where the configuration said 0. */
  readonly port: number;
  /** There may be room again: who was told to wait is read on. */
  readonly resume: () => void;
  /** Looks for what the system lost before we saw it. */
  readonly look: () => void;
  /** Stops listening; what was read is in the sink. */
  readonly close: () => Promise<void>;
}
