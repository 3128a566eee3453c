// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { HttpAnswer } from "#net/http-client.ts";
import { headIn } from "#net/http-head.ts";
import { plainClient } from "#net/plain-client.ts";

// What egress asks of every client is in egress.test.ts; here is how an answer may be framed and cut (RFC 9112).

/** What the far side sends, in these pieces, before it ends the connection. */
let pieces: readonly Uint8Array[] = [];
let asked = "";
let server: Server;
let port = 0;
before(async () => {
  server = createServer((socket: Socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    let heard = "";
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
      const end = heard.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/.exec(heard)?.[1] ?? 0);
      if (end < 0 || heard.length < end + 4 + length) return;
      asked = heard;
      for (const piece of pieces) socket.write(piece);
      socket.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  ({ port } = server.address() as AddressInfo);
});
after(() => void server.close());

const ask = (body?: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> =>
  plainClient({
    ...{ url: new URL(`http://127.0.0.1:${port}/a?b=1`), method: body ? "POST" : "GET", headers },
    ...(body === undefined ? {} : { body }),
    signal: new AbortController().signal,
    way: { host: "127.0.0.1", addresses: ["127.0.0.1"], arrived: () => undefined },
  });

const wholeOf = async ({ body, close }: HttpAnswer): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of body) parts.push(part);
  } finally {
    close();
  }
  return Buffer.concat(parts);
};

const answered = async (...sent: readonly (string | Uint8Array)[]): Promise<string> => {
  pieces = sent.map((one) => (typeof one === "string" ? Buffer.from(one, "latin1") : one));
  return (await wholeOf(await ask())).toString("latin1");
};

const cutAt = (bytes: Buffer, places: readonly number[]): readonly Uint8Array[] => {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((to, n) => bytes.subarray(cuts[n], to));
};

test("a body comes whole however it is framed and wherever the network cuts it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 }),
      fc.constantFrom("length", "chunks", "end"),
      fc.array(fc.nat(2000), { maxLength: 5 }),
      async (body, sizes, how, places) => {
        const head = `HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:  2 \r\n`;
        const chunks: Uint8Array[] = [];
        for (let at = 0, n = 0; at < body.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          const part = body.subarray(at, at + size);
          chunks.push(Buffer.from(`${part.length.toString(16)};x="y"\r\n`), part, Buffer.from("\r\n"));
          at += size;
        }
        const framed = {
          length: [`${head}Content-Length: ${body.length}\r\n\r\n`, body, "not asked for"],
          chunks: [`${head}Transfer-Encoding: Chunked\r\n\r\n`, ...chunks, "0\r\nX-Trailer: 1\r\n\r\n"],
          end: [`${head}\r\n`, body],
        }[how];
        pieces = cutAt(Buffer.concat(framed.map((one) => Buffer.from(one as Uint8Array))), places);
        const answer = await ask();
        assert.equal(answer.status, 200);
        assert.equal(answer.headers["x-a"], "1, 2");
        assert.deepEqual(await wholeOf(answer), Buffer.from(body));
      },
    ),
    { numRuns: 60 },
  );
});

test("a body that ends before its end, or is framed in two ways, is broken", async () => {
  const broken = (code: string, ...sent: readonly string[]): Promise<void> =>
    assert.rejects(answered(...sent), { code });
  await broken("HTTP_CUT", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfour");
  await broken("HTTP_CUT", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfour\r\n");
  await broken("HTTP_CUT", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: y\r\n");
  await broken("HTTP_CHUNK", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-4\r\nfour\r\n0\r\n\r\n");
  await broken("HTTP_CHUNK", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfourX\n0\r\n\r\n");
  await broken("HTTP_CHUNK", `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"0".repeat(5000)}`);
  await broken("HTTP_LENGTH", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n");
  await broken("HTTP_LENGTH", "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 3\r\n\r\nfour");
  await broken("HTTP_LENGTH", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
  await broken("HTTP_HEAD", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n");
  await broken("HTTP_CUT", "HTTP/1.1 200 OK\r\ncontent-le");
  await broken("HTTP_HEAD_LARGE", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(40_000)}\r\n\r\n`);
});

test("interim answers are passed over, and an answer without a body has none", async () => {
  assert.equal(await answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), "ok");
  pieces = [Buffer.from('HTTP/1.1 304 Not Modified\r\netag: "1"\r\ncontent-length: 40\r\n\r\n')];
  const same = await ask();
  assert.deepEqual([same.status, same.headers["etag"], (await wholeOf(same)).length], [304, '"1"', 0]);
});

test("what is sent is one request, and nothing in a header can end it", async () => {
  pieces = [Buffer.from("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")];
  await wholeOf(await ask(Buffer.from("body"), { "x-key": "k" }));
  assert.equal(
    asked,
    `POST /a?b=1 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-key: k\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody`,
  );
  for (const value of ["a\r\nx: y", "a\nb", "a\0b", "漢"])
    await assert.rejects(ask(undefined, { "if-none-match": value }), { code: "HTTP_HEADER" });
});

test("a head is refused where it is none (RFC 9112 §4, §5)", () => {
  for (const text of [
    "HTTP/2 200",
    "HTTP/1.1 099 x",
    "HTTP/1.1  200 OK",
    "ICY 200 OK",
    "HTTP/1.1 200 OK\r\nx : y",
    "HTTP/1.1 200 OK\r\nx: y\r\n folded",
    "HTTP/1.1 200 OK\r\nx: a\nb: c",
    "HTTP/1.1 200 OK\r\n: y",
  ])
    assert.equal(headIn(text), undefined, text);
  assert.deepEqual(headIn("HTTP/1.0 204"), { status: 204, headers: {} });
  assert.deepEqual(headIn("HTTP/1.1 200 \r\n__proto__: 1")?.status, 200);
});
