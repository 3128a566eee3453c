import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { get as getTls } from "node:https";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { test } from "node:test";
import { run } from "./http-server.ts";
import { certificate, privateKey } from "./test-certificate.ts";

/** Sends bytes and gives all that comes back. */
const raw = (port: number, text: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (bytes: Buffer) => {
      answer += bytes.toString();
    });
    socket.once("error", () => undefined);
    socket.once("close", () => resolve(answer));
    socket.write(text);
  });

test("bytes that are no request, or two at once, are refused with the strict headers (TRUST D12)", async () => {
  const { server } = await run();
  const port = Number(new URL(await server.listen("127.0.0.1", 0)).port);
  const refused = async (text: string, status: number, code: string): Promise<void> => {
    const answer = await raw(port, text);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), text.slice(0, 80));
    assert.match(answer, /content-security-policy: default-src 'none'/);
    assert.match(answer, new RegExp(`"code":"${code}"`));
    assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
  };
  const line = "POST /api/v1/session HTTP/1.1\r\nhost: localhost\r\n";
  await refused("hello\r\n\r\n", 400, "WGL_HTTP_MALFORMED");
  await refused(
    `${line}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n`,
    400,
    "WGL_HTTP_MALFORMED",
  );
  await refused(`${line}content-length: 5\r\ncontent-length: 6\r\n\r\nabcde`, 400, "WGL_HTTP_MALFORMED");
  await refused(`${line}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`, 400, "WGL_HTTP_MALFORMED");
  await refused(`${line}x-folded: a\r\n b\r\ncontent-length: x\r\n\r\n`, 400, "WGL_HTTP_MALFORMED");
  await refused(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"a".repeat(20_000)}\r\n\r\n`, 431, "WGL_HTTP_HEADERS");
  await refused(`GET / HTTP/1.1\r\nhost: localhost\r\n${"a: b\r\n".repeat(5000)}\r\n`, 431, "WGL_HTTP_HEADERS");
  await server.close();
});

test("a server waits for nobody for ever, and listens to no stranger in clear", async () => {
  const { server } = await run();
  // The limits themselves, since waiting for them would be sleeping.
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = server.app.server;
  assert.deepEqual(
    { headersTimeout, requestTimeout, keepAliveTimeout, timeout },
    { headersTimeout: 15_000, requestTimeout: 180_000, keepAliveTimeout: 65_000, timeout: 120_000 },
  );
  await assert.rejects(server.listen("0.0.0.0", 0), { code: "WGL_TLS_HALF" });
  await server.close();
});

test("with a certificate the server speaks TLS 1.2 and later, and says so for a year", async () => {
  const { server } = await run({ tls: { cert: certificate, key: privateKey } });
  const url = await server.listen("127.0.0.1", 0);
  assert.match(url, /^https:/);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    getTls(`${url}/api/v1/light`, { ca: certificate, agent: false }, resolve).once("error", reject);
  });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
  answer.resume();
  const port = Number(new URL(url).port);
  const old = await new Promise<string>((resolve) => {
    const socket = connectTls({ port, host: "127.0.0.1", ca: certificate, minVersion: "TLSv1", maxVersion: "TLSv1.1" });
    socket.once("secureConnect", () => resolve("connected"));
    socket.once("error", () => resolve("refused"));
  });
  assert.equal(old, "refused");
  const clear = await new Promise<string>((resolve) => {
    get(`http://127.0.0.1:${port}/`, () => resolve("answered")).once("error", () => resolve("refused"));
  });
  assert.equal(clear, "refused");
  await server.close();
});
