import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Instant } from "#core/instant.ts";
import type { State } from "#jobs/ports.ts";

/** Lines of one batch: a second or so of matching, so that a file never holds up what sensors send. */
const linesAtOnce = 20_000;

/**
 * A file of telemetry as batches under keys made from its content: the same file again is the same batches, taken once.
 * Header lines (Zeek's "#…") at the top stand again at the head of each batch.
 */
export function* batchesOf(file: string, bytes: Uint8Array): Generator<{ readonly key: string; readonly digest: string; readonly body: Uint8Array }> {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  while (plain[start] === 0x23) {
    const end = plain.indexOf(10, start);
    if (end < 0) break;
    start = end + 1;
  }
  const header = plain.subarray(0, start);
  for (let from = start; from < plain.length || from === start; ) {
    let to = from;
    for (let lines = 0; lines < linesAtOnce && to < plain.length; lines++) {
      const end = plain.indexOf(10, to);
      to = end < 0 ? plain.length : end + 1;
    }
    const body = gzipSync(Buffer.concat([header, plain.subarray(from, to)]), { level: 1 });
    const digest = createHash("sha256").update(header).update(plain.subarray(from, to)).digest("hex");
    yield { key: `${file.replace(/^.*\//, "").slice(0, 80)}-${digest.slice(0, 24)}`, digest, body };
    if (to === from) return;
    from = to;
  }
}

/** @returns batches accepted and known before; a full queue throws nothing away: `wait` is called and the batch tried again */
export const importTelemetry = async (
  state: State,
  sensor: string,
  files: Iterable<{ readonly file: string; readonly bytes: Uint8Array; readonly format?: string }>,
  limit: number,
  now: () => Instant,
  wait: () => Promise<void>,
): Promise<{ accepted: number; known: number }> => {
  let [accepted, known] = [0, 0];
  for (const { file, bytes, format } of files)
    for (const batch of batchesOf(file, bytes)) {
      for (;;) {
        const outcome = await state.act((tx) =>
          tx.telemetry.accept({ sensor, ...batch, received: now(), ...(format === undefined ? {} : { format }) }, limit),
        );
        if (outcome.kind === "busy") {
          await wait();
          continue;
        }
        if (outcome.kind === "accepted") accepted++;
        else known++;
        break;
      }
    }
  return { accepted, known };
};
