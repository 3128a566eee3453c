import { gunzipSync } from "node:zlib";
import { problem, type Problem } from "#core/result.ts";

/** Bytes of a batch after unpacking; 8 MiB of gzip is some 100 MiB of log. More is a bomb. */
const bodyAtMost = 268_435_456;

/** Unpacked in pieces of so many bytes: zlib's usual 16 KiB cost a third more. */
const chunkSize = 1 << 16;
const limits = { maxOutputLength: bodyAtMost, chunkSize };

/** Of a batch as it was kept (gzip). Problems: WGL_BATCH_SIZE, WGL_BATCH_GZIP. */
export const unpacked = (body: Uint8Array): Uint8Array | Problem => {
  try {
    const sent = gunzipSync(body, limits);
    // A sender may post a rotated log as it lies there, packed.
    return sent[0] === 0x1f && sent[1] === 0x8b ? gunzipSync(sent, limits) : sent;
  } catch (error) {
    return problem(
      (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? "WGL_BATCH_SIZE" : "WGL_BATCH_GZIP",
      {
        limit: bodyAtMost,
      },
    );
  }
};
