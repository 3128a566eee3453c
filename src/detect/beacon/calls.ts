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
  readonly evidence: { readonly id: string; readonly from: string; readonly line: number }[];
  /** Calls since `times` was last judged. */
  fresh: number;
  /** Time of the last call that was spoken of; the pair is not named again until it was silent. */
  spoken: number;
}

/** Newest calls kept of a pair: 43 minutes of a ten-second beacon, ten days of an hourly one. */
const callsKept = 256;
const evidenceKept = 20;

/**
 * Takes a call in. Records of one connection (a flow, its TLS, its request) begin within a second of each other and are
 * one call. Records come by their end, so a call may have begun before the last one.
 */
export const addCall = (calls: Calls, time: number, bytes: number, evidence: Calls["evidence"][number]): void => {
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
  calls.fresh++;
  if (calls.times.length > callsKept) {
    calls.times.shift();
    calls.bytes.shift();
  }
  calls.evidence.push(evidence);
  if (calls.evidence.length > evidenceKept) calls.evidence.shift();
};
