import type { Socket } from "node:net";
import { basic, dial } from "./dial.ts";
import { headersAtMost, type HttpAsk, type HttpClient } from "./http-client.ts";
import { type Head, HttpBroken, readHead } from "./http-head.ts";

/**
 * HTTP/1.1 by hand, one exchange a connection (RFC 9112), for a sensor: Node's HTTP and undici are thirty megabytes of a
 * process that is to be small and asks one server it knows. Strict: what is not plainly framed is broken.
 */
export const plainClient: HttpClient = async (ask) => {
  const { url, signal, way } = ask;
  const socket = await dial(url, way, signal);
  const close = (): void => {
    signal.removeEventListener("abort", close);
    socket.destroy();
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    socket.write(printed(ask));
    if (ask.body) socket.write(ask.body);
    let head = await readHead(socket, signal);
    // 100, 102, 103: the answer is still to come (RFC 9110 §15.2); a change of protocol nobody asked for
    while (head.status < 200) {
      if (head.status === 101) throw new HttpBroken("HTTP_HEAD");
      head = await readHead(socket, signal);
    }
    return { ...head, body: bodyOf(socket, head), close };
  } catch (error) {
    close();
    throw error;
  }
};

const printed = ({ url, method, headers, body, way }: HttpAsk): string => {
  const path = `${url.pathname}${url.search}`;
  const forwarded = way.proxy !== undefined && url.protocol === "http:";
  const { username, password } = new URL(way.proxy ?? url);
  const fields = {
    host: url.host,
    ...headers,
    ...(forwarded && username !== "" ? { "proxy-authorization": basic(username, password) } : {}),
    ...(body === undefined ? {} : { "content-length": String(body.length) }),
    connection: "close",
  };
  const lines = Object.entries(fields).map(([name, value]) => {
    if (!token.test(name) || !content.test(value)) throw new HttpBroken("HTTP_HEADER");
    return `${name}: ${value}\r\n`;
  });
  return `${method} ${forwarded ? `${url.origin}${path}` : path} HTTP/1.1\r\n${lines.join("")}\r\n`;
};

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const content = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Length of a body: in chunks, of so many bytes, or until the connection ends (RFC 9112 §6.3). */
const bodyOf = (socket: Socket, { status, headers }: Head): AsyncIterable<Uint8Array> => {
  if (status === 204 || status === 304) return none();
  const { "transfer-encoding": coding, "content-length": length } = headers;
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked" || length !== undefined) return broken("HTTP_LENGTH");
    return chunksOf(socket);
  }
  if (length === undefined) return socket;
  const all = /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return all === undefined ? broken("HTTP_LENGTH") : bytesOf(socket, all);
};

async function* none(): AsyncGenerator<Uint8Array, void, void> {}

// oxlint-disable-next-line require-yield
async function* broken(code: "HTTP_LENGTH"): AsyncGenerator<Uint8Array, void, void> {
  throw new HttpBroken(code);
}

async function* bytesOf(socket: Socket, all: number): AsyncGenerator<Uint8Array, void, void> {
  let left = all;
  if (left === 0) return;
  for await (const part of socket as AsyncIterable<Uint8Array>) {
    yield part.subarray(0, left);
    left -= part.length;
    if (left <= 0) return;
  }
  throw new HttpBroken("HTTP_CUT");
}

/** Bytes of a line that says how long a chunk is. */
const chunkLine = 4_096;

/** Chunks (RFC 9112 §7.1), without their sizes, extensions and trailers. */
async function* chunksOf(socket: Socket): AsyncGenerator<Uint8Array, void, void> {
  let bytes: Buffer = Buffer.alloc(0);
  let at: "size" | "data" | "end" | "trailer" = "size";
  let left = 0;
  for await (const more of socket as AsyncIterable<Buffer>) {
    bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
    for (let whole = true; whole; ) {
      whole = false;
      if (at === "size") {
        const end = bytes.indexOf("\r\n", 0, "latin1");
        if ((end < 0 ? bytes.length : end) > chunkLine) throw new HttpBroken("HTTP_CHUNK");
        if (end < 0) break;
        left = sizeIn(bytes.subarray(0, end).toString("latin1"));
        bytes = bytes.subarray(end + 2);
        at = left === 0 ? "trailer" : "data";
        whole = true;
      } else if (at === "data") {
        const part = bytes.subarray(0, left);
        bytes = bytes.subarray(part.length);
        left -= part.length;
        if (part.length > 0) yield part;
        if (left === 0) at = "end";
        whole = left === 0;
      } else if (at === "end") {
        if (bytes.length < 2) break;
        if (bytes[0] !== 13 || bytes[1] !== 10) throw new HttpBroken("HTTP_CHUNK");
        bytes = bytes.subarray(2);
        at = "size";
        whole = true;
      } else {
        if (bytes.length >= 2 && bytes[0] === 13 && bytes[1] === 10) return;
        if (bytes.indexOf("\r\n\r\n", 0, "latin1") >= 0) return;
        if (bytes.length > headersAtMost) throw new HttpBroken("HTTP_CHUNK");
      }
    }
  }
  throw new HttpBroken("HTTP_CUT");
}

/** @throws HttpBroken where it is no size */
const sizeIn = (line: string): number => {
  const digits = /^([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?$/.exec(line)?.[1];
  if (digits === undefined) throw new HttpBroken("HTTP_CHUNK");
  return Number.parseInt(digits, 16);
};
