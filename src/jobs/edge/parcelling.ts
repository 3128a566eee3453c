import { gzipSync } from "node:zlib";
import { type Instant, minute, second } from "#core/instant.ts";
import type { EdgeEntry, EdgeState, Queue } from "./edge-state.ts";
import type { EdgeShelf, StoredParcel } from "./shelf-port.ts";
import { type ParcelContent, parcelVersion, printParcel } from "#jobs/sensors/parcel.ts";

/** When what waits becomes a parcel. A finding is told within seconds; counts can wait. */
export const sealing = {
  ageMs: { hits: second, counts: minute },
  lines: 2_000,
  /** Before packing, roughly. */
  units: 1_048_576,
} as const;

/** Whose parcels they are. */
export interface ParcelOrigin {
  readonly sensor: string;
  readonly epoch: string;
}

/** What of a queue goes into the next parcel: its first lines, one at least. */
export const contentOf = (lines: readonly ParcelContent[]): readonly ParcelContent[] => {
  let units = 0;
  let count = 0;
  while (count < lines.length && count < sealing.lines) {
    units += JSON.stringify(lines[count]).length;
    if (count > 0 && units > sealing.units) break;
    count++;
  }
  return lines.slice(0, count);
};

/** A parcel as it goes out. The same content under the same number is the same bytes. */
export const packParcel = (
  { sensor, epoch }: ParcelOrigin,
  number: number,
  made: Instant,
  content: readonly ParcelContent[],
): Uint8Array => gzipSync(printParcel({ version: parcelVersion, number, epoch, made, sensor }, content), { level: 6 });

/**
 * Makes a parcel of what waits in a queue where it is time to. The file is whole on the disk before the log says so; one that
 * the log does not know is made again, and was never sent.
 *
 * @param log writes an entry down and applies it
 */
export const sealDue = (
  state: EdgeState,
  shelf: EdgeShelf,
  origin: ParcelOrigin,
  log: (entry: EdgeEntry) => void,
  now: Instant,
  all = false,
): number => {
  let sealed = 0;
  for (const queue of ["hits", "counts"] as const)
    while (isDue(state, queue, now, all)) {
      const content = contentOf(state.waiting(queue));
      // when its first line began to wait: a remake after a kill is the same parcel
      const made = state.since(queue) ?? now;
      const parcel = { number: state.number, queue, cut: false };
      shelf.parcels.put(parcel, packParcel(origin, parcel.number, made, content));
      log({ kind: "sealed", at: now, number: parcel.number, of: queue, count: content.length });
      sealed++;
    }
  return sealed;
};

const isDue = (state: EdgeState, queue: Queue, now: Instant, all: boolean): boolean => {
  const { length } = state.waiting(queue);
  if (length === 0) return false;
  const age = now - (state.since(queue) ?? now);
  return all || length >= sealing.lines || age >= sealing.ageMs[queue] || age < 0;
};

/**
 * Makes room where more waits than may: parcels of counts are emptied, the oldest first, and keep their numbers; those with
 * hits stay, however many they are.
 *
 * @returns parcels emptied
 */
export const makeRoom = (
  shelf: EdgeShelf,
  origin: ParcelOrigin,
  atMost: number,
  now: Instant,
): readonly StoredParcel[] => {
  const waiting = shelf.parcels.waiting();
  let bytes = waiting.reduce((sum, one) => sum + one.bytes, 0);
  const emptied: StoredParcel[] = [];
  for (const parcel of waiting) {
    if (bytes <= atMost) break;
    if (parcel.queue === "hits" || parcel.cut) continue;
    const body = packParcel(origin, parcel.number, now, []);
    shelf.parcels.put({ number: parcel.number, queue: "counts", cut: true }, body);
    bytes += body.length - parcel.bytes;
    emptied.push(parcel);
  }
  return emptied;
};
