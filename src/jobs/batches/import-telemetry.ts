import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Instant } from "#core/instant.ts";
import type { State } from "#jobs/ports.ts";

/** A file of telemetry, unpacked. */
export interface TelemetryFile {
  /** As it is to be named in evidence. */
  readonly file: string;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Id of a format; absent: the sensor's own. */
  readonly format?: string;
}

/** Lines and bytes of one batch: what a busy sensor sends at once, so that a file never holds up what sensors send. */
const linesAtOnce = 5_000;
const bytesAtOnce = 8_388_608;

interface Cut {
  readonly key: string;
  readonly digest: string;
  readonly body: Uint8Array;
  readonly lines: number;
}

/**
 * A file as batches under keys made from its content: the same file again is the same batches, taken once. Header lines
 * at the top (Zeek's "#…") stand again at the head of each batch. Memory holds one batch.
 */
export async function* batchesOf({ file, chunks }: TelemetryFile): AsyncGenerator<Cut> {
  let header: Uint8Array | undefined;
  let rest: Uint8Array = new Uint8Array(0);
  const cut = (part: Uint8Array, lines: number): Cut => {
    const head = header ?? new Uint8Array(0);
    const digest = createHash("sha256").update(head).update(part).digest("hex");
    const name = file.replace(/^.*\//, "").slice(0, 80);
    return {
      key: `${name}-${digest.slice(0, 24)}`,
      digest,
      lines,
      body: gzipSync(Buffer.concat([head, part]), { level: 1 }),
    };
  };
  function* whole(last: boolean): Generator<Cut> {
    if (header === undefined) {
      const end = headerEnd(rest);
      if (end === rest.length && !last) return;
      header = rest.subarray(0, end);
      rest = rest.subarray(end);
    }
    for (;;) {
      const { to, lines } = cutAt(rest);
      const full = lines >= linesAtOnce || to >= bytesAtOnce;
      if (!full && !last) return;
      const end = full ? to : rest.length;
      if (end === 0) return;
      yield cut(rest.subarray(0, end), end === to ? lines : lines + 1);
      rest = rest.subarray(end);
    }
  }
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (rest.length >= bytesAtOnce / 8) yield* whole(false);
  }
  yield* whole(true);
}

const hash = 0x23;
const newline = 10;

/** Where the lines that begin with "#" at the top end. */
const headerEnd = (bytes: Uint8Array): number => {
  let at = 0;
  while (at < bytes.length && bytes[at] === hash) {
    const end = bytes.indexOf(newline, at);
    if (end < 0) return bytes.length;
    at = end + 1;
  }
  return at;
};

/** The end of the last whole line that one batch takes. */
const cutAt = (bytes: Uint8Array): { to: number; lines: number } => {
  let [to, lines] = [0, 0];
  while (lines < linesAtOnce && to < bytesAtOnce) {
    const end = bytes.indexOf(newline, to);
    if (end < 0) break;
    to = end + 1;
    lines++;
  }
  return { to, lines };
};

/** @returns batches accepted, and known before; a full queue throws nothing away: `wait` is called and the batch tried again */
export const importTelemetry = async (
  state: State,
  sensor: string,
  telemetry: TelemetryFile,
  limit: number,
  now: () => Instant,
  wait: () => Promise<void>,
): Promise<{ accepted: number; known: number; lines: number }> => {
  let [accepted, known, total] = [0, 0, 0];
  for await (const { lines, ...batch } of batchesOf(telemetry)) {
    total += lines;
    const { format } = telemetry;
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
  return { accepted, known, lines: total };
};
