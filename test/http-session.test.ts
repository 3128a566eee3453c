import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { acceptPassword, hashPassword, outdated, verifyPassword } from "#community/password.ts";
import { makeSessionSecret, makeToken, readSessionSecret, readToken } from "#community/token.ts";
import { readCredential } from "#http/credential.ts";
import { isLoopback, refuseHalf } from "#http/listening.ts";
import { openLockout } from "#http/lockout.ts";
import { sessionCookie } from "#http/session-cookie.ts";
import { bearer, cookie, ours, type Running, run } from "./http-server.ts";

let running: Running;
before(async () => {
  running = await run();
});
after(async () => running.server.close());

const signIn = (
  more: InjectOptions = {},
  name = "keeper",
  password = "a lamp on the rock",
): Promise<LightMyRequestResponse> =>
  running.ask({
    method: "POST",
    url: "/api/v1/session",
    headers: { ...ours, "content-type": "application/json" },
    payload: JSON.stringify({ name, password }),
    ...more,
  });
const me = (secret: string): Promise<number> =>
  running.ask({ url: "/api/v1/session", headers: cookie(secret) }).then(({ statusCode }) => statusCode);
const secretIn = (answer: LightMyRequestResponse): string =>
  /^waglan=([^;]*);/.exec(String(answer.headers["set-cookie"]))?.[1] ?? "";

test("a session begins with a fresh secret in a strict cookie and ends when signed out", async () => {
  const answer = await signIn({ headers: { ...ours, "content-type": "application/json", ...cookie("A".repeat(43)) } });
  assert.equal(answer.statusCode, 200);
  const set = String(answer.headers["set-cookie"]);
  assert.match(set, /^waglan=[A-Za-z0-9_-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
  const secret = secretIn(answer);
  assert.notEqual(secret, "A".repeat(43)); // fixation
  assert.equal(await me(secret), 200);
  const out = await running.ask({ method: "DELETE", url: "/api/v1/session", headers: { ...cookie(secret), ...ours } });
  assert.equal(out.statusCode, 204);
  assert.match(String(out.headers["set-cookie"]), /^waglan=; Max-Age=0;/);
  assert.equal(await me(secret), 401);
  assert.equal(await me("A".repeat(43)), 401);
  assert.equal(await me("short"), 401);
});

test("wrong names and wrong passwords are told the same", async () => {
  const body = async (name: string, password: string): Promise<string> => {
    const answer = await signIn({ remoteAddress: "192.0.2.77" }, name, password);
    assert.equal(answer.statusCode, 401);
    assert.equal(answer.headers["set-cookie"], undefined);
    return answer.body.replace(/"request":"[^"]*"/, "");
  };
  assert.equal(await body("keeper", "wrong"), await body("nobody", "wrong"));
});

test("what changes something needs our header and our own page", async () => {
  const secret = running.world.session("analyst");
  const act = (headers: Record<string, string>): Promise<number> =>
    running
      .ask({
        method: "POST",
        url: "/api/v1/findings/f-o-harbour/acts",
        headers: { ...headers, "content-type": "application/json" },
        payload: '{"act":"note"}',
      })
      .then(({ statusCode }) => statusCode);
  assert.equal(await act({ ...cookie(secret), ...ours }), 200);
  assert.equal(await act({ ...cookie(secret), ...ours, "sec-fetch-site": "same-origin" }), 200);
  assert.equal(await act(cookie(secret)), 403);
  for (const site of ["cross-site", "same-site", "none"])
    assert.equal(await act({ ...cookie(secret), ...ours, "sec-fetch-site": site }), 403, site);
  assert.equal((await signIn({ headers: { "content-type": "application/json" } })).statusCode, 403); // login CSRF
  const out = await running.ask({ method: "DELETE", url: "/api/v1/session", headers: cookie(secret) });
  assert.equal(out.statusCode, 403);
});

test("no header, query or body names a user (TRUST B1)", async () => {
  for (const headers of [
    { "x-user": "keeper" },
    { "x-forwarded-user": "keeper" },
    { authorization: "Basic a2VlcGVyOg==" },
    { authorization: "Bearer keeper" },
  ])
    assert.equal((await running.ask({ url: "/api/v1/session?user=keeper", headers })).statusCode, 401);
  // An Authorization header that is no token does not fall back to the cookie.
  const both = { ...cookie(running.world.session("analyst")), authorization: "Bearer nonsense" };
  assert.equal((await running.ask({ url: "/api/v1/session", headers: both })).statusCode, 401);
  const token = { ...bearer(running.world.token("sensor")), ...cookie(running.world.session("analyst")) };
  assert.equal((await running.ask({ url: "/api/v1/session", headers: token })).statusCode, 403);
});

test("ten tries, however the name is written and whatever a header claims about the peer", async () => {
  const other = await run();
  const names = [
    "keeper",
    "KEEPER",
    " keeper ",
    "ｋｅｅｐｅｒ",
    "Keeper",
    "kEEPER\u3000",
    "keeper\t",
    "ᴷeeper",
    "keePer",
    "ＫＥＥＰＥＲ",
    "keeper",
  ];
  const statuses: number[] = [];
  for (const [n, name] of names.entries()) {
    const answer = await other.ask({
      method: "POST",
      url: "/api/v1/session",
      headers: {
        ...ours,
        "content-type": "application/json",
        "x-forwarded-for": `198.51.100.${n}`,
        forwarded: `for=198.51.100.${n}`,
      },
      remoteAddress: `203.0.113.${n}`,
      payload: JSON.stringify({ name, password: "wrong" }),
    });
    statuses.push(answer.statusCode);
    if (n === 10) assert.ok(Number(answer.headers["retry-after"]) > 800);
  }
  assert.deepEqual(statuses, [...Array<number>(10).fill(401), 429]);
  const right = await other.ask({
    method: "POST",
    url: "/api/v1/session",
    headers: { ...ours, "content-type": "application/json" },
    remoteAddress: "203.0.113.200",
    payload: JSON.stringify({ name: "keeper", password: "a lamp on the rock" }),
  });
  assert.equal(right.statusCode, 429); // a lock that opens to the right password tells that it is right
  for (const method of ["PUT", "PATCH", "HEAD"] as const) {
    const answer = await other.ask({
      method,
      url: "/api/v1/session",
      payload: "{}",
      headers: { "content-type": "application/json" },
    });
    assert.ok([401, 405].includes(answer.statusCode)); // no other way to try
  }
  await other.server.close();
});

const quarter = 15 * 60_000;
/** Seconds to wait after `count` tries. */
const tryTimes = (
  lockout: ReturnType<typeof openLockout>,
  count: number,
  account: string,
  peer: string,
  now: number,
): number => {
  let wait = 0;
  for (let n = 0; n < count; n++) wait = lockout.begin(account, peer, now);
  return wait;
};

test("openLockout() counts tries in any fifteen minutes, per account and per peer", () => {
  const lockout = openLockout();
  assert.equal(tryTimes(lockout, 10, "a", "192.0.2.1", 1000), 0);
  assert.equal(lockout.begin("a", "192.0.2.2", 1000), 900); // the account
  assert.equal(lockout.begin("b", "192.0.2.1", 1000), 900); // the peer
  assert.equal(lockout.begin("b", "192.0.2.2", 1000), 0);
  assert.equal(lockout.begin("a", "192.0.2.3", 1000 + quarter - 1), 1);
  assert.equal(lockout.begin("a", "192.0.2.3", 1000 + quarter), 0);
  // Sliding: 9 at the window's end and 9 at the next one's beginning are 18 in a minute, and so refused.
  assert.equal(tryTimes(lockout, 9, "c", "192.0.2.4", quarter - 30_000), 0);
  assert.ok(tryTimes(lockout, 9, "c", "192.0.2.5", quarter + 30_000) > 0);
});

test("openLockout() stands still when the clock runs backwards, and a good try is taken back", () => {
  const lockout = openLockout();
  const hour = 3_600_000;
  assert.equal(tryTimes(lockout, 10, "a", "192.0.2.1", 2 * hour), 0);
  assert.equal(lockout.begin("a", "192.0.2.9", hour), 900);
  for (let n = 0; n < 50; n++) {
    assert.equal(lockout.begin("b", "192.0.2.2", 2 * hour), 0);
    lockout.succeeded("b", "192.0.2.2");
  }
  // Nine failures stay nine through a success between them.
  tryTimes(lockout, 9, "c", "192.0.2.3", 2 * hour);
  assert.equal(lockout.begin("c", "192.0.2.4", 2 * hour), 0);
  lockout.succeeded("c", "192.0.2.4");
  assert.equal(lockout.begin("c", "192.0.2.5", 2 * hour), 0);
  assert.ok(lockout.begin("c", "192.0.2.5", 2 * hour) > 0);
});

test("openLockout() takes an IPv6 /64 for one peer, and a mapped address for its IPv4 self", () => {
  const lockout = openLockout();
  for (let n = 0; n < 10; n++) assert.equal(lockout.begin(`a${n}`, `2001:db8:0:7::${n + 1}`, 0), 0);
  assert.ok(lockout.begin("x", "2001:db8:0:7:ffff:1:2:3", 0) > 0);
  assert.ok(lockout.begin("x", "2001:0db8::7:0:0:0:9", 0) > 0);
  assert.equal(lockout.begin("x", "2001:db8:0:8::1", 0), 0);
  for (let n = 0; n < 10; n++) assert.equal(lockout.begin(`b${n}`, "::ffff:192.0.2.1", 0), 0);
  assert.ok(lockout.begin("y", "192.0.2.1", 0) > 0);
});

test("openLockout() keeps its size, and an exhausted peer adds no accounts", () => {
  const lockout = openLockout(100);
  assert.equal(tryTimes(lockout, 10, "victim", "192.0.2.1", 0), 0);
  // One peer invents a thousand names: ten are counted, the rest are refused before they are remembered.
  for (let n = 0; n < 1000; n++) lockout.begin(`name${n}`, "192.0.2.2", 0);
  assert.ok(lockout.begin("victim", "192.0.2.3", 0) > 0);
  // A hundred peers can push the victim's count out of a table of a hundred: the bound is real.
  for (let n = 0; n < 1000; n++) lockout.begin(`more${n}`, `198.51.${n >> 8}.${n & 255}`, 0);
  assert.equal(lockout.begin("victim", "203.0.113.3", 0), 0);
});

test("hashPassword() writes a PHC string that verifyPassword() fits to one password", async () => {
  const salt = Uint8Array.from({ length: 16 }, (_, n) => n);
  const kept = await hashPassword("correct horse battery", salt);
  assert.match(kept, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$AAECAwQFBgcICQoLDA0ODw\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPassword("correct horse battery", kept), true);
  assert.equal(await verifyPassword("correct horse batterz", kept), false);
  assert.equal(await verifyPassword("", kept), false);
  assert.equal(await verifyPassword("correct horse battery", undefined), false);
  assert.equal(await verifyPassword("x", kept.replace("m=19456", "m=9999999")), false); // asks for 10 GiB
  assert.equal(await verifyPassword("x", "$2b$10$abcdefghijklmnopqrstuv"), false);
  assert.equal(outdated(kept), false);
  assert.equal(
    outdated(await hashPassword("correct horse battery", salt, { memoryKiB: 8192, passes: 1, lanes: 1 })),
    true,
  );
  // One password, two ways to write é.
  const accent = await hashPassword("caf\u00e9 by the harbour", salt);
  assert.equal(await verifyPassword("cafe\u0301 by the harbour", accent), true);
});

test("hashPassword() agrees with the reference implementation", async () => {
  // phc-winner-argon2 src/test.c, argon2id v19: hashtest(version, 2, 16, 1, "password", "somesalt", …), CC0/Apache-2.0
  const kept = await hashPassword("password", Buffer.from("somesalt"), { memoryKiB: 65_536, passes: 2, lanes: 1 });
  assert.equal(kept, "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
});

test("acceptPassword() asks for length and nothing else", () => {
  const codeOf = (password: string, account = "keeper"): string => {
    const result = acceptPassword(password, account);
    return result.ok ? "ok" : result.problem.code;
  };
  assert.equal(codeOf("elevenchars"), "WGL_PASSWORD_SHORT");
  assert.equal(codeOf("twelve chars"), "ok");
  assert.equal(codeOf("海港燈塔照亮夜裡的每一艘船"), "ok");
  assert.equal(codeOf("x".repeat(1025)), "WGL_PASSWORD_LONG");
  assert.equal(codeOf("the ＫＥＥＰＥＲ of light"), "WGL_PASSWORD_NAME");
});

test("readToken() knows what makeToken() made, and a stored hash is not the token", () => {
  const bytes = Uint8Array.from({ length: 37 }, (_, n) => (n * 11) & 255);
  const { text, prefix, hash } = makeToken(bytes);
  assert.match(text, /^wgl_[a-z2-7]{8}_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(readToken(text), { prefix, hash });
  assert.ok(!text.includes(hash) && hash.length === 64);
  for (const wrong of ["", "wgl_", text.slice(0, -1), `${text}A`, text.toUpperCase(), ` ${text}`, `${text}\n`])
    assert.equal(readToken(wrong), undefined, wrong);
  // RFC 4648 §10: BASE32("fooba") = "MZXW6YTB"
  assert.equal(makeToken(Buffer.concat([Buffer.from("fooba"), Buffer.alloc(32)])).prefix, "mzxw6ytb");
  const session = makeSessionSecret(bytes.subarray(0, 32));
  assert.equal(readSessionSecret(session.text), session.hash);
  assert.equal(readCredential(`Bearer ${session.text}`, undefined).kind, "unreadable"); // a cookie is no token
});

test("sessionCookie() is __Host- and Secure over TLS, and believes no second cookie of its name", () => {
  const jar = sessionCookie(true);
  assert.equal(jar.carry("s", 61_500, 1500), "__Host-waglan=s; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure");
  assert.match(jar.drop(), /^__Host-waglan=; Max-Age=0; .*Secure$/);
  assert.equal(jar.read("a=1; __Host-waglan=x; b=2"), "x");
  assert.equal(jar.read("waglan=x"), undefined);
  assert.equal(jar.read("__Host-waglan=x; __Host-waglan=y"), "");
  assert.equal(jar.read(undefined), undefined);
});

test("refuseHalf() lets nobody listen to strangers in clear", () => {
  for (const host of ["127.0.0.1", "127.8.8.8", "::1", "localhost"]) {
    assert.equal(isLoopback(host), true);
    refuseHalf(host, {});
  }
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "localhost.example", "127.0.0.1.example"]) {
    assert.throws(() => refuseHalf(host, {}), { code: "WGL_TLS_HALF" });
    assert.throws(() => refuseHalf(host, { trustProxy: [] }), { code: "WGL_TLS_HALF" });
    refuseHalf(host, { trustProxy: ["192.0.2.10"] });
    refuseHalf(host, { tls: { cert: "", key: "" } });
  }
});

test("behind a named proxy the peer is whom it names; from anybody else the header is nothing", async () => {
  const other = await run({ trustProxy: ["192.0.2.10"] });
  const tries = async (remoteAddress: string): Promise<readonly number[]> => {
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) {
      const answer = await other.ask({
        method: "POST",
        url: "/api/v1/session",
        headers: { ...ours, "content-type": "application/json", "x-forwarded-for": `198.51.100.${n}` },
        remoteAddress,
        payload: JSON.stringify({ name: `user-${remoteAddress}-${n}`, password: "wrong" }),
      });
      statuses.push(answer.statusCode);
    }
    return statuses;
  };
  assert.ok((await tries("192.0.2.10")).every((status) => status === 401));
  assert.equal((await tries("192.0.2.66")).at(-1), 429);
  const secure = await other.ask({
    method: "POST",
    url: "/api/v1/session",
    headers: { ...ours, "content-type": "application/json" },
    remoteAddress: "192.0.2.10",
    payload: JSON.stringify({ name: "keeper", password: "a lamp on the rock" }),
  });
  assert.match(String(secure.headers["set-cookie"]), new RegExp(`^__Host-waglan=.{43}; Max-Age=\\d+; .*; Secure$`));
  await other.server.close();
});
