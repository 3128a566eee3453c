/** Stands for a line that was longer than `longestJsonLine`; nothing of the line was kept. */
export const tooLong: unique symbol = Symbol("tooLong");

/** Bytes of one line: a whole bundle or advisory stands on it, and the largest in public use are near 50 MB. */
export const longestJsonLine = 134_217_728;

const newline = 10;
const carriageReturn = 13;

/**
 * The lines of a stream of bytes, without LF or CRLF, in constant memory but for the line itself. An end at the end of
 * the stream begins no further line; an empty line is a line.
 */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | typeof tooLong> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length <= longestJsonLine) parts.push(part);
    else parts = [];
  };
  const line = (): Buffer | typeof tooLong => {
    const whole = length > longestJsonLine ? tooLong : Buffer.concat(parts);
    parts = [];
    length = 0;
    return whole === tooLong || whole.at(-1) !== carriageReturn ? whole : whole.subarray(0, -1);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (length > 0) yield line();
}
