import type { Fact } from "#detect/behaviour.ts";
import { addPlace, noPlaces, type Place, placeOf, placesIn, type SavedPlaces, savePlaces } from "#detect/evidence.ts";

/** Calls from one of ours to one place outside, the newest of them; constant memory. */
export interface Calls {
  readonly source: string;
  readonly destination: string;
  /** When the first of them began, those included that are no longer kept. */
  began: number;
  /** When each began, ascending, and the bytes it sent; -1: not known. */
  readonly times: number[];
  readonly bytes: number[];
  /** Newest records, for the evidence. */
  evidence: Place[];
  /** Calls since `times` was last judged. */
  fresh: number;
  /** Time of the last call that was spoken of; the pair is not named again until it was silent. */
  spoken: number;
}

/** Newest calls kept of a pair: 43 minutes of a ten-second beacon, ten days of an hourly one. */
const callsKept = 256;

/** The only call of a pair so far. Most pairs call once, and cost as little as they can. */
export interface Call {
  readonly time: number;
  readonly bytes: number;
  readonly place: Place;
}

export const callOf = (fact: Fact): Call => ({
  ...{ time: fact.time, bytes: fact.measures.bytesOut ?? -1, place: placeOf(fact) },
});

/** The same, where there may be more. */
export const callsFrom = (source: string, destination: string, { time, bytes, place }: Call): Calls => ({
  ...{ source, destination, began: time, times: [time], bytes: [bytes], evidence: [place], fresh: 1, spoken: 0 },
});

/**
 * Takes a call in. Records of one connection (a flow, its TLS, its request) begin within a second of each other and are
 * one call. Records come by their end, so a call may have begun before the last one.
 */
export const addCall = (calls: Calls, fact: Fact): void => {
  const { time } = fact;
  const bytes = fact.measures.bytesOut ?? -1;
  calls.began = Math.min(calls.began, time);
  let at = calls.times.length;
  while (at > 0 && (calls.times[at - 1] as number) > time) at--;
  const before = calls.times[at - 1];
  const behind = calls.times[at];
  const same =
    before !== undefined && time - before < 1000 ? at - 1 : behind !== undefined && behind - time < 1000 ? at : -1;
  if (same >= 0) {
    // the flow knows how much was sent, its TLS record does not
    calls.bytes[same] = Math.max(calls.bytes[same] ?? -1, bytes);
    return;
  }
  calls.times.splice(at, 0, time);
  calls.bytes.splice(at, 0, bytes);
  if (calls.times.length > callsKept) {
    calls.times.shift();
    calls.bytes.shift();
  }
  calls.fresh++;
  addPlace(calls, fact);
};

/** As checkpoints have them: of each pair in turn its two ends, when it began, how many calls are kept and their pauses … */
export interface SavedCalls {
  readonly ends: string[];
  readonly began: number[];
  readonly many: number[];
  /** Against the one before; the first of a pair against when it began. */
  readonly times: number[];
  readonly bytes: number[];
  readonly fresh: number[];
  readonly spoken: number[];
  readonly evidence: SavedPlaces;
}

/** @param all by source and destination: "10.0.0.1 www.parks.example" */
export const saveCalls = (all: Iterable<readonly [pair: string, calls: Calls | Call]>): SavedCalls => {
  const saved: SavedCalls = {
    ...{ ends: [], began: [], many: [], times: [], bytes: [], fresh: [], spoken: [], evidence: noPlaces() },
  };
  for (const [pair, one] of all) {
    const cut = pair.indexOf(" ");
    const [source, destination] = [pair.slice(0, cut), pair.slice(cut + 1)];
    saved.ends.push(source, destination);
    const calls = "place" in one ? callsFrom(source, destination, one) : one;
    const { began, times, bytes, fresh, spoken, evidence } = calls;
    saved.began.push(began);
    saved.many.push(times.length);
    let before = began;
    for (const time of times) {
      saved.times.push(time - before);
      before = time;
    }
    for (const one of bytes) saved.bytes.push(one);
    saved.fresh.push(fresh);
    saved.spoken.push(spoken);
    savePlaces(saved.evidence, evidence);
  }
  return saved;
};

export function* callsIn({ ends, began, many, times, bytes, fresh, spoken, evidence }: SavedCalls): Generator<Calls> {
  const places = placesIn(evidence);
  let at = 0;
  for (const [n, first] of began.entries()) {
    const end = at + (many[n] ?? 0);
    let time = first;
    yield {
      ...{ source: ends[2 * n] ?? "", destination: ends[2 * n + 1] ?? "", began: first },
      ...{ times: times.slice(at, end).map((pause) => (time += pause)), bytes: bytes.slice(at, end) },
      ...{ evidence: places(), fresh: fresh[n] ?? 0, spoken: spoken[n] ?? 0 },
    };
    at = end;
  }
}
