import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { portIn } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { accessIn } from "./access.ts";
import { readSyslog } from "./head.ts";

export const title = "syslog";

/**
 * One syslog message. What its text says is read where it is the same everywhere: who logged on (access.ts), a packet
 * filter's `SRC= DST= SPT= DPT=`, `from ADDRESS port N` and `rhost=`, and URLs.
 *
 * @returns WGL_LOG_LINE, WGL_TIME, WGL_LOG_YEAR, WGL_LOG_FIELD (no stamp, and not known when it was received)
 */
export const parseSyslog = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readSyslog(line, stream, title);
  if (!read.ok) return read;
  const message = read.value;
  const time = message.time ?? stream.received;
  if (time === undefined)
    return no("WGL_LOG_FIELD", { value: "", field: "timestamp", format: title, wanted: "a time" });
  const { time: _, text, ...head } = message;
  const fields: Record<string, unknown> = Object.assign(Object.create(null) as object, head, { message: text });
  const list = new SeenList();
  // Who and from where stands at the beginning; what an attacker lets a program quote may be of any length.
  const beginning = text.slice(0, looked);
  const access = accessIn(message.app ?? "", beginning);
  const ends = endsIn(beginning);
  const source = list.address("source", access?.address ?? ends.source, access?.port ?? ends.sourcePort);
  const destination = list.address("destination", ends.destination, ends.destinationPort);
  // A tunnel's end may be named instead of addressed
  if (source === undefined && access?.address !== undefined) list.host("source", access.address);
  if (text.includes("://"))
    for (const [url] of [...text.matchAll(/\b(?:https?|ftp):\/\/[^\s"'<>|`(){}\\^]+/gi)].slice(0, mostUrls))
      list.url("http-url", url.replace(/[.,;:!?\])]+$/, ""));
  return ok({
    time,
    event: (message.app ?? "message").toLowerCase().slice(0, 64),
    fields,
    seen: list.seen,
    measures: {},
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(message.host === undefined ? {} : { host: message.host }),
    ...(access === undefined ? {} : { session: access.session }),
  });
};

/** UTF-16 units of a message that are searched for people and addresses. */
const looked = 2048;
const mostUrls = 32;

interface Ends {
  readonly source?: string | undefined;
  readonly sourcePort?: number | undefined;
  readonly destination?: string | undefined;
  readonly destinationPort?: number | undefined;
}

const endsIn = (text: string): Ends => {
  // netfilter's LOG target: "IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.4 … PROTO=TCP SPT=51000 DPT=22"
  const filtered = /\bSRC=(\S+) DST=(\S+)/.exec(text);
  if (filtered)
    return {
      source: filtered[1],
      destination: filtered[2],
      sourcePort: portIn(/\bSPT=(\d{1,5})\b/.exec(text)?.[1]),
      destinationPort: portIn(/\bDPT=(\d{1,5})\b/.exec(text)?.[1]),
    };
  const from =
    /\b(?:from|client|rhost=|by|Source:) ?\[?([0-9a-fA-F]*[.:][0-9a-fA-F.:]*[0-9a-fA-F])\]?(?: port (\d{1,5}))?/.exec(
      text,
    );
  return { source: from?.[1], sourcePort: portIn(from?.[2]) };
};
