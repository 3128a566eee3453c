import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { Result } from "#core/result.ts";
import type { Splitter } from "./lines.ts";

/**
 * Where in a record a value was seen: without it nobody can tell victim from attacker. A closed list, after Zeek's
 * Intel framework (`where-locations.zeek`). The order is wire format: add at the end.
 * "record" is the record as a whole: what a rule speaks of; no value is seen there.
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
  "record",
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

/**
 * Somebody entered, or tried to: a log-on, a sign-in, a VPN's door, a password at a web server or proxy. Windows
 * 4624/4625, `sshd`, sign-in logs and the like fill it, so that brute force, spraying and sign-ins from a new country
 * are found without knowing any format. Acts of somebody who is in already (an API call, a file read) have no `session`.
 */
export interface Session {
  /** As the record writes it, case and domain included; before the field policy: who keeps or sends it hashes it. */
  readonly account?: string;
  /** Absent: the record does not say (a log-on begun, a second factor asked for). */
  readonly outcome?: "success" | "failure";
  /** ISO 3166-1 alpha-2, upper case, where the record itself says from where. */
  readonly country?: string;
  /** Degrees, where the record itself says from where. */
  readonly latitude?: number;
  readonly longitude?: number;
  /** What was entered: "ssh", "rdp", "smb", "vpn", "http", "proxy", "aws", "entra", "m365"; lower case. */
  readonly service?: string;
}

/** One HTTP request as a server, a proxy or a sensor saw it; `source` of the record is the client. */
export interface HttpRequest {
  /** Upper case. */
  readonly method?: string;
  /** As the request has it, port and all. */
  readonly host?: string;
  /** From "/" to before "?", percent signs and dots as they were sent; of CONNECT nothing. */
  readonly path?: string;
  /** Behind "?", without it; before the field policy. */
  readonly query?: string;
  /** 100 to 599. */
  readonly status?: number;
  readonly agent?: string;
  readonly referrer?: string;
  /** Of the body that the client got. */
  readonly bytes?: number;
}

/** One DNS question, answered or not. Some logs write the question and its answer as two records (`rcode` tells them apart). */
export interface DnsQuestion {
  /** As it was sent, without the final dot; any bytes, so it may be no domain. */
  readonly query: string;
  /** "A", "TXT", "NULL"; upper case; "TYPE65" where the log gives a number nobody named. */
  readonly type?: string;
  /** "NOERROR", "NXDOMAIN"; upper case; absent: the record is of the question alone. */
  readonly rcode?: string;
  /** Data of the answers as the log writes them. */
  readonly answers?: readonly string[];
}

/** A program was started. Paths as the machine writes them. */
export interface ProcessStart {
  readonly image: string;
  /** Values of parameters that are passwords, tokens or sessions are out of it (secrets.ts). */
  readonly command?: string;
  readonly parent?: string;
}

/** Something was done to a file or on a share. */
export interface FileAct {
  readonly act: "create" | "write" | "rename" | "delete" | "read";
  readonly path: string;
  /** Of a rename: the new path. */
  readonly to?: string;
  /** "\\\\server\\share" when it was done over the network. */
  readonly share?: string;
  /** The program that did it. */
  readonly image?: string;
}

/** One line of telemetry, whole, for rules; and what was seen in it, typed, for the matcher. */
export interface TelemetryRecord {
  /** When it happened, or began: of a flow its first packet. */
  readonly time: Instant;
  /**
   * When it was over, of records that are written at the end of what they speak of (flows, connections, requests with a
   * duration): before that nobody could know the record, so no detector speaks earlier. Never before `time`; absent: `time`.
   */
  readonly until?: Instant;
  /** The source's own kind of record: "dns", "conn", "alert". */
  readonly event: string;
  /** The whole record, parsed, prototype-free keys; after the field policy. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly seen: readonly Seen[];
  readonly measures: Measures;
  /** Canonical addresses of the two ends, initiator first; absent where the record has none. */
  readonly source?: string;
  readonly destination?: string;
  /** The machine that wrote the record or that it is about, as it names itself; absent on records of the network. */
  readonly host?: string;
  readonly session?: Session;
  readonly http?: HttpRequest;
  readonly dns?: DnsQuestion;
  readonly process?: ProcessStart;
  readonly file?: FileAct;
}

/** What is put together part by part, as its source has them. */
export type Growing<T> = { -readonly [K in keyof T]: T[K] };

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

/**
 * What is kept of a field before anything is stored: absent means keep. `hash` is keyed per deployment. `secrets` keeps
 * a URL or a query string, but for the values of parameters that are passwords, tokens or sessions (secrets.ts).
 */
export type FieldPolicy = Readonly<Record<string, "hash" | "drop" | "secrets">>;

/** What kind of log a record belongs to, as Sigma names it (Sigma specification 2.1, "logsource"; taxonomy appendix). */
export interface LogSource {
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
}

/** How rules read the records of a format. */
export interface RuleView {
  /**
   * The log sources of one record. A rule applies when every part that its own log source names is equal to that part of
   * one of these. The same arrays are returned again for records of one kind, so that callers may compare by identity.
   */
  readonly logSources: (fields: Readonly<Record<string, unknown>>, event: string) => readonly LogSource[];
  /** Sigma's field name → dotted path in `fields`, in the order asked; the first that is there counts. Not named: itself. */
  readonly names: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Every text of `fields` stands in the line as it came, in JSON's or XML's writing and nothing else: what is looked for
   * anywhere in a record is looked for in its line first. A test holds the formats that say so to it.
   */
  readonly verbatim?: true;
  /** The products its log sources may name; absent: any. A hunt over the past leaves out formats that a rule cannot speak of. */
  readonly products?: readonly string[];
}

/** What is known of a stream besides its bytes; some logs say too little by themselves. */
export interface Stream {
  /** When its bytes came to us: dates without a year (RFC 3164) are the last such date before it (local-time.ts). */
  readonly received?: Instant;
  /** Of local times without a zone, minutes east of UTC; absent: 0. */
  readonly offsetMinutes?: number;
}

/**
 * Of formats whose readers keep something from line to line: the lines that say how those below them are to be read. A
 * stretch from the middle of a stream is read as there when its reader is given them first.
 */
export interface Heading {
  /** Whether a line with this first byte may be such a line. */
  readonly begins: (byte: number) => boolean;
  /** The lines in force after one more line, those before it given. */
  readonly after: (before: readonly string[], line: string) => readonly string[];
}

export interface Format {
  /** Stable, kebab-case: "suricata-eve", "zeek". */
  readonly id: string;
  readonly title: string;
  /** True when the first bytes of a stream (at most 4 KiB, no partial UTF-8 care needed) look like this format. */
  readonly accepts: (head: Uint8Array) => boolean;
  readonly open: (stream?: Stream) => Reader;
  /**
   * Cuts a stream of this format into the records that `Reader` is given, where a record is no line: binary files, arrays
   * of records, records of many lines. Absent: a line a record, or JSON values when the stream looks like JSON over lines.
   */
  readonly split?: () => Splitter;
  /** Absent: its reader reads each record by itself. */
  readonly heading?: Heading;
  /** Absent: no Sigma log source is written in this format, and no rule is asked. */
  readonly rules?: RuleView;
  /** Privacy by construction: dotted paths of `fields`, e.g. "http.cookie": "drop". */
  readonly policy: FieldPolicy;
}
