import type { Format } from "#telemetry/format.ts";
import { windowsPolicy, windowsRules } from "#telemetry/windows-record.ts";
import { parseWindows } from "./parse.ts";

/**
 * Windows events as JSON, one a line or in an array: flat (NXLog, OTRF, `Get-WinEvent`), XML made JSON (evtx_dump,
 * python-evtx, Chainsaw), Winlogbeat and Elastic Agent (`winlog`), EvtxECmd, Azure Monitor. All become one flat record.
 */
export const format: Format = {
  id: "windows-json",
  title: "Windows events (JSON)",
  accepts: (head) => {
    const text = new TextDecoder().decode(head).trimStart();
    if (!/^(?:\[\s*)?\{/.test(text)) return false;
    if (/"winlog"\s*:\s*\{/.test(text) || /"winlog\.(?:channel|event_id)"\s*:/.test(text)) return true;
    if (/"Event"\s*:\s*\{/.test(text) && /"System"\s*:\s*\{/.test(text)) return true;
    if (/"event_data"\s*:\s*\{/.test(text) && /"log_name"\s*:/.test(text)) return true;
    return (
      /"(?:EventID|EventId|Id)"\s*:\s*(?:\d|"\d|\{)/.test(text) &&
      /"(?:Channel|LogName|Provider_?Name|ProviderGuid|SourceName|UtcTime|PayloadData1|Keywords|System)"\s*:/.test(text)
    );
  },
  open: (stream = {}) => ({ parse: (line) => parseWindows(line, stream) }),
  rules: windowsRules,
  policy: windowsPolicy,
};
