import { type Instant, instant, parseInstant } from "#core/instant.ts";
import type { Stream } from "./format.ts";
import { isoTime } from "./local-time.ts";
import type { Fields } from "./windows-field.ts";

/**
 * The stamp of the log's own clock, best first. Sysmon's `UtcTime` is asked late though it is the finest: one clock for
 * all events of a host keeps their order.
 */
const stamps: readonly string[] = ["TimeCreated", "SystemTime", "@timestamp", "EventTime", "UtcTime", "TimeGenerated"];

/** When a Windows event says it was written, whoever shipped it; undefined: it does not say. */
export const timeOf = (fields: Fields, stream: Stream): Instant | undefined => {
  for (const name of stamps) {
    const given = fields[name];
    if (given === undefined) continue;
    const local = name === "EventTime";
    if (typeof given === "string" && (!local || given.endsWith("Z"))) {
      const plain = parseInstant(given);
      if (plain.ok) return plain.value;
    }
    const time = readTime(given, local ? stream : {});
    if (time !== undefined) return time;
  }
  return undefined;
};

/** What stands there instead of a time, for the problem. */
export const timeText = (fields: Fields): string => {
  const given = stamps.map((name) => fields[name]).find((value) => value !== undefined);
  return typeof given === "string" ? given : given === undefined ? "" : JSON.stringify(given);
};

const readTime = (given: unknown, stream: Stream): Instant | undefined => {
  if (typeof given === "string") {
    const read = isoTime(given, stream);
    if (read.ok) return read.value;
    // .NET's JSON writer: "/Date(1603279688823)/"
    const dotnet = /^\/Date\((\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(given)?.[1];
    if (dotnet !== undefined) return inRange(Number(dotnet));
    // PowerShell and the event viewer print nine digits with no separator, or an offset behind a blank
    const spaced = parseInstant(given.replace(/\s+(?=[+-]\d)/, ""));
    return spaced.ok ? spaced.value : undefined;
  }
  if (typeof given === "number") return inRange(given > 100_000_000_000 ? given : given * 1000);
  if (typeof given === "object" && given !== null) {
    const inner: Fields = given as Fields;
    for (const name of ["SystemTime", "@SystemTime", "value", "DateTime"]) {
      const time = typeof inner[name] === "string" ? readTime(inner[name], stream) : undefined;
      if (time !== undefined) return time;
    }
  }
  return undefined;
};

const inRange = (milliseconds: number): Instant | undefined =>
  milliseconds >= 0 && milliseconds <= 253_402_300_799_999 ? instant(milliseconds) : undefined;
