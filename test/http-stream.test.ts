import assert from "node:assert/strict";
import { get as ask, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { cookie, ours, run } from "./http-server.ts";

/** Reads a stream piece by piece. */
const open = (
  url: string,
  headers: Record<string, string>,
): Promise<{ response: IncomingMessage; until: (part: string) => Promise<string>; ended: Promise<void> }> =>
  new Promise((resolve, reject) => {
    ask(url, { headers }, (response) => {
      let text = "";
      let heard = (): void => undefined;
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
        heard();
      });
      const ended = new Promise<void>((done) => response.once("close", done));
      const until = (part: string): Promise<string> =>
        new Promise((found) => {
          heard = () => {
            if (text.includes(part)) found(text);
          };
          heard();
        });
      resolve({ response, until, ended });
    }).once("error", reject);
  });

test("a stream tells what changed and ends with its session", async () => {
  const { server, world } = await run();
  const base = await server.listen("127.0.0.1", 0);
  const secret = world.session("analyst");
  const stream = await open(`${base}/api/v1/stream`, cookie(secret));
  assert.equal(stream.response.statusCode, 200);
  assert.equal(stream.response.headers["content-type"], "text/event-stream");
  assert.equal(stream.response.headers["cache-control"], "no-store");
  assert.match(String(stream.response.headers["content-security-policy"]), /^default-src 'none'/);
  await stream.until("retry: 3000\n\n");
  world.changed("findings", 3);
  assert.match(await stream.until("}\n\n"), /event: findings\ndata: \{"changed":3\}\n\n$/);
  const out = await server.app.inject({
    method: "DELETE",
    url: "/api/v1/session",
    headers: { ...cookie(secret), ...ours },
  });
  assert.equal(out.statusCode, 204);
  await stream.ended;
  await server.close();
});

test("a stream whose session ended elsewhere is found at the next beat", async () => {
  const { server, world } = await run({ streams: { beatMs: 5 } });
  const base = await server.listen("127.0.0.1", 0);
  const secret = world.session("viewer");
  const stream = await open(`${base}/api/v1/stream`, cookie(secret));
  await stream.until("\n\n:\n\n");
  world.forget(secret);
  await stream.ended;
  await server.close();
});

test("streams are bounded, per session and in all, and a reader that leaves gives its place back", async () => {
  const { server, world } = await run({ streams: { most: 3, perSession: 2 } });
  const base = await server.listen("127.0.0.1", 0);
  const as = (role: "analyst" | "viewer"): ReturnType<typeof open> =>
    open(`${base}/api/v1/stream`, cookie(world.session(role)));
  const first = await as("analyst");
  const second = await as("analyst");
  const third = await as("analyst");
  assert.equal(third.response.statusCode, 429);
  assert.equal(third.response.headers["retry-after"], "15");
  const other = await as("viewer");
  assert.equal(other.response.statusCode, 200);
  assert.equal((await as("viewer")).response.statusCode, 429); // three in all
  first.response.destroy();
  let again = await as("viewer");
  for (let n = 0; n < 50 && again.response.statusCode !== 200; n++) again = await as("viewer");
  assert.equal(again.response.statusCode, 200);
  // Closing the server ends them; it would wait for ever otherwise.
  await server.close();
  await Promise.all([second.ended, other.ended, again.ended]);
});

test("HEAD opens no stream, a stranger gets none", async () => {
  const { server, world } = await run();
  const head = await server.app.inject({
    method: "HEAD",
    url: "/api/v1/stream",
    headers: cookie(world.session("analyst")),
  });
  assert.equal(head.statusCode, 404);
  assert.equal((await server.app.inject({ url: "/api/v1/stream" })).statusCode, 401);
  await server.close();
});
