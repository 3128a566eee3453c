/** What happened on a site's network, before a sensor writes it down in its own format. Times are milliseconds since 1970. */
export interface Talk {
  readonly time: number;
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
}

/** Any connection: what was carried, for how long. */
export interface Flow extends Talk {
  readonly proto: "tcp" | "udp";
  readonly app: "dns" | "tls" | "http" | "smtp" | "ntp" | "failed";
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly durationMs: number;
}

export interface Question extends Talk {
  readonly name: string;
  readonly answers: readonly string[];
}

export interface Handshake extends Talk {
  readonly name: string;
}

export interface Request extends Talk {
  readonly host: string;
  readonly url: string;
  readonly agent: string;
  readonly status: number;
  readonly length: number;
  /** Sensors see these; the field policy must not let them be stored. */
  readonly cookie?: string;
}

export interface Mail extends Talk {
  readonly sender: string;
  readonly recipient: string;
  readonly subject: string;
}

/** One sensor's logs being written. */
export interface Log {
  readonly flow: (flow: Flow) => void;
  readonly dns: (question: Question) => void;
  readonly tls: (handshake: Handshake) => void;
  readonly http: (request: Request) => void;
  readonly smtp: (mail: Mail) => void;
  /** The files of the day, oldest line first: name → text. */
  readonly files: () => ReadonlyMap<string, string>;
}

/** Lines with their time, put into order at the end; equal times keep the order in which they came. */
export interface Timed {
  readonly time: number;
  readonly line: string;
}

export const inOrder = (lines: readonly Timed[]): string =>
  lines
    .toSorted((a, b) => a.time - b.time)
    .map(({ line }) => `${line}\n`)
    .join("");
