import type { Socket } from "node:net";
import { headersAtMost } from "./http-client.ts";

/** What of an answer stands before its body (RFC 9112 §2.1). */
export interface Head {
  readonly status: number;
  /** Lower-case names; repeated ones joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer that is none; `code` says why, for `WGL_EGRESS_BROKEN`. */
export class HttpBroken extends Error {
  readonly code: string;

  constructor(code: "HTTP_HEAD" | "HTTP_HEAD_LARGE" | "HTTP_LENGTH" | "HTTP_CHUNK" | "HTTP_CUT" | "HTTP_HEADER") {
    super(code);
    this.code = code;
  }
}

/** Reads up to the end of the head; what came behind it is put back. @throws HttpBroken, and what the connection throws */
export const readHead = (socket: Socket, signal: AbortSignal): Promise<Head> =>
  new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const settle = (work: () => void): void => {
      socket.off("data", take).off("error", fail).off("close", cut).pause();
      signal.removeEventListener("abort", stop);
      work();
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const cut = (): void => fail(new HttpBroken("HTTP_CUT"));
    const stop = (): void => fail(signal.reason as Error);
    const take = (more: Buffer): void => {
      const from = Math.max(0, bytes.length - 3);
      bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
      const end = bytes.indexOf("\r\n\r\n", from, "latin1");
      if ((end < 0 ? bytes.length : end) > headersAtMost) return fail(new HttpBroken("HTTP_HEAD_LARGE"));
      if (end < 0) return;
      settle(() => {
        if (end + 4 < bytes.length) socket.unshift(bytes.subarray(end + 4));
        const head = headIn(bytes.subarray(0, end).toString("latin1"));
        if (head) resolve(head);
        else reject(new HttpBroken("HTTP_HEAD"));
      });
    };
    // what the head before left stands still
    socket.on("data", take).on("error", fail).on("close", cut).resume();
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    if (socket.destroyed) cut();
  });

const statusLine = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [^\r\n\0]*)?$/;
/** A field's name is a token, its value has no control bytes of lines; folded lines are no field (RFC 9112 §5). */
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/;

/** @param text without the blank line; undefined: no head of an answer */
export const headIn = (text: string): Head | undefined => {
  const [first = "", ...lines] = text.split("\r\n");
  const status = statusLine.exec(first)?.[1];
  if (status === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = field.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    const known = headers.get(key);
    headers.set(key, known === undefined ? value : `${known}, ${value}`);
  }
  return { status: Number(status), headers: Object.fromEntries(headers) };
};
