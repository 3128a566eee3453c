import type { Instant } from "#core/instant.ts";
import { minute, second } from "#core/instant.ts";
import { type Facts, packFacts, unpackFacts } from "#jobs/batches/facts-pack.ts";
import type { FactsBatch } from "#jobs/partitions/state.ts";
import type { SaidOfBatch } from "#jobs/partitions/port.ts";

/** As long as facts wait at the centre for others that were before them (partition-state.ts). */
export const waitMs = 2 * minute;
/** Facts are unpacked so much at a time: at 5,000 events a second some ten megabytes. */
const slotMs = 5 * second;
/** A sensor that was silent for longer is not waited for. */
const silentMs = 15 * minute;

/** Facts of one batch whose time is in one slot. */
interface Piece {
  readonly body: Uint8Array;
  readonly from: string;
  readonly batch: number;
  readonly said: SaidOfBatch;
}

/** A batch as it came. */
export interface Arrived extends Facts {
  readonly from: string;
  readonly batch: number;
  readonly received: Instant;
  readonly newest: Instant;
  readonly said: SaidOfBatch;
}

/**
 * Facts on their way to the detectors over time, packed, by five seconds of their time: two minutes of a busy department as
 * objects are two hundred megabytes, packed they are some fifteen. A slot is handed on when the sensor's clock is two minutes
 * behind its end, all at once, so that what reads them waits for nothing more.
 *
 * The same batches in the same order are handed on in the same way. What came after its slot was handed on is late.
 */
export class DelayLine {
  readonly #sensor: string;
  readonly #slots = new Map<number, Piece[]>();
  /** End of the last slot handed on. */
  #handed: number;
  /** Of the newest batch: how far its sensor was, and when it came. */
  #newest = 0;
  #received = 0;

  /** @param handed where a run before had come to */
  constructor(sensor: string, handed = Number.NEGATIVE_INFINITY) {
    this.#sensor = sensor;
    this.#handed = handed;
  }

  /** Everything up to here was handed on; −Infinity: nothing was. */
  get handed(): number {
    return this.#handed;
  }

  /** Bytes that wait. */
  get bytes(): number {
    let sum = 0;
    for (const pieces of this.#slots.values()) for (const { body } of pieces) sum += body.length;
    return sum;
  }

  /**
   * @param again it was taken before, in a run that ended: what was late then, or handed on, is passed over
   * @returns facts that came too late
   */
  put({ facts, matched, from, batch, received, newest, said }: Arrived, again = false): number {
    // one wrong stamp waits for no tomorrow
    const latest = newest + waitMs;
    const slotOf = (time: number): number => Math.ceil(Math.min(time, latest) / slotMs) * slotMs;
    const bySlot = new Map<number, { facts: Facts["facts"][number][]; matched: Facts["matched"][number][] }>();
    let late = 0;
    const place = (time: number) => {
      const slot = slotOf(time);
      if (slot <= this.#handed) {
        late++;
        return undefined;
      }
      const known = bySlot.get(slot) ?? { facts: [], matched: [] };
      bySlot.set(slot, known);
      return known;
    };
    for (const fact of facts) place(fact.at)?.facts.push(fact);
    for (const one of matched) place(one.time)?.matched.push(one);
    for (const [slot, held] of bySlot) {
      const piece = { body: packFacts(held), from, batch, said };
      const known = this.#slots.get(slot);
      if (known) known.push(piece);
      else this.#slots.set(slot, [piece]);
    }
    if (newest > this.#newest) {
      this.#newest = newest;
      this.#received = received;
    }
    return again ? 0 : late;
  }

  /** What is due, in the order of slots: batches for `PartitionState.take`, whose last of a slot moves its time on. */
  *due(now?: Instant): Generator<FactsBatch, void, void> {
    const silent = now !== undefined && now - this.#received > silentMs;
    for (const slot of [...this.#slots.keys()].sort((a, b) => a - b)) {
      if (!silent && slot + waitMs > this.#newest) return;
      const pieces = this.#slots.get(slot) ?? [];
      this.#slots.delete(slot);
      const lagMs = this.#received - this.#newest;
      // until the last of them is in, time stands where the slot before ended
      const before = Number.isFinite(this.#handed) ? this.#handed : slot - slotMs;
      this.#handed = slot;
      const at = (end: number): Pick<FactsBatch, "newest" | "received" | "sensor"> => ({
        ...{ newest: (end + waitMs) as Instant, received: (end + waitMs + lagMs) as Instant, sensor: this.#sensor },
      });
      for (const { body, from, batch, said } of pieces) {
        const read = unpackFacts(body, { sensor: this.#sensor, from });
        if (read.ok) yield { ...read.value, batch, said, ...at(before) };
      }
      yield { facts: [], matched: [], batch: pieces[0]?.batch ?? 0, said: { open: [], listed: [] }, ...at(slot) };
    }
  }
}
