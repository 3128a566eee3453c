import type { Format } from "#telemetry/format.ts";
import { linuxSysmonLogSources } from "#telemetry/windows-log-sources.ts";
import { windowsPolicy, windowsRules } from "#telemetry/windows-record.ts";
import { parseSysmonLinux } from "./parse.ts";

/**
 * Sysmon for Linux: an event's XML in a syslog line (`sysmon: <Event>…`), and the same as Azure Monitor and OTRF keep it,
 * JSON with the line in `SyslogMessage`. The event is read as Windows' events are, so Sigma's names are its own.
 */
export const format: Format = {
  id: "sysmon-linux",
  title: "Sysmon for Linux",
  accepts: (head) =>
    /<Event>\s*<System>\s*<Provider Name=\\?"Linux-Sysmon\\?"|\\u003cProvider Name=\\"Linux-Sysmon\\"/.test(
      new TextDecoder().decode(head),
    ),
  open: (stream = {}) => ({ parse: (line) => parseSysmonLinux(line, stream) }),
  rules: {
    logSources: (fields) => linuxSysmonLogSources(typeof fields["EventID"] === "number" ? fields["EventID"] : -1),
    names: windowsRules.names,
  },
  policy: windowsPolicy,
};
