import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { Result } from "#core/result.ts";

/**
 * Where in a record a value was seen: without it nobody can tell victim from attacker. A closed list, after Zeek's
 * Intel framework (`where-locations.zeek`). The order is wire format: add at the end.
 */
export const wheres = [
  "source",
  "destination",
  "dns-query",
  "dns-answer",
  "http-host",
  "http-url",
  "http-referrer",
  "tls-sni",
  "tls-subject",
  "certificate",
  "file-hash",
  "mail-from",
  "mail-to",
  "ja3",
  "ja4",
  "original-source",
  "x-forwarded-for",
] as const;
export type Where = (typeof wheres)[number];

/**
 * Who reached for whom, from the side of the network the sensor guards:
 *   outbound  one of ours began it      inbound  a stranger began it
 *   internal  ours to ours              unknown  the record does not say, or the sensor declares no networks
 */
export const directions = ["outbound", "inbound", "internal", "unknown"] as const;
export type Direction = (typeof directions)[number];

/** One typed value seen in a record. */
export interface Seen extends Observable {
  readonly where: Where;
  /** On "source" and "destination" addresses, when the record has it. */
  readonly port?: number;
}

/** Numbers of a record; behaviours use them, absent means the record does not say. */
export interface Measures {
  readonly bytesOut?: number;
  readonly bytesIn?: number;
  readonly packetsOut?: number;
  readonly packetsIn?: number;
  readonly durationMs?: number;
}

/** One line of telemetry, whole, for rules; and what was seen in it, typed, for the matcher. */
export interface TelemetryRecord {
  readonly time: Instant;
  /** The source's own kind of record: "dns", "conn", "alert". */
  readonly event: string;
  /** The whole record, parsed, prototype-free keys; after the field policy. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly seen: readonly Seen[];
  readonly measures: Measures;
  /** Canonical addresses of the two ends, initiator first; absent where the record has none. */
  readonly source?: string;
  readonly destination?: string;
}

/** Kinds a byte scanner reports: "host" is a domain or an address, told apart by the matcher. The numbers are wire format. */
export const scanned = { ip: 0, host: 1, url: 2, hash: 3, email: 4, path: 5 } as const;
export type Scanned = (typeof scanned)[keyof typeof scanned];

/**
 * Told of each matchable value of a line: bytes `[start, end)` of the buffer, undecoded, unescaped by nobody (a value
 * with a backslash escape must be reported through `slow`). `port` is 0 when unknown. Must not allocate.
 */
export interface Sink {
  readonly value: (kind: Scanned, start: number, end: number, where: number, port: number) => void;
  /** The fast path cannot read this line faithfully: parse it. */
  readonly slow: () => void;
}

/** Reads one stream of one format, keeping what its header said. Lines come without their newline. */
export interface Reader {
  /**
   * Byte fast path. Reports at least every value that `parse` would put into `seen` (a property test holds it to that);
   * absent: the format is read by `parse` alone.
   */
  readonly scan?: (buffer: Uint8Array, start: number, end: number, sink: Sink) => void;
  /** A record, a problem, or nothing (header, comment, blank). */
  readonly parse: (line: string) => Result<TelemetryRecord> | undefined;
}

/** What is kept of a field before anything is stored: absent means keep. `hash` is keyed per deployment. */
export type FieldPolicy = Readonly<Record<string, "hash" | "drop">>;

export interface Format {
  /** Stable, kebab-case: "suricata-eve", "zeek". */
  readonly id: string;
  readonly title: string;
  /** True when the first bytes of a stream (at most 4 KiB, no partial UTF-8 care needed) look like this format. */
  readonly accepts: (head: Uint8Array) => boolean;
  readonly open: () => Reader;
  /** Privacy by construction: dotted paths of `fields`, e.g. "http.cookie": "drop". */
  readonly policy: FieldPolicy;
}
