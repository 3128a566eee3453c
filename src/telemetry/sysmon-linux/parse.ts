import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { textAt } from "#telemetry/record-fields.ts";
import { eventOfElement, type EventElement } from "#telemetry/windows-event.ts";
import { windowsRecord } from "#telemetry/windows-record.ts";
import { readEventXml } from "#telemetry/windows-xml.ts";

const title = "Sysmon for Linux";

/**
 * One event; of one that syslog cut off, what came of it, with `Truncated: "true"`. Blank lines, and lines of Sysmon that are no events ("Sysmon v1.3 started"), are nothing.
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_LINE (no event: no EventID), WGL_LOG_FIELD
 */
export const parseSysmonLinux = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const json = line.trimStart().startsWith("{");
  const read = json ? readJsonRecord(line, title) : undefined;
  if (read?.ok === false) return read;
  const text = read === undefined ? line : textAt(read.value, "SyslogMessage", "message", "Message", "log");
  if (text === undefined)
    return no("WGL_LOG_FIELD", { value: "", field: "SyslogMessage", format: title, wanted: "the event's XML" });
  if (!text.includes("<Event")) return isSysmon(text) ? undefined : no("WGL_LOG_LINE", { value: line, format: title });
  const element = readEventXml(text);
  const event = eventOfElement(element ?? readEventXml(text, true) ?? nothing);
  if (event === undefined) return no("WGL_LOG_LINE", { value: line, format: title });
  // What a cut line still says may be the one event that counts; rules and people see that it was cut.
  if (element === undefined) event["Truncated"] = "true";
  const record = windowsRecord(event, stream, title);
  return record.ok ? ok({ ...record.value, event: `sysmon-${String(event["EventID"])}` }) : record;
};

const nothing: EventElement = { name: "", attributes: {}, children: [] };

const isSysmon = (text: string): boolean => /\bsysmon(?:\[\d+\])?:/i.test(text);
