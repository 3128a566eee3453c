import type { Instant } from "#core/instant.ts";
import { minute, second } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import { type Facts, packFacts, unpackFacts } from "#jobs/batches/facts-pack.ts";
import type { FactsBatch } from "#jobs/partitions/state.ts";
import type { SaidOfBatch } from "#jobs/partitions/port.ts";
import type { EdgeShelf } from "./shelf-port.ts";

/** As long as facts wait at the centre for others that were before them (partition-state.ts). */
export const waitMs = 2 * minute;
/** Facts are unpacked so much at a time: at 5,000 events a second a megabyte, which is gone before the next is unpacked. */
const slotMs = second / 4;
/** A sensor that was silent for longer is not waited for. */
const silentMs = 15 * minute;
/** Bytes of a slot in memory. At 5,000 events a second a slot is 35 kB, at five times that it is five times as much. */
const heldOfSlot = 4_096;

/** Facts of one batch whose time is in one slot. */
interface Piece {
  /** Packed; a number: so many bytes on the shelf. */
  body: Uint8Array | number;
  readonly from: string;
  readonly batch: number;
  readonly said: SaidOfBatch;
}

interface Slot {
  readonly pieces: Piece[];
  /** Bytes of them in memory. */
  held: number;
}

/** A batch as it came. */
export interface Arrived extends Facts {
  /** Its facts, packed. */
  readonly body: Uint8Array;
  readonly from: string;
  readonly batch: number;
  readonly received: Instant;
  readonly newest: Instant;
  readonly said: SaidOfBatch;
}

/**
 * Facts on their way to the detectors over time, packed, by the second of their time: two minutes of a busy department as
 * objects are two hundred megabytes, packed they are some twenty, and more where the department is busier. So what waits lies
 * on the shelf, and memory holds a little of each slot, whatever comes. A slot is handed on when the sensor's clock is two
 * minutes behind its end, all at once, so that what reads them waits for nothing more.
 *
 * The same batches in the same order are handed on in the same way. What came after its slot was handed on is late.
 */
export class DelayLine {
  readonly #sensor: string;
  readonly #aside: EdgeShelf["aside"];
  readonly #slots = new Map<number, Slot>();
  /** End of the last slot handed on. */
  #handed: number;
  /** Of the newest batch: how far its sensor was, and when it came. */
  #newest = 0;
  #received = 0;

  /**
   * @param aside  its own: what a run before put there is let go
   * @param handed where a run before had come to
   */
  constructor(sensor: string, aside: EdgeShelf["aside"], handed = Number.NEGATIVE_INFINITY) {
    this.#sensor = sensor;
    this.#aside = aside;
    this.#handed = handed;
    aside.clear();
  }

  /** Everything up to here was handed on; −Infinity: nothing was. */
  get handed(): number {
    return this.#handed;
  }

  /** Bytes that wait in memory. */
  get held(): number {
    let sum = 0;
    for (const { held } of this.#slots.values()) sum += held;
    return sum;
  }

  /**
   * @param again it was taken before, in a run that ended: what was late then, or handed on, is passed over
   * @returns facts that came too late
   */
  put({ facts, matched, body, from, batch, received, newest, said }: Arrived, again = false): number {
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
    const whole = bySlot.size === 1 && late === 0;
    for (const [slot, held] of bySlot) this.#put(slot, { body: whole ? body : packFacts(held), from, batch, said });
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
      const pieces = this.#bodies(slot);
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

  #put(slot: number, piece: Piece & { readonly body: Uint8Array }): void {
    const known = this.#slots.get(slot) ?? { pieces: [], held: 0 };
    this.#slots.set(slot, known);
    known.pieces.push(piece);
    known.held += piece.body.length;
    if (known.held >= heldOfSlot) this.#store(slot, known);
  }

  /** A shelf that takes nothing leaves them in memory: what was taken is not let go for want of room. */
  #store(slot: number, known: Slot): void {
    const bodies = known.pieces.flatMap(({ body }) => (typeof body === "number" ? [] : [body]));
    try {
      this.#aside.append(String(slot), bodies);
    } catch (error) {
      if (!(error instanceof WaglanError)) throw error;
      return;
    }
    for (const piece of known.pieces) if (typeof piece.body !== "number") piece.body = piece.body.length;
    known.held = 0;
  }

  /** All of a slot, in memory: it leaves the shelf. */
  #bodies(slot: number): readonly (Piece & { readonly body: Uint8Array })[] {
    const pieces = this.#slots.get(slot)?.pieces ?? [];
    const stored = pieces.some(({ body }) => typeof body === "number") ? this.#aside.take(String(slot)) : undefined;
    let from = 0;
    return pieces.map(({ body, ...rest }) => ({
      ...rest,
      body: typeof body === "number" ? (stored ?? new Uint8Array(0)).subarray(from, (from += body)) : body,
    }));
  }
}
