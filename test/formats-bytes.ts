import { splitterFor } from "#telemetry/cut.ts";
import { instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { Format, TelemetryRecord } from "#telemetry/format.ts";

/** When streams of tests were delivered: 2026-11-20. */
export const received = instant(Date.UTC(2026, 10, 20));

export interface ReadStream {
  readonly records: readonly (TelemetryRecord & { readonly line: number })[];
  readonly problems: readonly { readonly line: number; readonly problem: Problem }[];
  readonly lines: number;
}

/** A whole stream as jobs read it: cut by the format's splitter, each record parsed. */
export const readStream = (format: Format, bytes: Uint8Array, size: number = bytes.length): ReadStream => {
  const records: (TelemetryRecord & { line: number })[] = [];
  const problems: { line: number; problem: Problem }[] = [];
  const splitter = splitterFor(bytes, format);
  const reader = format.open({ received });
  const text = new TextDecoder();
  const refuse = (line: number, problem: Problem): void => {
    problems.push({ line, problem });
  };
  const onLine = (buffer: Uint8Array, start: number, end: number, line: number): void => {
    const read = reader.parse(text.decode(buffer.subarray(start, end)));
    if (read?.ok) records.push({ ...read.value, line });
    else if (read) refuse(line, read.problem);
  };
  for (let at = 0; at < bytes.length; at += Math.max(1, size))
    splitter.push(bytes.subarray(at, at + size), onLine, refuse);
  splitter.end(onLine, refuse);
  return { records, problems, lines: splitter.lines };
};

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const readText = (format: Format, text: string): ReadStream => readStream(format, bytesOf(text));
