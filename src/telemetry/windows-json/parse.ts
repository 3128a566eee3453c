import { no, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { windowsRecord } from "#telemetry/windows-record.ts";
import { windowsEventOf } from "#telemetry/windows-shapes.ts";

const name = "Windows events";

/**
 * One Windows event written as JSON, in any of the shapes of windows-shapes.ts; a blank line is nothing.
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_FIELD (no event id, no time)
 */
export const parseWindows = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  const text = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
  if (text.trim() === "") return undefined;
  const read = readJsonRecord(text, name);
  if (!read.ok) return read;
  const event = windowsEventOf(read.value);
  if (event === undefined)
    return no("WGL_LOG_FIELD", { value: text, field: "EventID", format: name, wanted: "a whole number" });
  return windowsRecord(event, stream, name);
};
