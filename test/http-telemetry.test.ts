import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { ProblemDocument } from "#api/problem.ts";
import { bearer, type Running, run } from "./http-server.ts";

let running: Running;
before(async () => {
  running = await run();
});
after(async () => running.server.close());

const lines = Buffer.from('{"event_type":"dns"}\n{"event_type":"tls"}\n');
const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const post = (
  payload: Buffer,
  headers: Record<string, string> = {},
  query = "",
  at: Running = running,
): ReturnType<Running["ask"]> =>
  at.ask({
    method: "POST",
    url: `/api/v1/telemetry${query}`,
    headers: { "content-type": "application/x-ndjson", ...bearer(at.world.token("sensor")), ...headers },
    payload,
  });
const code = (answer: { body: string }): string => (JSON.parse(answer.body) as ProblemDocument).code;

test("a batch is taken once under its key, whatever is sent twice", async () => {
  const first = await post(lines, { "idempotency-key": "edge-1:0001" }, "?format=suricata-eve");
  assert.equal(first.statusCode, 202);
  assert.deepEqual(JSON.parse(first.body), { batch: "edge-1:0001", duplicate: false });
  const again = await post(lines, { "idempotency-key": "edge-1:0001" }, "?format=suricata-eve");
  assert.deepEqual(JSON.parse(again.body), { batch: "edge-1:0001", duplicate: true });
  // Another body under the same key is not "already there": saying so would lose it.
  const other = await post(Buffer.from("{}\n"), { "idempotency-key": "edge-1:0001" });
  assert.equal(other.statusCode, 409);
  assert.equal(code(other), "WGL_BATCH_KEY_REUSED");
  const kept = running.world.batches.get("edge-1:0001");
  assert.equal(kept?.format, "suricata-eve");
  assert.equal(kept?.digest, digest(lines));
  assert.deepEqual(gunzipSync(kept?.body ?? new Uint8Array()), lines);
});

test("without a key the body is its own key", async () => {
  const packed = gzipSync(lines);
  const answer = await post(packed, { "content-encoding": "gzip" });
  assert.deepEqual(JSON.parse(answer.body), { batch: digest(packed), duplicate: false });
  assert.deepEqual(running.world.batches.get(digest(packed))?.body, packed); // passed on as it came
  assert.equal(
    (JSON.parse((await post(packed, { "content-encoding": "gzip" })).body) as { duplicate: boolean }).duplicate,
    true,
  );
  // Forgotten header: the magic bytes say it.
  await post(gzipSync(Buffer.from("a\n")));
  assert.equal(gunzipSync([...running.world.batches.values()].at(-1)?.body ?? "").toString(), "a\n");
});

test("what is no batch is refused with its reason", async () => {
  assert.equal(code(await post(Buffer.alloc(0))), "WGL_BATCH_EMPTY");
  assert.equal(code(await post(lines, { "content-encoding": "gzip" })), "WGL_BATCH_GZIP");
  assert.equal(code(await post(lines, { "content-encoding": "br" })), "WGL_BATCH_ENCODING");
  assert.equal(code(await post(lines, { "content-type": "application/xml" })), "WGL_HTTP_MEDIA");
  assert.equal(code(await post(lines, { "idempotency-key": "a b" })), "WGL_HTTP_IDEMPOTENCY");
  assert.equal(code(await post(lines, { "idempotency-key": "k".repeat(129) })), "WGL_HTTP_IDEMPOTENCY");
  assert.equal(code(await post(lines, {}, "?format=../etc")), "WGL_HTTP_INPUT");
  assert.equal(code(await post(Buffer.alloc(8 * 1024 * 1024 + 1, 0x61))), "WGL_HTTP_LARGE");
  assert.equal((await post(Buffer.alloc(8 * 1024 * 1024, 0x61))).statusCode, 202);
  assert.equal(code(await post(lines, { authorization: "Bearer wgl_nobody" })), "WGL_HTTP_TOKEN");
});

test("busy and gone are told with a time to come back, and never with a receipt", async (t) => {
  const other = await run();
  let now = 0;
  t.mock.method(performance, "now", () => now);
  other.world.fill("busy");
  const busy = await post(lines, {}, "", other);
  assert.equal(busy.statusCode, 429);
  assert.equal(busy.headers["retry-after"], "7");
  other.world.fill("gone");
  // for a second others are told so too, whatever they bring, and nobody is asked
  now = 999;
  const told = await post(Buffer.alloc(0), {}, "", other);
  assert.deepEqual([told.statusCode, told.headers["retry-after"], code(told)], [429, "7", "WGL_HTTP_BUSY"]);
  now = 1000;
  const gone = await post(lines, {}, "", other);
  assert.equal(gone.statusCode, 503);
  assert.equal(gone.headers["retry-after"], "7");
  assert.equal(other.world.batches.size, 0);
  await other.server.close();
});

test("sixteen bodies at once are read, the seventeenth is told to come back, and places come free", async () => {
  const other = await run();
  const url = new URL(await other.server.listen("127.0.0.1", 0));
  const token = other.world.token("sensor");
  const head = `POST /api/v1/telemetry HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\n`;
  const begin = (rest: string): ReturnType<typeof connect> => {
    const socket = connect(Number(url.port), "127.0.0.1");
    socket.on("error", () => undefined); // ours to destroy
    socket.write(head + rest);
    return socket;
  };
  const first = (socket: ReturnType<typeof connect>): Promise<string> =>
    new Promise((resolve) => socket.once("data", (bytes: Buffer) => resolve(bytes.toString())));
  const slow = Array.from({ length: 16 }, () => begin("a"));
  // The gate is passed in the order of arrival on one loop; a full answer to a later request shows that all sixteen are in.
  const answer = await untilBusy(() => first(begin("abc")));
  assert.match(answer, /^HTTP\/1\.1 429 [^]*retry-after: 1\r\n[^]*WGL_HTTP_BUSY/);
  for (const socket of slow.slice(0, 8)) socket.destroy();
  const served = slow.slice(8).map((socket) => {
    socket.write("bc");
    return first(socket);
  });
  for (const one of await Promise.all(served)) assert.match(one, /^HTTP\/1\.1 202 /);
  // Refused or served, each gives its place back: forty more find one.
  for (let n = 0; n < 40; n++)
    assert.equal(
      (await post(n % 2 === 0 ? lines : Buffer.alloc(0), {}, "", other)).statusCode,
      n % 2 === 0 ? 202 : 400,
    );
  assert.match(await first(begin("xyz")), /^HTTP\/1\.1 202 /);
  await other.server.close();
});

/** Asks again while the sixteen are still on their way through the kernel; a server that never says busy fails the test. */
const untilBusy = async (ask: () => Promise<string>): Promise<string> => {
  let last = "";
  for (let n = 0; n < 50 && !last.includes(" 429 "); n++) last = await ask();
  return last;
};
