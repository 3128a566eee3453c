import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { InjectOptions } from "fastify";
import fc from "fast-check";
import type { ProblemDocument } from "#api/problem.ts";
import type { Viewer } from "#community/viewer.ts";
import { errors } from "#core/errors.ts";
import type { Ask } from "#jobs/acts/port.ts";
import { cookie, ours, type Running, run } from "./http-server.ts";

let running: Running;
before(async () => {
  running = await run();
});
after(async () => running.server.close());

const as = (role: "analyst" | "viewer" | "security-contact"): Record<string, string> =>
  cookie(running.world.session(role));
const act = (
  payload: string | Buffer,
  more: InjectOptions = {},
): Promise<{ statusCode: number; body: string; headers: Record<string, unknown> }> =>
  running.ask({
    method: "POST",
    url: "/api/v1/findings/f-o-harbour/acts",
    headers: { ...as("analyst"), ...ours, "content-type": "application/json" },
    payload,
    ...more,
  });
const code = (answer: { body: string }): string => (JSON.parse(answer.body) as ProblemDocument).code;

test("a hidden finding and one that never was answer alike, for every method", async () => {
  const shapes = async (id: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const [method, path, payload] of [
      ["GET", "", undefined],
      ["HEAD", "", undefined],
      ["POST", "/answers", '{"answer":"fixed"}'],
      ["POST", "/acts", '{"act":"note"}'],
      ["DELETE", "", undefined],
      ["PUT", "", undefined],
    ] as const) {
      const answer = await running.ask({
        method,
        url: `/api/v1/findings/${id}${path}`,
        headers: { ...as("security-contact"), ...ours, ...(payload ? { "content-type": "application/json" } : {}) },
        ...(payload ? { payload } : {}),
      });
      const { date: _date, "x-request-id": request, ...headers } = answer.headers;
      found.push(`${answer.statusCode} ${JSON.stringify(headers)} ${answer.body.replaceAll(String(request), "…")}`);
    }
    return found;
  };
  const hidden = await shapes("f-o-parks");
  assert.deepEqual(hidden, await shapes("f-never-was"));
  assert.deepEqual(hidden, await shapes("f-o-parks'--")); // not even the form of an id
  assert.match(hidden[0] ?? "", /^404 .*WGL_ABSENT/);
  const own = await running.ask({ url: "/api/v1/findings/f-o-harbour", headers: as("security-contact") });
  assert.equal(own.statusCode, 200);
});

test("every answer carries the strict headers: page, API, error, unread bytes", async () => {
  const answers = [
    await running.ask({ url: "/api/v1/light" }),
    await running.ask({ url: "/a/good" }),
    await running.ask({ url: "/answer.css" }),
    await running.ask({ url: "/lists/addresses.txt" }),
    await running.ask({ url: "/nowhere" }),
    await running.ask({ url: "/api/v1/%zz" }),
    await running.ask({ method: "PUT", url: "/healthz" }),
    await act("{"),
    await running.ask({ url: "/api/docs" }),
  ];
  for (const { headers } of answers) {
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'/);
    assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'$/);
    assert.doesNotMatch(policy, /unsafe|\*|data:|http/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.equal(headers["cross-origin-opener-policy"], "same-origin");
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.match(String(headers["permissions-policy"]), /camera=\(\)/);
    assert.match(String(headers["x-request-id"]), /^[0-9a-f]{32}$/);
    assert.equal(headers["strict-transport-security"], undefined); // loopback in clear
    assert.equal(headers["server"] ?? headers["x-powered-by"], undefined);
  }
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200, 401, 404, 404, 405, 400, 200],
  );
  assert.equal(answers[0]?.headers["cache-control"], "no-store");
});

test("the content policy names what the portal's build needs", async () => {
  const other = await run({ policy: { styles: ["sha256-abc="], trustedTypes: ["waglan"] }, trustProxy: ["192.0.2.1"] });
  const { headers } = await other.ask({ url: "/healthz" });
  assert.match(String(headers["content-security-policy"]), /style-src 'self' 'sha256-abc=';.*trusted-types waglan$/);
  assert.equal(headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
  await other.server.close();
});

test("an answer holds what its schema declares and nothing else", async () => {
  const { body } = await running.ask({ url: "/api/v1/session", headers: as("analyst") });
  assert.deepEqual(Object.keys(JSON.parse(body) as object).sort(), [
    "community",
    "language",
    "name",
    "now",
    "organisations",
    "permissions",
    "staff",
    "zone",
  ]);
});

test("a wrong body is told every wrong place, without its values", async () => {
  const answer = await act('{"act":"hunter2","until":"tomorrow","orgId":1,"role":"admin"}');
  assert.equal(answer.statusCode, 400);
  assert.equal(answer.headers["content-type"], "application/problem+json; charset=utf-8");
  const document = JSON.parse(answer.body) as ProblemDocument;
  assert.equal(document.code, "WGL_HTTP_INPUT");
  assert.equal(document.status, 400);
  assert.equal(document.title, "Bad Request");
  assert.equal(document.request, answer.headers["x-request-id"]);
  assert.deepEqual(document.problems?.map((one) => `${one.code} ${one.at}`).sort(), [
    "WGL_HTTP_EXTRA body#",
    "WGL_HTTP_EXTRA body#",
    "WGL_HTTP_VALUE body#/act",
    "WGL_HTTP_VALUE body#/until",
  ]);
  assert.doesNotMatch(answer.body, /hunter2|tomorrow/);
});

test("what is searched for reaches the act that searches, on every list that has a search", async () => {
  const { acts } = running.world;
  const asked: unknown[] = [];
  const noting =
    <Asked, Given>(act: (viewer: Viewer, asked: Asked, ask: Ask) => Promise<Given>) =>
    (viewer: Viewer, what: Asked, ask: Ask): Promise<Given> => {
      asked.push(what);
      return act(viewer, what, ask);
    };
  const server = await run({
    acts: {
      ...acts,
      findings: noting(acts.findings),
      assets: noting(acts.assets),
      advisories: noting(acts.advisories),
      indicators: noting(acts.indicators),
      rules: noting(acts.rules),
      weaknesses: noting(acts.weaknesses),
    },
  });
  try {
    for (const list of ["findings", "assets", "advisories", "indicators", "rules", "products/weaknesses"]) {
      await server.ask({ url: `/api/v1/${list}?search=10.20.0.9`, headers: as("analyst") });
      const last = asked.pop() as { readonly search?: string } | undefined;
      assert.equal(last?.search, "10.20.0.9", list);
    }
  } finally {
    await server.server.close();
  }
});

test("queries are checked as bodies are", async () => {
  const get = (query: string): Promise<number> =>
    running.ask({ url: `/api/v1/findings?${query}`, headers: as("analyst") }).then(({ statusCode }) => statusCode);
  assert.equal(await get("view=open&limit=5&search=emotet"), 200);
  for (const wrong of [
    "limit=0",
    "limit=1e9",
    "limit=5;drop",
    "view=all",
    "view=open&view=closed",
    "sort=title",
    "severity[$ne]=low",
    "cursor=%27%20or%201=1",
    `search=${"a".repeat(201)}`,
    "__proto__=1",
    "constructor=1",
  ])
    assert.equal(await get(wrong), 400, wrong);
});

test("JSON that reaches for a prototype, nests too deep, is cut or is no UTF-8 is refused", async () => {
  const refused = async (payload: string | Buffer, want: string): Promise<void> => {
    const answer = await act(payload);
    assert.equal(answer.statusCode, 400, String(payload).slice(0, 60));
    assert.equal(code(answer), want, String(payload).slice(0, 60));
  };
  await refused('{"act":"note","__proto__":{"admin":true}}', "WGL_HTTP_KEY");
  await refused('{"act":"note","\\u005f_proto__":{"admin":true}}', "WGL_HTTP_KEY");
  await refused('{"act":"note","a":[{"constructor":{"prototype":{"x":1}}}]}', "WGL_HTTP_KEY");
  await refused('{"act":"note","constructor":1}', "WGL_HTTP_INPUT");
  await refused("[".repeat(10_000) + "]".repeat(10_000), "WGL_HTTP_DEEP");
  await refused(`{"a":${"[".repeat(33)}${"]".repeat(33)}}`, "WGL_HTTP_DEEP");
  await refused('{"act":"no', "WGL_HTTP_JSON");
  await refused("", "WGL_HTTP_JSON");
  await refused(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "WGL_HTTP_JSON");
  await refused("null", "WGL_HTTP_INPUT");
  await refused('["act"]', "WGL_HTTP_INPUT");
  assert.equal(({} as Record<string, unknown>)["admin"], undefined);
});

test("readJson() takes what JSON.parse takes, but for the names of prototypes", async () => {
  const { fastify } = await import("fastify");
  const { readJson, secureParser } = await import("#http/json-body.ts");
  const parse = secureParser(fastify());
  fc.assert(
    fc.property(fc.oneof(fc.json({ maxDepth: 6 }), fc.string()), (text) => {
      const read = readJson(Buffer.from(text), parse);
      // The slow obvious reading: what JSON.parse takes is taken, unless a key is one of the two names.
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        assert.ok(!read.ok && read.problem.code === "WGL_HTTP_JSON");
        return;
      }
      if (/__proto__|constructor/.test(text)) return;
      assert.ok(read.ok);
      assert.deepEqual(read.value, parsed);
    }),
    { numRuns: 500 },
  );
});

test("a body that is too large, of another type, or packed is refused", async () => {
  const large = await act(`{"act":"note","reason":"${"a".repeat(70_000)}"}`);
  assert.equal(large.statusCode, 413);
  assert.equal(code(large), "WGL_HTTP_LARGE");
  const headers = { ...as("analyst"), ...ours };
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"]) {
    const answer = await act("act=note", { headers: { ...headers, "content-type": type } });
    assert.equal(answer.statusCode, 415, type);
    assert.equal(code(answer), "WGL_HTTP_MEDIA");
  }
  const packed = await act("{}", {
    headers: { ...headers, "content-type": "application/json", "content-encoding": "gzip" },
  });
  assert.equal(code(packed), "WGL_BATCH_ENCODING");
  const unasked = await running.ask({
    method: "DELETE",
    url: "/api/v1/tokens/t-1",
    headers: { ...as("security-contact"), ...ours, "content-type": "application/json" },
    payload: "{}",
  });
  assert.equal(unasked.statusCode, 415);
});

test("a method that a path does not have is told those it has", async () => {
  const answer = await running.ask({ method: "PUT", url: "/api/v1/findings/f-o-harbour/acts", headers: as("analyst") });
  assert.equal(answer.statusCode, 405);
  assert.equal(answer.headers["allow"], "POST");
  assert.equal((await running.ask({ url: "/api/v1/telemetry" })).headers["allow"], "POST");
  assert.equal((await running.ask({ method: "POST", url: "/nowhere" })).statusCode, 404);
  assert.equal((await running.ask({ method: "OPTIONS", url: "/api/v1/light" })).headers["allow"], "GET, HEAD");
});

test("a broken world and our own faults tell a code and nothing else", async () => {
  const other = await run();
  other.world.breakStore();
  const answer = await other.ask({
    url: "/api/v1/findings/f-o-harbour",
    headers: cookie(other.world.session("analyst")),
  });
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers["retry-after"], "5");
  assert.equal(code(answer), "WGL_HTTP_DOWN");
  assert.doesNotMatch(answer.body, /secret|internal|stack/);
  const bug = await run();
  Object.assign(bug.world.acts, { finding: () => Promise.reject(new Error("select secret from internal")) });
  const ours = await bug.ask({ url: "/api/v1/findings/f-o-harbour", headers: cookie(bug.world.session("analyst")) });
  assert.equal(ours.statusCode, 500);
  assert.equal(code(ours), "WGL_HTTP_OURS");
  assert.doesNotMatch(ours.body, /secret|internal|stack/);
  await bug.server.close();
  const ready = await other.ask({ url: "/readyz" });
  assert.equal(ready.statusCode, 503);
  assert.deepEqual(JSON.parse(ready.body), { ready: false, checks: [{ name: "state", ok: false }] });
  await other.server.close();
});

test("problems come in the reader's language", async () => {
  const { headers, body } = await running.ask({
    url: "/nowhere",
    headers: { "accept-language": "fr;q=0.9, zh-HK;q=0.8, en;q=0.1" },
  });
  assert.equal(headers["content-language"], "zh-Hant-HK");
  assert.equal((JSON.parse(body) as ProblemDocument).code, "WGL_ABSENT");
  const english = await running.ask({ url: "/nowhere", headers: { "accept-language": "tlh, *;q=0.1" } });
  assert.equal((JSON.parse(english.body) as ProblemDocument).detail, errors.WGL_ABSENT.says);
});

test("/.well-known/security.txt is RFC 9116 and ends in the future", async () => {
  const { body, headers } = await running.ask({ url: "/.well-known/security.txt" });
  assert.equal(headers["content-type"], "text/plain; charset=utf-8");
  assert.match(
    body,
    /^Contact: mailto:security@cert\.example\nExpires: \d{4}-\d\d-\d\dT00:00:00\.000Z\nPreferred-Languages: en, zh\n$/,
  );
  const expires = Date.parse(/Expires: (.*)/.exec(body)?.[1] ?? "");
  assert.ok(expires > Date.now() + 170 * 86_400_000 && expires < Date.now() + 365 * 86_400_000);
});

test("an answer link shows a page, takes a form from that page, and tells people about errors as a page", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };
  const shown = await running.ask({ url: "/a/good?answer=fixed&lang=zh-Hans&utm_source=mail" });
  assert.equal(shown.headers["content-type"], "text/html; charset=utf-8");
  assert.equal(shown.body, '<p lang="zh-Hans">good fixed</p>');
  assert.equal((await running.ask({ url: "/a/good?answer=%3Cb%3E&lang=xx" })).body, '<p lang="en">good </p>');
  const post = (payload: string, headers: Record<string, string>): Promise<{ statusCode: number; body: string }> =>
    running.ask({ method: "POST", url: "/a/good", headers, payload });
  assert.equal(
    (await post("answer=fixed&note=%3Cb%3E&lang=zh-Hant-HK", form)).body,
    '<p lang="zh-Hant-HK">&lt;b&gt;</p>',
  );
  assert.deepEqual(running.world.answered.get("good"), { answer: "fixed", note: "<b>" });
  assert.equal((await post("answer=fixed&answer=false", form)).statusCode, 400);
  assert.match((await post("answer=maybe", form)).body, /^<!doctype html>[^]*WGL_ANSWER_UNKNOWN/);
  const foreign = await post("answer=fixed", { ...form, "sec-fetch-site": "cross-site" });
  assert.equal(foreign.statusCode, 403);
  assert.match(foreign.body, /^<!doctype html>[^]*WGL_HTTP_CROSS_SITE/);
  assert.equal((await running.ask({ url: "/a/never" })).statusCode, 404);
});

test("a directory file comes as YAML or CSV, or only tried", async () => {
  const send = (type: string, url: string): Promise<{ statusCode: number; body: string }> =>
    running.ask({
      method: "POST",
      url,
      headers: { ...as("analyst"), ...ours, "content-type": type },
      payload: "key: harbour\n",
    });
  const tried = JSON.parse((await send("application/yaml", "/api/v1/directory?dry-run=true")).body) as {
    written: boolean;
    problems: object[];
  };
  assert.equal(tried.written, false);
  assert.deepEqual(tried.problems, [{ code: "WGL_DOMAIN", detail: "yaml", at: "line 3 column 8" }]);
  const taken = JSON.parse((await send("text/csv; charset=utf-8", "/api/v1/directory")).body) as {
    written: boolean;
    problems: { detail: string }[];
  };
  assert.equal(taken.written, true);
  assert.equal(taken.problems[0]?.detail, "csv");
  assert.equal((await send("application/json", "/api/v1/directory")).statusCode, 415);
});

test("a block-list comes as text or CSV to a bearer or Basic token, and 304 to its own ETag", async () => {
  const token = running.world.token("party");
  const get = (url: string, headers: Record<string, string>): ReturnType<Running["ask"]> =>
    running.ask({ url, headers });
  const text = await get("/lists/addresses.txt", { authorization: `Bearer ${token}` });
  assert.equal(text.body, "198.51.100.7\n");
  assert.equal(text.headers["etag"], '"e1"');
  const basic = { authorization: `Basic ${Buffer.from(`any:${token}`).toString("base64")}` };
  const csv = await get("/lists/addresses.csv", basic);
  assert.equal(csv.headers["content-type"], "text/csv; charset=utf-8");
  assert.equal(csv.body, "value,kind\n198.51.100.7,ipv4\n");
  const same = await get("/lists/addresses.txt", { ...basic, "if-none-match": 'W/"e0", "e1"' });
  assert.equal(same.statusCode, 304);
  assert.equal(same.body, "");
  assert.equal((await get("/lists/others.txt", basic)).statusCode, 404);
  assert.equal((await get("/lists/addresses.exe", basic)).statusCode, 404);
  // A token in a URL is no token (TRUST B8).
  const inUrl = await get(`/lists/addresses.txt?token=${token}`, {});
  assert.equal(inUrl.statusCode, 401);
  assert.equal(inUrl.headers["www-authenticate"], 'Bearer realm="waglan", Basic realm="waglan"');
});
