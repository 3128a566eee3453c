import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Instant } from "#core/instant.ts";
import type { Drop, FilePlace, KeptFile } from "#jobs/inputs-port.ts";
import type { State } from "#jobs/ports.ts";

/** Bytes of a followed file that go on together. */
export interface FilePart {
  /** The file as it stood before the part. */
  readonly from: KeptFile;
  /** The place that is kept; it may be another than `from` says when the file began anew. */
  readonly kept: FilePlace;
  /** And after it. */
  readonly to: KeptFile;
  /** Whole records; absent: what lies between was left, as `drop` says. */
  readonly body?: Uint8Array;
  readonly drop?: Drop;
  readonly format: string | undefined;
}

export type TakenFile = "taken" | "busy" | "elsewhere";

/**
 * Commits a part and the place behind it in one transaction: whoever dies goes on exactly there.
 *
 * @returns busy: the queue is full, the file keeps and is asked again; elsewhere: another process took of it meanwhile
 */
export const takeFile = (state: State, part: FilePart, limit: number, now: Instant): Promise<TakenFile> =>
  state.act(async (tx) => {
    const { from, to, body, drop, format } = part;
    const at = await tx.inputs.placeOf(from.n);
    if (at?.position !== part.kept.position || at.generation !== part.kept.generation) return "elsewhere";
    if (body !== undefined && body.length > 0) {
      const { kind } = await tx.telemetry.accept(
        {
          sensor: from.sensor,
          key: `file-${from.n}-${to.generation}-${from.position}-${to.position}`,
          digest: createHash("sha256").update(body).digest("hex"),
          body: gzipSync(body, { level: 1 }),
          received: now,
          ...(format === undefined ? {} : { format }),
        },
        limit,
      );
      if (kind === "busy") return "busy";
    }
    if (drop !== undefined) await tx.inputs.dropped([drop], now);
    await tx.inputs.moveFile(to);
    return "taken";
  });
