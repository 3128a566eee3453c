import { no } from "#core/result.ts";
import type { Format } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { windowsPolicy, windowsRecord, windowsRules } from "#telemetry/windows-record.ts";
import { EvtxSplitter } from "./split.ts";

const title = "Windows event log files (EVTX)";

/** The event log files of Windows Vista and later, format 3.1 and 3.2, as they lie in `winevt\Logs`. */
export const format: Format = {
  id: "evtx",
  title,
  accepts: (head) => {
    const begins = new TextDecoder("latin1").decode(head.subarray(0, 8));
    return begins === "ElfFile\0" || begins === "ElfChnk\0";
  },
  split: () => new EvtxSplitter(),
  open: (stream = {}) => ({
    parse: (line) => {
      if (line.trim() === "") return undefined;
      const read = readJsonRecord(line, title);
      if (!read.ok) return read;
      if (typeof read.value["EventID"] !== "number")
        return no("WGL_LOG_FIELD", { value: line, field: "EventID", format: title, wanted: "a whole number" });
      return windowsRecord(read.value, stream, title);
    },
  }),
  rules: windowsRules,
  policy: windowsPolicy,
};
