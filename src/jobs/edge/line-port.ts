/** What a sensor asks of the network; `net/egress.ts` is more than it. */
export interface EdgeLine {
  readonly get: (
    url: string,
    request: {
      readonly purpose: string;
      readonly etag?: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly maxBytes: number;
      readonly deadlineMs: number;
      readonly secrets: readonly string[];
      /** Takes the body of an answer with status 200 as it comes; `body` is empty then. */
      readonly into?: (part: Uint8Array) => void;
    },
  ) => Promise<Answered>;
  readonly post: (
    url: string,
    request: {
      readonly purpose: string;
      readonly body: Uint8Array;
      readonly type: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly maxBytes: number;
      readonly deadlineMs: number;
      readonly secrets: readonly string[];
    },
  ) => Promise<Answered>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly notModified: boolean;
}
