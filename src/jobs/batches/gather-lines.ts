import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { SensorId } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { TelemetryState } from "#telemetry/ports.ts";

/** Where batches are committed: state, or what stands for it inside a sensor. */
export interface BatchDoor {
  readonly act: <T>(work: (tx: { readonly telemetry: Pick<TelemetryState, "accept"> }) => Promise<T>) => Promise<T>;
}

/** When a batch is full, and when it goes though it is not. */
export const gathered = {
  lines: 5_000,
  bytes: 1_048_576,
  /** Milliseconds its first line waits: short beside what an analyst needs to read, long enough to make few rows. */
  ageMs: 1_000,
  /** Bytes one sensor may have waiting for the database, and all together: a flood of one leaves room for the others. */
  waitingOfOne: 16_777_216,
  waitingOfAll: 67_108_864,
} as const;

interface OpenBatch {
  readonly format: string | undefined;
  readonly lines: Uint8Array[];
  bytes: number;
  readonly began: Instant;
}

interface SealedBatch {
  readonly key: string;
  readonly digest: string;
  readonly body: Uint8Array;
  readonly format: string | undefined;
  readonly lines: number;
  readonly bytes: number;
}

interface Line {
  readonly open: Map<string, OpenBatch>;
  readonly sealed: SealedBatch[];
  bytes: number;
  sequence: number;
}

/**
 * Gathers single messages into batches, per sensor in the order they came, and hands each to the act that takes telemetry
 * under the key `syslog-BOOT-SEQUENCE`: a batch whose commit was not answered is tried again under its key and stands once.
 * What is here and not committed is lost with the process; no syslog transport has an acknowledgement that could say so.
 */
export class GatherLines {
  readonly #state: BatchDoor;
  readonly #boot: string;
  readonly #limit: number;
  readonly #known: (sensor: SensorId) => boolean;
  readonly #lost: (sensor: SensorId, lines: number) => void;
  readonly #sensors = new Map<SensorId, Line>();
  #bytes = 0;

  /**
   * @param boot  differs from run to run
   * @param limit unmatched batches beyond which nothing is committed until some are matched
   * @param known is the sensor still in the directory? Lines of one that left are counted by `lost`
   */
  constructor(
    state: BatchDoor,
    boot: string,
    limit: number,
    known: (sensor: SensorId) => boolean,
    lost: (sensor: SensorId, lines: number) => void,
  ) {
    this.#state = state;
    this.#boot = boot;
    this.#limit = limit;
    this.#known = known;
    this.#lost = lost;
  }

  /** Bytes that wait for the database. */
  get waiting(): number {
    return this.#bytes;
  }

  /** False: whoever can, stops reading; whoever cannot, drops and counts. */
  hasRoom(sensor: SensorId): boolean {
    return this.#bytes < gathered.waitingOfAll && (this.#sensors.get(sensor)?.bytes ?? 0) < gathered.waitingOfOne;
  }

  /** @param line without line ends, kept by reference */
  add(sensor: SensorId, format: string | undefined, line: Uint8Array, now: Instant): void {
    let of = this.#sensors.get(sensor);
    if (!of) this.#sensors.set(sensor, (of = { open: new Map(), sealed: [], bytes: 0, sequence: 0 }));
    let batch = of.open.get(format ?? "");
    if (!batch) of.open.set(format ?? "", (batch = { format, lines: [], bytes: 0, began: now }));
    batch.lines.push(line);
    batch.bytes += line.length + 1;
    of.bytes += line.length + 1;
    this.#bytes += line.length + 1;
    if (batch.lines.length >= gathered.lines || batch.bytes >= gathered.bytes) this.#seal(of, batch);
  }

  /**
   * Commits what is full or old enough. A clock that was put back makes a batch old: nothing waits for time to come again.
   *
   * @param all  also what is neither
   * @returns whether a batch was committed; what the database does not take (full, away) waits here
   */
  async commit(now: Instant, all: boolean = false): Promise<boolean> {
    let committed = false;
    let failure: unknown;
    for (const [sensor, of] of this.#sensors) {
      for (const batch of of.open.values())
        if (all || now - batch.began >= gathered.ageMs || now < batch.began) this.#seal(of, batch);
      try {
        while (of.sealed[0] && (await this.#hand(sensor, of, of.sealed[0], now))) committed = true;
      } catch (error) {
        failure ??= error;
      }
      if (of.bytes === 0 && !this.#known(sensor)) this.#sensors.delete(sensor);
    }
    if (failure !== undefined) throw failure;
    return committed;
  }

  /** @returns false when the queue is full */
  async #hand(sensor: SensorId, of: Line, batch: SealedBatch, now: Instant): Promise<boolean> {
    const { key, digest, body, format, lines, bytes } = batch;
    if (this.#known(sensor)) {
      const row = { sensor, key, digest, body, received: now, ...(format === undefined ? {} : { format }) };
      const { kind } = await this.#state.act((tx) => tx.telemetry.accept(row, this.#limit));
      if (kind === "busy") return false;
    } else this.#lost(sensor, lines);
    of.sealed.shift();
    of.bytes -= bytes;
    this.#bytes -= bytes;
    return true;
  }

  #seal(of: Line, { format, lines, bytes }: OpenBatch): void {
    of.open.delete(format ?? "");
    const newline = Uint8Array.of(10);
    const body = Buffer.concat(lines.flatMap((line) => [line, newline]));
    of.sealed.push({
      key: `syslog-${this.#boot}-${of.sequence++}`,
      digest: createHash("sha256").update(body).digest("hex"),
      body: gzipSync(body, { level: 1 }),
      ...{ format, lines: lines.length, bytes },
    });
  }
}
