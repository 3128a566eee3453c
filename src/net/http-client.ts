/** How a place is reached. */
export interface Way {
  /** As it is to be named: without brackets, without a final dot. */
  readonly host: string;
  /** Connect to these and no others; none where a proxy finds the way. */
  readonly addresses: readonly string[];
  readonly proxy?: string;
  /** PEM of further certificate authorities. */
  readonly ca?: string;
  /** Told where a connection ended up before a byte is sent; throws where it may not lead. */
  readonly arrived: (address: string) => void;
}

export interface HttpAsk {
  readonly url: URL;
  readonly method: "GET" | "POST";
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
  readonly way: Way;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; repeated ones joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** As sent, but for its chunks. Throws where it ends before its end. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of the connection, whatever is left of the body. */
  readonly close: () => void;
}

/**
 * One exchange over a connection of its own; redirects are answers. Egress (egress.ts) says what may be asked and when it
 * ends, a client only speaks; `test/egress.test.ts` runs over all of them.
 */
export type HttpClient = (ask: HttpAsk) => Promise<HttpAnswer>;

/** Bytes of an answer's headers. A CDN sends 2 KiB; ours would be a strange feed beyond this. */
export const headersAtMost = 32_768;
