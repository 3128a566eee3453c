import { gunzipSync } from "node:zlib";
import { problem, type Problem } from "#core/result.ts";

/** Bytes of a batch after unpacking; 8 MiB of gzip is some 100 MiB of log. More is a bomb. */
const bodyAtMost = 268_435_456;

/** Unpacked in pieces of so many bytes where what is packed names no size: zlib's usual 16 KiB cost a third more. */
const usualPiece = 1 << 16;
/** More than so many times what it takes packed, nothing becomes; a sender may write any size. @see zlib, "Technical Details" */
const packedAtMost = 1032;

/** Of a batch as it was kept (gzip). Problems: WGL_BATCH_SIZE, WGL_BATCH_GZIP. */
export const unpacked = (body: Uint8Array): Uint8Array | Problem => {
  try {
    const sent = gunzipSync(body, limitsFor(body));
    // A sender may post a rotated log as it lies there, packed.
    return sent[0] === 0x1f && sent[1] === 0x8b ? gunzipSync(sent, limitsFor(sent)) : sent;
  } catch (error) {
    return problem(
      (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? "WGL_BATCH_SIZE" : "WGL_BATCH_GZIP",
      {
        limit: bodyAtMost,
      },
    );
  }
};

/** The size that stands behind a member is the whole's where there is one member (RFC 1952 §2.3.1): one piece, never copied. */
const limitsFor = (packed: Uint8Array): { readonly maxOutputLength: number; readonly chunkSize: number } => {
  const size =
    packed.length < 18 ? 0 : new DataView(packed.buffer, packed.byteOffset + packed.length - 4).getUint32(0, true);
  const whole = size > usualPiece && size <= Math.min(bodyAtMost, packed.length * packedAtMost);
  return { maxOutputLength: bodyAtMost, chunkSize: whole ? size + 1 : usualPiece };
};
